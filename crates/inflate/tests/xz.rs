//! xz: streams, blocks, checks, limits and what follows.

#![allow(
    clippy::panic,
    reason = "a test may panic outside its own function too"
)]

mod samples;

use layerscope_inflate::{Decoder, Error, Limits, Trailing};
use samples::xz::{Block, LZMA2_4K, Stream, chunk, number};
use samples::{error, lines, noise, unpack_with, whole};

const LINES: &[u8] = include_bytes!("data/lines-400.xz");
const BLOCKS: &[u8] = include_bytes!("data/lines-400-blocks.xz");

/// The place and the name of what is corrupt.
fn corrupt(stream: &Stream) -> (u64, &'static str) {
    match error(&stream.bytes()) {
        Error::Corrupt { offset, what, .. } => (offset, what),
        other => panic!("{other}"),
    }
}

fn unsupported(stream: &Stream) -> (u64, &'static str) {
    match error(&stream.bytes()) {
        Error::Unsupported { offset, what, .. } => (offset, what),
        other => panic!("{other}"),
    }
}

#[test]
fn streams_and_the_padding_between_them_are_one_stream() {
    let stream = Stream::of(vec![Block::of(b"one "), Block::of(b"two ")]).bytes();
    for padding in [0, 4, 64] {
        let two = [&stream[..], &vec![0; padding], LINES, &vec![0; padding]].concat();
        let (plain, end) = whole(&two);
        assert_eq!(plain, [b"one two ", &lines(400)[..]].concat());
        let summary = end.unwrap();
        assert_eq!((summary.members, summary.trailing), (2, Trailing::None));
        assert!(!summary.checksummed, "the first stream has no check");
    }
    let odd = [&stream[..], &[0; 5], LINES].concat();
    assert_eq!(
        error(&odd),
        Error::Corrupt {
            offset: stream.len() as u64,
            what: "xz stream padding",
            expected: "a multiple of 4 bytes".to_owned(),
            found: "5".to_owned(),
        }
    );
}

#[test]
fn ten_thousand_blocks_are_decoded_with_one_dictionary() {
    let blocks = (0..10_000u32)
        .map(|number| Block::of(&number.to_le_bytes()))
        .collect();
    let (plain, end) = whole(&Stream::of(blocks).bytes());
    assert_eq!(end.unwrap().members, 1);
    let numbers = plain
        .chunks(4)
        .map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
    assert!(numbers.eq(0..10_000));
}

#[test]
fn a_stream_without_blocks_is_empty() {
    let (plain, end) = whole(&Stream::of(Vec::new()).bytes());
    assert_eq!(plain, b"");
    assert_eq!(end.unwrap().members, 1);
}

#[test]
fn blocks_may_be_longer_than_the_dictionary_and_the_run() {
    let text = noise(400_000);
    let mut block = Block::of(&text[..1000]);
    block.data.pop();
    for part in text[1000..].chunks(65536) {
        block.data.extend(chunk(false, part));
    }
    block.data.push(0);
    block.unpacked = text.len() as u64;
    let (plain, end) = whole(&Stream::of(vec![block]).bytes());
    assert!(end.is_ok(), "{end:?}");
    assert!(plain == text);
}

#[test]
fn each_kind_of_check_is_compared() {
    let with_check = |check: u8, bytes: &[u8]| {
        let mut block = Block::of(b"123456789");
        block.check = bytes.to_vec();
        whole(&Stream::with_check(check, vec![block]).bytes()).1
    };
    let crc64 = 0x995d_c9bb_df19_39fa_u64.to_le_bytes();
    let crc32 = 0xcbf4_3926_u32.to_le_bytes();
    for (check, mut bytes, name) in [
        (1, crc32.to_vec(), "xz crc32"),
        (4, crc64.to_vec(), "xz crc64"),
    ] {
        assert!(with_check(check, &bytes).unwrap().checksummed);
        bytes[0] ^= 1;
        let Error::Corrupt { offset, what, .. } = with_check(check, &bytes).unwrap_err() else {
            panic!("not corrupt");
        };
        // Twelve bytes of stream header, twelve of block header, thirteen of data and their padding.
        assert_eq!((offset, what), (12 + 12 + 16, name));
    }
    // The reference tool chose SHA-256 for these.
    assert!(whole(BLOCKS).1.unwrap().checksummed);
    let mut damaged = BLOCKS.to_vec();
    let at = 12
        + damaged[12..]
            .windows(32)
            .position(|check| !check.contains(&0))
            .unwrap();
    damaged[at] ^= 1;
    assert_eq!(error(&damaged).name(), "inflate-corrupt");
    // The format leaves the others open, and lets them be passed over.
    for (check, len) in [(2, 4), (5, 8), (7, 16), (12, 32), (15, 64)] {
        let summary = with_check(check, &vec![0xaa; len]).unwrap();
        assert!(!summary.checksummed, "{check}");
    }
}

