//! What was stated, against what is there.

use layerscope_layer::{Demand, Error, Expected, LayerScan, Limits, Verdict, Verification};
use layerscope_oci::{Digest, MediaType};
use sha2::Digest as _;

use crate::archive::{Archive, everything, gzip, gzip_members, scan, scan_expecting, zstd};

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digits = bytes.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// Digests computed without the code under test.
fn sha256(bytes: &[u8]) -> Digest {
    let digest = format!("sha256:{}", hex(sha2::Sha256::digest(bytes)));
    digest.parse().unwrap()
}

fn sha512(bytes: &[u8]) -> Digest {
    let digest = format!("sha512:{}", hex(sha2::Sha512::digest(bytes)));
    digest.parse().unwrap()
}

/// The truth about a blob.
fn truth(blob: &[u8], plain: &[u8]) -> Expected {
    Expected {
        digest: Some(sha256(blob)),
        size: Some(blob.len() as u64),
        diff_id: Some(sha256(plain).into()),
        media_type: None,
    }
}

const VERIFIED: Verification = Verification {
    digest: Verdict::Verified,
    size: Verdict::Verified,
    diff_id: Verdict::Verified,
};

#[test]
fn the_truth_is_verified() {
    // Bytes after the end-of-archive marker belong to the diff_id.
    let plains = [
        everything().end(),
        [everything().end(), b"more".to_vec()].concat(),
        vec![],
    ];
    for plain in plains {
        let blobs = [
            plain.clone(),
            gzip(&plain),
            gzip_members(&plain, 1000),
            zstd(&plain),
            [gzip(&plain), vec![0; 100]].concat(),
            [gzip(&plain), b"garbage".to_vec()].concat(),
        ];
        for blob in blobs {
            if blob.is_empty() && !plain.is_empty() || blob.starts_with(b"garbage") {
                continue;
            }
            let truth = truth(&blob, &plain);
            let layer = scan_expecting(&blob, &truth);
            assert_eq!(layer.failure, None);
            assert_eq!(layer.verify(&truth), VERIFIED);
            assert!(layer.verify(&truth).is_verified());
            // A layer that was scanned before anything was known can be compared later.
            assert_eq!(scan(&blob).verify(&truth), VERIFIED);
        }
    }
}

#[test]
fn sha512_is_computed_where_it_is_stated() {
    let plain = everything().end();
    let blob = gzip(&plain);
    for (digest, diff_id) in [
        (sha512(&blob), sha512(&plain)),
        (sha256(&blob), sha512(&plain)),
        (sha512(&blob), sha256(&plain)),
    ] {
        let expected = Expected {
            digest: Some(digest),
            diff_id: Some(diff_id.into()),
            ..truth(&blob, &plain)
        };
        assert_eq!(scan_expecting(&blob, &expected).verify(&expected), VERIFIED);
    }
    let expected = Expected {
        digest: Some(sha512(&blob)),
        ..truth(&blob, &plain)
    };
    let verification = scan(&blob).verify(&expected);
    assert_eq!(verification.digest, Verdict::Unchecked);
    assert!(!verification.is_verified() && !verification.is_mismatch());
}

#[test]
fn an_unknown_algorithm_is_neither_right_nor_wrong() {
    let blob = gzip(&everything().end());
    let expected = Expected {
        digest: Some("blake3:0123456789".parse().unwrap()),
        ..truth(&blob, &everything().end())
    };
    let layer = scan_expecting(&blob, &expected);
    let verification = layer.verify(&expected);
    assert_eq!(verification.digest, Verdict::Unchecked);
    assert_eq!(verification.diff_id, Verdict::Verified);
    assert!(!verification.is_verified());
    assert_eq!(layer.found.digest, Some(sha256(&blob)));
}

#[test]
fn what_is_not_stated_is_not_held_against_a_layer() {
    let plain = everything().end();
    let layer = scan(&plain);
    let nothing = layer.verify(&Expected::default());
    assert_eq!(
        nothing,
        Verification {
            digest: Verdict::NotStated,
            size: Verdict::NotStated,
            diff_id: Verdict::NotStated
        }
    );
    assert!(!nothing.is_verified() && !nothing.is_mismatch());
    let diff_id_only = Expected {
        diff_id: Some(sha256(&plain).into()),
        ..Expected::default()
    };
    assert!(layer.verify(&diff_id_only).is_verified());
    let size_only = Expected {
        size: Some(plain.len() as u64),
        ..Expected::default()
    };
    assert!(!layer.verify(&size_only).is_verified());
}

#[test]
fn every_flipped_byte_is_noticed() {
    let plain = Archive::default().file("a", "content").end();
    for blob in [gzip(&plain), zstd(&plain), plain.clone()] {
        let truth = truth(&blob, &plain);
        for at in 0..blob.len() {
            let mut flipped = blob.clone();
            flipped[at] ^= 1 << (at % 8);
            let layer = scan_expecting(&flipped, &truth);
            let verification = layer.verify(&truth);
            assert_eq!(verification.digest, Verdict::Mismatch, "byte {at}");
            assert!(verification.is_mismatch() && !verification.is_verified());
        }
    }
}

