//! Documents: a manifest or an index, with its raw bytes beside.

use std::sync::Arc;

use serde_json::Value;

use crate::error::quoted;
use crate::fields::{Fields, Problems};
use crate::{
    Algorithm, Artifact, Digest, Error, FieldProblem, Index, Json, Manifest, MediaKind, MediaType,
    limits,
};

/// A manifest or an index that was read, with the bytes it was read from.
///
/// It is one thing only: a document that has fields of two kinds, or a media type that contradicts
/// its fields, is refused, because another reader could take it for the other (CVE-2021-41190).
/// Whatever else is odd is told and does not stop the reading: see [`problems`](Self::problems),
/// [`duplicate_keys`](Self::duplicate_keys) and [`media_type_conflict`](Self::media_type_conflict).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    raw: Arc<[u8]>,
    media_type: MediaType,
    claimed: Option<MediaType>,
    content: Content,
    duplicate_keys: Vec<String>,
    problems: Vec<FieldProblem>,
}

/// What a [`Document`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "most documents are manifests, and few are held at a time"
)]
pub enum Content {
    /// One image, or an artifact in the form of an image.
    Image(Manifest),
    /// A list of manifests.
    Index(Index),
    /// An artifact in the form of OCI 1.1's release candidates.
    Artifact(Artifact),
}

/// A document whose media type is not the one it was served or pointed at with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaTypeConflict {
    /// What the descriptor or the `Content-Type` header said.
    pub claimed: MediaType,
    /// What the document is.
    pub found: MediaType,
}

impl Document {
    /// Reads `raw`, which was served or pointed at as `claimed`.
    ///
    /// The media type inside the document decides, and its fields must agree with it. Without one
    /// the fields decide, and `claimed` only where they say nothing.
    ///
    /// # Errors
    /// [`Error::OverLimit`], [`Error::Encoding`] and [`Error::Json`] for bytes that are no usable
    /// JSON; [`Error::Ambiguous`], [`Error::SchemaOne`] and [`Error::UnknownDocument`] for what is not
    /// clearly one of the kinds of [`Content`]; [`Error::Field`] when an image's config or one of its
    /// layers is no descriptor.
    pub fn parse(raw: impl Into<Arc<[u8]>>, claimed: Option<&MediaType>) -> Result<Self, Error> {
        let raw = raw.into();
        let found = raw.len() as u64;
        if found > limits::MANIFEST_BYTES {
            return Err(Error::OverLimit {
                what: "manifest, bytes",
                limit: limits::MANIFEST_BYTES,
                found,
            });
        }
        let (value, duplicate_keys) = Json::parse(&raw)?.into_parts();
        let fields = Fields::of(&value, "")?;
        let mut problems = Problems::default();
        let stated = fields
            .text("mediaType")
            .ok()
            .flatten()
            .map(MediaType::verbatim);
        let form = Form::of(&fields, stated.as_ref(), claimed)?;
        let content = match form {
            Form::Image => Content::Image(Manifest::read(&fields, &mut problems)?),
            Form::Index => Content::Index(Index::read(&fields, &mut problems)?),
            Form::Artifact => Content::Artifact(Artifact::read(&fields, &mut problems)?),
            Form::SchemaOne => return Err(Error::SchemaOne),
        };
        let version = fields.get("schemaVersion").and_then(Value::as_u64);
        if form != Form::Artifact && version != Some(2) {
            problems.note(fields.problem("schemaVersion", "the number 2"));
        }
        let of_this_form = |media_type: &&MediaType| Form::named(media_type) == Some(form);
        let media_type = (stated.as_ref().filter(of_this_form))
            .or(claimed.filter(of_this_form))
            .cloned()
            .unwrap_or_else(|| content.usual_media_type());
        Ok(Self {
            raw,
            media_type,
            claimed: claimed.cloned(),
            content,
            duplicate_keys,
            problems: problems.into_vec(),
        })
    }

    /// The bytes, exactly as they came: what the digest is over.
    pub fn raw(&self) -> &Arc<[u8]> {
        &self.raw
    }

    /// What was read from them.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// What the document is: the media type inside it, or else the claimed one, or else the usual one
    /// for such fields.
    pub fn media_type(&self) -> &MediaType {
        &self.media_type
    }

    /// How it was served or pointed at.
    pub fn claimed(&self) -> Option<&MediaType> {
        self.claimed.as_ref()
    }

    /// The contradiction between what the document is and how it was served or pointed at, if there
    /// is one. A claim that speaks of no document at all, such as `text/plain`, contradicts nothing.
    pub fn media_type_conflict(&self) -> Option<MediaTypeConflict> {
        let claimed = self.claimed.as_ref()?;
        let contradicts = claimed != &self.media_type && Form::named(claimed).is_some();
        contradicts.then(|| MediaTypeConflict {
            claimed: claimed.clone(),
            found: self.media_type.clone(),
        })
    }

    /// The digest of the raw bytes.
    pub fn digest(&self, algorithm: Algorithm) -> Digest {
        Digest::of(algorithm, &self.raw)
    }

