//! Other people's programs.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use crate::Directory;

/// A command that runs `name` from the `PATH`.
///
/// # Panics
/// When it is not installed: a test that cannot see what it is about must not pass.
pub fn tool(name: &str) -> Command {
    Command::new(find(name).unwrap_or_else(|| {
        panic!("`{name}` is not installed; `cargo xtask test --only tools` installs what the tests need")
    }))
}

/// skopeo, which trusts what these tests give it and keeps its notes in their directory.
pub fn skopeo(directory: &Directory) -> Command {
    let mut command = tool("skopeo");
    command.arg("--insecure-policy");
    command.env("XDG_DATA_HOME", directory.join("skopeo"));
    command
}

/// A line that is seen also when the test passes: why it looks at less than it could.
pub fn remark(line: &str) {
    // What the test harness captures is what the printing macros print.
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file())
}
