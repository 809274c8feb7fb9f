//! Trees and grids of one image: made when somebody looks, dropped when a layer arrives.

use std::rc::Rc;

use layerscope_layer::{Entry, LayerIndex};
use layerscope_tree::{Change, Options, Rows, Sort, Tree};

use crate::facet::Query;
use crate::files::entry_of;
use crate::search::Search;
use crate::view::{Counts, ErrorView, LayerView, ScopeView, Totals};

/// Which rows of which tree, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowQuery {
    /// The tree.
    pub scope: ScopeView,
    /// The order of siblings.
    pub sort: RowSort,
    /// Show deleted entries.
    pub ghosts: bool,
    /// Only what the top layer changed, and what leads there.
    pub changed_only: bool,
    /// As [`Query::read`] takes it; empty for no filter.
    pub filter: String,
    /// Whether every directory is open, in a grid of its own: for a list of all files.
    pub all: bool,
}

/// The order of siblings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowSort {
    /// By name.
    Name,
    /// The largest first.
    Size,
    /// By the permission bits: setuid, setgid and sticky first.
    Mode,
    /// By user, then by group, from 0 on.
    Owner,
    /// The newest first.
    Modified,
}

/// Trees and grids of one image, made when they are asked for and dropped when a layer arrives.
#[derive(Debug, Default)]
pub(crate) struct Trees {
    trees: Vec<(ScopeView, Rc<Tree>)>,
    grids: Vec<Grid>,
    summary: Option<Summary>,
}

/// The grid of one scope. What is open is remembered as paths, so that it survives a new tree.
#[derive(Debug)]
pub(crate) struct Grid {
    query: RowQuery,
    pub(crate) rows: Option<Rows>,
    /// The filter, while there is more to look through.
    search: Option<Search>,
    pub(crate) open: OpenPaths,
}

/// The paths of open directories, in order and each once.
#[derive(Debug, Default)]
pub(crate) struct OpenPaths(Vec<Vec<u8>>);

impl OpenPaths {
    pub(crate) fn insert(&mut self, path: Vec<u8>) {
        if let Err(place) = self.0.binary_search(&path) {
            self.0.insert(place, path);
        }
    }

