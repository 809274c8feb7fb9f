//! Manifests, indexes and what is neither: a name that starts with a letter and digits is a row of the
//! fault matrix.

use layerscope_oci::{Algorithm, Content, Digest, Document, Error, MediaType};
use serde_json::{Value, json};

use crate::sample::{
    CONFIG, DOCKER_LIST, DOCKER_MANIFEST, LAYER, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST, field,
    index, manifest, parse, parse_image, parse_text, with,
};

#[test]
fn a_manifest_is_read_with_its_bytes_beside() {
    let raw = serde_json::to_vec_pretty(&manifest()).unwrap();
    let document = Document::parse(raw.clone(), Some(&MediaType::OCI_MANIFEST)).unwrap();
    assert_eq!(document.raw().as_ref(), raw);
    assert_eq!(
        document.digest(Algorithm::Sha256),
        Digest::of(Algorithm::Sha256, &raw)
    );
    assert_eq!(*document.media_type(), MediaType::OCI_MANIFEST);
    assert_eq!(document.media_type_conflict(), None);
    assert_eq!(document.problems(), []);
    assert_eq!(document.duplicate_keys(), [""; 0]);
    assert!(document.as_index().is_none() && !document.is_unusually_large());
    let image = document.as_image().unwrap();
    assert!(image.is_image());
    assert_eq!(
        (image.config.digest.as_str(), image.config.size),
        (CONFIG, 1470)
    );
    assert_eq!(image.layers.len(), 1);
    assert_eq!(
        (image.layers[0].digest.as_str(), image.layers[0].size),
        (LAYER, 675_598)
    );
    assert!(image.layers[0].media_type.is_layer());
}

#[test]
fn optional_fields_are_kept() {
    let subject = json!({ "mediaType": OCI_MANIFEST, "size": 1234, "digest": LAYER });
    let extra = json!({
        "artifactType": "application/vnd.example+type",
        "annotations": { "a": "1", "b\n": "\u{202e}" },
        "subject": subject,
    });
    let document = parse(&with(manifest(), extra.clone())).unwrap();
    let image = document.as_image().unwrap();
    assert_eq!(
        image.artifact_type.as_ref().unwrap().as_str(),
        "application/vnd.example+type"
    );
    assert_eq!(image.annotations["b\n"], "\u{202e}");
    assert_eq!(image.subject.as_ref().unwrap().size, 1234);
    assert_eq!(document.subject(), image.subject.as_ref());
    let document = parse(&with(index(), extra)).unwrap();
    assert_eq!(document.as_index().unwrap().annotations.len(), 2);
    assert_eq!(document.subject().unwrap().digest.as_str(), LAYER);
}

#[test]
fn e01_schema_one_is_refused_by_name() {
    let signed = json!({
        "schemaVersion": 1, "name": "library/busybox", "tag": "1.23", "architecture": "amd64",
        "fsLayers": [{ "blobSum": LAYER }], "history": [{ "v1Compatibility": "{}" }],
        "signatures": [{}],
    });
    let cases = [
        signed.clone(),
        with(
            signed.clone(),
            json!({ "mediaType": MediaType::DOCKER_SCHEMA_ONE_SIGNED }),
        ),
        with(
            signed,
            json!({ "mediaType": MediaType::DOCKER_SCHEMA_ONE, "signatures": null }),
        ),
        json!({ "mediaType": MediaType::DOCKER_SCHEMA_ONE }),
    ];
    for case in cases {
        assert_eq!(parse(&case), Err(Error::SchemaOne), "{case}");
    }
    let claimed = Document::parse(&b"{}"[..], Some(&MediaType::DOCKER_SCHEMA_ONE_SIGNED));
    assert_eq!(claimed.unwrap_err().name(), "schema-one-manifest");
}

