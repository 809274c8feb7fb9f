//! Lies about bytes: other ones, too few, too many, or in a coding that nobody asked for.

use harness::{Answer, digest};

use crate::lies::Case;

/// One lie each; the first is none.
pub(crate) const BODIES: &[Case] = &[
    Case {
        what: "the truth",
        lie: |_, _, _| None,
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 1,
    },
    Case {
        what: "wrong bytes",
        lie: |honest, asked, _| {
            honest
                .is_for(honest.top(), asked)
                .then(|| Answer::new(200).body(flipped(&honest.top().bytes)))
        },
        exit: 1,
        says: &[
            "mismatch  layer 1",
            "layer 1 digest: expected",
            "verified  layer 0",
            "NOT verified",
        ],
        manifests: 1,
        tops: 1,
    },
    Case {
        what: "wrong bytes of the config",
        lie: |honest, asked, _| {
            honest
                .is_for(&honest.image.config, asked)
                .then(|| Answer::new(200).body(flipped(&honest.image.config.bytes)))
        },
        exit: 1,
        says: &[
            "mismatch  config",
            "config digest: expected",
            "NOT verified",
        ],
        manifests: 1,
        tops: 1,
    },
    Case {
        what: "a body that ends too early, in order",
        lie: |honest, asked, _| {
            honest
                .is_for(honest.top(), asked)
                .then(|| Answer::new(200).body(half(&honest.top().bytes)))
        },
        exit: 1,
        says: &["layer 1 size: expected", "NOT verified"],
        manifests: 1,
        // Asking for the rest is worth one attempt.
        tops: 2,
    },
    Case {
        what: "the same without a length",
        lie: |honest, asked, _| {
            honest.is_for(honest.top(), asked).then(|| {
                Answer::new(200)
                    .body(half(&honest.top().bytes))
                    .without_length()
            })
        },
        exit: 1,
        says: &["layer 1 size: expected", "NOT verified"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "a connection that always breaks at the same place",
        lie: |honest, asked, _| {
            let bytes = &honest.top().bytes;
            honest.is_for(honest.top(), asked).then(|| {
                Answer::new(200)
                    .body(half(bytes))
                    .saying_length(bytes.len() as u64)
            })
        },
        exit: 1,
        says: &[
            "failed  layer 1",
            "the answer broke off",
            "verified  layer 0",
            "asking again in 8 s",
            "NOT verified",
        ],
        manifests: 1,
        tops: 6,
    },
    Case {
        what: "a connection that breaks once, and a registry that ignores ranges",
        lie: |honest, asked, time| {
            let bytes = &honest.top().bytes;
            (honest.is_for(honest.top(), asked) && time == 0).then(|| {
                Answer::new(200)
                    .body(half(bytes))
                    .saying_length(bytes.len() as u64)
            })
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "a connection that breaks once, and the rest of the blob",
        lie: |honest, asked, time| {
            let bytes = &honest.top().bytes;
            let answer = || match time {
                0 => Answer::new(200)
                    .body(half(bytes))
                    .saying_length(bytes.len() as u64),
                _ => Answer::part(bytes, asked, usize::MAX),
            };
            honest.is_for(honest.top(), asked).then(answer)
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "the rest of another place",
        lie: |honest, asked, time| {
            let bytes = &honest.top().bytes;
            let answer = || match time {
                0 => Answer::new(200)
                    .body(half(bytes))
                    .saying_length(bytes.len() as u64),
                _ => Answer::new(206)
                    .header(
                        "content-range",
                        format!("bytes 1-{}/{}", bytes.len() - 1, bytes.len()),
                    )
                    .body(&bytes[1..]),
            };
            honest.is_for(honest.top(), asked).then(answer)
        },
        exit: 1,
        says: &["failed  layer 1", "NOT verified"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "the truth, without saying how long it is",
        lie: |honest, asked, _| {
            honest.is_for(honest.top(), asked).then(|| {
                Answer::new(200)
                    .body(honest.top().bytes.clone())
                    .without_length()
            })
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 1,
    },
    Case {
        what: "the truth in chunks",
        lie: |honest, asked, _| {
            honest
                .is_for(honest.top(), asked)
                .then(|| Answer::new(200).chunked(&honest.top().bytes, 1000))
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 1,
    },
    Case {
        what: "chunks that break off once",
        lie: |honest, asked, time| {
            let bytes = &honest.top().bytes;
            let answer = || {
                Answer::new(200)
                    .chunked(&bytes[..bytes.len() / 2], 1000)
                    .torn(20)
            };
            (honest.is_for(honest.top(), asked) && time == 0).then(answer)
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "a range that is refused after a break",
        lie: |honest, asked, time| {
            let bytes = &honest.top().bytes;
            let answer = || match (time, asked.header("range")) {
                (0, _) => Some(Answer::cut(bytes, bytes.len() / 2)),
                (_, Some(_)) => Some(Answer::new(416)),
                (_, None) => None,
            };
            honest.is_for(honest.top(), asked).then(answer).flatten()
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 3,
    },
    Case {
        what: "several parts at once",
        lie: |honest, asked, time| {
            let bytes = &honest.top().bytes;
            let answer = || match time {
                0 => Answer::cut(bytes, bytes.len() / 2),
                _ => Answer::new(206)
                    .header("content-type", "multipart/byteranges; boundary=x")
                    .body("--x\r\n\r\n--x--"),
            };
            honest.is_for(honest.top(), asked).then(answer)
        },
        exit: 1,
        says: &["failed  layer 1", "several parts", "NOT verified"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "a connection that breaks before a word was said, twice",
        lie: |honest, asked, time| {
            (honest.is_for(honest.top(), asked) && time < 2).then(Answer::hang_up)
        },
        exit: 0,
        says: &["\nverified\n", "asking again in 1 s", "asking again in 2 s"],
        manifests: 1,
        tops: 3,
    },
    Case {
        what: "a coding that is taken back for a range",
        lie: |honest, asked, _| {
            let answer = || {
                Answer::new(200)
                    .header("content-encoding", "gzip")
                    .body(harness::gzip(&honest.top().bytes))
            };
            (honest.is_for(honest.top(), asked) && asked.header("range").is_none()).then(answer)
        },
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 2,
    },
    Case {
        what: "a body that goes on after its end",
        lie: |honest, asked, _| {
            let longer = [&honest.top().bytes[..], b"and more"].concat();
            honest
                .is_for(honest.top(), asked)
                .then(|| Answer::new(200).body(longer))
        },
        exit: 1,
        says: &["layer 1 size: expected", "NOT verified"],
        manifests: 1,
        tops: 1,
    },
    Case {
        what: "one layer that is not there",
        lie: |honest, asked, _| {
            honest
                .is_for(honest.top(), asked)
                .then(|| Answer::new(404).body(r#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#))
        },
        exit: 1,
        says: &[
            "verified  layer 0",
            "failed  layer 1",
            "BLOB_UNKNOWN",
            "NOT verified",
        ],
        manifests: 1,
        tops: 1,
    },
    Case {
        what: "a compressed transfer that nobody asked for",
        lie: |honest, asked, _| {
            honest.is_for(honest.top(), asked).then(|| {
                Answer::new(200)
                    .header("content-encoding", "gzip")
                    .body(harness::gzip(&honest.top().bytes))
            })
        },
        exit: 1,
        says: &[
            "verified  layer 0",
            "failed  layer 1",
            "content encoding gzip",
            "NOT verified",
        ],
        manifests: 1,
        // The second time as a range, for which nobody compresses.
        tops: 2,
    },
    Case {
        what: "a digest in the header that is another's",
        lie: |honest, asked, _| {
            let manifest = &honest.image.manifest;
            let answer = || {
                Answer::new(200)
                    .header("content-type", manifest.media_type)
                    .header("docker-content-digest", digest(b"another"))
                    .body(manifest.bytes.clone())
            };
            honest.is_for_manifest(asked).then(answer)
        },
        // The header is hearsay: the bytes are judged by what is asked for.
        exit: 0,
        says: &["\nverified\n"],
        manifests: 1,
        tops: 1,
    },
];

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

fn half(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}
