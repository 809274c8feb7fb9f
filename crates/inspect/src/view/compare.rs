//! Two images side by side, A and B: what a container would find different.

use serde::Serialize;

use super::{Instruction, Xattr};

/// `diff --json`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompareView {
    /// True when nothing that was compared differs. Layers do not count: the same files may be cut in other ways.
    pub same: bool,
    /// One image.
    pub a: ComparedImage,
    /// The other.
    pub b: ComparedImage,
    /// How many paths differ.
    pub totals: CompareTotals,
    /// The layers of A and those of B, each oldest first; null when only the files below a directory were compared.
    pub layers: Option<[Vec<ComparedLayer>; 2]>,
    /// What differs in the configs, and in the manifests' annotations.
    pub config: Vec<ConfigDifference>,
    /// Where the size differs, the largest differences first.
    pub growth: Vec<DirectoryGrowth>,
    /// How many more directories there are than `growth` names.
    pub more_growth: usize,
    /// Each path that differs, in the order of paths; only what the command line prints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<Difference>>,
}

/// One of the two images.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedImage {
    /// The reference (familiar form), the file's name or the directory's name.
    pub source: String,
    /// `os/arch[/variant]`.
    pub platform: Option<String>,
    /// Digest of the manifest, as found.
    pub digest: Option<String>,
    /// Digest of the config, as found: the image id.
    pub image_id: Option<String>,
    /// Compressed bytes of all layers, as far as they are known.
    pub size: u64,
    /// Bytes visible in what was compared.
    pub visible_bytes: u64,
    /// True when a layer could not be read to its end, so that its files are not the whole truth.
    pub incomplete: bool,
    /// True when some of it comes from a layer that is not verified yet.
    pub preview: bool,
}

/// How many paths differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompareTotals {
    /// Only in B.
    pub added: u64,
    /// Only in A.
    pub removed: u64,
    /// Another kind, content, size, target or device.
    pub modified: u64,
    /// The same content, and other metadata.
    pub metadata: u64,
    /// Of the modified ones those that may well have the same content: the sizes are equal, and of one side no
    /// fingerprint is known because its layer was not read.
    pub unproven: u64,
}

/// A layer, and its like in the other image.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedLayer {
    /// 0 is the oldest.
    pub number: usize,
    /// The content's digest: of the bytes if they were read, or else as stated.
    pub diff_id: Option<String>,
    /// Compressed bytes.
    pub size: Option<u64>,
    /// The instruction that made it.
    pub instruction: Option<Instruction>,
    /// The layer of the other image with the same diff_id.
    pub same: Option<usize>,
    /// With `same`: both were read, and their bytes have this digest. Otherwise the configs say so.
    pub proven: bool,
    /// Without `same`: the layer of the other image that the same instruction made.
    pub step: Option<usize>,
}

/// Something that the configs or manifests do not say alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigDifference {
    /// `platform`, `created`, `author`, `annotations`, or as a field of `runtime` is called.
    pub field: &'static str,
    /// The variable, port, volume, label or annotation.
    pub name: Option<String>,
    /// What A says: one text, or the words of a command; none for a port or volume, which only is there. Null if nothing.
    pub a: Option<Vec<String>>,
    /// What B says.
    pub b: Option<Vec<String>>,
}

/// What a directory has of the difference in size: of the files in it, and of all directories in it that only one image
/// has. A directory that only one image has at the root stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryGrowth {
    /// Displayed path, from `/`.
    pub path: String,
    /// Bytes that B has more than A; below zero when it has less. A file with several names counts where its first is.
    pub bytes: i64,
}

/// A path that differs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Displayed path, from `/`.
    pub path: String,
    /// The exact bytes, when the path is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<String>,
    /// `added` (only in B), `removed` (only in A), `modified`, `metadata`; or `unchanged` for a directory in which something differs.
    pub change: &'static str,
    /// In what it differs: `content`, `kind`, `size`, `mode`, `owner`, `mtime`, `link`, `xattrs`, `device`.
    pub attributes: Vec<&'static str>,
    /// What A has there.
    pub a: Option<ComparedEntry>,
    /// What B has there.
    pub b: Option<ComparedEntry>,
    /// Where it stands in a tree grid; only in its rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<RowPlace>,
}

/// What one image has at a path.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedEntry {
    /// Id of the node in the merged tree; only in rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<u32>,
    /// `file`, `directory`, `symlink`, `hardlink` (one that leads nowhere), `char`, `block`, `fifo` or `other`.
    pub kind: &'static str,
    /// Bytes: of the file, or of all that is visible below.
    pub size: u64,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// RFC 3339 with the stored fraction; null for a directory that no entry describes.
    pub mtime: Option<String>,
    /// Target of a symbolic link.
    pub link: Option<String>,
    /// Major and minor number.
    pub device: Option<(u64, u64)>,
    /// Extended attributes.
    pub xattrs: Vec<Xattr>,
    /// The layer that last wrote it; 0 is the oldest.
    pub layer: u16,
}

/// Where a row stands in the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowPlace {
    /// Id of the row in its comparison.
    pub row: u32,
    /// 1 for children of the root.
    pub level: u32,
    /// Position among its siblings, from 1.
    pub pos_in_set: u32,
    /// How many siblings there are.
    pub set_size: u32,
    /// Null when it has no children.
    pub expanded: Option<bool>,
}

/// A window of rows.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparePage {
    /// Rows in all.
    pub total: usize,
    /// Number of the first row here.
    pub from: usize,
    /// The rows.
    pub rows: Vec<Difference>,
}
