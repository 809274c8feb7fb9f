//! What was checked, what is wasted, what is odd.

use std::collections::BTreeMap;

use serde::Serialize;

/// `verify --json`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// True when at least one image is complete and nothing in it mismatched or failed.
    pub verified: bool,
    /// The indexes that other documents name, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<VerifiedBlob>,
    /// Every image and platform looked at.
    pub images: Vec<VerifiedImage>,
}

/// One image of a verify report.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedImage {
    /// First name, if it has one.
    pub name: Option<String>,
    /// `os/arch[/variant]`.
    pub platform: Option<String>,
    /// `complete`, `absent` or `failed`.
    pub state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorView>,
    /// The manifest; null in a legacy archive.
    pub manifest: Option<VerifiedBlob>,
    /// The config.
    pub config: Option<VerifiedBlob>,
    /// Oldest first.
    pub layers: Vec<VerifiedLayer>,
}

/// A blob of a verify report.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedBlob {
    /// The digest that is stated, or null.
    pub digest: Option<String>,
    /// The digest of the bytes.
    pub digest_found: Option<String>,
    /// Null when no digest is stated.
    pub digest_ok: Option<bool>,
    /// Bytes.
    pub size: Option<u64>,
    /// The size that is stated, when it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_stated: Option<u64>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorView>,
}

/// A layer of a verify report.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedLayer {
    /// The blob.
    #[serde(flatten)]
    pub blob: VerifiedBlob,
    /// The diff_id that the config states.
    pub diff_id: Option<String>,
    /// The diff_id of the bytes.
    pub diff_id_found: Option<String>,
    /// Null when no diff_id is stated.
    pub diff_id_ok: Option<bool>,
    /// Bytes after decompression.
    pub uncompressed_size: Option<u64>,
    /// Media type that the manifest states.
    pub media_type: Option<String>,
    /// `none`, `gzip`, `zstd` or `xz`.
    pub compression: Option<String>,
    /// Tar members.
    pub entries: Option<u64>,
    /// `verified`, `mismatch`, `not-stated`, `unchecked`, `failed`, `absent`, `foreign` or `not-a-layer`.
    pub state: &'static str,
}

/// `waste --json`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WasteReport {
    /// Sum of entry bytes over layers, less the bytes visible in the merged tree.
    pub reclaimable_bytes: u64,
    /// Bytes visible in the merged tree.
    pub visible_bytes: u64,
    /// Sum of entry bytes over layers.
    pub total_bytes: u64,
    /// The figures that dive prints.
    pub dive: DiveFigures,
    /// What is reclaimable, largest first.
    pub paths: Vec<WastedPath>,
    /// True when a layer could not be read, so that the figures are too low.
    pub incomplete: bool,
    /// What the rules of a `.dive-ci` file say, where somebody asked for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateReport>,
}

/// An image's figures, judged by the rules of a `.dive-ci` file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GateReport {
    /// No rule failed.
    pub passed: bool,
    /// `lowestEfficiency`, `highestWastedBytes` and `highestUserWastedPercent`, in this order.
    pub rules: Vec<GateRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GateRule {
    /// Its name in the file.
    pub rule: &'static str,
    /// `pass`, `fail`, or `skip` when it is turned off.
    pub state: &'static str,
    /// The threshold as it is written; null when it is turned off.
    pub threshold: Option<String>,
}

/// The figures that dive prints, by its formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiveFigures {
    /// 0 to 1.
    pub efficiency: f64,
    /// Bytes of every copy of a path that occurs twice or more.
    pub wasted_bytes: u64,
    /// `wasted_bytes` over the bytes of all layers but the first; null when there are none.
    pub user_wasted_percent: Option<f64>,
    /// Bytes of all layers.
    pub size_bytes: u64,
    /// Bytes of all layers but the first.
    pub user_size_bytes: u64,
}

/// One path with bytes that nobody sees.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WastedPath {
    /// Displayed path, from `/`.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// `overwritten`, `deleted`, `opaque`, `replaced`, `metadata-only` or `duplicate`.
    pub cause: &'static str,
    /// The layer that stores the bytes.
    pub layer: u16,
    /// The layer that hid them.
    pub by: u16,
}

/// Something that went wrong, with the facts apart from the sentence.
///
/// `name` keys the message catalogue; `text` is the technical English sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// Stable kebab-case name.
    pub name: String,
    /// Path, URL, digest or offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What should have been there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// One English sentence with all of it.
    pub text: String,
}

/// Something odd that a user should know.
///
/// `id` keys the message catalogue: `finding.<id>` is the sentence, which `args` fill, and `finding.<id>.runtime` what
/// a runtime would do. All ids are in [`severity::FINDINGS`](crate::severity::FINDINGS).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// Stable kebab-case id.
    pub id: &'static str,
    /// `info`, `warning` or `high`.
    pub severity: &'static str,
    /// The layer it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    /// The digest that is stated for the layer or document it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The displayed path it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The exact bytes, when the path is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<String>,
    /// Where in the unpacked layer; in the blob itself for what follows the compressed data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Arguments of the sentence.
    pub args: BTreeMap<String, String>,
}
