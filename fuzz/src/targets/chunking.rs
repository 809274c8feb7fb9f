//! A layer's bytes through a [`LayerScan`]: in one piece, in any pieces, as a listing, and with contents skipped.
//!
//! Oracle: none of that can be observed; the digests are those of the bytes; what is stored reads back as it was.

use std::ops::ControlFlow;

use layerscope_inflate::Decoder;
use layerscope_layer::{Expected, LayerScan, Limits, ScannedLayer};
use layerscope_oci::{Algorithm, DiffId, Digest, MediaType};

use crate::mend;
use crate::steer::Steer;

/// Unpacked bytes that a scan reads; a bomb would only take the fuzzer's time.
const UNPACKED: u64 = 2 << 20;

/// The largest zstd window, in bytes. `framing` tries the core's own limit.
const WINDOW: u64 = 8 << 20;

/// See the module.
pub fn run(input: &[u8]) {
    let (payload, steer) = Steer::split(input);
    let blob = blob(payload, steer);
    let (expected, limits) = (expected(&blob, steer), limits(steer));

    let whole = scan(&expected, limits, [&blob[..]]);
    check(&whole, &blob, &expected, limits);
    let cut = scan(&expected, limits, steer.pieces(&blob));
    same(&cut, &whole, "in pieces");

    let listed = list(limits, [&blob[..]], Contents::Pushed);
    same_list(
        &list(limits, steer.pieces(&blob), Contents::Pushed),
        &listed,
        "a listing in pieces",
    );
    let skipped = list(limits, steer.pieces(&blob), Contents::Skipped);
    same_list(&skipped, &listed, "a listing without contents");
}

/// The blob that a payload stands for: itself, with checksums mended or not, or an archive that is compressed here.
fn blob(payload: &[u8], steer: Steer) -> Vec<u8> {
    let mut bytes = payload.to_vec();
    match steer.choose(0, 8) {
        0 => bytes,
        1 => {
            mend::stream(&mut bytes);
            bytes
        }
        choice => {
            mend::tar(&mut bytes);
            let middle = bytes.len() / 2;
            let (head, tail) = bytes.split_at(middle);
            match choice {
                2 => mend::gzip(&bytes),
                3 => mend::zstd(&bytes),
                4 => [mend::gzip(head), mend::gzip(tail), vec![0; 5]].concat(),
                5 => [mend::zstd(head), mend::zstd(tail), b"more".to_vec()].concat(),
                6 => {
                    let mut cut = mend::gzip(&bytes);
                    cut.truncate(cut.len() - cut.len() / 5);
                    cut
                }
                _ => bytes,
            }
        }
    }
}

fn expected(blob: &[u8], steer: Steer) -> Expected {
    let long = (steer.choose(1, 4) == 3).then(|| Digest::of(Algorithm::Sha512, blob));
    Expected {
        diff_id: long.clone().map(DiffId::new),
        digest: long,
        size: match steer.choose(1, 8) {
            0 => Some(blob.len() as u64),
            1 => Some(blob.len() as u64 / 2),
            _ => None,
        },
        media_type: match steer.choose(2, 8) {
            0 => Some(MediaType::OCI_LAYER),
            1 => Some(MediaType::OCI_LAYER_GZIP),
            2 => Some(MediaType::DOCKER_LAYER_ZSTD),
            3 => Some(MediaType::new(
                "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
            )),
            _ => None,
        },
    }
}

fn limits(steer: Steer) -> Limits {
    let mut limits = Limits {
        unpacked: UNPACKED,
        ..Limits::default()
    };
    limits.inflate.zstd_window = WINDOW;
    limits.inflate.xz_dictionary = WINDOW;
    match steer.choose(3, 16) {
        0 => limits.entries = 2,
        1 => limits.index_bytes = 400,
        2 => limits.unpacked = 3000,
        3 => limits.tar.metadata = 600,
        _ => {}
    }
    limits
}

fn scan<'a>(
    expected: &Expected,
    limits: Limits,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> ScannedLayer {
    let mut scan = LayerScan::new(expected.clone(), limits);
    for piece in pieces {
        // What is pushed after the end is ignored, which is to be seen too.
        let _ = scan.push(piece);
        let progress = scan.progress();
        assert!(scan.peek().len() as u64 <= progress.entries);
    }
    scan.finish()
}

