//! Which header fields pass, in both directions. All others stay where they are.

use axum::http::header::{
    ACCEPT, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG,
    IF_NONE_MATCH, LINK, RETRY_AFTER, WARNING,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::limits::MAX_HEADER_VALUE;
use crate::origin::Origin;
use crate::range::ByteRange;
use crate::refusal::Refusal;
use crate::route::Route;
use crate::wanted::Wanted;

/// Types that a registry's bytes may be given to a page as. Everything else is bytes without a type:
/// the page asks the manifest what they are, and a browser must not guess.
const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.artifact.manifest.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
];

/// What a page's request says beside its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) range: Option<ByteRange>,
    accept: Option<HeaderValue>,
    if_none_match: Option<HeaderValue>,
}

impl Asked {
    /// Reads what may be passed on.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Result<Self, Refusal> {
        Ok(Self {
            method: method.clone(),
            range: ByteRange::of(headers)?,
            // Without an `Accept` of the page's own, a browser sends this, and registries then choose.
            accept: single(headers, ACCEPT, "accept")?.filter(|value| value != "*/*"),
            if_none_match: single(headers, IF_NONE_MATCH, "if-none-match")?,
        })
    }

    /// Completes a request that gets the thing itself, not a token.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        for (name, value) in [(ACCEPT, &self.accept), (IF_NONE_MATCH, &self.if_none_match)] {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }

    /// Whether `status` says that the page has it already.
    pub(crate) fn is_unchanged(&self, status: StatusCode) -> bool {
        status == StatusCode::NOT_MODIFIED && self.if_none_match.is_some()
    }
}

fn single(
    headers: &HeaderMap,
    name: HeaderName,
    shown: &'static str,
) -> Result<Option<HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if value.len() <= MAX_HEADER_VALUE && value.to_str().is_ok() => {
            Ok(Some(value.clone()))
        }
        _ => Err(Refusal::HeaderRefused { header: shown }),
    }
}

