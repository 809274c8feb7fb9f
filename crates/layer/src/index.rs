//! All entries of a layer, kept small.

use std::mem::size_of;

use layerscope_tar::{Kind, Segment, Timestamp};

use crate::{Content, Entry};

/// The entries of one layer in the order of the archive.
///
/// A plain entry costs 56 bytes and its path. What repeats (owners) is kept once, and what few
/// entries have (links, attributes, devices, sparse maps) aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerIndex {
    pub(crate) records: Vec<Record>,
    /// All paths, one after the other; a path ends where its record says, and the next begins.
    pub(crate) paths: Vec<u8>,
    pub(crate) owners: Vec<Owner>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) segments: Vec<Segment>,
    /// Everything else that is text: owners' names, link targets, packed attributes.
    pub(crate) texts: Vec<u8>,
}

/// What every entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) size: u64,
    pub(crate) offset: u64,
    pub(crate) seconds: i64,
    pub(crate) fingerprint: u64,
    pub(crate) nanos: u32,
    pub(crate) path_end: u32,
    pub(crate) owner: u32,
    /// Index of the [`Extra`], or [`NO_EXTRA`].
    pub(crate) extra: u32,
    pub(crate) mode: u16,
    /// The type flag, which [`kind_of`] turns into a kind.
    pub(crate) flag: u8,
    /// Whether `fingerprint` is one.
    pub(crate) fingerprinted: bool,
}

/// An entry without extra, whose content is stored as it is.
pub(crate) const NO_EXTRA: u32 = u32::MAX;

/// Who owns entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) uname: Span,
    pub(crate) gname: Span,
}

/// What only some entries have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extra {
    pub(crate) stored: u64,
    pub(crate) device: Option<(u64, u64)>,
    pub(crate) link: Span,
    pub(crate) xattrs: Span,
    /// A range of `segments`; the others are ranges of `texts`.
    pub(crate) sparse: Span,
}

/// A range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl Span {
    /// What it covers of `all`; nothing if it does not lie within.
    pub(crate) fn of<T>(self, all: &[T]) -> &[T] {
        let start = self.start as usize;
        let end = start.saturating_add(self.len as usize);
        all.get(start..end).unwrap_or_default()
    }
}

impl LayerIndex {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The entry of this number, counted from 0 in the order of the archive.
    pub fn entry(&self, number: usize) -> Option<Entry<'_>> {
        let record = self.records.get(number)?;
        let owner = self.owners.get(record.owner as usize).copied();
        let owner = owner.unwrap_or_default();
        let extra = self.extras.get(record.extra as usize).copied();
        let extra = extra.unwrap_or(Extra {
            stored: record.size,
            ..Extra::default()
        });
        Some(Entry {
            path: self.path(number)?,
            kind: kind_of(record.flag),
            size: record.size,
            mode: u32::from(record.mode),
            uid: owner.uid,
            gid: owner.gid,
            uname: owner.uname.of(&self.texts),
            gname: owner.gname.of(&self.texts),
            mtime: Timestamp {
                seconds: record.seconds,
                nanos: record.nanos,
            },
            link: extra.link.of(&self.texts),
            device: extra.device,
            content: Content {
                offset: record.offset,
                stored: extra.stored,
                sparse: extra.sparse.of(&self.segments),
            },
            fingerprint: record.fingerprinted.then_some(record.fingerprint),
            xattrs: extra.xattrs.of(&self.texts),
        })
    }

    /// The path of the entry of this number, which costs less than the whole entry.
    pub fn path(&self, number: usize) -> Option<&[u8]> {
        let end = self.records.get(number)?.path_end as usize;
        let start = match number.checked_sub(1) {
            Some(before) => self.records.get(before)?.path_end as usize,
            None => 0,
        };
        self.paths.get(start..end)
    }

    /// All entries in the order of the archive.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        Iter {
            index: self,
            next: 0,
        }
    }

    /// Bytes of memory that the index holds.
    pub fn heap_bytes(&self) -> usize {
        self.records.capacity() * size_of::<Record>()
            + self.paths.capacity()
            + self.owners.capacity() * size_of::<Owner>()
            + self.extras.capacity() * size_of::<Extra>()
            + self.segments.capacity() * size_of::<Segment>()
            + self.texts.capacity()
    }
}

struct Iter<'a> {
    index: &'a LayerIndex,
    next: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let entry = self.index.entry(self.next)?;
        self.next = self.next.saturating_add(1);
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.index.len().saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The type flag that stands for a kind.
pub(crate) fn flag_of(kind: Kind) -> u8 {
    match kind {
        Kind::File => b'0',
        Kind::HardLink => b'1',
        Kind::Symlink => b'2',
        Kind::Char => b'3',
        Kind::Block => b'4',
        Kind::Directory => b'5',
        Kind::Fifo => b'6',
        Kind::Other(flag) => flag,
    }
}

/// The kind that a type flag stands for.
pub(crate) fn kind_of(flag: u8) -> Kind {
    match flag {
        b'0' => Kind::File,
        b'1' => Kind::HardLink,
        b'2' => Kind::Symlink,
        b'3' => Kind::Char,
        b'4' => Kind::Block,
        b'5' => Kind::Directory,
        b'6' => Kind::Fifo,
        flag => Kind::Other(flag),
    }
}
