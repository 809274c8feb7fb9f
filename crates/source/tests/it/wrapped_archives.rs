//! Archives that are compressed as a whole.

use layerscope_inflate::Compression;
use layerscope_layer::{Content, Demand, Limits};
use layerscope_source::{
    BlobPlan, Error, ImageState, MemberExtract, Reply, Resolve, Resolved, Select, SourceKind,
    WrappedArchive, WrappedScan,
};
use serde_json::json;

use crate::support::image::{Archive, Image, archive, gzip, hex, index, layer, layout, tar};
use crate::support::{from_file, layers_verify, oddities, read_through, resolve};

fn open(file: &[u8]) -> Result<Resolved, Error> {
    let size = file.len() as u64;
    resolve(
        || Resolve::archive(size, Select::default()),
        from_file(file),
    )
}

/// An image with a layer too large to be kept as it is, and one small enough.
fn image() -> Image {
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    })
    .take(100_000)
    .collect();
    let large = tar(&[("etc/motd", b"hello\n"), ("noise", &noise)]);
    Image::new("amd64", &[large, layer("small", "x")])
}

fn saved(image: &Image) -> Vec<u8> {
    let config = format!("{}.json", hex(&image.config));
    let mut archive = Archive::default();
    archive.link("a/", tar::EntryType::Directory, "");
    archive.file("a/VERSION", b"1.0");
    archive.file("a/layer.tar", &gzip(&image.layers[0]));
    archive.symlink("b/layer.tar", "../a/layer.tar");
    archive.file("c/layer.tar", &image.layers[1]);
    archive.file(&config, &image.config);
    let manifest =
        json!([{"Config": config, "RepoTags": ["a:1"], "Layers": ["a/layer.tar", "c/layer.tar"]}]);
    archive.file("manifest.json", manifest.to_string().as_bytes());
    archive.finish()
}

#[test]
fn a_wrapped_archive_is_read_through_once() {
    let image = image();
    let file = gzip(&saved(&image));
    let resolved = open(&file).unwrap();
    assert_eq!(resolved.kind, SourceKind::DockerArchive);
    assert_eq!(resolved.images[0].state, ImageState::Ready);
    assert_eq!(
        resolved.images[0].config.as_ref().unwrap().is_verified(),
        Some(true)
    );
    assert!(matches!(
        resolved.images[0].layers[0].blob,
        BlobPlan::Member { number: 2 }
    ));
    assert!(
        matches!(&resolved.images[0].layers[1].blob, BlobPlan::Inline(bytes) if *bytes == image.layers[1])
    );
    assert_eq!(layers_verify(&file, &resolved, 0), [true, true]);
    let wrapped = resolved.wrapped.unwrap();
    assert_eq!(wrapped.compression(), Compression::Gzip);
    assert_eq!(
        wrapped.sizes(),
        (file.len() as u64, saved(&image).len() as u64)
    );
    assert_eq!(wrapped.layer(2).unwrap().index.len(), 2);
    assert!(wrapped.layer(0).is_none() && wrapped.layer(99).is_none());
}

#[test]
fn a_wrapped_layout_is_resolved_too() {
    let image = image();
    let file = gzip(&archive(&layout(
        &index(&[image.descriptor()]),
        image.blobs(),
    )));
    let resolved = open(&file).unwrap();
    assert_eq!(resolved.kind, SourceKind::OciArchive);
    assert_eq!(
        resolved.images[0].manifest.as_ref().unwrap().is_verified(),
        Some(true)
    );
    assert_eq!(layers_verify(&file, &resolved, 0), [true, true]);
}

#[test]
fn chunking_and_storing_cannot_be_observed() {
    let file = gzip(&saved(&image()));
    let whole = read_through(&file, file.len());
    for piece in [1, 7, 511, 512, 4096] {
        assert_eq!(read_through(&file, piece), whole, "{piece}");
    }
    let bytes = whole.to_bytes();
    assert_eq!(WrappedArchive::from_bytes(&bytes).unwrap(), whole);
    for end in 0..bytes.len().min(400) {
        assert!(
            WrappedArchive::from_bytes(&bytes[..end]).is_err(),
            "cut at {end}"
        );
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(
        WrappedArchive::from_bytes(&longer),
        Err(Error::Stored {
            expected: "the end",
            ..
        })
    ));
    let mut other = bytes;
    other[7] ^= 1;
    assert!(matches!(
        WrappedArchive::from_bytes(&other),
        Err(Error::Stored { .. })
    ));
}

#[test]
fn changed_bytes_are_refused_or_read_but_never_believed_blindly() {
    let file = gzip(&saved(&Image::named("amd64", "a")));
    let bytes = read_through(&file, 4096).to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x41;
        if let Ok(archive) = WrappedArchive::from_bytes(&changed) {
            assert_eq!(
                WrappedArchive::from_bytes(&archive.to_bytes()).unwrap(),
                archive
            );
        }
    }
}

