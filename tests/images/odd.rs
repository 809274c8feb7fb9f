//! Images with one thing wrong each: what is found, what is said of it, and what is not called verified.

use harness::{Directory, Ended, Image, LayerTar, digest, end, fixture, gzip, layerscope};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

fn run(words: &[&str]) -> Ended {
    end(&mut layerscope(words))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// The layout of an image as one OCI archive: `blobs`, `index.json`, `oci-layout`, in this order.
fn archive(directory: &Directory, image: &Image) -> Vec<u8> {
    image.write_layout(directory, "odd");
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["blobs", "index.json", "oci-layout"] {
        let path = directory.join(name);
        if path.is_dir() {
            archive.append_dir_all(name, path).expect("a directory");
        } else {
            archive.append_path_with_name(path, name).expect("a file");
        }
    }
    archive.into_inner().expect("an archive")
}

fn findings(source: &str) -> Vec<Value> {
    let report = run(&["findings", "--json", source]).exit(0).json();
    report["findings"].as_array().expect("a list").clone()
}

fn ids(findings: &[Value]) -> Vec<&str> {
    let ids = findings.iter().map(|finding| finding["id"].as_str());
    ids.map(|id| id.expect("an id")).collect()
}

/// So much that a layer with it is scanned in passing, and not kept as a small file.
fn noise() -> Vec<u8> {
    let numbers = 0..3_000_000_u32;
    let noise = numbers.flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
    noise.collect()
}

/// A layer in the making, with modes and targets that a `LayerTar` has not.
struct Odd(tar::Builder<Vec<u8>>);

impl Odd {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn file(mut self, path: &str, mode: u32, content: &[u8]) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        self.0
            .append_data(&mut header, path, content)
            .expect("an entry");
        self
    }

    fn symlink(mut self, path: &str, target: &[u8]) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_path(path).expect("a path");
        header.set_link_name_literal(target).expect("a target");
        header.set_size(0);
        header.set_cksum();
        self.0.append(&header, &b""[..]).expect("an entry");
        self
    }

    fn end(self) -> Vec<u8> {
        self.0.into_inner().expect("an archive")
    }
}

