//! What is strange about the way layers build on each other.

use crate::{EntryRef, NodeId};

/// Something that a person should know: runtimes disagree about it, or refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What.
    pub kind: OddityKind,
    /// The entry that it is about.
    pub at: EntryRef,
    /// The node that it is about, when there is one.
    pub node: Option<NodeId>,
}

/// The kinds of [`Oddity`]: what only shows once entries and layers meet. What an entry shows by itself,
/// such as an invalid whiteout, the [layer's oddities](layerscope_layer::OddityKind) tell. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum OddityKind {
    /// A whiteout removes what its own layer brought before it. containerd does so; the image-spec and umoci would keep it.
    WhiteoutOfOwnLayer = 0,
    /// Another entry of the layer has written this path under another name, through a symbolic link. The last one wins.
    AliasedPath = 1,
    /// A parent directory leads through more than [`MAX_LINKS`](crate::MAX_LINKS) symbolic links, or around in a
    /// circle. The entry is kept under its literal path; runtimes refuse the layer.
    LinkLoop = 2,
    /// A symbolic link's relative target climbs above the root. It is shown as it is, and followed inside the root.
    LinkEscapesRoot = 3,
    /// A parent directory is a file. The entry is not applied; containerd refuses the layer, umoci replaces the file.
    FileAsParent = 4,
    /// A hard link to a path that does not exist by then: missing, later in the layer, or the link itself.
    DanglingHardLink = 5,
    /// A hard link to a directory.
    HardLinkToDirectory = 6,
    /// A hard link's own mode or owner is not its file's. containerd would give them to the file; here, as in umoci,
    /// the file keeps its own.
    HardLinkAttributes = 7,
    /// Something that is not a directory claims to be the root. It is passed over.
    RootNotDirectory = 8,
    /// The layer has more entries, or the tree more names, than can be counted in 32 bits. What is beyond is left out.
    TreeFull = 9,
}

impl OddityKind {
    /// Every kind, by number.
    pub const ALL: [Self; 10] = [
        Self::WhiteoutOfOwnLayer,
        Self::AliasedPath,
        Self::LinkLoop,
        Self::LinkEscapesRoot,
        Self::FileAsParent,
        Self::DanglingHardLink,
        Self::HardLinkToDirectory,
        Self::HardLinkAttributes,
        Self::RootNotDirectory,
        Self::TreeFull,
    ];

    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::WhiteoutOfOwnLayer => "whiteout-of-own-layer",
            Self::AliasedPath => "aliased-path",
            Self::LinkLoop => "link-loop",
            Self::LinkEscapesRoot => "link-escapes-root",
            Self::FileAsParent => "file-as-parent",
            Self::DanglingHardLink => "dangling-hard-link",
            Self::HardLinkToDirectory => "hard-link-to-directory",
            Self::HardLinkAttributes => "hard-link-attributes",
            Self::RootNotDirectory => "root-not-directory",
            Self::TreeFull => "tree-full",
        }
    }
}

/// How many oddities of each kind are kept; the rest is only counted. A person reads the first few, and a
/// hostile layer has a million.
pub const MAX_ODDITIES_OF_A_KIND: u32 = 256;

/// The oddities of a tree, in the order in which the layers brought them.
#[derive(Clone, Debug, Default)]
pub struct Oddities {
    kept: Vec<Oddity>,
    counts: [u32; OddityKind::ALL.len()],
}

impl Oddities {
    /// At most [`MAX_ODDITIES_OF_A_KIND`] of each kind.
    pub fn kept(&self) -> &[Oddity] {
        &self.kept
    }

    /// How many of a kind there are, kept or not.
    pub fn count(&self, kind: OddityKind) -> u32 {
        self.counts
            .get(usize::from(kind as u8))
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn push(&mut self, oddity: Oddity) {
        let Some(count) = self.counts.get_mut(usize::from(oddity.kind as u8)) else {
            return;
        };
        if *count < MAX_ODDITIES_OF_A_KIND {
            self.kept.push(oddity);
        }
        *count = count.saturating_add(1);
    }
}
