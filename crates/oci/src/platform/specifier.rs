//! Platforms as people write them: `linux/arm64/v8`, `arm64`, `windows(10.0.17763)/amd64`.

use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::str::FromStr;

use super::{Platform, normalized_architecture, normalized_os, stated};
use crate::error::{Error, quoted};
use crate::limits;

/// Go's operating systems (`go/build/syslist.go`).
const KNOWN_OS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

/// Go's architectures (`go/build/syslist.go`).
const KNOWN_ARCHITECTURES: [&str; 24] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

impl Platform {
    /// Reads a specifier: `os[(version+feature…)]`, `architecture`, or
    /// `os[(version+feature…)]/architecture[/variant]` (containerd/platforms, `Parse`). What a single
    /// word leaves open is taken from `default`.
    ///
    /// # Errors
    /// [`Error::Platform`] for anything else, and for a single word that names neither an operating
    /// system nor an architecture that Go knows.
    pub fn parse(text: &str, default: &Self) -> Result<Self, Error> {
        let malformed = |offset, expected| Error::Platform {
            text: quoted(text),
            offset,
            expected,
        };
        if text.len() > limits::PLATFORM_BYTES {
            return Err(malformed(limits::PLATFORM_BYTES, "the end of a platform"));
        }
        let mut parts = text.split('/');
        let first = parts.next().unwrap_or_default();
        let mut platform =
            operating_system(first).map_err(|(offset, expected)| malformed(offset, expected))?;
        let mut offset = first.len();
        let mut next = || {
            let Some(part) = parts.next() else {
                return Ok(None);
            };
            let start = offset + 1;
            offset = start + part.len();
            match part.bytes().position(|byte| !is_word(byte)) {
                None if !part.is_empty() => Ok(Some(part)),
                wrong => Err(malformed(
                    start + wrong.unwrap_or(0),
                    "letters, digits, '_', '.' or '-'",
                )),
            }
        };
        let (second, third, fourth) = (next()?, next()?, next()?);
        match (second, third, fourth) {
            (_, _, Some(part)) => Err(malformed(offset - part.len() - 1, "at most three parts")),
            (Some(architecture), Some(variant), None) => {
                platform.set_architecture(architecture, variant);
                if platform.architecture == "arm64" && platform.variant.is_none() {
                    platform.variant = Some("v8".to_owned());
                }
                Ok(platform)
            }
            (Some(architecture), None, _) => {
                platform.set_usual_architecture(architecture);
                Ok(platform)
            }
            (None, _, _) if KNOWN_OS.contains(&platform.os.as_str()) => {
                platform.architecture.clone_from(&default.architecture);
                platform.variant.clone_from(&default.variant);
                Ok(platform)
            }
            (None, _, _) => {
                platform.set_usual_architecture(first);
                platform.os.clone_from(&default.os);
                if KNOWN_ARCHITECTURES.contains(&platform.architecture.as_str()) {
                    Ok(platform)
                } else {
                    Err(malformed(
                        0,
                        "an operating system or an architecture that Go knows",
                    ))
                }
            }
        }
    }

    /// The platform with its version and features, in the form that is read back:
    /// `windows(10.0.17763+win32k)/amd64`. (containerd/platforms, `FormatAll`.)
    pub fn specifier(&self) -> String {
        let short = self.to_string();
        let features = self.os_features.iter();
        let features = features.filter(|feature| !feature.is_empty()).cloned();
        let mut features = features.collect::<BinaryHeap<_>>().into_sorted_vec();
        features.dedup();
        let version = self.os_version.as_deref().unwrap_or_default();
        if self.os.is_empty() || (version.is_empty() && features.is_empty()) {
            return short;
        }
        let mut text = format!("{}({}", self.os, escaped(version));
        for feature in features {
            // Writing to a string cannot fail.
            let _ = write!(text, "+{}", escaped(&feature));
        }
        text + ")" + short.get(self.os.len()..).unwrap_or_default()
    }

    fn set_architecture(&mut self, architecture: &str, variant: &str) {
        let (architecture, variant) = normalized_architecture(architecture, variant);
        self.architecture = architecture;
        self.variant = stated(variant);
    }

    /// Sets an architecture that was written without a variant. An arm stays without one: that is how
    /// nearly all images for arm/v7 are listed.
    fn set_usual_architecture(&mut self, architecture: &str) {
        self.set_architecture(architecture, "");
        if self.architecture == "arm" && self.variant.as_deref() == Some("v7") {
            self.variant = None;
        }
    }
}

impl FromStr for Platform {
    type Err = Error;

    /// Reads a specifier; what a single word leaves open is taken from `linux/amd64`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text, &Self::new("linux", "amd64"))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Reads `os[(version+feature…)]`, or says at which byte what was expected.
fn operating_system(text: &str) -> Result<Platform, (usize, &'static str)> {
    let (os, options) = match text.split_once('(') {
        None => (text, None),
        Some((os, options)) => (os, Some(options)),
    };
    let is_os = |byte: u8| is_word(byte) && byte != b'.';
    match os.bytes().position(|byte| !is_os(byte)) {
        None if !os.is_empty() => {}
        wrong => {
            return Err((
                wrong.unwrap_or(0),
                "an operating system in letters, digits, '_' or '-'",
            ));
        }
    }
    let mut platform = Platform {
        os: normalized_os(os),
        ..Platform::default()
    };
    let Some(options) = options else {
        return Ok(platform);
    };
    let start = os.len() + 1;
    let inside = options
        .strip_suffix(')')
        .ok_or((text.len(), "a closing parenthesis"))?;
    let mut offset = start;
    for (position, option) in inside.split('+').enumerate() {
        let expected = "letters, digits, '_', '.', '-' or a percent escape";
        let is_option = |byte: u8| is_word(byte) || byte == b'%';
        match option.bytes().position(|byte| !is_option(byte)) {
            None if position == 0 || !option.is_empty() => {}
            wrong => return Err((offset + wrong.unwrap_or(0), expected)),
        }
        let option_text = unescaped(option).ok_or((offset, "percent escapes of UTF-8 text"))?;
        match position {
            0 => platform.os_version = stated(option_text),
            _ => platform.os_features.push(option_text),
        }
        offset += option.len() + 1;
    }
    Ok(platform)
}

/// A version or a feature, with a percent escape for every byte that the grammar has no place for. containerd escapes
/// only those that mean something to it, and cannot read what it prints of others.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_word(byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// `text` with every `%` and two hexadecimal digits replaced by the byte they name.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            u8::try_from(digit()? * 16 + digit()?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}