#[test]
fn what_is_not_hashed_as_it_is_stated_is_not_called_verified() {
    let directory = Directory::new("odd");
    let image = Image::new(&[LayerTar::new().file("noise", &noise()).finish()]);
    let hex: String = Sha512::digest(&image.layers[0].bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let stated = format!("sha512:{hex}");
    let found = image.layers[0].digest();
    let image = image.with_manifest(|manifest| manifest["layers"][0]["digest"] = json!(stated));
    directory.write(format!("blobs/sha512/{hex}"), &image.layers[0].bytes);
    let archive = archive(&directory, &image);
    let plain = directory.write("plain.tar", &archive);
    let plain = plain.to_str().expect("a name");
    // With random access the blob is hashed as its descriptor says.
    run(&["verify", plain]).exit(0);
    assert_eq!(findings(plain), Vec::<Value>::new());

    let wrapped = directory.write("wrapped.tar.gz", gzip(&archive));
    let wrapped = wrapped.to_str().expect("a name");
    let report = run(&["verify", "--json", wrapped]).exit(1).json();
    let layer = &report["images"][0]["layers"][0];
    assert_eq!(report["verified"], json!(false));
    assert_eq!(layer["state"], json!("unchecked"));
    assert_eq!(layer["digestOk"], Value::Null);
    assert_eq!(layer["diffIdOk"], json!(true));
    assert_eq!(layer["error"]["name"], json!("digest-unchecked"));
    assert_eq!(layer["error"]["expected"], json!(stated));
    assert_eq!(layer["error"]["found"], json!(found));
    let odd = findings(wrapped);
    assert_eq!(ids(&odd), ["digest-unchecked"]);
    assert_eq!(
        odd[0]["args"],
        json!({ "expected": stated, "found": found })
    );
    assert_eq!(odd[0]["digest"], json!(stated));
    // Nothing is wrong with the files.
    run(&["cat", wrapped, "/noise"]).exit(0);
}

/// The layers of a wrapped archive are scanned before the manifest that states their media type is read.
#[test]
fn a_media_type_that_is_wrong_is_told_however_the_archive_is_read() {
    let directory = Directory::new("odd");
    let image = Image::new(&[LayerTar::new().file("a", b"a").file("b", &noise()).finish()]);
    let image = image.with_manifest(|manifest| {
        let zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
        manifest["layers"][0]["mediaType"] = json!(zstd);
    });
    let archive = archive(&directory, &image);
    let plain = directory.write("plain.tar", &archive);
    let wrapped = directory.write("wrapped.tar.gz", gzip(&archive));
    for path in [plain, wrapped] {
        let odd = findings(path.to_str().expect("a name"));
        assert_eq!(ids(&odd), ["media-type-mismatch"], "{}", path.display());
        assert_eq!(odd[0]["severity"], json!("warning"));
        assert_eq!(odd[0]["args"]["found"], json!("gzip"));
    }
}

#[test]
fn an_algorithm_that_nobody_knows_is_not_checked_and_says_so() {
    let directory = Directory::new("odd");
    let stated = format!("blake3:{}", "0".repeat(64));
    let image = Image::new(&[LayerTar::new().file("a", b"a").finish()]);
    let bytes = image.layers[0].bytes.clone();
    let image = image.with_manifest(|manifest| manifest["layers"][0]["digest"] = json!(stated));
    directory.write(format!("blobs/blake3/{}", "0".repeat(64)), bytes);
    let path = directory.write("odd.tar", archive(&directory, &image));
    let path = path.to_str().expect("a name");
    assert_eq!(ids(&findings(path)), ["digest-unchecked"]);
    let report = run(&["verify", "--json", path]).exit(1).json();
    assert_eq!(
        report["images"][0]["layers"][0]["state"],
        json!("unchecked")
    );
    // It is worth a remark, and no reason not to look at the files.
    let listed = run(&["ls", path]).exit(0);
    assert!(
        text(&listed.stderr).contains("layer 0: unchecked: A digest was not checked"),
        "{listed}"
    );
}

#[test]
fn an_archive_that_was_cut_before_it_names_an_image_says_so() {
    let whole = std::fs::read(fixture("oci-gzip.tar")).expect("a fixture");
    let start = whole.windows(10).position(|bytes| bytes == b"index.json");
    // In the archive's own header of it, which comes after all blobs.
    let start = start.expect("a header");
    let directory = Directory::new("odd");
    let mut cuts = 0;
    for end in (512..=start).step_by(244).chain([5000, start]) {
        let path = directory.write("cut.tar", &whole[..end]);
        let ended = run(&["inspect", path.to_str().expect("a name")]).exit(2);
        let said = text(&ended.stderr);
        assert!(said.contains("the archive ends"), "{end}: {said}");
        assert!(said.contains(&format!("byte {end}")), "{end}: {said}");
        cuts += 1;
    }
    assert!(cuts > 15, "{cuts}");
}

#[test]
fn a_document_is_printed_in_its_own_order_with_what_it_repeats() {
    let directory = Directory::new("odd");
    let mut image = Image::new(&[]);
    let config = r#"{"os":"linux","architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"x":1.0}"#;
    image.config.bytes = config.as_bytes().to_vec();
    let descriptor = image.config.descriptor();
    let image = image.with_manifest(|manifest| manifest["config"] = descriptor);
    let path = directory.write("odd.tar", archive(&directory, &image));
    let path = path.to_str().expect("a name");
    let printed = text(&run(&["config", path]).exit(0).stdout);
    assert_eq!(
        printed,
        "{\n  \"os\": \"linux\",\n  \"architecture\": \"amd64\",\n  \"os\": \"linux\",\n  \"rootfs\": {\n    \"type\": \"layers\",\n    \"diff_ids\": []\n  },\n  \"x\": 1.0\n}\n"
    );
    assert_eq!(
        run(&["config", "--raw", path]).exit(0).stdout,
        config.as_bytes()
    );
    assert_eq!(ids(&findings(path)), ["duplicate-keys"]);
}

#[test]
fn a_link_target_that_is_not_utf8_has_its_bytes_beside_it() {
    let directory = Directory::new("odd");
    let layer = Odd::new().symlink("a", b"caf\xe9").symlink("b", b"plain");
    let image = Image::new(&[layer.end()]);
    let path = directory.write("odd.tar", archive(&directory, &image));
    let path = path.to_str().expect("a name");
    let listed = run(&["ls", "-R", "--json", path]).exit(0).json();
    assert_eq!(listed[0]["link"], json!("caf\\xe9"));
    assert_eq!(listed[0]["linkBase64"], json!("Y2Fm6Q=="));
    assert_eq!(listed[1]["link"], json!("plain"));
    assert_eq!(listed[1].get("linkBase64"), None);
}

#[test]
fn findings_tell_the_gravest_first_and_few_of_many_alike() {
    let directory = Directory::new("odd");
    let mut layer = Odd::new();
    for number in 0..5 {
        layer = layer.file(&format!("bin/{number}"), 0o4755, b"#!");
    }
    let toc = r#"{"version":1,"entries":[{"name":"bin/0","type":"reg","size":9}]}"#;
    let layer = layer
        .file("a\\b", 0o644, b"")
        .file("stargz.index.json", 0o644, toc.as_bytes())
        .end();
    let path = directory.write("odd.tar", archive(&directory, &Image::new(&[layer])));
    let path = path.to_str().expect("a name");
    let few = text(&run(&["findings", path]).exit(0).stdout);
    let all = text(&run(&["findings", "--all", path]).exit(0).stdout);
    let titles = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with(' '));
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let expected = ["high", "info", "6 high, 0 warning, 6 info"];
    assert_eq!(titles(&few), expected, "{few}");
    assert_eq!(titles(&all), expected, "{all}");
    let places = |text: &str| {
        text.lines()
            .filter(|it| it.starts_with("    layer 0 ("))
            .count()
    };
    assert_eq!(places(&few), 7, "{few}");
    assert!(few.contains("… and 2 more\n"), "{few}");
    assert!(few.contains("… and 3 more\n"), "{few}");
    assert_eq!(places(&all), 12, "{all}");
    assert!(!all.contains('…'), "{all}");

    let report = run(&["findings", "--json", path]).exit(0).json();
    assert_eq!(
        report["counts"],
        json!({ "high": 6, "warning": 0, "info": 6 })
    );
    let first = &report["findings"][0];
    assert_eq!(first["id"], json!("toc-disagrees"));
    assert_eq!(first["severity"], json!("high"));
    assert_eq!(first["layer"], json!(0));
    let said = first["text"].as_str().expect("a sentence");
    let args = first["args"].as_object().expect("arguments");
    assert_eq!(args.len(), 3);
    for value in args.values() {
        assert!(said.contains(value.as_str().expect("text")), "{first}");
    }
    assert!(
        first["runtime"]
            .as_str()
            .is_some_and(|it| it.contains("stargz-snapshotter"))
    );
}

