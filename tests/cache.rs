//! What is kept of layers from one look to the next: it saves reading, it is never taken for evidence, and nothing that
//! happens to it does harm.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;

use harness::{Blob, Directory, Ended, Image, LayerTar, Packing, Random, end, layerscope};
use serde_json::{Value, json};

/// Bytes of the large file: restart points are 4 MiB apart, and it lies behind the first.
const LARGE: usize = 9 << 20;

/// A person's directories: a layout with an image, and whatever is kept.
struct Person {
    directory: Directory,
}

impl Person {
    fn new(image: &Image) -> Person {
        let person = Person {
            directory: Directory::new("cache"),
        };
        person.has(image);
        person
    }

    /// Puts an image where the one before it was.
    fn has(&self, image: &Image) {
        let _ = fs::remove_dir_all(self.layout());
        let layout = Directory::new("cache-layout");
        image.write_layout(&layout, "1");
        fs::create_dir(self.layout()).unwrap();
        for entry in fs::read_dir(layout.path()).unwrap() {
            let entry = entry.unwrap();
            fs::rename(entry.path(), self.layout().join(entry.file_name())).unwrap();
        }
    }

    fn layout(&self) -> PathBuf {
        self.directory.join("layout")
    }

    fn blob(&self, blob: &Blob) -> PathBuf {
        let digest = blob.digest();
        let (algorithm, hex) = digest.split_once(':').unwrap();
        self.layout().join("blobs").join(algorithm).join(hex)
    }

    /// Runs a command on the image.
    fn run(&self, words: &[&str]) -> Ended {
        let (command, options) = words.split_first().unwrap();
        let layout = self.layout();
        end(layerscope([*command, layout.to_str().unwrap()])
            .args(options)
            .env("XDG_CACHE_HOME", self.directory.path()))
    }

    /// The states of the layers, the oldest first.
    fn states(&self) -> Vec<String> {
        let layers = self.run(&["layers", "--json"]).json();
        let layers = layers.as_array().unwrap().clone();
        let state = |layer: &Value| layer["state"].as_str().unwrap().to_owned();
        layers.iter().map(state).collect()
    }

