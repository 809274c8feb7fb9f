//! The rows of a tree grid: what is open of a tree, flattened.

use std::cmp::Reverse;

use crate::bits::Bits;
use crate::{Change, NodeId, Tree};

/// What the grid shows, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether ghosts are shown.
    pub ghosts: bool,
    /// Whether only what the top layer changed is shown, and what leads there.
    pub changed_only: bool,
    /// The order of siblings.
    pub sort: Sort,
    /// If given, only these nodes are shown, and what leads there, which is open to begin with.
    pub filter: Option<Vec<NodeId>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ghosts: true,
            changed_only: false,
            sort: Sort::Name,
            filter: None,
        }
    }
}

/// The order of siblings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// By the bytes of the names.
    #[default]
    Name,
    /// The largest first, directories by all that is in them; equal ones by name.
    Size,
}

/// The open part of one tree as rows, of which any window can be had at once.
///
/// The children of the root are the first level; a node's children are rows while it is expanded and a row
/// itself. Every call takes the tree that the rows were made of, which they do not hold.
#[derive(Clone, Debug)]
pub struct Rows {
    rows: Vec<Row>,
    sort: Sort,
    expanded: Bits,
    /// What was expanded before a filter opened what leads to its matches.
    unfiltered: Option<Bits>,
    shown: Bits,
    /// For each node, how many of its children are shown.
    shown_children: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    node: NodeId,
    parent: NodeId,
    depth: u32,
    position: u32,
}

/// One row, with what an accessible tree grid says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowRef {
    /// The node.
    pub node: NodeId,
    /// 1 for the children of the root.
    pub depth: u32,
    /// Position among the siblings that are shown, from 1.
    pub pos_in_set: u32,
    /// How many siblings are shown, with itself.
    pub set_size: u32,
    /// Whether its children are rows too.
    pub expanded: bool,
    /// Whether it has children that are shown.
    pub has_children: bool,
}

impl Rows {
    /// The rows of a tree of which nothing is expanded but the root.
    pub fn new(tree: &Tree, options: &Options) -> Self {
        let mut rows = Self {
            rows: Vec::new(),
            sort: options.sort,
            expanded: Bits::of_len(tree.len()),
            unfiltered: None,
            shown: Bits::default(),
            shown_children: Vec::new(),
        };
        rows.set_options(tree, options);
        rows
    }

