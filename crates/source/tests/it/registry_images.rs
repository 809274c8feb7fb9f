//! Images in registries. Every test says which hosts saw `Authorization`.

use layerscope_source::{
    BlobPlan, Error, ImageChoice, ImageState, PlatformChoice, Resolved, Select, SourceKind,
};
use serde_json::json;

use crate::support::image::{
    Image, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, descriptor, digest, index, layer, manifest,
    platform, with,
};
use crate::support::oddities;
use crate::support::registries::{HOST, access, one_image, open, open_in, user};
use crate::support::web::{BASIC, Door, Registry, Seen, Web, answer, error, ok};

#[test]
fn an_open_registry_is_asked_for_the_manifest_and_the_config_only() {
    let (registry, image) = one_image(Door::Open);
    let (resolved, web) = open(&registry, &access("registry.example/a/b:v1"));
    let resolved = resolved.unwrap();
    assert_eq!(resolved.kind, SourceKind::Registry);
    let found = &resolved.images[0];
    assert_eq!(found.names, ["registry.example/a/b:v1"]);
    assert_eq!((found.number, &found.state), (0, &ImageState::Ready));
    let manifest = found.manifest.as_ref().unwrap();
    assert_eq!(resolved.pin(), Some(&manifest.found));
    assert_eq!(
        (manifest.stated.as_ref(), manifest.found.to_string()),
        (None, image.digest())
    );
    assert_eq!(found.config.as_ref().unwrap().is_verified(), Some(true));
    for (layer, bytes) in found.layers.iter().zip(&image.layers) {
        let BlobPlan::Http { request } = &layer.blob else {
            panic!("{:?}", layer.blob);
        };
        assert_eq!(
            (request.digest.to_string(), request.size),
            (digest(bytes), bytes.len() as u64)
        );
        assert_eq!(layer.expected.digest.as_ref(), Some(&request.digest));
    }
    let mut urls = web.urls();
    urls.truncate(2);
    let config = digest(&image.config);
    assert_eq!(
        urls,
        [
            format!("{HOST}/v2/a/b/manifests/v1"),
            format!("{HOST}/v2/a/b/blobs/{config}")
        ]
    );
    assert_eq!(web.authorized(), []);
    assert_eq!(oddities(&resolved), [] as [&str; 0]);
}

fn several() -> (Registry, Image, Image, Vec<u8>) {
    let (amd, arm) = (Image::named("amd64", "amd"), Image::named("arm64", "arm"));
    let attestation = json!({
        "mediaType": OCI_MANIFEST, "digest": format!("sha256:{}", "a".repeat(64)), "size": 566,
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": arm.digest(),
        },
    });
    let list = index(&[
        with(amd.descriptor(), platform("amd64")),
        with(arm.descriptor(), platform("arm64")),
        attestation,
    ]);
    let mut registry = Registry::new(Door::Open);
    registry
        .image(&amd, None)
        .image(&arm, None)
        .document(OCI_INDEX, &list, Some("v1"));
    (registry, amd, arm, list)
}

fn states(resolved: &Resolved) -> Vec<String> {
    let images = resolved.images.iter();
    images
        .map(|image| {
            let platform = image
                .platform
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let state = match &image.state {
                ImageState::Failed(error) => error.name().to_owned(),
                other => format!("{other:?}"),
            };
            format!("{platform} {state}")
        })
        .collect()
}

fn selected(select: &Select) -> (Result<Resolved, Error>, Web) {
    let (registry, ..) = several();
    let answer = move |seen: &Seen| registry.answer("a/b", seen);
    open_in(
        "registry.example/a/b:v1",
        &access("registry.example/a/b:v1"),
        select,
        answer,
    )
}

