//! The rules that no compiler checks. Each is a test too, so that `cargo test` finds what breaks one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::fuzz;
use crate::shell::{output, program, root, say};

/// What each crate may use of the workspace: the arrows of ARCHITECTURE.md.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("oci", &[]),
    ("tar", &[]),
    ("elf", &[]),
    ("inflate", &[]),
    ("layer", &["oci", "tar", "inflate"]),
    ("source", &["oci", "tar", "inflate", "layer"]),
    ("tree", &["oci", "tar", "layer"]),
    (
        "inspect",
        &["oci", "tar", "elf", "inflate", "layer", "source", "tree"],
    ),
    ("wasm", &["oci", "layer", "source", "tree", "inspect"]),
    ("gateway", &["oci", "source", "inspect"]),
    (
        "cli",
        &["oci", "layer", "source", "tree", "inspect", "gateway"],
    ),
];

/// The crates that ask and never do.
const CORE: [&str; 8] = [
    "oci", "tar", "elf", "inflate", "layer", "source", "tree", "inspect",
];

/// What would let a core crate touch the world, or tie it to one side.
const WORLDLY_MODULES: [&str; 7] = [
    "std::fs",
    "std::net",
    "std::time",
    "std::path",
    "std::thread",
    "std::process",
    "std::env",
];
const WORLDLY_CRATES: [&str; 8] = [
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "wasm-bindgen-futures",
    "gloo-net",
    "tokio",
    "ureq",
    "hyper",
];

const LICENCES: [&str; 9] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "MIT-0",
    "Unicode-3.0",
];

/// What nobody ships: libFuzzer itself, which is linked into the fuzzers and into nothing else, has LLVM's old licence.
const NOT_SHIPPED: [(&str, &str); 1] = [("libfuzzer-sys", "(MIT OR Apache-2.0) AND NCSA")];

/// Runs all rules.
pub(crate) fn run() -> Result<()> {
    dependencies_point_one_way()?;
    fuzzers_use_the_core()?;
    the_core_is_unworldly()?;
    unsafe_has_one_home()?;
    licences_are_allowed()?;
    nothing_leaks()?;
    say("tidy: dependencies, core, licences and leaks are in order");
    Ok(())
}

fn packages() -> Result<Vec<Package>> {
    packages_of(&root().join("Cargo.toml"))
}

fn packages_of(manifest: &Path) -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .exec()
        .context("cargo metadata")?;
    Ok(metadata.packages)
}

fn short(name: &str) -> Option<&str> {
    name.strip_prefix("layerscope-")
}

fn dependencies_point_one_way() -> Result<()> {
    let packages = packages()?;
    for (name, allowed) in MAY_USE {
        let package = packages
            .iter()
            .find(|package| short(&package.name) == Some(name))
            .with_context(|| format!("there is no crate `{name}`"))?;
        for dependency in &package.dependencies {
            let Some(used) = short(&dependency.name) else {
                continue;
            };
            if dependency.kind == DependencyKind::Normal && !allowed.contains(&used) {
                bail!(
                    "`{name}` uses `{used}`: dependencies point {{oci, tar, inflate}} → layer → {{source, tree}} → inspect → {{wasm, gateway, cli}}, and elf → inspect"
                );
            }
        }
    }
    Ok(())
}

/// The fuzzers are for the core: what is above it is tested as a whole.
fn fuzzers_use_the_core() -> Result<()> {
    let packages = packages_of(&fuzz::manifest())?;
    let package = packages
        .iter()
        .find(|package| short(&package.name) == Some("fuzz"))
        .context("there is no crate `fuzz`")?;
    for dependency in &package.dependencies {
        if let Some(used) = short(&dependency.name)
            && !CORE.contains(&used)
        {
            bail!("`fuzz` uses `{used}`, which is not in the core");
        }
    }
    Ok(())
}

fn the_core_is_unworldly() -> Result<()> {
    let packages = packages()?;
    for name in CORE {
        let package = packages
            .iter()
            .find(|package| short(&package.name) == Some(name))
            .with_context(|| format!("there is no crate `{name}`"))?;
        for dependency in &package.dependencies {
            if dependency.kind == DependencyKind::Normal
                && WORLDLY_CRATES.contains(&dependency.name.as_str())
            {
                bail!("core crate `{name}` uses `{}`", dependency.name);
            }
        }
        for file in rust_files(&root().join("crates").join(name).join("src"))? {
            let text = fs::read_to_string(&file)?;
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                if let Some(module) = worldly(code) {
                    bail!(
                        "{}:{}: core code uses `{module}`",
                        file.display(),
                        number + 1
                    );
                }
            }
        }
    }
    Ok(())
}

/// All crates have the workspace's lints, which forbid `unsafe`; `inflate` has them too, but for one file.
fn unsafe_has_one_home() -> Result<()> {
    const HOME: &str = "crates/inflate/src/gzip/raw.rs";
    let read = |path: &Path| fs::read_to_string(path).with_context(|| path.display().to_string());
    for package in packages()? {
        let Some(name) = short(&package.name) else {
            continue;
        };
        let manifest = read(package.manifest_path.as_std_path())?;
        if name != "inflate" && !manifest.contains("[lints]\nworkspace = true\n") {
            bail!("`{name}` does not have the workspace's lints");
        }
        if name == "inflate" {
            let workspace = read(&root().join("Cargo.toml"))?;
            for (prefix, manifest) in [("workspace.lints.", &workspace), ("lints.", &manifest)] {
                if lints(manifest, prefix).is_empty() {
                    bail!("no lints are found in a manifest");
                }
            }
            let mut expected = lints(&workspace, "workspace.lints.");
            expected.remove("rust.unsafe_code = \"forbid\"");
            expected.insert("rust.unsafe_code = \"deny\"".to_owned());
            expected.insert("clippy.undocumented_unsafe_blocks = \"warn\"".to_owned());
            if lints(&manifest, "lints.") != expected {
                bail!("the lints of `inflate` are not the workspace's, with `unsafe_code` denied");
            }
            for file in rust_files(&root().join("crates/inflate"))? {
                if file != root().join(HOME) && read(&file)?.contains("unsafe_code") {
                    bail!("{}: only {HOME} may hold `unsafe`", file.display());
                }
            }
        }
    }
    Ok(())
}

