//! Segments: what a loader maps, and what it is told.

use crate::bytes::{Elf, Format, text};
use crate::header::Table;
use crate::limits::MAX_NAME;
use crate::part::{Halt, Part};
use crate::sections::NotePlace;

const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;
const PT_NOTE: u64 = 4;
const PT_GNU_STACK: u64 = 0x6474_e551;
const PT_GNU_RELRO: u64 = 0x6474_e552;
const PF_X: u64 = 1;

/// One program header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    kind: u64,
    flags: u64,
    pub(crate) offset: u64,
    pub(crate) address: u64,
    pub(crate) len: u64,
    align: u64,
}

fn segment(format: Format, row: &[u8]) -> Segment {
    let flags_at = if format.wide { 4 } else { 24 };
    Segment {
        kind: format.word(row, 0),
        flags: format.word(row, flags_at),
        offset: format.address(row, 4, 8),
        address: format.address(row, 8, 16),
        len: format.address(row, 16, 32),
        align: format.address(row, 28, 48),
    }
}

/// All segments of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segments<'a> {
    pub(crate) format: Format,
    pub(crate) table: Table<'a>,
}

impl Segments<'_> {
    fn find(&self, kind: u64) -> Option<Segment> {
        let mut all = self.table.rows().map(|row| segment(self.format, row));
        all.find(|each| each.kind == kind)
    }

    pub(crate) fn dynamic(&self) -> Option<Segment> {
        self.find(PT_DYNAMIC)
    }

    pub(crate) fn interpreter(&self) -> Option<Segment> {
        self.find(PT_INTERP)
    }

    pub(crate) fn has_relro(&self) -> bool {
        self.find(PT_GNU_RELRO).is_some()
    }

    /// Whether the stack may not be executed; `None` when the file does not say.
    pub(crate) fn nx(&self) -> Option<bool> {
        self.find(PT_GNU_STACK).map(|stack| stack.flags & PF_X == 0)
    }

    /// Where notes are: offset, length, alignment.
    pub(crate) fn notes(&self) -> Vec<NotePlace> {
        let mut places = Vec::new();
        for row in self.table.rows() {
            let each = segment(self.format, row);
            if each.kind == PT_NOTE {
                places.push((each.offset, each.len, each.align));
            }
        }
        places
    }

    /// Where in the file lies what is loaded at an address, and how many bytes follow.
    pub(crate) fn place(&self, address: u64) -> Option<(u64, u64)> {
        self.table.rows().find_map(|row| {
            let each = segment(self.format, row);
            let skip = address.checked_sub(each.address)?;
            let left = each.len.checked_sub(skip).filter(|left| *left > 0)?;
            let offset = each.offset.checked_add(skip)?;
            (each.kind == PT_LOAD).then_some((offset, left))
        })
    }
}

/// The path that a segment holds.
pub(crate) fn path(elf: &Elf, segment: Segment) -> Result<Vec<u8>, Halt> {
    let bytes = elf.bytes_within(Part::Interpreter, segment.offset, segment.len, MAX_NAME)?;
    Ok(text(bytes).to_vec())
}
