//! The user's configuration file: mirrors, insecure hosts, certificate authorities, token realms,
//! how much is kept of layers.
//!
//! JSON, in `$XDG_CONFIG_HOME/layerscope/config.json` (or `~/.config/…`):
//!
//! ```json
//! {
//!   "mirrors": { "docker.io": "https://mirror.example" },
//!   "insecure": ["registry.lan:5000"],
//!   "caFiles": ["/etc/ssl/registry.lan.pem"],
//!   "realms": { "registry.example": ["auth.example"] },
//!   "cacheBytes": 1073741824
//! }
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use layerscope_oci::Reference;
use layerscope_source::registry::Access;
use serde::Deserialize;

use crate::credentials::Credentials;
use crate::store::{self, Store};

/// The file, with what the command line adds.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Config {
    /// URL to ask instead of a registry host.
    #[serde(default)]
    pub(crate) mirrors: BTreeMap<String, String>,
    /// Hosts that are asked over plain HTTP.
    #[serde(default)]
    pub(crate) insecure: Vec<String>,
    /// PEM files with certificate authorities to trust beside the system's.
    #[serde(default)]
    ca_files: Vec<PathBuf>,
    /// Hosts besides a registry's own that may receive the credentials for it.
    #[serde(default)]
    pub(crate) realms: BTreeMap<String, Vec<String>>,
    /// The most bytes that are kept of layers that were read; 0 keeps none.
    cache_bytes: Option<u64>,
}

impl Config {
    /// Reads the file that was named, or the user's own if there is one.
    pub(crate) fn read(named: Option<&Path>, mirrors: &[String]) -> Result<Config> {
        let path = named.map(Path::to_owned).or_else(own_file);
        let mut config: Config = match path {
            Some(path) if named.is_some() || path.exists() => {
                let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
                serde_json::from_slice(&text).with_context(|| path.display().to_string())?
            }
            _ => Config::default(),
        };
        for mirror in mirrors {
            let Some((host, url)) = mirror.split_once('=') else {
                bail!("--registry-mirror {mirror}: expected HOST=URL");
            };
            config.mirrors.insert(host.to_owned(), url.to_owned());
        }
        Ok(config)
    }

    /// The bytes of the extra certificate authorities.
    pub(crate) fn authorities(&self) -> Result<Vec<Vec<u8>>> {
        self.ca_files
            .iter()
            .map(|path| std::fs::read(path).with_context(|| path.display().to_string()))
            .collect()
    }

    /// Where layers that were read are kept, if this user has a place for it.
    pub(crate) fn store(&self) -> Option<Store> {
        let cap = self.cache_bytes.unwrap_or(store::DEFAULT_CAP);
        Some(Store::new(store::user_directory()?, cap))
    }

    /// How to reach the registry of a reference, and as whom.
    pub(crate) fn access(
        &self,
        reference: &Reference,
        credentials: &Credentials,
    ) -> Result<Access> {
        let host = reference.api_host();
        let mirror = [reference.domain(), host]
            .into_iter()
            .find_map(|name| self.mirrors.get(name));
        let mut access = match mirror {
            Some(url) => Access::mirror(reference, url)?,
            None if self.is_insecure(host) => Access::insecure(reference),
            None => Access::direct(reference),
        };
        for realm in self
            .realms
            .get(reference.domain())
            .or_else(|| self.realms.get(host))
            .into_iter()
            .flatten()
        {
            access = access.allow_realm(realm);
        }
        // A mirror is another party: it gets its own credentials or none.
        let asked = if mirror.is_some() {
            access.host()
        } else {
            host.to_owned()
        };
        match credentials.of(&asked)? {
            Some(found) => Ok(access.with_credentials(found)),
            None => Ok(access),
        }
    }

    /// Plain HTTP is for hosts that the user marked, and for this machine, as Docker does it.
    fn is_insecure(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let loopback = name == "localhost"
            || name.ends_with(".localhost")
            || name
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        loopback || self.insecure.iter().any(|insecure| insecure == host)
    }
}

fn own_file() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".config")))?;
    Some(base.join("layerscope/config.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_insecure_by_itself() {
        let config = Config {
            insecure: vec!["registry.lan:5000".to_owned()],
            ..Config::default()
        };
        for (host, expected) in [
            ("localhost:5000", true),
            ("127.0.0.1:80", true),
            ("127.9.9.9", true),
            ("[::1]:5000", true),
            ("a.localhost", true),
            ("registry.lan:5000", true),
            ("registry.lan", false),
            ("10.0.0.1", false),
            ("localhost.example.com", false),
            ("ghcr.io", false),
        ] {
            assert_eq!(config.is_insecure(host), expected, "{host}");
        }
    }
}
