//! Sizes, owners, times and checksums.

use layerscope_tar::OddityKind::{AmbiguousField, OutOfRange, PlusSign, SizeConflict};
use layerscope_tar::{Error, OddityKind, Part, PaxRule, Timestamp};

use crate::archive::{archive, named};
use crate::reading::read;

fn with_size(text: &str, content: usize) -> Vec<u8> {
    archive()
        .pax(&[("size", text)])
        .header(named("f"))
        .data(vec![b'x'; content])
        .file("g", "")
        .end()
}

#[test]
fn b01_a_pax_size_takes_the_header_s_place() {
    let reading = read(&with_size("700", 700));
    assert_eq!(
        (reading.names(), reading.entries()[0].size),
        (vec!["f".into(), "g".into()], 700)
    );
    assert_eq!(
        reading.odd_kinds(),
        [SizeConflict {
            header: 0,
            record: 700
        }]
    );
    assert_eq!(reading.oddities()[0].offset, 0);
    // Nothing is odd about a size that is stated twice, or one that the header cannot hold.
    let twice = archive()
        .pax(&[("size", "000000000000000000000003")])
        .file("f", "abc");
    assert_eq!(read(&twice.end()).odd_kinds(), []);
    let large = archive()
        .pax(&[("size", "8589934592")])
        .header(named("f"))
        .0;
    let reading = read(&large);
    assert_eq!(
        (reading.entry().size, reading.odd_kinds()),
        (1 << 33, vec![])
    );
    let missing = 1 << 33;
    assert_eq!(
        reading.error(),
        &Error::Truncated {
            offset: 1536,
            part: Part::Content,
            missing
        }
    );
}

#[test]
fn b02_a_pax_size_is_the_entry_s_and_not_a_long_name_s() {
    let whole = archive()
        .pax(&[("size", "600")])
        .long_name("name\0")
        .header(named("f").gnu());
    let reading = read(&whole.data([b'x'; 600]).file("g", "").end());
    assert_eq!(
        (reading.names(), reading.entries()[0].size),
        (vec!["name".into(), "g".into()], 600)
    );
}

#[test]
fn b03_a_pax_size_is_a_number_that_is_not_negative() {
    let refused = |text: &str| read(&with_size(text, 0)).error().clone();
    assert_eq!(
        refused("-1"),
        Error::NegativeSize {
            offset: 1024,
            found: -1
        }
    );
    for text in [
        "9223372036854775808",
        "1.0",
        "0x10",
        " 5",
        "5 ",
        "1_0",
        "-",
        "five",
    ] {
        let Error::Pax {
            offset,
            expected,
            found,
        } = refused(text)
        else {
            panic!("{text}")
        };
        // The value begins behind a length of one digit or two, a space, and the key.
        let at = 512 + "8 size=".len() as u64 + u64::from(text.len() > 1);
        assert_eq!((offset, expected), (at, PaxRule::Number("size")));
        assert_eq!(found, text.as_bytes());
    }
    // Go reads a plus sign; parsers that do not would see another archive.
    let reading = read(&with_size("+600", 600));
    assert_eq!(reading.entries()[0].size, 600);
    let conflict = SizeConflict {
        header: 0,
        record: 600,
    };
    assert_eq!(reading.odd_kinds(), [PlusSign { key: "size" }, conflict]);
    let reading = read(
        &archive()
            .member(named("x").flag(b'x'), "+11 path=a\n")
            .file("raw", "")
            .end(),
    );
    assert_eq!(reading.names(), ["a"]);
    assert_eq!(reading.odd_kinds(), [PlusSign { key: "length" }]);
    // What no entry takes may be anything.
    let dangling = archive().file("f", "").pax(&[("size", "five")]).end();
    assert_eq!(read(&dangling).odd_kinds(), [OddityKind::DanglingExtension]);
}

