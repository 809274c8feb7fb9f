//! Words that are not ours, and words that errors share.

use crate::limits;

/// What a registry says is wrong (distribution-spec, "Error Codes"): already escaped and shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The error code, such as `MANIFEST_UNKNOWN`; empty when the body has none.
    pub code: String,
    /// The message, or the first words of a body that has none.
    pub message: String,
}

/// In which way a request got no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The name of the host has no address.
    Unresolved,
    /// No connection could be made: nobody listens, or there is no way there.
    Unreachable,
    /// No TLS connection could be made: a certificate that does not fit, or no TLS at all.
    Tls,
    /// Nothing came for too long.
    TimedOut,
    /// The connection broke, or what came was no HTTP.
    Broken,
}

impl Silence {
    /// Whether asking again may help by itself.
    pub(crate) fn may_pass(self) -> bool {
        matches!(self, Self::TimedOut | Self::Broken)
    }

    /// The stable name; a gateway calls the same thing the same.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls-failed",
            Self::TimedOut => "timed-out",
            Self::Broken => "broken-answer",
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Unresolved => "there is no host of this name",
            Self::Unreachable => "no connection could be made",
            Self::Tls => "no safe connection could be made",
            Self::TimedOut => "nothing came in time",
            Self::Broken => "the answer broke off",
        }
    }
}

pub(crate) fn in_detail(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(" ({detail})")
    }
}

/// The first of many names, for an error or an oddity to list.
pub(crate) fn some_of(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names = names.into_iter();
    let mut some: Vec<String> = names.by_ref().take(limits::LISTED).collect();
    if names.next().is_some() {
        some.push("…".to_owned());
    }
    some
}

pub(crate) fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

pub(crate) fn words(told: &Option<Box<Told>>) -> String {
    let Some(Told { code, message }) = told.as_deref() else {
        return String::new();
    };
    match (code.as_str(), message.as_str()) {
        ("", message) => format!(": {message}"),
        (code, "") => format!(": {code}"),
        (code, message) => format!(": {code}: {message}"),
    }
}

pub(crate) fn advised(advice: &Option<String>) -> String {
    match advice {
        None => String::new(),
        Some(command) => format!("; `{command}` would help"),
    }
}

pub(crate) fn kept_back(realm: &Option<String>) -> String {
    match realm {
        None => String::new(),
        Some(realm) => {
            format!("; the stored credentials were not sent to {realm}, which is not allowed")
        }
    }
}

pub(crate) fn left_over(quota: &Option<String>) -> String {
    match quota {
        None => String::new(),
        Some(quota) => format!(" (quota {quota})"),
    }
}

/// Somebody else's words, so that they can be printed: at most [`limits::QUOTED_BYTES`] bytes, with
/// control characters and what changes the direction or the look of text as escapes.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for letter in text.chars() {
        if quoted.len() >= limits::QUOTED_BYTES {
            quoted.push('…');
            break;
        }
        if is_deceptive(letter) {
            quoted.extend(letter.escape_default());
        } else {
            quoted.push(letter);
        }
    }
    quoted
}

/// Whether a character is invisible or moves what stands around it.
fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}
