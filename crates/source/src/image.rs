//! What a source turned out to hold: images, their blobs, and where each layer's bytes are.

use std::sync::Arc;

use layerscope_oci::{Descriptor, Digest, Document, ImageConfig, MediaType, Platform};

use crate::oddity::Oddity;
use crate::registry::Access;
use crate::wrapped::WrappedArchive;
use crate::{Error, Layer};

/// Everything that is known of a source before a layer is read.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// What kind of source it is.
    pub kind: SourceKind,
    /// The indexes that were read, outermost first, each before those that it lists.
    pub indexes: Vec<Blob<Document>>,
    /// Every image and platform that the source holds or names, in its order, chosen or not.
    pub images: Vec<Image>,
    /// What stands beside the images: attestations and other artifacts. They are not read.
    pub others: Vec<Artifact>,
    /// How to reach the registry, with the token that it gave; `None` for archives and layouts.
    pub access: Option<Access>,
    /// What the registry says is left of a quota, as `7/100`; escaped.
    pub quota: Option<String>,
    /// The members of an archive that was compressed as a whole.
    pub wrapped: Option<Arc<WrappedArchive>>,
    /// What is odd.
    pub oddities: Vec<Oddity>,
    /// The position in `images` of the one to look at first: the best of those that were selected.
    pub chosen: Option<usize>,
}

impl Resolved {
    /// The digest by which to ask a registry for the same again. A tag may move, so whatever is asked
    /// for later, such as another platform, is to be asked for by this.
    pub fn pin(&self) -> Option<&Digest> {
        if self.kind != SourceKind::Registry {
            return None;
        }
        let index = self.indexes.first();
        let manifest = || self.images.first()?.manifest.as_ref();
        let root = index.or_else(manifest)?;
        Some(root.stated.as_ref().unwrap_or(&root.found))
    }
}

/// The kinds of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A registry (OCI distribution-spec).
    Registry,
    /// What `docker save` writes: a tar file with `manifest.json`.
    DockerArchive,
    /// An OCI layout in a tar file.
    OciArchive,
    /// An OCI layout in a directory (image-spec, `image-layout.md`).
    Layout,
}

impl SourceKind {
    /// A stable name: `registry`, `docker-archive`, `oci-archive` or `oci-layout`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::DockerArchive => "docker-archive",
            Self::OciArchive => "oci-archive",
            Self::Layout => "oci-layout",
        }
    }
}

/// One image for one platform.
#[derive(Clone, Debug)]
pub struct Image {
    /// Which image of the source, from 0. Images for several platforms under one name share a number.
    pub number: usize,
    /// Repository tags and reference names.
    pub names: Vec<String>,
    /// The platform: as an index says, or else as the config says.
    pub platform: Option<Platform>,
    /// What an index says of its manifest. `None` for the images of `manifest.json`, and for a
    /// registry's answer that is no index.
    pub descriptor: Option<Descriptor>,
    /// How much of it is known.
    pub state: ImageState,
    /// What makes it wrong as a whole although it can be looked into: no config, or one that cannot be
    /// read or does not fit the manifest. Such an image is not verified, whatever its layers are.
    pub fault: Option<Error>,
    /// Its manifest; `None` for the images of `manifest.json`, which have none.
    pub manifest: Option<Blob<Document>>,
    /// Its config.
    pub config: Option<Blob<ImageConfig>>,
    /// Its layers, base first. Those of a failed image are what is known of it.
    pub layers: Vec<Layer>,
}

impl Image {
    /// The digest of its manifest: the one that an index states, or else that of the bytes.
    #[must_use]
    pub fn manifest_digest(&self) -> Option<&Digest> {
        let pointed_at = self.descriptor.as_ref();
        let pointed_at = pointed_at.map(|descriptor| &descriptor.digest);
        pointed_at.or_else(|| self.manifest.as_ref().map(|blob| &blob.found))
    }
}

/// How much of an image is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageState {
    /// Its manifest was read, and its layers can be.
    Ready,
    /// It was not selected, so it was not asked for or is of no interest.
    NotAsked,
    /// Its manifest, its config or one of its layers is not in the source, which is usual for the
    /// other platforms of an archive.
    Absent,
    /// It cannot be read, and why.
    Failed(Error),
}

/// A small blob, kept raw beside parsed.
#[derive(Clone, Debug)]
pub struct Blob<T> {
    /// The bytes, exactly as they came.
    pub raw: Arc<[u8]>,
    /// The digest that the source states. `None` for what is asked for by tag, and for files like `index.json`.
    pub stated: Option<Digest>,
    /// The digest of the bytes, in the stated digest's algorithm, or else sha256.
    pub found: Digest,
    /// The size that the source states, in bytes.
    pub stated_size: Option<u64>,
    /// What they mean. Bytes that do not match are parsed all the same: what they say is shown and flagged.
    pub parsed: Result<T, Error>,
    /// What the source says they are.
    pub media_type: Option<MediaType>,
}

impl<T> Blob<T> {
    /// Whether the bytes are what the source says; `None` if it states no digest, or one that cannot
    /// be computed here.
    pub fn is_verified(&self) -> Option<bool> {
        let stated = self.stated.as_ref()?;
        stated.algorithm()?;
        Some(*stated == self.found && self.size_matches())
    }

    /// Whether the bytes are as many as the source says, if it says that.
    pub fn size_matches(&self) -> bool {
        self.stated_size
            .is_none_or(|size| size == self.raw.len() as u64)
    }
}

/// An attestation or another artifact that an index lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its entry in the index.
    pub descriptor: Descriptor,
    /// The manifest of the image that it speaks of.
    pub subject: Option<Digest>,
}
