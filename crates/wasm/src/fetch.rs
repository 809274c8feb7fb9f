//! HTTP through the browser: one request and one answer at a time, exactly as the core asks for them.

use std::ops::Range;

use gloo_net::http::{Method as Verb, RequestBuilder, Response as Answer};
use js_sys::Function;
use layerscope_layer::Demand;
use layerscope_source::registry::{BlobRequest, Download, ExchangeStep, Take};
use layerscope_source::{Headers, Method, Reply, Request, Response, Silence, limits};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, RequestRedirect};

use crate::convert::words;

pub(crate) use layerscope_source::registry::SECRET_HEADER;

/// The body of an answer, chunk by chunk.
pub(crate) struct Body(Option<ReadableStreamDefaultReader>);

impl Body {
    pub(crate) fn of_blob(blob: &Blob) -> Body {
        Body(Some(blob.stream().get_reader().unchecked_into()))
    }

    pub(crate) fn of(answer: &Answer) -> Body {
        Body(
            answer
                .body()
                .map(|stream| stream.get_reader().unchecked_into()),
        )
    }

    pub(crate) async fn next(&self) -> Result<Option<Vec<u8>>, String> {
        let Some(reader) = &self.0 else {
            return Ok(None);
        };
        let result = JsFuture::from(reader.read())
            .await
            .map_err(|error| words(&error))?;
        let field = |name: &str| {
            js_sys::Reflect::get(&result, &JsValue::from_str(name)).unwrap_or_default()
        };
        if field("done").is_truthy() {
            return Ok(None);
        }
        Ok(Some(js_sys::Uint8Array::new(&field("value")).to_vec()))
    }

    /// Lets the browser close the connection.
    pub(crate) fn cancel(&mut self) {
        if let Some(reader) = self.0.take() {
            let _ended = reader.cancel();
        }
    }

    /// The whole body, or `None` when it is longer than `limit`.
    pub(crate) async fn read_up_to(&mut self, limit: u64) -> Result<Option<Vec<u8>>, String> {
        let bytes = self.read_cut(limit.saturating_add(1)).await?;
        Ok((bytes.len() as u64 <= limit).then_some(bytes))
    }

    /// The first bytes of the body, at most `limit`: of an error page the beginning is enough.
    async fn read_cut(&mut self, limit: u64) -> Result<Vec<u8>, String> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next().await? {
            let room = limit.saturating_sub(bytes.len());
            bytes.extend(chunk.into_iter().take(room));
            if bytes.len() == limit {
                self.cancel();
                break;
            }
        }
        Ok(bytes)
    }
}

async fn send(request: &Request) -> Result<Answer, String> {
    let verb = match request.method {
        Method::Get => Verb::GET,
        Method::Head => Verb::HEAD,
        Method::Post => Verb::POST,
    };
    // The browser follows redirects itself, drops `Authorization` on the way, and never tells where they led.
    let mut builder = RequestBuilder::new(&request.url)
        .method(verb)
        .redirect(RequestRedirect::Follow);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let answer = match request.method {
        Method::Post => {
            let body = js_sys::Uint8Array::from(request.body.as_slice());
            builder
                .body(body)
                .map_err(|error| error.to_string())?
                .send()
                .await
        }
        Method::Get | Method::Head => builder.send().await,
    };
    answer.map_err(|error| error.to_string())
}

fn headers_of(answer: &Answer) -> Headers {
    answer.headers().entries().collect()
}

/// Answers the core's question about a small thing.
pub(crate) async fn exchange(request: &Request) -> Reply {
    let silent = |silence, detail| Reply::Silent { silence, detail };
    let answer = match send(request).await {
        Ok(answer) => answer,
        Err(error) => return silent(Silence::Unreachable, error),
    };
    let status = answer.status();
    let headers = headers_of(&answer);
    let mut stream = Body::of(&answer);
    let body = if answer.ok() {
        match stream.read_up_to(request.limit).await {
            Ok(None) => return Reply::TooLarge { size: None },
            Ok(Some(body)) => Ok(body),
            Err(error) => Err(error),
        }
    } else {
        stream.read_cut(limits::ERROR_BODY_BYTES).await
    };
    match body {
        Ok(body) => Reply::Http(Response {
            status,
            headers,
            body,
        }),
        Err(error) => silent(Silence::Broken, error),
    }
}

