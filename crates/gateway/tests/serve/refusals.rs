//! Where the gateway does not go.

use std::collections::BTreeMap;
use std::net::IpAddr;

use layerscope_gateway::{AllowList, Names};

use crate::browser::{config, granting, serve};
use crate::registry::{Registry, closed_port, redirect, reply};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Names that lead where a test says, and nowhere else.
fn table(names: &[(&str, &[&str])]) -> Names {
    let addresses = |texts: &[&str]| -> Vec<IpAddr> {
        texts
            .iter()
            .map(|text| text.parse().expect("an address"))
            .collect()
    };
    Names::Table(
        names
            .iter()
            .map(|(name, texts)| ((*name).to_owned(), addresses(texts)))
            .collect(),
    )
}

#[test]
fn a_host_that_is_not_allowed_is_refused_with_the_command_that_allows_it() {
    let registry = Registry::plain(|_| reply(200, &[], b"{}"));
    let served = serve(config());
    for host in [
        "ghcr.io".to_owned(),
        registry.host(),
        "[::1]:5000".to_owned(),
    ] {
        let answer = served.get(&format!("/registry/{host}/v2/a/manifests/1"));
        let error = answer.json()["error"].clone();
        assert_eq!(answer.error(403), "host-not-allowed");
        assert_eq!(error["host"], host);
        let quoted = if host.starts_with('[') {
            format!("'{host}'")
        } else {
            host
        };
        assert_eq!(
            error["allowCommand"],
            format!("layerscope serve --allow-registry {quoted}")
        );
    }
    assert!(registry.asked().is_empty());
}

#[test]
fn a_path_outside_of_the_shapes_is_refused() {
    let registry = Registry::plain(|_| reply(200, &[], b"{}"));
    let host = registry.host();
    let served = serve(granting([&host]));
    for path in [
        "v2/_catalog",
        "v2/a/blobs/uploads/",
        "v2/a/manifests/",
        "v2/a/manifests/x/y",
        "v2/../etc/manifests/x",
        "v2/a/..%2f..%2fb/manifests/x",
        "v2/a%2fb/manifests/x",
        "v2/a//b/manifests/x",
        "v2/a\\b/manifests/x",
        "v2/a%0d%0aX:y/manifests/x",
        "v2/a/blobs/sha256:00",
        "v1/images",
        "",
    ] {
        let answer = served.get(&format!("/registry/{host}/{path}"));
        assert_eq!(answer.error(400), "path-refused", "{path}");
    }
    for query in ["x=1", "n=1&token=a", "n=a", "last=a%0d%0ab"] {
        let answer = served.get(&format!("/registry/{host}/v2/a/tags/list?{query}"));
        assert_eq!(answer.error(400), "query-refused", "{query}");
    }
    assert!(registry.asked().is_empty());
}

#[test]
fn a_registry_whose_name_leads_to_a_private_address_is_refused() {
    let mut config = config();
    config.allowed = AllowList::well_known();
    config.allowed.name("named.example").expect("a host");
    config.names = table(&[
        ("ghcr.io", &["10.0.0.7"]),
        ("quay.io", &["127.0.0.1"]),
        ("gcr.io", &["169.254.169.254"]),
        // One good address does not make up for a bad one.
        ("registry-1.docker.io", &["1.1.1.1", "192.168.0.1"]),
        ("mcr.microsoft.com", &["::1"]),
        ("registry.k8s.io", &["::ffff:127.0.0.1"]),
        ("cgr.dev", &["fd00::1"]),
        ("nvcr.io", &["100.64.0.1"]),
        ("named.example", &["172.16.0.1"]),
    ]);
    let served = serve(config);
    for (host, special_use) in [
        ("ghcr.io", "private"),
        ("quay.io", "loopback"),
        ("gcr.io", "link-local"),
        ("registry-1.docker.io", "private"),
        ("mcr.microsoft.com", "loopback"),
        ("registry.k8s.io", "embedded-ipv4"),
        ("cgr.dev", "private"),
        ("nvcr.io", "shared"),
        ("named.example", "private"),
    ] {
        let answer = served.get(&format!("/registry/{host}/v2/a/b/manifests/1"));
        let error = answer.json()["error"].clone();
        assert_eq!(answer.error(403), "address-refused", "{host}");
        assert_eq!(error["specialUse"], special_use, "{host}");
        assert_eq!(error["host"], host);
        let command = format!("layerscope serve --allow-registry {host}");
        assert_eq!(error["allowCommand"], command);
    }
    let absent = served.get("/registry/public.ecr.aws/v2/a/b/manifests/1");
    assert_eq!(absent.error(424), "unresolved");
}

