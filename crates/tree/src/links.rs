//! Hard links: several names of one file.

use std::mem::take;

use layerscope_layer::{Kind, components};

use crate::apply::{Builder, Current, Scope};
use crate::arena::{Record, flag};
use crate::change::bytes;
use crate::oddity::OddityKind;
use crate::parents::split_last;
use crate::resolve::{Error, named, reach};
use crate::stamp::Stamp;
use crate::{Cause, NodeId, Tree};

/// The directory in which AUFS keeps files that have several names.
const AUFS_LINKS: &[u8] = b".wh..wh.plnk";

/// A file in [`AUFS_LINKS`], which becomes part of the tree when a hard link leads to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spare {
    stamp: Stamp,
    size: u64,
    kind: Kind,
    /// The first node that it became.
    first: Option<NodeId>,
}

/// What a hard link leads to.
struct Linked {
    inode: Stamp,
    kind: Kind,
    size: u64,
    /// Another of its names.
    other: Option<NodeId>,
}

impl<'a> Builder<'a> {
    /// Makes a visible node one more name of what the entry's link leads to by now.
    ///
    /// A link to a symbolic link is another name of that one (containerd `hardlinkRootPath`).
    pub(crate) fn link(&mut self, id: NodeId, now: Current<'_, 'a>) {
        self.records[id.index()].set(flag::HARD_LINK, true);
        // The link is not there yet when its target is looked for.
        self.records[id.index()].set(flag::LIVE, false);
        let linked = self.linked(id, now.entry.link);
        self.records[id.index()].set(flag::LIVE, true);
        let linked = match linked {
            Ok(linked) => linked,
            Err(kind) => {
                // What a single layer links to may well be in one below.
                if self.scope == Scope::Merged {
                    self.note(kind, now, Some(id));
                }
                return;
            }
        };
        let record = &mut self.records[id.index()];
        record.inode = linked.inode;
        record.kind = linked.kind;
        record.size = linked.size;
        let names = self
            .name_counts
            .entry(linked.inode)
            .or_insert(u32::from(linked.other.is_some()));
        *names = names.saturating_add(1);
        if let Some(other) = linked.other {
            self.records[id.index()].set(flag::SHARED, true);
            self.records[other.index()].set(flag::SHARED, true);
        }
        if let Some(file) = self.entry(linked.inode)
            && file.kind != Kind::Symlink
            && (file.mode, file.uid, file.gid) != (now.entry.mode, now.entry.uid, now.entry.gid)
        {
            self.note(OddityKind::HardLinkAttributes, now, Some(id));
        }
    }

    /// What the `target` of the hard link at a node leads to.
    fn linked(&mut self, id: NodeId, target: &'a [u8]) -> Result<Linked, OddityKind> {
        if target.is_empty() {
            return Err(OddityKind::DanglingHardLink);
        }
        let file = match split_last(target).filter(|_| !target.ends_with(b"/")) {
            Some((directory, base)) => {
                if components(directory).eq([AUFS_LINKS])
                    && let Some(spare) = self.spares.get_mut(base)
                {
                    let other = spare.first;
                    spare.first = other.or(Some(id));
                    let linked = Linked {
                        inode: spare.stamp,
                        kind: spare.kind,
                        size: spare.size,
                        other,
                    };
                    return self.still_visible(linked);
                }
                let directory = self.existing(directory)?;
                self.known(directory, base)
            }
            None => Some(self.existing(target)?),
        };
        let Some(file) = file.filter(|file| *file != id) else {
            return Err(OddityKind::DanglingHardLink);
        };
        let record = &self.records[file.index()];
        match record.kind {
            _ if !record.is_live() => Err(OddityKind::DanglingHardLink),
            Kind::HardLink => Err(OddityKind::DanglingHardLink),
            Kind::Directory => Err(OddityKind::HardLinkToDirectory),
            kind => Ok(Linked {
                inode: record.inode,
                kind,
                size: record.size,
                other: Some(file),
            }),
        }
    }

    /// A spare file whose names are all gone again is gone too.
    fn still_visible(&self, linked: Linked) -> Result<Linked, OddityKind> {
        match self.name_counts.get(&linked.inode) {
            Some(0) => Err(OddityKind::DanglingHardLink),
            _ => Ok(linked),
        }
    }

