//! Files out of the middle of a blob.

use layerscope_layer::{Demand, Entry, Error, Extract, Kind, RESTART_SPACING, ScannedLayer};

use crate::archive::{
    Archive, everything, gzip, gzip_blocks, gzip_members, noise, scan, scan_keeping, zstd,
};

/// The bytes of a file from the nearest restart point on, and how many bytes of the blob that took.
fn resumed(
    blob: &[u8],
    layer: &ScannedLayer,
    entry: &Entry<'_>,
    from: u64,
) -> (Result<(), Error>, Vec<u8>, usize) {
    let mut extract = Extract::new(&entry.content, entry.size, from..u64::MAX);
    let point = layer.restart_before(extract.plain_start());
    let start = point.map_or(0, |point| point.compressed);
    if let Some(point) = point {
        assert!(extract.resume(layer.found.compression, point));
    }
    extract.check(&entry.content, entry.size, entry.fingerprint.unwrap());
    let (mut bytes, mut read) = (Vec::new(), 0);
    for piece in blob.get(start as usize..).unwrap_or_default().chunks(200) {
        read += piece.len();
        if extract.push(piece, &mut |run| bytes.extend_from_slice(run)) == Demand::Stop {
            break;
        }
    }
    extract.flush(&mut |run| bytes.extend_from_slice(run));
    (extract.finish(), bytes, read)
}

/// The same from the start.
fn from_start(blob: &[u8], entry: &Entry<'_>, from: u64) -> Vec<u8> {
    let mut extract = Extract::new(&entry.content, entry.size, from..u64::MAX);
    let mut bytes = Vec::new();
    let _ = extract.push(blob, &mut |run| bytes.extend_from_slice(run));
    extract.finish().unwrap();
    bytes
}

fn blobs() -> Vec<(&'static str, Vec<u8>)> {
    let plain = everything()
        .file("large", noise(40_000))
        .file("last", "the end")
        .end();
    let frames: Vec<u8> = plain.chunks(900).flat_map(zstd).collect();
    vec![
        ("plain", plain.clone()),
        ("gzip", gzip(&plain)),
        ("gzip blocks", gzip_blocks(&plain, 700)),
        ("gzip members", gzip_members(&plain, 800)),
        ("zstd", zstd(&plain)),
        ("zstd frames", frames),
    ]
}

#[test]
fn every_file_comes_out_of_the_middle_as_it_does_from_the_start() {
    for (name, blob) in blobs() {
        for spacing in [1, 1500, 20_000] {
            let layer = scan_keeping(&blob, spacing, 333);
            let is_cut = ["gzip blocks", "gzip members", "zstd frames"].contains(&name);
            let count = layer.restart_points.len();
            assert!(count > 1 || !is_cut, "{name} {spacing}: {count}");
            // One frame has no place to begin but its start.
            assert!(count == 0 || !["plain", "zstd"].contains(&name), "{name}");
            let files = layer.index.iter().filter(|it| it.kind == Kind::File);
            for entry in files {
                for from in [0, 1, 1499, entry.size / 2, entry.size] {
                    let (end, bytes, _) = resumed(&blob, &layer, &entry, from);
                    end.unwrap();
                    assert_eq!(bytes, from_start(&blob, &entry, from), "{name} {from}");
                }
            }
            let last = layer.index.iter().find(|it| it.path == b"last").unwrap();
            let (_, _, read) = resumed(&blob, &layer, &last, 0);
            if is_cut && spacing < 20_000 {
                assert!(read < 4000, "{name}: {read} bytes");
            }
        }
    }
}

#[test]
fn points_do_not_depend_on_how_the_blob_is_cut_and_are_kept_only_when_asked_for() {
    for (name, blob) in blobs() {
        let whole = scan_keeping(&blob, 1500, usize::MAX);
        for piece in [1, 7, 512, 4096] {
            assert!(
                scan_keeping(&blob, 1500, piece) == whole,
                "{name} by {piece}"
            );
        }
        assert_eq!(scan(&blob).restart_points, []);
        // Nothing else of the layer is changed by them.
        let mut without = whole.clone();
        without.restart_points.clear();
        assert!(without == scan(&blob), "{name}");
    }
}

#[test]
fn a_layer_that_breaks_in_the_middle_keeps_the_points_before() {
    let blob = gzip_blocks(&everything().file("large", noise(40_000)).end(), 700);
    let whole = scan_keeping(&blob, 1500, 333);
    let cut = scan_keeping(&blob[..blob.len() / 2], 1500, 333);
    assert!(cut.failure.is_some());
    let kept = cut.restart_points.len();
    assert!(kept > 2 && kept < whole.restart_points.len());
    assert_eq!(cut.restart_points, whole.restart_points[..kept]);
    let mut broken = blob.clone();
    broken[blob.len() / 2..].fill(0xff);
    let broken = scan_keeping(&broken, 1500, 333);
    assert_eq!(broken.restart_points[..kept], whole.restart_points[..kept]);
    let entry = cut.index.entry(2).unwrap();
    let (end, bytes, _) = resumed(&blob, &cut, &entry, 0);
    end.unwrap();
    assert_eq!(bytes, noise(700));
}

#[test]
fn a_point_behind_the_content_is_refused() {
    let blob = gzip_blocks(&everything().end(), 700);
    let layer = scan_keeping(&blob, 1500, 333);
    let entry = layer.index.entry(2).unwrap();
    let mut extract = Extract::new(&entry.content, entry.size, 0..u64::MAX);
    let last = layer.restart_points.last().unwrap();
    assert!(!extract.resume(layer.found.compression, last));
    let mut bytes = Vec::new();
    let _ = extract.push(&blob, &mut |run| bytes.extend_from_slice(run));
    extract.finish().unwrap();
    assert_eq!(bytes, noise(700));
}

/// A blob that was rewritten since its scan is told where it can be: it no longer decodes, or its file is another.
#[test]
fn a_blob_that_changed_is_told() {
    let with = |byte: u8| {
        let content = [noise(30_000), vec![byte; 5000], noise(5000)].concat();
        let plain = Archive::default().file("a", content).file("b", "end").end();
        gzip_members(&plain, 700)
    };
    let (blob, changed) = (with(1), with(2));
    assert_eq!(blob.len(), changed.len());
    let layer = scan_keeping(&blob, 1500, 333);
    let entry = layer.index.entry(0).unwrap();
    let told = resumed(&changed, &layer, &entry, 0).0.unwrap_err();
    assert_eq!(told.name(), "layer-content-changed");
    assert!(told.to_string().contains("changed since"), "{told}");
    let entry = layer.index.entry(1).unwrap();
    let told = resumed(&blob[5..], &layer, &entry, 0).0.unwrap_err();
    assert_eq!(told.name(), "inflate-corrupt");
    let short = &blob[..blob.len() - 3000];
    let told = resumed(short, &layer, &entry, 0).0.unwrap_err();
    assert!(
        ["inflate-truncated", "layer-content-short"].contains(&told.name()),
        "{told}"
    );
}

#[test]
fn points_are_as_far_apart_as_they_should_be() {
    let noise = noise(13 << 20);
    let blob = gzip(&Archive::default().file("a", noise).end());
    let layer = scan_keeping(&blob, RESTART_SPACING, 1 << 20);
    assert_eq!(layer.restart_points.len(), 3);
    let stored = layer.to_bytes().len() as u64;
    assert!(stored * 100 < layer.found.uncompressed_size, "{stored}");
    assert_eq!(ScannedLayer::from_bytes(&layer.to_bytes()).unwrap(), layer);
}
