//! That the halves of a scan were done apart cannot be observed.

use std::ops::ControlFlow;

use layerscope_layer::{Expected, LayerScan, Limits, ScannedLayer};

use crate::archive::{gzip, zstd};
use crate::chunking::{blobs, expectations, scan_pieces, small};

/// Bytes between restart points: a few in each of these layers.
const SPACING: u64 = 512;

/// Whether the first half hears at once that the second needs no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    AtOnce,
    Never,
}

/// Scans a blob whose halves part at the first chance from `at` on, and meet when the bytes have ended.
fn apart(expected: &Expected, limits: Limits, blob: &[u8], at: usize, how: Hearing) -> LayerScan {
    let mut scan = LayerScan::new(expected.clone(), limits).keeping_restart_points(SPACING);
    let (head, tail) = blob.split_at(at);
    let _ = scan.push(head);
    let mut pieces = tail.chunks(97);
    let (mut first, mut second) = loop {
        match scan.split() {
            Ok(halves) => break halves,
            Err(whole) => scan = whole,
        }
        let Some(piece) = pieces.next() else {
            return scan;
        };
        let _ = scan.push(piece);
    };
    let mut under_way: Vec<Vec<u8>> = Vec::new();
    for piece in pieces {
        let _ = first.push(piece, &mut |run| match how {
            Hearing::AtOnce => second.push(run),
            Hearing::Never => {
                under_way.push(run.to_vec());
                ControlFlow::Continue(())
            }
        });
    }
    for run in under_way {
        if second.push(&run).is_break() {
            break;
        }
    }
    LayerScan::join(first, second)
}

#[test]
fn two_halves_find_what_a_whole_finds() {
    for (name, blob) in blobs() {
        for expected in expectations(&blob) {
            let whole = LayerScan::new(expected.clone(), Limits::default());
            let mut whole = whole.keeping_restart_points(SPACING);
            let _ = whole.push(&blob);
            let whole = whole.finish();
            for at in (0..=blob.len()).step_by(7) {
                for how in [Hearing::AtOnce, Hearing::Never] {
                    let halves = apart(&expected, Limits::default(), &blob, at, how).finish();
                    assert_eq!(halves, whole, "{name}, parted at {at}, {how:?}");
                }
            }
        }
    }
}

#[test]
fn also_where_a_limit_ends_the_scan() {
    let plain = small().end();
    let limits = Limits {
        unpacked: 3000,
        ..Limits::default()
    };
    let mut broken = gzip(&plain);
    let end = broken.len();
    broken[end - 6] ^= 1;
    let mut longer = gzip(&plain);
    longer.extend([7; 40]);
    for blob in [plain.clone(), gzip(&plain), zstd(&plain), broken, longer] {
        let mut whole = scan_pieces(&Expected::default(), limits, [&blob[..]]);
        assert_eq!(whole.failure.as_ref().unwrap().name(), "layer-limit");
        // Of these more or fewer are kept, as far as the first half has come.
        whole.restart_points.clear();
        for at in (0..=blob.len()).step_by(7) {
            for how in [Hearing::AtOnce, Hearing::Never] {
                let mut halves = apart(&Expected::default(), limits, &blob, at, how).finish();
                halves.restart_points.clear();
                assert_eq!(halves, whole, "parted at {at}, {how:?}");
            }
        }
    }
}

#[test]
fn also_where_the_driver_gives_up() {
    let blob = gzip(&small().end());
    let read = &blob[..blob.len() / 2];
    let scan = LayerScan::new(Expected::default(), Limits::default());
    let mut scan = scan.keeping_restart_points(SPACING);
    let _ = scan.push(read);
    let whole = scan.abort("enough".to_owned()).to_bytes();
    for at in 0..read.len() {
        let scan = apart(
            &Expected::default(),
            Limits::default(),
            read,
            at,
            Hearing::Never,
        );
        let halves = scan.abort("enough".to_owned()).to_bytes();
        assert_eq!(halves, whole, "parted at {at}");
    }
}

/// Both halves, and what the first gave to the second.
fn parted(blob: &[u8], keep: impl Fn(usize) -> bool) -> ScannedLayer {
    let (head, tail) = blob.split_at(64);
    let mut scan = LayerScan::new(Expected::default(), Limits::default());
    let _ = scan.push(head);
    let Ok((mut first, mut second)) = scan.split() else {
        panic!("64 bytes tell the compression");
    };
    let mut number = 0;
    for piece in tail.chunks(64) {
        let _ = first.push(piece, &mut |run| {
            number += 1;
            match keep(number) {
                true => second.push(run),
                false => ControlFlow::Continue(()),
            }
        });
    }
    LayerScan::join(first, second).finish()
}

#[test]
fn what_is_lost_on_the_way_verifies_nothing() {
    for blob in [small().end(), gzip(&small().end())] {
        assert!(parted(&blob, |_| true).found.diff_id.is_some());
        let found = parted(&blob, |number| number != 2);
        assert_eq!(found.failure.unwrap().name(), "layer-aborted");
        assert!(!found.found.complete);
        assert_eq!((found.found.digest, found.found.diff_id), (None, None));
    }
}

#[test]
fn a_listing_stays_whole() {
    let mut scan = LayerScan::listing(Limits::default());
    let _ = scan.push(&small().end());
    assert!(scan.split().is_err());
}
