//! Jobs of scan workers: a plan as JSON text, the bytes that it speaks of, and a result as bytes.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::{Array, Function, Uint8Array};
use layerscope_inspect::content::ContentPlan;
use layerscope_inspect::scan::ScanJob;
use layerscope_inspect::view::ErrorView;
use layerscope_layer::{
    ChunkCheck, Chunks, Compression, Demand, Expected, LayerScan, Limits, Middle, Progress,
    RESTART_SPACING, RestartPoint, ScannedLayer, Segment,
};
use layerscope_oci::{Algorithm, Digest, Digester, Json, MediaType};
use layerscope_source::registry::BlobRequest;
use layerscope_source::{BlobPlan, WrappedScan};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::convert::{FromJs, field, from_js, number, object, text, thrown, whole};
use crate::fetch;
use crate::file::{Bytes, Whole};

/// What a scan worker is to do: flat, because serde's tagged enums would cost the page a tenth of its wasm.
#[derive(Debug, Serialize)]
pub(crate) struct Job {
    /// `scan`: read a layer from its first byte to its last. `extract`: read part of a file in a layer. `digest`: read it
    /// and tell only the SHA-256, as hexadecimal text.
    /// `read-through`: read a wrapped archive to its end, scanning its layers in passing.
    op: String,
    /// Of a scan, for the session.
    id: Option<u32>,
    /// Of a scan, for the session: the name under which the layer may be known.
    known: Option<String>,
    /// Of a scan, for the session: nobody asked for it, so that it is not to be done if the layer is not known.
    unasked: bool,
    /// Where the layer's bytes are.
    place: Option<Place>,
    /// Of a scan: what is stated.
    expected: Option<Stated>,
    /// Of an extraction: which part.
    content: Option<Part>,
    /// Of an extraction: the place in the layer from which the content is reached soonest.
    restart: Option<String>,
    /// Of an extraction by a table of contents: the chunks.
    chunks: Option<String>,
    /// Of a read-through: bytes of the archive.
    size: Option<u64>,
}

/// Where a layer's bytes are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// In the archive.
    Range { offset: u64, len: u64 },
    /// A file of the layout, which JavaScript looks up.
    File { path: String },
    /// In a registry.
    Http(Box<BlobRequest>),
    /// A member of the wrapped archive.
    Member(usize),
}

/// What is stated of a layer.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stated {
    digest: Option<String>,
    size: Option<u64>,
    diff_id: Option<String>,
    media_type: Option<String>,
}

/// Part of a file's content.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    offset: u64,
    stored: u64,
    sparse: Vec<(u64, u64)>,
    size: u64,
    range: Range<u64>,
    compression: String,
    /// Hexadecimal, because a number of JavaScript has no room for it.
    fingerprint: Option<String>,
}

impl FromJs for Job {
    fn read(job: &JsValue) -> Option<Self> {
        Some(Job {
            op: text(job, "op")?,
            // These are for the session alone.
            id: None,
            known: None,
            unasked: false,
            place: object(job, "place").and_then(|place| Place::read(&place)),
            expected: object(job, "expected").map(|expected| Stated {
                digest: text(&expected, "digest"),
                size: number(&expected, "size"),
                diff_id: text(&expected, "diffId"),
                media_type: text(&expected, "mediaType"),
            }),
            content: object(job, "content").and_then(|content| Part::read(&content)),
            restart: text(job, "restart"),
            chunks: text(job, "chunks"),
            size: number(job, "size"),
        })
    }
}

impl FromJs for Place {
    fn read(place: &JsValue) -> Option<Self> {
        if let Some(range) = object(place, "range") {
            let (offset, len) = (number(&range, "offset")?, number(&range, "len")?);
            return Some(Place::Range { offset, len });
        }
        if let Some(file) = object(place, "file") {
            let path = text(&file, "path")?;
            return Some(Place::File { path });
        }
        if let Some(request) = object(place, "http") {
            let request = String::from(js_sys::JSON::stringify(&request).ok()?);
            let request = Json::parse(request.as_bytes()).ok()?;
            return Some(Place::Http(Box::new(BlobRequest::read(request.value())?)));
        }
        let member = number(place, "member")?;
        Some(Place::Member(usize::try_from(member).ok()?))
    }
}

