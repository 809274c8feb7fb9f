//! Notes, of which one is the build id.

use crate::bytes::{Elf, Format};
use crate::limits::{MAX_NOTE_PARTS, MAX_NOTES};
use crate::part::{FaultKind, Halt, Part};
use crate::sections::NotePlace;

const NT_GNU_BUILD_ID: u64 = 3;
/// The longest that is shown: SHA-512 has as many bytes, and no linker writes more.
const MAX_BUILD_ID: usize = 64;

/// The build id among notes.
pub(crate) fn build_id(
    elf: &Elf,
    format: Format,
    places: &[NotePlace],
) -> Result<Option<Vec<u8>>, Halt> {
    for (number, (offset, len, align)) in places.iter().enumerate() {
        if number >= MAX_NOTE_PARTS || *len > MAX_NOTES {
            return Err(Part::Notes.fault(FaultKind::TooLarge, *offset));
        }
        let mut rest = elf.bytes(Part::Notes, *offset, *len)?;
        // A name and a description begin at multiples of 4, or of 8 where the header says so.
        let align = if *align == 8 { 8 } else { 4 };
        while rest.len() >= 12 {
            let lengths = (format.word(rest, 0), format.word(rest, 4));
            let kind = format.word(rest, 8);
            let (Ok(name_len), Ok(len)) = (usize::try_from(lengths.0), usize::try_from(lengths.1))
            else {
                break;
            };
            let end = 12_usize.saturating_add(name_len);
            let start = end.checked_next_multiple_of(align).unwrap_or(usize::MAX);
            let stop = start.saturating_add(len);
            let name = rest.get(12..end);
            let Some(value) = rest.get(start..stop) else {
                return Err(Part::Notes.fault(FaultKind::Malformed, *offset));
            };
            if kind == NT_GNU_BUILD_ID && name == Some(b"GNU\0") && len <= MAX_BUILD_ID {
                return Ok(Some(value.to_vec()));
            }
            let next = stop.checked_next_multiple_of(align).unwrap_or(usize::MAX);
            rest = rest.get(next..).unwrap_or_default();
        }
    }
    Ok(None)
}