    /// Shows the tree in another way. What is expanded stays so; what a filter opened closes with it.
    pub fn set_options(&mut self, tree: &Tree, options: &Options) {
        if let Some(expanded) = self.unfiltered.take() {
            self.expanded = expanded;
        }
        self.sort = options.sort;
        self.choose(tree, options);
        if options.filter.is_some() {
            self.unfiltered = Some(self.expanded.clone());
            for (number, children) in self.shown_children.iter().enumerate() {
                if *children > 0 {
                    self.expanded.set(number, true);
                }
            }
        }
        self.rebuild(tree);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// At most `count` rows, from the one with the number `from` on.
    pub fn window(&self, from: usize, count: usize) -> Vec<RowRef> {
        let rows = self.rows.get(from..).unwrap_or_default();
        rows.iter().take(count).map(|row| self.row(row)).collect()
    }

    /// The number of a node's row; `None` if it is not shown, or something above it is closed. Looks through all rows.
    pub fn index_of(&self, node: NodeId) -> Option<usize> {
        self.rows.iter().position(|row| row.node == node)
    }

    /// Whether a node's children are rows whenever it is one itself.
    pub fn is_expanded(&self, node: NodeId) -> bool {
        node == NodeId::ROOT || self.expanded.get(node.index())
    }

    /// Opens what is closed and closes what is open. Does nothing to a node without children to show.
    pub fn toggle(&mut self, tree: &Tree, node: NodeId) {
        if node == NodeId::ROOT || self.child_count(node) == 0 {
            return;
        }
        let opens = !self.expanded.get(node.index());
        self.expanded.set(node.index(), opens);
        let Some(index) = self.index_of(node) else {
            return;
        };
        let Some(depth) = self.rows.get(index).map(|row| row.depth) else {
            return;
        };
        let after = index + 1;
        let below = self.rows.get(after..).unwrap_or_default();
        let end = after + below.iter().take_while(|row| row.depth > depth).count();
        let opened = if opens {
            self.flatten(tree, node, depth)
        } else {
            Vec::new()
        };
        self.rows.splice(after..end, opened);
    }

    /// Opens all that a node lies in, and tells the number of its row; `None` if it is not shown at all.
    pub fn expand_to(&mut self, tree: &Tree, node: NodeId) -> Option<usize> {
        if node == NodeId::ROOT || !self.shown.get(node.index()) {
            return None;
        }
        let mut opened = false;
        let mut above = tree.node(node).parent;
        while let Some(id) = above.filter(|id| *id != NodeId::ROOT) {
            opened |= !self.expanded.get(id.index());
            self.expanded.set(id.index(), true);
            above = tree.node(id).parent;
        }
        if opened {
            self.rebuild(tree);
        }
        self.index_of(node)
    }

    /// Opens everything.
    pub fn expand_all(&mut self, tree: &Tree) {
        for id in tree.ids() {
            self.expanded.set(id.index(), true);
        }
        self.rebuild(tree);
    }

    /// Closes everything.
    pub fn collapse_all(&mut self, tree: &Tree) {
        self.expanded = Bits::of_len(tree.len());
        self.rebuild(tree);
    }

    fn row(&self, row: &Row) -> RowRef {
        let has_children = self.child_count(row.node) > 0;
        RowRef {
            node: row.node,
            depth: row.depth,
            pos_in_set: row.position,
            set_size: self.child_count(row.parent),
            expanded: has_children && self.is_expanded(row.node),
            has_children,
        }
    }

    fn child_count(&self, id: NodeId) -> u32 {
        self.shown_children
            .get(id.index())
            .copied()
            .unwrap_or_default()
    }

    /// Finds out which nodes are shown.
    fn choose(&mut self, tree: &Tree, options: &Options) {
        self.shown_children = vec![0; tree.len()];
        self.shown = Bits::of_len(tree.len());
        let mut matches = None;
        if let Some(nodes) = &options.filter {
            let bits = matches.insert(Bits::of_len(tree.len()));
            for node in nodes {
                bits.set(node.index(), true);
            }
        }
        // What is below comes first, for it keeps in view what it lies in.
        for id in tree.ids().rev() {
            let record = tree.record(id);
            let fits = (options.ghosts || record.is_live())
                && (!options.changed_only || record.change != Change::Unchanged)
                && matches
                    .as_ref()
                    .is_none_or(|matches| matches.get(id.index()));
            if fits || self.child_count(id) > 0 {
                self.shown.set(id.index(), true);
                if id != NodeId::ROOT
                    && let Some(count) = self.shown_children.get_mut(record.parent.index())
                {
                    *count += 1;
                }
            }
        }
    }

    fn rebuild(&mut self, tree: &Tree) {
        self.rows = Vec::new();
        self.rows = self.flatten(tree, NodeId::ROOT, 0);
    }

    /// The rows below a node whose own row has this depth.
    fn flatten(&self, tree: &Tree, top: NodeId, depth: u32) -> Vec<Row> {
        let mut rows = Vec::new();
        // For each node on the way its shown children that are still to come, and how many came.
        let mut open = vec![(top, self.children(tree, top).into_iter(), 0)];
        while let Some((parent, children, position)) = open.last_mut() {
            let Some(node) = children.next() else {
                open.pop();
                continue;
            };
            *position += 1;
            let (parent, position) = (*parent, *position);
            let levels = u32::try_from(open.len()).unwrap_or(u32::MAX);
            rows.push(Row {
                node,
                parent,
                depth: depth.saturating_add(levels),
                position,
            });
            if self.expanded.get(node.index()) && self.child_count(node) > 0 {
                open.push((node, self.children(tree, node).into_iter(), 0));
            }
        }
        rows
    }

    /// The children of a node that are shown, in order.
    fn children(&self, tree: &Tree, id: NodeId) -> Vec<NodeId> {
        let children = tree.children(id).iter().copied();
        let mut shown: Vec<_> = children
            .filter(|child| self.shown.get(child.index()))
            .collect();
        if self.sort == Sort::Size {
            shown.sort_by_cached_key(|child| {
                let node = tree.node(*child);
                Reverse(if node.is_directory() {
                    node.subtree_bytes
                } else {
                    node.size
                })
            });
        }
        shown
    }
}
