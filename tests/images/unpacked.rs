//! What a runtime would see: the merged tree against what umoci puts on disk.

use std::process::Command;

use harness::{Directory, LayerTar, remark, skopeo, succeed, tool};

use crate::listing::Listing;
use crate::machine::{self, is_root};

/// A command of umoci about an image; when it unpacks, with its flag for who is not root.
pub(crate) fn umoci(words: &[&str], image: &str) -> Command {
    let mut command = tool("umoci");
    command.args(words);
    if words.contains(&"unpack") && !is_root() {
        command.arg("--rootless");
    }
    command.args(["--image", image]);
    command
}

/// An image of four layers, in `image` of the directory, under the tag `four`.
fn build(directory: &Directory) {
    let layout = directory.join("image");
    let image = &format!("{}:four", layout.display());
    let bundle = |name: &str| directory.join(name);
    succeed(tool("umoci").args(["init", "--layout"]).arg(&layout));
    succeed(&mut umoci(&["new"], image));
    succeed(umoci(&["unpack"], image).arg(bundle("one")));
    let root = bundle("one").join("rootfs");
    machine::fill(&root, directory);
    succeed(umoci(&["repack", "--refresh-bundle"], image).arg(bundle("one")));
    machine::change(&root);
    succeed(umoci(&["repack"], image).arg(bundle("one")));

    // umoci writes no opaque whiteouts of its own. The new entry stands before the whiteout and stays.
    let opaque = LayerTar::new()
        .directory("rare/")
        .directory("rare/opaque/")
        .file("rare/opaque/new", b"new\n")
        .file("rare/opaque/.wh..wh..opq", b"")
        .directory("rare/opaque/old/")
        .file("rare/opaque/old/anew", b"anew\n")
        .file("rare/.wh.four", b"");
    let tar = directory.write("opaque.tar", opaque.finish());
    succeed(umoci(&["raw", "add-layer"], image).arg(tar));

    succeed(umoci(&["unpack"], image).arg(bundle("three")));
    machine::link(&bundle("three").join("rootfs"));
    succeed(umoci(&["repack"], image).arg(bundle("three")));
    for name in ["one", "three"] {
        remove(&bundle(name));
    }
}

/// Removes a tree in which directories may be closed to their owner.
pub(crate) fn remove(path: &std::path::Path) {
    succeed(tool("rm").arg("-rf").arg(path));
}

#[test]
fn the_merged_tree_is_what_umoci_puts_on_disk() {
    let directory = Directory::new("unpacked");
    build(&directory);
    let layout = directory.join("image");
    let source = format!("oci:{}:four", layout.display());
    let image = format!("{}:four", layout.display());
    succeed(umoci(&["raw", "unpack"], &image).arg(directory.join("root")));

    let expected = Listing::of_disk(&directory.join("root"));
    assert!(
        expected.entries.len() >= 10_000,
        "only {} entries",
        expected.entries.len()
    );
    assert!(
        expected.linked() >= 3,
        "only {} files with several names",
        expected.linked()
    );
    for gone in [
        "/rare/gone",
        "/rare/opaque/a",
        "/rare/opaque/old/b",
        "/rare/two",
        "/rare/four",
    ] {
        assert!(
            !expected.entries.contains_key(std::ffi::OsStr::new(gone)),
            "{gone}"
        );
    }
    let expected = if is_root() {
        expected
    } else {
        remark("not root: owners are not compared, because nobody else can give files away");
        expected.without_owners()
    };

    let archive = |name: &str| directory.join(name).display().to_string();
    let docker = format!("docker-archive:{}", archive("docker.tar"));
    let zstd = format!("oci-archive:{}", archive("zstd.tar"));
    copy(&directory, &source, &format!("{docker}:four:1"), &[]);
    copy(
        &directory,
        &source,
        &format!("{zstd}:four"),
        &["--dest-compress-format", "zstd"],
    );
    for source in [&source, &docker, &zstd] {
        let found = Listing::of_image(source);
        let found = if is_root() {
            found
        } else {
            found.without_owners()
        };
        let differences = found.differences(&expected);
        assert!(
            differences.is_empty(),
            "{source}: {} differences (found, expected):\n{}",
            differences.len(),
            differences
                .iter()
                .take(40)
                .cloned()
                .collect::<Vec<_>>()
                .join("\n")
        );
    }
    // The conversion did convert.
    let compressions = |source: &str| -> Vec<String> {
        let report = succeed(&mut harness::layerscope(["verify", "--json", source])).json();
        let layers = report["images"][0]["layers"].as_array().expect("layers");
        layers
            .iter()
            .map(|layer| {
                layer["compression"]
                    .as_str()
                    .expect("a compression")
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(compressions(&source), ["gzip"; 4]);
    assert_eq!(compressions(&docker), ["none"; 4]);
    assert_eq!(compressions(&zstd), ["zstd"; 4]);
    remove(&directory.join("root"));
}

fn copy(directory: &Directory, source: &str, destination: &str, flags: &[&str]) {
    let mut command = skopeo(directory);
    command.args(["copy", "--quiet"]).args(flags);
    succeed(command.args([source, destination]));
}
