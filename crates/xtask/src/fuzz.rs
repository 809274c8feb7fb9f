//! Fuzzing with libFuzzer on stable Rust, which needs of the compiler nothing but LLVM's coverage passes, and of the
//! machine a C++ compiler.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, find, output, program, root, run, say};

/// How long a target is fuzzed when nobody says, in seconds.
const SECONDS: u64 = 600;

/// How long each is fuzzed as a test, in seconds: long enough for the seeds and their neighbours.
const TEST_SECONDS: u64 = 20;

/// How many targets are fuzzed at a time.
const AT_A_TIME: usize = 2;

/// The longest time for one input, in seconds. The slowest take milliseconds; a busy machine takes its part.
const TIMEOUT: u64 = 10;

/// Megabytes of a process: the bound that `fuzz/src/memory.rs` sets, and libFuzzer's own corpus.
const MEGABYTES: u64 = 2048;

/// What makes the compiler count which edges of the program were taken, and with what its comparisons compared.
const COVERAGE: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

const USAGE: &str = "usage: cargo xtask fuzz [TARGET] [--seconds N]";

/// `cargo xtask fuzz [TARGET] [--seconds N]`
pub(crate) fn run_with(arguments: &[String]) -> Result<()> {
    let mut wanted = None;
    let mut seconds = SECONDS;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => seconds = words.next().context(USAGE)?.parse().context(USAGE)?,
            name if wanted.is_none() && !name.starts_with('-') => wanted = Some(name),
            _ => bail!(USAGE),
        }
    }
    let mut targets = targets()?;
    if let Some(name) = wanted {
        if !targets.iter().any(|target| target == name) {
            bail!("no target `{name}`; there are: {}", targets.join(", "));
        }
        targets.retain(|target| target == name);
    }
    let binaries = build()?;
    fuzz(&binaries, &targets, seconds, Corpus::Kept)
}

/// The step of the tests: replays all inputs, and fuzzes each target for a while where this machine can.
pub(crate) fn test() -> Result<()> {
    replay()?;
    if !has_compiler() {
        say(
            "There is no C++ compiler for libFuzzer: the inputs that are kept were replayed, and no target was fuzzed.",
        );
        return Ok(());
    }
    match build() {
        Ok(binaries) => fuzz(&binaries, &targets()?, TEST_SECONDS, Corpus::Seeds),
        Err(error) => {
            say(&format!(
                "The fuzzers cannot be built here ({error:#}): the inputs that are kept were replayed, and no target was fuzzed."
            ));
            Ok(())
        }
    }
}

/// Replays the seeds and all findings, and runs the unit tests of the fuzz crate.
fn replay() -> Result<()> {
    run(cargo_of_fuzz("test").args(["--no-default-features", "--quiet"]))
}

/// The lints of the workspace, for the crate that is not in it.
pub(crate) fn clippy() -> Result<()> {
    let mut command = cargo_of_fuzz("clippy");
    command.arg("--all-targets");
    if !has_compiler() {
        command.arg("--no-default-features");
    }
    run(command.args(["--", "-D", "warnings"]))
}

/// The format of the workspace, for the crate that is not in it.
pub(crate) fn fmt() -> Result<()> {
    run(cargo()
        .args(["fmt", "--check", "--manifest-path"])
        .arg(manifest()))
}

/// The crate's manifest.
pub(crate) fn manifest() -> PathBuf {
    home().join("Cargo.toml")
}

fn home() -> PathBuf {
    root().join("fuzz")
}

fn cargo_of_fuzz(command: &str) -> std::process::Command {
    let mut cargo = cargo();
    cargo
        .args([command, "--locked", "--manifest-path"])
        .arg(manifest());
    cargo
}

fn has_compiler() -> bool {
    std::env::var_os("CXX").is_some() || ["c++", "g++"].into_iter().any(|name| find(name).is_some())
}

/// The targets, in the order of their names.
fn targets() -> Result<Vec<String>> {
    let directory = home().join("src/targets");
    let mut names = Vec::new();
    for child in fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
        let path = child?.path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .filter(|name| *name != "mod");
        if path.is_file() {
            names.extend(name.map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}

/// Builds all fuzzers, and returns where they are. The target is named, so that build scripts are not instrumented.
fn build() -> Result<PathBuf> {
    let version = output(program("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not say what it runs on")?;
    run(cargo_of_fuzz("build")
        .env("RUSTFLAGS", COVERAGE.join(" "))
        .args(["--release", "--bins", "--quiet", "--target", host]))?;
    Ok(home().join("target").join(host).join("release"))
}

/// What a fuzzer begins with.
#[derive(Clone, Copy)]
enum Corpus {
    /// The seeds, and what was found to be of interest in earlier runs.
    Kept,
    /// The seeds alone, so that no run depends on another.
    Seeds,
}

/// How fuzzing a target ended.
struct Ended {
    name: String,
    executions: u64,
    edges: u64,
    seconds: u64,
    /// The input, if there is one that fails.
    finding: Option<PathBuf>,
    failed: bool,
    log: PathBuf,
}

/// Fuzzes targets, some at a time.
fn fuzz(binaries: &Path, targets: &[String], seconds: u64, corpus: Corpus) -> Result<()> {
    let waiting: Mutex<VecDeque<&String>> = Mutex::new(targets.iter().collect());
    let ended = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let next = waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .pop_front();
                    let Some(name) = next else { return };
                    let one = fuzz_one(binaries, name, seconds, corpus);
                    if let Ok(one) = &one {
                        tell(one);
                    }
                    ended
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(one);
                }
            });
        }
    });
    let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    let ended = ended.into_iter().collect::<Result<Vec<Ended>>>()?;
    let failed: Vec<&str> = ended
        .iter()
        .filter(|one| one.failed)
        .map(|one| one.name.as_str())
        .collect();
    if !failed.is_empty() {
        bail!("the fuzzer found something in: {}", failed.join(", "));
    }
    Ok(())
}

