//! What something that is attached to an image may speak of.

use layerscope_oci::{Descriptor, Digest, Document, MediaType};
use layerscope_source::{Blob, Image, Resolved, SourceKind};

/// The endings of the tags under which cosign puts signatures, attestations and lists of software.
pub(super) const COSIGN: [&str; 3] = ["sig", "att", "sbom"];

/// The digests that something attached to the image may speak of: its manifest's, and the indexes' that list it.
#[derive(Debug)]
pub(super) struct Subjects {
    pub(super) digests: Vec<Digest>,
    pub(super) has_manifest: bool,
}

impl Subjects {
    pub(super) fn of(resolved: &Resolved, image: &Image) -> Self {
        let manifest = image.manifest_digest().cloned();
        let has_manifest = manifest.is_some();
        // The index of a layout or an archive is a file of its own, which nothing speaks of by a digest.
        let is_named = |index: &&Blob<Document>| {
            resolved.kind == SourceKind::Registry || index.stated.is_some()
        };
        let lists = |index: &&Blob<Document>| {
            let index = index.parsed.as_ref().ok().and_then(Document::as_index);
            let entries = index.map_or(&[][..], |index| &index.manifests);
            entries
                .iter()
                .any(|entry| Some(&entry.digest) == manifest.as_ref())
        };
        let indexes = resolved.indexes.iter().filter(is_named).filter(lists);
        let indexes = indexes.map(|index| index.stated.as_ref().unwrap_or(&index.found).clone());
        Self {
            digests: manifest.iter().cloned().chain(indexes).collect(),
            has_manifest,
        }
    }

    pub(super) fn has(&self, digest: &Digest) -> bool {
        self.digests.contains(digest)
    }

    /// The tag among these names that cosign makes of one of them, and which it is.
    pub(super) fn signed_under(&self, names: &[String]) -> Option<(String, Digest)> {
        for digest in &self.digests {
            for ending in COSIGN {
                let tag = cosign_tag(digest, ending);
                if names.iter().any(|name| name.ends_with(&tag)) {
                    return Some((tag, digest.clone()));
                }
            }
        }
        None
    }

    /// Whether `hex` is the sha256 of one of them.
    pub(super) fn has_hex(&self, hex: &str) -> bool {
        self.digests.iter().any(|digest| digest.hex() == hex)
    }

    /// `manifest` or `index`.
    pub(super) fn name(&self, digest: &Digest) -> &'static str {
        match self.digests.iter().position(|known| known == digest) {
            Some(0) if self.has_manifest => "manifest",
            _ => "index",
        }
    }
}

/// What an index, or whoever asked, would say of an image's manifest.
pub(super) fn descriptor_of(image: &Image) -> Option<Descriptor> {
    if let Some(descriptor) = &image.descriptor {
        return Some(descriptor.clone());
    }
    let blob = image.manifest.as_ref()?;
    let digest = image.manifest_digest()?.clone();
    let media_type = blob.media_type.clone().unwrap_or(MediaType::OCI_MANIFEST);
    Some(Descriptor::new(media_type, digest, blob.raw.len() as u64))
}

pub(super) fn cosign_tag(digest: &Digest, ending: &str) -> String {
    format!("{}-{}.{ending}", digest.algorithm_name(), digest.hex())
}