#[test]
fn dictionaries_beyond_the_limit_are_refused() {
    let with_dictionary = |limits: Limits, byte: u8| {
        let mut block = Block::of(b"text");
        block.fields = vec![0, 0x21, 1, byte];
        let stream = Stream::of(vec![block]).bytes();
        unpack_with(Decoder::new(limits), [&stream[..]])
            .end
            .unwrap()
    };
    let limits = Limits::default();
    // 64 MiB is what `xz -9` uses.
    assert!(with_dictionary(limits, 28).is_ok());
    for (byte, found) in [(29, 96 << 20), (39, 3 << 30), (40, u64::from(u32::MAX))] {
        assert_eq!(
            with_dictionary(limits, byte).unwrap_err(),
            Error::TooLarge {
                offset: 12,
                what: "xz dictionary",
                limit: 64 << 20,
                found,
            }
        );
    }
    let small = Limits {
        xz_dictionary: 4096,
        ..Limits::default()
    };
    assert!(with_dictionary(small, 0).is_ok());
    assert_eq!(
        with_dictionary(small, 1).unwrap_err().name(),
        "inflate-too-large"
    );
    assert_eq!(
        with_dictionary(limits, 41).unwrap_err().name(),
        "inflate-corrupt"
    );
}

#[test]
fn sizes_in_the_block_header_are_compared() {
    let stated = |packed: u64, unpacked: u64| {
        let mut block = Block::of(b"12345");
        block.fields = vec![0xc0];
        number(&mut block.fields, packed);
        number(&mut block.fields, unpacked);
        block.fields.extend_from_slice(LZMA2_4K);
        Stream::of(vec![block])
    };
    assert_eq!(whole(&stated(9, 5).bytes()).0, b"12345");
    assert!(whole(&stated(9, 5).bytes()).1.is_ok());
    assert_eq!(corrupt(&stated(8, 5)), (12, "xz compressed size"));
    assert_eq!(corrupt(&stated(9, 1 << 40)), (12, "xz uncompressed size"));
}

#[test]
fn filters_are_read_as_far_as_they_can_be() {
    let with_filters = |count: u8, filters: &[&[u8]]| {
        let mut block = Block::of(b"text");
        block.fields = [&[count - 1], &filters.concat()[..]].concat();
        Stream::of(vec![block])
    };
    let delta: &[u8] = &[3, 1, 0];
    let x86: &[u8] = &[4, 0];
    let (plain, end) = whole(&with_filters(2, &[delta, LZMA2_4K]).bytes());
    assert!(end.is_ok(), "{end:?}");
    // Each byte is added to the one before it.
    assert_eq!(plain, [116, 217, 81, 197]);
    assert_eq!(whole(&with_filters(2, &[x86, LZMA2_4K]).bytes()).0, b"text");
    let chained = with_filters(3, &[x86, delta, LZMA2_4K]);
    assert_eq!(unsupported(&chained), (12, "xz filters"));
    let unknown = with_filters(2, &[&[0x30, 0], LZMA2_4K]);
    assert_eq!(unsupported(&unknown), (12, "xz filter"));
    for malformed in [
        with_filters(1, &[x86]),
        with_filters(2, &[LZMA2_4K, LZMA2_4K]),
        with_filters(2, &[LZMA2_4K, x86]),
        with_filters(2, &[&[3, 0], LZMA2_4K]),
        with_filters(2, &[&[4, 2, 0, 0], LZMA2_4K]),
        // Arm instructions start at multiples of four.
        with_filters(2, &[&[7, 4, 2, 0, 0, 0], LZMA2_4K]),
        with_filters(1, &[&[0x21, 0x7f, 0]]),
        with_filters(1, &[&[0x21, 1, 0, 0, 1]]),
    ] {
        assert_eq!(corrupt(&malformed), (12, "xz block header"));
    }
}

