//! Whatever is done to an archive: both commands that read all of it end with a verdict, soon, within their memory,
//! and what they print is JSON.
//!
//! `LAYERSCOPE_MUTATIONS` says how often each archive is changed, `LAYERSCOPE_MUTATIONS_OF` which ones are (parts of
//! their names, with commas between), `LAYERSCOPE_MUTATIONS_MEBIBYTES` how much memory a run may take. Archives of other
//! tools are read too when `LAYERSCOPE_EXTRA_FIXTURES` names their directory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::{
    Directory, Ended, Random, fixture, fixtures, foreign_fixtures, layerscope, remark, tool,
};

/// How often each archive is changed, if nobody says another number. Every time is another, and the same in every run.
const TIMES: usize = 10;
/// What takes milliseconds when it is whole must not take this long when it is broken.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a run may take, in MiB: what the page may take for any input.
const MEMORY: usize = 512;
/// After how many runs one hears of it.
const REMARKED: usize = 10_000;
/// The commands that read everything there is.
const COMMANDS: [&[&str]; 2] = [&["verify", "--json"], &["ls", "-R", "--json"]];
/// The size of tar's blocks.
const BLOCK: usize = 512;

/// An archive or a layout, in memory.
struct Subject {
    name: String,
    /// Its files, by their paths within it; the only file of an archive has the empty path.
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// How a command ended that should have ended otherwise.
type Fault = String;

#[derive(Default)]
struct Tally {
    faults: Vec<Fault>,
    runs: usize,
    slowest: Option<(Duration, String)>,
    codes: HashMap<Option<i32>, usize>,
}

#[test]
fn a_changed_archive_has_a_verdict() {
    let mut subjects = subjects();
    assert!(subjects.len() >= 20, "only {} archives", subjects.len());
    if let Ok(parts) = std::env::var("LAYERSCOPE_MUTATIONS_OF") {
        let is_chosen = |name: &str| parts.split(',').any(|part| name.contains(part));
        subjects.retain(|subject| is_chosen(&subject.name));
        assert!(!subjects.is_empty(), "no archive is called like {parts}");
    }
    let times = number("LAYERSCOPE_MUTATIONS", TIMES);
    let memory = number("LAYERSCOPE_MUTATIONS_MEBIBYTES", MEMORY);
    let all = times * subjects.len();
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let directory = Directory::new("mutations");
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= all {
                        break;
                    }
                    let subject = &subjects[place % subjects.len()];
                    run_changed(subject, place / subjects.len(), memory, &directory, &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().expect("the tally");
    assert_eq!(tally.runs, all * COMMANDS.len());
    let mut codes: Vec<String> = tally
        .codes
        .iter()
        .map(|(code, count)| format!("{code:?} {count} times"))
        .collect();
    codes.sort();
    let (slowest, which) = tally.slowest.expect("a run");
    let slowest = slowest.as_millis();
    remark(&format!(
        "{} runs within {memory} MiB; the slowest took {slowest} ms ({which}); they ended with {}",
        tally.runs,
        codes.join(", ")
    ));
    let faults = &tally.faults;
    assert!(
        faults.is_empty(),
        "{} runs went wrong:\n{}",
        faults.len(),
        faults[..faults.len().min(10)].join("\n")
    );
    assert!(
        tally.codes.len() >= 3,
        "not every verdict was seen: {codes:?}"
    );
}

fn number(variable: &str, otherwise: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
        Err(_) => otherwise,
    }
}

fn subjects() -> Vec<Subject> {
    let mut paths: Vec<PathBuf> = fixtures().iter().map(|name| fixture(name)).collect();
    match foreign_fixtures() {
        Some(directory) => {
            let children = fs::read_dir(directory).expect("a directory");
            let mut found: Vec<PathBuf> = children
                .map(|child| child.expect("an entry").path())
                .collect();
            found.retain(|path| path.extension().is_none_or(|extension| extension != "md"));
            found.sort();
            paths.extend(found);
        }
        None => remark("mutations: no archives of other tools"),
    }
    let subject = |path: PathBuf| {
        let mut files = Vec::new();
        collect(&path, Path::new(""), &mut files);
        files.sort();
        let name = path.file_name().expect("a name").to_string_lossy();
        Subject {
            name: name.into_owned(),
            files,
        }
    };
    paths.into_iter().map(subject).collect()
}

fn collect(path: &Path, within: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    if !path.is_dir() {
        files.push((within.to_owned(), fs::read(path).expect("a file")));
        return;
    }
    for child in fs::read_dir(path).expect("a directory") {
        let child = child.expect("an entry");
        collect(&child.path(), &within.join(child.file_name()), files);
    }
}

/// Changes a copy of a subject, reads it, and notes how that ended.
fn run_changed(
    subject: &Subject,
    time: usize,
    memory: usize,
    directory: &Directory,
    tally: &Mutex<Tally>,
) {
    let mut random = Random::new(&format!("{} {time}", subject.name));
    let source = directory.join(&subject.name);
    let chosen = random.below(subject.files.len());
    let mut done = String::new();
    for (place, (path, bytes)) in subject.files.iter().enumerate() {
        let path = match path.as_os_str().is_empty() {
            true => source.clone(),
            false => source.join(path),
        };
        // What was written for the time before is whole but for the file that was changed.
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        if place == chosen {
            let mut bytes = bytes.clone();
            done = change(&mut bytes, &mut random);
            fs::write(path, bytes).expect("a file");
        } else {
            fs::write(path, bytes).expect("a file");
        }
    }
    for command in COMMANDS {
        let mut command = limited(layerscope(command).arg(&source), memory);
        let begin = Instant::now();
        let ended = Ended::within(&mut command, PATIENCE);
        let taken = begin.elapsed();
        let mut tally = tally.lock().expect("the tally");
        tally.runs += 1;
        if tally.runs.is_multiple_of(REMARKED) {
            let (runs, faults) = (tally.runs, tally.faults.len());
            remark(&format!("{runs} runs, {faults} of them wrong"));
        }
        *tally.codes.entry(ended.code).or_default() += 1;
        let which = format!("{}, time {time}: {done}", subject.name);
        if tally.slowest.as_ref().is_none_or(|(most, _)| *most < taken) {
            tally.slowest = Some((taken, which.clone()));
        }
        if let Err(why) = check(&ended) {
            tally.faults.push(format!("── {which}: {why}\n{ended}"));
        }
    }
}

/// The same command with a limit to its memory, in MiB.
///
/// The limit is that of the data segment, which Linux counts for all private memory that can be written to: heap,
/// mapped pages and stacks of threads. The address space would count what allocators only reserve, and the resident
/// set has no limit on Linux. A program that passes the limit cannot allocate, and aborts if it must.
fn limited(command: &Command, mebibytes: usize) -> Command {
    let kibibytes = mebibytes * 1024;
    let mut limited = tool("sh");
    limited
        .arg("-c")
        .arg(format!("ulimit -d {kibibytes} && exec \"$0\" \"$@\""))
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        limited.env(name, value.expect("only what is set"));
    }
    limited
}

