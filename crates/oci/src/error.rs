//! What can be wrong with a document, a digest, a reference or a platform.

use crate::fields::FieldProblem;

/// Everything that this crate refuses, with what, where, expected and found.
///
/// Text of the input is repeated at most [`limits::QUOTED_BYTES`](crate::limits::QUOTED_BYTES) bytes
/// long and escaped as a Rust string literal, so that an error may be printed as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something passes one of the bounds in [`limits`](crate::limits).
    #[error("{what}: found {found}, and at most {limit} are read")]
    OverLimit {
        /// What was counted, with its unit: `"manifest, bytes"`.
        what: &'static str,
        /// The bound.
        limit: u64,
        /// The count at which reading stopped; the whole may be larger.
        found: u64,
    },

    /// The document is not JSON in UTF-8 without a byte order mark (RFC 8259, section 8.1).
    #[error("expected JSON in UTF-8, found {found} at byte {offset}")]
    Encoding {
        /// Bytes from the start of the document.
        offset: u64,
        /// What stands there.
        found: &'static str,
    },

    /// The document is not well-formed JSON.
    #[error("malformed JSON at byte {offset}: {problem}")]
    Json {
        /// Bytes from the start of the document.
        offset: u64,
        /// What the JSON reader says of it.
        problem: String,
    },

    /// A field without which the document means nothing is missing or has the wrong type or form.
    #[error("{0}")]
    Field(FieldProblem),

    /// The document can be read as two different things, so two readers may see two different images
    /// (CVE-2021-41190).
    #[error("ambiguous document: {first:?} and {second:?} contradict each other")]
    Ambiguous {
        /// The field or media type that makes it one thing.
        first: String,
        /// The field that makes it another.
        second: String,
    },

    /// A Docker image manifest of schema version 1, a format without digests of uncompressed layers
    /// that registries and runtimes have dropped.
    #[error(
        "a Docker schema 1 manifest, which runtimes no longer read: push the image again with a current client"
    )]
    SchemaOne,

    /// A JSON object that is neither an image manifest, nor an index, nor an artifact manifest.
    #[error("neither an image manifest nor an index: media type {media_type:?}, fields {fields:?}")]
    UnknownDocument {
        /// The media type inside the document, or else the one it was served with.
        media_type: Option<String>,
        /// The first names of its fields.
        fields: Vec<String>,
    },

    /// A digest is not `algorithm:encoded` in the form its algorithm demands (image-spec,
    /// `descriptor.md`, "Digests").
    #[error("malformed digest {text:?} at byte {offset}: expected {expected}")]
    Digest {
        /// The text, shortened.
        text: String,
        /// Bytes from the start of the digest to the first that is wrong.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },

    /// An image reference does not follow distribution's grammar.
    #[error("malformed reference {text:?} at byte {offset}: expected {expected}")]
    Reference {
        /// The text, shortened.
        text: String,
        /// Bytes from the start of the text to the first that is wrong.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },

    /// A platform specifier does not follow containerd's grammar.
    #[error("malformed platform {text:?} at byte {offset}: expected {expected}")]
    Platform {
        /// The text, shortened.
        text: String,
        /// Bytes from the start of the text to the first that is wrong.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
}

impl Error {
    /// The stable kebab-case name of this kind of error, for machines and message catalogues.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OverLimit { .. } => "over-limit",
            Self::Encoding { .. } => "not-utf8-json",
            Self::Json { .. } => "malformed-json",
            Self::Field(_) => "malformed-field",
            Self::Ambiguous { .. } => "ambiguous-document",
            Self::SchemaOne => "schema-one-manifest",
            Self::UnknownDocument { .. } => "unknown-document",
            Self::Digest { .. } => "malformed-digest",
            Self::Reference { .. } => "malformed-reference",
            Self::Platform { .. } => "malformed-platform",
        }
    }
}

impl From<FieldProblem> for Error {
    fn from(problem: FieldProblem) -> Self {
        Self::Field(problem)
    }
}

/// `text` shortened to what an error repeats.
pub(crate) fn quoted(text: &str) -> String {
    let mut end = crate::limits::QUOTED_BYTES;
    if text.len() <= end {
        return text.to_owned();
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}
