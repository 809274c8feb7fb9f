//! What was stated about a layer, against what was found.

use layerscope_oci::{DiffId, Digest, MediaType};

use crate::Found;

/// What a manifest and a config state about one layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The distribution digest: over the compressed bytes.
    pub digest: Option<Digest>,
    /// Compressed bytes.
    pub size: Option<u64>,
    /// The content digest: over the uncompressed bytes.
    pub diff_id: Option<DiffId>,
    /// What the descriptor says that the blob is.
    pub media_type: Option<MediaType>,
}

/// How one stated value compares with what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are equal.
    Verified,
    /// They differ.
    Mismatch,
    /// Nothing was stated.
    NotStated,
    /// It was stated, and could not be established: an algorithm that is not computed, a blob that
    /// was not read to its end or cannot be decompressed, a listing.
    Unchecked,
}

/// The verdict on each stated value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// On the distribution digest.
    pub digest: Verdict,
    /// On the number of compressed bytes.
    pub size: Verdict,
    /// On the content digest.
    pub diff_id: Verdict,
}

impl Verification {
    /// Whether at least one digest is verified, and nothing that was stated is in doubt.
    pub fn is_verified(&self) -> bool {
        let all = [self.digest, self.size, self.diff_id];
        [self.digest, self.diff_id].contains(&Verdict::Verified)
            && all
                .iter()
                .all(|it| matches!(it, Verdict::Verified | Verdict::NotStated))
    }

    /// Whether something that was stated is wrong.
    pub fn is_mismatch(&self) -> bool {
        [self.digest, self.size, self.diff_id].contains(&Verdict::Mismatch)
    }

    pub(crate) fn of(found: &Found, expected: &Expected) -> Self {
        let diff_id = expected.diff_id.as_ref().map(DiffId::digest);
        Self {
            digest: digest_verdict(expected.digest.as_ref(), found.digest.as_ref()),
            size: match expected.size {
                None => Verdict::NotStated,
                // More bytes than stated are wrong, however many more there are.
                Some(size) if found.size > size => Verdict::Mismatch,
                Some(_) if !found.complete => Verdict::Unchecked,
                Some(size) if found.size == size => Verdict::Verified,
                Some(_) => Verdict::Mismatch,
            },
            diff_id: digest_verdict(diff_id, found.diff_id.as_ref().map(DiffId::digest)),
        }
    }
}

fn digest_verdict(stated: Option<&Digest>, found: Option<&Digest>) -> Verdict {
    match (stated, found) {
        (None, _) => Verdict::NotStated,
        (Some(stated), Some(found)) if stated == found => Verdict::Verified,
        (Some(stated), Some(found)) if stated.algorithm() == found.algorithm() => Verdict::Mismatch,
        _ => Verdict::Unchecked,
    }
}
