//! Layers that are known from before: the registry is asked for no byte of them.

use std::fs;

use harness::{
    Answer, Asked, Directory, Ended, Image, LayerTar, Packing, Random, Server, end, layerscope,
};

use crate::honest::Honest;

/// Bytes of each file: restart points are 4 MiB apart.
const SIZE: usize = 6 << 20;

fn content(name: &str) -> Vec<u8> {
    let mut random = Random::new(name);
    let bytes = (0..SIZE).map(|_| random.below(256).to_le_bytes()[0]);
    bytes.collect()
}

fn honest() -> Honest {
    let base = LayerTar::new()
        .file("first", &content("first"))
        .file("last", &content("last"));
    let top = LayerTar::new().file("top", b"top");
    Honest {
        image: Image::packed(&[
            (base.finish(), Packing::GzipBlocks),
            (top.finish(), Packing::Gzip),
        ]),
    }
}

/// A registry that knows ranges.
fn serve(honest: Honest) -> Server {
    honest.unless(|honest, asked, _| {
        let mut layers = honest.image.layers.iter();
        let layer = layers.find(|layer| honest.is_for(layer, asked))?;
        Some(match asked.header("range") {
            Some(_) => Answer::part(&layer.bytes, asked, usize::MAX),
            None => Answer::new(200).body(layer.bytes.clone()),
        })
    })
}

fn run(server: &Server, cache: &Directory, words: &[&str]) -> Ended {
    let (command, rest) = words.split_first().unwrap();
    let reference = format!("docker://{}/fruit:1", server.host());
    end(layerscope([*command, &reference])
        .args(rest)
        .env("XDG_CACHE_HOME", cache.path()))
}

/// Requests for layers so far.
fn blobs(server: &Server, honest: &Honest) -> Vec<Asked> {
    let asked = server.asked().into_iter();
    let layers = &honest.image.layers;
    let is_layer = |asked: &Asked| layers.iter().any(|layer| honest.is_for(layer, asked));
    asked.filter(is_layer).collect()
}

#[test]
fn the_second_look_asks_for_no_layer() {
    let honest = honest();
    let cache = Directory::new("known");
    let server = serve(honest.clone());
    let first = run(&server, &cache, &["ls", "-lR"]).exit(0);
    assert_eq!(blobs(&server, &honest).len(), 2);
    let second = run(&server, &cache, &["ls", "-lR"]).exit(0);
    assert_eq!(second.stdout, first.stdout);
    run(&server, &cache, &["waste"]).exit(0);
    // Nor is a layer asked for its table of contents, when its files are known.
    let quick = run(&server, &cache, &["ls", "-lR", "--no-verify"]).exit(0);
    assert_eq!(quick.stdout, first.stdout);
    assert_eq!(blobs(&server, &honest).len(), 2, "{:?}", server.asked());
    // Another registry with the same layers is as well known.
    let other = serve(honest.clone());
    assert_eq!(
        run(&other, &cache, &["ls", "-lR"]).exit(0).stdout,
        first.stdout
    );
    assert_eq!(blobs(&other, &honest).len(), 0);
    run(&other, &cache, &["verify"]).exit(0);
    assert_eq!(blobs(&other, &honest).len(), 2);
}

#[test]
fn a_file_of_a_known_layer_is_asked_for_alone() {
    let honest = honest();
    let cache = Directory::new("known");
    let server = serve(honest.clone());
    run(&server, &cache, &["ls"]).exit(0);
    let before = blobs(&server, &honest).len();
    let found = run(&server, &cache, &["cat", "last", "--quiet"]).exit(0);
    assert!(found.stdout == content("last"));
    let asked = blobs(&server, &honest);
    let [only] = &asked[before..] else {
        panic!("{asked:?}");
    };
    let range = only.header("range").expect("a range");
    let from = range.trim_start_matches("bytes=").split('-').next();
    let from: usize = from.unwrap().parse().unwrap();
    assert!(from > 4 << 20 && from < SIZE + 4096, "{range}");
}

/// What is known is not believed of a registry that has something else now.
#[test]
fn a_registry_that_lies_about_a_known_layer_is_found_out_by_a_verification() {
    let honest = honest();
    let cache = Directory::new("known");
    let server = serve(honest.clone());
    run(&server, &cache, &["ls"]).exit(0);
    let liar = honest.unless(|honest, asked, _| {
        let layer = honest.top();
        let lie = Answer::new(200).body(vec![0; layer.bytes.len()]);
        honest.is_for(layer, asked).then_some(lie)
    });
    let states = run(&liar, &cache, &["layers"]).exit(0);
    assert!(!states.text().contains("verified"), "{states}");
    run(&liar, &cache, &["verify"]).exit(1);
    run(&liar, &cache, &["layers", "--no-cache"]).exit(1);
    let kept = fs::read_dir(cache.join("layerscope")).unwrap().count();
    assert_eq!(kept, 2);
}
