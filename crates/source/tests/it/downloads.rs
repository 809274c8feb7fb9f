//! A blob whose connections break: how the rest of it is asked for, and what is taken for the rest.

use layerscope_source::{Download, Error, ExchangeStep, Response, Silence, Take};

use crate::support::exchanges::{BODY, HOST, access, blob, challenge};
use crate::support::web::{BASIC, Seen, Web, answer, ok, redirect};

/// How the body of an answer ends.
#[derive(Clone, Copy)]
enum End {
    InOrder,
    Broken,
}

/// Downloads from a web: what was handed on, or why no more, and what was asked for.
fn download(
    answer: impl FnMut(&Seen, usize) -> (Response, End) + 'static,
) -> (Result<Vec<u8>, Error>, Web) {
    download_from(0, answer)
}

/// The same from a byte on.
fn download_from(
    start: u64,
    mut answer: impl FnMut(&Seen, usize) -> (Response, End) + 'static,
) -> (Result<Vec<u8>, Error>, Web) {
    let ends = std::rc::Rc::new(std::cell::Cell::new(End::InOrder));
    let (end, mut time) = (std::rc::Rc::clone(&ends), 0);
    let mut web = Web::new(move |seen| {
        let (response, how) = answer(seen, time);
        time += 1;
        end.set(how);
        response
    });
    let mut download = Download::of(&blob(access()), start..u64::MAX);
    let (mut body, mut handed) = (Vec::new(), Vec::new());
    loop {
        match download.poll() {
            ExchangeStep::Send(request) => {
                assert!(web.seen.len() < 2000, "it does not end");
                let response = web.send(&request);
                match download.head(response.status, &response.headers) {
                    Take::Stream => body = response.body,
                    Take::Small { .. } => download.body(&response.body),
                    Take::Nothing => {}
                }
            }
            ExchangeStep::Wait { seconds } => web.waits.push(seconds),
            ExchangeStep::Failed(error) => return (Err(error), web),
            ExchangeStep::Ready => {
                // In pieces, so that what is known already ends in the middle of one.
                for piece in body.chunks(3) {
                    handed.extend_from_slice(download.fresh(piece));
                }
                match ends.get() {
                    End::Broken if download.lost(Silence::Broken, "cut") => {
                        return (Ok(handed), web);
                    }
                    End::Broken => {}
                    End::InOrder if download.ended() => return (Ok(handed), web),
                    End::InOrder => {}
                }
            }
        }
    }
}

/// The part that is asked for, or all of it.
fn part(seen: &Seen, length: usize) -> Response {
    let Some(range) = &seen.range else {
        return ok(&BODY[..length.min(BODY.len())]);
    };
    let from = range.strip_prefix("bytes=").unwrap().split('-').next();
    let from: usize = from.unwrap().parse().unwrap();
    let field = format!("bytes {from}-{}/{}", BODY.len() - 1, BODY.len());
    let rest = &BODY[from..BODY.len().min(from + length)];
    answer(206, &[("Content-Range", &field)], rest)
}

fn ranges(web: &Web) -> Vec<Option<&str>> {
    web.seen.iter().map(|seen| seen.range.as_deref()).collect()
}

