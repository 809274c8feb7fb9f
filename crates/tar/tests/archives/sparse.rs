//! Sparse files in each of GNU's forms. Go's answers are restated from its own tests.

use layerscope_tar::OddityKind::{IgnoredSparse, SparseMismatch, UnsupportedType};
use layerscope_tar::{Error, Segment, SparseFault};

use crate::archive::{Archive, Header, archive, named};
use crate::reading::{Reading, read};

const MAJOR: &str = "GNU.sparse.major";
const MINOR: &str = "GNU.sparse.minor";
const NAME: &str = "GNU.sparse.name";
const SIZE: &str = "GNU.sparse.size";
const REAL_SIZE: &str = "GNU.sparse.realsize";
const BLOCKS: &str = "GNU.sparse.numblocks";
const MAP: &str = "GNU.sparse.map";

type Runs = [(u64, u64)];

fn slot((offset, len): (u64, u64)) -> [u8; 24] {
    let mut slot = [0; 24];
    slot.copy_from_slice(format!("{offset:011o}\0{len:011o}\0").as_bytes());
    slot
}

/// An old GNU sparse file: its header, the blocks that the map overflows into, and its content.
fn old_gnu(name: &str, size: u64, runs: &Runs, stored: &[u8]) -> Archive {
    let (first, more) = runs.split_at(runs.len().min(4));
    let mut header = old_header(name, &format!("{size:011o}\0")).size(stored.len() as u64);
    for (number, run) in first.iter().enumerate() {
        header = header.put(386 + 24 * number, &slot(*run));
    }
    let blocks = more.chunks(21).collect::<Vec<_>>();
    let mut whole = archive().header(header.put(482, &[u8::from(!blocks.is_empty())]));
    for (number, runs) in blocks.iter().enumerate() {
        let mut block = [0; 512];
        for (number, run) in runs.iter().enumerate() {
            block[24 * number..][..24].copy_from_slice(&slot(*run));
        }
        block[504] = u8::from(number + 1 < blocks.len());
        whole = whole.raw(&block);
    }
    whole.data(stored)
}

fn old_header(name: &str, real_size: &str) -> Header {
    named(name).gnu().flag(b'S').put(483, real_size.as_bytes())
}

fn listed(runs: &Runs, separator: &str) -> String {
    let number = |&(offset, len): &(u64, u64)| format!("{offset}{separator}{len}");
    runs.iter().map(number).collect::<Vec<_>>().join(separator)
}

/// Version 0.0: a pair of records for each run.
fn version_0_0(name: &str, size: u64, runs: &Runs, stored: &[u8]) -> Archive {
    let numbers = runs
        .iter()
        .map(|(offset, len)| (offset.to_string(), len.to_string()));
    let numbers = numbers.collect::<Vec<_>>();
    let (size, count) = (size.to_string(), runs.len().to_string());
    let mut pairs = vec![(SIZE, &*size), (BLOCKS, &*count)];
    for (offset, len) in &numbers {
        pairs.extend([
            ("GNU.sparse.offset", &**offset),
            ("GNU.sparse.numbytes", &**len),
        ]);
    }
    archive().pax(&pairs).file(name, stored)
}

/// Version 0.1: one record with the whole map.
fn version_0_1(name: &str, size: u64, runs: &Runs, stored: &[u8]) -> Archive {
    let (size, count) = (size.to_string(), runs.len().to_string());
    let map = listed(runs, ",");
    let pairs = [
        (NAME, name),
        (SIZE, &*size),
        (BLOCKS, &*count),
        (MAP, &*map),
    ];
    archive()
        .pax(&pairs)
        .file("GNUSparseFile.1/made-up", stored)
}

/// Version 1.0: the map lies in the content.
fn version_1_0(name: &str, size: u64, runs: &Runs, stored: &[u8]) -> Archive {
    let map = format!("{}\n{}\n", runs.len(), listed(runs, "\n"));
    let map = if runs.is_empty() {
        "0\n".to_owned()
    } else {
        map
    };
    in_content(name, size, &map, stored)
}

