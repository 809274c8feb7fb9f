//! Embeds the built page: writes a table of the files in `dist/`, if there are any.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let dist = crate_dir.join("../../dist");
    // Cargo looks at a path that does not exist each time, and so sees the page as soon as it is built.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());

    let mut files = Vec::new();
    if dist.is_dir() {
        collect(&dist.canonicalize()?, "", &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (name, file) in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let file = file
            .to_str()
            .ok_or_else(|| io::Error::other(format!("{} is not UTF-8", file.display())))?;
        writeln!(table, "    ({name:?}, include_bytes!({file:?})),").map_err(io::Error::other)?;
    }
    table.push_str("]\n");
    let out = PathBuf::from(variable("OUT_DIR")?).join("page_files.rs");
    // Written only when it differs, so that a second look at an absent page compiles nothing.
    if fs::read(&out).ok().as_deref() != Some(table.as_bytes()) {
        fs::write(out, table)?;
    }
    Ok(())
}

/// Adds the files below `directory`, each with its path as a URL has it.
fn collect(directory: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| {
            io::Error::other(format!("{} is not UTF-8", Path::new(&name).display()))
        })?;
        let path = entry.path();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            files.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}
