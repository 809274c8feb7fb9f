//! What a registry says is wrong (distribution-spec, "Error Codes").

use layerscope_oci::Json;

use crate::error::{Error, quoted};
use crate::limits;
use crate::words::Told;

/// An answer whose status is an error, with what is known around it.
pub(super) struct Failed<'a> {
    pub(super) host: String,
    pub(super) what: String,
    pub(super) status: u16,
    pub(super) attempts: u32,
    pub(super) quota: Option<String>,
    /// A token realm that did not get the credentials.
    pub(super) withheld: Option<String>,
    pub(super) repository: &'a str,
    /// It is an answer about the thing itself, not about tokens.
    pub(super) is_target: bool,
}

impl Failed<'_> {
    /// The error, with what the body says.
    pub(super) fn error(self, body: &[u8]) -> Error {
        let Self {
            host, what, status, ..
        } = self;
        let told = told(body).map(Box::new);
        match status {
            401 | 403 => Error::Denied {
                host,
                what,
                status,
                told,
                withheld: self.withheld,
            },
            404 if self.is_target => Error::NotFound {
                what: match &told {
                    Some(told) if told.code == "NAME_UNKNOWN" => {
                        format!("repository {}", self.repository)
                    }
                    _ => what,
                },
                host,
                told,
            },
            429 => Error::TooManyRequests {
                host,
                attempts: self.attempts,
                quota: self.quota,
                told,
            },
            _ => Error::Status {
                host,
                what,
                status,
                told,
            },
        }
    }
}

/// The words of an error's body, escaped and shortened: its first error's code and message, or else
/// the beginning of its text.
pub(super) fn told(body: &[u8]) -> Option<Told> {
    let body = body
        .get(..limits::ERROR_BODY_BYTES as usize)
        .unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let json = Json::parse(text.as_bytes()).ok();
    let error = json.as_ref().and_then(|json| {
        let value = json.value();
        // A token realm's error is an object by itself, in one of two shapes.
        value
            .get("errors")
            .and_then(|errors| errors.get(0))
            .or(Some(value))
    });
    let field = |names: &[&str]| {
        let error = error?;
        let text = names.iter().find_map(|name| error.get(name)?.as_str())?;
        Some(quoted(text.trim()))
    };
    let code = field(&["code", "error"]).unwrap_or_default();
    let message = field(&["message", "error_description", "details", "detail"]);
    match message {
        Some(message) => Some(Told { code, message }),
        None if !code.is_empty() => Some(Told {
            code,
            message: String::new(),
        }),
        None => Some(Told {
            code,
            message: quoted(text),
        }),
    }
}

/// What a gateway itself says is wrong: its name for it, and the command that would help.
///
/// It stands in an object of its own, where no registry can put anything: a command that a stranger
/// made up must never be shown as one to run. What the gateway only passes on has the name of the core's own error, and
/// is told by the registry's words.
pub(super) fn refused(body: &[u8]) -> Option<(String, Option<String>)> {
    const PASSED_ON: [&str; 5] = [
        "not-found",
        "denied",
        "too-many-requests",
        "http-status",
        "try-again",
    ];
    let json = Json::parse(body).ok()?;
    let error = json.value().get("error")?;
    let name = error.get("name")?.as_str()?;
    let is_name = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if !is_name || name.is_empty() || PASSED_ON.contains(&name) {
        return None;
    }
    let advice = error
        .get("allowCommand")
        .and_then(|command| command.as_str());
    Some((name.to_owned(), advice.map(quoted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> (String, String) {
        let told = told(body.as_bytes()).unwrap();
        (told.code, told.message)
    }

    #[test]
    fn the_first_error_is_quoted() {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}},{"code":"B"}]}"#;
        assert_eq!(
            said(body),
            ("MANIFEST_UNKNOWN".into(), "manifest unknown".into())
        );
        assert_eq!(
            said(r#"{"details":"incorrect username or password"}"#).1,
            "incorrect username or password"
        );
        assert_eq!(
            said(r#"{"error":"invalid_scope","error_description":"no"}"#),
            ("invalid_scope".into(), "no".into())
        );
        assert_eq!(
            said(r#"{"errors":[{"code":"DENIED"}]}"#),
            ("DENIED".into(), String::new())
        );
    }

    #[test]
    fn other_bodies_are_shown_shortened_and_escaped() {
        assert_eq!(told(b""), None);
        assert_eq!(told(b" \r\n"), None);
        assert_eq!(
            said("<html>\u{1b}[31m\u{202e}").1,
            "<html>\\u{1b}[31m\\u{202e}"
        );
        assert_eq!(said(r#"{"errors":[]}"#).1, r#"{"errors":[]}"#);
        assert_eq!(said("[1]").1, "[1]");
        let long = "x".repeat(5 << 20);
        assert_eq!(said(&long).1.chars().count(), limits::QUOTED_BYTES + 1);
        assert_eq!(told(b"\xff\xfe").unwrap().message, "\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_gateway_s_own_reasons_are_told_from_what_it_passes_on() {
        let of = |body: &str| refused(body.as_bytes());
        let name =
            |name: &str, advice: Option<&str>| Some((name.to_owned(), advice.map(str::to_owned)));
        assert_eq!(
            of(
                r#"{"error":{"name":"host-not-allowed","host":"h","allowCommand":"layerscope serve --allow-registry h"}}"#
            ),
            name(
                "host-not-allowed",
                Some("layerscope serve --allow-registry h")
            )
        );
        assert_eq!(
            of(r#"{"error":{"name":"too-busy"}}"#),
            name("too-busy", None)
        );
        assert_eq!(
            of("{\"error\":{\"name\":\"a\",\"allowCommand\":\"x\u{202e}\"}}"),
            name("a", Some("x\\u{202e}"))
        );
        for body in [
            r#"{"error":{"name":"denied"},"errors":[{"code":"host-not-allowed","message":"rm -r"}]}"#,
            r#"{"errors":[{"code":"host-not-allowed","message":"rm -r"}]}"#,
            r#"{"error":{"name":"Not A Name"}}"#,
            r#"{"error":{"name":""}}"#,
            r#"{"error":{"name":7}}"#,
            r#"{"error":"invalid_scope"}"#,
            "",
            "<html>",
        ] {
            assert_eq!(of(body), None, "{body}");
        }
    }
}
