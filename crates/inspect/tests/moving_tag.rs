//! A tag that moves while somebody looks: what was opened stays what it was.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

use layerscope_inspect::session::{Next, Opening, Session};
use layerscope_oci::{Algorithm, Digest};
use layerscope_source::registry::Access;
use layerscope_source::{Ask, Headers, Reply, Response, Select};
use serde_json::{Value, json};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

fn digest(text: &str) -> String {
    Digest::of(Algorithm::Sha256, text.as_bytes()).to_string()
}

fn described(media_type: &str, text: &str) -> Value {
    json!({ "mediaType": media_type, "digest": digest(text), "size": text.len() })
}

/// Documents by what they are asked for as.
fn documents() -> (Vec<(String, &'static str, String)>, String) {
    let mut documents = Vec::new();
    let mut entries = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let config = json!({
            "architecture": architecture, "os": "linux",
            "rootfs": { "type": "layers", "diff_ids": [] },
        })
        .to_string();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": described(CONFIG, &config), "layers": [],
        })
        .to_string();
        let mut entry = described(MANIFEST, &manifest);
        entry["platform"] = json!({ "architecture": architecture, "os": "linux" });
        entries.push(entry);
        documents.push((format!("/blobs/{}", digest(&config)), CONFIG, config));
        documents.push((
            format!("/manifests/{}", digest(&manifest)),
            MANIFEST,
            manifest,
        ));
    }
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": entries }).to_string();
    let pin = format!("/manifests/{}", digest(&index));
    documents.push((pin.clone(), INDEX, index));
    (documents, pin)
}

/// Answers until there is nothing to ask: what was asked for. The tag leads to the index once.
fn settle(session: &mut Session, tag_is_known: bool) -> Vec<String> {
    let (documents, pin) = documents();
    let mut asked = Vec::new();
    loop {
        match session.poll() {
            Next::Ask(asks) => {
                for (id, ask) in asks {
                    let Ask::Http(request) = ask else {
                        panic!("a registry was asked for {ask:?}");
                    };
                    let mut wanted = request
                        .url
                        .trim_start_matches("https://r.example/v2/fruit")
                        .to_owned();
                    asked.push(wanted.clone());
                    if wanted == "/manifests/1" {
                        assert!(tag_is_known, "the tag is asked for again");
                        wanted.clone_from(&pin);
                    }
                    let (_, media_type, text) = documents
                        .iter()
                        .find(|(name, ..)| *name == wanted)
                        .unwrap_or_else(|| panic!("{wanted} is not known"));
                    session.provide(
                        id,
                        Reply::Http(Response {
                            status: 200,
                            headers: Headers::from_iter([("content-type", *media_type)]),
                            body: text.clone().into_bytes(),
                        }),
                    );
                }
            }
            Next::Waiting => panic!("it waits for nothing"),
            Next::Ready | Next::Failed => return asked,
        }
    }
}

#[test]
fn another_platform_comes_from_the_index_that_answered_first() {
    let reference: layerscope_oci::Reference = "r.example/fruit:1".parse().expect("a reference");
    let access = Access::direct(&reference);
    let mut session = Session::new(Opening::Registry { reference, access }, Select::default());
    let asked = settle(&mut session, true);
    assert_eq!(asked[0], "/manifests/1");
    let overview = session.overview().expect("an overview");
    let platforms: Vec<_> = overview
        .choices
        .iter()
        .map(|choice| choice.platform.clone())
        .collect();
    let other = platforms
        .iter()
        .position(|platform| platform.as_deref() == Some("linux/arm64"))
        .expect("the other platform");
    assert_ne!(overview.chosen, Some(other));

    // The tag leads elsewhere by now, and nobody asks it.
    session.choose(other);
    let asked = settle(&mut session, false);
    let (_, pin) = documents();
    assert_eq!(asked.first(), Some(&pin), "{asked:?}");
    let chosen = session.overview().expect("an overview");
    let image = chosen.image.expect("an image");
    assert_eq!(image.platform.as_deref(), Some("linux/arm64"));
    assert_eq!(image.manifest.expect("a manifest").digest_ok, Some(true));
}
