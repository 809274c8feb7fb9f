//! How an archive ends, and what follows its end.

use layerscope_tar::OddityKind::{
    AmbiguousField, DanglingExtension, HiddenEntries, SecondArchive, TrailingData,
};
use layerscope_tar::{End, Error, Oddity, OddityKind, Summary};

use crate::archive::{Archive, archive, named};
use crate::reading::read;

fn a() -> Archive {
    archive().file("a", "A")
}

fn odd(offset: u64, kind: OddityKind) -> Oddity {
    Oddity { offset, kind }
}

#[test]
fn b10_extension_headers_before_no_entry_are_dropped() {
    let unnamed = odd(1024, AmbiguousField { field: "name" });
    let tails = [
        (a().pax(&[("path", "one")]), None),
        (a().long_name("name\0").long_link("link"), None),
        (a().long_name(""), Some(unnamed)),
    ];
    for (tail, also) in tails {
        for zeros in [0, 512, 1024] {
            let reading = read(&tail.clone().zeros(zeros).0);
            assert_eq!(
                (reading.names(), reading.result.is_ok()),
                (vec!["a".to_owned()], true)
            );
            let oddities: Vec<Oddity> = also
                .into_iter()
                .chain([odd(1024, DanglingExtension)])
                .collect();
            assert_eq!(reading.oddities(), oddities);
        }
    }
}

#[test]
fn b21_b22_zero_blocks_may_be_missing() {
    for (zeros, end, trailing) in [
        (0, End::Missing, 0),
        (512, End::OneBlock, 0),
        (1024, End::Complete, 0),
        (1025, End::Complete, 1),
        (9216, End::Complete, 8192),
    ] {
        let reading = read(&a().zeros(zeros).0);
        let bytes = 1024 + zeros as u64;
        assert_eq!(
            reading.result,
            Ok(Summary {
                entries: 1,
                bytes,
                end,
                trailing
            })
        );
        assert_eq!(reading.oddities(), []);
    }
    assert_eq!(
        read(b"").result,
        Ok(Summary {
            entries: 0,
            bytes: 0,
            end: End::Missing,
            trailing: 0
        })
    );
}

#[test]
fn b23_entries_behind_a_lone_zero_block_are_told_of() {
    let hidden = archive().file("b", "B").end();
    let reading = read(&a().zeros(512).raw(&hidden).0);
    assert_eq!(reading.names(), ["a"]);
    assert_eq!(reading.error(), &Error::LoneZeroBlock { offset: 1536 });
    assert_eq!(reading.oddities(), [odd(1536, HiddenEntries)]);
    // The place that is told is where another parser finds them.
    assert_eq!(read(&hidden).names(), ["b"]);

    let reading = read(&a().zeros(512).raw(&[b'x'; 512]).0);
    assert_eq!(
        (reading.error(), reading.oddities()),
        (&Error::LoneZeroBlock { offset: 1536 }, vec![])
    );
}

#[test]
fn b24_what_follows_the_end_is_counted() {
    let end = 2048;
    let cases: [(&[u8], Option<u64>); 5] = [
        (b"x", Some(0)),
        (&[&[0; 600][..], b"x"].concat(), Some(600)),
        (&[&[0; 511][..], b"xyz", &[0; 5000]].concat(), Some(511)),
        (&[0; 5000], None),
        (&[0; 511], None),
    ];
    for (trailer, first) in cases {
        let reading = read(&a().zeros(1024).raw(trailer).0);
        let (bytes, trailing) = (end + trailer.len() as u64, trailer.len() as u64);
        let summary = Summary {
            entries: 1,
            bytes,
            end: End::Complete,
            trailing,
        };
        assert_eq!(reading.result, Ok(summary));
        let oddities = first.map(|first| odd(end + first, TrailingData));
        assert_eq!(reading.oddities(), oddities.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn b25_a_second_archive_is_told_of_once() {
    let second = archive().file("b", "B").end();
    for zeros in [1024, 10_240 - 1024] {
        let whole = a().zeros(zeros).raw(&second).raw(&second);
        let reading = read(&whole.0);
        assert_eq!(reading.names(), ["a"]);
        assert_eq!(
            reading.oddities(),
            [odd(1024 + zeros as u64, SecondArchive)]
        );
        assert_eq!(
            reading.result.unwrap().trailing,
            (zeros - 1024 + 2 * second.len()) as u64
        );
    }
}

#[test]
fn b26_b27_a_cut_in_padding_is_none() {
    let whole = archive().header(named("a").size(600)).data([b'x'; 600]).0;
    for at in 0..=whole.len() {
        let reading = read(&whole[..at]);
        let fine = at == 0 || at >= 512 + 600;
        assert_eq!(reading.result.is_ok(), fine, "{at}");
        assert_eq!(reading.entries().len(), usize::from(at >= 512), "{at}");
        if at > 512 {
            assert_eq!(reading.stored(0).len(), (at - 512).min(600), "{at}");
        }
    }
}

#[test]
fn cut_content_keeps_what_came() {
    let reading = read(&a().header(named("b").size(1000)).raw(&[b'x'; 300]).0);
    assert_eq!(reading.names(), ["a", "b"]);
    assert_eq!(reading.stored(1), [b'x'; 300]);
    let text = "the archive ends at byte 1836, 700 bytes before the end of an entry's content";
    assert_eq!(reading.error().to_string(), text);
}
