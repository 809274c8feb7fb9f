//! The walk from a source's top through its indexes to each image's manifest, config and layers.
//!
//! It knows documents and not where they come from: it names parts that it needs, and takes what
//! arrives, in any order, with the same outcome.

use std::collections::VecDeque;

use layerscope_oci::{
    Content, Descriptor, Document, ImageConfig, Index, MediaType, Platform, best_match,
};

use crate::error::Error;
use crate::image::Blob;
use crate::layer::BlobPlan;
use crate::limits;
use crate::node::{Node, Slot, Stage};
use crate::oddity;
use crate::origin::{Arrival, Fetch, Job};
use crate::part::{Need, Part};
use crate::resolve::PlatformChoice;
use crate::roots::{Entry, Naming, Top, Unlisted, asides};

/// How many entries without a platform are read to learn theirs, of a source where that costs something.
const PROBED: usize = 16;

/// The walk in progress.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) nodes: Vec<Node>,
    pub(crate) tops: Vec<usize>,
    /// What each job is for.
    tasks: Vec<Task>,
    waiting: VecDeque<Job>,
    running: usize,
    descriptors: usize,
    bytes: u64,
    /// How many entries without a platform were asked for only to learn it.
    probed: usize,
    /// Whether everything is read, or only what the choice of platform needs.
    eager: bool,
    platform: PlatformChoice,
}

#[derive(Clone, Copy, Debug)]
struct Task {
    node: usize,
    need: Need,
    /// Which layer, for [`Need::Layer`].
    layer: usize,
}

impl Walk {
    /// A walk from `top`. An eager one reads everything.
    pub(crate) fn new(top: Top, eager: bool, platform: PlatformChoice) -> Self {
        let mut walk = Self {
            nodes: Vec::new(),
            tops: Vec::new(),
            tasks: Vec::new(),
            waiting: VecDeque::new(),
            running: 0,
            descriptors: 0,
            bytes: 0,
            probed: 0,
            eager,
            platform,
        };
        match top {
            Top::Document(part, naming) => {
                let node = walk.add(Node::new(*part, naming));
                walk.tops.push(node);
                walk.ask_document(node);
            }
            Top::Index(blob, entries) => walk.add_index(*blob, entries),
            Top::Images(images) => {
                for image in images {
                    walk.add_unlisted(image);
                }
            }
        }
        walk
    }

    /// The next part to get. Whatever comes of it is to [`arrive`](Self::arrive).
    pub(crate) fn next(&mut self) -> Option<(Job, Need, &Part)> {
        let job = loop {
            let job = self.waiting.pop_front()?;
            let index = self.part(job).is_some_and(|(need, part)| {
                let stated = part.media_type.as_ref();
                need == Need::Document && stated.is_some_and(MediaType::is_index)
            });
            if !index || self.descriptors <= limits::DESCRIPTORS {
                break job;
            }
            // No room for what it lists.
            if let Some(task) = self.tasks.get(job.0).copied() {
                self.fail_over_limit(task.node);
            }
        };
        self.running = self.running.saturating_add(1);
        self.part(job).map(|(need, part)| (job, need, part))
    }

    /// The part that a job is for.
    pub(crate) fn part(&self, job: Job) -> Option<(Need, &Part)> {
        let task = self.tasks.get(job.0)?;
        let node = self.nodes.get(task.node)?;
        let part = match task.need {
            Need::Document => &node.part,
            Need::Config => node.config_part.as_ref()?,
            Need::Layer => &node.layers.get(task.layer)?.part,
        };
        Some((task.need, part))
    }

