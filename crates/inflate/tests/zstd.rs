//! zstd: frames, limits, checksums and what follows.

mod samples;

use layerscope_inflate::{Decoder, Error, Limits, Trailing};
use samples::zstd::{MAGIC, WINDOW_1K, block, bomb, encoded, frame, skippable, stored};
use samples::{error, letters, lines, noise, unpack_with, whole};
use std::ops::ControlFlow;

/// A09.
#[test]
fn skippable_frames_are_skipped_wherever_they_stand() {
    for low in 0..16 {
        let skipped = skippable(low, b"\x28\xb5\x2f\xfd inside");
        let frames = [
            &skipped[..],
            &stored(b"A"),
            &skipped,
            &skipped,
            &stored(b"B"),
            &skipped,
        ];
        let (plain, end) = whole(&frames.concat());
        assert_eq!(plain, b"AB");
        let summary = end.unwrap();
        assert_eq!((summary.members, summary.trailing), (2, Trailing::None));
    }
    let cut = &skippable(0, b"12345")[..10];
    assert_eq!(
        error(cut),
        Error::Truncated {
            offset: 10,
            within: "zstd skippable frame"
        }
    );
}

/// A10.
#[test]
fn frames_are_one_stream() {
    let (plain, end) = whole(&[stored(b"AAAA"), encoded(b"BBBB")].concat());
    assert_eq!(plain, b"AAAABBBB");
    let summary = end.unwrap();
    assert_eq!(summary.members, 2);
    assert!(!summary.checksummed, "the first frame has no checksum");
}

/// A zstd:chunked layer has a frame for every chunk of every file.
#[test]
fn twenty_six_thousand_frames_are_decoded_with_one_decoder() {
    let mut layer = Vec::new();
    for number in 0..26_000u32 {
        layer.extend(stored(&number.to_le_bytes()));
    }
    layer.extend(skippable(0, b"the table of contents"));
    let (plain, end) = whole(&layer);
    assert_eq!(end.unwrap().members, 26_000);
    let numbers = plain
        .chunks(4)
        .map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
    assert!(numbers.eq(0..26_000));
}

/// A11.
#[test]
fn windows_beyond_the_limit_are_refused() {
    let limit = Limits::default().zstd_window;
    for (exponent, window) in [(20u8, 1u64 << 30), (21, 1 << 31), (31, 1 << 41)] {
        let stream = frame(&[0x00, exponent << 3], &[block(0, true, 1, b"x")]);
        let (plain, end) = whole(&[stored(b"before"), stream].concat());
        assert_eq!(plain, b"before");
        assert_eq!(
            end.unwrap_err(),
            Error::TooLarge {
                offset: stored(b"before").len() as u64,
                what: "zstd window",
                limit,
                found: window,
            }
        );
    }
    // 2^27 is what the zstd tool allows, and 2^26 is allowed in a page too.
    let largest = limit.ilog2() as u8 - 10;
    let stream = frame(&[0x00, largest << 3], &[block(0, true, 1, b"x")]);
    assert_eq!(whole(&stream).0, b"x");

    let limits = Limits {
        zstd_window: 1 << 10,
        ..Limits::default()
    };
    let end = |stream: &[u8]| unpack_with(Decoder::new(limits), [stream]).end.unwrap();
    assert!(end(&frame(WINDOW_1K, &[block(0, true, 1, b"x")])).is_ok());
    let larger = frame(&[0x00, 0x01], &[block(0, true, 1, b"x")]);
    assert_eq!(end(&larger).unwrap_err().name(), "inflate-too-large");
}

/// A12.
#[test]
fn the_checksum_is_compared() {
    let mut stream = encoded(&letters(2000));
    assert!(whole(&stream).1.unwrap().checksummed);
    let at = stream.len() - 4;
    let right = u32::from_le_bytes(stream[at..].try_into().unwrap());
    stream[at] ^= 0xff;
    let (plain, end) = whole(&stream);
    assert_eq!(plain, letters(2000));
    assert_eq!(
        end.unwrap_err(),
        Error::Corrupt {
            offset: at as u64,
            what: "zstd checksum",
            expected: format!("{:08x}", right ^ 0xff),
            found: format!("{right:08x}"),
        }
    );
    // The content changes and the checksum does not.
    let damaged = [&include_bytes!("data/letters-6000-w10.zst")[..]].concat();
    for at in [300, 900, 1500] {
        let mut damaged = damaged.clone();
        damaged[at] ^= 0x10;
        assert_eq!(error(&damaged).name(), "inflate-corrupt", "{at}");
    }
}

/// A13.
#[test]
fn dictionaries_are_not_supported() {
    let stream = frame(&[0x01, 0x00, 77], &[block(0, true, 1, b"x")]);
    assert_eq!(
        error(&stream),
        Error::Unsupported {
            offset: 0,
            what: "zstd dictionary",
            found: "id 77".to_owned(),
        }
    );
}

