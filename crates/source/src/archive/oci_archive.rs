//! OCI layouts in a tar file, and how they agree with a `manifest.json` beside them.

use std::collections::HashMap;

use layerscope_oci::{Descriptor, Digest, Document, Manifest};

use super::docker_save::{MANIFEST_FILE, SavedImage};
use super::outer::OuterIndex;
use crate::draft::Draft;
use crate::error::{Error, quoted, some_of};
use crate::image::{Blob, ImageState};
use crate::layout::{INDEX_FILE, blob_path, check_version, top_index};
use crate::oddity::{Oddity, OddityKind};
use crate::part::Part;
use crate::roots::{Entry, entries, same_name};

/// A layout that can be used.
#[derive(Debug)]
pub(super) struct OciLayout {
    pub(super) blob: Blob<Document>,
    pub(super) entries: Vec<Entry>,
    pub(super) oddity: Option<Oddity>,
}

/// Reads `index.json`. Where there is something else to fall back on, one that leads nowhere is an error.
pub(super) fn read(
    members: &OuterIndex,
    layout: Option<&[u8]>,
    index: Vec<u8>,
    has_other: bool,
) -> Result<OciLayout, Error> {
    let oddity = check_version(layout)?;
    let blob = top_index(index);
    let document = blob.parsed.as_ref().map_err(Error::clone)?;
    let entries = document.as_index().map(entries).unwrap_or_default();
    let is_here = |entry: &Entry| {
        let path = blob_path(&Part::described(&entry.descriptor));
        members.find(&path).is_some() || entry.descriptor.verified_data().is_some()
    };
    if has_other && !entries.iter().any(is_here) {
        return Err(Error::TopFile {
            at: INDEX_FILE.to_owned(),
            expected: "a manifest that is in the archive",
            found: format!("{} elsewhere", entries.len()),
        });
    }
    Ok(OciLayout {
        blob,
        entries,
        oddity,
    })
}

/// Whether an index led to no image with layers, although every blob that it led to is right. (Docker
/// 25.0 wrote such indexes. A blob that is wrong is to be shown, and not to be passed over.)
pub(super) fn is_hollow(drafts: &[Draft]) -> bool {
    drafts.iter().all(|draft| {
        let image = &draft.image;
        let wrong = |verified: Option<bool>| verified == Some(false);
        let manifest = image.manifest.as_ref().and_then(Blob::is_verified);
        let config = image.config.as_ref().and_then(Blob::is_verified);
        match image.state {
            ImageState::Failed(_) => false,
            ImageState::Absent | ImageState::NotAsked => !wrong(manifest) && !wrong(config),
            ImageState::Ready => image.layers.is_empty() && !wrong(manifest) && !wrong(config),
        }
    })
}

/// Compares `manifest.json` with what the index led to, and brings in its tags.
pub(super) fn cross_check(
    members: &OuterIndex,
    saved: &[SavedImage],
    drafts: &mut [Draft],
    oddities: &mut Vec<Oddity>,
) {
    let mut by_config: HashMap<Digest, Vec<usize>> = HashMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        if let Some(manifest) = manifest(draft) {
            let config = manifest.config.digest.clone();
            by_config.entry(config).or_default().push(at);
        }
    }
    for image in saved {
        let Some(config) = image.config_digest() else {
            continue;
        };
        let Some(places) = by_config.get(&config) else {
            oddities.push(
                Oddity::new(OddityKind::ManifestsDisagree, MANIFEST_FILE)
                    .expected("an image of index.json")
                    .found(config.to_string()),
            );
            continue;
        };
        for at in places {
            if let Some(draft) = drafts.get_mut(*at) {
                oddities.extend(compare(members, image, draft));
                add_tags(image, draft);
            }
        }
    }
}

/// Says if the layers of the same image are different members of the archive.
fn compare(members: &OuterIndex, image: &SavedImage, draft: &Draft) -> Option<Oddity> {
    let manifest = manifest(draft)?;
    let place = |path: &str| members.resolve(path).ok().flatten();
    let path = |layer: &Descriptor| blob_path(&Part::described(layer));
    let theirs = image.layers.iter().map(|layer| place(layer));
    let ours = manifest.layers.iter().map(|layer| place(&path(layer)));
    (!ours.eq(theirs)).then(|| {
        let digests = manifest.layers.iter().map(|layer| layer.digest.to_string());
        let names = image.layers.iter().map(|layer| quoted(layer));
        Oddity::new(
            OddityKind::ManifestsDisagree,
            manifest.config.digest.to_string(),
        )
        .expected(some_of(digests).join(", "))
        .found(some_of(names).join(", "))
    })
}

fn add_tags(image: &SavedImage, draft: &mut Draft) {
    let names = &mut draft.image.names;
    for tag in &image.tags {
        if !names.iter().any(|name| same_name(name, tag)) {
            names.push(tag.clone());
        }
    }
}

fn manifest(draft: &Draft) -> Option<&Manifest> {
    let document = draft.image.manifest.as_ref()?.parsed.as_ref().ok()?;
    document.as_image()
}
