//! Where a redirect may lead, and what does not go along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{Answer, Directory, Server, end, layerscope};
use serde_json::json;

use crate::honest::Honest;

/// A registry with a password whose blobs are elsewhere, and the verdict on its image.
#[test]
fn a_password_stays_with_its_host() {
    let honest = Honest::new();
    let storage = {
        let honest = honest.clone();
        Server::start(move |asked| honest.answer(asked))
    };
    let elsewhere = storage.url("");
    let basic = format!("Basic {}", STANDARD.encode("user:word"));
    let expected = basic.clone();
    let registry = honest.unless(move |_, asked, _| match asked.header("authorization") {
        Some(given) if given == basic && asked.path().contains("/blobs/") => {
            Some(Answer::new(307).header(
                "location",
                format!("{elsewhere}{}?signature=s3cret", asked.target),
            ))
        }
        Some(given) if given == basic => None,
        _ => Some(Answer::new(401).header("www-authenticate", "Basic realm=\"here\"")),
    });
    let directory = Directory::new("redirects");
    let docker = json!({ "auths": { registry.host(): { "auth": STANDARD.encode("user:word") } } });
    directory.write("config.json", docker.to_string());
    let reference = format!("docker://{}/fruit:1", registry.host());
    let mut command = layerscope(["verify", &reference]);
    end(command.env("DOCKER_CONFIG", directory.path())).exit(0);

    let asked = registry.asked();
    assert!(
        asked
            .iter()
            .any(|asked| asked.header("authorization") == Some(&expected)),
        "{asked:?}"
    );
    let asked = storage.asked();
    assert_eq!(asked.len(), 3, "the config and two layers: {asked:?}");
    for asked in asked {
        assert_eq!(asked.header("authorization"), None, "{asked:?}");
        assert_eq!(asked.header("cookie"), None, "{asked:?}");
    }
}

/// An error that leads through a signed URL does not tell the signature.
#[test]
fn a_signature_is_not_told() {
    let storage =
        Server::start(|_| Answer::new(403).body("<Error><Code>AccessDenied</Code></Error>"));
    let elsewhere = storage.url("");
    let registry = Honest::new().unless(move |_, asked, _| {
        let location = format!("{elsewhere}{}?signature=s3cret", asked.target);
        asked
            .path()
            .contains("/blobs/")
            .then(|| Answer::new(302).header("location", location))
    });
    let ended = end(&mut layerscope([
        "verify",
        &format!("docker://{}/fruit:1", registry.host()),
    ]));
    assert_ne!(ended.code, Some(0), "{ended}");
    let said = format!("{}{}", ended.text(), ended.errors());
    assert!(said.contains("403") && !said.contains("s3cret"), "{ended}");
}
