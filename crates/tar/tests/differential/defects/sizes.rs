//! Sizes where there can be none, and sizes in records.

use super::{Make, behind_size, file, one, sized};
use crate::archive::archive;

pub(super) const ALL: &[(&str, Make)] = &[
    // Sizes where there can be none.
    ("size-on-hardlink", |_, n| sized(n, b'1')),
    ("size-on-symlink", |_, n| sized(n, b'2')),
    ("size-on-device", |r, n| sized(n, r.pick(b"34"))),
    ("size-on-directory", |_, n| sized(n, b'5')),
    ("size-on-fifo", |_, n| sized(n, b'6')),
    ("data-on-hardlink", |_, n| {
        archive().member(file(n).flag(b'1').link("plain/0"), [b'd'; 600])
    }),
    ("pax-size-on-directory", |_, n| {
        archive().pax(&[("size", "512")]).header(file(n).flag(b'5'))
    }),
    // Sizes in records.
    ("pax-size-larger", |r, n| {
        let inner = archive().file("smuggled", "s").0;
        let data = [b"x".repeat(512), inner, r.bytes(512)].concat();
        let size = data.len().to_string();
        archive()
            .pax(&[("size", &size)])
            .header(file(n).size(8))
            .data(data)
    }),
    ("pax-size-smaller", |_, n| {
        archive()
            .pax(&[("size", "8")])
            .header(file(n).size(1500))
            .data("x".repeat(8))
    }),
    ("pax-size-plus", |r, n| behind_size(r, n, "+")),
    ("pax-size-zeros", |r, n| behind_size(r, n, "000")),
    ("pax-size-blank", |r, n| behind_size(r, n, " ")),
    ("pax-size-negative", |r, n| behind_size(r, n, "-")),
    ("pax-size-letters", |r, n| one(r, n, "size", b"1x")),
    ("pax-size-fraction", |r, n| one(r, n, "size", b"10.5")),
    ("pax-size-overflow", |r, n| {
        one(r, n, "size", b"9223372036854775808")
    }),
    ("pax-size-huge", |r, n| {
        one(r, n, "size", b"9223372036854775807")
    }),
    ("pax-size-before-L", |_, n| {
        archive()
            .pax(&[("size", "700")])
            .long_name(format!("long/{n}\0"))
            .header(file(n).gnu().size(16))
            .data([b'x'; 700])
    }),
];
