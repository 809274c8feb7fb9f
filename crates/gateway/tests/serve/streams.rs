//! Bytes on their way: as they come, up to where they end.

use std::io::Read;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use crate::browser::{PATIENCE, granting, serve};
use crate::registry::{Registry, Reply, Wire, is_hung_up, reply};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A registry that answers everything with what is done with the connection.
fn wired(act: impl Fn(&mut dyn Wire) + Send + Sync + 'static) -> Registry {
    let act = Arc::new(act);
    Registry::plain(move |_| {
        let act = Arc::clone(&act);
        Reply::Wire(Box::new(move |stream| act(stream)))
    })
}

fn signal<T: Send>() -> (Sender<T>, Arc<Mutex<Receiver<T>>>) {
    let (sender, receiver) = channel();
    (sender, Arc::new(Mutex::new(receiver)))
}

#[test]
fn the_first_bytes_arrive_before_the_last_are_there() {
    let (go_on, wait) = signal::<()>();
    let registry = wired(move |stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234");
        let _ = stream.flush();
        // The rest is not even there until the page has what came before.
        let wait = wait.lock().expect("the signal");
        wait.recv_timeout(PATIENCE)
            .expect("the page has the first half");
        let _ = stream.write_all(b"56789");
    });
    let served = serve(granting([registry.host()]));
    let path = format!("/registry/{}/v2/a/blobs/sha256:{HEX}", registry.host());
    let mut blob = served.open("GET", &path, "");
    assert_eq!(blob.next(5), b"01234");
    go_on.send(()).expect("the registry waits");
    let rest = blob.finish();
    assert_eq!((rest.body.as_slice(), rest.is_whole), (&b"56789"[..], true));
}

#[test]
fn when_the_page_goes_away_the_registry_is_left_alone() {
    let (ended, is_ended) = channel::<()>();
    let ended = Mutex::new(ended);
    let registry = wired(move |stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = [b"4000\r\n".as_slice(), &[0; 0x4000], b"\r\n"].concat();
        while stream.write_all(&chunk).is_ok() {}
        let _ = ended.lock().expect("the signal").send(());
    });
    let served = serve(granting([registry.host()]));
    let path = format!("/registry/{}/v2/a/blobs/sha256:{HEX}", registry.host());
    let mut blob = served.open("GET", &path, "");
    blob.next(100);
    drop(blob);
    is_ended
        .recv_timeout(PATIENCE)
        .expect("the registry's connection ends");
}

#[test]
fn when_the_page_goes_away_before_there_is_an_answer_the_same_holds() {
    let (asked, is_asked) = channel::<()>();
    let (ended, is_ended) = channel::<bool>();
    let signals = Mutex::new((asked, ended));
    let registry = wired(move |stream| {
        let signals = signals.lock().expect("the signals");
        let _ = signals.0.send(());
        let _ = signals.1.send(is_hung_up(stream));
    });
    let served = serve(granting([registry.host()]));
    let path = format!("/registry/{}/v2/a/blobs/sha256:{HEX}", registry.host());
    let page = served.send(&format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nx-layerscope-secret: {}\r\n\r\n",
        served.port, served.secret
    ));
    is_asked
        .recv_timeout(PATIENCE)
        .expect("the registry is asked");
    drop(page);
    assert_eq!(is_ended.recv_timeout(PATIENCE), Ok(true));
}

#[test]
fn a_body_that_ends_early_does_not_look_whole() {
    for head in [
        "content-length: 10\r\n\r\n01234",
        "transfer-encoding: chunked\r\n\r\n5\r\n01234\r\n",
    ] {
        let (go_on, wait) = signal::<()>();
        let registry = wired(move |stream| {
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes());
            let _ = stream.flush();
            let wait = wait.lock().expect("the signal");
            wait.recv_timeout(PATIENCE)
                .expect("the page has some of it");
        });
        let host = registry.host();
        let served = serve(granting([&host]));
        let path = format!("/registry/{host}/v2/a/blobs/sha256:{HEX}");
        let opened = served.open("GET", &path, "");
        assert_eq!(opened.answer.status, 200);
        go_on.send(()).expect("the registry waits");
        let cut = opened.finish();
        assert_eq!(
            (cut.body.as_slice(), cut.is_whole),
            (&b"01234"[..], false),
            "{head}"
        );
    }
}

