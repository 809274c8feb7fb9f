//! The JSON under the documents: repeated keys, encodings, and the bounds.

use layerscope_oci::{Document, Error, Json, limits};
use serde_json::{Value, json};

use crate::sample::{index, manifest, parse, parse_text, with};

#[test]
fn e06_repeated_keys_are_told_and_the_last_one_counts() {
    let raw = manifest().to_string();
    let repeated = raw.replacen(
        '{',
        "{\"config\":{\"size\":1,\"size\":2},\"schemaVersion\":1,",
        1,
    );
    let document = parse_text(&repeated).unwrap();
    let repeated = ["config.size", "config", "schemaVersion"];
    assert_eq!(document.duplicate_keys(), repeated);
    assert_eq!(document.as_image().unwrap().config.size, 1470);
    let escaped = raw.replacen("\"size\":675598", "\"size\":675598,\"si\\u007ae\":5", 1);
    let document = parse_text(&escaped).unwrap();
    assert_eq!(document.duplicate_keys(), ["layers[0].size"]);
    assert_eq!(document.as_image().unwrap().layers[0].size, 5);
    // Go takes `Size` for `size`, so a reader that does not would see another image.
    let spelt = raw.replacen("\"size\":675598", "\"Size\":5,\"size\":675598", 1);
    assert_eq!(
        parse_text(&spelt).unwrap().duplicate_keys(),
        ["layers[0].size"]
    );
    let labels = with(
        manifest(),
        json!({ "annotations": { "Key": "1", "key": "2" } }),
    );
    assert_eq!(parse(&labels).unwrap().duplicate_keys(), [""; 0]);
    let many = format!("{{{}\"manifests\":[]}}", "\"a\":1,".repeat(10_000));
    assert_eq!(
        parse_text(&many).unwrap().duplicate_keys().len(),
        limits::DUPLICATE_KEYS
    );
}

/// A path is as long as its keys, and every key could be asked for it.
#[test]
fn long_keys_above_many_members_cost_nothing() {
    let members = "\"b\":0,".repeat(200_000);
    let text = format!(
        "{{\"manifests\":[],\"{}\":{{{members}\"c\":1}}}}",
        "a".repeat(4_000_000)
    );
    let document = parse_text(&text).unwrap();
    assert_eq!(document.duplicate_keys().len(), limits::DUPLICATE_KEYS);
    assert_eq!(
        document.duplicate_keys()[0],
        format!("[\"{}…\"].b", "a".repeat(limits::QUOTED_BYTES))
    );
}

#[test]
fn fields_are_found_in_any_spelling_as_in_go() {
    let text = index()
        .to_string()
        .replace("\"manifests\"", "\"Manifests\"")
        .replace("\"digest\"", "\"DIGEST\"");
    assert_eq!(
        parse_text(&text)
            .unwrap()
            .as_index()
            .unwrap()
            .manifests
            .len(),
        1
    );
}

#[test]
fn e07_large_manifests_are_marked_and_larger_ones_refused() {
    let padded = |length: usize| {
        let text = manifest().to_string();
        let padding = " ".repeat(length - text.len());
        parse_text(&(text + &padding))
    };
    let (warn, most) = (
        limits::MANIFEST_WARN_BYTES as usize,
        limits::MANIFEST_BYTES as usize,
    );
    assert!(!padded(warn).unwrap().is_unusually_large());
    assert!(padded(warn + 1).unwrap().is_unusually_large());
    assert!(padded(most).unwrap().is_unusually_large());
    let error = padded(most + 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "manifest, bytes: found 8388609, and at most 8388608 are read"
    );
}

#[test]
fn e08_depth_and_number_of_values_are_bounded() {
    let nested = |depth: usize| {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        parse_text(&format!("{{\"manifests\":[],\"x\":{text}}}"))
    };
    assert!(nested(limits::JSON_DEPTH - 1).is_ok());
    for depth in [limits::JSON_DEPTH, 10_000, 1_000_000] {
        match nested(depth).unwrap_err() {
            Error::OverLimit { what, limit, .. } => {
                assert_eq!((what, limit), ("JSON, levels of nesting", 64))
            }
            other => panic!("{other}"),
        }
    }
    let unclosed = parse_text(&"[".repeat(100_000)).unwrap_err();
    assert_eq!(unclosed.name(), "over-limit");
    let wide = format!(
        "{{\"manifests\":[],\"x\":[{}0]}}",
        "0,".repeat(limits::JSON_VALUES)
    );
    assert!(matches!(
        parse_text(&wide),
        Err(Error::OverLimit {
            what: "JSON, values",
            ..
        })
    ));
}

