//! The content of one file, out of the layer's blob.

use std::fmt;
use std::ops::{ControlFlow, Range};

use layerscope_inflate::{self as inflate, Compression, Decoder, RestartPoint};

use crate::fingerprint::Fingerprinter;
use crate::toc::Gate;
use crate::{Cause, ChunkCheck, Content, Demand, Error};

/// Zeros for holes, handed out as often as it takes.
static ZEROS: [u8; 16 << 10] = [0; 16 << 10];

/// Takes a layer's blob from its start or from a restart point, and gives the bytes of one file, or of a part of it.
///
/// Holes of a sparse file come out as zeros. Nothing is verified but, if it is known, the fingerprint of a whole file,
/// which tells a blob that changed since its scan; a caller that has to know that the bytes are the layer's compares
/// its digest.
pub struct Extract {
    /// None when the bytes pushed are the layer's uncompressed ones.
    decoder: Option<Decoder>,
    cut: Cut,
    check: Option<Check>,
    failure: Option<Cause>,
}

impl Extract {
    /// An extraction of the bytes `range` of a file of `size` bytes; what lies beyond its end is left out.
    pub fn new(content: &Content<'_>, size: u64, range: Range<u64>) -> Self {
        let end = range.end.min(size);
        let wanted = range.start.min(end)..end;
        let (pieces, failure) = match pieces(content, size, &wanted) {
            Ok(pieces) => (pieces, None),
            Err(cause) => (Vec::new(), Some(cause)),
        };
        let first_stored = pieces.iter().find_map(|piece| match piece {
            Piece::Hole { .. } => None,
            Piece::Stored { offset, .. } => Some(*offset),
        });
        let mut pieces = pieces.into_iter();
        Self {
            decoder: Some(Decoder::new(inflate::Limits::default())),
            cut: Cut {
                at: 0,
                start: first_stored.unwrap_or(content.offset),
                piece: pieces.next(),
                pieces,
                wanted: wanted.end - wanted.start,
                delivered: 0,
            },
            check: None,
            failure,
        }
    }

    /// Where the first byte that is needed lies in the uncompressed layer.
    pub fn plain_start(&self) -> u64 {
        self.cut.start
    }

    /// Says that the blob is not compressed and that its bytes will be pushed from
    /// [`plain_start`](Self::plain_start) on.
    pub fn start_at_plain(&mut self) {
        self.decoder = None;
        self.cut.at = self.cut.start;
    }

    /// Says that the bytes of the blob will be pushed from [`RestartPoint::compressed`] on. A point behind
    /// [`plain_start`](Self::plain_start) is of no use: then the answer is no, and the start is needed.
    #[must_use]
    pub fn resume(&mut self, compression: Compression, point: &RestartPoint) -> bool {
        if point.output > self.cut.start {
            return false;
        }
        let limits = inflate::Limits::default();
        self.decoder = Some(Decoder::resume(compression, point, limits));
        self.cut.at = point.output;
        true
    }

    /// Compares the content with the fingerprint that the scan found ([`Entry::fingerprint`](crate::Entry)), if
    /// all of the file is extracted and it is not sparse.
    pub fn check(&mut self, content: &Content<'_>, size: u64, fingerprint: u64) {
        // A sparse file without any stored byte has an empty map.
        let is_sparse = !content.sparse.is_empty() || content.stored != size;
        if !is_sparse && self.cut.wanted == size {
            let mut found = Fingerprinter::default();
            found.begin(size);
            self.check = Some(Check::Fingerprint {
                expected: fingerprint,
                found,
            });
        }
    }

    /// Holds back each of the chunks, which together are what is extracted, until its bytes are known to be right; then
    /// gives those of the `wanted` bytes behind the first `skip` that are in it.
    pub fn check_chunks(&mut self, chunks: &[ChunkCheck], skip: u64, wanted: u64) {
        self.check = Some(Check::Chunks(Gate::new(chunks.to_vec(), skip, wanted)));
    }

