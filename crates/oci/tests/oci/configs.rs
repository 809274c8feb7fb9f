//! Image configs: what is read, and that nothing malformed hides the rest.

use layerscope_oci::{Error, ImageConfig, Platform, limits};
use serde_json::{Value, json};

const BASE: &str = "sha256:9d3dd9504c685a304985025df4ed0283e47ac9ffa9bd0326fddf4d59513f0827";
const TOP: &str = "sha256:2b689805fbd00b2db1df73fae47562faac1a626d5f61744bfe29946ecff5d73d";

fn parse(config: &Value) -> ImageConfig {
    ImageConfig::parse(config.to_string().into_bytes()).unwrap()
}

fn least() -> Value {
    json!({ "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": [BASE, TOP] } })
}

fn problems(config: &ImageConfig) -> Vec<String> {
    config.problems.iter().map(ToString::to_string).collect()
}

/// `config` with one field replaced, given by its JSON pointer.
fn with(mut config: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    config.pointer_mut(parent).unwrap()[name] = value;
    config
}

#[test]
fn a_full_config_is_read() {
    let full = json!({
        "created": "2015-10-31T22:22:56.015925234Z",
        "author": "Alyssa P. Hacker <alyspdev@example.com>",
        "architecture": "arm64", "variant": "v8", "os": "linux",
        "os.version": "1.2", "os.features": ["f"],
        "config": {
            "User": "1:1",
            "ExposedPorts": { "8080/tcp": {}, "53/udp": {} },
            "Env": ["PATH=/usr/bin", "FOO=a=b"],
            "Entrypoint": ["/bin/sh"],
            "Cmd": ["--foreground", "--config"],
            "Volumes": { "/var/log": {} },
            "WorkingDir": "/home/alice",
            "Labels": { "com.example.url": "https://example.com" },
            "StopSignal": "SIGKILL", "StopTimeout": 10, "ArgsEscaped": true,
            "OnBuild": ["RUN true"], "Shell": ["/bin/bash", "-c"],
            "Healthcheck": { "Test": ["CMD-SHELL", "true"], "Interval": 30_000_000_000u64, "Timeout": 1,
                "StartPeriod": 2, "StartInterval": 3, "Retries": 4 },
        },
        "rootfs": { "type": "layers", "diff_ids": [BASE, TOP] },
        "history": [
            { "created": "2015-10-31T22:22:54Z", "created_by": "ADD rootfs /", "author": "a", "comment": "c" },
            { "created_by": "CMD [\"sh\"]", "empty_layer": true },
            { "created_by": "COPY a /" },
        ],
    });
    let config = parse(&full);
    assert_eq!(config.raw.as_ref(), full.to_string().as_bytes());
    assert_eq!(problems(&config), [""; 0]);
    assert_eq!(
        config.created.as_deref(),
        Some("2015-10-31T22:22:56.015925234Z")
    );
    assert_eq!(
        config.platform().unwrap().specifier(),
        "linux(1.2+f)/arm64/v8"
    );
    let run = &config.config;
    assert_eq!(run.user.as_deref(), Some("1:1"));
    assert_eq!(run.exposed_ports, ["53/udp", "8080/tcp"]);
    assert_eq!(run.env, ["PATH=/usr/bin", "FOO=a=b"]);
    assert_eq!(
        (
            run.entrypoint.len(),
            run.cmd.len(),
            run.on_build.len(),
            run.shell.len()
        ),
        (1, 2, 1, 2)
    );
    assert_eq!(run.volumes, ["/var/log"]);
    assert_eq!(run.working_dir.as_deref(), Some("/home/alice"));
    assert_eq!(run.labels["com.example.url"], "https://example.com");
    assert_eq!(
        (
            run.stop_signal.as_deref(),
            run.stop_timeout,
            run.args_escaped
        ),
        (Some("SIGKILL"), Some(10), Some(true))
    );
    let health = run.healthcheck.as_ref().unwrap();
    assert_eq!(health.test, ["CMD-SHELL", "true"]);
    assert_eq!(
        (health.interval, health.retries),
        (Some(30_000_000_000), Some(4))
    );
    assert_eq!(
        (health.timeout, health.start_period, health.start_interval),
        (Some(1), Some(2), Some(3))
    );
    assert_eq!(config.rootfs.diff_id(1).unwrap().to_string(), TOP);
    assert_eq!(config.rootfs.diff_id(2), None);
    assert_eq!(config.history.len(), 3);
    assert_eq!(config.history[0].comment.as_deref(), Some("c"));
    assert_eq!(
        config
            .history
            .iter()
            .map(|step| step.empty_layer)
            .collect::<Vec<_>>(),
        [false, true, false]
    );
}

