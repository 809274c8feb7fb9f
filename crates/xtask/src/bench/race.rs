//! Running the contenders of a contest in turn.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::contest::{Contender, Contest, REGISTRY};
use super::gallery::home;
use super::peer::whereabouts;
use super::registry::Registry;
use crate::shell::{program, say};

/// What a contender needed.
pub(crate) enum Outcome {
    Ran(Times),
    /// This program is not installed.
    Missing(&'static str),
    /// No row asks.
    Unasked,
}

/// Seconds of each run that counts, and what the run before them took of the machine.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) seconds: Vec<f64>,
    /// Bytes of memory, where GNU time is installed.
    pub(crate) peak: Option<u64>,
    /// Seconds of processor time, likewise.
    pub(crate) processor: Option<f64>,
    /// What the last run printed, where that is figures.
    pub(crate) figures: Vec<(String, f64)>,
}

impl Times {
    /// A figure by its name.
    pub(crate) fn figure(&self, name: &str) -> Option<f64> {
        let found = self.figures.iter().find(|(known, _)| known == name);
        found.map(|(_, figure)| *figure)
    }

    /// The time that as many runs were faster as were slower than.
    pub(crate) fn median(&self) -> f64 {
        median(&self.seconds)
    }
}

fn median(all: &[f64]) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => 0.0,
        (Some(upper), 1) => *upper,
        (Some(upper), _) => f64::midpoint(*upper, sorted[middle - 1]),
    }
}

/// Each contender once without counting, which warms the page cache for all, and then all of them `runs` times in turn.
pub(crate) fn run(contest: &Contest, runs: usize) -> Result<Vec<Outcome>> {
    say(&format!("── {}", contest.name));
    let mut outcomes: Vec<Outcome> = contest
        .contenders
        .iter()
        .enumerate()
        .map(|(number, contender)| standing(contest, number, contender))
        .collect();
    let registry = registry(contest, &outcomes)?;
    let host = registry.as_ref().map_or("", |registry| &registry.host);
    for (contender, outcome) in contest.contenders.iter().zip(&mut outcomes) {
        if let Outcome::Ran(times) = outcome {
            *times = warm_up(contender, host)?;
        }
    }
    for round in 1..=runs {
        for (contender, outcome) in contest.contenders.iter().zip(&mut outcomes) {
            if let Outcome::Ran(times) = outcome {
                let (seconds, figures) = timed(&mut command(contender, host, None), contender)?;
                times.seconds.push(seconds);
                times.figures = figures;
                say(&format!("  {round}. {:40} {seconds:8.3} s", contender.name));
            }
        }
    }
    Ok(outcomes)
}

fn standing(contest: &Contest, number: usize, contender: &Contender) -> Outcome {
    if !contest.needs(number) {
        return Outcome::Unasked;
    }
    let missing = contender
        .needs
        .iter()
        .find(|name| whereabouts(name).is_none());
    match missing {
        Some(name) => Outcome::Missing(name),
        None => Outcome::Ran(Times::default()),
    }
}

/// The registry that a contest needs, if anybody can ask it.
pub(crate) fn registry(contest: &Contest, outcomes: &[Outcome]) -> Result<Option<Registry>> {
    let anybody = outcomes
        .iter()
        .any(|outcome| matches!(outcome, Outcome::Ran(_)));
    match contest.pushed {
        Some(pushed) if anybody => Registry::with(pushed).map(Some),
        _ => Ok(None),
    }
}

/// A contender's command. GNU time, which goes before, leaves its figures in a file.
pub(crate) fn command(contender: &Contender, host: &str, figures: Option<&Path>) -> Command {
    let mut words = contender.words.iter();
    let name = words.next().map_or("", String::as_str);
    let path = whereabouts(name).unwrap_or_else(|| name.into());
    let mut command = match figures {
        Some(figures) => {
            let mut command = program("time");
            command
                .args(["-f", "%M %U %S", "-o"])
                .arg(figures)
                .arg(path);
            command
        }
        None => program(path),
    };
    command
        .args(words.map(|word| word.replace(REGISTRY, host)))
        .envs(
            contender
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

fn warm_up(contender: &Contender, host: &str) -> Result<Times> {
    let mut times = Times::default();
    let figures = home().join("work/figures");
    fs::create_dir_all(home().join("work"))?;
    // Whoever tells its time starts others, whose memory is not its own.
    let measured = whereabouts("time")
        .filter(|_| !contender.tells)
        .map(|_| figures.as_path());
    timed(&mut command(contender, host, measured), contender)?;
    if measured.is_some() {
        let text = fs::read_to_string(&figures).context("the figures of GNU time")?;
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        if let [kibibytes, user, system] = numbers.as_slice() {
            times.peak = Some((*kibibytes * 1024.0) as u64);
            times.processor = Some(user + system);
        }
    }
    Ok(times)
}

/// Seconds until the process has ended, which it has to do well, or those that it tells; and the figures that it tells.
fn timed(command: &mut Command, contender: &Contender) -> Result<(f64, Vec<(String, f64)>)> {
    clear(contender);
    let log = home().join("work/log");
    fs::create_dir_all(home().join("work"))?;
    command.stderr(File::create(&log)?);
    let start = Instant::now();
    if contender.tells || contender.counts {
        command.stdout(Stdio::piped());
    }
    let output = command
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .with_context(|| format!("`{}` could not be started", contender.name))?;
    let seconds = start.elapsed().as_secs_f64();
    clear(contender);
    let words = contender.words.join(" ");
    if !output.status.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        bail!("`{words}` failed: {}\n{said}", output.status);
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<(String, f64)> = said
        .lines()
        .filter_map(|line| {
            let (name, figure) = line.split_once(' ')?;
            Some((name.to_owned(), figure.parse().ok()?))
        })
        .collect();
    if !contender.tells {
        return Ok((seconds, figures));
    }
    let told = figures.iter().find(|(name, _)| name == "seconds");
    match told {
        Some((_, seconds)) => Ok((*seconds, figures)),
        None => bail!("`{words}` told no time: {said}"),
    }
}

pub(crate) fn clear(contender: &Contender) {
    if let Some(path) = &contender.writes {
        // There is nothing before the first run.
        let _ = fs::remove_dir_all(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }
}
