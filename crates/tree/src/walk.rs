//! Going through a tree in the order of its paths.

use crate::{Change, NodeId, Tree};

/// Goes through a node and all below it: each directory before what is in it, siblings by the bytes of
/// their names. Keeps the path of where it is.
///
/// ```
/// use layerscope_tree::Tree;
///
/// let tree = Tree::merged(&[]);
/// let mut walk = tree.walk(tree.root());
/// while let Some(id) = walk.next() {
///     assert_eq!(walk.path(), tree.path(id));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Walk<'t> {
    tree: &'t Tree,
    start: Option<NodeId>,
    ghosts: bool,
    /// For each directory that the walk is in, what is left of it.
    left: Vec<std::slice::Iter<'t, NodeId>>,
    path: Vec<u8>,
}

impl Tree {
    /// Goes through a node and all below it, ghosts included.
    pub fn walk(&self, from: NodeId) -> Walk<'_> {
        let parent = self.record(from).parent;
        let mut path = if from == NodeId::ROOT {
            Vec::new()
        } else {
            self.path(parent)
        };
        if path == b"/" {
            path.clear();
        }
        Walk {
            tree: self,
            start: Some(from),
            ghosts: true,
            left: Vec::new(),
            path,
        }
    }

    /// Goes on with a [`walk`](Self::walk) of the whole tree, after the step that led to `last`.
    pub fn walk_after(&self, last: NodeId) -> Walk<'_> {
        let mut left = vec![self.children(last).iter()];
        let mut at = last;
        while at != NodeId::ROOT {
            let parent = self.record(at).parent;
            let siblings = self.children(parent);
            let name = self.name(at);
            // They are in the order of their names, and few have the same.
            let first = siblings.partition_point(|sibling| self.name(*sibling) < name);
            let mut rest = siblings.get(first..).unwrap_or_default().iter();
            rest.find(|sibling| **sibling == at);
            left.push(rest);
            at = parent;
        }
        left.reverse();
        let path = self.path(last);
        Walk {
            tree: self,
            start: None,
            ghosts: true,
            left,
            path: if path == b"/" { Vec::new() } else { path },
        }
    }

    /// Goes through a node and all below it that is visible.
    pub fn walk_visible(&self, from: NodeId) -> Walk<'_> {
        let mut walk = self.walk(from);
        walk.ghosts = false;
        walk.start = walk.start.filter(|start| self.record(*start).is_live());
        walk
    }

    /// What the top layer changed, in the order of [`walk`](Self::walk).
    pub fn changes(&self) -> impl Iterator<Item = (NodeId, Change)> {
        let changed = |id: &NodeId| self.record(*id).change != Change::Unchanged;
        let changed = self.walk(NodeId::ROOT).filter(changed);
        changed.map(|id| (id, self.record(id).change))
    }

    /// The nodes whose path `is_match` accepts, ghosts included, in the order of [`walk`](Self::walk); at most `limit` of them.
    /// The root is not among them. Paths are as [`path`](Self::path) tells them, from `/`.
    pub fn find(&self, mut is_match: impl FnMut(&[u8]) -> bool, limit: usize) -> Found {
        let mut found = Found::default();
        let mut walk = self.walk(NodeId::ROOT);
        walk.next();
        while let Some(id) = walk.next() {
            if !is_match(walk.path()) {
                continue;
            }
            if found.nodes.len() == limit {
                found.is_cut = true;
                break;
            }
            found.nodes.push(id);
        }
        found
    }
}

impl Walk<'_> {
    /// The path of the node that the last step led to.
    pub fn path(&self) -> &[u8] {
        if self.path.is_empty() {
            b"/"
        } else {
            &self.path
        }
    }

    /// How far the node of the last step is below where the walk began.
    pub fn depth(&self) -> usize {
        self.left.len().saturating_sub(1)
    }

    fn step_to(&mut self, id: NodeId) {
        if id != NodeId::ROOT {
            self.path.push(b'/');
            self.path.extend_from_slice(self.tree.name(id));
        }
        self.left.push(self.tree.children(id).iter());
    }

    /// Forgets the last component of the path.
    fn step_up(&mut self) {
        let cut = self
            .path
            .iter()
            .rposition(|byte| *byte == b'/')
            .unwrap_or_default();
        self.path.truncate(cut);
    }
}

impl Iterator for Walk<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if let Some(start) = self.start.take() {
            self.step_to(start);
            return Some(start);
        }
        loop {
            match self.left.last_mut()?.next() {
                Some(id) if self.ghosts || self.tree.record(*id).is_live() => {
                    self.step_to(*id);
                    return Some(*id);
                }
                Some(_) => {}
                None => {
                    self.left.pop();
                    self.step_up();
                }
            }
        }
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The nodes.
    pub nodes: Vec<NodeId>,
    /// Whether there are more.
    pub is_cut: bool,
}
