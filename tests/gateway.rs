//! `layerscope serve`, spoken to as a page does and as no page should: what it refuses, what it brings from a real
//! registry behind each kind of door, and what it keeps to itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{
    Answer, Archive, Directory, Door, Got, Realm, Registry, Server, Visitor, digest, fixture,
    layerscope,
};
use serde_json::{Value, json};

fn serve(words: &[&str]) -> Visitor {
    Visitor::start(layerscope(["serve", "--no-open"]).args(words))
}

#[test]
fn the_first_line_is_the_address() {
    let plain = serve(&[]);
    assert_eq!(plain.secret.len(), 64);
    assert!(plain.secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(plain.url.ends_with("&open=sample"), "{}", plain.url);
    let other = serve(&["localhost:5000/a/b:1"]);
    let info: Value = serde_json::from_slice(&other.get("/source/info").body).unwrap();
    assert_eq!(info["kind"], "reference");
    assert_eq!(info["name"], "localhost:5000/a/b:1");
    assert_ne!((plain.port, &plain.secret), (other.port, &other.secret));
    // The page comes without the secret, which stands behind the `#`; everything else needs it.
    let host = format!("Host: 127.0.0.1:{}\r\n", plain.port);
    let page = plain.raw(&format!("GET / HTTP/1.1\r\n{host}\r\n"));
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
    assert!(!String::from_utf8_lossy(&page.body).contains(&plain.secret));
}

#[test]
fn strangers_are_refused() {
    let visitor = serve(&[fixture("oci-gzip.tar").to_str().unwrap()]);
    let (port, secret) = (visitor.port, &visitor.secret);
    let own = format!("Host: 127.0.0.1:{port}\r\n");
    let known = format!("x-layerscope-secret: {secret}\r\n");
    let path = "/registry/ghcr.io/v2/a/manifests/x";
    for (request, status, name) in [
        // A name that was bound to loopback after it was looked up.
        (
            format!("GET /source/info HTTP/1.1\r\nHost: evil.example:{port}\r\n{known}"),
            403,
            "foreign-host",
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: evil.example:{port}\r\n"),
            403,
            "foreign-host",
        ),
        (
            format!("GET /source/info HTTP/1.1\r\nHost: 127.0.0.1\r\n{known}"),
            403,
            "foreign-host",
        ),
        (
            format!("GET /source/info HTTP/1.1\r\n{own}{known}Origin: http://evil.example\r\n"),
            403,
            "foreign-origin",
        ),
        (
            format!("GET /source/info HTTP/1.1\r\n{own}{known}Sec-Fetch-Site: cross-site\r\n"),
            403,
            "cross-site",
        ),
        (
            format!("GET /source/info HTTP/1.1\r\n{own}"),
            403,
            "secret-missing",
        ),
        (
            format!(
                "GET /source/file HTTP/1.1\r\n{own}x-layerscope-secret: {}\r\n",
                "0".repeat(64)
            ),
            403,
            "secret-missing",
        ),
        (
            format!("GET {path} HTTP/1.1\r\n{own}"),
            403,
            "secret-missing",
        ),
        (
            format!("GET /source/info?secret={secret} HTTP/1.1\r\n{own}"),
            403,
            "secret-missing",
        ),
        (
            format!("POST {path} HTTP/1.1\r\n{own}{known}Content-Length: 0\r\n"),
            405,
            "method-refused",
        ),
        (
            format!("DELETE {path} HTTP/1.1\r\n{own}{known}"),
            405,
            "method-refused",
        ),
        (
            format!("OPTIONS {path} HTTP/1.1\r\n{own}{known}"),
            405,
            "method-refused",
        ),
        (
            format!("GET {path} HTTP/1.1\r\n{own}{known}Content-Length: 1\r\n"),
            400,
            "body-refused",
        ),
    ] {
        let got = visitor.raw(&format!("{request}\r\n"));
        assert_eq!(got.refusal(status), name, "{request}");
        assert!(
            got.headers
                .iter()
                .all(|(name, _)| !name.starts_with("access-control")),
            "{got:?}"
        );
    }
    assert_eq!(visitor.get("/source/info").status, 200);
}

#[test]
fn only_the_shapes_of_the_registry_api_are_paths() {
    let visitor = serve(&[]);
    let hex = "0".repeat(64);
    for path in [
        "/registry/ghcr.io/",
        "/registry/ghcr.io/v1/search",
        "/registry/ghcr.io/v2/_catalog",
        "/registry/ghcr.io/v2/a/blobs/uploads/",
        "/registry/ghcr.io/v2/a/blobs/sha256:00",
        "/registry/ghcr.io/v2/a/../../b/manifests/1",
        "/registry/ghcr.io/v2/a%2f..%2fb/manifests/1",
        "/registry/ghcr.io/v2/A/manifests/1",
        "/registry/ghcr.io/v2//manifests/1",
        "/registry/user@ghcr.io/v2/a/manifests/1",
        "/registry/ghcr.io%00/v2/a/manifests/1",
        &format!("/registry/ghcr.io/v2/a/blobs/sha256:{hex}/more"),
    ] {
        assert_eq!(visitor.get(path).refusal(400), "path-refused", "{path}");
    }
    let queried = visitor.get("/registry/ghcr.io/v2/a/tags/list?url=http://evil.example");
    assert_eq!(queried.refusal(400), "query-refused");
}

#[test]
fn only_allowed_hosts_are_asked() {
    let private = Server::start(|_| Answer::new(200).body("{}"));
    let path = |host: &str| format!("/registry/{host}/v2/a/manifests/1");
    let visitor = serve(&[]);
    for host in [
        &private.host(),
        "evil.example",
        "ghcr.io.evil.example",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]:5000",
    ] {
        let got = visitor.get(&path(host));
        let error = got.error();
        assert_eq!(got.refusal(403), "host-not-allowed", "{host}");
        let command = error["allowCommand"].as_str().expect("a command");
        let shown = if host.starts_with('[') {
            format!("'{host}'")
        } else {
            host.to_owned()
        };
        assert_eq!(
            command,
            format!("layerscope serve --allow-registry {shown}")
        );
    }

    // A login names a host, but grants no private address, neither by number nor by a name.
    let directory = Directory::new("gateway");
    let named = format!("localhost:{}", private.port);
    let login =
        json!({ "auths": { &named: { "auth": STANDARD.encode("u:p") }, private.host(): {} } });
    directory.write("config.json", login.to_string());
    let mut command = layerscope(["serve", "--no-open"]);
    let visitor = Visitor::start(command.env("DOCKER_CONFIG", directory.path()));
    for host in [&named, &private.host()] {
        let got = visitor.get(&path(host));
        assert_eq!(got.refusal(403), "address-refused", "{host}");
    }
    assert_eq!(private.asked(), []);

    let granted = serve(&["--allow-registry", &private.host()]);
    assert_eq!(granted.get(&path(&private.host())).status, 200);
    assert_eq!(granted.get(&path(&named)).refusal(403), "host-not-allowed");
}

