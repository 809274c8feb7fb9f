//! D: bytes that are not what their descriptor says.

use crate::oci::{GZIP, Layer, oci, packed, streams};
use crate::tape::layer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::gzip;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

fn good() -> Layer {
    packed(layer("good = yes"))
}

fn other() -> Layer {
    packed(layer("other = yes"))
}

/// A layer whose descriptor says this of one field.
fn stating(field: &'static str, value: Value) -> Layer {
    other().stating(|descriptor| descriptor[field] = value)
}

fn sha512(bytes: &[u8]) -> String {
    Sha512::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Layers with these digests, each beside a good one, in an image of its own.
fn with_digest(digest: &'static str) -> Vec<u8> {
    oci([good(), stating("digest", json!(digest))]).archive()
}

fn size() -> u64 {
    other().blob.len() as u64
}

rows! {
    d01 "a blob that is longer than its size": oci([good(), stating("size", json!(size() - 1))]).archive();
    d02 "a blob that is shorter than its size": oci([good(), stating("size", json!(size() + 1))]).archive();
    d03 "the right size, the wrong bytes": {
        let mut members = oci([good(), other()]).members();
        let blob = other().blob;
        for (_, bytes) in &mut members {
            if *bytes == blob {
                let middle = bytes.len() - 20;
                bytes[middle] ^= 1;
            }
        }
        crate::oci::tar_of(&members)
    };
    d04 "a size that is negative": oci([good(), stating("size", json!(-1))]).archive();
    d05 "sha512": {
        let stream = layer("sha512 = yes");
        let blob = gzip(&stream);
        let hex = sha512(&blob);
        let mut wrong = blob.clone();
        wrong.push(0);
        let stated = |digest: String, blob: &[u8]| {
            Layer::new(GZIP, blob.to_vec(), &stream).stating(|descriptor| descriptor["digest"] = json!(digest))
        };
        let digest = format!("sha512:{hex}");
        let missing = sha512(b"another");
        let layers = [stated(digest, &blob), stated(format!("sha512:{missing}"), &blob)];
        let mut members = oci(layers).members();
        members.push((format!("blobs/sha512/{hex}"), blob.clone()));
        members.push((format!("blobs/sha512/{missing}"), blob));
        crate::oci::tar_of(&members)
    };
    d06 "an algorithm that nobody here knows": {
        let layer = other();
        let hex = "7".repeat(64);
        let mut members = oci([good(), layer.clone().stating(|descriptor| descriptor["digest"] = json!(format!("blake3:{hex}")))]).members();
        members.push((format!("blobs/blake3/{hex}"), layer.blob));
        crate::oci::tar_of(&members)
    };
    d07 "a digest that is a path": with_digest("sha256:../../../../etc/passwd");
    d08 "a diff_id that is not the stream's": oci([good(), Layer { diff_id: good().diff_id, ..other() }]).archive();
    d09 "bytes behind the end of the tar": {
        let stream = [layer("a = x"), vec![0; 512 * 7]].concat();
        oci([packed(stream.clone()), Layer { diff_id: harness::digest(&layer("a = x")), ..packed(stream) }]).archive()
    };
    d12 "embedded data that is not what its digest says": streams([layer("a = x")]).index(|index| {
        index["manifests"][0]["data"] = json!(STANDARD.encode(b"{}"));
    }).archive();
}
