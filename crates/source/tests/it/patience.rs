//! When a registry is asked again, after how long, and when no more.

use layerscope_source::{
    Error, ExchangeStep, Headers, Resolve, Response, Select, Silence, Step, Take,
};

use crate::support::exchanges::{BODY, HOST, access, blob, challenge, fetch};
use crate::support::registries::reference;
use crate::support::web::{BASIC, Seen, answer, ok};

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

fn busy(status: u16, headers: &[(&str, &str)]) -> Response {
    answer(status, headers, "busy")
}

#[test]
fn what_may_pass_is_asked_five_times() {
    for status in [408, 429, 500, 502, 503, 504] {
        let (found, web) = fetch(access(), script(vec![busy(status, &[]), ok(BODY)]));
        assert_eq!(
            (found.unwrap().as_slice(), web.waits.as_slice()),
            (BODY, [1].as_slice())
        );
        let (found, web) = fetch(access(), script(vec![busy(status, &[])]));
        let name = match status {
            429 => "too-many-requests",
            _ => "http-status",
        };
        assert_eq!(found.unwrap_err().name(), name, "{status}");
        assert_eq!(
            (web.seen.len(), web.waits.as_slice()),
            (5, [1, 2, 4, 8].as_slice()),
            "{status}"
        );
        assert_eq!(web.authorized(), []);
    }
    for status in [400, 403, 404, 410, 418, 421, 424, 499, 501, 505, 522] {
        let (found, web) = fetch(access(), script(vec![busy(status, &[])]));
        assert!(found.is_err(), "{status}");
        assert_eq!((web.seen.len(), web.waits.len()), (1, 0), "{status}");
    }
}

#[test]
fn a_registry_says_how_long_to_wait() {
    let now = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (headers, wait) in [
        (&[("Retry-After", "7")][..], 7),
        (&[("retry-after", " 60 ")], 60),
        (&[("Retry-After", "61")], 60),
        (&[("Retry-After", "99999999999999999999999")], 60),
        (&[now, ("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT")], 30),
        (&[now, ("Retry-After", "Mon, 07 Nov 1994 08:49:37 GMT")], 60),
        // Past, or junk: as if nothing was said.
        (&[now, ("Retry-After", "Sun, 06 Nov 1994 08:49:07 GMT")], 1),
        (&[("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT")], 1),
        (&[("Retry-After", "-7")], 1),
        (&[("Retry-After", "soon")], 1),
        (&[("Retry-After", "")], 1),
    ] {
        let (found, web) = fetch(access(), script(vec![busy(429, headers), ok(BODY)]));
        assert_eq!(found.unwrap(), BODY, "{headers:?}");
        assert_eq!(web.waits, [wait], "{headers:?}");
    }
}

#[test]
fn who_is_asked_too_often_says_what_is_left() {
    let quota = [
        ("RateLimit-Limit", "100;w=21600"),
        ("RateLimit-Remaining", "0;w=21600"),
        ("Retry-After", "3600"),
    ];
    let (found, web) = fetch(access(), script(vec![busy(429, &quota)]));
    assert_eq!(web.waits, [60, 60, 60, 60]);
    assert_eq!(
        found.unwrap_err().to_string(),
        "registry.example still has too many requests after 5 attempts (quota 0/100): busy"
    );
}

/// Sends a blob's exchange to where nobody answers: how often it was sent, the waits, and what came of it.
fn into_silence(silence: Silence, times: usize) -> (usize, Vec<u64>, Option<Error>) {
    let mut exchange = blob(access()).exchange();
    let (mut sent, mut waits) = (0, Vec::new());
    loop {
        match exchange.poll() {
            ExchangeStep::Send(_) => {
                sent += 1;
                if sent <= times {
                    exchange.lost(silence, "in the driver's\u{1b} words");
                } else {
                    assert_eq!(exchange.head(200, &Headers::new()), Take::Stream);
                }
            }
            ExchangeStep::Wait { seconds } => waits.push(seconds),
            ExchangeStep::Ready => return (sent, waits, None),
            ExchangeStep::Failed(error) => return (sent, waits, Some(error)),
        }
    }
}

#[test]
fn silence_may_pass_or_not() {
    for silence in [Silence::TimedOut, Silence::Broken] {
        assert!(matches!(into_silence(silence, 0), (1, _, None)));
        let (sent, waits, error) = into_silence(silence, 2);
        assert_eq!((sent, waits.as_slice()), (3, [1, 2].as_slice()));
        assert_eq!(error, None);
        let (sent, waits, error) = into_silence(silence, 9);
        assert_eq!((sent, waits.as_slice()), (5, [1, 2, 4, 8].as_slice()));
        assert!(matches!(error, Some(Error::Unanswered { .. })));
    }
    for (silence, name) in [
        (Silence::Unresolved, "unresolved"),
        (Silence::Unreachable, "unreachable"),
        (Silence::Tls, "tls-failed"),
    ] {
        let (sent, waits, error) = into_silence(silence, 9);
        assert_eq!((sent, waits.len()), (1, 0), "a person has to do something");
        let error = error.unwrap();
        assert_eq!(error.name(), name);
        assert_eq!(error.at().as_deref(), Some("registry.example"));
        assert!(error.to_string().contains("\\u{1b}"), "{error}");
    }
}

#[test]
fn silence_about_a_document_is_told_by_its_kind() {
    for (silence, name, asked) in [
        (Silence::Unresolved, "unresolved", 1),
        (Silence::Broken, "broken-answer", 5),
    ] {
        let mut resolve = Resolve::registry(
            reference("registry.example/a:1"),
            access(),
            Select::default(),
        );
        let mut sent = 0;
        let error = loop {
            match resolve.poll() {
                Step::Ask(asks) => {
                    for (id, ask) in asks {
                        let reply = match ask {
                            layerscope_source::Ask::Wait { .. } => layerscope_source::Reply::Waited,
                            _ => {
                                sent += 1;
                                layerscope_source::Reply::Silent {
                                    silence,
                                    detail: String::new(),
                                }
                            }
                        };
                        resolve.provide(id, reply);
                    }
                }
                Step::Failed(error) => break error,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((error.name(), sent), (name, asked));
    }
}

/// The realm, too, may need time, and a token that is got then is used.
#[test]
fn a_realm_that_is_busy_is_asked_again() {
    let mut asked = 0;
    let (found, web) = fetch(access(), move |seen: &Seen| {
        match (seen.path.starts_with("/token"), &seen.authorization) {
            (true, _) => {
                asked += 1;
                match asked {
                    1 => busy(503, &[("retry-after", "2")]),
                    _ => ok(r#"{"token":"t"}"#),
                }
            }
            (false, Some(token)) if token == "Bearer t" => ok(BODY),
            _ => challenge("Bearer realm=\"https://registry.example/token\""),
        }
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.waits, [2]);
    assert_eq!(web.authorized(), [(HOST, BASIC), (HOST, "Bearer t")]);
}
