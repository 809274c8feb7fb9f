//! What concerns all that follows, and how an archive can end.

use super::sparse::any_map;
use super::{Make, file};
use crate::archive::{archive, named};
use crate::sparse_file::{Map, SparseFile};

/// What concerns every member that follows.
pub(crate) const OF_THE_REST: &[(&str, Make)] = &[
    ("global-path", |_, _| {
        archive().global(&[("path", "global")])
    }),
    ("global-size", |_, _| archive().global(&[("size", "3")])),
    ("global-linkpath", |_, _| {
        archive().global(&[("linkpath", "global")])
    }),
    ("global-mtime", |_, _| {
        archive().global(&[("mtime", "77.5"), ("uid", "7")])
    }),
    ("global-xattr", |_, _| {
        archive().global(&[("SCHILY.xattr.user.global", "g")])
    }),
    ("global-junk", |_, _| {
        archive().global(&[("mtime", "soon"), ("size", "x")])
    }),
    ("global-broken", |_, _| {
        archive().member(named("g").flag(b'g'), "99 path=a\n")
    }),
    ("global-empty", |_, _| {
        archive().member(named("g").flag(b'g'), "")
    }),
    ("global-sparse", |_, _| {
        archive().global(&[("GNU.sparse.name", "global")])
    }),
    ("lone-zero-block", |_, _| archive().zeros(512)),
    ("two-zero-blocks", |_, _| archive().zeros(1024)),
    ("junk-block", |r, _| archive().raw(&r.bytes(512))),
    ("lost-padding", |_, n| {
        archive().header(file(n).size(600)).raw(&[b'x'; 600])
    }),
    ("lost-block", |_, n| {
        archive().header(file(n).size(600)).raw(&[b'x'; 512])
    }),
];

/// What an archive can end with instead of its two zero blocks.
pub(crate) const OF_THE_END: &[(&str, Make)] = &[
    ("end-missing", |_, _| archive()),
    ("end-one-block", |_, _| archive().zeros(512)),
    ("end-half-block", |_, _| archive().zeros(700)),
    ("end-short-block", |_, _| archive().zeros(100)),
    ("end-many-blocks", |_, _| archive().zeros(50 * 512)),
    ("end-then-byte", |_, _| archive().zeros(1024).raw(b"x")),
    ("end-then-garbage", |r, _| {
        archive().zeros(1024).raw(&r.bytes(700))
    }),
    ("end-then-archive", |_, _| {
        archive().zeros(1024).file("second", "s").zeros(1024)
    }),
    ("end-then-far-archive", |_, _| {
        archive().zeros(10_240).file("second", "s").zeros(1024)
    }),
    ("one-block-then-garbage", |r, _| {
        archive().zeros(512).raw(&r.bytes(700))
    }),
    ("dangling-pax", |_, _| {
        archive().pax(&[("path", "dangling")]).zeros(1024)
    }),
    ("dangling-L", |_, _| {
        archive().long_name("dangling\0").zeros(1024)
    }),
    ("dangling-pax-no-end", |_, _| {
        archive().pax(&[("path", "dangling")])
    }),
    ("dangling-global", |_, _| {
        archive().global(&[("comment", "last")]).zeros(1024)
    }),
    ("cut-header", |r, n| {
        let at = r.below(511) + 1;
        archive().raw(&file(n).block()[..at])
    }),
    ("cut-content", |r, n| {
        let at = r.below(1000);
        archive().header(file(n).size(1000)).raw(&vec![b'x'; at])
    }),
    ("cut-padding", |r, n| {
        let at = r.below(24);
        archive()
            .header(file(n).size(1000))
            .raw(&[b'x'; 1000])
            .zeros(at)
    }),
    ("cut-extension", |r, n| {
        let at = 512 + r.below(300);
        let path = format!("long/{n}/").repeat(50);
        archive().raw(&archive().pax(&[("path", &path)]).0[..at])
    }),
    ("cut-L", |r, n| {
        let at = 512 + r.below(300);
        archive().raw(&archive().long_name(format!("long/{n}/").repeat(50)).0[..at])
    }),
    ("cut-sparse-map", |r, n| {
        let mut file = SparseFile::small(n);
        file.runs = (0..30).map(|at| (at * 1024, 512)).collect();
        file.size = 30 * 1024;
        let map = r.pick(&[Map::Old, Map::V10]);
        let begin = match map {
            Map::Old => 512,
            _ => 3 * 512,
        };
        archive().raw(&file.piece(map).bytes[..begin + r.below(500)])
    }),
    ("cut-sparse-content", |r, n| {
        let piece = SparseFile::small(n).piece(any_map(r));
        let at = piece.bytes.len() - 1 - r.below(1000);
        archive().raw(&piece.bytes[..at])
    }),
];
