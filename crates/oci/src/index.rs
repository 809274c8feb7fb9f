//! Indexes: lists of manifests, usually one for each platform.

use std::collections::BTreeMap;

use crate::fields::{Fields, Problems};
use crate::manifest::{read_subject, within};
use crate::platform::best_first;
use crate::{Descriptor, Error, FieldProblem, MediaType, Platform, limits};

/// An image index or Docker manifest list (image-spec, `image-index.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The media type inside the document, if it states one.
    pub media_type: Option<MediaType>,
    /// What kind of artifact this is, when it is no image.
    pub artifact_type: Option<MediaType>,
    /// The entries that can be read, in the document's order.
    pub manifests: Vec<Descriptor>,
    /// The entries that cannot be read. They do not hide the others.
    pub refused: Vec<RefusedEntry>,
    /// The manifest that this index says something about.
    pub subject: Option<Descriptor>,
    /// Arbitrary metadata.
    pub annotations: BTreeMap<String, String>,
}

/// An entry of an index that is no usable descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEntry {
    /// Its position in the document, from 0.
    pub position: usize,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

impl Index {
    /// The positions in [`manifests`](Self::manifests) of the entries that a machine of platform
    /// `wanted` runs, best first. Clients take the first (image-spec, `image-index.md`, asks for the
    /// first of several that match). Entries without a platform are left out: only their configs say
    /// what they are for. So are attestations.
    pub fn matches(&self, wanted: &Platform) -> Vec<usize> {
        let entries = self.manifests.iter().enumerate();
        let images = entries.filter(|(_, entry)| !entry.is_attestation());
        best_first(
            wanted,
            images.filter_map(|(at, entry)| Some((at, entry.platform.as_ref()?))),
        )
    }

    pub(crate) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Result<Self, Error> {
        let items = fields.list("manifests")?;
        within("index, descriptors", limits::DESCRIPTORS, items.len())?;
        let (mut manifests, mut refused) = (Vec::with_capacity(items.len()), Vec::new());
        for (position, (path, item)) in items.enumerate() {
            match Descriptor::read(item, &path, problems) {
                Ok(descriptor) => manifests.push(descriptor),
                Err(problem) => refused.push(RefusedEntry { position, problem }),
            }
        }
        Ok(Self {
            media_type: MediaType::read(fields, "mediaType", problems),
            artifact_type: MediaType::read(fields, "artifactType", problems),
            manifests,
            refused,
            subject: read_subject(fields, problems),
            annotations: fields.text_map("annotations", problems),
        })
    }
}