#[test]
fn a_cut_archive_keeps_what_came() {
    let file = gzip(&saved(&image()));
    let cut = read_through(&file[..file.len() - 200], 4096);
    assert!(cut.layer(2).unwrap().found.complete);
    let short = read_through(&file[..file.len() / 2], 4096);
    let layer = short.layer(2).unwrap();
    assert!(!layer.found.complete && layer.found.digest.is_none());

    let error = open(&file[..file.len() / 2]).unwrap_err();
    assert_eq!(error.name(), "inflate-truncated");
    // Only the checksum at the very end is missing.
    let resolved = open(&file[..file.len() - 4]).unwrap();
    assert_eq!(oddities(&resolved), ["archive-cut"]);
    assert_eq!(resolved.images[0].state, ImageState::Ready);
}

#[test]
fn what_is_inside_is_told_apart() {
    assert!(matches!(
        open(&gzip(&tar(&[("etc/passwd", b""), ("usr/bin/env", b"")]))),
        Err(Error::NoManifest { .. })
    ));
    assert_eq!(open(&gzip(b"")).unwrap_err().name(), "no-manifest");
    let text = open(&gzip(b"just text, no tar")).unwrap_err();
    assert_eq!(
        text,
        Error::NotAnArchive {
            found: "text".to_owned()
        }
    );
    let size = 40;
    let error = resolve(
        || Resolve::archive(size, Select::default()),
        |ask| match ask {
            layerscope_source::Ask::Read { .. } => Reply::Bytes(vec![0x1f, 0x8b, 8, 0]),
            _ => Reply::Failed("cancelled".to_owned()),
        },
    );
    assert!(matches!(error, Err(Error::Driver { why, .. }) if why == "cancelled"));
}

#[test]
fn large_json_is_not_taken_for_a_layer_and_hostile_names_are_members() {
    let mut big = vec![b' '; 70_000];
    big[0] = b'{';
    let odd = tar(&[("{not json}", &vec![7; 70_000])]);
    let file = gzip(&tar(&[("big.json", &big), ("odd.tar", &odd)]));
    let archive = read_through(&file, 4096);
    assert!(archive.layer(0).is_none(), "JSON is kept as it is");
    assert_eq!(
        archive.layer(1).unwrap().index.len(),
        1,
        "a tar whose first name begins like JSON is scanned"
    );
}

#[test]
fn one_file_is_extracted_by_another_pass() {
    let image = image();
    let file = gzip(&saved(&image));
    let archive = read_through(&file, 4096);
    let layer = archive.layer(2).unwrap();
    for entry in layer.index.iter() {
        let expected = if entry.path == b"etc/motd" {
            b"hello\n".to_vec()
        } else {
            let at = entry.content.offset as usize;
            image.layers[0][at..at + entry.size as usize].to_vec()
        };
        for piece in [100, 4096] {
            let mut extract = MemberExtract::new(2, &entry.content, entry.size, 0..u64::MAX);
            assert_eq!(extracted(&mut extract, &file, piece), expected);
            extract.finish().unwrap();
        }
        let mut part = MemberExtract::new(2, &entry.content, entry.size, 1..4);
        assert_eq!(extracted(&mut part, &file, 4096), expected[1..4]);
        part.finish().unwrap();
    }
}

fn extracted(extract: &mut MemberExtract, file: &[u8], piece: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in file.chunks(piece) {
        if extract.push(piece, &mut |bytes| out.extend_from_slice(bytes)) == Demand::Stop {
            break;
        }
    }
    out
}

#[test]
fn an_extraction_that_finds_nothing_says_why() {
    let file = gzip(&saved(&image()));
    let content = Content {
        offset: 512,
        stored: 6,
        sparse: &[],
    };
    let run = |number, file: &[u8]| {
        let mut extract = MemberExtract::new(number, &content, 6, 0..6);
        extracted(&mut extract, file, 4096);
        extract.finish().unwrap_err()
    };
    assert!(matches!(run(99, &file), Error::Member { number: 99, .. }));
    assert!(
        matches!(run(1, &file), Error::Layer { .. }),
        "a member that ends too early"
    );
    assert!(matches!(
        run(2, &file[..10]),
        Error::Member { .. } | Error::Layer { .. }
    ));
    let mut broken = file;
    broken[200] ^= 0xff;
    broken.truncate(260);
    assert!(run(2, &broken).to_string().len() > 10);
    assert!(matches!(
        run(
            0,
            b"no archive at all, but text that is longer than a tar header would have to be "
        ),
        Error::Member { .. } | Error::Layer { .. }
    ));
}

#[test]
fn progress_counts_both_sides() {
    let file = gzip(&saved(&image()));
    let mut scan = WrappedScan::new(Limits::default());
    assert_eq!(scan.push(&file), Demand::More);
    let progress = scan.progress();
    assert_eq!((progress.read, progress.entries), (file.len() as u64, 7));
    assert_eq!(progress.unpacked, saved(&image()).len() as u64);
    let archive = scan.finish();
    assert_eq!(archive.compression(), Compression::Gzip);
}
