//! Files: rows of the tree grid, details, and plain listings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use layerscope_layer::{Entry, Kind, LayerIndex};
use layerscope_tree::{Change, EntryRef, Node, NodeId, Rows, Tree};

use crate::attributes::{kind, mode_text, rfc3339};
use crate::capability::{self, Capabilities};
use crate::display;
use crate::examine::hops;
use crate::facet::Query;
use crate::limits::LISTED_BYTES;
use crate::search::{Search, lower};
use crate::session::Session;
use crate::trees::{Grid, OpenPaths};
use crate::view::{Details, ErrorView, ListEntry, RowPage, RowView, ScopeView, Told, Xattr};

pub use crate::trees::{RowQuery, RowSort};

/// The mode of a directory that no entry describes.
pub(crate) const SYNTHETIC_MODE: u32 = 0o755;

/// A node with its row number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Located {
    /// Id of the node in its scope.
    pub node: u32,
    /// Number of its row, from 0.
    pub row: usize,
}

impl Session {
    /// Runs `use_tree` on the tree of a scope, which is made if need be.
    pub(crate) fn with_tree<T>(&self, scope: ScopeView, use_tree: impl FnOnce(&Tree) -> T) -> T {
        let tree = self.trees.borrow_mut().tree(scope, &self.indexes());
        use_tree(&tree)
    }

    fn with_grid<T>(
        &self,
        query: &RowQuery,
        use_grid: impl FnOnce(&Tree, &mut Rows, &mut OpenPaths) -> T,
    ) -> Result<T, ErrorView> {
        let indexes = self.indexes();
        let mut trees = self.trees.borrow_mut();
        let tree = trees.tree(query.scope, &indexes);
        let Grid { rows, open, .. } = trees.grid(query, &tree, &indexes)?;
        match rows {
            Some(rows) => {
                rows.settle(&tree);
                Ok(use_grid(&tree, rows, open))
            }
            None => Err(ErrorView::of_driver("rows", "no grid")),
        }
    }