    /// Takes what came of a job.
    pub(crate) fn arrive(&mut self, job: Job, fetch: Fetch) {
        self.running = self.running.saturating_sub(1);
        let Some(task) = self.tasks.get(job.0).copied() else {
            return;
        };
        let at = self
            .part(job)
            .map(|(_, part)| part.at())
            .unwrap_or_default();
        let Some(node) = self.nodes.get_mut(task.node) else {
            return;
        };
        let what = task.need.name();
        match (fetch, task.need) {
            (Fetch::Bytes(arrival), Need::Document) => self.read_document(task.node, arrival),
            (Fetch::Bytes(arrival), Need::Config) => self.read_config(task.node, arrival),
            (Fetch::Plan(plan), Need::Layer) => node.plan(task.layer, plan),
            (Fetch::Absent, Need::Layer) => {
                node.plan(task.layer, BlobPlan::Absent);
                node.absent.get_or_insert(Error::Absent { what, at });
            }
            (Fetch::Absent, _) => {
                node.absent.get_or_insert(Error::Absent { what, at });
            }
            (Fetch::Failed(error), need) => node.lose(need, error),
            (Fetch::Ask(_) | Fetch::Bytes(_) | Fetch::Plan(_), need) => {
                let why = "the reply is to something else".to_owned();
                node.lose(need, Error::Driver { at, why });
            }
        }
    }

