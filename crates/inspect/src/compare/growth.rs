//! Where the size differs.

use layerscope_tree::{NodeId, Tree};

use super::{Comparison, Record};
use crate::display;
use crate::limits::NAMED_GROWTH;
use crate::view::DirectoryGrowth;

impl Comparison {
    /// The directories with a part in the difference in size, the largest first, and how many more there are.
    pub(super) fn growth(&self) -> (Vec<DirectoryGrowth>, usize) {
        let mut own: Vec<i64> = self
            .records
            .iter()
            .map(|record| self.bytes(record))
            .collect();
        for (place, record) in self.records.iter().enumerate().skip(1).rev() {
            // What only one image has is its parent's, unless that is the root.
            let stands_alone = self.is_directory(record, Both::Need)
                || record.parent == 0 && self.is_directory(record, Both::Any);
            let taken = if stands_alone { self.bytes(record) } else { 0 };
            if !stands_alone && let Some(own) = own.get_mut(place) {
                *own = 0;
            }
            if let Some(above) = own.get_mut(record.parent as usize) {
                *above = above.saturating_sub(taken);
            }
        }
        let mut grown: Vec<(u32, i64)> = (0_u32..)
            .zip(own)
            .filter(|(_, bytes)| *bytes != 0)
            .collect();
        grown.sort_by_cached_key(|(_, bytes)| !bytes.unsigned_abs());
        let more = grown.len().saturating_sub(NAMED_GROWTH);
        let named = grown.into_iter().take(NAMED_GROWTH);
        let named = named.map(|(number, bytes)| DirectoryGrowth {
            path: display::stored(&self.path(number)),
            bytes,
        });
        (named.collect(), more)
    }

    /// Bytes that B has more at a path and below.
    fn bytes(&self, record: &Record) -> i64 {
        let size = |tree: &Tree, id: Option<NodeId>| {
            let bytes = id.map_or(0, |id| tree.node(id).subtree_bytes);
            i64::try_from(bytes).unwrap_or(i64::MAX)
        };
        size(&self.b, record.b).saturating_sub(size(&self.a, record.a))
    }

    fn is_directory(&self, record: &Record, both: Both) -> bool {
        let is =
            |tree: &Tree, id: Option<NodeId>| id.is_some_and(|id| tree.node(id).is_directory());
        let (a, b) = (is(&self.a, record.a), is(&self.b, record.b));
        match both {
            Both::Need => a && b,
            Both::Any => a || b,
        }
    }
}

/// Whether both sides have to have a directory.
#[derive(Clone, Copy)]
enum Both {
    Need,
    Any,
}
