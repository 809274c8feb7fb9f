//! Layers that can be pulled lazily: few of their bytes tell all files, and open each of them.

use std::ops::Range;
use std::sync::Arc;

use harness::{
    Answer, Asked, Directory, Door, Got, Image, LayerTar, LazyEntry, LazyFormat, LazyLayer,
    Packing, Random, Registry, Server, end, layerscope, succeed,
};
use serde_json::Value;

use crate::honest::Honest;

/// A layer of some tens of megabytes.
const FILES: usize = 400;
const SIZE: usize = 60_000;

/// What of a layer's bytes may be fetched to list it.
const SHARE: f64 = 0.015;

const FORMATS: [LazyFormat; 4] = [
    LazyFormat::EStargz,
    LazyFormat::EStargzMerged(50_000),
    LazyFormat::OldZstd,
    LazyFormat::NewZstd,
];

fn noise(number: usize, size: usize) -> Vec<u8> {
    let mut random = Random::new(&format!("file {number}"));
    let words = (0..size.div_ceil(8)).map(|_| random.below(usize::MAX).to_le_bytes());
    words.flatten().take(size).collect()
}

/// Files of this size, and how to make a layer of them.
fn layer(format: LazyFormat, files: usize, size: usize) -> (LazyLayer, Vec<(String, Vec<u8>)>) {
    let name = |number| format!("srv/file-{number:03}");
    let files: Vec<_> = (0..files)
        .map(|number| (name(number), noise(number, size)))
        .collect();
    (layer_of(format, &files), files)
}

fn layer_of(format: LazyFormat, files: &[(String, Vec<u8>)]) -> LazyLayer {
    let mut entries = vec![
        LazyEntry::Directory("srv/"),
        LazyEntry::Link("srv/link", "file-000"),
    ];
    entries.extend(
        files
            .iter()
            .map(|(name, content)| LazyEntry::File(name, content)),
    );
    format.layer(&entries, 25_000)
}

/// A registry that knows ranges, or lies about the layer.
fn serve(
    image: &Image,
    lie: impl Fn(&Asked, &[u8]) -> Option<Answer> + Send + Sync + 'static,
) -> Server {
    let honest = Honest {
        image: image.clone(),
    };
    let blob = image.layers[0].clone();
    honest.unless(move |honest, asked, _| {
        honest.is_for(&blob, asked).then(|| {
            lie(asked, &blob.bytes).unwrap_or_else(|| Answer::part(&blob.bytes, asked, usize::MAX))
        })
    })
}

/// The ranges of the layer that were asked for; none where it was asked for as a whole.
fn ranges(server: &Server, image: &Image) -> Vec<Option<Range<usize>>> {
    let digest = image.layers[0].digest();
    let range = |asked: &Asked| {
        let range = asked.header("range")?.strip_prefix("bytes=")?;
        let (first, last) = range.split_once('-')?;
        Some(first.parse().ok()?..last.parse::<usize>().ok()? + 1)
    };
    let asked = server.asked();
    let blob = asked.iter().filter(|asked| asked.path().contains(&digest));
    blob.map(range).collect()
}

fn bytes(ranges: &[Option<Range<usize>>]) -> usize {
    ranges
        .iter()
        .map(|range| range.as_ref().expect("a part, and not the whole").len())
        .sum()
}

/// What is listed of an image, without the table of contents itself, which only the archive has.
fn listed(json: Value) -> Vec<Value> {
    let all = json.as_array().expect("a list").clone();
    let is_file = |entry: &Value| entry["path"] != "/stargz.index.json";
    all.into_iter().filter(is_file).collect()
}

fn reference(server: &Server) -> String {
    format!("docker://{}/fruit:1", server.host())
}