impl FromJs for Part {
    fn read(part: &JsValue) -> Option<Self> {
        let pair = |pair: JsValue| {
            let pair = Array::from(&pair);
            Some((whole(&pair.get(0))?, whole(&pair.get(1))?))
        };
        let range = field(part, "range");
        Some(Part {
            offset: number(part, "offset")?,
            stored: number(part, "stored")?,
            sparse: Array::from(&field(part, "sparse"))
                .iter()
                .map(pair)
                .collect::<Option<_>>()?,
            size: number(part, "size")?,
            range: number(&range, "start")?..number(&range, "end")?,
            compression: text(part, "compression")?,
            fingerprint: text(part, "fingerprint"),
        })
    }
}

impl Place {
    fn of(plan: &BlobPlan) -> Option<Place> {
        match plan {
            BlobPlan::Range { offset, len } => Some(Place::Range {
                offset: *offset,
                len: *len,
            }),
            BlobPlan::File { path, .. } => Some(Place::File { path: path.clone() }),
            BlobPlan::Http { request } => Some(Place::Http(Box::new(request.clone()))),
            BlobPlan::Member { number } => Some(Place::Member(*number)),
            _ => None,
        }
    }
}

/// A restart point as text: two offsets, the bits used, and the window in Base64 where there is one.
fn told(point: &RestartPoint) -> String {
    let (bits, window) = match &point.middle {
        Some(middle) => (middle.used_bits, STANDARD.encode(&middle.window)),
        None => (0, String::new()),
    };
    let (compressed, output) = (point.compressed, point.output);
    format!("{compressed} {output} {bits} {window}")
}

fn point(told: &str) -> Option<RestartPoint> {
    let mut parts = told.split(' ');
    let mut number = || parts.next()?.parse().ok();
    let (compressed, output, bits) = (number()?, number()?, number()?);
    let window = parts.next()?;
    let middle = Middle {
        used_bits: u8::try_from(bits).ok()?,
        window: STANDARD.decode(window).ok()?.into(),
    };
    Some(RestartPoint {
        compressed,
        output,
        // No block ends before there is output to refer to.
        middle: (!window.is_empty()).then_some(middle),
    })
}

/// Chunks as text: where the last one ends in the blob, where the first one begins, and the length and digest of each.
fn listed(chunks: &Chunks) -> String {
    let mut told = format!("{} {}", chunks.end, chunks.output);
    for check in &chunks.checks {
        told.push_str(&format!(" {} {}", check.len, STANDARD.encode(check.sha256)));
    }
    told
}

fn chunks(listed: &str, restart: RestartPoint) -> Option<Chunks> {
    let mut parts = listed.split(' ');
    let mut chunks = Chunks {
        restart,
        end: parts.next()?.parse().ok()?,
        output: parts.next()?.parse().ok()?,
        checks: Vec::new(),
    };
    while let Some(len) = parts.next() {
        chunks.checks.push(ChunkCheck {
            len: len.parse().ok()?,
            sha256: STANDARD.decode(parts.next()?).ok()?.try_into().ok()?,
        });
    }
    Some(chunks)
}

impl Job {
    pub(crate) fn of_scan(job: &ScanJob) -> Option<Job> {
        let expected = &job.expected;
        Some(Job {
            op: "scan".to_owned(),
            id: Some(job.id.0),
            known: job.known_as(),
            unasked: job.only_known,
            place: Some(Place::of(&job.plan)?),
            expected: Some(Stated {
                digest: expected.digest.as_ref().map(ToString::to_string),
                size: expected.size,
                diff_id: expected.diff_id.as_ref().map(ToString::to_string),
                media_type: expected.media_type.as_ref().map(ToString::to_string),
            }),
            content: None,
            restart: None,
            chunks: None,
            size: None,
        })
    }

