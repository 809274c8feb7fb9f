//! B, second part: what entries are and how they are called.

use crate::archive::{Archive, archive, named, record};
use crate::oci::streams;
use crate::tape::lines;

fn one(archive: Archive) -> Vec<u8> {
    streams([archive.end()]).archive()
}

fn xattrs(records: &[(&[u8], &[u8])]) -> Archive {
    let records: Vec<u8> = records
        .iter()
        .flat_map(|(key, value)| record(key, value))
        .collect();
    archive()
        .member(named("PaxHeaders/x").flag(b'x'), records)
        .file("a", "")
}

/// A header of Go before 1.8, which wrote a GNU header with a ustar prefix.
fn go_prefix() -> Archive {
    let header = named("file").gnu().put(345, b"some/directory");
    archive().header(header)
}

rows! {
    b31 "a path twice in a layer": one(lines("a = first\nb = x\na = second!"));
    b32 "types that nobody knows": one(archive()
        .header(named("seven").flag(b'7')).header(named("zed").flag(b'Z').size(3)).data("zzz").file("last", ""));
    b33 "an old regular file with a slash at its end": one(archive().header(named("dir/").v7().flag(0)));
    b34 "a name that is not UTF-8": one(archive().header(named(b"caf\xe9")).header(named("link").flag(b'2').put(157, b"to-\xff")));
    b35 "names that differ in case or normalization only": one(lines("readme\nREADME\ncafe\u{301}\ncaf\u{e9}"));
    b36 "an empty name, `.`, `./`, `/`": one(archive()
        .header(named("")).header(named(".").flag(b'5')).header(named("./").flag(b'5')).header(named("/").flag(b'5')).file("a", ""));
    b37 "`./a`, `/b`, `c//d`, `e/./f`": one(lines("./a\n/b\nc//d\ne/./f"));
    b38 "backslashes and drive names": one(lines("..\\..\\evil\nC:\\Windows\\x\nC:y"));
    b39 "a path of 100 000 components, and one of 1 MiB in one name": streams([
        archive().long_name("d/".repeat(100_000)).header(named("x").flag(b'5')).file("last", "").end(),
        archive().pax(&[("path", &"n".repeat((1 << 20) - 600))]).file("x", "").file("last", "").end(),
    ]).archive();
    b40 "an xattr with NULs in its value, and one with a NUL in its key": streams([
        xattrs(&[(b"SCHILY.xattr.user.blob", b"\x00\x01\x02")]).end(),
        xattrs(&[(b"SCHILY.xattr.user.b\0ad", b"x")]).end(),
    ]).archive();
    b41 "xattrs as libarchive writes them, and ACLs": one(xattrs(&[
        (b"LIBARCHIVE.xattr.user.greeting", b"aGVsbG8="), (b"SCHILY.acl.access", b"user::rw-,group::r--,other::r--"),
    ]));
    b42 "devices, a FIFO, setuid, a capability": one(
        xattrs(&[(b"SCHILY.xattr.security.capability", b"\x01\0\0\x02\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0")])
            .header(named("char").flag(b'3').put(329, b"0000001\0").put(337, b"0000003\0"))
            .header(named("block").flag(b'4').put(329, b"0000010\0").put(337, b"0000000\0"))
            .header(named("fifo").flag(b'6'))
            .header(named("su").put(100, b"0004755\0")));
    b43 "the extension header of Solaris": one(archive()
        .member(named("x").flag(b'X'), record(b"path", b"from-solaris")).file("a", "").file("last", ""));
    b44 "a GNU header with a prefix, as Go wrote before 1.8": one(go_prefix().file("last", ""));
}
