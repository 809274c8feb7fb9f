//! The whole pipeline from a blob's bytes to a verified layer, as one value.

use std::fmt;
use std::ops::ControlFlow;

use layerscope_inflate::{self as inflate, Compression, Decoder, RestartPoint, Trailing};
use layerscope_oci::{Algorithm, DiffId, Digest, Digester, MediaKind};

use crate::collision::collisions;
use crate::oddity::{Oddity, OddityKind, of_tar, of_trailing};
use crate::scanned::media_type_mismatch;
use crate::unpacked::Unpacked;
use crate::{Error, Expected, Found, LayerIndex, Limits, ScannedLayer};

/// Takes the bytes of a layer blob in pieces of any size, and becomes a [`ScannedLayer`].
///
/// Every byte is hashed, decompressed, hashed again and parsed as it comes. An error of one of these stages ends
/// that stage and those after it: a blob whose archive is broken still gets both digests, and one that cannot be
/// decompressed its distribution digest. How the bytes are cut into pieces cannot be observed.
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
    expected: Expected,
    purpose: Purpose,
    digester: Option<Digester>,
    read: u64,
    decoder: Option<Decoder>,
    compression: Option<Compression>,
    restart_points: Vec<RestartPoint>,
    unpacked: Unpacked,
    /// What ended decompression, or the whole scan. What ended the archive is in `unpacked`.
    failure: Option<Error>,
    stopped: bool,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Verify,
    List,
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
        let mut scan = Self {
            digester: Some(Digester::new(algorithm(digest))),
            unpacked: Unpacked::new(&limits, Some(algorithm(diff_id))),
            purpose: Purpose::Verify,
            ..Self::listing(limits)
        };
        if let Some(stated) = &expected.media_type
            && let MediaKind::Layer {
                encrypted: true, ..
            } = stated.kind()
        {
            scan.decoder = None;
            scan.failure = Some(Error::Encrypted {
                media_type: stated.to_string(),
            });
        }
        scan.expected = expected;
        scan
    }

    /// A scan that finds the entries and computes no digest and no fingerprint: nothing can be verified with it.
    pub fn listing(limits: Limits) -> Self {
        Self {
            expected: Expected::default(),
            purpose: Purpose::List,
            digester: None,
            read: 0,
            decoder: Some(Decoder::new(limits.inflate)),
            compression: None,
            restart_points: Vec::new(),
            unpacked: Unpacked::new(&limits, None),
            failure: None,
            stopped: false,
        }
    }

    /// The same scan, which keeps a restart point in every `spacing` bytes of the uncompressed layer, so that
    /// [`Extract`](crate::Extract) need not begin at its start. It has to be asked for before the first byte.
    pub fn keeping_restart_points(mut self, spacing: u64) -> Self {
        let decoder = self.decoder.take();
        self.decoder = decoder.map(|decoder| decoder.keeping_restart_points(spacing));
        self
    }

    /// Takes the next bytes of the blob.
    pub fn push(&mut self, bytes: &[u8]) -> Demand {
        if self.stopped {
            return Demand::Stop;
        }
        let stated = self.expected.size.unwrap_or(u64::MAX);
        let room = usize::try_from(stated.saturating_sub(self.read)).unwrap_or(usize::MAX);
        let (bytes, over) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        self.read = self.read.saturating_add(bytes.len() as u64);
        if let Some(digester) = &mut self.digester {
            digester.update(bytes);
        }
        self.unpack(bytes);
        if !over.is_empty() {
            self.read = self.read.saturating_add(1);
            self.stopped = true;
            self.failure.get_or_insert(Error::TooLong {
                expected: stated,
                entries: self.unpacked.entries(),
            });
        }
        if self.purpose == Purpose::List && self.decoder.is_none() {
            self.stopped = true;
        }
        if self.stopped {
            Demand::Stop
        } else {
            Demand::More
        }
    }

    /// How many of the blob's next bytes need not be pushed but may be [skipped](Self::skip): contents of files in
    /// a [`listing`](Self::listing) of a layer that is not compressed.
    pub fn skippable(&self) -> u64 {
        match (self.purpose, self.compression) {
            (Purpose::List, Some(Compression::None)) if !self.stopped => self.unpacked.skippable(),
            _ => 0,
        }
    }

    /// Declares that the blob's next `bytes`, at most [`skippable`](Self::skippable), exist and are passed over.
    ///
    /// Skipping more ends the scan: nothing can be said about what follows.
    pub fn skip(&mut self, bytes: u64) {
        if self.stopped {
            return;
        }
        if bytes > self.skippable() {
            self.stopped = true;
            self.failure = Some(Error::Aborted {
                why: format!("{bytes} bytes were skipped that have to be read"),
                read: self.read,
                entries: self.unpacked.entries(),
            });
            return;
        }
        self.read = self.read.saturating_add(bytes);
        self.unpacked.skip(bytes);
    }

    /// How far the scan has come.
    pub fn progress(&self) -> Progress {
        Progress {
            read: self.read,
            unpacked: self.unpacked.bytes(),
            entries: self.unpacked.entries(),
        }
    }

    /// The entries known so far, of which nothing is verified. The content of the last one may still be coming.
    pub fn peek(&self) -> &LayerIndex {
        self.unpacked.members.builder.index()
    }

    /// The blob ended here.
    pub fn finish(mut self) -> ScannedLayer {
        let complete = !self.stopped;
        let digester = self.digester.take().filter(|_| complete);
        let digest = digester.map(Digester::finish);
        let mut trailing = Trailing::None;
        let mut diff_id = None;
        if !complete {
            self.retire();
        }
        if let Some(mut decoder) = self.decoder.take() {
            let unpacked = &mut self.unpacked;
            let finished = decoder.finish(&mut |run| unpacked.push(run));
            self.compression = decoder.compression();
            self.restart_points = decoder.take_restart_points();
            match finished {
                Ok(summary) => {
                    trailing = summary.trailing;
                    self.unpacked.finish();
                    diff_id = self.unpacked.diff_id(digest.as_ref());
                }
                Err(error) => self.fail_to_decompress(error),
            }
        }
        self.conclude(digest, diff_id, complete, trailing)
    }

    /// The bytes ended early for a reason outside the blob, such as a lost connection or a user who has seen enough.
    ///
    /// What was read is kept; there is no digest, so nothing can be verified.
    pub fn abort(mut self, why: String) -> ScannedLayer {
        if let (Some(mut decoder), false) = (self.decoder.take(), self.stopped) {
            // What the decoder kept back was read too. That the blob is not whole is known.
            let unpacked = &mut self.unpacked;
            let _ = decoder.finish(&mut |run| unpacked.push(run));
            self.compression = decoder.compression();
            self.restart_points = decoder.take_restart_points();
        }
        self.failure = Some(Error::Aborted {
            why,
            read: self.read,
            entries: self.unpacked.entries(),
        });
        self.conclude(None, None, false, Trailing::None)
    }

    fn unpack(&mut self, bytes: &[u8]) {
        let Some(decoder) = &mut self.decoder else {
            return;
        };
        let unpacked = &mut self.unpacked;
        let flow = decoder.push(bytes, &mut |run| unpacked.push(run));
        self.compression = decoder.compression();
        match flow {
            Ok(ControlFlow::Continue(())) => {
                if let (Some(Compression::None), Some(of_blob)) = (self.compression, &self.digester)
                {
                    self.unpacked.share_digest(of_blob);
                }
            }
            Ok(ControlFlow::Break(())) => self.retire(),
            Err(error) => {
                self.retire();
                self.fail_to_decompress(error);
            }
        }
    }

    /// Ends decompression; what was decompressed can still be read again.
    fn retire(&mut self) {
        if let Some(mut decoder) = self.decoder.take() {
            self.restart_points = decoder.take_restart_points();
        }
    }

    fn fail_to_decompress(&mut self, error: inflate::Error) {
        // A decoder that a spent budget stopped has nothing of its own to say.
        if error == inflate::Error::Ended {
            return;
        }
        self.failure = Some(Error::Decompress {
            cause: error.into(),
            unpacked: self.unpacked.bytes(),
            entries: self.unpacked.entries(),
        });
    }

    fn conclude(
        mut self,
        digest: Option<Digest>,
        diff_id: Option<DiffId>,
        complete: bool,
        trailing: Trailing,
    ) -> ScannedLayer {
        let found = Found {
            digest,
            size: self.read,
            diff_id,
            uncompressed_size: self.unpacked.bytes(),
            compression: self.compression.unwrap_or(Compression::None),
            complete,
        };
        let (toc, second) = self.unpacked.toc();
        let members = self.unpacked.members;
        let mut oddities = members.oddities;
        if let Some(second) = second {
            oddities.push(of_tar(second, 0));
        }
        let index = members.builder.finish();
        // What was told about an entry that did not come is about the archive.
        for oddity in &mut oddities.kept {
            oddity.entry = oddity.entry.filter(|entry| (*entry as usize) < index.len());
        }
        let aborted = matches!(self.failure, Some(Error::Aborted { .. }));
        let failure = match members.failure {
            // The archive ended before whatever ended its bytes, unless the driver has the last word.
            Some(archive) if !aborted => Some(archive),
            _ => self.failure,
        };
        let stated = self.expected.media_type.as_ref();
        let mismatch = stated.and_then(|stated| media_type_mismatch(&found, stated));
        let uncommon = (found.compression == Compression::Xz)
            .then(|| Oddity::new(OddityKind::UncommonCompression, 0, None, b"xz"));
        let blob = [mismatch, uncommon, of_trailing(trailing)];
        for oddity in blob.into_iter().flatten().chain(collisions(&index)) {
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
            restart_points: self.restart_points,
        }
    }
}

impl fmt::Debug for LayerScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayerScan")
            .field("expected", &self.expected)
            .field("progress", &self.progress())
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}
