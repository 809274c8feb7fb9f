//! Where the size differs.

use layerscope_tree::{NodeId, Tree};

use super::{Comparison, Record};
use crate::display;
use crate::limits::NAMED_GROWTH;
use crate::view::DirectoryGrowth;

impl Comparison {
    /// The directories with a part in the difference in size, the largest first, and how many more there are.
    pub(super) fn growth(&self) -> (Vec<DirectoryGrowth>, usize) {
        let mut own = vec![0_i64; self.records.len()];
        for (own, record) in own.iter_mut().zip(&self.records) {
            *own = self.bytes(record);
        }
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
        let mut named = Vec::new();
        // A few of many: to look for each costs less code than to sort them.
        while named.len() < NAMED_GROWTH {
            let (mut number, mut most) = (0, 0);
            for (at, bytes) in (0_u32..).zip(&own) {
                if bytes.unsigned_abs() > most {
                    (number, most) = (at, bytes.unsigned_abs());
                }
            }
            let Some(bytes) = own.get_mut(number as usize).filter(|_| most > 0) else {
                break;
            };
            named.push(DirectoryGrowth {
                path: display::stored(&self.path(number)),
                bytes: std::mem::take(bytes),
            });
        }
        let mut more = 0;
        for bytes in own {
            more += usize::from(bytes != 0);
        }
        (named, more)
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
