//! The binary under test, and the files that it is tried on.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that names the binary.
const BINARY: &str = "LAYERSCOPE_BIN";
/// The variable that names a directory with archives which other tools have made.
const FOREIGN: &str = "LAYERSCOPE_EXTRA_FIXTURES";

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are in the repository")
}

/// A command that runs the binary under test as a person would who has configured nothing.
///
/// The binary is what `LAYERSCOPE_BIN` names, or else the release build, or else the debug build.
///
/// # Panics
/// When there is none.
pub fn layerscope<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(binary());
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C.UTF-8")
        // Nothing can be kept in it, so that no test knows a layer that another one has read.
        .env("XDG_CACHE_HOME", "/dev/null")
        // A registry that asks for a minute gets a moment: what is said of it is the same.
        .env("LAYERSCOPE_TEST_SECOND_MS", "1");
    command
}

fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os(BINARY) {
        let path = PathBuf::from(named);
        assert!(
            path.is_file(),
            "{BINARY} names {}, which is no file",
            path.display()
        );
        return path;
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| repository().join("target"), PathBuf::from);
    ["release", "debug"]
        .into_iter()
        .map(|profile| target.join(profile).join("layerscope"))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!("there is no binary to test: run `cargo build --release --bin layerscope`, or let {BINARY} name one")
        })
}

/// A generated fixture.
///
/// # Panics
/// When there is none of that name.
pub fn fixture(name: &str) -> PathBuf {
    let path = repository().join("tests/fixtures").join(name);
    assert!(path.exists(), "there is no fixture {name}");
    path
}

/// All generated fixtures that are archives or layouts, by name.
pub fn fixtures() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(repository().join("tests/fixtures"))
        .expect("the fixtures")
        .map(|entry| {
            entry
                .expect("a fixture")
                .file_name()
                .into_string()
                .expect("a plain name")
        })
        .filter(|name| name != "README.md")
        .collect();
    names.sort();
    names
}

/// The directory with archives that other tools have made, if the machine has it. Without it the tests that would
/// read them say so and are content with the generated fixtures.
pub fn foreign_fixtures() -> Option<PathBuf> {
    let path = std::env::var_os(FOREIGN).filter(|path| !path.is_empty())?;
    let path = PathBuf::from(path);
    assert!(
        path.is_dir(),
        "{FOREIGN} names {}, which is no directory",
        path.display()
    );
    Some(path)
}
