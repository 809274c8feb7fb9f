//! What one entry may cost, and what happens beyond.

use layerscope_tar::{Error, Limits, MAX_EXTENSIONS, MAX_METADATA, MAX_SEGMENTS};

use crate::archive::{archive, named};
use crate::reading::{Reading, read_pieces};

/// Large archives are read in one piece and in pieces of a prime length.
fn read(bytes: &[u8]) -> Reading {
    let whole = read_pieces([bytes]);
    assert_eq!(read_pieces(bytes.chunks(4093)), whole);
    whole
}

fn limit(offset: u64, what: &'static str, allowed: u64, found: u64) -> Error {
    Error::Limit {
        offset,
        what,
        allowed,
        found,
    }
}

#[test]
fn the_defaults_are_the_named_ones() {
    let Limits {
        metadata,
        extensions,
        segments,
    } = Limits::default();
    assert_eq!(
        (metadata, extensions, segments),
        (MAX_METADATA, MAX_EXTENSIONS, MAX_SEGMENTS)
    );
}

#[test]
fn b04_b39_a_name_of_one_mebibyte_is_read_and_no_longer_one() {
    let name = "a/".repeat(1 << 19);
    let reading = read(&archive().long_name(&name).file("raw", "").end());
    assert_eq!(reading.entry().path, name.as_bytes());
    let reading = read(&archive().long_name(name + "b").file("raw", "").end());
    assert_eq!(
        reading.error(),
        &limit(0, "metadata bytes", MAX_METADATA, MAX_METADATA + 1)
    );
    assert_eq!(reading.entries().len(), 0);
}

#[test]
fn r04_r05_a_header_may_claim_any_size_and_nothing_is_kept_for_it() {
    for flag in *b"xXgLK" {
        // The claim alone is refused: nothing of the data is ever shown.
        let bytes = archive()
            .file("a", "A")
            .header(named("x").flag(flag).size(1 << 30))
            .0;
        let reading = read(&bytes);
        assert_eq!(
            reading.error(),
            &limit(1024, "metadata bytes", MAX_METADATA, 1 << 30)
        );
        assert_eq!(reading.names(), ["a"]);
    }
}

#[test]
fn metadata_counts_over_all_headers_of_an_entry() {
    let half = "n".repeat(1 << 19);
    let whole = archive().long_name(&half).long_link(&half);
    assert_eq!(read(&whole.clone().file("raw", "").end()).names().len(), 1);
    let reading = read(&whole.long_name("").long_name("b").file("raw", "").end());
    let last = 2 * (512 + (1 << 19)) + 512;
    assert_eq!(
        reading.error(),
        &limit(last, "metadata bytes", MAX_METADATA, MAX_METADATA + 1)
    );
    // The next entry begins anew.
    let entry = archive().long_name(&half).file("raw", "");
    let reading = read(&archive().raw(&entry.0).raw(&entry.0).raw(&entry.0).end());
    assert_eq!(reading.names().len(), 3);
}

#[test]
fn sixteen_extension_headers_are_read_and_no_more() {
    let many = |count| (0..count).fold(archive(), |whole, _| whole.long_name("name\0"));
    assert_eq!(read(&many(16).file("raw", "").end()).names(), ["name"]);
    let reading = read(&many(17).file("raw", "").end());
    assert_eq!(
        reading.error(),
        &limit(16 * 1024, "extension headers", MAX_EXTENSIONS, 17)
    );
    let text =
        "too many extension headers before the entry near byte 16384: 17, at most 16 are read";
    assert_eq!(reading.error().to_string(), text);
}

#[test]
fn b13_ten_thousand_segments_are_read_and_no_more() {
    let in_content = |count: u64, lines: u64| {
        let map = format!("{count}\n") + &"0\n0\n".repeat(lines as usize);
        let pairs = [
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.minor", "0"),
            ("GNU.sparse.realsize", "0"),
        ];
        archive().pax(&pairs).file("f", archive().data(map).0).end()
    };
    let reading = read(&in_content(10_000, 10_000));
    assert_eq!(reading.entry().sparse.as_ref().unwrap().len(), 10_000);
    for (count, lines) in [(10_001, 10_001), (1_000_000_000, 0), (i64::MAX as u64, 0)] {
        let reading = read(&in_content(count, lines));
        assert_eq!(
            reading.error(),
            &limit(1024, "sparse segments", MAX_SEGMENTS, count)
        );
    }

    let in_records = |count: usize| {
        let map = vec!["0"; 2 * count].join(",");
        let pairs = [
            ("GNU.sparse.numblocks", &*count.to_string()),
            ("GNU.sparse.map", &*map),
        ];
        archive().pax(&pairs).file("f", "").end()
    };
    assert_eq!(
        read(&in_records(10_000))
            .entry()
            .sparse
            .as_ref()
            .unwrap()
            .len(),
        10_000
    );
    let reading = read(&in_records(10_001));
    assert_eq!(reading.error().name(), "tar-limit");

    let old = |blocks: usize| {
        let mut block = [0; 512];
        (0..21).for_each(|slot| {
            block[24 * slot..][..24].copy_from_slice(b"00000000000\x0000000000000\0")
        });
        block[504] = 1;
        let header = named("f").gnu().flag(b'S').put(482, b"\x01");
        let last = |blocks: Vec<u8>| [blocks, vec![0; 512]].concat();
        archive()
            .header(header)
            .raw(&last(block.repeat(blocks)))
            .end()
    };
    assert_eq!(read(&old(476)).entry().sparse.as_ref().unwrap().len(), 9996);
    assert_eq!(
        read(&old(477)).error(),
        &limit(0, "sparse segments", MAX_SEGMENTS, 10_001)
    );
}

#[test]
fn a_map_without_runs_cannot_go_on_for_ever() {
    // Blocks of an old map that hold nothing but say that another follows.
    let mut block = [0; 512];
    block[504] = 1;
    let header = named("f").gnu().flag(b'S').put(482, b"\x01");
    let reading = read(&archive().header(header).raw(&block.repeat(2049)).end());
    assert_eq!(
        reading.error(),
        &limit(0, "metadata bytes", MAX_METADATA, MAX_METADATA + 512)
    );
    // A map in the content that is one endless line.
    let pairs = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")];
    let reading = read(&archive().pax(&pairs).file("f", vec![b'0'; 1 << 21]).end());
    assert_eq!(reading.error().name(), "tar-limit");
}
