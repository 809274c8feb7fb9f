//! Fills a [`LayerIndex`] within its limits.

use std::collections::HashMap;
use std::hash::Hasher as _;
use std::mem::size_of;

use layerscope_tar as tar;
use twox_hash::XxHash3_64;

use crate::index::{Extra, LayerIndex, NO_EXTRA, Owner, Record, Span, flag_of};
use crate::wire::Writer;
use crate::{LimitKind, Limits};

/// A [`LayerIndex`] in the making.
#[derive(Debug)]
pub(crate) struct Builder {
    index: LayerIndex,
    /// Owners by a hash of what they are.
    owners: HashMap<u64, u32>,
    max_entries: u64,
    max_bytes: u64,
    /// What the index and `owners` take, without room to grow.
    bytes: u64,
}

/// A limit that was passed, and its value.
pub(crate) type Passed = (LimitKind, u64);

impl Builder {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            index: LayerIndex::default(),
            owners: HashMap::new(),
            // Every number and position in the index has to fit 32 bits.
            max_entries: limits.entries.min(u64::from(u32::MAX - 1)),
            max_bytes: limits.index_bytes.min(u64::from(u32::MAX)),
            bytes: 0,
        }
    }

    pub(crate) fn index(&self) -> &LayerIndex {
        &self.index
    }

    /// How many entries there are, which is the number of the next one.
    pub(crate) fn entries(&self) -> u32 {
        narrow(self.index.len())
    }

    /// Adds an entry without fingerprint.
    pub(crate) fn push(&mut self, entry: &tar::Entry) -> Result<(), Passed> {
        if self.index.len() as u64 >= self.max_entries {
            return Err((LimitKind::Entries, self.max_entries));
        }
        self.spend(entry.path.len().saturating_add(size_of::<Record>()))?;
        let owner = self.owner(entry)?;
        let extra = self.extra(entry)?;
        room(&mut self.index.paths, entry.path.len())?;
        room(&mut self.index.records, 1)?;
        self.index.paths.extend_from_slice(&entry.path);
        self.index.records.push(Record {
            size: entry.size,
            offset: entry.content_offset,
            seconds: entry.mtime.seconds,
            fingerprint: 0,
            nanos: entry.mtime.nanos,
            path_end: narrow(self.index.paths.len()),
            owner,
            extra,
            mode: (entry.mode & 0o7777) as u16,
            flag: flag_of(entry.kind),
            fingerprinted: false,
        });
        Ok(())
    }

    /// Sets the fingerprint of the last entry.
    pub(crate) fn fingerprint(&mut self, fingerprint: u64) {
        if let Some(record) = self.index.records.last_mut() {
            record.fingerprint = fingerprint;
            record.fingerprinted = true;
        }
    }

    /// Sparse map of the last entry.
    pub(crate) fn last_sparse(&self) -> Option<&[tar::Segment]> {
        let record = self.index.records.last()?;
        let extra = self.index.extras.get(record.extra as usize)?;
        (extra.stored != record.size || extra.sparse.len > 0)
            .then(|| extra.sparse.of(&self.index.segments))
    }

    /// The index, with no room left to grow.
    pub(crate) fn finish(self) -> LayerIndex {
        let mut index = self.index;
        index.records.shrink_to_fit();
        index.paths.shrink_to_fit();
        index.owners.shrink_to_fit();
        index.extras.shrink_to_fit();
        index.segments.shrink_to_fit();
        index.texts.shrink_to_fit();
        index
    }

    /// Accounts for more bytes, or says that they are too many.
    fn spend(&mut self, more: usize) -> Result<(), Passed> {
        let bytes = self.bytes.saturating_add(more as u64);
        if bytes > self.max_bytes {
            return Err((LimitKind::IndexBytes, self.max_bytes));
        }
        self.bytes = bytes;
        Ok(())
    }

    fn owner(&mut self, entry: &tar::Entry) -> Result<u32, Passed> {
        // Entries of one owner mostly stand together.
        if let Some(last) = self.index.records.last()
            && self.owns(last.owner, entry)
        {
            return Ok(last.owner);
        }
        let mut hasher = XxHash3_64::new();
        hasher.write(&entry.uid.to_le_bytes());
        hasher.write(&entry.gid.to_le_bytes());
        hasher.write(&entry.uname);
        hasher.write(&[0]);
        hasher.write(&entry.gname);
        let key = hasher.finish();
        // Two owners of one hash are both kept; only the first is found again, which costs memory and nothing else.
        if let Some(known) = self.owners.get(&key).copied()
            && self.owns(known, entry)
        {
            return Ok(known);
        }
        let names = entry.uname.len().saturating_add(entry.gname.len());
        let size = size_of::<Owner>() + 2 * size_of::<(u64, u32)>();
        self.spend(size.saturating_add(names))?;
        let owner = Owner {
            uid: entry.uid,
            gid: entry.gid,
            uname: self.text(&entry.uname)?,
            gname: self.text(&entry.gname)?,
        };
        let number = narrow(self.index.owners.len());
        room(&mut self.index.owners, 1)?;
        self.index.owners.push(owner);
        self.owners.entry(key).or_insert(number);
        Ok(number)
    }

    fn owns(&self, owner: u32, entry: &tar::Entry) -> bool {
        let texts = &self.index.texts;
        self.index.owners.get(owner as usize).is_some_and(|owner| {
            owner.uid == entry.uid
                && owner.gid == entry.gid
                && owner.uname.of(texts) == entry.uname
                && owner.gname.of(texts) == entry.gname
        })
    }

    fn extra(&mut self, entry: &tar::Entry) -> Result<u32, Passed> {
        let sparse = entry.sparse.as_deref().unwrap_or_default();
        let plain = entry.link.is_empty()
            && entry.xattrs.is_empty()
            && entry.device.is_none()
            && sparse.is_empty()
            && entry.stored == entry.size;
        if plain {
            return Ok(NO_EXTRA);
        }
        let mut packed = Writer::default();
        for (name, value) in &entry.xattrs {
            packed.run(name);
            packed.run(value);
        }
        let packed = packed.finish();
        let texts = entry.link.len().saturating_add(packed.len());
        let segments = sparse.len().saturating_mul(size_of::<tar::Segment>());
        self.spend(
            size_of::<Extra>()
                .saturating_add(texts)
                .saturating_add(segments),
        )?;
        let start = narrow(self.index.segments.len());
        room(&mut self.index.segments, sparse.len())?;
        self.index.segments.extend_from_slice(sparse);
        let extra = Extra {
            stored: entry.stored,
            device: entry.device,
            link: self.text(&entry.link)?,
            xattrs: self.text(&packed)?,
            sparse: Span {
                start,
                len: narrow(sparse.len()),
            },
        };
        let number = narrow(self.index.extras.len());
        room(&mut self.index.extras, 1)?;
        self.index.extras.push(extra);
        Ok(number)
    }

    fn text(&mut self, text: &[u8]) -> Result<Span, Passed> {
        let start = narrow(self.index.texts.len());
        room(&mut self.index.texts, text.len())?;
        self.index.texts.extend_from_slice(text);
        Ok(Span {
            start,
            len: narrow(text.len()),
        })
    }
}

/// Makes room for more, by a quarter at a time: an index of a million entries must not need twice its memory to grow.
fn room<T>(all: &mut Vec<T>, more: usize) -> Result<(), Passed> {
    if all.capacity() - all.len() >= more {
        return Ok(());
    }
    let step = more.max(all.len() / 4).max(64);
    all.try_reserve_exact(step)
        .map_err(|_| (LimitKind::Memory, (all.len() * size_of::<T>()) as u64))
}

/// A position or a number; [`Builder`]'s limits keep all of them within 32 bits.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
