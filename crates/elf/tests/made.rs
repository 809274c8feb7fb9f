//! Files that no linker here makes: other widths and byte orders, more headers than 16 bits count, and hostile ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use layerscope_elf::{
    Class, Elf, Endian, Facts, Fault, FaultKind, Kind, Linking, MAX_ANSWERS, MAX_HEADERS, Part,
    Relro, Step, Symbols,
};

/// Writes numbers in one of the four forms.
#[derive(Clone, Copy)]
struct Form {
    wide: bool,
    big: bool,
}

const FORMS: [Form; 4] = [
    Form {
        wide: false,
        big: false,
    },
    Form {
        wide: false,
        big: true,
    },
    Form {
        wide: true,
        big: false,
    },
    Form {
        wide: true,
        big: true,
    },
];

impl Form {
    fn number(self, out: &mut Vec<u8>, value: u64, len: usize) {
        let bytes = value.to_le_bytes();
        let digits = bytes[..len].iter().copied();
        match self.big {
            true => out.extend(digits.rev()),
            false => out.extend(digits),
        }
    }

    fn address(self, out: &mut Vec<u8>, value: u64) {
        self.number(out, value, if self.wide { 8 } else { 4 });
    }

    fn segment(self, out: &mut Vec<u8>, segment: &Segment) {
        self.number(out, segment.kind, 4);
        if self.wide {
            self.number(out, segment.flags, 4);
        }
        for value in [segment.offset, segment.address, 0, segment.len, segment.len] {
            self.address(out, value);
        }
        if !self.wide {
            self.number(out, segment.flags, 4);
        }
        self.address(out, 4);
    }

    fn section(self, out: &mut Vec<u8>, section: &Section) {
        self.number(out, section.name, 4);
        self.number(out, section.kind, 4);
        for value in [0, 0, section.offset, section.len] {
            self.address(out, value);
        }
        self.number(out, section.link, 4);
        self.number(out, section.info, 4);
        self.address(out, 4);
        self.address(out, 0);
    }
}

#[derive(Clone, Copy, Default)]
struct Segment {
    kind: u64,
    flags: u64,
    offset: u64,
    address: u64,
    len: u64,
}

#[derive(Clone, Copy, Default)]
struct Section {
    name: u64,
    kind: u64,
    offset: u64,
    len: u64,
    link: u64,
    info: u64,
}

/// A file in the making: contents first, then both tables.
struct Made {
    form: Form,
    kind: u64,
    contents: Vec<u8>,
    segments: Vec<Segment>,
    sections: Vec<Section>,
    names: u64,
}

const LOADED_AT: u64 = 0x1_0000;

impl Made {
    fn new(form: Form, kind: u64) -> Made {
        Made {
            form,
            kind,
            contents: Vec::new(),
            segments: Vec::new(),
            sections: Vec::new(),
            names: 0,
        }
    }

    fn header_len(&self) -> u64 {
        if self.form.wide { 64 } else { 52 }
    }

    /// Adds bytes and tells where in the file they are.
    fn put(&mut self, bytes: &[u8]) -> (u64, u64) {
        let offset = self.header_len() + self.contents.len() as u64;
        self.contents.extend_from_slice(bytes);
        while !self.contents.len().is_multiple_of(16) {
            self.contents.push(0);
        }
        (offset, bytes.len() as u64)
    }

    fn segment(&mut self, kind: u64, flags: u64, (offset, len): (u64, u64)) {
        self.segments.push(Segment {
            kind,
            flags,
            offset,
            address: LOADED_AT + offset,
            len,
        });
    }

    fn dynamic(&mut self, entries: &[(u64, u64)]) {
        let mut bytes = Vec::new();
        for (tag, value) in entries {
            self.form.address(&mut bytes, *tag);
            self.form.address(&mut bytes, *value);
        }
        let place = self.put(&bytes);
        self.segment(2, 6, place);
    }