    /// What a path leads to, links at its end included.
    fn existing(&mut self, path: &'a [u8]) -> Result<NodeId, OddityKind> {
        let mut steps = self.link_steps;
        let reached = reach(&*self, named(path), &mut steps);
        self.link_steps = steps;
        match reached {
            Ok(reached) if reached.missing.is_empty() => Ok(reached.at),
            Ok(_) | Err(Error::Absent | Error::NotDirectory(_) | Error::LinkLoop) => {
                Err(OddityKind::DanglingHardLink)
            }
        }
    }

    /// Keeps what lies in an AUFS directory, if hard links may lead to it.
    pub(crate) fn set_aside(
        &mut self,
        directory: &[&'a [u8]],
        base: &'a [u8],
        now: Current<'_, 'a>,
    ) {
        if directory != [AUFS_LINKS] || now.entry.kind != Kind::File {
            return self.pass_over_marker(now);
        }
        let spare = Spare {
            stamp: now.stamp,
            size: bytes(now.entry),
            kind: now.entry.kind,
            first: None,
        };
        if let Some(replaced) = self.spares.insert(base, spare) {
            self.lose_spare(replaced);
        }
    }

    /// The layer ends: what nothing was linked to is no part of the tree.
    pub(crate) fn lose_spares(&mut self) {
        for spare in take(&mut self.spares).into_values() {
            self.lose_spare(spare);
        }
    }

    fn lose_spare(&mut self, spare: Spare) {
        if spare.first.is_none() && spare.size > 0 {
            self.push_loss(spare.stamp, Cause::NotApplied, None);
        }
    }
}

/// Which nodes are names of the same file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Sorted by inode.
    files: Vec<SharedFile>,
    /// The names of one file together: the visible ones in tree order, then the ghosts.
    nodes: Vec<NodeId>,
}

#[derive(Clone, Copy, Debug)]
struct SharedFile {
    inode: Stamp,
    /// Where its names begin.
    start: usize,
    visible: u32,
}

impl Names {
    /// Groups the nodes that are flagged as sharing a file. `ranks` tells the tree order of nodes.
    pub(crate) fn of(records: &[Record], ranks: impl Fn(NodeId) -> u32) -> Self {
        let mut all: Vec<(Stamp, bool, u32, NodeId)> = (0_u32..)
            .map(NodeId)
            .zip(records)
            .filter(|(_, record)| record.has(flag::SHARED))
            .map(|(id, record)| (record.inode, !record.is_live(), ranks(id), id))
            .collect();
        all.sort_unstable();
        let mut names = Self::default();
        for (inode, is_ghost, _, id) in all {
            if names.files.last().is_none_or(|file| file.inode != inode) {
                names.files.push(SharedFile {
                    inode,
                    start: names.nodes.len(),
                    visible: 0,
                });
            }
            if let Some(file) = names.files.last_mut() {
                file.visible = file.visible.saturating_add(u32::from(!is_ghost));
            }
            names.nodes.push(id);
        }
        names
    }

    /// The name that the bytes of each file are counted at: the first visible one, or else the first ghost.
    pub(crate) fn bearers(&self) -> impl Iterator<Item = NodeId> {
        self.files
            .iter()
            .filter_map(|file| self.nodes.get(file.start).copied())
    }

    fn file(&self, inode: Stamp) -> Option<(SharedFile, &[NodeId])> {
        let place = self
            .files
            .binary_search_by_key(&inode, |file| file.inode)
            .ok()?;
        let file = *self.files.get(place)?;
        let end = self
            .files
            .get(place + 1)
            .map_or(self.nodes.len(), |next| next.start);
        Some((file, self.nodes.get(file.start..end)?))
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let files = self
            .files
            .capacity()
            .saturating_mul(size_of::<SharedFile>());
        files.saturating_add(self.nodes.capacity().saturating_mul(size_of::<NodeId>()))
    }
}

impl Tree {
    /// All visible names of the file that a node stands for, in tree order: itself, unless there are hard links to it.
    pub fn names_of(&self, id: NodeId) -> Vec<NodeId> {
        let record = self.record(id);
        let shared = record
            .has(flag::SHARED)
            .then(|| self.links.file(record.inode))
            .flatten();
        match shared {
            Some((file, nodes)) => nodes.iter().take(file.visible as usize).copied().collect(),
            None if record.is_live() => vec![id],
            None => Vec::new(),
        }
    }

    pub(crate) fn link_count(&self, id: NodeId) -> u32 {
        let record = self.record(id);
        let shared = record
            .has(flag::SHARED)
            .then(|| self.links.file(record.inode))
            .flatten();
        shared.map_or(u32::from(record.is_live()), |(file, _)| file.visible)
    }
}
