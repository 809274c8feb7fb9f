//! Where the bytes of a directory are: what is directly in it, by size, with what was deleted beside what is visible.

use layerscope_tree::{NodeId, Tree};

use crate::display;
use crate::files::{row_view, shown_at};
use crate::session::Session;
use crate::view::{ScopeView, Share, Shares};

/// What lies in one node and below it.
struct Weight {
    id: NodeId,
    /// Bytes that are visible.
    size: u64,
    /// Bytes that went with what was deleted.
    gone: u64,
    /// The layer that stores most of both.
    layer: u16,
}

impl Session {
    /// The largest `count` things in the directory at a displayed path, the largest first; `None` when the tree has no
    /// such path. What weighs nothing is not among them.
    #[must_use]
    pub fn shares(&self, scope: ScopeView, path: &str, count: usize) -> Option<Shares> {
        let indexes = self.indexes();
        self.with_tree(scope, |tree| {
            let id = shown_at(tree, path)?;
            let children = tree.children(id);
            let weights: Vec<Weight> = children
                .iter()
                .map(|child| weigh(tree, *child, indexes.len()))
                .filter(|weight| weight.size.saturating_add(weight.gone) > 0)
                .collect();
            let gone = weights.iter().map(|weight| weight.gone).sum();
            let mut order: Vec<&Weight> = weights.iter().collect();
            order.sort_by_cached_key(|weight| !weight.size.saturating_add(weight.gone));
            let shares: Vec<Share> = order
                .into_iter()
                .take(count)
                .map(|weight| Share {
                    row: row_view(tree, &indexes, weight.id, scope),
                    visible: weight.size,
                    gone: weight.gone,
                    layer: weight.layer,
                })
                .collect();
            Some(Shares {
                path: display::stored(&tree.path(id)),
                visible: weights.iter().map(|weight| weight.size).sum(),
                gone,
                others: children.len() - shares.len(),
                shares,
                incomplete: !self.is_whole(scope),
            })
        })
    }
}

fn weigh(tree: &Tree, id: NodeId, layers: usize) -> Weight {
    let node = tree.node(id);
    let (size, mut gone) = match node.ghost {
        None => (node.subtree_bytes, 0),
        Some(_) => (0, node.subtree_bytes),
    };
    let mut stored = vec![0_u64; layers];
    let mut left = vec![id];
    while let Some(id) = left.pop() {
        let node = tree.node(id);
        if !node.is_directory()
            && let Some(bytes) = stored.get_mut(usize::from(node.last_writer))
        {
            *bytes = bytes.saturating_add(node.subtree_bytes);
        }
        for child in tree.children(id) {
            let below = tree.node(*child);
            // A ghost's own bytes are those of all ghosts below it.
            if node.ghost.is_none() && below.ghost.is_some() {
                gone = gone.saturating_add(below.subtree_bytes);
            }
            if node.ghost.is_none() || node.is_directory() {
                left.push(*child);
            }
        }
    }
    let most = stored.iter().copied().max().unwrap_or_default();
    let layer = (0_u16..)
        .zip(&stored)
        .find(|(_, bytes)| **bytes == most && most > 0)
        .map_or(node.last_writer, |(layer, _)| layer);
    Weight {
        id,
        size,
        gone,
        layer,
    }
}
