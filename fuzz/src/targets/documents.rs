//! Manifests, indexes and configs.
//!
//! Oracle: what is read keeps its bytes and their digest, and reads the same a second time.

use layerscope_oci::{
    Algorithm, Content, Descriptor, Digest, Document, ImageConfig, Json, MediaType, Platform,
    chain_ids,
};

use serde_json::Value;

use crate::steer::Steer;

/// See the module.
pub fn run(input: &[u8]) {
    let (raw, steer) = Steer::split(input);
    let claimed = match steer.choose(0, 8) {
        0 => Some(MediaType::OCI_MANIFEST),
        1 => Some(MediaType::OCI_INDEX),
        2 => Some(MediaType::DOCKER_MANIFEST),
        3 => Some(MediaType::DOCKER_MANIFEST_LIST),
        4 => Some(MediaType::DOCKER_SCHEMA_ONE_SIGNED),
        5 => Some(MediaType::new("text/plain")),
        _ => None,
    };
    json(raw);
    document(raw, claimed.as_ref());
    config(raw);
}

fn json(raw: &[u8]) {
    let (one, other) = (Json::parse(raw), Json::parse(raw));
    assert_eq!(one, other);
    match one {
        Ok(json) => {
            let text = json.value().to_string();
            let again = Json::parse(text.as_bytes()).expect("JSON that was just written");
            assert!(says_the_same(again.value(), json.value()), "{text}");
            assert!(again.duplicate_keys().len() <= json.duplicate_keys().len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Whether two values are equal, but for the last digits of fractions, which serde_json reads less exactly than it
/// prints them. No field of a document is one.
fn says_the_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap_or(0.0), other.as_f64().unwrap_or(0.0));
            (one - other).abs() <= one.abs() * 1e-14
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| says_the_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs.all(|(one, other)| one.0 == other.0 && says_the_same(one.1, other.1))
        }
        _ => one == other,
    }
}

fn document(raw: &[u8], claimed: Option<&MediaType>) {
    let read = Document::parse(raw, claimed);
    assert_eq!(read, Document::parse(raw, claimed));
    let document = match read {
        Ok(document) => document,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert_eq!(**document.raw(), *raw);
    assert_eq!(
        document.digest(Algorithm::Sha256),
        Digest::of(Algorithm::Sha256, raw)
    );
    assert_eq!(document.claimed(), claimed);
    assert_eq!(
        document.as_image().is_some(),
        matches!(document.content(), Content::Image(_))
    );
    assert_eq!(
        document.as_index().is_some(),
        matches!(document.content(), Content::Index(_))
    );
    if let Some(conflict) = document.media_type_conflict() {
        assert_ne!(conflict.claimed, conflict.found);
        assert_eq!(conflict.found, *document.media_type());
    }
    // Read as what it is, it is the same, and nothing contradicts it.
    let again = Document::parse(raw, Some(document.media_type())).expect("the same bytes");
    assert_eq!(again.content(), document.content());
    assert_eq!(again.media_type_conflict(), None);
    document.subject().into_iter().for_each(descriptor);
    match document.content() {
        Content::Image(manifest) => {
            descriptor(&manifest.config);
            manifest.layers.iter().for_each(descriptor);
            let _ = manifest.is_image();
        }
        Content::Index(index) => {
            index.manifests.iter().for_each(descriptor);
            for entry in &index.manifests {
                let Some(platform) = &entry.platform else {
                    continue;
                };
                let matches = index.matches(platform);
                assert!(matches.iter().all(|at| *at < index.manifests.len()));
            }
            let _ = index.matches(&Platform::new("linux", "amd64"));
        }
        Content::Artifact(artifact) => artifact.blobs.iter().for_each(descriptor),
    }
}

fn descriptor(descriptor: &Descriptor) {
    let _ = (
        descriptor.is_attestation(),
        descriptor.attested(),
        descriptor.media_type.kind(),
    );
    if let Some(data) = descriptor.verified_data() {
        assert_eq!(data.len() as u64, descriptor.size);
        assert_eq!(descriptor.digest.matches(data), Some(true));
    }
}

fn config(raw: &[u8]) {
    let read = ImageConfig::parse(raw);
    assert_eq!(read, ImageConfig::parse(raw));
    match read {
        Ok(config) => {
            assert_eq!(*config.raw, *raw);
            if let Some(platform) = config.platform() {
                let normal = platform.normalized();
                assert_eq!(normal.normalized(), normal);
            }
            let diff_ids: Vec<_> = config.rootfs.diff_ids.iter().flatten().cloned().collect();
            // A chain hashes once for each layer, so a few are enough.
            let few = &diff_ids[..diff_ids.len().min(8)];
            assert_eq!(chain_ids(few).len(), few.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
