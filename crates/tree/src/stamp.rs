//! Where an entry stands among the layers, for callers and in four bytes.

/// One entry of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryRef {
    /// The layer; 0 is the oldest.
    pub layer: u16,
    /// The number of the entry in its layer, as [`LayerIndex::entry`](layerscope_layer::LayerIndex::entry) takes it.
    pub entry: u32,
}

/// An [`EntryRef`] counted through all layers, because a node keeps several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Stamp(u32);

impl Stamp {
    /// No entry: a directory that had to be made, or a name that nothing is known of.
    pub(crate) const NONE: Self = Self(u32::MAX);

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// How stamps and entries belong together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stamps {
    /// The number of the first layer.
    first: u16,
    /// The stamp of each layer's first entry.
    bases: Vec<u32>,
    /// The stamp that the next layer begins with.
    end: u32,
}

impl Stamps {
    pub(crate) fn starting_at(first: u16) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// Takes in the next layer; false when its entries cannot be counted any more.
    pub(crate) fn add_layer(&mut self, entries: usize) -> bool {
        let end = u32::try_from(entries)
            .ok()
            .and_then(|count| self.end.checked_add(count));
        self.bases.push(self.end);
        match end {
            Some(end) if end < Stamp::NONE.0 => {
                self.end = end;
                true
            }
            _ => false,
        }
    }

    /// The stamp of an entry of the layer taken in last.
    pub(crate) fn of(&self, entry: u32) -> Stamp {
        let base = self.bases.last().copied().unwrap_or_default();
        base.checked_add(entry).map_or(Stamp::NONE, Stamp)
    }

    /// The entry that a stamp stands for.
    pub(crate) fn entry(&self, stamp: Stamp) -> Option<EntryRef> {
        if stamp.is_none() {
            return None;
        }
        // The last layer that begins at or before the stamp; empty ones begin where their successor does.
        let index = self
            .bases
            .partition_point(|base| *base <= stamp.0)
            .checked_sub(1)?;
        let base = self.bases.get(index)?;
        Some(EntryRef {
            layer: u16::try_from(index).ok()?.checked_add(self.first)?,
            entry: stamp.0.checked_sub(*base)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_stand_for_entries_across_empty_layers() {
        let mut stamps = Stamps::starting_at(3);
        let mut given = Vec::new();
        for (layer, entries) in [(3, 0), (4, 2), (5, 0), (6, 1)] {
            assert!(stamps.add_layer(entries));
            for entry in 0..u32::try_from(entries).unwrap() {
                given.push((stamps.of(entry), EntryRef { layer, entry }));
            }
        }
        assert_eq!(given.len(), 3);
        for (stamp, entry) in given {
            assert_eq!(stamps.entry(stamp), Some(entry));
        }
        assert_eq!(stamps.entry(Stamp::NONE), None);
    }

    #[test]
    fn layers_beyond_the_count_are_refused() {
        let mut stamps = Stamps::default();
        assert!(stamps.add_layer(u32::MAX as usize - 2));
        assert!(!stamps.add_layer(usize::MAX));
        assert!(!stamps.add_layer(2));
        assert!(stamps.add_layer(1));
    }
}