    /// The whole file; counts that have no place in the header are in the first section.
    fn file(mut self) -> Vec<u8> {
        let form = self.form;
        let segments_at = self.header_len() + self.contents.len() as u64;
        let mut tables = Vec::new();
        for segment in &self.segments {
            form.segment(&mut tables, segment);
        }
        let sections_at = segments_at + tables.len() as u64;
        let (mut segment_count, mut section_count) =
            (self.segments.len() as u64, self.sections.len() as u64);
        let mut names = self.names;
        let over = (segment_count, section_count, names);
        if let Some(first) = self.sections.first_mut() {
            if segment_count >= 0xffff {
                (segment_count, first.info) = (0xffff, over.0);
            }
            if section_count >= 0xff00 {
                (section_count, first.len) = (0, over.1);
            }
            if names >= 0xff00 {
                (names, first.link) = (0xffff, over.2);
            }
        }
        for section in &self.sections {
            form.section(&mut tables, section);
        }
        let mut out = b"\x7fELF".to_vec();
        out.extend([
            if form.wide { 2 } else { 1 },
            if form.big { 2 } else { 1 },
            1,
        ]);
        out.extend([0; 9]);
        for (value, len) in [(self.kind, 2), (8, 2), (1, 4)] {
            form.number(&mut out, value, len);
        }
        form.address(&mut out, 0);
        form.address(&mut out, segments_at);
        form.address(
            &mut out,
            if self.sections.is_empty() {
                0
            } else {
                sections_at
            },
        );
        form.number(&mut out, 0, 4);
        let (segment, section) = if form.wide { (56, 64) } else { (32, 40) };
        for half in [
            self.header_len(),
            segment,
            segment_count,
            section,
            section_count,
            names,
        ] {
            form.number(&mut out, half, 2);
        }
        assert_eq!(out.len() as u64, self.header_len());
        out.extend(self.contents);
        out.extend(tables);
        out
    }
}

/// Reads a file that claims to have `size` bytes.
fn facts_as(file: &[u8], size: u64) -> Option<Facts> {
    let mut elf = Elf::new(size);
    for _ in 0..=MAX_ANSWERS {
        match elf.poll() {
            Step::Read(range) => {
                let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(file.len());
                let bytes = &file[at(range.start)..at(range.end)];
                elf.provide(range.start, bytes.to_vec());
            }
            Step::Done(facts) => return facts.map(|facts| *facts),
        }
    }
    panic!("it never ends");
}

fn facts(file: &[u8]) -> Facts {
    facts_as(file, file.len() as u64).expect("an ELF file")
}

/// A program of the given form that has something of everything.
fn program(form: Form) -> Made {
    let mut made = Made::new(form, 3);
    let strings = made
        .put(b"\0libc.so.6\0libm.so.6\0name\0$ORIGIN/..\0/old\0__stack_chk_fail\0__memcpy_chk\0");
    let interpreter = made.put(b"/lib/ld.so.1\0");
    let mut note = Vec::new();
    for value in [4, 4, 1] {
        form.number(&mut note, value, 4);
    }
    note.extend(b"GNU\0\0\0\0\0");
    for value in [4, 5, 3] {
        form.number(&mut note, value, 4);
    }
    note.extend(b"GNU\0\x01\x02\x03\xfe\xff\0\0\0");
    let note = made.put(&note);
    made.segment(3, 4, interpreter);
    made.segment(1, 5, (0, 4096));
    made.segment(4, 4, note);
    made.segment(0x6474_e551, 7, (0, 0));
    made.segment(0x6474_e552, 4, (0, 0));
    made.dynamic(&[
        (1, 1),
        (1, 11),
        (14, 21),
        (29, 26),
        (15, 37),
        (5, LOADED_AT + strings.0),
        (10, strings.1),
        (0x6fff_fffb, 0x0800_0001),
        (0, 0),
        (1, 999_999),
    ]);
    let names = made.put(b"\0.symtab\0.debug_info\0.shstrtab\0");
    made.sections = vec![
        Section::default(),
        Section {
            name: 1,
            kind: 2,
            offset: 64,
            len: 8,
            ..Section::default()
        },
        Section {
            name: 9,
            kind: 1,
            offset: 64,
            len: 8,
            ..Section::default()
        },
        Section {
            name: 21,
            kind: 3,
            offset: names.0,
            len: names.1,
            ..Section::default()
        },
    ];
    made.names = 3;
    made
}

