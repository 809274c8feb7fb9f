//! What a driver may keep of a layer from one look to the next: under which name, and when it may be used again.
//!
//! A driver that has somewhere to keep bytes asks a job for its name ([`ScanJob::known_as`]) before it reads the blob,
//! and makes the layer of what it finds there ([`ScanJob::recall`]). After a scan it keeps the
//! [bytes](ScannedLayer::to_bytes) of the layer if it [may](ScanJob::may_keep). That is a convenience, never evidence:
//! the blob was what its digests say when it was read, and may have changed since.

use layerscope_layer::{Compression, ScannedLayer};
use layerscope_oci::{DiffId, Digest, MediaKind};
use layerscope_source::BlobPlan;

use crate::scan::ScanJob;

/// What stands in a name for a digest that nobody states.
const NO_DIGEST: &str = "000000000000000000000000";

impl ScanJob {
    /// The name under which the layer is kept: 64 hexadecimal digits. `None` for a layer of which no digest is stated,
    /// and for a job that keeps nothing.
    ///
    /// They are the first of both digests, and the size, which tells a blob that was cut short. Where the blob comes
    /// from does not matter, nor what its type is said to be. Whether it is the layer is decided by its whole digests.
    #[must_use]
    pub fn kept_as(&self) -> Option<String> {
        let stated = &self.expected;
        if !self.for_files || stated.digest.is_none() && stated.diff_id.is_none() {
            return None;
        }
        let diff_id = stated.diff_id.as_ref().map(DiffId::digest);
        let [digest, diff_id] = [stated.digest.as_ref(), diff_id].map(|digest| {
            let hex = digest.map_or(NO_DIGEST, Digest::hex);
            hex.get(..NO_DIGEST.len())
        });
        let size = self.size().unwrap_or(u64::MAX);
        Some(format!("{}{}{size:016x}", digest?, diff_id?))
    }

    /// Whether a layer is all that this job is about, and every byte of it was what is stated.
    #[must_use]
    pub fn may_keep(&self, layer: &ScannedLayer) -> bool {
        self.kept_as().is_some()
            && layer.failure.is_none()
            && layer.found.complete
            && layer.verify(&self.expected).is_verified()
            && self.size().is_none_or(|size| size == layer.found.size)
            && self.is_of_stated_type(layer)
    }

    /// The name under which the layer may be known; `None` also where it is to be read again.
    #[must_use]
    pub fn known_as(&self) -> Option<String> {
        self.kept_as().filter(|_| !self.reread)
    }

    /// The layer that was kept; `None` for bytes that are damaged, of another version, or of another layer.
    #[must_use]
    pub fn recall(&self, bytes: &[u8]) -> Option<ScannedLayer> {
        let layer = ScannedLayer::from_bytes(bytes).ok()?;
        self.may_keep(&layer).then(|| self.adopt(layer))
    }

    /// A layer that [may be kept](Self::may_keep), as this job's own.
    pub(crate) fn adopt(&self, mut layer: ScannedLayer) -> ScannedLayer {
        // One content can be compressed in many ways, and a restart point is a place in one of them.
        if self.expected.digest.is_none() && layer.found.compression != Compression::None {
            layer.restart_points = Vec::new();
        }
        layer
    }

    /// A wrong type is a finding, and one that names it: such a layer is read each time.
    fn is_of_stated_type(&self, layer: &ScannedLayer) -> bool {
        let Some(stated) = &self.expected.media_type else {
            return true;
        };
        let is_encrypted = matches!(
            stated.kind(),
            MediaKind::Layer {
                encrypted: true,
                ..
            }
        );
        !is_encrypted && layer.media_type_mismatch(stated).is_none()
    }

    /// Compressed bytes that the blob has, or is said to have.
    fn size(&self) -> Option<u64> {
        let planned = match &self.plan {
            BlobPlan::Range { len, .. } => Some(*len),
            BlobPlan::File { size, .. } => *size,
            _ => None,
        };
        planned.or(self.expected.size)
    }
}

#[cfg(test)]
mod tests {
    use layerscope_layer::{Expected, LayerScan, Limits, RestartPoint};
    use layerscope_oci::{Algorithm, MediaType};

    use super::*;
    use crate::scan::ScanId;

