//! References: how people name images.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::quoted;
use crate::{Digest, Error, limits};

/// The registry that a name without one means.
const DEFAULT_DOMAIN: &str = "docker.io";
/// An older name of the same.
const LEGACY_DOMAIN: &str = "index.docker.io";
/// The host that answers that registry's API.
const DEFAULT_API_HOST: &str = "registry-1.docker.io";
/// Where that registry keeps the images that are named by one word.
const OFFICIAL: &str = "library/";
/// The tag that a name with neither tag nor digest means.
const DEFAULT_TAG: &str = "latest";

/// A normalized image reference: registry, repository, and a tag, a digest or both.
///
/// It is read as Docker reads it (distribution/reference, `ParseNormalizedNamed`): `ubuntu` means
/// `docker.io/library/ubuntu:latest`. Each part follows distribution's grammar, so it may be put into
/// a URL's path as it is.
///
/// ```
/// use layerscope_oci::Reference;
///
/// let reference: Reference = "ghcr.io/astral-sh/uv:0.9".parse()?;
/// assert_eq!((reference.domain(), reference.path()), ("ghcr.io", "astral-sh/uv"));
/// assert_eq!(reference.identifier(), "0.9");
///
/// let error = "ghcr.io/Astral/uv".parse::<Reference>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "malformed reference \"ghcr.io/Astral/uv\" at byte 8: expected a lower-case letter or a digit",
/// );
/// # Ok::<(), layerscope_oci::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// The registry as the reference names it: a host, perhaps with a port.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The repository within the registry, such as `library/ubuntu`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag: the stated one, or `latest` when neither tag nor digest was stated.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest. It is always one that can be computed.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The host, perhaps with a port, that answers the registry's API: Docker Hub's is not the one in
    /// its references.
    pub fn api_host(&self) -> &str {
        if self.is_docker_hub() {
            DEFAULT_API_HOST
        } else {
            &self.domain
        }
    }

    /// Whether the image is on Docker Hub.
    pub fn is_docker_hub(&self) -> bool {
        self.domain == DEFAULT_DOMAIN
    }

    /// What to ask the registry for: the digest if there is one, because it says exactly which image
    /// is meant, or else the tag.
    pub fn identifier(&self) -> &str {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.as_str(),
            (None, Some(tag)) => tag,
            (None, None) => DEFAULT_TAG,
        }
    }

    /// Registry and repository: `docker.io/library/ubuntu`.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.domain, self.path)
    }

    /// The full form, which reads back as the same reference: `docker.io/library/ubuntu:24.04`.
    pub fn canonical(&self) -> String {
        self.to_string()
    }

    /// The short form that Docker shows: `ubuntu:24.04`. It reads back as the same reference.
    pub fn familiar(&self) -> String {
        // Without a registry in front, `docker.io/a.b/c` would name the registry `a.b`.
        let is_short = self.is_docker_hub() && split_domain(&self.path).0.is_none();
        let name = if is_short {
            match self.path.strip_prefix(OFFICIAL) {
                Some(word) if !word.contains('/') => word.to_owned(),
                _ => self.path.clone(),
            }
        } else {
            self.repository()
        };
        format!("{name}{}", self.suffix())
    }

    /// The same repository with another tag and no digest.
    ///
    /// # Errors
    /// [`Error::Reference`] if `tag` is no tag.
    pub fn with_tag(&self, tag: &str) -> Result<Self, Error> {
        if let Some(offset) = tag_fault(tag) {
            return Err(Error::Reference {
                text: quoted(tag),
                offset,
                expected: TAG_EXPECTED,
            });
        }
        Ok(Self {
            tag: Some(tag.to_owned()),
            digest: None,
            ..self.clone()
        })
    }

    /// The same repository and tag, pinned to `digest`.
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self {
            digest: Some(digest),
            ..self.clone()
        }
    }

    fn suffix(&self) -> String {
        let tag = self.tag.iter().map(|tag| format!(":{tag}"));
        tag.chain(self.digest.iter().map(|digest| format!("@{digest}")))
            .collect()
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        read(text).map_err(|Fault(offset, expected)| Error::Reference {
            text: quoted(text),
            offset,
            expected,
        })
    }
}

/// The byte at which the text goes wrong, and what should stand there.
struct Fault(usize, &'static str);

const TAG_EXPECTED: &str =
    "a tag: at most 128 letters, digits, '_', '.' or '-', the first neither '.' nor '-'";

fn read(text: &str) -> Result<Reference, Fault> {
    if text.len() > limits::REFERENCE_BYTES {
        return Err(Fault(limits::REFERENCE_BYTES, "the end of a reference"));
    }
    if is_image_id(text) {
        return Err(Fault(
            0,
            "a repository name, not 64 hexadecimal digits, which are an image id",
        ));
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return Err(Fault(
            0,
            "a registry or a repository, without a scheme such as https://",
        ));
    }
    let (domain, rest) = split_domain(text);
    if let Some(domain) = domain {
        host_and_port(domain)?;
    }
    // What is left is the end of the text, so offsets in it are this much short.
    let start = text.len() - rest.len();
    let name_len = rest.find([':', '@']).unwrap_or(rest.len());
    let (name, identifier) = (
        rest.get(..name_len).unwrap_or_default(),
        rest.get(name_len..).unwrap_or_default(),
    );
    if let Some(Fault(offset, expected)) = name_fault(name) {
        return Err(Fault(start + offset, expected));
    }
    let domain = match domain {
        None | Some(LEGACY_DOMAIN) => DEFAULT_DOMAIN,
        Some(domain) => domain,
    };
    let is_official = domain == DEFAULT_DOMAIN && !name.contains('/');
    let path = if is_official {
        format!("{OFFICIAL}{name}")
    } else {
        name.to_owned()
    };
    if path.len() > limits::REPOSITORY_BYTES {
        return Err(Fault(
            start + name_len,
            "a repository name of at most 255 characters",
        ));
    }
    let (tag, digest) = match identifier.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (identifier, None),
    };
    let tag_start = start + name_len + 1;
    let tag = tag.strip_prefix(':');
    if let Some(offset) = tag.and_then(tag_fault) {
        return Err(Fault(tag_start + offset, TAG_EXPECTED));
    }
    let digest = digest
        .map(|digest| read_digest(digest, text.len() - digest.len()))
        .transpose()?;
    let tag = if digest.is_none() {
        tag.or(Some(DEFAULT_TAG))
    } else {
        tag
    };
    Ok(Reference {
        domain: domain.to_owned(),
        path,
        tag: tag.map(str::to_owned),
        digest,
    })
}

