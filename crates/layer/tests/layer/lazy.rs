//! Layers that tools make to be pulled lazily, written by hand: eStargz, and zstd:chunked of both generations.
//!
//! Frames of zstd hold their content as it is, which every decoder reads and nobody has to compress.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "each of those who share it uses what they need, and a test may panic"
)]

use std::io::Write as _;
use std::ops::Range;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// How a layer is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LazyFormat {
    /// eStargz, each chunk in a gzip member of its own.
    EStargz,
    /// eStargz in which chunks share members as long as these have fewer bytes.
    EStargzMerged(usize),
    /// zstd:chunked as skopeo made it until 1.9.
    OldZstd,
    /// zstd:chunked as tools make it now.
    NewZstd,
}

/// What goes into a layer.
#[derive(Clone, Copy, Debug)]
pub enum LazyEntry<'a> {
    /// A directory.
    Directory(&'a str),
    /// A file.
    File(&'a str, &'a [u8]),
    /// A symbolic link and where it leads.
    Link(&'a str, &'a str),
}

/// A layer that can be pulled lazily.
#[derive(Clone, Debug)]
pub struct LazyLayer {
    /// The blob.
    pub blob: Vec<u8>,
    /// What it unpacks to.
    pub tar: Vec<u8>,
    /// What the manifest says it is.
    pub media_type: &'static str,
    /// What the manifest states of its table of contents.
    pub annotations: Vec<(String, String)>,
    /// Where the table is in the blob.
    pub toc: Range<usize>,
    /// The file, where in it, and where in the blob each chunk is.
    pub chunks: Vec<(String, Range<usize>, Range<usize>)>,
}

impl LazyFormat {
    fn is_zstd(self) -> bool {
        matches!(self, Self::OldZstd | Self::NewZstd)
    }

