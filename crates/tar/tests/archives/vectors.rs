//! Thirty-three hostile archives, each with the answer of Go 1.19's `archive/tar`.

use layerscope_tar::OddityKind::{self, *};

use crate::archive::{Archive, archive, named};
use crate::reading::read;

const GARBAGE: &[u8] = b"garbage";

/// Makes a test of each archive, and a list of all.
macro_rules! vectors {
    ($($name:ident: $bytes:expr, $answer:literal, $oddities:expr;)*) => {
        $(
            #[test]
            fn $name() {
                let reading = read(&$bytes);
                assert_eq!(reading.in_gos_words(), $answer);
                let oddities: &[OddityKind] = &$oddities;
                assert_eq!(reading.odd_kinds(), oddities);
            }
        )*

        /// All of them, by name.
        pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
            vec![$((stringify!($name), $bytes)),*]
        }
    };
}

fn a() -> Archive {
    archive().file("a", "A")
}

fn smuggling_body() -> Vec<u8> {
    let smuggled = named("smuggled").flag(b'2').link("/etc/shadow");
    let mut body = archive().data("regular\n").header(smuggled).end();
    body.resize(2048, 0);
    body
}

vectors! {
    stray_zero_block: a().zeros(512).file("b", "B").end(),
        r#"["a":1(1)] ERR archive/tar: invalid tar header"#, [HiddenEntries];
    no_eoa: a().0, r#"["a":1(1)]"#, [];
    one_eoa_block: a().zeros(512).0, r#"["a":1(1)]"#, [];
    concat_archives: a().zeros(1024).file("b", "B").end(), r#"["a":1(1)]"#, [SecondArchive];
    trailing_garbage: a().zeros(1024).raw(&GARBAGE.repeat(100)).0, r#"["a":1(1)]"#, [TrailingData];
    trunc_in_data: archive().header(named("a").size(1000)).raw(&[b'x'; 300]).0,
        r#"["a":1000(300)!unexpected EOF] ERR unexpected EOF"#, [];
    trunc_in_padding: archive().header(named("a").size(10)).raw(&[b'x'; 10]).0, r#"["a":10(10)]"#, [];
    trunc_in_header: a().raw(&named("b").block()[..200]).0, r#"["a":1(1)] ERR unexpected EOF"#, [];
    pax_size_larger:
        archive().pax(&[("size", "2048")]).header(named("regular.txt").size(8)).raw(&smuggling_body()).end(),
        r#"["regular.txt":2048(2048)]"#, [SizeConflict { header: 8, record: 2048 }];
    pax_size_then_l:
        archive().pax(&[("size", "2048")]).long_name("longname.txt\0")
            .member(named("file_a").gnu(), "AAAA_file_a_body").file("file_b", "BBBB_file_b_body").end(),
        r#"["longname.txt":2048(2048)]"#, [SizeConflict { header: 16, record: 2048 }];
    hardlink_with_size:
        archive().file("a", [b'A'; 600]).header(named("b").size(600).flag(b'1').link("a")).file("c", "C").end(),
        r#"["a":600(600), "b":600(0), "c":1(1)]"#, [IgnoredSize { stated: 600 }];
    hardlink_size_and_data:
        archive().file("a", [b'A'; 600]).member(named("b").flag(b'1').link("a"), [b'A'; 600]).file("c", "C").end(),
        r#"["a":600(600), "b":600(0)] ERR archive/tar: invalid tar header"#, [IgnoredSize { stated: 600 }];
    dir_with_size: archive().header(named("d/").size(512).flag(b'5')).file("c", "C").end(),
        r#"["d/":512(0), "c":1(1)]"#, [IgnoredSize { stated: 512 }];
    pax_then_l: archive().pax(&[("path", "paxname")]).long_name("gnuname\0").member(named("raw").gnu(), "R").end(),
        r#"["gnuname":1(1)]"#, [TwoPaths];
    l_then_pax: archive().long_name("gnuname\0").pax(&[("path", "paxname")]).file("raw", "R").end(),
        r#"["gnuname":1(1)]"#, [TwoPaths];
    dup_pax: archive().pax(&[("path", "one")]).pax(&[("path", "two")]).file("raw", "R").end(),
        r#"["two":1(1)]"#, [RepeatedExtension { flag: b'x' }];
    dup_key: archive().pax(&[("path", "one"), ("path", "two")]).file("raw", "R").end(),
        r#"["two":1(1)]"#, [RepeatedRecord { key: "path" }];
    dangling_pax: a().pax(&[("path", "one")]).end(), r#"["a":1(1)]"#, [DanglingExtension];
    // Go hands the global header out too, as an entry "G", and applies it to nothing.
    global_path: archive().global(&[("path", "G")]).file("a", "A").end(),
        r#"["a":1(1)]"#, [GlobalHeader { overrides: true }];
    neg_mtime_b256: archive().header(named("a").put(136, &[0xff; 12])).end(), r#"["a":0(0) mtime=-1.0]"#, [];
    b256_size:
        archive().header(named("a").put(124, b"\x80\0\0\0\0\0\0\0\0\0\0\x01")).data("A").file("b", "B").end(),
        r#"["a":1(1), "b":1(1)]"#, [];
    b256_neg_size: archive().header(named("a").put(124, &[0xff; 12])).end(),
        "[] ERR archive/tar: invalid tar header", [];
    bad_cksum: {
        let mut bytes = archive().header(named("a")).end();
        bytes[10] = b'X';
        bytes
    }, "[] ERR archive/tar: invalid tar header", [];
    non_utf8_name: archive().member(named(b"caf\xe9"), "A").end(), r#"["caf\xe9":1(1)]"#, [];
    nul_in_longname: archive().long_name("name\0hidden").member(named("raw").gnu(), "R").end(),
        r#"["name":1(1)]"#, [TextAfterNul];
    nul_in_pax_path: archive().pax(&[("path", "na\0me")]).file("raw", "R").end(),
        "[] ERR archive/tar: invalid tar header", [];
    pax_mtime_neg: archive().pax(&[("mtime", "-1.5")]).file("a", "A").end(),
        r#"["a":1(1) mtime=-2.500000000]"#, [];
    type7_cont: archive().member(named("a").flag(b'7'), "A").end(),
        r#"["a":1(1)]"#, [UnsupportedType { flag: b'7' }];
    unknown_type_z: archive().member(named("a").flag(b'Z'), "A").file("b", "B").end(),
        r#"["a":1(1), "b":1(1)]"#, [UnsupportedType { flag: b'Z' }];
    type_a_regtrail: archive().header(named("d/").flag(0).v7()).end(), r#"["d/":0(0)]"#, [];
    empty: Vec::new(), "[]", [];
    only_zeros: vec![0; 10_240], "[]", [];
    not_tar: b"hello world".repeat(100), "[] ERR archive/tar: invalid tar header", [];
}

#[test]
fn there_are_thirty_three() {
    assert_eq!(all().len(), 33);
}
