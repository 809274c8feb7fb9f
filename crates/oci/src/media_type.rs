//! Media types: what a descriptor or a server says that bytes are.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fields::{Fields, Problems};

/// A media type as it was stated; types that nobody here knows are kept.
///
/// It is a claim. What bytes are is told by the bytes: [`Document`](crate::Document) looks at the
/// fields of a document, and layers are told apart by their magic numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaType(Cow<'static, str>);

/// What a [`MediaType`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind {
    /// An OCI image index or a Docker manifest list.
    Index,
    /// An OCI or Docker image manifest.
    Manifest,
    /// The artifact manifest of OCI 1.1's release candidates, which lists blobs and has no config.
    ArtifactManifest,
    /// A Docker schema 1 manifest, signed or not.
    SchemaOne,
    /// An image config.
    Config,
    /// A layer of an image: a tar archive, perhaps compressed.
    Layer {
        /// How it is compressed; `None` is a plain tar archive, or a compression without a name.
        compression: Option<Compression>,
        /// Whether registries need not hold it ("foreign", "nondistributable").
        foreign: bool,
        /// Whether it is encrypted (ocicrypt), so that nothing inside can be read.
        encrypted: bool,
    },
    /// An in-toto attestation, as BuildKit puts beside images.
    Attestation,
    /// The empty JSON object that artifacts use as config (image-spec, `manifest.md`).
    Empty,
    /// Anything else: a Helm chart, a WebAssembly module, a signature.
    Other,
}

