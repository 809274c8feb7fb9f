//! A comparison as the rows of a tree grid.

use layerscope_tree::Change;

use super::{Comparison, Record};
use crate::display;
use crate::files::Located;
use crate::search::Matcher;
use crate::session::Session;
use crate::view::{ComparePage, ErrorView, RowPlace};

/// Which rows are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareQuery {
    /// Only in B.
    pub added: bool,
    /// Only in A.
    pub removed: bool,
    /// In both, and not the same.
    pub modified: bool,
    /// In both, with other metadata.
    pub metadata: bool,
    /// As [`Matcher::read`] takes it; empty for no filter.
    pub filter: String,
}

impl Default for CompareQuery {
    fn default() -> Self {
        CompareQuery {
            added: true,
            removed: true,
            modified: true,
            metadata: true,
            filter: String::new(),
        }
    }
}

impl CompareQuery {
    fn takes(&self, change: Change) -> bool {
        match change {
            Change::Added => self.added,
            Change::Removed => self.removed,
            Change::Modified(_) => self.modified,
            Change::MetadataOnly(_) => self.metadata,
            Change::Unchanged => false,
        }
    }
}

/// How many records a comparison may have so that all is open to begin with that both images have.
const OPEN_AT_FIRST: usize = 1000;

/// Bits of `Record::flags`.
mod flag {
    /// Its children are rows whenever it is one.
    pub(super) const OPEN: u8 = 1;
    /// The same while there is a filter.
    pub(super) const FOUND_OPEN: u8 = 1 << 1;
    /// It is shown, or something below it is.
    pub(super) const SHOWN: u8 = 1 << 2;
    /// Something below it is shown.
    pub(super) const PARENT: u8 = 1 << 3;
}

/// The rows that are shown now; none before somebody asks.
#[derive(Debug, Default)]
pub(super) struct Rows {
    query: Option<CompareQuery>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    record: u32,
    level: u32,
    position: u32,
    siblings: u32,
}