#[test]
fn reserved_flags_are_not_supported() {
    let mut block = Block::of(b"text");
    block.fields[0] = 0x04;
    assert_eq!(
        unsupported(&Stream::of(vec![block])),
        (13, "xz block flags")
    );
    for flags in [[1, 0], [0, 0x10]] {
        let mut stream = Stream::of(Vec::new());
        stream.flags = flags;
        assert_eq!(unsupported(&stream), (6, "xz stream flags"));
    }
}

#[test]
fn chunks_have_to_make_sense() {
    let with_data = |data: Vec<u8>| {
        let mut block = Block::of(b"text");
        block.data = data;
        Stream::of(vec![Block::of(b"before"), block])
    };
    let at = 12 + 12 + 12 + 12;
    for data in [
        chunk(false, b"text"),
        vec![0x7f, 0, 0, 0],
        vec![3, 0, 0, b'x', 0],
        // The decoder has no state to go on with.
        vec![0x80, 0, 0, 0, 4, 0, 0, 0, 0, 0],
        // Properties that there are not, and a range coder that does not begin with zero.
        vec![0xe0, 0, 0, 0, 4, 0xff, 0, 0, 0, 0, 0],
        vec![0xe0, 0, 0, 0, 4, 0x5d, 1, 0, 0, 0, 0],
    ] {
        let stream = with_data(data);
        assert_eq!(corrupt(&stream), (at, "LZMA2 data"));
        assert_eq!(whole(&stream.bytes()).0, b"before");
    }
    let mut padded = Block::of(b"text");
    padded.padding = 1;
    padded.data.insert(0, 0);
    padded.data.truncate(1);
    assert_eq!(corrupt(&Stream::of(vec![padded])), (25, "xz block padding"));
}

#[test]
fn the_index_has_to_tell_of_the_blocks() {
    let stream = || Stream::of(vec![Block::of(b"one"), Block::of(b"three")]);
    assert!(whole(&stream().bytes()).1.is_ok());
    let index = 12 + (12 + 8) + (12 + 12);
    let mut fewer = stream();
    fewer.index.pop();
    assert_eq!(corrupt(&fewer), (index, "xz index block count"));
    let mut swapped = stream();
    swapped.index.swap(0, 1);
    assert_eq!(corrupt(&swapped), (index, "xz index"));
    let mut larger = stream();
    larger.index[1].1 += 1;
    assert_eq!(corrupt(&larger), (index, "xz index"));
    let mut backward = stream();
    backward.backward_words = Some(7);
    let footer = backward.bytes().len() as u64 - 12;
    assert_eq!(corrupt(&backward), (footer + 4, "xz backward size"));
    let mut flags = stream();
    flags.footer_flags = [0, 1];
    assert_eq!(corrupt(&flags), (footer + 8, "xz stream footer flags"));
}

#[test]
fn every_header_is_covered_by_its_checksum() {
    let stream = Stream::of(vec![Block::of(b"text")]).bytes();
    let len = stream.len();
    let index = 12 + 12 + 8;
    for (at, place, name) in [
        (8, 8, "xz stream header crc32"),
        (12 + 1, 12 + 8, "xz block header crc32"),
        (12 + 9, 12 + 8, "xz block header crc32"),
        (index + 4, index + 4, "xz index crc32"),
        (len - 12, len - 12, "xz stream footer crc32"),
        (len - 1, len - 2, "xz footer magic"),
    ] {
        let mut damaged = stream.clone();
        damaged[at] ^= 0x40;
        let Error::Corrupt { offset, what, .. } = error(&damaged) else {
            panic!("not corrupt at {at}");
        };
        assert_eq!((offset, what), (place as u64, name), "{at}");
    }
}

#[test]
fn the_end_of_the_input_is_named_after_what_it_cuts() {
    let mut block = Block::of(b"text");
    block.check = vec![0; 4];
    let stream = Stream::with_check(1, vec![block]).bytes();
    let within = |len: usize| match error(&stream[..len]) {
        Error::Truncated { offset, within } if offset == len as u64 => within,
        other => panic!("{len}: {other}"),
    };
    assert_eq!(within(6), "xz stream header");
    assert_eq!(within(12), "xz block header");
    assert_eq!(within(23), "xz block header");
    assert_eq!(within(24), "xz block");
    assert_eq!(within(31), "xz block");
    assert_eq!(within(32), "xz check");
}