#[test]
fn a_redirect_to_a_private_address_is_refused() {
    let inner = Registry::plain(|_| reply(200, &[], b"metadata"));
    let port = inner.port;
    let registry = Registry::plain(move |asked| {
        let locations = [
            format!("http://127.0.0.1:{port}/latest"),
            format!("http://localhost:{port}/latest"),
            format!("https://127.0.0.1:{port}/latest"),
            format!("https://storage.example:{port}/latest"),
            format!("https://2130706433:{port}/latest"),
            format!("https://0x7f000001:{port}/latest"),
            format!("https://[::ffff:127.0.0.1]:{port}/latest"),
            "https://169.254.169.254/latest/meta-data/".to_owned(),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            "https://[fd00:ec2::254]/latest".to_owned(),
            "https://10.0.0.1/".to_owned(),
            "https://0.0.0.0/".to_owned(),
        ];
        let number = asked
            .target
            .rsplit('n')
            .next()
            .and_then(|n| n.parse::<usize>().ok());
        redirect(&locations[number.expect("a tag with a number")])
    });
    let mut config = granting([registry.host()]);
    config.names = table(&[
        ("storage.example", &["127.0.0.1"]),
        ("localhost", &["127.0.0.1"]),
    ]);
    let served = serve(config);
    for (number, name) in [
        (0, "plain-http"),
        (1, "plain-http"),
        (2, "address-refused"),
        (3, "address-refused"),
        (4, "url-refused"),
        (5, "url-refused"),
        (6, "address-refused"),
        (7, "address-refused"),
        (8, "plain-http"),
        (9, "address-refused"),
        (10, "address-refused"),
        (11, "address-refused"),
    ] {
        let answer = served.get(&format!(
            "/registry/{}/v2/a/manifests/n{number}",
            registry.host()
        ));
        assert_eq!(answer.error(403), name, "{number}");
    }
    assert!(inner.asked().is_empty());
}

#[test]
fn a_name_is_checked_by_what_the_operating_system_answers() {
    let inner = Registry::plain(|_| reply(200, &[], b"metadata"));
    let location = format!("https://localhost:{}/latest", inner.port);
    let registry = Registry::plain(move |_| redirect(&location));
    let served = serve(granting([registry.host()]));
    let answer = served.get(&format!("/registry/{}/v2/a/manifests/1", registry.host()));
    let error = answer.json()["error"].clone();
    assert_eq!(answer.error(403), "address-refused");
    assert_eq!(error["specialUse"], "loopback");
    assert!(inner.asked().is_empty());
}

#[test]
fn redirects_have_an_end_and_stay_with_http() {
    let registry = Registry::plain(|asked| match asked.target.as_str() {
        "/v2/a/manifests/file" => redirect("file:///etc/passwd"),
        "/v2/a/manifests/ftp" => redirect("ftp://evil.example/"),
        "/v2/a/manifests/script" => redirect("javascript:alert(1)"),
        "/v2/a/manifests/user" => redirect("https://registry-1.docker.io@evil.example/"),
        "/v2/a/manifests/nowhere" => reply(307, &[], b""),
        other => redirect(&format!("{other}x")),
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    for tag in ["file", "ftp", "script", "user", "nowhere", "loop"] {
        let answer = served.get(&format!("/registry/{host}/v2/a/manifests/{tag}"));
        assert_eq!(answer.error(403), "redirect-refused", "{tag}");
    }
    let loops = registry
        .asked()
        .iter()
        .filter(|asked| asked.target.contains("loop"))
        .count();
    assert_eq!(loops, 6);
}

#[test]
fn no_error_shows_the_query_of_a_url() {
    let port = closed_port();
    let registry = Registry::plain(move |asked| match asked.target.as_str() {
        "/v2/a/manifests/gone" => redirect(&format!("https://127.0.0.1:{port}/x?sig=verysecret")),
        "/v2/a/manifests/down" => redirect("http://cdn.example/x?sig=verysecret"),
        "/v2/a/manifests/odd" => redirect("ftp://cdn.example/x?sig=verysecret"),
        "/v2/a/manifests/user" => redirect("https://verysecret@cdn.example/x"),
        _ => reply(
            401,
            &[(
                "www-authenticate",
                "Bearer realm=\"https://login.example/token?key=verysecret\"",
            )],
            b"",
        ),
    });
    let host = registry.host();
    let served = serve(granting([host.clone(), format!("127.0.0.1:{port}")]));
    for tag in ["gone", "down", "odd", "user", "login"] {
        let answer = served.get(&format!("/registry/{host}/v2/a/manifests/{tag}"));
        assert!(answer.status >= 400, "{tag}");
        let text = format!(
            "{:?} {}",
            answer.headers,
            String::from_utf8_lossy(&answer.body)
        );
        assert!(!text.contains("verysecret"), "{tag}: {text}");
    }
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    let host = format!("127.0.0.1:{}", closed_port());
    let served = serve(granting([&host]));
    let answer = served.get(&format!("/registry/{host}/v2/a/blobs/sha256:{HEX}"));
    assert_eq!(answer.json()["error"]["host"], host);
    assert_eq!(answer.error(424), "unreachable");
}

#[test]
fn a_mirror_at_a_private_address_must_be_granted_too() {
    let mirror = Registry::plain(|_| reply(200, &[], b"{}"));
    let mut config = config();
    config.allowed = AllowList::well_known();
    let url = format!("https://mirror.example:{}", mirror.port);
    config.mirrors = BTreeMap::from([("docker.io".to_owned(), url)]);
    config.names = table(&[("mirror.example", &["127.0.0.1"])]);
    let answer = serve(config).get("/registry/registry-1.docker.io/v2/library/a/manifests/1");
    assert_eq!(answer.error(403), "address-refused");
    assert!(mirror.asked().is_empty());
}
