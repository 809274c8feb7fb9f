//! Numbers, checksums and kinds in a header.

use super::{Make, content, file, over, over_gnu};
use crate::archive::{Archive, archive, named, records};
use crate::random::Random;

pub(super) const ALL: &[(&str, Make)] = &[
    // Numbers.
    ("size-junk", |r, n| over(r, n, 124, b"12x45\0")),
    ("size-minus", |r, n| over(r, n, 124, b"-0000000001\0")),
    ("size-inner-blank", |r, n| over(r, n, 124, b"00000 00001\0")),
    ("size-inner-nul", |_, n| {
        archive()
            .header(file(n).put(124, b"00000000001\x0077"))
            .data("x")
    }),
    ("size-full-width", |r, n| {
        let content = content(r);
        let size = format!("{:012o}", content.len());
        archive()
            .header(file(n).put(124, size.as_bytes()))
            .data(content)
    }),
    ("size-leading-nul", |_, n| {
        archive()
            .header(file(n).put(124, b"\0 000000001\0"))
            .data("x")
    }),
    ("size-b256-negative", |_, n| {
        archive().header(file(n).put(124, &[0xff; 12]))
    }),
    ("size-b256-overflow", |_, n| {
        archive().header(file(n).put(124, &[0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
    }),
    ("size-b256-huge", |_, n| {
        archive().header(file(n).put(124, &[0x80, 0, 0, 0, 0x7f, 0xff, 0, 0, 0, 0, 0, 0]))
    }),
    ("size-b256-short", |_, n| {
        // Base-256 with bits in the first byte.
        archive()
            .header(file(n).put(124, &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 88]))
            .data([b'x'; 600])
    }),
    ("size-blank", |_, n| {
        archive().header(file(n).put(124, b"            "))
    }),
    ("size-nul", |_, n| {
        archive().header(file(n).put(124, &[0; 12]))
    }),
    ("negative-on-directory", |_, n| {
        archive().header(file(n).flag(b'5').put(124, &[0xff; 12]))
    }),
    ("mode-junk", |r, n| over(r, n, 100, b"rw-r--r-")),
    ("mode-large", |r, n| {
        over_gnu(r, n, 100, &[0x80, 0x01, 0, 0, 0, 0, 0, 0xff])
    }),
    ("uid-junk", |r, n| over(r, n, 108, b"root\0\0\0\0")),
    ("uid-negative", |r, n| over_gnu(r, n, 108, &[0xff; 8])),
    ("gid-blank", |r, n| over(r, n, 116, b"        ")),
    ("mtime-junk", |r, n| over(r, n, 136, b"yesterday\0\0\0")),
    ("mtime-negative", |r, n| over_gnu(r, n, 136, &[0xff; 12])),
    ("mtime-far", |r, n| {
        over_gnu(r, n, 136, &[0x80, 0, 0, 0, 0x00, 0xff, 0, 0, 0, 0, 0, 0])
    }),
    ("mtime-nul", |r, n| over(r, n, 136, &[0; 12])),
    ("device-junk", |r, n| over(r, n, 329, b"major\0\0\0")),
    ("device-junk-v7", |r, n| {
        let content = content(r);
        let header = file(n)
            .size(content.len() as u64)
            .v7()
            .put(329, b"major\0\0\0");
        archive().header(header).data(content)
    }),
    ("device-large", |_, n| {
        archive().header(
            file(n)
                .gnu()
                .flag(b'3')
                .put(329, &[0x80, 0, 0, 1, 0, 0, 0, 0]),
        )
    }),
    // Checksums.
    ("signed-checksum", |r, n| {
        let content = content(r);
        let header = named([b"caf\xe9".as_slice(), n.to_string().as_bytes()].concat());
        let header = header.size(content.len() as u64);
        archive().raw(&header.block_with_signed_sum()).data(content)
    }),
    ("bad-checksum", |r, n| spoiled(r, n, |block| block[10] ^= 1)),
    ("checksum-junk", |r, n| {
        spoiled(r, n, |block| block[148..156].copy_from_slice(b"checksum"))
    }),
    ("checksum-nul", |r, n| {
        spoiled(r, n, |block| block[148..156].fill(0))
    }),
    ("checksum-blank-first", |r, n| {
        spoiled(r, n, |block| {
            block.copy_within(148..154, 149);
            block[148] = b' ';
        })
    }),
    // Kinds.
    ("type-7", |r, n| {
        archive().member(file(n).flag(b'7'), content(r))
    }),
    ("type-unknown", |r, n| {
        let flag = r.pick(b"8ZaBQy\xff ");
        archive().member(file(n).flag(flag), content(r))
    }),
    ("type-unknown-empty", |r, n| {
        let flag = r.pick(b"9ZbE");
        archive().member(file(n).flag(flag), "")
    }),
    ("type-D", |_, n| {
        archive().member(
            named(format!("odd/{n}/")).gnu().flag(b'D'),
            "Yfile\0Nother\0\0",
        )
    }),
    ("type-V", |_, n| {
        archive().member(file(n).gnu().flag(b'V'), "")
    }),
    ("type-M", |r, n| {
        archive().member(file(n).gnu().flag(b'M'), content(r))
    }),
    ("type-N", |r, n| {
        archive().member(file(n).gnu().flag(b'N'), content(r))
    }),
    ("type-A", |r, n| {
        archive().member(file(n).flag(b'A'), content(r))
    }),
    ("solaris", |r, n| {
        let path = format!("solaris/{n}");
        archive()
            .member(named("x").flag(b'X'), records(&[("path", &path)]))
            .member(file(n), content(r))
    }),
];

/// A file whose header is changed after its checksum was written.
fn spoiled(random: &mut Random, number: usize, spoil: fn(&mut [u8; 512])) -> Archive {
    let content = content(random);
    let mut block = file(number).size(content.len() as u64).block();
    spoil(&mut block);
    archive().raw(&block).data(content)
}
