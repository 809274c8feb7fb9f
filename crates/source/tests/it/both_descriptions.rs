//! Archives that describe themselves twice, by `index.json` and by `manifest.json`.

use layerscope_source::{Error, ImageState, OddityKind, Resolve, Resolved, Select, SourceKind};
use serde_json::{Value, json};

use crate::support::archives::{named, open, open_with};
use crate::support::image::{Image, hex, with};
use crate::support::{Order, drive, from_file, layers_verify, oddities};

/// What Docker from 25 on writes: both descriptions, over the same blobs.
struct Both {
    files: std::collections::BTreeMap<String, Vec<u8>>,
}

impl Both {
    fn new(image: &Image, index: Value, tags: Value) -> Self {
        let mut files = crate::support::image::layout(index.to_string().as_bytes(), image.blobs());
        let blob = |bytes: &[u8]| format!("blobs/sha256/{}", hex(bytes));
        let layers: Vec<String> = image.layers.iter().map(|layer| blob(layer)).collect();
        let manifest = json!([{"Config": blob(&image.config), "RepoTags": tags, "Layers": layers}]);
        files.insert(
            "manifest.json".to_owned(),
            manifest.to_string().into_bytes(),
        );
        files.insert(
            "blobs/sha256/orphan".to_owned(),
            b"{\"a legacy\": \"blob\"}".to_vec(),
        );
        Self { files }
    }

    fn open(&self) -> Resolved {
        open(&crate::support::image::archive(&self.files))
    }
}

