//! gzip: members, headers, checksums and what follows.

mod samples;

use layerscope_inflate::{Decoder, Error, GZIP_TEXT_MAX, Limits, Trailing};
use samples::gzip::{
    ESTARGZ_FOOTER, FCOMMENT, FEXTRA, FHCRC, FNAME, full_header, header, member, member_with,
};
use samples::{error, lines, unpack_with, whole};

/// A01.
#[test]
fn members_are_one_stream() {
    let (plain, end) = whole(&[member(b"A", 6), member(b"B", 0)].concat());
    assert_eq!(plain, b"AB");
    assert_eq!(end.unwrap().members, 2);
}

/// A02: an eStargz layer has a member for every file.
#[test]
fn ten_thousand_members_are_decoded_with_one_inflater() {
    let mut layer = Vec::new();
    for number in 0..10_000u32 {
        layer.extend(member(&number.to_le_bytes(), 6));
    }
    layer.extend_from_slice(ESTARGZ_FOOTER);
    let (plain, end) = whole(&layer);
    let summary = end.unwrap();
    assert_eq!((summary.members, plain.len()), (10_001, 40_000));
    let numbers = plain
        .chunks(4)
        .map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
    assert!(numbers.eq(0..10_000));
    assert!(summary.checksummed);
    assert_eq!(summary.trailing, Trailing::None);
}

/// A03, A04.
#[test]
fn what_trails_is_told_and_the_data_kept() {
    let stream = member(b"data", 6);
    let at = stream.len() as u64;
    let trailing = |rest: &[u8]| {
        let (plain, end) = whole(&[&stream, rest].concat());
        assert_eq!(plain, b"data");
        end.unwrap().trailing
    };
    assert_eq!(trailing(b""), Trailing::None);
    assert_eq!(
        trailing(&[0; 512]),
        Trailing::Zeros {
            offset: at,
            len: 512
        }
    );
    assert_eq!(trailing(b"junk"), Trailing::Garbage { offset: at, len: 4 });
    assert_eq!(
        trailing(b"\x1f\x8cjunk"),
        Trailing::Garbage { offset: at, len: 6 }
    );
    // Only zeros in front of it do not make it another member, to any tool.
    let hidden = [&[0], &member(b"hidden", 6)[..]].concat();
    let len = hidden.len() as u64;
    assert_eq!(trailing(&hidden), Trailing::Garbage { offset: at, len });
}

/// A05.
#[test]
fn the_end_of_the_input_is_named_after_what_it_cuts() {
    let stream = member_with(&full_header(), &lines(50), 9);
    let head = full_header().len();
    let cut = |len: usize| match error(&stream[..len]) {
        Error::Truncated { offset, within } => {
            assert_eq!(offset, len as u64);
            within
        }
        other => panic!("{other}"),
    };
    for len in 2..head {
        assert_eq!(cut(len), "gzip header", "{len}");
    }
    for len in head..stream.len() - 8 {
        assert_eq!(cut(len), "deflate data", "{len}");
    }
    for len in stream.len() - 8..stream.len() {
        assert_eq!(cut(len), "gzip trailer", "{len}");
    }
    let two = [member(b"first", 6), member(b"second", 6)].concat();
    let second = member(b"first", 6).len();
    assert_eq!(whole(&two[..second + 1]).0, b"first");
    assert_eq!(
        error(&two[..second + 1]),
        Error::Truncated {
            offset: second as u64 + 1,
            within: "gzip header"
        }
    );
}

/// A05: what came before the end is delivered.
#[test]
fn a_cut_member_still_delivers_what_it_holds() {
    let stream = member(&lines(1000), 6);
    let (plain, end) = whole(&stream[..stream.len() / 2]);
    assert!(end.is_err());
    assert!(plain.len() > 5000, "{}", plain.len());
    assert!(lines(1000).starts_with(&plain));
}

/// A06.
#[test]
fn checksum_and_size_are_compared() {
    let stream = member(b"123456789", 6);
    let at = stream.len() as u64 - 8;
    let damaged = |byte: u64, value: u8| {
        let mut stream = stream.clone();
        stream[byte as usize] ^= value;
        let (plain, end) = whole(&stream);
        assert_eq!(plain, b"123456789");
        end.unwrap_err()
    };
    assert_eq!(
        damaged(at, 0xff),
        Error::Corrupt {
            offset: at,
            what: "gzip crc32",
            expected: "cbf439d9".to_owned(),
            found: "cbf43926".to_owned(),
        }
    );
    assert_eq!(
        damaged(at + 4, 1),
        Error::Corrupt {
            offset: at + 4,
            what: "gzip size",
            expected: "8".to_owned(),
            found: "9".to_owned(),
        }
    );
}

