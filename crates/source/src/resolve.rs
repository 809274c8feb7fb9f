//! From a reference, an archive or a layout to its images: everything but the layers' bytes.

use layerscope_oci::{Document, Platform, Reference};

use crate::archive::ArchiveOrigin;
use crate::draft::Harvest;
use crate::image::{Blob, Resolved, SourceKind};
use crate::layout::LayoutOrigin;
use crate::limits;
use crate::oddity::Oddity;
use crate::origin::{Fetch, Job, Opening, Origin};
use crate::reader::Reader;
use crate::registry::{Access, RegistryOrigin};
use crate::roots::Roots;
use crate::select::select;
use crate::step::{Ask, AskId, Reply, Step};
use crate::walk::Walk;

/// Which images of a source are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// Which image, of a source that holds several.
    pub image: ImageChoice,
    /// Which platform, of an image that is for several.
    pub platform: PlatformChoice,
}

/// Which image, of a source that holds several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ImageChoice {
    /// All, and the first that can be read is chosen.
    #[default]
    Default,
    /// All.
    All,
    /// The one with this number, from 0.
    Number(usize),
    /// The one with this name: a tag in familiar or canonical form, or whatever the source calls it.
    Name(String),
}

/// Which platform, of an image that is for several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformChoice {
    /// Preferably this one, or else the first.
    Default(Platform),
    /// All.
    All,
    /// This one and no other.
    Only(Platform),
}

impl Default for PlatformChoice {
    fn default() -> Self {
        Self::Default(Platform::new("linux", "amd64"))
    }
}

/// Finds out what a source holds, by asking.
#[derive(Debug)]
pub struct Resolve {
    origin: Option<Box<dyn Origin>>,
    select: Select,
    stage: Stage,
    /// At most [`limits::ASKS`], so that looking through them costs nothing.
    pending: Vec<(AskId, Purpose)>,
    asked: u32,
    asks: Vec<(AskId, Ask)>,
    /// Indexes that are not what their digests say, from a description that was passed over for another.
    wrong: Vec<Blob<Document>>,
    outcome: Option<Step>,
}

#[derive(Debug)]
enum Stage {
    /// Nothing was asked yet.
    New,
    Opening,
    Walking {
        walk: Box<Walk>,
        kind: SourceKind,
        oddities: Vec<Oddity>,
    },
    Over,
}

/// What an ask is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Open,
    Part(Job),
}

impl Resolve {
    /// What `reference` names, in the registry that `access` leads to.
    pub fn registry(reference: Reference, access: Access, select: Select) -> Self {
        Self::new(RegistryOrigin::new(reference, access), select)
    }

    /// What an archive file of `size` bytes holds: `docker save`'s, or an OCI layout's.
    pub fn archive(size: u64, select: Select) -> Self {
        Self::new(ArchiveOrigin::new(size), select)
    }

    /// What an OCI layout in a directory holds; only under `tag`, if there is one.
    pub fn layout(tag: Option<String>, select: Select) -> Self {
        Self::new(LayoutOrigin::new(tag), select)
    }

    fn new(origin: impl Origin + 'static, select: Select) -> Self {
        Self {
            origin: Some(Box::new(origin)),
            select,
            stage: Stage::New,
            pending: Vec::new(),
            asked: 0,
            asks: Vec::new(),
            wrong: Vec::new(),
            outcome: None,
        }
    }

    /// What to do next.
    pub fn poll(&mut self) -> Step {
        if matches!(self.stage, Stage::New) {
            self.stage = Stage::Opening;
            self.open(None);
        }
        self.walk();
        if let Some(outcome) = self.outcome.take() {
            return outcome;
        }
        if self.asks.is_empty() {
            Step::Waiting
        } else {
            Step::Ask(std::mem::take(&mut self.asks))
        }
    }

    /// What reads on in the source, once it is understood.
    pub fn into_reader(self) -> Option<Reader> {
        let is_over = matches!(self.stage, Stage::Over);
        self.origin.filter(|_| is_over).map(Reader::new)
    }

