//! The first half of a scan: the bytes of a blob, their digest, and what comes out of them.

use std::fmt;
use std::ops::ControlFlow;

use layerscope_inflate::{self as inflate, Compression, Decoder, RestartPoint, Trailing};
use layerscope_oci::{Algorithm, Digest, Digester, MediaKind};

use crate::{Demand, Error, Expected, Limits, Progress};

/// Counts and hashes the bytes of a blob, and decompresses them.
///
/// A [`LayerScan`](crate::LayerScan) has one, and can [part](crate::LayerScan::split) with it.
pub struct BlobHalf {
    expected: Expected,
    purpose: Purpose,
    digester: Option<Digester>,
    /// What is to be hashed, and by whom.
    algorithm: Option<Algorithm>,
    read: u64,
    unpacked: u64,
    decoder: Option<Decoder>,
    compression: Option<Compression>,
    restart_points: Vec<RestartPoint>,
    halt: Option<Halt>,
    stopped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Verify,
    List,
}

/// What ended decompression, or the whole scan. How much had been unpacked then is known when both halves are together.
#[derive(Debug)]
enum Halt {
    Encrypted { media_type: String },
    Decompress(inflate::Error),
    TooLong { expected: u64 },
    Aborted { why: String },
}

/// What a blob has come to.
pub(crate) struct Ended {
    /// The blob was read to its end.
    pub(crate) complete: bool,
    /// And it could be decompressed to its end.
    pub(crate) whole: bool,
    pub(crate) digest: Option<Digest>,
    pub(crate) trailing: Trailing,
}

impl Ended {
    /// Before its end.
    pub(crate) const EARLY: Self = Self {
        complete: false,
        whole: false,
        digest: None,
        trailing: Trailing::None,
    };
}

/// Where decompressed bytes go; a break says that no more are needed.
type Output<'a> = dyn FnMut(&[u8]) -> ControlFlow<()> + 'a;

impl BlobHalf {
    pub(crate) fn verifying(expected: Expected, algorithm: Algorithm, limits: Limits) -> Self {
        let mut half = Self {
            purpose: Purpose::Verify,
            digester: Some(Digester::new(algorithm)),
            algorithm: Some(algorithm),
            ..Self::listing(limits)
        };
        if let Some(stated) = &expected.media_type
            && let MediaKind::Layer {
                encrypted: true, ..
            } = stated.kind()
        {
            half.decoder = None;
            let media_type = stated.to_string();
            half.halt = Some(Halt::Encrypted { media_type });
        }
        half.expected = expected;
        half
    }

    pub(crate) fn listing(limits: Limits) -> Self {
        Self {
            expected: Expected::default(),
            purpose: Purpose::List,
            digester: None,
            algorithm: None,
            read: 0,
            unpacked: 0,
            decoder: Some(Decoder::new(limits.inflate)),
            compression: None,
            restart_points: Vec::new(),
            halt: None,
            stopped: false,
        }
    }

    pub(crate) fn keep_restart_points(&mut self, spacing: u64) {
        let decoder = self.decoder.take();
        self.decoder = decoder.map(|decoder| decoder.keeping_restart_points(spacing));
    }

    /// Leaves the digest to the driver.
    pub(crate) fn leave_digest(&mut self) {
        self.digester = None;
    }

