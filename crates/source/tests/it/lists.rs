//! Tags and referrers. Every test says which hosts saw `Authorization`.

use layerscope_source::{Access, Error, ReferrerList, Referrers, TagList, Tags};
use serde_json::json;

use crate::support::image::{Image, OCI_INDEX, index};
use crate::support::web::{Door, Registry, Seen, Web, answer, error, ok};
use crate::support::{Asking, Order, drive};

fn access() -> Access {
    Access::direct(&"registry.example/a".parse().unwrap())
}

fn run<A: Asking>(
    asking: A,
    answer: impl FnMut(&Seen) -> layerscope_source::Response + 'static,
) -> (Result<A::Found, Error>, Web) {
    let mut web = Web::new(answer);
    let found = drive(asking, Order::First, |ask| web.reply(ask));
    (found, web)
}

fn tags(
    answer: impl FnMut(&Seen) -> layerscope_source::Response + 'static,
) -> (Result<TagList, Error>, Web) {
    run(Tags::new(access()), answer)
}

fn page(names: &[&str], link: Option<&str>) -> layerscope_source::Response {
    let mut response = ok(json!({"name": "a", "tags": names}).to_string());
    if let Some(link) = link {
        response
            .headers
            .push("Link", format!("<{link}>; rel=\"next\""));
    }
    response
}

#[test]
fn tags_are_read_page_by_page() {
    for link in [
        "/v2/a/tags/list?last=b&n=1000",
        "https://registry.example/v2/a/tags/list?last=b&n=1000",
        "?last=b&n=1000",
    ] {
        let (found, web) = tags(move |seen| match seen.path.as_str() {
            "/v2/a/tags/list?n=1000" => page(&["a", "b"], Some(link)),
            "/v2/a/tags/list?last=b&n=1000" => page(&["c"], None),
            other => panic!("{other}"),
        });
        assert_eq!(found.unwrap().names, ["a", "b", "c"]);
        assert_eq!(web.authorized(), []);
    }
    // Whatever a registry calls the next page, only the query of it is used.
    let (found, web) = tags(|seen| match seen.path.as_str() {
        "/v2/a/tags/list?n=1000" => page(&["a"], Some("/v2/other/../x?next_page=abc")),
        "/v2/a/tags/list?next_page=abc" => page(&["b"], None),
        other => panic!("{other}"),
    });
    assert_eq!(found.unwrap().names, ["a", "b"]);
    assert_eq!(web.authorized(), []);
}

