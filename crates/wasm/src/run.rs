//! Does the jobs of scan workers: reads what a job's plan speaks of, and gives the result as bytes.

use std::ops::Range;

use js_sys::{Function, Uint8Array};
use layerscope_inspect::view::ErrorView;
use layerscope_layer::{
    Compression, Demand, LayerScan, Limits, Progress, RESTART_SPACING, ScannedLayer,
};
use layerscope_oci::{Algorithm, Digest, Digester};
use layerscope_source::WrappedScan;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::convert::{FromJs, from_js, text, thrown};
use crate::fetch;
use crate::file::{Bytes, Whole, leap, size_of};
use crate::job::{Job, Place};

/// What JavaScript adds to a job: the bytes.
#[derive(Debug)]
struct Access {
    url: Option<String>,
    secret: Option<String>,
}

impl FromJs for Access {
    fn read(access: &JsValue) -> Option<Self> {
        Some(Access {
            url: text(access, "url"),
            secret: text(access, "secret"),
        })
    }
}

/// Does one job and returns the result's bytes: a scanned layer, a wrapped archive, or a file's content.
///
/// `source` has `blob`, or `url` and perhaps `secret`. `on_progress` is called with compressed bytes read,
/// uncompressed bytes, and entries; `waiting` with the seconds until a registry is asked again; `previewed` with
/// what is known of a layer while it is read, in the byte form of a scanned layer: all files by the headers alone, or
/// now and then those that have been read. `sha256`
/// promises the digest of the bytes that it is given; it is missing where the browser has no such thing.
///
/// # Errors
/// An `ErrorView` when nothing at all could be read. A layer that breaks in the middle is a result that says so.
#[wasm_bindgen]
pub async fn run(
    job: String,
    source: JsValue,
    on_progress: Function,
    waiting: Function,
    previewed: Function,
    sha256: Option<Function>,
) -> Result<Uint8Array, JsValue> {
    let failed = |why: String| thrown(&ErrorView::of_driver("layer", why));
    let job: Job = from_js(js_sys::JSON::parse(&job)?)?;
    let bytes = bytes_of(source)?;
    let result = match (job.op.as_str(), &job.place) {
        ("scan", Some(place)) => {
            let listed = preview(place, bytes.as_ref()).await;
            let mut previews = Previews::told(&previewed, listed.as_ref());
            let on_progress = &mut |scan: &LayerScan, progress| {
                tell(&on_progress, progress);
                previews.go_on(scan);
            };
            scan(&job, place, bytes, on_progress, &waiting, sha256).await
        }
        ("extract", Some(place)) => {
            let mut found = Vec::new();
            let take = &mut |bytes: &[u8]| found.extend_from_slice(bytes);
            let end = extract(&job, place, bytes, &waiting, take).await;
            end.map(|()| found)
        }
        ("digest", Some(place)) => {
            let mut digester = Digester::new(Algorithm::Sha256);
            let mut progress = Progress::default();
            let mut told = 0_u64;
            let take = &mut |bytes: &[u8]| {
                digester.update(bytes);
                progress.unpacked = progress.unpacked.saturating_add(bytes.len() as u64);
                if progress.unpacked.saturating_sub(told) >= 1 << 20 {
                    told = progress.unpacked;
                    tell(&on_progress, progress);
                }
            };
            let end = extract(&job, place, bytes, &waiting, take).await;
            end.map(|()| digester.finish().hex().as_bytes().to_vec())
        }
        ("read-through", _) => read_through(job.size.unwrap_or(0), bytes, &on_progress).await,
        (op, _) => Err(format!("there is no job `{op}`")),
    };
    result
        .map(|bytes| Uint8Array::from(bytes.as_slice()))
        .map_err(failed)
}

fn bytes_of(source: JsValue) -> Result<Option<Bytes>, JsValue> {
    let blob = js_sys::Reflect::get(&source, &JsValue::from_str("blob")).unwrap_or_default();
    if let Some(blob) = blob.dyn_ref::<Blob>() {
        return Ok(Some(Bytes::Blob(blob.clone())));
    }
    let access: Access = from_js(source)?;
    Ok(access.url.map(|url| Bytes::Url {
        url,
        secret: access.secret,
    }))
}

/// Bytes of a layer from which on its files are worth a look before all of it is read. Less is read in a blink.
const WORTH_A_PREVIEW: u64 = 8 << 20;

/// The files of a layer that is not compressed, by its headers alone: contents are passed over, not read. What cannot
/// be listed to its end is left to the scan, which says why.
async fn preview(place: &Place, bytes: Option<&Bytes>) -> Option<ScannedLayer> {
    let Some(Bytes::Blob(blob)) = bytes else {
        return None;
    };
    let (offset, len) = match place {
        Place::Range { offset, len } => (*offset, *len),
        Place::File { .. } => (0, size_of(blob)),
        _ => return None,
    };
    if len < WORTH_A_PREVIEW {
        return None;
    }
    let mut scan = LayerScan::listing(Limits::default());
    let visit = &mut |bytes: &[u8]| {
        let demand = scan.push(bytes);
        if scan.compression() != Some(Compression::None) {
            return (Demand::Stop, 0);
        }
        let skip = scan.skippable();
        scan.skip(skip);
        (demand, skip)
    };
    leap(blob, offset, len, visit).await.ok()?;
    if scan.compression() != Some(Compression::None) {
        return None;
    }
    let listed = scan.finish();
    listed.failure.is_none().then_some(listed)
}

/// Entries of a layer beyond which no more of it is shown before its end: a preview is a copy of them all.
const PREVIEWED: u64 = 100_000;

/// What is shown of a layer while it is read.
struct Previews<'a> {
    listener: &'a Function,
    /// Uncompressed bytes from which on the next one is made: twice as many as for the one before, so that making all of
    /// them costs no more than two of the last.
    due: u64,
}