#[test]
fn of_an_index_only_the_platform_that_is_wanted_is_read() {
    let (_, amd, arm, list) = several();
    for (platform, image, expected) in [
        (
            "linux/arm64",
            &arm,
            ["linux/amd64 NotAsked", "linux/arm64 Ready"],
        ),
        (
            "linux/s390x",
            &amd,
            ["linux/amd64 Ready", "linux/arm64 NotAsked"],
        ),
    ] {
        let select = Select {
            platform: PlatformChoice::Default(platform.parse().unwrap()),
            ..Select::default()
        };
        let (resolved, web) = selected(&select);
        let resolved = resolved.unwrap();
        assert_eq!(states(&resolved), expected);
        let chosen = &resolved.images[resolved.chosen.unwrap()];
        assert_eq!(chosen.manifest.as_ref().unwrap().is_verified(), Some(true));
        assert_eq!(
            chosen.descriptor.as_ref().unwrap().digest.to_string(),
            image.digest()
        );
        assert_eq!(&resolved.indexes[0].raw[..], list);
        assert_eq!(resolved.pin().unwrap().to_string(), digest(&list));
        assert_eq!(
            resolved.others[0].subject.as_ref().unwrap().to_string(),
            arm.digest()
        );
        let asked: Vec<String> = web.urls()[..3]
            .iter()
            .map(|url| url.replace(HOST, ""))
            .collect();
        let expected = [
            "/v2/a/b/manifests/v1",
            &format!("/v2/a/b/manifests/{}", image.digest()),
            &format!("/v2/a/b/blobs/{}", digest(&image.config)),
        ];
        assert_eq!(asked, expected);
        assert_eq!(web.authorized(), []);
    }
}

#[test]
fn all_platforms_may_be_read_or_one_insisted_on() {
    let all = Select {
        platform: PlatformChoice::All,
        ..Select::default()
    };
    let (resolved, web) = selected(&all);
    assert_eq!(
        states(&resolved.unwrap()),
        ["linux/amd64 Ready", "linux/arm64 Ready"]
    );
    assert_eq!(web.authorized(), []);
    let only = |text: &str| Select {
        platform: PlatformChoice::Only(text.parse().unwrap()),
        ..Select::default()
    };
    let (resolved, _) = selected(&only("linux/arm64/v8"));
    assert_eq!(resolved.unwrap().chosen, Some(1));
    let (resolved, web) = selected(&only("windows/amd64"));
    let have = vec!["linux/amd64".to_owned(), "linux/arm64".to_owned()];
    assert_eq!(
        resolved.unwrap_err(),
        Error::NoSuchPlatform {
            wanted: "windows/amd64".to_owned(),
            have
        }
    );
    assert_eq!(web.seen.len(), 3, "the index alone, in each of three runs");
    let number = |number| Select {
        image: ImageChoice::Number(number),
        ..Select::default()
    };
    assert_eq!(selected(&number(0)).0.unwrap().chosen, Some(0));
    assert!(matches!(
        selected(&number(1)).0,
        Err(Error::NoSuchImage { .. })
    ));
}

#[test]
fn entries_without_a_platform_are_read_to_learn_it() {
    let (amd, arm) = (Image::named("amd64", "amd"), Image::named("arm64", "arm"));
    let list = index(&[amd.descriptor(), arm.descriptor()]);
    let mut registry = Registry::new(Door::Open);
    registry
        .image(&amd, None)
        .image(&arm, None)
        .document(OCI_INDEX, &list, Some("v1"));
    let answer = move |seen: &Seen| registry.answer("a/b", seen);
    let select = Select {
        platform: PlatformChoice::Only("linux/arm64".parse().unwrap()),
        ..Select::default()
    };
    let (resolved, web) = open_in(
        "registry.example/a/b:v1",
        &access("registry.example/a/b:v1"),
        &select,
        answer,
    );
    assert_eq!(
        states(&resolved.unwrap()),
        ["linux/amd64 NotAsked", "linux/arm64 Ready"]
    );
    assert_eq!(web.authorized(), []);
}

