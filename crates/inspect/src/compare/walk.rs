//! Going through both trees at once.

use std::cmp::Ordering;
use std::rc::Rc;

use layerscope_layer::{Entry, LayerIndex};
use layerscope_tree::{Attributes, Change, EntryRef, NodeId, Tree};

use super::rows::Rows;
use super::{Comparison, Indexes, Record, Times, layers};
use crate::files::entry_of;
use crate::session::Session;
use crate::view::CompareTotals;

/// A directory that the walk is in: its record, and the children on both sides that are still to come.
struct Open<'t> {
    record: usize,
    a: &'t [NodeId],
    b: &'t [NodeId],
}

/// What is compared with what.
struct Sides<'a, 'i> {
    a: &'a Tree,
    b: &'a Tree,
    indexes: Indexes<'a, 'i>,
    /// For each layer of A, the one of B with the same bytes.
    same: Vec<Option<usize>>,
    times: Times,
}

impl Comparison {
    /// Compares what lies at and below two nodes. What is in neither of both is not asked for.
    pub(super) fn walk(
        a: &Session,
        b: &Session,
        (one, other): (Rc<Tree>, Rc<Tree>),
        (start, other_start): (Option<NodeId>, Option<NodeId>),
        times: Times,
    ) -> Comparison {
        let indexes = (a.indexes(), b.indexes());
        let sides = Sides {
            a: &one,
            b: &other,
            indexes: (&indexes.0, &indexes.1),
            same: layers::proven(a, b),
            times,
        };
        let mut records = Vec::new();
        let mut totals = CompareTotals::default();
        sides.fill(&mut records, &mut totals, (start, other_start));
        let base = match (start, other_start) {
            (Some(id), _) => one.path(id),
            (None, Some(id)) => other.path(id),
            (None, None) => Vec::new(),
        };
        let mut comparison = Comparison {
            a: one,
            b: other,
            base: if base == b"/" { Vec::new() } else { base },
            is_whole: false,
            times,
            records,
            totals,
            rows: Rows::default(),
        };
        comparison.open_at_first();
        comparison
    }
}

impl<'a> Sides<'a, '_> {
    /// Keeps a record of each pair that differs, of the directories that lead there, and of the first pair.
    ///
    /// Names are sorted on both sides, so that each visible node is looked at once.
    fn fill(
        &self,
        records: &mut Vec<Record>,
        totals: &mut CompareTotals,
        start: (Option<NodeId>, Option<NodeId>),
    ) {
        let mut open = vec![self.enter(records, totals, 0, start)];
        while let Some(top) = open.last_mut() {
            if let Some(pair) = self.next(top) {
                let parent = top.record;
                open.push(self.enter(records, totals, parent, pair));
                continue;
            }
            let (number, end) = (top.record, records.len());
            open.pop();
            let is_last = number + 1 == end;
            let Some(record) = records.get_mut(number) else {
                continue;
            };
            if is_last && number > 0 && record.change() == Change::Unchanged {
                records.pop();
            } else {
                // A tree has fewer than 2^32 nodes, and both together may not: what is beyond is not opened.
                record.end = u32::try_from(end).unwrap_or(u32::MAX);
            }
        }
    }

    fn enter(
        &self,
        records: &mut Vec<Record>,
        totals: &mut CompareTotals,
        parent: usize,
        (a, b): (Option<NodeId>, Option<NodeId>),
    ) -> Open<'a> {
        let attributes = match (a, b) {
            (Some(a), Some(b)) => self.differing(a, b, totals),
            _ => Attributes::NONE,
        };
        let record = Record {
            a,
            b,
            parent: u32::try_from(parent).unwrap_or(u32::MAX),
            end: 0,
            attributes,
            flags: 0,
        };
        match record.change() {
            Change::Added => totals.added += 1,
            Change::Removed => totals.removed += 1,
            Change::Modified(_) => totals.modified += 1,
            Change::MetadataOnly(_) => totals.metadata += 1,
            Change::Unchanged => {}
        }
        records.push(record);
        Open {
            record: records.len() - 1,
            a: a.map_or(&[], |id| self.a.children(id)),
            b: b.map_or(&[], |id| self.b.children(id)),
        }
    }

    /// The next name of a directory, and who has it.
    fn next(&self, open: &mut Open<'a>) -> Option<(Option<NodeId>, Option<NodeId>)> {
        let (a, b) = (visible(self.a, &mut open.a), visible(self.b, &mut open.b));
        let order = match (a, b) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => self.a.node(a).name.cmp(self.b.node(b).name),
        };
        if order.is_le() {
            open.a = open.a.get(1..).unwrap_or_default();
        }
        if order.is_ge() {
            open.b = open.b.get(1..).unwrap_or_default();
        }
        Some((a.filter(|_| order.is_le()), b.filter(|_| order.is_ge())))
    }

    /// In what two nodes differ.
    fn differing(&self, a: NodeId, b: NodeId, totals: &mut CompareTotals) -> Attributes {
        let (a, b) = (self.a.node(a).content, self.b.node(b).content);
        if self.is_same_entry(a, b) {
            return Attributes::NONE;
        }
        let (a, b) = (content(self.indexes.0, a), content(self.indexes.1, b));
        let attributes = Attributes::differing(a.as_ref(), b.as_ref());
        let has_print = |entry: &Option<Entry<'_>>| {
            (entry.as_ref()).is_some_and(|entry| entry.fingerprint.is_some())
        };
        let unlike = Attributes::KIND | Attributes::SIZE;
        if attributes.contains(Attributes::CONTENT)
            && attributes.without(unlike) == attributes
            && !(has_print(&a) && has_print(&b))
        {
            totals.unproven += 1;
        }
        match self.times {
            Times::Compared => attributes,
            Times::Ignored => attributes.without(Attributes::MTIME),
        }
    }

    /// Whether two nodes are written by the same entry of the same bytes.
    fn is_same_entry(&self, a: Option<EntryRef>, b: Option<EntryRef>) -> bool {
        let (Some(a), Some(b)) = (a, b) else {
            return false;
        };
        let same = self.same.get(usize::from(a.layer)).copied().flatten();
        same == Some(usize::from(b.layer)) && a.entry == b.entry
    }
}

/// The first visible one of some children, which is the first of them afterwards.
fn visible(tree: &Tree, children: &mut &[NodeId]) -> Option<NodeId> {
    while let Some((first, rest)) = children.split_first() {
        if tree.node(*first).ghost.is_none() {
            return Some(*first);
        }
        *children = rest;
    }
    None
}

fn content<'i>(indexes: &[Option<&'i LayerIndex>], at: Option<EntryRef>) -> Option<Entry<'i>> {
    entry_of(indexes, at)
}
