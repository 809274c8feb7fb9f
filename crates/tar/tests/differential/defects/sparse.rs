//! Sparse maps.

use super::{Make, file};
use crate::archive::{Archive, archive, named};
use crate::random::Random;
use crate::sparse_file::{Map, SparseFile};

/// A small sparse file whose map is another.
fn runs(number: usize, map: Map, runs: &[(u64, u64)]) -> Archive {
    let mut file = SparseFile::small(number);
    file.runs = runs.to_vec();
    Archive(file.piece(map).bytes)
}

pub(super) fn any_map(random: &mut Random) -> Map {
    random.pick(&[Map::Old, Map::V00, Map::V01, Map::V10])
}

/// A small sparse file of version 0.1 whose records are others.
fn sparse_records(number: usize, pairs: &[(&str, &str)]) -> Archive {
    let name = format!("sparse/{number}");
    archive().pax(pairs).member(named(name), [b's'; 1024])
}

/// A small sparse file of version 1.0 whose map is another.
fn text_map(number: usize, text: &[u8]) -> Archive {
    Archive(SparseFile::small(number).v10_with(text, &[]).bytes)
}

const MAX: i64 = i64::MAX;

pub(super) const ALL: &[(&str, Make)] = &[
    // Sparse files.
    ("sparse-overlap", |r, n| {
        let map = any_map(r);
        runs(n, map, &[(512, 512), (600, 512)])
    }),
    ("sparse-disorder", |r, n| {
        let map = any_map(r);
        runs(n, map, &[(2048, 512), (512, 512)])
    }),
    ("sparse-outside", |r, n| {
        let map = any_map(r);
        runs(n, map, &[(512, 512), (4000, 512)])
    }),
    ("sparse-overflow", |r, n| {
        let map = r.pick(&[Map::V00, Map::V01, Map::V10]);
        runs(n, map, &[(512, 512), (MAX as u64, 512)])
    }),
    ("sparse-maps-more", |r, n| {
        let map = any_map(r);
        runs(n, map, &[(512, 512), (2048, 1024)])
    }),
    ("sparse-maps-less", |r, n| {
        let map = any_map(r);
        runs(n, map, &[(512, 512)])
    }),
    ("sparse-empty-runs", |r, n| {
        let map = any_map(r);
        runs(
            n,
            map,
            &[(0, 0), (512, 512), (1024, 0), (2048, 512), (4096, 0)],
        )
    }),
    ("sparse-huge", |r, n| {
        let mut file = SparseFile::small(n);
        file.size = 1 << 32;
        Archive(file.piece(any_map(r)).bytes)
    }),
    ("sparse-old-ustar", |_, n| {
        archive().member(file(n).flag(b'S'), [b's'; 512])
    }),
    ("sparse-old-number", |_, n| {
        let header = file(n)
            .gnu()
            .flag(b'S')
            .put(386, b"0000000051x\x0000000000512\0");
        archive().member(header.put(483, b"00000010000\0"), [b's'; 512])
    }),
    ("sparse-old-realsize", |_, n| {
        archive().member(file(n).gnu().flag(b'S').put(483, b"size"), "")
    }),
    ("sparse-count", |_, n| {
        let map = [
            ("GNU.sparse.map", "512,512,2048,512"),
            ("GNU.sparse.size", "4096"),
        ];
        sparse_records(n, &[map[0], map[1], ("GNU.sparse.numblocks", "3")])
    }),
    ("sparse-no-count", |_, n| {
        sparse_records(
            n,
            &[
                ("GNU.sparse.map", "512,512,2048,512"),
                ("GNU.sparse.size", "4096"),
            ],
        )
    }),
    ("sparse-map-junk", |_, n| {
        let map = ("GNU.sparse.map", "512,512,2048,5x2");
        sparse_records(
            n,
            &[
                map,
                ("GNU.sparse.size", "4096"),
                ("GNU.sparse.numblocks", "2"),
            ],
        )
    }),
    ("sparse-size-junk", |_, n| {
        let map = ("GNU.sparse.map", "512,512,2048,512");
        sparse_records(
            n,
            &[
                map,
                ("GNU.sparse.size", "4k"),
                ("GNU.sparse.numblocks", "2"),
            ],
        )
    }),
    ("sparse-size-negative", |_, n| {
        let map = ("GNU.sparse.map", "512,512,2048,512");
        sparse_records(
            n,
            &[
                map,
                ("GNU.sparse.size", "-1"),
                ("GNU.sparse.numblocks", "2"),
            ],
        )
    }),
    ("sparse-pairs-disorder", |_, n| {
        let (offset, length) = (("GNU.sparse.offset", "0"), ("GNU.sparse.numbytes", "1024"));
        let count = ("GNU.sparse.numblocks", "1");
        sparse_records(n, &[("GNU.sparse.size", "4096"), count, length, offset])
    }),
    ("sparse-orphan-name", |_, n| {
        sparse_records(n, &[("GNU.sparse.name", "orphan")])
    }),
    ("sparse-orphan-size", |_, n| {
        sparse_records(n, &[("GNU.sparse.realsize", "4096")])
    }),
    ("sparse-version", |_, n| {
        let version = [("GNU.sparse.major", "2"), ("GNU.sparse.minor", "7")];
        sparse_records(n, &[version[0], version[1], ("GNU.sparse.name", "later")])
    }),
    ("sparse-on-directory", |_, n| {
        let records = [
            ("GNU.sparse.map", "0,0"),
            ("GNU.sparse.size", "4096"),
            ("GNU.sparse.numblocks", "1"),
        ];
        archive().pax(&records).header(file(n).flag(b'5'))
    }),
    ("sparse-text-on-directory", |_, n| {
        let version = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")];
        archive().pax(&version).header(file(n).flag(b'5'))
    }),
    ("sparse-text-count", |_, n| {
        text_map(n, b"x\n512\n512\n2048\n512\n")
    }),
    ("sparse-text-number", |_, n| {
        text_map(n, b"2\n512\n5x2\n2048\n512\n")
    }),
    ("sparse-text-negative", |_, n| {
        text_map(n, b"-1\n512\n512\n")
    }),
    ("sparse-text-unfinished", |_, n| {
        text_map(n, b"9000\n512\n512\n2048\n512\n")
    }),
    ("sparse-text-none", |_, n| {
        let records = [
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.minor", "0"),
            ("GNU.sparse.realsize", "4096"),
        ];
        archive().pax(&records).member(file(n), "")
    }),
];
