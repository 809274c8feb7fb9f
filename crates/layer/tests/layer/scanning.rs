//! What a scan finds.

use layerscope_layer::{
    Compression, Demand, Entry, Error, Expected, Extract, Found, Kind, LayerScan, Limits, Progress,
    ScannedLayer, Segment,
};
use twox_hash::XxHash3_64;

use crate::archive::{Archive, Header, everything, gzip, gzip_members, noise, scan, zstd};

/// The entry of this path, in a layer that has no other of it.
fn entry<'a>(layer: &'a ScannedLayer, path: &str) -> Entry<'a> {
    let mut found = layer
        .index
        .iter()
        .filter(|entry| entry.path == path.as_bytes());
    found.next().unwrap_or_else(|| panic!("no entry {path}"))
}

#[test]
fn every_attribute_of_an_entry_is_kept() {
    let layer = scan(&everything().end());
    assert_eq!(layer.failure, None);
    assert_eq!(layer.index.len(), 14);
    assert_eq!(layer.index.iter().len(), 14);

    let tool = entry(&layer, "usr/bin/tool");
    assert_eq!((tool.kind, tool.size, tool.mode), (Kind::File, 700, 0o4755));
    assert_eq!((tool.uid, tool.gid), (1000, 50));
    assert_eq!((tool.uname, tool.gname), (&b"tool"[..], &b"staff"[..]));
    assert_eq!((tool.mtime.seconds, tool.mtime.nanos), (1_700_000_000, 0));
    assert_eq!((tool.link, tool.device), (&b""[..], None));
    assert_eq!(tool.fingerprint, Some(XxHash3_64::oneshot(&noise(700))));
    assert_eq!((tool.content.offset, tool.content.stored), (1536, 700));
    assert!(tool.content.sparse.is_empty());
    assert_eq!(tool.xattrs().count(), 0);

    let kinds: Vec<Kind> = layer.index.iter().map(|entry| entry.kind).collect();
    use Kind::{Block, Char, Directory, Fifo, File, HardLink, Symlink};
    assert_eq!(
        kinds,
        [
            Directory, Directory, File, File, File, Symlink, HardLink, Char, Block, Fifo, File,
            File, File, File
        ]
    );
    assert_eq!(entry(&layer, "etc/issue").link, b"motd");
    assert_eq!(entry(&layer, "usr/bin/again").link, b"usr/bin/tool");
    assert_eq!(entry(&layer, "dev/null").device, Some((1, 3)));
    assert_eq!(entry(&layer, "dev/sda").device, Some((8, 0)));

    let apple = entry(&layer, "usr/share/りんご");
    assert_eq!((apple.mtime.seconds, apple.mtime.nanos), (-2, 750_000_000));
    assert_eq!(
        apple.xattrs().collect::<Vec<_>>(),
        [
            (&b"security.capability"[..], &b"\x01\x00\x00\x02\n=\0"[..]),
            (b"user.note", b"")
        ]
    );
    let sparse = entry(&layer, "var/sparse");
    assert_eq!((sparse.size, sparse.content.stored), (2000, 305));
    assert_eq!(
        sparse.content.sparse,
        [
            Segment {
                offset: 100,
                len: 5
            },
            Segment {
                offset: 1500,
                len: 300
            },
            Segment {
                offset: 2000,
                len: 0
            }
        ]
    );
}

#[test]
fn only_what_has_content_has_a_fingerprint() {
    let layer = scan(&everything().end());
    for entry in layer.index.iter() {
        assert_eq!(
            entry.fingerprint.is_some(),
            entry.kind == Kind::File,
            "{}",
            entry.path.escape_ascii()
        );
    }
    let of = |layer: &ScannedLayer| layer.index.entry(0).unwrap().fingerprint;
    let runs: [(u64, &[u8]); 1] = [(10, b"data")];
    let one = scan(&Archive::default().sparse("a", 100, &runs).end());
    let same = scan(&Archive::default().sparse("b", 100, &runs).end());
    let moved: [(u64, &[u8]); 1] = [(11, b"data")];
    let other = scan(&Archive::default().sparse("a", 100, &moved).end());
    let dense = scan(&Archive::default().file("a", "data").end());
    assert_eq!(of(&one), of(&same));
    assert_ne!(of(&one), of(&other));
    assert_ne!(of(&one), of(&dense));
}