#[test]
fn all_widths_and_byte_orders() {
    for form in FORMS {
        let facts = facts(&program(form).file());
        let expected = Facts {
            class: Some(if form.wide {
                Class::Elf64
            } else {
                Class::Elf32
            }),
            endian: Some(if form.big {
                Endian::Big
            } else {
                Endian::Little
            }),
            machine: 8,
            kind: Kind::PieExecutable,
            interpreter: Some(b"/lib/ld.so.1".to_vec()),
            needed: vec![b"libc.so.6".to_vec(), b"libm.so.6".to_vec()],
            soname: Some(b"name".to_vec()),
            rpath: Some(b"/old".to_vec()),
            runpath: Some(b"$ORIGIN/..".to_vec()),
            build_id: Some(vec![1, 2, 3, 0xfe, 0xff]),
            symbols: Some(Symbols {
                table: true,
                debug: true,
                mini_debug: false,
            }),
            relro: Some(Relro::Full),
            nx: Some(false),
            linking: Some(Linking::Dynamic),
            canary: Some(true),
            fortify: Some(true),
            faults: Vec::new(),
        };
        assert_eq!(facts, expected);
    }
}

#[test]
fn more_headers_than_sixteen_bits_count() {
    for form in FORMS {
        let mut made = program(form);
        let few = facts(&program(form).file());
        let names = made.sections.pop().unwrap();
        made.sections.resize(70_000, Section::default());
        made.names = made.sections.len() as u64;
        made.sections.push(names);
        let last = made.segments.pop().unwrap();
        made.segments.resize(66_000, Segment::default());
        made.segments.push(last);
        assert_eq!(facts(&made.file()), few);
    }
}

#[test]
fn a_program_without_sections_is_stripped() {
    let mut made = program(FORMS[2]);
    made.sections.clear();
    made.names = 0;
    assert_eq!(facts(&made.file()).symbols, Some(Symbols::default()));
}

#[test]
fn a_static_program() {
    let mut made = Made::new(FORMS[2], 2);
    made.segment(1, 5, (0, 64));
    let facts = facts(&made.file());
    assert_eq!(facts.kind, Kind::Executable);
    assert_eq!(facts.linking, Some(Linking::Static));
    assert_eq!((facts.relro, facts.nx), (Some(Relro::None), None));
    assert_eq!(facts.canary, None);
    assert_eq!(facts.faults, []);
}

#[test]
fn what_is_no_elf_file() {
    for bytes in [&b""[..], b"\x7fEL", b"#!/bin/sh\n", b"MZ\x90\0"] {
        assert_eq!(facts_as(bytes, bytes.len() as u64), None);
    }
}

/// One fault, and everything else still told.
fn only(facts: &Facts, part: Part, kind: FaultKind) {
    let faults: Vec<_> = facts
        .faults
        .iter()
        .map(|fault| (fault.part, fault.kind))
        .collect();
    assert_eq!(faults, [(part, kind)]);
}

#[test]
fn hostile_files_are_told_in_part() {
    let form = FORMS[2];
    let change = |act: &dyn Fn(&mut Made)| {
        let mut made = program(form);
        act(&mut made);
        made.file()
    };
    let patched = |at: usize, bytes: &[u8]| {
        let mut file = program(form).file();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };

    let class = facts(&patched(4, &[3]));
    only(&class, Part::Header, FaultKind::Malformed);
    let facts_of_four = facts(&b"\x7fELF"[..]);
    only(&facts_of_four, Part::Header, FaultKind::Outside);

    let far = facts(&patched(40, &u64::MAX.to_le_bytes()));
    only(&far, Part::Sections, FaultKind::Outside);
    assert_eq!((far.symbols, far.needed.len()), (None, 2));

    // Section headers of three bytes.
    let small = facts(&patched(58, &[3, 0]));
    only(&small, Part::Sections, FaultKind::Malformed);

    let beyond = facts(&patched(32, &(1_u64 << 40).to_le_bytes()));
    only(&beyond, Part::Segments, FaultKind::Outside);
    assert_eq!(
        (beyond.nx, beyond.relro, beyond.linking),
        (None, None, None)
    );
    assert!(beyond.symbols.is_some());

    // The first section counts as many segments as there are of bytes in a gigabyte.
    let many = facts(&change(&|made| {
        made.segments.resize(66_000, Segment::default());
    }));
    assert_eq!(many.faults, []);
    let mut too_many = change(&|made| made.segments.resize(66_000, Segment::default()));
    let at = too_many.len() - 4 * 64 + 44;
    too_many[at..at + 4].copy_from_slice(&u32::try_from(MAX_HEADERS + 1).unwrap().to_le_bytes());
    only(&facts(&too_many), Part::Segments, FaultKind::TooLarge);

    let names = facts(&change(&|made| made.sections[3].len = 1 << 40));
    only(&names, Part::SectionNames, FaultKind::TooLarge);
    let names = facts(&change(&|made| made.names = 9));
    only(&names, Part::SectionNames, FaultKind::Malformed);

    let interpreter = facts(&change(&|made| made.segments[0].len = 1 << 30));
    only(&interpreter, Part::Interpreter, FaultKind::TooLarge);
    assert_eq!(interpreter.linking, Some(Linking::Dynamic));

    let notes = facts(&change(&|made| made.segments[2].len -= 8));
    only(&notes, Part::Notes, FaultKind::Malformed);
    let notes = facts(&change(&|made| made.segments[2].len = u64::MAX));
    only(&notes, Part::Notes, FaultKind::TooLarge);

    let dynamic = facts(&change(&|made| made.segments[5].len = 1 << 40));
    only(&dynamic, Part::Dynamic, FaultKind::TooLarge);
    assert_eq!((dynamic.kind, dynamic.relro), (Kind::Other, None));

    // No segment loads the strings.
    let strings = facts(&change(&|made| made.segments[1].kind = 0));
    only(&strings, Part::Strings, FaultKind::Malformed);
    assert_eq!(strings.relro, Some(Relro::Full));

    // A library's name lies outside of the strings.
    let name = facts(&change(&|made| {
        made.dynamic(&[(1, 1 << 40), (5, LOADED_AT + 64), (10, 16)]);
        made.segments.swap_remove(5);
    }));
    only(&name, Part::Strings, FaultKind::Malformed);
    assert_eq!(name.needed, [[0; 0]; 0]);
}

