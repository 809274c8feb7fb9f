//! How a stream is cut into pieces cannot be observed (A18).

mod samples;

use layerscope_inflate::{Compression, Error, Trailing};
use samples::{Outcome, all, unpack};

/// Streams up to this long are cut everywhere; longer ones only into many pieces.
const SHORT: usize = 2500;

#[test]
fn every_sample_is_what_it_should_be() {
    for sample in all() {
        let name = sample.name;
        let (plain, end) = samples::whole(&sample.bytes);
        assert_eq!(plain, sample.plain, "{name}");
        let summary = end.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(summary.compression, sample.compression, "{name}");
        assert_eq!(
            summary.compressed_bytes,
            sample.bytes.len() as u64,
            "{name}"
        );
        assert_eq!(summary.members, sample.members, "{name}");
        assert_eq!(summary.checksummed, sample.checksummed, "{name}");
        assert_eq!(summary.trailing, sample.trailing, "{name}");
    }
}

#[test]
fn a_cut_anywhere_changes_nothing() {
    for sample in all() {
        let bytes = &sample.bytes;
        let whole = unpack([&bytes[..]]);
        for size in [1, 2, 3, 5, 7, 13, 64, 511, 4096] {
            let cut = unpack(bytes.chunks(size));
            assert!(cut == whole, "{} in pieces of {size}", sample.name);
        }
        if bytes.len() <= SHORT {
            for at in 0..=bytes.len() {
                let (left, right) = bytes.split_at(at);
                let cut = unpack([left, &[], right]);
                assert!(cut == whole, "{} cut at {at}", sample.name);
            }
        }
    }
}

/// A05, A18: streams that end anywhere.
#[test]
fn the_end_of_the_input_is_told_from_damage_everywhere() {
    for sample in all() {
        let step = if sample.bytes.len() <= SHORT { 1 } else { 97 };
        for len in (0..sample.bytes.len()).step_by(step) {
            let name = format!("{} up to {len}", sample.name);
            let (bytes, rest) = sample.bytes.split_at(len);
            let whole = unpack([bytes]);
            assert_eq!(unpack(bytes.chunks(3)), whole, "{name}");
            let Outcome { plain, end } = whole;
            match end.expect("within the budget") {
                Err(Error::Truncated { offset, .. }) => {
                    assert_eq!(offset, len as u64, "{name}");
                    assert!(sample.plain.starts_with(&plain), "{name}");
                }
                Err(error) => panic!("{name}: {error}"),
                // So few bytes do not tell the compression.
                Ok(summary) if summary.compression != sample.compression => {
                    assert!(len < 6, "{name}");
                    assert_eq!(plain, bytes, "{name}");
                }
                Ok(_) if sample.compression == Compression::None => assert_eq!(plain, bytes),
                Ok(_) if starts_before(sample.trailing, len) => assert_eq!(plain, sample.plain),
                // A cut between members cannot be seen: what is missing is a stream of its own.
                Ok(_) => {
                    let padding = rest.iter().take_while(|byte| **byte == 0).count();
                    let missing = unpack([&rest[padding..]]);
                    assert_eq!([plain, missing.plain].concat(), sample.plain, "{name}");
                }
            }
        }
    }
}

fn starts_before(trailing: Trailing, end: usize) -> bool {
    match trailing {
        Trailing::None => false,
        Trailing::Zeros { offset, .. } | Trailing::Garbage { offset, .. } => offset <= end as u64,
    }
}
