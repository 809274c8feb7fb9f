//! One file out of a blob.

use std::ops::Range;

use layerscope_layer::{
    Compression, Content, Demand, Entry, Error, Extract, Kind, ScannedLayer, Segment,
};

use crate::archive::{Archive, everything, gzip, gzip_members, noise, scan, zstd};

/// The bytes of a file, and how many bytes of the blob that took.
fn extract(blob: &[u8], entry: &Entry<'_>, range: Range<u64>, piece: usize) -> (Vec<u8>, usize) {
    let mut extract = Extract::new(&entry.content, entry.size, range);
    let mut bytes = Vec::new();
    let mut read = 0;
    for piece in blob.chunks(piece) {
        read += piece.len();
        if extract.push(piece, &mut |run| bytes.extend_from_slice(run)) == Demand::Stop {
            break;
        }
    }
    extract.finish().unwrap();
    (bytes, read)
}

/// Files and what is in them.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut sparse = vec![0; 2000];
    sparse[100..105].copy_from_slice(b"begin");
    sparse[1500..1800].fill(7);
    vec![
        ("usr/bin/tool", noise(700)),
        ("etc/motd", b"welcome\n".to_vec()),
        ("etc/empty", vec![]),
        ("usr/share/りんご", b"apple".to_vec()),
        ("var/sparse", sparse),
    ]
}

fn find<'a>(layer: &'a ScannedLayer, path: &str) -> Entry<'a> {
    let mut entries = layer.index.iter();
    entries.find(|entry| entry.path == path.as_bytes()).unwrap()
}

#[test]
fn every_file_comes_out_of_every_compression() {
    let plain = everything().end();
    let blobs = [
        plain.clone(),
        gzip(&plain),
        gzip_members(&plain, 600),
        zstd(&plain),
    ];
    for blob in blobs {
        let layer = scan(&blob);
        let all = layer
            .index
            .iter()
            .filter(|it| it.kind == Kind::File && it.size > 0);
        assert_eq!(
            all.count(),
            files()
                .iter()
                .filter(|(_, content)| !content.is_empty())
                .count()
        );
        for (path, content) in files() {
            let entry = find(&layer, path);
            for piece in [1, 100, 512, 1 << 20] {
                let (bytes, _) = extract(&blob, &entry, 0..u64::MAX, piece);
                assert_eq!(bytes, content, "{path} in pieces of {piece}");
            }
        }
    }
}

#[test]
fn every_range_of_a_sparse_file_comes_out() {
    let runs: [(u64, &[u8]); 4] = [(3, b"abc"), (6, b"de"), (20, b"f"), (30, b"")];
    let mut content = [0; 30];
    content[3..8].copy_from_slice(b"abcde");
    content[20] = b'f';
    let plain = Archive::default()
        .file("a", "x")
        .sparse("s", 30, &runs)
        .end();
    for blob in [plain.clone(), gzip(&plain)] {
        let layer = scan(&blob);
        let entry = find(&layer, "s");
        for start in 0..=32 {
            for end in start..=33_usize {
                let range = start as u64..end as u64;
                let expected = &content[start.min(30)..end.min(30)];
                assert_eq!(
                    extract(&blob, &entry, range.clone(), 64).0,
                    expected,
                    "{range:?}"
                );
            }
        }
    }
}

#[test]
fn every_range_of_an_ordinary_file_comes_out() {
    let plain = Archive::default().file("a", "0123456789").end();
    let layer = scan(&plain);
    let entry = find(&layer, "a");
    for start in 0..=11 {
        for end in 0..=12 {
            let expected = b"0123456789".get(start..end.min(10)).unwrap_or_default();
            let range = start as u64..end as u64;
            assert_eq!(
                extract(&plain, &entry, range.clone(), 7).0,
                expected,
                "{range:?}"
            );
        }
    }
}

#[test]
fn a_plain_layer_can_be_read_from_where_the_content_is() {
    let plain = everything().end();
    let layer = scan(&plain);
    assert_eq!(layer.found.compression, Compression::None);
    for (path, content) in files() {
        let entry = find(&layer, path);
        for start in [0, 1, 50, 102, 1600] {
            let mut extract = Extract::new(&entry.content, entry.size, start..u64::MAX);
            let from = extract.plain_start() as usize;
            assert!(from >= entry.content.offset as usize);
            extract.start_at_plain();
            let mut bytes = Vec::new();
            for piece in plain[from..].chunks(33) {
                if extract.push(piece, &mut |run| bytes.extend_from_slice(run)) == Demand::Stop {
                    break;
                }
            }
            extract.finish().unwrap();
            let expected = content.get(start as usize..).unwrap_or_default();
            assert_eq!(bytes, expected, "{path} from {start}");
        }
    }
    // Of a file with stored bytes in front of the range, those are not needed.
    let sparse = find(&layer, "var/sparse");
    let whole = Extract::new(&sparse.content, sparse.size, 0..2000).plain_start();
    let tail = Extract::new(&sparse.content, sparse.size, 1600..2000).plain_start();
    assert_eq!(tail, whole + 5 + 100);
}