#[test]
fn damaged_data_is_told_with_its_place() {
    let mut stream = header(0, &[]);
    // A block of the third kind, which does not exist.
    stream.push(0b111);
    stream.extend_from_slice(&[0; 20]);
    let Error::Corrupt { offset, what, .. } = error(&stream) else {
        panic!("not corrupt");
    };
    assert_eq!((offset, what), (11, "deflate data"));

    // Good members before it keep their place in the count.
    let first = member(&lines(10), 6);
    let (plain, end) = whole(&[&first[..], &stream].concat());
    assert_eq!(plain, lines(10));
    assert_eq!(end.unwrap_err().offset(), Some(first.len() as u64 + 11));
}

/// A07.
#[test]
fn unknown_methods_and_flags_are_refused() {
    for bit in 5..8 {
        let stream = member_with(&header(1 << bit, &[]), b"data", 6);
        let error = error(&stream);
        assert_eq!(
            (error.name(), error.offset()),
            ("inflate-unsupported", Some(3))
        );
    }
    let mut stream = member(b"data", 6);
    stream[2] = 7;
    let error = error(&stream);
    assert_eq!(
        (error.name(), error.offset()),
        ("inflate-unsupported", Some(2))
    );
    assert!(
        error.to_string().contains("gzip compression method"),
        "{error}"
    );
}

/// A07.
#[test]
fn header_fields_are_skipped_up_to_their_limits() {
    let data = |header: &[u8]| whole(&member_with(header, b"data", 6));
    let extra = [&[0xff, 0xff], &vec![0x1f; 65535][..]].concat();
    let text = vec![b'n'; GZIP_TEXT_MAX as usize];
    let terminated = [&text[..], &[0]].concat();
    for header in [
        header(FEXTRA, &extra),
        header(FEXTRA, &[0, 0]),
        header(FNAME, &terminated),
        header(FCOMMENT, &terminated),
        header(FNAME | FCOMMENT, &[&terminated[..], &terminated].concat()),
        header(FNAME | FCOMMENT, &[0, 0]),
    ] {
        let (plain, end) = data(&header);
        assert!(end.is_ok(), "{end:?}");
        assert_eq!(plain, b"data");
    }
    let long = [&text[..], b"n", &[0]].concat();
    let too_large = |header: &[u8]| match data(header).1.unwrap_err() {
        Error::TooLarge {
            offset,
            what,
            limit,
            found,
        } => {
            assert_eq!((limit, found), (GZIP_TEXT_MAX, GZIP_TEXT_MAX + 1));
            (offset, what)
        }
        other => panic!("{other}"),
    };
    assert_eq!(too_large(&header(FNAME, &long)), (10, "gzip file name"));
    let both = [&[0], &long[..]].concat();
    assert_eq!(
        too_large(&header(FNAME | FCOMMENT, &both)),
        (11, "gzip comment")
    );
}

#[test]
fn the_limit_on_names_can_be_set() {
    let limits = Limits {
        gzip_text: 3,
        ..Limits::default()
    };
    let end = |name: &[u8]| {
        let stream = member_with(&header(FNAME, name), b"data", 6);
        unpack_with(Decoder::new(limits), [&stream[..]])
            .end
            .unwrap()
    };
    assert!(end(b"abc\0").is_ok());
    assert_eq!(end(b"abcd\0").unwrap_err().name(), "inflate-too-large");
}

#[test]
fn the_checksum_of_the_header_is_compared() {
    let mut header = full_header();
    let stated = header.len() - 2;
    // The modification time is not looked at otherwise.
    header[4] ^= 1;
    let Error::Corrupt { offset, what, .. } = error(&member_with(&header, b"data", 6)) else {
        panic!("not corrupt");
    };
    assert_eq!((offset, what), (stated as u64, "gzip header checksum"));
    assert_ne!(header[3] & FHCRC, 0);
}

/// A16.
#[test]
fn an_empty_tar_is_ten_thousand_zeros() {
    let (plain, end) = whole(&member(&[0; 10240], 6));
    assert!(end.is_ok());
    assert_eq!(plain, [0; 10240]);
}