/// 64 hexadecimal digits name an image of the local daemon, never a repository.
fn is_image_id(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The registry, if the text names one, and what follows it. A first part is a registry when it could
/// not be a part of a repository on Docker Hub: `localhost`, or with a dot, a colon or an upper-case
/// letter in it. A single part never is.
fn split_domain(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest))
            if first == "localhost"
                || first.contains(['.', ':'])
                || first.chars().any(char::is_uppercase) =>
        {
            (Some(first), rest)
        }
        _ => (None, text),
    }
}

/// `host[:port]`, where the host is domain components between dots, or an IPv6 address in brackets.
fn host_and_port(text: &str) -> Result<(), Fault> {
    let port_start = if let Some(address) = text.strip_prefix('[') {
        let is_address = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
        let end = address
            .bytes()
            .position(|byte| !is_address(byte))
            .unwrap_or(address.len());
        if end == 0 || address.as_bytes().get(end) != Some(&b']') {
            return Err(Fault(end + 1, "an IPv6 address and a closing bracket"));
        }
        end + 2
    } else {
        let host = text.split_once(':').map_or(text, |(host, _)| host);
        let mut offset = 0;
        for component in host.split('.') {
            let wrong = component
                .bytes()
                .position(|byte| !byte.is_ascii_alphanumeric() && byte != b'-');
            if component.is_empty() || wrong.is_some() || component.starts_with('-') {
                return Err(Fault(
                    offset + wrong.unwrap_or(0),
                    "a letter or a digit of a host name",
                ));
            }
            offset += component.len();
            if component.ends_with('-') {
                return Err(Fault(offset - 1, "a letter or a digit of a host name"));
            }
            offset += 1;
        }
        host.len()
    };
    let port = text.get(port_start..).unwrap_or_default();
    if port.is_empty() {
        return Ok(());
    }
    let digits = port
        .strip_prefix(':')
        .ok_or(Fault(port_start, "a colon and a port, or '/'"))?;
    match digits.bytes().position(|byte| !byte.is_ascii_digit()) {
        None if !digits.is_empty() => Ok(()),
        wrong => Err(Fault(
            port_start + 1 + wrong.unwrap_or(0),
            "the digits of a port",
        )),
    }
}

/// What is wrong with a repository name: components between slashes, each of lower-case letters and
/// digits, with one `.`, one or two `_`, or any number of `-` between them.
fn name_fault(name: &str) -> Option<Fault> {
    const LETTER: &str = "a lower-case letter or a digit";
    let is_letter = |byte: Option<&u8>| matches!(byte, Some(b'a'..=b'z' | b'0'..=b'9'));
    let bytes = name.as_bytes();
    let mut at = 0;
    loop {
        if !is_letter(bytes.get(at)) {
            return Some(Fault(at, LETTER));
        }
        while is_letter(bytes.get(at)) {
            at += 1;
        }
        at += match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'/' | b'.', _) => 1,
            (b'_', Some(b'_')) => 2,
            (b'_', _) => 1,
            (b'-', _) => bytes
                .iter()
                .skip(at)
                .take_while(|byte| **byte == b'-')
                .count(),
            _ => {
                return Some(Fault(
                    at,
                    "a lower-case letter, a digit, or one of '.', '_', '-', '/', ':' and '@'",
                ));
            }
        };
    }
}

/// The first byte that is wrong in a tag.
fn tag_fault(tag: &str) -> Option<usize> {
    let allowed = |(offset, byte): (usize, u8)| {
        offset < limits::TAG_BYTES
            && (byte.is_ascii_alphanumeric()
                || byte == b'_'
                || (offset > 0 && matches!(byte, b'.' | b'-')))
    };
    if tag.is_empty() {
        return Some(0);
    }
    tag.bytes()
        .enumerate()
        .find(|place| !allowed(*place))
        .map(|(offset, _)| offset)
}

/// A digest in a reference names what to fetch, so it must be one that can be verified.
fn read_digest(text: &str, start: usize) -> Result<Digest, Fault> {
    let digest: Digest = text.parse().map_err(|error| match error {
        Error::Digest {
            offset, expected, ..
        } => Fault(start + offset, expected),
        _ => Fault(start, "a digest"),
    })?;
    match digest.algorithm() {
        Some(_) => Ok(digest),
        None => Err(Fault(start, "a sha256 or sha512 digest")),
    }
}

impl fmt::Display for Reference {
    /// The full form: `docker.io/library/ubuntu:24.04`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}", self.domain, self.path, self.suffix())
    }
}

impl Serialize for Reference {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
