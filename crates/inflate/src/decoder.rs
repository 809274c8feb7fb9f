//! One value that undoes any of the compressions.

use std::fmt;
use std::ops::ControlFlow;

use crate::gzip::Gzip;
use crate::restart::Collector;
use crate::sniff::SNIFF_MAX;
use crate::xz::Xz;
use crate::zstd::Zstd;
use crate::{Compression, Error, Limits, RestartPoint, Sniff, Summary, Trailing, sniff};

/// Where decompressed bytes go: one call for every run of them, in order, none of them empty.
///
/// Answering [`ControlFlow::Break`] ends decoding there and then, which is how a reader that has
/// what it wants stops, and how a budget of output bytes is kept.
pub type Output<'a> = dyn FnMut(&[u8]) -> ControlFlow<()> + 'a;

/// Decompresses a stream that is pushed in pieces of any size.
///
/// How the stream is cut into pieces cannot be observed: the concatenated output, the summary and
/// the error are the same for any cut; only where one run of output ends and the next begins differs.
/// Memory stays within the format's window (see [`Limits`]) plus a few hundred KiB.
pub struct Decoder {
    limits: Limits,
    stage: Stage,
    compressed_bytes: u64,
    output_bytes: u64,
    points: Collector,
}

/// The codecs are large and live on the heap, so that a decoder moves cheaply.
enum Stage {
    Sniffing(Head),
    Decoding(Codec),
    /// Stopped by the callback, or finished.
    Ended(Option<Compression>),
    Failed(Option<Compression>, Error),
}

enum Codec {
    Plain,
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
    Xz(Box<Xz>),
}

/// The first bytes, as long as they do not tell the compression.
#[derive(Default)]
struct Head {
    bytes: [u8; SNIFF_MAX],
    len: usize,
}

/// Why a codec does not go on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The callback wants no more.
    Stopped,
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Halt::Failed(error)
    }
}

/// What a codec knows at the end of its stream.
pub(crate) struct Ending {
    pub(crate) members: u64,
    pub(crate) checksummed: bool,
    pub(crate) trailing: Trailing,
}

/// Hands over one run of output.
pub(crate) fn deliver(out: &mut Output<'_>, run: &[u8]) -> Result<(), Halt> {
    if !run.is_empty() && out(run).is_break() {
        return Err(Halt::Stopped);
    }
    Ok(())
}

impl Decoder {
    /// A decoder that tells the compression by the first bytes, as [`sniff`] does.
    pub fn new(limits: Limits) -> Self {
        Self::at(Stage::Sniffing(Head::default()), limits)
    }

    /// A decoder for a stream whose compression is known; other bytes are an error.
    pub fn with(compression: Compression, limits: Limits) -> Self {
        Self::at(Stage::Decoding(Codec::new(compression, limits)), limits)
    }

    /// A decoder that goes on from a point of a stream with this compression: the bytes to push are those
    /// from [`RestartPoint::compressed`] on, and the output begins at [`RestartPoint::output`].
    ///
    /// Offsets and counts are those of the whole stream. A member that is entered in its middle is not
    /// compared with its checksum, later ones are. A point that is not of this stream gives an error or
    /// other bytes, and nothing worse.
    pub fn resume(compression: Compression, point: &RestartPoint, limits: Limits) -> Self {
        let codec = match compression {
            Compression::Gzip => Codec::Gzip(Box::new(Gzip::resume(point, limits))),
            Compression::Zstd => Codec::Zstd(Box::new(Zstd::resume(point, limits))),
            Compression::None | Compression::Xz => Codec::new(compression, limits),
        };
        Self {
            compressed_bytes: point.compressed,
            output_bytes: point.output,
            ..Self::at(Stage::Decoding(codec), limits)
        }
    }

    /// The same decoder, which from its start keeps a [`RestartPoint`] in every `spacing` bytes of output,
    /// or soon after: where a deflate block ends, or where a gzip member or a zstd frame starts.
    ///
    /// Without blocks, members or frames there are none: a stream of one zstd frame can be decoded from its
    /// start only, and so can xz. Of more than [`MAX_RESTART_POINTS`](crate::MAX_RESTART_POINTS) every
    /// other one is dropped, so that they are farther apart. How the stream is cut into pieces cannot be
    /// seen in them.
    pub fn keeping_restart_points(self, spacing: u64) -> Self {
        Self {
            points: Collector::every(spacing),
            ..self
        }
    }

