//! `cargo xtask bench`: us and our peers on the same images, in turn, within one run.
//!
//! The nouns: a [`Gallery`](gallery::Gallery) of images that are made once from files of this machine; a
//! [`Contest`](contest::Contest) between contenders, ours and peers; the [`Times`](race::Times) that each needed; and the
//! [`Row`](contest::Row)s that compare them with what they have to be.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::build;
use crate::shell::{root, say};

mod archive;
mod contest;
mod contests;
mod gallery;
mod layer;
mod peer;
mod profile;
mod race;
mod registry;
mod report;
mod selection;

const USAGE: &str = "usage: cargo xtask bench [ROW…] [--runs N] [--setup] [--profile] [--list]";

/// How often each contender runs when nobody says, after one run that is not counted.
const RUNS: usize = 5;

/// The binary that is measured instead of the release build.
const BINARY: &str = "LAYERSCOPE_BIN";

/// `cargo xtask bench [ROW…] [--runs N] [--setup] [--profile] [--list]`
pub(crate) fn run_with(arguments: &[String]) -> Result<()> {
    let mut wanted = Vec::new();
    let mut runs = RUNS;
    let (mut setup, mut profiling, mut listing) = (false, false, false);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--runs" => runs = words.next().context(USAGE)?.parse().context(USAGE)?,
            "--setup" => setup = true,
            "--profile" => profiling = true,
            "--list" => listing = true,
            name if !name.starts_with('-') => wanted.push(name.to_owned()),
            _ => bail!(USAGE),
        }
    }
    if runs == 0 {
        bail!(USAGE);
    }
    if setup {
        peer::set_up()?;
    }
    let given = std::env::var_os(BINARY).map(PathBuf::from);
    let ours = given
        .clone()
        .unwrap_or_else(|| root().join("target/release/layerscope"));
    let mut contests = contests::all(&ours);
    if listing {
        for row in contests.iter().flat_map(|contest| &contest.rows) {
            say(&format!("{:20} {}", row.name, row.what));
        }
        return Ok(());
    }
    for contest in &mut contests {
        contest.keep(&wanted);
    }
    contests.retain(|contest| !contest.rows.is_empty());
    if contests.is_empty() {
        bail!("no row `{}`; --list tells their names", wanted.join(" "));
    }
    let mut contenders = contests.iter().flat_map(|contest| &contest.contenders);
    match given {
        Some(_) => {}
        // What tells its time is the page, which the binary has in it.
        None if contenders.any(|contender| contender.tells) => build::everything()?,
        None => build::command_line()?,
    }
    let mut report = report::Report::begin(runs, &ours)?;
    for contest in &contests {
        for image in &contest.images {
            image.make()?;
        }
        let results = if profiling {
            profile::record(contest)?;
            continue;
        } else {
            race::run(contest, runs)?
        };
        report.add(contest, &results)?;
    }
    if profiling {
        return Ok(());
    }
    report.finish()
}
