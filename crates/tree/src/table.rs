//! Which node has which name in which directory, while a tree is built.

use std::hash::{BuildHasher, RandomState};

use crate::NodeId;

/// A hash table of nodes by parent and name, which it keeps nothing of but a hash: 8 bytes a slot.
///
/// The hash is keyed at random, because the names come from strangers.
#[derive(Debug)]
pub(crate) struct Table {
    /// A power of two.
    slots: Vec<Slot>,
    used: usize,
    seed: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    /// [`FREE`], or a node.
    node: u32,
}

const FREE: u32 = u32::MAX;
const EMPTY: Slot = Slot {
    hash: 0,
    node: FREE,
};
const LEAST: usize = 16;

impl Table {
    /// A table with room for so many nodes.
    pub(crate) fn for_nodes(count: usize) -> Self {
        let slots = count
            .saturating_add(count / 2)
            .max(LEAST)
            .checked_next_power_of_two()
            .unwrap_or(LEAST);
        Self {
            slots: vec![EMPTY; slots],
            used: 0,
            seed: RandomState::new(),
        }
    }

    pub(crate) fn hash(&self, parent: NodeId, name: &[u8]) -> u32 {
        let hash = self.seed.hash_one((parent.0, name));
        (hash ^ (hash >> 32)) as u32
    }

    /// The node with this hash that `is` the one looked for.
    pub(crate) fn find(&self, hash: u32, is: impl Fn(NodeId) -> bool) -> Option<NodeId> {
        let mask = self.slots.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots.get(place)?;
            if slot.node == FREE {
                return None;
            }
            if slot.hash == hash && is(NodeId(slot.node)) {
                return Some(NodeId(slot.node));
            }
            place = (place + 1) & mask;
        }
    }

    /// Takes in a node that [`find`](Self::find) does not find.
    pub(crate) fn insert(&mut self, hash: u32, node: NodeId) {
        // At most three quarters are used, so that a search ends soon.
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![EMPTY; old.len() * 2];
            for slot in old.into_iter().filter(|slot| slot.node != FREE) {
                self.place(slot);
            }
        }
        self.place(Slot { hash, node: node.0 });
        self.used += 1;
    }

    fn place(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut place = slot.hash as usize & mask;
        while let Some(held) = self.slots.get_mut(place) {
            if held.node == FREE {
                *held = slot;
                return;
            }
            place = (place + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in_and_nothing_else() {
        let mut table = Table::for_nodes(0);
        let mut known: Vec<(NodeId, Vec<u8>)> = Vec::new();
        for number in 0..5_000_u32 {
            let (parent, name) = (NodeId(number % 7), number.to_string().into_bytes());
            let hash = table.hash(parent, &name);
            table.insert(hash, NodeId(number));
            known.push((parent, name));
        }
        let search = |parent: NodeId, name: &[u8]| {
            table.find(table.hash(parent, name), |node| {
                known[node.index()] == (parent, name.to_vec())
            })
        };
        for (number, (parent, name)) in known.iter().enumerate() {
            assert_eq!(search(*parent, name).map(NodeId::index), Some(number));
            assert_eq!(search(NodeId(8), name), None);
        }
        assert_eq!(search(NodeId(0), b"5000"), None);
    }

    #[test]
    fn equal_hashes_are_told_apart() {
        let mut table = Table::for_nodes(2);
        for number in 0..40 {
            table.insert(7, NodeId(number));
        }
        for number in 0..40 {
            assert_eq!(
                table.find(7, |node| node == NodeId(number)),
                Some(NodeId(number))
            );
        }
        assert_eq!(table.find(7, |_| false), None);
    }
}
