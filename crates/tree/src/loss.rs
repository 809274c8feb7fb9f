//! Bytes that a layer stores and nobody sees.

use layerscope_layer::Kind;

use crate::NodeId;

/// A stored entry that is not visible in the merged tree.
///
/// Every entry is either visible, or lost exactly once, or a marker without content. So the bytes of all
/// entries, less the visible bytes, are the bytes of all losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The layer that stores the entry.
    pub layer: u16,
    /// The entry's number in that layer.
    pub entry: u32,
    /// Logical bytes of its content; zero for links, directories and devices. A file with several names is
    /// lost with the last of them.
    pub bytes: u64,
    /// Why it is not visible.
    pub cause: Cause,
    /// The layer that hid it; its own for [`Cause::DuplicateInLayer`] and [`Cause::NotApplied`].
    pub by: u16,
    /// The node that it was last visible at; `None` when it never was.
    pub node: Option<NodeId>,
}

/// Why an entry is not visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A later layer wrote something of the same kind in its place.
    Overwritten,
    /// A whiteout named it or a directory above it.
    Deleted,
    /// An opaque whiteout hid what its directory had.
    Opaque,
    /// It, or a directory above it, gave way to something of another kind, which is told here.
    Replaced(Kind),
    /// A later layer wrote provably the same content again.
    MetadataOnly,
    /// The same layer wrote the path again.
    DuplicateInLayer,
    /// It never became part of the tree: the content of a marker, AUFS metadata, or an entry that runtimes refuse.
    NotApplied,
}

impl Cause {
    /// A stable name: `overwritten`, `deleted`, `opaque`, `replaced`, `metadata-only`, `duplicate` or `not-applied`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overwritten => "overwritten",
            Self::Deleted => "deleted",
            Self::Opaque => "opaque",
            Self::Replaced(_) => "replaced",
            Self::MetadataOnly => "metadata-only",
            Self::DuplicateInLayer => "duplicate",
            Self::NotApplied => "not-applied",
        }
    }
}
