//! Files: a dropped one by slices, one behind a URL by ranges.

use gloo_net::http::Request;
use layerscope_layer::Demand;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::convert::words;
use crate::fetch::{Body, SECRET_HEADER};

/// One slice. Large enough that a read costs little beside its bytes, small enough for the memory budget of
/// several workers and for a cancel that is felt at once.
const SLICE: u64 = 1 << 20;

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
                    (Demand::More, 0)
                };
                self.stream(offset, len, &mut take).await?;
                Ok(bytes)
            }
        }
    }

    /// Pushes `len` bytes from `offset` on, until `push` has enough. `push` says how much of what follows it need not see.
    pub(crate) async fn stream(
        &self,
        offset: u64,
        len: u64,
        push: &mut dyn FnMut(&[u8]) -> (Demand, u64),
    ) -> Result<(), String> {
        match self {
            Bytes::Blob(blob) => {
                let end = offset.saturating_add(len);
                let mut at = offset;
                while at < end {
                    let bytes = slice(blob, at, end.min(at.saturating_add(SLICE))).await?;
                    if bytes.is_empty() {
                        return Err(format!("the file ends at byte {at}, expected {end}"));
                    }
                    let (demand, skip) = push(&bytes);
                    if demand == Demand::Stop {
                        return Ok(());
                    }
                    at = at.saturating_add(bytes.len() as u64).saturating_add(skip);
                }
                Ok(())
            }
            Bytes::Url { url, secret } => {
                if len == 0 {
                    return Ok(());
                }
                let last = offset.saturating_add(len).saturating_sub(1);
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
                let mut body = Body::of(&response);
                while let Some(chunk) = body.next().await? {
                    // A stream cannot seek: what need not be seen is looked at all the same.
                    let (demand, _) = push(&chunk);
                    if demand == Demand::Stop {
                        body.cancel();
                        return Ok(());
                    }
                }
                Ok(())
            }
        }
    }
}

async fn slice(blob: &Blob, from: u64, to: u64) -> Result<Vec<u8>, String> {
    let fail = |error: JsValue| words(&error);
    // Sizes of files are below 2^53, so that f64 holds them exactly.
    #[allow(clippy::cast_precision_loss)]
    let part = blob
        .slice_with_f64_and_f64(from as f64, to as f64)
        .map_err(fail)?;
    let buffer = JsFuture::from(part.array_buffer()).await.map_err(fail)?;
    Ok(js_sys::Uint8Array::new(buffer.unchecked_ref::<js_sys::ArrayBuffer>()).to_vec())
}
