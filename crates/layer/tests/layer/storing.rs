//! The byte form: what goes in comes out, and nothing else goes in.

use layerscope_layer::{
    Compression, Demand, Error, Expected, LayerScan, LimitKind, Limits, Middle, ScannedLayer,
};
use twox_hash::XxHash3_64;

use crate::archive::{
    Archive, Header, everything, gzip, gzip_blocks, gzip_members, noise, scan, scan_keeping, zstd,
};

/// Layers with every kind of failure that a scan can have.
fn layers() -> Vec<ScannedLayer> {
    let plain = everything().end();
    let mut wrong = Header::new(b'0', "b");
    wrong.wrong_by = 1;
    let limited = Limits {
        entries: 3,
        ..Limits::default()
    };
    let run = |expected: Expected, limits| {
        let mut scan = LayerScan::new(expected, limits);
        let _ = scan.push(&plain);
        scan
    };
    let sized = Expected {
        size: Some(100),
        ..Expected::default()
    };
    let encrypted = Expected {
        media_type: Some("application/vnd.oci.image.layer.v1.tar+encrypted".into()),
        ..Expected::default()
    };
    let sha512 = Expected {
        digest: Some(format!("sha512:{}", "0".repeat(128)).parse().unwrap()),
        ..Expected::default()
    };
    let small = Archive::default().file("a", noise(600)).end();
    vec![
        scan(&[]),
        scan(&plain),
        scan(&gzip(&plain)[..500]),
        scan(&everything().file("./etc/motd", "").header(&wrong).end()),
        scan(&[zstd(&plain), vec![0; 5]].concat()),
        run(Expected::default(), limited).finish(),
        run(sized, Limits::default()).finish(),
        run(encrypted, Limits::default()).finish(),
        run(sha512, Limits::default()).finish(),
        run(Expected::default(), Limits::default()).abort("なぜ".to_owned()),
        scan_keeping(&gzip_blocks(&small, 500), 400, 4096),
        scan_keeping(&gzip_members(&plain, 2000), 4000, 4096),
    ]
}

#[test]
fn what_goes_in_comes_out() {
    for layer in layers() {
        let bytes = layer.to_bytes();
        let read = ScannedLayer::from_bytes(&bytes).unwrap();
        assert_eq!(read, layer);
        assert_eq!(read.to_bytes(), bytes);
    }
}

#[test]
fn a_failure_says_where_and_what_was_expected_and_found() {
    let told: Vec<_> = layers()
        .iter()
        .filter_map(|layer| layer.failure.as_ref())
        .map(|failure| {
            (
                failure.name().to_owned(),
                failure.offset(),
                failure.expected().unwrap_or_default().into_owned(),
                failure.found().unwrap_or_default().into_owned(),
            )
        })
        .collect();
    let len = everything().end().len() as u64;
    let tar_end = everything().file("./etc/motd", "").cut().len() as u64;
    let encrypted = "application/vnd.oci.image.layer.v1.tar+encrypted";
    let expected = [
        (
            "inflate-truncated",
            Some(500),
            "the rest of deflate data",
            "",
        ),
        ("tar-checksum", Some(tar_end), "", ""),
        ("layer-limit", Some(2560), "at most 3 entries", "more"),
        ("layer-too-long", Some(100), "100 bytes", "more"),
        ("layer-encrypted", None, "", encrypted),
        ("layer-aborted", Some(len), "", ""),
    ];
    assert_eq!(told.len(), expected.len());
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!((told.0.as_str(), told.1), (expected.0, expected.1));
        if told.0 == "tar-checksum" {
            let (sum, stated): (u32, u32) = (told.2.parse().unwrap(), told.3.parse().unwrap());
            assert_eq!(stated, sum + 1);
        } else {
            assert_eq!((told.2.as_str(), told.3.as_str()), (expected.2, expected.3));
        }
    }
}

#[test]
fn every_failure_can_be_stored() {
    let mut layer = scan(&everything().end());
    let stored = ScannedLayer::from_bytes(b"nothing of the kind").unwrap_err();
    let content = Error::Content {
        expected: 5,
        delivered: 3,
        cause: match scan(&gzip(&[1, 2, 3])[..8]).failure {
            Some(Error::Decompress { cause, .. }) => cause,
            other => panic!("{other:?}"),
        },
    };
    let limits = [
        LimitKind::Entries,
        LimitKind::IndexBytes,
        LimitKind::Unpacked,
        LimitKind::Memory,
    ];
    let limits = limits.map(|limit| Error::Limit {
        limit,
        allowed: 1,
        unpacked: 2,
        entries: 3,
    });
    for failure in [stored, content].into_iter().chain(limits) {
        layer.failure = Some(failure);
        assert_eq!(ScannedLayer::from_bytes(&layer.to_bytes()).unwrap(), layer);
    }
}

