//! A scripted web: hosts, what they answer, and what they saw.

use std::collections::BTreeMap;

use layerscope_source::{Ask, Exchange, ExchangeStep, Headers, Reply, Request, Response, Take};
use serde_json::json;

use super::image::{Image, digest};

/// One request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: &'static str,
    /// Scheme, host and port.
    pub origin: String,
    /// Path and query.
    pub path: String,
    pub authorization: Option<String>,
    pub secret: Option<String>,
    pub range: Option<String>,
    pub body: String,
}

/// Everything behind the network.
pub struct Web {
    pub seen: Vec<Seen>,
    /// Seconds of every wait that was asked for.
    pub waits: Vec<u64>,
    answer: Box<dyn FnMut(&Seen) -> Response>,
}

impl Web {
    pub fn new(answer: impl FnMut(&Seen) -> Response + 'static) -> Self {
        Self {
            seen: Vec::new(),
            waits: Vec::new(),
            answer: Box::new(answer),
        }
    }

    pub fn send(&mut self, request: &Request) -> Response {
        let rest = request.url.split_once("://");
        let (origin, path) = match rest {
            Some((scheme, rest)) => {
                let at = rest.find('/').unwrap_or(rest.len());
                (format!("{scheme}://{}", &rest[..at]), rest[at..].to_owned())
            }
            None => (String::new(), request.url.clone()),
        };
        let header = |name| request.header(name).map(str::to_owned);
        let seen = Seen {
            method: request.method.as_str(),
            origin,
            path,
            authorization: header("authorization"),
            secret: header("x-layerscope-secret"),
            range: header("range"),
            body: String::from_utf8(request.body.clone()).unwrap(),
        };
        for (name, value) in &request.headers {
            assert!(!value.contains(['\r', '\n']), "{name} can be split");
        }
        let response = (self.answer)(&seen);
        self.seen.push(seen);
        response
    }

    pub fn reply(&mut self, ask: &Ask) -> Reply {
        match ask {
            Ask::Http(request) => {
                let mut response = self.send(request);
                let is_fine = (200..300).contains(&response.status);
                let size = response.body.len() as u64;
                if is_fine && size > request.limit {
                    return Reply::TooLarge { size: Some(size) };
                }
                if !is_fine {
                    response.body.truncate(64 << 10);
                }
                Reply::Http(response)
            }
            Ask::Wait { seconds } => {
                self.waits.push(*seconds);
                Reply::Waited
            }
            other => panic!("a registry was asked for {other:?}"),
        }
    }

    /// Runs an exchange to its end: the body, and where it begins.
    pub fn fetch(
        &mut self,
        exchange: &mut Exchange,
    ) -> Result<(u64, Vec<u8>), layerscope_source::Error> {
        let mut last = Vec::new();
        for _ in 0..100 {
            match exchange.poll() {
                ExchangeStep::Send(request) => {
                    let response = self.send(&request);
                    last = response.body;
                    match exchange.head(response.status, &response.headers) {
                        Take::Stream | Take::Nothing => {}
                        Take::Small { limit } => {
                            last.truncate(limit as usize);
                            exchange.body(&last);
                        }
                    }
                }
                ExchangeStep::Wait { seconds } => self.waits.push(seconds),
                ExchangeStep::Ready => return Ok((exchange.body_offset(), last)),
                ExchangeStep::Failed(error) => return Err(error),
            }
        }
        panic!("the exchange does not end");
    }

