//! What a scan found.

use layerscope_inflate::{Compression, RestartPoint};
use layerscope_oci::{DiffId, Digest, MediaKind, MediaType};

use crate::{Error, Expected, LayerIndex, Oddity, OddityCounts, OddityKind, Table, Verification};

/// A layer whose bytes were read: its entries, its digests, and what is wrong with it.
///
/// Only [`LayerScan::finish`](crate::LayerScan::finish) makes one that has digests, since only there the last
/// byte is known to have been hashed. One that was read back from [bytes](Self::from_bytes) is as trustworthy as
/// whoever kept those bytes.
///
/// ```compile_fail
/// # use layerscope_layer::{Compression, Found};
/// // No other code can put one together:
/// let found = Found {
///     digest: None,
///     size: 0,
///     diff_id: None,
///     uncompressed_size: 0,
///     compression: Compression::None,
///     complete: true,
/// };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScannedLayer {
    /// The entries, as far as they could be read.
    pub index: LayerIndex,
    /// Digests and sizes.
    pub found: Found,
    /// Why not all could be read. What was read before stands.
    pub failure: Option<Error>,
    /// The first of each kind ([`MAX_ODDITIES_OF_A_KIND`](crate::limits::MAX_ODDITIES_OF_A_KIND)), those of the
    /// archive in its order, then those of the blob, then those of entries compared with one another.
    pub oddities: Vec<Oddity>,
    /// How many of each kind there were.
    pub oddity_counts: OddityCounts,
    /// Places from which the blob can be decompressed without what comes before, in order; none unless the scan
    /// was to [keep](crate::LayerScan::keeping_restart_points) them.
    pub restart_points: Vec<RestartPoint>,
    /// The table of contents that the entries are from, if no scan read them; the byte form leaves it out.
    pub table: Option<Box<Table>>,
}

/// Digests and sizes of a layer as its bytes have them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// Over the compressed bytes; `None` for a listing, and for a blob that was not read to its end.
    pub digest: Option<Digest>,
    /// Compressed bytes: all if `complete`, or those read; one more than stated for a blob that is too long.
    pub size: u64,
    /// Over the uncompressed bytes, with whatever follows the archive's end; `None` where `digest` is, and
    /// for a blob that cannot be decompressed to its end.
    pub diff_id: Option<DiffId>,
    /// Uncompressed bytes, as far as the blob could be decompressed.
    pub uncompressed_size: u64,
    /// How the blob is compressed, by its first bytes.
    pub compression: Compression,
    /// Whether the blob was read to its end.
    pub complete: bool,
}

impl ScannedLayer {
    /// Compares what was found with what is stated, which need not be what the scan was told.
    pub fn verify(&self, expected: &Expected) -> Verification {
        Verification::of(&self.found, expected)
    }

    /// The last restart point from which the byte at `offset` of the uncompressed layer can still be reached; `None`
    /// when that is the start.
    pub fn restart_before(&self, offset: u64) -> Option<&RestartPoint> {
        let after = self
            .restart_points
            .partition_point(|point| point.output <= offset);
        self.restart_points.get(after.checked_sub(1)?)
    }

    /// Says if `stated` and the first bytes of the blob disagree about the compression.
    ///
    /// A scan does this itself with the media type that it expects; a layer that was scanned before its manifest
    /// was read is asked later.
    pub fn media_type_mismatch(&self, stated: &MediaType) -> Option<Oddity> {
        media_type_mismatch(&self.found, stated)
    }
}

pub(crate) fn media_type_mismatch(found: &Found, stated: &MediaType) -> Option<Oddity> {
    let MediaKind::Layer {
        compression,
        encrypted: false,
        ..
    } = stated.kind()
    else {
        return None;
    };
    let by_type = match compression {
        None => Compression::None,
        Some(layerscope_oci::Compression::Gzip) => Compression::Gzip,
        Some(layerscope_oci::Compression::Zstd) => Compression::Zstd,
    };
    // Where nothing was unpacked, "not compressed" means that nothing is known; and an empty blob is a layer to every runtime.
    let unknown = found.compression == Compression::None && found.uncompressed_size == 0;
    if unknown || by_type == found.compression {
        return None;
    }
    let detail = format!("{}\0{stated}", found.compression);
    Some(Oddity::new(
        OddityKind::MediaTypeMismatch,
        0,
        None,
        detail.as_bytes(),
    ))
}
