//! Where our time goes.

use std::fs;

use anyhow::Result;

use super::contest::{Contest, Measure};
use super::gallery::home;
use super::race::{self, Outcome, Times};
use crate::shell::{find, output, program, run, say};

/// Samples a second: enough for runs of some tenths of a second, and no multiple of a timer's rate.
const RATE: &str = "1999";

/// Records our contenders of a contest once each, and leaves a text beside each record.
pub(crate) fn record(contest: &Contest) -> Result<()> {
    if find("perf").is_none() {
        say("perf is not installed: there is no profile. `cargo xtask bench --setup` installs it.");
        return Ok(());
    }
    let directory = home().join("profile");
    fs::create_dir_all(&directory)?;
    let registry = race::registry(contest, &[Outcome::Ran(Times::default())])?;
    let host = registry.as_ref().map_or("", |registry| &registry.host);
    for row in &contest.rows {
        if matches!(
            row.measure,
            Measure::Own { .. } | Measure::Peak { .. } | Measure::Growth { .. }
        ) {
            continue;
        }
        let Some(contender) = contest.contenders.get(row.ours) else {
            continue;
        };
        let data = directory.join(format!("{}.data", row.name));
        let plain = race::command(contender, host, None);
        run(program("perf")
            .args(["record", "--quiet", "-F", RATE, "-g", "-o"])
            .arg(&data)
            .arg("--")
            .arg(plain.get_program())
            .args(plain.get_args())
            .envs(
                plain
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdout(std::process::Stdio::null()))?;
        let text = output(
            program("perf")
                .args(["report", "--stdio", "--no-children", "-g", "none", "-i"])
                .arg(&data),
        )?;
        let place = directory.join(format!("{}.txt", row.name));
        fs::write(&place, &text)?;
        say(&format!("── {} ({})", row.name, contender.name));
        let lines = text.lines().filter(|line| line.contains('%'));
        lines.take(15).for_each(say);
        say(&format!("  the whole of it: {}", place.display()));
    }
    Ok(())
}
