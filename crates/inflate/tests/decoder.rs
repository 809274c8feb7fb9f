//! The decoder itself: telling the compression, stopping, and having ended.

mod samples;

use layerscope_inflate::{Compression, Decoder, Error, Limits, SNIFF_MAX, Sniff, Trailing, sniff};
use samples::{all, error, unpack_with, whole};
use std::ops::ControlFlow;

#[test]
fn magics_are_told_as_soon_as_they_are_whole_and_not_before() {
    let known: &[(&[u8], Sniff)] = &[
        (b"\x1f\x8b", Sniff::Known(Compression::Gzip)),
        (b"\x28\xb5\x2f\xfd", Sniff::Known(Compression::Zstd)),
        (b"\x50\x2a\x4d\x18", Sniff::Known(Compression::Zstd)),
        (b"\x5f\x2a\x4d\x18", Sniff::Known(Compression::Zstd)),
        (b"\xfd7zXZ\0", Sniff::Known(Compression::Xz)),
        (b"BZh91AY&SY", Sniff::Unsupported("bzip2")),
        (b"BZh1\x17\x72\x45\x38\x50\x90", Sniff::Unsupported("bzip2")),
        (b"PK\x03\x04", Sniff::Unsupported("zip")),
        (b"PK\x05\x06", Sniff::Unsupported("zip")),
        (b"\x1f\x9d", Sniff::Unsupported("compress")),
        (b"\x04\x22\x4d\x18", Sniff::Unsupported("lz4")),
        (b"\x02\x21\x4c\x18", Sniff::Unsupported("lz4")),
        (b"7z\xbc\xaf\x27\x1c", Sniff::Unsupported("7z")),
        (b"Rar!\x1a\x07", Sniff::Unsupported("rar")),
        (b"LZIP\x01", Sniff::Unsupported("lzip")),
        (b"\x89LZO\0", Sniff::Unsupported("lzop")),
        (b"\xff\x06\0\0sNaPpY", Sniff::Unsupported("snappy")),
        (
            b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff",
            Sniff::Unsupported("lzma"),
        ),
    ];
    for (magic, answer) in known {
        assert!(magic.len() <= SNIFF_MAX);
        for len in 0..magic.len() {
            assert_eq!(sniff(&magic[..len]), Sniff::NeedMore, "{answer:?} {len}");
        }
        assert_eq!(sniff(magic), *answer);
        assert_eq!(sniff(&[magic, &b"and more"[..]].concat()), *answer);
        let mut other = magic.to_vec();
        *other.last_mut().unwrap() ^= 0x20;
        assert_eq!(sniff(&other), Sniff::Known(Compression::None), "{answer:?}");
    }
}

/// Names with which a tar may begin.
#[test]
fn file_names_are_not_taken_for_magics() {
    for name in [
        &b"BZh9"[..],
        b"PK",
        b"LZIP",
        b"]",
        b"7z",
        b"Rar!",
        b"P*M",
        b"etc/",
    ] {
        let mut tar = vec![0; 512];
        tar[..name.len()].copy_from_slice(name);
        assert_eq!(sniff(&tar), Sniff::Known(Compression::None), "{name:?}");
    }
}

/// A17.
#[test]
fn what_is_not_read_is_named() {
    assert_eq!(
        error(b"BZh91AY&SYetc"),
        Error::Unsupported {
            offset: 0,
            what: "compression",
            found: "bzip2".to_owned(),
        }
    );
}

/// A15.
#[test]
fn nothing_is_a_plain_stream_of_nothing() {
    let (plain, end) = whole(b"");
    let summary = end.unwrap();
    assert_eq!((plain.len(), summary.compression), (0, Compression::None));
    assert_eq!((summary.compressed_bytes, summary.members), (0, 0));
    assert_eq!(summary.trailing, Trailing::None);
    for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz] {
        let decoder = Decoder::with(compression, Limits::default());
        let end = unpack_with(decoder, []).end.unwrap();
        assert_eq!(end.unwrap_err().name(), "inflate-truncated");
    }
}

