//! One thing that a registry has, as a page asks for it.

use layerscope_oci::{Digest, Reference};
use layerscope_source::Target;

use crate::host::Host;
use crate::limits::MAX_DOCUMENT;
use crate::percent;
use crate::query::Query;
use crate::refusal::Refusal;

/// One thing in a registry. The shapes are those of the distribution specification ("endpoints")
/// that read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The registry, as references name it.
    pub(crate) host: Host,
    /// What of it.
    pub(crate) shape: Shape,
}

/// The shapes of paths under `/v2/`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `/v2/`: whether a registry is there, and whether it wants to know who asks.
    Ping,
    /// `/v2/<name>/manifests/<tag or digest>`
    Manifest { reference: Reference },
    /// `/v2/<name>/blobs/<digest>`
    Blob {
        repository: Reference,
        digest: Digest,
    },
    /// `/v2/<name>/tags/list`, from after `last`, at most `n` of them. Quay says where to go on with a
    /// `next_page` of its own, which only it can read.
    Tags {
        repository: Reference,
        n: Option<u32>,
        last: Option<String>,
        next_page: Option<String>,
    },
    /// `/v2/<name>/referrers/<digest>`, of one artifact type.
    Referrers {
        repository: Reference,
        digest: Digest,
        artifact_type: Option<String>,
    },
}

impl Shape {
    /// What to ask for, and of which repository. The scope of a token names a repository even where
    /// the front door is all that is asked for.
    pub(crate) fn target(&self, host: &Host) -> Result<(Reference, Target), Refusal> {
        Ok(match self {
            Self::Ping => (repository(host, "library/ping")?, Target::Ping),
            Self::Manifest { reference } => {
                let target = Target::Manifest(reference.identifier().to_owned());
                (reference.clone(), target)
            }
            Self::Blob { repository, digest } => (repository.clone(), Target::Blob(digest.clone())),
            Self::Tags {
                repository,
                n,
                last,
                next_page,
            } => {
                let word = |key: &str, value: &Option<String>| {
                    let value = value.as_ref()?;
                    Some(format!("{key}={}", percent::encoded(value)))
                };
                let query: Vec<String> = [
                    n.map(|n| format!("n={n}")),
                    word("last", last),
                    word("next_page", next_page),
                ]
                .into_iter()
                .flatten()
                .collect();
                let query = query.join("&");
                (repository.clone(), Target::Tags { query })
            }
            Self::Referrers {
                repository,
                digest,
                artifact_type,
            } => {
                let digest = digest.clone();
                let query = artifact_type.as_ref().map_or_else(String::new, |kind| {
                    format!("artifactType={}", percent::encoded(kind))
                });
                (repository.clone(), Target::Referrers { digest, query })
            }
        })
    }

    /// Whether the answer is a list that may go on elsewhere.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::Tags { .. } | Self::Referrers { .. })
    }

    /// The most bytes that the answer may have.
    pub(crate) fn limit(&self) -> u64 {
        match self {
            Self::Blob { .. } => u64::MAX,
            _ => MAX_DOCUMENT,
        }
    }

    /// Whether what is asked for is named by its digest, and so can never change.
    pub(crate) fn is_immutable(&self) -> bool {
        match self {
            Self::Blob { .. } => true,
            Self::Manifest { reference } => reference.digest().is_some(),
            Self::Ping | Self::Tags { .. } | Self::Referrers { .. } => false,
        }
    }
}

impl Wanted {
    /// Whether both are pages of one list.
    pub(crate) fn is_same_list(&self, other: &Self) -> bool {
        let is_same = match (&self.shape, &other.shape) {
            (Shape::Tags { repository: a, .. }, Shape::Tags { repository: b, .. }) => a == b,
            (
                Shape::Referrers {
                    repository: a,
                    digest: of_a,
                    ..
                },
                Shape::Referrers {
                    repository: b,
                    digest: of_b,
                    ..
                },
            ) => a == b && of_a == of_b,
            _ => false,
        };
        self.host == other.host && is_same
    }

    /// Reads what follows the host: `v2/…`, decoded. The name of a repository may hold any of the
    /// keywords, so the shape is told from the end.
    pub(crate) fn of(host: Host, rest: &str, mut query: Query) -> Result<Self, Refusal> {
        let rest = rest.strip_prefix("v2/").ok_or(Refusal::PathRefused)?;
        if rest.is_empty() {
            query.finish()?;
            return Ok(Self {
                host,
                shape: Shape::Ping,
            });
        }
        let (rest, last) = rest.rsplit_once('/').ok_or(Refusal::PathRefused)?;
        let (name, keyword) = rest.rsplit_once('/').ok_or(Refusal::PathRefused)?;
        let repository = || repository(&host, name);
        let digest = || last.parse::<Digest>().map_err(|_| Refusal::PathRefused);
        let shape = match (keyword, last) {
            ("manifests", tag) if !tag.contains(':') => Shape::Manifest {
                reference: repository()?
                    .with_tag(tag)
                    .map_err(|_| Refusal::PathRefused)?,
            },
            ("manifests", _) => Shape::Manifest {
                reference: repository()?.with_digest(digest()?),
            },
            ("blobs", _) => Shape::Blob {
                repository: repository()?,
                digest: digest()?,
            },
            ("referrers", _) => Shape::Referrers {
                repository: repository()?,
                digest: digest()?,
                artifact_type: query.take("artifactType", is_media_type)?,
            },
            ("tags", "list") => Shape::Tags {
                repository: repository()?,
                n: query
                    .take("n", |n| n.bytes().all(|b| b.is_ascii_digit()))?
                    .map(|n| n.parse().map_err(|_| Refusal::QueryRefused { key: "n" }))
                    .transpose()?,
                last: query.take("last", is_plain)?,
                next_page: query.take("next_page", is_plain)?,
            },
            _ => return Err(Refusal::PathRefused),
        };
        query.finish()?;
        Ok(Self { host, shape })
    }
}