#[test]
fn a_redirect_is_checked_like_a_first_request() {
    let hex = "0".repeat(64);
    let internal = Server::start(|_| Answer::new(200).body("internal"));
    for (target, name) in [
        (internal.url("/metadata"), "plain-http"),
        (
            format!("https://{}/metadata", internal.host()),
            "address-refused",
        ),
        (
            "https://169.254.169.254/metadata".to_owned(),
            "address-refused",
        ),
        (
            "https://[::ffff:10.0.0.1]/metadata".to_owned(),
            "address-refused",
        ),
        ("file:///etc/passwd".to_owned(), "redirect-refused"),
    ] {
        let location = target.clone();
        let registry =
            Server::start(move |_| Answer::new(307).header("location", location.clone()));
        let visitor = serve(&["--allow-registry", &registry.host()]);
        let path = format!("/registry/{}/v2/a/blobs/sha256:{hex}", registry.host());
        assert_eq!(visitor.get(&path).refusal(403), name, "{target}");
    }
    assert_eq!(internal.asked(), []);

    // A storage that is granted, too, is asked, but not with the registry's password.
    let storage = Server::start(|_| {
        Answer::new(200)
            .header("set-cookie", "a=b")
            .body("the blob")
    });
    let target = storage.url("/signed?key=s3cret");
    let basic = format!("Basic {}", STANDARD.encode("user:word"));
    let registry = Server::start(move |asked| match asked.header("authorization") {
        Some(given) if given == basic => Answer::new(307).header("location", target.clone()),
        _ => Answer::new(401).header("www-authenticate", "Basic realm=\"here\""),
    });
    let directory = Directory::new("gateway");
    let login = json!({ "auths": { registry.host(): { "auth": STANDARD.encode("user:word") } } });
    directory.write("config.json", login.to_string());
    let mut command = layerscope(["serve", "--no-open"]);
    command.env("DOCKER_CONFIG", directory.path());
    command.args([
        "--allow-registry",
        &registry.host(),
        "--allow-registry",
        &storage.host(),
    ]);
    let visitor = Visitor::start(&mut command);
    let got = visitor.get(&format!(
        "/registry/{}/v2/a/blobs/sha256:{hex}",
        registry.host()
    ));
    assert_eq!((got.status, &got.body[..]), (200, &b"the blob"[..]));
    assert_eq!(storage.asked().len(), 1);
    assert_eq!(storage.asked()[0].header("authorization"), None);
    keeps_quiet(&got, &["s3cret", "word", &STANDARD.encode("user:word")]);
}