#[test]
fn a_size_that_others_read_as_none_is_told() {
    let odd = [AmbiguousField { field: "size" }];
    let none: [OddityKind; 0] = [];
    let told = |field: &[u8; 12], size: usize| {
        let archive = archive().header(named("f").put(124, field));
        let reading = read(&archive.data(vec![b'x'; size]).end());
        assert_eq!(reading.entry().size, size as u64);
        reading.odd_kinds()
    };
    assert_eq!(told(b"\x000000000003\0", 3), odd);
    assert_eq!(told(b" \0 00000003\0", 3), odd);
    assert_eq!(told(b"            ", 0), odd);
    assert_eq!(told(b"   00000003\0", 3), none);
    assert_eq!(told(&[0; 12], 0), none);
    assert_eq!(told(b"\x80\0\0\0\0\0\0\0\0\0\0\x03", 3), none);

    // Of an extension header, too.
    let long = named("././@LongLink")
        .gnu()
        .flag(b'L')
        .put(124, b"\x00000000005\0");
    let reading = read(&archive().header(long).data("name\0").file("raw", "").end());
    assert_eq!(
        (reading.names(), reading.odd_kinds()),
        (vec!["name".to_owned()], odd.to_vec())
    );
}

#[test]
fn what_stands_where_version_7_has_no_field_is_told() {
    let header = named("f").v7().put(337, b"minor");
    let reading = read(&archive().header(header).end());
    assert_eq!(reading.entry().device, None);
    assert_eq!(reading.odd_kinds(), [AmbiguousField { field: "device" }]);
}

#[test]
fn b15_base_256_sizes() {
    let sized = |field: &[u8]| named("f").put(124, field);
    let whole = archive()
        .header(sized(b"\x80\0\0\0\0\0\0\0\0\0\x02\x58"))
        .data([b'x'; 600]);
    assert_eq!(read(&whole.end()).stored(0).len(), 600);
    // The header's size is judged even where PAX replaces it.
    let whole = archive()
        .pax(&[("size", "5")])
        .header(sized(&[0xff; 12]))
        .data("12345");
    assert_eq!(
        read(&whole.end()).error(),
        &Error::NegativeSize {
            offset: 1024,
            found: -1
        }
    );
}

#[test]
fn b30_sizes_near_the_end_of_64_bits() {
    let sized =
        |field: [u8; 12]| read(&archive().header(named("f").put(124, &field)).raw(b"xyz").0);
    let mut largest = [0; 12];
    largest[0] = 0x80;
    largest[4..].copy_from_slice(&i64::MAX.to_be_bytes());
    let reading = sized(largest);
    assert_eq!(reading.entry().size, i64::MAX as u64);
    let missing = i64::MAX as u64 - 3;
    assert_eq!(
        reading.error(),
        &Error::Truncated {
            offset: 515,
            part: Part::Content,
            missing
        }
    );
    for beyond in [u64::MAX, u64::MAX - 513, 1 << 63] {
        largest[4..].copy_from_slice(&beyond.to_be_bytes());
        let found = largest.to_vec();
        assert_eq!(
            sized(largest).error(),
            &Error::Number {
                offset: 0,
                field: "size",
                found
            }
        );
    }
}

