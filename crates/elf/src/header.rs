//! The ELF header, and the two tables that it leads to.

use crate::bytes::{Elf, Format};
use crate::limits::MAX_HEADERS;
use crate::part::{FaultKind, Halt, Part};

/// `e_phnum` of a file whose number of program headers is in the first section header.
const PN_XNUM: u64 = 0xffff;
/// `e_shstrndx` of a file in which it is there, too.
const SHN_XINDEX: u64 = 0xffff;

/// What follows `e_ident`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) format: Format,
    pub(crate) kind: u64,
    pub(crate) machine: u64,
    segments: u64,
    sections: u64,
    segment_size: u64,
    segment_count: u64,
    section_size: u64,
    section_count: u64,
    section_names: u64,
}

/// Headers of one kind, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Table<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl<'a> Table<'a> {
    pub(crate) fn rows(self) -> impl Iterator<Item = &'a [u8]> {
        self.bytes.chunks_exact(self.size.max(1))
    }

    pub(crate) fn row(self, number: u64) -> Option<&'a [u8]> {
        self.rows().nth(usize::try_from(number).ok()?)
    }
}

impl Header {
    pub(crate) fn read(elf: &Elf, format: Format) -> Result<Header, Halt> {
        let bytes = elf.bytes(Part::Header, 0, if format.wide { 64 } else { 52 })?;
        let after = if format.wide { 52 } else { 40 };
        let half = |place: usize| format.half(bytes, after + 2 * place);
        Ok(Header {
            format,
            kind: format.half(bytes, 16),
            machine: format.half(bytes, 18),
            segments: format.address(bytes, 28, 32),
            sections: format.address(bytes, 32, 40),
            segment_size: half(1),
            segment_count: half(2),
            section_size: half(3),
            section_count: half(4),
            section_names: half(5),
        })
    }

    fn table<'a>(
        elf: &'a Elf,
        part: Part,
        at: u64,
        count: u64,
        size: u64,
        least: u64,
    ) -> Result<Table<'a>, Halt> {
        if count == 0 {
            return Ok(Table::default());
        }
        if size < least {
            return Err(part.fault(FaultKind::Malformed, at));
        }
        if count > MAX_HEADERS {
            return Err(part.fault(FaultKind::TooLarge, at));
        }
        // Both are small: the one was compared, the other has 16 bits.
        let bytes = elf.bytes(part, at, count * size)?;
        let size = usize::try_from(size).unwrap_or_default();
        Ok(Table { bytes, size })
    }

    fn least_section(&self) -> u64 {
        if self.format.wide { 64 } else { 40 }
    }

    /// The first section header, which has the numbers that are too large for the ELF header.
    fn first_section<'a>(&self, elf: &'a Elf) -> Result<&'a [u8], Halt> {
        elf.bytes(Part::Sections, self.sections, self.least_section())
    }

    /// The section headers, and which of them is of the sections' names.
    pub(crate) fn sections<'a>(&self, elf: &'a Elf) -> Result<(Table<'a>, u64), Halt> {
        if self.sections == 0 {
            return Ok((Table::default(), 0));
        }
        let (mut count, mut names) = (self.section_count, self.section_names);
        if count == 0 {
            count = self.format.address(self.first_section(elf)?, 20, 32);
        }
        if names == SHN_XINDEX {
            let at = if self.format.wide { 40 } else { 24 };
            names = self.format.word(self.first_section(elf)?, at);
        }
        let (at, size) = (self.sections, self.section_size);
        let least = self.least_section();
        let table = Header::table(elf, Part::Sections, at, count, size, least)?;
        Ok((table, names))
    }

    /// The program headers.
    pub(crate) fn segments<'a>(&self, elf: &'a Elf) -> Result<Table<'a>, Halt> {
        let mut count = self.segment_count;
        if count == PN_XNUM {
            if self.sections == 0 {
                return Err(Part::Segments.fault(FaultKind::Malformed, self.segments));
            }
            let at = if self.format.wide { 44 } else { 28 };
            count = self.format.word(self.first_section(elf)?, at);
        }
        let least = if self.format.wide { 56 } else { 32 };
        let (at, size) = (self.segments, self.segment_size);
        Header::table(elf, Part::Segments, at, count, size, least)
    }
}
