//! What rows must be, told by their definition.

use std::collections::BTreeSet;

use layerscope_tree::{Change, NodeId, Options, RowRef, Rows, Sort, Tree};

use crate::dice::{Dice, Random};

/// What is shown of a tree; and where only what was found is, that.
struct Shown {
    options: Options,
    found: Vec<NodeId>,
}

/// Rows by the definition: a child after its parent, if that is open, and only what leads to something that fits.
fn naive_rows(tree: &Tree, shown: &Shown, open: &BTreeSet<NodeId>) -> Vec<RowRef> {
    fn is_shown(tree: &Tree, shown: &Shown, id: NodeId) -> bool {
        let options = &shown.options;
        let node = tree.node(id);
        let fits = (options.ghosts || node.ghost.is_none())
            && (!options.changed_only || node.change != Change::Unchanged)
            && (!options.only_found || shown.found.contains(&id));
        fits || tree
            .children(id)
            .iter()
            .any(|child| is_shown(tree, shown, *child))
    }
    fn children(tree: &Tree, shown: &Shown, id: NodeId) -> Vec<NodeId> {
        let mut children = tree.children(id).to_vec();
        children.retain(|child| is_shown(tree, shown, *child));
        if shown.options.sort == Sort::Size {
            children.sort_by_key(|child| {
                let node = tree.node(*child);
                std::cmp::Reverse(if node.is_directory() {
                    node.subtree_bytes
                } else {
                    node.size
                })
            });
        }
        if shown.options.sort == Sort::Rank {
            children.sort_by_key(|child| std::cmp::Reverse(rank_of(*child)));
        }
        children
    }
    fn add(
        tree: &Tree,
        shown: &Shown,
        open: &BTreeSet<NodeId>,
        id: NodeId,
        depth: u32,
        rows: &mut Vec<RowRef>,
    ) {
        let siblings = children(tree, shown, id);
        for (position, child) in (1..).zip(&siblings) {
            let has_children = !children(tree, shown, *child).is_empty();
            let expanded = has_children && open.contains(child);
            rows.push(RowRef {
                node: *child,
                depth,
                pos_in_set: position,
                set_size: siblings.len() as u32,
                expanded,
                has_children,
            });
            if expanded {
                add(tree, shown, open, *child, depth + 1, rows);
            }
        }
    }
    let mut rows = Vec::new();
    add(tree, shown, open, tree.root(), 1, &mut rows);
    rows
}

/// Some order that is neither that of the names nor that of the sizes.
fn rank_of(id: NodeId) -> i64 {
    i64::from(id.number().wrapping_mul(7) % 5) - 2
}

/// How many steps a node is below the root.
fn level_of(tree: &Tree, id: NodeId) -> u32 {
    match tree.node(id).parent {
        Some(parent) if id != tree.root() => level_of(tree, parent) + 1,
        _ => 0,
    }
}

pub(crate) fn check_rows(random: &mut Random, tree: &Tree) {
    let mut shown = Shown {
        options: Options::default(),
        found: Vec::new(),
    };
    // What a search found, and was not told yet.
    let mut coming = Vec::new();
    let everything: BTreeSet<NodeId> = tree.ids().collect();
    let mut rows = Rows::new(tree, &shown.options);
    let mut open: BTreeSet<NodeId> = BTreeSet::new();
    let mut before_filter = None;
    for _ in 0..14 {
        let some = tree.id(random.below(tree.len() as u64) as u32).unwrap();
        match random.below(9) {
            0..3 => {
                let can_toggle = some != tree.root() && {
                    naive_rows(tree, &shown, &everything)
                        .iter()
                        .any(|row| row.node == some && row.has_children)
                };
                rows.toggle(tree, some);
                if can_toggle && !open.remove(&some) {
                    open.insert(some);
                }
            }
            3 => {
                let index = rows.expand_to(tree, some);
                let is_shown = naive_rows(tree, &shown, &everything)
                    .iter()
                    .any(|row| row.node == some);
                assert_eq!(index.is_some(), is_shown);
                if is_shown {
                    let mut above = tree.node(some).parent;
                    while let Some(id) = above.filter(|id| *id != tree.root()) {
                        open.insert(id);
                        above = tree.node(id).parent;
                    }
                }
                assert_eq!(index, rows.index_of(some).filter(|_| is_shown));
            }
            4 => {
                rows.fold(tree, u32::MAX);
                open = tree.ids().collect();
            }
            5 => {
                let levels = random.below(4) as u32;
                rows.fold(tree, levels);
                open = tree
                    .ids()
                    .filter(|id| level_of(tree, *id) <= levels)
                    .collect();
            }
            6 => {
                shown.options.ghosts = random.below(2) == 0;
                shown.options.changed_only = random.below(3) == 0;
                shown.options.sort = match random.below(3) {
                    0 => Sort::Name,
                    1 => Sort::Size,
                    _ => Sort::Rank,
                };
                rows.rank(tree, tree.ids().map(rank_of).collect());
                let letter = random.pick(&["a", "b", "c"]).as_bytes()[0];
                shown.options.only_found = random.below(2) == 0;
                shown.found.clear();
                coming.clear();
                rows.set_options(tree, &shown.options);
                open = before_filter.take().unwrap_or(open);
                if shown.options.only_found {
                    before_filter = Some(open.clone());
                    coming = tree.find(|path| path.ends_with(&[letter]), 9).nodes;
                }
            }
            _ => {
                let number = coming.len().min(1 + random.below(3) as usize);
                let piece: Vec<_> = coming.drain(..number).collect();
                let parents = |shown: &Shown| -> BTreeSet<NodeId> {
                    let rows = naive_rows(tree, shown, &everything);
                    let parents = rows.iter().filter(|row| row.has_children);
                    parents.map(|row| row.node).collect()
                };
                let before = parents(&shown);
                rows.admit(tree, &piece);
                shown.found.extend(piece);
                open.extend(parents(&shown).difference(&before));
            }
        }
        rows.settle(tree);
        let expected = naive_rows(tree, &shown, &open);
        assert_eq!(rows.len(), expected.len());
        assert_eq!(rows.is_empty(), expected.is_empty());
        assert_eq!(rows.window(0, usize::MAX), expected);
        let (from, count) = (random.below(8) as usize, random.below(8) as usize);
        let window: Vec<_> = expected.iter().skip(from).take(count).copied().collect();
        assert_eq!(rows.window(from, count), window);
        for (index, row) in expected.iter().enumerate() {
            assert_eq!(rows.index_of(row.node), Some(index));
        }
    }
}
