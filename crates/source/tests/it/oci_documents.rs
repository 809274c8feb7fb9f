//! What the documents of OCI layouts may be like.

use base64::Engine as _;
use layerscope_source::{BlobPlan, Error, Image as Found, ImageState, Resolve, Resolved, Select};
use serde_json::{Value, json};

use crate::support::image::{
    Archive, Image, OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, descriptor, digest, hex, index,
    layer, layout, manifest, with,
};
use crate::support::layouts::{Files, open, states};
use crate::support::{from_file, from_files, oddities, resolve};

#[test]
fn blobs_that_are_wrong_are_shown_and_flagged() {
    let image = Image::named("amd64", "a");
    let good = layout(&index(&[image.descriptor()]), image.blobs());
    let path = |bytes: &[u8]| format!("blobs/sha256/{}", hex(bytes));

    let mut files = good.clone();
    files.get_mut(&path(&image.manifest)).unwrap().push(b' ');
    let resolved = open(&files);
    let manifest = resolved.images[0].manifest.as_ref().unwrap();
    assert_eq!(
        (manifest.is_verified(), manifest.size_matches()),
        (Some(false), false)
    );
    assert!(manifest.parsed.is_ok());
    assert_eq!(states(&resolved), ["0 linux/amd64 ready"]);

    let mut files = good.clone();
    let config = files.get_mut(&path(&image.config)).unwrap();
    config[0] = b'[';
    let resolved = open(&files);
    assert_eq!(
        resolved.images[0].config.as_ref().unwrap().is_verified(),
        Some(false)
    );
    assert!(matches!(
        resolved.images[0].fault,
        Some(Error::Document { .. })
    ));
    assert_eq!(resolved.images[0].layers.len(), 2);

    // What is longer than stated is no less wrong when it begins right.
    let mut files = good;
    let long = vec![b' '; 9 << 20];
    files.insert(path(&image.manifest), long);
    assert_eq!(states(&open(&files)), ["0  over-limit"]);
}

#[test]
fn a_manifest_that_is_none_fails_its_image_and_no_other() {
    let good = Image::named("amd64", "good");
    let ambiguous = json!({"schemaVersion": 2, "manifests": [], "config": {}, "layers": []})
        .to_string()
        .into_bytes();
    let old = json!({"schemaVersion": 1, "fsLayers": [], "history": []})
        .to_string()
        .into_bytes();
    let html = b"<html>".to_vec();
    let deep = vec![b'['; 10_000];
    let bad = [ambiguous, old, html, deep];
    let mut entries: Vec<Value> = bad
        .iter()
        .map(|bytes| descriptor(OCI_MANIFEST, bytes))
        .collect();
    entries.push(good.descriptor());
    let files = layout(&index(&entries), bad.iter().chain(good.blobs()));
    let resolved = open(&files);
    assert_eq!(
        states(&resolved),
        [
            "0  ambiguous-document",
            "1  schema-one-manifest",
            "2  malformed-json",
            "3  over-limit",
            "4 linux/amd64 ready"
        ]
    );
    assert!(
        resolved.images[..4]
            .iter()
            .all(|image| image.manifest.as_ref().unwrap().is_verified() == Some(true))
    );
    assert_eq!(resolved.chosen, Some(4));
}

#[test]
fn media_types_may_be_missing_and_may_not_lie() {
    // E04: neither the descriptor nor the manifest says what it is.
    let mut image = Image::named("amd64", "a");
    let mut bare: Value = serde_json::from_slice(&image.manifest).unwrap();
    bare.as_object_mut().unwrap().remove("mediaType");
    image.manifest = bare.to_string().into_bytes();
    let mut entry = image.descriptor();
    entry.as_object_mut().unwrap().remove("mediaType");
    let index_json = json!({"schemaVersion": 2, "manifests": [entry]}).to_string();
    let resolved = open(&layout(index_json.as_bytes(), image.blobs()));
    assert_eq!(states(&resolved), ["0 linux/amd64 ready"]);

    // An index that is listed as a manifest is followed, and told.
    let inner = index(&[image.descriptor()]);
    let mut files = layout(&index(&[descriptor(OCI_MANIFEST, &inner)]), image.blobs());
    files.insert(format!("blobs/sha256/{}", hex(&inner)), inner);
    let resolved = open(&files);
    assert_eq!(states(&resolved), ["0 linux/amd64 ready"]);
    assert_eq!(oddities(&resolved), ["media-type-conflict"]);
}

