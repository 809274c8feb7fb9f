//! PAX records and extension headers.

use super::{Make, behind, content, file, one};
use crate::archive::{archive, named, record, records};

pub(super) const ALL: &[(&str, Make)] = &[
    // PAX records.
    ("record-too-long", |r, n| {
        behind(r, n, b"99 path=a\n".to_vec())
    }),
    ("record-too-short", |r, n| {
        behind(r, n, b"8 path=ab\n".to_vec())
    }),
    ("record-length-zero", |r, n| {
        behind(r, n, b"0 path=a\n".to_vec())
    }),
    ("record-length-zeros", |r, n| {
        behind(r, n, b"0000000018 path=a\n".to_vec())
    }),
    ("record-length-plus", |r, n| {
        behind(r, n, b"+11 path=a\n".to_vec())
    }),
    ("record-without-length", |r, n| {
        behind(r, n, b"path=a\n".to_vec())
    }),
    ("record-without-newline", |r, n| {
        behind(r, n, b"10 path=ab".to_vec())
    }),
    ("record-without-equals", |r, n| {
        behind(r, n, b"10 path:a\n".to_vec())
    }),
    ("record-without-key", |r, n| {
        behind(r, n, b"5 =a\n".to_vec())
    }),
    ("record-with-nul-key", |r, n| {
        behind(r, n, record(b"ke\0y", b"value"))
    }),
    ("record-then-nuls", |r, n| {
        behind(r, n, [record(b"mtime", b"1.5"), vec![0; 20]].concat())
    }),
    ("record-with-equals", |r, n| {
        one(r, n, "VENDOR.key", b"a=b=c\nd")
    }),
    ("pax-empty", |r, n| behind(r, n, Vec::new())),
    ("pax-mtime-exponent", |r, n| one(r, n, "mtime", b"1e9")),
    ("pax-mtime-empty", |r, n| one(r, n, "mtime", b"")),
    ("pax-mtime-dot", |r, n| {
        let text = r.pick(&[
            "1.",
            "-0.5",
            "-1.5",
            "0.0000000019",
            "-0.0000000001",
            "+3.25",
        ]);
        one(r, n, "mtime", text.as_bytes())
    }),
    ("pax-mtime-no-seconds", |r, n| one(r, n, "mtime", b".5")),
    ("pax-mtime-far", |r, n| {
        one(r, n, "mtime", b"9223372036854775807")
    }),
    ("pax-mtime-overflow", |r, n| {
        one(r, n, "mtime", b"9223372036854775808")
    }),
    ("pax-atime-junk", |r, n| one(r, n, "atime", b"soon")),
    ("pax-uid-negative", |r, n| one(r, n, "uid", b"-1")),
    ("pax-uid-junk", |r, n| one(r, n, "uid", b"0x10")),
    ("pax-uid-huge", |r, n| {
        one(r, n, "gid", b"9223372036854775807")
    }),
    ("pax-uname-latin-1", |r, n| one(r, n, "uname", b"caf\xe9")),
    ("pax-hdrcharset", |r, n| {
        let path = [b"caf\xe9".as_slice(), n.to_string().as_bytes()].concat();
        let body = [record(b"hdrcharset", b"BINARY"), record(b"path", &path)].concat();
        behind(r, n, body)
    }),
    ("xattr-libarchive", |r, n| {
        one(r, n, "LIBARCHIVE.xattr.user.a", b"YQ")
    }),
    ("xattr-libarchive-junk", |r, n| {
        one(r, n, "LIBARCHIVE.xattr.user.%zz", b"!")
    }),
    ("xattr-empty", |r, n| {
        one(r, n, "SCHILY.xattr.user.empty", b"")
    }),
    ("xattr-no-name", |r, n| one(r, n, "SCHILY.xattr.", b"value")),
    ("xattr-acl", |r, n| {
        one(r, n, "SCHILY.acl.access", b"user::rw-")
    }),
    // Extension headers.
    ("pax-in-v7", |r, n| {
        let path = format!("pax/{n}");
        archive()
            .member(named("x").flag(b'x').v7(), records(&[("path", &path)]))
            .member(file(n), content(r))
    }),
    ("L-in-ustar", |r, n| {
        archive()
            .member(named("././@LongLink").flag(b'L'), format!("long/{n}\0"))
            .member(file(n), content(r))
    }),
    ("pax-negative-size", |r, n| {
        archive()
            .header(named("x").flag(b'x').put(124, &[0xff; 12]))
            .member(file(n), content(r))
    }),
    ("L-negative-size", |r, n| {
        archive()
            .header(
                named("././@LongLink")
                    .gnu()
                    .flag(b'L')
                    .put(124, &[0xff; 12]),
            )
            .member(file(n), content(r))
    }),
    ("pax-before-global", |r, n| {
        let path = format!("pax/{n}");
        archive()
            .pax(&[("path", &path)])
            .global(&[("comment", "between")])
            .member(file(n), content(r))
    }),
    ("L-before-global", |r, n| {
        archive()
            .long_name(format!("long/{n}\0"))
            .global(&[("comment", "between")])
            .member(file(n).gnu(), content(r))
    }),
];
