//! The command line, case by case: `readme.txt` says how one is written, and is one.
//!
//! `BLESS=1` writes what the binary does now as what is expected.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod case;
mod escape;

use std::fs;
use std::path::{Path, PathBuf};

use case::Case;
use harness::repository;

fn cases() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(repository().join("tests/cli"))
        .expect("the cases")
        .map(|entry| entry.expect("a case").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_case_is_as_it_is_written() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut runs = 0;
    let mut wrong = Vec::new();
    for path in cases() {
        let text = fs::read_to_string(&path).expect("a case");
        let name = path.file_name().map(Path::new).expect("a name").display();
        let expected = Case::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        runs += expected.runs.len();
        let found = expected.run();
        let written = found.to_string();
        if written == text {
            continue;
        }
        if bless {
            fs::write(&path, written).expect("a case");
        } else {
            wrong.push(format!("── {name}\n{}", difference(&text, &written)));
        }
    }
    assert!(runs > 0, "there is no case");
    assert!(
        wrong.is_empty(),
        "{}\n{} files differ; if that is meant, BLESS=1 writes them",
        wrong.join("\n"),
        wrong.len()
    );
}

/// The lines that differ, between the first and the last that do.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), found.lines().collect());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = expected.iter().zip(&found).take_while(same).count();
    let left = expected.len().min(found.len()) - head;
    let tail = expected
        .iter()
        .rev()
        .zip(found.iter().rev())
        .take(left)
        .take_while(same)
        .count();
    let show = |sign: char, lines: &[&str]| -> String {
        lines[head..lines.len() - tail]
            .iter()
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    format!(
        "from line {}:\n{}{}",
        head + 1,
        show('-', &expected),
        show('+', &found)
    )
}

#[test]
fn a_case_is_read_and_written_alike() {
    let text = "# Why.\n\n$ A=b layerscope ls 'a b' \"c\"\n--- stdout\none\n\ntwo\n--- stderr (no newline at its end)\nthree\n--- exit 2\n\n$ layerscope\n--- exit 0\n";
    let case = Case::read(text).unwrap();
    assert_eq!(case.to_string(), text);
    let run = &case.runs[0];
    assert_eq!(run.variables, [("A".to_owned(), "b".to_owned())]);
    assert_eq!(run.arguments, ["ls", "a b", "c"]);
    assert_eq!(run.stdout, b"one\n\ntwo\n");
    assert_eq!(run.stderr, b"three");
    assert_eq!((run.exit, case.runs[1].exit), (2, 0));
    for wrong in [
        "",
        "# Why.\n",
        "$ layerscope\n--- exit 0\n",
        "# Why.\n$ ls\n",
        "# Why.\n$ layerscope 'x\n",
        "# Why.\n$ layerscope\nb\n",
        "# Why.\n$ layerscope\n--- stdout\n",
        "# Why.\n$ layerscope\n--- stdin\n--- exit 0\n",
    ] {
        assert!(Case::read(wrong).is_err(), "{wrong:?}");
    }
}
