//! The page's own files, as they were built into the binary.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::range::ByteRange;
use crate::refusal::Refusal;

/// The files of the page: path within `dist/` and bytes, sorted by path.
#[derive(Clone, Copy)]
pub(crate) struct Page(&'static [(&'static str, &'static [u8])]);

/// As it was when this crate was compiled; empty if the page had not been built before.
pub(crate) const PAGE: Page = Page(include!(concat!(env!("OUT_DIR"), "/page_files.rs")));

/// What a browser may do with the page. All code is ours and comes from here; wasm is compiled, and
/// nothing is evaluated; bytes are shown as images only through blobs; nobody may frame the page.
/// Strings become markup only through `lit-html`'s own templates, and script URLs only through ours.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types layerscope lit-html",
);

/// Stands in for the page in a binary that was built without it.
const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Layerscope: the page is not built</title>
<h1>The page is not built</h1>
<p>This <code>layerscope</code> was built without its page. Build both with</p>
<pre>cargo xtask build</pre>
<p>and start <code>layerscope serve</code> again.</p>
</html>
";

/// Whether this binary holds the page. Without it, `serve` only tells how to build it.
pub fn page_is_built() -> bool {
    !PAGE.0.is_empty()
}

impl Page {
    /// Answers with the file of that path; a range of it, if one is asked for.
    pub(crate) fn answer(self, path: &str, headers: &HeaderMap) -> Result<Response<Body>, Refusal> {
        let Self(files) = self;
        if files.is_empty() && path == "index.html" {
            return respond(path, NOT_BUILT.as_bytes(), headers);
        }
        let place = files.binary_search_by_key(&path, |(name, _)| name);
        match place.ok().and_then(|place| files.get(place)) {
            Some((_, bytes)) => respond(path, bytes, headers),
            None => Err(Refusal::NotFound),
        }
    }
}

fn respond(
    path: &str,
    bytes: &'static [u8],
    headers: &HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let size = bytes.len() as u64;
    let (status, bytes, content_range) = match ByteRange::of(headers)? {
        None => (StatusCode::OK, bytes, None),
        Some(range) => {
            let (offset, length) = range
                .within(size)
                .ok_or(Refusal::RangeNotSatisfiable { size })?;
            let part = usize::try_from(offset)
                .ok()
                .zip(usize::try_from(length).ok())
                .and_then(|(offset, length)| bytes.get(offset..)?.get(..length))
                .ok_or(Refusal::RangeNotSatisfiable { size })?;
            (
                StatusCode::PARTIAL_CONTENT,
                part,
                Some(format!("bytes {offset}-{}/{size}", offset + length - 1)),
            )
        }
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(header::CONTENT_TYPE, media_type(path));
    headers.insert(header::CACHE_CONTROL, caching(path));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(Ok(range)) = content_range.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}

/// By the name's ending; browsers refuse modules and wasm of another type.
fn media_type(path: &str) -> HeaderValue {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    HeaderValue::from_static(match ending {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}

/// A file whose name holds a hash of its content never changes; the page itself is always asked for.
fn caching(path: &str) -> HeaderValue {
    HeaderValue::from_static(if path == "index.html" {
        "no-store"
    } else if is_hashed(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    })
}

/// Vite's names: `assets/name-HASH.ending`, with eight characters of base64url.
fn is_hashed(path: &str) -> bool {
    let stem = path
        .strip_prefix("assets/")
        .and_then(|name| name.split_once('.'))
        .map(|(stem, _)| stem);
    let hash = stem.and_then(|stem| stem.split_at_checked(stem.len().checked_sub(9)?));
    hash.is_some_and(|(name, hash)| {
        !name.is_empty()
            && hash.starts_with('-')
            && hash[1..]
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: Page = Page(&[
        ("assets/index-BX2f_9aK.js", b"import 'x'"),
        ("assets/layerscope_bg-C1a-2b3c.wasm", b"\0asm"),
        ("index.html", b"<!doctype html>"),
        ("sample.tar", b"0123456789"),
    ]);

    fn get(page: Page, path: &str) -> Result<Response<Body>, Refusal> {
        page.answer(path, &HeaderMap::new())
    }

    #[test]
    fn the_embedded_files_are_sorted_for_their_search() {
        let Page(files) = PAGE;
        assert!(files.is_sorted_by_key(|(name, _)| name));
    }

    #[test]
    fn each_file_has_its_type_and_its_life() {
        for (path, media_type, caching) in [
            ("index.html", "text/html; charset=utf-8", "no-store"),
            (
                "assets/index-BX2f_9aK.js",
                "text/javascript; charset=utf-8",
                "public, max-age=31536000, immutable",
            ),
            (
                "assets/layerscope_bg-C1a-2b3c.wasm",
                "application/wasm",
                "public, max-age=31536000, immutable",
            ),
            ("sample.tar", "application/octet-stream", "no-cache"),
        ] {
            let response = get(BUILT, path).expect(path);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(
                response.headers()[header::CONTENT_TYPE],
                media_type,
                "{path}"
            );
            assert_eq!(response.headers()[header::CACHE_CONTROL], caching, "{path}");
            assert_eq!(
                response.headers()[header::CONTENT_SECURITY_POLICY],
                POLICY,
                "{path}"
            );
        }
        for path in [
            "",
            "assets",
            "assets/",
            "index.htm",
            "Index.html",
            "sample.tar.gz",
        ] {
            assert_eq!(get(BUILT, path).err(), Some(Refusal::NotFound), "{path}");
        }
    }

    #[tokio::test]
    async fn without_the_page_there_is_a_page_that_says_so() {
        let response = get(Page(&[]), "index.html").expect("a page");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        let bytes = crate::body::beginning(response.into_body(), 9999)
            .await
            .expect("its bytes");
        let text = String::from_utf8(bytes).expect("text");
        assert!(text.contains("not built") && text.contains("cargo xtask build"));
        assert_eq!(get(Page(&[]), "assets/x.js").err(), Some(Refusal::NotFound));
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_good() {
        for (path, hashed) in [
            ("assets/index-BX2f_9aK.js", true),
            ("assets/layerscope_bg-C1a-2b3c.wasm", true),
            ("assets/index-BX2f_9aK.js.map", true),
            ("assets/index.js", false),
            ("assets/index-short.js", false),
            ("assets/-BX2f_9aK.js", false),
            ("index-BX2f_9aK.js", false),
            ("sample.tar", false),
            ("index.html", false),
        ] {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn types_are_those_that_browsers_insist_on() {
        assert_eq!(media_type("assets/a.wasm"), "application/wasm");
        assert_eq!(media_type("assets/a.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("sample.tar"), "application/octet-stream");
        assert_eq!(media_type("LICENSE"), "application/octet-stream");
    }

    #[test]
    fn a_file_is_answered_whole_or_in_part() {
        let whole = respond("a.txt", b"0123456789", &HeaderMap::new()).expect("an answer");
        assert_eq!(whole.status(), StatusCode::OK);
        let range = |line| HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(line))]);
        let part = respond("a.txt", b"0123456789", &range("bytes=2-4")).expect("an answer");
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.headers()[header::CONTENT_RANGE], "bytes 2-4/10");
        let beyond = respond("a.txt", b"0123456789", &range("bytes=10-")).expect_err("a refusal");
        assert_eq!(beyond, Refusal::RangeNotSatisfiable { size: 10 });
    }
}