    /// Goes on with the search that a query's filter is: looks through `steps` more entries. True while there are more.
    ///
    /// A driver that has a clock calls this as often as it has time for. The rows are those found so far.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn search(&self, query: &RowQuery, steps: usize) -> Result<bool, ErrorView> {
        let indexes = self.indexes();
        let mut trees = self.trees.borrow_mut();
        let tree = trees.tree(query.scope, &indexes);
        Ok(trees
            .grid(query, &tree, &indexes)?
            .search(&tree, &indexes, steps))
    }

    /// A window of rows; of those that a filter lets through the ones that [`search`](Self::search) has found.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn rows(&self, query: &RowQuery, from: usize, count: usize) -> Result<RowPage, ErrorView> {
        let indexes = self.indexes();
        let searching = self.search(query, 0)?;
        self.with_grid(query, |tree, rows, _| RowPage {
            total: rows.len(),
            from,
            rows: rows
                .window(from, count)
                .into_iter()
                .map(|row| {
                    let mut view = row_view(tree, &indexes, row.node, query.scope);
                    view.level = row.depth;
                    view.pos_in_set = row.pos_in_set;
                    view.set_size = row.set_size;
                    view.expanded = row.has_children.then_some(row.expanded);
                    view.changed_below &= !row.expanded;
                    view.mtime = entry_of(&indexes, tree.node(row.node).content)
                        .map(|entry| rfc3339(entry.mtime));
                    view
                })
                .collect(),
            incomplete: !self.is_whole(query.scope),
            preview: self.is_preview(query.scope),
            searching,
        })
    }

    /// Closes a node with 0 levels, and opens it with more; of the root so many levels are opened, and all below is closed.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn fold(&self, query: &RowQuery, node: u32, levels: u32) -> Result<(), ErrorView> {
        self.with_grid(query, |tree, rows, open| {
            let Some(id) = tree.id(node) else { return };
            if id == tree.root() {
                // A tree that is made anew begins closed: the paths of all directories would be too many to remember.
                open.clear();
                rows.fold(tree, levels);
                return;
            }
            let expanded = levels > 0;
            if rows.is_expanded(id) != expanded {
                rows.toggle(tree, id);
            }
            if expanded {
                open.insert(tree.path(id));
            } else {
                open.remove(&tree.path(id));
            }
        })
    }

    /// Opens what leads to a path, and tells its row.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn locate(&self, query: &RowQuery, path: &str) -> Result<Option<Located>, ErrorView> {
        self.with_grid(query, |tree, rows, open| {
            let node = shown_at(tree, path)?;
            let row = rows.expand_to(tree, node)?;
            let mut above = tree.node(node).parent;
            while let Some(id) = above.filter(|id| *id != tree.root()) {
                open.insert(tree.path(id));
                above = tree.node(id).parent;
            }
            Some(Located {
                node: node.number(),
                row,
            })
        })
    }

    /// The node at a displayed path: the same file again, after a tree was made anew.
    #[must_use]
    pub fn node_at(&self, scope: ScopeView, path: &str) -> Option<u32> {
        self.with_tree(scope, |tree| shown_at(tree, path).map(|id| id.number()))
    }

    /// The row of a node's parent.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn parent(&self, query: &RowQuery, node: u32) -> Result<Option<Located>, ErrorView> {
        self.with_grid(query, |tree, rows, _| {
            let parent = tree.node(tree.id(node)?).parent?;
            Some(Located {
                node: parent.number(),
                row: rows.index_of(parent)?,
            })
        })
    }

    /// Type-ahead: the next row after `from`, going round, whose name begins with `text`, whatever the case.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn seek(
        &self,
        query: &RowQuery,
        text: &str,
        from: usize,
    ) -> Result<Option<Located>, ErrorView> {
        let wanted = lower(text);
        self.with_grid(query, |tree, rows, _| {
            let total = rows.len();
            let order = (from..total).chain(0..from.min(total));
            for row in order {
                let Some(found) = rows.window(row, 1).first().copied() else {
                    continue;
                };
                if lower(&display::stored(tree.node(found.node).name)).starts_with(&wanted) {
                    return Some(Located {
                        node: found.node.number(),
                        row,
                    });
                }
            }
            None
        })
    }

    /// Everything about one node.
    #[must_use]
    pub fn details(&self, scope: ScopeView, node: u32) -> Option<Details> {
        let indexes = self.indexes();
        self.with_tree(scope, |tree| {
            let id = tree.id(node)?;
            let found = tree.node(id);
            let path = tree.path(id);
            let (text, base64) = path_and_base64(&path);
            let entry = entry_of(&indexes, found.content);
            let own = entry_of(&indexes, found.entry);
            let attributes = entry.as_ref();
            Some(Details {
                node,
                path: text,
                path_base64: base64,
                row: row_view(tree, &indexes, id, scope),
                uname: attributes
                    .map(|entry| display::stored(entry.uname))
                    .unwrap_or_default(),
                gname: attributes
                    .map(|entry| display::stored(entry.gname))
                    .unwrap_or_default(),
                mtime: attributes
                    .map(|entry| rfc3339(entry.mtime))
                    .unwrap_or_default(),
                mode_text: mode_text(
                    found.kind,
                    attributes.map_or(SYNTHETIC_MODE, |entry| entry.mode),
                ),
                xattrs: attributes.map(xattrs).unwrap_or_default(),
                device: own.and_then(|entry| entry.device),
                offset: attributes
                    .filter(|entry| entry.kind.has_content())
                    .map(|entry| entry.content.offset),
                readable: attributes.is_some_and(|entry| entry.kind.has_content()),
                links: hops(tree, id),
                story: self.story(tree, id, scope, &path),
            })
        })
    }

    /// The story of a path through all layers, also when only one is looked at.
    fn story(&self, tree: &Tree, id: NodeId, scope: ScopeView, path: &[u8]) -> Vec<Told> {
        let indexes = self.indexes();
        let tell = |told: Vec<layerscope_tree::Told>| {
            told.into_iter()
                .map(|told| Told {
                    layer: told.layer,
                    change: told.change.name(),
                    attributes: told.change.attributes().names().collect(),
                    size: match told.change {
                        Change::Removed => None,
                        _ => entry_of(&indexes, told.content)
                            .filter(|entry| entry.kind.has_content())
                            .map(|entry| entry.size),
                    },
                })
                .collect()
        };
        if matches!(scope, ScopeView::Layer { .. }) {
            let merged = self.trees.borrow_mut().tree(ScopeView::Merged, &indexes);
            return tell(
                merged
                    .lookup(path)
                    .map(|id| merged.story(id))
                    .unwrap_or_default(),
            );
        }
        tell(tree.story(id))
    }

    /// The visible entries at `path`: the entry itself, or what is in a directory; with `recursive`, all below.
    ///
    /// Symbolic links on the way are followed inside the image, as a container would.
    ///
    /// # Errors
    /// When there is no such path; and when the paths take more than [`LISTED_BYTES`], after those that fit were taken.
    pub fn list(
        &self,
        scope: ScopeView,
        path: &str,
        recursive: bool,
        take: &mut dyn FnMut(ListEntry),
    ) -> Result<(), ErrorView> {
        let indexes = self.indexes();
        self.with_tree(scope, |tree| {
            let start = resolve(tree, path)?;
            if !tree.node(start).is_directory() {
                take(list_entry(tree, &indexes, start, &tree.path(start)));
                return Ok(());
            }
            // In one layer's own tree a whiteout is what is to be seen.
            let ghosts = matches!(scope, ScopeView::Layer { .. });
            if recursive {
                let mut walk = if ghosts {
                    tree.walk(start)
                } else {
                    tree.walk_visible(start)
                };
                walk.next();
                let mut budget = LISTED_BYTES;
                while let Some(id) = walk.next() {
                    budget = budget
                        .checked_sub(walk.path().len())
                        .ok_or_else(over_budget)?;
                    take(list_entry(tree, &indexes, id, walk.path()));
                }
            } else {
                for id in tree.children(start) {
                    if ghosts || tree.node(*id).ghost.is_none() {
                        take(list_entry(tree, &indexes, *id, &tree.path(*id)));
                    }
                }
            }
            Ok(())
        })
    }

    /// The visible entries that a query asks for by what they are and by their displayed path; of a path longer than [`MATCHED_BYTES`](crate::limits::MATCHED_BYTES) its end is looked at.
    ///
    /// # Errors
    /// When the paths take more than [`LISTED_BYTES`], after those that fit were taken.
    pub fn find(
        &self,
        scope: ScopeView,
        query: Query,
        take: &mut dyn FnMut(ListEntry),
    ) -> Result<(), ErrorView> {
        let indexes = self.indexes();
        self.with_tree(scope, |tree| {
            let mut budget = LISTED_BYTES;
            let mut search = Search::new(query, tree);
            while !search.is_over() {
                for id in search.next(tree, &indexes, usize::MAX) {
                    if tree.node(id).ghost.is_none() {
                        let path = tree.path(id);
                        budget = budget.checked_sub(path.len()).ok_or_else(over_budget)?;
                        take(list_entry(tree, &indexes, id, &path));
                    }
                }
            }
            Ok(())
        })
    }
}

