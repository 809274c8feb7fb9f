//! What is attached to an image in a registry, wherever the tools put it.

use std::collections::BTreeMap;
use std::sync::Arc;

use harness::{Answer, Asked, Door, Ended, Registry, Server, end, fixture, layerscope, succeed};
use serde_json::{Value, json};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The archive that has everything attached.
fn archive() -> String {
    fixture("attached.tar").display().to_string()
}

/// What the archive has attached to its image, of which one statement is damaged.
fn attached() -> Value {
    end(&mut layerscope([
        "--quiet",
        "referrers",
        "--json",
        &archive(),
    ]))
    .exit(1)
    .json()
}

fn artifacts(view: &Value) -> Vec<Value> {
    view["artifacts"].as_array().expect("artifacts").clone()
}

/// The kinds of all statements, each with where its artifact was found.
fn kinds(view: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let artifacts = artifacts(view);
    let all = artifacts.iter().flat_map(|artifact| {
        let statements = artifact["statements"].as_array().expect("statements");
        statements
            .iter()
            .map(|statement| (text(&artifact["place"]), text(&statement["kind"])))
    });
    all.collect()
}

fn pair(place: &str, kind: &str) -> (String, String) {
    (place.to_owned(), kind.to_owned())
}

/// docker-registry has no referrers API: the index and cosign's tags are all there is.
#[test]
fn an_index_and_the_tags_of_cosign_tell_what_is_attached() {
    let registry = Registry::start(Door::Open);
    let sample = fixture("../../web/public/sample.tar");
    let source = format!("oci-archive:{}", sample.display());
    let flags = ["--all", "--preserve-digests"];
    registry.push(&source, "fruit:1", &flags);
    let reference = registry.reference("fruit:1");
    let read = |words: &[&str]| succeed(layerscope(["--quiet", "referrers"]).args(words));
    for platform in ["linux/amd64", "linux/arm64"] {
        let view = read(&["--json", "--platform", platform, &reference]).json();
        assert_eq!(view["byTag"], true);
        assert_eq!(kinds(&view), [pair("index", "spdx"), pair("index", "slsa")]);
        let artifact = &artifacts(&view)[0];
        assert_eq!(artifact["digestOk"], true);
        for statement in artifact["statements"].as_array().expect("statements") {
            // Each platform has its own, which names its image and no other.
            assert_eq!(statement["namesImage"], true, "{platform}");
            assert_eq!(statement["digestOk"], true);
        }
        let sbom = &artifact["statements"][0];
        assert_eq!(sbom["itemCount"], 3);
        let digest = sbom["digest"].as_str().expect("a digest");
        let text = read(&["--platform", platform, &reference, digest]);
        let stored = std::fs::read(registry.stored_blob(digest)).expect("the blob");
        assert_eq!(text.stdout, stored);
    }

    registry.push(&format!("oci-archive:{}:1", archive()), "nuts:1", &flags);
    let signature = artifacts(&attached())
        .into_iter()
        .find(|artifact| artifact["place"] == "image")
        .expect("a signature");
    let tag = signature["tag"].as_str().expect("a tag");
    let source = format!("oci-archive:{}:{tag}", archive());
    registry.push(&source, &format!("nuts:{tag}"), &flags);
    let view = read(&["--json", &registry.reference("nuts:1")]).json();
    assert_eq!(kinds(&view), [pair("tag", "signature")]);
    let found = &artifacts(&view)[0];
    assert_eq!(found["tag"], tag);
    assert_eq!(found["statements"][0]["namesImage"], true);
    assert_eq!(found["statements"][0]["signatures"], 1);
}