impl Comparison {
    /// A window of rows.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn rows(
        &mut self,
        (a, b): (&Session, &Session),
        query: &CompareQuery,
        from: usize,
        count: usize,
    ) -> Result<ComparePage, ErrorView> {
        self.ask(query)?;
        let indexes = (a.indexes(), b.indexes());
        let window = self.rows.rows.get(from..).unwrap_or_default();
        let mut rows = Vec::new();
        for row in window.iter().take(count) {
            let Some(record) = self.records.get(row.record as usize) else {
                continue;
            };
            let path = self.path(row.record);
            let mut row_view = self.difference((&indexes.0, &indexes.1), record, &path);
            for (side, id) in [(&mut row_view.a, record.a), (&mut row_view.b, record.b)] {
                if let (Some(side), Some(id)) = (side, id) {
                    side.node = Some(id.number());
                }
            }
            row_view.place = Some(self.place(row, record));
            rows.push(row_view);
        }
        Ok(ComparePage {
            total: self.rows.rows.len(),
            from,
            rows,
        })
    }

    /// Opens or closes a row, as its [place](RowPlace::row) names it.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn set_expanded(
        &mut self,
        query: &CompareQuery,
        row: u32,
        expanded: bool,
    ) -> Result<(), ErrorView> {
        self.ask(query)?;
        let open = self.open_flag();
        if let Some(record) = self.records.get_mut(row as usize) {
            record.set(open, expanded);
            self.flatten();
        }
        Ok(())
    }

    /// Opens what leads to a displayed path, and tells its row; none when it is not shown.
    ///
    /// # Errors
    /// When the filter is a malformed regular expression.
    pub fn locate(
        &mut self,
        query: &CompareQuery,
        path: &str,
    ) -> Result<Option<Located>, ErrorView> {
        self.ask(query)?;
        let mut found = None;
        let mut number = 0_u32;
        self.each_path(&mut |record, at| {
            if found.is_none() && record.has(flag::SHOWN) && display::stored(at) == path {
                found = Some(number);
            }
            number += 1;
        });
        let Some(found) = found else { return Ok(None) };
        let open = self.open_flag();
        let mut at = found;
        while at != 0 {
            let Some(record) = self.records.get(at as usize) else {
                break;
            };
            at = record.parent;
            if let Some(above) = self.records.get_mut(at as usize) {
                above.set(open, true);
            }
        }
        self.flatten();
        let row = self.rows.rows.iter().position(|row| row.record == found);
        Ok(row.map(|row| Located { node: found, row }))
    }

    /// Opens what both images have, if that is not too much to look through.
    pub(super) fn open_at_first(&mut self) {
        let all = self.records.len() <= OPEN_AT_FIRST;
        for record in &mut self.records {
            let is_in_both = record.a.is_some() && record.b.is_some();
            record.set(flag::OPEN, is_in_both && all);
        }
    }

    /// Makes the rows that a query wants, if they are not those that are there.
    fn ask(&mut self, query: &CompareQuery) -> Result<(), ErrorView> {
        if self.rows.query.as_ref() == Some(query) {
            return Ok(());
        }
        let matcher = match query.filter.as_str() {
            "" => None,
            filter => Some(Matcher::read(filter).map_err(|error| ErrorView::from(&error))?),
        };
        let mut shown = Vec::with_capacity(self.records.len());
        self.each_path(&mut |record, path| {
            let is_found = |matcher: &Matcher| matcher.matches(&display::stored(path));
            shown.push(query.takes(record.change()) && matcher.as_ref().is_none_or(is_found));
        });
        for (record, shown) in self.records.iter_mut().zip(shown) {
            record.set(flag::SHOWN, shown);
            record.set(flag::PARENT, false);
        }
        // What is below comes first, for it keeps in view what it lies in.
        for place in (1..self.records.len()).rev() {
            let Some(Record { parent, flags, .. }) = self.records.get(place).copied() else {
                continue;
            };
            if flags & flag::SHOWN != 0
                && let Some(above) = self.records.get_mut(parent as usize)
            {
                above.set(flag::PARENT, true);
                // The first record stands for itself alone: all rows are below it.
                above.set(flag::SHOWN, parent != 0 || above.has(flag::SHOWN));
                above.set(flag::FOUND_OPEN, true);
            }
        }
        self.rows.query = Some(query.clone());
        self.flatten();
        Ok(())
    }

    /// Which bit says that a row is open.
    fn open_flag(&self) -> u8 {
        let has_filter = (self.rows.query.as_ref()).is_some_and(|query| !query.filter.is_empty());
        if has_filter {
            flag::FOUND_OPEN
        } else {
            flag::OPEN
        }
    }

    /// Makes rows of what is open.
    fn flatten(&mut self) {
        let open = self.open_flag();
        let mut rows = Vec::new();
        let first = self
            .records
            .first()
            .is_some_and(|record| record.has(flag::SHOWN));
        if first {
            rows.push(Row {
                record: 0,
                level: 1,
                position: 1,
                siblings: self.shown_below(0) + 1,
            });
        }
        // Where each directory on the way ends, how many of its children are shown, and how many came.
        let mut stack = vec![(
            u32::MAX,
            self.shown_below(0) + u32::from(first),
            u32::from(first),
        )];
        let mut at = 1_u32;
        while let Some(record) = self.records.get(at as usize) {
            while stack.len() > 1 && stack.last().is_some_and(|(end, ..)| *end <= at) {
                stack.pop();
            }
            if !record.has(flag::SHOWN) {
                at = record.end;
                continue;
            }
            let level = u32::try_from(stack.len()).unwrap_or(u32::MAX);
            if let Some((_, siblings, position)) = stack.last_mut() {
                *position += 1;
                rows.push(Row {
                    record: at,
                    level,
                    position: *position,
                    siblings: *siblings,
                });
            }
            if record.has(open) && record.has(flag::PARENT) {
                stack.push((record.end, self.shown_below(at), 0));
                at += 1;
            } else {
                at = record.end;
            }
        }
        self.rows.rows = rows;
    }

    /// How many children of a record are shown.
    fn shown_below(&self, number: u32) -> u32 {
        let Some(end) = self.records.get(number as usize).map(|record| record.end) else {
            return 0;
        };
        let (mut count, mut at) = (0, number + 1);
        while at < end
            && let Some(child) = self.records.get(at as usize)
        {
            count += u32::from(child.has(flag::SHOWN));
            at = child.end;
        }
        count
    }

    fn place(&self, row: &Row, record: &Record) -> RowPlace {
        let is_parent = row.record != 0 && record.has(flag::PARENT);
        RowPlace {
            row: row.record,
            level: row.level,
            pos_in_set: row.position,
            set_size: row.siblings,
            expanded: is_parent.then(|| record.has(self.open_flag())),
        }
    }
}

impl Record {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    fn set(&mut self, flag: u8, on: bool) {
        if on {
            self.flags |= flag;
        } else {
            self.flags &= !flag;
        }
    }
}
