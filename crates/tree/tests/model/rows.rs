//! What rows must be, told by their definition.

use std::collections::BTreeSet;

use layerscope_tree::{Change, NodeId, Options, RowRef, Rows, Sort, Tree};

use crate::dice::{Dice, Random};

/// Rows by the definition: a child after its parent, if that is open, and only what leads to something that fits.
fn naive_rows(tree: &Tree, options: &Options, open: &BTreeSet<NodeId>) -> Vec<RowRef> {
    fn is_shown(tree: &Tree, options: &Options, id: NodeId) -> bool {
        let node = tree.node(id);
        let fits = (options.ghosts || node.ghost.is_none())
            && (!options.changed_only || node.change != Change::Unchanged)
            && options
                .filter
                .as_ref()
                .is_none_or(|filter| filter.contains(&id));
        fits || tree
            .children(id)
            .iter()
            .any(|child| is_shown(tree, options, *child))
    }
    fn children(tree: &Tree, options: &Options, id: NodeId) -> Vec<NodeId> {
        let mut shown = tree.children(id).to_vec();
        shown.retain(|child| is_shown(tree, options, *child));
        if options.sort == Sort::Size {
            shown.sort_by_key(|child| {
                let node = tree.node(*child);
                std::cmp::Reverse(if node.is_directory() {
                    node.subtree_bytes
                } else {
                    node.size
                })
            });
        }
        shown
    }
    fn add(
        tree: &Tree,
        options: &Options,
        open: &BTreeSet<NodeId>,
        id: NodeId,
        depth: u32,
        rows: &mut Vec<RowRef>,
    ) {
        let siblings = children(tree, options, id);
        for (position, child) in (1..).zip(&siblings) {
            let has_children = !children(tree, options, *child).is_empty();
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
                add(tree, options, open, *child, depth + 1, rows);
            }
        }
    }
    let mut rows = Vec::new();
    add(tree, options, open, tree.root(), 1, &mut rows);
    rows
}

pub(crate) fn check_rows(random: &mut Random, tree: &Tree) {
    let mut options = Options::default();
    let mut rows = Rows::new(tree, &options);
    let mut open: BTreeSet<NodeId> = BTreeSet::new();
    let mut before_filter = None;
    for _ in 0..12 {
        let some = tree.id(random.below(tree.len() as u64) as u32).unwrap();
        match random.below(7) {
            0..3 => {
                let can_toggle = some != tree.root() && {
                    let everything: BTreeSet<NodeId> = tree.ids().collect();
                    naive_rows(tree, &options, &everything)
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
                let everything: BTreeSet<NodeId> = tree.ids().collect();
                let is_shown = naive_rows(tree, &options, &everything)
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
                rows.expand_all(tree);
                open = tree.ids().collect();
            }
            5 => {
                rows.collapse_all(tree);
                open.clear();
            }
            _ => {
                options.ghosts = random.below(2) == 0;
                options.changed_only = random.below(3) == 0;
                options.sort = if random.below(2) == 0 {
                    Sort::Name
                } else {
                    Sort::Size
                };
                let letter = random.pick(&["a", "b", "c"]).as_bytes()[0];
                let filter = (random.below(3) == 0)
                    .then(|| tree.find(|path| path.ends_with(&[letter]), 5).nodes);
                options.filter = filter;
                rows.set_options(tree, &options);
                open = before_filter.take().unwrap_or(open);
                if options.filter.is_some() {
                    before_filter = Some(open.clone());
                    let everything: BTreeSet<NodeId> = tree.ids().collect();
                    let leading = naive_rows(tree, &options, &everything);
                    open.extend(
                        leading
                            .iter()
                            .filter(|row| row.has_children)
                            .map(|row| row.node),
                    );
                }
            }
        }
        let expected = naive_rows(tree, &options, &open);
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
