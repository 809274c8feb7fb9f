//! Two images side by side: what a container would find different.
//!
//! A [`Comparison`] goes through the merged trees of two sessions once, both in the order of names, and keeps a few
//! numbers for each path that differs. What they mean is told when somebody asks: all of it, or a window of [rows].
//! It is of the trees as they were: when a layer arrives in either session, another one has to be made.
//!
//! What is evidence: layers whose bytes were read and have the same diff_id are the same, and so is each of their
//! entries. Otherwise contents of equal size and equal fingerprint count as equal, as everywhere, and where a
//! fingerprint is missing they count as different and are counted apart
//! ([`unproven`](crate::view::CompareTotals::unproven)).

mod config;
mod growth;
mod layers;
pub mod rows;
mod walk;

use std::rc::Rc;

use layerscope_layer::{Entry, Kind, LayerIndex};
use layerscope_tree::{Attributes, Change, NodeId, Tree};

use crate::attributes::{kind, rfc3339};
use crate::display;
use crate::files::{SYNTHETIC_MODE, entry_of, over_budget, path_and_base64, resolve, xattrs};
use crate::limits::LISTED_BYTES;
use crate::session::Session;
use crate::view::{
    CompareTotals, CompareView, ComparedEntry, ComparedImage, Difference, ErrorView, ScopeView,
};

/// Whether times are compared: those of files, and when an image was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// They count.
    Compared,
    /// They do not: two builds from the same sources differ in nothing else.
    Ignored,
}

/// Two images, compared.
#[derive(Debug)]
pub struct Comparison {
    a: Rc<Tree>,
    b: Rc<Tree>,
    /// The path of the first record.
    base: Vec<u8>,
    /// True when all of both images was compared, and not only what lies below a path.
    is_whole: bool,
    times: Times,
    /// What differs, and what leads there: each directory before what is in it. The first is where both trees begin.
    records: Vec<Record>,
    totals: CompareTotals,
    rows: rows::Rows,
}

/// A path that differs or leads to one that does, in twenty-four bytes.
#[derive(Debug, Clone, Copy)]
struct Record {
    a: Option<NodeId>,
    b: Option<NodeId>,
    parent: u32,
    /// The number of the record after all that is below.
    end: u32,
    attributes: Attributes,
    flags: u8,
}

impl Record {
    fn change(&self) -> Change {
        match (self.a, self.b) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ if self.attributes.is_empty() => Change::Unchanged,
            _ => Change::in_place(self.attributes),
        }
    }
}

impl Comparison {
    /// Compares the chosen images of two sessions, as far as their layers are known.
    #[must_use]
    pub fn of(a: &Session, b: &Session, times: Times) -> Comparison {
        let (one, other) = (tree(a), tree(b));
        let roots = (Some(one.root()), Some(other.root()));
        let mut comparison = Comparison::walk(a, b, (one, other), roots, times);
        comparison.is_whole = true;
        comparison
    }

    /// Compares what lies at and below a path, which one of the images has to have. Links on the way are followed in
    /// each image, as a container would.
    ///
    /// # Errors
    /// When neither image has such a path.
    pub fn below(
        a: &Session,
        b: &Session,
        path: &str,
        times: Times,
    ) -> Result<Comparison, ErrorView> {
        let (one, other) = (tree(a), tree(b));
        let starts = match (resolve(&one, path), resolve(&other, path)) {
            (Err(error), Err(_)) => return Err(error),
            (start, other) => (start.ok(), other.ok()),
        };
        Ok(Comparison::walk(a, b, (one, other), starts, times))
    }

    /// What is compared, at a glance: everything but the paths.
    #[must_use]
    pub fn view(&self, a: &Session, b: &Session) -> CompareView {
        let (config, layers) = match self.is_whole {
            true => (
                config::differences(a, b, self.times),
                Some(layers::of(a, b)),
            ),
            false => (Vec::new(), None),
        };
        let totals = self.totals;
        let differing = [
            totals.added,
            totals.removed,
            totals.modified,
            totals.metadata,
        ];
        let (growth, more_growth) = self.growth();
        let start = self.records.first();
        CompareView {
            same: config.is_empty() && differing == [0; 4],
            a: image(a, &self.a, start.and_then(|record| record.a)),
            b: image(b, &self.b, start.and_then(|record| record.b)),
            totals,
            layers,
            config,
            growth,
            more_growth,
            files: None,
        }
    }

