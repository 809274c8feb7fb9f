//! What is told of the programs and libraries of this machine is what `readelf` prints of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use layerscope_elf::{
    Class, Elf, Endian, Facts, Kind, Linking, MAX_STRINGS, Relro, Step, machine_name,
};

/// Fewer would not be a sample.
const LEAST: usize = 200;
/// More would only take longer.
const MOST: usize = 300;

fn is_elf(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == layerscope_elf::MAGIC
}

/// ELF files of this machine, spread evenly over the directories.
fn sample() -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open: Vec<PathBuf> = ["/usr/bin", "/usr/sbin", "/usr/lib"]
        .map(PathBuf::from)
        .into();
    while let Some(directory) = open.pop() {
        let Ok(children) = std::fs::read_dir(&directory) else {
            continue;
        };
        for path in children.flatten().map(|child| child.path()) {
            if path.is_symlink() {
                continue;
            } else if path.is_dir() {
                open.push(path);
            } else if is_elf(&path) {
                found.insert(path);
            }
        }
    }
    let step = found.len().div_ceil(MOST).max(1);
    found.into_iter().step_by(step).collect()
}

/// The facts, and how many bytes were read for them.
fn facts_of(path: &Path) -> (Facts, u64) {
    let file = File::open(path).unwrap();
    let mut elf = Elf::new(file.metadata().unwrap().len());
    let mut read = 0;
    loop {
        match elf.poll() {
            Step::Read(range) => {
                let mut bytes = vec![0; usize::try_from(range.end - range.start).unwrap()];
                file.read_exact_at(&mut bytes, range.start).unwrap();
                read += bytes.len() as u64;
                elf.provide(range.start, bytes);
            }
            Step::Done(facts) => return (*facts.unwrap(), read),
        }
    }
}

/// What a line has after `label`, between brackets if it has some.
fn after<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(label)?;
    let rest = rest.trim();
    let inner = rest.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    Some(inner.unwrap_or(rest))
}

fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    text.map(|text| text.as_bytes().to_vec())
}

/// The same facts out of what `readelf` prints.
fn printed(path: &Path) -> (Facts, String) {
    let output = Command::new("readelf")
        .args(["-hldnSW", "--dyn-syms"])
        .arg(path)
        .env("LC_ALL", "C")
        .output()
        .expect("readelf, of the package binutils");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let find = |label: &str| text.lines().find_map(|line| after(line, label));
    let has = |part: &str| text.contains(part);

    let mut facts = Facts::default();
    let machine = find("Machine:").unwrap_or_default().to_owned();
    facts.class = match find("Class:") {
        Some("ELF64") => Some(Class::Elf64),
        Some("ELF32") => Some(Class::Elf32),
        _ => None,
    };
    facts.endian = match find("Data:") {
        Some("2's complement, little endian") => Some(Endian::Little),
        Some("2's complement, big endian") => Some(Endian::Big),
        _ => None,
    };
    let kind = find("Type:").unwrap_or_default();
    facts.kind = match kind.split(' ').next() {
        Some("REL") => Kind::Relocatable,
        Some("EXEC") => Kind::Executable,
        Some("DYN") if kind.contains("Position-Independent") || has("(DEBUG)") => {
            Kind::PieExecutable
        }
        Some("DYN") => Kind::Shared,
        Some("CORE") => Kind::Core,
        _ => Kind::Other,
    };
    facts.interpreter =
        bytes(find("[Requesting program interpreter:").map(|path| path.trim_end_matches(']')));
    facts.needed = text
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| bytes(after(line, "Shared library:")))
        .collect();
    facts.soname = bytes(find("Library soname:"));
    facts.rpath = bytes(find("Library rpath:"));
    facts.runpath = bytes(find("Library runpath:"));
    facts.build_id = find("Build ID:").map(|hex| {
        let pairs = hex.as_bytes().chunks(2);
        let pairs = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
        pairs
            .map(|pair| u8::from_str_radix(pair, 16).unwrap())
            .collect()
    });

    // `  [27] .symtab           SYMTAB          0000000000000000 …`
    let mut symbols = layerscope_elf::Symbols::default();
    for line in text.lines().filter(|line| line.starts_with("  [")) {
        let Some((_, row)) = line.split_once("] ") else {
            continue;
        };
        let mut words = row.split_whitespace();
        let (name, kind) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        symbols.table |= kind == "SYMTAB";
        symbols.mini_debug |= name == ".gnu_debugdata";
        symbols.debug |=
            (name.starts_with(".debug_") || name.starts_with(".zdebug_")) && kind != "NOBITS";
    }
    facts.symbols = Some(symbols);

    let is_program = matches!(facts.kind, Kind::Executable | Kind::PieExecutable);
    if is_program || facts.kind == Kind::Shared {
        let stack = find("GNU_STACK").map(|row| row.split_whitespace().nth(5));
        facts.nx = stack.map(|flags| !flags.is_some_and(|flags| flags.contains('E')));
        let flags = |tag: &str, flag: &str| {
            let mut lines = text.lines().filter(|line| line.contains(tag));
            lines.any(|line| line.split_whitespace().any(|word| word == flag))
        };
        let binds_now =
            has("(BIND_NOW)") || flags("(FLAGS)", "BIND_NOW") || flags("(FLAGS_1)", "NOW");
        facts.relro = Some(match (has("GNU_RELRO"), binds_now) {
            (false, _) => Relro::None,
            (true, false) => Relro::Partial,
            (true, true) => Relro::Full,
        });
    }
    if is_program {
        let is_static = facts.interpreter.is_none() && facts.needed.is_empty();
        facts.linking = Some(if is_static {
            Linking::Static
        } else {
            Linking::Dynamic
        });
    }
    let strings = find("(STRSZ)").and_then(|size| size.split(' ').next()?.parse::<u64>().ok());
    if strings.is_some_and(|size| size <= MAX_STRINGS) {
        let (mut canary, mut fortify) = (false, false);
        // `    12: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND __memcpy_chk@GLIBC_2.3.4 (3)`
        for line in text.lines() {
            let Some(name) = line.split_whitespace().nth(7) else {
                continue;
            };
            let name = name.split('@').next().unwrap_or(name);
            canary |= name == "__stack_chk_fail";
            fortify |= name.starts_with("__") && name.ends_with("_chk");
        }
        (facts.canary, facts.fortify) = (Some(canary), Some(fortify));
    }
    (facts, machine)
}

#[test]
fn facts_are_those_that_readelf_prints() {
    let sample = sample();
    assert!(sample.len() >= LEAST, "only {} ELF files", sample.len());
    let mut kinds = BTreeSet::new();
    for path in &sample {
        let (mut facts, read) = facts_of(path);
        let (expected, machine) = printed(path);
        let name = match machine.as_str() {
            "Advanced Micro Devices X86-64" => "x86-64",
            "Intel 80386" => "x86",
            "Linux BPF" => "BPF",
            other => other,
        };
        assert_eq!(
            machine_name(facts.machine),
            Some(name),
            "{}",
            path.display()
        );
        facts.machine = 0;
        assert_eq!(facts, expected, "{}", path.display());
        let size = path.metadata().unwrap().len();
        assert!(
            read <= size + 4 * 65536,
            "{}: {read} of {size}",
            path.display()
        );
        kinds.insert(format!("{:?} {:?}", facts.kind, facts.linking));
    }
    println!("{} files: {kinds:?}", sample.len());
    assert!(kinds.len() >= 3, "{kinds:?}");
}
