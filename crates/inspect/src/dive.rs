//! The efficiency figures that `dive` prints, by its formula, faults included.
//!
//! People gate their builds on these figures, so they must be the same to the last digit;
//! [`crate::waste`] has the measure that we recommend. The formula, in our words:
//!
//! - Each layer is a tree of its own, in which `.wh.name` is a node of that name; names
//!   that begin with `.wh..wh.` are left out, so that opaque whiteouts have no effect.
//! - Every *leaf* is visited, siblings in the order of their names. The key of a leaf is its
//!   path, without the `.wh.` of its last component.
//! - A leaf weighs its tar size. A whiteout weighs what lies below its path in the stack of
//!   the lower layers, when the path is a directory with an entry of its own, and else nothing. If
//!   the path is not in the stack at all, the rest of that layer is not visited.
//! - efficiency = Σ smallest weight ÷ Σ weights, over all keys; wasted bytes = Σ weights of the keys that were
//!   visited twice or more, all copies counted.

use std::collections::{BTreeMap, HashMap};

use layerscope_layer::{Kind, LayerIndex};

use crate::view::DiveFigures;

/// Path with NUL between its components, so that byte order is the order of a depth-first walk.
type Key = Vec<u8>;

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    size: u64,
    /// False for a directory that only other paths imply.
    is_directory: bool,
}

#[derive(Debug, Clone, Copy)]
struct Weight {
    smallest: u64,
    sum: u64,
    visits: u32,
}

/// Computes the figures over an image's layers, oldest first.
#[must_use]
pub fn figures(layers: &[&LayerIndex]) -> DiveFigures {
    let mut stack: BTreeMap<Key, Node> = BTreeMap::new();
    let mut weights: HashMap<Key, Weight> = HashMap::new();
    let mut figures = DiveFigures::default();
    for (number, index) in layers.iter().enumerate() {
        let mut size = 0;
        let tree = layer_tree(index, &mut size);
        figures.size_bytes += size;
        if number > 0 {
            figures.user_size_bytes += size;
        }
        visit_leaves(&tree, &stack, &mut weights);
        put_on_top(tree, &mut stack);
    }
    let smallest: u64 = weights.values().map(|weight| weight.smallest).sum();
    let sum: u64 = weights.values().map(|weight| weight.sum).sum();
    figures.efficiency = ratio(smallest, sum).unwrap_or(1.0);
    figures.wasted_bytes = weights
        .values()
        .filter(|weight| weight.visits >= 2)
        .map(|weight| weight.sum)
        .sum();
    figures.user_wasted_percent = ratio(figures.wasted_bytes, figures.user_size_bytes);
    figures
}

#[allow(clippy::cast_precision_loss)] // The peer divides 64-bit floats too.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn layer_tree(index: &LayerIndex, size: &mut u64) -> BTreeMap<Key, Node> {
    let mut tree = BTreeMap::new();
    for entry in index.iter() {
        let header_size = if entry.kind.has_content() {
            entry.size
        } else {
            0
        };
        *size += header_size;
        let key = key(entry.path);
        if key.is_empty()
            || key
                .split(|byte| *byte == 0)
                .any(|name| name.starts_with(b".wh..wh."))
        {
            continue;
        }
        tree.insert(
            key,
            Node {
                size: header_size,
                is_directory: entry.kind == Kind::Directory,
            },
        );
    }
    tree
}

fn key(path: &[u8]) -> Key {
    let names: Vec<&[u8]> = path
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty() && *name != b".")
        .collect();
    names.join(&0)
}

fn is_below(key: &[u8], parent: &[u8]) -> bool {
    key.len() > parent.len() && key.starts_with(parent) && key.get(parent.len()) == Some(&0)
}

/// The path that a whiteout hides, or none for anything else.
fn hidden_by(key: &[u8]) -> Option<Key> {
    let start = key
        .iter()
        .rposition(|byte| *byte == 0)
        .map_or(0, |nul| nul + 1);
    let (parents, name) = key.split_at_checked(start)?;
    let hidden = name.strip_prefix(b".wh.")?;
    Some([parents, hidden].concat())
}

fn below<'a>(
    tree: &'a BTreeMap<Key, Node>,
    parent: &[u8],
) -> impl Iterator<Item = (&'a Key, &'a Node)> {
    let from = [parent, &[0]].concat();
    let parent = parent.to_vec();
    tree.range(from..)
        .take_while(move |(key, _)| is_below(key, &parent))
}

fn visit_leaves(
    tree: &BTreeMap<Key, Node>,
    stack: &BTreeMap<Key, Node>,
    weights: &mut HashMap<Key, Weight>,
) {
    let mut nodes = tree.iter().peekable();
    while let Some((key, node)) = nodes.next() {
        if nodes.peek().is_some_and(|(next, _)| is_below(next, key)) {
            continue; // It has children: not a leaf.
        }
        let (key, weight) = match hidden_by(key) {
            None => (key.clone(), node.size),
            Some(hidden) => match stack.get(&hidden) {
                Some(lower) if lower.is_directory => {
                    let sum = below(stack, &hidden).map(|(_, node)| node.size).sum();
                    (hidden, sum)
                }
                Some(_) => (hidden, 0),
                // A directory that is only implied is in the stack without an entry of its own.
                None if below(stack, &hidden).next().is_some() => (hidden, 0),
                None => return,
            },
        };
        let known = weights.entry(key).or_insert(Weight {
            smallest: weight,
            sum: 0,
            visits: 0,
        });
        known.smallest = known.smallest.min(weight);
        known.sum += weight;
        known.visits += 1;
    }
}

fn put_on_top(tree: BTreeMap<Key, Node>, stack: &mut BTreeMap<Key, Node>) {
    for (key, node) in tree {
        match hidden_by(&key) {
            None => {
                stack.insert(key, node);
            }
            Some(hidden) => {
                let gone: Vec<Key> = below(stack, &hidden).map(|(key, _)| key.clone()).collect();
                for key in gone {
                    stack.remove(&key);
                }
                stack.remove(&hidden);
            }
        }
    }
}
