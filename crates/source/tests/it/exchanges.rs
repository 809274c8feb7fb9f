//! One exchange with a registry, as whoever streams a blob has it. Every test says which hosts saw
//! `Authorization`.

use layerscope_source::{Access, Credentials, Error, Exchange, Target};

use crate::support::exchanges::{BODY, HOST, access, blob, challenge, fetch};
use crate::support::web::{BASIC, Seen, Web, answer, error, ok, redirect};

#[test]
fn unknown_schemes_are_skipped() {
    for field in [
        "Negotiate, Basic realm=\"r\"",
        "Negotiate YWJj, Basic realm=\"r\"",
        "Digest realm=\"x\", nonce=\"y\", Basic realm=\"r\"",
        "Bearer, Basic realm=\"r\"",
    ] {
        let (found, web) = fetch(access(), move |seen| match &seen.authorization {
            Some(_) => ok(BODY),
            None => challenge(field),
        });
        assert_eq!(found.unwrap(), BODY, "{field}");
        assert_eq!(web.authorized(), [(HOST, BASIC)], "{field}");
    }
    for field in [
        "Negotiate",
        "Bearer realm=\"https://unclosed",
        "Bearer service=\"s\"",
        "",
        "Digest realm=\"x\"",
    ] {
        let (found, web) = fetch(access(), move |_| challenge(field));
        assert_eq!(found.unwrap_err().name(), "denied", "{field}");
        assert_eq!(web.authorized(), [], "{field}");
    }
}

