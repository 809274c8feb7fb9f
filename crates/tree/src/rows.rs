//! The rows of a tree grid: what is open of a tree, flattened.

use crate::bits::Bits;
use crate::{Change, NodeId, Tree};

/// What the grid shows, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether ghosts are shown.
    pub ghosts: bool,
    /// Whether only what the top layer changed is shown, and what leads there.
    pub changed_only: bool,
    /// The order of siblings.
    pub sort: Sort,
    /// Whether nothing is shown but what [`Rows::admit`] names, and what leads there.
    pub only_found: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ghosts: true,
            changed_only: false,
            sort: Sort::Name,
            only_found: false,
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
    /// By what [`Rows::rank`] was told, the highest first; equal ones by name.
    Rank,
}

/// The open part of one tree as rows, of which any window can be had at once.
///
/// The children of the root are the first level; a node's children are rows while it is expanded and a row
/// itself. Every call takes the tree that the rows were made of, which they do not hold.
#[derive(Clone, Debug)]
pub struct Rows {
    rows: Vec<Row>,
    /// Whether nodes were admitted that are no rows yet.
    is_behind: bool,
    options: Options,
    expanded: Bits,
    /// What was expanded before a filter opened what leads to its matches.
    unfiltered: Option<Bits>,
    shown: Bits,
    /// For each node, how many of its children are shown.
    shown_children: Vec<u32>,
    /// For each node, what [`Sort::Rank`] goes by.
    ranks: Vec<i64>,
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
            is_behind: false,
            options: *options,
            expanded: Bits::of_len(tree.len()),
            unfiltered: None,
            shown: Bits::default(),
            shown_children: Vec::new(),
            ranks: Vec::new(),
        };
        rows.set_options(tree, options);
        rows
    }

    /// Shows the tree in another way. What is expanded stays so; what a filter opened closes with it.
    pub fn set_options(&mut self, tree: &Tree, options: &Options) {
        if let Some(expanded) = self.unfiltered.take() {
            self.expanded = expanded;
        }
        self.options = *options;
        if options.only_found {
            self.unfiltered = Some(self.expanded.clone());
        }
        self.choose(tree);
        self.rebuild(tree);
    }

    /// Says what [`Sort::Rank`] goes by, for each node by its number; where nothing is said, it is last.
    pub fn rank(&mut self, tree: &Tree, ranks: Vec<i64>) {
        self.ranks = ranks;
        self.rebuild(tree);
    }

    /// Shows these nodes too, and what leads to them, which is open to begin with.
    ///
    /// They come in the order of a [walk](Tree::walk) of the whole tree, after all that were admitted before. Rows that
    /// are sorted otherwise are sorted by [`settle`](Self::settle).
    pub fn admit(&mut self, tree: &Tree, found: &[NodeId]) {
        // What the node before lies in, with itself, and whether the children of each are rows.
        let mut open: Vec<(NodeId, bool)> = Vec::new();
        let mut way = Vec::new();
        for id in found {
            let known = tree.id(id.number()).is_some() && *id != NodeId::ROOT;
            if !known || self.shown.get(id.index()) || !self.fits(tree, *id) {
                continue;
            }
            let mut above = *id;
            while above != NodeId::ROOT && !self.shown.get(above.index()) {
                way.push(above);
                above = tree.record(above).parent;
            }
            while open.last().is_some_and(|(known, _)| *known != above) {
                open.pop();
            }
            if open.is_empty() {
                open = self.open_to(tree, above);
            }
            while let Some(node) = way.pop() {
                self.show(tree, node, &mut open);
            }
        }
    }

    /// Makes rows of all that was admitted.
    pub fn settle(&mut self, tree: &Tree) {
        if self.is_behind {
            self.rebuild(tree);
        }
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

    /// Opens what lies at most so many levels below the root, and closes all else: 0 closes everything, `u32::MAX` opens it.
    /// Costs a step for each node and level; everything is opened in one step a node, however deep it is.
    pub fn fold(&mut self, tree: &Tree, levels: u32) {
        for id in tree.ids() {
            if levels == u32::MAX {
                self.expanded.set(id.index(), true);
                continue;
            }
            let mut level = 0;
            let mut at = id;
            while at != NodeId::ROOT && level <= levels {
                at = tree.record(at).parent;
                level = level.saturating_add(1);
            }
            // Where the climb was given up, the root is farther.
            let opens = at == NodeId::ROOT && level <= levels;
            self.expanded.set(id.index(), opens);
        }
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
    fn choose(&mut self, tree: &Tree) {
        self.shown_children = vec![0; tree.len()];
        self.shown = Bits::of_len(tree.len());
        if self.options.only_found {
            return;
        }
        // What is below comes first, for it keeps in view what it lies in.
        for id in tree.ids().rev() {
            if self.fits(tree, id) || self.child_count(id) > 0 {
                self.shown.set(id.index(), true);
                if id != NodeId::ROOT
                    && let Some(count) = self.shown_children.get_mut(tree.record(id).parent.index())
                {
                    *count += 1;
                }
            }
        }
    }

    /// Whether a node is of the kind that is shown.
    fn fits(&self, tree: &Tree, id: NodeId) -> bool {
        let record = tree.record(id);
        (self.options.ghosts || record.is_live())
            && (!self.options.changed_only || record.change != Change::Unchanged)
    }

    /// What a node lies in, from the root, and itself; and whether the children of each are rows.
    fn open_to(&self, tree: &Tree, node: NodeId) -> Vec<(NodeId, bool)> {
        let mut chain = vec![(node, true)];
        let mut at = node;
        while at != NodeId::ROOT {
            at = tree.record(at).parent;
            chain.push((at, true));
        }
        chain.reverse();
        let mut is_open = true;
        for (id, children_are_rows) in &mut chain {
            is_open &= self.is_expanded(*id);
            *children_are_rows = is_open;
        }
        chain
    }

    /// Shows a node whose parent is the last of `open`, where it takes its place.
    fn show(&mut self, tree: &Tree, node: NodeId, open: &mut Vec<(NodeId, bool)>) {
        let parent = tree.record(node).parent;
        self.shown.set(node.index(), true);
        let position = match self.shown_children.get_mut(parent.index()) {
            Some(count) => {
                *count += 1;
                *count
            }
            None => return,
        };
        let levels = u32::try_from(open.len()).unwrap_or(u32::MAX);
        if position == 1 {
            self.expanded.set(parent.index(), true);
            // Whatever this lies in was a row itself, or not: that decides.
            let above = open.iter().rev().nth(1).is_none_or(|(_, rows)| *rows);
            if let Some((_, children_are_rows)) = open.last_mut() {
                *children_are_rows = above;
            }
        }
        let is_row = open.last().is_some_and(|(_, rows)| *rows);
        if is_row && self.options.sort == Sort::Name {
            self.rows.push(Row {
                node,
                parent,
                depth: levels,
                position,
            });
        }
        self.is_behind |= is_row && self.options.sort != Sort::Name;
        open.push((node, is_row && self.is_expanded(node)));
    }

    fn rebuild(&mut self, tree: &Tree) {
        self.is_behind = false;
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

    fn rank_of(&self, tree: &Tree, id: NodeId) -> i64 {
        if self.options.sort == Sort::Rank {
            return self.ranks.get(id.index()).copied().unwrap_or(i64::MIN);
        }
        let node = tree.node(id);
        let bytes = if node.is_directory() {
            node.subtree_bytes
        } else {
            node.size
        };
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }

    /// The children of a node that are shown, in order.
    fn children(&self, tree: &Tree, id: NodeId) -> Vec<NodeId> {
        let children = tree.children(id).iter().copied();
        let mut shown: Vec<_> = children
            .filter(|child| self.shown.get(child.index()))
            .collect();
        if self.options.sort != Sort::Name {
            // The largest first.
            shown.sort_by_cached_key(|child| !self.rank_of(tree, *child));
        }
        shown
    }
}
