//! Files: rows of the tree grid, one entry's details, and the plain listing.

use serde::Serialize;

use super::Hop;

/// Which tree is looked at. In JavaScript `{ "scope": "layer" | "up-to" | "merged", "layer"?: number }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeView {
    /// One layer, as it is written.
    Layer {
        /// 0 is the oldest.
        layer: u16,
    },
    /// The filesystem as it is after a layer.
    UpTo {
        /// 0 is the oldest.
        layer: u16,
    },
    /// The whole image.
    Merged,
}

impl ScopeView {
    /// The scope of this name, `layer`, `up-to` or `merged`; the first two need their layer.
    pub fn named(scope: &str, layer: Option<u16>) -> Option<ScopeView> {
        match (scope, layer) {
            ("layer", Some(layer)) => Some(ScopeView::Layer { layer }),
            ("up-to", Some(layer)) => Some(ScopeView::UpTo { layer }),
            ("merged", _) => Some(ScopeView::Merged),
            _ => None,
        }
    }
}

/// A window of rows.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowPage {
    /// Rows in all.
    pub total: usize,
    /// Number of the first row here.
    pub from: usize,
    /// The rows.
    pub rows: Vec<RowView>,
    /// True when a layer below is missing, so that the tree is not the whole truth.
    pub incomplete: bool,
    /// True when some of it comes from a layer that is not verified yet.
    pub preview: bool,
    /// True while a filter has not gone through the whole tree, so that there may be more rows.
    pub searching: bool,
}

/// One row of the tree grid.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowView {
    /// Id of the node in its scope.
    pub node: u32,
    /// The last component.
    pub name: String,
    /// Displayed path, from `/`.
    pub path: String,
    /// 1 for children of the root.
    pub level: u32,
    /// Position among its siblings, from 1.
    pub pos_in_set: u32,
    /// How many siblings there are.
    pub set_size: u32,
    /// Null when it has no children.
    pub expanded: Option<bool>,
    /// `file`, `directory`, `symlink`, `hardlink`, `char`, `block`, `fifo` or `other`.
    pub kind: &'static str,
    /// Bytes: of the file, or of all that is visible below.
    pub size: u64,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// RFC 3339, in a window of rows; `None` where nothing is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtime: Option<String>,
    /// `unchanged`, `added`, `modified`, `removed` or `metadata`.
    pub change: &'static str,
    /// Which attributes changed: `content`, `kind`, `size`, `mode`, `owner`, `mtime`, `link`, `xattrs`, `device`.
    pub attributes: Vec<&'static str>,
    /// The layer that last wrote it.
    pub layer: u16,
    /// The layer that deleted it, for a ghost.
    pub deleted_by: Option<u16>,
    /// Target of a link.
    pub link: Option<String>,
    /// No entry of its own: a parent that had to be made.
    pub synthetic: bool,
    /// A closed directory below which something changed.
    pub changed_below: bool,
}

/// What layers take away.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Markers {
    /// How many there are.
    pub total: usize,
    /// The first of them, the oldest layer first.
    pub markers: Vec<Marker>,
}

/// One whiteout or opaque directory.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Marker {
    /// The layer that holds it.
    pub layer: u16,
    /// Displayed path that it is about, from `/`.
    pub path: String,
    /// True when it hides all that lower layers have in the directory, false when it hides the path itself.
    pub opaque: bool,
}

/// Where the bytes of a directory are.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shares {
    /// Displayed path of the directory, from `/`.
    pub path: String,
    /// Bytes below it that are visible.
    pub visible: u64,
    /// Bytes below it that went with what was deleted.
    pub gone: u64,
    /// What is directly in it, the largest first.
    pub shares: Vec<Share>,
    /// How many things in it are not among the shares, because others are larger or they weigh nothing.
    pub others: usize,
    /// True when a layer below is missing, so that the tree is not the whole truth.
    pub incomplete: bool,
}

/// One thing in a directory, with all that is in it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// The row's facts.
    pub row: RowView,
    /// Bytes that are visible.
    pub visible: u64,
    /// Bytes that went with what was deleted.
    pub gone: u64,
    /// The layer that stores most of both.
    pub layer: u16,
}

/// Everything about one entry.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Id of the node in its scope.
    pub node: u32,
    /// Displayed path, from `/`.
    pub path: String,
    /// The exact bytes, when the path is not UTF-8.
    pub path_base64: Option<String>,
    /// The row's facts.
    pub row: RowView,
    /// User name as stored.
    pub uname: String,
    /// Group name as stored.
    pub gname: String,
    /// RFC 3339 with the stored fraction.
    pub mtime: String,
    /// `-rwxr-xr-x`.
    pub mode_text: String,
    /// Extended attributes.
    pub xattrs: Vec<Xattr>,
    /// Major and minor number.
    pub device: Option<(u64, u64)>,
    /// Offset of its content in its layer's uncompressed stream.
    pub offset: Option<u64>,
    /// True when its content can be opened.
    pub readable: bool,
    /// Where a symbolic link leads, step by step.
    pub links: Vec<Hop>,
    /// What happened to the path, oldest layer first.
    pub story: Vec<Told>,
}

/// One extended attribute.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Xattr {
    /// Name.
    pub name: String,
    /// Value, with escapes for what is not printable UTF-8.
    pub value: String,
    /// Value, exact.
    pub base64: String,
    /// What it means, of `security.capability`: `cap_net_raw=ep`, as `getcap -n` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
}

/// What one layer did to a path.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// 0 is the oldest.
    pub layer: u16,
    /// `added`, `modified`, `removed` or `metadata`.
    pub change: &'static str,
    /// Which attributes changed.
    pub attributes: Vec<&'static str>,
    /// Bytes after this layer.
    pub size: Option<u64>,
}

/// One line of `ls`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListEntry {
    /// Displayed path, from `/`.
    pub path: String,
    /// The exact bytes, when the path is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<String>,
    /// `file`, `directory`, `symlink`, `hardlink`, `char`, `block`, `fifo` or `other`.
    pub kind: &'static str,
    /// Bytes; a hard link has its file's.
    pub size: u64,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// RFC 3339.
    pub mtime: String,
    /// Target of a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The exact bytes, when the target is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_base64: Option<String>,
    /// The layer that last wrote it; 0 is the oldest.
    pub layer: u16,
    /// In the listing of one layer: this layer takes the path away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}
