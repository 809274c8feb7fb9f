//! The history of one path.

use layerscope_layer::LayerIndex;

use crate::arena::flag;
use crate::stamp::{EntryRef, Stamp};
use crate::{Change, NodeId, Tree};

/// What one layer did to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The layer.
    pub layer: u16,
    /// What it did, compared with what is below it. Never [`Change::Unchanged`].
    pub change: Change,
    /// The entry that did it: the path's own, or for [`Change::Removed`] the whiteout, or what took its place or
    /// a parent's. `None` for a directory that had to be made because something lies in it.
    pub entry: Option<EntryRef>,
    /// The entry with the content and attributes that the path has then: the file's, for a hard link.
    pub content: Option<EntryRef>,
}

/// A piece of a node's story, unless that is only the node having been added once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    pub(crate) id: NodeId,
    pub(crate) layer: u16,
    pub(crate) change: Change,
    pub(crate) entry: Stamp,
    pub(crate) content: Stamp,
}

impl Tree {
    /// What each layer of the tree did to a node, the oldest first. Layers that left it alone do not occur.
    pub fn story(&self, id: NodeId) -> Vec<Told> {
        let Some(id) = self.id(id.0) else {
            return Vec::new();
        };
        let record = self.record(id);
        if record.has(flag::HAS_PAST) {
            let start = self.past.partition_point(|past| past.id < id);
            let told = self
                .past
                .get(start..)
                .unwrap_or_default()
                .iter()
                .take_while(|past| past.id == id);
            return told.map(|past| self.told(past)).collect();
        }
        if id == NodeId::ROOT && record.own.is_none() {
            return Vec::new();
        }
        vec![Told {
            layer: record.writer,
            change: Change::Added,
            entry: self.stamps.entry(record.own),
            content: self.stamps.entry(record.inode),
        }]
    }

    fn told(&self, past: &Past) -> Told {
        Told {
            layer: past.layer,
            change: past.change,
            entry: self.stamps.entry(past.entry),
            content: self.stamps.entry(past.content),
        }
    }
}

/// What each layer did to a literal path, the oldest first. `None` stands for a layer that is not known.
///
/// This applies all layers; who asks more than once keeps a [`Tree`] and asks [`Tree::story`].
pub fn story(layers: &[Option<&LayerIndex>], path: &[u8]) -> Vec<Told> {
    let tree = Tree::merged(layers);
    tree.lookup(path).map_or_else(Vec::new, |id| tree.story(id))
}
