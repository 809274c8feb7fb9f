//! What the fuzzers begin with: small inputs of every kind that the core tells apart, made here so that nobody has to
//! wonder where they came from. `tests/corpus.rs` keeps `seeds/` equal to this.

use std::fs;
use std::path::{Path, PathBuf};

use ::tar::{Builder, EntryType, Header};

use crate::dice::{Dice, Random};
use crate::image::{Member, archive};
use crate::mend;
use crate::steer;

/// Larger fixtures are left out: what is in them is in smaller ones too.
const LARGEST: usize = 20_000;

/// An input to begin with.
#[derive(Debug)]
pub struct Seed {
    /// The target that it is for.
    pub target: &'static str,
    /// Its file's name.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// Where this crate is.
pub fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every seed, in the order of targets.
pub fn all() -> Vec<Seed> {
    let mut all = Vec::new();
    let fixtures = home().join("../tests/fixtures");
    for (name, bytes) in files(&fixtures) {
        if bytes.len() <= LARGEST {
            add(&mut all, "archive", &name, &bytes, [1, 3, 1, 2, 5, 6, 7, 8]);
        }
    }
    add(
        &mut all,
        "archive",
        "layout-in-a-directory",
        &fixture("oci-gzip.tar"),
        [1, 2, 1, 2, 5, 6, 7, 8],
    );
    add(
        &mut all,
        "archive",
        "wrapped-here",
        &fixture("podman-save.tar"),
        [1, 0, 1, 0, 5, 6, 7, 8],
    );

    for (name, bytes) in archives() {
        for (way, steer) in [("plain", 7), ("gzip", 2), ("zstd", 3), ("members", 4)] {
            let steer = [steer, 2, 5, 8, 1, 2, 3, 4];
            add(
                &mut all,
                "chunking",
                &format!("{name}-{way}"),
                &bytes,
                steer,
            );
        }
        add(&mut all, "tar", &name, &bytes, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
    let text: &[u8] = b"some text, and some text again";
    add(
        &mut all,
        "chunking",
        "xz",
        &streams().remove("lines-400.xz"),
        [0, 2, 5, 8, 1, 2, 3, 4],
    );
    add(
        &mut all,
        "chunking",
        "no-archive",
        text,
        [0, 0, 0, 8, 1, 2, 3, 4],
    );

    for (name, bytes) in files(&fixtures.join("oci-layout/blobs/sha256")) {
        if bytes.starts_with(b"{") {
            add(
                &mut all,
                "documents",
                &name[..12],
                &bytes,
                [6, 0, 0, 0, 0, 0, 0, 0],
            );
        }
    }
    for (name, text) in DOCUMENTS {
        add(
            &mut all,
            "documents",
            name,
            text.as_bytes(),
            [6, 0, 0, 0, 0, 0, 0, 0],
        );
    }

    for (name, bytes) in streams().0 {
        add(&mut all, "framing", &name, &bytes, [1, 3, 1, 0, 1, 2, 3, 4]);
    }
    for (name, bytes) in [
        ("gzip", mend::gzip(text)),
        (
            "gzip-members",
            [mend::gzip(text), mend::gzip(b""), mend::gzip(b"x")].concat(),
        ),
        ("gzip-padded", [mend::gzip(text), vec![0; 9]].concat()),
        ("gzip-header", gzip_header()),
        ("zstd", mend::zstd(text)),
        ("zstd-frames", [mend::zstd(text), mend::zstd(text)].concat()),
        (
            "zstd-skippable",
            [b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(), mend::zstd(text)].concat(),
        ),
        ("plain", text.to_vec()),
        ("bzip2", b"BZh91AY&SY".to_vec()),
    ] {
        add(&mut all, "framing", name, &bytes, [1, 3, 1, 0, 1, 2, 3, 4]);
    }

    for number in 0..12 {
        let mut random = Random(0x6d65_7267_6500 + number);
        let choices = (0..250).map(|_| random.below(256) as u8).collect();
        all.push(Seed {
            target: "merge",
            name: format!("random-{number}"),
            bytes: choices,
        });
    }

    for (number, text) in TEXTS.iter().enumerate() {
        all.push(Seed {
            target: "reference",
            name: format!("text-{number:02}"),
            bytes: text.as_bytes().to_vec(),
        });
    }
    all
}

fn add(
    all: &mut Vec<Seed>,
    target: &'static str,
    name: &str,
    payload: &[u8],
    steer: [u8; steer::LEN],
) {
    all.push(Seed {
        target,
        name: name.to_owned(),
        bytes: [payload, &steer].concat(),
    });
}

/// Named bytes.
struct Streams(Vec<(String, Vec<u8>)>);

impl Streams {
    fn remove(mut self, name: &str) -> Vec<u8> {
        let place = self.0.iter().position(|(one, _)| one == name);
        self.0.swap_remove(place.expect("a stream of that name")).1
    }
}

/// What compressing tools have made.
fn streams() -> Streams {
    Streams(files(&home().join("../crates/inflate/tests/data")))
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(home().join("../tests/fixtures").join(name)).expect("a fixture")
}

/// The files of a directory by their names.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|extension| extension != "md"))
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

/// Archives of everything that the parser knows.
fn archives() -> Vec<(String, Vec<u8>)> {
    let lines = |text: &str| archive(&text.lines().map(Member::read).collect::<Vec<_>>());
    let long = "long/".repeat(40);
    let mut smuggled = Builder::new(Vec::new());
    smuggled
        .append_pax_extensions([
            ("size", &b"600"[..]),
            ("path", b"from/pax"),
            ("uid", b"3000000000"),
            ("mtime", b"1700000000.25"),
            ("SCHILY.xattr.user.note", b"x"),
            ("LIBARCHIVE.xattr.user.other", b"eHl6"),
        ])
        .expect("memory");
    let mut header = Header::new_ustar();
    header.set_size(600);
    header.set_cksum();
    smuggled.append(&header, &[b'x'; 600][..]).expect("memory");
    let pax = smuggled.into_inner().expect("memory");
    let all = [
        (
            "kinds",
            lines(
                "d/\nd/file mode=4755 uid=7 gid=9 mtime=1700000000 : hello\nd/link -> file\nd/hard => d/file\nnull char 1,3\ndisk block 7,2\npipe fifo\nodd type Z",
            ),
        ),
        (
            "whiteouts",
            lines(
                "d/\nd/.wh..wh..opq\nd/.wh.gone\n.wh..wh.plnk/1\n../up : x\na\\b : y\nA : 1\na : 2",
            ),
        ),
        (
            "long-names",
            lines(&format!(
                "{long}file : x\n{long}link -> {long}file\nshort xattr=user.note:value : y"
            )),
        ),
        ("pax", pax),
        (
            "pax-global",
            [record_header(b'g', "comment=x"), lines("a : 1")].concat(),
        ),
        (
            "pax-twice",
            [
                record_header(b'x', "path=b"),
                record_header(b'x', "path=c"),
                lines("a : 1"),
            ]
            .concat(),
        ),
        (
            "solaris",
            [record_header(b'X', "path=b"), lines("a : 1")].concat(),
        ),
        ("sparse-old", sparse_old()),
        (
            "sparse-pax-0",
            sparse_pax(
                &[
                    "GNU.sparse.size=9",
                    "GNU.sparse.numblocks=1",
                    "GNU.sparse.offset=4",
                    "GNU.sparse.numbytes=5",
                ],
                b"hello",
            ),
        ),
        (
            "sparse-pax-1",
            sparse_pax(
                &[
                    "GNU.sparse.major=1",
                    "GNU.sparse.minor=0",
                    "GNU.sparse.realsize=9",
                    "GNU.sparse.name=holes",
                ],
                &{
                    let mut map = b"1\n4\n5\n".to_vec();
                    map.resize(512, 0);
                    map.extend(b"hello");
                    map
                },
            ),
        ),
        ("numbers", numbers()),
        ("second", [lines("a : 1"), lines("b : 2")].concat()),
        (
            "lone-zero-block",
            [
                lines("a : 1")[..1024].to_vec(),
                vec![0; 512],
                lines("b : 2"),
            ]
            .concat(),
        ),
        ("empty", vec![0; 1024]),
    ];
    let mut named: Vec<_> = all
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect();
    for (_, bytes) in &mut named {
        mend::tar(bytes);
    }
    named
}

/// An extension header with one PAX record.
fn record_header(flag: u8, record: &str) -> Vec<u8> {
    // The length counts its own digits, of which there are two.
    let record = format!("{} {record}\n", record.len() + 4);
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::new(flag));
    header.set_size(record.len() as u64);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(record.as_bytes());
    bytes.resize(1024, 0);
    bytes
}

/// A file of GNU's old sparse form: five bytes at 4, and a hole of four in front.
fn sparse_old() -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNUSparse);
    header.set_size(5);
    let gnu = header.as_gnu_mut().expect("a GNU header");
    gnu.name[..5].copy_from_slice(b"holes");
    gnu.set_real_size(9);
    gnu.sparse[0].set_offset(4);
    gnu.sparse[0].set_length(5);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(b"hello");
    bytes.resize(1024, 0);
    bytes.resize(2048, 0);
    bytes
}