fn in_content(name: &str, size: u64, map: &str, stored: &[u8]) -> Archive {
    let pairs = [
        (MAJOR, "1"),
        (MINOR, "0"),
        (NAME, name),
        (REAL_SIZE, &*size.to_string()),
    ];
    archive()
        .pax(&pairs)
        .file("GNUSparseFile.1/made-up", archive().data(map).raw(stored).0)
}

/// As many runs of one byte, with a hole before each.
fn comb(teeth: u8) -> (Vec<(u64, u64)>, Vec<u8>, Vec<u8>) {
    let runs = (0..teeth)
        .map(|number| (2 * u64::from(number) + 1, 1))
        .collect::<Vec<_>>();
    let stored = (0..teeth)
        .map(|number| b'a' + number % 26)
        .collect::<Vec<_>>();
    let mut content = vec![0; 200];
    for (number, byte) in stored.iter().enumerate() {
        content[2 * number + 1] = *byte;
    }
    (runs, stored, content)
}

/// The archive that Go calls `sparse-formats`: one file in each form, and a plain one.
pub(crate) fn all_forms(teeth: u8) -> Vec<u8> {
    let (runs, stored, _) = comb(teeth);
    let files = [
        old_gnu("old", 200, &runs, &stored),
        version_0_0("0.0", 200, &runs, &stored),
        version_0_1("0.1", 200, &runs, &stored),
        version_1_0("1.0", 200, &runs, &stored),
        archive().file("end", "not sparse"),
    ];
    let joined = files
        .into_iter()
        .fold(archive(), |whole, file| whole.raw(&file.0));
    joined.end()
}

/// Archives to cut everywhere.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let short = version_1_0("f", 9, &[(2, 3), (7, 2)], b"abcde");
    vec![("sparse_forms", all_forms(26)), ("sparse_1_0", short.end())]
}

#[test]
fn b12_every_form_gives_the_same_file() {
    // More runs than five blocks of an old map, or one block of any other, can hold.
    let (runs, stored, content) = comb(95);
    let reading = read(&all_forms(95));
    assert_eq!(reading.names(), ["old", "0.0", "0.1", "1.0", "end"]);
    let segments = runs
        .iter()
        .map(|&(offset, len)| Segment { offset, len })
        .collect::<Vec<_>>();
    for number in 0..4 {
        let entry = reading.entries()[number];
        assert_eq!((entry.size, entry.stored), (200, 95));
        assert_eq!(entry.sparse.as_ref(), Some(&segments));
        assert_eq!(reading.stored(number), stored);
        assert_eq!(reading.content(number), content);
    }
    assert_eq!(reading.entries()[4].sparse, None);
    assert_eq!(reading.content(4), b"not sparse");
    // Container runtimes do not know the old type.
    assert_eq!(reading.odd_kinds(), [UnsupportedType { flag: b'S' }]);
}

#[test]
fn content_offset_points_behind_the_map() {
    let bytes = all_forms(95);
    let reading = read(&bytes);
    for (number, entry) in reading.entries().into_iter().enumerate() {
        let stored = &bytes[entry.content_offset as usize..][..entry.stored as usize];
        assert_eq!(stored, reading.stored(number));
    }
    let entry = reading.entries()[0];
    assert_eq!((entry.header_offset, entry.content_offset), (0, 512 * 6));
}

#[test]
fn a_file_of_holes_alone_has_an_empty_map() {
    for whole in [
        old_gnu("f", 1000, &[], b""),
        version_1_0("f", 1000, &[], b""),
        archive()
            .pax(&[(MAJOR, "0"), (MINOR, "0"), (BLOCKS, "0"), (SIZE, "1000")])
            .file("f", ""),
    ] {
        let reading = read(&whole.end());
        assert_eq!(reading.entry().sparse, Some(vec![]));
        assert_eq!((reading.entry().size, reading.entry().stored), (1000, 0));
        assert_eq!(reading.content(0), vec![0; 1000]);
    }
}

