//! Which images an OCI layout holds, in a directory and in an archive.

use layerscope_source::{
    BlobPlan, Error, ImageChoice, ImageState, PlatformChoice, Resolve, Select,
};
use serde_json::json;

use crate::support::image::{
    Image, OCI_INDEX, OCI_MANIFEST, archive, descriptor, digest, hex, index, layout, platform, with,
};
use crate::support::layouts::{Files, only, open, open_with, prefer, states, under};
use crate::support::{from_file, from_files, layers_verify, oddities, resolve};

#[test]
fn one_image_is_read_and_located() {
    let image = Image::named("amd64", "a");
    let files = layout(&index(&[under(image.descriptor(), "v1")]), image.blobs());
    let resolved = open(&files);
    assert_eq!(resolved.indexes.len(), 1);
    assert_eq!(&resolved.indexes[0].raw[..], files["index.json"]);
    assert_eq!((&resolved.indexes[0].stated, resolved.pin()), (&None, None));
    let found = &resolved.images[0];
    assert_eq!(
        (found.names.as_slice(), &found.state),
        (["v1".to_owned()].as_slice(), &ImageState::Ready)
    );
    assert_eq!(
        found.platform.as_ref().unwrap().to_string(),
        "linux/amd64",
        "as the config says"
    );
    assert_eq!(found.manifest.as_ref().unwrap().is_verified(), Some(true));
    assert_eq!(found.config.as_ref().unwrap().is_verified(), Some(true));
    for (layer, bytes) in found.layers.iter().zip(&image.layers) {
        let path = format!("blobs/sha256/{}", hex(bytes));
        let size = Some(bytes.len() as u64);
        assert_eq!(layer.blob, BlobPlan::File { path, size });
        assert_eq!(
            layer.expected.digest.as_ref().unwrap().to_string(),
            digest(bytes)
        );
        assert_eq!(layer.expected.size, size);
        assert_eq!(layer.diff_id.as_ref().unwrap().to_string(), digest(bytes));
    }
    assert_eq!(oddities(&resolved), [] as [&str; 0]);

    let file = archive(&files);
    let packed = resolve(
        || Resolve::archive(file.len() as u64, Select::default()),
        from_file(&file),
    )
    .unwrap();
    assert_eq!(layers_verify(&file, &packed, 0), [true, true]);
}

/// An image for two platforms behind a nested index, with an attestation, as BuildKit writes it.
fn two_platforms() -> (Image, Image, Vec<u8>, Files) {
    let (amd, arm) = (Image::named("amd64", "amd"), Image::named("arm64", "arm"));
    let attestation = json!({
        "mediaType": OCI_MANIFEST, "digest": format!("sha256:{}", "a".repeat(64)), "size": 566,
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": amd.digest(),
        },
    });
    let nested = index(&[
        with(amd.descriptor(), platform("amd64")),
        with(arm.descriptor(), platform("arm64")),
        attestation,
    ]);
    let mut files = layout(
        &index(&[under(descriptor(OCI_INDEX, &nested), "a:1")]),
        amd.blobs().chain(arm.blobs()),
    );
    files.insert(format!("blobs/sha256/{}", hex(&nested)), nested.clone());
    (amd, arm, nested, files)
}

#[test]
fn a_nested_index_is_followed_and_attestations_stand_aside() {
    let (amd, _, nested, files) = two_platforms();
    let resolved = open(&files);
    assert_eq!(
        states(&resolved),
        ["0 linux/amd64 ready", "0 linux/arm64 ready"]
    );
    assert!(resolved.images.iter().all(|image| image.names == ["a:1"]));
    let indexes: Vec<&[u8]> = resolved
        .indexes
        .iter()
        .map(|index| &index.raw[..])
        .collect();
    assert_eq!(indexes, [files["index.json"].as_slice(), &nested]);
    assert_eq!(resolved.others.len(), 1);
    let subject = resolved.others[0].subject.as_ref().unwrap();
    assert_eq!(subject.to_string(), amd.digest());
    assert_eq!(
        open_with(&files, &prefer("linux/arm64")).unwrap().chosen,
        Some(1)
    );
    assert_eq!(
        open_with(&files, &prefer("linux/s390x")).unwrap().chosen,
        Some(0)
    );
    let chosen = open_with(&files, &only("linux/arm64/v8")).unwrap();
    assert_eq!(
        states(&chosen),
        ["0 linux/amd64 not asked", "0 linux/arm64 ready"]
    );
    assert!(matches!(
        open_with(&files, &only("windows/amd64")),
        Err(Error::NoSuchPlatform { .. })
    ));
}

