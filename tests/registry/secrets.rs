//! Who must never see a password or a token: everybody at another port, whichever way leads there.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{Answer, Asked, Directory, Server, Visitor, end, layerscope};
use serde_json::json;

use crate::honest::{Honest, image};

const WORD: &str = "pa55word";

fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("user:{WORD}")))
}

/// Somebody who would take whatever is sent, and asks for more.
fn stranger() -> Server {
    Server::start(|asked| match asked.header("authorization") {
        Some(_) => Answer::new(200).body("{}"),
        None => Answer::new(401).header("www-authenticate", "Basic realm=\"give\""),
    })
}

/// A command of somebody who is logged in at a registry.
fn logged_in(directory: &Directory, registry: &Server, words: &[&str]) -> Command {
    let login = json!({ "auth": STANDARD.encode(format!("user:{WORD}")) });
    let docker = json!({ "auths": { registry.host(): login } });
    directory.write("config.json", docker.to_string());
    let mut command = layerscope(words);
    command.env("DOCKER_CONFIG", directory.path());
    command
}

/// Nothing that a stranger saw tells who is logged in.
fn learned_nothing(asked: &[Asked]) {
    for asked in asked {
        assert_eq!(asked.header("authorization"), None, "{asked:?}");
        assert_eq!(asked.header("cookie"), None, "{asked:?}");
        let all = format!("{asked:?}{}", String::from_utf8_lossy(&asked.body));
        assert!(!all.contains(WORD) && !all.contains(&basic()), "{all}");
    }
}

/// Lets in who knows the password, unless `lie` has an answer of its own.
fn closed(lie: impl Fn(&Honest, &Asked) -> Option<Answer> + Send + Sync + 'static) -> Server {
    Honest::new().unless(
        move |honest, asked, _| match asked.header("authorization") {
            Some(given) if given == basic() => lie(honest, asked),
            _ => Some(Answer::new(401).header("www-authenticate", "Basic realm=\"here\"")),
        },
    )
}

#[test]
fn a_redirect_to_another_port_takes_no_password_along() {
    let stranger = stranger();
    for part in ["/manifests/", "/blobs/"] {
        let target = stranger.url("/taken");
        let registry = closed(move |_, asked| {
            let location = target.clone();
            asked
                .path()
                .contains(part)
                .then(|| Answer::new(307).header("location", location))
        });
        let directory = Directory::new("secrets");
        let reference = format!("docker://{}/fruit:1", registry.host());
        let ended = end(&mut logged_in(
            &directory,
            &registry,
            &["verify", &reference],
        ));
        assert_ne!(ended.code, Some(0), "{ended}");
        let said = format!("{}{}", ended.text(), ended.errors());
        assert!(!said.contains(WORD) && !said.contains(&basic()), "{ended}");
        let given = registry.asked();
        assert!(
            given
                .iter()
                .any(|asked| asked.header("authorization").is_some()),
            "the registry itself is asked with the password"
        );
    }
    assert!(!stranger.asked().is_empty());
    learned_nothing(&stranger.asked());
}

#[test]
fn a_way_back_brings_no_password_back() {
    let registry_port = std::sync::Arc::new(std::sync::OnceLock::new());
    let known = std::sync::Arc::clone(&registry_port);
    let stranger = Server::start(move |_| {
        let port: &u16 = known.get().expect("the registry's port");
        Answer::new(307).header("location", format!("http://127.0.0.1:{port}/back"))
    });
    let target = stranger.url("/away");
    let registry = closed(move |_, asked| {
        let location = target.clone();
        asked
            .path()
            .contains("/manifests/")
            .then(|| Answer::new(307).header("location", location))
    });
    registry_port.set(registry.port).expect("once");
    let directory = Directory::new("secrets");
    let reference = format!("docker://{}/fruit:1", registry.host());
    end(&mut logged_in(
        &directory,
        &registry,
        &["verify", &reference],
    ))
    .exit(2);
    let asked = registry.asked();
    let back: Vec<&Asked> = asked
        .iter()
        .filter(|asked| asked.path() == "/back")
        .collect();
    assert!(!back.is_empty());
    for asked in back {
        assert_eq!(asked.header("authorization"), None, "{asked:?}");
    }
    learned_nothing(&stranger.asked());
}