#[test]
fn one_run_may_be_the_whole_file() {
    for whole in [
        old_gnu("f", 1000, &[(0, 1000)], &[b'x'; 1000]),
        version_1_0("f", 1000, &[(0, 1000)], &[b'x'; 1000]),
    ] {
        assert_eq!(read(&whole.end()).content(0), [b'x'; 1000]);
    }
}

#[test]
fn runs_may_lie_beyond_32_bits() {
    let runs = [(10 << 30, 512), (20 << 30, 512)];
    let size = 30 << 30;
    for form in [version_0_0, version_0_1, version_1_0] {
        let reading = read(&form("f", size, &runs, &[b'x'; 1024]).end());
        assert_eq!(reading.entry().size, size);
        assert_eq!(reading.entry().sparse.as_ref().unwrap()[1].offset, 20 << 30);
    }
    let far = [&b"\x80\0\0\0\0\0\0\x05\0\0\0\0"[..], b"00000001000\0"].concat();
    let header = old_header("f", "")
        .put(483, b"\x80\0\0\0\0\0\0\x07\0\0\0\0")
        .put(386, &far);
    let reading = read(&archive().member(header, [b'x'; 512]).end());
    let segment = Segment {
        offset: 5 << 32,
        len: 512,
    };
    assert_eq!(
        (reading.entry().size, &reading.entry().sparse),
        (7 << 32, &Some(vec![segment]))
    );
}

fn fault(reading: &Reading) -> &SparseFault {
    match reading.error() {
        Error::Sparse { fault, .. } => fault,
        error => panic!("{error}"),
    }
}

#[test]
fn old_maps_end_where_go_ends_them() {
    let one = |slots: &[&[u8]], real_size: &str| {
        let mut header = old_header("f", real_size);
        for (number, slot) in slots.iter().enumerate() {
            header = header.put(386 + 24 * number, slot);
        }
        read(&archive().header(header).end())
    };
    let empty = |offset, len| Segment { offset, len };
    // An empty slot ends the map, whatever stands behind it.
    let reading = one(&[&slot((0, 0)), &slot((1, 1)), b"", b"blah"], "1234");
    assert_eq!(reading.entry().sparse, Some(vec![empty(0, 0), empty(1, 1)]));
    assert_eq!(
        reading.odd_kinds().last(),
        Some(&SparseMismatch {
            mapped: 1,
            stored: 0
        })
    );
    assert_eq!(one(&[], "0031").entry().size, 0o31);
    assert_eq!(one(&[], "").entry().size, 0);

    assert_eq!(
        fault(&one(&[b"fewa"], "1234")),
        &SparseFault::Number(b"fewa\0\0\0\0\0\0\0\0".to_vec())
    );
    let error = one(&[], "80").error().clone();
    assert!(
        matches!(
            error,
            Error::Number {
                field: "realsize",
                ..
            }
        ),
        "{error}"
    );

    // The slots left empty in the header do not end a map that goes on in a block.
    let header = old_header("f", "10")
        .put(386, &slot((0, 1)))
        .put(482, b"\x80")
        .size(2);
    let mut block = [0; 512];
    block[..24].copy_from_slice(&slot((4, 1)));
    let reading = read(&archive().header(header).raw(&block).data("ab").end());
    assert_eq!(reading.content(0), b"a\0\0\0b\0\0\0");

    let not_gnu = archive().header(named("f").flag(b'S')).end();
    assert_eq!(fault(&read(&not_gnu)), &SparseFault::NotGnu);
}

