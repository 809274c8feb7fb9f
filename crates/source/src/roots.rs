//! Where the walk begins: what a source names at its top.

use std::collections::{BinaryHeap, HashMap, HashSet};

use layerscope_oci::{Descriptor, Digest, Document, Index, MediaKind, Platform, Reference};

use crate::image::{Blob, SourceKind};
use crate::oddity::Oddity;
use crate::part::Part;

/// The top of a source.
#[derive(Debug)]
pub(crate) struct Roots {
    pub(crate) kind: SourceKind,
    pub(crate) top: Top,
    pub(crate) oddities: Vec<Oddity>,
}

/// What stands at the top.
#[derive(Debug)]
pub(crate) enum Top {
    /// One document to be fetched, under the names that a person or a registry gives it.
    Document(Box<Part>, Naming),
    /// An index that was read already, and those of its entries that count.
    Index(Box<Blob<Document>>, Vec<Entry>),
    /// Images without manifests.
    Images(Vec<Unlisted>),
}

/// One entry of a top index.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) descriptor: Descriptor,
    pub(crate) naming: Naming,
}

/// An image whose parts are known without a manifest.
#[derive(Debug)]
pub(crate) struct Unlisted {
    pub(crate) naming: Naming,
    pub(crate) config: Part,
    pub(crate) layers: Vec<Part>,
}

/// What an image is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Naming {
    /// Which image of the source, from 0.
    pub(crate) number: usize,
    /// The names to show.
    pub(crate) names: Vec<String>,
    /// Further names that it may be chosen by.
    pub(crate) aliases: Vec<String>,
}

impl Naming {
    /// Whether a person who says `wanted` may mean this.
    pub(crate) fn answers_to(&self, wanted: &str) -> bool {
        let known = self.names.iter().chain(&self.aliases);
        known.into_iter().any(|name| same_name(name, wanted))
    }
}

/// Whether two names mean the same image: `alpine` and `docker.io/library/alpine:latest` do.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    let canonical = |name: &str| name.parse::<Reference>().ok();
    one == other || canonical(one).is_some_and(|one| canonical(other) == Some(one))
}

/// The full reference, as containerd and Docker write it down.
const IMAGE_NAME: &str = "io.containerd.image.name";
/// The tag, or whatever a tool calls the image (image-spec, `annotations.md`).
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// The entries of a layout's `index.json`, numbered: entries with the same digest are one image with
/// several names, and entries for different platforms without a name to tell them apart are one image too.
pub(crate) fn entries(index: &Index) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut places: HashMap<&Digest, usize> = HashMap::new();
    for descriptor in &index.manifests {
        let naming = naming(descriptor);
        let place = *places.entry(&descriptor.digest).or_insert(entries.len());
        match entries.get_mut(place) {
            Some(entry) => entry.naming.merge(naming),
            None => entries.push(Entry {
                descriptor: descriptor.clone(),
                naming,
            }),
        }
    }
    number(&mut entries);
    entries
}

fn naming(descriptor: &Descriptor) -> Naming {
    let annotation = |name: &str| {
        let value = descriptor.annotations.get(name);
        value.filter(|value| !value.is_empty()).cloned()
    };
    let (full, short) = (annotation(IMAGE_NAME), annotation(REF_NAME));
    let mut naming = Naming::default();
    match (full, short) {
        (Some(full), short) => {
            let reference = full.parse::<Reference>();
            let shown = reference.map_or_else(|_| full.clone(), |reference| reference.familiar());
            naming.names.push(shown);
            naming.aliases.push(full);
            naming.aliases.extend(short);
        }
        (None, short) => naming.names.extend(short),
    }
    naming
}

impl Naming {
    fn merge(&mut self, other: Self) {
        for (known, more) in [
            (&mut self.names, other.names),
            (&mut self.aliases, other.aliases),
        ] {
            for name in more {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
        }
    }
}

/// Numbers the images. Entries that share their names are one if their platforms tell them apart.
fn number(entries: &mut [Entry]) {
    let aside = asides(entries.iter().map(|entry| &entry.descriptor));
    let is_image = |at: &usize| aside.get(*at) == Some(&false);
    let images: Vec<usize> = (0..entries.len()).filter(is_image).collect();
    let mut groups: HashMap<&[String], Platforms> = HashMap::new();
    for entry in images.iter().filter_map(|at| entries.get(*at)) {
        let platform = entry.descriptor.platform.as_ref();
        let group = groups.entry(&entry.naming.names).or_default();
        group.entries = group.entries.saturating_add(1);
        group
            .distinct
            .extend(platform.map(|platform| platform.normalized().specifier()));
    }
    let together: HashSet<Vec<String>> = groups
        .into_iter()
        .filter_map(|(names, group)| {
            let mut distinct = group.distinct.into_sorted_vec();
            distinct.dedup();
            (distinct.len() == group.entries).then(|| names.to_vec())
        })
        .collect();
    let mut numbers: HashMap<Vec<String>, usize> = HashMap::new();
    let mut next = 0_usize;
    for at in images {
        let Some(entry) = entries.get_mut(at) else {
            continue;
        };
        let names = &entry.naming.names;
        let known = numbers.get(names).filter(|_| together.contains(names));
        let number = known.copied().unwrap_or(next);
        if number == next {
            numbers.insert(names.clone(), number);
            next = next.saturating_add(1);
        }
        entry.naming.number = number;
    }
}

/// The platforms of entries with the same names.
#[derive(Default)]
struct Platforms {
    entries: usize,
    distinct: BinaryHeap<String>,
}

/// Which entries of an index stand beside its images: attestations, blobs of any kind, and artifacts,
/// unless there is nothing else.
pub(crate) fn asides<'a>(entries: impl Iterator<Item = &'a Descriptor> + Clone) -> Vec<bool> {
    let images = |entry: &&Descriptor| !is_aside(entry) && !is_artifact(entry);
    let has_images = entries.clone().any(|entry| images(&entry));
    entries
        .map(|entry| is_aside(entry) || (has_images && is_artifact(entry)))
        .collect()
}

fn is_aside(entry: &Descriptor) -> bool {
    let is_unknown = entry.platform.as_ref().is_some_and(Platform::is_unknown);
    let kind = entry.media_type.kind();
    let is_document = entry.media_type.is_empty()
        || matches!(
            kind,
            MediaKind::Index
                | MediaKind::Manifest
                | MediaKind::ArtifactManifest
                | MediaKind::SchemaOne
        );
    entry.is_attestation() || is_unknown || !is_document
}

fn is_artifact(entry: &Descriptor) -> bool {
    let artifact = entry.artifact_type.as_ref();
    artifact.is_some_and(|artifact| !artifact.is_image_config())
}

/// The image that an entry beside the images speaks of.
pub(crate) fn subject(descriptor: &Descriptor) -> Option<Digest> {
    let soci = || {
        descriptor
            .annotations
            .get("com.amazon.soci.image-manifest-digest")
    };
    descriptor.attested().or_else(|| soci()?.parse().ok())
}
