//! The same layout as a directory and as an archive.

use std::collections::BTreeMap;

use layerscope_source::{
    BlobPlan, Error, Image as Found, ImageState, PlatformChoice, Resolve, Resolved, Select,
    SourceKind,
};
use serde_json::{Value, json};

use super::image::{archive, with};
use super::{from_file, from_files, resolve};

pub type Files = BTreeMap<String, Vec<u8>>;

/// Opens the same files as a directory and as an archive, and asserts that both show the same.
pub fn open_with(files: &Files, select: &Select) -> Result<Resolved, Error> {
    let directory = resolve(|| Resolve::layout(None, select.clone()), from_files(files));
    let file = archive(files);
    let size = file.len() as u64;
    let packed = resolve(|| Resolve::archive(size, select.clone()), from_file(&file));
    match (directory, packed) {
        (Ok(directory), Ok(packed)) => {
            assert_eq!(directory.kind, SourceKind::Layout);
            assert_eq!(packed.kind, SourceKind::OciArchive);
            assert_eq!(brief(&directory), brief(&packed));
            assert_eq!(directory.oddities, packed.oddities);
            Ok(directory)
        }
        (Err(directory), Err(packed)) => {
            assert_eq!(directory, packed);
            Err(directory)
        }
        (directory, packed) => panic!("{directory:#?}\n{packed:#?}"),
    }
}

pub fn open(files: &Files) -> Resolved {
    open_with(files, &Select::default()).unwrap()
}

/// Everything about the images but where their layers are.
pub fn brief(resolved: &Resolved) -> String {
    let image = |image: &Found| {
        let blobs = image
            .layers
            .iter()
            .map(|layer| std::mem::discriminant(&layer.blob));
        let here = |blob: &BlobPlan| !matches!(blob, BlobPlan::Absent);
        format!(
            "{} {:?} {:?} {:?} {:?} {:?} {}",
            image.number,
            image.names,
            image.platform,
            image.state,
            image.manifest.as_ref().map(|blob| &blob.found),
            image
                .layers
                .iter()
                .map(|layer| here(&layer.blob))
                .collect::<Vec<_>>(),
            blobs.count(),
        )
    };
    let images: Vec<String> = resolved.images.iter().map(image).collect();
    format!("{images:#?} {:?} {:?}", resolved.chosen, resolved.others)
}

pub fn states(resolved: &Resolved) -> Vec<String> {
    let state = |image: &Found| {
        let platform = image
            .platform
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let state = match &image.state {
            ImageState::Ready => "ready".to_owned(),
            ImageState::NotAsked => "not asked".to_owned(),
            ImageState::Absent => "not here".to_owned(),
            ImageState::Failed(error) => error.name().to_owned(),
        };
        format!("{} {platform} {state}", image.number)
    };
    resolved.images.iter().map(state).collect()
}

pub fn only(text: &str) -> Select {
    Select {
        platform: PlatformChoice::Only(text.parse().unwrap()),
        ..Select::default()
    }
}

pub fn prefer(text: &str) -> Select {
    Select {
        platform: PlatformChoice::Default(text.parse().unwrap()),
        ..Select::default()
    }
}

pub fn under(object: Value, name: &str) -> Value {
    with(
        object,
        json!({"annotations": {"org.opencontainers.image.ref.name": name}}),
    )
}
