//! What an ELF file says of itself, in the user's words.

use layerscope_elf::{Class, Endian, Facts, Kind, Linking, Relro, machine_name};
pub use layerscope_elf::{Elf, MAGIC, Step};
use layerscope_oci::hexadecimal;

use crate::display;
use crate::view::{ElfFault, ElfView};

/// The facts as a view.
#[must_use]
pub fn view(facts: &Facts) -> ElfView {
    let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(display::stored);
    ElfView {
        kind: match facts.kind {
            Kind::Relocatable => "relocatable",
            Kind::Executable => "executable",
            Kind::PieExecutable => "pie",
            Kind::Shared => "shared",
            Kind::Core => "core",
            Kind::Other => "unknown",
        },
        bits: facts.class.map(|class| match class {
            Class::Elf32 => 32,
            Class::Elf64 => 64,
        }),
        endian: facts.endian.map(|endian| match endian {
            Endian::Little => "little",
            Endian::Big => "big",
        }),
        machine: match machine_name(facts.machine) {
            Some(name) => name.to_owned(),
            None => facts.machine.to_string(),
        },
        linking: facts.linking.map(|linking| match linking {
            Linking::Static => "static",
            Linking::Dynamic => "dynamic",
        }),
        interpreter: text(&facts.interpreter),
        needed: facts
            .needed
            .iter()
            .map(|name| display::stored(name))
            .collect(),
        soname: text(&facts.soname),
        rpath: text(&facts.rpath),
        runpath: text(&facts.runpath),
        build_id: facts.build_id.as_deref().map(hexadecimal),
        stripped: facts.symbols.map(|symbols| !symbols.table),
        debug: facts.symbols.map(|symbols| symbols.debug),
        mini_debug: facts.symbols.map(|symbols| symbols.mini_debug),
        relro: facts.relro.map(|relro| match relro {
            Relro::None => "none",
            Relro::Partial => "partial",
            Relro::Full => "full",
        }),
        nx: facts.nx,
        canary: facts.canary,
        fortify: facts.fortify,
        faults: facts
            .faults
            .iter()
            .map(|fault| ElfFault {
                part: fault.part.name(),
                kind: fault.kind.name(),
                offset: fault.offset,
            })
            .collect(),
    }
}