impl Previews<'_> {
    /// Begins with all files, if they are listed, and then needs no other.
    fn told<'a>(listener: &'a Function, listed: Option<&ScannedLayer>) -> Previews<'a> {
        let due = match listed {
            Some(_) => u64::MAX,
            None => WORTH_A_PREVIEW,
        };
        let previews = Previews { listener, due };
        if let Some(layer) = listed {
            previews.tell(layer);
        }
        previews
    }

    fn go_on(&mut self, scan: &LayerScan) {
        let Progress {
            unpacked, entries, ..
        } = scan.progress();
        if unpacked >= self.due && entries <= PREVIEWED {
            self.due = unpacked.saturating_mul(2);
            self.tell(&scan.so_far());
        }
    }

    fn tell(&self, layer: &ScannedLayer) {
        let bytes = Uint8Array::from(layer.to_bytes().as_slice());
        // A listener that throws does not stop the scan.
        let _heard = self.listener.call1(&JsValue::NULL, &bytes);
    }
}

async fn scan(
    job: &Job,
    place: &Place,
    bytes: Option<Bytes>,
    on_progress: &mut dyn FnMut(&LayerScan, Progress),
    waiting: &Function,
    sha256: Option<Function>,
) -> Result<Vec<u8>, String> {
    let expected = job.expected()?;
    let whole = match (place, &bytes, &expected.digest) {
        (Place::Range { offset, len }, Some(bytes), stated) if is_sha256(stated.as_ref()) => {
            Whole::read(bytes, *offset, *len, sha256).await
        }
        _ => None,
    };
    let scan = LayerScan::new(expected, Limits::default());
    let mut scan = scan.keeping_restart_points(RESTART_SPACING);
    if whole.is_some() {
        scan = scan.leaving_digest();
    }
    let mut told = 0_u64;
    let push = &mut |bytes: &[u8]| {
        let demand = scan.push(bytes);
        let progress = scan.progress();
        if progress.read.saturating_sub(told) >= 1 << 20 {
            told = progress.read;
            on_progress(&scan, progress);
        }
        demand
    };
    if let Some(whole) = whole {
        whole.give(push);
        return Ok(scan.finish_with(whole.digest().await?).to_bytes());
    }
    let result = stream(place, 0..u64::MAX, bytes, waiting, push).await;
    match result {
        Ok(()) => Ok(scan.finish().to_bytes()),
        Err(error) if scan.progress().read > 0 => Ok(scan.abort(error).to_bytes()),
        Err(error) => Err(error),
    }
}

fn is_sha256(stated: Option<&Digest>) -> bool {
    stated.is_none_or(|stated| stated.algorithm() == Some(Algorithm::Sha256))
}

async fn extract(
    job: &Job,
    place: &Place,
    bytes: Option<Bytes>,
    waiting: &Function,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), String> {
    let plan = job.content_plan(place)?;
    if let Some(mut extract) = plan.member_extract() {
        let whole = Place::Range {
            offset: 0,
            len: u64::MAX,
        };
        stream(&whole, 0..u64::MAX, bytes, waiting, &mut |bytes| {
            extract.push(bytes, take)
        })
        .await?;
        return extract.finish().map_err(|error| error.to_string());
    }
    let (mut extract, range) = plan.extract();
    stream(place, range, bytes, waiting, &mut |bytes| {
        extract.push(bytes, take)
    })
    .await?;
    extract.flush(take);
    extract.finish().map_err(|error| error.to_string())
}

async fn read_through(
    size: u64,
    bytes: Option<Bytes>,
    on_progress: &Function,
) -> Result<Vec<u8>, String> {
    let mut scan = WrappedScan::new(Limits::default());
    stream(
        &Place::Range {
            offset: 0,
            len: size,
        },
        0..u64::MAX,
        bytes,
        // No registry is asked, so nothing is told.
        on_progress,
        &mut |bytes| {
            let demand = scan.push(bytes);
            tell(on_progress, scan.progress());
            demand
        },
    )
    .await?;
    Ok(scan.finish().to_bytes())
}

fn tell(on_progress: &Function, progress: Progress) {
    #[allow(clippy::cast_precision_loss)] // Shown to people.
    let number = |value: u64| JsValue::from_f64(value as f64);
    // A listener that throws does not stop the scan.
    let _heard = on_progress.call3(
        &JsValue::NULL,
        &number(progress.read),
        &number(progress.unpacked),
        &number(progress.entries),
    );
}

/// Pushes the bytes of a place, from this one on.
async fn stream(
    place: &Place,
    part: Range<u64>,
    bytes: Option<Bytes>,
    waiting: &Function,
    push: &mut dyn FnMut(&[u8]) -> Demand,
) -> Result<(), String> {
    let start = part.start;
    match (place, bytes) {
        (Place::Http(request), _) => fetch::blob(request, part, waiting, push).await,
        (Place::Range { offset, len }, Some(bytes)) => {
            let len = match &bytes {
                Bytes::Blob(blob) => (*len).min(size_of(blob).saturating_sub(*offset)),
                Bytes::Url { .. } => *len,
            };
            let start = start.min(len);
            bytes
                .stream(offset.saturating_add(start), len - start, push)
                .await
        }
        (Place::File { .. }, Some(Bytes::Blob(blob))) => {
            let size = size_of(&blob);
            Bytes::Blob(blob)
                .stream(start, size.saturating_sub(start), push)
                .await
        }
        (Place::File { path }, Some(Bytes::Url { url, secret })) => {
            fetch::file(&format!("{url}{path}"), secret.as_deref(), start, push).await
        }
        _ => Err("the bytes of this layer were not given".to_owned()),
    }
}