fn tagged(image: &Image, name: &str, tag: &str) -> Value {
    let annotations =
        json!({"io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag});
    with(image.descriptor(), json!({"annotations": annotations}))
}

#[test]
fn with_both_descriptions_the_index_wins_and_tags_are_merged() {
    let image = Image::named("amd64", "a");
    let index = json!({"schemaVersion": 2, "manifests": [
        tagged(&image, "docker.io/library/a:1", "1"),
        tagged(&image, "docker.io/library/a:2", "2"),
    ]});
    let both = Both::new(&image, index, json!(["a:1", "a:2", "a:3"]));
    let resolved = both.open();
    assert_eq!(resolved.kind, SourceKind::OciArchive);
    assert_eq!(resolved.images.len(), 1, "one image, however many tags");
    let found = &resolved.images[0];
    assert_eq!(found.names, ["a:1", "a:2", "a:3"]);
    assert_eq!(found.manifest.as_ref().unwrap().is_verified(), Some(true));
    assert!(
        found
            .layers
            .iter()
            .all(|layer| layer.expected.digest.is_some())
    );
    assert_eq!(oddities(&resolved), [] as [&str; 0]);
    let file = crate::support::image::archive(&both.files);
    assert_eq!(layers_verify(&file, &resolved, 0), [true, true]);
    for name in ["a:3", "docker.io/library/a:1", "2"] {
        assert_eq!(
            open_with(&file, &named(name)).unwrap().chosen,
            Some(0),
            "{name}"
        );
    }
}

#[test]
fn an_index_of_nothing_falls_back_to_the_manifest() {
    let image = Image::named("amd64", "a");
    for manifests in [
        json!(null),
        json!([]),
        json!([Image::named("amd64", "elsewhere").descriptor()]),
    ] {
        let index = json!({
            "schemaVersion": 2, "mediaType": crate::support::image::OCI_INDEX, "manifests": manifests,
        });
        let resolved = Both::new(&image, index, json!(["a:1"])).open();
        assert_eq!(resolved.kind, SourceKind::DockerArchive);
        assert_eq!(oddities(&resolved), ["index-unusable"]);
        assert_eq!(resolved.images[0].state, ImageState::Ready);
        assert_eq!(resolved.images[0].layers.len(), 2);
    }
    let broken = Both::new(&image, json!("no index"), json!(["a:1"])).open();
    assert_eq!(oddities(&broken), ["index-unusable"]);
}

#[test]
fn a_manifest_without_layers_falls_back_unless_it_was_tampered_with() {
    // Docker 25.0.0 (moby#47065).
    let mut image = Image::named("amd64", "a");
    let hollow = crate::support::image::manifest(
        crate::support::image::descriptor(crate::support::image::OCI_CONFIG, &image.config),
        &[],
    );
    let full = std::mem::replace(&mut image.manifest, hollow);
    let index = json!({"schemaVersion": 2, "manifests": [image.descriptor()]});
    let both = Both::new(&image, index, json!(["a:1"]));
    let resolved = both.open();
    assert_eq!(resolved.kind, SourceKind::DockerArchive);
    assert_eq!(
        (oddities(&resolved), resolved.images[0].layers.len()),
        (vec!["index-unusable"], 2)
    );

    // The same manifest in the place of the right one must not be passed over.
    let hollow = std::mem::replace(&mut image.manifest, full);
    let index = json!({"schemaVersion": 2, "manifests": [image.descriptor()]});
    let mut both = Both::new(&image, index, json!(["a:1"]));
    both.files
        .insert(format!("blobs/sha256/{}", hex(&image.manifest)), hollow);
    let resolved = both.open();
    assert_eq!(resolved.kind, SourceKind::OciArchive);
    assert_eq!(
        resolved.images[0].manifest.as_ref().unwrap().is_verified(),
        Some(false)
    );
}

#[test]
fn a_corrupt_manifest_is_not_hidden_by_the_other_description() {
    let image = Image::named("amd64", "a");
    let index = json!({"schemaVersion": 2, "manifests": [image.descriptor()]});
    let mut both = Both::new(&image, index, json!(["a:1"]));
    both.files
        .get_mut(&format!("blobs/sha256/{}", hex(&image.manifest)))
        .unwrap()[0] = b'x';
    let resolved = both.open();
    assert_eq!(resolved.kind, SourceKind::OciArchive);
    assert!(matches!(
        resolved.images[0].state,
        ImageState::Failed(Error::Document { .. })
    ));
    assert_eq!(
        resolved.images[0].manifest.as_ref().unwrap().is_verified(),
        Some(false)
    );
}

#[test]
fn descriptions_that_disagree_are_told() {
    let image = Image::named("amd64", "a");
    let other = Image::named("amd64", "b");
    let index = json!({"schemaVersion": 2, "manifests": [image.descriptor()]});
    let mut both = Both::new(&image, index, json!(["a:1"]));
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", hex(bytes));
    for bytes in other.blobs() {
        both.files.insert(blob(bytes), bytes.clone());
    }
    let manifest = json!([
        {"Config": blob(&other.config), "RepoTags": ["evil:1"], "Layers": [blob(&other.layers[0])]},
        {"Config": blob(&image.config), "RepoTags": ["a:1"], "Layers": [blob(&other.layers[1])]},
    ]);
    both.files.insert(
        "manifest.json".to_owned(),
        manifest.to_string().into_bytes(),
    );
    let resolved = both.open();
    assert_eq!(
        oddities(&resolved),
        ["manifests-disagree", "manifests-disagree"]
    );
    assert_eq!(
        resolved.oddities[0].found,
        Some(format!("sha256:{}", hex(&other.config)))
    );
    assert_eq!(resolved.images[0].names, ["a:1"]);
    assert!(
        resolved
            .oddities
            .iter()
            .all(|oddity| oddity.kind == OddityKind::ManifestsDisagree)
    );
}

#[test]
fn no_byte_of_an_archive_makes_it_panic() {
    let image = Image::new("amd64", &[crate::support::image::layer("f", "x")]);
    let index =
        json!({"schemaVersion": 2, "manifests": [tagged(&image, "docker.io/library/a:1", "1")]});
    let both = Both::new(&image, index, json!(["a:1"]));
    let file = crate::support::image::archive(&both.files);
    let mut refused = 0;
    for at in (0..file.len()).step_by(3) {
        let mut changed = file.clone();
        changed[at] ^= 0x55;
        let size = changed.len() as u64;
        let resolve = Resolve::archive(size, Select::default());
        let found = drive(resolve, Order::First, from_file(&changed));
        refused += usize::from(found.is_err());
        if at % 11 == 0 {
            let resolve = Resolve::archive(at as u64, Select::default());
            let found = drive(resolve, Order::First, from_file(&file[..at]));
            refused += usize::from(found.is_err());
        }
    }
    assert!(refused > 0, "the archive is not even looked at");
}