/// What is left of a quota, when to ask again and what the registry warns of. They go with errors, too.
/// A date to ask again at counts from the registry's own.
pub(crate) fn quota(from: &HeaderMap) -> HeaderMap {
    let is_quota = |name: &HeaderName| {
        [RETRY_AFTER, DATE, WARNING].contains(name) || name.as_str().starts_with("ratelimit")
    };
    from.iter()
        .filter(|(name, _)| is_quota(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The header fields of an answer to the page.
pub(crate) fn answered(
    from: &HeaderMap,
    status: StatusCode,
    wanted: &Wanted,
    home: &Origin,
) -> Result<HeaderMap, Refusal> {
    let mut headers = quota(from);
    for name in [
        ACCEPT_RANGES,
        CONTENT_LENGTH,
        CONTENT_RANGE,
        ETAG,
        HeaderName::from_static("docker-content-digest"),
    ] {
        if let Some(value) = from.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    headers.insert(CONTENT_TYPE, media_type(from.get(CONTENT_TYPE)));
    if wanted.shape.is_list() {
        for link in from.get_all(LINK) {
            if let Some(link) = rewritten(link, wanted, home)? {
                headers.insert(LINK, link);
            }
        }
    }
    let is_whole = matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT);
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(if is_whole && wanted.shape.is_immutable() {
            "private, max-age=31536000, immutable"
        } else {
            "private, no-cache"
        }),
    );
    Ok(headers)
}

fn media_type(stated: Option<&HeaderValue>) -> HeaderValue {
    let essence = stated
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    let known = essence.and_then(|essence| {
        MEDIA_TYPES
            .iter()
            .find(|known| known.eq_ignore_ascii_case(essence))
    });
    HeaderValue::from_static(known.copied().unwrap_or("application/octet-stream"))
}

/// The next page of a list, as a path of the gateway (distribution-spec, "Listing Tags"). None for
/// links that are not about that. A next page at another host or of another list is refused, because
/// to drop it would end the list unseen.
fn rewritten(
    link: &HeaderValue,
    wanted: &Wanted,
    home: &Origin,
) -> Result<Option<HeaderValue>, Refusal> {
    let refused = || Refusal::LinkRefused {
        host: wanted.host.to_string(),
    };
    let link = link.to_str().map_err(|_| refused())?;
    let (target, parameters) = link
        .trim_start()
        .strip_prefix('<')
        .and_then(|link| link.split_once('>'))
        .ok_or_else(refused)?;
    if parameters.contains('<') {
        return Err(refused());
    }
    let is_next = |parameter: &str| matches!(parameter, "rel=next" | "rel=\"next\"");
    if !parameters.split(';').map(str::trim).any(is_next) {
        return Ok(None);
    }
    let path = if target.starts_with('/') && !target.starts_with("//") {
        target
    } else if Origin::of(target).as_ref() == Some(home) {
        target
            .split_once("://")
            .and_then(|(_, rest)| rest.get(rest.find('/')?..))
            .ok_or_else(refused)?
    } else {
        return Err(refused());
    };
    let (path, query) = path.split_once('?').ok_or_else(refused)?;
    // A mirror may have a path in front of its own; what counts is where `/v2/` begins.
    let path = path
        .find("/v2/")
        .and_then(|start| path.get(start..))
        .ok_or_else(refused)?;
    let own = format!("/registry/{}{path}", wanted.host);
    match Route::of(&own, None) {
        Ok(Route::Registry(next)) if next.is_same_list(wanted) => {}
        _ => return Err(refused()),
    }
    // The query is the registry's; what of it may be asked is decided when it is.
    HeaderValue::try_from(format!("<{own}?{query}>; rel=\"next\""))
        .map(Some)
        .map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn tags() -> Wanted {
        match Route::of("/registry/r.example/v2/a/b/tags/list", None) {
            Ok(Route::Registry(wanted)) => wanted,
            other => panic!("{other:?}"),
        }
    }

    fn home() -> Origin {
        Origin::of("https://r.example").expect("an origin")
    }

    #[test]
    fn only_three_fields_go_to_a_registry() {
        let page = map(&[
            ("accept", "application/json"),
            ("range", "bytes=0-9"),
            ("if-none-match", "\"x\""),
            ("authorization", "Bearer page"),
            ("cookie", "a=b"),
            ("origin", "http://127.0.0.1:1"),
            ("referer", "http://127.0.0.1:1/"),
            ("x-forwarded-for", "1.1.1.1"),
            ("proxy-authorization", "Basic x"),
            ("x-layerscope-secret", "s"),
            ("accept-encoding", "gzip"),
            ("connection", "upgrade"),
        ]);
        let asked = Asked::of(&Method::GET, &page).expect("what may pass");
        assert_eq!(asked.range.map(|range| range.first), Some(0));
        let mut sent = map(&[("accept", "text/html"), ("authorization", "Bearer gateway")]);
        asked.complete(&mut sent);
        let expected = map(&[
            ("accept", "application/json"),
            ("authorization", "Bearer gateway"),
            ("if-none-match", "\"x\""),
        ]);
        assert_eq!(sent, expected);
    }

    #[test]
    fn a_browser_s_own_accept_does_not_count() {
        let asked = Asked::of(&Method::GET, &map(&[("accept", "*/*")])).expect("what may pass");
        let mut sent = map(&[("accept", "application/json")]);
        asked.complete(&mut sent);
        assert_eq!(sent, map(&[("accept", "application/json")]));
    }

    #[test]
    fn a_field_that_stands_twice_or_is_too_long_is_refused() {
        let mut twice = map(&[("accept", "a/b")]);
        twice.append(ACCEPT, HeaderValue::from_static("c/d"));
        assert!(Asked::of(&Method::GET, &twice).is_err());
        let long = HeaderValue::try_from("a".repeat(MAX_HEADER_VALUE + 1)).expect("a value");
        assert!(Asked::of(&Method::GET, &HeaderMap::from_iter([(IF_NONE_MATCH, long)])).is_err());
    }

    #[test]
    fn an_answer_says_what_the_rules_let_it_say() {
        let from = map(&[
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", "5"),
            ("content-range", "bytes 0-4/9"),
            ("accept-ranges", "bytes"),
            ("etag", "\"e\""),
            ("docker-content-digest", "sha256:0"),
            ("retry-after", "7"),
            ("ratelimit-limit", "100;w=21600"),
            ("ratelimit-remaining", "99;w=21600"),
            ("warning", "299 - \"old\""),
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("set-cookie", "a=b"),
            ("location", "https://storage.example/?sig=secret"),
            ("www-authenticate", "Basic realm=x"),
            ("content-encoding", "gzip"),
            ("content-security-policy", "default-src *"),
            ("access-control-allow-origin", "*"),
            ("cache-control", "public"),
            ("server", "x"),
        ]);
        let headers = answered(&from, StatusCode::OK, &tags(), &home()).expect("headers");
        let expected = map(&[
            ("content-type", "application/octet-stream"),
            ("content-length", "5"),
            ("content-range", "bytes 0-4/9"),
            ("accept-ranges", "bytes"),
            ("etag", "\"e\""),
            ("docker-content-digest", "sha256:0"),
            ("retry-after", "7"),
            ("ratelimit-limit", "100;w=21600"),
            ("ratelimit-remaining", "99;w=21600"),
            ("warning", "299 - \"old\""),
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("cache-control", "private, no-cache"),
        ]);
        assert_eq!(headers, expected);
    }

    #[test]
    fn types_are_of_a_fixed_set() {
        for (stated, given) in [
            ("application/json; charset=utf-8", "application/json"),
            (
                "APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON",
                "application/vnd.oci.image.index.v1+json",
            ),
            (
                "application/vnd.oci.image.layer.v1.tar+gzip",
                "application/octet-stream",
            ),
            ("text/html", "application/octet-stream"),
            ("image/svg+xml", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(
                media_type(Some(&HeaderValue::from_static(stated))),
                given,
                "{stated}"
            );
        }
        assert_eq!(media_type(None), "application/octet-stream");
    }

    #[test]
    fn a_link_leads_on_in_the_same_list_or_nowhere() {
        let own = "</registry/r.example/v2/a/b/tags/list?n=2&last=x>; rel=\"next\"";
        for link in [
            "</v2/a/b/tags/list?n=2&last=x>; rel=\"next\"",
            "</v2/a/b/tags/list?n=2&last=x>;rel=next",
            "<https://r.example/v2/a/b/tags/list?n=2&last=x>; rel=\"next\"",
            "<https://R.example:443/mirror/v2/a/b/tags/list?n=2&last=x>; rel=\"next\"",
        ] {
            let link = HeaderValue::from_static(link);
            let next = rewritten(&link, &tags(), &home()).expect("a link");
            assert_eq!(next.expect("the next page"), own);
        }
        for link in [
            "",
            "<>; rel=\"next\"",
            "<",
            "</v2/a/b/tags/list>; rel=\"next\"",
            "</v2/a/c/tags/list?n=2>; rel=\"next\"",
            "</v2/_catalog?n=2>; rel=\"next\"",
            "</v2/a/b/../c/tags/list?n=2>; rel=\"next\"",
            "<//evil.example/v2/a/b/tags/list?n=2>; rel=\"next\"",
            "<http://r.example/v2/a/b/tags/list?n=2>; rel=\"next\"",
            "<https://evil.example/v2/a/b/tags/list?n=2>; rel=\"next\"",
            "<https://169.254.169.254/v2/a/b/tags/list?n=2>; rel=\"next\"",
            "<v2/a/b/tags/list?n=2>; rel=\"next\"",
            "</x>; rel=\"prev\", </v2/a/b/tags/list?n=2>; rel=\"next\"",
        ] {
            assert!(
                rewritten(&HeaderValue::from_static(link), &tags(), &home()).is_err(),
                "{link}"
            );
        }
        for link in [
            "</v2/a/b/tags/list?n=2>",
            "<https://docs.example/>; rel=\"help\"",
        ] {
            let none = rewritten(&HeaderValue::from_static(link), &tags(), &home());
            assert_eq!(none, Ok(None), "{link}");
        }
    }
}
