//! Streams to decode, and what they hold.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(
    clippy::expect_used,
    reason = "a test may panic outside its own function too"
)]

pub(crate) mod gzip;
pub(crate) mod xz;
pub(crate) mod zstd;

use layerscope_inflate::{Compression, Decoder, Error, Limits, Summary, Trailing};
use std::ops::ControlFlow;

/// A stream, and what comes out of it.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) compression: Compression,
    pub(crate) bytes: Vec<u8>,
    pub(crate) plain: Vec<u8>,
    pub(crate) members: u64,
    pub(crate) checksummed: bool,
    pub(crate) trailing: Trailing,
}

/// All that can be observed of one decoding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) plain: Vec<u8>,
    /// The end; `None` when the budget of output was used up before it.
    pub(crate) end: Option<Result<Summary, Error>>,
}

/// No sample of ours unpacks to more, and no damaged one needs to.
pub(crate) const BUDGET: usize = 4 << 20;

/// Decodes a stream that arrives in these pieces.
pub(crate) fn unpack<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    unpack_with(Decoder::new(Limits::default()), pieces)
}

/// Decodes a stream that arrives in these pieces, with this decoder.
pub(crate) fn unpack_with<'a>(
    mut decoder: Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Outcome {
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
            Ok(ControlFlow::Break(())) => return Outcome { plain, end },
            Err(error) => {
                assert_eq!(decoder.push(b"more", &mut out), Err(error.clone()));
                assert_eq!(decoder.finish(&mut out), Err(error.clone()));
                end = Some(Err(error));
                break;
            }
        }
    }
    let end = end.unwrap_or_else(|| decoder.finish(&mut out));
    let end = (end != Err(Error::Ended)).then_some(end);
    if let Some(Ok(summary)) = &end {
        assert_eq!(summary.output_bytes, plain.len() as u64);
    }
    Outcome { plain, end }
}

/// Decodes a stream in one piece, and gives what it holds and its end.
pub(crate) fn whole(bytes: &[u8]) -> (Vec<u8>, Result<Summary, Error>) {
    let outcome = unpack([bytes]);
    (outcome.plain, outcome.end.expect("within the budget"))
}

/// The error that a stream ends in.
pub(crate) fn error(bytes: &[u8]) -> Error {
    whole(bytes).1.expect_err("an error")
}

/// `line 1 of the plain text` and so on.
pub(crate) fn lines(count: usize) -> Vec<u8> {
    (1..=count)
        .flat_map(|number| format!("line {number} of the plain text\n").into_bytes())
        .collect()
}

/// Letters, most of them early in the alphabet.
pub(crate) fn letters(count: usize) -> Vec<u8> {
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    (0..count)
        .map(|_| b'a' + random.next().trailing_zeros().min(25) as u8)
        .collect()
}

/// Bytes that do not compress.
pub(crate) fn noise(count: usize) -> Vec<u8> {
    let mut random = Random::new(0x0123_4567_89ab_cdef);
    (0..count).map(|_| random.next() as u8).collect()
}

/// A 64-bit xorshift: the same numbers in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn sample(name: &'static str, compression: Compression, bytes: &[u8], plain: Vec<u8>) -> Sample {
    Sample {
        name,
        compression,
        bytes: bytes.to_vec(),
        plain,
        members: 1,
        checksummed: true,
        trailing: Trailing::None,
    }
}

/// Streams of every kind, none of them damaged.
pub(crate) fn all() -> Vec<Sample> {
    let mut all = made_by_tools();
    all.extend(gzip::samples());
    all.extend(zstd::samples());
    all.extend(plain());
    all
}

macro_rules! file {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../data/", $name)).as_slice())
    };
}

fn made_by_tools() -> Vec<Sample> {
    use Compression::{Gzip, Xz, Zstd};
    let make = |compression, (name, bytes): (&'static str, &[u8]), plain| {
        sample(name, compression, bytes, plain)
    };
    let mut unchecked = make(Zstd, file!("lines-400-l1.zst"), lines(400));
    unchecked.checksummed = false;

    let mut no_check = make(Xz, file!("lines-400-delta.xz"), lines(400));
    no_check.checksummed = false;

    let (_, stream) = file!("lines-400.xz");
    let (_, blocks) = file!("lines-400-blocks.xz");
    let streams = [stream, &[0; 8], blocks, &[0; 4]].concat();
    let mut streams = sample(
        "xz streams",
        Xz,
        &streams,
        [lines(400), lines(400)].concat(),
    );
    streams.members = 2;
    let padded = [stream, &[0; 7]].concat();
    let mut padded = sample("xz and zeros that are no padding", Xz, &padded, lines(400));
    padded.trailing = Trailing::Zeros {
        offset: stream.len() as u64,
        len: 7,
    };
    let trailed = [stream, &[0; 4], b"\xfd7zXy"].concat();
    let mut trailed = sample("xz and more", Xz, &trailed, lines(400));
    trailed.trailing = Trailing::Garbage {
        offset: stream.len() as u64,
        len: 9,
    };
    vec![
        make(Gzip, file!("lines-400.gz"), lines(400)),
        make(Gzip, file!("letters-6000.gz"), letters(6000)),
        make(Gzip, file!("letters-6000-l1.gz"), letters(6000)),
        unchecked,
        make(Zstd, file!("lines-400-l19.zst"), lines(400)),
        make(Zstd, file!("lines-12000-l19.zst"), lines(12000)),
        make(Zstd, file!("letters-6000-w10.zst"), letters(6000)),
        make(Xz, file!("lines-400.xz"), lines(400)),
        make(Xz, file!("lines-400-blocks.xz"), lines(400)),
        make(Xz, file!("lines-400-x86.xz"), lines(400)),
        no_check,
        make(Xz, file!("lines-12000.xz"), lines(12000)),
        streams,
        padded,
        trailed,
    ]
}

fn plain() -> Vec<Sample> {
    let texts: [(&'static str, &[u8]); 5] = [
        ("nothing", b""),
        ("one byte that gzip begins with too", b"\x1f"),
        ("the start of a zstd magic", b"\x28\xb5\x2f"),
        (
            "a tar that begins with a file called ]",
            b"]\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ),
        ("text", b"no compression at all, only some text"),
    ];
    let plain = |(name, text): (&'static str, &[u8])| Sample {
        members: 0,
        checksummed: false,
        ..sample(name, Compression::None, text, text.to_vec())
    };
    texts.into_iter().map(plain).collect()
}
