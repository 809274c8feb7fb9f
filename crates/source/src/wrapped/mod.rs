//! An archive that is compressed as a whole: read through once, every layer scanned in passing.
//!
//! Such a file has no random access, and `manifest.json` may be its last member. So every member that
//! could be a layer is scanned when it comes by, small members and JSON are kept, and what belongs
//! together is found out afterwards. One file out of a layer costs another pass ([`MemberExtract`]).

mod extract;
mod members;
mod stored;

use std::fmt;
use std::ops::ControlFlow;

use layerscope_inflate::{Compression, Decoder};
use layerscope_layer::{Cause, Demand, Limits, Progress, ScannedLayer};
use layerscope_tar::Parser;

use crate::archive::outer::{Member, OuterIndex, too_many_members};
use crate::error::Error;
use crate::limits;
use crate::oddity::Oddity;
pub use extract::MemberExtract;
use members::Members;

/// Takes the bytes of a wrapped archive in pieces of any size, and becomes a [`WrappedArchive`].
pub struct WrappedScan {
    decoder: Decoder,
    parser: Option<Parser>,
    members: Members,
    head: Vec<u8>,
    read: u64,
    stopped: bool,
    failure: Option<Cause>,
}

/// What an archive that was compressed as a whole holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedArchive {
    compression: Compression,
    read: u64,
    unpacked: u64,
    /// The first unpacked bytes, to say what a file is that is no archive.
    head: Vec<u8>,
    members: Vec<(Member, Held)>,
    oddities: Vec<Oddity>,
    failure: Option<Cause>,
}

/// What was kept of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    /// It has no content, or too much to be kept.
    Nothing,
    /// Its content.
    Bytes(Vec<u8>),
    /// What a scan found; empty once it was taken.
    Layer(Option<Box<ScannedLayer>>),
}

/// How many of the first unpacked bytes are kept.
const HEAD: usize = 512;

/// What is at hand of a member.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kept<'a> {
    /// Its content.
    Bytes(&'a [u8]),
    /// It was scanned as a layer.
    Layer,
}

impl WrappedScan {
    /// A scan whose layers keep `limits`.
    pub fn new(limits: Limits) -> Self {
        Self {
            decoder: Decoder::new(limits.inflate),
            parser: Some(Parser::new(limits.tar)),
            members: Members::new(limits),
            head: Vec::new(),
            read: 0,
            stopped: false,
            failure: None,
        }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) -> Demand {
        if self.stopped {
            return Demand::Stop;
        }
        self.read = self.read.saturating_add(bytes.len() as u64);
        let (parser, members, head) = (&mut self.parser, &mut self.members, &mut self.head);
        let mut failure = None;
        let flow = self.decoder.push(bytes, &mut |run| {
            let missing = HEAD.saturating_sub(head.len());
            head.extend(run.iter().take(missing));
            let parsed = match parser {
                Some(parser) => parser.push(run, members),
                None => return ControlFlow::Break(()),
            };
            if let Err(error) = parsed {
                failure = Some(Cause::from(error));
            }
            if failure.is_some() || members.is_full() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if let Err(error) = &flow {
            failure = Some(Cause::from(error.clone()));
        }
        self.failure = self.failure.take().or(failure);
        self.stopped = !matches!(flow, Ok(ControlFlow::Continue(())));
        if self.stopped {
            Demand::Stop
        } else {
            Demand::More
        }
    }

    /// How far the scan has come: bytes of the file, bytes of the archive, and its members.
    pub fn progress(&self) -> Progress {
        Progress {
            read: self.read,
            unpacked: self.decoder.output_bytes(),
            entries: self.members.len() as u64,
        }
    }

    /// The file ended here. A member that it cuts is kept as far as it goes.
    pub fn finish(mut self) -> WrappedArchive {
        if !self.stopped {
            let (parser, members) = (&mut self.parser, &mut self.members);
            let mut failure = None;
            let finished = self.decoder.finish(&mut |run| {
                if let Some(Err(error)) = parser.as_mut().map(|parser| parser.push(run, members)) {
                    failure = Some(Cause::from(error));
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            let undecoded = finished.err().map(Cause::from);
            let unparsed = self
                .parser
                .take()
                .and_then(|parser| parser.finish(&mut self.members).err().map(Cause::from));
            self.failure = failure.or(undecoded).or(unparsed);
        }
        let (members, oddities) = self.members.finish();
        WrappedArchive {
            compression: self.decoder.compression().unwrap_or(Compression::None),
            read: self.read,
            unpacked: self.decoder.output_bytes(),
            head: self.head,
            members,
            oddities,
            failure: self.failure,
        }
    }
}

impl fmt::Debug for WrappedScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappedScan")
            .field("progress", &self.progress())
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

impl WrappedArchive {
    /// How the archive is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Bytes of the file, and bytes that it unpacks to.
    pub fn sizes(&self) -> (u64, u64) {
        (self.read, self.unpacked)
    }

    /// What was scanned of the member that a [`BlobPlan::Member`](crate::BlobPlan::Member) names.
    pub fn layer(&self, number: usize) -> Option<&ScannedLayer> {
        match self.members.get(number) {
            Some((_, Held::Layer(layer))) => layer.as_deref(),
            _ => None,
        }
    }

    /// What is at hand of a member.
    pub(crate) fn kept(&self, number: usize) -> Option<Kept<'_>> {
        match self.members.get(number) {
            Some((_, Held::Bytes(bytes))) => Some(Kept::Bytes(bytes)),
            Some((_, Held::Layer(_))) => Some(Kept::Layer),
            Some((_, Held::Nothing)) | None => None,
        }
    }

    /// The first unpacked bytes.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The members as those of an archive that can be read at any place.
    pub(crate) fn index(&self) -> Result<OuterIndex, Error> {
        if self.members.len() > limits::MEMBERS {
            return Err(too_many_members());
        }
        let mut index = OuterIndex::default();
        index.oddities.extend(self.oddities.iter().cloned());
        for (member, _) in &self.members {
            index.push(member.clone());
        }
        index.cut.clone_from(&self.failure);
        Ok(index)
    }
}