#[test]
fn indexes_nest_only_so_deep() {
    let image = Image::named("amd64", "a");
    for (depth, expected) in [(8, "0 linux/amd64 ready"), (9, "0  index-depth")] {
        let mut files = layout(b"", image.blobs());
        let mut entry = image.descriptor();
        for _ in 0..depth {
            let nested = index(&[entry]);
            entry = descriptor(OCI_INDEX, &nested);
            files.insert(format!("blobs/sha256/{}", hex(&nested)), nested);
        }
        files.insert("index.json".to_owned(), index(&[entry]));
        assert_eq!(states(&open(&files)), [expected], "{depth}");
    }
}

#[test]
fn an_index_that_is_listed_as_a_manifest_is_no_deeper() {
    let image = Image::named("amd64", "a");
    for (depth, expected) in [(8, "0 linux/amd64 ready"), (9, "0  index-depth")] {
        let mut files = layout(b"", image.blobs());
        let mut entry = image.descriptor();
        for _ in 0..depth {
            let nested = index(&[entry]);
            entry = descriptor(OCI_MANIFEST, &nested);
            files.insert(format!("blobs/sha256/{}", hex(&nested)), nested);
        }
        files.insert("index.json".to_owned(), index(&[entry]));
        assert_eq!(states(&open(&files)), [expected], "{depth}");
    }
}

#[test]
fn an_index_that_lists_itself_is_followed_once() {
    // No index can hold its own digest, but a file can lie under any.
    let image = Image::named("amd64", "a");
    let lie = format!("sha256:{}", "b".repeat(64));
    let itself = json!({"mediaType": OCI_INDEX, "digest": lie, "size": 10});
    let nested = index(&[itself.clone(), image.descriptor()]);
    let mut files = layout(&index(&[itself]), image.blobs());
    files.insert(format!("blobs/sha256/{}", "b".repeat(64)), nested);
    let resolved = open(&files);
    assert_eq!(states(&resolved), ["0  index-cycle", "0 linux/amd64 ready"]);
    assert_eq!(resolved.indexes[1].is_verified(), Some(false));
}

#[test]
fn indexes_that_multiply_are_stopped() {
    // Four levels of an index that lists the next one sixty times would be 12 960 000 manifests.
    let mut files = layout(b"", []);
    let mut entry = Image::named("amd64", "absent").descriptor();
    for _ in 0..4 {
        let nested = index(&vec![entry; 60]);
        entry = descriptor(OCI_INDEX, &nested);
        files.insert(format!("blobs/sha256/{}", hex(&nested)), nested);
    }
    files.insert("index.json".to_owned(), index(&[entry]));
    let resolved = open_once(&files);
    let images = resolved.images.len();
    assert!((1_000..=10_000).contains(&images), "{images}");
    let over = |image: &Found| matches!(&image.state, ImageState::Failed(Error::OverLimit { .. }));
    assert!(resolved.images.iter().any(over));
}

/// Opens a layout in one order: which of too many entries is one too many depends on it.
fn open_once(files: &Files) -> Resolved {
    use crate::support::{Order, drive};

    drive(
        Resolve::layout(None, Select::default()),
        Order::First,
        from_files(files),
    )
    .unwrap()
}

#[test]
fn an_empty_index_is_an_empty_source() {
    for manifests in [json!([]), json!(null)] {
        let index =
            json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}).to_string();
        let resolved = open(&layout(index.as_bytes(), []));
        assert_eq!(
            (
                resolved.images.len(),
                resolved.chosen,
                resolved.indexes.len()
            ),
            (0, None, 1)
        );
    }
}

#[test]
fn entries_that_cannot_be_read_do_not_hide_the_others() {
    let image = Image::named("amd64", "a");
    let entries = [
        json!({"mediaType": OCI_MANIFEST, "digest": "sha256:../../etc/passwd", "size": 1}),
        json!({"mediaType": OCI_MANIFEST, "digest": image.digest(), "size": -1}),
        json!("x"),
        image.descriptor(),
    ];
    let resolved = open(&layout(&index(&entries), image.blobs()));
    assert_eq!(states(&resolved), ["0 linux/amd64 ready"]);
    assert_eq!(oddities(&resolved), ["refused-entry"; 3]);
    assert!(
        resolved.oddities[0]
            .at
            .starts_with("index.json: manifests[0]"),
        "{}",
        resolved.oddities[0].at
    );
}