#[test]
fn a_gate_fails_at_its_severity_and_above() {
    let info = fixture("kinds.tar");
    let warning = fixture("history-long.tar");
    let high = fixture("mismatched-layer.tar");
    let none = fixture("oci-gzip.tar");
    for (source, exits) in [
        (none, [0, 0, 0]),
        (info, [1, 0, 0]),
        (warning, [1, 1, 0]),
        (high, [1, 1, 1]),
    ] {
        let source = source.to_str().expect("a name");
        run(&["findings", source]).exit(0);
        for (severity, exit) in ["info", "warning", "high"].into_iter().zip(exits) {
            run(&["findings", source, "--fail-on", severity]).exit(exit);
        }
    }
}

#[test]
fn a_layer_that_ends_early_says_how_far_it_was_read() {
    let directory = Directory::new("odd");
    let content = vec![7; 100_000];
    let stream = LayerTar::new().file("a", b"a").file("b", &content).finish();
    let mut image = Image::new(&[stream]);
    let layer = &mut image.layers[0];
    layer.bytes.truncate(layer.bytes.len() - 20);
    let descriptor = layer.descriptor();
    let (read, total) = (layer.bytes.len(), layer.bytes.len());
    let image = image.with_manifest(|manifest| manifest["layers"][0] = descriptor);
    let path = directory.write("odd.tar", archive(&directory, &image));
    let odd = findings(path.to_str().expect("a name"));
    let stopped = odd.iter().find(|it| it["id"] == json!("layer-stopped"));
    let stopped = stopped.expect("a finding");
    assert_eq!(stopped["severity"], json!("high"));
    assert_eq!(stopped["args"]["entries"], json!("2"));
    assert_eq!(stopped["args"]["read"], json!(read.to_string()));
    assert_eq!(stopped["args"]["total"], json!(total.to_string()));
    let said = stopped["text"].as_str().expect("a sentence");
    assert!(said.contains("not verified"), "{said}");
    assert_eq!(
        digest(&image.layers[0].bytes),
        stopped["digest"].as_str().expect("a digest")
    );
}