fn check(ended: &Ended) -> Result<(), &'static str> {
    let contains = |text: &[u8], words: &[u8]| text.windows(words.len()).any(|it| it == words);
    if ended.is_late {
        return Err("it took too long");
    }
    if !matches!(ended.code, Some(0..=2)) {
        return Err("it ended with no verdict");
    }
    if contains(&ended.stderr, b"panicked") || contains(&ended.stderr, b"memory allocation of") {
        return Err("it speaks of a crash");
    }
    if ended.code == Some(2) && ended.stderr.is_empty() {
        return Err("it failed and does not say why");
    }
    let is_json = || serde_json::from_slice::<serde_json::Value>(&ended.stdout).is_ok();
    let may_be_silent = ended.code == Some(2) && ended.stdout.is_empty();
    if !may_be_silent && !is_json() {
        return Err("what it prints is no JSON");
    }
    Ok(())
}

/// Does one to four things to a file, and says which.
fn change(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    let mut done = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) && random.below(2) == 0 {
        // Otherwise nothing but the decoder would ever see a change.
        let mut unpacked = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice());
        decoder.read_to_end(&mut unpacked).expect("a whole fixture");
        *bytes = unpacked;
        done.push("unpacked".to_owned());
    }
    for _ in 0..[1, 1, 1, 2, 3, 4][random.below(6)] {
        if bytes.is_empty() {
            break;
        }
        let from = random.below(bytes.len());
        let length = 1 + random.below((bytes.len() - from).min(2000));
        let to = random.below(bytes.len());
        done.push(match random.below(9) {
            0 => {
                let bit = random.below(8);
                bytes[from] ^= 1 << bit;
                format!("bit {bit} of byte {from} flipped")
            }
            1 => {
                bytes.truncate(from);
                format!("cut at {from}")
            }
            2 => {
                bytes.drain(from..from + length);
                format!("{length} bytes from {from} removed")
            }
            3 => {
                let part = bytes[from..from + length].to_vec();
                bytes.splice(to..to, part);
                format!("{length} bytes from {from} doubled at {to}")
            }
            4 => {
                let value = [0x00, 0xff, b'9', b'/'][random.below(4)];
                bytes[from..from + length].fill(value);
                format!("{length} bytes from {from} set to {value:#04x}")
            }
            5 => {
                let begin = from / BLOCK * BLOCK;
                let end = (begin + BLOCK).min(bytes.len());
                let block = bytes[begin..end].to_vec();
                let to = to / BLOCK * BLOCK;
                bytes.splice(to..to, block);
                format!("the block at {begin} doubled at {to}")
            }
            6 => change_digit(bytes, from, random),
            _ => change_header(bytes, from, random),
        });
    }
    done.join(", ")
}

