//! What is strange is told, where it is, and how often.

use std::collections::BTreeSet;

use layerscope_layer::limits::{MAX_ODDITIES_OF_A_KIND, MAX_TOC};
use layerscope_layer::{Demand, Expected, LayerScan, Limits, OddityKind, ScannedLayer};
use layerscope_oci::MediaType;

use crate::archive::{
    Archive, Header, XZ_EMPTY_ARCHIVE, everything, gzip, scan, scan_expecting, zstd,
};

/// Kind, entry and arguments of each oddity, as text.
fn told(layer: &ScannedLayer) -> Vec<String> {
    let line = |oddity: &layerscope_layer::Oddity| {
        let mut line = format!("{} at {}", oddity.kind.name(), oddity.offset);
        if let Some(entry) = oddity.entry {
            line.push_str(&format!(" #{entry}"));
        }
        for (name, value) in oddity.args() {
            line.push_str(&format!(" {name}={}", value.escape_ascii()));
        }
        line
    };
    layer.oddities.iter().map(line).collect()
}

#[track_caller]
fn expect(archive: Archive, expected: &[&str]) {
    assert_eq!(told(&scan(&archive.end())), expected);
}

#[test]
fn an_ordinary_layer_has_none() {
    let archive = Archive::default()
        .directory("./")
        .directory("etc/")
        .file("etc/passwd", "root")
        .file("etc/.wh.shadow", "")
        .file("etc/.wh..wh..opq", "")
        .file(".wh.etc/somefile", "not a whiteout")
        .link(b'2', "etc/mtab", "../proc/self/mounts");
    expect(archive, &[]);
}

#[test]
fn names() {
    let name = "n".repeat(256);
    let path = "p/".repeat(2048) + "p";
    expect(
        Archive::default()
            .file("../x", "")
            .file("a/../../y", "")
            .file("lib/systemd/a\\x2db.slice", "")
            .file("C:/z", "")
            .pax(&[("path", name.as_bytes())])
            .file("x", "")
            .pax(&[("path", path.as_bytes())])
            .file("x", ""),
        &[
            "escapes-root at 0 #0",
            "escapes-root at 512 #1",
            "windows-path at 1024 #2",
            "windows-path at 1536 #3",
            "long-path at 3072 #4 bytes=256",
            "long-path at 8704 #5 bytes=4097",
        ],
    );
}

#[test]
fn whiteouts() {
    expect(
        Archive::default()
            .file(".wh.", "")
            .file("etc/.wh..", "")
            .file("etc/.wh...", "")
            .directory("etc/.wh.dir/")
            .file("etc/.wh.file", "content")
            .file(".wh..wh.aufs", "")
            .directory(".wh..wh.plnk/")
            .file(".wh..wh.plnk/123.456", "shared")
            .file("deep/.wh..wh.orph", ""),
        &[
            "invalid-whiteout at 0 #0",
            "invalid-whiteout at 512 #1",
            "invalid-whiteout at 1024 #2",
            "whiteout-with-content at 1536 #3",
            "whiteout-with-content at 2048 #4",
            "aufs-metadata at 3072 #5",
            "aufs-metadata at 3584 #6",
            "aufs-metadata at 4096 #7",
            "aufs-metadata at 5120 #8",
        ],
    );
}

#[test]
fn rights() {
    let mut device = Header::new(b'4', "sda");
    device.device = (8, 1);
    let mut set_id = Header::new(b'0', "su");
    set_id.mode = 0o106_711;
    let mut set_gid = Header::new(b'5', "var/mail");
    set_gid.mode = 0o2775;
    expect(
        Archive::default()
            .header(&device)
            .header(&set_id)
            .header(&set_gid)
            .pax(&[("SCHILY.xattr.security.capability", b"\x01")])
            .file("ping", ""),
        &[
            "device at 0 #0 major=8 minor=1",
            "set-id at 512 #1 mode=6711",
            "capability at 2560 #3",
        ],
    );
}

#[test]
fn entries_that_claim_one_place() {
    expect(
        Archive::default()
            .file("a/b", "first")
            .file("A/b", "")
            .file("./a//b", "")
            .file("a/x/../b", "")
            .file("a/B", "")
            .file("A/b", "")
            .file("Straße", "")
            .file("STRASSE", "")
            .file("Äpfel", "")
            .file("äpfel", "")
            .file(b"caf\xe9", "")
            .file(b"CAF\xe9", "")
            .directory("/")
            .directory("./"),
        &[
            "case-collision at 1536 #1 first=0",
            "duplicate-path at 2048 #2 first=0",
            "duplicate-path at 2560 #3 first=0",
            "case-collision at 3072 #4 first=0",
            "duplicate-path at 3584 #5 first=1",
            "case-collision at 5632 #9 first=8",
            "case-collision at 6656 #11 first=10",
            "duplicate-path at 7680 #13 first=12",
        ],
    );
}

