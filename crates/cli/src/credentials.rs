//! Docker's credentials: its config file and its helper programs.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use layerscope_source::registry::Credentials as Found;
use serde::Deserialize;

/// Under this key Docker stores what it knows of Docker Hub.
const HUB_KEY: &str = "https://index.docker.io/v1/";
const HUB_HOSTS: [&str; 3] = ["registry-1.docker.io", "index.docker.io", "docker.io"];

/// What Docker's config file knows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credentials {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    #[serde(default)]
    creds_store: Option<String>,
}

/// One host's entry. Its secrets are never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
struct Entry {
    #[serde(default)]
    auth: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    identitytoken: String,
    #[serde(default)]
    registrytoken: String,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entry(…)")
    }
}

/// What a credential helper prints (docker-credential-helpers, "get").
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    /// Reads `$REGISTRY_AUTH_FILE`, `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, whichever is there first.
    pub(crate) fn read() -> Result<Credentials> {
        let Some(path) = files().find(|path| path.exists()) else {
            return Ok(Credentials::default());
        };
        let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
        serde_json::from_slice(&text).with_context(|| path.display().to_string())
    }

    /// The hosts that it names.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.auths
            .keys()
            .chain(self.cred_helpers.keys())
            .map(String::as_str)
    }

    /// The credentials for a registry's API host, if there are any.
    pub(crate) fn of(&self, host: &str) -> Result<Option<Found>> {
        let names = keys(host);
        if let Some(helper) = names.iter().find_map(|name| self.cred_helpers.get(name)) {
            return ask_helper(helper, &names);
        }
        let entry = names.iter().find_map(|name| self.auths.get(name));
        match entry.map(Entry::credentials).transpose()?.flatten() {
            Some(found) => Ok(Some(found)),
            None => match &self.creds_store {
                Some(store) if entry.is_some() => ask_helper(store, &names),
                _ => Ok(None),
            },
        }
    }
}

/// The keys under which Docker may have stored a host.
fn keys(host: &str) -> Vec<String> {
    let mut names = vec![
        host.to_owned(),
        format!("https://{host}"),
        format!("http://{host}"),
    ];
    if HUB_HOSTS.contains(&host) {
        names.insert(0, HUB_KEY.to_owned());
        names.extend(HUB_HOSTS.map(str::to_owned));
    }
    names
}

impl Entry {
    fn credentials(&self) -> Result<Option<Found>> {
        if !self.registrytoken.is_empty() {
            return Ok(Some(Found::Bearer(self.registrytoken.clone())));
        }
        if !self.identitytoken.is_empty() {
            return Ok(Some(Found::IdentityToken(self.identitytoken.clone())));
        }
        if !self.username.is_empty() {
            return Ok(Some(Found::Basic {
                user: self.username.clone(),
                password: self.password.clone(),
            }));
        }
        if self.auth.is_empty() {
            return Ok(None);
        }
        let pair = STANDARD
            .decode(&self.auth)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        match pair.as_deref().and_then(|pair| pair.split_once(':')) {
            Some((user, password)) => Ok(Some(Found::Basic {
                user: user.to_owned(),
                password: password.trim_end_matches('\0').to_owned(),
            })),
            None => bail!("Docker's config file: `auth` is not base64 of user:password"),
        }
    }
}

/// Runs `docker-credential-NAME get`; a helper that does not know the host is no error.
fn ask_helper(name: &str, keys: &[String]) -> Result<Option<Found>> {
    let program = format!("docker-credential-{name}");
    for key in keys {
        let mut helper = Command::new(&program)
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("the credential helper {program}"))?;
        if let Some(mut input) = helper.stdin.take() {
            // A helper that reads nothing has decided already.
            let _ = input.write_all(key.as_bytes());
        }
        let output = helper.wait_with_output().with_context(|| program.clone())?;
        if !output.status.success() {
            continue;
        }
        let helped: Helped = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("what the credential helper {program} printed"))?;
        return Ok(Some(if helped.username == "<token>" {
            Found::IdentityToken(helped.secret)
        } else {
            Found::Basic {
                user: helped.username,
                password: helped.secret,
            }
        }));
    }
    Ok(None)
}

fn files() -> impl Iterator<Item = PathBuf> {
    let named = |variable: &str| {
        std::env::var_os(variable)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let own = std::env::home_dir().map(|home| home.join(".docker/config.json"));
    [
        named("REGISTRY_AUTH_FILE"),
        named("DOCKER_CONFIG").map(|directory| directory.join("config.json")),
        own,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Credentials {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn hub_is_stored_under_its_old_name() {
        let config = config(r#"{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"}}}"#);
        let expected = Found::Basic {
            user: "u".to_owned(),
            password: "p".to_owned(),
        };
        assert!(config.of("registry-1.docker.io").unwrap() == Some(expected));
        assert!(config.of("ghcr.io").unwrap().is_none());
    }

    #[test]
    fn tokens_come_before_passwords() {
        let config = config(r#"{"auths":{"r.example":{"auth":"dTpw","identitytoken":"t"}}}"#);
        assert!(config.of("r.example").unwrap() == Some(Found::IdentityToken("t".to_owned())));
    }

    #[test]
    fn a_broken_entry_is_an_error_that_shows_no_secret() {
        let config = config(r#"{"auths":{"r.example":{"auth":"c2VjcmV0"}}}"#);
        let error = config.of("r.example").unwrap_err().to_string();
        assert!(
            error.contains("base64") && !error.contains("c2VjcmV0"),
            "{error}"
        );
        assert!(!format!("{config:?}").contains("c2VjcmV0"));
    }
}
