//! Taking away what is there: whiteouts, opaque whiteouts, and what makes room for something else.

use layerscope_layer::Kind;

use crate::apply::{Builder, Current, Scope};
use crate::arena::flag;
use crate::oddity::OddityKind;
use crate::stamp::Stamp;
use crate::{Cause, NodeId};

/// Why a node and all below it go.
#[derive(Clone, Copy)]
pub(crate) struct Removal {
    /// What becomes of the node's own entry.
    pub(crate) at_top: Cause,
    /// What becomes of the entries below.
    pub(crate) below: Cause,
    /// The entry that does it.
    pub(crate) marker: Stamp,
}

impl<'a> Builder<'a> {
    /// Makes a visible node and all that is visible below it ghosts. Tells whether any of it was of the same layer.
    pub(crate) fn remove(&mut self, top: NodeId, removal: Removal) -> bool {
        let mut is_own = false;
        let mut cause = removal.at_top;
        let mut left = Vec::new();
        let mut next = Some(top);
        while let Some(id) = next {
            let mut child = self.shelf.first_child(id);
            while let Some(id) = child {
                left.push(id);
                child = self.shelf.next_sibling(id);
            }
            self.remember(id);
            self.release(id, cause);
            let record = &mut self.records[id.index()];
            record.set(flag::LIVE, false);
            record.remover = removal.marker;
            let (parent, own, kind) = (record.parent, record.own, record.kind);
            self.shelf.unlink(id, parent);
            is_own |= self.is_of_this_layer(own);
            if matches!(kind, Kind::Directory | Kind::Symlink) {
                // Paths may lead elsewhere from now on.
                self.recent = None;
            }
            cause = removal.below;
            next = left.pop();
        }
        is_own
    }

    /// A whiteout of `name`. containerd removes what is there by then, even what the same layer brought.
    pub(crate) fn delete(&mut self, parent: NodeId, name: &[u8], now: Current<'_, 'a>) {
        let marker = now.stamp;
        match self.known(parent, name) {
            Some(id) if self.records[id.index()].is_live() => {
                let removal = Removal {
                    at_top: Cause::Deleted,
                    below: Cause::Deleted,
                    marker,
                };
                if self.remove(id, removal) {
                    self.note(OddityKind::WhiteoutOfOwnLayer, now, Some(id));
                }
            }
            None if self.scope == Scope::Layer => {
                // All that a single layer knows of it is that it goes.
                if let Some(id) = self.slot(parent, name) {
                    let record = &mut self.records[id.index()];
                    record.kind = Kind::Other(0);
                    record.remover = marker;
                }
            }
            _ => {}
        }
    }

    /// An opaque whiteout in `directory`: what lower layers brought goes, wherever in the layer the marker stands.
    ///
    /// A directory that the layer itself did not write, but wrote in, is then one that it had to make.
    pub(crate) fn make_opaque(&mut self, directory: NodeId, now: Current<'_, 'a>) {
        if self.is_top {
            self.records[directory.index()].set(flag::OPAQUE, true);
        }
        let removal = Removal {
            at_top: Cause::Opaque,
            below: Cause::Opaque,
            marker: now.stamp,
        };
        let mut left = vec![directory];
        while let Some(id) = left.pop() {
            // Once everything below is the layer's own, it remains so: each directory is gone through once a layer.
            if self.shelf.is_clean(id) {
                continue;
            }
            self.shelf.clean(id);
            let mut next = self.shelf.first_child(id);
            while let Some(child) = next {
                next = self.shelf.next_sibling(child);
                let record = &self.records[child.index()];
                if record.writer == self.layer {
                    left.push(child);
                } else if record.kind == Kind::Directory && self.shelf.is_touched(child) {
                    self.remember(child);
                    self.release(child, Cause::Opaque);
                    self.synthesise(child);
                    left.push(child);
                } else {
                    self.remove(child, removal);
                }
            }
        }
    }

    /// Lets go of what a visible name stands for. A file is lost with the last of its names.
    pub(crate) fn release(&mut self, id: NodeId, cause: Cause) {
        let record = &self.records[id.index()];
        let (own, inode) = (record.own, record.inode);
        if own.is_none() {
            return;
        }
        if own != inode {
            self.lose(own, cause, id);
        }
        if let Some(names) = self.name_counts.get_mut(&inode) {
            *names = names.saturating_sub(1);
            if *names > 0 {
                return;
            }
        }
        self.lose(inode, cause, id);
    }
}
