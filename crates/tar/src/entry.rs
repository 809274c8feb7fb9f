//! One member of an archive, as Go's `archive/tar` shows it.

/// One tar member: what its header, its extension headers and its sparse map say together.
///
/// The parser reuses one value for all members, so a [`Sink`](crate::Sink) clones what it keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The name, byte for byte Go's `Header.Name`: not cleaned, and not necessarily UTF-8.
    pub path: Vec<u8>,
    /// What the member is.
    pub kind: Kind,
    /// Logical size in bytes, the holes of a sparse file included. Zero for kinds that have no
    /// content, whatever the header states.
    pub size: u64,
    /// Bytes of content in the archive, from [`content_offset`](Self::content_offset) on, without
    /// padding. Differs from `size` for a sparse file only.
    pub stored: u64,
    /// The low 32 bits of the mode field: permissions, set-id and sticky bits, and file type bits
    /// where a writer stored them.
    pub mode: u32,
    /// Owner. An id below zero, which base-256 and PAX can state and Go keeps, stands here as its
    /// 64-bit two's complement; [an oddity](crate::OddityKind::OutOfRange) tells it.
    pub uid: u64,
    /// Group, in the form of [`uid`](Self::uid).
    pub gid: u64,
    /// Owner's name; empty when not stated.
    pub uname: Vec<u8>,
    /// Group's name; empty when not stated.
    pub gname: Vec<u8>,
    /// When the content was last modified.
    pub mtime: Timestamp,
    /// Target of a hard or symbolic link; empty for every other kind.
    pub link: Vec<u8>,
    /// Extended attributes, name and value, sorted by name, each name once.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// Major and minor number, for character and block devices only; in the form of
    /// [`uid`](Self::uid).
    pub device: Option<(u64, u64)>,
    /// Where the member's own header block begins, in bytes from the start of the archive.
    pub header_offset: u64,
    /// Where the stored content begins: behind the header, the blocks of an old sparse map, and a
    /// sparse map that lies in the data.
    pub content_offset: u64,
    /// For a sparse file, where each stored run lies in it, in order and without overlap; the runs
    /// are stored back to back. `None` for any other file.
    pub sparse: Option<Vec<Segment>>,
}

/// What a member is, by its type flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file (type `0`, NUL without a slash at the end of its name, or GNU's sparse `S`).
    #[default]
    File,
    /// Another name of an earlier member (type `1`).
    HardLink,
    /// A symbolic link (type `2`).
    Symlink,
    /// A character device (type `3`).
    Char,
    /// A block device (type `4`).
    Block,
    /// A directory (type `5`, or NUL with a slash at the end of its name).
    Directory,
    /// A named pipe (type `6`).
    Fifo,
    /// Any other type flag, a contiguous file (type `7`) among them. It may have content. Container
    /// runtimes refuse it.
    Other(u8),
}

impl Kind {
    /// Whether bytes may be stored for it. Go reads none for a link, a device, a directory or a
    /// pipe, whatever size its header states.
    pub fn has_content(self) -> bool {
        matches!(self, Self::File | Self::Other(_))
    }
}

/// A moment, in seconds and nanoseconds from 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds, rounded down: half a second before 1970 is -1 here, and 500 000 000 below.
    pub seconds: i64,
    /// Nanoseconds after `seconds`, below 1 000 000 000.
    pub nanos: u32,
}

/// A run of stored bytes in a sparse file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Where the run begins in the file, in bytes.
    pub offset: u64,
    /// Length in bytes; may be zero.
    pub len: u64,
}
