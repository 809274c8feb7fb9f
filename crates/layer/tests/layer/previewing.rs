//! The files of a lazily pulled layer, from its table of contents.

use std::collections::BTreeMap;
use std::ops::Range;

use layerscope_layer::limits::{MAX_CHUNK, MAX_TOC};
use layerscope_layer::{
    Chunks, Content, Demand, Entry, Error, Extract, Limits, ScannedLayer, TocFormat, TocReader,
    TocStep,
};

use crate::archive::{noise, scan};
use crate::lazy::{LazyEntry, LazyFormat, LazyLayer};

const FORMATS: [LazyFormat; 4] = [
    LazyFormat::EStargz,
    LazyFormat::EStargzMerged(1000),
    LazyFormat::OldZstd,
    LazyFormat::NewZstd,
];

/// The name of a file and what is in it; directories have none.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("bin/tool", noise(2500)),
        ("etc/empty", vec![]),
        ("etc/motd", b"welcome\n".to_vec()),
        ("etc/passwd", b"root\n".to_vec()),
        ("usr/large", noise(70_000)),
        ("usr/last", noise(300)),
    ]
}

fn entries<'a>(files: &'a [(&'static str, Vec<u8>)]) -> Vec<LazyEntry<'a>> {
    let mut all = vec![
        LazyEntry::Directory("bin/"),
        LazyEntry::Link("bin/sh", "tool"),
    ];
    all.extend(
        files
            .iter()
            .map(|(name, content)| LazyEntry::File(name, content)),
    );
    all
}

fn made(format: LazyFormat) -> LazyLayer {
    format.layer(&entries(&files()), 1024)
}

fn stated(layer: &LazyLayer) -> BTreeMap<String, String> {
    layer.annotations.iter().cloned().collect()
}

/// Answers a reader with what it wants of a blob; says how much that was, and in how many parts.
fn read_with(
    blob: &[u8],
    annotations: &BTreeMap<String, String>,
    limits: Limits,
) -> Result<(TocStep, usize, usize), Box<Error>> {
    let mut reader = TocReader::new(annotations, blob.len() as u64, limits)?;
    let (mut bytes, mut parts) = (0, 0);
    loop {
        let wants = reader.wants();
        let wants = usize::try_from(wants.start).unwrap()..usize::try_from(wants.end).unwrap();
        parts += 1;
        bytes += wants.len();
        match reader.take(&blob[wants])? {
            TocStep::More(next) => reader = next,
            done => return Ok((done, bytes, parts)),
        }
    }
}

fn preview_of(layer: &LazyLayer, annotations: &BTreeMap<String, String>) -> ScannedLayer {
    match read_with(&layer.blob, annotations, Limits::default()).unwrap() {
        (TocStep::Done(preview), _, _) => *preview,
        (other, _, _) => panic!("{other:?}"),
    }
}

fn preview(layer: &LazyLayer) -> ScannedLayer {
    preview_of(layer, &stated(layer))
}

fn refused(layer: &LazyLayer) -> Error {
    *read_with(&layer.blob, &stated(layer), Limits::default()).unwrap_err()
}

/// Another table of contents, with digests that fit it.
fn with_table(format: LazyFormat, change: impl FnOnce(String) -> String) -> LazyLayer {
    format.layer_with(&entries(&files()), 1024, change)
}

fn find<'a>(layer: &'a ScannedLayer, path: &str) -> Entry<'a> {
    let mut entries = layer.index.iter();
    entries.find(|entry| entry.path == path.as_bytes()).unwrap()
}

/// Opens a part of a file, with no more of the blob than the chunks say.
fn open(
    blob: &[u8],
    layer: &ScannedLayer,
    entry: &Entry<'_>,
    range: Range<u64>,
) -> (Result<(), Error>, Vec<u8>, Chunks) {
    let offset = entry.content.offset;
    let chunks = layer
        .table
        .as_ref()
        .unwrap()
        .chunks(&(offset + range.start..offset + range.end));
    let chunks = chunks.unwrap();
    let first = chunks.output - offset;
    let content = Content { ..entry.content };
    let mut extract = Extract::new(&content, entry.size, first..first + chunks.len());
    extract.check_chunks(&chunks.checks, range.start - first, range.end - range.start);
    assert!(extract.resume(layer.found.compression, &chunks.restart));
    let from = usize::try_from(chunks.restart.compressed).unwrap();
    let to = usize::try_from(chunks.end).unwrap();
    let mut bytes = Vec::new();
    let mut out = |run: &[u8]| bytes.extend_from_slice(run);
    for piece in blob[from..to].chunks(97) {
        if extract.push(piece, &mut out) == Demand::Stop {
            break;
        }
    }
    extract.flush(&mut out);
    (extract.finish(), bytes, chunks)
}

