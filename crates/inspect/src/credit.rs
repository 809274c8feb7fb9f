//! Whose word counts: a document that is not what its own digest says cannot accuse another blob.
//!
//! A manifest states the digests of config and layers, a config the diff_ids of the layers. With one
//! flipped byte in such a statement the fault is the document's alone, and the blob that it speaks of
//! stays what it was: verified as far as others speak for it.

use layerscope_layer::{Expected, ScannedLayer, Verdict};
use layerscope_source::{Blob, Image, Layer, Resolved};

/// Which of the documents that speak of an image's blobs are to be believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credit {
    indexes: bool,
    manifest: bool,
    config: bool,
}

impl Credit {
    /// The credit of the documents of one image.
    pub(crate) fn of(resolved: &Resolved, image: &Image) -> Credit {
        let indexes = resolved
            .indexes
            .iter()
            .all(|index| index.is_verified() != Some(false));
        let manifest = image
            .manifest
            .as_ref()
            .is_none_or(|blob| blob.is_verified() != Some(false));
        let config = image
            .config
            .as_ref()
            .is_none_or(|blob| blob.is_verified() != Some(false));
        Credit {
            indexes,
            manifest,
            config,
        }
    }

    /// Whether the manifest is what an index says; null when nobody says it who is believed.
    pub(crate) fn manifest_ok<T>(self, blob: &Blob<T>) -> Option<bool> {
        judge(blob, self.indexes)
    }

    /// Whether the config is what the manifest says; null when nobody says it who is believed.
    pub(crate) fn config_ok<T>(self, blob: &Blob<T>) -> Option<bool> {
        judge(blob, self.indexes && self.manifest)
    }

    /// What is stated of a layer, less what its bytes contradict and only a discredited document says.
    pub(crate) fn expected(self, layer: &Layer, scanned: Option<&ScannedLayer>) -> Expected {
        let mut expected = layer.expected.clone();
        let Some(scanned) = scanned else {
            return expected;
        };
        let verification = scanned.verify(&expected);
        if !self.manifest && verification.size == Verdict::Mismatch {
            expected.size = None;
        }
        if !self.manifest && verification.digest == Verdict::Mismatch {
            expected.digest = None;
        }
        if !self.config && verification.diff_id == Verdict::Mismatch {
            expected.diff_id = None;
        }
        expected
    }
}

fn judge<T>(blob: &Blob<T>, is_believed: bool) -> Option<bool> {
    match blob.is_verified() {
        // The digest alone can still be right, and then it is right whoever says it.
        Some(false) if !is_believed => (blob.stated.as_ref() == Some(&blob.found)).then_some(true),
        verdict => verdict,
    }
}
