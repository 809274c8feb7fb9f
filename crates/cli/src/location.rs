//! What a SOURCE argument means.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use layerscope_oci::Reference;

/// A SOURCE, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    Registry(Reference),
    Archive(PathBuf),
    Layout {
        directory: PathBuf,
        tag: Option<String>,
    },
}

impl Location {
    /// Reads a SOURCE: a transport as skopeo writes it, or else a guess from what is on disk.
    pub(crate) fn read(source: &str) -> Result<Location> {
        if let Some(reference) = source.strip_prefix("docker://") {
            return Ok(Location::Registry(reference.parse()?));
        }
        for transport in ["docker-archive:", "oci-archive:"] {
            if let Some(file) = source.strip_prefix(transport) {
                return Ok(Location::Archive(file.into()));
            }
        }
        if let Some(rest) = source.strip_prefix("oci:") {
            return Ok(layout(rest));
        }
        let path = Path::new(source);
        if path.is_dir() {
            return Ok(Location::Layout {
                directory: path.to_owned(),
                tag: None,
            });
        }
        if path.exists() {
            return Ok(Location::Archive(path.to_owned()));
        }
        if looks_like_a_path(source) {
            bail!("{source}: there is no such file or directory");
        }
        match source.parse() {
            Ok(reference) => Ok(Location::Registry(reference)),
            Err(error) => bail!(
                "{source}: there is no such file or directory, and it is no reference: {error}"
            ),
        }
    }

    /// What the page and the reports call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Location::Registry(reference) => reference.familiar(),
            Location::Archive(path)
            | Location::Layout {
                directory: path, ..
            } => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
        }
    }
}

/// `DIR[:TAG]`; a directory that exists under the whole name has no tag.
fn layout(text: &str) -> Location {
    if !Path::new(text).is_dir()
        && let Some((directory, tag)) = text.rsplit_once(':')
        && !tag.contains('/')
    {
        return Location::Layout {
            directory: directory.into(),
            tag: Some(tag.to_owned()),
        };
    }
    Location::Layout {
        directory: text.into(),
        tag: None,
    }
}

/// Somebody who types this means a file, not Docker Hub.
fn looks_like_a_path(source: &str) -> bool {
    let ending = Path::new(source)
        .extension()
        .and_then(|extension| extension.to_str());
    source.starts_with(['.', '/', '~'])
        || matches!(ending, Some("tar" | "gz" | "tgz" | "zst" | "xz")) && !source.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transports() {
        let registry = |text: &str| Location::Registry(text.parse().unwrap());
        for (source, expected) in [
            ("docker://alpine", registry("alpine")),
            ("docker-archive:a.tar", Location::Archive("a.tar".into())),
            ("oci-archive:b.tar", Location::Archive("b.tar".into())),
            (
                "oci:dir",
                Location::Layout {
                    directory: "dir".into(),
                    tag: None,
                },
            ),
            (
                "oci:dir:tag",
                Location::Layout {
                    directory: "dir".into(),
                    tag: Some("tag".into()),
                },
            ),
            (
                "oci:a:b/dir",
                Location::Layout {
                    directory: "a:b/dir".into(),
                    tag: None,
                },
            ),
            ("ghcr.io/owner/name:1", registry("ghcr.io/owner/name:1")),
        ] {
            assert_eq!(Location::read(source).unwrap(), expected, "{source}");
        }
    }

    #[test]
    fn a_missing_file_is_not_a_reference() {
        for source in [
            "./missing",
            "missing.tar",
            "/no/such/file",
            "archive.tar.gz",
        ] {
            let error = Location::read(source).unwrap_err().to_string();
            assert!(error.contains("no such file"), "{source}: {error}");
        }
    }
}
