//! What the walk through a source's documents needs of the source.

use std::fmt;

use layerscope_oci::MediaType;

use crate::draft::Draft;
use crate::error::Error;
use crate::image::Resolved;
use crate::layer::BlobPlan;
use crate::oddity::Oddity;
use crate::part::{Need, Part};
use crate::roots::Roots;
use crate::step::{Ask, Reply};

/// Names a part that was asked for, from the asking to its arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Job(pub(crate) usize);

/// A registry, an archive or a layout: it turns parts into asks, and replies into bytes.
pub(crate) trait Origin: Send {
    /// Goes on opening the source with the reply to its last ask, the first time with none.
    fn open(&mut self, reply: Option<Reply>) -> Opening;

    /// Whether documents cost nothing to speak of, so that all may be read.
    fn is_local(&self) -> bool;

    /// Begins to get a part.
    fn fetch(&mut self, job: Job, need: Need, part: &Part) -> Fetch;

    /// Goes on with the reply to the last ask for it.
    fn answer(&mut self, job: Job, need: Need, part: &Part, reply: Reply) -> Fetch;

    /// Looks at what came of the roots: other roots may be better, and names may be added.
    fn review(&mut self, drafts: &mut [Draft], oddities: &mut Vec<Oddity>) -> Option<Roots> {
        let _ = (drafts, oddities);
        None
    }

    /// Tells what is known of the source beyond its documents.
    fn tell(&self, resolved: &mut Resolved);
}

impl fmt::Debug for dyn Origin {
    /// Says no more: a supertrait would keep the debug text of everything below in the page's wasm.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin")
    }
}

/// How opening a source goes on.
#[derive(Debug)]
pub(crate) enum Opening {
    /// Ask this, and go on with the reply.
    Ask(Ask),
    /// It is open.
    Open(Roots),
    /// It holds nothing that could be read.
    Failed(Error),
}

/// How getting a part goes on.
#[derive(Debug)]
pub(crate) enum Fetch {
    /// Ask this, and go on with the reply.
    Ask(Ask),
    /// Here is the document or config.
    Bytes(Arrival),
    /// Here is how to get the layer.
    Plan(BlobPlan),
    /// The source does not have it.
    Absent,
    /// It cannot be had.
    Failed(Error),
}

/// Bytes, and what came along with them.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    /// All bytes.
    pub(crate) bytes: Vec<u8>,
    /// What the source said they are, apart from any descriptor.
    pub(crate) media_type: Option<MediaType>,
    /// What was odd about them.
    pub(crate) oddities: Vec<Oddity>,
}

impl From<Vec<u8>> for Arrival {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }
}

impl From<Vec<u8>> for Fetch {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// The error for a reply that does not answer what was asked.
pub(crate) fn unanswered(at: String, reply: &Reply) -> Error {
    let why = match reply {
        Reply::Failed(why) => crate::error::quoted(why),
        _ => "the driver's reply is to something else".to_owned(),
    };
    Error::Driver { at, why }
}
