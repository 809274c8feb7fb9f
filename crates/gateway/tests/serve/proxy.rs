//! What passes between the page and a registry when all is well.

use std::collections::BTreeMap;

use crate::browser::{config, granting, serve};
use crate::registry::{Registry, Reply, redirect, reply};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

#[test]
fn a_manifest_passes_with_the_fields_that_may() {
    let registry = Registry::plain(|_| {
        reply(
            200,
            &[
                ("content-type", INDEX),
                ("docker-content-digest", "sha256:00"),
                ("etag", "\"e\""),
                ("ratelimit-remaining", "99;w=21600"),
                ("set-cookie", "a=b"),
                ("www-authenticate", "Basic realm=\"x\""),
                ("access-control-allow-origin", "*"),
                ("content-security-policy", "script-src *"),
            ],
            b"{}",
        )
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let answer = served.ask(
        "GET",
        &format!("/registry/{host}/v2/a/b/manifests/1.0"),
        "Accept: application/json\r\nAuthorization: Bearer page\r\nCookie: c=d\r\nReferer: http://x/\r\n\
         Accept-Encoding: gzip\r\nX-Forwarded-For: 1.1.1.1\r\nProxy-Authorization: Basic x\r\n",
    );
    assert_eq!(
        (answer.status, answer.body.as_slice(), answer.is_whole),
        (200, &b"{}"[..], true)
    );
    for (name, value) in [
        ("content-type", Some(INDEX)),
        ("content-length", Some("2")),
        ("docker-content-digest", Some("sha256:00")),
        ("etag", Some("\"e\"")),
        ("ratelimit-remaining", Some("99;w=21600")),
        ("cache-control", Some("private, no-cache")),
        ("x-content-type-options", Some("nosniff")),
        (
            "content-security-policy",
            Some("sandbox; default-src 'none'"),
        ),
        ("cross-origin-resource-policy", Some("same-origin")),
        ("set-cookie", None),
        ("www-authenticate", None),
        ("access-control-allow-origin", None),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let asked = registry.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].method, "GET");
    assert_eq!(asked[0].target, "/v2/a/b/manifests/1.0");
    let mut sent: Vec<(&str, &str)> = asked[0]
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    sent.sort_unstable();
    let agent = format!("layerscope/{}", env!("CARGO_PKG_VERSION"));
    let expected = [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("host", host.as_str()),
        ("user-agent", agent.as_str()),
    ];
    assert_eq!(sent, expected);
}

#[test]
fn without_an_accept_of_its_own_all_kinds_of_manifest_are_asked_for() {
    let registry = Registry::plain(|_| reply(200, &[("content-type", INDEX)], b"{}"));
    let host = registry.host();
    let served = serve(granting([&host]));
    served.ask(
        "GET",
        &format!("/registry/{host}/v2/a/manifests/1"),
        "Accept: */*\r\n",
    );
    let asked = registry.asked();
    let accept = asked[0].header("accept").expect("an accept");
    for media_type in [
        INDEX,
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ] {
        assert!(accept.contains(media_type), "{media_type} in {accept}");
    }
}

#[test]
fn what_a_digest_names_is_kept_and_is_never_a_page() {
    let registry = Registry::plain(|_| {
        reply(
            200,
            &[("content-type", "text/html")],
            b"<script>alert(1)</script>",
        )
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    for path in [
        format!("blobs/sha256:{HEX}"),
        format!("manifests/sha256:{HEX}"),
    ] {
        let answer = served.get(&format!("/registry/{host}/v2/a/{path}"));
        assert_eq!(
            answer.header("content-type"),
            Some("application/octet-stream")
        );
        assert_eq!(
            answer.header("cache-control"),
            Some("private, max-age=31536000, immutable")
        );
        assert_eq!(
            answer.header("content-security-policy"),
            Some("sandbox; default-src 'none'")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn a_range_passes_and_so_does_what_comes_of_it() {
    let registry = Registry::plain(|asked| match asked.header("range") {
        Some("bytes=2-4") => reply(206, &[("content-range", "bytes 2-4/10")], b"234"),
        Some("bytes=7-") => reply(206, &[("content-range", "bytes 7-9/10")], b"789"),
        Some("bytes=3-5") => reply(200, &[], b"0123456789"),
        Some("bytes=4-6") => reply(206, &[("content-range", "bytes 0-2/10")], b"012"),
        Some("bytes=90-") => reply(416, &[("content-range", "bytes */10")], b""),
        _ => reply(206, &[("content-range", "bytes 0-4/10")], b"01234"),
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let blob = format!("/registry/{host}/v2/a/blobs/sha256:{HEX}");
    let part = |range: &str| served.ask("GET", &blob, &format!("Range: {range}\r\n"));

    let some = part("bytes=2-4");
    assert_eq!((some.status, some.body.as_slice()), (206, &b"234"[..]));
    assert_eq!(some.header("content-range"), Some("bytes 2-4/10"));
    let rest = part("bytes=7-");
    assert_eq!((rest.status, rest.body.as_slice()), (206, &b"789"[..]));
    // A registry may know no ranges. The page sees it by the status.
    let whole = part("bytes=3-5");
    assert_eq!(
        (
            whole.status,
            whole.body.len(),
            whole.header("content-range")
        ),
        (200, 10, None)
    );
    assert_eq!(part("bytes=4-6").error(424), "wrong-range");
    assert_eq!(part("bytes=90-").error(416), "http-status");
    assert_eq!(served.get(&blob).error(424), "wrong-range");
    for range in ["bytes=-5", "bytes=0-1,4-5"] {
        assert_eq!(part(range).error(400), "header-refused", "{range}");
    }
}

#[test]
fn what_the_page_has_is_not_sent_again() {
    let registry = Registry::plain(|asked| match asked.header("if-none-match") {
        Some("\"e\"") => reply(304, &[("etag", "\"e\"")], b""),
        _ => reply(200, &[("etag", "\"e\"")], b"{}"),
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let path = format!("/registry/{host}/v2/a/manifests/latest");
    let again = served.ask("GET", &path, "If-None-Match: \"e\"\r\n");
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some("\"e\""));
    assert_eq!(served.get(&path).status, 200);
}

#[test]
fn a_head_stays_one_and_has_the_fields_of_the_answer() {
    let registry =
        Registry::plain(|_| reply(200, &[("docker-content-digest", "sha256:00")], b"01234"));
    let host = registry.host();
    let served = serve(granting([&host]));
    let head = served.ask(
        "HEAD",
        &format!("/registry/{host}/v2/a/manifests/latest"),
        "",
    );
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("5"))
    );
    assert_eq!(head.header("docker-content-digest"), Some("sha256:00"));
    assert_eq!(registry.asked()[0].method, "HEAD");
}

#[test]
fn a_list_goes_on_at_the_gateway() {
    let registry = Registry::plain(|asked| match asked.target.as_str() {
        "/v2/a/tags/list?n=2" => reply(
            200,
            &[
                ("content-type", "application/json"),
                ("link", "</v2/a/tags/list?n=2&last=v1%2B>; rel=\"next\""),
            ],
            br#"{"tags":["v0","v1+"]}"#,
        ),
        "/v2/a/tags/list?n=2&last=v1%2B" => reply(200, &[], br#"{"tags":["v2"]}"#),
        "/v2/a/tags/list?n=1" => reply(
            200,
            &[(
                "link",
                "</v2/a/tags/list?n=1&next_page=gAA%3D>; rel=\"next\"",
            )],
            b"{}",
        ),
        "/v2/a/tags/list?n=1&next_page=gAA%3D" => reply(200, &[], br#"{"tags":["v9"]}"#),
        _ => reply(
            200,
            &[(
                "link",
                "<https://evil.example/v2/a/tags/list?n=2>; rel=\"next\"",
            )],
            b"{}",
        ),
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let first = served.get(&format!("/registry/{host}/v2/a/tags/list?n=2"));
    let next = format!("/registry/{host}/v2/a/tags/list?n=2&last=v1%2B");
    assert_eq!(
        first.header("link"),
        Some(format!("<{next}>; rel=\"next\"").as_str())
    );
    assert_eq!(served.get(&next).body, br#"{"tags":["v2"]}"#);
    let quay = served.get(&format!("/registry/{host}/v2/a/tags/list?n=1"));
    let next = format!("/registry/{host}/v2/a/tags/list?n=1&next_page=gAA%3D");
    assert_eq!(
        quay.header("link"),
        Some(format!("<{next}>; rel=\"next\"").as_str())
    );
    assert_eq!(served.get(&next).body, br#"{"tags":["v9"]}"#);
    let away = served.get(&format!("/registry/{host}/v2/a/tags/list?n=3"));
    assert_eq!(away.error(403), "link-refused");
}

#[test]
fn a_redirect_is_followed_without_showing_where_it_leads() {
    let storage = Registry::plain(|asked| match asked.header("range") {
        Some("bytes=1-2") => reply(206, &[("content-range", "bytes 1-2/5")], b"12"),
        _ => reply(200, &[], b"01234"),
    });
    let location = storage.url("/bucket/blob?sig=a%2Fb");
    let registry = Registry::plain(move |_| redirect(&location));
    let hosts = [registry.host(), storage.host()];
    let served = serve(granting(&hosts));
    let blob = format!("/registry/{}/v2/a/blobs/sha256:{HEX}", hosts[0]);
    let whole = served.get(&blob);
    assert_eq!((whole.status, whole.body.as_slice()), (200, &b"01234"[..]));
    assert_eq!(whole.header("location"), None);
    let part = served.ask("GET", &blob, "Range: bytes=1-2\r\n");
    assert_eq!((part.status, part.body.as_slice()), (206, &b"12"[..]));
    assert_eq!(storage.asked()[0].target, "/bucket/blob?sig=a%2Fb");
}

#[test]
fn a_registry_s_no_keeps_its_status_and_its_words() {
    let registry = Registry::plain(|asked| {
        let words = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such tag"}]}"#;
        match asked.target.as_str() {
            "/v2/a/manifests/absent" => reply(404, &[], words),
            "/v2/a/manifests/denied" => reply(403, &[], words),
            "/v2/a/manifests/odd" => reply(418, &[], words),
            _ => reply(400, &[], b"<html>"),
        }
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    for (tag, status, name) in [
        ("absent", 404, "not-found"),
        ("denied", 403, "denied"),
        ("odd", 418, "http-status"),
        ("bad", 400, "http-status"),
    ] {
        let answer = served.get(&format!("/registry/{host}/v2/a/manifests/{tag}"));
        assert_eq!(answer.error(status), name);
        assert_eq!(answer.json()["error"]["host"], host);
        let told = &answer.json()["errors"][0];
        if tag != "bad" {
            assert_eq!(told["code"], "MANIFEST_UNKNOWN");
            assert_eq!(told["message"], "no such tag");
        }
    }
}

#[test]
fn waiting_is_left_to_the_page() {
    let registry = Registry::plain(|asked| match asked.target.as_str() {
        "/v2/a/manifests/busy" => reply(
            429,
            &[
                ("retry-after", "7"),
                ("ratelimit-limit", "100;w=21600"),
                ("ratelimit-remaining", "0"),
            ],
            b"",
        ),
        "/v2/a/manifests/late" => reply(429, &[("retry-after", "3600")], b""),
        _ => reply(503, &[], b""),
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let get = |tag: &str| served.get(&format!("/registry/{host}/v2/a/manifests/{tag}"));
    let busy = get("busy");
    assert_eq!(busy.header("retry-after"), Some("7"));
    assert_eq!(busy.header("ratelimit-limit"), Some("100;w=21600"));
    assert_eq!(busy.header("ratelimit-remaining"), Some("0"));
    assert_eq!(busy.error(429), "try-again");
    let late = get("late");
    assert_eq!(late.header("retry-after"), Some("3600"));
    assert_eq!(late.error(429), "try-again");
    assert_eq!(get("broken").error(503), "try-again");
    assert_eq!(registry.asked().len(), 3);
}

#[test]
fn a_mirror_is_asked_in_the_registry_s_place() {
    let mirror = Registry::plain(|_| reply(200, &[], b"{}"));
    let mut config = granting([mirror.host()]);
    config.mirrors = BTreeMap::from([("docker.io".to_owned(), mirror.url("/hub/"))]);
    let served = serve(config);
    let answer = served.get("/registry/registry-1.docker.io/v2/library/alpine/manifests/3.19");
    assert_eq!(answer.status, 200);
    assert_eq!(
        mirror.asked()[0].target,
        "/hub/v2/library/alpine/manifests/3.19"
    );
}

#[test]
fn the_front_door_says_whether_a_registry_is_there() {
    let registry = Registry::plain(|asked| match asked.target.as_str() {
        "/v2/" => reply(200, &[("content-type", "application/json")], b"{}"),
        _ => reply(404, &[], b""),
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    assert_eq!(served.get(&format!("/registry/{host}/v2/")).status, 200);
}

#[test]
fn a_host_marked_insecure_is_asked_without_tls() {
    let registry = Registry::plain(|_| reply(200, &[], b"{}"));
    let name = format!("old.example:{}", registry.port);
    let mut config = config();
    config.allowed.grant(name.parse().expect("a host"));
    config.names = layerscope_gateway::Names::Table(BTreeMap::from([(
        "old.example".to_owned(),
        vec!["127.0.0.1".parse().expect("an address")],
    )]));
    let path = format!("/registry/{name}/v2/a/manifests/1");
    // Granted, but not loopback by name, and not marked.
    assert_eq!(serve(config).get(&path).error(424), "not-tls");
    assert!(registry.asked().is_empty());

    let mut config = granting([&name]);
    config.insecure = vec![name.clone()];
    config.names = layerscope_gateway::Names::Table(BTreeMap::from([(
        "old.example".to_owned(),
        vec!["127.0.0.1".parse().expect("an address")],
    )]));
    assert_eq!(serve(config).get(&path).status, 200);
    assert_eq!(registry.asked()[0].header("host"), Some(name.as_str()));
}

#[test]
fn an_answer_that_is_not_http_is_an_error() {
    let registry = Registry::plain(|_| {
        Reply::Wire(Box::new(|stream| {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH\r\n");
        }))
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let answer = served.get(&format!("/registry/{host}/v2/a/manifests/1"));
    assert_eq!(answer.error(502), "broken-answer");
}

#[test]
fn an_encoded_answer_is_not_taken_for_the_bytes() {
    let registry = Registry::plain(|asked| {
        let encoded = [
            ("content-encoding", "gzip"),
            ("content-range", "bytes 0-0/1"),
        ];
        match (asked.header("range"), asked.target.ends_with("always")) {
            (None, _) => reply(200, &encoded[..1], b"x"),
            (Some(_), true) => reply(206, &encoded, b"x"),
            (Some(_), false) => reply(206, &encoded[1..], b"x"),
        }
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let get = |tag: &str| served.get(&format!("/registry/{host}/v2/a/manifests/{tag}"));
    assert_eq!(get("always").error(424), "content-encoding");
    // Parts may come as they are; but a part is not what the page has asked for.
    assert_eq!(get("whole").error(502), "broken-answer");
}
