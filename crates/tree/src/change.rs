//! What a layer did to a path.

use layerscope_layer::{Entry, Kind};

/// What the top layer of a merged tree did to a node, compared with what is below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Change {
    /// Nothing, or a directory written again just as it was.
    #[default]
    Unchanged,
    /// The path did not exist below.
    Added,
    /// The path is written anew and is not the same thing, or its content is not provably the same.
    Modified(Attributes),
    /// The path existed below and is gone, or came and went within the layer.
    Removed,
    /// The path is written again with provably the same content, and only these attributes differ; none
    /// of them for a copy that changes nothing at all.
    MetadataOnly(Attributes),
}

impl Change {
    /// A stable name: `unchanged`, `added`, `modified`, `removed` or `metadata`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Added => "added",
            Self::Modified(_) => "modified",
            Self::Removed => "removed",
            Self::MetadataOnly(_) => "metadata",
        }
    }

    /// What differs; empty unless the change is a modification.
    pub fn attributes(self) -> Attributes {
        match self {
            Self::Modified(attributes) | Self::MetadataOnly(attributes) => attributes,
            Self::Unchanged | Self::Added | Self::Removed => Attributes::NONE,
        }
    }

    /// What writing `after` over `before` amounts to; `None` stands for a directory without an entry of its own.
    pub(crate) fn between(before: Option<&Entry<'_>>, after: Option<&Entry<'_>>) -> Self {
        let attributes = Attributes::differing(before, after);
        let is_directory =
            |entry: Option<&Entry<'_>>| entry.is_none_or(|entry| entry.kind == Kind::Directory);
        if attributes.is_empty() && is_directory(before) && is_directory(after) {
            Self::Unchanged
        } else {
            Self::in_place(attributes)
        }
    }

    /// What it is for a path to differ in these attributes: a modification, or one of metadata only if they leave the content.
    pub fn in_place(attributes: Attributes) -> Self {
        if Attributes::METADATA.contains(attributes) {
            Self::MetadataOnly(attributes)
        } else {
            Self::Modified(attributes)
        }
    }
}

/// A set of attributes in which two entries differ.
///
/// A property that a kind does not have counts as empty: a file of five bytes that becomes a symbolic
/// link differs in kind, size, content and link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(u16);

impl Attributes {
    /// No attribute.
    pub const NONE: Self = Self(0);
    /// Content, or at least nothing shows that it is the same: equal size and equal fingerprints do.
    pub const CONTENT: Self = Self(1);
    /// What it is.
    pub const KIND: Self = Self(1 << 1);
    /// Logical size.
    pub const SIZE: Self = Self(1 << 2);
    /// Permission, set-id and sticky bits.
    pub const MODE: Self = Self(1 << 3);
    /// User or group, by number; runtimes do not use the names.
    pub const OWNER: Self = Self(1 << 4);
    /// Time of last modification, to the nanosecond.
    pub const MTIME: Self = Self(1 << 5);
    /// Target of a symbolic link.
    pub const LINK: Self = Self(1 << 6);
    /// Names or values of extended attributes.
    pub const XATTRS: Self = Self(1 << 7);
    /// Major or minor number of a device.
    pub const DEVICE: Self = Self(1 << 8);

    /// What can change without the content being another.
    const METADATA: Self = Self(Self::MODE.0 | Self::OWNER.0 | Self::MTIME.0 | Self::XATTRS.0);

    const NAMES: [(Self, &'static str); 9] = [
        (Self::CONTENT, "content"),
        (Self::KIND, "kind"),
        (Self::SIZE, "size"),
        (Self::MODE, "mode"),
        (Self::OWNER, "owner"),
        (Self::MTIME, "mtime"),
        (Self::LINK, "link"),
        (Self::XATTRS, "xattrs"),
        (Self::DEVICE, "device"),
    ];

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether every attribute of `other` is in the set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Stable names of what is in the set: `content`, `kind`, `size`, `mode`, `owner`, `mtime`, `link`, `xattrs`, `device`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(one, _)| self.contains(*one))
            .map(|(_, name)| name)
    }

    /// The set without what is in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// In what two entries differ; `None` stands for a directory without an entry of its own.
    ///
    /// A hard link's entry is that of its file: [`Node::content`](crate::Node::content).
    pub fn differing(before: Option<&Entry<'_>>, after: Option<&Entry<'_>>) -> Self {
        let (old, new) = (Traits::of(before), Traits::of(after));
        let mut set = Self::NONE;
        let mut note = |attribute: Self, differs: bool| {
            if differs {
                set = set | attribute;
            }
        };
        note(Self::CONTENT, !old.has_content_of(&new));
        note(Self::KIND, old.kind != new.kind);
        note(Self::SIZE, old.size != new.size);
        note(Self::MODE, old.mode != new.mode);
        note(Self::OWNER, old.owner != new.owner);
        note(Self::MTIME, old.mtime != new.mtime);
        note(Self::LINK, old.link != new.link);
        note(Self::XATTRS, !xattrs(before).eq(xattrs(after)));
        note(Self::DEVICE, old.device != new.device);
        set
    }
}

impl std::ops::BitOr for Attributes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The mode of a directory that nothing in the archive describes (containerd `mkparent`).
pub(crate) const SYNTHETIC_MODE: u32 = 0o755;

/// What is compared of an entry.
struct Traits<'a> {
    kind: Kind,
    size: u64,
    fingerprint: Option<u64>,
    mode: u32,
    owner: (u64, u64),
    mtime: Option<(i64, u32)>,
    link: &'a [u8],
    device: Option<(u64, u64)>,
}

impl<'a> Traits<'a> {
    fn of(entry: Option<&Entry<'a>>) -> Self {
        match entry {
            Some(entry) => Self {
                kind: entry.kind,
                size: bytes(entry),
                fingerprint: entry.fingerprint,
                mode: entry.mode,
                owner: (entry.uid, entry.gid),
                mtime: Some((entry.mtime.seconds, entry.mtime.nanos)),
                link: if entry.kind == Kind::Symlink {
                    entry.link
                } else {
                    &[]
                },
                device: entry.device,
            },
            None => Self {
                kind: Kind::Directory,
                size: 0,
                fingerprint: None,
                mode: SYNTHETIC_MODE,
                owner: (0, 0),
                mtime: None,
                link: &[],
                device: None,
            },
        }
    }

    fn has_content_of(&self, other: &Self) -> bool {
        let fingerprints_agree =
            self.fingerprint.is_some() && self.fingerprint == other.fingerprint;
        self.size == other.size && (self.size == 0 || fingerprints_agree)
    }
}

/// The bytes that an entry brings: its logical size, and zero for what has no content of its own.
pub(crate) fn bytes(entry: &Entry<'_>) -> u64 {
    match entry.kind {
        Kind::HardLink
        | Kind::Symlink
        | Kind::Char
        | Kind::Block
        | Kind::Directory
        | Kind::Fifo => 0,
        _ => entry.size,
    }
}

fn xattrs<'a>(entry: Option<&Entry<'a>>) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    entry.into_iter().flat_map(|entry| entry.xattrs())
}