    /// A layer with these entries, whose files are in chunks of so many bytes.
    pub fn layer(self, entries: &[LazyEntry<'_>], chunk: usize) -> LazyLayer {
        self.layer_with(entries, chunk, |toc| toc)
    }

    /// The same with another table of contents.
    pub fn layer_with(
        self,
        entries: &[LazyEntry<'_>],
        chunk: usize,
        change: impl FnOnce(String) -> String,
    ) -> LazyLayer {
        let mut made = Making::new(self);
        for entry in entries {
            match *entry {
                LazyEntry::Directory(name) => {
                    made.open.extend(header(name, b'5', 0, ""));
                    made.row(&format!(r#""name":"{name}","type":"dir","mode":493"#));
                }
                LazyEntry::Link(name, target) => {
                    made.open.extend(header(name, b'2', 0, target));
                    let link = format!(r#""linkName":"{target}","mode":511"#);
                    made.row(&format!(r#""name":"{name}","type":"symlink",{link}"#));
                }
                LazyEntry::File(name, content) => made.file(name, content, chunk),
            }
        }
        let toc = format!(r#"{{"version":1,"entries":[{}]}}"#, made.rows.join(","));
        made.finish(&change(toc))
    }
}

struct Making {
    format: LazyFormat,
    blob: Vec<u8>,
    tar: Vec<u8>,
    /// What is in the member or frame that is open.
    open: Vec<u8>,
    rows: Vec<String>,
    chunks: Vec<(String, Range<usize>, Range<usize>)>,
}

impl Making {
    fn new(format: LazyFormat) -> Self {
        Self {
            format,
            blob: Vec::new(),
            tar: Vec::new(),
            open: Vec::new(),
            rows: Vec::new(),
            chunks: Vec::new(),
        }
    }

    fn row(&mut self, fields: &str) {
        let time = r#""modtime":"2026-01-01T00:00:00Z""#;
        self.rows.push(format!("{{{fields},{time}}}"));
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let packed = match self.format.is_zstd() {
                true => frame(&self.open),
                false => gzip(&self.open),
            };
            self.blob.extend(packed);
            self.tar.append(&mut self.open);
        }
    }

    fn file(&mut self, name: &str, content: &[u8], chunk: usize) {
        self.open.extend(header(name, b'0', content.len(), ""));
        let whole = format!(
            r#""name":"{name}","type":"reg","mode":420,"size":{},"digest":"{}""#,
            content.len(),
            sha256(content)
        );
        if content.is_empty() {
            return self.row(&whole);
        }
        let count = content.len().div_ceil(chunk);
        for (number, part) in content.chunks(chunk).enumerate() {
            let is_shared =
                matches!(self.format, LazyFormat::EStargzMerged(least) if self.open.len() < least);
            if !is_shared {
                self.close();
            }
            let (offset, inner) = (self.blob.len(), self.open.len());
            self.open.extend_from_slice(part);
            let mut row = match number {
                0 => whole.clone(),
                _ => format!(
                    r#""name":"{name}","type":"chunk","chunkOffset":{}"#,
                    number * chunk
                ),
            };
            row.push_str(&format!(r#","offset":{offset}"#));
            if inner > 0 {
                row.push_str(&format!(r#","innerOffset":{inner}"#));
            }
            // A chunk that is the only one, or the last, need not say how large it is.
            if number + 1 < count || self.format.is_zstd() && count > 1 {
                row.push_str(&format!(r#","chunkSize":{}"#, part.len()));
            }
            if count > 1 || !self.format.is_zstd() {
                row.push_str(&format!(r#","chunkDigest":"{}""#, sha256(part)));
            }
            self.row(&row);
            if self.format.is_zstd() {
                self.close();
            }
            let start = number * chunk;
            let place = (
                name.to_owned(),
                start..start + part.len(),
                offset..self.blob.len(),
            );
            self.chunks.push(place);
        }
        pad(&mut self.open, content.len());
    }

    fn finish(mut self, toc: &str) -> LazyLayer {
        let annotations = match self.format {
            LazyFormat::EStargz | LazyFormat::EStargzMerged(_) => {
                self.close();
                vec![(
                    "containerd.io/snapshot/stargz/toc.digest".to_owned(),
                    sha256(toc.as_bytes()),
                )]
            }
            LazyFormat::OldZstd | LazyFormat::NewZstd => {
                self.open.extend([0; 1024]);
                self.close();
                let packed = frame(toc.as_bytes());
                let position = format!("{}:{}:{}:1", self.blob.len() + 8, packed.len(), toc.len());
                let prefix = match self.format {
                    LazyFormat::OldZstd => "io.containers.zstd-chunked.",
                    _ => "io.github.containers.zstd-chunked.",
                };
                vec![
                    (format!("{prefix}manifest-checksum"), sha256(&packed)),
                    (format!("{prefix}manifest-position"), position),
                ]
            }
        };
        let toc = match self.format {
            LazyFormat::EStargz | LazyFormat::EStargzMerged(_) => {
                let start = self.blob.len();
                self.open
                    .extend(header("stargz.index.json", b'0', toc.len(), ""));
                self.open.extend_from_slice(toc.as_bytes());
                pad(&mut self.open, toc.len());
                self.open.extend([0; 1024]);
                self.close();
                let end = self.blob.len();
                self.blob
                    .extend(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0");
                self.blob.extend(format!("{start:016x}STARGZ").bytes());
                self.blob.extend(b"\x01\0\0\xff\xff\0\0\0\0\0\0\0\0");
                start..end
            }
            LazyFormat::OldZstd | LazyFormat::NewZstd => {
                let packed = frame(toc.as_bytes());
                let start = self.blob.len() + 8;
                skippable(&mut self.blob, &packed);
                let end = self.blob.len();
                let mut footer = vec![start, packed.len(), toc.len(), 1];
                let magic = if self.format == LazyFormat::NewZstd {
                    let split = frame(b"nobody here reads it");
                    footer.extend([self.blob.len() + 8, split.len(), 20]);
                    skippable(&mut self.blob, &split);
                    b"GNUlInUx"
                } else {
                    b"GnUlInUx"
                };
                let numbers = footer
                    .iter()
                    .flat_map(|number| (*number as u64).to_le_bytes());
                let footer: Vec<u8> = numbers.chain(*magic).collect();
                skippable(&mut self.blob, &footer);
                start..end
            }
        };
        LazyLayer {
            blob: self.blob,
            tar: self.tar,
            media_type: match self.format.is_zstd() {
                true => "application/vnd.oci.image.layer.v1.tar+zstd",
                false => "application/vnd.oci.image.layer.v1.tar+gzip",
            },
            annotations,
            toc,
            chunks: self.chunks,
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// One frame of raw blocks (RFC 8878, section 3.1.1).
fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut out = b"\x28\xb5\x2f\xfd\xe0".to_vec();
    out.extend((bytes.len() as u64).to_le_bytes());
    let count = bytes.chunks(128 << 10).count();
    for (number, block) in bytes.chunks(128 << 10).enumerate() {
        let is_last = u32::from(number + 1 == count);
        let head = is_last | u32::try_from(block.len()).expect("a block") << 3;
        out.extend(&head.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    out
}

fn skippable(out: &mut Vec<u8>, payload: &[u8]) {
    out.extend(b"\x50\x2a\x4d\x18");
    out.extend(
        u32::try_from(payload.len())
            .expect("a payload")
            .to_le_bytes(),
    );
    out.extend_from_slice(payload);
}

/// A header of tar (POSIX ustar).
fn header(name: &str, kind: u8, size: usize, link: &str) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put = |at: usize, text: &str| {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    put(0, name);
    put(
        100,
        match kind {
            b'5' => "0000755",
            b'2' => "0000777",
            _ => "0000644",
        },
    );
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{size:011o}"));
    put(136, &format!("{:011o}", 1_767_225_600));
    put(148, "        ");
    put(157, link);
    put(257, "ustar");
    put(263, "00");
    header[156] = kind;
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header
}

/// What fills up the last block of a file.
fn pad(out: &mut Vec<u8>, size: usize) {
    out.extend(vec![0; size.next_multiple_of(512) - size]);
}
