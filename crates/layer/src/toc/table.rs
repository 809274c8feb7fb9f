//! The chunks of a layer's contents, as its table of contents has them.

use std::fmt;
use std::ops::Range;

use layerscope_inflate::RestartPoint;
use layerscope_oci::{Algorithm, Digest, Digester, hexadecimal};

use crate::Cause;

/// What a table of contents says beside the files: where their contents are, and what they must be.
///
/// The table does not say where a file is in the uncompressed layer. Each file has a place of its own in an imagined
/// one, in which [offsets](crate::Content::offset) count; only [`chunks`](Self::chunks) leads from there to the blob.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// What kind of table it is.
    pub format: TocFormat,
    /// Whether the manifest states the table's digest, which it then has: who trusts the manifest can trust the table.
    pub is_authenticated: bool,
    /// Bytes of the blob that were needed for it.
    pub fetched: u64,
    /// In the order of the blob.
    pub(super) chunks: Vec<Chunk>,
}

/// The formats of tables of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TocFormat {
    /// Gzip members, and the table in the last but one.
    EStargz,
    /// Zstandard frames, and the table in a skippable one.
    ZstdChunked,
}

impl TocFormat {
    /// Its name: `eStargz` or `zstd:chunked`.
    pub fn name(self) -> &'static str {
        match self {
            Self::EStargz => "eStargz",
            Self::ZstdChunked => "zstd:chunked",
        }
    }
}

impl fmt::Display for TocFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A part of a file that can be decompressed and checked by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Where it begins in the imagined layer.
    pub(super) output: u64,
    /// Its uncompressed bytes.
    pub(super) len: u64,
    /// Where the gzip member or zstd frame starts that holds its first byte.
    pub(super) compressed: u64,
    /// How many bytes of that member come before the chunk.
    pub(super) inner: u64,
    /// Where in the blob something else starts.
    pub(super) end: u64,
    pub(super) sha256: [u8; 32],
}

/// The chunks that hold a part of a file: which bytes of the blob to get, and how to check what comes out of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunks {
    /// Where to begin.
    pub restart: RestartPoint,
    /// Bytes of the blob before the first that is of no use.
    pub end: u64,
    /// Where the first chunk begins in the imagined layer.
    pub output: u64,
    /// What each must be.
    pub checks: Vec<ChunkCheck>,
}

/// What one chunk must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkCheck {
    /// Uncompressed bytes.
    pub len: u64,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
}

impl Table {
    /// The chunks that hold these bytes of the imagined layer, which have to be those of one file; `None` if none does.
    pub fn chunks(&self, bytes: &Range<u64>) -> Option<Chunks> {
        let begun = self
            .chunks
            .partition_point(|chunk| chunk.output <= bytes.start);
        let first = begun.checked_sub(1)?;
        let end = self
            .chunks
            .partition_point(|chunk| chunk.output < bytes.end);
        let needed = self.chunks.get(first..end)?;
        let (first, last) = (needed.first()?, needed.last()?);
        Some(Chunks {
            restart: RestartPoint {
                compressed: first.compressed,
                output: first.output.saturating_sub(first.inner),
                middle: None,
            },
            end: last.end,
            output: first.output,
            checks: needed
                .iter()
                .map(|&Chunk { len, sha256, .. }| ChunkCheck { len, sha256 })
                .collect(),
        })
    }
}

impl Chunks {
    /// Their uncompressed bytes.
    pub fn len(&self) -> u64 {
        let lens = self.checks.iter().map(|check| check.len);
        lens.fold(0, u64::saturating_add)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The digest that a table states, if it is a SHA-256.
pub(super) fn sha256(digest: &str) -> Option<[u8; 32]> {
    let digest: Digest = digest.parse().ok()?;
    if digest.algorithm() != Some(Algorithm::Sha256) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(digest.hex().as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Holds each chunk back until it is known to be what it should be, and then gives out what is wanted of it.
pub(crate) struct Gate {
    checks: std::vec::IntoIter<ChunkCheck>,
    check: Option<ChunkCheck>,
    held: Vec<u8>,
    /// Bytes before those that are wanted.
    skip: u64,
    /// Bytes that are wanted and were not given.
    wanted: u64,
    failure: Option<Cause>,
}

impl Gate {
    /// A gate for `wanted` bytes behind the first `skip`.
    pub(crate) fn new(checks: Vec<ChunkCheck>, skip: u64, wanted: u64) -> Self {
        let mut checks = checks.into_iter();
        Self {
            check: checks.next(),
            checks,
            held: Vec::new(),
            skip,
            wanted,
            failure: None,
        }
    }

    /// Takes the next bytes of the chunks.
    pub(crate) fn take(&mut self, mut bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        while let (Some(check), None, false) = (self.check, &self.failure, bytes.is_empty()) {
            let missing = check.len.saturating_sub(self.held.len() as u64);
            let missing = usize::try_from(missing).map_or(bytes.len(), |it| it.min(bytes.len()));
            let (now, later) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.held.extend_from_slice(now);
            bytes = later;
            if self.held.len() as u64 == check.len {
                self.open(&check, out);
                self.check = self.checks.next();
            }
        }
    }

    fn open(&mut self, check: &ChunkCheck, out: &mut dyn FnMut(&[u8])) {
        let mut digester = Digester::new(Algorithm::Sha256);
        digester.update(&self.held);
        let (expected, found) = (hexadecimal(&check.sha256), digester.finish());
        if found.hex() != expected {
            let expected = format!("sha256:{expected}");
            self.failure = Some(Cause {
                name: "layer-chunk-mismatch".into(),
                offset: 0,
                text: format!(
                    "a part of the file is not what the table of contents says: expected {expected}, found {found}"
                ),
                expected: Some(expected),
                found: Some(found.to_string()),
            });
            return;
        }
        let skip = usize::try_from(self.skip).map_or(self.held.len(), |it| it.min(self.held.len()));
        self.skip = self.skip.saturating_sub(skip as u64);
        let rest = self.held.get(skip..).unwrap_or_default();
        let len = usize::try_from(self.wanted).map_or(rest.len(), |it| it.min(rest.len()));
        self.wanted = self.wanted.saturating_sub(len as u64);
        if let Some(given) = rest.get(..len).filter(|given| !given.is_empty()) {
            out(given);
        }
        self.held.clear();
    }

    /// What was wrong with a chunk.
    pub(crate) fn failure(&self) -> Option<&Cause> {
        self.failure.as_ref()
    }
}
