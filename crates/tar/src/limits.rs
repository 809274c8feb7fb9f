//! What one entry may cost.

/// Extension data of one entry, in bytes: its PAX, long name and sparse map data together.
///
/// Go's `archive/tar` and libarchive stop at 1 MiB for each such header; a sum closes the way
/// around.
pub const MAX_METADATA: u64 = 1 << 20;

/// Extension headers in a row before one entry.
///
/// A real entry has at most three (PAX, long name, long link). tar-core stops at sixteen too.
pub const MAX_EXTENSIONS: u64 = 16;

/// Runs in one sparse map.
///
/// A map of 1 MiB could hold hundreds of thousands, each of which takes four times its text in
/// memory; real maps hold dozens. tar-core stops here too.
pub const MAX_SEGMENTS: u64 = 10_000;

/// Bytes of a bad record that an error keeps: enough to recognise it, few enough to show.
pub(crate) const MAX_EXCERPT: usize = 64;

/// The limits a [`Parser`](crate::Parser) keeps. Passing one is
/// [`Error::Limit`](crate::Error::Limit), never truncation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of extension data for one entry; see [`MAX_METADATA`].
    pub metadata: u64,
    /// Extension headers before one entry; see [`MAX_EXTENSIONS`].
    pub extensions: u64,
    /// Runs in one sparse map; see [`MAX_SEGMENTS`].
    pub segments: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            metadata: MAX_METADATA,
            extensions: MAX_EXTENSIONS,
            segments: MAX_SEGMENTS,
        }
    }
}