    /// Takes the next bytes of the blob, and gives `out` those of the file that they hold.
    pub fn push(&mut self, blob_bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> Demand {
        let demand = self.take(blob_bytes, out);
        match &self.check {
            Some(check) if check.has_failed() => Demand::Stop,
            _ => demand,
        }
    }

    fn take(&mut self, blob_bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> Demand {
        let out = &mut checked(&mut self.check, out);
        // Even without a byte a hole at the start can be told, and that all is done.
        if self.failure.is_some() || self.cut.take(&[], out).is_break() {
            return Demand::Stop;
        }
        let cut = &mut self.cut;
        let flow = match &mut self.decoder {
            None => Ok(cut.take(blob_bytes, out)),
            Some(decoder) => decoder.push(blob_bytes, &mut |run| cut.take(run, out)),
        };
        match flow {
            Ok(ControlFlow::Continue(())) => Demand::More,
            Ok(ControlFlow::Break(())) => Demand::Stop,
            Err(error) => {
                self.failure = Some(error.into());
                Demand::Stop
            }
        }
    }

    /// Gives `out` what the decoder still holds of the file when a blob ends early. Of a whole blob there is nothing left.
    pub fn flush(&mut self, out: &mut dyn FnMut(&[u8])) {
        let out = &mut checked(&mut self.check, out);
        let cut = &mut self.cut;
        if let (Some(decoder), None) = (&mut self.decoder, &self.failure)
            && let Err(error) = decoder.finish(&mut |run| cut.take(run, out))
        {
            self.failure = Some(error.into());
        }
    }

    /// Says that no more bytes come.
    ///
    /// # Errors
    /// [`Error::Content`] if not all that was asked for has been given, or if it is not what the scan found.
    pub fn finish(mut self) -> Result<(), Error> {
        let Cut {
            wanted, delivered, ..
        } = self.cut;
        let is_checked = delivered == wanted || self.check.as_ref().is_some_and(Check::has_failed);
        if is_checked {
            let changed = self.check.take().and_then(Check::changed);
            return changed.map_or(Ok(()), |cause| {
                Err(Error::Content {
                    expected: wanted,
                    delivered,
                    cause,
                })
            });
        }
        self.flush(&mut |_| ());
        Err(Error::Content {
            expected: wanted,
            delivered,
            cause: self.failure.take().unwrap_or_else(|| Cause {
                name: "layer-content-short".into(),
                offset: self.cut.at,
                expected: Some(format!("{} more bytes", wanted.saturating_sub(delivered))),
                found: Some("the end of the layer".to_owned()),
                text: format!("the layer ends at byte {}", self.cut.at),
            }),
        })
    }
}

impl fmt::Debug for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extract")
            .field("at", &self.cut.at)
            .field("wanted", &self.cut.wanted)
            .field("delivered", &self.cut.delivered)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

/// Where bytes go, by way of the check.
fn checked<'a>(
    check: &'a mut Option<Check>,
    out: &'a mut dyn FnMut(&[u8]),
) -> impl FnMut(&[u8]) + 'a {
    move |bytes| {
        match check {
            Some(Check::Chunks(gate)) => return gate.take(bytes, out),
            Some(Check::Fingerprint { found, .. }) => found.data(bytes),
            None => {}
        }
        out(bytes);
    }
}

/// Whether the content is that of the scan.
enum Check {
    /// That of the scan.
    Fingerprint { expected: u64, found: Fingerprinter },
    /// Those that a table of contents states.
    Chunks(Gate),
}

impl Check {
    /// Whether it is known before the end that the content is another.
    fn has_failed(&self) -> bool {
        matches!(self, Check::Chunks(gate) if gate.failure().is_some())
    }

    /// What to say of a content that is another.
    fn changed(self) -> Option<Cause> {
        let (expected, mut found) = match self {
            Check::Chunks(gate) => return gate.failure().cloned(),
            Check::Fingerprint { expected, found } => (expected, found),
        };
        let found = found.end(None);
        (found != expected).then(|| Cause {
            name: "layer-content-changed".into(),
            offset: 0,
            expected: Some(format!("fingerprint {expected:016x}")),
            found: Some(format!("fingerprint {found:016x}")),
            text: "the file's bytes are not those that the scan found: the layer has changed since it was read"
                .to_owned(),
        })
    }
}

