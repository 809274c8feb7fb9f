//! B, first part: names, sizes and extension headers.

use crate::archive::{Archive, Header, archive, named, record};
use crate::oci::streams;
use crate::tape::{layer, lines};

/// One layer.
fn one(stream: Vec<u8>) -> Vec<u8> {
    streams([stream]).archive()
}

/// One layer for each of these, each with `last` behind it, to show what is still seen.
fn each<const N: usize>(parts: [Archive; N]) -> Vec<u8> {
    streams(parts.map(|part| part.file("last", "").end())).archive()
}

fn pax(pairs: &[(&str, &str)]) -> Archive {
    archive().pax(pairs)
}

/// PAX records in bytes.
fn pax_of(records: &[Vec<u8>]) -> Archive {
    archive().member(named("PaxHeaders/x").flag(b'x'), records.concat())
}

fn old_sparse(real: u64, map: &[(u64, u64)], stored: u64) -> Header {
    let header = named("sparse").gnu().flag(b'S').size(stored);
    let header = map
        .iter()
        .enumerate()
        .fold(header, |header, (number, (offset, length))| {
            let at = 386 + number * 24;
            header
                .put(at, format!("{offset:011o}\0").as_bytes())
                .put(at + 12, format!("{length:011o}\0").as_bytes())
        });
    header.put(483, format!("{real:011o}\0").as_bytes())
}

fn sparse_pax(version: &str, extra: &[(&str, &str)], stored: &str) -> Archive {
    let (major, minor) = version.split_once('.').expect("a version");
    let mut pairs = vec![("GNU.sparse.major", major), ("GNU.sparse.minor", minor)];
    if version == "0.0" || version == "0.1" {
        pairs.clear();
    }
    pairs.extend(extra);
    pax(&pairs).file("GNUSparseFile.0/sparse", stored)
}

