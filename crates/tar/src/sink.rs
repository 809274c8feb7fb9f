//! What a parser tells.

use crate::{Entry, Oddity};

/// Where the parser tells what it finds, in the order of the archive.
///
/// How bytes were cut into pushes cannot be told from the calls, but for how content is cut into
/// calls of [`data`](Self::data).
pub trait Sink {
    /// An entry's headers are complete; its stored content follows.
    fn entry(&mut self, entry: &Entry);
    /// The next stored content bytes of the current entry, without padding and never empty. Skipped
    /// bytes are not told.
    fn data(&mut self, bytes: &[u8]);
    /// The content of the current entry is complete. Comes once for each entry, unless the archive
    /// ends before that.
    fn end_entry(&mut self);
    /// Something odd. If it [concerns an entry](crate::OddityKind::concerns_entry), that entry
    /// comes next, unless it cannot be read, or a [dangling
    /// extension](crate::OddityKind::DanglingExtension) says that there is none.
    fn oddity(&mut self, oddity: Oddity);
}

/// What a whole archive came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many entries were told.
    pub entries: u64,
    /// Bytes of the archive, with everything after its end.
    pub bytes: u64,
    /// How the archive ends.
    pub end: End,
    /// Bytes after the end-of-archive marker, of whatever value. Zeros up to a multiple of 10 240
    /// bytes are usual.
    pub trailing: u64,
}

/// How an archive ends. Go is content with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Without a zero block.
    Missing,
    /// With one zero block.
    OneBlock,
    /// With two zero blocks, as POSIX wants.
    Complete,
}