/// The bytes with a checksum that fits them, so that a reader looks at what is inside.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len().saturating_sub(8);
    bytes.truncate(body);
    let checksum = XxHash3_64::oneshot(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Uses everything that a layer has.
fn walk(layer: &ScannedLayer) -> usize {
    let mut seen = layer.index.heap_bytes() + layer.oddities.len();
    for entry in layer.index.iter() {
        seen += entry.path.len() + entry.link.len() + entry.uname.len() + entry.gname.len();
        seen += entry.content.sparse.len() + entry.xattrs().count();
    }
    for oddity in &layer.oddities {
        seen += oddity.args().count();
    }
    for point in &layer.restart_points {
        seen += point.middle.as_ref().map_or(0, |it| it.window.len());
    }
    seen + format!("{:?} {:?}", layer.failure, layer.found).len()
}

#[test]
fn damaged_bytes_are_refused() {
    for layer in layers() {
        let bytes = layer.to_bytes();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let error = ScannedLayer::from_bytes(&damaged).unwrap_err();
            assert_eq!(error.name(), "layer-stored");
        }
        for len in 0..bytes.len() {
            assert!(
                ScannedLayer::from_bytes(&bytes[..len]).is_err(),
                "first {len} bytes"
            );
        }
    }
}

#[test]
fn hostile_bytes_panic_nowhere() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 16) as usize % below
    };
    let layers: Vec<_> = layers().iter().map(ScannedLayer::to_bytes).collect();
    let (mut refused, mut accepted) = (0, 0);
    for round in 0..30_000 {
        let mut bytes = layers[round % layers.len()].clone();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] ^= 1 << next(8),
                1 => bytes[at] = [0, 1, 0x7f, 0xff][next(4)],
                2 => bytes.truncate(at.max(10)),
                // A length or a position that is far too large.
                _ => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
            }
        }
        match ScannedLayer::from_bytes(&sealed(bytes)) {
            Ok(layer) => {
                accepted += 1;
                assert!(walk(&layer) > 0);
                assert_eq!(ScannedLayer::from_bytes(&layer.to_bytes()).unwrap(), layer);
            }
            Err(error) => {
                refused += 1;
                assert_eq!(error.name(), "layer-stored");
            }
        }
    }
    assert!(
        refused > 5000 && accepted > 1000,
        "{refused} refused, {accepted} accepted"
    );
}

#[test]
fn sealed_bytes_cut_anywhere_are_refused() {
    for layer in layers() {
        let bytes = layer.to_bytes();
        for len in 0..bytes.len() {
            assert!(ScannedLayer::from_bytes(&sealed(bytes[..len].to_vec())).is_err());
        }
        let longer = [&bytes[..bytes.len() - 8], &[0; 9]].concat();
        let error = ScannedLayer::from_bytes(&sealed(longer)).unwrap_err();
        assert!(error.to_string().contains("expected the end"), "{error}");
    }
}

#[test]
fn another_version_is_named() {
    let mut bytes = scan(&Archive::default().end()).to_bytes();
    bytes[8] = 3;
    let error = ScannedLayer::from_bytes(&sealed(bytes)).unwrap_err();
    assert!(
        error.to_string().ends_with("expected version 2, found 3"),
        "{error}"
    );
}

#[test]
fn hostile_blobs_panic_nowhere() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 16) as usize % below
    };
    let plain = everything().end();
    let blobs = [plain.clone(), gzip(&plain), zstd(&plain)];
    for round in 0..3000 {
        let mut blob = blobs[round % blobs.len()].clone();
        for _ in 0..=next(3) {
            let at = next(blob.len());
            blob[at] = match next(3) {
                0 => blob[at] ^ (1 << next(8)),
                1 => 0xff,
                _ => b'7',
            };
        }
        let mut scan = LayerScan::new(Expected::default(), Limits::default());
        assert_eq!(scan.push(&blob), Demand::More);
        let layer = scan.finish();
        walk(&layer);
        assert_eq!(ScannedLayer::from_bytes(&layer.to_bytes()).unwrap(), layer);
    }
}

#[test]
fn restart_points_that_no_scan_can_have_kept_are_refused() {
    let plain = everything().end();
    let good = scan_keeping(&gzip_blocks(&plain, 1000), 2000, 4096);
    assert!(good.restart_points.len() > 3);
    assert_eq!(ScannedLayer::from_bytes(&good.to_bytes()).unwrap(), good);
    let refused = |change: &dyn Fn(&mut ScannedLayer)| {
        let mut layer = good.clone();
        change(&mut layer);
        let error = ScannedLayer::from_bytes(&layer.to_bytes()).unwrap_err();
        assert_eq!(error.name(), "layer-stored");
        error.to_string()
    };
    let middle = |change: &dyn Fn(&mut Middle)| {
        refused(&|it| change(it.restart_points[2].middle.as_mut().unwrap()))
    };
    let told = [
        refused(&|it| it.restart_points.swap(0, 1)),
        refused(&|it| it.restart_points[1].output = it.restart_points[0].output),
        refused(&|it| it.restart_points[0].compressed = 0),
        refused(&|it| it.restart_points[3].compressed = it.found.size + 1),
        refused(&|it| it.restart_points.last_mut().unwrap().output = u64::MAX),
        middle(&|it| it.used_bits = 8),
        middle(&|it| it.window = vec![0; 32_769].into()),
        refused(&|it| it.found.compression = Compression::Zstd),
        refused(&|it| it.found.compression = Compression::Xz),
        refused(&|it| {
            let point = it.restart_points[0].clone();
            it.restart_points = vec![point; 2000];
        }),
    ];
    for told in told {
        assert!(told.contains("restart points in order"), "{told}");
    }
}
