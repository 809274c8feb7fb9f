//! One entry after another becomes a tree, the way containerd writes them to a disk.

use std::collections::HashMap;

use layerscope_layer::{Entry, Kind, LayerIndex, Whiteout, components, whiteout};

use crate::arena::{Record, flag};
use crate::change::{Change, bytes};
use crate::links::Spare;
use crate::oddity::{Oddities, Oddity, OddityKind};
use crate::parents::split_last;
use crate::resolve::{MAX_LINK_STEPS, climbs_out};
use crate::settle::Before;
use crate::shelf::Shelf;
use crate::stamp::{Stamp, Stamps};
use crate::story::Past;
use crate::table::Table;
use crate::whiteout::Removal;
use crate::{Cause, Loss, NodeId, Tree};

/// What a tree is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One layer as it is written, with nothing below.
    Layer,
    /// Layers on top of each other.
    Merged,
}

/// How many layers a tree counts; the shelf has a mark for each in 16 bits, and one for none.
const MAX_LAYERS: usize = u16::MAX as usize - 1;

/// A tree that layers are being applied to.
///
/// Facts from containerd's `applyNaive` (`pkg/archive/tar.go`) that decide what happens: names are cleaned; parents are
/// resolved inside the root and made when missing; the last component is never followed; a directory over a
/// directory replaces its attributes; anything else is removed with all below and made anew.
pub(crate) struct Builder<'a> {
    pub(crate) scope: Scope,
    layers: &'a [Option<&'a LayerIndex>],
    first: u16,
    pub(crate) stamps: Stamps,
    pub(crate) records: Vec<Record>,
    pub(crate) names: Vec<u8>,
    pub(crate) shelf: Shelf,
    pub(crate) table: Table,
    /// How many visible names a file has, for each that has, or had, several.
    pub(crate) name_counts: HashMap<Stamp, u32>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) past: Vec<Past>,
    pub(crate) oddities: Oddities,
    pub(crate) stored_bytes: u64,
    pub(crate) complete: bool,
    pub(crate) link_steps: u64,

    // Of the layer that is being applied:
    pub(crate) layer: u16,
    pub(crate) is_top: bool,
    /// The first node that this layer made.
    pub(crate) first_new: u32,
    /// What older nodes were before the layer changed them.
    pub(crate) before: Vec<Before>,
    /// The directory part of a recent entry's path, and where it leads. Most entries lie next to the one before.
    pub(crate) recent: Option<(&'a [u8], NodeId)>,
    /// Files that AUFS put aside because they have several names.
    pub(crate) spares: HashMap<&'a [u8], Spare>,
}

/// The entry that is being applied.
#[derive(Clone, Copy)]
pub(crate) struct Current<'e, 'a> {
    pub(crate) entry: &'e Entry<'a>,
    pub(crate) stamp: Stamp,
}

impl Tree {
    /// The tree of `layers`, the oldest first, of which the first has the number `first`.
    pub(crate) fn build(scope: Scope, first: u16, layers: &[Option<&LayerIndex>]) -> Self {
        let mut builder = Builder::new(scope, first, layers);
        let last = layers.len().saturating_sub(1);
        for (position, layer) in layers.iter().enumerate() {
            let number = u16::try_from(position)
                .ok()
                .and_then(|position| position.checked_add(first));
            match (number.filter(|_| position < MAX_LAYERS), layer) {
                (Some(number), Some(index)) => builder.apply_layer(number, index, position == last),
                _ => builder.skip_layer(),
            }
        }
        builder.finish()
    }
}