#[test]
fn a_config_with_the_required_fields_has_no_problems() {
    let config = parse(&least());
    assert_eq!(problems(&config), [""; 0]);
    assert_eq!(config.platform(), Some(Platform::new("linux", "amd64")));
    assert!(config.history.is_empty() && config.created.is_none());
}

/// Row E20: each wrong type is told, and everything else is still there.
#[test]
fn wrong_types_in_single_fields_do_not_lose_the_rest() {
    let full = json!({
        "os": "linux", "architecture": "amd64", "author": "a", "created": "c",
        "config": { "User": "u", "Env": ["A=1"], "Labels": { "l": "1" }, "Volumes": { "/v": {} }, "Cmd": ["sh"],
            "StopTimeout": 1, "ArgsEscaped": false, "Healthcheck": { "Retries": 1 } },
        "rootfs": { "type": "layers", "diff_ids": [BASE, TOP] },
        "history": [{ "created_by": "x" }],
    });
    let cases = [
        (
            "/os",
            json!(123),
            "os: expected a string, found the number 123",
        ),
        (
            "/variant",
            json!(123),
            "variant: expected a string, found the number 123",
        ),
        (
            "/author",
            json!([]),
            "author: expected a string, found a list",
        ),
        (
            "/os.features",
            json!("win32k"),
            "[\"os.features\"]: expected a list, found the string \"win32k\"",
        ),
        (
            "/config",
            json!("x"),
            "config: expected an object, found the string \"x\"",
        ),
        (
            "/config/User",
            json!(1234),
            "config.User: expected a string, found the number 1234",
        ),
        (
            "/config/Env",
            json!(["A=1", 7353]),
            "config.Env[1]: expected a string, found the number 7353",
        ),
        (
            "/config/Env",
            json!({ "A": "1" }),
            "config.Env: expected a list, found an object",
        ),
        (
            "/config/Volumes",
            json!(["/v"]),
            "config.Volumes: expected an object, found a list",
        ),
        (
            "/config/Labels",
            json!({ "l": "1", "a.b": null }),
            "config.Labels[\"a.b\"]: expected a string, found null",
        ),
        (
            "/config/Cmd",
            json!("sh"),
            "config.Cmd: expected a list, found the string \"sh\"",
        ),
        (
            "/config/StopTimeout",
            json!(-1),
            "config.StopTimeout: expected a whole number that is not negative, found the number -1",
        ),
        (
            "/config/ArgsEscaped",
            json!("no"),
            "config.ArgsEscaped: expected true or false, found the string \"no\"",
        ),
        (
            "/config/Healthcheck",
            json!(true),
            "config.Healthcheck: expected an object, found true",
        ),
        (
            "/config/Healthcheck/Retries",
            json!(1.5),
            "config.Healthcheck.Retries: expected a whole number that is not negative, found the number 1.5",
        ),
        (
            "/rootfs",
            json!([]),
            "rootfs: expected an object, found a list",
        ),
        (
            "/rootfs/type",
            json!("tarsum"),
            "rootfs.type: expected the string \"layers\", found the string \"tarsum\"",
        ),
        (
            "/rootfs/diff_ids",
            json!("x"),
            "rootfs.diff_ids: expected a list, found the string \"x\"",
        ),
        (
            "/history",
            json!("should be an array"),
            "history: expected a list, found the string \"should be an array\"",
        ),
        (
            "/history",
            json!(["x"]),
            "history[0]: expected an object, found the string \"x\"",
        ),
        (
            "/history/0/empty_layer",
            json!(1),
            "history[0].empty_layer: expected true or false, found the number 1",
        ),
    ];
    for (pointer, value, told) in cases {
        let config = parse(&with(full.clone(), pointer, value));
        assert_eq!(problems(&config), [told]);
        for (other, holds) in witnesses(&config) {
            let related = pointer.starts_with(other) || other.starts_with(pointer);
            assert!(related || holds, "{pointer} lost {other}: {config:?}");
        }
    }
}

