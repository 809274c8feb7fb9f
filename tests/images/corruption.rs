//! One flipped byte in any blob: `verify` fails, says which blob it is, what was expected and what was found, and
//! still shows what can be trusted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{Archive, Directory, Ended, digest, end, fixture, layerscope};
use serde_json::Value;

/// At how many places of a blob a byte is flipped, its first and its last among them.
const PLACES: usize = 40;

/// A test for each source: its name, and how many blobs it has.
macro_rules! sweeps {
    ($($test:ident: $source:literal has $blobs:literal;)*) => {
        $(#[test] fn $test() { sweep($source, $blobs); })*
    };
}

sweeps! {
    oci_gzip: "oci-gzip.tar" has 4;
    oci_zstd: "oci-zstd.tar" has 4;
    oci_plain: "oci-plain.tar" has 4;
    oci_gzip_members: "oci-gzip-members.tar" has 4;
    oci_zstd_frames: "oci-zstd-frames.tar" has 4;
    docker_save_24: "docker-save-24.tar" has 3;
    docker_save_25: "docker-save-25.tar" has 11;
    docker_save_25_untagged: "docker-save-25-untagged.tar" has 3;
    containerd_store: "containerd-store.tar" has 5;
    several_images: "several-images.tar" has 6;
    podman: "podman-save.tar" has 3;
    kaniko: "kaniko.tar" has 3;
    buildkit: "buildkit.tar" has 4;
    dotted: "dotted.tar" has 3;
    layout: "oci-layout" has 15;
}

/// Where a blob is: in which file, at which offset.
struct Place {
    file: PathBuf,
    offset: usize,
    bytes: Vec<u8>,
}

fn sweep(name: &str, blobs: usize) {
    let directory = Directory::new("corruption");
    let source = directory.join(name);
    copy(&fixture(name), &source);
    let whole = verify(&source, &["--json"]).exit(0).json();
    let known = digests(&whole);
    let places: Vec<Place> = files(&source)
        .into_iter()
        .filter(|place| known.contains(digest(&place.bytes).as_str()))
        .collect();
    assert_eq!(places.len(), blobs, "blobs of {name}");
    for place in &places {
        let expected = digest(&place.bytes);
        let file = fs::read(&place.file).expect("a file");
        for number in 0..PLACES.min(place.bytes.len()) {
            let at = number * (place.bytes.len() - 1) / (PLACES.min(place.bytes.len()) - 1);
            let mask = [0x01, 0x10, 0x80][number % 3];
            let mut broken = file.clone();
            broken[place.offset + at] ^= mask;
            fs::write(&place.file, &broken).expect("a file");
            let found = digest(&broken[place.offset..place.offset + place.bytes.len()]);
            let what = format!("{name}: byte {at} of {expected} with {mask:#04x}");

            let report = verify(&source, &["--json"]);
            assert_eq!(report.code, Some(1), "{what}: {report}");
            let json = report.json();
            assert_eq!(json["verified"], false, "{what}");
            let faults = faults(&json);
            assert_eq!(
                faults,
                BTreeSet::from([expected.as_str()]),
                "{what}: {report}"
            );
            still_shown(&whole, &json, &expected, &what);

            let text = verify(&source, &[]);
            assert_eq!(text.code, Some(1), "{what}: {text}");
            for digest in [&expected, &found] {
                assert!(
                    text.text().contains(digest),
                    "{what}: no {digest} in {text}"
                );
            }
            assert!(text.text().ends_with("\nNOT verified\n"), "{what}: {text}");
            assert!(!text.errors().contains("panicked"), "{what}: {text}");
        }
        fs::write(&place.file, &file).expect("a file");
    }
    verify(&source, &[]).exit(0);
}

fn verify(source: &Path, flags: &[&str]) -> Ended {
    end(layerscope(["verify"]).args(flags).arg(source))
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a directory");
        for child in fs::read_dir(from).expect("a directory") {
            let child = child.expect("an entry");
            copy(&child.path(), &to.join(child.file_name()));
        }
    } else {
        fs::copy(from, to).expect("a copy");
    }
}

/// Every file in a source, where its bytes are on disk.
fn files(source: &Path) -> Vec<Place> {
    if source.is_dir() {
        let children = fs::read_dir(source).expect("a directory");
        return children
            .flat_map(|child| files(&child.expect("an entry").path()))
            .collect();
    }
    let bytes = fs::read(source).expect("a file");
    let place = |offset, bytes| Place {
        file: source.to_owned(),
        offset,
        bytes,
    };
    if source
        .extension()
        .is_none_or(|extension| extension != "tar")
    {
        return vec![place(0, bytes)];
    }
    let members = Archive::read(&bytes).members;
    members
        .into_iter()
        .map(|member| place(member.offset, member.bytes))
        .collect()
}

/// The blobs of a report: indexes, and those of each image.
fn blobs(report: &Value) -> Vec<&Value> {
    let mut blobs = list(report, "indexes");
    blobs.extend(list(report, "images").into_iter().flat_map(blobs_of));
    blobs
}

/// The manifest, the config and the layers of an image.
fn blobs_of(image: &Value) -> Vec<&Value> {
    let small = [&image["manifest"], &image["config"]];
    let blobs = small.into_iter().chain(list(image, "layers"));
    blobs.filter(|blob| !blob.is_null()).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    value[key].as_array().into_iter().flatten().collect()
}

/// What a blob's bytes should be: of a layer without a distribution digest, its uncompressed stream.
fn stated(blob: &Value) -> &str {
    let digest = blob["digest"].as_str().or(blob["diffId"].as_str());
    digest.unwrap_or_else(|| panic!("a blob that states no digest: {blob}"))
}

fn digests(report: &Value) -> BTreeSet<&str> {
    blobs(report).into_iter().map(stated).collect()
}

fn faults(report: &Value) -> BTreeSet<&str> {
    blobs(report)
        .into_iter()
        .filter(|blob| blob["digestOk"] == false || blob["diffIdOk"] == false)
        .map(stated)
        .collect()
}

/// Every image without the broken blob is as it was, and one whose manifest is whole shows all its blobs.
fn still_shown(whole: &Value, report: &Value, broken: &str, what: &str) {
    let images = list(whole, "images");
    let has_it = |image: &Value| {
        blobs_of(image)
            .into_iter()
            .any(|blob| stated(blob) == broken)
    };
    if !images.iter().any(|image| has_it(image)) {
        return; // An index: nobody can say what it led to.
    }
    let others = list(report, "images");
    assert_eq!(others.len(), images.len(), "{what}: {report}");
    for (before, after) in images.into_iter().zip(others) {
        if !has_it(before) {
            assert_eq!(after, before, "{what}");
        } else if before["config"]["digest"] == broken {
            assert_eq!(after["manifest"], before["manifest"], "{what}");
            let judged = |image: &Value| -> Vec<Value> {
                list(image, "layers")
                    .into_iter()
                    .map(|layer| layer["digestOk"].clone())
                    .collect()
            };
            assert_eq!(judged(after), judged(before), "{what}");
        }
    }
}