impl<'a> Builder<'a> {
    fn new(scope: Scope, first: u16, layers: &'a [Option<&'a LayerIndex>]) -> Self {
        // Later layers mostly write what is there already, so that the largest one tells how much there will be.
        let largest = layers.iter().flatten().map(|index| index.len()).max();
        let entries = largest.unwrap_or_default().saturating_add(1);
        let mut records = Vec::with_capacity(entries);
        let mut root = Record::new(NodeId::ROOT, 0, first);
        root.set(flag::LIVE, true);
        records.push(root);
        Self {
            scope,
            layers,
            first,
            stamps: Stamps::starting_at(first),
            records,
            names: Vec::new(),
            shelf: Shelf::for_nodes(entries),
            table: Table::for_nodes(entries),
            name_counts: HashMap::new(),
            losses: Vec::new(),
            past: Vec::new(),
            oddities: Oddities::default(),
            stored_bytes: 0,
            complete: true,
            link_steps: MAX_LINK_STEPS,
            layer: first,
            is_top: false,
            first_new: 0,
            before: Vec::new(),
            recent: None,
            spares: HashMap::new(),
        }
    }

    fn skip_layer(&mut self) {
        self.complete = false;
        self.stamps.add_layer(0);
    }

    fn apply_layer(&mut self, number: u16, index: &'a LayerIndex, is_top: bool) {
        if !self.stamps.add_layer(index.len()) {
            self.complete = false;
            return;
        }
        self.layer = number;
        self.is_top = is_top;
        self.first_new = self.next_id();
        self.shelf.next_layer();
        self.recent = None;
        for (position, entry) in (0_u32..).zip(index.iter()) {
            let now = Current {
                entry: &entry,
                stamp: self.stamps.of(position),
            };
            self.stored_bytes = self.stored_bytes.saturating_add(bytes(&entry));
            self.apply(now);
        }
        self.lose_spares();
        self.settle();
    }

    fn apply(&mut self, now: Current<'_, 'a>) {
        let path = now.entry.path;
        let near = split_last(path);
        if let (Some((directory, base)), Some((known, parent))) = (near, self.recent)
            && directory == known
        {
            return self.write(parent, base, now);
        }
        let mut names: Vec<&'a [u8]> = components(path).collect();
        let Some(base) = names.pop() else {
            return self.write_root(now);
        };
        if let Some(directory) = names.first()
            && whiteout(directory) == Whiteout::Aufs
        {
            return self.set_aside(&names, base, now);
        }
        if whiteout(base) == Whiteout::Invalid {
            return self.pass_over_marker(now);
        }
        let Some(parent) = self.enter(&names, now) else {
            return match whiteout(base) {
                Whiteout::None => self.refuse(now),
                _ => self.pass_over_marker(now),
            };
        };
        if let Some((directory, _)) = near {
            self.recent = Some((directory, parent));
        }
        self.write(parent, base, now);
    }

    /// Does what an entry called `base` asks for in a directory.
    fn write(&mut self, parent: NodeId, base: &'a [u8], now: Current<'_, 'a>) {
        match whiteout(base) {
            Whiteout::None => self.put(parent, base, now),
            Whiteout::Of(name) => {
                self.delete(parent, name, now);
                self.pass_over_marker(now);
            }
            Whiteout::Opaque => {
                self.make_opaque(parent, now);
                self.pass_over_marker(now);
            }
            Whiteout::Aufs | Whiteout::Invalid => self.pass_over_marker(now),
        }
    }

    /// A directory called `/` or `.` tells the root's attributes, as umoci applies them; containerd leaves the root alone.
    fn write_root(&mut self, now: Current<'_, 'a>) {
        if now.entry.kind != Kind::Directory {
            self.note(OddityKind::RootNotDirectory, now, Some(NodeId::ROOT));
            return self.refuse(now);
        }
        self.remember(NodeId::ROOT);
        self.rewrite_directory(NodeId::ROOT, now);
        self.fill(NodeId::ROOT, now);
    }

    /// Writes what is not a whiteout.
    fn put(&mut self, parent: NodeId, name: &[u8], now: Current<'_, 'a>) {
        let Some(id) = self.slot(parent, name) else {
            self.note(OddityKind::TreeFull, now, None);
            self.complete = false;
            return self.refuse(now);
        };
        self.remember(id);
        let record = &self.records[id.index()];
        if record.is_live() && record.kind == Kind::Directory && now.entry.kind == Kind::Directory {
            self.rewrite_directory(id, now);
        } else {
            if record.is_live() {
                self.replace(id, now);
            }
            self.raise(id);
        }
        self.fill(id, now);
    }

    /// A directory over a directory: the attributes are the new ones, and what is below stays.
    fn rewrite_directory(&mut self, id: NodeId, now: Current<'_, 'a>) {
        self.note_alias(id, now);
        let own = self.records[id.index()].own;
        if !own.is_none() {
            let cause = self.cause_of_rewriting(id, now);
            self.lose(own, cause, id);
        }
    }

    /// Removes what is in the way of an entry.
    fn replace(&mut self, id: NodeId, now: Current<'_, 'a>) {
        self.note_alias(id, now);
        let removal = Removal {
            at_top: self.cause_of_rewriting(id, now),
            below: Cause::Replaced(now.entry.kind),
            marker: now.stamp,
        };
        self.remove(id, removal);
    }

    /// Why what a node is will not be seen any more once an entry is written in its place.
    fn cause_of_rewriting(&self, id: NodeId, now: Current<'_, 'a>) -> Cause {
        let record = &self.records[id.index()];
        if self.is_of_this_layer(record.own) {
            return Cause::DuplicateInLayer;
        }
        if now.entry.kind == Kind::HardLink && record.kind != Kind::Directory {
            // Where it leads can only be known when the old name is gone.
            return Cause::Overwritten;
        }
        if record.kind != now.entry.kind {
            return Cause::Replaced(now.entry.kind);
        }
        match Change::between(self.entry(record.inode).as_ref(), Some(now.entry)) {
            Change::Modified(_) => Cause::Overwritten,
            _ => Cause::MetadataOnly,
        }
    }

    /// Makes a visible node what an entry says.
    fn fill(&mut self, id: NodeId, now: Current<'_, 'a>) {
        let layer = self.layer;
        let record = &mut self.records[id.index()];
        record.own = now.stamp;
        record.inode = now.stamp;
        record.writer = layer;
        record.kind = now.entry.kind;
        record.size = bytes(now.entry);
        match now.entry.kind {
            Kind::HardLink => self.link(id, now),
            Kind::Symlink => self.note_climbing_link(id, now),
            _ => {}
        }
        if self.records[id.index()].kind == Kind::Symlink {
            // What was gone through without being there may lead elsewhere from now on.
            self.recent = None;
        }
    }

    /// The entry that a stamp stands for.
    pub(crate) fn entry(&self, stamp: Stamp) -> Option<Entry<'a>> {
        let at = self.stamps.entry(stamp)?;
        let position = at.layer.checked_sub(self.first)?;
        let layer = self.layers.get(usize::from(position)).copied().flatten()?;
        layer.entry(usize::try_from(at.entry).ok()?)
    }

    /// Whether an entry is one of the layer that is being applied.
    pub(crate) fn is_of_this_layer(&self, stamp: Stamp) -> bool {
        !stamp.is_none() && stamp >= self.stamps.of(0)
    }

    pub(crate) fn lose(&mut self, stamp: Stamp, cause: Cause, node: NodeId) {
        self.push_loss(stamp, cause, Some(node));
    }

    /// An entry that never becomes part of the tree.
    pub(crate) fn refuse(&mut self, now: Current<'_, 'a>) {
        self.push_loss(now.stamp, Cause::NotApplied, None);
    }

    /// A marker is no part of the tree; if it has content, that is stored for nothing.
    pub(crate) fn pass_over_marker(&mut self, now: Current<'_, 'a>) {
        if bytes(now.entry) > 0 {
            self.refuse(now);
        }
    }

    pub(crate) fn push_loss(&mut self, stamp: Stamp, cause: Cause, node: Option<NodeId>) {
        let (Some(at), Some(entry)) = (self.stamps.entry(stamp), self.entry(stamp)) else {
            return;
        };
        let (layer, entry, bytes) = (at.layer, at.entry, bytes(&entry));
        self.losses.push(Loss {
            layer,
            entry,
            bytes,
            cause,
            by: self.layer,
            node,
        });
    }

    pub(crate) fn note(&mut self, kind: OddityKind, now: Current<'_, 'a>, node: Option<NodeId>) {
        if let Some(at) = self.stamps.entry(now.stamp) {
            self.oddities.push(Oddity { kind, at, node });
        }
    }

    /// The layer says itself when it has a path twice; that two different paths are the same only shows here.
    fn note_alias(&mut self, id: NodeId, now: Current<'_, 'a>) {
        let own = self.records[id.index()].own;
        if self.is_of_this_layer(own)
            && let Some(old) = self.entry(own)
            && !components(old.path).eq(components(now.entry.path))
        {
            self.note(OddityKind::AliasedPath, now, Some(id));
        }
    }

    fn note_climbing_link(&mut self, id: NodeId, now: Current<'_, 'a>) {
        let is_deeper_than = |depth: usize| {
            let mut at = self.records[id.index()].parent;
            let mut climbed = 0;
            while climbed < depth && at != NodeId::ROOT {
                at = self.records[at.index()].parent;
                climbed += 1;
            }
            at != NodeId::ROOT
        };
        if climbs_out(now.entry.link, is_deeper_than) {
            self.note(OddityKind::LinkEscapesRoot, now, Some(id));
        }
    }
}
