//! The page's own files, whichever were built into the binary.

use layerscope_gateway::{Error, bind};

use crate::browser::{config, serve};

#[test]
fn the_page_comes_with_a_policy_that_lets_nothing_in() {
    let served = serve(config());
    for path in [
        "/",
        "/index.html",
        "/?image=docker.io/library/alpine&tab=files",
    ] {
        let page = served.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(
            page.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
        let policy = page.header("content-security-policy").expect("a policy");
        for directive in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types layerscope lit-html",
        ] {
            assert!(
                policy.split("; ").any(|part| part == directive),
                "{directive} in {policy}"
            );
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains('*'));
        assert!(
            page.body.starts_with(b"<!doctype html>") || page.body.starts_with(b"<!DOCTYPE html>")
        );
    }
}

#[test]
fn a_head_has_the_length_and_no_body() {
    let served = serve(config());
    let whole = served.get("/");
    let head = served.ask("HEAD", "/", "");
    assert_eq!(head.status, 200);
    assert_eq!(
        head.header("content-length"),
        whole.header("content-length")
    );
    assert_eq!(
        head.header("content-length"),
        Some(whole.body.len().to_string().as_str())
    );
}

#[test]
fn no_path_leads_out_of_the_page() {
    let served = serve(config());
    for path in [
        "/Cargo.toml",
        "/assets",
        "/assets/",
        "/index.html/",
        "/favicon",
    ] {
        assert_eq!(served.get(path).error(404), "not-found", "{path}");
    }
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "//etc/passwd",
        "/.",
        "/a\\b",
        "/%00",
    ] {
        assert_eq!(served.get(path).error(400), "path-refused", "{path}");
    }
}

#[test]
fn a_port_that_is_taken_may_stand_for_any_other() {
    let first = bind(config()).expect("a server");
    let mut other = config();
    other.listen = first.address();
    assert!(matches!(bind(other), Err(Error::Listen { .. })));
    let mut other = config();
    other.listen = first.address();
    other.any_port = true;
    let second = bind(other).expect("a server");
    assert_eq!(second.address().ip(), first.address().ip());
    assert_ne!(second.address().port(), first.address().port());
}
