//! Sections: which symbols and what debugging information are there, and where the notes are.

use crate::bytes::{Elf, Format, text};
use crate::facts::Symbols;
use crate::header::Table;
use crate::limits::MAX_SECTION_NAMES;
use crate::part::{FaultKind, Halt, Part};

const SHT_SYMTAB: u64 = 2;
const SHT_NOTE: u64 = 7;
const SHT_NOBITS: u64 = 8;
const SHF_TLS: u64 = 1 << 10;

/// One section header.
struct Section {
    name: u64,
    kind: u64,
    flags: u64,
    address: u64,
    offset: u64,
    size: u64,
    align: u64,
}

fn section(format: Format, row: &[u8]) -> Section {
    Section {
        name: format.word(row, 0),
        kind: format.word(row, 4),
        flags: format.address(row, 8, 8),
        address: format.address(row, 12, 16),
        offset: format.address(row, 16, 24),
        size: format.address(row, 20, 32),
        align: format.address(row, 32, 48),
    }
}

/// Where notes are: offset, length, alignment.
pub(crate) type NotePlace = (u64, u64, u64);

/// The places of all sections of notes.
pub(crate) fn notes(format: Format, table: Table<'_>) -> Vec<NotePlace> {
    let sections = table.rows().map(|row| section(format, row));
    let mut places = Vec::new();
    for each in sections.filter(|each| each.kind == SHT_NOTE) {
        places.push((each.offset, each.size, each.align));
    }
    places
}

/// Whether what is loaded at an address is not in the file: so it is in files that hold debugging information alone.
pub(crate) fn is_elsewhere(format: Format, table: Table<'_>, address: u64) -> bool {
    table.rows().any(|row| {
        let section = section(format, row);
        section.kind == SHT_NOBITS && section.address == address && section.flags & SHF_TLS == 0
    })
}

/// Which symbols are there.
pub(crate) fn symbols(
    elf: &Elf,
    format: Format,
    table: Table<'_>,
    names: u64,
) -> Result<Symbols, Halt> {
    let mut found = Symbols::default();
    let row = table.row(names).filter(|_| names != 0);
    let strings = match row.map(|row| section(format, row)) {
        Some(names) => elf.bytes_within(
            Part::SectionNames,
            names.offset,
            names.size,
            MAX_SECTION_NAMES,
        )?,
        None if names == 0 => &[],
        None => return Err(Part::SectionNames.fault(FaultKind::Malformed, 0)),
    };
    for section in table.rows().map(|row| section(format, row)) {
        found.table |= section.kind == SHT_SYMTAB;
        let at = usize::try_from(section.name).unwrap_or(usize::MAX);
        let name = text(strings.get(at..).unwrap_or_default());
        found.mini_debug |= name == b".gnu_debugdata";
        found.debug |= section.kind != SHT_NOBITS
            && (name.starts_with(b".debug_") || name.starts_with(b".zdebug_"));
    }
    Ok(found)
}
