//! How references are read, case by case: `tests/vectors/references.json`.

use layerscope_oci::{Algorithm, Digest, Error, Reference};
use serde_json::Value;

use crate::sample::cases;

fn table() -> Value {
    serde_json::from_str(include_str!("../../../../tests/vectors/references.json")).unwrap()
}

#[test]
fn valid_references_have_the_parts_of_the_table() {
    for case in cases(&table(), "valid", 100) {
        let input = case["input"].as_str().unwrap();
        let reference: Reference = input
            .parse()
            .unwrap_or_else(|error| panic!("{input}: {error}"));
        assert_eq!(
            Some(reference.domain()),
            case["domain"].as_str(),
            "domain of {input}"
        );
        assert_eq!(
            Some(reference.path()),
            case["path"].as_str(),
            "path of {input}"
        );
        assert_eq!(reference.tag(), case["tag"].as_str(), "tag of {input}");
        let digest = reference.digest().map(Digest::as_str);
        assert_eq!(digest, case["digest"].as_str(), "digest of {input}");
        assert_eq!(
            Some(reference.familiar().as_str()),
            case["familiar"].as_str()
        );
        assert_eq!(Some(reference.identifier()), digest.or(reference.tag()));
    }
}

#[test]
fn canonical_and_familiar_forms_read_back() {
    let table = table();
    for case in cases(&table, "valid", 100) {
        let input = case["input"].as_str().unwrap();
        let reference: Reference = input.parse().unwrap();
        assert_eq!(
            reference.canonical().parse(),
            Ok(reference.clone()),
            "canonical of {input}"
        );
        let json = serde_json::to_string(&reference).unwrap();
        assert_eq!(serde_json::from_str::<Reference>(&json).unwrap(), reference);
        // 64 hexadecimal digits on Docker Hub are read only with the registry before them.
        if !(reference.path().len() == "library/".len() + 64 && input.contains('/')) {
            assert_eq!(
                reference.familiar().parse(),
                Ok(reference),
                "familiar of {input}"
            );
        }
    }
}

#[test]
fn the_short_form_names_no_other_registry() {
    for (input, familiar) in [
        ("docker.io/a.b/c", "docker.io/a.b/c:latest"),
        ("docker.io/localhost/c:1", "docker.io/localhost/c:1"),
        ("docker.io/library/a.b", "a.b:latest"),
        ("docker.io/a/b.c", "a/b.c:latest"),
    ] {
        let reference: Reference = input.parse().unwrap();
        assert_eq!(reference.familiar(), familiar);
        assert_eq!(familiar.parse(), Ok(reference));
    }
}

#[test]
fn invalid_references_are_refused_where_the_table_says() {
    for case in cases(&table(), "invalid", 80) {
        let input = case["input"].as_str().unwrap();
        match input.parse::<Reference>() {
            Err(error @ Error::Reference { offset, .. }) => {
                assert_eq!(Some(offset as u64), case["at"].as_u64(), "{error}");
                assert_eq!(error.name(), "malformed-reference");
            }
            other => panic!("{input:?} gave {other:?}"),
        }
    }
}

#[test]
fn docker_hub_answers_on_another_host() {
    let host = |text: &str| text.parse::<Reference>().unwrap().api_host().to_owned();
    assert_eq!(host("ubuntu"), "registry-1.docker.io");
    assert_eq!(host("index.docker.io/a/b"), "registry-1.docker.io");
    assert_eq!(host("ghcr.io/a/b"), "ghcr.io");
    assert_eq!(host("localhost:5000/a"), "localhost:5000");
    assert_eq!(host("[::1]:5000/a"), "[::1]:5000");
}

#[test]
fn a_tag_replaces_the_digest_and_a_digest_keeps_the_tag() {
    let digest = Digest::of(Algorithm::Sha256, b"");
    let pinned = "ghcr.io/a/b:1"
        .parse::<Reference>()
        .unwrap()
        .with_digest(digest.clone());
    assert_eq!(pinned.to_string(), format!("ghcr.io/a/b:1@{digest}"));
    assert_eq!(pinned.identifier(), digest.as_str());
    assert_eq!(pinned.with_tag("2").unwrap().to_string(), "ghcr.io/a/b:2");
    assert_eq!(pinned.repository(), "ghcr.io/a/b");
    assert!(matches!(
        pinned.with_tag("a/b"),
        Err(Error::Reference { offset: 1, .. })
    ));
    assert!(matches!(
        pinned.with_tag(""),
        Err(Error::Reference { offset: 0, .. })
    ));
}

#[test]
fn errors_quote_little_of_a_long_input() {
    let error = "é".repeat(100_000).parse::<Reference>().unwrap_err();
    assert!(
        error.to_string().len() < 300,
        "{} bytes",
        error.to_string().len()
    );
    assert!(matches!(error, Error::Reference { offset: 1024, .. }));
}
