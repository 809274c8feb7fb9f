//! What is attached to an image.

use serde::Serialize;

use super::ErrorView;

/// What is attached to an image: signatures, lists of its software, what is said of how it was built.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachedView {
    /// Whether this kind of source can have anything attached; what `docker save` writes cannot.
    pub possible: bool,
    /// Whether the registry has no referrers API, so that only those are known that a client wrote down.
    pub by_tag: bool,
    /// What is attached, in the order in which it was found.
    pub artifacts: Vec<AttachedArtifact>,
    /// Why there may be more.
    pub problems: Vec<ErrorView>,
}

/// One artifact that is attached.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachedArtifact {
    /// Digest of its manifest.
    pub digest: String,
    /// Bytes of its manifest.
    pub size: u64,
    /// Media type of its manifest.
    pub media_type: String,
    /// What kind of artifact it is, by its own word.
    pub artifact_type: Option<String>,
    /// Where it was found: `index`, `referrers`, `tag` or `image`.
    pub place: &'static str,
    /// The tag under which it was found.
    pub tag: Option<String>,
    /// What it speaks of: the image's `manifest`, or the `index` that lists the image.
    pub of: Option<&'static str>,
    /// Whether its manifest is what its digest says; null if it is not known or was asked for by tag.
    pub digest_ok: Option<bool>,
    /// Why it cannot be read.
    pub error: Option<ErrorView>,
    /// What it holds.
    pub statements: Vec<StatementView>,
}

/// One blob of an artifact, and what it states.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementView {
    /// Its digest.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// Media type.
    pub media_type: String,
    /// What it is: `spdx`, `cyclonedx`, `slsa`, `signature`, `in-toto` or `blob`.
    pub kind: &'static str,
    /// The type of an in-toto statement's predicate.
    pub predicate_type: Option<String>,
    /// Whether its bytes are what its digest says.
    pub digest_ok: Option<bool>,
    /// Why it cannot be read or understood.
    pub error: Option<ErrorView>,
    /// Whether it names this image as what it speaks of; null if it names nothing.
    pub names_image: Option<bool>,
    /// How many signatures it carries. They are not checked.
    pub signatures: usize,
    /// The few things that most people look for in it.
    pub facts: Vec<Fact>,
    /// Packages of a list of software, or materials of a build; the first of them.
    pub items: Vec<Item>,
    /// How many there are.
    pub item_count: usize,
}

/// One thing that a statement says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about, such as `builder`.
    pub name: &'static str,
    /// What the statement says.
    pub value: String,
}

/// A package, or what a build was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its name, or the place that it came from.
    pub name: String,
    /// Its version, or its digest.
    pub version: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// Its package URL.
    pub purl: Option<String>,
}
