//! Who gets to see a credential or a token.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use layerscope_gateway::{Config, Credentials};

use crate::browser::{granting, serve};
use crate::registry::{Asked, Registry, Reply, redirect, reply};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// `user:word`, as Basic sends it.
const BASIC: &str = "Basic dXNlcjp3b3Jk";

fn with_credentials(hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Config {
    let mut config = granting(hosts);
    config.credentials = Arc::new(|_| {
        Some(Credentials::Basic {
            user: "user".to_owned(),
            password: "word".to_owned(),
        })
    });
    config
}

fn challenge(realm: &str) -> Reply {
    let challenge =
        format!("Bearer realm=\"{realm}\",service=\"s\",scope=\"repository:other:push\"");
    reply(401, &[("www-authenticate", &challenge)], b"{}")
}

/// A registry whose tokens come from `realm`, and whose blobs are elsewhere.
fn bearer(realm: String, blobs: Option<String>) -> Registry {
    Registry::plain(move |asked| match (asked.header("authorization"), &blobs) {
        (Some("Bearer good"), Some(blobs)) if asked.target.contains("/blobs/") => redirect(blobs),
        (Some("Bearer good"), _) => reply(200, &[], b"{}"),
        _ => challenge(&realm),
    })
}

fn token(asked: &Asked) -> Reply {
    match asked.target.starts_with("/token") {
        true => reply(
            200,
            &[("content-type", "application/json")],
            br#"{"token":"good"}"#,
        ),
        false => reply(404, &[], b""),
    }
}

#[test]
fn a_token_is_got_used_and_kept_from_the_page() {
    let realm = Registry::plain(token);
    let registry = bearer(realm.url("/token"), None);
    let hosts = [registry.host(), realm.host()];
    let mut config = with_credentials(&hosts);
    config.realms = BTreeMap::from([(hosts[0].clone(), vec![hosts[1].clone()])]);
    let served = serve(config);
    let path = format!("/registry/{}/v2/a/b/manifests/1", hosts[0]);
    let answer = served.get(&path);
    assert_eq!(answer.status, 200);
    assert!(!format!("{answer:?}").contains("good"));

    let asked = realm.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("authorization"), Some(BASIC));
    // The scope is the gateway's own, whatever the registry suggests.
    assert_eq!(
        asked[0].target,
        "/token?service=s&scope=repository%3Aa%2Fb%3Apull"
    );
    let sent: Vec<Option<String>> = registry
        .asked()
        .iter()
        .map(|asked| asked.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(sent, [None, Some("Bearer good".to_owned())]);

    // The next request knows the token; another repository needs one of its own.
    assert_eq!(served.get(&path).status, 200);
    assert_eq!((registry.asked().len(), realm.asked().len()), (3, 1));
    let other = served.get(&format!("/registry/{}/v2/c/manifests/1", hosts[0]));
    assert_eq!(other.status, 200);
    assert_eq!(
        realm.asked()[1].target,
        "/token?service=s&scope=repository%3Ac%3Apull"
    );
}

#[test]
fn what_a_page_asks_for_is_no_business_of_the_realm() {
    let realm = Registry::plain(token);
    let registry = bearer(realm.url("/token"), None);
    let hosts = [registry.host(), realm.host()];
    let mut config = granting(&hosts);
    config.realms = BTreeMap::from([(hosts[0].clone(), vec![hosts[1].clone()])]);
    let served = serve(config);
    let head = served.ask(
        "HEAD",
        &format!("/registry/{}/v2/a/manifests/1", hosts[0]),
        "Accept: a/b\r\nIf-None-Match: \"e\"\r\nRange: bytes=0-1\r\n",
    );
    assert_eq!(head.status, 200);
    assert_eq!(realm.asked()[0].method, "GET");
    assert_eq!(realm.asked()[0].header("accept"), Some("application/json"));
    for name in ["authorization", "if-none-match", "range"] {
        assert_eq!(realm.asked()[0].header(name), None, "{name}");
    }
    let asked = registry.asked();
    for (name, value) in [
        ("accept", "a/b"),
        ("if-none-match", "\"e\""),
        ("range", "bytes=0-1"),
    ] {
        assert!(
            asked.iter().all(|asked| asked.header(name) == Some(value)),
            "{name}"
        );
    }
}

#[test]
fn a_realm_at_the_registry_s_own_address_is_still_a_realm() {
    let registry = Registry::plain(|asked| match asked.header("authorization") {
        _ if asked.target.starts_with("/v2/auth") => match asked.method.as_str() {
            "GET" => reply(200, &[], br#"{"token":"good"}"#),
            _ => reply(405, &[], b""),
        },
        Some("Bearer good") => reply(200, &[], b"{}"),
        _ => challenge(&format!(
            "http://{}/v2/auth",
            asked.header("host").unwrap_or_default()
        )),
    });
    let served = serve(with_credentials([registry.host()]));
    let path = format!("/registry/{}/v2/a/manifests/1", registry.host());
    let head = served.ask("HEAD", &path, "Accept: a/b\r\nIf-None-Match: \"e\"\r\n");
    assert_eq!(head.status, 200);
    let asked = registry.asked();
    let token: Vec<&Asked> = asked
        .iter()
        .filter(|asked| asked.target.starts_with("/v2/auth"))
        .collect();
    assert_eq!(token.len(), 1);
    assert_eq!(token[0].header("authorization"), Some(BASIC));
    assert_eq!(token[0].header("accept"), Some("application/json"));
    assert_eq!(token[0].header("if-none-match"), None);
}

#[test]
fn a_realm_that_nobody_listed_is_not_asked_at_all() {
    let realm = Registry::plain(token);
    let registry = bearer(format!("http://localhost:{}/token", realm.port), None);
    // It is even a granted host, but no realm of this registry.
    let hosts = [registry.host(), format!("localhost:{}", realm.port)];
    let served = serve(with_credentials(&hosts));
    let answer = served.get(&format!("/registry/{}/v2/a/manifests/1", hosts[0]));
    let error = answer.json()["error"].clone();
    assert_eq!(answer.error(403), "realm-refused");
    assert_eq!(error["host"], hosts[0]);
    assert_eq!(error["realm"], hosts[1]);
    assert!(realm.asked().is_empty());
}

#[test]
fn a_realm_at_a_private_address_must_be_granted_too() {
    let realm = Registry::plain(token);
    let registry = bearer(realm.url("/token"), None);
    let mut config = with_credentials([registry.host()]);
    config.realms = BTreeMap::from([(registry.host(), vec![realm.host()])]);
    config.insecure = vec![realm.host()];
    let served = serve(config);
    let answer = served.get(&format!("/registry/{}/v2/a/manifests/1", registry.host()));
    assert_eq!(answer.error(403), "address-refused");
    assert!(realm.asked().is_empty());
}

#[test]
fn a_realm_of_another_scheme_is_refused() {
    for realm in [
        "file:///etc/passwd",
        "ftp://a.example/",
        "javascript:alert(1)",
    ] {
        let registry = bearer(realm.to_owned(), None);
        let served = serve(with_credentials([registry.host()]));
        let answer = served.get(&format!("/registry/{}/v2/a/manifests/1", registry.host()));
        assert_eq!(answer.error(403), "realm-refused", "{realm}");
    }
}

#[test]
fn authorization_never_follows_a_redirect_to_another_host() {
    let storage = Registry::plain(|_| reply(200, &[], b"01234"));
    let realm = Registry::plain(token);
    let registry = bearer(realm.url("/token"), Some(storage.url("/blob?sig=x")));
    let hosts = [registry.host(), realm.host(), storage.host()];
    let mut config = with_credentials(&hosts);
    config.realms = BTreeMap::from([(hosts[0].clone(), vec![hosts[1].clone()])]);
    let served = serve(config);
    let path = format!("/registry/{}/v2/a/blobs/sha256:{HEX}", hosts[0]);
    // Once with a token that is new, and once with one that is known.
    for _ in 0..2 {
        let blob = served.ask("GET", &path, "Authorization: Bearer page\r\n");
        assert_eq!((blob.status, blob.body.as_slice()), (200, &b"01234"[..]));
    }
    let asked = storage.asked();
    assert_eq!(asked.len(), 2);
    for asked in asked {
        assert_eq!(asked.header("authorization"), None);
        assert!(!format!("{asked:?}").contains("good"));
    }
    for asked in registry.asked() {
        assert_ne!(asked.header("authorization"), Some("Bearer page"));
    }
}

#[test]
fn basic_credentials_go_to_the_registry_that_asks_for_them_and_no_further() {
    let storage = Registry::plain(|_| reply(200, &[], b"01234"));
    let blob = storage.url("/blob");
    let registry = Registry::plain(move |asked| match asked.header("authorization") {
        Some(BASIC) if asked.target.contains("/blobs/") => redirect(&blob),
        Some(BASIC) => reply(200, &[], b"{}"),
        _ => reply(401, &[("www-authenticate", "Basic realm=\"r\"")], b""),
    });
    let hosts = [registry.host(), storage.host()];
    let served = serve(with_credentials(&hosts));
    let blob = served.get(&format!("/registry/{}/v2/a/blobs/sha256:{HEX}", hosts[0]));
    assert_eq!(blob.body, b"01234");
    assert_eq!(storage.asked()[0].header("authorization"), None);

    // Without credentials the page gets the status, and nothing that a browser would ask a password for.
    let anonymous = serve(granting(&hosts));
    let denied = anonymous.get(&format!("/registry/{}/v2/a/manifests/1", hosts[0]));
    assert_eq!(denied.header("www-authenticate"), None);
    assert_eq!(denied.error(401), "denied");
}

#[test]
fn an_identity_token_is_posted_to_the_realm_and_nowhere_else() {
    let realm = Registry::plain(|asked| {
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        match asked.method == "POST" && body.contains("refresh_token=refresh") {
            true => reply(200, &[], br#"{"access_token":"good"}"#),
            false => reply(401, &[], b""),
        }
    });
    let registry = bearer(realm.url("/token"), None);
    let hosts = [registry.host(), realm.host()];
    let mut config = granting(&hosts);
    config.realms = BTreeMap::from([(hosts[0].clone(), vec![hosts[1].clone()])]);
    config.credentials = Arc::new(|_| Some(Credentials::IdentityToken("refresh".to_owned())));
    let served = serve(config);
    let answer = served.get(&format!("/registry/{}/v2/a/manifests/1", hosts[0]));
    assert_eq!(answer.status, 200);
    assert_eq!(realm.asked()[0].header("authorization"), None);
    for asked in registry.asked() {
        assert!(!format!("{asked:?}").contains("refresh"));
    }
}

#[test]
fn after_a_refusal_the_credentials_are_looked_up_again() {
    let registry = Registry::plain(|asked| match asked.header("authorization") {
        Some(BASIC) => reply(200, &[], b"{}"),
        _ => reply(401, &[("www-authenticate", "Basic realm=\"r\"")], b""),
    });
    let mut config = granting([registry.host()]);
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    config.credentials = Arc::new(move |_| {
        // A person logs in between the first try and the second.
        (counted.fetch_add(1, Ordering::SeqCst) > 0).then(|| Credentials::Basic {
            user: "user".to_owned(),
            password: "word".to_owned(),
        })
    });
    let served = serve(config);
    let path = format!("/registry/{}/v2/a/manifests/1", registry.host());
    assert_eq!(served.get(&path).error(401), "denied");
    assert_eq!(served.get(&path).status, 200);
    assert_eq!(served.get(&path).status, 200);
    assert_eq!(lookups.load(Ordering::SeqCst), 2);
}

#[test]
fn credentials_that_have_changed_are_not_held_on_to() {
    let registry = Registry::plain(|asked| {
        // The first password is good for one request.
        let number = asked.target.rsplit('n').next().unwrap_or_default();
        match (asked.header("authorization"), number) {
            (Some(BASIC), "1") => reply(200, &[], b"{}"),
            (Some("Basic dXNlcjpuZXc="), _) => reply(200, &[], b"{}"),
            _ => reply(401, &[("www-authenticate", "Basic realm=\"r\"")], b""),
        }
    });
    let mut config = granting([registry.host()]);
    let lookups = AtomicUsize::new(0);
    config.credentials = Arc::new(move |_| {
        let passwords = ["word", "new"];
        Some(Credentials::Basic {
            user: "user".to_owned(),
            password: passwords[lookups.fetch_add(1, Ordering::SeqCst)].to_owned(),
        })
    });
    let served = serve(config);
    let get = |tag: &str| {
        served.get(&format!(
            "/registry/{}/v2/a/manifests/{tag}",
            registry.host()
        ))
    };
    assert_eq!(get("n1").status, 200);
    assert_eq!(get("n2").error(401), "denied");
    assert_eq!(get("n3").status, 200);
}

#[test]
fn credentials_are_looked_up_by_the_name_in_references() {
    let registry = Registry::plain(|_| reply(200, &[], b"{}"));
    let asked_for = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = Arc::clone(&asked_for);
    let mut config = granting([registry.host()]);
    config.mirrors = BTreeMap::from([("docker.io".to_owned(), registry.url(""))]);
    config.credentials = Arc::new(move |host| {
        log.lock().expect("the log").push(host.to_owned());
        None
    });
    let served = serve(config);
    served.get(&format!("/registry/{}/v2/a/manifests/1", registry.host()));
    served.get("/registry/registry-1.docker.io/v2/library/a/manifests/1");
    // A mirror is another host, and must not see what is Docker Hub's.
    let hosts = [registry.host(), registry.host()];
    assert_eq!(*asked_for.lock().expect("the log"), hosts);
}