#[test]
fn strings_that_are_too_many_to_read_at_once_are_read_one_by_one() {
    let mut made = Made::new(FORMS[2], 3);
    let mut strings = b"\0first.so\0".to_vec();
    strings.resize(5 << 20, b'x');
    strings.extend(b"\0last.so\0");
    let last = strings.len() as u64 - 8;
    let place = made.put(&strings);
    made.segment(1, 5, (0, 6 << 20));
    made.dynamic(&[
        (1, 1),
        (1, last),
        (5, LOADED_AT + place.0),
        (10, place.1),
        (0, 0),
    ]);
    let facts = facts(&made.file());
    assert_eq!(facts.needed, [b"first.so".to_vec(), b"last.so".to_vec()]);
    assert_eq!((facts.canary, facts.faults.len()), (None, 0));
}

#[test]
fn a_file_that_asks_without_end_is_left() {
    let mut made = Made::new(FORMS[2], 3);
    let mut strings = vec![b'x'; 6 << 20];
    let mut entries = Vec::new();
    for number in 1..1000_usize {
        strings[number * 5000] = 0;
        entries.push((1, number as u64 * 5000 - 1));
    }
    let place = made.put(&strings);
    made.segment(1, 5, (0, 7 << 20));
    entries.extend([(5, LOADED_AT + place.0), (10, place.1)]);
    made.dynamic(&entries);
    let facts = facts(&made.file());
    assert_eq!(
        facts.faults.last().map(|fault: &Fault| fault.kind),
        Some(FaultKind::TooLarge)
    );
    assert!(!facts.needed.is_empty());
}

/// Numbers that look random, the same in each run.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[test]
fn no_cut_of_a_real_program_and_no_wrong_byte_in_it_panics() {
    let real = std::fs::read("/usr/bin/env").expect("a program of every Debian");
    assert_eq!(facts(&real).faults, []);
    let mut faulty = 0;
    for end in 0..real.len() {
        let cut = &real[..end];
        // Whether the length is known before, or the bytes end early.
        let known = facts_as(cut, end as u64);
        let early = facts_as(cut, real.len() as u64);
        assert_eq!(known.is_some(), end >= 4);
        assert_eq!(early.is_some(), end >= 4);
        faulty += usize::from(known.is_some_and(|facts| !facts.faults.is_empty()));
    }
    // The section headers are the last in the file.
    assert_eq!(faulty, real.len() - 4);

    let mut seed = 0x5eed_5eed_5eed;
    for form in FORMS {
        let made = program(form).file();
        for _ in 0..20_000 {
            let mut file = made.clone();
            for _ in 0..1 + random(&mut seed) % 4 {
                let at = usize::try_from(random(&mut seed)).unwrap() % file.len();
                file[at] = match random(&mut seed) % 3 {
                    0 => 0xff,
                    1 => 0,
                    _ => random(&mut seed).to_le_bytes()[0],
                };
            }
            let _ = facts_as(&file, file.len() as u64);
        }
    }
}