#[test]
fn what_the_tar_parser_finds() {
    let mut sized = Header::new(b'5', "d");
    sized.size = 600;
    expect(
        Archive::default()
            .pax(&[("path", b"one"), ("path", b"two")])
            .file("x", "")
            .header(&sized)
            .file("7", "")
            .with(Header::new(b'g', "global"), b"13 path=evil\n")
            .header(&Header::new(b'Z', "odd"))
            .file("slash/", ""),
        &[
            "repeated-record at 0 #0 key=path",
            "ignored-size at 1536 #1 stated=600",
            "global-override at 2560",
            "unsupported-type at 3584 #3 flag=Z",
            "ambiguous-field at 4096 #4 field=name",
        ],
    );
    let hidden = everything().raw(&[0; 512]).file("hidden", "x").end();
    let layer = scan(&hidden);
    assert_eq!(
        layer.failure.as_ref().unwrap().name(),
        "tar-lone-zero-block"
    );
    assert_eq!(layer.oddity_counts.of(OddityKind::HiddenEntries), 1);
    let second = Archive::default().raw(&[0; 1024]).file("second", "x").end();
    assert_eq!(told(&scan(&second)), ["second-archive at 1024"]);
    let trailing = [Archive::default().end(), b"junk".to_vec()].concat();
    assert_eq!(told(&scan(&trailing)), ["trailing-data at 1024"]);
}

#[test]
fn what_is_told_of_an_entry_that_does_not_come_is_told_of_the_archive() {
    let archive = Archive::default().file("a", "");
    let archive = archive.pax(&[("path", b"one"), ("path", b"two\\")]);
    let limits = Limits {
        entries: 1,
        ..Limits::default()
    };
    let mut scan = LayerScan::new(Expected::default(), limits);
    assert_eq!(scan.push(&archive.file("x", "").end()), Demand::More);
    assert_eq!(told(&scan.finish()), ["repeated-record at 512 key=path"]);
}

#[test]
fn the_compression_against_the_media_type() {
    let plain = everything().end();
    let layer = |blob: &[u8], media_type: MediaType| {
        let expected = Expected {
            media_type: Some(media_type),
            ..Expected::default()
        };
        let layer = scan_expecting(blob, &expected);
        layer
            .oddities
            .into_iter()
            .find(|it| it.kind == OddityKind::MediaTypeMismatch)
    };
    let mismatch = |blob: &[u8], media_type| {
        layer(blob, media_type).map(|oddity| {
            oddity
                .args()
                .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
                .collect::<Vec<_>>()
        })
    };
    for (blob, fitting) in [
        (plain.clone(), MediaType::OCI_LAYER),
        (gzip(&plain), MediaType::DOCKER_LAYER_GZIP),
        (zstd(&plain), MediaType::OCI_LAYER_ZSTD),
        (vec![], MediaType::OCI_LAYER_GZIP),
        (plain.clone(), MediaType::new("application/octet-stream")),
    ] {
        assert_eq!(mismatch(&blob, fitting), None);
    }
    assert_eq!(
        mismatch(&zstd(&plain), MediaType::OCI_LAYER_GZIP).unwrap(),
        ["zstd", "application/vnd.oci.image.layer.v1.tar+gzip"]
    );
    assert_eq!(
        mismatch(&plain, MediaType::DOCKER_LAYER_GZIP).unwrap(),
        ["none", "application/vnd.docker.image.rootfs.diff.tar.gzip"]
    );
    assert_eq!(
        mismatch(&gzip(&plain), MediaType::OCI_LAYER).unwrap(),
        ["gzip", "application/vnd.oci.image.layer.v1.tar"]
    );
    // A layer that was scanned in passing learns its media type later.
    assert!(
        scan(&plain)
            .media_type_mismatch(&MediaType::OCI_LAYER_GZIP)
            .is_some()
    );
    assert_eq!(mismatch(b"BZh91AY&SY", MediaType::OCI_LAYER_GZIP), None);
}