#[test]
fn a_layer_is_listed_with_few_of_its_bytes() {
    for format in FORMATS {
        let (layer, files) = layer(format, FILES, SIZE);
        let image = Image::lazy(&layer);
        let server = serve(&image, |_, _| None);
        let words = ["ls", "-R", "--json", "--no-verify", &reference(&server)];
        let remote = succeed(&mut layerscope(words));
        assert!(
            remote.errors().contains("Preview, not verified"),
            "{remote}"
        );
        assert!(
            remote
                .errors()
                .contains("is the one that the manifest means"),
            "{remote}"
        );
        let ranges = ranges(&server, &image);
        let is_zstd = matches!(format, LazyFormat::OldZstd | LazyFormat::NewZstd);
        assert_eq!(ranges.len(), if is_zstd { 1 } else { 2 }, "{ranges:?}");
        let share = bytes(&ranges) as f64 / layer.blob.len() as f64;
        assert!(share <= SHARE, "{format:?}: {share}");
        // The same as when the layer is read, byte for byte.
        let directory = Directory::new("lazy");
        image.write_layout(&directory, "1");
        let local = format!("oci:{}:1", directory.path().display());
        let local = succeed(&mut layerscope(["ls", "-R", "--json", &local])).json();
        let (remote, local) = (listed(remote.json()), listed(local));
        assert_eq!(remote.len(), files.len() + 2);
        assert_eq!(remote, local, "{format:?}");
    }
}

#[test]
fn a_file_is_opened_by_its_chunks_and_nothing_else() {
    for format in FORMATS {
        let (layer, files) = layer(format, 60, SIZE);
        let image = Image::lazy(&layer);
        for number in [0, 29, 59] {
            let server = serve(&image, |_, _| None);
            let (name, content) = &files[number];
            let words = ["cat", "--quiet", "--no-verify", &reference(&server), name];
            let opened = succeed(&mut layerscope(words));
            assert!(opened.stdout == *content, "{format:?} {name}");
            assert_eq!(opened.errors(), "");
            let ranges = ranges(&server, &image);
            let last = ranges.last().expect("a range").clone().expect("a part");
            let chunks = layer.chunks.iter().filter(|(of, _, _)| of == name);
            let places: Vec<&Range<usize>> = chunks.map(|(_, _, place)| place).collect();
            assert_eq!(last.start, places[0].start, "{format:?} {name}");
            // The member or frame that the next file begins may be asked for with it, and no more.
            let next = layer.chunks.iter().map(|(_, _, place)| place.start);
            let next = next
                .filter(|start| *start > places[places.len() - 1].start)
                .min();
            assert!(
                last.end <= next.unwrap_or(layer.toc.start),
                "{format:?} {name} {last:?}"
            );
            let others = &ranges[..ranges.len() - 1];
            assert!(
                bytes(others) <= layer.toc.len() + 72,
                "{format:?} {others:?}"
            );
        }
    }
}

/// What a registry may do wrong while the table is asked for, and how that is told.
type Lie = (
    &'static str,
    fn(&Asked, &[u8]) -> Option<Answer>,
    &'static str,
);

const LIES: [Lie; 5] = [
    (
        "refuses ranges",
        |asked, _| asked.header("range").map(|_| Answer::new(416)),
        "416",
    ),
    (
        "does not know ranges",
        |_, blob| Some(Answer::new(200).body(blob.to_vec())),
        "bytes of the answer",
    ),
    (
        "sends another range",
        |asked, blob| {
            asked.header("range")?;
            let field = format!("bytes 0-9/{}", blob.len());
            Some(
                Answer::new(206)
                    .header("content-range", field)
                    .body(&blob[..10]),
            )
        },
        "bytes 0-9",
    ),
    (
        "sends less",
        |asked, blob| {
            let from: usize = asked
                .header("range")?
                .strip_prefix("bytes=")?
                .split('-')
                .next()?
                .parse()
                .ok()?;
            let field = format!("bytes {from}-{}/{}", from + 9, blob.len());
            Some(
                Answer::new(206)
                    .header("content-range", field)
                    .body(&blob[from..from + 10]),
            )
        },
        "found 10 bytes",
    ),
    (
        "has another table",
        |asked, blob| {
            let mut blob = blob.to_vec();
            let at = blob.len() - 5000;
            blob[at..at + 100].fill(0);
            asked
                .header("range")
                .map(|_| Answer::part(&blob, asked, usize::MAX))
        },
        "",
    ),
];

