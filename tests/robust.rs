//! Whatever happens to a file on its way: the binary ends with a verdict, soon, and never with a crash.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use harness::{Directory, Ended, Random, fixture, fixtures, layerscope};

/// How often each fixture is spoiled. Every time is another, and the same in every run.
const TIMES: usize = 300;
/// What takes milliseconds when it is whole must not take this long when it is broken.
const PATIENCE: Duration = Duration::from_secs(10);
/// The commands that read everything there is.
const COMMANDS: [&[&str]; 2] = [&["verify"], &["ls", "-R"]];

#[test]
fn nothing_that_happens_to_a_file_crashes_the_binary() {
    let names = fixtures();
    assert!(names.len() >= 20, "only {} fixtures", names.len());
    let cases: Vec<(&str, usize)> = names
        .iter()
        .flat_map(|name| (0..TIMES).map(move |time| (&**name, time)))
        .collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let hands = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..hands {
            scope.spawn(|| {
                let directory = Directory::new("robust");
                while let Some((name, time)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let faults = spoil_and_run(name, *time, &directory);
                    wrong.lock().expect("the list").extend(faults);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("the list");
    assert!(
        wrong.is_empty(),
        "{} runs went wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(10)].join("\n")
    );
}

/// Spoils a copy of a fixture, and tells what the binary should not have done about it.
fn spoil_and_run(name: &str, time: usize, directory: &Directory) -> Vec<String> {
    let mut random = Random::new(&format!("{name} {time}"));
    let source = directory.join(name);
    copy(&fixture(name), &source);
    let mut files = Vec::new();
    collect(&source, &mut files);
    files.sort();
    let file = &files[random.below(files.len())];
    let mut bytes = fs::read(file).expect("a file");
    let done = spoil(&mut bytes, &mut random);
    fs::write(file, bytes).expect("a file");
    COMMANDS
        .iter()
        .map(|command| Ended::within(layerscope(*command).arg(&source), PATIENCE))
        .filter(|ended| !is_fine(ended))
        .map(|ended| format!("── {name}, time {time}: {done}\n{ended}"))
        .collect()
}

fn is_fine(ended: &Ended) -> bool {
    let panicked = b"panicked at";
    let errors = &ended.stderr;
    matches!(ended.code, Some(0..=2))
        && !ended.is_late
        && !errors
            .windows(panicked.len())
            .any(|words| words == panicked)
}

/// Does one to four things to a file, and says which.
fn spoil(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    let mut done = Vec::new();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let from = random.below(bytes.len());
        let length = 1 + random.below((bytes.len() - from).min(2000));
        done.push(match random.below(6) {
            0 | 1 => {
                let bit = random.below(8);
                bytes[from] ^= 1 << bit;
                format!("bit {bit} of byte {from} flipped")
            }
            2 => {
                bytes.truncate(from);
                format!("cut at {from}")
            }
            3 => {
                let part = bytes[from..from + length].to_vec();
                bytes.splice(from..from, part);
                format!("{length} bytes from {from} doubled")
            }
            4 => {
                bytes.drain(from..from + length);
                format!("{length} bytes from {from} removed")
            }
            _ => {
                let value = [0x00, 0xff, b'9', b'/'][random.below(4)];
                bytes[from..from + length].fill(value);
                format!("{length} bytes from {from} set to {value:#04x}")
            }
        });
    }
    done.join(", ")
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a directory");
        for child in fs::read_dir(from).expect("a directory") {
            let child = child.expect("an entry");
            copy(&child.path(), &to.join(child.file_name()));
        }
    } else {
        fs::copy(from, to).expect("a copy");
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        files.push(path.to_owned());
        return;
    }
    for child in fs::read_dir(path).expect("a directory") {
        collect(&child.expect("an entry").path(), files);
    }
}

#[test]
fn a_crash_and_a_hang_would_be_seen() {
    let ended = |script: &str| {
        let mut command = harness::tool("sh");
        Ended::within(command.args(["-c", script]), Duration::from_millis(500))
    };
    assert!(is_fine(&ended("exit 2")));
    assert!(!is_fine(&ended("exit 101")));
    assert!(!is_fine(&ended("kill -SEGV $$")));
    assert!(!is_fine(&ended("echo 'thread panicked at x' >&2; exit 1")));
    let hung = ended("exec sleep 60");
    assert!(hung.is_late && !is_fine(&hung));
}
