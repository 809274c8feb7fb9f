//! Descriptors: pointers to content by media type, digest and size.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::{Fields, Problems, strictly};
use crate::{Digest, Error, FieldProblem, MediaType, Platform, limits};

/// A pointer to a blob (image-spec, `descriptor.md`).
///
/// Digest and size are always well-formed, because nothing can be fetched or verified without them.
/// The other fields are as the document has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is said to be; empty when the document does not say.
    #[serde(skip_serializing_if = "MediaType::is_empty")]
    pub media_type: MediaType,
    /// The digest over the blob's bytes.
    pub digest: Digest,
    /// The blob's length in bytes, at most [`limits::SIZE`].
    pub size: u64,
    /// Other places that the blob may be downloaded from. They come from the document, so they are
    /// nobody's recommendation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Arbitrary metadata.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// The blob itself, when the document carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<InlineData>,
    /// The platform that an index entry is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// The type of the artifact that the descriptor points at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<MediaType>,
}

/// A descriptor's `data` field (image-spec, `descriptor.md`, "Embedded Content").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InlineData {
    /// The decoded bytes. They are not yet compared with size and digest; see
    /// [`Descriptor::verified_data`].
    Decoded(Vec<u8>),
    /// Text that is not base64 with padding (RFC 4648, section 4), as it stands.
    Undecodable(String),
}

/// The annotation by which BuildKit marks an index entry that is no image.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
/// The annotation by which BuildKit says which image of the index such an entry speaks of.
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";

impl Descriptor {
    /// A descriptor with nothing but what it must have.
    pub fn new(media_type: MediaType, digest: Digest, size: u64) -> Self {
        Self {
            media_type,
            digest,
            size,
            urls: Vec::new(),
            annotations: BTreeMap::new(),
            data: None,
            platform: None,
            artifact_type: None,
        }
    }

    /// The blob that the document carries, if it is the one that digest and size describe. `None`
    /// also when the digest's algorithm cannot be computed.
    pub fn verified_data(&self) -> Option<&[u8]> {
        match &self.data {
            Some(InlineData::Decoded(bytes))
                if bytes.len() as u64 == self.size && self.digest.matches(bytes) == Some(true) =>
            {
                Some(bytes)
            }
            _ => None,
        }
    }

    /// Whether this index entry is an attestation, as BuildKit puts it beside an image.
    pub fn is_attestation(&self) -> bool {
        self.annotations
            .get(REFERENCE_TYPE)
            .is_some_and(|kind| kind == "attestation-manifest")
    }

    /// The digest of the image that this attestation speaks of, if it says so.
    pub fn attested(&self) -> Option<Digest> {
        self.annotations
            .get(REFERENCE_DIGEST)
            .filter(|_| self.is_attestation())?
            .parse()
            .ok()
    }

    /// Reads the descriptor at `path`.
    pub(crate) fn read(
        value: &Value,
        path: &str,
        problems: &mut Problems,
    ) -> Result<Self, FieldProblem> {
        let fields = Fields::of(value, path)?;
        let digest = read_digest(&fields)?;
        let size = match fields.get("size").and_then(Value::as_u64) {
            Some(size) if size <= limits::SIZE => size,
            _ => return Err(fields.problem("size", "a whole number of bytes from 0 to 2^53-1")),
        };
        let media_type = MediaType::read(&fields, "mediaType", problems);
        if media_type.is_none() {
            problems.note(fields.problem("mediaType", "a media type"));
        }
        let data = problems
            .keep(fields.text("data"))
            .flatten()
            .map(InlineData::decode);
        let platform = problems.keep(fields.object("platform")).flatten();
        Ok(Self {
            media_type: media_type.unwrap_or_default(),
            digest,
            size,
            urls: fields.texts("urls", problems),
            annotations: fields.text_map("annotations", problems),
            data,
            platform: platform.map(|platform| Platform::read(&platform, problems)),
            artifact_type: MediaType::read(&fields, "artifactType", problems),
        })
    }
}

fn read_digest(fields: &Fields<'_>) -> Result<Digest, FieldProblem> {
    let text = fields
        .text("digest")?
        .ok_or_else(|| fields.problem("digest", "a digest"))?;
    text.parse().map_err(|error| match error {
        Error::Digest { expected, .. } => fields.problem("digest", expected),
        _ => fields.problem("digest", "a digest"),
    })
}

impl InlineData {
    fn decode(text: &str) -> Self {
        match BASE64.decode(text) {
            Ok(bytes) => Self::Decoded(bytes),
            Err(_) => Self::Undecodable(text.to_owned()),
        }
    }
}

impl Serialize for InlineData {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Decoded(bytes) => serializer.serialize_str(&BASE64.encode(bytes)),
            Self::Undecodable(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Descriptor {
    /// Reads a descriptor without any malformed field.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        strictly(deserializer, |value, problems| {
            Self::read(value, "", problems)
        })
    }
}