#[test]
fn b16_b17_times() {
    let of_header = |field: &[u8]| {
        read(&archive().header(named("f").put(136, field)).end())
            .entry()
            .mtime
    };
    let of_pax = |text: &str| {
        read(&archive().pax(&[("mtime", text)]).file("f", "").end())
            .entry()
            .mtime
    };
    let at = |seconds, nanos| Timestamp { seconds, nanos };
    assert_eq!(of_header(b"07346545000\0"), at(1_000_000_000, 0));
    assert_eq!(
        of_header(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        at(-256, 0)
    );
    assert_eq!(
        of_header(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"),
        at(i64::MAX, 0)
    );
    assert_eq!(of_pax("-1.5"), at(-2, 500_000_000));
    assert_eq!(of_pax("-0.1"), at(-1, 900_000_000));
    assert_eq!(of_pax("253402300800.000000001"), at(253_402_300_800, 1));
    for key in ["mtime", "atime", "ctime"] {
        let reading = read(&archive().pax(&[(key, "1e9")]).file("f", "").end());
        let Error::Pax {
            expected, found, ..
        } = reading.error()
        else {
            panic!("{reading:?}")
        };
        assert_eq!((expected, &**found), (&PaxRule::Time(key), &b"1e9"[..]));
    }
}

#[test]
fn b18_blank_fields_are_zero() {
    for blank in [0, b' '] {
        let (short, long) = (&[blank; 8], &[blank; 12]);
        let header = named("f")
            .put(100, short)
            .put(108, short)
            .put(116, short)
            .put(136, long);
        let header = header
            .put(124, long)
            .put(329, short)
            .put(337, short)
            .flag(b'3');
        let reading = read(&archive().header(header).end());
        let entry = reading.entry();
        assert_eq!((entry.mode, entry.uid, entry.gid, entry.size), (0, 0, 0, 0));
        assert_eq!(
            (entry.mtime, entry.device),
            (Timestamp::default(), Some((0, 0)))
        );
    }
    let header = named("f")
        .put(100, b"   644 \0")
        .put(108, b"1750    ")
        .put(116, b"\0\x001750\0");
    let entry = read(&archive().header(header).end()).entry().clone();
    assert_eq!((entry.mode, entry.uid, entry.gid), (0o644, 1000, 1000));
}

#[test]
fn a_field_that_is_no_number_is_named() {
    let fields = [
        (100, 8, "mode"),
        (108, 8, "uid"),
        (116, 8, "gid"),
        (124, 12, "size"),
        (136, 12, "mtime"),
        (329, 8, "devmajor"),
        (337, 8, "devminor"),
    ];
    for (at, len, name) in fields {
        for header in [named("f"), named("f").gnu()] {
            let header = header.put(at, &b"9       \0\0\0\0"[..len]);
            let reading = read(&archive().file("first", "").header(header).end());
            let Error::Number {
                offset,
                field,
                found,
            } = reading.error()
            else {
                panic!("{reading:?}")
            };
            assert_eq!((*offset, *field, found.len()), (512, name, len));
        }
    }
}

#[test]
fn b19_a_wrong_checksum_ends_the_archive_there() {
    let mut bytes = archive().file("a", "A").file("b", "B").end();
    bytes[1024] = b'c';
    let reading = read(&bytes);
    assert_eq!(reading.names(), ["a"]);
    let Error::Checksum {
        offset,
        expected,
        found,
    } = reading.error()
    else {
        panic!("{reading:?}")
    };
    assert_eq!((*offset, *expected), (1024, found.unwrap() + 1));
    assert_eq!(reading.offset, 1536);
    let text = read(&[b'x'; 512]).error().to_string();
    assert_eq!(
        text,
        "no tar header at byte 0: its bytes sum to 60736, its checksum field says no number"
    );
}

#[test]
fn b20_a_checksum_of_signed_bytes_is_right_too() {
    let header = named("f")
        .put(0, b"caf\xe9 \xff\x80")
        .block_with_signed_sum();
    let reading = read(&archive().raw(&header).file("b", "B").end());
    assert_eq!(reading.names(), [r"caf\xe9 \xff\x80", "b"]);
    assert_eq!(reading.odd_kinds(), []);
}

#[test]
fn numbers_beyond_32_bits_and_below_zero_are_told() {
    let header = named("f")
        .put(108, &[0xff; 8])
        .put(116, b"\x80\0\0\x01\0\0\0\0")
        .put(100, &[0xff; 8]);
    let reading = read(&archive().header(header).end());
    let entry = reading.entry();
    assert_eq!(
        (entry.mode, entry.uid, entry.gid),
        (u32::MAX, u64::MAX, 1 << 32)
    );
    let odd = |field, found| OutOfRange { field, found };
    assert_eq!(
        reading.odd_kinds(),
        [odd("mode", -1), odd("uid", -1), odd("gid", 1 << 32)]
    );

    let reading = read(
        &archive()
            .pax(&[("uid", "-2"), ("gid", "2147483648")])
            .file("f", "")
            .end(),
    );
    assert_eq!(
        (reading.entry().uid as i64, reading.entry().gid),
        (-2, 1 << 31)
    );
    assert_eq!(reading.odd_kinds(), [odd("uid", -2)]);
}
