//! Digests, diff ids and chain ids.

use layerscope_oci::{Algorithm, DiffId, Digest, Digester, Error, chain_ids};

const EMPTY_256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const EMPTY_512: &str = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
                         47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
/// SHA-256 of `abc` (FIPS 180-2, appendix B).
const ABC_256: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn digests_of_known_bytes() {
    assert_eq!(Digest::of(Algorithm::Sha256, b"").as_str(), EMPTY_256);
    assert_eq!(Digest::of(Algorithm::Sha512, b"").as_str(), EMPTY_512);
    assert_eq!(Digest::of(Algorithm::Sha256, b"abc").to_string(), ABC_256);
}

#[test]
fn chunking_does_not_change_a_digest() {
    let bytes: Vec<u8> = (0..1000u32).flat_map(u32::to_le_bytes).collect();
    for algorithm in Algorithm::ALL {
        let whole = Digest::of(algorithm, &bytes);
        for chunk in [1, 3, 64, 127, 4096] {
            let mut digester = Digester::new(algorithm);
            assert_eq!(digester.algorithm(), algorithm);
            bytes.chunks(chunk).for_each(|part| digester.update(part));
            assert_eq!(digester.finish(), whole);
        }
        assert_eq!(whole.as_str().parse(), Ok(whole));
    }
}

#[test]
fn a_digest_has_parts() {
    let digest: Digest = ABC_256.parse().unwrap();
    assert_eq!(digest.algorithm(), Some(Algorithm::Sha256));
    assert_eq!(digest.algorithm_name(), "sha256");
    assert_eq!(digest.hex(), &ABC_256[7..]);
    assert_eq!(digest.short(), "ba7816bf8f01");
    assert_eq!(digest.matches(b"abc"), Some(true));
    assert_eq!(digest.matches(b"abd"), Some(false));
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(json, format!("{ABC_256:?}"));
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
}

/// Row D06: the grammar of image-spec is followed, the algorithm is not one that can be computed.
#[test]
fn digests_of_unknown_algorithms_are_kept_and_never_verified() {
    let examples = [
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
        "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
        "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "sha384:38b060a751ac",
        "a.b_c-d:x=",
    ];
    for text in examples {
        let digest: Digest = text.parse().unwrap();
        assert_eq!(digest.algorithm(), None, "{text}");
        assert_eq!(digest.matches(b""), None, "{text}");
        assert_eq!(digest.to_string(), text);
        assert_eq!(
            format!("{}:{}", digest.algorithm_name(), digest.hex()),
            text
        );
    }
}

/// Row D07: nothing like this may reach a URL or a path.
#[test]
fn malformed_digests_are_refused_with_the_offset() {
    let hex = "a".repeat(64);
    let cases = [
        (String::new(), 0),
        ("sha256".to_owned(), 6),
        (":".to_owned(), 0),
        (format!(":{hex}"), 0),
        ("sha256:".to_owned(), 7),
        ("md5:".to_owned(), 4),
        (format!("SHA256:{hex}"), 0),
        (format!("sha256:{}", "A".repeat(64)), 7),
        (format!("sha256:{}", &hex[1..]), 70),
        (format!("sha256:{hex}a"), 71),
        (format!("sha512:{hex}"), 71),
        (format!("sha256:{hex}\n"), 71),
        (format!(" sha256:{hex}"), 0),
        (format!("sha256 :{hex}"), 6),
        (format!("sha256::{}", &hex[1..]), 7),
        (format!("sha256:{}g", &hex[1..]), 70),
        ("sha256:../../../../etc/passwd".to_owned(), 7),
        ("md5:../../../../etc/passwd".to_owned(), 4),
        ("md5:a/b".to_owned(), 5),
        ("a..b:c".to_owned(), 2),
        (".a:c".to_owned(), 0),
        ("a.:c".to_owned(), 2),
        ("a/b:c".to_owned(), 1),
        ("md5:a b".to_owned(), 5),
        ("md5:é".to_owned(), 4),
        (format!("x:{}", "a".repeat(255)), 256),
    ];
    for (text, at) in cases {
        match text.parse::<Digest>() {
            Err(error @ Error::Digest { offset, .. }) => {
                assert_eq!(offset, at, "{error}");
                assert_eq!(error.name(), "malformed-digest");
            }
            other => panic!("{text:?} gave {other:?}"),
        }
        assert!(serde_json::from_value::<Digest>(text.into()).is_err());
    }
}

#[test]
fn chain_ids_follow_the_recursion_of_the_specification() {
    let diff_ids: Vec<DiffId> = [b"a", b"b", b"c"]
        .map(|layer| DiffId::new(Digest::of(Algorithm::Sha256, layer)))
        .into();
    let chain = chain_ids(&diff_ids);
    assert_eq!(chain.len(), 3);
    assert_eq!(&chain[0], diff_ids[0].digest());
    for (at, below) in [(1, 0), (2, 1)] {
        let text = format!("{} {}", chain[below], diff_ids[at]);
        assert_eq!(chain[at], Digest::of(Algorithm::Sha256, text.as_bytes()));
    }
    // Computed with another implementation.
    let expected = "sha256:2fce7f8ce91bcf0a1428b36e1024639fdbd9469eea762dba98aa749631885106";
    assert_eq!(chain[2].as_str(), expected);
    assert!(chain_ids(&[]).is_empty());
}
