//! The dynamic section: what a loader has to find, and how it has to bind.

use crate::bytes::{Elf, text};
use crate::limits::{MAX_DYNAMIC, MAX_NAME, MAX_NEEDED, MAX_STRINGS};
use crate::part::{FaultKind, Halt, Part};
use crate::segments::{Segment, Segments};

const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_STRSZ: u64 = 10;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_DEBUG: u64 = 21;
const DT_BIND_NOW: u64 = 24;
const DT_RUNPATH: u64 = 29;
const DT_FLAGS: u64 = 30;
const DT_FLAGS_1: u64 = 0x6fff_fffb;
const DF_BIND_NOW: u64 = 8;
const DF_1_NOW: u64 = 1;
const DF_1_PIE: u64 = 0x0800_0000;

/// What the entries say, with names as offsets of the string table.
#[derive(Debug, Default)]
pub(crate) struct Dynamic {
    /// In their order.
    pub(crate) needed: Vec<u64>,
    pub(crate) soname: Option<u64>,
    pub(crate) rpath: Option<u64>,
    pub(crate) runpath: Option<u64>,
    /// Everything is bound before the program runs.
    pub(crate) binds_now: bool,
    /// Only programs have what debuggers look for.
    pub(crate) is_program: bool,
    strings: u64,
    strings_len: Option<u64>,
}

/// Reads the entries.
pub(crate) fn read(elf: &Elf, segments: Segments<'_>, at: Segment) -> Result<Dynamic, Halt> {
    let format = segments.format;
    let size = if format.wide { 16_usize } else { 8 };
    let limit = MAX_DYNAMIC * size as u64;
    let bytes = elf.bytes_within(Part::Dynamic, at.offset, at.len, limit)?;
    let mut found = Dynamic::default();
    for row in bytes.chunks_exact(size) {
        let value = format.address(row, 4, 8);
        match format.address(row, 0, 0) {
            DT_NULL => break,
            DT_NEEDED => found.needed.push(value),
            DT_STRTAB => found.strings = value,
            DT_STRSZ => found.strings_len = Some(value),
            DT_SONAME => found.soname = Some(value),
            DT_RPATH => found.rpath = Some(value),
            DT_RUNPATH => found.runpath = Some(value),
            DT_DEBUG => found.is_program = true,
            DT_BIND_NOW => found.binds_now = true,
            DT_FLAGS => found.binds_now |= value & DF_BIND_NOW != 0,
            DT_FLAGS_1 => {
                found.binds_now |= value & DF_1_NOW != 0;
                found.is_program |= value & DF_1_PIE != 0;
            }
            _ => {}
        }
    }
    if found.needed.len() > MAX_NEEDED {
        return Err(Part::Dynamic.fault(FaultKind::TooLarge, at.offset));
    }
    Ok(found)
}

/// The string table, as far as it is read at once.
pub(crate) struct Strings<'a> {
    offset: u64,
    len: u64,
    /// All of it, when it is small enough.
    pub(crate) all: Option<&'a [u8]>,
}

impl Dynamic {
    /// Finds the string table by the address that it is loaded at.
    pub(crate) fn strings<'a>(
        &self,
        elf: &'a Elf,
        segments: Segments<'_>,
    ) -> Result<Strings<'a>, Halt> {
        let Some((offset, left)) = segments.place(self.strings) else {
            return Err(Part::Strings.fault(FaultKind::Malformed, self.strings));
        };
        let len = self.strings_len.unwrap_or(left).min(left);
        let all = match len <= MAX_STRINGS {
            true => Some(elf.bytes(Part::Strings, offset, len)?),
            false => None,
        };
        Ok(Strings { offset, len, all })
    }
}

impl Strings<'_> {
    /// The name at an offset of the table.
    pub(crate) fn name(&self, elf: &Elf, at: u64) -> Result<Vec<u8>, Halt> {
        let offset = self.offset.saturating_add(at);
        let malformed = || Part::Strings.fault(FaultKind::Malformed, offset);
        let left = self.len.checked_sub(at).ok_or_else(malformed)?;
        // The file may end soon after the name.
        let left = left.min(MAX_NAME).min(elf.size().saturating_sub(offset));
        let bytes = elf.bytes(Part::Strings, offset, left)?;
        let name = text(bytes);
        if name.len() == bytes.len() {
            return Err(malformed());
        }
        Ok(name.to_vec())
    }

    /// Whether functions are named that check the stack, and such that check lengths (`__memcpy_chk`).
    pub(crate) fn checks(&self) -> Option<(bool, bool)> {
        let names = self.all?.split(|byte| *byte == 0);
        let (mut stack, mut lengths) = (false, false);
        for name in names {
            stack |= name == b"__stack_chk_fail";
            lengths |= name.starts_with(b"__") && name.ends_with(b"_chk");
        }
        Some((stack, lengths))
    }
}
