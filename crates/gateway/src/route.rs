//! What a request asks for, read from its path and query and nothing else.

use layerscope_oci::Digest;

use crate::percent;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::wanted::Wanted;

/// Everything that the server answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// A file of the page, by its path within `dist/`.
    Page(String),
    /// What SOURCE is: its name, kind and size.
    SourceInfo,
    /// The bytes of SOURCE, a file.
    SourceFile,
    /// A file of SOURCE, a directory, by its checked path.
    SourceLayout(String),
    /// Something that a registry has.
    Registry(Wanted),
}

impl Route {
    /// Reads the path of a request, as it stands in the request line, and its query.
    pub(crate) fn of(path: &str, query: Option<&str>) -> Result<Self, Refusal> {
        let path = decode(path)?;
        let path = path.strip_prefix('/').ok_or(Refusal::PathRefused)?;
        let route = match path.split_once('/') {
            Some(("registry", rest)) => {
                let (host, rest) = rest.split_once('/').ok_or(Refusal::PathRefused)?;
                let host = host.parse().map_err(|_| Refusal::PathRefused)?;
                let query = Query::of(query)?;
                return Wanted::of(host, rest, query).map(Self::Registry);
            }
            Some(("source", "info")) => Self::SourceInfo,
            Some(("source", "file")) => Self::SourceFile,
            Some(("source", rest)) => {
                let file = rest.strip_prefix("layout/").ok_or(Refusal::PathRefused)?;
                Self::SourceLayout(layout_path(file)?)
            }
            // The page keeps its state in its own query; no file depends on it.
            _ if path.is_empty() => return Ok(Self::Page("index.html".to_owned())),
            _ => return Ok(Self::Page(path.to_owned())),
        };
        Query::of(query)?.finish()?;
        Ok(route)
    }
}

/// The files of an OCI layout, and no others (image-spec, `image-layout.md`).
fn layout_path(path: &str) -> Result<String, Refusal> {
    let digest = |path: &str| {
        let (algorithm, hex) = path.strip_prefix("blobs/")?.split_once('/')?;
        format!("{algorithm}:{hex}").parse::<Digest>().ok()
    };
    let is_known = matches!(path, "index.json" | "oci-layout") || digest(path).is_some();
    is_known
        .then(|| path.to_owned())
        .ok_or(Refusal::PathRefused)
}

/// Decodes `%xx` once, and refuses what could be read in two ways: a separator or a percent sign
/// in disguise, a backslash, a control byte, an empty segment, a segment that climbs.
fn decode(path: &str) -> Result<String, Refusal> {
    let decoded = percent::decoded(path).ok_or(Refusal::PathRefused)?;
    let hidden = decoded.matches('/').count() != path.matches('/').count();
    let odd = decoded.contains(|c: char| c.is_control() || matches!(c, '\\' | '%'));
    let climbs = decoded
        .split('/')
        .any(|segment| matches!(segment, "." | ".."));
    if hidden || odd || climbs || decoded.contains("//") {
        return Err(Refusal::PathRefused);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_source_has_the_files_of_a_layout_and_no_others() {
        let layout = |path: &str| Route::SourceLayout(path.to_owned());
        let blob = format!("blobs/sha256/{HEX}");
        for (path, route) in [
            ("/source/info", Route::SourceInfo),
            ("/source/file", Route::SourceFile),
            ("/source/layout/index.json", layout("index.json")),
            ("/source/layout/oci-layout", layout("oci-layout")),
            (&format!("/source/layout/{blob}"), layout(&blob)),
        ] {
            assert_eq!(Route::of(path, None), Ok(route), "{path}");
        }
        for path in [
            "/source/",
            "/source/other",
            "/source/layout",
            "/source/layout/",
            "/source/layout/manifest.json",
            "/source/layout/index.json/",
            "/source/layout//index.json",
            "/source/layout/../index.json",
            "/source/layout/%2e%2e/index.json",
            "/source/layout//etc/passwd",
            "/source/layout/blobs/sha256/",
            "/source/layout/blobs/sha256/00",
            "/source/layout/blobs/sha256/../../index.json",
            &format!("/source/layout/blobs/sha256%2f{HEX}"),
            &format!("/source/layout/{blob}/x"),
            &format!("/source/layout/Blobs/sha256/{HEX}"),
        ] {
            assert_eq!(
                Route::of(path, None).err(),
                Some(Refusal::PathRefused),
                "{path}"
            );
        }
    }

    #[test]
    fn everything_else_is_the_page() {
        let page = |path: &str| Ok(Route::Page(path.to_owned()));
        assert_eq!(Route::of("/", Some("image=x&n=")), page("index.html"));
        assert_eq!(Route::of("/assets/a-b.js", None), page("assets/a-b.js"));
        assert_eq!(Route::of("/registry", None), page("registry"));
        for path in ["", "*", "assets", "/a/../b", "/a%2fb", "/%", "/a//b"] {
            assert_eq!(
                Route::of(path, None).err(),
                Some(Refusal::PathRefused),
                "{path}"
            );
        }
    }
}