#[test]
fn inline_data_is_used_if_it_is_right() {
    let image = Image::named("amd64", "a");
    let small = b"{}";
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let carried = |bytes: &[u8], data: String| {
        let config = with(descriptor(OCI_CONFIG, bytes), json!({"data": data}));
        let described: Vec<Value> = image
            .layers
            .iter()
            .map(|layer| descriptor(OCI_LAYER, layer))
            .collect();
        let manifest = manifest(config, &described);
        let entry = descriptor(OCI_MANIFEST, &manifest);
        // The config itself is not among the blobs.
        layout(&index(&[entry]), image.layers.iter().chain([&manifest]))
    };
    let files = carried(&image.config, base64(&image.config));
    let resolved = open(&files);
    assert_eq!(states(&resolved), ["0 linux/amd64 ready"]);
    assert_eq!(
        &resolved.images[0].config.as_ref().unwrap().raw[..],
        image.config
    );

    for (data, oddity) in [
        (base64(small), "inline-mismatch"),
        ("e30".to_owned(), "inline-undecodable"),
    ] {
        let mut files = carried(&image.config, data);
        let resolved = open(&files);
        assert_eq!(
            states(&resolved),
            ["0  not here"],
            "it is looked for among the blobs"
        );
        assert!(
            oddities(&resolved).contains(&oddity),
            "{:?}",
            resolved.oddities
        );
        files.insert(
            format!("blobs/sha256/{}", hex(&image.config)),
            image.config.clone(),
        );
        assert_eq!(states(&open(&files)), ["0 linux/amd64 ready"]);
    }

    // A layer may be carried, too.
    let tiny = layer("f", "x");
    let config = crate::support::image::config("amd64", &[&tiny]);
    let manifest = manifest(
        descriptor(OCI_CONFIG, &config),
        &[with(
            descriptor(OCI_LAYER, &tiny),
            json!({"data": base64(&tiny)}),
        )],
    );
    let files = layout(
        &index(&[descriptor(OCI_MANIFEST, &manifest)]),
        [&config, &manifest],
    );
    assert_eq!(
        open(&files).images[0].layers[0].blob,
        BlobPlan::Inline(tiny)
    );
}

#[test]
fn artifacts_are_shown_and_not_read_as_images() {
    let chart = b"a chart".to_vec();
    let config = br#"{"name":"chart"}"#.to_vec();
    let artifact = manifest(
        descriptor("application/vnd.cncf.helm.config.v1+json", &config),
        &[descriptor(
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            &chart,
        )],
    );
    let entry = with(
        descriptor(OCI_MANIFEST, &artifact),
        json!({"artifactType": "application/vnd.cncf.helm.config.v1+json"}),
    );
    let files = layout(
        &index(std::slice::from_ref(&entry)),
        [&chart, &config, &artifact],
    );
    let resolved = open(&files);
    assert_eq!(
        states(&resolved),
        ["0  ready"],
        "alone it is what one looks at"
    );
    let found = &resolved.images[0];
    assert_eq!(found.layers[0].blob, BlobPlan::NotALayer);
    let config = found.config.as_ref().unwrap();
    assert_eq!((config.is_verified(), &found.fault), (Some(true), &None));
    assert!(matches!(config.parsed, Err(Error::Unexpected { .. })));

    // Beside an image it stands aside.
    let image = Image::named("amd64", "a");
    let files = layout(&index(&[entry, image.descriptor()]), image.blobs());
    let resolved = open(&files);
    assert_eq!(
        (states(&resolved), resolved.others.len()),
        (vec!["0 linux/amd64 ready".to_owned()], 1)
    );
}

