//! What a person sees of a registry that needs time, and how to make an end of it.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::{Answer, Server, end, layerscope, tool};

use crate::honest::Honest;

fn busy_once(headers: &'static [(&'static str, &'static str)]) -> Server {
    Honest::new().unless(move |honest, asked, time| {
        let answer = || {
            headers
                .iter()
                .fold(Answer::new(429), |answer, (name, value)| {
                    answer.header(name, *value)
                })
        };
        (honest.is_for_manifest(asked) && time == 0).then(answer)
    })
}

#[test]
fn a_wait_is_told_on_standard_error_and_not_to_who_wants_quiet() {
    let server = busy_once(&[("retry-after", "7")]);
    let reference = format!("docker://{}/fruit:1", server.host());
    let ended = end(&mut layerscope(["inspect", &reference])).exit(0);
    assert_eq!(
        ended.errors(),
        "layerscope: The registry is busy or did not answer: asking again in 7 s\n"
    );
    let server = busy_once(&[("retry-after", "7")]);
    let reference = format!("docker://{}/fruit:1", server.host());
    let ended = end(&mut layerscope(["inspect", "--quiet", &reference])).exit(0);
    assert_eq!(ended.errors(), "");
}

#[test]
fn a_quota_is_told() {
    let server = Honest::new().unless(|honest, asked, _| {
        let manifest = &honest.image.manifest;
        let answer = || {
            Answer::new(200)
                .header("content-type", manifest.media_type)
                .header("ratelimit-limit", "100;w=21600")
                .header("ratelimit-remaining", "76;w=21600")
                .body(manifest.bytes.clone())
        };
        honest.is_for_manifest(asked).then(answer)
    });
    let reference = format!("docker://{}/fruit:1", server.host());
    for command in ["inspect", "verify", "layers"] {
        let ended = end(&mut layerscope([command, &reference])).exit(0);
        assert!(
            ended
                .errors()
                .contains("requests left at the registry: 76/100"),
            "{ended}"
        );
    }
    let ended = end(&mut layerscope([
        "inspect", "--json", "--quiet", &reference,
    ]))
    .exit(0);
    assert_eq!(ended.errors(), "");
    assert_eq!(ended.json()["source"]["quota"], "76/100");
}

/// What a registry warns of is a finding, with nothing in it that a terminal would obey.
#[test]
fn a_warning_is_told_escaped() {
    let server = Honest::new().unless(|honest, asked, _| {
        let manifest = &honest.image.manifest;
        let answer = || {
            Answer::new(200)
                .header("content-type", manifest.media_type)
                .header("warning", "299 - \"moved \u{202e} away\"")
                .header("warning", "199 - \"not of this kind\"")
                .body(manifest.bytes.clone())
        };
        honest.is_for_manifest(asked).then(answer)
    });
    let reference = format!("docker://{}/fruit:1", server.host());
    let ended = end(&mut layerscope(["inspect", &reference])).exit(0);
    assert!(ended.text().contains("moved"), "{ended}");
    assert!(!ended.text().contains("not of this kind"), "{ended}");
    assert!(!ended.text().contains('\u{202e}'), "{ended}");
}

/// How long a command lives on after Ctrl-C, which is pressed once the server was asked for `part`.
fn interrupted(command: Command, server: &Server, part: &str) -> Duration {
    // Who was started in the background ignores Ctrl-C, and so do all whom it starts.
    let mut attentive = tool("env");
    attentive
        .arg("--default-signal=INT")
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let mut child = attentive
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command");
    let begin = Instant::now();
    while server.count(part) == 0 {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "it was never asked for"
        );
        thread::sleep(Duration::from_millis(20));
    }
    // So that it is in the midst of waiting.
    thread::sleep(Duration::from_millis(200));
    assert_eq!(
        child.try_wait().expect("a state"),
        None,
        "it has ended by itself"
    );
    let pressed = Instant::now();
    let id = child.id().to_string();
    assert!(
        tool("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill")
            .success()
    );
    let status = child.wait().expect("an end");
    let lived = pressed.elapsed();
    assert!(!status.success());
    let mut said = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut said).expect("what it said");
    assert!(!said.contains("panicked"), "{said}");
    lived
}

#[test]
fn an_interrupt_ends_a_wait_at_once() {
    let server = busy_once(&[("retry-after", "60")]);
    let mut command = layerscope(["inspect", &format!("docker://{}/fruit:1", server.host())]);
    command.env("LAYERSCOPE_TEST_SECOND_MS", "1000");
    let lived = interrupted(command, &server, "/manifests/");
    assert!(lived < Duration::from_secs(1), "{lived:?}");
    assert_eq!(server.count("/manifests/"), 1);
}

#[test]
fn an_interrupt_ends_a_download_at_once_and_leaves_no_connection() {
    let honest = Honest::new();
    let top = honest.top().clone();
    let digest = top.digest();
    let server = honest.unless(move |honest, asked, _| {
        let half = top.bytes.len() / 2;
        honest
            .is_for(&top, asked)
            .then(|| Answer::cut(&top.bytes, half).stalling())
    });
    let command = layerscope(["verify", &format!("docker://{}/fruit:1", server.host())]);
    let lived = interrupted(command, &server, &digest);
    assert!(lived < Duration::from_secs(1), "{lived:?}");
    let begin = Instant::now();
    while server.talking() > 0 {
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "a connection is left"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

/// Each says something else, because something else helps.
#[test]
fn there_is_more_than_one_way_not_to_answer() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = closed.local_addr().expect("an address").port();
    drop(closed);
    let plain = Server::start(|_| Answer::new(200));
    let rude = Server::start(|_| Answer::hang_up());
    let slow = Server::start(|_| Answer::new(200).body("{").saying_length(9).stalling());
    let mirror = format!("docker.io=https://{}", plain.host());
    for (words, said) in [
        (
            vec![format!("docker://127.0.0.1:{port}/a:1")],
            "no connection could be made",
        ),
        (
            vec!["docker://nowhere.invalid/a:1".to_owned()],
            "there is no host of this name",
        ),
        (
            vec![
                "--registry-mirror".to_owned(),
                mirror,
                "docker://a:1".to_owned(),
            ],
            "no safe connection could be made",
        ),
        (
            vec![format!("docker://{}/a:1", rude.host())],
            "the answer broke off",
        ),
        (
            vec![format!("docker://{}/a:1", slow.host())],
            "nothing came in time",
        ),
    ] {
        let mut command = layerscope(["inspect"]);
        command.args(&words).env("LAYERSCOPE_TEST_IDLE_MS", "300");
        let ended = end(&mut command).exit(2);
        assert!(ended.errors().contains(said), "{said} is not in {ended}");
        assert_eq!(ended.text(), "");
    }
    assert_eq!((rude.asked().len(), slow.asked().len()), (5, 5));
}
