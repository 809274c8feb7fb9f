//! The same thing said twice, names, prefixes and versions.

use super::{Make, behind, content, file, one, over, over_gnu};
use crate::archive::{archive, named, records};

pub(super) const ALL: &[(&str, Make)] = &[
    // The same thing said twice.
    ("pax-then-L", |r, n| {
        let (pax, long) = (format!("pax/{n}"), format!("gnu/{n}\0"));
        archive()
            .pax(&[("path", &pax)])
            .long_name(long)
            .member(file(n).gnu(), content(r))
    }),
    ("L-then-pax", |r, n| {
        let (pax, long) = (format!("pax/{n}"), format!("gnu/{n}\0"));
        archive()
            .long_name(long)
            .pax(&[("path", &pax)])
            .member(file(n), content(r))
    }),
    ("pax-and-K", |r, n| {
        let symlink = file(n).flag(b'2').link("raw");
        if r.one_in(2) {
            archive()
                .pax(&[("linkpath", "pax")])
                .long_link("gnu\0")
                .header(symlink)
        } else {
            archive()
                .long_link("gnu\0")
                .pax(&[("linkpath", "pax")])
                .header(symlink)
        }
    }),
    ("two-pax-paths", |r, n| {
        let (one, two) = (format!("one/{n}"), format!("two/{n}"));
        archive()
            .pax(&[("path", &one)])
            .pax(&[("path", &two)])
            .member(file(n), content(r))
    }),
    ("two-pax-headers", |r, n| {
        let one = format!("one/{n}");
        let two = [("mtime", "1.5")];
        archive()
            .pax(&[("path", &one)])
            .pax(&two)
            .member(file(n), content(r))
    }),
    ("two-L", |r, n| {
        let (one, two) = (format!("one/{n}\0"), format!("two/{n}\0"));
        archive()
            .long_name(one)
            .long_name(two)
            .member(file(n).gnu(), content(r))
    }),
    ("two-paths-in-pax", |r, n| {
        let (one, two) = (format!("one/{n}"), format!("two/{n}"));
        behind(r, n, records(&[("path", &one), ("path", &two)]))
    }),
    ("two-sizes-in-pax", |_, n| {
        archive()
            .pax(&[("size", "8"), ("size", "700")])
            .header(file(n))
            .data([b'x'; 700])
    }),
    ("path-then-empty-path", |r, n| {
        behind(r, n, records(&[("path", "one"), ("path", "")]))
    }),
    ("two-xattrs-in-pax", |r, n| {
        behind(
            r,
            n,
            records(&[("SCHILY.xattr.user.a", "1"), ("SCHILY.xattr.user.a", "2")]),
        )
    }),
    // Names.
    ("long-name-with-nul", |r, n| {
        archive()
            .long_name(format!("long/{n}\0hidden"))
            .member(file(n).gnu(), content(r))
    }),
    ("long-name-empty", |r, n| {
        archive().long_name("").member(file(n).gnu(), content(r))
    }),
    ("long-name-only-nul", |r, n| {
        archive().long_name("\0").member(file(n).gnu(), content(r))
    }),
    ("long-name-unterminated", |r, n| {
        let name = format!("long/{n}/").repeat(32);
        archive()
            .long_name(&name[..512.min(name.len())])
            .member(file(n).gnu(), content(r))
    }),
    ("long-link-on-file", |r, n| {
        archive()
            .long_link("link\0")
            .member(file(n).gnu(), content(r))
    }),
    ("pax-path-with-nul", |r, n| one(r, n, "path", b"na\0me")),
    ("pax-linkpath-with-nul", |r, n| {
        one(r, n, "linkpath", b"na\0me")
    }),
    ("pax-path-empty", |r, n| one(r, n, "path", b"")),
    ("pax-path-latin-1", |r, n| {
        one(
            r,
            n,
            "path",
            format!("caf{n}\u{e9}").as_bytes().split_at(4).0,
        )
    }),
    ("pax-path-slash", |r, n| {
        let path = format!("pax/{n}/");
        behind(r, n, records(&[("path", &path)]))
    }),
    ("name-empty", |r, _| archive().member(named(""), content(r))),
    ("name-dot", |r, _| {
        let name = r.pick(&[".", "./", "/", "..", "//", "a/..", "a/../b"]);
        archive().member(named(name).flag(b'5'), "")
    }),
    ("file-with-slash", |r, n| {
        archive().member(named(format!("slash/{n}/")), content(r))
    }),
    ("v7-file-with-slash", |r, n| {
        archive().member(named(format!("slash/{n}/")).flag(0).v7(), content(r))
    }),
    ("symlink-without-target", |_, n| {
        archive().header(file(n).flag(b'2'))
    }),
    ("symlink-with-slash", |_, n| {
        archive().header(named(format!("slash/{n}/")).flag(b'2').link("target"))
    }),
    ("link-on-file", |r, n| {
        archive().member(file(n).link("nowhere"), content(r))
    }),
    // Prefixes and versions.
    ("gnu-prefix", |r, n| over_gnu(r, n, 345, b"prefix/of/go")),
    ("gnu-prefix-not-ascii", |r, n| {
        over_gnu(r, n, 345, b"prefix\xe9")
    }),
    ("gnu-times", |r, n| {
        over_gnu(r, n, 345, b"00000000001\x0000000000002\0")
    }),
    ("star", |r, n| {
        let content = content(r);
        let header = file(n).size(content.len() as u64).put(345, b"star");
        let header = header
            .put(476, b"00000000001\x0000000000002\0")
            .put(508, b"tar\0");
        archive().header(header).data(content)
    }),
    ("star-bad-time", |r, n| {
        let content = content(r);
        let header = file(n)
            .size(content.len() as u64)
            .put(476, b"x")
            .put(508, b"tar\0");
        archive().header(header).data(content)
    }),
    ("ustar-prefix", |r, n| over(r, n, 345, b"prefix")),
    ("ustar-prefix-slash", |r, n| over(r, n, 345, b"prefix/")),
    ("ustar-no-version", |r, n| over(r, n, 263, b"\0\0")),
    ("ustar-blank-version", |r, n| over(r, n, 263, b"  ")),
    ("magic-cut", |r, n| over(r, n, 257, b"ustar\x01")),
    ("magic-gnu-version", |r, n| over(r, n, 257, b"ustar 00")),
];