/// The lints in the tables of a manifest that begin with `prefix`, as `rust.missing_docs = "warn"`.
fn lints(manifest: &str, prefix: &str) -> BTreeSet<String> {
    let mut table = None;
    let mut found = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']').strip_prefix(prefix);
        } else if let Some(table) = table
            && line.contains('=')
            && !line.starts_with('#')
        {
            found.insert(format!("{table}.{line}"));
        }
    }
    found
}

/// The worldly module that a line of code names, in either spelling: `std::fs` or `use std::{fs, …}`.
fn worldly(code: &str) -> Option<&'static str> {
    let grouped = code
        .split_once("std::{")
        .and_then(|(_, rest)| rest.split_once('}'))
        .map(|(group, _)| group.to_owned());
    WORLDLY_MODULES.into_iter().find(|module| {
        let last = module.trim_start_matches("std::");
        code.contains(module)
            || grouped.as_ref().is_some_and(|group| {
                group
                    .split(',')
                    .any(|part| part.trim().split("::").next() == Some(last))
            })
    })
}

fn rust_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for child in fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
            let path = child?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn licences_are_allowed() -> Result<()> {
    let mut shipped = packages()?;
    let names: BTreeSet<String> = shipped.iter().map(|one| one.name.to_string()).collect();
    for (name, _) in NOT_SHIPPED {
        if names.contains(name) {
            bail!("`{name}` is for the fuzzers alone");
        }
    }
    shipped.extend(packages_of(&fuzz::manifest())?);
    for package in shipped {
        let licence = package.license.clone().unwrap_or_default();
        let is_known = NOT_SHIPPED.contains(&(package.name.as_str(), licence.as_str()));
        if !is_known && !is_allowed(&licence) {
            bail!(
                "{} {} has the licence `{licence}`",
                package.name,
                package.version
            );
        }
    }
    Ok(())
}

/// A licence expression holds when, in every part joined by AND, one of those joined by OR is allowed.
fn is_allowed(expression: &str) -> bool {
    let flat = expression.replace(['(', ')'], " ").replace('/', " OR ");
    let holds = |alternatives: &str| {
        alternatives.split(" OR ").any(|licence| {
            LICENCES.contains(&licence.trim().trim_end_matches(" WITH LLVM-exception"))
        })
    };
    // Without precedence this is stricter than the expression for `A OR B AND C`, never laxer than its AND parts.
    flat.split(" AND ").all(holds)
}

/// Files that are kept must name no machine: not where it keeps the checkout, and not whose home it is.
fn nothing_leaks() -> Result<()> {
    let tracked = output(program("git").args(["ls-files", "-z"]))?;
    // The folder above may be one that every machine has, such as the temporary one.
    let checkout = format!("{}/", root().display());
    let home = std::env::var("HOME").ok().map(|home| format!("{home}/"));
    let secrets: BTreeSet<String> = [checkout]
        .into_iter()
        .chain(home)
        .filter(|path| path.len() > 2)
        .collect();
    for name in tracked.split('\0').filter(|name| !name.is_empty()) {
        let Ok(text) = fs::read_to_string(root().join(name)) else {
            continue; // Not text, or deleted and not yet committed.
        };
        for secret in &secrets {
            if text.contains(secret.as_str()) {
                bail!("{name} holds the path `{secret}` of this machine");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies() {
        dependencies_point_one_way().unwrap();
    }

    #[test]
    fn fuzzers() {
        fuzzers_use_the_core().unwrap();
    }

    #[test]
    fn core() {
        the_core_is_unworldly().unwrap();
    }

    #[test]
    fn unsafe_code() {
        unsafe_has_one_home().unwrap();
    }

    #[test]
    fn licences() {
        licences_are_allowed().unwrap();
    }

    #[test]
    fn leaks() {
        nothing_leaks().unwrap();
    }

    #[test]
    fn worldly_modules_are_seen_in_every_spelling() {
        assert_eq!(worldly("use std::fs::File;"), Some("std::fs"));
        assert_eq!(
            worldly("use std::{collections::BTreeMap, time::Instant};"),
            Some("std::time")
        );
        assert_eq!(
            worldly("let x = std::path::Path::new(p);"),
            Some("std::path")
        );
        assert_eq!(worldly("use std::{fmt, mem};"), None);
    }

    #[test]
    fn licence_expressions() {
        assert!(is_allowed("MIT OR Apache-2.0"));
        assert!(is_allowed("Apache-2.0 AND ISC"));
        assert!(is_allowed(
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"
        ));
        assert!(is_allowed("MIT/Apache-2.0"));
        assert!(!is_allowed("CDLA-Permissive-2.0"));
        assert!(!is_allowed("(MIT OR Apache-2.0) AND GPL-3.0"));
        assert!(!is_allowed(""));
    }
}