fn fuzz_one(binaries: &Path, name: &str, seconds: u64, corpus: Corpus) -> Result<Ended> {
    let place = |what: &str| root().join("target/fuzz").join(what).join(name);
    let artifacts = place("artifacts");
    let grown = match corpus {
        Corpus::Kept => place("corpus"),
        Corpus::Seeds => {
            let fresh = place("test");
            let _ = fs::remove_dir_all(&fresh);
            fresh
        }
    };
    for directory in [&artifacts, &grown] {
        fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    }
    let log = root().join("target/fuzz").join(format!("{name}.log"));
    let file = File::create(&log).with_context(|| log.display().to_string())?;
    let mut command = program(binaries.join(name));
    command.arg(&grown);
    for kept in ["seeds", "findings"] {
        let directory = home().join(kept).join(name);
        if directory.is_dir() {
            command.arg(directory);
        }
    }
    let status = command
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-rss_limit_mb={MEGABYTES}"))
        .arg(format!("-timeout={TIMEOUT}"))
        .arg("-print_final_stats=1")
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("the fuzzer `{name}` could not be started"))?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    Ok(Ended {
        name: name.to_owned(),
        executions: last_number(&text, "stat::number_of_executed_units:"),
        edges: last_number(&text, " cov:"),
        seconds,
        finding: written(&text),
        failed: !status.success(),
        log,
    })
}

/// Where libFuzzer says that it wrote the input that failed.
fn written(text: &str) -> Option<PathBuf> {
    let mut lines = text.lines();
    lines.find_map(|line| Some(PathBuf::from(line.split_once("Test unit written to ")?.1)))
}

/// The number behind the last occurrence of a word; 0 where libFuzzer had no time to say one.
fn last_number(text: &str, word: &str) -> u64 {
    let after = text.rsplit_once(word).map(|(_, after)| after.trim_start());
    let digits =
        after.and_then(|after| after.split(|letter: char| !letter.is_ascii_digit()).next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// One line for a target, and for a finding what to do with it.
fn tell(ended: &Ended) {
    let Ended {
        name,
        executions,
        edges,
        seconds,
        log,
        ..
    } = ended;
    let result = if ended.failed {
        "FOUND SOMETHING"
    } else {
        "nothing found"
    };
    say(&format!(
        "{name}: {executions} executions in {seconds} s, {edges} edges, {result}"
    ));
    if !ended.failed {
        return;
    }
    match &ended.finding {
        Some(path) => say(&format!(
            "  the input:   {path}\n  what it did: {log}\n  replay it:   cargo run --manifest-path fuzz/Cargo.toml --no-default-features --example replay {name} {path}\n  keep it:     fuzz/findings/{name}/",
            path = path.display(),
            log = log.display(),
        )),
        None => say(&format!("  no input was written; see {}", log.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_figures_count() {
        let text = "#12\tNEW    cov: 17 ft: 20\n#90\tDONE   cov: 230 ft: 9\nstat::number_of_executed_units: 9041\n";
        assert_eq!(last_number(text, " cov:"), 230);
        assert_eq!(last_number(text, "stat::number_of_executed_units:"), 9041);
        assert_eq!(last_number("", " cov:"), 0);
    }

    #[test]
    fn a_finding_is_known_by_its_path() {
        let text = "SUMMARY: libFuzzer: deadly signal\n\
            artifact_prefix='target/fuzz/artifacts/tar/'; Test unit written to target/fuzz/artifacts/tar/crash-5f\n\
            Base64: AA==\n";
        let path = Path::new("target/fuzz/artifacts/tar/crash-5f");
        assert_eq!(written(text).as_deref(), Some(path));
        assert_eq!(written("Done 12 runs in 1 second(s)\n"), None);
    }

    #[test]
    fn every_target_has_a_fuzzer_and_seeds() {
        let targets = targets().unwrap();
        assert!(targets.len() >= 7, "{targets:?}");
        for name in targets {
            assert!(
                home()
                    .join("targets")
                    .join(&name)
                    .with_extension("rs")
                    .is_file(),
                "{name}"
            );
            assert!(home().join("seeds").join(&name).is_dir(), "{name}");
        }
    }
}
