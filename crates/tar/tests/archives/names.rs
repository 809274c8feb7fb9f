//! Paths, link targets and who has the last word on them.

use layerscope_tar::OddityKind::{
    AmbiguousField, GlobalHeader, GnuPrefix, RepeatedExtension, RepeatedRecord, SolarisHeader,
    TextAfterNul, TwoLinks, TwoPaths,
};
use layerscope_tar::{Error, Kind, OddityKind, PaxRule};

use crate::archive::{archive, named};
use crate::reading::read;

fn symlink() -> crate::archive::Header {
    named("raw").flag(b'2').link("rawlink")
}

#[test]
fn fields_may_be_full() {
    let name = "n".repeat(100);
    let header = named(&name)
        .flag(b'2')
        .link(&"l".repeat(100))
        .put(265, &[b'u'; 32])
        .put(297, &[b'g'; 32]);
    let reading = read(&archive().header(header).end());
    let entry = reading.entry();
    assert_eq!(entry.path, name.as_bytes());
    assert_eq!(entry.link, [b'l'; 100]);
    assert_eq!(
        (&*entry.uname, &*entry.gname),
        (&[b'u'; 32][..], &[b'g'; 32][..])
    );
}

#[test]
fn a_prefix_goes_before_the_name() {
    let prefixed = |prefix: &[u8]| {
        let header = named("file").put(345, prefix);
        read(&archive().header(header).end()).names()
    };
    assert_eq!(prefixed(b"a/b"), ["a/b/file"]);
    assert_eq!(
        prefixed(&[b'p'; 155]),
        [format!("{}/file", "p".repeat(155))]
    );
    // Go does not look at the version behind the magic.
    let header = named("file")
        .put(263, b"\0\0")
        .put(265, b"me")
        .put(345, b"dir");
    let reading = read(&archive().header(header).end());
    assert_eq!(
        (reading.names(), &*reading.entry().uname),
        (vec!["dir/file".to_owned()], &b"me"[..])
    );
    // A v7 header has neither a prefix nor owners' names.
    let header = named("file").v7().put(265, b"me").put(345, b"dir");
    let reading = read(&archive().header(header).end());
    assert_eq!(
        (reading.names(), &*reading.entry().uname),
        (vec!["file".to_owned()], &b""[..])
    );
}

#[test]
fn star_has_a_shorter_prefix_and_two_times() {
    let star = || named("file").put(345, &[b'p'; 131]).put(508, b"tar\0");
    let header = star().put(476, b"00000000001\0").put(488, b"00000000002\0");
    let reading = read(&archive().header(header).end());
    assert_eq!(reading.names(), [format!("{}/file", "p".repeat(131))]);
    let error = read(&archive().header(star().put(488, b"not a time")).end())
        .error()
        .clone();
    assert_eq!(
        error.to_string(),
        "the ctime of the header at byte 0 is not a number: \"not a time\\x00\\x00\""
    );
}

#[test]
fn b04_a_gnu_long_name_and_link_replace_the_header_s() {
    let (name, link) = ("n/".repeat(300) + "file", "l/".repeat(300));
    let whole = archive()
        .long_name(format!("{name}\0"))
        .long_link(&link)
        .header(symlink());
    let reading = read(&whole.file("next", "").end());
    assert_eq!(reading.entries()[0].path, name.as_bytes());
    assert_eq!(reading.entries()[0].link, link.as_bytes());
    assert_eq!(reading.entries()[0].header_offset, 2 * (512 + 1024));
    // They describe one entry only.
    assert_eq!(
        (&*reading.entries()[1].path, &*reading.entries()[1].link),
        (&b"next"[..], &b""[..])
    );
    assert_eq!(reading.odd_kinds(), []);
}

#[test]
fn an_empty_long_name_is_none() {
    for data in ["", "\0"] {
        let reading = read(&archive().long_name(data).file("raw", "").end());
        let odd = AmbiguousField { field: "name" };
        assert_eq!(
            (reading.names(), reading.odd_kinds()),
            (vec!["raw".to_owned()], vec![odd])
        );
    }
    let link = archive().long_link("").header(symlink()).end();
    let odd = AmbiguousField { field: "linkname" };
    assert_eq!(read(&link).odd_kinds(), [odd]);
}

#[test]
fn an_empty_record_is_none() {
    let records = [("path", ""), ("linkpath", "there"), ("linkpath", "")];
    let reading = read(&archive().pax(&records).header(symlink()).end());
    let entry = reading.entry();
    assert_eq!((&*entry.path, &*entry.link), (&b"raw"[..], &b"rawlink"[..]));
    let repeated = RepeatedRecord { key: "linkpath" };
    let [path, link] = ["path", "linkpath"].map(|field| AmbiguousField { field });
    assert_eq!(reading.odd_kinds(), [path, link, repeated]);
}

