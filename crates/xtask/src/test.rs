//! `cargo xtask test`: every test there is, in the order in which they fail fastest.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::shell::{cargo, program, root, run, say};
use crate::{build, fuzz, install, tidy};

/// One step: its name for `--only`, and what it does.
type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 10] = [
    ("tools", install::test_tools),
    ("fmt", fmt),
    ("tidy", tidy::run),
    ("build", build::everything),
    ("clippy", clippy),
    ("rust", rust),
    ("typescript", typescript),
    ("unit", unit),
    ("fuzz", fuzz::test),
    // Last, so that the run ends with the line in which a test runner counts.
    ("browser", browser),
];

/// Runs all steps, or the one that `--only` names.
fn run_steps(only: Option<&str>) -> Result<()> {
    if let Some(name) = only
        && !STEPS.iter().any(|(step, _)| *step == name)
    {
        bail!(
            "no step `{name}`; there are: {}",
            STEPS.map(|(step, _)| step).join(", ")
        );
    }
    let mut times = Vec::new();
    for (name, step) in STEPS {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        if name == "browser" && !times.is_empty() {
            say(&format!("Times so far: {}", times.join(", ")));
        }
        say(&format!("── {name}"));
        let start = Instant::now();
        step()?;
        times.push(format!("{name} {} s", start.elapsed().as_secs()));
    }
    Ok(())
}

/// `cargo xtask test [--only STEP]`
pub(crate) fn run_with(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => run_steps(None),
        [flag, name] if flag == "--only" => run_steps(Some(name)),
        _ => bail!("usage: cargo xtask test [--only STEP]"),
    }
}

fn fmt() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    fuzz::fmt()
}

fn clippy() -> Result<()> {
    run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    run(cargo().args([
        "clippy",
        "--package",
        "layerscope-wasm",
        "--target",
        "wasm32-unknown-unknown",
        "--",
        "-D",
        "warnings",
    ]))?;
    fuzz::clippy()
}

fn rust() -> Result<()> {
    run(cargo()
        .env("LAYERSCOPE_BIN", root().join("target/release/layerscope"))
        .args(["test", "--workspace", "--quiet"]))
}

fn typescript() -> Result<()> {
    run(program("npm").args(["run", "--silent", "check"]))
}

fn unit() -> Result<()> {
    run(program("npm").args(["run", "--silent", "test:unit"]))
}

fn browser() -> Result<()> {
    run(program("npm")
        .env("LAYERSCOPE_BIN", root().join("target/release/layerscope"))
        .args(["run", "--silent", "test:browser"]))
}
