//! What registries say on the side, and the odd places where they keep things.

use layerscope_source::{Error, ImageState, Select};

use crate::support::oddities;
use crate::support::registries::{access, one_image, open_in};
use crate::support::web::{Door, Seen, error};

#[test]
fn warnings_of_the_registry_are_told_once() {
    let (registry, _) = one_image(Door::Open);
    let warning = move |seen: &Seen| {
        let mut response = registry.answer("a/b", seen);
        response
            .headers
            .push("Warning", "299 - \"moving to new.example\"");
        response
    };
    let name = "registry.example/a/b:v1";
    let (resolved, web) = open_in(name, &access(name), &Select::default(), warning);
    let resolved = resolved.unwrap();
    assert_eq!(oddities(&resolved), ["registry-warning"]);
    assert_eq!(
        resolved.oddities[0].found.as_deref(),
        Some("moving to new.example")
    );
    assert_eq!(web.authorized(), []);
}

#[test]
fn what_is_left_of_a_quota_is_kept() {
    let (registry, _) = one_image(Door::Open);
    let limited = move |seen: &Seen| {
        let mut response = registry.answer("a/b", seen);
        if seen.path.contains("/manifests/") {
            response.headers.push("RateLimit-Limit", "100;w=21600");
            response
                .headers
                .push("RateLimit-Remaining", "76\u{202e};w=21600");
        }
        response
    };
    let name = "registry.example/a/b:v1";
    let (resolved, _) = open_in(name, &access(name), &Select::default(), limited);
    assert_eq!(resolved.unwrap().quota.as_deref(), Some("76\\u{202e}/100"));
    let (registry, _) = one_image(Door::Open);
    let silent = move |seen: &Seen| registry.answer("a/b", seen);
    let (resolved, _) = open_in(name, &access(name), &Select::default(), silent);
    assert_eq!(resolved.unwrap().quota, None);
}

/// Some registries have a manifest among the blobs only, and know it by its digest alone.
#[test]
fn a_manifest_may_be_among_the_blobs() {
    let (mut registry, image) = one_image(Door::Open);
    registry.manifests.clear();
    registry.blob(&image.manifest);
    let by_digest = format!("registry.example/a/b@{}", image.digest());
    let known = registry.clone();
    let answer = move |seen: &Seen| known.answer("a/b", seen);
    let (resolved, web) = open_in(&by_digest, &access(&by_digest), &Select::default(), answer);
    let resolved = resolved.unwrap();
    assert_eq!(resolved.images[0].state, ImageState::Ready);
    let manifest = resolved.images[0].manifest.as_ref().unwrap();
    assert_eq!(manifest.is_verified(), Some(true));
    assert_eq!(oddities(&resolved), [""; 0]);
    let digest = image.digest();
    let prefix = "https://registry.example/v2/a/b";
    assert_eq!(
        web.urls()[..2],
        [
            format!("{prefix}/manifests/{digest}"),
            format!("{prefix}/blobs/{digest}")
        ]
    );

    // A tag is nothing to look for among blobs, and what is nowhere is missed where it should be.
    registry.blobs.clear();
    for (name, requests) in [("registry.example/a/b:v1", 1), (by_digest.as_str(), 2)] {
        let registry = registry.clone();
        let answer = move |seen: &Seen| registry.answer("a/b", seen);
        let (resolved, web) = open_in(name, &access(name), &Select::default(), answer);
        assert!(
            matches!(resolved, Err(Error::NotFound { what, .. }) if what.starts_with("manifest ")),
            "{name}"
        );
        assert_eq!(web.seen.len(), 3 * requests, "in each of three runs");
    }

    // Nor is it looked for when it is refused.
    let answer = |_: &Seen| error(403, "DENIED", "no");
    let (resolved, web) = open_in(&by_digest, &access(&by_digest), &Select::default(), answer);
    assert!(matches!(resolved, Err(Error::Denied { .. })));
    assert_eq!(web.seen.len(), 3);
}