    pub(crate) fn of_content(plan: &ContentPlan) -> Option<Job> {
        Some(Job {
            op: "extract".to_owned(),
            id: None,
            known: None,
            unasked: false,
            place: Some(Place::of(&plan.blob)?),
            expected: None,
            content: Some(Part {
                offset: plan.offset,
                stored: plan.stored,
                sparse: plan
                    .sparse
                    .iter()
                    .map(|segment| (segment.offset, segment.len))
                    .collect(),
                size: plan.size,
                range: plan.range.clone(),
                compression: plan.compression.to_string(),
                fingerprint: plan.fingerprint.map(|hash| format!("{hash:016x}")),
            }),
            restart: match &plan.chunks {
                Some(chunks) => Some(told(&chunks.restart)),
                None => plan.restart.as_ref().map(told),
            },
            chunks: plan.chunks.as_ref().map(listed),
            size: None,
        })
    }
}

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
    let result = match (job.op.as_str(), job.place) {
        ("scan", Some(place)) => {
            let stated = job.expected.unwrap_or_default();
            let listed = preview(&place, bytes.as_ref()).await;
            let mut previews = Previews::told(&previewed, listed.as_ref());
            let on_progress = &mut |scan: &LayerScan, progress| {
                tell(&on_progress, progress);
                previews.go_on(scan);
            };
            scan(place, stated, bytes, on_progress, &waiting, sha256).await
        }
        ("extract", Some(place)) => match job.content {
            Some(content) => {
                let how = (job.restart, job.chunks);
                let mut found = Vec::new();
                let take = &mut |bytes: &[u8]| found.extend_from_slice(bytes);
                let end = extract(place, content, how, bytes, &waiting, take).await;
                end.map(|()| found)
            }
            None => Err("an extraction without its part".to_owned()),
        },
        ("digest", Some(place)) => match job.content {
            Some(content) => {
                let how = (job.restart, job.chunks);
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
                let end = extract(place, content, how, bytes, &waiting, take).await;
                end.map(|()| digester.finish().hex().as_bytes().to_vec())
            }
            None => Err("a digest of nothing".to_owned()),
        },
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
    let bytes = bytes.filter(|bytes| matches!(bytes, Bytes::Blob(_)))?;
    let (offset, len) = match (place, bytes) {
        (Place::Range { offset, len }, _) => (*offset, *len),
        (Place::File { .. }, Bytes::Blob(blob)) => (0, size_of(blob)),
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
    bytes.leap(offset, len, visit).await.ok()?;
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
    place: Place,
    stated: Stated,
    bytes: Option<Bytes>,
    on_progress: &mut dyn FnMut(&LayerScan, Progress),
    waiting: &Function,
    sha256: Option<Function>,
) -> Result<Vec<u8>, String> {
    let expected = Expected {
        digest: parsed(stated.digest)?,
        size: stated.size,
        diff_id: parsed(stated.diff_id)?,
        media_type: stated.media_type.as_deref().map(MediaType::new),
    };
    let whole = match (&place, &bytes, &expected.digest) {
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
    let result = stream(&place, 0..u64::MAX, bytes, waiting, push).await;
    match result {
        Ok(()) => Ok(scan.finish().to_bytes()),
        Err(error) if scan.progress().read > 0 => Ok(scan.abort(error).to_bytes()),
        Err(error) => Err(error),
    }
}

fn is_sha256(stated: Option<&Digest>) -> bool {
    stated.is_none_or(|stated| stated.algorithm() == Some(Algorithm::Sha256))
}

fn parsed<T: std::str::FromStr>(text: Option<String>) -> Result<Option<T>, String>
where
    T::Err: ToString,
{
    text.map(|text| text.parse().map_err(|error: T::Err| error.to_string()))
        .transpose()
}

async fn extract(
    place: Place,
    part: Part,
    (restart, listed): (Option<String>, Option<String>),
    bytes: Option<Bytes>,
    waiting: &Function,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), String> {
    let blob = match &place {
        Place::Range { offset, len } => BlobPlan::Range {
            offset: *offset,
            len: *len,
        },
        Place::File { path } => BlobPlan::File {
            path: path.clone(),
            size: None,
        },
        Place::Http(request) => BlobPlan::Http {
            request: (**request).clone(),
        },
        Place::Member(number) => BlobPlan::Member { number: *number },
    };
    let restart = match restart {
        Some(told) => Some(point(&told).ok_or("a restart point that none is")?),
        None => None,
    };
    let plan = ContentPlan {
        blob,
        offset: part.offset,
        stored: part.stored,
        sparse: part
            .sparse
            .into_iter()
            .map(|(offset, len)| Segment { offset, len })
            .collect(),
        size: part.size,
        range: part.range,
        compression: match part.compression.as_str() {
            "gzip" => Compression::Gzip,
            "zstd" => Compression::Zstd,
            "xz" => Compression::Xz,
            _ => Compression::None,
        },
        chunks: match (listed, &restart) {
            (Some(listed), Some(restart)) => {
                Some(chunks(&listed, restart.clone()).ok_or("chunks that none are")?)
            }
            _ => None,
        },
        restart,
        fingerprint: part
            .fingerprint
            .and_then(|hash| u64::from_str_radix(&hash, 16).ok()),
        // A browser refuses to read a file that has changed.
        blob_size: None,
    };
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
    stream(&place, range, bytes, waiting, &mut |bytes| {
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

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A Blob's size is a whole number below 2^53.
pub(crate) fn size_of(blob: &Blob) -> u64 {
    blob.size() as u64
}
