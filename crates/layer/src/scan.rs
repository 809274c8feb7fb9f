//! The whole pipeline from a blob's bytes to a verified layer, as one value.

use std::fmt;
use std::ops::ControlFlow;

use layerscope_inflate::Compression;
use layerscope_oci::{Algorithm, DiffId, Digest};

use crate::blob::{BlobHalf, Ended};
use crate::collision::collisions;
use crate::oddity::{Oddity, OddityKind, of_tar, of_trailing};
use crate::scanned::media_type_mismatch;
use crate::unpacked::Unpacked;
use crate::{Error, Expected, Found, LayerIndex, Limits, OddityCounts, ScannedLayer};

/// Takes the bytes of a layer blob in pieces of any size, and becomes a [`ScannedLayer`].
///
/// Every byte is hashed, decompressed, hashed again and parsed as it comes. An error of one of these stages ends
/// that stage and those after it: a blob whose archive is broken still gets both digests, and one that cannot be
/// decompressed its distribution digest. How the bytes are cut into pieces cannot be observed.
///
/// The two halves of the work, on either side of decompression, can be [taken apart](Self::split) for a while.
///
/// The end of the scan consumes it, so that no layer is taken for verified while bytes are missing:
///
/// ```compile_fail,E0382
/// # use layerscope_layer::{Expected, LayerScan, Limits};
/// let mut scan = LayerScan::new(Expected::default(), Limits::default());
/// let layer = scan.finish();
/// scan.push(b"one more byte"); // use of moved value
/// ```
pub struct LayerScan {
    blob: BlobHalf,
    unpacked: Unpacked,
}

/// Whether more bytes of the blob are of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a driver that goes on after `Stop` reads bytes that nobody looks at"]
pub enum Demand {
    /// The blob's next bytes, or word of its end.
    More,
    /// The driver need not bring more; what it brings all the same is ignored.
    Stop,
}

/// How far a scan has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Compressed bytes read.
    pub read: u64,
    /// Uncompressed bytes.
    pub unpacked: u64,
    /// Entries found.
    pub entries: u64,
}

/// The second half of a scan: hashes what was decompressed, and reads the archive that it is.
pub struct ArchiveHalf(Unpacked);

impl ArchiveHalf {
    /// Takes the next bytes that came out of the [`BlobHalf`]; breaks when no more are needed.
    pub fn push(&mut self, run: &[u8]) -> ControlFlow<()> {
        self.0.push(run)
    }
}

impl LayerScan {
    /// A scan that computes both digests over every byte, with the algorithms of the `expected` ones, or sha256.
    ///
    /// It ends as soon as the blob is longer than `expected` says. Nothing else of it is compared here:
    /// [`ScannedLayer::verify`] does.
    pub fn new(expected: Expected, limits: Limits) -> Self {
        let digest = expected.digest.as_ref();
        let diff_id = expected.diff_id.as_ref().map(DiffId::digest);
        let algorithm = |stated: Option<&Digest>| {
            stated
                .and_then(Digest::algorithm)
                .unwrap_or(Algorithm::Sha256)
        };
        Self {
            unpacked: Unpacked::new(&limits, Some(algorithm(diff_id))),
            blob: BlobHalf::verifying(expected.clone(), algorithm(digest), limits),
        }
    }

    /// A scan that finds the entries and computes no digest and no fingerprint: nothing can be verified with it.
    pub fn listing(limits: Limits) -> Self {
        Self {
            blob: BlobHalf::listing(limits),
            unpacked: Unpacked::new(&limits, None),
        }
    }

    /// The same scan, which keeps a restart point in every `spacing` bytes of the uncompressed layer, so that
    /// [`Extract`](crate::Extract) need not begin at its start. It has to be asked for before the first byte.
    pub fn keeping_restart_points(mut self, spacing: u64) -> Self {
        self.blob.keep_restart_points(spacing);
        self
    }

    /// The same scan, which leaves the digest over the blob's bytes to a driver that has a faster way to it, and brings
    /// it to [`finish_with`](Self::finish_with). It has to be asked for before the first byte.
    pub fn leaving_digest(mut self) -> Self {
        self.blob.leave_digest();
        self
    }

    /// Takes the next bytes of the blob.
    pub fn push(&mut self, bytes: &[u8]) -> Demand {
        let Self { blob, unpacked } = self;
        let demand = blob.push(bytes, &mut |run| unpacked.push(run));
        if let Some(of_blob) = blob.shared_digest() {
            unpacked.share_digest(of_blob);
        }
        demand
    }

    /// How many of the blob's next bytes need not be pushed but may be [skipped](Self::skip): contents of files in
    /// a [`listing`](Self::listing) of a layer that is not compressed.
    pub fn skippable(&self) -> u64 {
        match self.blob.may_skip() {
            true => self.unpacked.skippable(),
            false => 0,
        }
    }

    /// How the blob is compressed, once its first bytes say so.
    pub fn compression(&self) -> Option<Compression> {
        self.blob.compression()
    }

    /// Declares that the blob's next `bytes`, at most [`skippable`](Self::skippable), exist and are passed over.
    ///
    /// Skipping more ends the scan: nothing can be said about what follows.
    pub fn skip(&mut self, bytes: u64) {
        if self.blob.has_stopped() {
            return;
        }
        if bytes > self.skippable() {
            self.blob
                .abort(format!("{bytes} bytes were skipped that have to be read"));
            return;
        }
        self.blob.skip(bytes);
        self.unpacked.skip(bytes);
    }

    /// How far the scan has come.
    pub fn progress(&self) -> Progress {
        Progress {
            read: self.blob.read(),
            unpacked: self.unpacked.bytes(),
            entries: self.unpacked.entries(),
        }
    }