    pub(crate) fn remove(&mut self, path: &[u8]) {
        if let Ok(place) = self.0.binary_search_by(|known| known.as_slice().cmp(path)) {
            self.0.remove(place);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
}

/// What only the merged tree tells of the layers.
#[derive(Debug)]
struct Summary {
    counts: Vec<Counts>,
    hides: Vec<u64>,
    visible_entries: u64,
    visible_bytes: u64,
    reclaimable_bytes: u64,
}

/// How many trees are kept: the one that is looked at, the merged one, and the one before.
const KEPT_TREES: usize = 3;

impl Trees {
    pub(crate) fn clear(&mut self) {
        self.trees.clear();
        self.summary = None;
        for grid in &mut self.grids {
            grid.rows = None;
        }
    }

    pub(crate) fn tree(&mut self, scope: ScopeView, indexes: &[Option<&LayerIndex>]) -> Rc<Tree> {
        if let Some(position) = self.trees.iter().position(|(known, _)| *known == scope) {
            let found = self.trees.remove(position);
            let tree = Rc::clone(&found.1);
            self.trees.push(found);
            return tree;
        }
        let tree = Rc::new(match scope {
            ScopeView::Merged => Tree::merged(indexes),
            ScopeView::UpTo { layer } => {
                Tree::merged(indexes.get(..=usize::from(layer)).unwrap_or(indexes))
            }
            ScopeView::Layer { layer } => match indexes.get(usize::from(layer)) {
                Some(Some(index)) => Tree::of_layer(layer, index),
                _ => Tree::merged(&[None]),
            },
        });
        if self.trees.len() >= KEPT_TREES {
            self.trees.remove(0);
        }
        self.trees.push((scope, Rc::clone(&tree)));
        tree
    }

    pub(crate) fn summarize(
        &mut self,
        indexes: &[Option<&LayerIndex>],
        layers: &mut [LayerView],
        totals: &mut Totals,
    ) {
        if self.summary.is_none() {
            let tree = self.tree(ScopeView::Merged, indexes);
            self.summary = Some(Summary::of(&tree, indexes.len()));
        }
        let Some(summary) = &self.summary else { return };
        for layer in layers.iter_mut().filter(|layer| layer.entries.is_some()) {
            layer.counts = summary.counts.get(layer.number).copied();
            layer.hides_bytes = summary.hides.get(layer.number).copied();
        }
        totals.visible_entries = Some(summary.visible_entries);
        totals.visible_bytes = Some(summary.visible_bytes);
        totals.reclaimable_bytes = Some(summary.reclaimable_bytes);
    }

    /// The grid of the query's scope, as the query wants it.
    pub(crate) fn grid(
        &mut self,
        query: &RowQuery,
        tree: &Tree,
        indexes: &[Option<&LayerIndex>],
    ) -> Result<&mut Grid, ErrorView> {
        let position = match self
            .grids
            .iter()
            .position(|grid| grid.query.scope == query.scope && grid.query.all == query.all)
        {
            Some(position) => position,
            None => {
                // One list of all files at a time: it has a row for each.
                self.grids.retain(|grid| !(grid.query.all && query.all));
                self.grids.push(Grid {
                    query: query.clone(),
                    rows: None,
                    search: None,
                    open: OpenPaths::default(),
                });
                self.grids.len() - 1
            }
        };
        let Some(grid) = self.grids.get_mut(position) else {
            return Err(ErrorView::of_driver("rows", "no grid"));
        };
        if grid.rows.is_none() || grid.query != *query {
            // A filter that cannot be read changes nothing.
            let search = match query.filter.as_str() {
                "" => None,
                filter => {
                    let query = Query::read(filter).map_err(|error| ErrorView::from(&error))?;
                    Some(Search::new(query, tree))
                }
            };
            let options = options(query);
            let is_ranked = grid.rows.is_some() && grid.query.sort == query.sort;
            match &mut grid.rows {
                Some(rows) => rows.set_options(tree, &options),
                None => {
                    let mut rows = Rows::new(tree, &options);
                    // Parents sort before what is in them, so each path finds its parent open.
                    for path in grid.open.iter() {
                        if let Some(node) = tree.lookup(path)
                            && !rows.is_expanded(node)
                        {
                            rows.toggle(tree, node);
                        }
                    }
                    if query.all {
                        rows.fold(tree, u32::MAX);
                    }
                    grid.rows = Some(rows);
                }
            }
            if !is_ranked
                && let Some(rows) = &mut grid.rows
                && let Some(ranks) = ranks(query.sort, tree, indexes)
            {
                rows.rank(tree, ranks);
            }
            grid.query = query.clone();
            grid.search = search;
        }
        Ok(grid)
    }
}

impl Grid {
    /// Looks through the next `steps` nodes for what the filter lets through. True while there are more.
    pub(crate) fn search(
        &mut self,
        tree: &Tree,
        indexes: &[Option<&LayerIndex>],
        steps: usize,
    ) -> bool {
        if let (Some(search), Some(rows)) = (&mut self.search, &mut self.rows) {
            rows.admit(tree, &search.next(tree, indexes, steps));
            if search.is_over() {
                self.search = None;
            }
        }
        self.is_searching()
    }

    pub(crate) fn is_searching(&self) -> bool {
        self.search.is_some()
    }
}

impl Summary {
    fn of(tree: &Tree, layers: usize) -> Summary {
        let mut counts = vec![Counts::default(); layers];
        for id in tree.ids().skip(1) {
            for told in tree.story(id) {
                let Some(counts) = counts.get_mut(usize::from(told.layer)) else {
                    continue;
                };
                match told.change {
                    Change::Added => counts.added += 1,
                    Change::Modified(_) => counts.modified += 1,
                    Change::Removed => counts.removed += 1,
                    Change::MetadataOnly(_) => counts.metadata += 1,
                    Change::Unchanged => {}
                }
            }
        }
        let mut hides = vec![0_u64; layers];
        for loss in tree.losses() {
            if let Some(hidden) = hides.get_mut(usize::from(loss.by)) {
                *hidden = hidden.saturating_add(loss.bytes);
            }
        }
        Summary {
            counts,
            hides,
            visible_entries: u64::from(tree.node(tree.root()).subtree_entries),
            visible_bytes: tree.visible_bytes(),
            reclaimable_bytes: tree.stored_bytes().saturating_sub(tree.visible_bytes()),
        }
    }
}

fn options(query: &RowQuery) -> Options {
    Options {
        ghosts: query.ghosts,
        changed_only: query.changed_only,
        sort: match query.sort {
            RowSort::Name => Sort::Name,
            RowSort::Size => Sort::Size,
            RowSort::Mode | RowSort::Owner | RowSort::Modified => Sort::Rank,
        },
        only_found: !query.filter.is_empty(),
    }
}

/// The number of a user or group, of which Linux has 32 bits, in as many as are sorted by.
fn number(id: u64) -> i64 {
    i64::from(i32::try_from(id).unwrap_or(i32::MAX))
}

/// What nodes are sorted by that the tree itself does not know. A node that no layer has written is last.
fn ranks(sort: RowSort, tree: &Tree, indexes: &[Option<&LayerIndex>]) -> Option<Vec<i64>> {
    let rank: fn(&Entry<'_>) -> i64 = match sort {
        RowSort::Name | RowSort::Size => return None,
        RowSort::Mode => |entry| i64::from(entry.mode & 0o7777),
        RowSort::Owner => |entry| -((number(entry.uid) << 31) + number(entry.gid)),
        RowSort::Modified => |entry| entry.mtime.seconds,
    };
    let entry = |id| entry_of(indexes, tree.node(id).content);
    let ranks = tree
        .ids()
        .map(|id| entry(id).map_or(i64::MIN, |entry| rank(&entry)));
    Some(ranks.collect())
}
