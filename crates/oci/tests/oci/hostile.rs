//! No input makes a reader panic, and what reads back is the same: deterministic noise, no clock.

use layerscope_oci::{
    Descriptor, Digest, Document, ImageConfig, Json, MediaType, Platform, Reference,
};

/// Marsaglia's xorshift64.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Up to eleven of `pieces` in a row.
    fn text(&mut self, pieces: &[&str]) -> String {
        (0..self.below(12))
            .map(|_| pieces[self.below(pieces.len())])
            .collect()
    }

    /// `text` with one to four places overwritten, cut, filled in or given another value.
    pub(crate) fn damaged(&mut self, text: &str) -> Vec<u8> {
        let mut raw = text.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            let (at, until) = (self.below(raw.len()), self.below(24));
            let until = (at + until).min(raw.len());
            match self.below(4) {
                0 => raw[at] = self.next() as u8,
                1 => drop(raw.drain(at..until)),
                2 => drop(raw.splice(at..until, TOKENS[self.below(TOKENS.len())].bytes())),
                _ => {
                    // A whole value replaced keeps the JSON well-formed more often.
                    let value = TOKENS[self.below(13)];
                    let start = at
                        + raw[at..]
                            .iter()
                            .position(|byte| *byte == b':')
                            .map_or(0, |found| found + 1);
                    let end = start
                        + raw[start..]
                            .iter()
                            .position(|byte| b",}]".contains(byte))
                            .unwrap_or(0);
                    drop(raw.splice(start..end, value.bytes()));
                }
            }
            if raw.is_empty() {
                break;
            }
        }
        raw
    }
}

const PIECES: [&str; 32] = [
    "a",
    "Z",
    "0",
    "9",
    "/",
    ":",
    "@",
    ".",
    "..",
    "_",
    "__",
    "-",
    "--",
    "[",
    "]",
    "(",
    ")",
    "+",
    "%",
    "%2B",
    "%ff",
    "é",
    "\u{202e}",
    "\0",
    " ",
    "\n",
    "sha256:",
    "localhost",
    "docker.io",
    "linux",
    "arm64",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn noise_in_strings_is_read_or_refused_within_it() {
    let (mut noise, mut read) = (Noise(0x9e37_79b9_7f4a_7c15), 0);
    for _ in 0..60_000 {
        let text = noise.text(&PIECES);
        match text.parse::<Reference>() {
            Ok(reference) => {
                assert_eq!(
                    reference.to_string().parse(),
                    Ok(reference.clone()),
                    "{text:?}"
                );
                assert!(!reference.repository().contains(".."), "{text:?}");
                read += 1;
            }
            Err(layerscope_oci::Error::Reference { offset, .. }) => {
                assert!(
                    offset <= text.len() && text.is_char_boundary(offset),
                    "{text:?} at {offset}"
                );
            }
            Err(other) => panic!("{text:?}: {other}"),
        }
        match text.parse::<Platform>() {
            Ok(platform) => {
                let again: Platform = platform.specifier().parse().unwrap();
                assert_eq!(again.normalized(), platform.normalized(), "{text:?}");
                assert!(platform.matches(&platform), "{text:?}");
            }
            Err(layerscope_oci::Error::Platform { offset, .. }) => {
                assert!(
                    offset <= text.len() && text.is_char_boundary(offset),
                    "{text:?} at {offset}"
                );
            }
            Err(other) => panic!("{text:?}: {other}"),
        }
        if let Ok(digest) = text.parse::<Digest>() {
            assert_eq!(digest.as_str(), text);
            assert!(!text.contains(['/', '\\', '%', ' ', '\0']) && !text.contains(".."));
        }
        let media_type = MediaType::new(&text);
        assert!(!media_type.is_well_formed() || media_type.as_str().contains('/'));
        let _ = media_type.kind();
    }
    assert!(
        read > 1_000,
        "only {read} references were read: the noise is too wild to test anything"
    );
}

/// A manifest, an index and an image config.
pub(crate) const SEEDS: [&str; 3] = [
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:c86f7763873b6c0aae22d963bab59b4f5debbed6685761b5951584f6efb0633b","size":1470,"data":"e30="},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:9d3dd9504c685a304985025df4ed0283e47ac9ffa9bd0326fddf4d59513f0827","size":7,"urls":["https://example.com"]}],"annotations":{"a":"b"}}"#,
    r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:9d3dd9504c685a304985025df4ed0283e47ac9ffa9bd0326fddf4d59513f0827","size":7,"platform":{"os":"windows","architecture":"amd64","os.version":"10.0.17763","os.features":["win32k"]}}],"subject":null}"#,
    r#"{"os":"linux","architecture":"arm64","variant":"v8","config":{"Env":["A=1"],"Labels":{"k":"v"},"Volumes":{"/v":{}},"Healthcheck":{"Test":["NONE"],"Interval":1}},"rootfs":{"type":"layers","diff_ids":["sha256:9d3dd9504c685a304985025df4ed0283e47ac9ffa9bd0326fddf4d59513f0827"]},"history":[{"created":"x","created_by":"y","empty_layer":true}]}"#,
];

const TOKENS: [&str; 20] = [
    "null",
    "true",
    "1",
    "-1",
    "1e400",
    "1.5",
    "18446744073709551616",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[null]",
    "\"\\ud800\"",
    "\"config\"",
    "\"layers\"",
    "\"manifests\"",
    ",",
    ":",
    "[[[[[[[[",
    "\u{feff}",
];

#[test]
fn damaged_documents_are_read_or_refused() {
    let (mut noise, mut read) = (Noise(0x2545_f491_4f6c_dd1d), 0);
    for round in 0..30_000 {
        let raw = noise.damaged(SEEDS[round % SEEDS.len()]);
        for claimed in [
            None,
            Some(MediaType::OCI_INDEX),
            Some(MediaType::DOCKER_MANIFEST),
        ] {
            if let Ok(document) = Document::parse(raw.clone(), claimed.as_ref()) {
                assert_eq!(document.raw().as_ref(), raw);
                let _ = (document.media_type_conflict(), document.subject());
                for wanted in ["linux/arm64/v9.7", "windows(10.0.26100)/amd64"] {
                    let matches = document
                        .as_index()
                        .map(|index| index.matches(&wanted.parse().unwrap()));
                    assert!(matches.is_none_or(|found| found.len() <= 2));
                }
                read += 1;
            }
        }
        if let Ok(config) = ImageConfig::parse(raw.clone()) {
            let _ = config.platform().map(|platform| platform.specifier());
            read += 1;
        }
        let _ = Json::parse(&raw);
        if let Ok(descriptor) = serde_json::from_slice::<Descriptor>(&raw) {
            let _ = (descriptor.verified_data(), descriptor.attested());
        }
    }
    assert!(
        read > 10_000,
        "only {read} documents were read: the damage is too wild to test anything"
    );
}