/// Whether a listing is shown the contents of files.
#[derive(Clone, Copy, PartialEq)]
enum Contents {
    Pushed,
    Skipped,
}

fn list<'a>(
    limits: Limits,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    contents: Contents,
) -> ScannedLayer {
    let mut scan = LayerScan::listing(limits);
    for mut piece in pieces {
        if contents == Contents::Skipped {
            let over = usize::try_from(scan.skippable())
                .unwrap_or(usize::MAX)
                .min(piece.len());
            scan.skip(over as u64);
            piece = &piece[over..];
        }
        let _ = scan.push(piece);
    }
    scan.finish()
}

/// What must be true of one layer by itself.
fn check(layer: &ScannedLayer, blob: &[u8], expected: &Expected, limits: Limits) {
    let stored = layer.to_bytes();
    let read = ScannedLayer::from_bytes(&stored).expect("what was stored just now");
    same(&read, layer, "stored");
    assert!(layer.index.len() as u64 <= limits.entries);
    assert!(layer.found.uncompressed_size <= limits.unpacked);
    if let Some(failure) = &layer.failure {
        assert!(!failure.name().is_empty() && !failure.to_string().is_empty());
    }
    for oddity in &layer.oddities {
        assert!(
            oddity
                .entry
                .is_none_or(|entry| (entry as usize) < layer.index.len())
        );
    }
    for entry in layer.index.iter() {
        let end = entry.content.offset.checked_add(entry.content.stored);
        assert!(end.is_some(), "{entry:?}");
        assert!(entry.xattrs().count() < 1 << 20);
    }
    let algorithm = |stated: Option<&Digest>| {
        stated
            .and_then(Digest::algorithm)
            .unwrap_or(Algorithm::Sha256)
    };
    if layer.found.complete {
        let digest = Digest::of(algorithm(expected.digest.as_ref()), blob);
        assert_eq!(layer.found.digest.as_ref(), Some(&digest));
        assert_eq!(layer.found.size, blob.len() as u64);
    } else {
        assert!(layer.found.digest.is_none() && layer.found.diff_id.is_none());
    }
    if let Some(diff_id) = &layer.found.diff_id {
        let mut plain = Vec::new();
        let mut keep = |run: &[u8]| {
            plain.extend_from_slice(run);
            ControlFlow::Continue(())
        };
        let mut decoder = Decoder::new(limits.inflate);
        let flow = decoder
            .push(blob, &mut keep)
            .expect("a stream that was read");
        assert!(flow.is_continue());
        let summary = decoder.finish(&mut keep).expect("a stream that was read");
        assert_eq!(layer.found.compression, summary.compression);
        assert_eq!(layer.found.uncompressed_size, plain.len() as u64);
        let stated = expected.diff_id.as_ref().map(DiffId::digest);
        assert_eq!(*diff_id.digest(), Digest::of(algorithm(stated), &plain));
        let own = Expected {
            digest: layer.found.digest.clone(),
            size: Some(layer.found.size),
            diff_id: Some(diff_id.clone()),
            media_type: None,
        };
        assert!(layer.verify(&own).is_verified());
    }
}

/// Compares two readings, by parts so that a difference is small enough to be read.
fn same(one: &ScannedLayer, other: &ScannedLayer, what: &str) {
    assert_eq!(one.found, other.found, "{what}");
    same_list(one, other, what);
    assert!(one == other, "{what}");
}

/// Compares two listings. One that ends early has read as much as it happened to be given.
fn same_list(one: &ScannedLayer, other: &ScannedLayer, what: &str) {
    assert_eq!(one.failure, other.failure, "{what}");
    assert_eq!(one.found.complete, other.found.complete, "{what}");
    assert_eq!(one.oddities, other.oddities, "{what}");
    assert_eq!(one.oddity_counts, other.oddity_counts, "{what}");
    assert!(
        one.index.iter().eq(other.index.iter()),
        "{what}: another index"
    );
}