    /// The entries known so far, of which nothing is verified. The content of the last one may still be coming.
    pub fn peek(&self) -> &LayerIndex {
        self.unpacked.members.builder.index()
    }

    /// What is known so far, to be shown while the rest is read: no digest, and nothing verified. It is a copy, of
    /// as many bytes as [`peek`](Self::peek)'s index takes.
    pub fn so_far(&self) -> ScannedLayer {
        ScannedLayer {
            index: self.peek().clone(),
            found: Found {
                digest: None,
                size: self.blob.read(),
                diff_id: None,
                uncompressed_size: self.unpacked.bytes(),
                compression: self.compression().unwrap_or(Compression::None),
                complete: false,
            },
            failure: None,
            oddities: Vec::new(),
            oddity_counts: OddityCounts::default(),
            restart_points: Vec::new(),
            table: None,
        }
    }

    /// Takes the scan apart, so that a driver with two free hands can do both halves at once: what comes out of the
    /// first it carries to the second, and when the bytes have ended it [joins](Self::join) them.
    ///
    /// # Errors
    /// The scan itself, to be gone on with as it is: while the compression is not known, when no digest is
    /// computed, and when it has ended.
    #[allow(clippy::result_large_err)] // No error, but what was there before.
    pub fn split(self) -> Result<(BlobHalf, ArchiveHalf), Self> {
        if !self.blob.may_split() {
            return Err(self);
        }
        Ok((self.blob, ArchiveHalf(self.unpacked)))
    }

    /// Puts together what [`split`](Self::split) took apart.
    ///
    /// When the second half has not got all that came out of the first, the scan has ended and nothing is verified.
    pub fn join(mut blob: BlobHalf, ArchiveHalf(unpacked): ArchiveHalf) -> Self {
        if unpacked.is_done() {
            blob.give_up(unpacked.bytes());
        } else if unpacked.bytes() != blob.unpacked() {
            blob.abort("bytes were lost between the halves of the scan".to_owned());
        }
        Self { blob, unpacked }
    }

    /// The blob ended here.
    pub fn finish(self) -> ScannedLayer {
        self.end(None)
    }

    /// The blob ended here, and this is the digest over the very bytes that were pushed, where it was
    /// [left](Self::leaving_digest) to the driver.
    pub fn finish_with(self, digest: Digest) -> ScannedLayer {
        self.end(Some(digest))
    }

    fn end(mut self, left: Option<Digest>) -> ScannedLayer {
        let Self { blob, unpacked } = &mut self;
        let ended = blob.finish(left, &mut |run| unpacked.push(run));
        let mut diff_id = None;
        if ended.whole {
            unpacked.finish();
            diff_id = unpacked.diff_id(ended.digest.as_ref());
        }
        self.conclude(ended, diff_id)
    }

    /// The bytes ended early for a reason outside the blob, such as a lost connection or a user who has seen enough.
    ///
    /// What was read is kept; there is no digest, so nothing can be verified.
    pub fn abort(mut self, why: String) -> ScannedLayer {
        let Self { blob, unpacked } = &mut self;
        blob.flush(&mut |run| unpacked.push(run));
        blob.abort(why);
        self.conclude(Ended::EARLY, None)
    }

    fn conclude(self, ended: Ended, diff_id: Option<DiffId>) -> ScannedLayer {
        let Self { blob, mut unpacked } = self;
        let found = Found {
            digest: ended.digest,
            size: blob.read(),
            diff_id,
            uncompressed_size: unpacked.bytes(),
            compression: blob.compression().unwrap_or(Compression::None),
            complete: ended.complete,
        };
        let progress = Progress {
            read: blob.read(),
            unpacked: unpacked.bytes(),
            entries: unpacked.entries(),
        };
        let (toc, second) = unpacked.toc();
        let members = unpacked.members;
        let mut oddities = members.oddities;
        if let Some(second) = second {
            oddities.push(of_tar(second, 0));
        }
        let index = members.builder.finish();
        // What was told about an entry that did not come is about the archive.
        for oddity in &mut oddities.kept {
            oddity.entry = oddity.entry.filter(|entry| (*entry as usize) < index.len());
        }
        let (expected, restart_points, failure) = blob.conclude(progress);
        let aborted = matches!(failure, Some(Error::Aborted { .. }));
        let failure = match members.failure {
            // The archive ended before whatever ended its bytes, unless the driver has the last word.
            Some(archive) if !aborted => Some(archive),
            _ => failure,
        };
        let stated = expected.media_type.as_ref();
        let mismatch = stated.and_then(|stated| media_type_mismatch(&found, stated));
        let uncommon = (found.compression == Compression::Xz)
            .then(|| Oddity::new(OddityKind::UncommonCompression, 0, None, b"xz"));
        let of_blob = [mismatch, uncommon, of_trailing(ended.trailing)];
        for oddity in of_blob.into_iter().flatten().chain(collisions(&index)) {
            oddities.push(oddity);
        }
        // Of an archive that was not read to its end, what the table has more says nothing.
        if let (Some(toc), None) = (&toc, &failure) {
            toc.compare(&index, &mut oddities);
        }
        ScannedLayer {
            index,
            found,
            failure,
            oddities: oddities.kept,
            oddity_counts: oddities.counts,
            restart_points,
            table: None,
        }
    }
}

impl fmt::Debug for LayerScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayerScan")
            .field("blob", &self.blob)
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ArchiveHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveHalf")
            .field("bytes", &self.0.bytes())
            .finish_non_exhaustive()
    }
}
