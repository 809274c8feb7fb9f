//! How a blob is cut into pieces cannot be observed.

use layerscope_layer::{Expected, LayerScan, Limits, ScannedLayer};
use layerscope_oci::MediaType;

use crate::archive::{Archive, Header, XZ_EMPTY_ARCHIVE, gzip, gzip_members, noise, zstd};

/// An archive with something of everything that a cut could hit, small enough to be cut at every byte.
pub(crate) fn small() -> Archive {
    Archive::default()
        .file("usr/tool", noise(530))
        .pax(&[("SCHILY.xattr.user.note", b"x"), ("path", b"../up\\")])
        .link(b'2', "placeholder", "target")
        .sparse("sparse", 90, &[(1, b"begin"), (50, b"end")])
        .file("etc/.wh.gone", "")
}

/// Blobs of every compression, whole and broken in every way that a scan tells apart.
pub(crate) fn blobs() -> Vec<(&'static str, Vec<u8>)> {
    let plain = small().end();
    let mut wrong = Header::new(b'0', "b");
    wrong.wrong_by = 1;
    let broken = small().header(&wrong).file("hidden", "x").end();
    let lone_zero_block = small().raw(&[0; 512]).file("hidden", "x").end();
    let mut bad_sum = gzip(&plain);
    let end = bad_sum.len();
    bad_sum[end - 6] ^= 1;
    let mut bad_block = zstd(&plain);
    let middle = bad_block.len() / 2;
    bad_block[middle] ^= 0xff;
    let mut bad_huffman = gzip(&plain);
    bad_huffman[middle] ^= 0xff;
    let cut = |blob: Vec<u8>| blob[..blob.len() * 2 / 3].to_vec();
    let second = small().raw(&[0; 1024]).file("second", "y").end();
    vec![
        ("empty", vec![]),
        ("one byte of magic", vec![0x1f]),
        ("plain", plain.clone()),
        ("gzip", gzip(&plain)),
        ("gzip members", gzip_members(&plain, 512)),
        ("zstd", zstd(&plain)),
        (
            "two zstd frames",
            [zstd(&plain[..700]), zstd(&plain[700..])].concat(),
        ),
        ("xz", XZ_EMPTY_ARCHIVE.to_vec()),
        ("bzip2", b"BZh91AY&SY and more".to_vec()),
        ("cut plain", cut(plain.clone())),
        ("cut gzip", cut(gzip(&plain))),
        ("cut zstd", cut(zstd(&plain))),
        ("zeros after gzip", [gzip(&plain), vec![0; 30]].concat()),
        ("garbage after gzip", [gzip(&plain), noise(30)].concat()),
        ("garbage after zstd", [zstd(&plain), noise(30)].concat()),
        ("wrong gzip checksum", bad_sum),
        ("wrong gzip data", bad_huffman),
        ("wrong zstd block", bad_block),
        ("wrong tar checksum", gzip(&broken)),
        ("lone zero block", lone_zero_block),
        ("second archive", zstd(&second)),
        (
            "duplicates",
            small().file("USR/tool", "x").file("./usr//tool", "x").end(),
        ),
    ]
}

pub(crate) fn expectations(blob: &[u8]) -> Vec<Expected> {
    let gzip = Some(MediaType::OCI_LAYER_GZIP);
    let of_size = |size| Expected {
        size: Some(size),
        media_type: gzip.clone(),
        ..Expected::default()
    };
    let size = blob.len() as u64;
    vec![of_size(size), of_size(size / 2)]
}

pub(crate) fn scan_pieces<'a>(
    expected: &Expected,
    limits: Limits,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> ScannedLayer {
    let mut scan = LayerScan::new(expected.clone(), limits);
    for piece in pieces {
        let _ = scan.push(piece);
    }
    scan.finish()
}

#[test]
fn no_cut_can_be_observed() {
    for (name, blob) in blobs() {
        for expected in expectations(&blob) {
            let stored = scan_pieces(&expected, Limits::default(), [&blob[..]]).to_bytes();
            for at in 0..=blob.len() {
                let (head, tail) = blob.split_at(at);
                let cut = scan_pieces(&expected, Limits::default(), [head, tail]);
                assert_eq!(cut.to_bytes(), stored, "{name}, cut at {at}");
            }
            for len in [1, 2, 3, 13, 511, 512, 513] {
                let cut = scan_pieces(&expected, Limits::default(), blob.chunks(len));
                assert_eq!(cut.to_bytes(), stored, "{name}, in pieces of {len}");
            }
        }
    }
}

#[test]
fn nor_where_a_limit_ends_the_scan() {
    let plain = small().end();
    let limits = [
        Limits {
            entries: 2,
            ..Limits::default()
        },
        Limits {
            index_bytes: 300,
            ..Limits::default()
        },
        Limits {
            unpacked: 3000,
            ..Limits::default()
        },
    ];
    for limits in limits {
        for blob in [plain.clone(), gzip(&plain), zstd(&plain)] {
            let whole = scan_pieces(&Expected::default(), limits, [&blob[..]]);
            assert_eq!(whole.failure.as_ref().unwrap().name(), "layer-limit");
            for at in 0..=blob.len() {
                let (head, tail) = blob.split_at(at);
                let cut = scan_pieces(&Expected::default(), limits, [head, tail]);
                assert_eq!(cut.to_bytes(), whole.to_bytes(), "cut at {at}");
            }
        }
    }
}

#[test]
fn nor_where_the_driver_gives_up() {
    let plain = small().end();
    for blob in [plain.clone(), gzip(&plain), zstd(&plain)] {
        for end in 0..=blob.len() {
            let abort = |len: usize| {
                let mut scan = LayerScan::new(Expected::default(), Limits::default());
                for piece in blob[..end].chunks(len) {
                    let _ = scan.push(piece);
                }
                scan.abort("enough".to_owned()).to_bytes()
            };
            assert_eq!(abort(1), abort(blob.len()), "given up at {end}");
        }
    }
}

#[test]
fn nor_in_a_listing() {
    for (name, blob) in blobs() {
        let list = |len: usize| {
            let mut scan = LayerScan::listing(Limits::default());
            for piece in blob.chunks(len) {
                let _ = scan.push(piece);
            }
            let layer = scan.finish();
            (layer.index, layer.failure, layer.oddities)
        };
        let whole = list(blob.len().max(1));
        for len in [1, 7, 512, 1000] {
            assert_eq!(list(len), whole, "{name}, in pieces of {len}");
        }
    }
}

#[test]
fn the_order_of_an_archive_is_kept() {
    let names = ["z", "a", "m", "a/b"];
    let archive = names
        .iter()
        .fold(Archive::default(), |archive, name| archive.file(name, ""));
    let layer = scan_pieces(
        &Expected::default(),
        Limits::default(),
        [&archive.end()[..]],
    );
    let found: Vec<_> = layer
        .index
        .iter()
        .map(|entry| entry.path.to_vec())
        .collect();
    assert_eq!(found, names.map(|name| name.as_bytes().to_vec()));
}