/// A repository's name, in the grammar of references and spelled out in full: `docker.io/alpine`
/// is short for something else, and no path.
fn repository(host: &Host, name: &str) -> Result<Reference, Refusal> {
    let domain = host.to_string();
    let reference: Reference = format!("{domain}/{name}")
        .parse()
        .map_err(|_| Refusal::PathRefused)?;
    let is_exact = reference.domain() == domain
        && reference.path() == name
        && !name.contains([':', '@'])
        && reference.digest().is_none();
    is_exact.then_some(reference).ok_or(Refusal::PathRefused)
}

/// RFC 6838, section 4.2.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    text.split_once('/')
        .is_some_and(|(kind, name)| is_name(kind) && is_name(name))
}

/// A tag, or what a registry hands out in its place to go on from.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_QUERY_VALUE;
    use crate::route::Route;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn wanted(path: &str) -> (String, Reference, Target) {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        match Route::of(path, query) {
            Ok(Route::Registry(wanted)) => {
                let (repository, target) = wanted.shape.target(&wanted.host).expect("a target");
                (wanted.host.to_string(), repository, target)
            }
            other => panic!("{path}: {other:?}"),
        }
    }

    #[test]
    fn the_shapes_of_the_specification_are_read() {
        let digest: Digest = format!("sha256:{HEX}").parse().expect("a digest");
        let tags = |query: &str| Target::Tags {
            query: query.to_owned(),
        };
        let referrers = |query: &str| Target::Referrers {
            digest: digest.clone(),
            query: query.to_owned(),
        };
        for (path, host, name, target) in [
            (
                "/registry/registry-1.docker.io/v2/library/alpine/manifests/3.19",
                "docker.io",
                "library/alpine",
                Target::Manifest("3.19".to_owned()),
            ),
            (
                &format!("/registry/ghcr.io/v2/a/b/c/manifests/sha256:{HEX}"),
                "ghcr.io",
                "a/b/c",
                Target::Manifest(digest.to_string()),
            ),
            (
                &format!("/registry/localhost:5000/v2/a/blobs/sha256%3A{HEX}"),
                "localhost:5000",
                "a",
                Target::Blob(digest.clone()),
            ),
            (
                "/registry/[::1]:5000/v2/manifests/blobs/tags/list",
                "[::1]:5000",
                "manifests/blobs",
                tags(""),
            ),
            (
                "/registry/quay.io/v2/a/b/tags/list?last=v1%2B%26x&n=1000",
                "quay.io",
                "a/b",
                tags("n=1000&last=v1%2B%26x"),
            ),
            (
                "/registry/quay.io/v2/a/b/tags/list?n=100&next_page=gAAA_-%3D%3D",
                "quay.io",
                "a/b",
                tags("n=100&next_page=gAAA_-%3D%3D"),
            ),
            (
                "/registry/quay.io/v2/tags/list/manifests/list",
                "quay.io",
                "tags/list",
                Target::Manifest("list".to_owned()),
            ),
            (
                &format!(
                    "/registry/quay.io/v2/a/referrers/sha256:{HEX}?artifactType=application/vnd.x%2Bjson"
                ),
                "quay.io",
                "a",
                referrers("artifactType=application%2Fvnd.x%2Bjson"),
            ),
            (
                "/registry/quay.io/v2/",
                "quay.io",
                "library/ping",
                Target::Ping,
            ),
        ] {
            let (found_host, repository, found_target) = wanted(path);
            assert_eq!(found_host, host, "{path}");
            assert_eq!(repository.path(), name, "{path}");
            assert_eq!(found_target, target, "{path}");
        }
    }

    #[test]
    fn every_other_path_under_registry_is_refused() {
        for path in [
            "/registry/",
            "/registry/ghcr.io",
            "/registry/ghcr.io/",
            "/registry/ghcr.io/v2",
            "/registry/ghcr.io/v1/",
            "/registry/ghcr.io/v2/_catalog",
            "/registry/ghcr.io/v2/a",
            "/registry/ghcr.io/v2/a/",
            "/registry/ghcr.io/v2/a/manifests",
            "/registry/ghcr.io/v2/a/manifests/",
            "/registry/ghcr.io/v2/manifests/x",
            "/registry/ghcr.io/v2/a/manifests/x/",
            "/registry/ghcr.io/v2/a/manifests/-x",
            "/registry/ghcr.io/v2/a/manifests/x:",
            "/registry/ghcr.io/v2/a/manifests/:y",
            "/registry/ghcr.io/v2/a/manifests/x@y",
            "/registry/ghcr.io/v2/a/blobs/x",
            "/registry/ghcr.io/v2/a/blobs/sha256:00",
            "/registry/ghcr.io/v2/a/blobs/uploads/",
            "/registry/ghcr.io/v2/a/tags/listing",
            "/registry/ghcr.io/v2/a/referrers/latest",
            "/registry/ghcr.io/v2/A/manifests/x",
            "/registry/ghcr.io/v2/a:b/manifests/x",
            "/registry/ghcr.io/v2/a@b/manifests/x",
            "/registry/ghcr.io/v2/../a/manifests/x",
            "/registry/ghcr.io/v2/a/%2e%2e/b/manifests/x",
            "/registry/ghcr.io/v2/a/./manifests/x",
            "/registry/ghcr.io/v2//a/manifests/x",
            "/registry/ghcr.io/v2/a//manifests/x",
            "/registry/ghcr.io/v2/a%2fb/manifests/x",
            "/registry/ghcr.io/v2/a%2Fb/manifests/x",
            "/registry/ghcr.io/v2/a%252fb/manifests/x",
            "/registry/ghcr.io/v2/a%5cb/manifests/x",
            "/registry/ghcr.io/v2/a\\b/manifests/x",
            "/registry/ghcr.io/v2/a%00/manifests/x",
            "/registry/ghcr.io/v2/a%0d%0aX/manifests/x",
            "/registry/ghcr.io/v2/a%ff/manifests/x",
            "/registry/ghcr.io/v2/a%/manifests/x",
            "/registry/ghcr.io%2fv2/a/manifests/x",
            "/registry/user@ghcr.io/v2/a/manifests/x",
            "/registry/ghcr.io:0/v2/a/manifests/x",
            "/registry/docker.io/v2/alpine/manifests/x",
            "/registry/nodots/v2/a/manifests/x",
            "//registry/ghcr.io/v2/",
            "/../registry/ghcr.io/v2/",
        ] {
            assert_eq!(
                Route::of(path, None).err(),
                Some(Refusal::PathRefused),
                "{path}"
            );
        }
    }

    #[test]
    fn a_query_has_known_keys_where_they_mean_something() {
        let list = "/registry/ghcr.io/v2/a/tags/list";
        let referrers = format!("/registry/ghcr.io/v2/a/referrers/sha256:{HEX}");
        for (path, query, key) in [
            (list, "page=2", "other"),
            (list, "N=2", "other"),
            (list, "%6e=2", "other"),
            (list, "n=", "n"),
            (list, "n", "n"),
            (list, "n=-1", "n"),
            (list, "n=99999999999", "n"),
            (list, "n=1&n=1", "n"),
            (list, "last=%", "last"),
            (list, "last=a%0d%0ab", "last"),
            (list, "last=a%20b", "last"),
            (
                list,
                &format!("last={}", "a".repeat(MAX_QUERY_VALUE + 1)),
                "last",
            ),
            (list, "next_page=a%0d%0ab", "next_page"),
            (list, "next_page=a&next_page=b", "next_page"),
            (&referrers, "next_page=a", "next_page"),
            (list, "artifactType=a/b", "artifactType"),
            (&referrers, "n=2", "n"),
            (&referrers, "artifactType=a", "artifactType"),
            (&referrers, "artifactType=a/b%26c/d", "artifactType"),
            ("/registry/ghcr.io/v2/", "n=1", "n"),
            ("/registry/ghcr.io/v2/a/manifests/x", "n=1", "n"),
            ("/source/file", "n=1", "n"),
            ("/source/info", "x", "other"),
        ] {
            let refused = Route::of(path, Some(query)).err();
            assert_eq!(
                refused,
                Some(Refusal::QueryRefused { key }),
                "{path}?{query}"
            );
        }
    }

    #[test]
    fn what_a_digest_names_never_changes() {
        for (path, is_immutable) in [
            (format!("/registry/ghcr.io/v2/a/blobs/sha256:{HEX}"), true),
            (
                format!("/registry/ghcr.io/v2/a/manifests/sha256:{HEX}"),
                true,
            ),
            ("/registry/ghcr.io/v2/a/manifests/latest".to_owned(), false),
            ("/registry/ghcr.io/v2/a/tags/list".to_owned(), false),
            (
                format!("/registry/ghcr.io/v2/a/referrers/sha256:{HEX}"),
                false,
            ),
        ] {
            let Ok(Route::Registry(wanted)) = Route::of(&path, None) else {
                panic!("{path}");
            };
            assert_eq!(wanted.shape.is_immutable(), is_immutable, "{path}");
        }
    }
}
