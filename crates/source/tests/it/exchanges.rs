//! One exchange with a registry, as whoever streams a blob has it. Every test says which hosts saw
//! `Authorization`.

use layerscope_source::{Access, Credentials, Error, Exchange, Response, Target};

use crate::support::exchanges::{BODY, HOST, access, blob, challenge, fetch};
use crate::support::web::{BASIC, Seen, Web, answer, error, ok, redirect};

/// Answers one after the other, the last one for ever.
fn script(answers: Vec<Response>) -> impl FnMut(&Seen) -> Response {
    let mut answers = answers.into_iter().peekable();
    move |_| {
        let next = answers.next().unwrap();
        if answers.peek().is_none() {
            let again = next.clone();
            answers = vec![again].into_iter().peekable();
        }
        next
    }
}

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
fn busy_servers_are_asked_again() {
    let busy = |status, headers: &[(&str, &str)]| answer(status, headers, "busy");
    let (found, web) = fetch(
        access(),
        script(vec![
            busy(429, &[("Retry-After", "7")]),
            busy(503, &[]),
            ok(BODY),
        ]),
    );
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(
        (web.waits.as_slice(), web.authorized()),
        ([7, 2].as_slice(), vec![])
    );

    let dates = [
        ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"),
    ];
    let (found, web) = fetch(access(), script(vec![busy(429, &dates), ok(BODY)]));
    assert_eq!(
        (found.unwrap().as_slice(), web.waits.as_slice()),
        (BODY, [30].as_slice())
    );

    let quota = [
        ("RateLimit-Limit", "100;w=21600"),
        ("RateLimit-Remaining", "0;w=21600"),
        ("Retry-After", "junk"),
    ];
    let (found, web) = fetch(access(), script(vec![busy(429, &quota)]));
    let error = found.unwrap_err();
    assert_eq!(
        (web.seen.len(), web.waits.as_slice()),
        (5, [1, 2, 4, 8].as_slice())
    );
    assert_eq!(
        error.to_string(),
        "registry.example still has too many requests after 5 attempts (quota 0/100): busy"
    );
    assert_eq!(web.authorized(), []);

    let (found, web) = fetch(access(), script(vec![busy(500, &[])]));
    assert!(matches!(found, Err(Error::Status { status: 500, .. })));
    assert_eq!((web.seen.len(), web.authorized()), (3, vec![]));

    let (found, web) = fetch(
        access(),
        script(vec![busy(429, &[("retry-after", "3600")])]),
    );
    assert!(matches!(found, Err(Error::LongWait { seconds: 3600, .. })));
    assert_eq!((web.seen.len(), web.authorized()), (1, vec![]));

    let (found, _) = fetch(access(), script(vec![busy(400, &[])]));
    assert!(
        matches!(found, Err(Error::Status { status: 400, .. })),
        "asking again would not help"
    );
}

#[test]
fn a_body_that_broke_off_is_resumed() {
    let request = blob(access());
    let run = |response: Response| {
        let mut web = Web::new(move |_| response.clone());
        let found = web.fetch(&mut request.resume(4));
        assert_eq!(web.seen[0].range.as_deref(), Some("bytes=4-9"));
        assert_eq!(web.authorized(), []);
        found
    };
    assert_eq!(
        run(answer(
            206,
            &[("Content-Range", "bytes 4-9/10")],
            &BODY[4..]
        ))
        .unwrap(),
        (4, BODY[4..].to_vec())
    );
    // A registry may ignore ranges: then the body begins at the start.
    assert_eq!(run(ok(BODY)).unwrap(), (0, BODY.to_vec()));
    for field in ["bytes 3-9/10", "bytes 4-10/11", "bytes 0-9/10", "*"] {
        let error = run(answer(206, &[("Content-Range", field)], BODY)).unwrap_err();
        assert_eq!(
            (error.name(), error.expected().as_deref()),
            ("wrong-range", Some("4-9")),
            "{field}"
        );
    }
    assert_eq!(
        run(answer(
            206,
            &[("Content-Type", "multipart/byteranges; boundary=x")],
            BODY
        ))
        .unwrap_err()
        .name(),
        "wrong-range"
    );
    assert!(matches!(
        run(answer(416, &[], "")),
        Err(Error::Status { status: 416, .. })
    ));

    // A range goes with a redirect.
    let mut web = Web::new(|seen| {
        if seen.origin == HOST {
            redirect("https://storage.example/x")
        } else {
            answer(206, &[("Content-Range", "bytes 4-9/10")], &BODY[4..])
        }
    });
    web.fetch(&mut request.resume(4)).unwrap();
    assert_eq!(web.seen[1].range.as_deref(), Some("bytes=4-9"));
    assert_eq!(web.authorized(), []);

    let mut unasked = Web::new(|_| answer(206, &[("Content-Range", "bytes 0-9/10")], BODY));
    assert_eq!(
        unasked.fetch(&mut request.exchange()).unwrap_err().name(),
        "wrong-range"
    );
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