#[test]
fn what_follows_the_compressed_data() {
    let blob = gzip(&Archive::default().end());
    let end = blob.len();
    let zeros = [blob.clone(), vec![0; 16]].concat();
    assert_eq!(
        told(&scan(&zeros)),
        [format!("trailing-zeros at {end} bytes=16")]
    );
    let garbage = [blob, b"garbage".to_vec()].concat();
    assert_eq!(
        told(&scan(&garbage)),
        [format!("trailing-garbage at {end} bytes=7")]
    );
    assert_eq!(scan(&garbage).failure, None);
}

#[test]
fn names_that_are_spelt_differently() {
    let decomposed = "cafe\u{301}/か\u{3099}";
    expect(
        Archive::default()
            .file("café/が", "")
            .file("café/か", "")
            .file(decomposed, "")
            .file("CAFÉ/が", "")
            .file("각", "")
            .file("\u{1100}\u{1161}\u{11a8}", "")
            .file("가", "")
            .file(b"caf\xe9", ""),
        &[
            "unicode-collision at 1536 #2 first=0",
            "case-collision at 2048 #3 first=0",
            "unicode-collision at 3072 #5 first=4",
        ],
    );
}

/// An eStargz layer as far as its archive goes: the table is its last file.
fn with_toc(archive: Archive, entries: &str) -> Archive {
    let toc = format!("{{\"version\":1,\"entries\":[{entries}]}}");
    archive.file("stargz.index.json", toc)
}

fn lazily_pulled() -> Archive {
    Archive::default()
        .directory("bin/")
        .file("./bin/sh", "#!")
        .link(b'2', "bin/ash", "sh")
        .link(b'1', "bin/dash", "./bin/sh")
        .file("bin/big", "0123456789")
        .file(b"bin/caf\xe9", "")
        .file(".no.prefetch.landmark", "\x0f")
}

const ITS_TOC: &str = r#"{"name":"bin/","type":"dir","mode":493},
    {"name":"bin/sh","type":"reg","size":2,"offset":5},
    {"name":"bin/ash","type":"symlink","linkName":"sh"},
    {"name":"bin/dash","type":"hardlink","linkName":"bin/sh"},
    {"name":"bin/big","type":"reg","size":10,"chunkSize":4},
    {"name":"bin/big","type":"chunk","chunkOffset":4},
    {"name":"bin/caf\ufffd","type":"reg"},
    {"name":".no.prefetch.landmark","type":"reg","size":1}"#;

#[test]
fn a_table_of_contents_that_agrees() {
    expect(with_toc(lazily_pulled(), ITS_TOC), &[]);
    // Without a table there is nothing to compare, and one in another place is a file like any other.
    expect(Archive::default().file("a/stargz.index.json", "{}"), &[]);
}

