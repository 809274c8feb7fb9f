//! Every finding that there can be, and how grave it is.

/// Two readers may see two images, or what is there is not what is stated, or cannot be read.
pub const HIGH: &[&str] = &[
    "ambiguous-field",
    "archive-cut",
    "blob-mismatch",
    "digest-header",
    "duplicate-keys",
    "duplicate-path",
    "escapes-root",
    "file-as-parent",
    "hidden-entries",
    "inline-mismatch",
    "layer-count",
    "layer-failed",
    "layer-mismatch",
    "layer-stopped",
    "link-loop",
    "manifests-disagree",
    "platform-conflict",
    "repeated-extension",
    "repeated-record",
    "second-archive",
    "toc-disagrees",
    "two-links",
    "two-paths",
    "whiteout-of-own-layer",
];

/// A runtime refuses it or leaves something out, or it is broken without being dangerous.
pub const WARNING: &[&str] = &[
    "aliased-path",
    "archive-tar",
    "dangling-extension",
    "dangling-hard-link",
    "digest-unchecked",
    "duplicate-member",
    "field-problem",
    "global-header",
    "global-override",
    "gnu-prefix",
    "hard-link-to-directory",
    "history-too-long",
    "history-too-short",
    "ignored-size",
    "ignored-sparse",
    "index-unusable",
    "inline-undecodable",
    "invalid-whiteout",
    "layer-absent",
    "layout-version",
    "libarchive-xattr",
    "long-path",
    "media-type-conflict",
    "media-type-mismatch",
    "more-of-a-kind",
    "out-of-range",
    "plus-sign",
    "refused-entry",
    "registry-warning",
    "root-not-directory",
    "size-conflict",
    "solaris-header",
    "sparse-mismatch",
    "text-after-nul",
    "toc-refused",
    "toc-unchecked",
    "trailing-data",
    "trailing-garbage",
    "trailing-zeros",
    "tree-full",
    "uncommon-compression",
    "undecodable-xattr",
    "unnamed",
    "unsupported-type",
    "whiteout-with-content",
];

/// Worth knowing; images that nobody need worry about have such things.
pub const INFO: &[&str] = &[
    "aufs-metadata",
    "capability",
    "case-collision",
    "device",
    "hard-link-attributes",
    "large-manifest",
    "layer-foreign",
    "link-escapes-root",
    "no-layout-file",
    "set-id",
    "several-matches",
    "unicode-collision",
    "windows-path",
];

/// The severities, the gravest first, each with the ids of its findings.
pub const FINDINGS: [(&str, &[&str]); 3] = [("high", HIGH), ("warning", WARNING), ("info", INFO)];

/// How grave a finding is. An id of neither list is a warning, so that these two need not hold most ids
/// a second time; a test knows that [`FINDINGS`] has them all.
pub(crate) fn severity(id: &str) -> &'static str {
    if HIGH.contains(&id) {
        "high"
    } else if INFO.contains(&id) {
        "info"
    } else {
        "warning"
    }
}