#[test]
fn a_platform_without_blobs_is_absent_unless_it_is_asked_for() {
    let (amd, arm, _, files) = two_platforms();
    let path = |bytes: &[u8]| format!("blobs/sha256/{}", hex(bytes));
    for gone in [&arm.manifest, &arm.config, &arm.layers[1]] {
        let mut files = files.clone();
        files.remove(&path(gone));
        let resolved = open(&files);
        assert_eq!(
            states(&resolved),
            ["0 linux/amd64 ready", "0 linux/arm64 not here"]
        );
        assert_eq!(resolved.chosen, Some(0));
        let resolved = open_with(&files, &prefer("linux/arm64")).unwrap();
        assert_eq!(
            resolved.chosen,
            Some(0),
            "what is absent is not looked at first"
        );
        let resolved = open_with(&files, &only("linux/arm64")).unwrap();
        let ImageState::Failed(Error::Absent { at, .. }) = &resolved.images[1].state else {
            panic!("{:?}", resolved.images[1].state);
        };
        assert_eq!(*at, digest(gone));
    }
    // Everything absent: an index that names what nobody brought.
    let mut files = files;
    files.remove(&path(&arm.manifest));
    files.remove(&path(&amd.manifest));
    let resolved = open(&files);
    assert_eq!(
        states(&resolved),
        ["0 linux/amd64 not here", "0 linux/arm64 not here"]
    );
    assert_eq!(resolved.chosen, Some(0));
    let number = Select {
        image: ImageChoice::Number(0),
        ..Select::default()
    };
    assert_eq!(
        states(&open_with(&files, &number).unwrap()),
        ["0 linux/amd64 absent", "0 linux/arm64 absent"],
        "insisting makes it an error"
    );
}

#[test]
fn several_images_have_numbers_and_names() {
    let (one, two, three) = (
        Image::named("amd64", "1"),
        Image::named("amd64", "2"),
        Image::named("arm64", "3"),
    );
    let entries = [
        under(one.descriptor(), "v1"),
        under(two.descriptor(), "v2"),
        three.descriptor(),
        under(one.descriptor(), "latest"),
    ];
    let files = layout(
        &index(&entries),
        one.blobs().chain(two.blobs()).chain(three.blobs()),
    );
    let resolved = open(&files);
    assert_eq!(
        states(&resolved),
        [
            "0 linux/amd64 ready",
            "1 linux/amd64 ready",
            "2 linux/arm64 ready"
        ]
    );
    assert_eq!(
        resolved.images[0].names,
        ["v1", "latest"],
        "one image with two names"
    );
    for (choice, chosen) in [
        (ImageChoice::Number(2), 2),
        (ImageChoice::Name("latest".to_owned()), 0),
        (ImageChoice::Name("v2".to_owned()), 1),
        (ImageChoice::Name(three.digest()), 2),
    ] {
        let select = Select {
            image: choice,
            platform: PlatformChoice::All,
        };
        assert_eq!(open_with(&files, &select).unwrap().chosen, Some(chosen));
    }
    let tagged = resolve(
        || Resolve::layout(Some("v2".to_owned()), Select::default()),
        from_files(&files),
    )
    .unwrap();
    assert_eq!(states(&tagged), ["1 linux/amd64 ready"]);
    let error = resolve(
        || Resolve::layout(Some("v3".to_owned()), Select::default()),
        from_files(&files),
    )
    .unwrap_err();
    let have = ["v1", "latest", "v2"].map(str::to_owned).to_vec();
    assert_eq!(
        error,
        Error::NoSuchImage {
            wanted: "v3".to_owned(),
            have
        }
    );
}