#[test]
fn what_is_pulled_by_digest_is_flagged_when_it_is_something_else() {
    let (mut registry, image) = one_image(Door::Open);
    let wanted = format!("sha256:{}", "b".repeat(64));
    let document = (OCI_MANIFEST.to_owned(), image.manifest.clone());
    registry.manifests.insert(wanted.clone(), document);
    let name = format!("registry.example/a/b@{wanted}");
    let answer = move |seen: &Seen| registry.answer("a/b", seen);
    let (resolved, web) = open_in(&name, &access(&name), &Select::default(), answer);
    let resolved = resolved.unwrap();
    let manifest = resolved.images[0].manifest.as_ref().unwrap();
    assert_eq!(manifest.stated.as_ref().unwrap().to_string(), wanted);
    assert_eq!(
        (manifest.found.to_string(), manifest.is_verified()),
        (image.digest(), Some(false))
    );
    assert_eq!(
        resolved.images[0].state,
        ImageState::Ready,
        "it is shown all the same"
    );
    assert_eq!(web.authorized(), []);
}

#[test]
fn the_digest_header_is_compared_with_the_body() {
    let (registry, image) = one_image(Door::Open);
    let wrong = format!("sha256:{}", "c".repeat(64));
    let told = wrong.clone();
    let lying = move |seen: &Seen| {
        let mut response = registry.answer("a/b", seen);
        if seen.path.contains("/manifests/") {
            response.headers = [
                ("Docker-Content-Digest", told.as_str()),
                ("content-type", "text/plain; charset=utf-8"),
            ]
            .into_iter()
            .collect();
        }
        response
    };
    let (resolved, web) = open_in(
        "registry.example/a/b:v1",
        &access("registry.example/a/b:v1"),
        &Select::default(),
        lying,
    );
    let resolved = resolved.unwrap();
    assert_eq!(oddities(&resolved), ["digest-header"]);
    assert_eq!(resolved.oddities[0].expected, Some(wrong));
    assert_eq!(resolved.oddities[0].found, Some(image.digest()));
    assert_eq!(
        resolved.images[0].state,
        ImageState::Ready,
        "a content type that means nothing is no obstacle"
    );
    assert_eq!(web.authorized(), []);
}

#[test]
fn a_media_type_that_contradicts_the_document_is_told() {
    let (registry, _) = one_image(Door::Open);
    let docker = "application/vnd.docker.distribution.manifest.v2+json";
    let lying = move |seen: &Seen| {
        let mut response = registry.answer("a/b", seen);
        if seen.path.contains("/manifests/") {
            response.headers = [("Content-Type", docker)].into_iter().collect();
        }
        response
    };
    let (resolved, web) = open_in(
        "registry.example/a/b:v1",
        &access("registry.example/a/b:v1"),
        &Select::default(),
        lying,
    );
    assert_eq!(oddities(&resolved.unwrap()), ["media-type-conflict"]);
    assert_eq!(web.authorized(), []);
}

#[test]
fn errors_tell_what_is_missing() {
    let (registry, image) = one_image(Door::Open);
    let ask = |name: &str, registry: &Registry| {
        let registry = registry.clone();
        let answer = move |seen: &Seen| registry.answer("a/b", seen);
        let (resolved, web) = open_in(name, &access(name), &Select::default(), answer);
        assert_eq!(web.authorized(), []);
        resolved
    };
    let missing = |name: &str| match ask(name, &registry) {
        Err(Error::NotFound { what, told, .. }) => (what, told.unwrap().code),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        missing("registry.example/a/b:v2"),
        (
            "manifest v2 of a/b".to_owned(),
            "MANIFEST_UNKNOWN".to_owned()
        )
    );
    assert_eq!(
        missing("registry.example/a/c:v1"),
        ("repository a/c".to_owned(), "NAME_UNKNOWN".to_owned())
    );

    // A config that is missing spoils its image and not the answer.
    let mut without = registry.clone();
    without.blobs.remove(&digest(&image.config));
    let resolved = ask("registry.example/a/b:v1", &without).unwrap();
    let found = &resolved.images[0];
    assert_eq!(found.state, ImageState::Ready);
    assert!(matches!(found.fault, Some(Error::NotFound { .. })));
    assert!(found.manifest.is_some() && found.config.is_none());
    assert_eq!(found.layers.len(), 2);

    // And so does one platform of several.
    let (mut registry, amd, ..) = several();
    registry.manifests.remove(&amd.digest());
    let answer = move |seen: &Seen| registry.answer("a/b", seen);
    let all = Select {
        platform: PlatformChoice::All,
        ..Select::default()
    };
    let (resolved, _) = open_in(
        "registry.example/a/b:v1",
        &access("registry.example/a/b:v1"),
        &all,
        answer,
    );
    let resolved = resolved.unwrap();
    assert_eq!(
        states(&resolved),
        ["linux/amd64 not-found", "linux/arm64 Ready"]
    );
    assert_eq!(resolved.chosen, Some(1));
}

