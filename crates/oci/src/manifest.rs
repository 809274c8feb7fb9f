//! Image manifests, and the artifact manifests that came before them.

use std::collections::BTreeMap;

use crate::fields::{Fields, Problems};
use crate::{Descriptor, Error, FieldProblem, MediaType, limits};

/// An image manifest: one config and the layers, base first (image-spec, `manifest.md`; Docker's
/// "Image Manifest V2, Schema 2").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The media type inside the document, if it states one.
    pub media_type: Option<MediaType>,
    /// What kind of artifact this is, when it is no image.
    pub artifact_type: Option<MediaType>,
    /// The image's config.
    pub config: Descriptor,
    /// The layers, base first.
    pub layers: Vec<Descriptor>,
    /// The manifest that this one says something about.
    pub subject: Option<Descriptor>,
    /// Arbitrary metadata.
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// Whether the config is an image's, so that it may be read as [`ImageConfig`](crate::ImageConfig)
    /// and the layers make a root filesystem. Charts, modules and signatures have other configs.
    pub fn is_image(&self) -> bool {
        self.config.media_type.is_image_config()
    }

    pub(crate) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Result<Self, Error> {
        let config = fields
            .get("config")
            .ok_or_else(|| fields.problem("config", "a descriptor"))?;
        Ok(Self {
            media_type: MediaType::read(fields, "mediaType", problems),
            artifact_type: MediaType::read(fields, "artifactType", problems),
            config: Descriptor::read(config, &fields.path("config"), problems)?,
            layers: read_all(
                fields,
                "layers",
                ("manifest, layers", limits::LAYERS),
                problems,
            )?,
            subject: read_subject(fields, problems),
            annotations: fields.text_map("annotations", problems),
        })
    }
}

/// An artifact manifest of OCI 1.1's release candidates: blobs without a config or an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The media type inside the document, if it states one.
    pub media_type: Option<MediaType>,
    /// What kind of artifact this is.
    pub artifact_type: Option<MediaType>,
    /// The blobs.
    pub blobs: Vec<Descriptor>,
    /// The manifest that this one says something about.
    pub subject: Option<Descriptor>,
    /// Arbitrary metadata.
    pub annotations: BTreeMap<String, String>,
}

impl Artifact {
    pub(crate) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Result<Self, Error> {
        let bound = ("artifact manifest, blobs", limits::DESCRIPTORS);
        Ok(Self {
            media_type: MediaType::read(fields, "mediaType", problems),
            artifact_type: MediaType::read(fields, "artifactType", problems),
            blobs: read_all(fields, "blobs", bound, problems)?,
            subject: read_subject(fields, problems),
            annotations: fields.text_map("annotations", problems),
        })
    }
}

/// The descriptors of a list that means nothing with a gap in it: one that is malformed refuses all.
fn read_all(
    fields: &Fields<'_>,
    name: &str,
    (what, limit): (&'static str, usize),
    problems: &mut Problems,
) -> Result<Vec<Descriptor>, Error> {
    let items = fields.list(name)?;
    within(what, limit, items.len())?;
    let read = |(path, item): (String, _)| Descriptor::read(item, &path, problems);
    Ok(items.map(read).collect::<Result<_, FieldProblem>>()?)
}

pub(crate) fn within(what: &'static str, limit: usize, found: usize) -> Result<(), Error> {
    if found > limit {
        return Err(Error::OverLimit {
            what,
            limit: limit as u64,
            found: found as u64,
        });
    }
    Ok(())
}

/// The `subject`, without which a document still says everything else.
pub(crate) fn read_subject(fields: &Fields<'_>, problems: &mut Problems) -> Option<Descriptor> {
    let subject = fields.get("subject")?;
    let read = Descriptor::read(subject, &fields.path("subject"), problems);
    problems.keep(read)
}