#[test]
fn attestations_at_the_top_go_with_the_image_that_they_speak_of() {
    let (one, two) = (Image::named("amd64", "1"), Image::named("amd64", "2"));
    let attestation = |image: &Image, letter: &str| {
        json!({
            "mediaType": OCI_MANIFEST,
            "digest": format!("sha256:{}", letter.repeat(64)),
            "size": 566,
            "platform": {"os": "unknown", "architecture": "unknown"},
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": image.digest(),
            },
        })
    };
    let entries = [
        attestation(&two, "b"),
        under(one.descriptor(), "v1"),
        attestation(&one, "a"),
        under(two.descriptor(), "v2"),
    ];
    let files = layout(&index(&entries), one.blobs().chain(two.blobs()));
    let resolved = open(&files);
    assert_eq!(
        states(&resolved),
        ["0 linux/amd64 ready", "1 linux/amd64 ready"],
        "they take no number"
    );
    assert_eq!(resolved.others.len(), 2);
    let tagged = resolve(
        || Resolve::layout(Some("v2".to_owned()), Select::default()),
        from_files(&files),
    )
    .unwrap();
    let subjects: Vec<_> = tagged.others.iter().map(|other| &other.subject).collect();
    assert_eq!(subjects, [&Some(two.digest().parse().unwrap())]);
}

#[test]
fn unnamed_entries_for_different_platforms_are_one_image() {
    let (amd, arm) = (Image::named("amd64", "a"), Image::named("arm64", "b"));
    let entries = [
        with(amd.descriptor(), platform("amd64")),
        with(arm.descriptor(), platform("arm64")),
    ];
    let files = layout(&index(&entries), amd.blobs().chain(arm.blobs()));
    assert_eq!(
        states(&open(&files)),
        ["0 linux/amd64 ready", "0 linux/arm64 ready"]
    );
    // Two for the same platform are two images.
    let entries = [
        with(amd.descriptor(), platform("amd64")),
        with(arm.descriptor(), platform("amd64")),
    ];
    let files = layout(&index(&entries), amd.blobs().chain(arm.blobs()));
    let resolved = open(&files);
    assert_eq!(
        states(&resolved),
        ["0 linux/amd64 ready", "1 linux/amd64 ready"]
    );
    assert_eq!(
        oddities(&resolved),
        ["platform-conflict"],
        "the second is for arm64, says its config"
    );
}

#[test]
fn of_several_matches_the_first_is_taken_and_the_others_are_told() {
    let (one, two) = (Image::named("amd64", "1"), Image::named("amd64", "2"));
    let nested = index(&[
        with(one.descriptor(), platform("amd64")),
        with(two.descriptor(), platform("amd64")),
    ]);
    let mut files = layout(
        &index(&[descriptor(OCI_INDEX, &nested)]),
        one.blobs().chain(two.blobs()),
    );
    files.insert(format!("blobs/sha256/{}", hex(&nested)), nested);
    let resolved = open_with(&files, &only("linux/amd64")).unwrap();
    assert_eq!(
        states(&resolved),
        ["0 linux/amd64 ready", "0 linux/amd64 not asked"]
    );
    assert_eq!(oddities(&resolved), ["several-matches"]);
    let oddity = &resolved.oddities[0];
    assert_eq!(
        (&oddity.expected, &oddity.found),
        (&Some(one.digest()), &Some(two.digest()))
    );
}

#[test]
fn the_layout_file_is_checked() {
    let image = Image::named("amd64", "a");
    let good = layout(&index(&[image.descriptor()]), image.blobs());
    let with_version = |text: &str| {
        let mut files = good.clone();
        files.insert("oci-layout".to_owned(), text.as_bytes().to_vec());
        open_with(&files, &Select::default())
    };
    assert_eq!(
        oddities(&with_version(r#"{"imageLayoutVersion":"1.1.0"}"#).unwrap()),
        ["layout-version"]
    );
    for wrong in [
        r#"{"imageLayoutVersion":"2.0.0"}"#,
        r#"{"imageLayoutVersion":1}"#,
        "{}",
    ] {
        let error = with_version(wrong).unwrap_err();
        assert_eq!(
            (error.name(), error.at().as_deref()),
            ("malformed-file", Some("oci-layout")),
            "{wrong}"
        );
    }
    assert_eq!(with_version("<html>").unwrap_err().name(), "malformed-json");
    let mut files = good.clone();
    files.remove("oci-layout");
    assert_eq!(oddities(&open(&files)), ["no-layout-file"]);

    files.remove("index.json");
    let error = resolve(
        || Resolve::layout(None, Select::default()),
        from_files(&files),
    )
    .unwrap_err();
    assert_eq!(error.at().as_deref(), Some("index.json"));
}
