//! One blob that something names: what is stated about it, before it is read.

use layerscope_layer::Expected;
use layerscope_oci::{Algorithm, Descriptor, DiffId, Digest, InlineData, MediaKind, MediaType};

use crate::image::Blob;
use crate::oddity::{Oddity, OddityKind};
use crate::{Error, limits};

/// A blob that a document names, or the document that a person names.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// What names it, if that is a descriptor.
    pub(crate) descriptor: Option<Descriptor>,
    /// Where it is to be found.
    pub(crate) place: Place,
    /// The digest that is stated for it.
    pub(crate) stated: Option<Digest>,
    /// The size that is stated for it, in bytes.
    pub(crate) size: Option<u64>,
    /// What it is said to be.
    pub(crate) media_type: Option<MediaType>,
}

/// Where a blob is to be found.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Wherever the source keeps what has this digest.
    Digest(Digest),
    /// In the registry, under this tag or digest.
    Name(String),
    /// In the archive, under this path.
    Member(String),
}

/// What a part is needed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// An index or a manifest, to be read.
    Document,
    /// A config, to be read.
    Config,
    /// A layer, to be located.
    Layer,
}

impl Need {
    /// The word for an error.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Document => "manifest",
            Self::Config => "config",
            Self::Layer => "layer",
        }
    }

    /// The most bytes of it that are read here.
    pub(crate) fn limit(self) -> u64 {
        match self {
            Self::Document => limits::MANIFEST_BYTES,
            Self::Config => limits::CONFIG_BYTES,
            Self::Layer => 0,
        }
    }
}

impl Part {
    /// What a descriptor names.
    pub(crate) fn described(descriptor: &Descriptor) -> Self {
        Self {
            descriptor: Some(descriptor.clone()),
            place: Place::Digest(descriptor.digest.clone()),
            stated: Some(descriptor.digest.clone()),
            size: Some(descriptor.size),
            media_type: (!descriptor.media_type.is_empty()).then(|| descriptor.media_type.clone()),
        }
    }

    /// What no document names: a file that is at the top by itself.
    pub(crate) fn unnamed() -> Self {
        Self {
            descriptor: None,
            place: Place::Member(String::new()),
            stated: None,
            size: None,
            media_type: None,
        }
    }

    /// How an error names it.
    pub(crate) fn at(&self) -> String {
        match &self.place {
            Place::Digest(digest) => digest.to_string(),
            Place::Name(name) => name.clone(),
            Place::Member(path) => crate::error::quoted(path),
        }
    }

    /// What a scan of it as a layer is to expect.
    pub(crate) fn expected(&self, diff_id: Option<&DiffId>) -> Expected {
        Expected {
            digest: self.stated.clone(),
            size: self.size,
            diff_id: diff_id.cloned(),
            media_type: self.media_type.clone(),
        }
    }

    /// The bytes that the descriptor itself carries, if they are right; a word about them if not.
    pub(crate) fn inline(&self) -> (Option<Vec<u8>>, Option<Oddity>) {
        let Some(descriptor) = &self.descriptor else {
            return (None, None);
        };
        match (&descriptor.data, descriptor.verified_data()) {
            (_, Some(bytes)) => (Some(bytes.to_vec()), None),
            (None, None) => (None, None),
            (Some(InlineData::Undecodable(text)), None) => {
                let oddity = Oddity::new(OddityKind::InlineUndecodable, self.at());
                (None, Some(oddity.found(crate::error::quoted(text))))
            }
            (Some(InlineData::Decoded(bytes)), None) => {
                let oddity = Oddity::new(OddityKind::InlineMismatch, self.at())
                    .expected(format!("{}, {} bytes", descriptor.digest, descriptor.size))
                    .found(format!("{}, {} bytes", self.digest_of(bytes), bytes.len()));
                (None, Some(oddity))
            }
        }
    }

    /// The digest of `bytes` in the algorithm of the stated one.
    fn digest_of(&self, bytes: &[u8]) -> Digest {
        let stated = self.stated.as_ref().and_then(Digest::algorithm);
        Digest::of(stated.unwrap_or(Algorithm::Sha256), bytes)
    }

    /// The blob that was found for it, with what its bytes mean.
    pub(crate) fn blob<T>(
        &self,
        bytes: Vec<u8>,
        parse: impl FnOnce(std::sync::Arc<[u8]>) -> Result<T, Error>,
    ) -> Blob<T> {
        let found = self.digest_of(&bytes);
        let raw: std::sync::Arc<[u8]> = bytes.into();
        Blob {
            stated: self.stated.clone(),
            found,
            stated_size: self.size,
            parsed: parse(raw.clone()),
            raw,
            media_type: self.media_type.clone(),
        }
    }

    /// Whether it may be an image config. Early Docker pushed configs without a type of their own.
    pub(crate) fn may_be_image_config(&self) -> bool {
        match &self.media_type {
            None => true,
            Some(stated) => {
                stated.is_image_config() || stated.as_str() == "application/octet-stream"
            }
        }
    }

    /// Whether it may be a layer: an archive of files, if perhaps an encrypted one.
    pub(crate) fn may_be_layer(&self) -> bool {
        self.media_type
            .as_ref()
            .is_none_or(|stated| matches!(stated.kind(), MediaKind::Layer { .. }))
    }

    /// Where else a layer may be had that its own source need not hold.
    pub(crate) fn foreign_urls(&self) -> Option<Vec<String>> {
        let descriptor = self.descriptor.as_ref()?;
        let foreign = matches!(
            descriptor.media_type.kind(),
            MediaKind::Layer { foreign: true, .. }
        );
        (foreign && !descriptor.urls.is_empty()).then(|| descriptor.urls.clone())
    }
}
