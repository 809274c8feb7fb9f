//! Files: a dropped one by slices, one behind a URL by ranges.

use std::collections::VecDeque;

use gloo_net::http::Request;
use js_sys::{ArrayBuffer, Function, Promise, Uint8Array};
use layerscope_layer::Demand;
use layerscope_oci::{Algorithm, Digest};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::convert::words;
use crate::fetch::{Body, SECRET_HEADER};

/// Bytes of a file that are read at once on the way from header to header. A read costs the browser as much as
/// so many bytes, and most files are far smaller.
const STEP: u64 = 1 << 20;

/// How many steps are on their way at one time.
const STEPS: usize = 3;

/// Bytes with random access.
#[derive(Clone, Debug)]
pub(crate) enum Bytes {
    /// A dropped file.
    Blob(Blob),
    /// A file behind a URL that answers to `Range`.
    Url { url: String, secret: Option<String> },
}

impl Bytes {
    /// Exactly `len` bytes from `offset` on, fewer only at the end.
    pub(crate) async fn read(&self, offset: u64, len: u64) -> Result<Vec<u8>, String> {
        match self {
            Bytes::Blob(blob) => slice(blob, offset, offset.saturating_add(len)).await,
            Bytes::Url { .. } => {
                let mut bytes = Vec::new();
                let mut take = |chunk: &[u8]| {
                    bytes.extend_from_slice(chunk);
                    Demand::More
                };
                self.stream(offset, len, &mut take).await?;
                Ok(bytes)
            }
        }
    }

    /// Pushes `len` bytes from `offset` on, until `push` has enough. The browser reads ahead meanwhile.
    pub(crate) async fn stream(
        &self,
        offset: u64,
        len: u64,
        push: &mut dyn FnMut(&[u8]) -> Demand,
    ) -> Result<(), String> {
        if len == 0 {
            return Ok(());
        }
        let end = offset.saturating_add(len);
        let mut body = match self {
            Bytes::Blob(blob) => Body::of_blob(&part(blob, offset, end)?),
            Bytes::Url { url, secret } => {
                let last = end.saturating_sub(1);
                let mut request =
                    Request::get(url).header("range", &format!("bytes={offset}-{last}"));
                if let Some(secret) = secret {
                    request = request.header(SECRET_HEADER, secret);
                }
                let response = request.send().await.map_err(|error| error.to_string())?;
                if response.status() != 206 {
                    return Err(format!(
                        "expected status 206 to a range request, found {}",
                        response.status()
                    ));
                }
                Body::of(&response)
            }
        };
        let mut at = offset;
        while let Some(chunk) = body.next().await? {
            at = at.saturating_add(chunk.len() as u64);
            if push(&chunk) == Demand::Stop {
                body.cancel();
                return Ok(());
            }
        }
        match self {
            Bytes::Blob(_) if at < end => {
                Err(format!("the file ends at byte {at}, expected {end}"))
            }
            _ => Ok(()),
        }
    }
}

fn part(blob: &Blob, from: u64, to: u64) -> Result<Blob, String> {
    // Sizes of files are below 2^53, so that f64 holds them exactly.
    #[allow(clippy::cast_precision_loss)]
    blob.slice_with_f64_and_f64(from as f64, to as f64)
        .map_err(|error| words(&error))
}

/// Bytes of a blob, up to which its digest is left to the browser, which has the processor's own instructions for it but
/// must have the bytes at once. More would be felt where memory is short.
const AT_ONCE: u64 = 128 << 20;

/// Bytes that are given at a time: little enough to stay in a processor's cache.
const PIECE: u32 = 256 << 10;

/// A blob in memory, whose digest the browser makes meanwhile.
pub(crate) struct Whole {
    bytes: Uint8Array,
    digest: Promise,
}

impl Whole {
    /// None where the blob is too large, cannot be read so, or the browser has no digest for it.
    pub(crate) async fn read(
        bytes: &Bytes,
        offset: u64,
        len: u64,
        sha256: Option<Function>,
    ) -> Option<Whole> {
        let Bytes::Blob(blob) = bytes else {
            return None;
        };
        if len > AT_ONCE {
            return None;
        }
        let sha256 = sha256?;
        let reading = begin(blob, offset, offset.saturating_add(len)).ok()?;
        let bytes = array(reading).await.ok()?;
        // A file that is shorter than it said is read by the other way, which says so.
        if u64::from(bytes.length()) != len {
            return None;
        }
        let digest = sha256.call1(&JsValue::NULL, &bytes).ok()?;
        let digest = digest.dyn_into().ok()?;
        Some(Whole { bytes, digest })
    }

    /// Pushes all bytes, until `push` has enough.
    pub(crate) fn give(&self, push: &mut dyn FnMut(&[u8]) -> Demand) {
        let mut at = 0;
        while at < self.bytes.length() {
            let to = at.saturating_add(PIECE).min(self.bytes.length());
            if push(&self.bytes.subarray(at, to).to_vec()) == Demand::Stop {
                return;
            }
            at = to;
        }
    }

    /// The digest over all bytes.
    pub(crate) async fn digest(self) -> Result<Digest, String> {
        let hash = JsFuture::from(self.digest)
            .await
            .map_err(|error| words(&error))?;
        let hash = Uint8Array::new(&hash).to_vec();
        Digest::of_hash(Algorithm::Sha256, &hash)
            .ok_or_else(|| format!("the browser's SHA-256 has {} bytes", hash.len()))
    }
}

async fn slice(blob: &Blob, from: u64, to: u64) -> Result<Vec<u8>, String> {
    Ok(array(begin(blob, from, to)?).await?.to_vec())
}

/// Begins to read part of a blob.
fn begin(blob: &Blob, from: u64, to: u64) -> Result<JsFuture, String> {
    Ok(JsFuture::from(part(blob, from, to)?.array_buffer()))
}

async fn array(buffer: JsFuture) -> Result<Uint8Array, String> {
    let buffer = buffer.await.map_err(|error| words(&error))?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()))
}

/// Shows `visit` some of `len` bytes of a blob from `offset` on: a step's bytes, and then those behind as many as it need
/// not see. What follows is read meanwhile, because the way to the browser takes longer than a step's bytes.
pub(crate) async fn leap(
    blob: &Blob,
    offset: u64,
    len: u64,
    visit: &mut dyn FnMut(&[u8]) -> (Demand, u64),
) -> Result<(), String> {
    let end = offset.saturating_add(len);
    let mut at = offset;
    // Where they begin, one behind the other.
    let mut steps: VecDeque<(u64, JsFuture)> = VecDeque::new();
    // The first step's bytes may be enough.
    let mut wanted = 1;
    while at < end {
        steps.retain(|(start, _)| start.saturating_add(STEP) > at);
        let mut next = steps
            .back()
            .map_or(at, |(start, _)| start.saturating_add(STEP));
        while steps.len() < wanted && next < end {
            let to = next.saturating_add(STEP).min(end);
            steps.push_back((next, begin(blob, next, to)?));
            next = to;
        }
        let Some((start, step)) = steps.pop_front() else {
            break;
        };
        let bytes = array(step).await?.to_vec();
        let known = usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
        let bytes = bytes.get(known..).unwrap_or_default();
        let (demand, skip) = visit(bytes);
        if demand == Demand::Stop || bytes.is_empty() {
            break;
        }
        at = at.saturating_add(bytes.len() as u64).saturating_add(skip);
        wanted = STEPS;
    }
    Ok(())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A Blob's size is a whole number below 2^53.
pub(crate) fn size_of(blob: &Blob) -> u64 {
    blob.size() as u64
}
