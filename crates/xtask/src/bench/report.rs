//! The table for people, and `target/bench/results.json` for programs.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::contest::{Contest, Measure, Row};
use super::gallery::home;
use super::peer::version;
use super::race::{Outcome, Times};
use crate::shell::say;

/// Programs whose versions are told.
const PEERS: [&str; 6] = ["skopeo", "dive", "syft", "gzip", "tar", "zstd"];

/// What one row came to.
struct Line {
    name: &'static str,
    what: &'static str,
    ours: String,
    other: String,
    found: String,
    limit: String,
    verdict: &'static str,
    memory: String,
    json: Value,
}

/// All rows of a run.
pub(crate) struct Report {
    runs: usize,
    machine: Value,
    lines: Vec<Line>,
}

impl Report {
    pub(crate) fn begin(runs: usize, binary: &Path) -> Result<Report> {
        let versions: Value = PEERS
            .iter()
            .map(|name| ((*name).to_owned(), json!(version(name))))
            .collect::<serde_json::Map<String, Value>>()
            .into();
        let machine = json!({
            "processor": processor(),
            "cores": std::thread::available_parallelism().map_or(0, usize::from),
            "load": load(),
            "layerscope": binary.display().to_string(),
            "versions": versions,
        });
        Ok(Report {
            runs,
            machine,
            lines: Vec::new(),
        })
    }

    pub(crate) fn add(&mut self, contest: &Contest, outcomes: &[Outcome]) -> Result<()> {
        let lines = contest.rows.iter().map(|row| line(contest, outcomes, row));
        self.lines.extend(lines);
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<()> {
        let load = load().unwrap_or_default();
        say(&format!(
            "\nMedians of {} runs; the load of the machine was {load} at the end.",
            self.runs
        ));
        say(&format!(
            "{:15} {:10} {:34} {:>8} {:>7}  {:8} {:>9}  {}",
            "row", "ours", "against", "found", "limit", "", "memory", "what"
        ));
        for line in &self.lines {
            let Line {
                name,
                what,
                ours,
                other,
                found,
                limit,
                verdict,
                memory,
                ..
            } = line;
            say(&format!(
                "{name:15} {ours:10} {other:34} {found:>8} {limit:>7}  {verdict:8} {memory:>9}  {what}"
            ));
        }
        let rows: Vec<&Value> = self.lines.iter().map(|line| &line.json).collect();
        let results = json!({ "machine": self.machine, "runs": self.runs, "rows": rows });
        let path = home().join("results.json");
        fs::write(&path, serde_json::to_vec_pretty(&results)?)?;
        say(&format!("The same for programs: {}", path.display()));
        Ok(())
    }
}

fn line(contest: &Contest, outcomes: &[Outcome], row: &Row) -> Line {
    let missing = |number: usize| match outcomes.get(number) {
        Some(Outcome::Missing(name)) => Some(*name),
        _ => None,
    };
    let times = |number: usize| match outcomes.get(number) {
        Some(Outcome::Ran(times)) => Some(times),
        _ => None,
    };
    let name = |number: usize| {
        let contender = contest.contenders.get(number);
        contender.map_or("", |contender| contender.name.as_str())
    };
    let ours = times(row.ours);
    let against = match row.measure {
        Measure::Time { against, .. } | Measure::Growth { against, .. } => Some(against),
        Measure::Own { .. } | Measure::Peak { .. } | Measure::Figure { .. } => None,
    };
    let other = against.and_then(times);
    let (found, limit) = match (row.measure, ours) {
        (Measure::Time { limit, .. }, Some(ours)) => {
            let ratio = other.map(|other| ours.median() / other.median());
            (ratio, limit)
        }
        (Measure::Time { limit, .. }, None) => (None, limit),
        (Measure::Own { limit }, ours) => (ours.map(Times::median), Some(limit)),
        (Measure::Peak { limit }, ours) => {
            let peak = ours.and_then(|ours| ours.peak);
            (peak.map(|peak| peak as f64), Some(limit as f64))
        }
        (Measure::Figure { name, limit }, ours) => (ours.and_then(|ours| ours.figure(name)), limit),
        (Measure::Growth { more, limit, .. }, ours) => {
            let peaks = ours
                .and_then(|ours| ours.peak)
                .zip(other.and_then(|other| other.peak));
            let grown = peaks.map(|(ours, other)| ours.saturating_sub(other) as f64 / more as f64);
            (grown, Some(limit))
        }
    };
    let is_bytes = matches!(row.measure, Measure::Peak { .. });
    let figure = |value: Option<f64>| match value {
        Some(value) if is_bytes => megabytes(value),
        Some(value) => format!("{value:.3}"),
        None => "-".to_owned(),
    };
    let verdict = match (found, limit) {
        (None, _) => "not run",
        (Some(_), None) => "told",
        (Some(found), Some(limit)) if found <= limit => "pass",
        (Some(_), Some(_)) => "MISS",
    };
    let absent = missing(row.ours).or(against.and_then(missing));
    Line {
        name: row.name,
        what: row.what,
        ours: ours.map_or("-".to_owned(), |ours| format!("{:.3} s", ours.median())),
        other: match (absent, against, other) {
            (Some(name), ..) => format!("{name} is not installed"),
            (None, Some(number), Some(other)) => {
                format!("{:.3} s {}", other.median(), name(number))
            }
            _ => String::new(),
        },
        found: figure(found),
        limit: figure(limit),
        verdict,
        memory: ours
            .and_then(|ours| ours.peak)
            .map_or("-".to_owned(), |peak| megabytes(peak as f64)),
        json: json!({
            "name": row.name,
            "what": row.what,
            "ours": ours.map(|ours| described(name(row.ours), ours)),
            "against": against.zip(other).map(|(number, other)| described(name(number), other)),
            "notInstalled": absent,
            "found": found,
            "limit": limit,
            "verdict": verdict,
        }),
    }
}

fn described(name: &str, times: &Times) -> Value {
    json!({
        "command": name,
        "median": times.median(),
        "seconds": times.seconds,
        "peakBytes": times.peak,
        "processorSeconds": times.processor,
    })
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// How many processes wanted a processor, over the last minute, five and fifteen.
fn load() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    Some(words.join(" "))
}