pub(crate) fn over_budget() -> ErrorView {
    ErrorView {
        name: "over-limit".to_owned(),
        at: None,
        expected: Some(LISTED_BYTES.to_string()),
        found: None,
        text: format!("the paths take more than {LISTED_BYTES} bytes; the rest is not listed"),
    }
}

/// What `path` leads to, as it is stored or else as it is displayed: what was printed can be typed.
pub(crate) fn resolve(tree: &Tree, path: &str) -> Result<NodeId, ErrorView> {
    or_shown(tree, path, tree.resolve(path.as_bytes()))
}

/// The same, but a link at the end is itself the answer.
pub(crate) fn resolve_link(tree: &Tree, path: &str) -> Result<NodeId, ErrorView> {
    or_shown(tree, path, tree.resolve_link(path.as_bytes()))
}

fn or_shown(
    tree: &Tree,
    path: &str,
    found: Result<NodeId, layerscope_tree::Error>,
) -> Result<NodeId, ErrorView> {
    found.or_else(|error| {
        let shown = format!("/{}", path.trim_start_matches('/'));
        let is_it = |stored: &[u8]| stored != shown.as_bytes() && display::bytes(stored) == shown;
        let shown = tree.find(is_it, 1).nodes.first().copied();
        shown.ok_or_else(|| ErrorView {
            name: error.name().to_owned(),
            at: Some(path.to_owned()),
            expected: None,
            found: None,
            text: format!("{}: {error}", display::text(path)),
        })
    })
}

/// The node at a path, without following links.
pub(crate) fn shown_at(tree: &Tree, path: &str) -> Option<NodeId> {
    tree.lookup(path.as_bytes()).or_else(|| {
        // The path of a name that is not UTF-8, as it is displayed.
        let is_it = |stored: &[u8]| display::stored(stored) == path;
        tree.find(is_it, 1).nodes.first().copied()
    })
}