fn sparse_pax(records: &[&str], content: &[u8]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let records = records
        .iter()
        .map(|record| record.split_once('=').expect("a record"));
    builder
        .append_pax_extensions(records.map(|(key, value)| (key, value.as_bytes())))
        .expect("memory");
    let mut header = Header::new_ustar();
    header.set_size(content.len() as u64);
    header
        .set_path("GNUSparseFile.0/holes")
        .expect("a short path");
    header.set_cksum();
    builder.append(&header, content).expect("memory");
    builder.into_inner().expect("memory")
}

/// Numbers in every form: base-256, without digits, below zero.
fn numbers() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, field) in [
        (108, &b"\x80\0\0\0\0\x01\0\0"[..]),
        (116, b"\xff\xff\xff\xff\xff\xff\xff\xfe"),
        (136, b"\0\0\0\0\0\0\0\0\0\0\0\0"),
        (100, b" 644\0\0\0\0"),
        (257, b"ustar  \0"),
        (257, b"ustar\x0001"),
        (257, b"\0\0\0\0\0\0\0\0"),
        (508, b"tar\0"),
    ] {
        let mut header = Header::new_ustar();
        header.set_path("number").expect("a short path");
        header.set_size(0);
        let block = header.as_mut_bytes();
        block[at..at + field.len()].copy_from_slice(field);
        bytes.extend(header.as_bytes());
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// A gzip member with everything that a header may have.
fn gzip_header() -> Vec<u8> {
    let mut bytes = b"\x1f\x8b\x08\x1f\0\0\0\0\0\xff\x03\0abcname\0comment\0\0\0".to_vec();
    bytes.extend(&mend::gzip(b"some text")[10..]);
    mend::stream(&mut bytes);
    bytes
}

const DOCUMENTS: [(&str, &str); 6] = [
    (
        "index",
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0","size":702,"platform":{"os":"linux","architecture":"arm","variant":"v7","os.features":["win32k"]},"annotations":{"vnd.docker.reference.type":"attestation-manifest"}},7]}"#,
    ),
    (
        "inline-data",
        r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},"layers":[],"artifactType":"application/x","subject":{}}"#,
    ),
    (
        "schema-one",
        r#"{"schemaVersion":1,"name":"x","tag":"y","fsLayers":[{"blobSum":"sha256:0"}],"history":[{"v1Compatibility":"{}"}]}"#,
    ),
    (
        "artifact",
        r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","artifactType":"a/b","blobs":[]}"#,
    ),
    (
        "repeated-keys",
        r#"{"Layers":[],"layers":[],"config":{"digest":1,"digest":2},"manifests":null,"\ud800":"\udc00\ud83d\ude00"}"#,
    ),
    (
        "config",
        r#"{"architecture":"arm64","os":"linux","os.version":"1","variant":"v8","config":{"User":"1","Env":["A=b"],"Cmd":"sh","ExposedPorts":{"80/tcp":{}},"Volumes":{"/x":{}},"Labels":{"a":"b"},"Healthcheck":{"Test":["NONE"],"Interval":-1,"Retries":1e3},"StopTimeout":1.5},"rootfs":{"type":"layers","diff_ids":["sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",7]},"history":[{"created":"2020-01-01T00:00:00Z","empty_layer":true},null]}"#,
    ),
];

const TEXTS: [&str; 30] = [
    "ubuntu",
    "ubuntu:24.04",
    "docker.io/library/ubuntu:latest",
    "index.docker.io/ubuntu",
    "ghcr.io/astral-sh/uv:0.9",
    "localhost:5000/a/b__c/d---e.f:V1@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "[2001:db8::1]:443/x/y",
    "localhost/x",
    "UPPER/x",
    "a/b/c@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "https://example.com/x",
    "linux",
    "arm64",
    "linux/arm64/v8",
    "linux/arm",
    "linux/arm/v7",
    "macos/x86_64",
    "windows(10.0.17763)/amd64",
    "windows(10.0.17763+win32k+a%2Bb)/amd64",
    "linux(+feature)/386",
    "Linux/AArch64/8",
    "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
    "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip; charset=utf-8",
    "application/vnd.oci.image.layer.v1.tar+zstd+encrypted",
    "text/plain",
    "",
];