#[test]
fn layers_of_other_kinds_are_told_apart() {
    let plain = layer("f", "x");
    let kinds = [
        OCI_LAYER,
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
        "application/vnd.in-toto+json",
        "application/wasm",
    ];
    let urls = json!({"urls": ["https://elsewhere.example/layer", "javascript:alert(1)"]});
    let gone = b"not in the layout".to_vec();
    let layers: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            let foreign = kind.contains("foreign");
            with(
                descriptor(kind, if foreign { &gone } else { &plain }),
                urls.clone(),
            )
        })
        .collect();
    let config = crate::support::image::config("amd64", &[plain.as_slice(); 6]);
    let manifest = manifest(descriptor(OCI_CONFIG, &config), &layers);
    let files = layout(
        &index(&[descriptor(OCI_MANIFEST, &manifest)]),
        [&plain, &config, &manifest],
    );
    let resolved = open(&files);
    let path = format!("blobs/sha256/{}", hex(&plain));
    let here = BlobPlan::File {
        path,
        size: Some(plain.len() as u64),
    };
    let elsewhere = BlobPlan::Foreign {
        urls: vec![
            "https://elsewhere.example/layer".to_owned(),
            "javascript:alert(1)".to_owned(),
        ],
    };
    let plans: Vec<&BlobPlan> = resolved.images[0]
        .layers
        .iter()
        .map(|layer| &layer.blob)
        .collect();
    let (a, b) = (&here, &BlobPlan::NotALayer);
    assert_eq!(plans, [a, a, &elsewhere, a, b, b]);
    assert_eq!(
        states(&resolved),
        ["0 linux/amd64 ready"],
        "a foreign layer is not absent"
    );
}

#[test]
fn configs_with_wrong_types_keep_their_image() {
    let plain = layer("f", "x");
    let config = json!({
        "os": 1, "architecture": "amd64", "os": "linux", "history": "none",
        "rootfs": {"type": "layers", "diff_ids": [digest(&plain)]},
    });
    let text = config
        .to_string()
        .replace("\"os\":\"linux\"", "\"os\":1,\"os\":\"linux\"");
    let config = text.into_bytes();
    let manifest = manifest(
        descriptor(OCI_CONFIG, &config),
        &[descriptor(OCI_LAYER, &plain)],
    );
    let resolved = open(&layout(
        &index(&[descriptor(OCI_MANIFEST, &manifest)]),
        [&plain, &config, &manifest],
    ));
    assert_eq!(states(&resolved), ["0 linux/amd64 ready"]);
    let told = oddities(&resolved);
    assert!(
        told.contains(&"duplicate-keys") && told.contains(&"field-problem"),
        "{told:?}"
    );
}

#[test]
fn a_blob_that_is_a_symbolic_link_is_refused() {
    let image = Image::named("amd64", "a");
    let files = layout(&index(&[image.descriptor()]), image.blobs());
    let layers = &image.layers;
    for (target, kind) in [
        (&image.config, tar::EntryType::Symlink),
        (&image.layers[0], tar::EntryType::Symlink),
        (&image.config, tar::EntryType::Link),
    ] {
        let path = format!("blobs/sha256/{}", hex(target));
        let mut archive = Archive::default();
        for (name, bytes) in &files {
            if *name == path {
                archive.file("elsewhere", bytes);
                let to = if kind == tar::EntryType::Link {
                    "elsewhere"
                } else {
                    "../../elsewhere"
                };
                archive.link(name, kind, to);
            } else {
                archive.file(name, bytes);
            }
        }
        let file = archive.finish();
        let resolved = resolve(
            || Resolve::archive(file.len() as u64, Select::default()),
            from_file(&file),
        )
        .unwrap();
        let image = &resolved.images[0];
        let refused = || Error::Unexpected {
            at: path.clone(),
            expected: "a blob",
            found: "a symbolic link to ../../elsewhere".to_owned(),
        };
        let expected = match (kind, *target == layers[0]) {
            (tar::EntryType::Link, _) => (ImageState::Ready, None),
            // Without its config an image can be looked into, and is not verified.
            (_, false) => (ImageState::Ready, Some(refused())),
            (_, true) => (ImageState::Failed(refused()), None),
        };
        assert_eq!((image.state.clone(), image.fault.clone()), expected);
    }
}

#[test]
fn a_driver_that_cannot_is_quoted() {
    use layerscope_source::Reply;

    let error = resolve(
        || Resolve::layout(None, Select::default()),
        |_| Reply::Failed("permission denied\n".to_owned()),
    );
    let expected = Error::Driver {
        at: "oci-layout".to_owned(),
        why: "permission denied\\n".to_owned(),
    };
    assert_eq!(error.unwrap_err(), expected);
    let error = resolve(
        || Resolve::archive(10, Select::default()),
        |_| Reply::Waited,
    )
    .unwrap_err();
    assert_eq!(error.name(), "driver");
}
