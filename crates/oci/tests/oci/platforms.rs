//! How platforms are read, normalized and matched, case by case: `tests/vectors/platforms.json`.

use layerscope_oci::{Document, Error, Platform, best_match};
use serde_json::{Value, json};

use crate::sample::cases;

fn table() -> Value {
    serde_json::from_str(include_str!("../../../../tests/vectors/platforms.json")).unwrap()
}

fn stated(value: &Value) -> Platform {
    serde_json::from_value(value.clone()).unwrap()
}

fn specified(value: &Value) -> Platform {
    let text = value.as_str().unwrap();
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn specifiers_have_the_parts_of_the_table() {
    for case in cases(&table(), "specifiers", 50) {
        let platform = specified(&case["input"]);
        assert_eq!(platform, stated(&case["platform"]), "{}", case["input"]);
        assert_eq!(platform.to_string(), case["short"], "{}", case["input"]);
        assert_eq!(platform.specifier(), case["specifier"], "{}", case["input"]);
        // What is written reads back as what it means, and is written the same again.
        let again: Platform = platform.specifier().parse().unwrap();
        assert_eq!(
            again.normalized(),
            platform.normalized(),
            "{}",
            case["input"]
        );
        assert_eq!(again.specifier(), platform.specifier(), "{}", case["input"]);
        assert_eq!(platform.rank(&platform), Some(0), "{platform} runs itself");
    }
}

#[test]
fn refused_specifiers_say_where() {
    for case in cases(&table(), "refused", 25) {
        let text = case["input"].as_str().unwrap();
        match text.parse::<Platform>() {
            Err(error @ Error::Platform { offset, .. }) => {
                assert_eq!(Some(offset as u64), case["at"].as_u64(), "{error}");
                assert_eq!(error.name(), "malformed-platform");
            }
            other => panic!("{text:?} gave {other:?}"),
        }
    }
}

#[test]
fn normal_forms_are_those_of_the_table() {
    for case in cases(&table(), "normalized", 30) {
        let (from, to) = (stated(&case["from"]), stated(&case["to"]));
        assert_eq!(from.normalized(), to, "{from}");
        assert_eq!(to.normalized(), to, "{to} is its own normal form");
    }
}

#[test]
fn the_best_of_an_index_comes_first() {
    for case in cases(&table(), "choices", 35) {
        let wanted = specified(&case["wanted"]);
        let candidates: Vec<_> = case["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(specified)
            .collect();
        let order: Vec<usize> = serde_json::from_value(case["order"].clone()).unwrap();
        assert_eq!(
            best_match(&wanted, &candidates),
            order.first().copied(),
            "{case}"
        );
        for (position, candidate) in candidates.iter().enumerate() {
            assert_eq!(
                wanted.matches(candidate),
                order.contains(&position),
                "{case}: {candidate}"
            );
        }
        let entry = |platform| {
            let digest = format!("sha256:{}", "0".repeat(64));
            json!({ "mediaType": "a/b", "digest": digest, "size": 1, "platform": platform })
        };
        let index = json!({ "manifests": candidates.iter().map(entry).collect::<Vec<_>>() });
        let document = Document::parse(index.to_string().into_bytes(), None).unwrap();
        assert_eq!(
            document.as_index().unwrap().matches(&wanted),
            order,
            "{case}"
        );
    }
}

#[test]
fn a_word_is_completed_from_the_given_default() {
    let default = Platform {
        variant: Some("v6".to_owned()),
        ..Platform::new("freebsd", "arm")
    };
    let parse = |text| Platform::parse(text, &default).unwrap().to_string();
    assert_eq!(parse("linux"), "linux/arm/v6");
    assert_eq!(parse("arm64"), "freebsd/arm64");
    assert_eq!(parse("linux/amd64"), "linux/amd64");
}

#[test]
fn a_platform_in_json_has_the_names_of_the_specification() {
    let text = r#"{"os":"windows","architecture":"amd64","os.version":"10.0.17763.1","os.features":["win32k"]}"#;
    let platform: Platform = serde_json::from_str(text).unwrap();
    assert_eq!(platform.specifier(), "windows(10.0.17763.1+win32k)/amd64");
    assert_eq!(
        serde_json::to_value(&platform).unwrap(),
        serde_json::from_str::<Value>(text).unwrap()
    );
    assert!(serde_json::from_str::<Platform>(r#"{"os":1,"architecture":"amd64"}"#).is_err());
    let sparse: Platform =
        serde_json::from_str(r#"{"os":"linux","variant":"","os.features":null}"#).unwrap();
    assert_eq!(sparse, Platform::new("linux", ""));
    assert_eq!(sparse.to_string(), "linux");
    assert_eq!(Platform::default().to_string(), "unknown");
}

#[test]
fn options_of_any_letters_are_read_back() {
    for (text, version, feature) in [
        ("windows(1%3B2+a%20b)/amd64", "1;2", "a b"),
        ("windows(%E6%97%A5+%00)/amd64", "日", "\0"),
        ("windows(%25%2B+%28%29%2F)/amd64", "%+", "()/"),
    ] {
        let platform: Platform = text.parse().unwrap();
        assert_eq!(platform.os_version.as_deref(), Some(version));
        assert_eq!(platform.os_features, [feature]);
        assert_eq!(platform.specifier(), text);
    }
}

#[test]
fn attestations_have_an_unknown_platform() {
    assert!(Platform::new("unknown", "unknown").is_unknown());
    assert!(Platform::new("linux", "unknown").is_unknown());
    assert!(!Platform::new("linux", "amd64").is_unknown());
    assert!(!Platform::default().is_unknown());
}

#[test]
fn huge_levels_of_an_architecture_cost_nothing() {
    let wanted: Platform = "linux/amd64/v4294967295".parse().unwrap();
    assert_eq!(wanted.rank(&wanted), Some(0));
    assert_eq!(wanted.rank(&Platform::new("linux", "amd64")), None);
    assert_eq!(wanted.rank(&Platform::new("linux", "386")), Some(1));
}
