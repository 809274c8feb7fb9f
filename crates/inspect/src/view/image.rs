//! An image at a glance: everything but its files.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ErrorView, FindingView};

/// Everything about an opened source that fits one screen.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// What was opened.
    pub source: SourceView,
    /// Every image and platform that the source holds or names, in its order.
    pub choices: Vec<Choice>,
    /// The `id` of the choice that `image` describes.
    pub chosen: Option<usize>,
    /// The chosen image.
    pub image: Option<ImageView>,
    /// Attestations and other artifacts that stand beside the images.
    pub others: Vec<ArtifactView>,
    /// The indexes, outermost first.
    pub indexes: Vec<DocumentView>,
    /// What a user should know.
    pub findings: Vec<FindingView>,
}

/// What was opened.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    /// `registry`, `docker-archive`, `oci-archive` or `oci-layout`.
    pub kind: &'static str,
    /// The reference (familiar form), the file's name or the directory's name.
    pub name: String,
    /// The reference with registry and repository spelled out; registries only.
    pub canonical: Option<String>,
    /// Size of the archive file.
    pub size: Option<u64>,
    /// `gzip`, `zstd` or `xz` when the archive itself is wrapped.
    pub wrapped: Option<String>,
    /// What a registry says is left of a quota, as `7/100`, if it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
}

/// One image for one platform, as something to choose.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// Position in `Overview::choices`.
    pub id: usize,
    /// Which image of an archive (the N of `--image`).
    pub number: usize,
    /// Repository tags and reference names.
    pub names: Vec<String>,
    /// `os/arch[/variant]`.
    pub platform: Option<String>,
    /// OS version, mostly on Windows.
    pub os_version: Option<String>,
    /// What the OS must have, mostly on Windows: `win32k`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub os_features: Vec<String>,
    /// Digest of the manifest.
    pub digest: Option<String>,
    /// Sum of the layers' sizes as the manifest states them, when it was read.
    pub size: Option<u64>,
    /// `ready`, `not-asked` (known, its manifest not read), `absent` (blobs are not in the source) or `failed`.
    pub state: &'static str,
    /// Why it failed.
    pub error: Option<ErrorView>,
    /// How many attestations speak of it.
    pub attestations: usize,
}

/// The chosen image.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageView {
    /// Repository tags and reference names.
    pub names: Vec<String>,
    /// `os/arch[/variant]`.
    pub platform: Option<String>,
    /// Digest of the manifest, as found.
    pub digest: Option<String>,
    /// Digest of the config, as found: the image id.
    pub image_id: Option<String>,
    /// The manifest blob; a legacy archive has none.
    pub manifest: Option<BlobView>,
    /// The config blob.
    pub config: Option<BlobView>,
    /// RFC 3339, as the config has it.
    pub created: Option<String>,
    /// Author, as the config has it.
    pub author: Option<String>,
    /// How the image runs.
    pub runtime: RuntimeView,
    /// Annotations of the manifest.
    pub annotations: BTreeMap<String, String>,
    /// Oldest first.
    pub layers: Vec<LayerView>,
    /// The history, oldest first, aligned with the layers.
    pub steps: Vec<StepView>,
    /// Sums over the layers.
    pub totals: Totals,
}

/// How the image runs (OCI image-spec config.md, "config").
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeView {
    /// User, or empty for root.
    pub user: Option<String>,
    /// `NAME=value` strings.
    pub env: Vec<String>,
    /// Entry point.
    pub entrypoint: Vec<String>,
    /// Command, or arguments of the entry point.
    pub cmd: Vec<String>,
    /// Working directory.
    pub working_dir: Option<String>,
    /// `port/protocol`.
    pub exposed_ports: Vec<String>,
    /// Paths.
    pub volumes: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Stop signal.
    pub stop_signal: Option<String>,
    /// Health check command.
    pub healthcheck: Vec<String>,
}

/// A small blob (manifest, config) and whether its bytes are what its digest says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BlobView {
    /// Media type.
    pub media_type: Option<String>,
    /// The digest that the source states, or null.
    pub digest: Option<String>,
    /// The digest of the bytes.
    pub digest_found: String,
    /// Null when no digest is stated.
    pub digest_ok: Option<bool>,
    /// The size that was stated.
    pub size_stated: Option<u64>,
    /// Bytes.
    pub size: u64,
    /// Why the bytes could not be understood.
    pub error: Option<ErrorView>,
}

/// A document that can be read raw.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentView {
    /// The blob.
    pub blob: BlobView,
    /// The document's text; invalid UTF-8 is replaced.
    pub text: String,
}