/// Streams a part of a blob, and goes on where a connection broke. `waiting` is told of
/// each wait, in seconds.
pub(crate) async fn blob(
    request: &BlobRequest,
    part: Range<u64>,
    waiting: &Function,
    push: &mut dyn FnMut(&[u8]) -> Demand,
) -> Result<(), String> {
    let mut download = Download::of(request, part);
    let mut body = None;
    loop {
        match download.poll() {
            ExchangeStep::Send(request) => match send(&request).await {
                Ok(answer) => match download.head(answer.status(), &headers_of(&answer)) {
                    Take::Stream => body = Some(Body::of(&answer)),
                    Take::Small { limit } => match Body::of(&answer).read_cut(limit).await {
                        Ok(small) => download.body(&small),
                        Err(error) => drop(download.lost(Silence::Broken, &error)),
                    },
                    Take::Nothing => Body::of(&answer).cancel(),
                },
                Err(error) => drop(download.lost(Silence::Unreachable, &error)),
            },
            ExchangeStep::Wait { seconds } => wait(seconds, waiting).await?,
            ExchangeStep::Failed(error) => return Err(error.to_string()),
            ExchangeStep::Ready => {
                let Some(mut body) = body.take() else {
                    return Err("the registry's answer has no body".to_owned());
                };
                loop {
                    match body.next().await {
                        Ok(Some(chunk)) => {
                            let fresh = download.fresh(&chunk);
                            if !fresh.is_empty() && push(fresh) == Demand::Stop {
                                body.cancel();
                                return Ok(());
                            }
                        }
                        Ok(None) if download.ended() => return Ok(()),
                        Ok(None) => break,
                        Err(error) if download.lost(Silence::Broken, &error) => return Ok(()),
                        Err(_) => break,
                    }
                }
            }
        }
    }
}

/// Tells that a registry is asked again after so many seconds, and lets them pass.
pub(crate) async fn wait(seconds: u64, waiting: &Function) -> Result<(), String> {
    #[allow(clippy::cast_precision_loss)] // The core asks for a minute at most.
    let told = JsValue::from_f64(seconds as f64);
    // A listener that throws does not stop the wait.
    let _heard = waiting.call1(&JsValue::NULL, &told);
    sleep(seconds).await
}

/// A file of this origin, or of a host that lets pages read it.
pub(crate) async fn get(url: &str, secret: Option<&str>) -> Result<Option<Body>, String> {
    match request(url, secret, 0).await? {
        (200, answer) => Ok(Some(Body::of(&answer))),
        (404, _) => Ok(None),
        (status, _) => Err(unexpected(url, status)),
    }
}

fn unexpected(url: &str, status: u16) -> String {
    format!("{url}: expected status 200, found {status}")
}

/// Asks for a URL, from this byte on.
async fn request(url: &str, secret: Option<&str>, start: u64) -> Result<(u16, Answer), String> {
    let mut builder = RequestBuilder::new(url);
    if let Some(secret) = secret {
        builder = builder.header(SECRET_HEADER, secret);
    }
    if start > 0 {
        builder = builder.header("range", &format!("bytes={start}-"));
    }
    let answer = builder.send().await.map_err(|error| error.to_string())?;
    Ok((answer.status(), answer))
}

/// Pushes the file behind a URL from this byte on. A host that does not know ranges sends what comes before too.
pub(crate) async fn file(
    url: &str,
    secret: Option<&str>,
    start: u64,
    push: &mut dyn FnMut(&[u8]) -> Demand,
) -> Result<(), String> {
    let (status, answer) = request(url, secret, start).await?;
    let shown = answer.headers().get("content-range");
    let is_here = shown.is_none_or(|range| range.starts_with(&format!("bytes {start}-")));
    let mut skip = match status {
        206 if start > 0 && is_here => 0,
        200 => start,
        404 => return Err(format!("{url}: there is no such file")),
        status => return Err(unexpected(url, status)),
    };
    let mut body = Body::of(&answer);
    while let Some(chunk) = body.next().await? {
        let passed = usize::try_from(skip).map_or(chunk.len(), |skip| skip.min(chunk.len()));
        skip = skip.saturating_sub(passed as u64);
        let rest = chunk.get(passed..).unwrap_or_default();
        if !rest.is_empty() && push(rest) == Demand::Stop {
            body.cancel();
            break;
        }
    }
    Ok(())
}

/// Lets time pass, in a worker as on a page.
async fn sleep(seconds: u64) -> Result<(), String> {
    let global: js_sys::Object = js_sys::global();
    let set_timeout: Function = js_sys::Reflect::get(&global, &JsValue::from_str("setTimeout"))
        .map_err(|error| words(&error))?
        .unchecked_into();
    #[allow(clippy::cast_precision_loss)] // The core asks for a minute at most.
    let milliseconds = JsValue::from_f64(seconds as f64 * 1000.0);
    let passed = js_sys::Promise::new(&mut |resolve, _| {
        // Without a timer the promise never settles, and the caller's own timeout tells.
        let _timer = set_timeout.call2(&global, &resolve, &milliseconds);
    });
    JsFuture::from(passed)
        .await
        .map(drop)
        .map_err(|error| words(&error))
}