#[test]
fn a_realm_of_another_name_gets_no_password() {
    let stranger = Server::start(|_| Answer::new(200).body(r#"{"token":"anonymous"}"#));
    let realm = format!("http://localhost:{}/token", stranger.port);
    let registry = Server::start(move |_| {
        let challenge = format!("Bearer realm=\"{realm}\",service=\"s\"");
        Answer::new(401).header("www-authenticate", challenge)
    });
    let directory = Directory::new("secrets");
    let reference = format!("docker://{}/fruit:1", registry.host());
    let ended = end(&mut logged_in(
        &directory,
        &registry,
        &["verify", &reference],
    ))
    .exit(2);
    assert!(
        ended
            .errors()
            .contains("credentials were not sent to localhost"),
        "{ended}"
    );
    assert_eq!(stranger.asked().len(), 1, "asked as nobody");
    learned_nothing(&stranger.asked());
}

#[test]
fn realms_outside_of_http_are_not_asked() {
    for realm in [
        "file:///etc/passwd",
        "ftp://127.0.0.1/token",
        "javascript:alert(1)",
        "data:application/json,{}",
        "/token",
    ] {
        let registry = Server::start(move |_| {
            let challenge = format!("Bearer realm=\"{realm}\"");
            Answer::new(401).header("www-authenticate", challenge)
        });
        let directory = Directory::new("secrets");
        let reference = format!("docker://{}/fruit:1", registry.host());
        let ended = end(&mut logged_in(
            &directory,
            &registry,
            &["verify", &reference],
        ))
        .exit(2);
        assert!(ended.errors().contains("token realm"), "{realm}: {ended}");
        assert_eq!(registry.asked().len(), 1, "{realm}");
        learned_nothing(&registry.asked());
    }
}

#[test]
fn urls_of_a_foreign_layer_are_not_asked_at_all() {
    let stranger = stranger();
    let url = stranger.url("/layer");
    let image = image().with_manifest(|manifest| {
        let layer = &mut manifest["layers"][1];
        layer["mediaType"] = json!("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
        layer["urls"] = json!([url]);
    });
    let honest = Honest { image };
    let registry = honest.unless(|_, asked, _| match asked.header("authorization") {
        Some(given) if given == basic() => None,
        _ => Some(Answer::new(401).header("www-authenticate", "Basic realm=\"here\"")),
    });
    let directory = Directory::new("secrets");
    let reference = format!("docker://{}/fruit:1", registry.host());
    let ended = end(&mut logged_in(
        &directory,
        &registry,
        &["verify", &reference],
    ));
    assert_ne!(ended.code, Some(0), "{ended}");
    assert_eq!(stranger.asked(), []);
}

#[test]
fn a_next_page_at_another_port_is_not_asked_for() {
    let stranger = stranger();
    let link = format!(
        "<{}>; rel=\"next\"",
        stranger.url("/v2/fruit/tags/list?last=a")
    );
    let registry = closed(move |_, asked| {
        let link = link.clone();
        asked.path().contains("/tags/").then(|| {
            Answer::new(200)
                .header("link", link)
                .body(r#"{"tags":["a"]}"#)
        })
    });
    let directory = Directory::new("secrets");
    let reference = format!("docker://{}/fruit", registry.host());
    let ended = end(&mut logged_in(&directory, &registry, &["tags", &reference]));
    assert_eq!(ended.text(), "a\n");
    assert!(ended.errors().contains("not complete"), "{ended}");
    assert_eq!(stranger.asked(), []);
}

#[test]
fn nothing_but_reading_is_ever_asked_of_a_registry() {
    let registry = closed(|_, _| None);
    let directory = Directory::new("secrets");
    let reference = format!("docker://{}/fruit:1", registry.host());
    end(&mut logged_in(
        &directory,
        &registry,
        &["verify", &reference],
    ))
    .exit(0);
    end(&mut logged_in(
        &directory,
        &registry,
        &["cat", &reference, "/top"],
    ))
    .exit(0);
    for asked in registry.asked() {
        // Not even HEAD, whose answers some registries get wrong.
        assert_eq!(asked.method, "GET", "{asked:?}");
    }
}

#[test]
fn what_a_registry_says_back_is_not_repeated_with_its_secrets() {
    let registry = Honest::new().unless(|_, asked, _| {
        let location = "https://user:hunter2@storage.invalid/x?X-Amz-Signature=s3cret";
        asked
            .path()
            .contains("/manifests/")
            .then(|| Answer::new(302).header("location", location))
    });
    let ended = end(&mut layerscope([
        "inspect",
        &format!("docker://{}/fruit:1", registry.host()),
    ]))
    .exit(2);
    let said = format!("{}{}", ended.text(), ended.errors());
    assert!(said.contains("storage.invalid"), "{ended}");
    for secret in ["hunter2", "s3cret"] {
        assert!(!said.contains(secret), "{ended}");
    }
}

#[test]
fn a_gateway_sends_a_password_to_no_other_port() {
    let hex = "0".repeat(64);
    let stranger = stranger();
    let other = format!("localhost:{}", stranger.port);
    let (redirect, next) = (stranger.url("/taken"), stranger.url("/v2/a/tags/list?n=1"));
    let realm = format!("http://{other}/token");
    let registry =
        Server::start(
            move |asked| match (asked.path(), asked.header("authorization")) {
                (path, _) if path.starts_with("/v2/token/") => {
                    Answer::new(401).header("www-authenticate", format!("Bearer realm=\"{realm}\""))
                }
                (_, Some(given)) if given != basic() => Answer::new(403),
                (_, None) => Answer::new(401).header("www-authenticate", "Basic realm=\"here\""),
                (path, _) if path.ends_with("/tags/list") => Answer::new(200)
                    .header("link", format!("<{next}>; rel=\"next\""))
                    .body("{\"tags\":[]}"),
                _ => Answer::new(307).header("location", redirect.clone()),
            },
        );
    let directory = Directory::new("secrets");
    let mut command = logged_in(&directory, &registry, &["serve", "--no-open"]);
    for host in [&registry.host(), &stranger.host(), &other] {
        command.args(["--allow-registry", host]);
    }
    let visitor = Visitor::start(&mut command);
    for (path, status, name) in [
        ("a/manifests/1", 401, "denied"),
        (&*format!("a/blobs/sha256:{hex}"), 401, "denied"),
        ("a/tags/list", 403, "link-refused"),
        ("token/manifests/1", 403, "realm-refused"),
    ] {
        let got = visitor.get(&format!("/registry/{}/v2/{path}", registry.host()));
        assert_eq!(got.refusal(status), name, "{path}");
        let said = format!("{:?}{}", got.headers, String::from_utf8_lossy(&got.body));
        assert!(!said.contains(WORD) && !said.contains(&basic()), "{said}");
    }
    assert_eq!(stranger.asked().len(), 2, "the two redirects, as nobody");
    learned_nothing(&stranger.asked());
}