#[test]
fn a_document_has_a_limit_and_a_blob_has_none() {
    const LIMIT: usize = layerscope_gateway::limits::MAX_DOCUMENT as usize;
    let registry = Registry::plain(|asked| {
        let size = if asked.target.ends_with("/fits") {
            LIMIT
        } else {
            LIMIT + 1
        };
        let body = vec![b' '; size];
        match asked.target.ends_with("/chunks") {
            true => Reply::Wire(Box::new(move |stream| {
                let head =
                    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{size:x}\r\n");
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(&body);
                let _ = stream.write_all(b"\r\n0\r\n\r\n");
            })),
            false => reply(200, &[], &body),
        }
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let get = |path: &str| served.get(&format!("/registry/{host}/v2/a/{path}"));
    let fits = get("manifests/fits");
    assert_eq!(
        (fits.status, fits.body.len(), fits.is_whole),
        (200, LIMIT, true)
    );
    for path in [
        "manifests/more",
        "tags/list",
        &format!("referrers/sha256:{HEX}"),
    ] {
        let refused = get(path);
        assert_eq!(refused.json()["error"]["limit"], LIMIT, "{path}");
        assert_eq!(refused.error(403), "too-large", "{path}");
    }
    let chunks = get("manifests/chunks");
    assert!(!chunks.is_whole && chunks.body.len() <= LIMIT);
    let blob = get(&format!("blobs/sha256:{HEX}"));
    assert_eq!((blob.body.len(), blob.is_whole), (LIMIT + 1, true));
}

#[test]
fn a_token_without_end_is_not_read_to_it() {
    let registry = Registry::plain(|asked| match asked.target.starts_with("/token") {
        true => Reply::Wire(Box::new(|stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"token\":\"");
            while stream.write_all(&[b'a'; 0x4000]).is_ok() {}
        })),
        false => {
            let host = asked.header("host").expect("a host");
            let challenge = format!("Bearer realm=\"http://{host}/token\"");
            reply(401, &[("www-authenticate", &challenge)], b"")
        }
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let answer = served.get(&format!("/registry/{host}/v2/a/manifests/1"));
    assert_eq!(answer.error(424), "over-limit");
}

#[test]
fn an_error_without_end_is_not_read_to_it() {
    let registry = wired(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 404 Gone\r\nconnection: close\r\n\r\n");
        while stream.write_all(&[b'a'; 0x4000]).is_ok() {}
    });
    let host = registry.host();
    let served = serve(granting([&host]));
    let answer = served.get(&format!("/registry/{host}/v2/a/manifests/1"));
    assert_eq!(answer.error(404), "not-found");
    assert!(answer.body.len() < 0x4000);
}

#[test]
fn a_page_that_sends_its_request_slowly_keeps_nobody_waiting() {
    let registry = Registry::plain(|_| reply(200, &[], b"{}"));
    let served = serve(granting([registry.host()]));
    let mut slow: Vec<_> = (0..8).map(|_| served.send("GET /")).collect();
    let path = format!("/registry/{}/v2/a/manifests/1", registry.host());
    assert_eq!(served.get(&path).status, 200);
    drop(served);
    // And the server's end is theirs.
    for stream in &mut slow {
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    }
}

#[test]
fn a_registry_that_stalls_is_given_up_and_the_page_may_resume() {
    let registry = Registry::plain(|asked| match asked.header("range") {
        Some("bytes=3-") => reply(206, &[("content-range", "bytes 3-5/6")], b"345"),
        _ => Reply::Wire(Box::new(|wire| {
            let head = "HTTP/1.1 200 Said\r\ncontent-length: 6\r\n\r\n012";
            wire.write_all(head.as_bytes()).expect("the beginning");
            wire.flush().expect("the beginning");
            // Nothing more, until the gateway has had enough.
            assert!(is_hung_up(wire));
        })),
    });
    let mut config = granting([registry.host()]);
    config.idle = std::time::Duration::from_millis(300);
    let served = serve(config);
    let path = format!("/registry/{}/v2/a/blobs/sha256:{HEX}", registry.host());
    let stalled = served.get(&path);
    assert_eq!(
        (stalled.body.as_slice(), stalled.is_whole),
        (&b"012"[..], false)
    );
    let rest = served.ask("GET", &path, "Range: bytes=3-\r\n");
    assert_eq!((rest.status, rest.body.as_slice()), (206, &b"345"[..]));
}