    /// An archive without entries.
    const PLAIN: [u8; 1024] = [0; 1024];
    /// The same in gzip.
    const PACKED: [u8; 29] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 24, 5, 163, 96, 20, 140, 84, 0, 0, 46, 175, 181,
        239, 0, 4, 0, 0,
    ];

    fn sha256(bytes: &[u8]) -> Digest {
        Digest::of(Algorithm::Sha256, bytes)
    }

    fn job(blob: &[u8]) -> ScanJob {
        let size = blob.len() as u64;
        ScanJob {
            id: ScanId(0),
            plan: BlobPlan::Range {
                offset: 512,
                len: size,
            },
            expected: Expected {
                digest: Some(sha256(blob)),
                size: Some(size),
                diff_id: Some(DiffId::new(sha256(&PLAIN))),
                media_type: None,
            },
            for_files: true,
            reread: false,
            only_known: false,
        }
    }

    fn scanned(job: &ScanJob, blob: &[u8]) -> ScannedLayer {
        let mut scan = LayerScan::new(job.expected.clone(), Limits::default());
        let _ = scan.push(blob);
        scan.finish()
    }

    #[test]
    fn a_name_is_of_what_is_stated_and_not_of_where_it_is() {
        let job = job(&PLAIN);
        let name = job.kept_as().unwrap();
        assert_eq!(name.len(), 64);
        let mut elsewhere = job.clone();
        elsewhere.plan = BlobPlan::File {
            path: "blobs/sha256/0".to_owned(),
            size: Some(1024),
        };
        assert_eq!(elsewhere.kept_as().unwrap(), name);
        let change = |change: &dyn Fn(&mut ScanJob)| {
            let mut job = job.clone();
            change(&mut job);
            job.kept_as()
        };
        let others = [
            change(&|job| job.expected.digest = Some(sha256(b"another"))),
            change(&|job| job.expected.digest = None),
            change(&|job| job.expected.diff_id = Some(DiffId::new(sha256(b"another")))),
            change(&|job| job.expected.diff_id = None),
            change(&|job| job.plan = BlobPlan::Range { offset: 0, len: 9 }),
        ];
        for (number, other) in others.iter().enumerate() {
            assert_ne!(other.as_ref().unwrap(), &name);
            assert!(!others[..number].contains(other));
        }
        let nameless = change(&|job| {
            job.expected.digest = None;
            job.expected.diff_id = None;
        });
        assert_eq!(nameless, None);
        assert_eq!(change(&|job| job.for_files = false), None);
    }

    #[test]
    fn what_was_verified_comes_back_and_nothing_else() {
        for blob in [&PLAIN[..], &PACKED] {
            let job = job(blob);
            let layer = scanned(&job, blob);
            assert!(job.may_keep(&layer));
            let bytes = layer.to_bytes();
            assert_eq!(job.recall(&bytes), Some(layer));
            for cut in 0..bytes.len() {
                assert_eq!(job.recall(&bytes[..cut]), None, "{cut}");
                let mut flipped = bytes.clone();
                flipped[cut] ^= 1;
                assert_eq!(job.recall(&flipped), None, "{cut}");
            }
        }
        let (plain, packed) = (job(&PLAIN), job(&PACKED));
        assert_eq!(packed.recall(&scanned(&plain, &PLAIN).to_bytes()), None);
    }

    #[test]
    fn what_was_not_verified_is_not_kept() {
        let job = job(&PLAIN);
        let mut other = PLAIN;
        other[700] = 1;
        assert!(!job.may_keep(&scanned(&job, &other)));
        assert!(!job.may_keep(&scanned(&job, &PLAIN[..512])));
        let mut listing = LayerScan::listing(Limits::default());
        let _ = listing.push(&PLAIN);
        assert!(!job.may_keep(&listing.finish()));
        let mut aborted = LayerScan::new(job.expected.clone(), Limits::default());
        let _ = aborted.push(&PLAIN);
        assert!(!job.may_keep(&aborted.abort("the line broke".to_owned())));
    }

    #[test]
    fn a_layer_of_another_type_than_is_stated_is_not_known() {
        const TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
        let job = job(&PACKED);
        let bytes = scanned(&job, &PACKED).to_bytes();
        let layer_of = |ending: &str| {
            let mut job = job.clone();
            job.expected.media_type = Some(MediaType::new(&format!("{TYPE}{ending}")));
            assert_eq!(job.kept_as(), self::job(&PACKED).kept_as());
            let scanned = scanned(&job, &PACKED);
            (job.may_keep(&scanned), job.recall(&bytes).is_some())
        };
        assert_eq!(layer_of("+gzip"), (true, true));
        for wrong in ["", "+zstd", "+gzip+encrypted"] {
            assert_eq!(layer_of(wrong), (false, false), "{wrong}");
        }
    }

    #[test]
    fn places_in_a_blob_are_only_of_use_where_its_digest_is_stated() {
        let mut job = job(&PACKED);
        let mut layer = scanned(&job, &PACKED);
        layer.restart_points.push(RestartPoint {
            compressed: 12,
            output: 512,
            middle: None,
        });
        let bytes = layer.to_bytes();
        assert_eq!(job.recall(&bytes).unwrap().restart_points.len(), 1);
        job.expected.digest = None;
        assert_eq!(job.recall(&bytes).unwrap().restart_points, []);
    }
}