    /// Where each layer is kept.
    fn kept(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.directory.join("layerscope")) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

fn noise(name: &str, bytes: usize) -> Vec<u8> {
    let mut random = Random::new(name);
    (0..bytes)
        .map(|_| random.below(256).to_le_bytes()[0])
        .collect()
}

fn base() -> (Vec<u8>, Packing) {
    let tar = LayerTar::new()
        .directory("etc/")
        .file("etc/first", b"first")
        .file("etc/large", &noise("large", LARGE))
        .file("etc/last", b"last");
    (tar.finish(), Packing::GzipBlocks)
}

fn top() -> (Vec<u8>, Packing) {
    (LayerTar::new().file("top", b"top").finish(), Packing::Gzip)
}

#[test]
fn the_second_look_reads_no_layer_and_says_so() {
    let image = Image::packed(&[base(), top()]);
    let person = Person::new(&image);
    let first = person.run(&["ls", "-lR"]).exit(0);
    assert_eq!(first.errors(), "");
    // Whoever reads the layer now finds something else.
    let path = person.blob(&image.layers[0]);
    fs::write(&path, vec![0; image.layers[0].bytes.len()]).unwrap();
    let second = person.run(&["ls", "-lR"]).exit(0);
    assert_eq!(second.stdout, first.stdout);
    assert!(
        second.errors().contains("2 of 2 layers are known"),
        "{second}"
    );
    assert_eq!(person.states(), ["known", "known"]);
    // A file of it is compared with what was read when the layer was.
    assert_ne!(person.run(&["cat", "/etc/large"]).code, Some(0));
    assert_eq!(person.run(&["cat", "/top"]).exit(0).stdout, b"top");
}

#[test]
fn whoever_asks_for_evidence_gets_it() {
    let image = Image::packed(&[base(), top()]);
    let person = Person::new(&image);
    person.run(&["ls"]).exit(0);
    let path = person.blob(&image.layers[1]);
    let mut bytes = image.layers[1].bytes.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(person.states(), ["known", "known"]);
    for words in [
        &["verify"][..],
        &["findings", "--fail-on", "high"],
        &["layers", "--no-cache"],
        &["ls", "--no-cache"],
        &["layers", "--max-entries", "1000000"],
    ] {
        person.run(words).exit(1);
    }
    // What they found takes nothing away: the digests are of what was read before.
    assert_eq!(person.states(), ["known", "known"]);
}

#[test]
fn a_blob_that_was_cut_short_or_is_gone_is_not_known() {
    let image = Image::packed(&[base(), top()]);
    let person = Person::new(&image);
    person.run(&["ls"]).exit(0);
    let path = person.blob(&image.layers[0]);
    let bytes = &image.layers[0].bytes;
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    person.run(&["ls"]).exit(1);
    assert_eq!(person.states(), ["mismatch", "known"]);
    fs::remove_file(&path).unwrap();
    person.run(&["ls"]).exit(2);
    fs::write(&path, bytes).unwrap();
    assert_eq!(person.states(), ["known", "known"]);
}

#[test]
fn nothing_is_kept_that_was_not_verified() {
    let image = Image::packed(&[base(), top()]);
    let person = Person::new(&image);
    for words in [
        &["verify"][..],
        &["inspect"],
        &["ls", "--no-verify"],
        &["ls", "--no-cache"],
        &["ls", "--max-unpacked", "1000000000"],
        &["layers", "--no-verify"],
    ] {
        person.run(words).exit(0);
        assert_eq!(person.kept(), [] as [PathBuf; 0], "{words:?}");
    }
    let path = person.blob(&image.layers[1]);
    fs::write(&path, vec![7; image.layers[1].bytes.len()]).unwrap();
    person.run(&["ls"]).exit(1);
    person.run(&["findings", "--fail-on", "high"]).exit(1);
    assert_eq!(person.kept().len(), 1);
    assert_eq!(person.states(), ["known", "mismatch"]);
}

#[test]
fn another_image_knows_the_layers_that_it_shares() {
    let person = Person::new(&Image::packed(&[base()]));
    person.run(&["ls"]).exit(0);
    let image = Image::packed(&[base(), top()]);
    person.has(&image);
    assert_eq!(person.states(), ["known", "verified"]);
    // Where the same files are packed otherwise, it is another blob.
    let (stream, _) = base();
    person.has(&Image::packed(&[(stream.clone(), Packing::Gzip), top()]));
    assert_eq!(person.states(), ["verified", "known"]);
    person.has(&Image::packed(&[(stream, Packing::Plain), top()]));
    assert_eq!(person.states(), ["verified", "known"]);
    assert_eq!(person.run(&["cat", "/etc/last"]).exit(0).stdout, b"last");
    assert_eq!(person.kept().len(), 4);
}

#[test]
fn what_an_image_says_of_a_layer_is_found_though_another_said_better() {
    let honest = Image::packed(&[top()]);
    let person = Person::new(&honest);
    assert!(
        !person
            .run(&["findings"])
            .exit(0)
            .text()
            .contains("media-type")
    );
    person.has(&honest.with_manifest(|manifest| {
        manifest["layers"][0]["mediaType"] = json!("application/vnd.oci.image.layer.v1.tar+zstd");
    }));
    let told = person.run(&["findings"]).exit(0);
    assert!(told.text().contains("media-type-mismatch"), "{told}");
}

#[test]
fn a_spoilt_entry_is_as_good_as_none() {
    let image = Image::packed(&[base(), top()]);
    let person = Person::new(&image);
    let listing = person.run(&["ls", "-lR"]).exit(0).stdout;
    let kept = person.kept();
    let whole: Vec<Vec<u8>> = kept.iter().map(|path| fs::read(path).unwrap()).collect();
    let flipped = |at: usize| {
        let mut bytes = whole[0].clone();
        bytes[at] ^= 0x10;
        bytes
    };
    let half = whole[0].len() / 2;
    let spoilt = [
        Vec::new(),
        whole[0][..half].to_vec(),
        [&whole[0][..], &[0]].concat(),
        flipped(0),
        // The version.
        flipped(8),
        flipped(half),
        flipped(whole[0].len() - 1),
        noise("entry", 100_000),
        // The other layer's, under this one's name.
        whole[1].clone(),
    ];
    for (number, bytes) in spoilt.iter().enumerate() {
        fs::write(&kept[0], bytes).unwrap();
        let again = person.run(&["ls", "-lR"]).exit(0);
        assert_eq!(again.stdout, listing, "{number}");
        assert!(
            again.errors().contains("1 of 2 layers are known"),
            "{number}: {again}"
        );
        assert_eq!(fs::read(&kept[0]).unwrap(), whole[0], "{number}");
        assert_eq!(person.states(), ["known", "known"], "{number}");
    }
    // What is no file is left as it is.
    let others: [&dyn Fn(&Path); 2] = [&|path| fs::create_dir(path).unwrap(), &|path| {
        symlink("/dev/zero", path).unwrap()
    }];
    for make in others {
        fs::remove_file(&kept[0]).unwrap();
        make(&kept[0]);
        assert_eq!(person.run(&["ls", "-lR"]).exit(0).stdout, listing);
        if kept[0].is_dir() {
            fs::remove_dir(&kept[0]).unwrap();
            fs::write(&kept[0], &whole[0]).unwrap();
        }
    }
    assert_eq!(fs::read(&kept[0]).unwrap(), whole[0]);
}

#[test]
fn many_look_at_the_same_time() {
    let image = Image::packed(&[base(), top()]);
    let person = Person::new(&image);
    let listings: Vec<Vec<u8>> = thread::scope(|scope| {
        let looks: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| person.run(&["ls", "-lR"]).exit(0).stdout))
            .collect();
        looks.into_iter().map(|look| look.join().unwrap()).collect()
    });
    assert!(listings.iter().all(|listing| *listing == listings[0]));
    assert_eq!(person.kept().len(), 2, "{:?}", person.kept());
    assert_eq!(person.states(), ["known", "known"]);
}

#[test]
fn no_more_is_kept_than_the_person_says() {
    let image = Image::packed(&[base(), top()]);
    let person = Person::new(&image);
    let config = person.directory.join("config.json");
    let config = config.to_str().unwrap();
    let keep = |bytes: u64| fs::write(config, json!({ "cacheBytes": bytes }).to_string()).unwrap();
    keep(0);
    person.run(&["ls", "--config", config]).exit(0);
    assert_eq!(person.kept(), [] as [PathBuf; 0]);
    // The small layer has room, and the large one with its restart points has none.
    keep(2000);
    person.run(&["ls", "--config", config]).exit(0);
    assert_eq!(person.kept().len(), 1);
    assert_eq!(person.states(), ["verified", "known"]);
    // What is there already is not used when it is more than is allowed.
    keep(10);
    let told = person.run(&["ls", "--config", config]).exit(0);
    assert_eq!(told.errors(), "");
}
