//! The plan of getting one blob, for whoever streams it.

use layerscope_oci::Digest;
use serde::Serialize;
use serde_json::Value;

use super::access::{Access, Target};
use super::exchange::Exchange;

/// Everything needed to stream one blob from a registry. It can be sent to a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlobRequest {
    /// Where from, and as whom.
    pub access: Access,
    /// Which blob.
    pub digest: Digest,
    /// How many bytes it should have.
    pub size: u64,
}

impl BlobRequest {
    /// What was serialized; `None` when it was something else.
    pub fn read(value: &Value) -> Option<Self> {
        Some(Self {
            access: Access::read(value.get("access")?)?,
            digest: value.get("digest")?.as_str()?.parse().ok()?,
            size: value.get("size")?.as_u64()?,
        })
    }

    /// An exchange whose final body is the blob.
    pub fn exchange(&self) -> Exchange {
        Exchange::new(&self.access, Target::Blob(self.digest.clone()), None)
    }

    /// An exchange whose final body is what lies between the first `read` bytes and `end`: how to get a part, and
    /// how to go on when a body ended early. [`Exchange::body_offset`] tells where the body really begins, because
    /// a registry may ignore the range, or refuse it and be asked without.
    pub(super) fn resume(&self, read: u64, end: u64) -> Exchange {
        if read >= end {
            return self.exchange();
        }
        let target = Target::Blob(self.digest.clone());
        Exchange::new(&self.access, target, Some(read..end)).resuming(self.size)
    }
}
