//! What a layer has changed, once it is applied.

use std::mem::take;

use crate::apply::{Builder, Scope};
use crate::arena::flag;
use crate::stamp::Stamp;
use crate::story::Past;
use crate::{Change, NodeId};

/// What a node was before the layer that is being applied changed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    id: NodeId,
    own: Stamp,
    inode: Stamp,
    writer: u16,
    is_live: bool,
}

impl Builder<'_> {
    /// Writes down what a node is, if this is the first that the layer does to it. What is new needs no such note.
    pub(crate) fn remember(&mut self, id: NodeId) {
        if id.0 < self.first_new && self.shelf.must_remember(id) {
            let record = &self.records[id.index()];
            // A root that nothing has described is as good as none.
            let is_live = record.is_live() && !(id == NodeId::ROOT && record.own.is_none());
            let (own, inode, writer) = (record.own, record.inode, record.writer);
            self.before.push(Before {
                id,
                own,
                inode,
                writer,
                is_live,
            });
        }
    }

    /// Tells, for each node that the layer touched, what came of it.
    pub(crate) fn settle(&mut self) {
        for number in self.first_new..self.next_id() {
            let id = NodeId(number);
            let record = &self.records[id.index()];
            if !record.is_live() {
                self.tell(id, Change::Removed, None);
            } else if self.scope == Scope::Merged || !record.own.is_none() {
                self.tell(id, Change::Added, None);
            }
        }
        for before in take(&mut self.before) {
            let record = &self.records[before.id.index()];
            let change = match (before.is_live, record.is_live()) {
                (true, true) => {
                    let (old, new) = (self.entry(before.inode), self.entry(record.inode));
                    Change::between(old.as_ref(), new.as_ref())
                }
                (false, true) => Change::Added,
                (_, false) => Change::Removed,
            };
            self.tell(before.id, change, Some(before));
        }
    }

    fn tell(&mut self, id: NodeId, change: Change, before: Option<Before>) {
        let record = &mut self.records[id.index()];
        if self.is_top {
            record.change = change;
        }
        let had_past = record.has(flag::HAS_PAST);
        if change == Change::Added && !had_past {
            // The node itself tells as much.
            return;
        }
        record.set(flag::HAS_PAST, true);
        let (entry, content) = match change {
            Change::Removed => (record.remover, Stamp::NONE),
            _ => (record.own, record.inode),
        };
        if let Some(before) = before.filter(|before| before.is_live && !had_past) {
            let Before {
                own, inode, writer, ..
            } = before;
            self.past.push(Past {
                id,
                layer: writer,
                change: Change::Added,
                entry: own,
                content: inode,
            });
        }
        if change != Change::Unchanged {
            self.past.push(Past {
                id,
                layer: self.layer,
                change,
                entry,
                content,
            });
        }
    }
}
