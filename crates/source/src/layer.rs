//! Where a layer's bytes are, and what they should be.

use layerscope_layer::Expected;
use layerscope_oci::{Descriptor, DiffId};

use crate::registry::BlobRequest;

/// One layer of an image.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What the manifest says of it; `None` for the layers of `manifest.json`.
    pub descriptor: Option<Descriptor>,
    /// What the config says its uncompressed bytes are.
    pub diff_id: Option<DiffId>,
    /// The same, and all else that is stated, for [`LayerScan`](layerscope_layer::LayerScan).
    pub expected: Expected,
    /// How to get its bytes.
    pub blob: BlobPlan,
}

/// How to get the bytes of a layer. Two layers with equal plans are the same bytes, to be read once.
#[derive(Clone, Debug, PartialEq)]
pub enum BlobPlan {
    /// They lie in the archive file.
    Range {
        /// Bytes from the start of the file.
        offset: u64,
        /// How many bytes.
        len: u64,
    },
    /// They are a file of the layout.
    File {
        /// As in [`Ask::File`](crate::Ask::File).
        path: String,
        /// The file's size in bytes, when the driver told it.
        size: Option<u64>,
    },
    /// A registry has them.
    Http {
        /// What to ask it.
        request: BlobRequest,
    },
    /// They are a member of a wrapped archive and were scanned when it was read through.
    Member {
        /// Which, as in [`WrappedArchive::layer`](crate::WrappedArchive::layer).
        number: usize,
    },
    /// Here they are.
    Inline(Vec<u8>),
    /// They are not in the source.
    Absent,
    /// The source does not hold them and names other places. Nothing is fetched from there unless a
    /// person asks for it, and never with credentials.
    Foreign {
        /// Those places, as the manifest writes them.
        urls: Vec<String>,
    },
    /// They are not an archive of files: a chart, a signature, an attestation, an encrypted layer.
    NotALayer,
}