rows! {
    b01 "a PAX size larger than the header's": one(
        pax(&[("size", "1024")]).header(named("real").size(8))
            .data([&[b'x'; 512][..], &named("smuggled").block()].concat()).file("last", "").end());
    b02 "a PAX size before a long name": one(
        pax(&[("size", "600")]).long_name("the-long-name").header(named("short").size(0)).data([b'y'; 600])
            .file("last", "").end());
    b03 "a PAX size that is negative, has a plus, overflows": each([
        pax(&[("size", "-1")]).file("a", "x"),
        pax(&[("size", "+1")]).file("a", "x"),
        pax(&[("size", "99999999999999999999")]).file("a", "x"),
    ]);
    b04 "a long name of 100 000 bytes, a long link, and a name past 1 MiB": each([
        archive().long_name("n".repeat(100_000)).file("a", ""),
        archive().long_link("l".repeat(2000)).header(named("link").flag(b'2')),
        archive().long_name("n".repeat((1 << 20) + 1)).file("a", ""),
    ]);
    b05 "a long name with a NUL in it": one(archive().long_name("name\0hidden").file("a", "").file("last", "").end());
    b06 "a PAX path with a NUL": each([pax(&[("path", "na\0me")]).file("a", "")]);
    b07 "a PAX path and a GNU long name, in both orders": each([
        pax(&[("path", "from-pax")]).long_name("from-gnu").file("a", ""),
        archive().long_name("from-gnu").pax(&[("path", "from-pax")]).file("a", ""),
    ]);
    b08 "a PAX key twice": each([pax(&[("path", "first"), ("path", "second")]).file("a", "")]);
    b09 "two PAX headers before one entry": each([pax(&[("path", "first")]).pax(&[("path", "second")]).file("a", "")]);
    b10 "an extension header at the end, without an entry": streams([
        lines("a = x").pax(&[("path", "never")]).end(),
        lines("a = x").long_name("never").end(),
    ]).archive();
    b11 "a global PAX header with a path": each([archive().global(&[("path", "everywhere"), ("comment", "x")]).file("a", "")]);
    b12 "sparse files: old GNU, PAX 0.0, 0.1, 1.0": each([
        archive().header(old_sparse(1000, &[(0, 4), (900, 4)], 8)).data("headtail"),
        pax_of(&[
            record(b"GNU.sparse.size", b"1000"), record(b"GNU.sparse.numblocks", b"2"),
            record(b"GNU.sparse.offset", b"0"), record(b"GNU.sparse.numbytes", b"4"),
            record(b"GNU.sparse.offset", b"900"), record(b"GNU.sparse.numbytes", b"4"),
        ]).file("sparse", "headtail"),
        sparse_pax("0.1", &[("GNU.sparse.size", "1000"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.map", "0,4,900,4"), ("GNU.sparse.name", "sparse")], "headtail"),
        sparse_pax("1.0", &[("GNU.sparse.name", "sparse"), ("GNU.sparse.realsize", "1000")],
            &format!("{:\0<512}headtail", "2\n0\n4\n900\n4\n")),
    ]);
    b13 "sparse maps that overflow, overlap, or claim 10^9 runs": each([
        sparse_pax("0.1", &[("GNU.sparse.size", "1000"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "9223372036854775800,100")], "x"),
        sparse_pax("0.1", &[("GNU.sparse.size", "1000"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.map", "0,8,4,8")], "headtailheadtail"),
        sparse_pax("1.0", &[("GNU.sparse.name", "sparse"), ("GNU.sparse.realsize", "1000")], &format!("{:\0<512}", "1000000000\n0\n1\n")),
    ]);
    b14 "a GNU.sparse.name without the rest": each([pax(&[("GNU.sparse.name", "lonely")]).file("a", "x")]);
    b15 "base-256 sizes, positive and negative": each([
        archive().header(named("a").put(124, b"\x80\0\0\0\0\0\0\0\0\0\0\x03")).data("abc"),
        archive().header(named("a").put(124, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
    ]);
    b16 "times before 1970, in base 256 and in PAX": each([
        archive().header(named("a").gnu().put(136, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
        pax(&[("mtime", "-1.5")]).file("a", ""),
    ]);
    b17 "times after the year 9999, fractions, exponents": each([
        pax(&[("mtime", "253402300800")]).file("a", ""),
        pax(&[("mtime", "1.123456789123")]).file("a", ""),
        pax(&[("mtime", "1e9")]).file("a", ""),
        pax(&[("mtime", "99999999999999999999")]).file("a", ""),
    ]);
    b18 "numbers of NULs, of spaces, padded with spaces": each([
        archive().header(named("nul").put(108, &[0; 8]).put(116, &[0; 8]).put(136, &[0; 12])),
        archive().header(named("spaces").put(108, b"     17 ").put(136, b"      1750 \0")),
    ]);
    b19 "a wrong checksum at the second entry": one([lines("a = x").0, { let mut block = named("b").block(); block[0] = b'c'; block.to_vec() }, layer("last")].concat());
    b20 "a checksum over signed bytes": one(archive().raw(&named(b"caf\xe9").block_with_signed_sum()).file("last", "").end());
    b21 "no blocks at the end": one(lines("a = x").0);
    b22 "one zero block, then the end": one(lines("a = x").zeros(512).0);
    b23 "one zero block, then another entry": one(lines("a = x").zeros(512).file("hidden", "secret").end());
    b24 "garbage behind the end": one([layer("a = x"), vec![b'g'; 700]].concat());
    b25 "a second archive behind the end": one([layer("a = x"), layer("second = y")].concat());
    b26 "cut in a body, and in a header": streams([
        lines("a = x").header(named("b").size(5000)).raw(&[b'b'; 700]).0,
        lines("a = x").raw(&named("b").block()[..300]).0,
    ]).archive();
    b27 "cut in the padding": streams([lines("a = x").header(named("b").size(100)).raw(&[b'b'; 100]).0]).archive();
    b28 "a hard link with a size": one(lines("a = x").header(named("b").flag(b'1').link("a").size(600)).file("last", "").end());
    b29 "a directory, a symbolic link, a device with a size": each([
        archive().header(named("d/").flag(b'5').size(512)),
        archive().header(named("l").flag(b'2').link("x").size(512)),
        archive().header(named("c").flag(b'3').size(512)),
    ]);
    b30 "sizes near 2^64": each([
        archive().header(named("a").put(124, b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff")),
        archive().header(named("a").put(124, b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff")),
        pax(&[("size", "9223372036854775807")]).file("a", ""),
    ]);
}
