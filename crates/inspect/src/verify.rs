//! The report of a verification: every blob, what was expected of it, what was found.

use layerscope_layer::{ScannedLayer, Verdict};
use layerscope_source::{Blob, Error, Image, ImageState, Layer};

use crate::credit::Credit;
use crate::scan::{Standing, unchecked};
use crate::session::Session;
use crate::view::{ErrorView, VerifiedBlob, VerifiedImage, VerifiedLayer, VerifyReport};

/// Reports on every selected image of a session whose scans have ended.
///
/// A platform that is not in the source does not fail the report as long as another image is complete.
/// Each image is judged by its own manifest and config, also where images share a blob.
#[must_use]
pub fn report(session: &Session) -> VerifyReport {
    // An `index.json` has no digest that anybody states; an index that it lists has one.
    let indexes: Vec<VerifiedBlob> = session
        .resolved()
        .into_iter()
        .flat_map(|resolved| &resolved.indexes)
        .filter(|index| index.stated.is_some())
        .map(|index| verify_blob(index, index.is_verified()))
        .collect();
    let images: Vec<(VerifiedImage, bool)> = session
        .resolved()
        .into_iter()
        .flat_map(|resolved| {
            let images = resolved.images.iter();
            images.filter_map(|image| match image.state {
                ImageState::NotAsked => None,
                _ => Some(verify(session, image, Credit::of(resolved, image))),
            })
        })
        .collect();
    let indexes_match = indexes.iter().all(|index| index.digest_ok != Some(false));
    let complete = images.iter().any(|(image, _)| image.state == "complete");
    let sound = images.iter().all(|(_, sound)| *sound);
    VerifyReport {
        verified: complete && sound && indexes_match,
        indexes,
        images: images.into_iter().map(|(image, _)| image).collect(),
    }
}

fn verify(session: &Session, image: &Image, credit: Credit) -> (VerifiedImage, bool) {
    let standings = session.standings(image);
    let layers: Vec<VerifiedLayer> = image
        .layers
        .iter()
        .zip(&standings)
        .map(|(layer, standing)| verify_layer(layer, *standing, credit))
        .collect();
    let manifest = image
        .manifest
        .as_ref()
        .map(|blob| verify_blob(blob, credit.manifest_ok(blob)));
    let config = image
        .config
        .as_ref()
        .map(|blob| verify_blob(blob, credit.config_ok(blob)));
    let error = match &image.state {
        ImageState::Failed(error) => Some(ErrorView::from(error)),
        _ => image.fault.as_ref().map(ErrorView::from),
    };
    let elsewhere = standings
        .iter()
        .any(|standing| matches!(standing, Standing::Absent | Standing::Foreign(_)));
    let state = match &image.state {
        ImageState::Absent | ImageState::Failed(Error::Absent { .. }) => "absent",
        ImageState::Failed(_) => "failed",
        _ if elsewhere => "absent",
        _ => "complete",
    };
    let small_blobs_match = [&manifest, &config]
        .into_iter()
        .flatten()
        .all(|blob| blob.digest_ok != Some(false) && blob.error.is_none());
    let sound = error.is_none()
        && small_blobs_match
        && layers.iter().all(|layer| match layer.state {
            "verified" | "not-a-layer" => true,
            // What is not there is forgiven where another image is complete; what is there and broken is not.
            "pending" | "absent" | "foreign" => state == "absent",
            _ => false,
        });
    let image = VerifiedImage {
        name: image.names.first().cloned(),
        platform: image.platform.as_ref().map(ToString::to_string),
        state,
        error,
        manifest,
        config,
        layers,
    };
    (image, sound)
}

fn verify_blob<T>(blob: &Blob<T>, digest_ok: Option<bool>) -> VerifiedBlob {
    let size = blob.raw.len() as u64;
    VerifiedBlob {
        digest: blob.stated.as_ref().map(ToString::to_string),
        digest_found: Some(blob.found.to_string()),
        digest_ok,
        size: Some(size),
        size_stated: blob.stated_size.filter(|stated| *stated != size),
        error: blob.parsed.as_ref().err().map(ErrorView::from),
    }
}

fn verify_layer(layer: &Layer, standing: Standing<'_>, credit: Credit) -> VerifiedLayer {
    let expected = &layer.expected;
    let scanned = standing.scanned();
    let believed = credit.expected(layer, scanned);
    let verification = scanned.map(|scanned| scanned.verify(&believed));
    let ok = |verdict: Verdict| judge(verdict, scanned);
    let digest_ok = verification.map(|verification| match verification.size {
        // A blob of another size is not what its descriptor says, whatever its digest.
        Verdict::Mismatch => Some(false),
        _ => ok(verification.digest),
    });
    let size = scanned.map(|scanned| scanned.found.size);
    VerifiedLayer {
        blob: VerifiedBlob {
            digest: expected.digest.as_ref().map(ToString::to_string),
            digest_found: scanned
                .and_then(|scanned| scanned.found.digest.as_ref())
                .map(ToString::to_string),
            digest_ok: digest_ok.flatten(),
            size,
            size_stated: expected
                .size
                .filter(|stated| size.is_some_and(|size| size != *stated)),
            error: match standing {
                Standing::Failed(error) => Some(error.clone()),
                Standing::Read { scanned, .. } => match &scanned.failure {
                    Some(failure) => Some(ErrorView::from(failure)),
                    None => unchecked(scanned, &believed)
                        .map(|(stated, found)| ErrorView::of_unchecked(stated, found)),
                },
                _ => None,
            },
        },
        diff_id: expected.diff_id.as_ref().map(ToString::to_string),
        diff_id_found: scanned
            .and_then(|scanned| scanned.found.diff_id.as_ref())
            .map(ToString::to_string),
        diff_id_ok: verification.and_then(|verification| ok(verification.diff_id)),
        uncompressed_size: scanned.map(|scanned| scanned.found.uncompressed_size),
        media_type: expected.media_type.as_ref().map(ToString::to_string),
        compression: scanned.map(|scanned| scanned.found.compression.to_string()),
        entries: standing.entries(),
        state: standing.state(&believed),
    }
}

/// Null where nothing is stated or the algorithm is unknown; false also where broken bytes left nothing to compare.
fn judge(verdict: Verdict, scanned: Option<&ScannedLayer>) -> Option<bool> {
    match verdict {
        Verdict::Verified => Some(true),
        Verdict::Mismatch => Some(false),
        Verdict::NotStated => None,
        Verdict::Unchecked => scanned
            .and_then(|scanned| scanned.failure.as_ref())
            .map(|_| false),
    }
}
