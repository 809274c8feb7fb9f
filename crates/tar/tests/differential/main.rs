//! What we say of thousands of archives, against what Go's `archive/tar`, GNU tar, bsdtar and
//! Python's `tarfile` say of them.
//!
//! The archives are written byte by byte, well-formed ones and hostile ones ([`generator`]). Go
//! must agree in everything; the others in the names, kinds, sizes and link targets that they
//! list. Every difference has to be explained by a rule of `accepted.txt`, which names the feature
//! of the archive that readers disagree about, and what we raise so that a person learns of it. A
//! rule that explains nothing fails the test as well.
//!
//! `LAYERSCOPE_KEEP=1` keeps the archives in the target directory's `tmp`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic; clippy sees that only in the test functions themselves"
)]

mod case;
mod compare;
mod defects;
mod facts;
mod fixed;
mod generator;
mod known;
mod listing;
mod random;
mod readers;
mod rules;
mod sparse_file;
mod well_formed;

// The writer, the transcript and the vectors of the other tests.
#[path = "../archives/archive.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod archive;
#[path = "../archives/reading.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod reading;
#[path = "../archives/vectors.rs"]
mod vectors;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use crate::case::Case;
use crate::compare::{Unexplained, compare};
use crate::facts::Ours;
use crate::readers::Reader;
use crate::rules::Rules;

#[test]
fn every_difference_is_explained() {
    let cases = generator::all();
    let workplace = readers::workplace();
    let paths: Vec<PathBuf> = cases
        .iter()
        .map(|case| workplace.join(format!("{}.tar", case.name)))
        .collect();
    for (case, path) in cases.iter().zip(&paths) {
        assert!(!path.exists(), "two archives are called {}", case.name);
        fs::write(path, &case.bytes).expect("an archive");
    }
    let ours: Vec<Ours> = cases
        .iter()
        .map(|case| Ours::of(&reading::read_pieces([case.bytes.as_slice()])))
        .collect();

    let mut rules = Rules::read();
    let mut summary = String::new();
    let mut unexplained: BTreeMap<(Reader, String), Vec<String>> = BTreeMap::new();
    for reader in Reader::ALL {
        let asked: Vec<usize> = (0..cases.len())
            .filter(|&at| reader == Reader::Go || !cases[at].only_go)
            .collect();
        let asked_paths: Vec<PathBuf> = asked.iter().map(|&at| paths[at].clone()).collect();
        let answers = reader.answers(&asked_paths, &workplace);
        let _ = writeln!(
            summary,
            "{}: {} archives compared",
            reader.name(),
            asked.len()
        );
        for (at, theirs) in asked.into_iter().zip(&answers) {
            let case = &cases[at];
            for found in compare(reader, case, &ours[at], theirs, &mut rules) {
                let group = format!("{} ({})", found.what, found.features);
                let all = unexplained.entry((reader, group)).or_default();
                all.push(tell(case, &ours[at], &found));
            }
        }
        for rule in rules.0.iter().filter(|rule| rule.reader == reader.name()) {
            let _ = writeln!(summary, "    {:>6} {}", rule.applied, rule.id);
        }
    }
    // What the test harness captures is what the printing macros print.
    let _ = std::io::stderr().write_all(summary.as_bytes());

    let mut report = String::new();
    for ((reader, group), all) in &unexplained {
        let _ = writeln!(
            report,
            "{} {group}: {} times, first\n{}",
            reader.name(),
            all.len(),
            all[0]
        );
    }
    assert!(
        unexplained.is_empty(),
        "{} unexplained differences:\n{report}",
        unexplained.len()
    );
    assert!(cases.len() >= 2000, "only {} archives", cases.len());
    let stale = rules.stale();
    assert!(stale.is_empty(), "rules that explain nothing: {stale:?}");
    if std::env::var_os("LAYERSCOPE_KEEP").is_none() {
        fs::remove_dir_all(workplace).expect("the workplace");
    }
}

fn tell(case: &Case, ours: &Ours, found: &Unexplained) -> String {
    let Unexplained {
        why,
        ours: mine,
        theirs,
        ..
    } = found;
    let name = &case.name;
    let raised = &ours.raised;
    format!("    {name}: {why}\n    we raise {raised:?}\n    ours   {mine}\n    theirs {theirs}")
}