#[test]
fn problems_are_counted_only_up_to_a_bound() {
    let annotations: Value = (0..5_000)
        .map(|at| (format!("k{at}"), json!(1)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let document = parse(&with(manifest(), json!({ "annotations": annotations }))).unwrap();
    assert_eq!(document.problems().len(), limits::PROBLEMS + 1);
    assert_eq!(document.problems().last().unwrap().found, "more than 1000");
}

#[test]
fn e24_only_utf8_without_a_mark_is_json() {
    let text = manifest().to_string();
    let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let cases = [
        (
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            0,
            "a UTF-8 byte order mark",
        ),
        (utf16(u16::to_le_bytes), 0, "UTF-16 or UTF-32"),
        (utf16(u16::to_be_bytes), 0, "UTF-16 or UTF-32"),
        (
            [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
            0,
            "a UTF-16 byte order mark",
        ),
        (
            [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
            0,
            "a UTF-16 byte order mark",
        ),
        (b"{\"a\":\"\xe9\"}".to_vec(), 6, "bytes that are not UTF-8"),
        (
            b"{\"a\":\"\xed\xa0\x80\"}".to_vec(),
            6,
            "bytes that are not UTF-8",
        ),
    ];
    for (raw, offset, found) in cases {
        let error = Document::parse(raw, None).unwrap_err();
        assert_eq!(error, Error::Encoding { offset, found });
        assert_eq!(error.name(), "not-utf8-json");
    }
}

/// Go reads half of a surrogate pair as U+FFFD, so runtimes run images with such a label.
#[test]
fn halves_of_surrogate_pairs_are_replaced() {
    let cases = [
        (r"\ud83d", "\u{fffd}"),
        (r"\udc00x", "\u{fffd}x"),
        (r"\ud83d\ud83d\uDE00", "\u{fffd}😀"),
        (r"\ud83d\u0041", "\u{fffd}A"),
        (r"\ud83d\n", "\u{fffd}\n"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d", "\\\u{fffd}"),
        (r"\ud83d\ude00", "😀"),
    ];
    for (written, read) in cases {
        let text = manifest().to_string().replacen(
            '{',
            &format!("{{\"annotations\":{{\"k\":\"{written}\"}},"),
            1,
        );
        assert_eq!(
            parse_text(&text).unwrap().as_image().unwrap().annotations["k"],
            read,
            "{written}"
        );
    }
    for malformed in [
        r#"{"a":"\"#,
        r#"{"a":"\u"#,
        r#"{"a":"\ud8"}"#,
        r#"{"a":"\ud83é"}"#,
        r#"\é"#,
        r#"{"a":"\+d83"}"#,
    ] {
        assert_eq!(
            parse_text(malformed).unwrap_err().name(),
            "malformed-json",
            "{malformed}"
        );
    }
}

#[test]
fn malformed_json_is_refused_with_its_offset() {
    let cases = [
        ("", 0),
        ("{", 0),
        ("{\"a\":}", 5),
        ("{\n  \"a\": x\n}", 9),
        ("{} {}", 3),
        ("<!DOCTYPE html>", 0),
        ("{\"a\":1e999}", 9),
    ];
    for (text, at) in cases {
        match parse_text(text).unwrap_err() {
            Error::Json { offset, problem } => {
                assert_eq!(offset, at, "{text:?}: {problem}");
                assert!(!problem.contains(" at line "), "{problem}");
            }
            other => panic!("{text:?}: {other}"),
        }
    }
}

#[test]
fn r03_descriptors_and_layers_are_bounded() {
    let many = |document: Value, name: &str, count: usize| {
        let item = document[name][0].clone();
        parse(&with(document, json!({ name: vec![item; count] })))
    };
    assert!(many(manifest(), "layers", limits::LAYERS).is_ok());
    let error = many(manifest(), "layers", limits::LAYERS + 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "manifest, layers: found 1001, and at most 1000 are read"
    );
    assert!(many(index(), "manifests", limits::DESCRIPTORS).is_ok());
    let error = many(index(), "manifests", limits::DESCRIPTORS + 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "index, descriptors: found 10001, and at most 10000 are read"
    );
}

/// The items of a list, one after the other.
fn items(raw: &str, most: usize) -> (Result<bool, Error>, Vec<Value>) {
    let mut taken = Vec::new();
    let read = Json::each(raw.as_bytes(), "entries", &mut |item| {
        taken.push(item);
        taken.len() < most
    });
    (read, taken)
}

#[test]
fn a_list_is_read_one_item_after_the_other() {
    let raw = "{\"version\":[1],\"entries\":[1,{\"a\":[2]},\"x\"],\"more\":null}";
    let all = vec![json!(1), json!({ "a": [2] }), json!("x")];
    assert_eq!(items(raw, 9), (Ok(true), all.clone()));
    assert_eq!(items(raw, 2), (Ok(true), all[..2].to_vec()));
    for raw in [
        "{\"version\":1}",
        "[]",
        "{\"entries\":{}}",
        "{\"a\":{\"entries\":[1]}}",
    ] {
        assert_eq!(items(raw, 9), (Ok(false), vec![]), "{raw}");
    }
    for raw in [
        "",
        "{\"entries\":[1,]}",
        "{\"entries\":[1]} x",
        "{\"entries\":[1],\"entries\":[2]}",
    ] {
        let (read, _) = items(raw, 9);
        assert!(matches!(read, Err(Error::Json { .. })), "{raw} {read:?}");
    }
    // A million items are no document of a million values, but one such item is.
    let many = format!("{{\"entries\":[{}0]}}", "0,".repeat(limits::JSON_VALUES));
    let mut count = 0;
    let read = Json::each(many.as_bytes(), "entries", &mut |_| {
        count += 1;
        true
    });
    assert_eq!((read, count), (Ok(true), limits::JSON_VALUES + 1));
    let wide = format!("{{\"entries\":[[{}0]]}}", "0,".repeat(limits::JSON_VALUES));
    let deep = format!("{{\"entries\":[{}", "[".repeat(limits::JSON_DEPTH));
    for raw in [wide, deep] {
        let (read, _) = items(&raw, 9);
        assert!(matches!(read, Err(Error::OverLimit { .. })), "{read:?}");
    }
}