#[test]
fn what_cannot_be_a_tag_is_left_out() {
    let (found, web) = tags(|_| {
        ok(
            json!({"tags": ["ok", "", ".x", "a/b", "x\u{202e}", 7, null, "y".repeat(129)]})
                .to_string(),
        )
    });
    let found = found.unwrap();
    assert_eq!(
        (found.names.as_slice(), found.refused, found.stopped),
        (["ok".to_owned()].as_slice(), 7, None)
    );
    assert_eq!(
        tags(|_| ok(r#"{"name":"a","tags":null}"#)).0.unwrap(),
        TagList::default()
    );
    assert_eq!(web.authorized(), []);
}

#[test]
fn a_list_that_leads_astray_keeps_what_was_read() {
    for (link, why) in [
        (
            "https://evil.example/v2/a/tags/list?last=b",
            "redirect-refused",
        ),
        (
            "http://registry.example/v2/a/tags/list?last=b",
            "redirect-refused",
        ),
        ("https://registry.example:444/?last=b", "redirect-refused"),
        ("javascript:x", "redirect-refused"),
        ("/v2/a/tags/list?n=1000", "malformed-file"),
    ] {
        let (found, web) = tags(move |_| page(&["a"], Some(link)));
        let found = found.unwrap();
        assert_eq!(found.names, ["a"], "{link}");
        assert_eq!(found.stopped.unwrap().name(), why, "{link}");
        assert_eq!((web.seen.len(), web.authorized()), (1, vec![]), "{link}");
    }
    // An endless list ends.
    let mut count = 0;
    let (found, web) = tags(move |_| {
        count += 1;
        page(&["a"], Some(&format!("?last={count}")))
    });
    let found = found.unwrap();
    assert_eq!(
        (found.names.len(), found.stopped.unwrap().name()),
        (1_000, "over-limit")
    );
    assert_eq!(web.authorized(), []);
    // An error on a later page ends the list, on the first it is the answer.
    let (found, _) = tags(|seen| {
        if seen.path.contains("last") {
            error(500, "X", "")
        } else {
            page(&["a"], Some("?last=a"))
        }
    });
    assert!(matches!(
        found.unwrap().stopped,
        Some(Error::Status { status: 500, .. })
    ));
    assert!(
        matches!(tags(|_| error(404, "NAME_UNKNOWN", "no")).0, Err(Error::NotFound { what, .. }) if what == "tags of a" || what == "repository a")
    );
}

#[test]
fn a_page_size_that_is_refused_is_left_out() {
    let (found, web) = tags(|seen| {
        if seen.path.ends_with("?n=1000") {
            error(400, "PAGINATION_NUMBER_INVALID", "")
        } else {
            page(&["a"], None)
        }
    });
    assert_eq!(found.unwrap().names, ["a"]);
    assert_eq!(web.urls()[1], "https://registry.example/v2/a/tags/list");
    let (found, web) = tags(|_| error(400, "X", ""));
    assert!(matches!(found, Err(Error::Status { status: 400, .. })));
    assert_eq!((web.seen.len(), web.authorized()), (2, vec![]));
    for body in ["<html>", "[]", "{}", r#"{"tags":{}}"#] {
        assert!(tags(move |_| ok(body)).0.is_err(), "{body}");
    }
    let (found, _) = tags(|_| ok(vec![b' '; 9 << 20]));
    assert_eq!(found.unwrap_err().name(), "over-limit");
}

#[test]
fn one_token_serves_all_pages() {
    let (found, web) = tags(|seen| {
        match (
            seen.path.starts_with("/token"),
            seen.authorization.is_some(),
            seen.path.contains("last"),
        ) {
            (true, ..) => ok(r#"{"token":"t"}"#),
            (_, true, false) => page(&["a"], Some("?last=a")),
            (_, true, true) => page(&["b"], None),
            _ => answer(
                401,
                &[(
                    "WWW-Authenticate",
                    "Bearer realm=\"https://registry.example/token\"",
                )],
                "",
            ),
        }
    });
    assert_eq!(found.unwrap().names, ["a", "b"]);
    assert_eq!(web.seen.len(), 4);
    assert_eq!(web.authorized(), [("https://registry.example", "Bearer t")]);
}

#[test]
fn behind_a_gateway_only_the_query_of_a_link_is_used() {
    let access = Access::gateway(&"registry.example/a".parse().unwrap(), "", "s3cret");
    let (found, web) = run(Tags::new(access), |seen| {
        assert_eq!(seen.secret.as_deref(), Some("s3cret"));
        match seen.path.as_str() {
            "/registry/registry.example/v2/a/tags/list?n=1000" => page(
                &["a"],
                Some("https://registry.example/v2/a/tags/list?last=a"),
            ),
            "/registry/registry.example/v2/a/tags/list?last=a" => page(&["b"], None),
            other => panic!("{other}"),
        }
    });
    assert_eq!(found.unwrap().names, ["a", "b"]);
    assert_eq!(web.authorized(), []);
}

fn referrers(
    answer: impl FnMut(&Seen) -> layerscope_source::Response + 'static,
) -> (Result<ReferrerList, Error>, Web) {
    let digest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
    run(Referrers::new(access(), digest), answer)
}

#[test]
fn referrers_come_from_the_api() {
    let one = Image::named("amd64", "sig");
    let two = Image::named("amd64", "sbom");
    let pages = [index(&[one.descriptor()]), index(&[two.descriptor()])];
    let (found, web) = referrers(move |seen| {
        let subject = format!("/v2/a/referrers/sha256:{}", "a".repeat(64));
        if seen.path == subject {
            let mut response = answer(200, &[("Content-Type", OCI_INDEX)], pages[0].clone());
            response.headers.push("Link", "<?token=2>; rel=next");
            response
        } else {
            assert_eq!(seen.path, format!("{subject}?token=2"));
            ok(pages[1].clone())
        }
    });
    let found = found.unwrap();
    let digests: Vec<String> = found
        .manifests
        .iter()
        .map(|entry| entry.digest.to_string())
        .collect();
    assert_eq!(digests, [one.digest(), two.digest()]);
    assert_eq!(
        (found.by_tag, found.refused, found.stopped),
        (false, 0, None)
    );
    assert_eq!(web.authorized(), []);
}

#[test]
fn registries_without_the_api_have_a_tag() {
    let image = Image::named("amd64", "sig");
    let tag = format!("sha256-{}", "a".repeat(64));
    let mut registry = Registry::new(Door::Open);
    registry.document(OCI_INDEX, &index(&[image.descriptor()]), Some(&tag));
    let (found, web) = referrers(move |seen| registry.answer("a", seen));
    let found = found.unwrap();
    assert_eq!((found.manifests.len(), found.by_tag), (1, true));
    assert_eq!(web.seen.len(), 2);
    assert_eq!(web.authorized(), []);
    // Neither: then nothing is known to speak of it.
    let (found, web) = referrers(|_| error(404, "MANIFEST_UNKNOWN", ""));
    let found = found.unwrap();
    assert!(found.manifests.is_empty() && found.by_tag && found.stopped.is_none());
    assert_eq!((web.seen.len(), web.authorized()), (2, vec![]));
    // A manifest in the place of an index, and a refusal, are errors.
    let (found, _) = referrers(move |_| ok(image.manifest.clone()));
    assert_eq!(found.unwrap_err().name(), "unexpected-document");
    assert!(matches!(
        referrers(|_| error(403, "DENIED", "")).0,
        Err(Error::Denied { .. })
    ));
}