/// An attestation or another artifact beside the images.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactView {
    /// Digest of its manifest.
    pub digest: String,
    /// Media type of its manifest.
    pub media_type: String,
    /// Artifact type, or the annotation that says what it is.
    pub artifact_type: Option<String>,
    /// The image that it speaks of.
    pub subject: Option<String>,
    /// Bytes of its manifest.
    pub size: u64,
}

/// Progress of one layer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Compressed bytes read.
    pub read: u64,
    /// Compressed bytes in all, when known.
    pub total: Option<u64>,
    /// Uncompressed bytes.
    pub unpacked: u64,
    /// Entries found.
    pub entries: u64,
}

/// One layer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerView {
    /// 0 is the oldest.
    pub number: usize,
    /// `pending`, `verifying`, `verified`, `known` (verified at another time, not read again), `mismatch`,
    /// `not-stated`, `unchecked`, `failed`, `absent`, `foreign` or `not-a-layer`.
    pub state: &'static str,
    /// The distribution digest that the source states.
    pub digest: Option<String>,
    /// The distribution digest of the bytes.
    pub digest_found: Option<String>,
    /// `pending`, `verifying`, `verified`, `known`, `mismatch`, `not-stated` or `unchecked`.
    pub digest_state: &'static str,
    /// The diff_id that the config states.
    pub diff_id: Option<String>,
    /// The diff_id of the bytes.
    pub diff_id_found: Option<String>,
    /// As `digest_state`.
    pub diff_id_state: &'static str,
    /// Identity of the stack up to here (OCI image-spec config.md, "Layer ChainID").
    pub chain_id: Option<String>,
    /// Media type that the manifest states.
    pub media_type: Option<String>,
    /// `none`, `gzip`, `zstd` or `xz`, as found.
    pub compression: Option<String>,
    /// Compressed bytes: as found, or as stated until then.
    pub size: Option<u64>,
    /// The size that the manifest states.
    pub size_stated: Option<u64>,
    /// Uncompressed bytes.
    pub uncompressed_size: Option<u64>,
    /// Tar members; of a preview those that it has.
    pub entries: Option<u64>,
    /// Its files can be looked at, and nothing of them is verified yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub preview: bool,
    /// The table of contents that they are from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableView>,
    /// It is not read before somebody asks for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_demand: bool,
    /// What this layer changed.
    pub counts: Option<Counts>,
    /// Bytes of lower layers that this layer hid or rewrote.
    pub hides_bytes: Option<u64>,
    /// The instruction that made it.
    pub instruction: Option<Instruction>,
    /// RFC 3339, from the history.
    pub created: Option<String>,
    /// While it is being read.
    pub progress: Option<Progress>,
    /// Why it failed, or what stopped it.
    pub error: Option<ErrorView>,
    /// URLs of a foreign layer.
    pub urls: Vec<String>,
    /// Annotations of the descriptor.
    pub annotations: BTreeMap<String, String>,
}

/// A table of contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableView {
    /// `eStargz` or `zstd:chunked`.
    pub format: &'static str,
    /// True when the manifest states its digest, and that is right.
    pub authenticated: bool,
    /// Bytes of the layer that were fetched for it.
    pub fetched: u64,
}

/// What a layer changed against the layers below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// New paths.
    pub added: u64,
    /// Paths with other content, kind or attributes.
    pub modified: u64,
    /// Paths that were taken away.
    pub removed: u64,
    /// Paths written again with the same content.
    pub metadata: u64,
}

/// A history entry as the Dockerfile line that it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instruction {
    /// `RUN`, `COPY`, `ENV`…; empty when it cannot be told.
    pub keyword: String,
    /// The rest of the line, without builder noise.
    pub text: String,
    /// `created_by`, unchanged.
    pub full: String,
}

/// One history entry.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// The layer it made; null for a metadata-only step.
    pub layer: Option<usize>,
    /// The instruction.
    pub instruction: Instruction,
    /// RFC 3339, as stored.
    pub created: Option<String>,
    /// Author.
    pub author: Option<String>,
    /// Comment.
    pub comment: Option<String>,
}

/// Sums over the layers.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Compressed bytes.
    pub size: u64,
    /// Uncompressed bytes of the layers read so far.
    pub uncompressed_size: u64,
    /// Tar members of the layers read so far.
    pub entries: u64,
    /// Paths visible in the merged tree.
    pub visible_entries: Option<u64>,
    /// Bytes visible in the merged tree.
    pub visible_bytes: Option<u64>,
    /// Sum of entry bytes over layers, less the bytes visible.
    pub reclaimable_bytes: Option<u64>,
    /// True when every layer was read to its end and every stated digest matched.
    pub verified: bool,
    /// True when no layer is pending or being read.
    pub settled: bool,
}