#[test]
fn maps_in_records_count_their_numbers() {
    let with = |pairs: &[(&str, &str)]| read(&archive().pax(pairs).file("f", "abcd").end());
    let good = with(&[(BLOCKS, "2"), (MAP, "0,1,02,3"), (REAL_SIZE, "4321")]);
    assert_eq!(good.entry().size, 4321);
    assert_eq!(good.content(0)[..6], *b"a\0bcd\0");

    let both = [
        (MAJOR, "0"),
        (MINOR, "0"),
        (SIZE, "1234"),
        (REAL_SIZE, "4321"),
        (NAME, "real"),
    ];
    let good = with(&[&both[..], &[(BLOCKS, "2"), (MAP, "0,1,2,3")]].concat());
    assert_eq!(
        (good.entry().size, &*good.entry().path),
        (1234, &b"real"[..])
    );

    let count = |expected, found| SparseFault::Count { expected, found };
    assert_eq!(
        fault(&with(&[(BLOCKS, "4"), (MAP, "0,1,2,3")])),
        &count(4, 4)
    );
    assert_eq!(fault(&with(&[(BLOCKS, "-1"), (MAP, "0,1")])), &count(-1, 2));
    let most = i64::MAX;
    assert_eq!(
        fault(&with(&[(BLOCKS, &most.to_string()), (MAP, "0,1")])),
        &count(most, 2)
    );
    let number = |text: &str| SparseFault::Number(text.into());
    assert_eq!(
        fault(&with(&[(BLOCKS, "4\0"), (MAP, "0,1,2,3")])),
        &number("4\0")
    );
    assert_eq!(fault(&with(&[(MAP, "0,1,2,3")])), &number(""));
    assert_eq!(
        fault(&with(&[(BLOCKS, "2"), (MAP, "0, 1,2,3")])),
        &number(" 1")
    );
    assert_eq!(
        fault(&with(&[(BLOCKS, "2"), (MAP, "0,one1,2,3")])),
        &number("one1")
    );
}

#[test]
fn maps_in_the_content_are_whole_blocks_of_lines() {
    let with = |map: &str, stored: &[u8]| read(&in_content("f", 100, map, stored).end());
    assert_eq!(with("0\n", b"").entry().sparse, Some(vec![]));
    assert_eq!(
        with(&format!("0\n{}#", "\0".repeat(509)), b"")
            .entry()
            .sparse,
        Some(vec![])
    );
    let one = |offset, len| Some(vec![Segment { offset, len }]);
    assert_eq!(with("1\n2\n3\n", b"abc").entry().sparse, one(2, 3));
    let zeros = |count| "0".repeat(count);
    assert_eq!(
        with(&format!("{}1\n5\n1\n", zeros(512)), b"a")
            .entry()
            .sparse,
        one(5, 1)
    );
    let long = format!("{}1\n{}5\n{}2\n", zeros(300), zeros(1000), zeros(800));
    assert_eq!(with(&long, b"ab").entry().sparse, one(5, 2));

    assert_eq!(fault(&with("1\n2\n", b"")), &SparseFault::Unfinished);
    assert_eq!(fault(&with("", b"")), &SparseFault::Unfinished);
    assert_eq!(fault(&with("1\n2\n\n", b"")), &SparseFault::Number(vec![]));
    assert_eq!(fault(&with("\n", b"")), &SparseFault::Number(vec![]));
    assert_eq!(
        fault(&with("-1\n", b"")),
        &SparseFault::Count {
            expected: -1,
            found: 0
        }
    );
    let binary = fault(&with(&format!("{}0\n", "\0".repeat(512)), b"")).clone();
    assert_eq!(binary, SparseFault::Number(vec![0; 64]));
    // A map that ends in a block which the content holds only a part of is not read.
    let pairs = [(MAJOR, "1"), (MINOR, "0")];
    let cut = archive().pax(&pairs).file("f", "1\n0\n1\na").end();
    assert_eq!(fault(&read(&cut)), &SparseFault::Unfinished);
}