    /// Takes the next bytes of the blob, and gives `out` what they unpack to.
    pub fn push(&mut self, bytes: &[u8], out: &mut Output<'_>) -> Demand {
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
        self.unpack(bytes, out);
        if !over.is_empty() {
            self.read = self.read.saturating_add(1);
            self.stopped = true;
            self.halt.get_or_insert(Halt::TooLong { expected: stated });
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

    fn unpack(&mut self, bytes: &[u8], out: &mut Output<'_>) {
        let Some(decoder) = &mut self.decoder else {
            return;
        };
        let flow = decoder.push(bytes, out);
        self.compression = decoder.compression();
        self.unpacked = decoder.output_bytes();
        match flow {
            Ok(ControlFlow::Continue(())) => {}
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
        if error != inflate::Error::Ended {
            self.halt = Some(Halt::Decompress(error));
        }
    }

    /// Bytes of the blob that were read.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Bytes that came out of them.
    pub fn unpacked(&self) -> u64 {
        self.unpacked
    }

    pub(crate) fn compression(&self) -> Option<Compression> {
        self.compression
    }

    pub(crate) fn has_stopped(&self) -> bool {
        self.stopped
    }

    pub(crate) fn may_skip(&self) -> bool {
        let is_plain = self.compression == Some(Compression::None);
        is_plain && self.purpose == Purpose::List && !self.stopped
    }

    pub(crate) fn may_split(&self) -> bool {
        let is_running = self.decoder.is_some() && !self.stopped;
        is_running && self.purpose == Purpose::Verify && self.compression.is_some()
    }

    /// How a blob that is not compressed is hashed, whose digest is also that of its content.
    pub(crate) fn shared_digest(&self) -> Option<Algorithm> {
        match (self.compression, &self.decoder) {
            (Some(Compression::None), Some(_)) => self.algorithm,
            _ => None,
        }
    }

    /// Passes over bytes that nobody wants to see.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.read = self.read.saturating_add(bytes);
    }

    /// Ends the scan, whatever ended it before.
    pub(crate) fn abort(&mut self, why: String) {
        self.stopped = true;
        self.halt = Some(Halt::Aborted { why });
    }

    /// Nothing is wanted of what comes out after so many bytes; what is wrong with the rest of it does not count.
    pub(crate) fn give_up(&mut self, unpacked: u64) {
        self.retire();
        self.restart_points.retain(|point| point.output <= unpacked);
        if matches!(self.halt, Some(Halt::Decompress(_))) {
            self.halt = None;
        }
    }

    /// The blob ended here: its digest, unless it ended before, and the last of what comes out. `left` is the digest
    /// that was left to the driver.
    pub(crate) fn finish(&mut self, left: Option<Digest>, out: &mut Output<'_>) -> Ended {
        let complete = !self.stopped;
        let own = self.digester.take().map(Digester::finish);
        let mut ended = Ended {
            complete,
            digest: own.or(left).filter(|_| complete),
            ..Ended::EARLY
        };
        if !complete {
            self.retire();
        }
        if let Some(mut decoder) = self.decoder.take() {
            let finished = decoder.finish(out);
            self.compression = decoder.compression();
            self.restart_points = decoder.take_restart_points();
            match finished {
                Ok(summary) => {
                    ended.whole = true;
                    ended.trailing = summary.trailing;
                }
                Err(error) => self.fail_to_decompress(error),
            }
        }
        ended
    }

    /// Gives out what the decoder kept back: that was read too. That the blob is not whole is known.
    pub(crate) fn flush(&mut self, out: &mut Output<'_>) {
        if let (Some(mut decoder), false) = (self.decoder.take(), self.stopped) {
            let _ = decoder.finish(out);
            self.compression = decoder.compression();
            self.restart_points = decoder.take_restart_points();
        }
    }

    /// What was expected, where the blob can be entered again, and what ended the scan when it had come so far.
    pub(crate) fn conclude(
        self,
        progress: Progress,
    ) -> (Expected, Vec<RestartPoint>, Option<Error>) {
        let Progress {
            read,
            unpacked,
            entries,
        } = progress;
        let failure = self.halt.map(|halt| match halt {
            Halt::Encrypted { media_type } => Error::Encrypted { media_type },
            Halt::Decompress(error) => Error::Decompress {
                cause: error.into(),
                unpacked,
                entries,
            },
            Halt::TooLong { expected } => Error::TooLong { expected, entries },
            Halt::Aborted { why } => Error::Aborted { why, read, entries },
        });
        (self.expected, self.restart_points, failure)
    }
}

impl fmt::Debug for BlobHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobHalf")
            .field("expected", &self.expected)
            .field("read", &self.read)
            .field("halt", &self.halt)
            .finish_non_exhaustive()
    }
}
