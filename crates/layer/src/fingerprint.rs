//! A short hash by which equal contents are recognised.

use std::hash::Hasher as _;

use layerscope_tar::Segment;
use twox_hash::XxHash3_64;

/// Computes xxh3-64 (xxHash specification, "XXH3") over the content of one entry after the other.
///
/// Of a sparse file it takes the stored bytes and then its map, because its holes may be terabytes; such a
/// fingerprint equals only that of a file which is sparse in the same way.
#[derive(Default)]
pub(crate) struct Fingerprinter {
    /// Stored bytes of the entry.
    stored: u64,
    state: State,
}

#[derive(Default)]
enum State {
    /// Nothing came yet.
    #[default]
    Fresh,
    /// All came at once, as it does for most files: then hashing needs no buffer.
    Whole(u64),
    Pieces(Box<XxHash3_64>),
}

impl Fingerprinter {
    /// Begins an entry with so many stored bytes.
    pub(crate) fn begin(&mut self, stored: u64) {
        self.stored = stored;
        self.state = State::Fresh;
    }

    /// Takes the next stored bytes.
    pub(crate) fn data(&mut self, bytes: &[u8]) {
        if let State::Pieces(hasher) = &mut self.state {
            hasher.write(bytes);
        } else if bytes.len() as u64 == self.stored {
            self.state = State::Whole(XxHash3_64::oneshot(bytes));
        } else {
            let mut hasher = Box::new(XxHash3_64::new());
            hasher.write(bytes);
            self.state = State::Pieces(hasher);
        }
    }

    /// The fingerprint of the entry, whose stored bytes have all come.
    pub(crate) fn end(&mut self, sparse: Option<&[Segment]>) -> u64 {
        let content = match std::mem::take(&mut self.state) {
            State::Fresh => XxHash3_64::oneshot(&[]),
            State::Whole(hash) => hash,
            State::Pieces(hasher) => hasher.finish(),
        };
        let Some(map) = sparse else {
            return content;
        };
        let mut hasher = XxHash3_64::new();
        hasher.write(&content.to_le_bytes());
        for segment in map {
            hasher.write(&segment.offset.to_le_bytes());
            hasher.write(&segment.len.to_le_bytes());
        }
        hasher.finish()
    }
}
