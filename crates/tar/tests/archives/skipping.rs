//! Passing over contents that nobody wants to see.

use layerscope_tar::{Entry, Error, Limits, Oddity, Parser, Sink};

use crate::archive::{archive, named};

/// Counts calls.
#[derive(Debug, Default, PartialEq)]
struct Calls {
    entries: usize,
    bytes: usize,
    ends: usize,
}

impl Sink for Calls {
    fn entry(&mut self, _: &Entry) {
        self.entries += 1;
    }

    fn data(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
    }

    fn end_entry(&mut self) {
        self.ends += 1;
    }

    fn oddity(&mut self, oddity: Oddity) {
        panic!("{oddity:?}");
    }
}

fn calls(entries: usize, bytes: usize, ends: usize) -> Calls {
    Calls {
        entries,
        bytes,
        ends,
    }
}

#[test]
fn content_and_padding_can_be_skipped_in_one_go() {
    let bytes = archive().file("a", [b'x'; 700]).file("b", "B").end();
    let (mut parser, mut seen) = (Parser::new(Limits::default()), Calls::default());
    assert_eq!(parser.skippable(), 0);
    parser.push(&bytes[..512], &mut seen).unwrap();
    assert_eq!(parser.skippable(), 1024);
    parser.push(&bytes[512..612], &mut seen).unwrap();
    assert_eq!(parser.skippable(), 924);
    parser.skip(0);
    parser.skip(500);
    assert_eq!((parser.skippable(), parser.offset()), (424, 1112));
    parser.skip(100);
    assert_eq!((parser.skippable(), &seen), (324, &calls(1, 100, 0)));
    parser.skip(324);
    assert_eq!((parser.skippable(), parser.offset()), (0, 1536));
    parser.push(&bytes[1536..1537], &mut seen).unwrap();
    assert_eq!(seen, calls(1, 100, 1));
    assert_eq!(parser.skippable(), 0);
    parser.push(&bytes[1537..2048], &mut seen).unwrap();
    assert!(!parser.ended());
    parser.skip(512);
    parser.push(&bytes[2560..], &mut seen).unwrap();
    assert!(parser.ended());
    assert_eq!(parser.skippable(), 0);
    assert_eq!(parser.finish(&mut seen).unwrap().bytes, bytes.len() as u64);
    assert_eq!(seen, calls(2, 100, 2));
}

#[test]
fn a_skip_to_the_end_of_the_archive_ends_the_entry() {
    let (mut parser, mut seen) = (Parser::new(Limits::default()), Calls::default());
    parser
        .push(&named("a").size(1000).block(), &mut seen)
        .unwrap();
    parser.skip(1000);
    assert_eq!(parser.finish(&mut seen).unwrap().entries, 1);
    assert_eq!(seen, calls(1, 0, 1));
}

#[test]
fn extension_data_must_be_shown() {
    let bytes = archive()
        .pax(&[("path", &"long/".repeat(200))])
        .file("raw", "R")
        .end();
    let (mut parser, mut seen) = (Parser::new(Limits::default()), Calls::default());
    parser.push(&bytes[..600], &mut seen).unwrap();
    assert_eq!(parser.skippable(), 0);
    // Its padding need not be.
    parser.push(&bytes[600..512 + 1011], &mut seen).unwrap();
    assert_eq!(parser.skippable(), 13);
}

#[test]
fn skipping_too_far_kills_the_parser() {
    let (mut parser, mut seen) = (Parser::new(Limits::default()), Calls::default());
    parser
        .push(&named("a").size(1000).block(), &mut seen)
        .unwrap();
    parser.skip(1025);
    let error = Error::Skip {
        offset: 512,
        allowed: 1024,
        found: 1025,
    };
    assert_eq!((parser.skippable(), parser.offset()), (0, 512));
    parser.skip(2000);
    assert_eq!(parser.push(b"x", &mut seen), Err(error.clone()));
    assert_eq!(parser.finish(&mut seen), Err(error));
    assert_eq!(seen, calls(1, 0, 0));
}

#[test]
fn offsets_do_not_overflow() {
    let (mut parser, mut seen) = (Parser::new(Limits::default()), Calls::default());
    let largest = named("a")
        .put(124, b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff")
        .block();
    for _ in 0..4 {
        parser.push(&largest, &mut seen).unwrap();
        assert_eq!(parser.skippable(), 1 << 63);
        parser.skip(parser.skippable());
    }
    assert_eq!(parser.finish(&mut seen).unwrap().bytes, u64::MAX);
}
