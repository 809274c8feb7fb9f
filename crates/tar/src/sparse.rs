//! Sparse maps, in each of GNU's forms.

use tar::GnuSparseHeader;

use crate::error::{SparseFault, excerpt};
use crate::header::{Block, Header, replace};
use crate::numeric::{decimal, numeric};
use crate::pax::{Key, Records};
use crate::{Entry, Error, Segment};

/// Where the PAX records of an entry say that its sparse map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// They speak of no sparse file.
    Nowhere,
    /// They do, but in a way that Go does not read.
    Unknown,
    /// In the records themselves (versions 0.0 and 0.1).
    Records,
    /// At the beginning of the content (version 1.0).
    Content,
}

impl Place {
    pub(crate) fn of(records: &Records) -> Self {
        let version = |key| records.get(key).unwrap_or_default();
        match (version(Key::SparseMajor), version(Key::SparseMinor)) {
            (b"0", b"0" | b"1") => Self::Records,
            (b"1", b"0") => Self::Content,
            // The first two versions did not say which they were.
            (b"", b"") if records.get(Key::SparseMap).is_some() => Self::Records,
            _ if records.is_sparse() => Self::Unknown,
            _ => Self::Nowhere,
        }
    }
}

/// A sparse map while it is read.
#[derive(Debug)]
pub(crate) struct SparseMap {
    /// Where the entry's header begins, for errors.
    header_offset: u64,
    /// The file's logical size, never below zero.
    size: i64,
    /// How many segments are allowed.
    limit: u64,
    segments: Vec<Segment>,
    /// Where the last segment ends.
    end: i64,
    /// Version 1.0: the map's text so far, in whole blocks.
    text: Vec<u8>,
    /// Newlines in it.
    newlines: u64,
}

impl SparseMap {
    /// The map of an old GNU sparse header, and whether more blocks of it follow.
    pub(crate) fn of_header(
        block: &Block,
        header_offset: u64,
        limit: u64,
    ) -> Result<(Self, bool), Error> {
        // Schily's star has the same type flag with another layout, which Go does not read either.
        let Some(gnu) = tar::Header::from_byte_slice(block).as_gnu() else {
            return Err(Error::Sparse {
                offset: header_offset,
                fault: SparseFault::NotGnu,
            });
        };
        let size = numeric(&gnu.realsize).ok_or_else(|| Error::Number {
            offset: header_offset,
            field: "realsize",
            found: gnu.realsize.to_vec(),
        })?;
        let mut map = Self::new(header_offset, size, limit)?;
        map.take_slots(&gnu.sparse)?;
        Ok((map, gnu.isextended[0] != 0))
    }

    /// The map, still empty, of a sparse file that PAX records describe. They may give `entry`
    /// another name.
    pub(crate) fn of_records(
        records: &Records,
        header: &Header,
        entry: &mut Entry,
        limit: u64,
    ) -> Result<Self, Error> {
        let offset = entry.header_offset;
        if !entry.kind.has_content() {
            return Err(Error::Sparse {
                offset,
                fault: SparseFault::NoContent,
            });
        }
        if let Some(name) = records.get(Key::SparseName) {
            replace(&mut entry.path, name);
        }
        let real = match records.get(Key::SparseSize) {
            Some(_) => Key::SparseSize,
            None => Key::SparseRealsize,
        };
        Self::new(offset, records.number(real)?.unwrap_or(header.size), limit)
    }

    fn new(header_offset: u64, size: i64, limit: u64) -> Result<Self, Error> {
        if size < 0 {
            return Err(Error::NegativeSize {
                offset: header_offset,
                found: size,
            });
        }
        let (segments, text) = (Vec::new(), Vec::new());
        Ok(Self {
            header_offset,
            size,
            limit,
            segments,
            end: 0,
            text,
            newlines: 0,
        })
    }

    /// The logical size and the segments, in order.
    pub(crate) fn into_parts(self) -> (u64, Vec<Segment>) {
        (self.size.unsigned_abs(), self.segments)
    }

    /// Takes an extension block of an old GNU sparse header. Says whether another follows.
    pub(crate) fn take_slot_block(&mut self, block: &Block) -> Result<bool, Error> {
        let mut extension = tar::GnuExtSparseHeader::new();
        extension.as_mut_bytes().copy_from_slice(block);
        self.take_slots(&extension.sparse)?;
        Ok(extension.isextended[0] != 0)
    }