    /// Which origins saw an `Authorization` header, and its value, each pair once, in order.
    pub fn authorized(&self) -> Vec<(&str, &str)> {
        let mut pairs = Vec::new();
        for seen in &self.seen {
            if let Some(authorization) = &seen.authorization {
                let pair = (seen.origin.as_str(), authorization.as_str());
                if !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
        }
        pairs
    }

    /// `origin path` of every request.
    pub fn urls(&self) -> Vec<String> {
        let urls = self.seen.iter();
        urls.map(|seen| format!("{}{}", seen.origin, seen.path))
            .collect()
    }
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Response {
    Response {
        status,
        headers: Headers::from_iter(headers.iter().copied()),
        body: body.into(),
    }
}

pub fn ok(body: impl Into<Vec<u8>>) -> Response {
    answer(200, &[], body)
}

pub fn error(status: u16, code: &str, message: &str) -> Response {
    let body = json!({"errors": [{"code": code, "message": message}]}).to_string();
    answer(status, &[("content-type", "application/json")], body)
}

pub fn redirect(to: &str) -> Response {
    answer(307, &[("location", to)], "")
}

/// Base64 of `user:password`.
pub const BASIC: &str = "Basic dXNlcjpwYXNzd29yZA==";

/// Who gets in.
#[derive(Clone, Debug)]
pub enum Door {
    Open,
    Basic,
    /// With the token `let me in`, which this realm gives.
    Bearer(String),
}

/// A registry that does what it should.
#[derive(Clone, Debug)]
pub struct Registry {
    pub door: Door,
    pub manifests: BTreeMap<String, (String, Vec<u8>)>,
    pub blobs: BTreeMap<String, Vec<u8>>,
}

impl Registry {
    pub fn new(door: Door) -> Self {
        Self {
            door,
            manifests: BTreeMap::new(),
            blobs: BTreeMap::new(),
        }
    }

    /// Puts a document under its digest, and under a tag.
    pub fn document(&mut self, media_type: &str, bytes: &[u8], tag: Option<&str>) -> &mut Self {
        let document = (media_type.to_owned(), bytes.to_vec());
        if let Some(tag) = tag {
            self.manifests.insert(tag.to_owned(), document.clone());
        }
        self.manifests.insert(digest(bytes), document);
        self
    }

    pub fn blob(&mut self, bytes: &[u8]) -> &mut Self {
        self.blobs.insert(digest(bytes), bytes.to_vec());
        self
    }

    pub fn image(&mut self, image: &Image, tag: Option<&str>) -> &mut Self {
        for blob in image.layers.iter().chain([&image.config]) {
            self.blob(blob);
        }
        self.document(super::image::OCI_MANIFEST, &image.manifest, tag)
    }

    /// What it answers to a request for `/v2/<repository>/…`.
    pub fn answer(&self, repository: &str, seen: &Seen) -> Response {
        if let Some(refusal) = self.refuse(seen) {
            return refusal;
        }
        let prefix = format!("/v2/{repository}/");
        let Some(rest) = seen.path.strip_prefix(&prefix) else {
            return error(404, "NAME_UNKNOWN", "repository name not known to registry");
        };
        let unknown = error(404, "MANIFEST_UNKNOWN", "manifest unknown");
        if let Some(name) = rest.strip_prefix("manifests/") {
            return match self.manifests.get(name) {
                None => unknown,
                Some((media_type, bytes)) => {
                    let digest = digest(bytes);
                    let headers = [
                        ("Content-Type", media_type.as_str()),
                        ("Docker-Content-Digest", &digest),
                    ];
                    answer(200, &headers, bytes.clone())
                }
            };
        }
        let blob = rest
            .strip_prefix("blobs/")
            .and_then(|name| self.blobs.get(name));
        blob.map_or_else(
            || error(404, "BLOB_UNKNOWN", "blob unknown"),
            |blob| ok(blob.clone()),
        )
    }

    fn refuse(&self, seen: &Seen) -> Option<Response> {
        let (wanted, challenge) = match &self.door {
            Door::Open => return None,
            Door::Basic => (BASIC, "Basic realm=\"registry\"".to_owned()),
            Door::Bearer(realm) => (
                "Bearer let-me-in",
                format!(
                    "Bearer realm=\"{realm}\",service=\"registry\",scope=\"repository:whatever:push\""
                ),
            ),
        };
        if seen.authorization.as_deref() == Some(wanted) {
            return None;
        }
        let mut refusal = error(401, "UNAUTHORIZED", "authentication required");
        refusal.headers.push("WWW-Authenticate", challenge);
        Some(refusal)
    }
}