/// Whether each field of the config above is there.
fn witnesses(config: &ImageConfig) -> [(&'static str, bool); 14] {
    let run = &config.config;
    let retries = run.healthcheck.as_ref().and_then(|health| health.retries);
    [
        ("/os", config.os == "linux"),
        ("/architecture", config.architecture == "amd64"),
        ("/author", config.author.as_deref() == Some("a")),
        ("/created", config.created.as_deref() == Some("c")),
        ("/config/User", run.user.as_deref() == Some("u")),
        ("/config/Env", run.env == ["A=1"]),
        ("/config/Labels", run.labels.contains_key("l")),
        ("/config/Volumes", run.volumes == ["/v"]),
        ("/config/Cmd", run.cmd == ["sh"]),
        ("/config/ArgsEscaped", run.args_escaped == Some(false)),
        ("/config/Healthcheck/Retries", retries == Some(1)),
        (
            "/rootfs/type",
            config.rootfs.kind.as_deref() == Some("layers"),
        ),
        (
            "/rootfs/diff_ids",
            config.rootfs.diff_ids.iter().flatten().count() == 2,
        ),
        (
            "/history/0/created_by",
            config.history.iter().any(|step| step.created_by.is_some()),
        ),
    ]
}

#[test]
fn a_command_in_one_string_is_kept_as_docker_keeps_it() {
    let config = parse(&with(
        least(),
        "/config",
        json!({ "Entrypoint": "/bin/sh -c x" }),
    ));
    assert_eq!(config.config.entrypoint, ["/bin/sh -c x"]);
    assert_eq!(config.problems.len(), 1);
}

#[test]
fn one_malformed_diff_id_keeps_the_others_in_their_places() {
    let diff_ids = json!([
        BASE,
        "sha256:short",
        1,
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        TOP
    ]);
    let config = parse(&with(least(), "/rootfs/diff_ids", diff_ids));
    let places: Vec<_> = config.rootfs.diff_ids.iter().map(Option::is_some).collect();
    assert_eq!(places, [true, false, false, true, true]);
    assert_eq!(config.rootfs.diff_id(4).unwrap().to_string(), TOP);
    assert_eq!(config.rootfs.diff_id(3).unwrap().digest().algorithm(), None);
    assert_eq!(
        problems(&config),
        [
            "rootfs.diff_ids[1]: expected 64 lower-case hexadecimal digits, found the string \"sha256:short\"",
            "rootfs.diff_ids[2]: expected a digest, found the number 1",
        ]
    );
}

#[test]
fn null_lists_are_empty() {
    let text = r#"{"os":"linux","architecture":"amd64","author":null,
        "config":{"Env":null,"Cmd":null,"Entrypoint":null,"Volumes":null,"ExposedPorts":null,"Labels":null,
            "OnBuild":null,"Shell":null,"Healthcheck":null,"User":null},
        "rootfs":{"type":"layers","diff_ids":null},"history":null}"#;
    let config = ImageConfig::parse(text.as_bytes()).unwrap();
    assert_eq!(problems(&config), [""; 0]);
    assert_eq!(config.config, layerscope_oci::RuntimeConfig::default());
    assert!(config.rootfs.diff_ids.is_empty() && config.history.is_empty());
}

/// Row E17, and row E16: the empty config of an artifact is a config without anything.
#[test]
fn missing_required_fields_are_told() {
    let config = ImageConfig::parse(&b"{}\n"[..]).unwrap();
    assert_eq!(
        problems(&config),
        [
            "os: expected a string, found nothing",
            "architecture: expected a string, found nothing",
            "rootfs: expected an object, found nothing",
        ]
    );
    assert_eq!(config.platform(), None);
    assert_eq!(config.rootfs.kind, None);
}

/// Row E23.
#[test]
fn dates_stay_as_they_are_written() {
    for date in ["0000-00-00T00:00:00Z", "99999-12-31", "yesterday", ""] {
        let config = parse(&with(least(), "/created", json!(date)));
        assert_eq!(config.created.as_deref(), Some(date));
        assert!(config.problems.is_empty());
    }
}

#[test]
fn repeated_keys_are_told() {
    let text = least()
        .to_string()
        .replacen('{', "{\"os\":\"windows\",\"OS\":\"darwin\",", 1);
    let config = ImageConfig::parse(text.as_bytes()).unwrap();
    assert_eq!(config.duplicate_keys, ["OS", "os"]);
    assert_eq!(config.os, "linux");
}

#[test]
fn what_is_no_json_object_is_refused() {
    let name = |raw: &[u8]| ImageConfig::parse(raw).unwrap_err().name();
    assert_eq!(name(b"invalid JSON"), "malformed-json");
    assert_eq!(name(b"[]"), "malformed-field");
    assert_eq!(name(b"\xef\xbb\xbf{}"), "not-utf8-json");
    assert_eq!(name(b""), "malformed-json");
    let huge = vec![b' '; limits::CONFIG_BYTES as usize + 1];
    assert!(matches!(
        ImageConfig::parse(huge),
        Err(Error::OverLimit {
            what: "image config, bytes",
            ..
        })
    ));
}

#[test]
fn long_lists_are_cut_and_say_so() {
    let config = parse(&with(
        least(),
        "/history",
        json!(vec![json!({}); limits::HISTORY + 5]),
    ));
    assert_eq!(config.history.len(), limits::HISTORY);
    assert_eq!(
        problems(&config),
        ["history: expected fewer items, found 10005, of which the first 10000 are read",]
    );
}