    /// Takes all slots before the first that begins with NUL.
    fn take_slots(&mut self, slots: &[GnuSparseHeader]) -> Result<(), Error> {
        for slot in slots.iter().take_while(|slot| slot.offset[0] != 0) {
            let read = |field: &[u8]| {
                numeric(field).ok_or_else(|| self.fault(SparseFault::Number(field.to_vec())))
            };
            let (offset, len) = (read(&slot.offset)?, read(&slot.numbytes)?);
            self.push(offset, len)?;
        }
        Ok(())
    }

    /// Takes the map of version 0.0 or 0.1 out of PAX records: `offset,length,offset,length`.
    pub(crate) fn take_records(&mut self, records: &Records) -> Result<(), Error> {
        let count = records.get(Key::SparseNumblocks).unwrap_or_default();
        let expected = self.parse(count)?;
        let text = records.get(Key::SparseMap).unwrap_or_default();
        let found = match text {
            [] => 0,
            text => text.iter().filter(|&&byte| byte == b',').count() as u64 + 1,
        };
        if u64::try_from(expected)
            .ok()
            .and_then(|runs| runs.checked_mul(2))
            != Some(found)
        {
            return Err(self.fault(SparseFault::Count { expected, found }));
        }
        if found > 0 {
            self.take_numbers(text.split(|&byte| byte == b','))?;
        }
        Ok(())
    }

    /// Takes the next block of a version 1.0 map, which is lines of one number each: how many runs
    /// there are, then offset and length of each. Says whether the map is complete.
    pub(crate) fn take_text_block(&mut self, block: &Block) -> Result<bool, Error> {
        self.text.extend_from_slice(block);
        self.newlines += block.iter().filter(|&&byte| byte == b'\n').count() as u64;
        if self.newlines == 0 {
            return Ok(false);
        }
        let mut lines = self.text.split(|&byte| byte == b'\n');
        let expected = self.parse(lines.next().unwrap_or_default())?;
        let Ok(runs) = u64::try_from(expected) else {
            return Err(self.fault(SparseFault::Count {
                expected,
                found: self.newlines - 1,
            }));
        };
        // A count that nobody will read to its end must not make us read the map to its end.
        self.check_limit(runs)?;
        let numbers = runs.saturating_mul(2);
        if self.newlines <= numbers {
            return Ok(false);
        }
        let text = std::mem::take(&mut self.text);
        let lines = text.split(|&byte| byte == b'\n').skip(1);
        self.take_numbers(lines.take(usize::try_from(numbers).unwrap_or(usize::MAX)))?;
        Ok(true)
    }

    fn take_numbers<'a>(&mut self, numbers: impl Iterator<Item = &'a [u8]>) -> Result<(), Error> {
        let mut numbers = numbers;
        while let (Some(offset), Some(len)) = (numbers.next(), numbers.next()) {
            self.push(self.parse(offset)?, self.parse(len)?)?;
        }
        Ok(())
    }

    /// Adds a run: within the file, and not before the end of the last.
    fn push(&mut self, offset: i64, len: i64) -> Result<(), Error> {
        let bounds = || SparseFault::Bounds {
            offset,
            len,
            size: self.size,
        };
        let end = offset.checked_add(len).filter(|&end| end <= self.size);
        let end = end.filter(|_| len >= 0 && offset >= self.end);
        let end = end.ok_or_else(|| self.fault(bounds()))?;
        self.check_limit((self.segments.len() as u64).saturating_add(1))?;
        self.end = end;
        self.segments.push(Segment {
            offset: offset.unsigned_abs(),
            len: len.unsigned_abs(),
        });
        Ok(())
    }

    fn parse(&self, number: &[u8]) -> Result<i64, Error> {
        decimal(number).ok_or_else(|| self.fault(SparseFault::Number(excerpt(number))))
    }

    fn check_limit(&self, found: u64) -> Result<(), Error> {
        if found > self.limit {
            let (offset, allowed) = (self.header_offset, self.limit);
            return Err(Error::Limit {
                offset,
                what: "sparse segments",
                allowed,
                found,
            });
        }
        Ok(())
    }

    /// The error that says what is wrong with this map.
    pub(crate) fn fault(&self, fault: SparseFault) -> Error {
        Error::Sparse {
            offset: self.header_offset,
            fault,
        }
    }
}