/// Makes another of the next digit: a size, a length, a digest.
fn change_digit(bytes: &mut [u8], from: usize, random: &mut Random) -> String {
    let Some(ahead) = bytes[from..].iter().position(u8::is_ascii_digit) else {
        return "nothing, there is no digit".to_owned();
    };
    bytes[from + ahead] = b"0123456789-ae"[random.below(13)];
    format!("the digit at {} changed", from + ahead)
}

/// Writes over a part of the next tar header, and mends its checksum so that readers look further.
fn change_header(bytes: &mut [u8], from: usize, random: &mut Random) -> String {
    let Some(at) = (from / BLOCK..bytes.len() / BLOCK)
        .map(|block| block * BLOCK)
        .find(|at| bytes[at + 257..at + 262] == *b"ustar")
    else {
        return "nothing, there is no header".to_owned();
    };
    let block = &mut bytes[at..at + BLOCK];
    // Where each field begins: name, mode, owner, group, size, time, type, link, magic, device, prefix, sparse map.
    let field = [
        0, 100, 108, 116, 124, 125, 136, 156, 157, 257, 329, 345, 386, 482,
    ][random.below(14)];
    let length = (1 + random.below(12)).min(BLOCK - field);
    for byte in &mut block[field..field + length] {
        *byte = b"\0\0 017789-.x/SLKgV2\x80\xff"[random.below(21)];
    }
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    format!("the field at {field} of the header at {at} changed")
}

#[test]
fn what_is_no_verdict_would_be_seen() {
    let ended = |script: &str| {
        let mut command = tool("sh");
        Ended::within(command.args(["-c", script]), Duration::from_millis(500))
    };
    assert_eq!(check(&ended("echo '{}'")), Ok(()));
    assert_eq!(check(&ended("echo why >&2; exit 2")), Ok(()));
    assert!(check(&ended("exit 2")).is_err());
    assert!(check(&ended("echo '{'")).is_err());
    assert!(check(&ended("exit 1")).is_err());
    assert!(check(&ended("echo '{}'; exit 101")).is_err());
    assert!(check(&ended("echo '{}'; kill -ABRT $$")).is_err());
    assert!(check(&ended("echo '{}'; echo 'a thread panicked' >&2")).is_err());
    assert!(check(&ended("echo '{}'; exec sleep 60")).is_err());
}

#[test]
fn the_limit_of_memory_holds() {
    let copy = |mebibytes: usize| {
        let mut command = tool("dd");
        command.args(["if=/dev/zero", "of=/dev/null", "count=1"]);
        command.arg(format!("bs={mebibytes}M"));
        Ended::within(&mut limited(&command, MEMORY), PATIENCE).code
    };
    assert_eq!(copy(MEMORY - 64), Some(0));
    assert_ne!(copy(MEMORY + 64), Some(0));
}
