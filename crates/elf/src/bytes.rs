//! The bytes of the file as far as they were given, and the numbers in them.

use std::ops::Range;

use crate::limits::{LEAST, MAX_ANSWERS};
use crate::part::{FaultKind, Halt, Part};
use crate::{Facts, facts};

/// An ELF file that is being read: it asks for bytes, and remembers those that it was given.
#[derive(Clone, Debug)]
pub struct Elf {
    /// Bytes of the whole file.
    size: u64,
    given: Vec<(u64, Vec<u8>)>,
    /// What was asked for last.
    wanted: Range<u64>,
}

/// What to do next.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// Provide these bytes of the file.
    Read(Range<u64>),
    /// All that can be known is known; `None` when it is no ELF file.
    Done(Option<Box<Facts>>),
}

impl Elf {
    /// A file of `size` bytes.
    #[must_use]
    pub fn new(size: u64) -> Elf {
        Elf {
            size,
            given: Vec::new(),
            wanted: 0..0,
        }
    }

    /// Which bytes are needed, or what is known. It is worked out anew from all that was given, which is little.
    pub fn poll(&mut self) -> Step {
        match facts::read(self) {
            Ok(facts) => Step::Done(facts),
            Err(range) => {
                self.wanted = range.clone();
                Step::Read(range)
            }
        }
    }

    /// Brings bytes that were asked for, from `offset` on. Fewer than asked say that the file ends there.
    pub fn provide(&mut self, offset: u64, bytes: Vec<u8>) {
        let end = offset.saturating_add(bytes.len() as u64);
        if self.wanted.start == offset && end < self.wanted.end {
            self.size = self.size.min(end);
        }
        self.given.push((offset, bytes));
    }

    /// A part of the file.
    pub(crate) fn bytes(&self, part: Part, offset: u64, len: u64) -> Result<&[u8], Halt> {
        let outside = || part.fault(FaultKind::Outside, offset);
        let end = offset.checked_add(len).ok_or_else(outside)?;
        if end > self.size {
            return Err(outside());
        }
        for (start, bytes) in &self.given {
            let from = offset.checked_sub(*start).map(usize::try_from);
            if let (Some(Ok(from)), Ok(len)) = (from, usize::try_from(len))
                && let Some(found) = bytes.get(from..from.saturating_add(len))
            {
                return Ok(found);
            }
        }
        if self.given.len() >= MAX_ANSWERS {
            return Err(part.fault(FaultKind::TooLarge, offset));
        }
        let most = offset.saturating_add(len.max(LEAST)).min(self.size);
        Err(Halt::Read(offset..most))
    }

    /// A part of at most `limit` bytes.
    pub(crate) fn bytes_within(
        &self,
        part: Part,
        offset: u64,
        len: u64,
        limit: u64,
    ) -> Result<&[u8], Halt> {
        if len > limit {
            return Err(part.fault(FaultKind::TooLarge, offset));
        }
        self.bytes(part, offset, len)
    }

    /// Bytes of the whole file.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

/// How numbers are written in a file. What lies outside of the bytes that are given is read as zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    /// Addresses and sizes have 8 bytes, and not 4.
    pub(crate) wide: bool,
    pub(crate) big: bool,
}

impl Format {
    fn number(self, bytes: &[u8], at: usize, len: usize) -> u64 {
        let digits = bytes.get(at..at.saturating_add(len)).unwrap_or_default();
        let add = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
        match self.big {
            true => digits.iter().fold(0, add),
            false => digits.iter().rev().fold(0, add),
        }
    }

    pub(crate) fn half(self, bytes: &[u8], at: usize) -> u64 {
        self.number(bytes, at, 2)
    }

    pub(crate) fn word(self, bytes: &[u8], at: usize) -> u64 {
        self.number(bytes, at, 4)
    }

    /// An address or a size, which lies elsewhere in the narrow form.
    pub(crate) fn address(self, bytes: &[u8], narrow: usize, wide: usize) -> u64 {
        match self.wide {
            true => self.number(bytes, wide, 8),
            false => self.number(bytes, narrow, 4),
        }
    }
}

/// The text up to the first NUL, or all.
pub(crate) fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}