#[test]
fn a_table_of_contents_that_says_something_else() {
    let other = ITS_TOC
        .replace(r#""size":2"#, r#""size":3"#)
        .replace(r#""linkName":"sh""#, r#""linkName":"/evil""#)
        .replace(
            r#"{"name":"bin/dash","type":"hardlink","linkName":"bin/sh"},"#,
            "",
        )
        .replace("bin/\",\"type\":\"dir", "bin/\",\"type\":\"fifo")
        + r#",{"name":"etc/shadow","type":"reg","size":7}"#;
    expect(
        with_toc(lazily_pulled(), &other),
        &[
            "toc-disagrees at 5120 #3 toc=- tar=hardlink bin/sh name=/bin/dash",
            "toc-disagrees at 5120 #2 toc=symlink /evil tar=symlink sh name=/bin/ash",
            "toc-disagrees at 5120 #1 toc=reg 3 tar=reg 2 name=/bin/sh",
            "toc-disagrees at 5120 #0 toc=fifo tar=dir name=/bin",
            "toc-disagrees at 5120 toc=reg 7 tar=- name=/etc/shadow",
        ],
    );
}

/// Tools that leave the archive as it was put the table behind its end.
#[test]
fn a_table_of_contents_behind_the_end() {
    let first = lazily_pulled().end();
    let behind = |toc: &str, more: Archive| {
        let second = with_toc(Archive::default(), toc).raw(&more.cut()).end();
        scan(&[&*first, &[0; 1024], &*second].concat())
    };
    let alike = behind(ITS_TOC, Archive::default());
    assert_eq!(told(&alike), Vec::<String>::new());
    assert_eq!(alike.failure, None);
    let at = first.len() + 1024;
    let other = ITS_TOC.replace(r#""size":2"#, r#""size":3"#);
    assert_eq!(
        told(&behind(&other, Archive::default())),
        [format!(
            "toc-disagrees at {at} #1 toc=reg 3 tar=reg 2 name=/bin/sh"
        )]
    );
    // With anything beside it, it is an archive that readers of concatenated ones would unpack.
    let more = behind(ITS_TOC, Archive::default().file("more", ""));
    assert_eq!(told(&more), [format!("second-archive at {at}")]);
}

/// Its header may come in any two pieces.
#[test]
fn how_a_table_behind_the_end_is_cut_cannot_be_observed() {
    let other = ITS_TOC.replace(r#""size":2"#, r#""size":3"#);
    let second = with_toc(Archive::default(), &other).end();
    let blob = [lazily_pulled().end(), vec![0; 1024], second].concat();
    let whole = scan(&blob);
    assert_eq!(whole.oddities.len(), 1);
    let in_pieces = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut scan = LayerScan::new(Expected::default(), Limits::default());
        for piece in pieces {
            assert_eq!(scan.push(piece), Demand::More);
        }
        scan.finish()
    };
    for cut in blob.len() - 5 * 512..blob.len() {
        let (first, rest) = blob.split_at(cut);
        assert_eq!(in_pieces(&mut [first, rest].into_iter()), whole, "{cut}");
    }
    for size in [1, 7, 511, 513] {
        assert_eq!(in_pieces(&mut blob.chunks(size)), whole, "{size}");
    }
}

#[test]
fn a_table_of_contents_that_is_none() {
    let told_of = |toc: &str| {
        told(&scan(
            &Archive::default().file("stargz.index.json", toc).end(),
        ))
    };
    assert_eq!(told_of("{}"), ["toc-unchecked at 0 why=no entries"]);
    assert!(told_of("nonsense")[0].starts_with("toc-unchecked at 0 why="));
    let large = usize::try_from(MAX_TOC).unwrap() + 1;
    let why = format!("toc-unchecked at 0 why={large} bytes");
    assert_eq!(told_of(&" ".repeat(large)), [why]);
    // Nobody can say what an archive would have held that was not read to its end.
    let cut = with_toc(lazily_pulled(), "").end();
    let cut = scan(&cut[..cut.len() - 1536]);
    assert!(cut.failure.is_some());
    assert_eq!(told(&cut), Vec::<String>::new());
}

#[test]
fn a_compression_that_runtimes_do_not_know() {
    let layer = scan(&XZ_EMPTY_ARCHIVE);
    assert_eq!(layer.failure, None);
    assert_eq!(told(&layer), ["uncommon-compression at 0 found=xz"]);
    let refused = scan(b"BZh91AY&SY and so on").failure.unwrap();
    assert_eq!(refused.name(), "inflate-unsupported");
}

#[test]
fn of_many_alike_the_first_are_kept_and_all_counted() {
    let more = MAX_ODDITIES_OF_A_KIND + 50;
    let archive = (0..more).fold(Archive::default(), |archive, n| {
        archive.file(format!("{n}\\"), "").file("twice", "")
    });
    let layer = scan(&archive.end());
    let kept = |kind| layer.oddities.iter().filter(|it| it.kind == kind).count() as u64;
    assert_eq!(kept(OddityKind::WindowsPath), MAX_ODDITIES_OF_A_KIND);
    assert_eq!(kept(OddityKind::DuplicatePath), MAX_ODDITIES_OF_A_KIND);
    assert_eq!(layer.oddity_counts.of(OddityKind::WindowsPath), more);
    assert_eq!(layer.oddity_counts.of(OddityKind::DuplicatePath), more - 1);
    assert_eq!(layer.oddity_counts.of(OddityKind::Device), 0);
    assert_eq!(layer.oddity_counts.total(), 2 * more - 1);
    // The first ones, in the order of the archive.
    let numbers: Vec<_> = layer.oddities.iter().filter_map(|it| it.entry).collect();
    let duplicates = (0..MAX_ODDITIES_OF_A_KIND).map(|n| 2 * n as u32 + 3);
    let windows = (0..MAX_ODDITIES_OF_A_KIND).map(|n| 2 * n as u32);
    assert!(numbers.into_iter().eq(windows.chain(duplicates)));
}

#[test]
fn kinds_have_stable_names_and_numbers() {
    let names: BTreeSet<_> = OddityKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), OddityKind::ALL.len());
    for kind in OddityKind::ALL {
        assert_eq!(OddityKind::from_id(*kind as u8), Some(*kind));
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(kind.name().bytes().all(kebab), "{}", kind.name());
    }
    assert_eq!(OddityKind::from_id(255), None);
    assert_eq!(OddityKind::DuplicatePath as u8, 5);
    assert_eq!(OddityKind::TrailingData as u8, 53);
}