#[test]
fn a_stated_compression_is_taken_at_its_word() {
    let decode = |compression, bytes: &[u8]| {
        let decoder = Decoder::with(compression, Limits::default());
        assert_eq!(decoder.compression(), Some(compression));
        unpack_with(decoder, bytes.chunks(5))
    };
    for sample in all() {
        let outcome = decode(sample.compression, &sample.bytes);
        assert_eq!(outcome.plain, sample.plain, "{}", sample.name);
        assert_eq!(decode(Compression::None, &sample.bytes).plain, sample.bytes);
    }
    for (compression, magic) in [
        (Compression::Gzip, "gzip magic"),
        (Compression::Zstd, "zstd magic"),
        (Compression::Xz, "xz magic"),
    ] {
        let end = decode(compression, b"a plain text").end.unwrap();
        let Error::Corrupt {
            offset: 0, what, ..
        } = end.unwrap_err()
        else {
            panic!("not corrupt");
        };
        assert_eq!(what, magic);
    }
}

#[test]
fn the_compression_is_known_from_its_magic_on() {
    let mut decoder = Decoder::new(Limits::default());
    let mut out = |_: &[u8]| ControlFlow::Continue(());
    assert_eq!(decoder.compression(), None);
    assert!(decoder.push(b"\x1f", &mut out).is_ok());
    assert_eq!(decoder.compression(), None);
    assert!(decoder.push(b"\x8b", &mut out).is_ok());
    assert_eq!(decoder.compression(), Some(Compression::Gzip));
    assert!(decoder.push(b"\x09", &mut out).is_ok());
    assert!(decoder.push(&[0; 9], &mut out).is_err());
    assert_eq!(decoder.compression(), Some(Compression::Gzip));
    assert_eq!(decoder.compressed_bytes(), 12);
}

#[test]
fn the_callback_stops_the_decoder_for_good() {
    for sample in all().iter().filter(|sample| !sample.plain.is_empty()) {
        let mut decoder = Decoder::new(Limits::default());
        let mut runs = 0;
        let mut out = |_: &[u8]| {
            runs += 1;
            ControlFlow::Break(())
        };
        let mut stopped = false;
        for piece in sample.bytes.chunks(100) {
            let flow = decoder.push(piece, &mut out).unwrap();
            assert!(!stopped || flow.is_break(), "{}", sample.name);
            stopped |= flow.is_break();
        }
        assert_eq!(
            decoder.finish(&mut out),
            Err(Error::Ended),
            "{}",
            sample.name
        );
        assert_eq!(runs, 1, "{}", sample.name);
        assert!(decoder.output_bytes() > 0);
    }
}

#[test]
fn a_finished_decoder_has_ended() {
    let mut decoder = Decoder::new(Limits::default());
    let mut out = |_: &[u8]| ControlFlow::Continue(());
    assert!(decoder.push(b"text", &mut out).is_ok());
    assert_eq!(decoder.finish(&mut out).unwrap().output_bytes, 4);
    assert_eq!(decoder.finish(&mut out), Err(Error::Ended));
    assert_eq!(decoder.push(b"more", &mut out), Ok(ControlFlow::Break(())));
    assert_eq!(decoder.output_bytes(), 4);
    assert_eq!(Error::Ended.offset(), None);
}

#[test]
fn errors_say_what_where_expected_and_found() {
    let error = error(b"\x1f\x8b\x08\0\0\0\0\0\0\0\x03\0\x01\0\0\0\0\0\0\0");
    assert_eq!(
        error.to_string(),
        "corrupt gzip crc32 at offset 12: expected 00000001, found 00000000"
    );
    assert_eq!(
        (error.name(), error.offset()),
        ("inflate-corrupt", Some(12))
    );
}
