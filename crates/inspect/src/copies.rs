//! Files whose content others have, too, by size and fingerprint: a hint, and never evidence.

use layerscope_layer::{Entry, LayerIndex};
use layerscope_tree::{Kind, Node, NodeId, Tree};

use crate::files::entry_of;

/// Contents that were seen, and whether more than once. It is filled in steps, because a tree may have millions of files.
#[derive(Debug)]
pub(crate) struct Copies {
    /// The next node to take in.
    next: u32,
    /// Open addressing: a key at its place or behind it, zero where none is, and its lowest bit tells whether it was seen
    /// again. Twice as many places as nodes, so that a run of keys is short.
    places: Vec<u64>,
}

impl Copies {
    pub(crate) fn new(tree: &Tree) -> Copies {
        Copies {
            next: 0,
            places: vec![0; tree.len().saturating_mul(2).next_power_of_two()],
        }
    }

    /// Takes in the next `steps` nodes; true when there are more.
    pub(crate) fn fill(
        &mut self,
        tree: &Tree,
        indexes: &[Option<&LayerIndex>],
        steps: usize,
    ) -> bool {
        for _ in 0..steps {
            let Some(id) = tree.id(self.next) else {
                return false;
            };
            self.next = self.next.saturating_add(1);
            self.take(tree, indexes, id);
        }
        true
    }

    fn take(&mut self, tree: &Tree, indexes: &[Option<&LayerIndex>], id: NodeId) {
        let node = tree.node(id);
        // A hard link is another name and no copy.
        if node.kind != Kind::File || node.ghost.is_some() || node.is_hard_link {
            return;
        }
        let entry = entry_of(indexes, node.content);
        if let Some(key) = key(&node, entry.as_ref())
            && let Some(place) = self.place(key)
            && let Some(known) = self.places.get_mut(place)
        {
            *known = if *known == 0 { key } else { key | 1 };
        }
    }

    /// Where a key is, or would be.
    fn place(&self, key: u64) -> Option<usize> {
        let mask = self.places.len().checked_sub(1)?;
        // The fingerprint is as good as any other hash.
        let start = usize::try_from(key >> 1 & u64::from(u32::MAX)).ok()?;
        let around = (0..self.places.len()).map(|step| start.wrapping_add(step) & mask);
        let mut around = around.filter(|place| {
            let known = self.places.get(*place).copied().unwrap_or_default();
            known == 0 || known | 1 == key | 1
        });
        around.next()
    }

    /// Whether another visible file has the same content.
    pub(crate) fn has_others(&self, node: &Node<'_>, entry: Option<&Entry<'_>>) -> bool {
        let known = key(node, entry)
            .and_then(|key| self.place(key))
            .and_then(|place| self.places.get(place));
        known.is_some_and(|known| known & 1 != 0)
    }
}

/// Size and fingerprint in one, even and not zero; `None` for what is empty, and where the content is not known.
fn key(node: &Node<'_>, entry: Option<&Entry<'_>>) -> Option<u64> {
    let fingerprint = entry?.fingerprint.filter(|_| node.size > 0)?;
    let mixed = fingerprint ^ node.size.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some((mixed << 1).max(2))
}