    /// Takes the reply to an ask, in any order. A reply to what was not asked, or was answered
    /// before, is ignored.
    pub fn provide(&mut self, id: AskId, reply: Reply) {
        let Some(place) = self.pending.iter().position(|(known, _)| *known == id) else {
            return;
        };
        match self.pending.swap_remove(place).1 {
            Purpose::Open => self.open(Some(reply)),
            Purpose::Part(job) => self.answer(job, reply),
        }
    }

    fn open(&mut self, reply: Option<Reply>) {
        let Some(origin) = &mut self.origin else {
            return;
        };
        match origin.open(reply) {
            Opening::Ask(ask) => self.ask(ask, Purpose::Open),
            Opening::Open(roots) => self.begin(roots),
            Opening::Failed(error) => self.end(Step::Failed(error)),
        }
    }

    fn begin(&mut self, roots: Roots) {
        let eager = self.origin.as_ref().is_some_and(|origin| origin.is_local());
        let platform = self.select.platform.clone();
        self.stage = Stage::Walking {
            walk: Box::new(Walk::new(roots.top, eager, platform)),
            kind: roots.kind,
            oddities: roots.oddities,
        };
    }

    fn answer(&mut self, job: Job, reply: Reply) {
        let (Stage::Walking { walk, .. }, Some(origin)) = (&self.stage, &mut self.origin) else {
            return;
        };
        if let Some((need, part)) = walk.part(job) {
            let fetch = origin.answer(job, need, part, reply);
            self.arrive(job, fetch);
        }
    }

    fn arrive(&mut self, job: Job, fetch: Fetch) {
        match (fetch, &mut self.stage) {
            (Fetch::Ask(ask), _) => self.ask(ask, Purpose::Part(job)),
            (fetch, Stage::Walking { walk, .. }) => walk.arrive(job, fetch),
            _ => {}
        }
    }

    fn ask(&mut self, ask: Ask, purpose: Purpose) {
        let id = AskId(self.asked);
        self.asked = self.asked.saturating_add(1);
        self.pending.push((id, purpose));
        self.asks.push((id, ask));
    }

    /// Starts what can be started, and ends the walk when nothing is left.
    fn walk(&mut self) {
        loop {
            let (Stage::Walking { walk, .. }, Some(origin)) = (&mut self.stage, &mut self.origin)
            else {
                return;
            };
            if self.pending.len() < limits::ASKS
                && let Some((job, need, part)) = walk.next()
            {
                let fetch = origin.fetch(job, need, part);
                self.arrive(job, fetch);
            } else if !walk.is_idle() {
                return;
            } else if origin.is_local() || !walk.goes_on() {
                self.conclude();
            }
        }
    }

    fn conclude(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        let Stage::Walking {
            walk,
            kind,
            mut oddities,
        } = stage
        else {
            return;
        };
        let mut harvest = match Harvest::of(*walk) {
            Ok(harvest) => harvest,
            Err(error) => return self.end(Step::Failed(error)),
        };
        let Some(mut origin) = self.origin.take() else {
            return;
        };
        if let Some(roots) = origin.review(&mut harvest.drafts, &mut harvest.oddities) {
            self.origin = Some(origin);
            let is_wrong = |index: &Blob<Document>| index.is_verified() == Some(false);
            self.wrong
                .extend(harvest.indexes.into_iter().filter(is_wrong));
            return self.begin(roots);
        }
        oddities.append(&mut harvest.oddities);
        let chosen = match select(&mut harvest.drafts, &self.select, &mut oddities) {
            Ok(chosen) => chosen,
            Err(error) => return self.end(Step::Failed(error)),
        };
        let images = harvest.drafts.into_iter().map(|draft| draft.image);
        let mut resolved = Resolved {
            kind,
            indexes: std::mem::take(&mut self.wrong)
                .into_iter()
                .chain(harvest.indexes)
                .collect(),
            images: images.collect(),
            others: harvest.others,
            access: None,
            quota: None,
            wrapped: None,
            oddities,
            chosen,
        };
        origin.tell(&mut resolved);
        self.origin = Some(origin);
        self.end(Step::Done(Box::new(resolved)));
    }

    fn end(&mut self, outcome: Step) {
        self.stage = Stage::Over;
        self.pending.clear();
        self.asks.clear();
        self.outcome = Some(outcome);
    }
}