/// A registry with the referrers API, which has the blobs of the archive. `lie` may answer first.
fn with_api(lie: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Server {
    let run = |words: &[&str]| end(layerscope(["--quiet"]).args(words)).stdout;
    let mut blobs: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let overview: Value =
        serde_json::from_slice(&run(&["inspect", "--json", &archive()])).expect("an overview");
    let image = &overview["image"];
    let digest_of = |value: &Value| value.as_str().expect("a digest").to_owned();
    let subject = digest_of(&image["digest"]);
    blobs.insert(subject.clone(), run(&["manifest", "--raw", &archive()]));
    blobs.insert(
        digest_of(&image["imageId"]),
        run(&["config", "--raw", &archive()]),
    );
    let mut listed = Vec::new();
    for artifact in artifacts(&attached()) {
        let digest = digest_of(&artifact["digest"]);
        blobs.insert(digest.clone(), run(&["referrers", &archive(), &digest]));
        for statement in artifact["statements"].as_array().expect("statements") {
            let digest = digest_of(&statement["digest"]);
            blobs.insert(digest.clone(), run(&["referrers", &archive(), &digest]));
        }
        if artifact["place"] == "index" {
            listed.push(json!({
                "mediaType": artifact["mediaType"], "digest": digest, "size": artifact["size"],
                "artifactType": artifact["artifactType"],
            }));
        }
    }
    let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": listed }).to_string();
    let blobs = Arc::new(blobs);
    Server::start(move |asked| {
        if let Some(answer) = lie(asked) {
            return answer;
        }
        let path = asked.path();
        if path == "/v2/" {
            return Answer::new(200);
        }
        if path == format!("/v2/nuts/referrers/{subject}") {
            return Answer::new(200)
                .header("content-type", INDEX)
                .body(list.clone());
        }
        let name = match path.rsplit('/').next() {
            Some("1") => subject.as_str(),
            name => name.unwrap_or_default(),
        };
        match blobs.get(name) {
            Some(bytes) if path.contains("/manifests/") => Answer::new(200)
                .header("content-type", "application/vnd.oci.image.manifest.v1+json")
                .body(bytes.clone()),
            Some(bytes) => Answer::new(200).body(bytes.clone()),
            None => Answer::new(404),
        }
    })
}

/// What the command says of the image that the server has.
fn ask(server: &Server) -> Ended {
    let reference = format!("docker://{}/nuts:1", server.host());
    end(&mut layerscope([
        "--quiet",
        "referrers",
        "--json",
        &reference,
    ]))
}

#[test]
fn the_api_tells_what_is_attached_and_what_is_damaged() {
    let server = with_api(|_| None);
    let ended = ask(&server);
    // One statement is not what its digest says.
    let ended = ended.exit(1);
    assert!(ended.errors().contains("abababababab"), "{ended}");
    let view = ended.json();
    assert_eq!(view["byTag"], false);
    assert_eq!(view["problems"], json!([]));
    assert_eq!(
        kinds(&view),
        [
            pair("referrers", "spdx"),
            pair("referrers", "slsa"),
            pair("referrers", "cyclonedx"),
            pair("referrers", "slsa"),
            pair("referrers", "in-toto"),
            pair("referrers", "in-toto"),
        ]
    );
    let strange = &artifacts(&view)[3]["statements"];
    assert_eq!(strange[0]["namesImage"], false);
    assert_eq!(strange[1]["digestOk"], false);
}

#[test]
fn what_cannot_be_had_hides_nothing_else() {
    let server = with_api(|asked| {
        let is_list = asked.path().contains("/referrers/");
        is_list
            .then(|| Answer::new(403).body(r#"{"errors":[{"code":"DENIED","message":"not you"}]}"#))
    });
    let ended = ask(&server);
    let view = ended.exit(0).json();
    assert_eq!(artifacts(&view).len(), 0);
    assert_eq!(view["problems"][0]["name"], "denied");

    let whole = artifacts(&attached());
    let lost = whole[0]["statements"][0]["digest"]
        .as_str()
        .expect("a digest")
        .to_owned();
    let path = format!("/v2/nuts/blobs/{lost}");
    let server = with_api(move |asked| (asked.path() == path).then(|| Answer::new(404)));
    let ended = ask(&server);
    let view = ended.exit(1).json();
    let statements = &artifacts(&view)[0]["statements"];
    assert_eq!(statements[0]["error"]["name"], "not-found");
    assert_eq!(statements[1]["error"], Value::Null);
    assert_eq!(statements[1]["facts"][0]["name"], "builder");
}