    /// The points that were kept so far, in order; they are handed out once.
    pub fn take_restart_points(&mut self) -> Vec<RestartPoint> {
        self.points.take()
    }

    fn at(stage: Stage, limits: Limits) -> Self {
        Self {
            limits,
            stage,
            compressed_bytes: 0,
            output_bytes: 0,
            points: Collector::none(),
        }
    }

    /// Decompresses the next bytes of the stream, and gives `out` all output that they allow.
    ///
    /// Answers [`ControlFlow::Break`] when `out` did. The decoder has then ended, and so has it after
    /// an error: later calls do nothing but give the same answer again.
    ///
    /// # Errors
    /// Any [`Error`]; what was decoded before it has been delivered.
    pub fn push(&mut self, bytes: &[u8], out: &mut Output<'_>) -> Result<ControlFlow<()>, Error> {
        match &self.stage {
            Stage::Sniffing(_) | Stage::Decoding(_) => {}
            Stage::Ended(_) => return Ok(ControlFlow::Break(())),
            Stage::Failed(_, error) => return Err(error.clone()),
        }
        self.compressed_bytes = self.compressed_bytes.saturating_add(bytes.len() as u64);
        let mut out = counted(&mut self.output_bytes, out);
        let points = &mut self.points;
        let done = self.stage.push(bytes, self.limits, points, &mut out);
        drop(out);
        self.settle(done)
    }

    /// Says that the stream ended here: the only way to know that it was whole.
    ///
    /// # Errors
    /// [`Error::Truncated`] when something was not complete, [`Error::Ended`] when `out` stopped the
    /// decoder before or does so now, and the error of `push` again when there was one.
    pub fn finish(&mut self, out: &mut Output<'_>) -> Result<Summary, Error> {
        match &self.stage {
            Stage::Sniffing(_) | Stage::Decoding(_) => {}
            Stage::Ended(_) => return Err(Error::Ended),
            Stage::Failed(_, error) => return Err(error.clone()),
        }
        let mut out = counted(&mut self.output_bytes, out);
        let ending = self.stage.finish(self.limits, &mut self.points, &mut out);
        drop(out);
        let compression = self.stage.compression().unwrap_or(Compression::None);
        match ending {
            Ok(ending) => {
                self.stage = Stage::Ended(Some(compression));
                Ok(Summary {
                    compression,
                    compressed_bytes: self.compressed_bytes,
                    output_bytes: self.output_bytes,
                    members: ending.members,
                    checksummed: ending.checksummed,
                    trailing: ending.trailing,
                })
            }
            Err(halt) => match self.settle(Err(halt)) {
                Err(error) => Err(error),
                Ok(_) => Err(Error::Ended),
            },
        }
    }

    /// How the stream is compressed; `None` while its first bytes leave that open, and when they
    /// name something unsupported.
    pub fn compression(&self) -> Option<Compression> {
        self.stage.compression()
    }

    /// Bytes pushed so far. Those of the piece during which decoding ended are counted in full.
    pub fn compressed_bytes(&self) -> u64 {
        self.compressed_bytes
    }

    /// Bytes delivered so far.
    pub fn output_bytes(&self) -> u64 {
        self.output_bytes
    }

    fn settle(&mut self, done: Result<(), Halt>) -> Result<ControlFlow<()>, Error> {
        match done {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(Halt::Stopped) => {
                self.stage = Stage::Ended(self.stage.compression());
                Ok(ControlFlow::Break(()))
            }
            Err(Halt::Failed(error)) => {
                self.stage = Stage::Failed(self.stage.compression(), error.clone());
                Err(error)
            }
        }
    }
}

fn counted<'a>(
    total: &'a mut u64,
    out: &'a mut Output<'_>,
) -> impl FnMut(&[u8]) -> ControlFlow<()> + 'a {
    move |run| {
        *total = total.saturating_add(run.len() as u64);
        out(run)
    }
}

