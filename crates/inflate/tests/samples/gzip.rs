//! gzip members, put together by hand around deflate data.

use super::{Sample, letters, lines, noise, sample};
use flate2::{Compress, Crc, FlushCompress};
use layerscope_inflate::{Compression, Trailing};

pub(crate) const FTEXT: u8 = 1;
pub(crate) const FHCRC: u8 = 2;
pub(crate) const FEXTRA: u8 = 4;
pub(crate) const FNAME: u8 = 8;
pub(crate) const FCOMMENT: u8 = 16;

/// The empty member of 51 bytes that ends an eStargz layer, with the offset 0x1234.
pub(crate) const ESTARGZ_FOOTER: &[u8] = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0\
    0000000000001234STARGZ\x01\0\0\xff\xff\0\0\0\0\0\0\0\0";

/// One member with the plainest of headers.
pub(crate) fn member(plain: &[u8], level: u32) -> Vec<u8> {
    member_with(&header(0, &[]), plain, level)
}

/// One member with this header.
pub(crate) fn member_with(header: &[u8], plain: &[u8], level: u32) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(plain);
    let size = plain.len() as u32;
    [
        header,
        &deflate(plain, level),
        &crc.sum().to_le_bytes(),
        &size.to_le_bytes(),
    ]
    .concat()
}

/// A header with these flags, and with `fields` as the bytes that they announce.
pub(crate) fn header(flags: u8, fields: &[u8]) -> Vec<u8> {
    [&[0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255], fields].concat()
}

/// A header with everything that there can be.
pub(crate) fn full_header() -> Vec<u8> {
    let fields = b"\x05\0extralayer.tar\0a comment\0";
    let mut header = header(FTEXT | FHCRC | FEXTRA | FNAME | FCOMMENT, fields);
    let mut crc = Crc::new();
    crc.update(&header);
    header.extend_from_slice(&(crc.sum() as u16).to_le_bytes());
    header
}

/// Raw deflate data.
pub(crate) fn deflate(plain: &[u8], level: u32) -> Vec<u8> {
    let mut compress = Compress::new(flate2::Compression::new(level), false);
    let mut data = Vec::with_capacity(plain.len() * 2 + 100);
    let status = compress.compress_vec(plain, &mut data, FlushCompress::Finish);
    assert_eq!(status.expect("deflated"), flate2::Status::StreamEnd);
    data
}

pub(crate) fn samples() -> Vec<Sample> {
    let gzip = |name, bytes: &[u8], plain| sample(name, Compression::Gzip, bytes, plain);
    let three = [
        member(&lines(20), 9),
        member(b"", 6),
        member_with(&full_header(), b"the last", 0),
    ]
    .concat();
    let estargz = [&member(b"a file", 9), ESTARGZ_FOOTER].concat();
    let zeros = [member(b"padded", 6), vec![0; 16]].concat();
    let garbage = [&member(b"followed", 6)[..], &[0; 3], b"garbage"].concat();
    let many: Vec<u8> = (0..40u8).flat_map(|byte| member(&[byte], 6)).collect();
    vec![
        gzip("gzip stored", &member(&noise(700), 0), noise(700)),
        gzip("gzip fixed codes", &member(b"short", 9), b"short".to_vec()),
        gzip(
            "gzip dynamic codes",
            &member(&letters(3000), 9),
            letters(3000),
        ),
        gzip(
            "gzip of more than a run",
            &member(&lines(12000), 6),
            lines(12000),
        ),
        gzip("gzip of nothing", &member(b"", 6), Vec::new()),
        gzip(
            "gzip with every header field",
            &member_with(&full_header(), b"content", 6),
            b"content".to_vec(),
        ),
        Sample {
            members: 3,
            ..gzip(
                "gzip members",
                &three,
                [&lines(20)[..], b"the last"].concat(),
            )
        },
        Sample {
            members: 2,
            ..gzip("eStargz", &estargz, b"a file".to_vec())
        },
        Sample {
            members: 40,
            ..gzip("gzip of many bytes", &many, (0..40).collect())
        },
        Sample {
            trailing: Trailing::Zeros {
                offset: zeros.len() as u64 - 16,
                len: 16,
            },
            ..gzip("gzip and zeros", &zeros, b"padded".to_vec())
        },
        Sample {
            trailing: Trailing::Garbage {
                offset: garbage.len() as u64 - 10,
                len: 10,
            },
            ..gzip("gzip and garbage", &garbage, b"followed".to_vec())
        },
    ]
}