/// What a table has of an entry, and an archive too.
fn told<'a>(entry: &Entry<'a>) -> (&'a [u8], String) {
    let Entry {
        kind,
        size,
        mode,
        uid,
        gid,
        mtime,
        link,
        ..
    } = entry;
    (
        entry.path,
        format!("{kind:?} {size} {mode:o} {uid} {gid} {mtime:?} {link:?}"),
    )
}

#[test]
fn the_table_has_the_files_that_the_archive_has() {
    for format in FORMATS {
        let layer = made(format);
        let preview = preview(&layer);
        let scanned = scan(&layer.blob);
        assert_eq!(scanned.failure, None, "{format:?}");
        assert_eq!(scanned.oddity_counts.total(), 0, "{:?}", scanned.oddities);
        let archive = scanned.index.iter();
        let archive: Vec<_> = archive
            .filter(|it| it.path != b"stargz.index.json")
            .collect();
        let archive: Vec<_> = archive.iter().map(told).collect();
        let table: Vec<_> = preview.index.iter().collect();
        let table: Vec<_> = table.iter().map(told).collect();
        assert_eq!(table, archive, "{format:?}");
        assert_eq!(
            (preview.found.digest, preview.found.complete),
            (None, false)
        );
        assert_eq!(preview.found.compression, scanned.found.compression);
    }
}

#[test]
fn few_bytes_are_wanted_and_the_digest_is_checked() {
    for format in FORMATS {
        let layer = made(format);
        let is_zstd = matches!(format, LazyFormat::OldZstd | LazyFormat::NewZstd);
        let (_, bytes, parts) = read_with(&layer.blob, &stated(&layer), Limits::default()).unwrap();
        assert_eq!(parts, if is_zstd { 1 } else { 2 });
        assert!(bytes <= layer.toc.len() + 72, "{bytes}");
        let table = preview(&layer).table.unwrap();
        assert!(table.is_authenticated);
        assert_eq!(table.fetched, bytes as u64);
        let name = if is_zstd {
            TocFormat::ZstdChunked
        } else {
            TocFormat::EStargz
        };
        assert_eq!(table.format, name);
        // Where the manifest says nothing, the footer does, and nobody vouches for it.
        let found = preview_of(&layer, &BTreeMap::new());
        assert!(!found.table.unwrap().is_authenticated);
        assert_eq!(found.index, preview(&layer).index);
    }
    // A layer of another kind has no footer.
    let plain = noise(5000);
    let (step, bytes, _) = read_with(&plain, &BTreeMap::new(), Limits::default()).unwrap();
    assert!(matches!(step, TocStep::None) && bytes == 72);
    let short = read_with(b"short", &BTreeMap::new(), Limits::default()).unwrap();
    assert!(matches!(short.0, TocStep::None));
}

#[test]
fn a_file_is_opened_by_its_chunks_alone() {
    for format in FORMATS {
        let layer = made(format);
        let preview = preview(&layer);
        for (name, content) in files().iter().filter(|(_, content)| !content.is_empty()) {
            let entry = find(&preview, name);
            let size = content.len();
            for range in [0..size, 0..1, size - 1..size, size / 3..size / 2 + 1] {
                let wanted = range.start as u64..range.end as u64;
                let (ended, bytes, chunks) = open(&layer.blob, &preview, &entry, wanted);
                assert_eq!(ended, Ok(()), "{format:?} {name} {range:?}");
                assert!(
                    bytes == content[range.clone()],
                    "{format:?} {name} {range:?}"
                );
                let needed = layer.chunks.iter().filter(|(of, part, _)| {
                    of == name && part.start < range.end && part.end > range.start
                });
                let needed: Vec<_> = needed.collect();
                assert_eq!(chunks.checks.len(), needed.len());
                assert_eq!(chunks.restart.compressed, needed[0].2.start as u64);
                // What else is in the last one's member, and not the rest of the layer.
                let end = needed[needed.len() - 1].2.start;
                let next = layer.chunks.iter().map(|(_, _, blob)| blob.start);
                let next = next.filter(|start| *start > end).min();
                let most = next.unwrap_or(layer.toc.start);
                assert!(chunks.end <= most as u64, "{format:?} {name} {range:?}");
            }
        }
    }
}