#[test]
fn reading_stops_as_soon_as_all_is_there() {
    let plain = Archive::default()
        .file("a", "early")
        .file("b", noise(100_000))
        .end();
    for blob in [plain.clone(), gzip(&plain)] {
        let layer = scan(&blob);
        let (bytes, read) = extract(&blob, &find(&layer, "a"), 0..u64::MAX, 600);
        assert_eq!(bytes, b"early");
        assert!(read <= 1200, "{read} bytes of the blob read");
    }
    // An empty file and a hole need no byte at all.
    let layer = scan(
        &Archive::default()
            .file("e", "")
            .sparse("h", 70_000, &[])
            .end(),
    );
    for (number, size) in [(0, 0), (1, 70_000)] {
        let entry = layer.index.entry(number).unwrap();
        let mut extract = Extract::new(&entry.content, entry.size, 0..u64::MAX);
        let mut bytes = Vec::new();
        let demand = extract.push(&[], &mut |run| bytes.extend_from_slice(run));
        assert_eq!(demand, Demand::Stop);
        assert_eq!(bytes, vec![0; size]);
        extract.finish().unwrap();
    }
}

#[test]
fn a_blob_that_ends_early_is_an_error() {
    let plain = Archive::default().file("a", noise(5000)).end();
    let layer = scan(&plain);
    let entry = layer.index.entry(0).unwrap();
    for (blob, name) in [
        (plain[..3000].to_vec(), "layer-content-short"),
        (gzip(&plain)[..3000].to_vec(), "inflate-truncated"),
        (zstd(&plain)[..3000].to_vec(), "inflate-truncated"),
        (b"BZh91AY&SY".to_vec(), "inflate-unsupported"),
    ] {
        let mut extract = Extract::new(&entry.content, entry.size, 0..u64::MAX);
        let mut bytes = Vec::new();
        let _ = extract.push(&blob, &mut |run| bytes.extend_from_slice(run));
        let failure = extract.finish().unwrap_err();
        assert_eq!(failure.name(), name);
        assert!(matches!(
            failure,
            Error::Content { expected: 5000, delivered, .. } if delivered == bytes.len() as u64
        ));
        assert!(noise(5000).starts_with(&bytes));
    }
}

#[test]
fn a_file_that_a_cut_blob_still_holds_comes_out() {
    // More than a zstd block, so that there is a whole one before the cut.
    let plain = Archive::default()
        .file("a", "kept back")
        .file("b", noise(400_000))
        .end();
    let blob = zstd(&plain);
    let blob = &blob[..blob.len() / 2];
    let layer = scan(blob);
    assert_eq!(layer.failure.as_ref().unwrap().name(), "inflate-truncated");
    let entry = find(&layer, "a");
    let mut extract = Extract::new(&entry.content, entry.size, 0..u64::MAX);
    let mut bytes = Vec::new();
    let _ = extract.push(blob, &mut |run| bytes.extend_from_slice(run));
    extract.flush(&mut |run| bytes.extend_from_slice(run));
    assert_eq!(bytes, b"kept back");
    extract.finish().unwrap();
}

#[test]
fn a_map_that_cannot_be_right_is_refused() {
    let segment = |offset, len| Segment { offset, len };
    let maps = [
        vec![segment(5, 3), segment(4, 2)],
        vec![segment(8, 5)],
        vec![segment(u64::MAX, 5)],
        vec![segment(0, 4)],
        vec![segment(0, 5), segment(5, 1)],
    ];
    for sparse in maps {
        let content = Content {
            offset: 0,
            stored: 5,
            sparse: &sparse,
        };
        let mut extract = Extract::new(&content, 10, 0..10);
        let mut given = 0;
        let demand = extract.push(&[1; 100], &mut |run| given += run.len());
        assert_eq!((demand, given), (Demand::Stop, 0), "{sparse:?}");
        assert_eq!(extract.finish().unwrap_err().name(), "layer-sparse-map");
    }
    // A position past what 64 bits can tell is never reached.
    let content = Content {
        offset: u64::MAX - 1,
        stored: 5,
        sparse: &[],
    };
    let mut extract = Extract::new(&content, 5, 0..5);
    assert_eq!(extract.push(&[1; 100], &mut |_| ()), Demand::More);
    assert_eq!(extract.finish().unwrap_err().name(), "layer-content-short");
}
