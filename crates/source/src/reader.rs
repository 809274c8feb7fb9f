//! Reads on in a source that is understood: what stands beside its images, and small blobs of it.

use std::collections::VecDeque;

use layerscope_oci::Descriptor;

use crate::error::Error;
use crate::image::Blob;
use crate::limits;
use crate::origin::{Fetch, Job, Origin};
use crate::part::{Need, Part, Place};
use crate::step::{Ask, AskId, Reply};

/// Gets documents and small blobs of a source, one after the other or several at once.
#[derive(Debug)]
pub struct Reader {
    origin: Box<dyn Origin>,
    /// What was wanted, by the number of its job.
    wanted: Vec<(Need, Part)>,
    waiting: VecDeque<Job>,
    pending: Vec<(AskId, Job)>,
    asks: Vec<(AskId, Ask)>,
    asked: u32,
    done: VecDeque<(ReadId, Result<Blob<()>, Error>)>,
}

/// Names what a [`Reader`] was told to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadId(usize);

/// What happens next with a [`Reader`].
#[derive(Debug)]
#[must_use]
pub enum ReadStep {
    /// New asks, at least one, which may run at the same time.
    Ask(Vec<(AskId, Ask)>),
    /// Earlier asks are still unanswered.
    Waiting,
    /// What came of one of the things that were wanted. The bytes are as they came, whether they are what their
    /// digest says or not.
    Read(ReadId, Result<Blob<()>, Error>),
    /// Nothing is wanted any more.
    Idle,
}

impl Reader {
    pub(crate) fn new(origin: Box<dyn Origin>) -> Self {
        Self {
            origin,
            wanted: Vec::new(),
            waiting: VecDeque::new(),
            pending: Vec::new(),
            asks: Vec::new(),
            asked: 0,
            done: VecDeque::new(),
        }
    }

    /// Wants the manifest or index that a descriptor names.
    pub fn manifest(&mut self, descriptor: &Descriptor) -> ReadId {
        self.want(Need::Document, Part::described(descriptor))
    }

    /// Wants the manifest or index that a registry has under a tag.
    pub fn tagged(&mut self, tag: String) -> ReadId {
        let part = Part {
            place: Place::Name(tag),
            ..Part::unnamed()
        };
        self.want(Need::Document, part)
    }

    /// Wants a blob of at most [`limits::CONFIG_BYTES`].
    pub fn blob(&mut self, descriptor: &Descriptor) -> ReadId {
        self.want(Need::Config, Part::described(descriptor))
    }

    fn want(&mut self, need: Need, part: Part) -> ReadId {
        let job = Job(self.wanted.len());
        match part.inline() {
            (Some(bytes), _) => self
                .done
                .push_back((ReadId(job.0), Ok(part.blob(bytes, |_| Ok(()))))),
            (None, _) => self.waiting.push_back(job),
        }
        self.wanted.push((need, part));
        ReadId(job.0)
    }

    /// What to do next.
    pub fn poll(&mut self) -> ReadStep {
        while self.pending.len() < limits::ASKS
            && let Some(job) = self.waiting.pop_front()
        {
            if let Some((need, part)) = self.wanted.get(job.0) {
                let fetch = self.origin.fetch(job, *need, part);
                self.take(job, fetch);
            }
        }
        if let Some((id, found)) = self.done.pop_front() {
            return ReadStep::Read(id, found);
        }
        match (self.asks.is_empty(), self.pending.is_empty()) {
            (false, _) => ReadStep::Ask(std::mem::take(&mut self.asks)),
            (true, false) => ReadStep::Waiting,
            (true, true) => ReadStep::Idle,
        }
    }

    /// Takes the reply to an ask, in any order. A reply to what was not asked is ignored.
    pub fn provide(&mut self, id: AskId, reply: Reply) {
        let Some(place) = self.pending.iter().position(|(known, _)| *known == id) else {
            return;
        };
        let (_, job) = self.pending.swap_remove(place);
        if let Some((need, part)) = self.wanted.get(job.0) {
            let fetch = self.origin.answer(job, *need, part, reply);
            self.take(job, fetch);
        }
    }

    fn take(&mut self, job: Job, fetch: Fetch) {
        let Some((need, part)) = self.wanted.get(job.0) else {
            return;
        };
        let found = match fetch {
            Fetch::Ask(ask) => {
                let id = AskId(self.asked);
                self.asked = self.asked.saturating_add(1);
                self.pending.push((id, job));
                return self.asks.push((id, ask));
            }
            Fetch::Bytes(arrival) => {
                let media_type = arrival.media_type;
                let mut blob = part.blob(arrival.bytes, |_| Ok(()));
                blob.media_type = blob.media_type.or(media_type);
                Ok(blob)
            }
            Fetch::Failed(error) => Err(error),
            Fetch::Absent | Fetch::Plan(_) => Err(Error::Absent {
                what: need.name(),
                at: part.at(),
            }),
        };
        self.done.push_back((ReadId(job.0), found));
    }
}