#[test]
fn a_chunk_that_is_another_is_told_and_not_shown() {
    for format in FORMATS {
        let other = noise(2500).iter().map(|byte| byte ^ 1).collect::<Vec<_>>();
        let mut files = files();
        let layer = made(format);
        let preview = preview(&layer);
        // The same layer with another content behind the same table.
        files[0].1[1100..].copy_from_slice(&other[1100..]);
        let changed = format.layer(&entries(&files), 1024);
        let entry = find(&preview, "bin/tool");
        let (ended, bytes, _) = open(&changed.blob, &preview, &entry, 0..2500);
        let error = ended.unwrap_err();
        assert_eq!(error.name(), "layer-chunk-mismatch", "{format:?} {error}");
        let (expected, found) = (error.expected().unwrap(), error.found().unwrap());
        assert!(expected.starts_with("sha256:") && found.starts_with("sha256:"));
        assert_ne!(expected, found);
        assert!(bytes == noise(2500)[..1024], "{format:?}");
    }
}

#[test]
fn a_table_that_the_manifest_does_not_mean_is_refused() {
    for format in FORMATS {
        let layer = made(format);
        let other = with_table(format, |toc| toc.replace("welcome", "evil") + " ");
        let mut annotations = stated(&other);
        // The place has to be right, so that the digest alone is not.
        for (name, value) in stated(&layer) {
            if name.ends_with("position") {
                annotations.insert(name, value);
            }
        }
        let error = read_with(&layer.blob, &annotations, Limits::default()).unwrap_err();
        assert_eq!(error.name(), "toc-mismatch", "{format:?}");
        assert!(error.expected().unwrap().starts_with("sha256:"));
    }
    // Two kinds of table in one manifest are for two readers to disagree about.
    let layer = made(LazyFormat::NewZstd);
    let mut both = stated(&layer);
    both.extend(stated(&made(LazyFormat::EStargz)));
    let error = read_with(&layer.blob, &both, Limits::default()).unwrap_err();
    assert_eq!(error.name(), "toc-conflict");
}

#[test]
fn places_outside_the_blob_are_refused() {
    let layer = made(LazyFormat::NewZstd);
    let size = layer.blob.len();
    let len = layer.toc.len();
    for position in [
        format!("{size}:{len}:5000:1"),
        format!("{}:5:5000:1", u64::MAX),
        "3:5:5000:1".to_owned(),
        format!("{}:{len}:5000:2", layer.toc.start),
        format!("-1:{len}:5000:1"),
        "8:5:1".to_owned(),
        String::new(),
    ] {
        let mut annotations = stated(&layer);
        let name = "io.github.containers.zstd-chunked.manifest-position";
        annotations.insert(name.to_owned(), position.clone());
        let error = read_with(&layer.blob, &annotations, Limits::default()).unwrap_err();
        assert_eq!(error.name(), "toc-place", "{position}");
    }
    let mut annotations = stated(&layer);
    let name = "io.github.containers.zstd-chunked.manifest-position".to_owned();
    annotations.insert(name, format!("8:5:{}:1", MAX_TOC + 1));
    let error = read_with(&layer.blob, &annotations, Limits::default()).unwrap_err();
    assert_eq!(error.name(), "toc-limit");
    let mut beyond = made(LazyFormat::EStargz);
    let at = beyond.blob.len() - 51 + 16;
    beyond.blob[at..at + 16].copy_from_slice(b"ffffffffffffffff");
    assert_eq!(refused(&beyond).name(), "toc-place");
    // The manifest says that there is a table, and there is none.
    beyond.blob[at] = b'x';
    assert_eq!(refused(&beyond).name(), "toc-place");
}

