//! Indexes: their entries, and which of them a machine runs.

use layerscope_oci::Platform;
use serde_json::json;

use crate::sample::{LAYER, OCI_MANIFEST, index, parse, with};

#[test]
fn an_index_is_read_with_its_platforms() {
    let document = parse(&index()).unwrap();
    let index = document.as_index().unwrap();
    assert_eq!(
        index.manifests[0].platform,
        Some(Platform::new("linux", "amd64"))
    );
    assert_eq!(index.matches(&Platform::new("linux", "amd64")), [0]);
    assert_eq!(index.refused, []);
    assert_eq!(document.problems(), []);
}

#[test]
fn one_unreadable_entry_of_an_index_does_not_hide_the_others() {
    let good = index()["manifests"][0].clone();
    let bad = with(good.clone(), json!({ "size": -1 }));
    let document = parse(&with(
        index(),
        json!({ "manifests": [bad, good, "x", null] }),
    ))
    .unwrap();
    let index = document.as_index().unwrap();
    assert_eq!(index.manifests.len(), 1);
    let refused: Vec<_> = index
        .refused
        .iter()
        .map(|entry| (entry.position, entry.problem.path.as_str()))
        .collect();
    assert_eq!(
        refused,
        [
            (0, "manifests[0].size"),
            (2, "manifests[2]"),
            (3, "manifests[3]")
        ]
    );
    assert_eq!(
        index.refused[1].problem.to_string(),
        "manifests[2]: expected an object, found the string \"x\""
    );
}

#[test]
fn e11_attestations_are_told_apart() {
    let image = index()["manifests"][0].clone();
    let attestation = with(
        image.clone(),
        json!({
            "platform": { "os": "unknown", "architecture": "unknown" },
            "annotations": { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": LAYER },
        }),
    );
    let disguised = with(
        attestation.clone(),
        json!({ "platform": image["platform"] }),
    );
    let document = parse(&with(
        index(),
        json!({ "manifests": [disguised, attestation, image] }),
    ))
    .unwrap();
    let index = document.as_index().unwrap();
    assert_eq!(index.matches(&Platform::new("linux", "amd64")), [2]);
    assert!(
        index.manifests[1].is_attestation()
            && index.manifests[1].platform.as_ref().unwrap().is_unknown()
    );
    assert_eq!(index.manifests[1].attested().unwrap().as_str(), LAYER);
    assert!(!index.manifests[2].is_attestation() && index.manifests[2].attested().is_none());
}

#[test]
fn e12_e13_entries_without_a_platform_wait_and_equal_ones_keep_their_order() {
    let image = index()["manifests"][0].clone();
    let open = with(image.clone(), json!({ "platform": null }));
    let entries = json!([open, image.clone(), image, { "mediaType": OCI_MANIFEST, "size": 1, "digest": LAYER,
        "platform": { "os": "linux", "architecture": "386" } }]);
    let document = parse(&with(index(), json!({ "manifests": entries }))).unwrap();
    let index = document.as_index().unwrap();
    assert_eq!(index.manifests[0].platform, None);
    assert_eq!(index.matches(&Platform::new("linux", "amd64")), [1, 2, 3]);
}
