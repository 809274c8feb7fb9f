//! The programs that the tests run beside ours: a real browser, a real registry, real image tools.

use anyhow::{Result, bail};

use crate::shell::{find, output, program, run, say};

/// A program and the Debian package that brings it.
const NEEDED: [(&str, &str); 11] = [
    ("chromium", "chromium"),
    ("docker-registry", "docker-registry"),
    ("skopeo", "skopeo"),
    ("umoci", "umoci"),
    ("htpasswd", "apache2-utils"),
    ("openssl", "openssl"),
    ("go", "golang-go"),
    ("bsdtar", "libarchive-tools"),
    ("python3", "python3"),
    ("readelf", "binutils"),
    ("getcap", "libcap2-bin"),
];

/// Installs what is missing through apt where that is allowed; otherwise says exactly what is missing.
pub(crate) fn test_tools() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    let by_hand = format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    let is_root = output(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || find("apt-get").is_none() {
        bail!("the tests need programs that are not here; install them with: sudo {by_hand}");
    }
    say(&format!("Installing {}", packages.join(", ")));
    run(program("apt-get").args(["update", "-qq"]))?;
    run(program("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&packages))?;
    match self::missing().first() {
        None => Ok(()),
        Some((name, _)) => bail!("`{name}` is still missing after: {by_hand}"),
    }
}

fn missing() -> Vec<(&'static str, &'static str)> {
    NEEDED
        .into_iter()
        .filter(|(name, _)| find(name).is_none())
        .collect()
}