#[test]
fn where_the_table_is_of_no_use_the_layer_is_read() {
    for format in [LazyFormat::EStargz, LazyFormat::NewZstd] {
        let (layer, files) = layer(format, 40, SIZE);
        let image = Image::lazy(&layer);
        for (what, lie, told) in LIES {
            let server = serve(&image, lie);
            let words = ["ls", "-R", "--json", "--no-verify", &reference(&server)];
            let ended = succeed(&mut layerscope(words));
            let errors = ended.errors();
            assert!(
                errors.contains("is of no use") && errors.contains(told),
                "{what}: {errors}"
            );
            assert!(!errors.contains("Preview"), "{what}: {errors}");
            assert_eq!(
                listed(ended.json()).len(),
                files.len() + 2,
                "{format:?} {what}"
            );
            assert_eq!(ranges(&server, &image).last(), Some(&None), "{what}");
        }
    }
}

/// A registry that has other bytes than the table says.
#[test]
fn a_chunk_that_is_another_is_told_and_not_shown() {
    for format in FORMATS {
        let (layer, files) = layer(format, 40, SIZE);
        let mut others = files.clone();
        others[7].1[30_000] ^= 1;
        let other = layer_of(format, &others);
        let image = Image::lazy(&layer);
        let toc = layer.toc.clone();
        let changed = Arc::new(other.blob);
        // Up to the table it has the other layer's bytes; the noise does not shrink, so that places are the same.
        let server = serve(&image, move |asked, blob| {
            let mut blob = blob.to_vec();
            blob[..toc.start].copy_from_slice(&changed[..toc.start]);
            Some(Answer::part(&blob, asked, usize::MAX))
        });
        let words = ["cat", "--no-verify", &reference(&server), "srv/file-007"];
        let ended = end(&mut layerscope(words)).exit(2);
        let told = ended.errors();
        assert!(
            told.contains("is not what the table of contents says"),
            "{format:?}: {told}"
        );
        assert!(told.matches("sha256:").count() >= 2, "{told}");
        // The chunk before it is right.
        assert!(ended.stdout == files[7].1[..25_000], "{format:?}");
        let words = ["cat", "--no-verify", &reference(&server), "srv/file-008"];
        assert!(succeed(&mut layerscope(words)).stdout == files[8].1);
    }
}

#[test]
fn without_being_told_otherwise_every_byte_is_verified() {
    let (layer, files) = layer(LazyFormat::EStargz, 40, SIZE);
    let image = Image::lazy(&layer);
    let server = serve(&image, |_, _| None);
    let ended = succeed(&mut layerscope(["ls", "-R", "--json", &reference(&server)]));
    assert_eq!(listed(ended.json()).len(), files.len() + 2);
    assert_eq!(ended.errors(), "");
    assert_eq!(ranges(&server, &image), [None]);
    // A small layer is not worth the questions.
    let (small, _) = self::layer(LazyFormat::EStargz, 3, 1000);
    let image = Image::lazy(&small);
    let server = serve(&image, |_, _| None);
    succeed(&mut layerscope(["ls", "--no-verify", &reference(&server)]));
    assert_eq!(ranges(&server, &image), [None]);
}

