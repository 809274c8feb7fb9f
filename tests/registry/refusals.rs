//! Errors, closed doors, and documents that are none: what a registry may answer instead of what it was asked for.

use harness::Answer;

use crate::lies::Case;

/// One refusal each.
pub(crate) const REFUSALS: &[Case] = &[
    Case {
        what: "one error of the server",
        lie: |honest, asked, time| {
            (honest.is_for_manifest(asked) && time == 0)
                .then(|| Answer::new(500).header("retry-after", "0"))
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 2,
        tops: 1,
    },
    Case {
        what: "one error of the server at a layer",
        lie: |honest, asked, time| {
            (honest.is_for(honest.top(), asked) && time == 0)
                .then(|| Answer::new(503).header("retry-after", "0"))
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "errors of the server without end",
        lie: |honest, asked, _| {
            honest.is_for_manifest(asked).then(|| {
                Answer::new(500)
                    .header("retry-after", "0")
                    .body("on\u{1b}[2J fire")
            })
        },
        exit: 2,
        says: &["status 500", "on\\u{1b}[2J fire"],
        manifests: 5,
        tops: 0,
    },
    Case {
        what: "patience for a second",
        lie: |honest, asked, time| {
            (honest.is_for_manifest(asked) && time == 0)
                .then(|| Answer::new(429).header("retry-after", "1"))
        },
        exit: 0,
        says: &["\nverified\n", "asking again in 1 s"],
        manifests: 2,
        tops: 1,
    },
    Case {
        what: "patience until a date",
        lie: |honest, asked, time| {
            (honest.is_for_manifest(asked) && time == 0).then(|| {
                Answer::new(503)
                    .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
                    .header("retry-after", "Sun, 06 Nov 1994 08:49:44 GMT")
            })
        },
        exit: 0,
        says: &["\nverified\n", "asking again in 7 s"],
        manifests: 2,
        tops: 1,
    },
    Case {
        what: "patience until yesterday",
        lie: |honest, asked, time| {
            (honest.is_for_manifest(asked) && time == 0).then(|| {
                Answer::new(429)
                    .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
                    .header("retry-after", "Sat, 05 Nov 1994 08:49:37 GMT")
            })
        },
        exit: 0,
        says: &["\nverified\n", "asking again in 1 s"],
        manifests: 2,
        tops: 1,
    },
    Case {
        what: "patience until junk, and what is left",
        lie: |honest, asked, time| {
            (honest.is_for_manifest(asked) && time == 0).then(|| {
                Answer::new(429)
                    .header("retry-after", "soon\u{202e}")
                    .header("ratelimit-limit", "100;w=21600")
                    .header("ratelimit-remaining", "7;w=21600")
            })
        },
        exit: 0,
        says: &["\nverified\n", "asking again in 1 s"],
        manifests: 2,
        tops: 1,
    },
    Case {
        what: "patience without end",
        lie: |honest, asked, _| {
            honest.is_for_manifest(asked).then(|| {
                Answer::new(429)
                    .header("retry-after", "0")
                    .header("ratelimit-limit", "100;w=21600")
                    .header("ratelimit-remaining", "0;w=21600")
            })
        },
        exit: 2,
        says: &["too many requests after 5 attempts", "quota 0/100"],
        manifests: 5,
        tops: 0,
    },
    Case {
        what: "patience for an hour",
        lie: |honest, asked, _| {
            honest
                .is_for_manifest(asked)
                .then(|| Answer::new(429).header("retry-after", "3600"))
        },
        exit: 2,
        says: &["asking again in 60 s", "too many requests after 5 attempts"],
        manifests: 5,
        tops: 0,
    },
    Case {
        what: "a closed door without a challenge",
        lie: |_, _, _| Some(Answer::new(401)),
        exit: 2,
        says: &["denies", "401"],
        manifests: 1,
        tops: 0,
    },
    Case {
        what: "a door that no token opens",
        lie: |_, asked, _| match asked.path() {
            "/token" => Some(Answer::new(200).body(r#"{"token":"t"}"#)),
            _ => {
                let host = asked.header("host").unwrap_or_default();
                Some(Answer::new(401).header(
                    "www-authenticate",
                    format!("Bearer realm=\"http://{host}/token\",service=\"s\""),
                ))
            }
        },
        exit: 2,
        says: &["denies", "401"],
        manifests: 2,
        tops: 0,
    },
    Case {
        what: "a page of HTML instead of an error",
        lie: |honest, asked, _| {
            honest.is_for_manifest(asked).then(|| {
                Answer::new(404)
                    .header("content-type", "text/html")
                    .body("<!doctype html><script>alert(1)</script>\u{202e}not found")
            })
        },
        exit: 2,
        says: &["has no manifest 1 of fruit"],
        manifests: 1,
        tops: 0,
    },
    Case {
        what: "a page of HTML instead of a manifest",
        lie: |honest, asked, _| {
            honest.is_for_manifest(asked).then(|| {
                Answer::new(200)
                    .header("content-type", "text/html")
                    .body("<!doctype html><title>Log in</title>")
            })
        },
        exit: 1,
        says: &["malformed JSON", "NOT verified"],
        manifests: 1,
        tops: 0,
    },
    Case {
        what: "a manifest of nine megabytes",
        lie: |honest, asked, _| {
            honest.is_for_manifest(asked).then(|| {
                Answer::new(200)
                    .header("content-type", honest.image.manifest.media_type)
                    .body(vec![b' '; 9 << 20])
            })
        },
        exit: 2,
        says: &["at most 8388608"],
        manifests: 1,
        tops: 0,
    },
    Case {
        what: "the same without a length",
        lie: |honest, asked, _| {
            honest.is_for_manifest(asked).then(|| {
                Answer::new(200)
                    .header("content-type", honest.image.manifest.media_type)
                    .body(vec![b' '; 9 << 20])
                    .without_length()
            })
        },
        exit: 2,
        says: &["at most 8388608"],
        manifests: 1,
        tops: 0,
    },
    Case {
        what: "a redirect to itself",
        lie: |honest, asked, _| {
            honest
                .is_for_manifest(asked)
                .then(|| Answer::new(307).header("location", asked.target.clone()))
        },
        exit: 2,
        says: &["a redirect from", "too many"],
        manifests: 6,
        tops: 0,
    },
    Case {
        what: "a redirect to nowhere",
        lie: |honest, asked, _| honest.is_for_manifest(asked).then(|| Answer::new(302)),
        exit: 2,
        says: &["redirect"],
        manifests: 1,
        tops: 0,
    },
    Case {
        what: "a redirect out of HTTP",
        lie: |honest, asked, _| {
            honest
                .is_for_manifest(asked)
                .then(|| Answer::new(302).header("location", "file:///etc/passwd"))
        },
        exit: 2,
        says: &["redirect"],
        manifests: 1,
        tops: 0,
    },
    Case {
        what: "a manifest of the first schema",
        lie: |honest, asked, _| {
            let old = r#"{"schemaVersion":1,"name":"fruit","tag":"1","fsLayers":[],"history":[],"signatures":[]}"#;
            honest.is_for_manifest(asked).then(|| {
                Answer::new(200)
                    .header(
                        "content-type",
                        "application/vnd.docker.distribution.manifest.v1+prettyjws",
                    )
                    .body(old)
            })
        },
        exit: 1,
        says: &["schema 1", "NOT verified"],
        manifests: 1,
        tops: 0,
    },
];
