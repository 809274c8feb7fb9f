//! Every finding that there can be has a severity and its sentences, and no sentence is left over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

use std::collections::{BTreeMap, BTreeSet};

use layerscope_inspect::severity::FINDINGS;

/// Findings that the facade makes by itself, with the arguments that it gives.
const OWN: [(&str, &[&str]); 10] = [
    ("blob-mismatch", &["what", "expected", "found"]),
    ("digest-unchecked", &["expected", "found"]),
    ("history-too-long", &["count"]),
    ("history-too-short", &["count"]),
    ("layer-absent", &[]),
    ("layer-failed", &["why"]),
    ("layer-foreign", &["urls"]),
    ("layer-mismatch", &[]),
    ("layer-stopped", &["entries", "at", "read", "total", "why"]),
    ("toc-refused", &["why"]),
];

const MORE: (&str, &[&str]) = ("more-of-a-kind", &["kind", "count"]);

/// What an oddity of a source always carries. Its sentence need not use all of it.
fn of_source(kind: layerscope_source::OddityKind) -> &'static [&'static str] {
    use layerscope_source::OddityKind as Kind;
    match kind {
        Kind::MediaTypeConflict
        | Kind::FieldProblem
        | Kind::RefusedEntry
        | Kind::PlatformConflict
        | Kind::SeveralMatches
        | Kind::LayerCount
        | Kind::InlineMismatch
        | Kind::DigestHeader
        | Kind::LayoutVersion => &["at", "expected", "found"],
        Kind::DuplicateKeys
        | Kind::LargeManifest
        | Kind::InlineUndecodable
        | Kind::RegistryWarning
        | Kind::ManifestsDisagree
        | Kind::IndexUnusable
        | Kind::ArchiveCut
        | Kind::ArchiveTar => &["at", "found"],
        Kind::NoLayoutFile | Kind::DuplicateMember => &["at"],
        other => panic!("{other:?} is new here"),
    }
}

fn ids() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let layer = layerscope_layer::OddityKind::ALL.iter();
    let layer = layer.map(|kind| (kind.name(), kind.arguments()));
    let source = layerscope_source::OddityKind::ALL.iter();
    let source = source.map(|kind| (kind.name(), of_source(*kind)));
    let tree = layerscope_tree::OddityKind::ALL.iter();
    let none: &[&str] = &[];
    let tree = tree.map(|kind| (kind.name(), none));
    let all = layer.chain(source).chain(tree).chain(OWN).chain([MORE]);
    all.map(|(id, arguments)| (id, arguments.iter().copied().collect()))
        .collect()
}

/// The places of a sentence: `{name}`.
fn places(sentence: &str) -> BTreeSet<&str> {
    let after = sentence.split('{').skip(1);
    after.map(|rest| rest.split_once('}').unwrap().0).collect()
}

#[test]
fn every_finding_has_one_severity_and_no_other_has_any() {
    let listed: Vec<&str> = FINDINGS.iter().flat_map(|(_, ids)| *ids).copied().collect();
    let known: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(listed.len(), known.len(), "an id has two severities");
    assert_eq!(known, ids().into_keys().collect());
    for (severity, ids) in FINDINGS {
        assert!(ids.is_sorted(), "{severity}");
    }
}

#[test]
fn every_finding_has_its_sentences_with_the_arguments_that_it_carries() {
    let source: BTreeSet<&str> = layerscope_source::OddityKind::ALL
        .iter()
        .map(|kind| kind.name())
        .collect();
    for (language, text) in [
        ("en", include_str!("../../../web/messages/en.json")),
        ("ja", include_str!("../../../web/messages/ja.json")),
    ] {
        let catalogue: BTreeMap<String, String> = serde_json::from_str(text).unwrap();
        let mut left: BTreeMap<&str, &str> = catalogue
            .iter()
            .filter_map(|(key, text)| Some((key.strip_prefix("finding.")?, text.as_str())))
            .collect();
        for (id, arguments) in ids() {
            let sentence = left.remove(id);
            let sentence = sentence.unwrap_or_else(|| panic!("{language}: no sentence for {id}"));
            let used = places(sentence);
            if source.contains(id) {
                assert!(used.is_subset(&arguments), "{language}: {sentence}");
            } else {
                assert_eq!(used, arguments, "{language}: {sentence}");
            }
            let runtime = left.remove(&*format!("{id}.runtime"));
            let runtime = runtime.unwrap_or_else(|| panic!("{language}: no runtime for {id}"));
            assert!(!runtime.is_empty());
            assert!(
                places(runtime).is_subset(&arguments),
                "{language}: {runtime}"
            );
            assert!(!runtime.ends_with(['.', '。']), "{language}: {runtime}");
        }
        assert_eq!(left, BTreeMap::new(), "{language}: sentences of nothing");
    }
}
