//! Jobs of scan workers, as the session worker writes them and a scan worker reads them: plans as JSON text.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::Array;
use layerscope_inspect::content::ContentPlan;
use layerscope_inspect::scan::ScanJob;
use layerscope_layer::{ChunkCheck, Chunks, Compression, Expected, Middle, RestartPoint, Segment};
use layerscope_oci::{Json, MediaType};
use layerscope_source::BlobPlan;
use layerscope_source::registry::BlobRequest;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::convert::{FromJs, field, number, object, text, whole};

/// What a scan worker is to do: flat, because serde's tagged enums would cost the page a tenth of its wasm.
#[derive(Debug, Serialize)]
pub(crate) struct Job {
    /// `scan`: read a layer from its first byte to its last. `extract`: read part of a file in a layer. `digest`: read it
    /// and tell only the SHA-256, as hexadecimal text.
    /// `read-through`: read a wrapped archive to its end, scanning its layers in passing.
    pub(crate) op: String,
    /// Of a scan, for the session.
    id: Option<u32>,
    /// Of a scan, for the session: the name under which the layer may be known.
    known: Option<String>,
    /// Of a scan, for the session: nobody asked for it, so that it is not to be done if the layer is not known.
    unasked: bool,
    /// Where the layer's bytes are.
    pub(crate) place: Option<Place>,
    /// Of a scan: what is stated.
    expected: Option<Stated>,
    /// Of an extraction: which part.
    content: Option<Part>,
    /// Of an extraction: the place in the layer from which the content is reached soonest.
    restart: Option<String>,
    /// Of an extraction by a table of contents: the chunks.
    chunks: Option<String>,
    /// Of a read-through: bytes of the archive.
    pub(crate) size: Option<u64>,
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

    /// What is stated of the layer of a scan.
    pub(crate) fn expected(&self) -> Result<Expected, String> {
        let Some(stated) = &self.expected else {
            return Ok(Expected::default());
        };
        Ok(Expected {
            digest: parsed(stated.digest.as_deref())?,
            size: stated.size,
            diff_id: parsed(stated.diff_id.as_deref())?,
            media_type: stated.media_type.as_deref().map(MediaType::new),
        })
    }

    /// The plan that [`of_content`](Self::of_content) wrote down.
    pub(crate) fn content_plan(&self, place: &Place) -> Result<ContentPlan, String> {
        let part = self.content.as_ref().ok_or("no part of a file to read")?;
        let blob = match place {
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
        let restart = match &self.restart {
            Some(told) => Some(point(told).ok_or("a restart point that none is")?),
            None => None,
        };
        Ok(ContentPlan {
            blob,
            offset: part.offset,
            stored: part.stored,
            sparse: part
                .sparse
                .iter()
                .map(|&(offset, len)| Segment { offset, len })
                .collect(),
            size: part.size,
            range: part.range.clone(),
            compression: match part.compression.as_str() {
                "gzip" => Compression::Gzip,
                "zstd" => Compression::Zstd,
                "xz" => Compression::Xz,
                _ => Compression::None,
            },
            chunks: match (&self.chunks, &restart) {
                (Some(listed), Some(restart)) => {
                    Some(chunks(listed, restart.clone()).ok_or("chunks that none are")?)
                }
                _ => None,
            },
            restart,
            fingerprint: part
                .fingerprint
                .as_deref()
                .and_then(|hash| u64::from_str_radix(hash, 16).ok()),
            // A browser refuses to read a file that has changed.
            blob_size: None,
        })
    }
}

fn parsed<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, String>
where
    T::Err: ToString,
{
    text.map(|text| text.parse().map_err(|error: T::Err| error.to_string()))
        .transpose()
}
