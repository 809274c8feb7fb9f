//! Platforms: what an image runs on, and which image suits a machine.

mod matching;
mod specifier;
mod windows;

use std::collections::BinaryHeap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use matching::best_first;
pub use matching::best_match;

use crate::fields::{Fields, Problems, strictly};

/// An operating system and an architecture (image-spec, `image-index.md`, "platform").
///
/// The fields are as they were stated. Two platforms that mean the same, such as `linux/x86_64` and
/// `linux/amd64`, are equal once they are [`normalized`](Self::normalized).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Platform {
    /// The operating system, such as `linux` (Go's `GOOS`); empty when it was not stated.
    pub os: String,
    /// The architecture, such as `amd64` (Go's `GOARCH`); empty when it was not stated.
    pub architecture: String,
    /// The variant of the architecture, such as `v8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The operating system's version, such as `10.0.17763.1817`.
    #[serde(rename = "os.version", skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// Required features of the operating system, such as `win32k`.
    #[serde(rename = "os.features", skip_serializing_if = "Vec::is_empty")]
    pub os_features: Vec<String>,
}

impl Platform {
    /// A platform without variant, version or features.
    pub fn new(os: impl Into<String>, architecture: impl Into<String>) -> Self {
        Self {
            os: os.into(),
            architecture: architecture.into(),
            ..Self::default()
        }
    }

    /// Whether the operating system or the architecture is `unknown`, as BuildKit writes for
    /// attestations. Such an entry of an index is no image.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" || self.architecture == "unknown"
    }

    /// The same platform in containerd's canonical words: lower case, `darwin` for `macos`, `amd64`
    /// for `x86_64`, no variant where it is the architecture's usual one, `v7` for an arm without
    /// one, and the features sorted. (containerd/platforms, `Normalize`.)
    ///
    /// containerd takes an operating system that was not stated to be its own; here it stays empty,
    /// because the answer may not depend on the machine that asks.
    pub fn normalized(&self) -> Self {
        let (architecture, variant) = normalized_architecture(
            &self.architecture,
            self.variant.as_deref().unwrap_or_default(),
        );
        // A heap sorts a few words with less code than a sort of words.
        let mut os_features = BinaryHeap::from(self.os_features.clone()).into_sorted_vec();
        os_features.dedup();
        Self {
            os: normalized_os(&self.os),
            architecture,
            variant: stated(variant),
            os_version: self.os_version.clone(),
            os_features,
        }
    }

    /// Reads a platform from the fields that descriptors and image configs share.
    pub(crate) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        let mut text = |name| {
            problems
                .keep(fields.text(name))
                .flatten()
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            os: text("os"),
            architecture: text("architecture"),
            variant: stated(text("variant")),
            os_version: stated(text("os.version")),
            os_features: fields.texts("os.features", problems),
        }
    }
}

fn stated(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn normalized_os(os: &str) -> String {
    match os.to_ascii_lowercase().as_str() {
        "macos" => "darwin".to_owned(),
        lower => lower.to_owned(),
    }
}

/// The architecture and the variant; an empty variant is none.
fn normalized_architecture(architecture: &str, variant: &str) -> (String, String) {
    let (architecture, variant) = (
        architecture.to_ascii_lowercase(),
        variant.to_ascii_lowercase(),
    );
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64" | "amd64", other) => ("amd64", other),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
        ("aarch64" | "arm64", other) => ("arm64", other),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    (architecture.to_owned(), variant.to_owned())
}

impl fmt::Display for Platform {
    /// `os/architecture[/variant]`, as Docker shows it. Parts that were not stated are left out; a
    /// platform without an operating system is `unknown`. See [`specifier`](Self::specifier) for
    /// version and features.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.os.is_empty() {
            return f.write_str("unknown");
        }
        f.write_str(&self.os)?;
        for part in [Some(&self.architecture), self.variant.as_ref()]
            .into_iter()
            .flatten()
        {
            if !part.is_empty() {
                write!(f, "/{part}")?;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Platform {
    /// Reads a platform without any malformed field.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        strictly(deserializer, |value, problems| {
            Ok(Self::read(&Fields::of(value, "")?, problems))
        })
    }
}
