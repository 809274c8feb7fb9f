//! Who may ask: only the page that this run has opened.

use crate::browser::{Served, config, serve};

/// A request for a SOURCE that is not there, with these header lines in the place of the page's own.
fn with(served: &Served, lines: &str) -> (u16, String) {
    let answer = served.raw(&format!("GET /source/file HTTP/1.1\r\n{lines}\r\n"));
    let name = answer.json()["error"]["name"].as_str().map(str::to_owned);
    (
        answer.status,
        name.expect("an error, because there is no SOURCE"),
    )
}

#[test]
fn only_the_server_s_own_names_are_hosts() {
    let served = serve(config());
    let (port, secret) = (served.port, &served.secret);
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let lines = format!("Host: {host}:{port}\r\nx-layerscope-secret: {secret}\r\n");
        assert_eq!(with(&served, &lines), (404, "no-source".into()), "{host}");
    }
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("evil.example@127.0.0.1:{port}"),
        format!("127.0.0.1:{port}, evil.example"),
        format!("127.0.0.1:{}", port ^ 1),
        format!("127.0.0.1:0{port}"),
        format!("LOCALHOST:{port}"),
        format!("localhost.:{port}"),
        "127.0.0.1".to_owned(),
        String::new(),
    ] {
        let lines = format!("Host: {host}\r\nx-layerscope-secret: {secret}\r\n");
        assert_eq!(
            with(&served, &lines),
            (403, "foreign-host".into()),
            "{host}"
        );
        // The page itself is for nobody else, either.
        let page = served.raw(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(page.error(403), "foreign-host", "{host}");
    }
    let twice = format!(
        "Host: 127.0.0.1:{port}\r\nHost: evil.example\r\nx-layerscope-secret: {secret}\r\n"
    );
    assert_eq!(with(&served, &twice), (403, "foreign-host".into()));
    let none = format!("x-layerscope-secret: {secret}\r\n");
    assert_eq!(with(&served, &none), (403, "foreign-host".into()));
    let absolute = served.raw(&format!(
        "GET http://evil.example/source/file HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nx-layerscope-secret: {secret}\r\n\r\n"
    ));
    assert_eq!(absolute.error(403), "foreign-host");
}

#[test]
fn a_foreign_origin_is_refused() {
    let served = serve(config());
    let port = served.port;
    for (origin, name) in [
        (format!("http://127.0.0.1:{port}"), "no-source"),
        ("http://evil.example".to_owned(), "foreign-origin"),
        (format!("https://127.0.0.1:{port}"), "foreign-origin"),
        (format!("http://127.0.0.1:{}", port ^ 1), "foreign-origin"),
        (format!("http://localhost:{port}"), "foreign-origin"),
        (
            format!("http://127.0.0.1:{port}.evil.example"),
            "foreign-origin",
        ),
        ("null".to_owned(), "foreign-origin"),
        (String::new(), "foreign-origin"),
    ] {
        let answer = served.ask("GET", "/source/file", &format!("Origin: {origin}\r\n"));
        assert_eq!(answer.json()["error"]["name"], name, "{origin}");
    }
    let twice = format!("Origin: http://127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n");
    assert_eq!(
        served.ask("GET", "/source/file", &twice).error(403),
        "foreign-origin"
    );
}

#[test]
fn a_request_that_another_site_made_is_refused() {
    let served = serve(config());
    for (site, name) in [
        ("same-origin", "no-source"),
        ("none", "no-source"),
        ("same-site", "cross-site"),
        ("cross-site", "cross-site"),
        ("", "cross-site"),
    ] {
        let answer = served.ask(
            "GET",
            "/source/file",
            &format!("Sec-Fetch-Site: {site}\r\n"),
        );
        assert_eq!(answer.json()["error"]["name"], name, "{site}");
    }
    let page = served.ask("GET", "/", "Sec-Fetch-Site: cross-site\r\n");
    assert_eq!(page.error(403), "cross-site");
}

#[test]
fn everything_but_the_page_needs_the_secret() {
    let served = serve(config());
    let (port, secret) = (served.port, &served.secret);
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let half = &secret[1..];
    for lines in [
        host.clone(),
        format!("{host}x-layerscope-secret: \r\n"),
        format!("{host}x-layerscope-secret: {half}\r\n"),
        format!("{host}x-layerscope-secret: {secret}0\r\n"),
        format!("{host}x-layerscope-secret: {secret}\r\nx-layerscope-secret: {secret}\r\n"),
        format!("{host}authorization: {secret}\r\n"),
    ] {
        for path in [
            "/source/info",
            "/source/file",
            "/source/layout/index.json",
            "/registry/ghcr.io/v2/",
            "/registry/ghcr.io/v2/a/../b/manifests/x",
            "/registry/",
        ] {
            let answer = served.raw(&format!("GET {path} HTTP/1.1\r\n{lines}\r\n"));
            assert_eq!(answer.error(403), "secret-missing", "{path}");
            assert!(!String::from_utf8_lossy(&answer.body).contains(secret.as_str()));
        }
    }
    let in_query = served.raw(&format!(
        "GET /source/info?secret={secret} HTTP/1.1\r\n{host}\r\n"
    ));
    assert_eq!(in_query.error(403), "secret-missing");
    let page = served.raw(&format!("GET / HTTP/1.1\r\n{host}\r\n"));
    assert_eq!(page.status, 200);
}

#[test]
fn only_reading_is_a_method() {
    let served = serve(config());
    for method in [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get",
    ] {
        for path in ["/", "/source/file", "/registry/ghcr.io/v2/a/manifests/x"] {
            let answer = served.ask(method, path, "");
            assert_eq!(answer.error(405), "method-refused", "{method} {path}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
            assert!(
                answer
                    .headers
                    .iter()
                    .all(|(name, _)| !name.starts_with("access-control"))
            );
        }
    }
    assert_eq!(served.ask("GET", "/", "Content-Length: 0\r\n").status, 200);
    let body = served.ask("GET", "/", "Content-Length: 1\r\n\r\nx");
    assert_eq!(body.error(400), "body-refused");
    let chunks = served.ask("GET", "/", "Transfer-Encoding: chunked\r\n\r\n0\r\n");
    assert_eq!(chunks.error(400), "body-refused");
}

#[test]
fn every_answer_is_inert() {
    let served = serve(config());
    for path in [
        "/",
        "/absent",
        "/source/info",
        "/registry/ghcr.io/v2/",
        "/a/../b",
    ] {
        let answer = served.get(path);
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{path}"
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some("same-origin"),
            "{path}"
        );
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'"), "{path}");
        assert!(
            answer
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with("access-control"))
        );
    }
}

#[test]
fn only_loopback_is_listened_at() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "127.0.0.2:0"] {
        let mut config = config();
        config.listen = address.parse().expect("an address");
        let error = layerscope_gateway::bind(config).expect_err(address);
        assert_eq!(error.name(), "not-loopback");
    }
}

#[test]
fn each_run_has_a_secret_of_its_own() {
    let (one, other) = (serve(config()), serve(config()));
    assert_ne!(one.secret, other.secret);
    assert_eq!(one.secret.len(), 64);
    let server = layerscope_gateway::bind(config()).expect("a server");
    let fragment = format!("http://{}/#secret=", server.address());
    assert!(server.url().starts_with(&fragment));
}
