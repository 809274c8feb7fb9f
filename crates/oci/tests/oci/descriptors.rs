//! Descriptors: what must be there, what may be odd, and what is written.

use layerscope_oci::{Algorithm, Descriptor, Digest, InlineData, limits};
use serde_json::{Value, json};

use crate::sample::{LAYER, OCI_MANIFEST, field, index, manifest, parse, parse_text, with};

#[test]
fn d04_sizes_that_are_no_byte_counts_are_refused() {
    let cases = [
        ("-1", "the number -1"),
        ("\"7682\"", "the string \"7682\""),
        ("9007199254740992", "the number 9007199254740992"),
        ("18446744073709551616", "the number 1.8446744073709552e+19"),
        ("1.5", "the number 1.5"),
        ("1e3", "the number 1000.0"),
        ("true", "true"),
        ("null", "nothing"),
        ("[]", "a list"),
        ("{}", "an object"),
    ];
    for (size, found) in cases {
        let text = manifest().to_string().replace("675598", size);
        let refused = field(parse_text(&text).unwrap_err());
        let expected = "a whole number of bytes from 0 to 2^53-1";
        assert_eq!(
            refused,
            ("layers[0].size".to_owned(), expected, found.to_owned())
        );
    }
    let largest = manifest().to_string().replace("675598", "9007199254740991");
    assert_eq!(
        parse_text(&largest).unwrap().as_image().unwrap().layers[0].size,
        limits::SIZE
    );
}

#[test]
fn d06_a_digest_of_an_unknown_algorithm_keeps_the_manifest_usable() {
    let text = manifest().to_string().replace(
        LAYER,
        "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9",
    );
    let image = parse_text(&text).unwrap();
    let image = image.as_image().unwrap();
    assert_eq!(image.layers[0].digest.algorithm(), None);
    assert_eq!(image.config.digest.algorithm(), Some(Algorithm::Sha256));
}

#[test]
fn d07_malformed_digests_are_refused_with_their_place() {
    let malformed = [
        "sha256:../../../../etc/passwd",
        &LAYER.to_uppercase(),
        &LAYER.replace("sha256", "SHA256"),
        &LAYER[..70],
        "md5:",
        "",
        "sha256+foo+-b:00",
    ];
    for digest in malformed {
        let text = manifest().to_string().replace(LAYER, digest);
        let (path, _, found) = field(parse_text(&text).unwrap_err());
        assert_eq!(path, "layers[0].digest");
        assert_eq!(found, format!("the string {digest:?}"));
    }
    let (path, expected, found) =
        field(parse(&with(manifest(), json!({ "config": {} }))).unwrap_err());
    assert_eq!(
        (path.as_str(), expected, found.as_str()),
        ("config.digest", "a digest", "nothing")
    );
}

#[test]
fn d12_data_counts_only_when_size_and_digest_agree() {
    let descriptor = |data: &str, size: u64| -> Descriptor {
        let digest = Digest::of(Algorithm::Sha256, b"{}");
        let fields =
            json!({ "mediaType": "text/plain", "size": size, "digest": digest, "data": data });
        serde_json::from_value(fields).unwrap()
    };
    assert_eq!(descriptor("e30=", 2).verified_data(), Some(&b"{}"[..]));
    assert_eq!(descriptor("e30=", 3).verified_data(), None);
    assert_eq!(descriptor("e30K", 3).verified_data(), None);
    assert_eq!(
        descriptor("e30", 2).data,
        Some(InlineData::Undecodable("e30".to_owned()))
    );
    assert_eq!(descriptor("e30", 2).verified_data(), None);
    assert_eq!(
        descriptor("**", 2).data,
        Some(InlineData::Undecodable("**".to_owned()))
    );
    assert_eq!(
        descriptor("", 0).data,
        Some(InlineData::Decoded(Vec::new()))
    );
}

#[test]
fn descriptors_are_written_as_they_were_read() {
    let text = format!(
        r#"{{"mediaType":"a/b","digest":"{LAYER}","size":7,"urls":["https://example.com/foo"],"annotations":{{"k":"v"}},"data":"e30=","platform":{{"os":"linux","architecture":"arm64","variant":"v8"}},"artifactType":"c/d"}}"#
    );
    let descriptor: Descriptor = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&descriptor).unwrap(), text);
    let least = Descriptor::new("a/b".into(), LAYER.parse().unwrap(), 7);
    let text = format!(r#"{{"mediaType":"a/b","digest":"{LAYER}","size":7}}"#);
    assert_eq!(serde_json::to_string(&least).unwrap(), text);
    assert_eq!(serde_json::from_str::<Descriptor>(&text).unwrap(), least);
}

/// What JSON Schema files of image-spec demand of descriptors, as problems or refusals.
#[test]
fn descriptors_of_the_specification_pass_or_are_told() {
    let long = |length: usize| "1".repeat(length);
    let problems = |changes: Value| {
        let descriptor = json!({ "mediaType": OCI_MANIFEST, "size": 7682, "digest": LAYER });
        let document = parse(&with(
            index(),
            json!({ "manifests": [with(descriptor, changes)] }),
        ))
        .unwrap();
        let problems = document
            .problems()
            .iter()
            .map(|problem| problem.path.clone())
            .collect::<Vec<_>>();
        (problems, document.as_index().unwrap().refused.len())
    };
    let told = |name: &str| (vec![format!("manifests[0].{name}")], 0);
    let fine = (Vec::new(), 0);
    assert_eq!(problems(json!({})), fine);
    assert_eq!(problems(json!({ "size": 0 })), fine);
    assert_eq!(problems(json!({ "mediaType": null })), told("mediaType"));
    assert_eq!(problems(json!({ "mediaType": 1 })).0.len(), 2);
    for malformed in [
        "application",
        ".foo/bar",
        "foo/.bar",
        &format!("{}/bar", long(128)),
        &format!("foo/{}", long(128)),
    ] {
        assert_eq!(
            problems(json!({ "mediaType": malformed })),
            told("mediaType"),
            "{malformed}"
        );
    }
    assert_eq!(
        problems(json!({ "mediaType": format!("{0}/{0}", long(127)) })),
        fine
    );
    assert_eq!(problems(json!({ "artifactType": OCI_MANIFEST })), fine);
    assert_eq!(
        problems(json!({ "artifactType": "foo/.bar" })),
        told("artifactType")
    );
    assert_eq!(
        problems(json!({ "urls": ["https://example.com/foo"] })),
        fine
    );
    assert_eq!(
        problems(json!({ "urls": "https://example.com/foo" })),
        told("urls")
    );
    assert_eq!(problems(json!({ "urls": [1, "a"] })), told("urls[0]"));
    assert_eq!(
        problems(json!({ "annotations": { "a.b": 1 } })),
        told("annotations[\"a.b\"]")
    );
    assert_eq!(
        problems(json!({ "platform": "linux/amd64" })),
        told("platform")
    );
    assert_eq!(
        problems(json!({ "platform": { "os": 1, "architecture": "a" } })),
        told("platform.os")
    );
    assert_eq!(problems(json!({ "size": null })), (Vec::new(), 1));
    assert_eq!(problems(json!({ "digest": null })), (Vec::new(), 1));
    assert_eq!(problems(json!({ "digest": "sha256" })), (Vec::new(), 1));
}