/// A14: a gibibyte out of 32 KiB comes in short runs, and stops when the caller has enough.
#[test]
fn a_bomb_can_be_stopped_at_any_run() {
    let stream = bomb(8192);
    assert!(stream.len() < 33_000);
    let mut decoder = Decoder::new(Limits::default());
    let (mut total, mut longest) = (0, 0);
    let flow = decoder.push(&stream, &mut |run| {
        total += run.len();
        longest = longest.max(run.len());
        if total < 10 << 20 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    assert_eq!(flow, Ok(ControlFlow::Break(())));
    assert!(total < (10 << 20) + (256 << 10), "{total}");
    assert!(longest <= 256 << 10, "{longest}");
    assert_eq!(decoder.output_bytes(), total as u64);
}

/// At the end of a frame all of its window is due at once.
#[test]
fn a_whole_window_comes_in_short_runs() {
    let blocks: Vec<_> = (0..32)
        .map(|number| block(1, number == 31, 128 << 10, b"w"))
        .collect();
    let stream = frame(&[0x00, 12 << 3], &blocks);
    let (mut total, mut longest) = (0, 0);
    let mut out = |run: &[u8]| {
        total += run.len();
        longest = longest.max(run.len());
        ControlFlow::Continue(())
    };
    let mut decoder = Decoder::new(Limits::default());
    assert!(decoder.push(&stream, &mut out).unwrap().is_continue());
    assert!(decoder.finish(&mut out).is_ok());
    assert_eq!(total, 4 << 20);
    assert!(longest <= 256 << 10, "{longest}");
}

#[test]
fn the_stated_size_of_the_content_is_compared() {
    let fields: &[u8] = &[0x80, 0x00, 5, 0, 0, 0];
    let end = |text: &[u8]| {
        let text = [block(0, true, text.len() as u32, text)];
        whole(&frame(fields, &text)).1
    };
    assert!(end(b"12345").is_ok());
    for text in [&b"1234"[..], b"123456", b""] {
        assert_eq!(
            end(text).unwrap_err(),
            Error::Corrupt {
                offset: 0,
                what: "zstd content size",
                expected: "5".to_owned(),
                found: text.len().to_string(),
            }
        );
    }
    // Much more than stated is not waited for.
    let blocks = vec![block(1, false, 1024, b"x"); 100];
    let (plain, end) = whole(&frame(fields, &blocks));
    assert!(plain.len() < 4096, "{}", plain.len());
    assert_eq!(end.unwrap_err().name(), "inflate-corrupt");
}

#[test]
fn blocks_are_measured_by_the_window() {
    let good = frame(WINDOW_1K, &[block(0, true, 1024, &noise(1024))]);
    assert_eq!(whole(&good).0, noise(1024));
    for kind in 0..3 {
        let large = frame(WINDOW_1K, &[block(kind, true, 1025, &noise(1025))]);
        let Error::Corrupt { offset, what, .. } = error(&large) else {
            panic!("not corrupt");
        };
        assert_eq!((offset, what), (6, "zstd block size"));
    }
    let reserved = frame(WINDOW_1K, &[block(3, true, 1, b"x")]);
    assert!(error(&reserved).to_string().contains("zstd block type"));
}

/// The window of a broken frame is kept by the decoder for blocks that never come.
#[test]
fn a_broken_frame_still_delivers_its_whole_blocks() {
    let blocks = [
        block(0, false, 6, b"first "),
        block(0, false, 6, b"second"),
        block(2, true, 3, b"\xff\xff\xff"),
    ];
    let whole_blocks = MAGIC.len() + 2 + 9 + 9;
    let stream = frame(&[0x00, 0x38], &blocks);
    let (plain, end) = whole(&stream);
    assert_eq!(plain, b"first second");
    assert_eq!(end.unwrap_err().offset(), Some(whole_blocks as u64));
    let (plain, end) = whole(&stream[..stream.len() - 1]);
    assert_eq!(plain, b"first second");
    assert_eq!(
        end.unwrap_err(),
        Error::Truncated {
            offset: stream.len() as u64 - 1,
            within: "zstd block"
        }
    );
    let checked = include_bytes!("data/lines-12000-l19.zst");
    let (plain, end) = whole(&checked[..checked.len() - 2]);
    assert_eq!(plain, lines(12000));
    assert_eq!(
        end.unwrap_err(),
        Error::Truncated {
            offset: checked.len() as u64 - 2,
            within: "zstd checksum"
        }
    );
}

#[test]
fn what_trails_is_told_and_the_data_kept() {
    let stream = stored(b"data");
    let at = stream.len() as u64;
    let trailing = |rest: &[u8]| {
        let (plain, end) = whole(&[&stream, rest].concat());
        assert_eq!(plain, b"data");
        end.map(|summary| summary.trailing)
    };
    assert_eq!(
        trailing(&[0; 9]),
        Ok(Trailing::Zeros { offset: at, len: 9 })
    );
    assert_eq!(
        trailing(b"(what?)"),
        Ok(Trailing::Garbage { offset: at, len: 7 })
    );
    let offset = at + 3;
    let within = "zstd frame header";
    assert_eq!(
        trailing(&MAGIC[..3]),
        Err(Error::Truncated { offset, within })
    );
    assert_eq!(
        trailing(b"\x5f\x2a\x4d"),
        Err(Error::Truncated { offset, within })
    );
}
