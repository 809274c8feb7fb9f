//! zstd frames, put together by hand out of blocks that need no entropy coding.

use super::{Sample, letters, lines, noise, sample};
use layerscope_inflate::{Compression, Trailing};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

pub(crate) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A window of 1 KiB, with nothing else in the header.
pub(crate) const WINDOW_1K: &[u8] = &[0x00, 0x00];

/// A block of this type: 0 raw, 1 repeated, 2 compressed, 3 reserved.
pub(crate) fn block(kind: u32, last: bool, size: u32, body: &[u8]) -> Vec<u8> {
    let header = size << 3 | kind << 1 | u32::from(last);
    [&header.to_le_bytes()[..3], body].concat()
}

/// A frame with these header fields after the magic.
pub(crate) fn frame(fields: &[u8], rest: &[Vec<u8>]) -> Vec<u8> {
    [&MAGIC[..], fields, &rest.concat()].concat()
}

/// A frame of one raw block, which states its size.
pub(crate) fn stored(plain: &[u8]) -> Vec<u8> {
    let size = u8::try_from(plain.len()).expect("less than 256 bytes");
    frame(&[0x20, size], &[block(0, true, size.into(), plain)])
}

/// A skippable frame.
pub(crate) fn skippable(low: u8, body: &[u8]) -> Vec<u8> {
    let size = body.len() as u32;
    [
        &[0x50 | low, 0x2a, 0x4d, 0x18],
        &size.to_le_bytes()[..],
        body,
    ]
    .concat()
}

/// A frame that repeats one byte, in blocks of 128 KiB: the shortest way to much output.
pub(crate) fn bomb(blocks: usize) -> Vec<u8> {
    let (size, byte) = (128 << 10, [b'z']);
    let mut rest = vec![block(1, false, size, &byte); blocks];
    rest.push(block(0, true, 0, &[]));
    // A window of 128 KiB.
    frame(&[0x00, 7 << 3], &rest)
}

/// A frame made by an encoder, with a checksum.
pub(crate) fn encoded(plain: &[u8]) -> Vec<u8> {
    compress_to_vec(plain, CompressionLevel::Fastest)
}

pub(crate) fn samples() -> Vec<Sample> {
    let zstd = |name, bytes: &[u8], plain| Sample {
        checksummed: false,
        ..sample(name, Compression::Zstd, bytes, plain)
    };
    let blocks = frame(
        WINDOW_1K,
        &[
            block(0, false, 3, b"raw"),
            block(1, false, 1000, b"r"),
            block(0, false, 0, b""),
            block(0, true, 1024, &noise(1024)),
        ],
    );
    let repeated = vec![b'r'; 1000];
    let frames = [
        skippable(0, b"first"),
        stored(b"one "),
        skippable(15, b""),
        skippable(7, &[0; 300]),
        stored(b""),
        stored(b"two"),
        skippable(1, b"last"),
    ]
    .concat();
    let zeros = [stored(b"padded"), vec![0; 5]].concat();
    let garbage = [&stored(b"followed")[..], &MAGIC[..3], b"\xfegarbage"].concat();
    let many: Vec<u8> = (0..60).flat_map(|byte| stored(&[byte])).collect();
    vec![
        zstd(
            "zstd blocks",
            &blocks,
            [&b"raw"[..], &repeated, &noise(1024)].concat(),
        ),
        zstd("zstd repeated", &bomb(5), vec![b'z'; 5 * (128 << 10)]),
        zstd("zstd of nothing", &stored(b""), Vec::new()),
        Sample {
            checksummed: true,
            ..zstd("zstd encoded", &encoded(&letters(5000)), letters(5000))
        },
        Sample {
            checksummed: true,
            ..zstd(
                "zstd encoded, of blocks",
                &encoded(&lines(12000)),
                lines(12000),
            )
        },
        Sample {
            members: 3,
            ..zstd("zstd frames", &frames, b"one two".to_vec())
        },
        Sample {
            members: 0,
            checksummed: true,
            ..zstd(
                "zstd that is skipped",
                &skippable(3, b"nothing else"),
                Vec::new(),
            )
        },
        Sample {
            members: 60,
            ..zstd("zstd of many bytes", &many, (0..60).collect())
        },
        Sample {
            trailing: Trailing::Zeros {
                offset: zeros.len() as u64 - 5,
                len: 5,
            },
            ..zstd("zstd and zeros", &zeros, b"padded".to_vec())
        },
        Sample {
            trailing: Trailing::Garbage {
                offset: garbage.len() as u64 - 11,
                len: 11,
            },
            ..zstd("zstd and garbage", &garbage, b"followed".to_vec())
        },
    ]
}