impl Stage {
    fn compression(&self) -> Option<Compression> {
        match self {
            Stage::Sniffing(_) => None,
            Stage::Decoding(codec) => Some(codec.compression()),
            Stage::Ended(compression) | Stage::Failed(compression, _) => *compression,
        }
    }

    fn push(
        &mut self,
        mut bytes: &[u8],
        limits: Limits,
        points: &mut Collector,
        out: &mut Output<'_>,
    ) -> Result<(), Halt> {
        while let Stage::Sniffing(head) = self {
            let Some((first, rest)) = bytes.split_first() else {
                return Ok(());
            };
            bytes = rest;
            let answer = head.extend(*first);
            if answer != Sniff::NeedMore {
                self.decide(answer, limits, points, out)?;
            }
        }
        match self {
            Stage::Decoding(codec) => codec.push(bytes, points, out),
            _ => Ok(()),
        }
    }

    /// Starts the codec that the first bytes ask for, and gives it those bytes.
    fn decide(
        &mut self,
        answer: Sniff,
        limits: Limits,
        points: &mut Collector,
        out: &mut Output<'_>,
    ) -> Result<(), Halt> {
        let compression = match answer {
            Sniff::Known(compression) => compression,
            Sniff::NeedMore => Compression::None,
            Sniff::Unsupported(name) => {
                return Err(Error::unsupported(0, "compression", name).into());
            }
        };
        let decoding = Stage::Decoding(Codec::new(compression, limits));
        let sniffing = std::mem::replace(self, decoding);
        match (sniffing, self) {
            (Stage::Sniffing(head), Stage::Decoding(codec)) => {
                codec.push(head.bytes(), points, out)
            }
            _ => Ok(()),
        }
    }

    fn finish(
        &mut self,
        limits: Limits,
        points: &mut Collector,
        out: &mut Output<'_>,
    ) -> Result<Ending, Halt> {
        if matches!(self, Stage::Sniffing(_)) {
            self.decide(Sniff::NeedMore, limits, points, out)?;
        }
        match self {
            Stage::Decoding(codec) => codec.finish(out),
            _ => Err(Error::Ended.into()),
        }
    }
}

impl Head {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn extend(&mut self, byte: u8) -> Sniff {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
        sniff(self.bytes())
    }
}

impl Codec {
    fn new(compression: Compression, limits: Limits) -> Self {
        match compression {
            Compression::None => Codec::Plain,
            Compression::Gzip => Codec::Gzip(Box::new(Gzip::new(limits))),
            Compression::Zstd => Codec::Zstd(Box::new(Zstd::new(limits))),
            Compression::Xz => Codec::Xz(Box::new(Xz::new(limits))),
        }
    }

    fn compression(&self) -> Compression {
        match self {
            Codec::Plain => Compression::None,
            Codec::Gzip(_) => Compression::Gzip,
            Codec::Zstd(_) => Compression::Zstd,
            Codec::Xz(_) => Compression::Xz,
        }
    }

    fn push(
        &mut self,
        bytes: &[u8],
        points: &mut Collector,
        out: &mut Output<'_>,
    ) -> Result<(), Halt> {
        match self {
            Codec::Plain => deliver(out, bytes),
            Codec::Gzip(gzip) => gzip.push(bytes, points, out),
            Codec::Zstd(zstd) => zstd.push(bytes, points, out),
            Codec::Xz(xz) => xz.push(bytes, out),
        }
    }

    fn finish(&mut self, out: &mut Output<'_>) -> Result<Ending, Halt> {
        match self {
            Codec::Plain => Ok(Ending {
                members: 0,
                checksummed: false,
                trailing: Trailing::None,
            }),
            Codec::Gzip(gzip) => gzip.finish(),
            Codec::Zstd(zstd) => zstd.finish(out),
            Codec::Xz(xz) => xz.finish(),
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("compression", &self.compression())
            .field("compressed_bytes", &self.compressed_bytes)
            .field("output_bytes", &self.output_bytes)
            .finish_non_exhaustive()
    }
}