#[test]
fn a_name_that_readers_take_for_another_kind_is_told() {
    let odd = [AmbiguousField { field: "name" }];
    let none: [OddityKind; 0] = [];
    let told = |archive: crate::archive::Archive| read(&archive.end()).odd_kinds();
    // GNU tar and libarchive make a directory of it.
    assert_eq!(told(archive().file("slash/", "x")), odd);
    assert_eq!(
        told(archive().pax(&[("path", "slash/")]).file("raw", "x")),
        odd
    );
    // Libarchive passes over it.
    assert_eq!(told(archive().file("", "x")), odd);
    assert_eq!(told(archive().header(named("").flag(b'5'))), odd);
    // Python takes it for a directory.
    let cut = archive().pax(&[("path", "cut/file")]);
    assert_eq!(told(cut.member(named("cut/").flag(0), "x")), odd);
    // What everybody takes for a directory.
    assert_eq!(told(archive().header(named("slash/").flag(b'5'))), none);
    assert_eq!(told(archive().header(named("slash/").flag(0).v7())), none);
    assert_eq!(
        told(archive().header(named("slash/").flag(b'2').link("x"))),
        none
    );
}

#[test]
fn b05_a_long_name_is_cut_at_nul() {
    let reading = read(
        &archive()
            .long_name("0123456789\0hidden\0")
            .file("raw", "")
            .end(),
    );
    assert_eq!(
        (reading.names(), reading.odd_kinds()),
        (vec!["0123456789".to_owned()], vec![TextAfterNul])
    );
    assert_eq!(reading.oddities()[0].offset, 0);
    // More NULs than one hide nothing.
    let reading = read(&archive().long_name("name\0\0\0\0").file("raw", "").end());
    assert_eq!(
        (reading.names(), reading.odd_kinds()),
        (vec!["name".to_owned()], vec![])
    );
}

#[test]
fn b06_nul_in_a_pax_string_is_an_error() {
    for key in ["path", "linkpath", "uname", "gname"] {
        let reading = read(
            &archive()
                .pax(&[("comment", "\0"), (key, "a\0b")])
                .file("f", "")
                .end(),
        );
        let Error::Pax {
            offset, expected, ..
        } = reading.error()
        else {
            panic!("{reading:?}")
        };
        assert_eq!((*offset, *expected), (512 + 13, PaxRule::ValueWithoutNul));
    }
}

#[test]
fn b07_a_gnu_name_wins_over_a_pax_path() {
    let pax = [("path", "paxname"), ("linkpath", "paxlink")];
    let first = archive()
        .pax(&pax)
        .long_name("gnuname\0")
        .long_link("gnulink\0")
        .header(symlink());
    let last = archive()
        .long_name("gnuname\0")
        .long_link("gnulink\0")
        .pax(&pax)
        .header(symlink());
    for whole in [first, last] {
        let reading = read(&whole.end());
        let entry = reading.entry();
        assert_eq!(
            (&*entry.path, &*entry.link),
            (&b"gnuname"[..], &b"gnulink"[..])
        );
        assert_eq!(reading.odd_kinds(), [TwoPaths, TwoLinks]);
        assert!(
            reading
                .oddities()
                .iter()
                .all(|oddity| oddity.offset == entry.header_offset)
        );
    }
}

#[test]
fn b08_the_last_record_of_a_key_counts() {
    let pairs = [
        ("path", "one"),
        ("uid", "1"),
        ("path", "two"),
        ("path", "three"),
    ];
    let reading = read(&archive().pax(&pairs).file("raw", "").end());
    assert_eq!(reading.names(), ["three"]);
    assert_eq!(reading.odd_kinds(), [RepeatedRecord { key: "path" }]);
    // An empty last record means the header's own value, in Go as in POSIX.
    let pairs = [("path", "one"), ("path", "")];
    assert_eq!(
        read(&archive().pax(&pairs).file("raw", "").end()).names(),
        ["raw"]
    );
}

#[test]
fn b09_the_last_extension_header_counts_whole() {
    let whole = archive()
        .pax(&[("path", "one"), ("linkpath", "link")])
        .pax(&[("path", "two")]);
    let reading = read(&whole.header(symlink()).end());
    assert_eq!(
        (&*reading.entry().path, &*reading.entry().link),
        (&b"two"[..], &b"rawlink"[..])
    );
    assert_eq!(reading.odd_kinds(), [RepeatedExtension { flag: b'x' }]);
    assert_eq!(reading.oddities()[0].offset, 1024);

    let whole = archive()
        .long_name("one\0")
        .long_name("two\0")
        .long_link("1")
        .long_link("2");
    let reading = read(&whole.header(symlink()).end());
    assert_eq!(
        (&*reading.entry().path, &*reading.entry().link),
        (&b"two"[..], &b"2"[..])
    );
    let repeated = |flag| RepeatedExtension { flag };
    assert_eq!(reading.odd_kinds(), [repeated(b'L'), repeated(b'K')]);
}