#[test]
fn other_content_under_the_right_digest_is_a_diff_id_mismatch() {
    let plain = everything().end();
    let blob = gzip(&plain);
    let expected = Expected {
        diff_id: Some(sha256(b"other").into()),
        ..truth(&blob, &plain)
    };
    let verification = scan_expecting(&blob, &expected).verify(&expected);
    assert_eq!(
        verification,
        Verification {
            diff_id: Verdict::Mismatch,
            ..VERIFIED
        }
    );
    assert!(!verification.is_verified());
}

#[test]
fn a_blob_that_is_too_long_is_read_to_one_byte_more() {
    let plain = everything().end();
    let blob = gzip(&plain);
    let expected = truth(&blob, &plain);
    let mut scan = LayerScan::new(expected.clone(), Limits::default());
    assert_eq!(scan.push(&blob), Demand::More);
    assert_eq!(scan.push(&[]), Demand::More);
    assert_eq!(scan.push(b"x"), Demand::Stop);
    assert_eq!(
        scan.push(b"what comes later is not looked at"),
        Demand::Stop
    );
    assert_eq!(scan.progress().read, blob.len() as u64 + 1);
    let layer = scan.finish();
    let entries = layer.index.len() as u64;
    assert_eq!(entries, 14);
    let size = blob.len() as u64;
    assert_eq!(
        layer.failure,
        Some(Error::TooLong {
            expected: size,
            entries
        })
    );
    assert!(!layer.found.complete);
    assert_eq!(layer.found.size, size + 1);
    assert_eq!((&layer.found.digest, &layer.found.diff_id), (&None, &None));
    assert_eq!(
        layer.verify(&expected),
        Verification {
            digest: Verdict::Unchecked,
            size: Verdict::Mismatch,
            diff_id: Verdict::Unchecked
        }
    );
}

#[test]
fn a_blob_that_is_too_short_has_the_wrong_size() {
    let plain = everything().end();
    let blob = gzip(&plain);
    let expected = truth(&blob, &plain);
    let layer = scan_expecting(&blob[..blob.len() - 1], &expected);
    assert_eq!(
        layer.verify(&expected),
        Verification {
            digest: Verdict::Mismatch,
            size: Verdict::Mismatch,
            diff_id: Verdict::Unchecked
        }
    );
}

#[test]
fn an_aborted_scan_verifies_nothing() {
    let plain = everything().end();
    for blob in [plain.clone(), gzip(&plain), zstd(&plain)] {
        let expected = truth(&blob, &plain);
        let mut scan = LayerScan::new(expected.clone(), Limits::default());
        // Even with every byte read, nobody said that it was the last.
        assert_eq!(scan.push(&blob), Demand::More);
        let layer = scan.abort("connection lost".to_owned());
        assert_eq!(layer.index.len(), 14);
        assert_eq!(
            layer.failure,
            Some(Error::Aborted {
                why: "connection lost".to_owned(),
                read: blob.len() as u64,
                entries: 14
            })
        );
        assert!(!layer.found.complete);
        let unchecked = Verification {
            digest: Verdict::Unchecked,
            size: Verdict::Unchecked,
            diff_id: Verdict::Unchecked,
        };
        assert_eq!(layer.verify(&expected), unchecked);
    }
}

#[test]
fn a_listing_verifies_nothing_but_the_size() {
    let plain = everything().end();
    let blob = gzip(&plain);
    let mut scan = LayerScan::listing(Limits::default());
    assert_eq!(scan.push(&blob), Demand::More);
    let verification = scan.finish().verify(&truth(&blob, &plain));
    assert_eq!(
        verification,
        Verification {
            digest: Verdict::Unchecked,
            size: Verdict::Verified,
            diff_id: Verdict::Unchecked
        }
    );
    assert!(!verification.is_verified());
}

#[test]
fn of_an_encrypted_layer_the_distribution_digest_is_checked() {
    let media_type = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted";
    let blob = b"\x1f\x8b not really gzip".to_vec();
    let expected = Expected {
        media_type: Some(MediaType::new(media_type)),
        ..truth(&blob, &[])
    };
    let layer = scan_expecting(&blob, &expected);
    assert_eq!(layer.failure.as_ref().unwrap().name(), "layer-encrypted");
    assert_eq!(
        layer.verify(&expected),
        Verification {
            diff_id: Verdict::Unchecked,
            ..VERIFIED
        }
    );
    assert!(layer.oddities.is_empty());
}

#[test]
fn a_digest_that_was_left_to_the_driver_is_compared_like_any_other() {
    let plain = everything().end();
    for blob in [plain.clone(), gzip(&plain), zstd(&plain)] {
        let expected = truth(&blob, &plain);
        let left = |blob: &[u8]| {
            let mut scan = LayerScan::new(expected.clone(), Limits::default()).leaving_digest();
            let _ = scan.push(blob);
            scan
        };
        let whole = scan_expecting(&blob, &expected);
        assert_eq!(left(&blob).finish_with(sha256(&blob)), whole);
        let other = left(&blob).finish_with(sha256(b"other bytes"));
        assert_eq!(other.verify(&expected).digest, Verdict::Mismatch);
        // A driver that brings none has verified nothing.
        let none = left(&blob).finish();
        assert_eq!(none.verify(&expected).digest, Verdict::Unchecked);
        assert!(!none.verify(&expected).is_verified());
        // Of a blob that is too long nothing is hashed to its end.
        let long = [blob.as_slice(), b"and more"].concat();
        let long = left(&long).finish_with(sha256(&long));
        assert_eq!(long.found.digest, None);
    }
}
