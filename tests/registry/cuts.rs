//! Lines that break, stall and drip.

use std::time::{Duration, Instant};

use harness::{Answer, end, layerscope};

use crate::honest::Honest;

/// Shorter than any test would wait, longer than a busy machine takes for a piece of a body.
const IDLE: &str = "1500";

#[test]
fn a_download_that_is_cut_ten_times_ends_verified() {
    let honest = Honest::new();
    let top = honest.top().clone();
    let (digest, piece) = (top.digest(), top.bytes.len().div_ceil(11));
    let server = honest.unless(move |honest, asked, _| {
        honest
            .is_for(&top, asked)
            .then(|| Answer::part(&top.bytes, asked, piece))
    });
    let reference = format!("docker://{}/fruit:1", server.host());
    let ended = end(&mut layerscope(["verify", &reference])).exit(0);
    assert!(ended.text().contains("verified  layer 1"), "{ended}");
    assert_eq!(server.count(&digest), 11, "ten cuts");
    let asked = server.asked();
    let blob = asked.iter().filter(|asked| asked.path().contains(&digest));
    let ranges: Vec<Option<&str>> = blob.map(|asked| asked.header("range")).collect();
    assert_eq!(ranges[0], None);
    assert!(
        ranges[1].is_some_and(|range| range.starts_with(&format!("bytes={piece}-"))),
        "{ranges:?}"
    );
}

#[test]
fn a_line_that_stalls_is_given_up_and_taken_up_again() {
    let honest = Honest::new();
    let top = honest.top().clone();
    let digest = top.digest();
    let server = honest.unless(move |honest, asked, time| {
        let half = top.bytes.len() / 2;
        let answer = || match time {
            0 => Answer::cut(&top.bytes, half).stalling(),
            _ => Answer::part(&top.bytes, asked, usize::MAX),
        };
        honest.is_for(&top, asked).then(answer)
    });
    let reference = format!("docker://{}/fruit:1", server.host());
    let mut command = layerscope(["verify", &reference]);
    end(command.env("LAYERSCOPE_TEST_IDLE_MS", IDLE)).exit(0);
    assert_eq!(server.count(&digest), 2);
}

#[test]
fn a_line_that_drips_goes_on() {
    let honest = Honest::new();
    let top = honest.top().clone();
    let digest = top.digest();
    let server = honest.unless(move |honest, asked, _| {
        let answer = || {
            Answer::new(200)
                .body(top.bytes.clone())
                .dripping(8, Duration::from_millis(300))
        };
        honest.is_for(&top, asked).then(answer)
    });
    let reference = format!("docker://{}/fruit:1", server.host());
    let begin = Instant::now();
    let mut command = layerscope(["verify", &reference]);
    end(command.env("LAYERSCOPE_TEST_IDLE_MS", IDLE)).exit(0);
    assert!(
        begin.elapsed() > Duration::from_millis(1500),
        "all in all it is slower than that"
    );
    assert_eq!(server.count(&digest), 1, "nobody gave up");
}

#[test]
fn a_registry_that_never_answers_is_given_up() {
    let server = Honest::new().unless(|honest, asked, _| {
        honest.is_for_manifest(asked).then(|| {
            Answer::new(200)
                .dripping(1, Duration::ZERO)
                .body("{")
                .saying_length(100)
                .stalling()
        })
    });
    let reference = format!("docker://{}/fruit:1", server.host());
    let mut command = layerscope(["inspect", &reference]);
    let ended = end(command.env("LAYERSCOPE_TEST_IDLE_MS", "200")).exit(2);
    assert!(ended.errors().contains("nothing came in time"), "{ended}");
    assert_eq!(server.count("/manifests/"), 5);
}
