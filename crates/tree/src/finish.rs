//! From what layers built to a tree that can be asked: children in order, sums of what is below.

use layerscope_layer::Kind;

use crate::apply::Builder;
use crate::arena::{Record, flag};
use crate::links::Names;
use crate::resolve::Targets;
use crate::{Change, NodeId, Tree};

impl Builder<'_> {
    /// Ends building.
    pub(crate) fn finish(mut self) -> Tree {
        let mut targets = Targets::default();
        for (number, record) in (0_u32..).zip(&self.records) {
            if record.kind == Kind::Symlink
                && let Some(entry) = self.entry(record.inode)
            {
                targets.push(NodeId(number), entry.link);
            }
        }
        // Numbers of one type as keys, here and wherever else a sort is not the hottest: each further type that is
        // sorted costs the page's wasm three kilobytes.
        self.losses
            .sort_by_cached_key(|loss| u64::from(loss.layer) << 32 | u64::from(loss.entry));
        self.past
            .sort_by_cached_key(|past| u64::from(past.id.0) << 16 | u64::from(past.layer));
        self.losses.shrink_to_fit();
        self.past.shrink_to_fit();
        self.records.shrink_to_fit();
        self.names.shrink_to_fit();
        let mut tree = Tree {
            records: self.records,
            names: self.names,
            children: Vec::new(),
            stamps: self.stamps,
            links: Names::default(),
            targets,
            past: self.past,
            losses: self.losses,
            oddities: self.oddities,
            stored_bytes: self.stored_bytes,
            complete: self.complete,
        };
        tree.sort_children();
        tree.group_names();
        tree.sum_up();
        tree
    }
}

impl Tree {
    /// Lays the children of each node together, in the order of their names.
    fn sort_children(&mut self) {
        // First each node's number of children, then where they begin, and with each one placed where they end.
        let mut ends = vec![0_u32; self.records.len()];
        for record in self.records.iter().skip(1) {
            ends[record.parent.index()] += 1;
        }
        let mut start = 0;
        for end in &mut ends {
            start += std::mem::replace(end, start);
        }
        let mut children = vec![NodeId::ROOT; self.records.len().saturating_sub(1)];
        for (number, record) in (0_u32..).zip(&self.records).skip(1) {
            let place = &mut ends[record.parent.index()];
            children[*place as usize] = NodeId(number);
            *place += 1;
        }
        let mut start = 0;
        for end in &ends {
            children[start..*end as usize]
                .sort_unstable_by(|a, b| self.name(*a).cmp(self.name(*b)));
            start = *end as usize;
        }
        for (record, end) in self.records.iter_mut().zip(ends) {
            record.children_end = end;
        }
        self.children = children;
    }

    fn group_names(&mut self) {
        if !self.records.iter().any(|record| record.has(flag::SHARED)) {
            return;
        }
        let mut ranks = vec![0_u32; self.records.len()];
        for (rank, id) in (0_u32..).zip(self.walk(NodeId::ROOT)) {
            ranks[id.index()] = rank;
        }
        self.links = Names::of(&self.records, |id| ranks[id.index()]);
    }

    /// Sums up sizes and changes from the leaves to the root.
    fn sum_up(&mut self) {
        for record in &mut self.records {
            record.subtree_bytes = if record.has(flag::SHARED) {
                0
            } else {
                record.size
            };
        }
        for id in self.links.bearers() {
            let record = &mut self.records[id.index()];
            record.subtree_bytes = record.size;
        }
        // Children have higher numbers than their parents.
        for place in (1..self.records.len()).rev() {
            let Record {
                parent,
                subtree_bytes,
                subtree_entries,
                change,
                ..
            } = self.records[place];
            let is_live = self.records[place].is_live();
            let changed =
                change != Change::Unchanged || self.records[place].has(flag::CHANGED_BELOW);
            let above = &mut self.records[parent.index()];
            if changed {
                above.set(flag::CHANGED_BELOW, true);
            }
            if is_live || !above.is_live() {
                above.subtree_bytes = above.subtree_bytes.saturating_add(subtree_bytes);
                above.subtree_entries = above
                    .subtree_entries
                    .saturating_add(subtree_entries)
                    .saturating_add(1);
            }
        }
    }
}