/// How a layer's media type says it is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl MediaType {
    /// An OCI image index.
    pub const OCI_INDEX: Self = Self::known("application/vnd.oci.image.index.v1+json");
    /// An OCI image manifest.
    pub const OCI_MANIFEST: Self = Self::known("application/vnd.oci.image.manifest.v1+json");
    /// An OCI image config.
    pub const OCI_CONFIG: Self = Self::known("application/vnd.oci.image.config.v1+json");
    /// An OCI layer, a plain tar archive.
    pub const OCI_LAYER: Self = Self::known("application/vnd.oci.image.layer.v1.tar");
    /// An OCI layer, compressed with gzip.
    pub const OCI_LAYER_GZIP: Self = Self::known("application/vnd.oci.image.layer.v1.tar+gzip");
    /// An OCI layer, compressed with Zstandard.
    pub const OCI_LAYER_ZSTD: Self = Self::known("application/vnd.oci.image.layer.v1.tar+zstd");
    /// An OCI layer that registries need not hold.
    pub const OCI_NONDISTRIBUTABLE_LAYER: Self =
        Self::known("application/vnd.oci.image.layer.nondistributable.v1.tar");
    /// The same, compressed with gzip.
    pub const OCI_NONDISTRIBUTABLE_LAYER_GZIP: Self =
        Self::known("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    /// The same, compressed with Zstandard.
    pub const OCI_NONDISTRIBUTABLE_LAYER_ZSTD: Self =
        Self::known("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd");
    /// The config of an artifact that has none: `{}`.
    pub const OCI_EMPTY: Self = Self::known("application/vnd.oci.empty.v1+json");
    /// The artifact manifest of OCI 1.1's release candidates.
    pub const OCI_ARTIFACT_MANIFEST: Self =
        Self::known("application/vnd.oci.artifact.manifest.v1+json");
    /// A Docker manifest list.
    pub const DOCKER_MANIFEST_LIST: Self =
        Self::known("application/vnd.docker.distribution.manifest.list.v2+json");
    /// A Docker image manifest, schema 2.
    pub const DOCKER_MANIFEST: Self =
        Self::known("application/vnd.docker.distribution.manifest.v2+json");
    /// A Docker image manifest, schema 1, unsigned.
    pub const DOCKER_SCHEMA_ONE: Self =
        Self::known("application/vnd.docker.distribution.manifest.v1+json");
    /// A Docker image manifest, schema 1, signed.
    pub const DOCKER_SCHEMA_ONE_SIGNED: Self =
        Self::known("application/vnd.docker.distribution.manifest.v1+prettyjws");
    /// A Docker image config.
    pub const DOCKER_CONFIG: Self = Self::known("application/vnd.docker.container.image.v1+json");
    /// A Docker plugin's config.
    pub const DOCKER_PLUGIN_CONFIG: Self = Self::known("application/vnd.docker.plugin.v1+json");
    /// A Docker layer, a plain tar archive.
    pub const DOCKER_LAYER: Self = Self::known("application/vnd.docker.image.rootfs.diff.tar");
    /// A Docker layer, compressed with gzip.
    pub const DOCKER_LAYER_GZIP: Self =
        Self::known("application/vnd.docker.image.rootfs.diff.tar.gzip");
    /// A Docker layer, compressed with Zstandard (containerd's addition).
    pub const DOCKER_LAYER_ZSTD: Self =
        Self::known("application/vnd.docker.image.rootfs.diff.tar.zstd");
    /// A Docker layer that registries need not hold.
    pub const DOCKER_FOREIGN_LAYER: Self =
        Self::known("application/vnd.docker.image.rootfs.foreign.diff.tar");
    /// The same, compressed with gzip.
    pub const DOCKER_FOREIGN_LAYER_GZIP: Self =
        Self::known("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
    /// An in-toto statement.
    pub const IN_TOTO: Self = Self::known("application/vnd.in-toto+json");

    const fn known(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The media type that a `Content-Type` header says, without parameters such as
    /// `; charset=utf-8`, which servers add. (Inside documents there are no parameters: a type is read
    /// from there as it stands.)
    pub fn new(text: &str) -> Self {
        let (name, _parameters) = text.split_once(';').unwrap_or((text, ""));
        Self(Cow::Owned(name.trim().to_owned()))
    }

    /// The media type that a document states.
    pub(crate) fn verbatim(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was stated.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the text is `type/subtype`, each at most 127 characters of those that RFC 6838,
    /// section 4.2, allows.
    pub fn is_well_formed(&self) -> bool {
        let other = |byte: u8| {
            matches!(
                byte,
                b'!' | b'#' | b'$' | b'&' | b'-' | b'^' | b'_' | b'.' | b'+'
            )
        };
        let name = |text: &str| {
            text.len() <= 127
                && text.starts_with(|first: char| first.is_ascii_alphanumeric())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || other(byte))
        };
        self.0
            .split_once('/')
            .is_some_and(|(kind, subtype)| name(kind) && name(subtype))
    }

    /// What it stands for. The text is compared exactly, as container runtimes do.
    pub fn kind(&self) -> MediaKind {
        let known = [
            (Self::OCI_INDEX, MediaKind::Index),
            (Self::DOCKER_MANIFEST_LIST, MediaKind::Index),
            (Self::OCI_MANIFEST, MediaKind::Manifest),
            (Self::DOCKER_MANIFEST, MediaKind::Manifest),
            (Self::OCI_ARTIFACT_MANIFEST, MediaKind::ArtifactManifest),
            (Self::DOCKER_SCHEMA_ONE, MediaKind::SchemaOne),
            (Self::DOCKER_SCHEMA_ONE_SIGNED, MediaKind::SchemaOne),
            (Self::OCI_CONFIG, MediaKind::Config),
            (Self::DOCKER_CONFIG, MediaKind::Config),
            (Self::IN_TOTO, MediaKind::Attestation),
            (Self::OCI_EMPTY, MediaKind::Empty),
        ];
        match known.into_iter().find(|(media_type, _)| media_type == self) {
            Some((_, kind)) => kind,
            None => self.layer_kind().unwrap_or(MediaKind::Other),
        }
    }

    /// Layers are a base type and suffixes: `+gzip`, `+zstd`, `+encrypted` (ocicrypt), in OCI's
    /// types after a plus sign, in Docker's after a dot.
    fn layer_kind(&self) -> Option<MediaKind> {
        let (base, suffixes) = self.0.split_once('+').unwrap_or((&self.0, ""));
        let (base, docker_compression) = match base.strip_suffix(".gzip") {
            Some(plain) => (plain, Some(Compression::Gzip)),
            None => match base.strip_suffix(".zstd") {
                Some(plain) => (plain, Some(Compression::Zstd)),
                None => (base, None),
            },
        };
        let is_any = |types: [Self; 2]| types.iter().any(|known| known.as_str() == base);
        let foreign = is_any([Self::OCI_NONDISTRIBUTABLE_LAYER, Self::DOCKER_FOREIGN_LAYER]);
        if !foreign && !is_any([Self::OCI_LAYER, Self::DOCKER_LAYER]) {
            return None;
        }
        let has = |suffix: &str| suffixes.split('+').any(|stated| stated == suffix);
        let compression = docker_compression
            .or(has("gzip").then_some(Compression::Gzip))
            .or(has("zstd").then_some(Compression::Zstd));
        Some(MediaKind::Layer {
            compression,
            foreign,
            encrypted: has("encrypted"),
        })
    }

    /// Whether it is an index or a manifest list.
    pub fn is_index(&self) -> bool {
        self.kind() == MediaKind::Index
    }

    /// Whether it is an image manifest.
    pub fn is_manifest(&self) -> bool {
        self.kind() == MediaKind::Manifest
    }

    /// Whether it is an image config.
    pub fn is_image_config(&self) -> bool {
        self.kind() == MediaKind::Config
    }

    /// Whether it is a layer of an image.
    pub fn is_layer(&self) -> bool {
        matches!(self.kind(), MediaKind::Layer { .. })
    }

    /// Reads the field `name`; a malformed media type is noted and kept.
    pub(crate) fn read(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<Self> {
        let text = problems.keep(fields.text(name)).flatten()?;
        let media_type = Self::verbatim(text);
        if !media_type.is_well_formed() {
            problems.note(fields.problem(name, "type/subtype"));
        }
        Some(media_type)
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for MediaType {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl Serialize for MediaType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MediaType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Cow::Owned(String::deserialize(deserializer)?)))
    }
}
