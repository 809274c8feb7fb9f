//! The facts, and the order in which they are found.

use std::ops::Range;

use crate::MAGIC;
use crate::bytes::{Elf, Format};
use crate::dynamic::{self, Dynamic};
use crate::header::Header;
use crate::part::{Fault, FaultKind, Halt, Part};
use crate::segments::{self, Segments};
use crate::{notes, sections};

/// How wide addresses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 32 bits.
    Elf32,
    /// 64 bits.
    Elf64,
}

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// The lowest.
    Little,
    /// The highest.
    Big,
}

/// What the file is: `e_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Compiled code that is not linked (`ET_REL`); a kernel module, too.
    Relocatable,
    /// A program with fixed addresses (`ET_EXEC`).
    Executable,
    /// A program with addresses of any place (`ET_DYN`): a position-independent executable.
    PieExecutable,
    /// A library (`ET_DYN`).
    Shared,
    /// The memory of a program that died (`ET_CORE`).
    Core,
    /// Anything else, and `ET_DYN` where it cannot be known whether it is a program.
    #[default]
    Other,
}

/// How much of what the loader fills in cannot be written afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relro {
    /// Nothing.
    None,
    /// All but the addresses of functions, which are found when they are first called.
    Partial,
    /// Everything, because all is bound at the start.
    Full,
}

/// How a program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    /// It brings all that it needs.
    Static,
    /// It has a loader or needs libraries.
    Dynamic,
}

/// Which symbols are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    /// The table of all symbols (`.symtab`); without it the file is *stripped*.
    pub table: bool,
    /// Debugging information (`.debug_*`).
    pub debug: bool,
    /// A compressed table of functions (`.gnu_debugdata`).
    pub mini_debug: bool,
}

/// What an ELF file says of itself. Names and paths are bytes as they are stored, without the NUL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `None` when the byte that says it is neither.
    pub class: Option<Class>,
    /// `None` when the byte that says it is neither.
    pub endian: Option<Endian>,
    /// `e_machine`; [`machine_name`](crate::machine_name) has the names.
    pub machine: u16,
    /// What it is.
    pub kind: Kind,
    /// The loader that it asks for.
    pub interpreter: Option<Vec<u8>>,
    /// Libraries that it needs, in the order in which they are searched.
    pub needed: Vec<Vec<u8>>,
    /// The name of the library that it is.
    pub soname: Option<Vec<u8>>,
    /// Where libraries are searched first, in the old form.
    pub rpath: Option<Vec<u8>>,
    /// Where libraries are searched.
    pub runpath: Option<Vec<u8>>,
    /// What the linker made of its content, at most 64 bytes.
    pub build_id: Option<Vec<u8>>,
    /// `None` when the sections cannot be read.
    pub symbols: Option<Symbols>,
    /// `None` when that cannot be known, and for what is never loaded.
    pub relro: Option<Relro>,
    /// Whether the stack may not be executed; `None` when the file does not say, which on some machines allows it.
    pub nx: Option<bool>,
    /// `None` for what is no program.
    pub linking: Option<Linking>,
    /// Whether a function is named that checks the stack (`__stack_chk_fail`); `None` when there is no table of dynamic names
    /// that is small enough.
    pub canary: Option<bool>,
    /// Whether functions are named that check lengths (`__*_chk`, FORTIFY); `None` as for `canary`.
    pub fortify: Option<bool>,
    /// What could not be read; the facts of these parts are missing.
    pub faults: Vec<Fault>,
}

impl Facts {
    /// What a part came to; nothing and a fault when it cannot be read.
    fn take<T>(&mut self, read: Result<T, Halt>) -> Result<Option<T>, Range<u64>> {
        match read {
            Ok(found) => Ok(Some(found)),
            Err(Halt::Read(range)) => Err(range),
            Err(Halt::Fault(fault)) => {
                if !self.faults.contains(&fault) {
                    self.faults.push(fault);
                }
                Ok(None)
            }
        }
    }
}