#[test]
fn a_fingerprint_is_that_of_the_whole_content_however_it_comes() {
    let content = noise(100_000);
    let blob = Archive::default().file("big", &content).end();
    for piece in [1, 7, 512, 4096, 99_999, 200_000] {
        let mut scan = LayerScan::new(Expected::default(), Limits::default());
        for bytes in blob.chunks(piece) {
            assert_eq!(scan.push(bytes), Demand::More);
        }
        let layer = scan.finish();
        assert_eq!(
            layer.index.entry(0).unwrap().fingerprint,
            Some(XxHash3_64::oneshot(&content)),
            "in pieces of {piece}"
        );
    }
}

#[test]
fn the_first_bytes_tell_the_compression() {
    let plain = everything().end();
    let members = gzip_members(&plain, 100);
    let blobs = [
        (&plain, Compression::None),
        (&gzip(&plain), Compression::Gzip),
        (&members, Compression::Gzip),
        (&zstd(&plain), Compression::Zstd),
    ];
    let index = scan(&plain).index;
    for (blob, compression) in blobs {
        let layer = scan(blob);
        assert_eq!(layer.found.compression, compression);
        assert_eq!(layer.found.size, blob.len() as u64);
        assert_eq!(layer.found.uncompressed_size, plain.len() as u64);
        assert!(layer.found.complete);
        assert_eq!(layer.failure, None);
        assert_eq!(layer.index, index);
    }
}

#[test]
fn nothing_and_nearly_nothing_are_layers_without_entries() {
    for blob in [
        vec![],
        vec![0; 512],
        vec![0; 1024],
        gzip(&[]),
        gzip(&[0; 1024]),
    ] {
        let layer = scan(&blob);
        assert_eq!(layer.failure, None, "{blob:?}");
        assert!(layer.index.is_empty());
        assert!(layer.oddities.is_empty());
    }
}

#[test]
fn what_was_read_before_an_error_stays() {
    let plain = everything().end();
    let whole = scan(&plain).index;
    for blob in [gzip(&plain), zstd(&plain)] {
        let layer = scan(&blob[..blob.len() * 2 / 3]);
        let failure = layer.failure.unwrap();
        assert_eq!(failure.name(), "inflate-truncated");
        let kept = layer.index.len();
        assert!(failure.to_string().ends_with(&format!(
            "{} bytes and {kept} entries were read before",
            layer.found.uncompressed_size
        )));
        assert_eq!(layer.found.diff_id, None);
        assert!(layer.found.digest.is_some() && layer.found.complete);
        for (partial, whole) in layer.index.iter().zip(whole.iter()) {
            assert_eq!(partial.path, whole.path);
        }
    }
    // Enough of a gzip stream that some entries can be told, and not all.
    let many = (0..200).fold(Archive::default(), |archive, n| {
        archive.file(format!("file-{n}"), noise(300))
    });
    let blob = gzip(&many.end());
    let kept = scan(&blob[..blob.len() / 2]).index.len();
    assert!((50..150).contains(&kept), "{kept} entries");
}

#[test]
fn an_archive_that_breaks_keeps_both_digests() {
    let mut broken = Header::new(b'0', "b");
    broken.wrong_by = 1;
    let plain = Archive::default()
        .file("a", "first")
        .header(&broken)
        .file("c", "never seen")
        .end();
    let layer = scan(&gzip(&plain));
    let failure = layer.failure.unwrap();
    assert_eq!(failure.name(), "tar-checksum");
    assert!(matches!(
        &failure,
        Error::Archive { cause, entries: 1 } if cause.offset == 1024
    ));
    assert_eq!(layer.index.len(), 1);
    assert!(layer.found.digest.is_some() && layer.found.diff_id.is_some());
    assert_eq!(layer.found.uncompressed_size, plain.len() as u64);
}

#[test]
fn a_file_that_is_cut_has_no_fingerprint() {
    let mut blob = Archive::default().file("a", noise(2000)).cut();
    blob.truncate(1000);
    let layer = scan(&blob);
    assert_eq!(layer.failure.unwrap().name(), "tar-truncated");
    let entry = layer.index.entry(0).unwrap();
    assert_eq!((entry.size, entry.fingerprint), (2000, None));
}

