//! Telling a compression by its first bytes.

use std::fmt;

use crate::zstd::{self, begins_skippable};
use crate::{gzip, xz};

/// A compression that this crate can undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compression {
    /// The bytes are what they are.
    None,
    /// gzip, RFC 1952, of any number of members.
    Gzip,
    /// Zstandard, RFC 8878, of any number of frames and skippable frames.
    Zstd,
    /// xz, version 1.2.1 of the `.xz` file format, of any number of streams.
    Xz,
}

impl Compression {
    /// The stable lower-case name: `none`, `gzip`, `zstd` or `xz`.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Xz => "xz",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the first bytes of a stream say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniff {
    /// So few bytes could still become more than one thing. If no more follow, it is plain.
    NeedMore,
    /// This compression; [`Compression::None`] for everything that is not recognized.
    Known(Compression),
    /// A compression or archive that this crate names but does not read.
    Unsupported(&'static str),
}

/// No answer of [`sniff`] needs more than this many bytes.
pub const SNIFF_MAX: usize = 13;

/// Bytes that a compression begins with: `start`, then `gap` bytes that may be anything, then `then`.
struct Magic {
    start: &'static [u8],
    gap: usize,
    then: &'static [u8],
    says: Sniff,
}

const fn known(start: &'static [u8], compression: Compression) -> Magic {
    Magic {
        start,
        gap: 0,
        then: &[],
        says: Sniff::Known(compression),
    }
}

const fn unread(
    start: &'static [u8],
    gap: usize,
    then: &'static [u8],
    name: &'static str,
) -> Magic {
    Magic {
        start,
        gap,
        then,
        says: Sniff::Unsupported(name),
    }
}

/// Letters alone are also a file name with which a tar may begin, so patterns that start with
/// letters go on until a byte that names do not have.
const MAGICS: &[Magic] = &[
    known(&gzip::MAGIC, Compression::Gzip),
    known(&zstd::MAGIC, Compression::Zstd),
    known(&xz::MAGIC, Compression::Xz),
    unread(b"BZh", 1, b"\x31\x41\x59\x26\x53\x59", "bzip2"),
    // An empty bzip2 file has its end mark where others have a block.
    unread(b"BZh", 1, b"\x17\x72\x45\x38\x50\x90", "bzip2"),
    unread(b"PK\x03\x04", 0, b"", "zip"),
    unread(b"PK\x05\x06", 0, b"", "zip"),
    unread(b"\x1f\x9d", 0, b"", "compress"),
    unread(b"\x04\x22\x4d\x18", 0, b"", "lz4"),
    unread(b"\x02\x21\x4c\x18", 0, b"", "lz4"),
    unread(b"7z\xbc\xaf\x27\x1c", 0, b"", "7z"),
    unread(b"Rar!\x1a\x07", 0, b"", "rar"),
    unread(b"LZIP\x01", 0, b"", "lzip"),
    unread(b"\x89LZO\0", 0, b"", "lzop"),
    unread(b"\xff\x06\0\0sNaPpY", 0, b"", "snappy"),
    // LZMA alone has no magic: the usual properties, some dictionary size, and "length unknown". A
    // tar whose first name is `]` begins alike, but not with the last eight.
    unread(b"\x5d\0\0", 2, &[0xff; 8], "lzma"),
];

impl Magic {
    fn len(&self) -> usize {
        self.start.len() + self.gap + self.then.len()
    }

    /// Whether `head` begins with this, as far as both go.
    fn agrees(&self, head: &[u8]) -> bool {
        let (start, rest) = head.split_at(head.len().min(self.start.len()));
        let then = rest.get(self.gap..).unwrap_or_default();
        self.start.starts_with(start)
            && self
                .then
                .starts_with(then.get(..self.then.len()).unwrap_or(then))
    }
}

/// Tells by its first bytes how a stream is compressed.
///
/// The answer never changes once it is not [`Sniff::NeedMore`], however many bytes follow.
/// An empty stream is plain, which the end of the input tells and not this function.
///
/// ```
/// use layerscope_inflate::{Compression, Sniff, sniff};
/// assert_eq!(sniff(&[0x1f]), Sniff::NeedMore);
/// assert_eq!(sniff(&[0x1f, 0x8b, 8, 0]), Sniff::Known(Compression::Gzip));
/// assert_eq!(sniff(b"etc/passwd"), Sniff::Known(Compression::None));
/// assert_eq!(sniff(b"PK\x03\x04"), Sniff::Unsupported("zip"));
/// ```
pub fn sniff(head: &[u8]) -> Sniff {
    let mut undecided = head.is_empty();
    if begins_skippable(head) {
        if head.len() >= zstd::MAGIC.len() {
            return Sniff::Known(Compression::Zstd);
        }
        undecided = true;
    }
    for magic in MAGICS.iter().filter(|magic| magic.agrees(head)) {
        if head.len() >= magic.len() {
            return magic.says;
        }
        undecided = true;
    }
    if undecided {
        Sniff::NeedMore
    } else {
        Sniff::Known(Compression::None)
    }
}