#[test]
fn a_refusal_without_a_challenge_is_asked_about_at_the_front_door() {
    let (found, web) = fetch(access(), |seen| {
        match (seen.path.as_str(), &seen.authorization) {
            ("/v2/", None) => challenge("Basic realm=\"r\""),
            (_, Some(_)) => ok(BODY),
            (_, None) => error(401, "UNAUTHORIZED", ""),
        }
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.seen[1].path, "/v2/");
    assert_eq!(web.authorized(), [(HOST, BASIC)]);
    // Where the front door is open, too, that was all.
    let (found, web) = fetch(access(), |seen| {
        if seen.path == "/v2/" {
            ok("{}")
        } else {
            answer(401, &[], "no")
        }
    });
    assert!(matches!(found, Err(Error::Denied { status: 401, .. })));
    assert_eq!((web.seen.len(), web.authorized()), (2, vec![]));
}

#[test]
fn the_second_refusal_is_the_last() {
    let (found, web) = fetch(access(), |_| challenge("Basic realm=\"r\""));
    assert!(
        matches!(found, Err(Error::Denied { status: 401, told: Some(told), .. }) if told.message == "who are you")
    );
    assert_eq!((web.seen.len(), web.authorized()), (2, vec![(HOST, BASIC)]));

    let (found, web) = fetch(access(), |seen| {
        if seen.path.starts_with("/token") {
            ok(r#"{"token":"t"}"#)
        } else {
            challenge("Bearer realm=\"https://registry.example/token\"")
        }
    });
    assert_eq!(found.unwrap_err().name(), "denied");
    assert_eq!(
        (web.seen.len(), web.authorized()),
        (3, vec![(HOST, BASIC), (HOST, "Bearer t")])
    );
}

#[test]
fn a_token_that_has_expired_is_replaced() {
    let answer = |seen: &Seen| match (
        seen.path.starts_with("/token"),
        seen.authorization.as_deref(),
    ) {
        (true, _) => ok(r#"{"token":"new"}"#),
        (false, Some("Bearer new")) => ok(BODY),
        _ => challenge("Bearer realm=\"https://registry.example/token\",error=\"invalid_token\""),
    };
    // A token as another exchange has found it.
    let mut earlier = blob(access()).exchange();
    let mut web = Web::new(
        |seen| match (seen.path.starts_with("/token"), &seen.authorization) {
            (true, _) => ok(r#"{"token":"old"}"#),
            (false, Some(_)) => ok(BODY),
            _ => challenge("Bearer realm=\"https://registry.example/token\""),
        },
    );
    web.fetch(&mut earlier).unwrap();
    let stale = earlier.token().unwrap().clone();
    let (found, web) = fetch(access().with_token(stale), answer);
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(
        web.authorized(),
        [(HOST, "Bearer old"), (HOST, BASIC), (HOST, "Bearer new")]
    );
}

#[test]
fn a_scope_that_is_not_enough_is_asked_for_once_in_our_own_words() {
    let field = "Bearer realm=\"https://registry.example/token\",error=\"insufficient_scope\",\
                 scope=\"repository:a:pull,push registry:catalog:*\"";
    for is_enough in [true, false] {
        let answer = move |seen: &Seen| {
            if seen.path.starts_with("/token") {
                return ok(r#"{"token":"t"}"#);
            }
            match &seen.authorization {
                Some(token) if token == "Bearer t" && is_enough => ok(BODY),
                _ => challenge(field),
            }
        };
        let (found, web) = fetch(access(), answer);
        match is_enough {
            true => assert_eq!(found.unwrap(), BODY),
            false => assert_eq!(found.unwrap_err().name(), "denied"),
        }
        let tokens: Vec<&Seen> = web
            .seen
            .iter()
            .filter(|seen| seen.path.starts_with("/token"))
            .collect();
        assert_eq!(tokens.len(), 1, "not again and again");
        assert!(tokens[0].path.ends_with("scope=repository%3Aa%3Apull"));
        assert_eq!(web.authorized(), [(HOST, BASIC), (HOST, "Bearer t")]);
    }
}

#[test]
fn what_is_no_token_is_an_error() {
    let with_token = |body: Vec<u8>| {
        let (found, web) = fetch(access(), move |seen| {
            if seen.path.starts_with("/token") {
                ok(body.clone())
            } else {
                challenge("Bearer realm=\"https://registry.example/token\"")
            }
        });
        assert_eq!(
            web.authorized(),
            [(HOST, BASIC)],
            "to the registry's own realm only"
        );
        found.unwrap_err()
    };
    for (body, found) in [
        ("", "an empty answer"),
        ("  \n", "an empty answer"),
        ("<html>sign in</html>", "something that is not JSON"),
        ("{}", "JSON without token or access_token"),
        (r#"{"token":""}"#, "JSON without token or access_token"),
        (r#"{"token":7}"#, "JSON without token or access_token"),
        (
            r#"{"token":"a\r\nx-evil: b"}"#,
            "a token that cannot stand in a header",
        ),
    ] {
        let error = with_token(body.into());
        assert_eq!(
            (error.name(), error.found().as_deref()),
            ("no-token", Some(found)),
            "{body}"
        );
        assert_eq!(
            error.at().as_deref(),
            Some("https://registry.example/token")
        );
    }
    assert_eq!(with_token(vec![b'x'; 10 << 20]).name(), "over-limit");
}

#[test]
fn realms_that_break_a_rule_are_not_asked() {
    for realm in [
        "http://registry.example/token",
        "file:///etc/passwd",
        "ftp://registry.example/",
        "javascript:alert(1)",
        "/token",
        "https://127.0.0.1/token",
        "https://169.254.169.254/",
        "https://[::1]/token",
        "https://localhost/",
        "https://user:word@registry.example/",
    ] {
        let field = format!("Bearer realm=\"{realm}\"");
        let (found, web) = fetch(access(), move |_| challenge(&field));
        assert_eq!(found.unwrap_err().name(), "realm-refused", "{realm}");
        assert_eq!((web.seen.len(), web.authorized()), (1, vec![]), "{realm}");
    }
    // A registry on this machine may have its realm there, too.
    let local = Access::insecure(&"127.0.0.1:5000/a".parse().unwrap()).with_credentials(
        Credentials::Basic {
            user: "user".to_owned(),
            password: "password".to_owned(),
        },
    );
    let (found, web) = fetch(local, |seen| {
        match (seen.origin.as_str(), &seen.authorization) {
            ("http://127.0.0.1:5001", _) => ok(r#"{"token":"t"}"#),
            (_, Some(_)) => ok(BODY),
            _ => challenge("Bearer realm=\"http://127.0.0.1:5001/token\""),
        }
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(
        web.authorized(),
        [
            ("http://127.0.0.1:5001", BASIC),
            ("http://127.0.0.1:5000", "Bearer t")
        ]
    );
}

#[test]
fn a_realm_may_redirect_within_itself_only() {
    let run = |to: &'static str| {
        fetch(access(), move |seen| {
            match (seen.path.split('?').next().unwrap(), &seen.authorization) {
                ("/token", _) => redirect(to),
                ("/real", _) => ok(r#"{"token":"t"}"#),
                (_, Some(_)) => ok(BODY),
                _ => challenge("Bearer realm=\"https://registry.example/token\""),
            }
        })
    };
    let (found, web) = run("/real");
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.authorized(), [(HOST, BASIC), (HOST, "Bearer t")]);
    for to in [
        "https://evil.example/real",
        "http://registry.example/real",
        "https://registry.example:444/real",
    ] {
        let (found, web) = run(to);
        assert_eq!(found.unwrap_err().name(), "redirect-refused", "{to}");
        assert_eq!(web.authorized(), [(HOST, BASIC)], "{to}");
    }
    assert_eq!(run("/token").0.unwrap_err().name(), "redirect-refused");
}

#[test]
fn an_identity_token_is_posted_once_and_not_sent_on() {
    let identity = Access::direct(&"registry.example/a".parse().unwrap())
        .with_credentials(Credentials::IdentityToken("s3cret".to_owned()));
    let (found, web) = fetch(identity, |seen| match seen.path.as_str() {
        "/token" => redirect("/real"),
        "/real" => ok(r#"{"token":"t"}"#),
        _ => challenge("Bearer realm=\"https://registry.example/token\""),
    });
    assert_eq!(found.unwrap_err().name(), "redirect-refused");
    let posted = web.seen.iter().filter(|seen| seen.body.contains("s3cret"));
    assert_eq!(posted.count(), 1);
    assert_eq!(web.authorized(), []);
}

#[test]
fn a_realm_that_refuses_says_so_itself() {
    let (found, web) = fetch(access(), |seen| match seen.path.starts_with("/token") {
        true => answer(401, &[], r#"{"details":"incorrect username or password"}"#),
        false => challenge("Bearer realm=\"https://registry.example/token\""),
    });
    let error = found.unwrap_err();
    assert_eq!(
        error.to_string(),
        "registry.example denies a token for a (status 401): incorrect username or password"
    );
    assert_eq!(web.authorized(), [(HOST, BASIC)]);
}

#[test]
fn an_encoded_body_is_asked_for_once_more_as_a_range() {
    let packed = || answer(200, &[("Content-Encoding", "gzip")], "packed");
    let (found, web) = fetch(access(), move |seen| match &seen.range {
        None => packed(),
        Some(_) => answer(206, &[("Content-Range", "bytes 0-9/10")], BODY),
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.seen[1].range.as_deref(), Some("bytes=0-"));
    assert_eq!(web.authorized(), []);
    let (found, web) = fetch(access(), move |_| packed());
    assert_eq!(found.unwrap_err().name(), "content-encoding");
    assert_eq!((web.seen.len(), web.authorized()), (2, vec![]));
    // One that dislikes the range is asked without, and then it is what it is.
    let (found, web) = fetch(access(), move |seen| match &seen.range {
        None => packed(),
        Some(_) => answer(416, &[], ""),
    });
    assert_eq!(found.unwrap_err().name(), "content-encoding");
    assert_eq!((web.seen.len(), web.authorized()), (3, vec![]));
}

#[test]
fn the_front_door_can_be_tried() {
    let mut exchange = Exchange::new(&access(), Target::Ping, None);
    let mut web = Web::new(|seen| match &seen.authorization {
        Some(_) => ok("{}"),
        None => challenge("Basic realm=\"r\""),
    });
    web.fetch(&mut exchange).unwrap();
    assert_eq!(web.urls(), [format!("{HOST}/v2/"), format!("{HOST}/v2/")]);
    assert_eq!(web.authorized(), [(HOST, BASIC)]);
    let mut closed = Exchange::new(&access(), Target::Ping, None);
    let mut web = Web::new(|_| answer(401, &[], ""));
    assert_eq!(web.fetch(&mut closed).unwrap_err().name(), "denied");
    assert_eq!((web.seen.len(), web.authorized()), (1, vec![]));
}

#[test]
fn a_driver_that_does_things_out_of_turn_does_no_harm() {
    use layerscope_source::{ExchangeStep, Headers, Take};

    let mut exchange = blob(access()).exchange();
    assert_eq!(
        exchange.head(200, &Headers::new()),
        Take::Nothing,
        "nothing was asked yet"
    );
    exchange.body(b"what");
    let ExchangeStep::Send(first) = exchange.poll() else {
        panic!("nothing to send");
    };
    let ExchangeStep::Send(again) = exchange.poll() else {
        panic!("nothing to send again");
    };
    assert_eq!(first, again);
    assert_eq!(
        exchange.head(404, &Headers::new()),
        Take::Small { limit: 64 << 10 }
    );
    // Without the body, the status alone tells.
    assert!(matches!(
        exchange.poll(),
        ExchangeStep::Failed(Error::NotFound { told: None, .. })
    ));
    assert!(matches!(
        exchange.poll(),
        ExchangeStep::Failed(Error::NotFound { .. })
    ));
    assert_eq!(exchange.head(200, &Headers::new()), Take::Nothing);
    assert!(matches!(exchange.poll(), ExchangeStep::Failed(_)));
}
