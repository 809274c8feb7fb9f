//! A registry that lies, fails, or asks for patience. Each lie is told once, and what comes of it is bounded by the
//! number of requests, not by a clock.

use harness::{Answer, Asked, Ended, Server, digest, end, layerscope};

use crate::bodies::BODIES;
use crate::honest::Honest;
use crate::refusals::REFUSALS;

/// A lie, or `None` where the truth is told. The number says how often the same path was asked for before.
pub(crate) type Lie = fn(&Honest, &Asked, usize) -> Option<Answer>;

/// What a lie must lead to.
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) lie: Lie,
    /// The exit status of `verify`.
    pub(crate) exit: i32,
    /// What it must say, on either stream.
    pub(crate) says: &'static [&'static str],
    /// How many requests for the manifest and for the newest layer there are, all in all.
    pub(crate) manifests: usize,
    pub(crate) tops: usize,
}

#[test]
fn every_lie_is_told_and_none_without_end() {
    let mut wrong = Vec::new();
    for case in BODIES.iter().chain(REFUSALS) {
        let honest = Honest::new();
        let top = honest.top().digest();
        let server = honest.unless(case.lie);
        let ended = verify(&server, "1");
        let said = format!("{}{}", ended.text(), ended.errors());
        let unsaid = case.says.iter().filter(|words| !said.contains(*words));
        let mut faults: Vec<String> = unsaid
            .map(|words| format!("it does not say {words:?}"))
            .collect();
        let asked = (server.count("/manifests/"), server.count(&top));
        if asked != (case.manifests, case.tops) {
            faults.push(format!(
                "{} requests for the manifest and {} for the layer",
                asked.0, asked.1
            ));
        }
        if ended.code != Some(case.exit) {
            faults.push(format!("exit {:?}", ended.code));
        }
        if !faults.is_empty() {
            wrong.push(format!(
                "── {}: {}\n{ended}\n{}",
                case.what,
                faults.join("; "),
                server.lines().join("\n")
            ));
        }
        assert!(
            !said
                .chars()
                .any(|letter| letter.is_control() && letter != '\n'),
            "{ended}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn verify(server: &Server, identifier: &str) -> Ended {
    let separator = if identifier.contains(':') { '@' } else { ':' };
    let reference = format!("docker://{}/fruit{separator}{identifier}", server.host());
    end(&mut layerscope(["verify", &reference]))
}

/// A manifest that is asked for by digest is what that digest says, or it is told.
#[test]
fn a_pinned_manifest_that_is_another_is_told() {
    let honest = Honest::new();
    let pinned = honest.image.manifest.digest();
    let other = honest
        .image
        .clone()
        .with_manifest(|manifest| manifest["annotations"] = serde_json::json!({ "a": "b" }));
    let found = other.manifest.digest();
    let server = honest.unless(move |honest, asked, _| {
        let answer = || {
            Answer::new(200)
                .header("content-type", other.manifest.media_type)
                .body(other.manifest.bytes.clone())
        };
        honest.is_for_manifest(asked).then(answer)
    });
    let ended = verify(&server, &pinned).exit(1);
    for words in [&format!("manifest digest: expected {pinned}"), &found] {
        assert!(ended.text().contains(words), "no {words} in {ended}");
    }
    // What it leads to is still shown.
    assert!(ended.text().contains("verified  layer 1"), "{ended}");
}

/// The size is part of what a descriptor states.
#[test]
fn a_wrong_size_in_the_manifest_is_told() {
    for by in [-1_i64, 1] {
        let image = crate::honest::image().with_manifest(|manifest| {
            let size = &mut manifest["layers"][1]["size"];
            *size = serde_json::json!(size.as_i64().expect("a size") + by);
        });
        let top = image.layers[1].digest();
        let server = Honest { image }.unless(|_, _, _| None);
        let ended = verify(&server, "1").exit(1);
        assert!(ended.text().contains("layer 1 size: expected"), "{ended}");
        assert!(ended.text().contains("verified  layer 0"), "{ended}");
        assert!(server.count(&top) <= 2, "{:?}", server.lines());
    }
}

/// A header that says another digest is no proof of anything, but worth knowing.
#[test]
fn a_wrong_digest_in_the_header_is_a_finding() {
    let server = Honest::new().unless(|honest, asked, _| {
        let manifest = &honest.image.manifest;
        let answer = || {
            Answer::new(200)
                .header("content-type", manifest.media_type)
                .header("docker-content-digest", digest(b"another"))
                .body(manifest.bytes.clone())
        };
        honest.is_for_manifest(asked).then(answer)
    });
    let ended = end(&mut layerscope([
        "inspect",
        &format!("docker://{}/fruit:1", server.host()),
    ]))
    .exit(0);
    let told = format!(
        "high: The registry states the digest {}",
        digest(b"another")
    );
    assert!(ended.text().contains(&told), "{ended}");
}