/// Cuts the wanted bytes out of the uncompressed layer.
struct Cut {
    /// Where the next uncompressed byte lies.
    at: u64,
    /// Where the first stored byte that is wanted lies.
    start: u64,
    pieces: std::vec::IntoIter<Piece>,
    /// What is left of the piece in hand.
    piece: Option<Piece>,
    wanted: u64,
    delivered: u64,
}

/// A part of what is wanted, not empty.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Hole {
        len: u64,
    },
    /// Bytes at this offset of the uncompressed layer.
    Stored {
        offset: u64,
        len: u64,
    },
}

impl Cut {
    /// Takes the next uncompressed bytes; breaks when everything wanted has been given.
    fn take(&mut self, mut run: &[u8], out: &mut dyn FnMut(&[u8])) -> ControlFlow<()> {
        loop {
            let left = match self.piece {
                None => return ControlFlow::Break(()),
                Some(Piece::Hole { len }) => {
                    let zeros = usize::try_from(len).unwrap_or(usize::MAX);
                    let zeros = ZEROS.get(..zeros).unwrap_or(&ZEROS);
                    self.give(zeros, out);
                    let len = len.saturating_sub(zeros.len() as u64);
                    (len > 0).then_some(Piece::Hole { len })
                }
                Some(Piece::Stored { offset, len }) => {
                    let (_, rest) = split(run, offset.saturating_sub(self.at));
                    let (bytes, rest) = split(rest, len);
                    self.at = self.at.saturating_add((run.len() - rest.len()) as u64);
                    run = rest;
                    if bytes.is_empty() {
                        return ControlFlow::Continue(());
                    }
                    self.give(bytes, out);
                    let (offset, len) = (self.at, len.saturating_sub(bytes.len() as u64));
                    (len > 0).then_some(Piece::Stored { offset, len })
                }
            };
            self.piece = left.or_else(|| self.pieces.next());
        }
    }

    fn give(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        out(bytes);
        self.delivered = self.delivered.saturating_add(bytes.len() as u64);
    }
}

/// The first `len` bytes of `run`, or all, and the rest.
fn split(run: &[u8], len: u64) -> (&[u8], &[u8]) {
    usize::try_from(len)
        .ok()
        .and_then(|len| run.split_at_checked(len))
        .unwrap_or((run, &[]))
}

/// The pieces of a file of `size` bytes that make up `wanted`.
fn pieces(content: &Content<'_>, size: u64, wanted: &Range<u64>) -> Result<Vec<Piece>, Cause> {
    let fault = |expected: &str, found: String| Cause {
        name: "layer-sparse-map".into(),
        offset: content.offset,
        text: format!("the sparse map should have {expected}, and has {found}"),
        expected: Some(expected.to_owned()),
        found: Some(found),
    };
    let whole = [layerscope_tar::Segment {
        offset: 0,
        len: content.stored,
    }];
    let map = match content.sparse {
        [] => &whole[..],
        map => map,
    };
    let mut pieces = Vec::new();
    // Up to where in the file, and how many stored bytes, the map was followed.
    let (mut reached, mut stored) = (0_u64, 0_u64);
    for run in map {
        let end = run.offset.checked_add(run.len).filter(|end| *end <= size);
        let (Some(end), true) = (end, run.offset >= reached) else {
            let found = format!("{} bytes at {}", run.len, run.offset);
            return Err(fault("runs in order within the file", found));
        };
        hole(
            &mut pieces,
            reached.max(wanted.start)..run.offset.min(wanted.end),
        );
        let part = run.offset.max(wanted.start)..end.min(wanted.end);
        if !part.is_empty() {
            let skipped = stored.saturating_add(part.start - run.offset);
            pieces.push(Piece::Stored {
                offset: content.offset.saturating_add(skipped),
                len: part.end - part.start,
            });
        }
        stored = stored.saturating_add(run.len);
        reached = end;
    }
    if stored != content.stored {
        let expected = format!("{} bytes", content.stored);
        return Err(fault(&expected, format!("{stored} bytes")));
    }
    hole(&mut pieces, reached.max(wanted.start)..wanted.end);
    Ok(pieces)
}

fn hole(pieces: &mut Vec<Piece>, part: Range<u64>) {
    if !part.is_empty() {
        pieces.push(Piece::Hole {
            len: part.end - part.start,
        });
    }
}