#[test]
fn e02_documents_that_are_two_things_are_refused() {
    let (manifests, layers) = (&index()["manifests"], &manifest()["layers"]);
    let nameless = json!({ "mediaType": null });
    let cases = [
        (
            with(manifest(), json!({ "manifests": manifests })),
            (OCI_MANIFEST, "manifests"),
        ),
        (
            with(index(), json!({ "layers": layers })),
            (OCI_INDEX, "layers"),
        ),
        (
            with(index(), json!({ "config": manifest()["config"] })),
            (OCI_INDEX, "config"),
        ),
        (
            with(index(), json!({ "fsLayers": [] })),
            (OCI_INDEX, "fsLayers"),
        ),
        (
            with(manifest(), json!({ "fsLayers": [] })),
            (OCI_MANIFEST, "fsLayers"),
        ),
        (
            with(manifest(), json!({ "mediaType": OCI_INDEX })),
            (OCI_INDEX, "layers"),
        ),
        (
            with(index(), json!({ "mediaType": DOCKER_MANIFEST })),
            (DOCKER_MANIFEST, "manifests"),
        ),
        (
            with(with(index(), nameless.clone()), json!({ "layers": layers })),
            ("layers", "manifests"),
        ),
        (
            with(
                with(manifest(), nameless.clone()),
                json!({ "fsLayers": [] }),
            ),
            ("layers", "fsLayers"),
        ),
        (
            with(with(index(), nameless), json!({ "config": {} })),
            ("manifests", "config"),
        ),
        // Go takes any spelling of a field's name for the field.
        (
            with(index(), json!({ "LAYERS": layers })),
            (OCI_INDEX, "layers"),
        ),
        (
            with(
                manifest(),
                json!({ "mediaType": MediaType::OCI_ARTIFACT_MANIFEST, "blobs": [] }),
            ),
            (OCI_ARTIFACT, "layers"),
        ),
    ];
    for (document, (first, second)) in cases {
        let ambiguous = Error::Ambiguous {
            first: first.to_owned(),
            second: second.to_owned(),
        };
        assert_eq!(parse(&document), Err(ambiguous), "{document}");
    }
    // A null says that the field is there, as containerd sees it.
    let null = manifest()
        .to_string()
        .replacen('{', "{\"manifests\":null,", 1);
    assert_eq!(parse_text(&null).unwrap_err().name(), "ambiguous-document");
    // Nobody reads `blobs` in an image manifest, or `history` in an index.
    assert!(parse(&with(manifest(), json!({ "blobs": [], "history": [] }))).is_ok());
}

#[test]
fn e03_a_claim_that_contradicts_the_document_is_told() {
    let claim = |document: &Value, claimed: &str| {
        let raw = document.to_string().into_bytes();
        let document = Document::parse(raw, Some(&MediaType::new(claimed))).unwrap();
        document.media_type_conflict().map(|conflict| {
            assert_eq!(conflict.found, *document.media_type());
            assert_eq!(Some(&conflict.claimed), document.claimed());
            conflict.found.to_string()
        })
    };
    assert_eq!(claim(&manifest(), OCI_MANIFEST), None);
    assert_eq!(
        claim(
            &manifest(),
            "application/vnd.oci.image.manifest.v1+json; charset=utf-8"
        ),
        None
    );
    assert_eq!(claim(&manifest(), "text/plain"), None);
    assert_eq!(claim(&manifest(), OCI_INDEX).as_deref(), Some(OCI_MANIFEST));
    assert_eq!(
        claim(&manifest(), DOCKER_MANIFEST).as_deref(),
        Some(OCI_MANIFEST)
    );
    assert_eq!(claim(&index(), OCI_MANIFEST).as_deref(), Some(OCI_INDEX));
    // A document that states nothing is what it was claimed to be, if its fields are such.
    let nameless = with(manifest(), json!({ "mediaType": null }));
    assert_eq!(claim(&nameless, DOCKER_MANIFEST), None);
    assert_eq!(claim(&nameless, DOCKER_LIST).as_deref(), Some(OCI_MANIFEST));
}

#[test]
fn e04_a_document_without_a_media_type_is_known_by_its_fields() {
    let nameless = json!({ "mediaType": null });
    let media_type = |document: Value| parse(&document).unwrap().media_type().clone();
    assert_eq!(
        media_type(with(manifest(), nameless.clone())),
        MediaType::OCI_MANIFEST
    );
    assert_eq!(
        media_type(with(index(), nameless.clone())),
        MediaType::OCI_INDEX
    );
    let docker = with(
        manifest()["config"].clone(),
        json!({ "mediaType": MediaType::DOCKER_CONFIG }),
    );
    let docker = with(
        with(manifest(), nameless.clone()),
        json!({ "config": docker }),
    );
    assert_eq!(media_type(docker), MediaType::DOCKER_MANIFEST);
    let entry = with(
        index()["manifests"][0].clone(),
        json!({ "mediaType": DOCKER_MANIFEST }),
    );
    let docker = with(with(index(), nameless), json!({ "manifests": [entry] }));
    assert_eq!(media_type(docker), MediaType::DOCKER_MANIFEST_LIST);
    // A media type that nobody knows says nothing; it is kept where it stands.
    let odd = parse(&with(
        manifest(),
        json!({ "mediaType": "application/vnd.example+json" }),
    ))
    .unwrap();
    assert_eq!(*odd.media_type(), MediaType::OCI_MANIFEST);
    assert_eq!(
        odd.as_image().unwrap().media_type,
        Some("application/vnd.example+json".into())
    );
}

