//! What a type flag makes of an entry.

use layerscope_tar::Kind;
use layerscope_tar::OddityKind::{IgnoredSize, OutOfRange, UnsupportedType};

use crate::archive::{archive, named};
use crate::reading::read;

#[test]
fn b28_b29_kinds_without_content_have_none_whatever_they_state() {
    // Go's archive of sixteen headers: the last eight are the first, with a size.
    let kinds = [
        (b'1', Kind::HardLink),
        (b'2', Kind::Symlink),
        (b'3', Kind::Char),
        (b'4', Kind::Block),
        (b'5', Kind::Directory),
        (b'6', Kind::Fifo),
    ];
    let mut whole = archive();
    for size in [0, 42] {
        for (flag, _) in kinds {
            whole = whole.header(named(format!("{}", char::from(flag))).flag(flag).size(size));
        }
    }
    let reading = read(&whole.file("end", "E").end());
    assert_eq!(
        reading.names(),
        [
            "1", "2", "3", "4", "5", "6", "1", "2", "3", "4", "5", "6", "end"
        ]
    );
    for (entry, (_, kind)) in reading.entries().iter().zip(kinds.iter().cycle()).take(12) {
        assert_eq!((entry.kind, entry.size, entry.stored), (*kind, 0, 0));
    }
    assert_eq!(reading.odd_kinds(), [IgnoredSize { stated: 42 }; 6]);

    // Not even a size below zero matters to them.
    let reading = read(
        &archive()
            .header(named("d").flag(b'5').put(124, &[0xff; 12]))
            .file("f", "")
            .end(),
    );
    assert_eq!(
        (reading.names().len(), reading.odd_kinds()),
        (2, vec![IgnoredSize { stated: -1 }])
    );
    let whole = archive()
        .pax(&[("size", "600")])
        .header(named("d").flag(b'5'))
        .file("f", "");
    let reading = read(&whole.end());
    assert_eq!((reading.names().len(), reading.entries()[0].size), (2, 0));
}

#[test]
fn b32_unknown_kinds_are_listed_with_their_content() {
    for flag in *b"7ZADMNVS\x01\xff" {
        let header = named("odd")
            .gnu()
            .flag(flag)
            .put(483, b"00000000001\0")
            .put(386, b"00000000000\x0000000000001\0");
        let reading = read(&archive().member(header, "A").file("b", "B").end());
        assert_eq!(reading.names(), ["odd", "b"]);
        let kind = if flag == b'S' {
            Kind::File
        } else {
            Kind::Other(flag)
        };
        assert_eq!(
            (reading.entries()[0].kind, reading.stored(0)),
            (kind, &b"A"[..])
        );
        assert_eq!(reading.odd_kinds(), [UnsupportedType { flag }]);
    }
}

#[test]
fn b42_devices_have_numbers_and_modes_all_their_bits() {
    let device = |flag| {
        named("dev")
            .flag(flag)
            .put(100, b"0107755\0")
            .put(329, b"0000010\0")
            .put(337, b"0000003\0")
    };
    for (flag, kind) in [(b'3', Kind::Char), (b'4', Kind::Block)] {
        for header in [device(flag), device(flag).gnu()] {
            let reading = read(&archive().header(header).end());
            let entry = reading.entry();
            assert_eq!(
                (entry.kind, entry.device, entry.mode),
                (kind, Some((8, 3)), 0o107_755)
            );
        }
        let entry = read(&archive().header(device(flag).v7()).end())
            .entry()
            .clone();
        assert_eq!(entry.device, Some((0, 0)));
    }
    assert_eq!(
        read(&archive().header(device(b'0')).end()).entry().device,
        None
    );

    let reading = read(&archive().header(device(b'3').put(329, &[0xff; 8])).end());
    assert_eq!(reading.entry().device, Some((u64::MAX, 3)));
    assert_eq!(
        reading.odd_kinds(),
        [OutOfRange {
            field: "devmajor",
            found: -1
        }]
    );
}

#[test]
fn only_links_have_targets() {
    for (flag, linked) in [
        (b'0', false),
        (b'1', true),
        (b'2', true),
        (b'5', false),
        (b'7', false),
    ] {
        let whole = archive().header(named("f").flag(flag).link("target"));
        let reading = read(&whole.header(named("g").flag(flag)).end());
        assert_eq!(
            reading.entries()[0].link,
            if linked { &b"target"[..] } else { b"" }
        );
        assert_eq!(reading.entries()[1].link, b"");
    }
}

#[test]
fn offsets_say_where_things_are() {
    let whole = archive()
        .file("a", [b'x'; 700])
        .pax(&[("path", "b")])
        .file("raw", "B");
    let reading = read(&whole.header(named("d/").flag(b'5')).end());
    let offsets = reading
        .entries()
        .iter()
        .map(|entry| (entry.header_offset, entry.content_offset))
        .collect::<Vec<_>>();
    assert_eq!(offsets, [(0, 512), (2560, 3072), (3584, 4096)]);
}