/// A gateway with what it needs to enter, and what must never come out of it.
fn gateway(registry: &Registry, directory: &Directory) -> (Visitor, Vec<String>) {
    let pair = format!("{}:{}", Registry::USER, Registry::PASSWORD);
    let encoded = STANDARD.encode(pair);
    let mut command = layerscope(["serve", "--no-open", "--allow-registry", &registry.host]);
    if !matches!(registry.door, Door::Open) {
        let login = json!({ "auths": { &registry.host: { "auth": &encoded } } });
        directory.write("docker/config.json", login.to_string());
        command.env("DOCKER_CONFIG", directory.join("docker"));
    }
    if let Door::Token(realm) = &registry.door {
        let realms = json!({ "realms": { &registry.host: [realm.host()] } });
        let config = directory.write("layerscope.json", realms.to_string());
        command.arg("--config").arg(config);
        command.args(["--allow-registry", &realm.host()]);
    }
    let quiet = vec![Registry::PASSWORD.to_owned(), encoded, "eyJ".to_owned()];
    (Visitor::start(&mut command), quiet)
}

/// Nothing in an answer leads to a credential.
fn keeps_quiet(got: &Got, secrets: &[impl AsRef<str>]) {
    for name in [
        "authorization",
        "www-authenticate",
        "set-cookie",
        "location",
        "cookie",
    ] {
        assert_eq!(got.header(name), None, "{name}");
    }
    let body = String::from_utf8_lossy(&got.body);
    let said = format!("{:?}{body}", got.headers);
    for secret in secrets {
        assert!(
            !said.contains(secret.as_ref()),
            "{} in {said}",
            secret.as_ref()
        );
    }
}

fn everything_passes(door: Door) {
    let registry = Registry::start(door);
    let file = fixture("oci-gzip.tar");
    registry.push(
        &format!("oci-archive:{}", file.display()),
        "fruit/nuts:1",
        &[],
    );
    let members = Archive::read(&fs::read(file).unwrap()).members;
    let blob = |digest: &str| {
        let hex = digest.strip_prefix("sha256:").expect("sha256");
        let member = members.iter().find(|member| member.name.ends_with(hex));
        member
            .unwrap_or_else(|| panic!("no {digest} in the archive"))
            .bytes
            .clone()
    };

    let directory = Directory::new("gateway");
    let (visitor, secrets) = gateway(&registry, &directory);
    let base = format!("/registry/{}/v2/fruit/nuts", registry.host);
    let get = |path: &str, lines: &str| {
        let got = visitor.ask("GET", &format!("{base}{path}"), lines);
        keeps_quiet(&got, &secrets);
        got
    };
    let manifest = get("/manifests/1", "");
    assert_eq!(
        manifest.status,
        200,
        "{}",
        String::from_utf8_lossy(&manifest.body)
    );
    let pinned = digest(&manifest.body);
    assert_eq!(manifest.body, blob(&pinned));
    assert_eq!(manifest.header("docker-content-digest"), Some(&*pinned));
    assert_eq!(get(&format!("/manifests/{pinned}"), "").body, manifest.body);
    let head = visitor.ask("HEAD", &format!("{base}/manifests/1"), "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(
        head.header("content-length"),
        Some(&*manifest.body.len().to_string())
    );

    let document: Value = serde_json::from_slice(&manifest.body).unwrap();
    let layer = document["layers"][0]["digest"].as_str().expect("a digest");
    let bytes = blob(layer);
    let whole = get(&format!("/blobs/{layer}"), "");
    assert_eq!((whole.status, &whole.body), (200, &bytes));
    assert!(
        whole
            .header("cache-control")
            .is_some_and(|value| value.contains("immutable"))
    );
    let part = get(&format!("/blobs/{layer}"), "Range: bytes=10-29\r\n");
    assert_eq!((part.status, &part.body[..]), (206, &bytes[10..30]));
    assert_eq!(
        part.header("content-range"),
        Some(&*format!("bytes 10-29/{}", bytes.len()))
    );
    let rest = get(&format!("/blobs/{layer}"), "Range: bytes=100-\r\n");
    assert_eq!((rest.status, &rest.body[..]), (206, &bytes[100..]));

    let tags: Value = serde_json::from_slice(&get("/tags/list", "").body).unwrap();
    assert_eq!(tags["tags"], json!(["1"]));
    assert_eq!(get("/manifests/none", "").status, 404);
    // What the page brings of its own does not go on.
    let own = get(
        "/manifests/1",
        "Authorization: Bearer mine\r\nCookie: a=b\r\nX-Forwarded-For: 10.0.0.1\r\n",
    );
    assert_eq!(own.body, manifest.body);
    if let Door::Token(realm) = &registry.door {
        let asked = realm.asked();
        assert!(
            asked.iter().all(|asked| asked.header("cookie").is_none()),
            "{asked:?}"
        );
    }
}

