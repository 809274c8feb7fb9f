//! What is odd about a source without making it unreadable.

use layerscope_oci::{Document, FieldProblem, ImageConfig};

use crate::error::quoted;

/// How many oddities of one kind one document tells.
const TOLD: usize = 20;

/// Something that a person should know about where an image came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What it is.
    pub kind: OddityKind,
    /// Where: a digest, a member of the archive, a file of the layout, or a URL without its query.
    pub at: String,
    /// What should have been there.
    pub expected: Option<String>,
    /// What was there.
    pub found: Option<String>,
}

/// The kinds of [`Oddity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OddityKind {
    /// A document is of another media type than its descriptor or its `Content-Type` says.
    MediaTypeConflict,
    /// A document repeats a JSON key, so that two readers may see different values.
    DuplicateKeys,
    /// A field of a document is not as its specification says and was done without.
    FieldProblem,
    /// A document is larger than registries must accept.
    LargeManifest,
    /// An entry of an index is no usable descriptor.
    RefusedEntry,
    /// An index names a platform that differs from what the image's own config says.
    PlatformConflict,
    /// Several images are for the platform that was asked for; the first was taken.
    SeveralMatches,
    /// The config lists another number of diff_ids than the manifest lists layers.
    LayerCount,
    /// The `data` field of a descriptor is not what its digest and size say; the blob was fetched.
    InlineMismatch,
    /// The `data` field of a descriptor is not base64.
    InlineUndecodable,
    /// The `Docker-Content-Digest` header is not the digest of the body.
    DigestHeader,
    /// The registry sent a `Warning` header.
    RegistryWarning,
    /// A layout without the file `oci-layout`.
    NoLayoutFile,
    /// A layout of another version than 1.0.0.
    LayoutVersion,
    /// Two members of the archive have the same name; the last counts.
    DuplicateMember,
    /// `index.json` and `manifest.json` describe different images; `index.json` was taken.
    ManifestsDisagree,
    /// `index.json` could not be used; `manifest.json` was taken.
    IndexUnusable,
    /// The archive ends early or cannot be read to its end; what comes after is unknown.
    ArchiveCut,
    /// The archive itself is a strange tar file.
    ArchiveTar,
}

impl OddityKind {
    /// Every kind.
    pub const ALL: [Self; 19] = [
        Self::MediaTypeConflict,
        Self::DuplicateKeys,
        Self::FieldProblem,
        Self::LargeManifest,
        Self::RefusedEntry,
        Self::PlatformConflict,
        Self::SeveralMatches,
        Self::LayerCount,
        Self::InlineMismatch,
        Self::InlineUndecodable,
        Self::DigestHeader,
        Self::RegistryWarning,
        Self::NoLayoutFile,
        Self::LayoutVersion,
        Self::DuplicateMember,
        Self::ManifestsDisagree,
        Self::IndexUnusable,
        Self::ArchiveCut,
        Self::ArchiveTar,
    ];

    /// A stable kebab-case name, for machines and message catalogues.
    pub fn name(self) -> &'static str {
        match self {
            Self::MediaTypeConflict => "media-type-conflict",
            Self::DuplicateKeys => "duplicate-keys",
            Self::FieldProblem => "field-problem",
            Self::LargeManifest => "large-manifest",
            Self::RefusedEntry => "refused-entry",
            Self::PlatformConflict => "platform-conflict",
            Self::SeveralMatches => "several-matches",
            Self::LayerCount => "layer-count",
            Self::InlineMismatch => "inline-mismatch",
            Self::InlineUndecodable => "inline-undecodable",
            Self::DigestHeader => "digest-header",
            Self::RegistryWarning => "registry-warning",
            Self::NoLayoutFile => "no-layout-file",
            Self::LayoutVersion => "layout-version",
            Self::DuplicateMember => "duplicate-member",
            Self::ManifestsDisagree => "manifests-disagree",
            Self::IndexUnusable => "index-unusable",
            Self::ArchiveCut => "archive-cut",
            Self::ArchiveTar => "archive-tar",
        }
    }
}

impl Oddity {
    /// An oddity of `kind` at `at`.
    pub(crate) fn new(kind: OddityKind, at: impl Into<String>) -> Self {
        Self {
            kind,
            at: at.into(),
            expected: None,
            found: None,
        }
    }

    /// The same, saying what was expected.
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The same, saying what was found.
    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }
}

/// What is odd about an index or a manifest.
pub(crate) fn of_document(document: &Document, at: &str) -> Vec<Oddity> {
    let mut oddities = Vec::new();
    if let Some(conflict) = document.media_type_conflict() {
        oddities.push(
            Oddity::new(OddityKind::MediaTypeConflict, at)
                .expected(quoted(conflict.claimed.as_str()))
                .found(quoted(conflict.found.as_str())),
        );
    }
    if document.is_unusually_large() {
        let bytes = document.raw().len().to_string();
        oddities.push(Oddity::new(OddityKind::LargeManifest, at).found(bytes));
    }
    oddities.extend(of_keys(document.duplicate_keys(), at));
    oddities.extend(
        document
            .problems()
            .iter()
            .take(TOLD)
            .map(|problem| of_problem(OddityKind::FieldProblem, problem, at)),
    );
    if let Some(index) = document.as_index() {
        oddities.extend(
            index
                .refused
                .iter()
                .take(TOLD)
                .map(|entry| of_problem(OddityKind::RefusedEntry, &entry.problem, at)),
        );
    }
    oddities
}

/// What is odd about an image config.
pub(crate) fn of_config(config: &ImageConfig, at: &str) -> Vec<Oddity> {
    let problems = config.problems.iter().take(TOLD);
    of_keys(&config.duplicate_keys, at)
        .chain(problems.map(|problem| of_problem(OddityKind::FieldProblem, problem, at)))
        .collect()
}

fn of_keys(keys: &[String], at: &str) -> impl Iterator<Item = Oddity> {
    keys.iter()
        .take(TOLD)
        .map(move |key| Oddity::new(OddityKind::DuplicateKeys, at).found(quoted(key)))
}

fn of_problem(kind: OddityKind, problem: &FieldProblem, at: &str) -> Oddity {
    Oddity::new(kind, format!("{at}: {}", problem.path))
        .expected(problem.expected)
        .found(quoted(&problem.found))
}