#[test]
fn b11_a_global_header_applies_to_nothing() {
    let whole = archive()
        .global(&[("path", "G"), ("size", "9"), ("mtime", "7")])
        .file("a", "A");
    let reading = read(&whole.global(&[("comment", "0123")]).file("b", "B").end());
    assert_eq!(reading.names(), ["a", "b"]);
    assert!(
        reading
            .entries()
            .iter()
            .all(|entry| entry.size == 1 && entry.mtime.seconds == 0)
    );
    let global = |overrides| GlobalHeader { overrides };
    assert_eq!(reading.odd_kinds(), [global(true), global(false)]);
    assert_eq!(reading.oddities()[1].offset, 2048);

    let bad = archive().member(named("g").flag(b'g'), "no record").end();
    assert_eq!(read(&bad).error().name(), "tar-pax");
}

#[test]
fn a_global_header_cuts_off_what_came_before_it() {
    let whole = archive()
        .pax(&[("path", "lost")])
        .long_name("lost")
        .global(&[])
        .file("a", "");
    let reading = read(&whole.end());
    assert_eq!(reading.names(), ["a"]);
    let kinds = [
        OddityKind::DanglingExtension,
        GlobalHeader { overrides: false },
    ];
    assert_eq!(reading.odd_kinds(), kinds);
    assert_eq!(reading.oddities()[0].offset, 0);
}

#[test]
fn b33_a_slash_makes_an_old_file_a_directory() {
    let kind = |flag, name: &str| {
        let bytes = archive().header(named(name).flag(flag).v7()).end();
        read(&bytes).entry().kind
    };
    assert_eq!(kind(0, "d/"), Kind::Directory);
    assert_eq!(kind(0, "f"), Kind::File);
    assert_eq!(kind(b'0', "d/"), Kind::File);
    // What counts is the name that everyone sees, and a directory has no content.
    let whole = archive()
        .pax(&[("path", "d/")])
        .header(named("raw").flag(0).size(600));
    let reading = read(&whole.file("next", "").end());
    assert_eq!(reading.entries()[0].kind, Kind::Directory);
    assert_eq!(reading.names(), ["d/", "next"]);
    let whole = archive().long_name("f\0").header(named("d/").flag(0));
    assert_eq!(read(&whole.end()).entry().kind, Kind::File);
}

#[test]
fn b34_b36_b37_b38_names_are_kept_byte_for_byte() {
    let names: [&[u8]; 11] = [
        b"caf\xe9",
        b"",
        b".",
        b"./",
        b"/",
        b"./a",
        b"/a",
        b"a//b",
        b"a/./b",
        b"..\\C:\\x",
        b"../../etc/passwd",
    ];
    for name in names {
        assert_eq!(
            read(&archive().header(named(name)).end()).entry().path,
            name
        );
    }
    // A PAX path that is not UTF-8 is not judged either.
    let pax = crate::archive::record(b"path", b"caf\xe9");
    let whole = archive().member(named("x").flag(b'x'), pax).file("raw", "");
    assert_eq!(read(&whole.end()).entry().path, b"caf\xe9");
}

#[test]
fn b43_a_solaris_header_reads_like_pax() {
    let records = crate::archive::records(&[("path", "from solaris")]);
    let whole = archive()
        .member(named("X").flag(b'X'), records)
        .file("raw", "R");
    let reading = read(&whole.end());
    assert_eq!(
        (reading.names(), reading.odd_kinds()),
        (vec!["from solaris".to_owned()], vec![SolarisHeader])
    );
}

#[test]
fn b44_go_before_1_8_wrote_a_prefix_into_gnu_headers() {
    let old = |at_345: &[u8]| {
        let header = named("foo")
            .gnu()
            .put(108, b"\x80\0\0\0\0\x20\0\0")
            .put(345, at_345);
        let reading = read(&archive().header(header).end());
        assert_eq!(reading.entry().uid, 1 << 21);
        (reading.names().remove(0), reading.odd_kinds())
    };
    let long = "a".repeat(155);
    assert_eq!(
        old(long.as_bytes()),
        (format!("{long}/foo"), vec![GnuPrefix])
    );
    // Two times, or what reads as such, are two times.
    assert_eq!(
        old(b"12573017645\x0012573015674\0"),
        ("foo".to_owned(), vec![])
    );
    assert_eq!(old(b"777"), ("foo".to_owned(), vec![]));
    assert_eq!(old(b"not ascii \xe9"), ("foo".to_owned(), vec![]));
    // The first byte of a time says whether there is one.
    assert_eq!(old(b"\0no prefix"), ("foo".to_owned(), vec![]));
}
