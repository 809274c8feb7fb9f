//! What the heads of answers say on the side.

use layerscope_oci::MediaType;

use crate::error::quoted;
use crate::step::Headers;

/// How many warnings are kept.
const WARNINGS: usize = 8;

/// What the answers of an exchange say apart from their bodies.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Where in the blob the final body begins.
    pub(super) offset: u64,
    /// What the final body is said to be.
    pub(super) media_type: Option<MediaType>,
    /// The digest that the final body is said to have.
    pub(super) digest: Option<String>,
    /// Where the next page is.
    pub(super) link: Option<String>,
    /// Warnings of any answer, escaped and shortened.
    pub(super) warnings: Vec<String>,
    /// What is left of a quota, as the last answer that spoke of one says.
    pub(super) quota: Option<String>,
}

impl Answer {
    /// Takes what any head may say.
    pub(super) fn note(&mut self, headers: &Headers) {
        for warning in headers.all("warning").filter_map(warning_text) {
            let warning = quoted(warning);
            if self.warnings.len() < WARNINGS && !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        if let Some(left) = headers.get("ratelimit-remaining") {
            let limit = headers.get("ratelimit-limit").unwrap_or("?");
            let (left, limit) = (before_parameters(left), before_parameters(limit));
            self.quota = Some(quoted(&format!("{left}/{limit}")));
        }
    }

    /// Takes what the final head says of its body.
    pub(super) fn accept(&mut self, headers: &Headers) {
        self.media_type = headers.get("content-type").map(MediaType::new);
        self.digest = headers.get("docker-content-digest").map(str::to_owned);
        self.link = headers.all("link").find_map(next_link).map(str::to_owned);
    }
}

/// The encoding of a body whose bytes are not those of the blob.
pub(super) fn foreign_encoding(headers: &Headers) -> Option<&str> {
    let encoding = headers.get("content-encoding")?.trim();
    (!encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity")).then_some(encoding)
}

/// The target of the `next` link in a `Link` header field (RFC 8288).
fn next_link(field: &str) -> Option<&str> {
    let mut rest = field;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or_default();
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let Some((name, value)) = parameter.split_once('=') else {
                return false;
            };
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
        });
        if is_next && !target.is_empty() {
            return Some(target);
        }
        rest = after;
    }
}

/// The text of a warning with code 299 and agent `-`, which is all that the specification allows.
fn warning_text(field: &str) -> Option<&str> {
    let text = field.trim().strip_prefix("299 - ")?.trim();
    Some(text.trim_matches('"'))
}

/// The value of a rate limit field: some registries add the window after a semicolon.
fn before_parameters(field: &str) -> &str {
    field.split([';', ',']).next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        for (field, expected) in [
            (
                r#"</v2/a/tags/list?last=b&n=2>; rel="next""#,
                Some("/v2/a/tags/list?last=b&n=2"),
            ),
            (r#"<x>; rel=prev, <y>; title="a"; REL = Next"#, Some("y")),
            ("<x>", None),
            ("<x>; rel=last", None),
            ("<>; rel=next", None),
            ("<", None),
            ("<x; rel=next", None),
            ("", None),
        ] {
            assert_eq!(next_link(field), expected, "{field}");
        }
    }

    #[test]
    fn warnings_and_quotas_are_kept_escaped() {
        let mut answer = Answer::default();
        answer.note(&Headers::from_iter([
            ("Warning", "299 - \"this tag is\u{202e} deprecated\""),
            ("Warning", "199 - \"no\""),
            ("RateLimit-Limit", "100;w=21600"),
            ("RateLimit-Remaining", "7;w=21600"),
        ]));
        answer.note(&Headers::from_iter([(
            "warning",
            "299 - \"this tag is\u{202e} deprecated\"",
        )]));
        assert_eq!(answer.warnings, ["this tag is\\u{202e} deprecated"]);
        assert_eq!(answer.quota.as_deref(), Some("7/100"));
    }

    #[test]
    fn only_identity_leaves_bytes_alone() {
        let encoding = |value: &str| {
            foreign_encoding(&Headers::from_iter([("Content-Encoding", value)])).map(str::to_owned)
        };
        assert_eq!(encoding(" Identity"), None);
        assert_eq!(encoding(""), None);
        assert_eq!(encoding("gzip"), Some("gzip".to_owned()));
    }
}
