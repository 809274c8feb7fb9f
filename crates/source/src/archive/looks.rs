//! What a file looks like that is no image archive.

use layerscope_layer::Cause;

use super::outer::OuterIndex;
use crate::error::Error;

/// How many names an error lists.
const NAMES: usize = 8;

/// The error for an archive without any description of images.
pub(super) fn no_manifest(index: &OuterIndex, head: &[u8]) -> Error {
    if index.len() == 0 {
        return match &index.cut {
            // The very first header is none.
            Some(cause) if cause.offset < 512 || !is_tar(head) => Error::NotAnArchive {
                found: looks(head).to_owned(),
            },
            Some(cause) => Error::Archive {
                cause: Box::new(cause.clone()),
            },
            None => Error::NoManifest {
                found: "an empty tar file",
                members: Vec::new(),
                count: 0,
            },
        };
    }
    if let Some(cause) = &index.cut {
        return Error::Archive {
            cause: Box::new(cause.clone()),
        };
    }
    if let Some(end) = index.unended {
        let expected = "index.json, manifest.json or the zero blocks that end an archive";
        return Error::Archive {
            cause: Box::new(Cause {
                name: "tar-truncated".into(),
                offset: end,
                expected: Some(expected.to_owned()),
                found: Some("the end of the file".to_owned()),
                text: format!(
                    "the archive ends early: expected {expected} at byte {end}, found the end of the file after {} members",
                    index.len()
                ),
            }),
        };
    }
    let has = |name: &str| index.has_top(name);
    let found = if has("repositories") {
        "the form that Docker wrote before 1.10, which nothing reads any more"
    } else if has("oci-layout") || has("blobs") {
        "an OCI layout without index.json"
    } else if ["bin", "etc", "usr"]
        .iter()
        .filter(|name| has(name))
        .count()
        >= 2
    {
        "a filesystem, perhaps one layer or the output of `docker export`"
    } else {
        "other files"
    };
    Error::NoManifest {
        found,
        members: index.top_names(NAMES),
        count: index.len(),
    }
}

fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// What the first bytes of a file that is no tar look like.
fn looks(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    let starts = |word: &[u8]| {
        let start = text.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if starts(b"<!doctype html") || starts(b"<html") {
        "an HTML page"
    } else if starts(b"<?xml") || starts(b"<") {
        "an XML document"
    } else if starts(b"{") || starts(b"[") {
        "a JSON document"
    } else if starts(b"%PDF") {
        "a PDF document"
    } else if starts(b"\x7fELF") {
        "a program"
    } else if starts(b"!<arch>") {
        "a Debian package or another `ar` archive"
    } else if starts(b"hsqs") {
        "a squashfs filesystem"
    } else if head.iter().all(|byte| *byte == 0) {
        "zeros"
    } else if is_text(head) {
        "text"
    } else {
        "bytes that are no tar header"
    }
}

fn is_text(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        // The last character may have been cut.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    }
}
