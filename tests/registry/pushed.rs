//! Images that skopeo has pushed to a real registry, behind each kind of door.

use std::process::Command;

use harness::{Directory, Door, Realm, Registry, end, fixture, layerscope, succeed};
use serde_json::{Value, json};

/// An image as it is pushed: its name, skopeo's flags, the archive it comes from, the compression of its layers.
const IMAGES: [(&str, &[&str], &str, &str); 5] = [
    ("fruit/gzip:1", &[], "oci-gzip.tar", "gzip"),
    ("fruit/zstd:1", &[], "oci-zstd.tar", "zstd"),
    (
        "fruit/plain:1",
        &["--preserve-digests"],
        "oci-plain.tar",
        "none",
    ),
    (
        "fruit/docker:1",
        &["--format", "v2s2"],
        "oci-gzip.tar",
        "gzip",
    ),
    (
        "fruit/many:1",
        &["--all", "--preserve-digests"],
        "../../web/public/sample.tar",
        "gzip",
    ),
];

/// What a client must know to come in: where its configuration is, and which realm may have its password.
fn client(registry: &Registry, directory: &Directory) -> Command {
    let mut command = layerscope(["--quiet"]);
    let auth = json!({ "username": Registry::USER, "password": Registry::PASSWORD });
    if !matches!(registry.door, Door::Open) {
        let config = json!({ "auths": { &registry.host: auth } });
        directory.write("docker/config.json", config.to_string());
        command.env("DOCKER_CONFIG", directory.join("docker"));
    }
    if let Door::Token(realm) = &registry.door {
        let realms = json!({ "realms": { &registry.host: [realm.host()] } });
        command
            .arg("--config")
            .arg(directory.write("layerscope.json", realms.to_string()));
    }
    command
}

fn everything_verifies(door: Door) {
    let registry = Registry::start(door);
    let directory = Directory::new("pushed");
    let run = |words: &[&str]| succeed(client(&registry, &directory).args(words));
    for (name, flags, archive, compression) in IMAGES {
        let file = fixture("").join(archive);
        registry.push(&format!("oci-archive:{}", file.display()), name, flags);
        let reference = registry.reference(name);

        let report = run(&["verify", "--json", &reference]).json();
        assert_eq!(report["verified"], true, "{name}");
        let images = report["images"].as_array().expect("images");
        assert_eq!(
            images.len(),
            if name.contains("many") { 2 } else { 1 },
            "{name}"
        );
        for layer in images
            .iter()
            .flat_map(|image| image["layers"].as_array().expect("layers"))
        {
            assert_eq!(layer["compression"], compression, "{name}");
            assert_eq!(
                (&layer["digestOk"], &layer["diffIdOk"]),
                (&json!(true), &json!(true)),
                "{name}"
            );
        }
        // By digest the manifest is verified too, which by tag nobody states.
        let overview = run(&["inspect", "--json", "--platform", "linux/amd64", &reference]).json();
        let digest = overview["indexes"][0]["blob"]["digestFound"].as_str();
        let digest = digest
            .or(overview["image"]["digest"].as_str())
            .expect("a digest");
        let (repository, _) = reference.rsplit_once(':').expect("a tag");
        let pinned = format!("{repository}@{digest}");
        let report = run(&["verify", "--json", &pinned]).json();
        let root = match report["indexes"][0].as_object() {
            Some(index) => &index["digestOk"],
            None => &report["images"][0]["manifest"]["digestOk"],
        };
        assert_eq!(root, true, "{pinned}: {report}");

        // The same files as in the archive that it was pushed from.
        let files = |source: &str| -> Value {
            let words = ["ls", "-R", "--json", "--platform", "linux/amd64", source];
            run(&words).json()
        };
        let local = files(&file.display().to_string());
        assert_eq!(files(&reference), local, "{name}");
        assert_eq!(files(&pinned), local, "{name}");
    }
    let one = run(&[
        "cat",
        "--platform",
        "linux/arm64",
        &registry.reference("fruit/many:1"),
        "/apple.txt",
    ]);
    assert_eq!(one.text(), "An apple a day.\nTwo a day.\n");
    let platforms = run(&["platforms", "--json", &registry.reference("fruit/many:1")]).json();
    let platforms: Vec<&Value> = platforms
        .as_array()
        .expect("platforms")
        .iter()
        .map(|choice| &choice["platform"])
        .collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64/v8"]);

    let tags = |flags: &[&str]| {
        let repository = registry.reference("fruit/gzip");
        run(&[&["tags", &repository], flags].concat())
    };
    let source = format!("oci-archive:{}", fixture("oci-gzip.tar").display());
    registry.push(&source, "fruit/gzip:2.0", &[]);
    // In the registry's own order, which this one does not promise.
    let listed = tags(&[]);
    let mut listed: Vec<&str> = listed.text().lines().collect();
    listed.sort_unstable();
    assert_eq!(listed, ["1", "2.0"]);
    assert_eq!(tags(&["--json"]).json().as_array().map(Vec::len), Some(2));

    let absent =
        end(client(&registry, &directory)
            .args(["inspect", &registry.reference("fruit/gzip:no-such")]))
        .exit(2);
    assert!(absent.errors().contains("no-such"), "{absent}");
    assert_eq!(absent.text(), "");
}

#[test]
fn through_an_open_door() {
    everything_verifies(Door::Open);
}

#[test]
fn with_a_password() {
    everything_verifies(Door::Password);
}

#[test]
fn with_a_token() {
    everything_verifies(Door::Token(Realm::start()));
}

/// A blob that rots in the registry's own storage is named, and the rest is still shown.
#[test]
fn a_blob_that_rots_in_storage_is_named() {
    let registry = Registry::start(Door::Open);
    let source = format!("oci-archive:{}", fixture("oci-gzip.tar").display());
    registry.push(&source, "rotten:1", &[]);
    let reference = registry.reference("rotten:1");
    let report = succeed(&mut layerscope(["verify", "--json", &reference])).json();
    let layers = report["images"][0]["layers"].as_array().expect("layers");
    let digest = layers[1]["digest"].as_str().expect("a digest");
    let path = registry.stored_blob(digest);
    let mut bytes = std::fs::read(&path).expect("the blob");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&path, &bytes).expect("the blob");

    let report = end(&mut layerscope(["verify", "--json", &reference]))
        .exit(1)
        .json();
    let layers = report["images"][0]["layers"].as_array().expect("layers");
    assert_eq!(layers[0]["digestOk"], true);
    assert_eq!(layers[1]["digestOk"], false);
    let text = end(&mut layerscope(["verify", &reference])).exit(1);
    for expected in [digest, &harness::digest(&bytes)] {
        assert!(text.text().contains(expected), "no {expected} in {text}");
    }
}
