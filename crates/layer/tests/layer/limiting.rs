//! Limits end a scan early, say so, and keep what was read.

use layerscope_layer::{Demand, Error, Expected, LayerScan, LimitKind, Limits, ScannedLayer};

use crate::archive::{Archive, Header, gzip, noise};

fn scan(blob: &[u8], limits: Limits) -> ScannedLayer {
    let mut scan = LayerScan::new(Expected::default(), limits);
    assert_eq!(scan.push(blob), Demand::More);
    scan.finish()
}

fn many(entries: usize) -> Archive {
    (0..entries).fold(Archive::default(), |archive, n| {
        archive.file(format!("file-{n}"), "")
    })
}

#[test]
fn entries() {
    let blob = gzip(&many(10).end());
    let limits = |entries| Limits {
        entries,
        ..Limits::default()
    };
    assert_eq!(scan(&blob, limits(10)).failure, None);
    let layer = scan(&blob, limits(9));
    assert_eq!(
        layer.failure,
        Some(Error::Limit {
            limit: LimitKind::Entries,
            allowed: 9,
            unpacked: 9 * 512,
            entries: 9
        })
    );
    assert_eq!(layer.index.len(), 9);
    // Whether the bytes are right does not depend on how many of them could be listed.
    assert_eq!(layer.found, scan(&blob, Limits::default()).found);
}

#[test]
fn bytes_of_the_index() {
    let limits = |index_bytes| Limits {
        index_bytes,
        ..Limits::default()
    };
    let mut hostile = Header::new(b'0', "x");
    hostile.names = ("u", "g");
    let owners = (0..50).fold(Archive::default(), |archive, n| {
        hostile.owner = (n, n);
        archive.header(&hostile)
    });
    let long = noise(3000)
        .iter()
        .map(|byte| b'a' + byte % 16)
        .collect::<Vec<u8>>();
    let value = noise(5000);
    let runs: Vec<(u64, &[u8])> = (0..200).map(|n| (2 * n, &b"x"[..])).collect();
    let archives = [
        many(50),
        owners,
        Archive::default().pax(&[("path", &long)]).file("x", ""),
        Archive::default()
            .pax(&[("linkpath", &long)])
            .link(b'2', "x", "y"),
        Archive::default()
            .pax(&[("SCHILY.xattr.user.x", &value)])
            .file("x", ""),
        Archive::default().sparse("x", 1000, &runs),
    ];
    for (number, archive) in archives.into_iter().enumerate() {
        let blob = archive.end();
        let layer = scan(&blob, limits(2000));
        let Some(Error::Limit { limit, allowed, .. }) = layer.failure else {
            panic!("archive {number} fits");
        };
        assert_eq!((limit, allowed), (LimitKind::IndexBytes, 2000));
        assert!(layer.index.heap_bytes() <= 2000, "archive {number}");
        assert_eq!(
            scan(&blob, limits(20_000)).failure,
            None,
            "archive {number}"
        );
    }
}

#[test]
fn uncompressed_bytes() {
    let blob = gzip(&Archive::default().file("zeros", vec![0; 100_000]).end());
    let limits = |unpacked| Limits {
        unpacked,
        ..Limits::default()
    };
    let whole = 512 + 100_352 + 1024;
    assert_eq!(scan(&blob, limits(whole)).failure, None);
    let layer = scan(&blob, limits(50_000));
    assert_eq!(
        layer.failure,
        Some(Error::Limit {
            limit: LimitKind::Unpacked,
            allowed: 50_000,
            unpacked: 50_000,
            entries: 1
        })
    );
    assert_eq!(layer.found.uncompressed_size, 50_000);
    assert_eq!(layer.found.diff_id, None);
    assert_eq!(layer.found.size, blob.len() as u64);
    assert!(layer.found.digest.is_some());
    assert_eq!(layer.index.entry(0).unwrap().fingerprint, None);

    // A listing does not skip past its budget either.
    let plain = Archive::default().file("zeros", vec![0; 100_000]).end();
    let mut listing = LayerScan::listing(limits(50_000));
    assert_eq!(listing.push(&plain[..512]), Demand::More);
    assert_eq!(listing.skippable(), 50_000 - 512);
    listing.skip(listing.skippable());
    assert_eq!(listing.push(&plain[50_000..]), Demand::Stop);
    assert_eq!(listing.finish().failure.unwrap().name(), "layer-limit");
}

#[test]
fn extension_data_of_one_entry() {
    let value = vec![b'v'; 2 << 20];
    let archive = Archive::default()
        .file("a", "")
        .pax(&[("comment", &value)])
        .file("b", "");
    let layer = scan(&gzip(&archive.end()), Limits::default());
    assert_eq!(layer.failure.unwrap().name(), "tar-limit");
    assert_eq!(layer.index.len(), 1);
}

#[test]
fn a_plain_entry_takes_at_most_110_bytes() {
    const ENTRIES: usize = 100_000;
    let mut scan = LayerScan::new(Expected::default(), Limits::default());
    for n in 0..ENTRIES {
        let mut header = Header::new(
            b'0',
            format!("usr/lib/python3/dist-packages/generated/f-{n:06}.py"),
        );
        assert_eq!(header.name.len(), 51);
        header.mtime += n as u64;
        assert_eq!(
            scan.push(&Archive::default().header(&header).cut()),
            Demand::More
        );
    }
    // While it grows it has room for a quarter more.
    assert!(scan.peek().heap_bytes() <= ENTRIES * 140);
    let layer = scan.finish();
    assert_eq!(layer.index.len(), ENTRIES);
    let heap = layer.index.heap_bytes();
    assert!(heap <= ENTRIES * 110, "{heap} bytes of memory");
    let stored = layer.to_bytes();
    assert!(
        stored.len() <= ENTRIES * 110,
        "{} bytes stored",
        stored.len()
    );
    let read = ScannedLayer::from_bytes(&stored).unwrap();
    assert!(read.index.heap_bytes() <= ENTRIES * 110);
    assert_eq!(read, layer);
}
