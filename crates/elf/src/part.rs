//! What could not be read, and why.

use std::ops::Range;

/// A part of an ELF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The ELF header.
    Header,
    /// The section headers.
    Sections,
    /// The names of the sections.
    SectionNames,
    /// The program headers.
    Segments,
    /// The path of the interpreter.
    Interpreter,
    /// The dynamic section.
    Dynamic,
    /// The strings of the dynamic section.
    Strings,
    /// The notes, of which the build id is one.
    Notes,
}

impl Part {
    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Part::Header => "header",
            Part::Sections => "sections",
            Part::SectionNames => "section-names",
            Part::Segments => "segments",
            Part::Interpreter => "interpreter",
            Part::Dynamic => "dynamic",
            Part::Strings => "strings",
            Part::Notes => "notes",
        }
    }
}

/// Why a part could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It lies outside the file, or the file ends within it.
    Outside,
    /// It is larger than what is read of it: a constant of this crate has the limit.
    TooLarge,
    /// It contradicts itself, or what it has to be.
    Malformed,
}

impl FaultKind {
    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::Outside => "outside",
            FaultKind::TooLarge => "too-large",
            FaultKind::Malformed => "malformed",
        }
    }
}

/// A part that could not be read, so that facts of it are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub part: Part,
    /// Why.
    pub kind: FaultKind,
    /// Where it begins, in bytes from the start of the file.
    pub offset: u64,
}

/// Why reading a part stopped.
#[derive(Debug)]
pub(crate) enum Halt {
    /// These bytes are needed first.
    Read(Range<u64>),
    Fault(Fault),
}

impl Part {
    pub(crate) fn fault(self, kind: FaultKind, offset: u64) -> Halt {
        Halt::Fault(Fault {
            part: self,
            kind,
            offset,
        })
    }
}