    /// Whether nothing waits and nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.running == 0
    }

    /// Looks at an idle walk: whether more has to be read, now that more is known.
    pub(crate) fn goes_on(&mut self) -> bool {
        let order = self.order();
        let is_leaf = |at: &usize| self.nodes.get(*at).is_some_and(Node::is_leaf);
        let leaves: Vec<usize> = order.into_iter().filter(is_leaf).collect();
        let held = |at: &usize| {
            self.nodes
                .get(*at)
                .is_some_and(|node| node.stage == Stage::Held)
        };
        let platform = |at: &usize| self.nodes.get(*at)?.platform();
        let wanted = match &self.platform {
            PlatformChoice::All => leaves.into_iter().filter(held).collect(),
            PlatformChoice::Default(wanted) | PlatformChoice::Only(wanted) => {
                let known: Vec<(usize, Platform)> = leaves
                    .iter()
                    .filter_map(|at| Some((*at, platform(at)?)))
                    .collect();
                let best = best_match(wanted, known.iter().map(|(_, platform)| platform));
                let best = best.and_then(|at| known.get(at)).map(|(at, _)| *at);
                let blank = |at: &&usize| held(at) && platform(at).is_none();
                let probes = PROBED.saturating_sub(self.probed);
                let probes: Vec<usize> =
                    leaves.iter().filter(blank).take(probes).copied().collect();
                let untouched = leaves.iter().all(held);
                match (best, &self.platform) {
                    (Some(best), _) => Vec::from_iter(Some(best).filter(held)),
                    (None, _) if !probes.is_empty() => {
                        self.probed = self.probed.saturating_add(probes.len());
                        probes
                    }
                    (None, PlatformChoice::Default(_)) if untouched => {
                        leaves.first().copied().into_iter().collect()
                    }
                    (None, _) => Vec::new(),
                }
            }
        };
        for node in &wanted {
            self.ask_document(*node);
        }
        !wanted.is_empty()
    }

    /// All nodes, each before those that it lists, in the order of the documents.
    pub(crate) fn order(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut rest: Vec<usize> = self.tops.iter().rev().copied().collect();
        while let Some(at) = rest.pop() {
            order.push(at);
            if let Some(node) = self.nodes.get(at) {
                rest.extend(node.children.iter().rev());
            }
        }
        order
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len().saturating_sub(1)
    }

    fn add_index(&mut self, blob: Blob<Document>, entries: Vec<Entry>) {
        let part = Part::unnamed();
        let mut node = Node::new(part, Naming::default());
        node.stage = Stage::Index;
        if let Ok(document) = &blob.parsed {
            node.oddities = oddity::of_document(document, "index.json");
        }
        node.document = Some(blob);
        let top = self.add(node);
        self.tops.push(top);
        let children = entries
            .into_iter()
            .map(|entry| (entry.descriptor, entry.naming))
            .collect();
        self.add_children(top, children);
    }

    fn add_unlisted(&mut self, image: Unlisted) {
        let mut node = Node::new(Part::unnamed(), image.naming);
        node.stage = Stage::Image;
        let at = self.add(node);
        self.tops.push(at);
        self.ask_config(at, image.config);
        for layer in image.layers {
            self.ask_layer(at, layer);
        }
    }

    fn add_children(&mut self, parent: usize, entries: Vec<(Descriptor, Naming)>) {
        self.descriptors = self.descriptors.saturating_add(entries.len());
        let Some(depth) = self
            .nodes
            .get(parent)
            .map(|node| node.depth.saturating_add(1))
        else {
            return;
        };
        if self.descriptors > limits::DESCRIPTORS {
            return self.fail_over_limit(parent);
        }
        let asides = asides(entries.iter().map(|(descriptor, _)| descriptor));
        for ((descriptor, naming), aside) in entries.into_iter().zip(asides) {
            let mut child = Node::new(Part::described(&descriptor), naming);
            child.parent = Some(parent);
            child.depth = depth;
            if aside {
                child.stage = Stage::Aside;
            }
            let child = self.add(child);
            if let Some(node) = self.nodes.get_mut(parent) {
                node.children.push(child);
            }
            let is_index = descriptor.media_type.is_index();
            if !aside && self.may_follow(child, &descriptor, is_index) && (self.eager || is_index) {
                self.ask_document(child);
            }
        }
    }

    fn fail_over_limit(&mut self, at: usize) {
        let found = self.descriptors.to_string();
        if let Some(node) = self.nodes.get_mut(at) {
            node.fail(Error::OverLimit {
                at: node.part.at(),
                what: "entries of all indexes",
                limit: limits::DESCRIPTORS as u64,
                found,
            });
        }
    }

    /// Whether following a new node may come to an end.
    fn may_follow(&mut self, child: usize, descriptor: &Descriptor, is_index: bool) -> bool {
        let digest = &descriptor.digest;
        let mut above = self.nodes.get(child).and_then(|node| node.parent);
        let mut cycle = false;
        while let Some(node) = above.and_then(|at| self.nodes.get(at)) {
            cycle |= node.part.stated.as_ref() == Some(digest);
            above = node.parent;
        }
        let Some(node) = self.nodes.get_mut(child) else {
            return false;
        };
        if cycle {
            let digest = digest.clone();
            node.fail(Error::IndexCycle { digest });
        } else if is_index && node.depth > limits::INDEX_DEPTH {
            let (digest, limit) = (digest.clone(), limits::INDEX_DEPTH);
            node.fail(Error::IndexDepth { digest, limit });
        }
        node.failed.is_none()
    }

    fn ask_document(&mut self, at: usize) {
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        node.stage = Stage::Asked;
        let (inline, oddity) = node.part.inline();
        node.oddities.extend(oddity);
        let part = node.part.clone();
        match inline {
            Some(bytes) => self.read_document(at, bytes.into()),
            None => self.ask(at, Need::Document, 0, &part),
        }
    }

    fn ask_config(&mut self, at: usize, part: Part) {
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        let too_large = part.size.is_some_and(|size| size > Need::Config.limit());
        if too_large && !part.may_be_image_config() {
            // Whatever it is, it is not needed.
            return;
        }
        let (inline, oddity) = part.inline();
        node.oddities.extend(oddity);
        node.config_part = Some(part.clone());
        match inline {
            Some(bytes) => self.read_config(at, bytes.into()),
            None => self.ask(at, Need::Config, 0, &part),
        }
    }

    fn ask_layer(&mut self, at: usize, part: Part) {
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        let (inline, oddity) = part.inline();
        node.oddities.extend(oddity);
        let plan = match inline {
            _ if !part.may_be_layer() => Some(BlobPlan::NotALayer),
            Some(bytes) => Some(BlobPlan::Inline(bytes)),
            None => None,
        };
        let layer = node.layers.len();
        let unknown = plan.is_none();
        node.layers.push(Slot {
            part: part.clone(),
            plan,
        });
        if unknown {
            self.ask(at, Need::Layer, layer, &part);
        }
    }

    fn ask(&mut self, node: usize, need: Need, layer: usize, part: &Part) {
        if let Some(size) = part.size.filter(|size| *size > need.limit())
            && need != Need::Layer
            && let Some(node) = self.nodes.get_mut(node)
        {
            let error = Error::OverLimit {
                at: part.at(),
                what: "bytes of a document",
                limit: need.limit(),
                found: size.to_string(),
            };
            return node.lose(need, error);
        }
        self.waiting.push_back(Job(self.tasks.len()));
        self.tasks.push(Task { node, need, layer });
    }

    /// Counts bytes that are kept; false if they are too many.
    fn afford(&mut self, at: usize, bytes: u64) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        let affordable = self.bytes <= limits::DOCUMENTS_BYTES;
        if let (false, Some(node)) = (affordable, self.nodes.get_mut(at)) {
            node.fail(Error::OverLimit {
                at: node.part.at(),
                what: "bytes of all documents",
                limit: limits::DOCUMENTS_BYTES,
                found: "more".to_owned(),
            });
        }
        affordable
    }

    fn read_document(&mut self, at: usize, arrival: Arrival) {
        if !self.afford(at, arrival.bytes.len() as u64) {
            return;
        }
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        node.oddities.extend(arrival.oddities);
        let claimed = node.part.media_type.clone().or(arrival.media_type);
        let name = node.part.at();
        let mut blob = node.part.blob(arrival.bytes, |raw| {
            Document::parse(raw, claimed.as_ref()).map_err(|error| Error::Document {
                at: name.clone(),
                error,
            })
        });
        blob.media_type = claimed;
        let content = match &blob.parsed {
            Ok(document) => {
                node.oddities.extend(oddity::of_document(document, &name));
                Some(document.content().clone())
            }
            Err(error) => {
                node.fail(error.clone());
                None
            }
        };
        node.document = Some(blob);
        match content {
            None => {}
            Some(Content::Index(index)) => self.expand(at, &index),
            Some(Content::Image(manifest)) => {
                node.stage = Stage::Image;
                self.ask_config(at, Part::described(&manifest.config));
                for layer in &manifest.layers {
                    self.ask_layer(at, Part::described(layer));
                }
            }
            Some(Content::Artifact(artifact)) => {
                node.stage = Stage::Image;
                for blob in &artifact.blobs {
                    self.ask_layer(at, Part::described(blob));
                }
            }
        }
    }

    fn expand(&mut self, at: usize, index: &Index) {
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        node.stage = Stage::Index;
        if node.depth > limits::INDEX_DEPTH {
            let digest = node.part.stated.clone();
            let limit = limits::INDEX_DEPTH;
            if let Some(digest) = digest {
                node.fail(Error::IndexDepth { digest, limit });
            }
            return;
        }
        let naming = node.naming.clone();
        let entries = index.manifests.iter();
        let entries = entries
            .map(|entry| (entry.clone(), naming.clone()))
            .collect();
        self.add_children(at, entries);
    }

    fn read_config(&mut self, at: usize, arrival: Arrival) {
        if !self.afford(at, arrival.bytes.len() as u64) {
            return;
        }
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        let Some(part) = &node.config_part else {
            return;
        };
        node.oddities.extend(arrival.oddities);
        let name = part.at();
        let blob = part.blob(arrival.bytes, |raw| {
            if !part.may_be_image_config() {
                return Err(Error::Unexpected {
                    at: name.clone(),
                    expected: "an image config",
                    found: part
                        .media_type
                        .as_ref()
                        .map(MediaType::to_string)
                        .unwrap_or_default(),
                });
            }
            ImageConfig::parse(raw).map_err(|error| Error::Document {
                at: name.clone(),
                error,
            })
        });
        if let Ok(config) = &blob.parsed {
            node.oddities.extend(oddity::of_config(config, &name));
        }
        node.config = Some(blob);
    }
}
