//! Where exchanges follow redirects to. Every test says which hosts saw `Authorization`.

use layerscope_source::{Access, Error, Response};

use crate::support::exchanges::{BODY, HOST, access, challenge, fetch};
use crate::support::web::{BASIC, Seen, ok, redirect};

/// A registry with Basic that sends everybody who may come in elsewhere.
fn elsewhere(to: &'static str) -> impl FnMut(&Seen) -> Response {
    move |seen| match (seen.origin.as_str(), seen.path.as_str()) {
        (HOST, path) if path.starts_with("/v2/") => match seen.authorization.as_deref() {
            Some(BASIC) => redirect(to),
            _ => challenge("Basic realm=\"r\""),
        },
        _ => ok(BODY),
    }
}

#[test]
fn a_redirect_to_another_origin_gets_no_authorization() {
    for to in [
        "https://storage.example/blob?sig=1",
        "https://sub.registry.example/blob",
        "https://registry.example:8443/blob",
        "//storage.example/blob",
    ] {
        let (found, web) = fetch(access(), elsewhere(to));
        assert_eq!(found.unwrap(), BODY, "{to}");
        assert_eq!(web.authorized(), [(HOST, BASIC)], "{to}");
        assert_eq!(web.seen.len(), 3);
    }
    // Within the origin it stays.
    for to in [
        "/other/blob",
        "https://registry.example/blob",
        "https://REGISTRY.example:443/blob",
    ] {
        let (found, web) = fetch(access(), elsewhere(to));
        assert_eq!(found.unwrap(), BODY, "{to}");
        assert_eq!(web.seen[2].authorization.as_deref(), Some(BASIC), "{to}");
        assert!(web.authorized().iter().all(|(_, value)| *value == BASIC));
    }
}

#[test]
fn what_has_left_does_not_come_back_with_authorization() {
    let (found, web) = fetch(access(), |seen| {
        match (seen.origin.as_str(), seen.path.as_str()) {
            ("https://storage.example", _) => redirect("https://registry.example/trap"),
            (HOST, "/trap") => ok(BODY),
            (HOST, _) if seen.authorization.is_some() => redirect("https://storage.example/x"),
            _ => challenge("Basic realm=\"r\""),
        }
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.seen[3].authorization, None);
    assert_eq!(web.authorized(), [(HOST, BASIC)]);
}

#[test]
fn a_host_that_a_redirect_led_to_gets_nothing_for_asking() {
    for asks in [
        "Basic realm=\"give me\"",
        "Bearer realm=\"https://registry.example/token\"",
    ] {
        let (found, web) = fetch(access(), move |seen| {
            if seen.origin == HOST {
                redirect("https://storage.example/x")
            } else {
                challenge(asks)
            }
        });
        assert!(matches!(
            found,
            Err(Error::Denied { host, status: 401, .. }) if host == "storage.example"
        ));
        assert_eq!(web.seen.len(), 2, "nothing is done about it");
        assert_eq!(web.authorized(), []);
    }
}

#[test]
fn redirects_that_break_a_rule_are_refused() {
    let refusal = |access: Access, to: &'static str| {
        let (found, web) = fetch(access, move |_| redirect(to));
        assert_eq!(web.authorized(), []);
        match found {
            Err(Error::Redirect { why, to, .. }) => (why, to),
            other => panic!("{to}: {other:?}"),
        }
    };
    let (why, to) = refusal(access(), "http://registry.example/x?secret=1");
    assert_eq!(
        (why, to.as_str()),
        ("it leads from https to http", "http://registry.example/x?…")
    );
    for to in [
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[fd00:ec2::254]/x",
        "https://0.0.0.0/x",
        "https://localhost/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::ffff:10.0.0.1]/x",
    ] {
        assert_eq!(
            refusal(access(), to).0,
            "it leads to an address that is not on the public internet",
            "{to}"
        );
    }
    for to in [
        "",
        "ftp://registry.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://u:p@x.example/",
        "/a b",
        "https:///x",
    ] {
        refusal(access(), to);
    }
    let (why, _) = refusal(access(), "/v2/again");
    assert_eq!(why, "there were too many before it");

    // A private registry may lead to private places.
    let private = Access::insecure(&"127.0.0.1:5000/a".parse().unwrap());
    let (found, web) = fetch(private, |seen| {
        if seen.origin == "http://127.0.0.1:5000" {
            redirect("http://10.0.0.1/x")
        } else {
            ok(BODY)
        }
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.authorized(), []);
}

#[test]
fn five_redirects_are_followed_and_no_more() {
    for (count, fine) in [(5, true), (6, false)] {
        let mut left = count;
        let (found, web) = fetch(access(), move |_| {
            if left == 0 {
                ok(BODY)
            } else {
                left -= 1;
                redirect("https://storage.example/next")
            }
        });
        assert_eq!(found.is_ok(), fine, "{count}");
        assert_eq!(web.authorized(), []);
    }
}
