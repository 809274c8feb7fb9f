//! Another reader of the same documents, oci-spec, sees the same in them. Where it refuses what we
//! read, that is because one malformed field never hides the rest here; where we refuse what it
//! reads, the reason is one of those that are named below.

use layerscope_oci::{Descriptor, Document, Error, ImageConfig};
use oci_spec::image as oracle;

use crate::hostile::{Noise, SEEDS};

/// What both readers must agree on in a descriptor.
fn agree(ours: &Descriptor, theirs: &oracle::Descriptor) {
    assert_eq!(ours.digest.as_str(), theirs.digest().to_string());
    assert_eq!(ours.size, theirs.size());
    assert_eq!(ours.media_type.as_str(), theirs.media_type().to_string());
    let annotations = theirs.annotations().iter().flatten();
    assert!(
        ours.annotations
            .iter()
            .eq(annotations.collect::<std::collections::BTreeMap<_, _>>())
    );
    assert_eq!(ours.urls, theirs.urls().clone().unwrap_or_default());
    let platform = ours
        .platform
        .as_ref()
        .map(|platform| (platform.os.clone(), platform.variant.clone()));
    let variant = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let expected = theirs
        .platform()
        .as_ref()
        .map(|p| (p.os().to_string(), variant(p.variant())));
    assert_eq!(platform, expected);
}

fn agree_on_all(ours: &[Descriptor], theirs: &[oracle::Descriptor]) {
    assert_eq!(ours.len(), theirs.len());
    ours.iter()
        .zip(theirs)
        .for_each(|(ours, theirs)| agree(ours, theirs));
}

/// Whether we may refuse a document that oci-spec reads.
fn may_refuse(error: &Error) -> bool {
    match error {
        // It does not look for contradictions, repeated keys included, and reads a size past 2^53-1
        // and a digest whose hash has another length or upper case.
        Error::Ambiguous { .. } | Error::SchemaOne => true,
        // It skips what it does not know without reading it.
        Error::Encoding { .. } => true,
        Error::Json { problem, .. } => problem == "number out of range",
        Error::Field(problem) => {
            problem.path.ends_with(".size") || problem.path.ends_with(".digest")
        }
        _ => false,
    }
}

/// Reads one document with both readers; true if both could.
fn both_read(raw: &[u8]) -> [bool; 3] {
    let document = Document::parse(raw, None);
    let manifest = serde_json::from_slice::<oracle::ImageManifest>(raw)
        .ok()
        .is_some_and(|theirs| match &document {
            Ok(document) => {
                let ours = document.as_image().unwrap();
                agree(&ours.config, theirs.config());
                agree_on_all(&ours.layers, theirs.layers());
                true
            }
            Err(error) => {
                assert!(
                    may_refuse(error),
                    "{error}: {}",
                    String::from_utf8_lossy(raw)
                );
                false
            }
        });
    let index = serde_json::from_slice::<oracle::ImageIndex>(raw)
        .ok()
        .is_some_and(|theirs| match &document {
            Ok(document) if document.as_index().unwrap().refused.is_empty() => {
                agree_on_all(&document.as_index().unwrap().manifests, theirs.manifests());
                true
            }
            Ok(_) => false,
            Err(error) => {
                assert!(
                    may_refuse(error),
                    "{error}: {}",
                    String::from_utf8_lossy(raw)
                );
                false
            }
        });
    let config = serde_json::from_slice::<oracle::ImageConfiguration>(raw).is_ok_and(|theirs| {
        let ours = match ImageConfig::parse(raw) {
            Ok(ours) => ours,
            Err(error) => {
                assert!(
                    may_refuse(&error),
                    "{error}: {}",
                    String::from_utf8_lossy(raw)
                );
                return false;
            }
        };
        assert_eq!(ours.os, theirs.os().to_string());
        assert_eq!(ours.architecture, theirs.architecture().to_string());
        let run = theirs.config().clone().unwrap_or_default();
        assert_eq!(ours.config.env, run.env().clone().unwrap_or_default());
        let labels = run.labels().iter().flatten();
        assert!(
            ours.config
                .labels
                .iter()
                .eq(labels.collect::<std::collections::BTreeMap<_, _>>())
        );
        let mut volumes = run.volumes().clone().unwrap_or_default();
        volumes.sort();
        assert_eq!(ours.config.volumes, volumes);
        let diff_ids = theirs.rootfs().diff_ids();
        assert_eq!(ours.rootfs.diff_ids.len(), diff_ids.len());
        for (ours, theirs) in ours.rootfs.diff_ids.iter().zip(diff_ids) {
            assert!(ours.as_ref().is_none_or(|ours| ours.to_string() == *theirs));
        }
        let steps: Vec<_> = theirs
            .history()
            .iter()
            .flatten()
            .map(|step| step.created_by().clone())
            .collect();
        assert_eq!(
            ours.history
                .iter()
                .map(|step| step.created_by.clone())
                .collect::<Vec<_>>(),
            steps
        );
        true
    });
    [manifest, index, config]
}

/// Whether a field's name stands there in another spelling: we read it, as Go does, and oci-spec does
/// not.
fn is_misspelt(raw: &[u8]) -> bool {
    let text = String::from_utf8_lossy(raw);
    let lower = text.to_ascii_lowercase();
    let names = SEEDS.iter().flat_map(|seed| seed.split('"'));
    let mut names = names
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()));
    names.any(|name| {
        let quoted = format!("\"{name}\"");
        lower.matches(&quoted.to_ascii_lowercase()).count() != text.matches(&quoted).count()
    })
}

#[test]
fn oci_spec_sees_the_same_in_good_documents() {
    assert_eq!(both_read(SEEDS[0].as_bytes()), [true, false, false]);
    assert_eq!(both_read(SEEDS[1].as_bytes()), [false, true, false]);
    assert_eq!(both_read(SEEDS[2].as_bytes()), [false, false, true]);
}

#[test]
fn oci_spec_sees_the_same_in_damaged_documents() {
    let (mut noise, mut counts) = (Noise(0xd1b5_4a32_d192_ed03), [0; 3]);
    for round in 0..20_000 {
        let raw = noise.damaged(SEEDS[round % SEEDS.len()]);
        if is_misspelt(&raw) {
            continue;
        }
        for (count, read) in counts.iter_mut().zip(both_read(&raw)) {
            *count += usize::from(read);
        }
    }
    assert!(
        counts.iter().all(|count| *count > 200),
        "too few were read by both: {counts:?}"
    );
}