/// Everything that is known, `None` for what is no ELF file, or which bytes are needed first.
pub(crate) fn read(elf: &Elf) -> Result<Option<Box<Facts>>, Range<u64>> {
    let mut facts = Box::<Facts>::default();
    let magic = elf.bytes(Part::Header, 0, 4);
    if facts.take(magic)?.is_none_or(|magic| magic != MAGIC) {
        return Ok(None);
    }
    let Some(ident) = facts.take(elf.bytes(Part::Header, 0, 16))? else {
        return Ok(Some(facts));
    };
    facts.class = match ident.get(4) {
        Some(1) => Some(Class::Elf32),
        Some(2) => Some(Class::Elf64),
        _ => None,
    };
    facts.endian = match ident.get(5) {
        Some(1) => Some(Endian::Little),
        Some(2) => Some(Endian::Big),
        _ => None,
    };
    if facts.class.is_none() || facts.endian.is_none() {
        facts.take::<()>(Err(Part::Header.fault(FaultKind::Malformed, 4)))?;
        return Ok(Some(facts));
    }
    let format = Format {
        wide: facts.class == Some(Class::Elf64),
        big: facts.endian == Some(Endian::Big),
    };
    if let Some(header) = facts.take(Header::read(elf, format))? {
        facts.all(elf, header)?;
    }
    Ok(Some(facts))
}

impl Facts {
    fn all(&mut self, elf: &Elf, header: Header) -> Result<(), Range<u64>> {
        let format = header.format;
        self.machine = u16::try_from(header.machine).unwrap_or_default();
        let sections = self.take(header.sections(elf))?;
        if let Some((table, names)) = sections {
            self.symbols = self.take(sections::symbols(elf, format, table, names))?;
        }
        let table = sections.map(|(table, _)| table).unwrap_or_default();
        let segments = self.take(header.segments(elf))?;
        let is_whole = segments.is_some();
        let segments = Segments {
            format,
            table: segments.unwrap_or_default(),
        };

        // The sections say better where notes are: in a file of debugging information the segments do not.
        let mut places = sections::notes(format, table);
        places.extend(segments.notes());
        self.build_id = self.take(notes::build_id(elf, format, &places))?.flatten();

        let here = |address| !sections::is_elsewhere(format, table, address);
        if let Some(at) = segments.interpreter().filter(|at| here(at.address)) {
            self.interpreter = self.take(segments::path(elf, at))?;
        }
        let mut dynamic = is_whole.then(Dynamic::default);
        let at = segments.dynamic().filter(|at| here(at.address));
        if let Some(at) = at {
            dynamic = self.take(dynamic::read(elf, segments, at))?;
        }
        self.kind = match (header.kind, &dynamic) {
            (1, _) => Kind::Relocatable,
            (2, _) => Kind::Executable,
            (3, Some(dynamic)) if dynamic.is_program => Kind::PieExecutable,
            (3, Some(_)) => Kind::Shared,
            (4, _) => Kind::Core,
            _ => Kind::Other,
        };
        let is_loaded = matches!(
            self.kind,
            Kind::Executable | Kind::PieExecutable | Kind::Shared
        );
        let Some(dynamic) = dynamic.filter(|_| is_loaded) else {
            return Ok(());
        };
        self.nx = segments.nx();
        self.relro = Some(match (segments.has_relro(), dynamic.binds_now) {
            (false, _) => Relro::None,
            (true, false) => Relro::Partial,
            (true, true) => Relro::Full,
        });
        if self.kind != Kind::Shared {
            let is_static = segments.interpreter().is_none() && dynamic.needed.is_empty();
            self.linking = Some(match is_static {
                true => Linking::Static,
                false => Linking::Dynamic,
            });
        }
        match at {
            Some(_) => self.names(elf, segments, &dynamic),
            None => Ok(()),
        }
    }

    fn names(
        &mut self,
        elf: &Elf,
        segments: Segments<'_>,
        dynamic: &Dynamic,
    ) -> Result<(), Range<u64>> {
        let Some(strings) = self.take(dynamic.strings(elf, segments))? else {
            return Ok(());
        };
        for at in &dynamic.needed {
            let name = self.take(strings.name(elf, *at))?;
            self.needed.extend(name);
        }
        let mut name = |at: Option<u64>| match at {
            Some(at) => self.take(strings.name(elf, at)),
            None => Ok(None),
        };
        let (soname, rpath) = (name(dynamic.soname)?, name(dynamic.rpath)?);
        let runpath = name(dynamic.runpath)?;
        (self.soname, self.rpath, self.runpath) = (soname, rpath, runpath);
        if let Some((stack, lengths)) = strings.checks() {
            (self.canary, self.fortify) = (Some(stack), Some(lengths));
        }
        Ok(())
    }
}
