//! An image of which only a part can be had: that part is read all the same.

use harness::{Directory, LayerTar, digest, end, layerscope};
use serde_json::json;

/// As `docker save` writes it, with a layer whose link leads back to itself.
fn with_a_circle() -> Vec<u8> {
    let layers = ["one", "two"].map(|name| LayerTar::new().file(name, name.as_bytes()).finish());
    let diff_ids: Vec<String> = layers.iter().map(|layer| digest(layer)).collect();
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
    })
    .to_string();
    let manifest = json!([{
        "Config": "config.json", "RepoTags": ["fruit:1"],
        "Layers": ["1/layer.tar", "2/layer.tar"],
    }])
    .to_string();
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in [
        ("manifest.json", manifest.as_bytes()),
        ("config.json", config.as_bytes()),
        ("1/layer.tar", &layers[0]),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        archive
            .append_data(&mut header, name, bytes)
            .expect("a member");
    }
    for (name, target) in [
        ("2/layer.tar", "../3/layer.tar"),
        ("3/layer.tar", "../2/layer.tar"),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive
            .append_link(&mut header, name, target)
            .expect("a link");
    }
    archive.into_inner().expect("an archive")
}

#[test]
fn what_can_be_read_of_a_failed_image_is_read() {
    let directory = Directory::new("partial");
    let file = directory.write("fruit.tar", with_a_circle());
    let file = file.to_str().expect("a plain path");
    let ended = end(&mut layerscope(["verify", file])).exit(1);
    for words in ["(failed)", "verified  layer 0", "NOT verified"] {
        assert!(ended.text().contains(words), "no {words} in {ended}");
    }
}