    /// Each path that differs, in the order of paths.
    ///
    /// # Errors
    /// When the paths take more than [`LISTED_BYTES`], after those that fit were taken.
    pub fn differences(
        &self,
        a: &Session,
        b: &Session,
        take: &mut dyn FnMut(Difference),
    ) -> Result<(), ErrorView> {
        let indexes = (a.indexes(), b.indexes());
        let mut budget = LISTED_BYTES;
        let mut end = Ok(());
        self.each_path(&mut |record, path| {
            if end.is_err() || record.change() == Change::Unchanged {
                return;
            }
            match budget.checked_sub(path.len()) {
                Some(left) => budget = left,
                None => return end = Err(over_budget()),
            }
            take(self.difference((&indexes.0, &indexes.1), record, path));
        });
        end
    }

    /// All records with their paths, in the order of paths.
    fn each_path(&self, take: &mut dyn FnMut(&Record, &[u8])) {
        let mut path = self.base.clone();
        // Where each directory on the way ends, and how long its own path is.
        let mut open: Vec<(u32, usize)> = Vec::new();
        for (number, record) in (0_u32..).zip(&self.records) {
            if number > 0 {
                while open.last().is_some_and(|(end, _)| *end <= number) {
                    open.pop();
                }
                path.truncate(open.last().map_or(0, |(_, length)| *length));
                path.push(b'/');
                path.extend_from_slice(self.name(record));
            }
            take(record, if path.is_empty() { b"/" } else { &path });
            open.push((record.end, path.len()));
        }
    }

    fn name(&self, record: &Record) -> &[u8] {
        match (record.a, record.b) {
            (Some(id), _) => self.a.node(id).name,
            (None, Some(id)) => self.b.node(id).name,
            (None, None) => &[],
        }
    }

    /// The path of one record.
    fn path(&self, number: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = number;
        while at != 0 {
            let Some(record) = self.records.get(at as usize) else {
                break;
            };
            names.push(self.name(record));
            at = record.parent;
        }
        let mut path = self.base.clone();
        for name in names.into_iter().rev() {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        if path.is_empty() {
            path.push(b'/');
        }
        path
    }

    fn difference(&self, indexes: Indexes<'_, '_>, record: &Record, path: &[u8]) -> Difference {
        let (path, path_base64) = path_and_base64(path);
        let side = |tree: &Tree, id: Option<NodeId>, indexes: &[Option<&LayerIndex>]| {
            id.map(|id| entry(tree, indexes, id))
        };
        Difference {
            path,
            path_base64,
            change: record.change().name(),
            attributes: record.attributes.names().collect(),
            a: side(&self.a, record.a, indexes.0),
            b: side(&self.b, record.b, indexes.1),
            place: None,
        }
    }
}

/// The indexes of the layers of both sides.
type Indexes<'a, 'i> = (&'a [Option<&'i LayerIndex>], &'a [Option<&'i LayerIndex>]);

fn tree(session: &Session) -> Rc<Tree> {
    let mut trees = session.trees.borrow_mut();
    trees.tree(ScopeView::Merged, &session.indexes())
}

fn image(session: &Session, tree: &Tree, start: Option<NodeId>) -> ComparedImage {
    let image = session.image();
    let manifest = image.and_then(|image| image.manifest.as_ref());
    let config = image.and_then(|image| image.config.as_ref());
    let platform = image.and_then(|image| image.platform.as_ref());
    ComparedImage {
        source: session.opening.name(),
        platform: platform.map(ToString::to_string),
        digest: manifest.map(|blob| blob.found.to_string()),
        image_id: config.map(|blob| blob.found.to_string()),
        size: layers::size(session),
        visible_bytes: start.map_or(0, |id| tree.node(id).subtree_bytes),
        incomplete: !session.is_whole(ScopeView::Merged),
        preview: session.is_preview(ScopeView::Merged),
    }
}

fn entry(tree: &Tree, indexes: &[Option<&LayerIndex>], id: NodeId) -> ComparedEntry {
    let node = tree.node(id);
    let found = entry_of(indexes, node.content);
    let attributes = found.as_ref();
    let is_symlink = |entry: &&Entry<'_>| entry.kind == Kind::Symlink;
    ComparedEntry {
        node: None,
        kind: kind(node.kind),
        size: if node.is_directory() {
            node.subtree_bytes
        } else {
            node.size
        },
        mode: attributes.map_or(SYNTHETIC_MODE, |entry| entry.mode),
        uid: attributes.map_or(0, |entry| entry.uid),
        gid: attributes.map_or(0, |entry| entry.gid),
        mtime: attributes.map(|entry| rfc3339(entry.mtime)),
        link: (attributes.filter(is_symlink)).map(|entry| display::stored(entry.link)),
        device: attributes.and_then(|entry| entry.device),
        xattrs: attributes.map(xattrs).unwrap_or_default(),
        layer: node.last_writer,
    }
}