#[test]
fn b13_runs_keep_to_the_file_and_to_their_order() {
    let bad: &[&[(i64, i64)]] = &[
        &[(0, 101)],
        &[(100, 1)],
        &[(10, 10), (19, 1)],
        &[(10, 10), (0, 5)],
        &[(-1, 1)],
        &[(5, -1)],
        &[(i64::MAX, 1)],
        &[(1, i64::MAX)],
    ];
    for runs in bad {
        let numbers = runs.iter().map(|(offset, len)| format!("{offset},{len}"));
        let map = numbers.collect::<Vec<_>>().join(",");
        let lines = format!("{}\n{}\n", runs.len(), map.replace(',', "\n"));
        let count = runs.len().to_string();
        let pairs = [(SIZE, "100"), (BLOCKS, &*count), (MAP, &*map)];
        let (offset, len) = *runs.last().unwrap();
        let expected = SparseFault::Bounds {
            offset,
            len,
            size: 100,
        };
        assert_eq!(
            fault(&read(&archive().pax(&pairs).file("f", "").end())),
            &expected
        );
        assert_eq!(
            fault(&read(&in_content("f", 100, &lines, b"").end())),
            &expected
        );
    }
    let negative = archive().pax(&[(SIZE, "-1"), (BLOCKS, "0"), (MAJOR, "0"), (MINOR, "1")]);
    let error = read(&negative.file("f", "").end()).error().clone();
    assert_eq!(
        error,
        Error::NegativeSize {
            offset: 1024,
            found: -1
        }
    );
}

#[test]
fn b14_incomplete_records_leave_the_file_as_it_is_stored() {
    for pairs in [
        &[(NAME, "hidden")][..],
        &[(SIZE, "100")],
        &[(MAJOR, "2"), (MINOR, "0"), (NAME, "hidden")],
        &[(MAJOR, "1"), (NAME, "hidden")],
    ] {
        let reading = read(&archive().pax(pairs).file("f", "abc").end());
        assert_eq!(reading.names(), ["f"]);
        assert_eq!((reading.entry().size, &reading.entry().sparse), (3, &None));
        assert_eq!(reading.odd_kinds(), [IgnoredSparse]);
    }
}

#[test]
fn a_map_that_does_not_fit_its_content_is_told_and_passed() {
    for (stored, len) in [(&b"abc"[..], 5), (b"abcdefg", 5), (b"", 1)] {
        let whole = version_0_1("f", 10, &[(0, len)], stored).file("next", "n");
        let reading = read(&whole.end());
        assert_eq!(reading.names(), ["f", "next"]);
        let mismatch = SparseMismatch {
            mapped: len,
            stored: stored.len() as u64,
        };
        assert_eq!(reading.odd_kinds(), [mismatch]);
    }
}

#[test]
fn a_kind_without_content_cannot_be_sparse() {
    let map = [(BLOCKS, "0"), (MAJOR, "0"), (MINOR, "1")];
    for (flag, pairs) in [(b'5', &map[..]), (b'2', &[(MAJOR, "1"), (MINOR, "0")])] {
        let reading = read(&archive().pax(pairs).header(named("d").flag(flag)).end());
        assert_eq!(fault(&reading), &SparseFault::NoContent);
    }
}

#[test]
fn zero_pairs_are_records_in_turns() {
    for pairs in [
        &[("GNU.sparse.numbytes", "1")][..],
        &[("GNU.sparse.offset", "1"), ("GNU.sparse.offset", "2")],
        &[("GNU.sparse.offset", "1,2"), ("GNU.sparse.numbytes", "1")],
    ] {
        let reading = read(&archive().pax(pairs).file("f", "").end());
        assert_eq!(reading.error().name(), "tar-pax");
    }
    // One number too many is found when the map is counted.
    let pairs = [(BLOCKS, "1"), ("GNU.sparse.offset", "1")];
    let reading = read(&archive().pax(&pairs).file("f", "").end());
    assert_eq!(
        fault(&reading),
        &SparseFault::Count {
            expected: 1,
            found: 1
        }
    );
}