pub(crate) fn entry_of<'a>(
    indexes: &[Option<&'a LayerIndex>],
    at: Option<EntryRef>,
) -> Option<Entry<'a>> {
    let at = at?;
    let index = (*indexes.get(usize::from(at.layer))?)?;
    index.entry(at.entry as usize)
}

pub(crate) fn path_and_base64(path: &[u8]) -> (String, Option<String>) {
    let base64 = std::str::from_utf8(path)
        .is_err()
        .then(|| STANDARD.encode(path));
    (display::stored(path), base64)
}

/// Extended attributes, and what they mean where that is known.
pub(crate) fn xattrs(entry: &Entry<'_>) -> Vec<Xattr> {
    let mut found = Vec::new();
    for (name, value) in entry.xattrs() {
        let is_capability = name == capability::XATTR;
        let capabilities = is_capability.then(|| Capabilities::read(value)).flatten();
        found.push(Xattr {
            name: display::stored(name),
            value: display::stored(value),
            base64: STANDARD.encode(value),
            meaning: capabilities.map(|found| found.text()),
        });
    }
    found
}

/// Where a link leads, as [`path_and_base64`] tells it.
fn link_of(node: &Node<'_>, own: Option<&Entry<'_>>) -> (Option<String>, Option<String>) {
    let Some(own) = own else {
        return (None, None);
    };
    let (link, base64) = match own.kind {
        Kind::Symlink => path_and_base64(own.link),
        // The archive names the file from its root.
        Kind::HardLink => {
            path_and_base64(&[b"/", own.link.strip_prefix(b"/").unwrap_or(own.link)].concat())
        }
        _ if node.is_hard_link => (String::new(), None),
        _ => return (None, None),
    };
    (Some(link), base64)
}

pub(crate) fn row_view(
    tree: &Tree,
    indexes: &[Option<&LayerIndex>],
    id: NodeId,
    scope: ScopeView,
) -> RowView {
    let node = tree.node(id);
    let attributes = entry_of(indexes, node.content);
    let own = entry_of(indexes, node.entry);
    // In the whole image no layer is the one that is looked at: only what is gone is marked.
    let change = match scope {
        ScopeView::Merged if node.ghost.is_none() => Change::Unchanged,
        ScopeView::Merged => Change::Removed,
        _ => node.change,
    };
    RowView {
        node: id.number(),
        name: display::stored(node.name),
        path: display::stored(&tree.path(id)),
        level: 0,
        pos_in_set: 0,
        set_size: 0,
        expanded: None,
        kind: if node.is_hard_link {
            kind(Kind::HardLink)
        } else {
            kind(node.kind)
        },
        size: if node.is_directory() {
            node.subtree_bytes
        } else {
            node.size
        },
        mode: attributes
            .as_ref()
            .map_or(SYNTHETIC_MODE, |entry| entry.mode),
        uid: attributes.as_ref().map_or(0, |entry| entry.uid),
        gid: attributes.as_ref().map_or(0, |entry| entry.gid),
        mtime: None,
        change: change.name(),
        attributes: change.attributes().names().collect(),
        layer: node.last_writer,
        deleted_by: node.ghost.map(|ghost| ghost.by),
        link: link_of(&node, own.as_ref()).0,
        synthetic: node.is_synthetic(),
        changed_below: node.changed_below && scope != ScopeView::Merged,
    }
}

fn list_entry(tree: &Tree, indexes: &[Option<&LayerIndex>], id: NodeId, path: &[u8]) -> ListEntry {
    let node = tree.node(id);
    let attributes = entry_of(indexes, node.content);
    let own = entry_of(indexes, node.entry);
    let (path, path_base64) = path_and_base64(path);
    let (link, link_base64) = link_of(&node, own.as_ref());
    ListEntry {
        path,
        path_base64,
        kind: match node.kind {
            _ if node.is_hard_link => kind(Kind::HardLink),
            // All that is known is the whiteout, which is a file.
            Kind::Other(0) if node.ghost.is_some() => kind(Kind::File),
            known => kind(known),
        },
        size: node.size,
        mode: attributes
            .as_ref()
            .map_or(SYNTHETIC_MODE, |entry| entry.mode),
        uid: attributes.as_ref().map_or(0, |entry| entry.uid),
        gid: attributes.as_ref().map_or(0, |entry| entry.gid),
        mtime: rfc3339(
            attributes
                .as_ref()
                .map(|entry| entry.mtime)
                .unwrap_or_default(),
        ),
        link,
        link_base64,
        layer: node.last_writer,
        removed: node.ghost.is_some(),
    }
}
