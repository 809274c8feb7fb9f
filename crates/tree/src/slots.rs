//! The places of nodes while a tree is built: found by name, made, and filled with life.

use layerscope_layer::Kind;

use crate::NodeId;
use crate::apply::Builder;
use crate::arena::{Record, flag};
use crate::stamp::Stamp;

impl Builder<'_> {
    /// Makes a visible node a directory without an entry.
    pub(crate) fn synthesise(&mut self, id: NodeId) {
        let layer = self.layer;
        let record = &mut self.records[id.index()];
        record.own = Stamp::NONE;
        record.inode = Stamp::NONE;
        record.kind = Kind::Directory;
        record.size = 0;
        record.writer = layer;
    }

    /// Makes a ghost, or a node that is new, visible, with nothing below it that is.
    pub(crate) fn raise(&mut self, id: NodeId) {
        let record = &mut self.records[id.index()];
        record.flags = (record.flags & flag::HAS_PAST) | flag::LIVE;
        record.remover = Stamp::NONE;
        self.shelf.link(id, record.parent);
    }

    /// The node of this name, visible or not, made if there is none; `None` if nothing more can be counted.
    pub(crate) fn slot(&mut self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        let hash = self.table.hash(parent, name);
        if let Some(id) = self.find(hash, parent, name) {
            return Some(id);
        }
        let id = self.next_id();
        let name_end = u32::try_from(self.names.len().checked_add(name.len())?).ok()?;
        if id == u32::MAX {
            return None;
        }
        self.names.extend_from_slice(name);
        self.records.push(Record::new(parent, name_end, self.layer));
        self.shelf.push();
        self.table.insert(hash, NodeId(id));
        Some(NodeId(id))
    }

    /// The node of this name, visible or not.
    pub(crate) fn known(&self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        self.find(self.table.hash(parent, name), parent, name)
    }

    fn find(&self, hash: u32, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        self.table.find(hash, |id| {
            let record = &self.records[id.index()];
            let start = id
                .index()
                .checked_sub(1)
                .map_or(0, |before| self.records[before].name_end);
            record.parent == parent
                && self.names.get(start as usize..record.name_end as usize) == Some(name)
        })
    }

    pub(crate) fn next_id(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }
}