#[test]
fn what_is_known_can_be_seen_before_the_end() {
    let blob = everything().end();
    let mut scan = LayerScan::new(Expected::default(), Limits::default());
    assert_eq!(scan.progress(), Progress::default());
    assert_eq!(scan.push(&blob[..1600]), Demand::More);
    let paths: Vec<_> = scan
        .peek()
        .iter()
        .map(|entry| entry.path.to_vec())
        .collect();
    assert_eq!(paths, [&b"./"[..], b"usr/", b"usr/bin/tool"]);
    let so_far = Progress {
        read: 1600,
        unpacked: 1600,
        entries: 3,
    };
    assert_eq!(scan.progress(), so_far);

    // A copy of it claims nothing, and the scan goes on.
    let copy = scan.so_far();
    assert_eq!(&copy.index, scan.peek());
    let Found {
        digest, diff_id, ..
    } = &copy.found;
    assert_eq!(
        (digest, diff_id, copy.found.complete),
        (&None, &None, false)
    );
    assert_eq!(ScannedLayer::from_bytes(&copy.to_bytes()).unwrap(), copy);
    assert_eq!(scan.push(&blob[1600..]), Demand::More);
    let layer = scan.finish();
    assert!(layer.index.len() > 3 && layer.found.diff_id.is_some());
}

#[test]
fn a_listing_passes_over_contents() {
    let blob = Archive::default()
        .file("a", noise(3000))
        .sparse("s", 9000, &[(0, &noise(600))])
        .file("b", noise(5000))
        .end();
    let hashed = scan(&blob);
    let mut scan = LayerScan::listing(Limits::default());
    let (mut at, mut skipped) = (0, 0);
    while at < blob.len() {
        let skippable = scan.skippable();
        scan.skip(skippable);
        at += skippable as usize;
        skipped += skippable;
        let end = blob.len().min(at + 512);
        assert_eq!(scan.push(&blob[at..end]), Demand::More);
        at = end;
    }
    assert!(skipped > 6000, "{skipped} bytes skipped");
    let listed = scan.finish();
    assert_eq!(listed.failure, None);
    assert_eq!(listed.found.size, blob.len() as u64);
    assert_eq!(listed.found.uncompressed_size, blob.len() as u64);
    assert_eq!((listed.found.digest, listed.found.diff_id), (None, None));
    assert_eq!(listed.index.len(), 3);
    for (mut listed, hashed) in listed.index.iter().zip(hashed.index.iter()) {
        assert_eq!(listed.fingerprint, None);
        listed.fingerprint = hashed.fingerprint;
        assert_eq!(listed, hashed);
    }
}

#[test]
fn only_a_plain_listing_skips() {
    let plain = Archive::default().file("a", noise(3000)).end();
    let mut verifying = LayerScan::new(Expected::default(), Limits::default());
    assert_eq!(verifying.push(&plain[..600]), Demand::More);
    assert_eq!(verifying.skippable(), 0);
    let mut compressed = LayerScan::listing(Limits::default());
    assert_eq!(compressed.push(&gzip(&plain)[..600]), Demand::More);
    assert_eq!(compressed.skippable(), 0);
    // Who skips what must be read gets no entry out of thin air.
    let mut careless = LayerScan::listing(Limits::default());
    assert_eq!(careless.push(&plain[..600]), Demand::More);
    careless.skip(100_000);
    assert_eq!(careless.push(&plain[600..]), Demand::Stop);
    let layer = careless.finish();
    assert_eq!(layer.failure.unwrap().name(), "layer-aborted");
    assert!(!layer.found.complete);
    // Who skips while verifying gets no digest.
    verifying.skip(1);
    assert_eq!(verifying.push(&plain[601..]), Demand::Stop);
    assert_eq!(verifying.finish().found.digest, None);
}

#[test]
fn a_listing_that_can_find_no_more_stops() {
    let mut broken = Header::new(b'0', "b");
    broken.wrong_by = 1;
    let blob = Archive::default().file("a", "x").header(&broken).cut();
    let mut scan = LayerScan::listing(Limits::default());
    assert_eq!(scan.push(&blob), Demand::Stop);
    let layer = scan.finish();
    assert_eq!(layer.failure.unwrap().name(), "tar-checksum");
    assert!(!layer.found.complete);
}

#[test]
fn a_scan_can_be_sent_to_another_thread() {
    fn sendable<T: Send + 'static>() {}
    sendable::<LayerScan>();
    sendable::<ScannedLayer>();
    sendable::<Extract>();
}
