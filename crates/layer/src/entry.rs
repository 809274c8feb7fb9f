//! One entry of a layer, as the index tells it.

pub use layerscope_tar::{Kind, Segment, Timestamp};

use crate::wire::Reader;

/// One member of a layer's archive; everything but its content's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name, byte for byte as the archive has it; [`components`](crate::components) cleans it.
    pub path: &'a [u8],
    /// What the entry is.
    pub kind: Kind,
    /// Logical size in bytes: with the holes of a sparse file, and zero for kinds without content.
    pub size: u64,
    /// Permission, set-id and sticky bits: the header's mode `& 0o7777`.
    pub mode: u32,
    /// Owner's id; one below zero is its 64-bit two's complement, as in [`layerscope_tar::Entry`].
    pub uid: u64,
    /// Group's id, in the form of `uid`.
    pub gid: u64,
    /// Owner's name; empty when not stated.
    pub uname: &'a [u8],
    /// Group's name; empty when not stated.
    pub gname: &'a [u8],
    /// When the content was last modified.
    pub mtime: Timestamp,
    /// Target of a hard or symbolic link; empty for other kinds.
    pub link: &'a [u8],
    /// Major and minor number of a character or block device.
    pub device: Option<(u64, u64)>,
    /// Where the content is.
    pub content: Content<'a>,
    /// xxh3-64 of the content: a hint that two contents are equal, and never evidence. That of a sparse file
    /// is over its stored bytes and its map, so it equals only that of a file which is sparse in the same way.
    /// `None` for kinds without content, for content that was not read to its end, and in a listing.
    pub fingerprint: Option<u64>,
    pub(crate) xattrs: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Extended attributes, name and value, sorted by name, each name once.
    pub fn xattrs(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut packed = Reader::new(self.xattrs);
        std::iter::from_fn(move || Some((packed.run().ok()?, packed.run().ok()?)))
    }
}

/// Where the content of an entry lies in the uncompressed layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content<'a> {
    /// Where the first stored byte is, in bytes from the start of the uncompressed layer.
    pub offset: u64,
    /// How many bytes are stored there; less than the entry's size for a sparse file.
    pub stored: u64,
    /// Where each run of stored bytes lies in a sparse file; the runs are stored back to back, and
    /// whatever no run covers is zeros. Empty for a file that is not sparse, and for one hole.
    pub sparse: &'a [Segment],
}