#[test]
fn a_page_reads_through_an_open_door() {
    everything_passes(Door::Open);
}

#[test]
fn a_page_reads_with_a_password() {
    everything_passes(Door::Password);
}

#[test]
fn a_page_reads_with_a_token() {
    everything_passes(Door::Token(Realm::start()));
}

#[test]
fn an_archive_is_served_by_ranges() {
    let file = fixture("oci-zstd.tar");
    let bytes = fs::read(&file).unwrap();
    let visitor = serve(&[file.to_str().unwrap()]);
    let info: Value = serde_json::from_slice(&visitor.get("/source/info").body).unwrap();
    assert_eq!(info["name"], "oci-zstd.tar");
    assert_eq!(info["size"], bytes.len());
    assert_eq!(visitor.get("/source/file").body, bytes);
    let part = visitor.ask("GET", "/source/file", "Range: bytes=512-1023\r\n");
    assert_eq!((part.status, &part.body[..]), (206, &bytes[512..1024]));
    let beyond = format!("Range: bytes={}-\r\n", bytes.len());
    assert_eq!(
        visitor.ask("GET", "/source/file", &beyond).refusal(416),
        "range-not-satisfiable"
    );
}

#[test]
fn the_page_opens_the_image_that_the_source_names() {
    let layout = fixture("oci-layout");
    let source = format!("oci:{}:nuts", layout.display());
    assert!(serve(&[&source]).url.ends_with("&image=nuts"));
    let url = serve(&[&source, "--image", "fruit", "--platform", "linux/amd64"])
        .url
        .clone();
    assert!(url.ends_with("&image=fruit&platform=linux/amd64"), "{url}");
    let whole = serve(&[layout.to_str().unwrap()]).url.clone();
    assert!(!whole.contains('&'), "{whole}");
}

#[test]
fn a_layout_is_served_and_nothing_beside_it() {
    let directory = Directory::new("gateway");
    let index = fs::read(fixture("oci-layout/index.json")).unwrap();
    directory.write("layout/index.json", &index);
    directory.write("layout/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    directory.write("layout/manifest.json", "not a file of a layout");
    directory.write("outside", "outside");
    let hex = "0".repeat(64);
    let blobs = directory.join("layout/blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    std::os::unix::fs::symlink(directory.join("outside"), blobs.join(&hex)).unwrap();
    let visitor = serve(&[directory.join("layout").to_str().unwrap()]);
    assert_eq!(visitor.get("/source/layout/index.json").body, index);
    assert_eq!(
        visitor
            .get(&format!("/source/layout/blobs/sha256/{hex}"))
            .refusal(404),
        "source-file"
    );
    for path in [
        "manifest.json",
        "../outside",
        "%2e%2e/outside",
        "/etc/passwd",
        "blobs/sha256/../../index.json",
    ] {
        let got = visitor.get(&format!("/source/layout/{path}"));
        assert_eq!(got.refusal(400), "path-refused", "{path}");
    }
}