#[test]
fn without_annotations_the_footer_leads_to_a_table_that_nobody_vouches_for() {
    for format in FORMATS {
        let (mut layer, files) = layer(format, 40, SIZE);
        layer.annotations.clear();
        let image = Image::lazy(&layer);
        let server = serve(&image, |_, _| None);
        let words = ["ls", "-R", "--json", "--no-verify", &reference(&server)];
        let ended = succeed(&mut layerscope(words));
        assert!(ended.errors().contains("unauthenticated"), "{ended}");
        assert_eq!(listed(ended.json()).len(), files.len() + 2);
        assert_eq!(ranges(&server, &image).len(), 2);
    }
    // A layer of another kind costs one question more.
    let tar = LayerTar::new().file("a", &noise(1, 3 << 20)).finish();
    let image = Image::packed(&[(tar, Packing::Gzip)]);
    let server = serve(&image, |_, _| None);
    let ended = succeed(&mut layerscope(["ls", "--no-verify", &reference(&server)]));
    assert_eq!((ended.text(), ended.errors()), ("/a\n", ""));
    let size = image.layers[0].bytes.len();
    assert_eq!(ranges(&server, &image), [Some(size - 72..size), None]);
}

/// What skopeo and a real registry make of it: skopeo packs zstd:chunked of the old generation itself.
#[test]
fn a_real_registry_sends_few_bytes() {
    let registry = Registry::start(Door::Open);
    let push = |image: &Image, name: &str, flags: &[&str]| {
        let directory = Directory::new("lazy");
        image.write_layout(&directory, "1");
        let source = format!("oci:{}:1", directory.path().display());
        registry.push(&source, name, flags);
    };
    let (stargz, files) = layer(LazyFormat::EStargz, FILES, SIZE);
    push(
        &Image::lazy(&stargz),
        "fruit/estargz:1",
        &["--preserve-digests"],
    );
    let (new, _) = layer(LazyFormat::NewZstd, FILES, SIZE);
    push(&Image::lazy(&new), "fruit/new:1", &["--preserve-digests"]);
    let plain = Image::packed(&[(new.tar, Packing::Plain)]);
    let chunked = ["--dest-compress-format", "zstd:chunked"];
    push(&plain, "fruit/chunked:1", &chunked);
    for (name, format) in [
        ("estargz", "eStargz"),
        ("chunked", "zstd:chunked"),
        ("new", "zstd:chunked"),
    ] {
        let host = registry.host.clone();
        // Between the registry and its client, where every byte of a blob goes by.
        let between = Server::start(move |asked| relay(&host, asked));
        let reference = format!("docker://{}/fruit/{name}:1", between.host());
        let run = |words: &[&str]| succeed(&mut layerscope(words));
        let layers = run(&["layers", "--json", "--no-verify", &reference]).json();
        let size = layers[0]["size"].as_u64().expect("a size");
        let digest = layers[0]["digest"].as_str().expect("a digest").to_owned();
        let ended = run(&["ls", "-R", "--json", "--no-verify", &reference]);
        assert!(ended.errors().contains(format), "{ended}");
        assert_eq!(listed(ended.json()).len(), files.len() + 2, "{name}");
        let fetched = || -> u64 {
            let asked = between.asked();
            let parts = asked.iter().filter(|asked| asked.path().contains(&digest));
            parts
                .map(|asked| relay(&registry.host, asked).len() as u64)
                .sum()
        };
        let listing = fetched();
        assert!(
            listing as f64 <= SHARE * size as f64,
            "{name}: {listing} of {size}"
        );
        let (path, content) = &files[200];
        let opened = run(&["cat", "--quiet", "--no-verify", &reference, path]);
        assert!(opened.stdout == *content, "{name}");
        let opening = fetched() - 2 * listing;
        assert!(opening < 2 * SIZE as u64, "{name}: {opening}");
    }
}

/// The registry's own answer.
fn relay(host: &str, asked: &Asked) -> Answer {
    let fields = ["accept", "range"].map(|name| match asked.header(name) {
        Some(value) => format!("{name}: {value}\r\n"),
        None => String::new(),
    });
    let Asked { method, target, .. } = asked;
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\n{}\r\n",
        fields.concat()
    );
    let got = Got::from(host, &request);
    let answer = Answer::new(got.status).body(got.body.clone());
    ["content-type", "content-range", "docker-content-digest"]
        .into_iter()
        .fold(answer, |answer, name| match got.header(name) {
            Some(value) => answer.header(name, value),
            None => answer,
        })
}