#[test]
fn other_json_is_no_document() {
    let unknown = |text: &str| match parse_text(text).unwrap_err() {
        Error::UnknownDocument { media_type, fields } => (media_type, fields.join(",")),
        other => panic!("{text}: {other}"),
    };
    assert_eq!(unknown("{}"), (None, String::new()));
    assert_eq!(
        unknown(r#"{"mediaType":"x/y","errors":[]}"#),
        (Some("x/y".to_owned()), "errors,mediaType".to_owned())
    );
    assert_eq!(
        unknown(r#"{"config":{},"rootfs":{},"os":"linux"}"#).1,
        "config,os,rootfs"
    );
    for (text, found) in [
        ("[]", "a list"),
        ("null", "null"),
        ("1", "the number 1"),
        ("\"x\"", "the string \"x\""),
    ] {
        assert_eq!(
            field(parse_text(text).unwrap_err()),
            (String::new(), "an object", found.to_owned())
        );
    }
    let claimed = Document::parse(&b"{}"[..], Some(&MediaType::OCI_MANIFEST)).unwrap_err();
    assert_eq!(field(claimed).0, "config");
}

#[test]
fn e10_lists_that_are_empty_null_or_missing_are_empty() {
    for manifests in ["[]", "null"] {
        let text = format!("{{\"schemaVersion\":2,\"manifests\":{manifests}}}");
        let document = parse_text(&text).unwrap();
        assert!(document.as_index().unwrap().manifests.is_empty());
        assert_eq!(document.problems(), []);
    }
    assert!(
        parse(&with(index(), json!({ "manifests": null })))
            .unwrap()
            .as_index()
            .is_some()
    );
    let layers = |layers: &str| {
        let text = with(manifest(), json!({ "layers": "LAYERS" }))
            .to_string()
            .replace("\"LAYERS\"", layers);
        parse_text(&text).unwrap().as_image().unwrap().layers.len()
    };
    assert_eq!((layers("[]"), layers("null")), (0, 0));
    assert!(
        parse_image(&with(manifest(), json!({ "layers": null })))
            .layers
            .is_empty()
    );
    assert_eq!(
        field(parse(&with(manifest(), json!({ "layers": {} }))).unwrap_err()).0,
        "layers"
    );
}

#[test]
fn e14_artifact_manifests_of_the_release_candidates_are_read() {
    let artifact = json!({
        "mediaType": MediaType::OCI_ARTIFACT_MANIFEST,
        "artifactType": "application/vnd.example.sbom.v1",
        "blobs": [{ "mediaType": "application/gzip", "size": 123, "digest": LAYER }],
        "subject": { "mediaType": OCI_MANIFEST, "size": 1234, "digest": CONFIG },
        "annotations": { "a": "b" },
    });
    for document in [
        artifact.clone(),
        with(artifact.clone(), json!({ "mediaType": null })),
    ] {
        let document = parse(&document).unwrap();
        let Content::Artifact(read) = document.content() else {
            panic!("{document:?}")
        };
        assert_eq!(*document.media_type(), MediaType::OCI_ARTIFACT_MANIFEST);
        assert_eq!((read.blobs.len(), read.annotations.len()), (1, 1));
        assert_eq!(document.subject().unwrap().digest.as_str(), CONFIG);
        assert_eq!(document.problems(), []);
        assert!(document.as_image().is_none() && document.as_index().is_none());
    }
    assert!(parse(&with(artifact, json!({ "blobs": null }))).is_ok());
}

#[test]
fn e15_other_artifacts_are_no_images() {
    for config in [
        "application/vnd.cncf.helm.config.v1+json",
        "application/vnd.wasm.config.v0+json",
        "application/vnd.oci.empty.v1+json",
    ] {
        let config = with(manifest()["config"].clone(), json!({ "mediaType": config }));
        assert!(!parse_image(&with(manifest(), json!({ "config": config }))).is_image());
    }
}

#[test]
fn e21_a_malformed_subject_or_annotation_is_told_and_left_out() {
    let odd = with(
        manifest(),
        json!({ "subject": ".nope", "annotations": { "a": "b", "c": 1 }, "schemaVersion": "2" }),
    );
    let document = parse(&odd).unwrap();
    assert_eq!(document.subject(), None);
    assert_eq!(document.as_image().unwrap().annotations.len(), 1);
    let told: Vec<_> = document
        .problems()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "subject: expected an object, found the string \".nope\"",
            "annotations.c: expected a string, found the number 1",
            "schemaVersion: expected the number 2, found the string \"2\"",
        ]
    );
}