#[test]
fn tables_that_cannot_be_right_are_refused() {
    let changes: [(&str, &str, &str); 14] = [
        (
            "\"offset\":",
            "\"offset\":999999",
            "chunks in order within the blob",
        ),
        ("\"offset\":", "\"offset\":-", "a number from 0"),
        ("\"size\":", "\"size\":-", "a number from 0"),
        (
            "\"size\":2500",
            "\"size\":1500",
            "chunks that make up the file",
        ),
        (
            "\"chunkOffset\":1024",
            "\"chunkOffset\":1023",
            "chunks that make up the file",
        ),
        (
            "\"chunkSize\":1024",
            "\"chunkSize\":9007199254740993",
            "chunks that make up the file",
        ),
        ("\"type\":\"symlink\"", "\"type\":\"odd\"", "a known type"),
        (
            "\"type\":\"symlink\"",
            "\"type\":\"chunk\"",
            "a chunk of the file before it",
        ),
        (
            "\"name\":\"bin/tool\",\"type\":\"chunk\"",
            "\"name\":\"x\",\"type\":\"chunk\"",
            "a chunk of the file before it",
        ),
        ("2026-01-01T", "yesterday", "a time"),
        (
            "\"chunkDigest\":\"sha256:",
            "\"chunkDigest\":\"md5:",
            "a sha256 digest",
        ),
        (
            "\"mode\":493",
            "\"mode\":493,\"xattrs\":{\"user.a\":\"%\"}",
            "Base64",
        ),
        ("{\"version\"", "{\"entries\":[],\"version\"", "JSON"),
        (
            "{\"version\":1,\"entries\":",
            "{\"version\":1,\"other\":",
            "a list `entries`",
        ),
    ];
    for format in [LazyFormat::EStargz, LazyFormat::NewZstd] {
        for (from, to, expected) in changes {
            let layer = with_table(format, |toc| {
                assert!(toc.contains(from), "{from}");
                toc.replacen(from, to, 1)
            });
            let error = refused(&layer);
            assert_eq!(error.name(), "toc-invalid", "{from} {to}");
            let told = error.expected().unwrap().into_owned();
            assert!(told.contains(expected), "{from} {to}: {told}");
        }
    }
    let short = with_table(LazyFormat::NewZstd, |toc| {
        toc.replace("\"size\":2500", "\"size\":2600")
    });
    let told = refused(&short).to_string();
    assert!(told.contains("chunks that make up the file"), "{told}");
    let deep = with_table(LazyFormat::NewZstd, |_| {
        format!("{{\"entries\":[{}", "[".repeat(100_000))
    });
    assert_eq!(refused(&deep).name(), "toc-invalid");
    assert_eq!(
        (MAX_CHUNK, MAX_TOC),
        (128 << 20, 32 << 20),
        "as the errors say"
    );
    let large = with_table(LazyFormat::NewZstd, |toc| {
        let size = format!("\"size\":{}", MAX_CHUNK + 1);
        let row =
            format!("{{\"name\":\"a\",\"type\":\"reg\",{size},\"offset\":5,\"chunkDigest\":\"\"}}");
        toc.replacen("[", &format!("[{row},"), 1)
    });
    let told = refused(&large).to_string();
    assert!(told.contains("at most 128 MiB"), "{told}");
    // Files that lie over one another.
    let over = with_table(LazyFormat::EStargz, |toc| {
        let at = toc.rfind("\"offset\":").unwrap();
        let end = at + toc[at..].find(',').unwrap();
        format!("{}\"offset\":3{}", &toc[..at], &toc[end..])
    });
    let told = refused(&over).to_string();
    assert!(told.contains("in order within the blob"), "{told}");
}

#[test]
fn limits_hold_for_tables_too() {
    let layer = made(LazyFormat::EStargz);
    let limits = Limits {
        entries: 3,
        ..Limits::default()
    };
    let error = read_with(&layer.blob, &stated(&layer), limits).unwrap_err();
    assert_eq!(error.name(), "layer-limit");
    let limits = Limits {
        unpacked: 3000,
        ..Limits::default()
    };
    let error = read_with(&layer.blob, &stated(&layer), limits).unwrap_err();
    assert!(error.to_string().contains("no more contents"), "{error}");
    // Few bytes that unpack to very many.
    let spaces = " ".repeat(usize::try_from(MAX_TOC).unwrap() + (1 << 20));
    let large = with_table(LazyFormat::EStargz, |toc| toc + &spaces);
    assert!(large.toc.len() < 1 << 20);
    assert_eq!(refused(&large).name(), "toc-limit");
}

/// Names are as hostile as those of an archive, and treated as such.
#[test]
fn hostile_names_and_repeated_ones_are_entries_like_any_other() {
    let layer = with_table(LazyFormat::EStargz, |toc| {
        toc.replace("etc/motd", "../../etc/motd")
            .replace("bin/sh", "bin/")
    });
    let preview = preview(&layer);
    assert_eq!(find(&preview, "../../etc/motd").size, 8);
    let twice = preview.index.iter().filter(|it| it.path == b"bin/").count();
    assert_eq!(twice, 2);
}