    /// Whether it is so large that many registries and runtimes refuse it; see
    /// [`limits::MANIFEST_WARN_BYTES`].
    pub fn is_unusually_large(&self) -> bool {
        self.raw.len() as u64 > limits::MANIFEST_WARN_BYTES
    }

    /// The manifest, if this is one.
    pub fn as_image(&self) -> Option<&Manifest> {
        match &self.content {
            Content::Image(manifest) => Some(manifest),
            Content::Index(_) | Content::Artifact(_) => None,
        }
    }

    /// The index, if this is one.
    pub fn as_index(&self) -> Option<&Index> {
        match &self.content {
            Content::Index(index) => Some(index),
            Content::Image(_) | Content::Artifact(_) => None,
        }
    }

    /// The manifest that this document says something about.
    pub fn subject(&self) -> Option<&crate::Descriptor> {
        match &self.content {
            Content::Image(manifest) => manifest.subject.as_ref(),
            Content::Index(index) => index.subject.as_ref(),
            Content::Artifact(artifact) => artifact.subject.as_ref(),
        }
    }

    /// The paths of JSON keys that stand twice in one object, as [`Json::duplicate_keys`] tells them.
    /// The last one counts, as in Go.
    pub fn duplicate_keys(&self) -> &[String] {
        &self.duplicate_keys
    }

    /// Fields that are not as the specification says and could be done without.
    pub fn problems(&self) -> &[FieldProblem] {
        &self.problems
    }
}

impl Content {
    /// What documents of this content usually are, when neither they nor anybody else says it.
    fn usual_media_type(&self) -> MediaType {
        let docker =
            |media_type: &MediaType| media_type.as_str().starts_with("application/vnd.docker.");
        match self {
            Self::Image(manifest) if docker(&manifest.config.media_type) => {
                MediaType::DOCKER_MANIFEST
            }
            Self::Image(_) => MediaType::OCI_MANIFEST,
            Self::Index(index)
                if !index.manifests.is_empty()
                    && index
                        .manifests
                        .iter()
                        .all(|entry| docker(&entry.media_type)) =>
            {
                MediaType::DOCKER_MANIFEST_LIST
            }
            Self::Index(_) => MediaType::OCI_INDEX,
            Self::Artifact(_) => MediaType::OCI_ARTIFACT_MANIFEST,
        }
    }
}

/// The kinds of documents, any of which one may be mistaken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Image,
    Index,
    Artifact,
    SchemaOne,
}

impl Form {
    /// The fields that only documents of one form have. `config` and `layers` belong together.
    const FIELDS: [(&'static str, Self); 5] = [
        ("layers", Self::Image),
        ("manifests", Self::Index),
        ("fsLayers", Self::SchemaOne),
        ("config", Self::Image),
        ("blobs", Self::Artifact),
    ];

    fn named(media_type: &MediaType) -> Option<Self> {
        match media_type.kind() {
            MediaKind::Manifest => Some(Self::Image),
            MediaKind::Index => Some(Self::Index),
            MediaKind::ArtifactManifest => Some(Self::Artifact),
            MediaKind::SchemaOne => Some(Self::SchemaOne),
            _ => None,
        }
    }

    /// The one form that the document has.
    fn of(
        fields: &Fields<'_>,
        stated: Option<&MediaType>,
        claimed: Option<&MediaType>,
    ) -> Result<Self, Error> {
        let stated_form = stated.and_then(Self::named);
        // A name counts even with a null value, and in any spelling of its letters: there are
        // readers that take it for the field.
        let has = |name: &str| fields.names().any(|found| found.eq_ignore_ascii_case(name));
        let mut evidence: Vec<(&str, Self)> = Self::FIELDS
            .into_iter()
            .filter(|(name, _)| has(name))
            .collect();
        // `blobs` means something to artifact manifests alone; elsewhere nobody reads it.
        if stated_form != Some(Self::Artifact)
            && evidence.iter().any(|(_, form)| *form != Self::Artifact)
        {
            evidence.retain(|(_, form)| *form != Self::Artifact);
        }
        // An image config has a `config`, too, and no document of ours has a `rootfs`.
        if stated_form.is_none()
            && has("rootfs")
            && evidence.iter().all(|(name, _)| *name == "config")
        {
            return Err(unknown(fields, stated.or(claimed)));
        }
        let first = match (stated, stated_form, evidence.first()) {
            (Some(stated), Some(form), _) => (stated.as_str(), form),
            (_, _, Some(first)) => *first,
            _ => {
                let form = claimed.and_then(Self::named);
                return form.ok_or_else(|| unknown(fields, stated.or(claimed)));
            }
        };
        match evidence.iter().find(|(_, form)| *form != first.1) {
            None => Ok(first.1),
            Some((second, _)) => Err(Error::Ambiguous {
                first: first.0.to_owned(),
                second: (*second).to_owned(),
            }),
        }
    }
}

fn unknown(fields: &Fields<'_>, media_type: Option<&MediaType>) -> Error {
    Error::UnknownDocument {
        media_type: media_type.map(|media_type| quoted(media_type.as_str())),
        fields: fields.names().take(8).map(quoted).collect(),
    }
}
