//! Digests: `algorithm:encoded`, validated before they can reach a URL or a path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::error::{Error, quoted};
use crate::limits;

/// A digest algorithm that can be computed here (image-spec, `descriptor.md`, "Registered algorithms").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-256, what nearly every image uses.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// Every algorithm that can be computed.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The name before the colon: `sha256` or `sha512`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// How many hexadecimal digits stand after the colon.
    pub fn hex_len(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A well-formed digest, such as
/// `sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`.
///
/// For sha256 and sha512 the encoded part is known to be lower-case hexadecimal of the right length.
/// A digest of another algorithm is kept when it follows the grammar of image-spec, so that an image
/// with one odd layer stays readable; [`algorithm`](Self::algorithm) is then `None`, and nothing can
/// be verified against it. Either way the text has no character that means something to a path or a
/// URL: letters, digits, `+._-=` and one colon, and never two dots together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    text: Box<str>,
    colon: usize,
    algorithm: Option<Algorithm>,
}

impl Digest {
    /// The digest of `bytes`.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Self {
        let mut digester = Digester::new(algorithm);
        digester.update(bytes);
        digester.finish()
    }

    /// The algorithm, if it is one that can be computed here.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// The algorithm's name: what stands before the colon.
    pub fn algorithm_name(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }

    /// What stands after the colon: lower-case hexadecimal for every algorithm that can be computed.
    pub fn hex(&self) -> &str {
        self.text
            .get(self.colon.saturating_add(1)..)
            .unwrap_or_default()
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first twelve characters after the colon, as Docker shortens ids.
    pub fn short(&self) -> &str {
        let hex = self.hex();
        hex.get(..12).unwrap_or(hex)
    }

    /// Whether `bytes` have this digest; `None` if its algorithm cannot be computed.
    pub fn matches(&self, bytes: &[u8]) -> Option<bool> {
        Some(Self::of(self.algorithm?, bytes) == *self)
    }

    /// The digest whose hash is these bytes; `None` if the algorithm's hashes have another length.
    pub fn of_hash(algorithm: Algorithm, hash: &[u8]) -> Option<Self> {
        (hash.len() * 2 == algorithm.hex_len()).then(|| Self::computed(algorithm, hash))
    }

    fn computed(algorithm: Algorithm, hash: &[u8]) -> Self {
        Self {
            text: format!("{algorithm}:{}", hexadecimal(hash)).into(),
            colon: algorithm.name().len(),
            algorithm: Some(algorithm),
        }
    }
}

/// Bytes as lower-case hexadecimal digits, two for each.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves
        .filter_map(|half| char::from_digit(u32::from(half), 16))
        .collect()
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = |offset, expected| Error::Digest {
            text: quoted(text),
            offset,
            expected,
        };
        if text.len() > limits::DIGEST_BYTES {
            return Err(malformed(limits::DIGEST_BYTES, "the end of a digest"));
        }
        let colon = text
            .find(':')
            .ok_or_else(|| malformed(text.len(), "an algorithm, a colon and a hash"))?;
        let (name, encoded) = (
            text.get(..colon).unwrap_or_default(),
            text.get(colon + 1..).unwrap_or_default(),
        );
        if let Some(offset) = algorithm_fault(name) {
            return Err(malformed(
                offset,
                "an algorithm in lower-case letters and digits",
            ));
        }
        let start = colon + 1;
        let algorithm = Algorithm::from_name(name);
        if let Some(algorithm) = algorithm {
            let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let wrong = encoded.bytes().position(|byte| !hex(byte));
            let stop = wrong.unwrap_or(encoded.len()).min(algorithm.hex_len());
            if stop < algorithm.hex_len() || encoded.len() > stop {
                let expected = match algorithm {
                    Algorithm::Sha256 => "64 lower-case hexadecimal digits",
                    Algorithm::Sha512 => "128 lower-case hexadecimal digits",
                };
                return Err(malformed(start + stop, expected));
            }
        } else {
            let allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'_' | b'-');
            let wrong = encoded.bytes().position(|byte| !allowed(byte));
            if encoded.is_empty() || wrong.is_some() {
                return Err(malformed(
                    start + wrong.unwrap_or(0),
                    "letters, digits, '=', '_' or '-'",
                ));
            }
        }
        Ok(Self {
            text: text.into(),
            colon,
            algorithm,
        })
    }
}

/// The offset of the first byte that breaks `component (separator component)*`, where a component is
/// lower-case letters and digits and a separator one of `+._-`.
fn algorithm_fault(name: &str) -> Option<usize> {
    let mut in_component = false;
    for (offset, byte) in name.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => in_component = true,
            b'+' | b'.' | b'_' | b'-' if in_component => in_component = false,
            _ => return Some(offset),
        }
    }
    (!in_component).then_some(name.len())
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.text)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A digest in the making: bytes go in, in any chunks, and the digest comes out.
#[derive(Clone, Debug)]
pub struct Digester(Hasher);

#[derive(Clone, Debug)]
enum Hasher {
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Digester {
    /// A digester that has seen no byte.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Hasher::Sha512(sha2::Sha512::new()),
        })
    }

    /// The algorithm that is computed.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Hasher::Sha256(_) => Algorithm::Sha256,
            Hasher::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Sha512(hasher) => hasher.update(bytes),
        }
    }

    /// The digest of everything that was taken.
    pub fn finish(self) -> Digest {
        match self.0 {
            Hasher::Sha256(hasher) => Digest::computed(Algorithm::Sha256, &hasher.finalize()),
            Hasher::Sha512(hasher) => Digest::computed(Algorithm::Sha512, &hasher.finalize()),
        }
    }
}

/// The digest of a layer's uncompressed bytes, as an image config lists it (`rootfs.diff_ids`).
///
/// A type of its own, because the same layer also has a distribution digest over its compressed
/// bytes, and one is never to be compared with the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DiffId(Digest);

impl DiffId {
    /// `digest`, which was computed or stated over uncompressed bytes.
    pub fn new(digest: Digest) -> Self {
        Self(digest)
    }

    /// The digest itself.
    pub fn digest(&self) -> &Digest {
        &self.0
    }
}

impl From<Digest> for DiffId {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl FromStr for DiffId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse().map(Self)
    }
}

impl fmt::Display for DiffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The chain id of each prefix of `diff_ids` (image-spec, `config.md`, "Layer ChainID"): the first is
/// the first diff id, each further one the sha256 over the one before, a space, and the next diff id.
pub fn chain_ids(diff_ids: &[DiffId]) -> Vec<Digest> {
    let mut chain: Vec<Digest> = Vec::with_capacity(diff_ids.len());
    for diff_id in diff_ids {
        let next = match chain.last() {
            None => diff_id.0.clone(),
            Some(below) => Digest::of(Algorithm::Sha256, format!("{below} {diff_id}").as_bytes()),
        };
        chain.push(next);
    }
    chain
}