#[test]
fn refusals_and_hostile_bodies_are_quoted_escaped() {
    let forbidden = |_: &Seen| error(403, "DENIED", "requested \u{1b}[31maccess\u{202e} denied");
    let name = "registry.example/a/b:v1";
    let (resolved, web) = open_in(name, &access(name), &Select::default(), forbidden);
    let error = resolved.unwrap_err();
    assert_eq!(
        error.to_string(),
        "registry.example denies manifest v1 of a/b (status 403): DENIED: requested \\u{1b}[31maccess\\u{202e} denied"
    );
    assert_eq!(web.authorized(), []);

    let huge = |_: &Seen| answer(418, &[], vec![b'x'; 5 << 20]);
    let (resolved, _) = open_in(name, &access(name), &Select::default(), huge);
    assert!(resolved.unwrap_err().to_string().len() < 2_000);
}

#[test]
fn documents_have_limits() {
    let name = "registry.example/a/b:v1";
    let huge = |_: &Seen| ok(vec![b' '; 9 << 20]);
    let (resolved, web) = open_in(name, &access(name), &Select::default(), huge);
    let error = resolved.unwrap_err();
    assert_eq!(
        (error.name(), error.found()),
        ("over-limit", Some((9 << 20).to_string()))
    );
    assert_eq!(web.authorized(), []);

    // A descriptor that says so is not even followed.
    let plain = layer("f", "x");
    let config = json!({"mediaType": crate::support::image::OCI_CONFIG, "digest": digest(b""), "size": 1_u64 << 40});
    let document = manifest(config, &[descriptor(OCI_LAYER, &plain)]);
    let mut registry = Registry::new(Door::Open);
    registry.document(OCI_MANIFEST, &document, Some("v1"));
    let answer = move |seen: &Seen| registry.answer("a/b", seen);
    let (resolved, web) = open_in(name, &access(name), &Select::default(), answer);
    let fault = resolved.unwrap().images.remove(0).fault;
    assert_eq!(fault.as_ref().map(Error::name), Some("over-limit"));
    assert_eq!(
        web.seen.len(),
        3,
        "the manifest alone, in each of three runs"
    );
}

#[test]
fn foreign_layers_are_not_asked_for() {
    let plain = layer("f", "x");
    let foreign = with(
        descriptor(
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            &plain,
        ),
        json!({"urls": ["https://elsewhere.example/x"]}),
    );
    let config = crate::support::image::config("amd64", &[&plain]);
    let document = manifest(
        descriptor(crate::support::image::OCI_CONFIG, &config),
        &[foreign],
    );
    let mut registry = Registry::new(Door::Basic);
    registry
        .blob(&config)
        .document(OCI_MANIFEST, &document, Some("v1"));
    let (resolved, web) = open(
        &registry,
        &access("registry.example/a/b:v1").with_credentials(user()),
    );
    let urls = vec!["https://elsewhere.example/x".to_owned()];
    assert_eq!(
        resolved.unwrap().images[0].layers[0].blob,
        BlobPlan::Foreign { urls }
    );
    assert_eq!(web.authorized(), [(HOST, BASIC)]);
}
