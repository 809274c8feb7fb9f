//! A compressed stream through the decoders of `layerscope-inflate`.
//!
//! Oracle: how the stream is cut cannot be observed; from a restart point comes what comes there from the start; and
//! what flate2 reads as gzip is read the same here.

use std::io::Read;
use std::ops::ControlFlow;

use flate2::bufread::MultiGzDecoder;
use layerscope_inflate::{
    Compression, Decoder, Error, Limits, Middle, RestartPoint, Summary, sniff,
};

use crate::mend;
use crate::steer::Steer;

/// Output bytes after which a stream is read no further. A bomb would only take the fuzzer's time.
const BUDGET: usize = 1 << 20;

/// See the module.
pub fn run(input: &[u8]) {
    let (payload, steer) = Steer::split(input);
    let mut stream = payload.to_vec();
    if steer.choose(0, 4) != 0 {
        mend::stream(&mut stream);
    }
    let spacing = 1 << steer.choose(3, 18);
    let decoder = || {
        let decoder = match steer.choose(1, 8) {
            0 => Decoder::with(Compression::Gzip, limits(steer)),
            1 => Decoder::with(Compression::Zstd, limits(steer)),
            2 => Decoder::with(Compression::Xz, limits(steer)),
            _ => Decoder::new(limits(steer)),
        };
        decoder.keeping_restart_points(spacing)
    };
    let whole = unpack(decoder(), [&stream[..]]);
    let cut = unpack(decoder(), steer.pieces(&stream));
    assert_eq!(cut.end, whole.end);
    assert!(cut.plain == whole.plain, "the output depends on the cuts");
    assert!(cut.points == whole.points, "the points depend on the cuts");
    let _ = sniff(&stream);
    resume(&stream, steer, &whole);
    if let Some(Ok(summary)) = &whole.end {
        check(summary, &stream, &whole.plain);
        if summary.compression == Compression::None {
            assert!(whole.plain == stream, "a plain stream is changed");
        }
    }
    if stream.starts_with(&[0x1f, 0x8b]) && steer.choose(1, 8) > 2 {
        as_flate2(&stream, &whole);
    }
}

fn limits(steer: Steer) -> Limits {
    let mut limits = Limits::default();
    if steer.choose(2, 16) == 0 {
        limits = Limits {
            zstd_window: 1 << 12,
            xz_dictionary: 1 << 14,
            gzip_text: 3,
        };
    }
    limits
}

/// What came out of a stream, and how it ended; `None` where the budget did.
struct Outcome {
    plain: Vec<u8>,
    end: Option<Result<Summary, Error>>,
    compression: Option<Compression>,
    points: Vec<RestartPoint>,
}

fn unpack<'a>(mut decoder: Decoder, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut plain = Vec::new();
    let mut out = |run: &[u8]| {
        assert!(!run.is_empty(), "an empty run");
        let room = BUDGET - plain.len();
        plain.extend_from_slice(&run[..run.len().min(room)]);
        if plain.len() < BUDGET {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let mut end = None;
    for piece in pieces {
        match decoder.push(piece, &mut out) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => {
                return Outcome {
                    plain,
                    end,
                    compression: decoder.compression(),
                    points: decoder.take_restart_points(),
                };
            }
            Err(error) => {
                assert!(!error.name().is_empty() && !error.to_string().is_empty());
                assert_eq!(decoder.push(b"more", &mut out), Err(error.clone()));
                end = Some(Err(error));
                break;
            }
        }
    }
    let end = end.unwrap_or_else(|| decoder.finish(&mut out));
    // What a decoder kept back may pass the budget at the very end.
    let end = (end != Err(Error::Ended)).then_some(end);
    Outcome {
        plain,
        end,
        compression: decoder.compression(),
        points: decoder.take_restart_points(),
    }
}

/// Decodes from one of the points; and from one that is not of this stream, which may do anything but harm.
fn resume(stream: &[u8], steer: Steer, whole: &Outcome) {
    let number = usize::from(steer.0[4]) % whole.points.len().max(1);
    let (Some(point), Some(compression)) = (whole.points.get(number), whole.compression) else {
        return;
    };
    let rest = &stream[point.compressed as usize..];
    let decoder = || Decoder::resume(compression, point, limits(steer));
    let found = unpack(decoder(), steer.pieces(rest));
    let expected = &whole.plain[point.output as usize..];
    match &whole.end {
        Some(Ok(summary)) => {
            assert!(found.plain == expected, "other bytes from a point");
            assert!(matches!(&found.end, Some(Ok(end)) if end.trailing == summary.trailing));
        }
        // A wrong checksum is not seen, so that more may come; and the budget ends later.
        _ => assert!(
            found.plain.starts_with(expected),
            "other bytes from a point"
        ),
    }
    let wrong = RestartPoint {
        compressed: point.compressed,
        output: u64::MAX - 5,
        middle: Some(Middle {
            used_bits: steer.0[5],
            window: stream.iter().rev().take(40_000).copied().collect(),
        }),
    };
    let _ = unpack(Decoder::resume(compression, &wrong, limits(steer)), [rest]);
}

fn check(summary: &Summary, stream: &[u8], plain: &[u8]) {
    assert_eq!(summary.compressed_bytes, stream.len() as u64);
    assert_eq!(summary.output_bytes, plain.len() as u64);
    assert!(summary.compression != Compression::None || summary.members == 0);
}

/// What flate2 reads to its end is gzip; the other way round it refuses padding and trailing bytes, which are told
/// here as they are.
fn as_flate2(stream: &[u8], ours: &Outcome) {
    let mut theirs = Vec::new();
    let mut reader = MultiGzDecoder::new(stream).take(BUDGET as u64);
    if reader.read_to_end(&mut theirs).is_err() || theirs.len() == BUDGET {
        return;
    }
    match &ours.end {
        Some(Ok(_)) => assert!(theirs == ours.plain, "flate2 reads other bytes"),
        // The bounds on what stands in a header are ours alone.
        Some(Err(Error::TooLarge { .. } | Error::Unsupported { .. })) => {}
        end => panic!(
            "flate2 reads {} bytes, and here it is {end:?}",
            theirs.len()
        ),
    }
}
