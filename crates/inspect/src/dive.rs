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

use std::cmp::Ordering;
use std::collections::HashMap;

use layerscope_layer::{Entry, Kind, LayerIndex};

use crate::view::DiveFigures;

/// Path with NUL between its components, so that byte order is the order of a depth-first walk.
type Key = Vec<u8>;

/// The nodes of a tree by their keys, in order and each once.
type Nodes = Vec<(Key, Node)>;

#[derive(Debug, Clone, Copy, Default, PartialEq)]
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
    let mut stack = Nodes::new();
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
        stack = put_on_top(tree, stack);
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

fn layer_tree(index: &LayerIndex, size: &mut u64) -> Nodes {
    let mut keys: Vec<(Key, u32)> = Vec::new();
    for (number, entry) in (0..).zip(index.iter()) {
        *size += tar_size(&entry);
        let key = key(entry.path);
        let mut names = key.split(|byte| *byte == 0);
        if !key.is_empty() && !names.any(|name| name.starts_with(b".wh..wh.")) {
            keys.push((key, number));
        }
    }
    keys.sort_unstable();
    let mut tree = Nodes::new();
    for (key, number) in keys {
        let Some(entry) = index.entry(number as usize) else {
            continue;
        };
        let node = Node {
            size: tar_size(&entry),
            is_directory: entry.kind == Kind::Directory,
        };
        match tree.last_mut() {
            Some((last, earlier)) if *last == key => *earlier = node,
            _ => tree.push((key, node)),
        }
    }
    tree
}

fn tar_size(entry: &Entry<'_>) -> u64 {
    match entry.kind.has_content() {
        true => entry.size,
        false => 0,
    }
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

fn get(nodes: &Nodes, key: &[u8]) -> Option<Node> {
    let place = nodes.binary_search_by(|(known, _)| known.as_slice().cmp(key));
    nodes.get(place.ok()?).map(|(_, node)| *node)
}

fn below<'a>(nodes: &'a Nodes, parent: &'a [u8]) -> impl Iterator<Item = &'a Node> {
    let start = nodes.partition_point(|(key, _)| key.as_slice() <= parent);
    let from = nodes.get(start..).unwrap_or_default().iter();
    from.take_while(move |(key, _)| is_below(key, parent))
        .map(|(_, node)| node)
}

fn visit_leaves(tree: &Nodes, stack: &Nodes, weights: &mut HashMap<Key, Weight>) {
    let mut nodes = tree.iter().peekable();
    while let Some((key, node)) = nodes.next() {
        if nodes.peek().is_some_and(|(next, _)| is_below(next, key)) {
            continue; // It has children: not a leaf.
        }
        let (key, weight) = match hidden_by(key) {
            None => (key.clone(), node.size),
            Some(hidden) => match get(stack, &hidden) {
                Some(lower) if lower.is_directory => {
                    let sum = below(stack, &hidden).map(|node| node.size).sum();
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

/// The stack with a layer's tree on top. Nodes of the layer go there in the order of their keys: a whiteout hides the
/// lower ones at its path and below, and those of its own layer that come before it.
fn put_on_top(tree: Nodes, stack: Nodes) -> Nodes {
    let mut hiding: Vec<(Key, u32)> = (0_u32..)
        .zip(&tree)
        .filter_map(|(number, (key, _))| Some((hidden_by(key)?, number)))
        .collect();
    hiding.sort_unstable();
    let mut hiding = hiding.into_iter().peekable();
    // Whiteouts of what is around the key, one in the other.
    let mut around: Vec<(Key, u32)> = Vec::new();
    let mut lower = stack.into_iter().peekable();
    let mut upper = (0_u32..).zip(tree).peekable();
    let mut merged = Nodes::new();
    loop {
        let order = match (lower.peek(), upper.peek()) {
            (Some((low, _)), Some((_, (high, _)))) => low.cmp(high),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        let old = lower.next_if(|_| order.is_le());
        let new = upper.next_if(|_| order.is_ge());
        let key = match (&old, &new) {
            (Some((key, _)), _) | (None, Some((_, (key, _)))) => key,
            (None, None) => return merged,
        };
        while let Some(next) = hiding.next_if(|(hidden, _)| hidden <= key) {
            around.push(next);
        }
        around.retain(|(hidden, _)| key == hidden || is_below(key, hidden));
        merged.extend(match new {
            None => old.filter(|_| around.is_empty()),
            Some((_, (key, _))) if hidden_by(&key).is_some() => None,
            Some((number, node)) => {
                let is_hidden = around.iter().any(|(_, whiteout)| *whiteout > number);
                (!is_hidden).then_some(node)
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A layer put on the stack a node at a time.
    fn one_by_one(tree: &Nodes, stack: &Nodes) -> Nodes {
        let mut stack: BTreeMap<Key, Node> = stack.iter().cloned().collect();
        for (key, node) in tree.iter().cloned() {
            match hidden_by(&key) {
                None => {
                    stack.insert(key, node);
                }
                Some(hidden) => stack.retain(|key, _| *key != hidden && !is_below(key, &hidden)),
            }
        }
        stack.into_iter().collect()
    }

    #[test]
    fn a_layer_goes_on_the_stack_as_if_node_by_node() {
        // Names before and after `.wh.` in the order of bytes, and whiteouts of each.
        let names = ["a", "b", "!", "-", ".wh.a", ".wh.b", ".wh.!", ".wh.-"];
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        let mut tree = |with_whiteouts: bool| -> Nodes {
            let count = if with_whiteouts { 8 } else { 4 };
            let mut nodes = BTreeMap::new();
            for size in 0..random(9) {
                let depth = 1 + random(3);
                let path: Vec<&str> = (0..depth).map(|_| names[random(count) as usize]).collect();
                let is_directory = random(2) == 0;
                nodes.insert(key(path.join("/").as_bytes()), Node { size, is_directory });
            }
            nodes.into_iter().collect()
        };
        for _ in 0..20_000 {
            let (lower, upper) = (tree(false), tree(true));
            let expected = one_by_one(&upper, &lower);
            assert_eq!(
                put_on_top(upper.clone(), lower.clone()),
                expected,
                "{upper:?} on {lower:?}"
            );
        }
    }
}
