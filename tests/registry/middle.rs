//! Files that are opened after their layer was read: only what lies behind the nearest restart point comes again.

use harness::{Answer, Asked, Image, LayerTar, Packing, Random, Server, end, layerscope};

use crate::honest::Honest;

/// How many files the layer has, and bytes of each: several times as far as restart points are apart.
const FILES: usize = 14;
const SIZE: usize = 1 << 20;

fn content(number: usize) -> Vec<u8> {
    let mut random = Random::new(&format!("file {number}"));
    let first = format!("file {number}\n").into_bytes();
    let rest = (first.len()..SIZE).map(|_| random.below(256).to_le_bytes()[0]);
    first.iter().copied().chain(rest).collect()
}

fn honest() -> Honest {
    let tar = (0..FILES).fold(LayerTar::new(), |tar, number| {
        tar.file(&format!("file-{number}"), &content(number))
    });
    Honest {
        image: Image::packed(&[(tar.finish(), Packing::GzipBlocks)]),
    }
}

/// What was asked of the layer, in order: from which byte on.
fn ranges(server: &Server, digest: &str) -> Vec<Option<usize>> {
    let from = |asked: &Asked| {
        let range = asked.header("range")?.strip_prefix("bytes=")?.to_owned();
        range.split('-').next()?.parse().ok()
    };
    let asked = server.asked();
    let blob = asked.iter().filter(|asked| asked.path().contains(digest));
    blob.map(from).collect()
}

/// Opens a file of the image on a server, and gives its bytes.
fn open(server: &Server, number: usize) -> Vec<u8> {
    let reference = format!("docker://{}/fruit:1", server.host());
    let path = format!("file-{number}");
    let ended = end(&mut layerscope(["cat", &reference, &path])).exit(0);
    ended.stdout
}

#[test]
fn a_late_file_is_asked_for_from_a_place_near_it() {
    let honest = honest();
    let layer = honest.image.layers[0].clone();
    let (digest, size) = (layer.digest(), layer.bytes.len());
    for number in [0, FILES / 2, FILES - 1] {
        let layer = layer.clone();
        let server = honest.clone().unless(move |honest, asked, _| {
            honest
                .is_for(&layer, asked)
                .then(|| match asked.header("range") {
                    Some(_) => Answer::part(&layer.bytes, asked, usize::MAX),
                    None => Answer::new(200).body(layer.bytes.clone()),
                })
        });
        assert!(open(&server, number) == content(number), "file {number}");
        let ranges = ranges(&server, &digest);
        assert_eq!(ranges.len(), 2, "{ranges:?}");
        assert_eq!(ranges[0], None);
        // The noise does not shrink, so that offsets are about those in the archive.
        let before = number * SIZE;
        match ranges[1] {
            None => assert!(before < 5 * SIZE, "file {number} from the start"),
            Some(from) => assert!(
                from <= before + 9000 && from + 5 * SIZE > before && from < size,
                "file {number} at {before} from {from}"
            ),
        }
    }
}

#[test]
fn where_ranges_are_not_known_the_file_comes_all_the_same() {
    let honest = honest();
    let digest = honest.image.layers[0].digest();
    let server = honest.unless(|_, _, _| None);
    let number = FILES - 1;
    assert!(open(&server, number) == content(number));
    let ranges = ranges(&server, &digest);
    assert!(matches!(ranges[..], [None, Some(_)]), "{ranges:?}");
}

/// A registry that has other bytes the second time is found out: the file is not what was verified.
#[test]
fn a_layer_that_changes_between_is_told() {
    let honest = honest();
    let layer = honest.image.layers[0].clone();
    let server = honest.unless(move |honest, asked, time| {
        let mut bytes = layer.bytes.clone();
        if time > 0 {
            let at = bytes.len() - SIZE / 2;
            bytes[at..at + 10].fill(0);
        }
        honest
            .is_for(&layer, asked)
            .then(|| Answer::part(&bytes, asked, usize::MAX))
    });
    let reference = format!("docker://{}/fruit:1", server.host());
    let path = format!("file-{}", FILES - 1);
    let ended = end(&mut layerscope(["cat", &reference, &path]));
    assert_ne!(ended.code, Some(0));
    let told = ended.errors();
    assert!(
        told.contains("the layer has changed") || told.contains("corrupt"),
        "{told}"
    );
}
