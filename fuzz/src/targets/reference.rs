//! The grammars of what people type: references, platforms, digests, media types.
//!
//! Oracle: what is read prints, and reads back as the same.

use layerscope_oci::{Digest, MediaType, Platform, Reference};

/// See the module. There is nothing to steer, so that a text is an input as it is.
pub fn run(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    reference(text);
    platform(text);
    digest(text);
    media_type(text);
}

fn reference(text: &str) {
    let reference: Reference = match text.parse() {
        Ok(reference) => reference,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    for printed in [
        reference.to_string(),
        reference.canonical(),
        reference.familiar(),
    ] {
        assert_eq!(
            printed.parse::<Reference>().as_ref(),
            Ok(&reference),
            "{printed}"
        );
    }
    assert!(!reference.domain().is_empty() && !reference.api_host().is_empty());
    assert!(reference.repository().ends_with(reference.path()));
    // Each part may be put into a URL as it is.
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#%\\\"<>".contains(&byte);
    assert!(
        reference.path().bytes().all(plain) && !reference.path().contains(".."),
        "{reference}"
    );
    assert!(reference.identifier().bytes().all(plain), "{reference}");
    assert!(
        reference
            .domain()
            .bytes()
            .all(|byte| plain(byte) && byte != b'@' && byte != b'/'),
        "{reference}"
    );
    if let Some(digest) = reference.digest() {
        assert_eq!(reference.identifier(), digest.as_str());
        assert_eq!(reference.with_digest(digest.clone()), reference);
    }
    if let Ok(tagged) = reference.with_tag(text) {
        assert_eq!((tagged.tag(), tagged.digest()), (Some(text), None));
    }
}

fn platform(text: &str) {
    let platform: Platform = match text.parse() {
        Ok(platform) => platform,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let normal = platform.normalized();
    assert_eq!(normal.normalized(), normal);
    let specifier = platform.specifier();
    let again: Platform = specifier.parse().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.normalized(), normal, "{specifier}");
    assert!(
        platform.matches(&platform),
        "{specifier} does not match itself"
    );
}

fn digest(text: &str) {
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
        assert_eq!(
            format!("{}:{}", digest.algorithm_name(), digest.hex()),
            text
        );
        assert!(
            digest
                .hex()
                .starts_with(digest.short().rsplit(':').next().unwrap_or_default())
        );
        if let Some(algorithm) = digest.algorithm() {
            assert_eq!(digest.hex().len(), algorithm.hex_len());
        }
        let _ = digest.matches(text.as_bytes());
    }
}

fn media_type(text: &str) {
    let media_type = MediaType::new(text);
    let again = MediaType::new(media_type.as_str());
    assert_eq!(again, media_type);
    assert_eq!(again.kind(), media_type.kind());
    assert!(media_type.is_well_formed() || !media_type.is_manifest());
}