#[test]
fn a_connection_that_breaks_at_every_byte_is_no_obstacle() {
    let (found, web) = download(|seen, time| {
        let end = if time < 9 { End::Broken } else { End::InOrder };
        (part(seen, 1), end)
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(ranges(&web)[..2], [None, Some("bytes=1-9")]);
    assert_eq!(ranges(&web)[9], Some("bytes=9-9"));
    assert_eq!(
        web.waits, [0_u64; 0],
        "whoever brings something is not busy"
    );
}

#[test]
fn five_connections_that_bring_nothing_are_enough() {
    let (found, web) = download(|seen, time| {
        let length = if time == 0 { 4 } else { 0 };
        (part(seen, length), End::Broken)
    });
    assert_eq!(found.unwrap_err().name(), "broken-answer");
    assert_eq!(
        (web.seen.len(), web.waits.as_slice()),
        (6, [1, 2, 4, 8].as_slice())
    );
    // One that brings something begins the count anew, and after the last byte none is missing.
    let (found, web) = download(|seen, time| {
        let length = usize::from(time % 4 == 0);
        (part(seen, length), End::Broken)
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.seen.len(), 37);
    assert!(web.waits.iter().all(|wait| *wait <= 8), "{:?}", web.waits);
}

#[test]
fn a_registry_may_ignore_a_range() {
    let (found, web) = download(|_, time| match time {
        0 => (ok(&BODY[..4]), End::Broken),
        1 => (ok(&BODY[..7]), End::Broken),
        _ => (ok(BODY), End::InOrder),
    });
    assert_eq!(found.unwrap(), BODY, "what is repeated is passed over");
    assert_eq!(ranges(&web), [None, Some("bytes=4-9"), Some("bytes=7-9")]);
}

#[test]
fn a_registry_may_refuse_a_range() {
    for status in [400, 416] {
        let (found, web) = download(move |seen, time| match (time, &seen.range) {
            (0, _) => (ok(&BODY[..4]), End::Broken),
            (_, Some(_)) => (answer(status, &[], "no"), End::InOrder),
            (_, None) => (ok(BODY), End::InOrder),
        });
        assert_eq!(found.unwrap(), BODY, "{status}");
        assert_eq!(ranges(&web), [None, Some("bytes=4-9"), None]);
    }
    let (found, web) = download(|_, time| match time {
        0 => (ok(&BODY[..4]), End::Broken),
        _ => (answer(416, &[], "no"), End::InOrder),
    });
    assert!(matches!(found, Err(Error::Status { status: 416, .. })));
    assert_eq!(web.seen.len(), 3);
}

#[test]
fn only_the_rest_is_taken_for_the_rest() {
    let rest = |fields: &'static [(&'static str, &'static str)]| {
        download(move |_, time| match time {
            0 => (ok(&BODY[..4]), End::Broken),
            _ => (answer(206, fields, &BODY[4..]), End::InOrder),
        })
    };
    for field in ["bytes 4-9/10", "bytes 4-9/*", "Bytes 4-9/10"] {
        let fields = vec![("Content-Range", field)].leak();
        assert_eq!(rest(fields).0.unwrap(), BODY, "{field}");
    }
    for field in [
        "bytes 3-9/10",
        "bytes 5-9/10",
        "bytes 0-9/10",
        "bytes 4-10/11",
        "bytes 4-9/11",
        "bytes 4-9/9",
        "bytes 9-4/10",
        "bytes */10",
        "bytes 4-9",
        "bytes 4-/10",
        "bytes -9/10",
        "bytes 4-9/",
        "bytes 4-9/x",
        "bytes=4-9/10",
        "4-9/10",
        "lines 4-9/10",
        "*",
        "",
    ] {
        let fields = vec![("Content-Range", field)].leak();
        let (found, web) = rest(fields);
        let error = found.unwrap_err();
        assert_eq!(
            (error.name(), error.expected().as_deref()),
            ("wrong-range", Some("4-9")),
            "{field}"
        );
        assert_eq!((web.seen.len(), web.authorized()), (2, vec![]), "{field}");
    }
    for fields in [
        &[
            ("Content-Range", "bytes 4-9/10"),
            ("content-range", "bytes 4-9/10"),
        ][..],
        &[("Content-Type", "multipart/byteranges; boundary=x")],
        &[],
    ] {
        assert_eq!(
            rest(fields).0.unwrap_err().name(),
            "wrong-range",
            "{fields:?}"
        );
    }
}

#[test]
fn nobody_sends_a_part_unasked() {
    let (found, web) = download(|_, _| {
        let fields = [("Content-Range", "bytes 0-9/10")];
        (answer(206, &fields, BODY), End::InOrder)
    });
    assert_eq!(found.unwrap_err().name(), "wrong-range");
    assert_eq!(web.seen.len(), 1);
}

#[test]
fn a_body_that_ends_too_early_in_order_is_asked_about_once() {
    // The rest comes when it is asked for, however little at a time.
    let (found, web) = download(|seen, _| (part(seen, 4), End::InOrder));
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(ranges(&web), [None, Some("bytes=4-9"), Some("bytes=8-9")]);
    // Or never: then the size is a lie, which the scan tells.
    let (found, web) = download(|_, _| (ok(&BODY[..4]), End::InOrder));
    assert_eq!((found.unwrap().as_slice(), web.seen.len()), (&BODY[..4], 2));
}

#[test]
fn a_byte_at_a_time_is_not_gone_along_with_for_ever() {
    let mut request = blob(access());
    request.size = u64::MAX - 1;
    let mut download = Download::new(&request);
    let mut sent = 0_u64;
    let error = loop {
        match download.poll() {
            ExchangeStep::Send(_) => {
                let field = format!("bytes {sent}-{sent}/*");
                let head = match sent {
                    0 => download.head(200, &layerscope_source::Headers::new()),
                    _ => download.head(206, &[("content-range", field)].into_iter().collect()),
                };
                assert_eq!(head, Take::Stream);
                sent += 1;
            }
            ExchangeStep::Ready => {
                assert_eq!(download.fresh(b"x"), b"x");
                assert!(!download.lost(Silence::Broken, "cut"));
            }
            ExchangeStep::Wait { seconds } => panic!("a wait of {seconds}"),
            ExchangeStep::Failed(error) => break error,
        }
    };
    assert_eq!(error.name(), "broken-answer");
    assert_eq!(sent, u64::from(layerscope_source::limits::CONNECTIONS));
}

#[test]
fn the_token_of_the_first_connection_serves_the_next_and_stays_with_its_host() {
    let (found, web) = download(|seen, time| {
        let response = match (
            seen.origin.as_str(),
            seen.path.starts_with("/token"),
            seen.authorization.as_deref(),
        ) {
            (HOST, true, _) => ok(r#"{"token":"t"}"#),
            (HOST, false, Some("Bearer t")) => redirect("https://storage.example/x"),
            (HOST, ..) => challenge("Bearer realm=\"https://registry.example/token\""),
            _ => part(seen, if time < 5 { 4 } else { 9 }),
        };
        let is_cut = seen.origin != HOST && time < 5;
        (response, if is_cut { End::Broken } else { End::InOrder })
    });
    assert_eq!(found.unwrap(), BODY);
    assert_eq!(web.authorized(), [(HOST, BASIC), (HOST, "Bearer t")]);
    let tokens = web
        .seen
        .iter()
        .filter(|seen| seen.path.starts_with("/token"));
    assert_eq!(tokens.count(), 1);
    // A range goes with a redirect.
    assert_eq!(web.seen.last().unwrap().range.as_deref(), Some("bytes=4-9"));
    assert_eq!(web.seen.last().unwrap().origin, "https://storage.example");
}

#[test]
fn the_rest_of_a_blob_is_asked_for_from_where_it_is_wanted() {
    let (found, web) = download_from(6, |seen, _| (part(seen, 9), End::InOrder));
    assert_eq!(found.unwrap(), &BODY[6..]);
    assert_eq!(ranges(&web), [Some("bytes=6-9")]);
    // A line that breaks is taken up where it broke.
    let (found, web) = download_from(2, |seen, time| match time {
        0 => (part(seen, 3), End::Broken),
        _ => (part(seen, 9), End::InOrder),
    });
    assert_eq!(found.unwrap(), &BODY[2..]);
    assert_eq!(ranges(&web), [Some("bytes=2-9"), Some("bytes=5-9")]);
}

#[test]
fn what_comes_before_the_rest_is_passed_over_where_ranges_are_not_known() {
    let (found, web) = download_from(6, |_, _| (ok(BODY), End::InOrder));
    assert_eq!(found.unwrap(), &BODY[6..]);
    assert_eq!(web.seen.len(), 1);
    // Or where nobody says which part it is, as a page may not be shown it.
    for fields in [&[][..], &[("Content-Range", "bytes 0-9/10")]] {
        let (found, web) = download_from(6, move |seen, _| match &seen.range {
            Some(_) => (answer(206, fields, &BODY[6..]), End::InOrder),
            None => (ok(BODY), End::InOrder),
        });
        assert_eq!(found.unwrap(), &BODY[6..]);
        assert_eq!(ranges(&web), [Some("bytes=6-9"), None]);
    }
    // Once: a registry that sends parts unasked is still a liar.
    let (found, web) = download_from(6, |_, _| (answer(206, &[], BODY), End::InOrder));
    assert_eq!(found.unwrap_err().name(), "wrong-range");
    assert_eq!(web.seen.len(), 2);
}
