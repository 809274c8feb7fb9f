//! HTTP: one request and one answer at a time, exactly as the core asks for them.

use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use layerscope_layer::Demand;
use layerscope_source::registry::{BlobRequest, Download, ExchangeStep, Take};
use layerscope_source::{Headers, Method, Reply, Request, Response, Silence, limits};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Timeout, http};

use crate::patience;

/// Until a connection is made. A registry that takes longer is not there.
const CONNECT_TIME: Duration = Duration::from_secs(30);
/// From a request to the head of its answer. Registries that must fetch first take a while.
const ANSWER_TIME: Duration = Duration::from_secs(60);
/// One read of a body.
const CHUNK: usize = 256 * 1024;

/// An HTTP client that follows no redirect and keeps no cookie; the core decides about both.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
}

impl Client {
    /// A client that trusts the system's certificate authorities and those in `authorities` (PEM).
    pub(crate) fn new(authorities: &[Vec<u8>]) -> Result<Client> {
        let mut roots: Vec<Certificate<'static>> = rustls_native_certs::load_native_certs()
            .certs
            .iter()
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        for pem in authorities {
            for item in ureq::tls::parse_pem(pem) {
                if let ureq::tls::PemItem::Certificate(certificate) = item.context("a CA file")? {
                    roots.push(certificate);
                }
            }
        }
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("layerscope/", env!("CARGO_PKG_VERSION")))
            .accept("")
            .accept_encoding("identity")
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_recv_response(Some(ANSWER_TIME))
            .timeout_per_read(Some(patience::idle()))
            .max_idle_connections_per_host(16)
            .build();
        Ok(Client {
            agent: config.new_agent(),
        })
    }

    fn send(&self, request: &Request) -> Result<http::Response<Body>, Lost> {
        let mut builder = http::Request::builder()
            .method(request.method.as_str())
            .uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let answer = match request.method {
            Method::Post => self.agent.run(builder.body(request.body.clone())?),
            Method::Get | Method::Head => self.agent.run(builder.body(())?),
        };
        Ok(answer?)
    }

    /// Answers the core's question about a small thing.
    pub(crate) fn exchange(&self, request: &Request) -> Reply {
        match self.answer(request) {
            Ok(reply) => reply,
            Err(Lost { silence, detail }) => Reply::Silent { silence, detail },
        }
    }

    fn answer(&self, request: &Request) -> Result<Reply, Lost> {
        let mut answer = self.send(request)?;
        let status = answer.status().as_u16();
        let headers = headers_of(&answer);
        let body = if answer.status().is_success() {
            let Some(body) = read_up_to(answer.body_mut(), request.limit)? else {
                let size = answer.body().content_length();
                return Ok(Reply::TooLarge { size });
            };
            body
        } else {
            read_cut(answer.body_mut(), limits::ERROR_BODY_BYTES)?
        };
        Ok(Reply::Http(Response {
            status,
            headers,
            body,
        }))
    }

    /// Streams a part of a blob, and goes on where a connection broke.
    ///
    /// `push` is given every byte once; its `Stop` ends the stream. `wait` lets so many seconds pass. An
    /// error is what is left when further attempts bring nothing new.
    pub(crate) fn blob(
        &self,
        request: &BlobRequest,
        part: Range<u64>,
        wait: &dyn Fn(u64),
        push: &mut dyn FnMut(&[u8]) -> Demand,
    ) -> Result<()> {
        let mut download = Download::of(request, part);
        let mut body = None;
        loop {
            let passed = match download.poll() {
                ExchangeStep::Send(request) => self.step(&mut download, &request, &mut body),
                ExchangeStep::Wait { seconds } => {
                    wait(seconds);
                    Ok(())
                }
                ExchangeStep::Failed(error) => return Err(error.into()),
                ExchangeStep::Ready => {
                    let Some(body) = body.take() else {
                        bail!("the registry's answer has no body");
                    };
                    match stream(&mut download, body, push) {
                        Ok(End::Stopped) => return Ok(()),
                        Ok(End::Body) if download.ended() => return Ok(()),
                        Ok(End::Body) => Ok(()),
                        Err(lost) => Err(lost),
                    }
                }
            };
            if let Err(Lost { silence, detail }) = passed
                && download.lost(silence, &detail)
            {
                return Ok(());
            }
        }
    }

    /// Sends one request of a download and takes the head of its answer.
    fn step(
        &self,
        download: &mut Download,
        request: &Request,
        body: &mut Option<Body>,
    ) -> Result<(), Lost> {
        let mut answer = self.send(request)?;
        match download.head(answer.status().as_u16(), &headers_of(&answer)) {
            Take::Stream => *body = Some(answer.into_body()),
            Take::Small { limit } => download.body(&read_cut(answer.body_mut(), limit)?),
            Take::Nothing => {}
        }
        Ok(())
    }
}

enum End {
    Body,
    Stopped,
}

/// Pushes what a body brings that was not there before.
fn stream(
    download: &mut Download,
    body: Body,
    push: &mut dyn FnMut(&[u8]) -> Demand,
) -> Result<End, Lost> {
    let mut reader = body.into_with_config().limit(u64::MAX).reader();
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = reader.read(&mut chunk)?;
        if count == 0 {
            return Ok(End::Body);
        }
        let fresh = download.fresh(&chunk[..count]);
        if !fresh.is_empty() && push(fresh) == Demand::Stop {
            return Ok(End::Stopped);
        }
    }
}

/// No whole answer came.
struct Lost {
    silence: Silence,
    detail: String,
}

impl From<ureq::Error> for Lost {
    fn from(error: ureq::Error) -> Lost {
        let silence = match &error {
            ureq::Error::Io(error) => return Lost::of_io(error),
            ureq::Error::HostNotFound | ureq::Error::Timeout(Timeout::Resolve) => {
                Silence::Unresolved
            }
            ureq::Error::Timeout(Timeout::Connect) | ureq::Error::ConnectionFailed => {
                Silence::Unreachable
            }
            ureq::Error::Timeout(_) => Silence::TimedOut,
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => Silence::Tls,
            _ => Silence::Broken,
        };
        // A URL may hold a signature.
        let detail = match &error {
            ureq::Error::BadUri(_) => String::new(),
            error => error.to_string(),
        };
        Lost { silence, detail }
    }
}

impl From<std::io::Error> for Lost {
    /// Of a body that is read: what the client itself says is wrapped.
    fn from(error: std::io::Error) -> Lost {
        Lost::from(ureq::Error::from(error))
    }
}

impl From<http::Error> for Lost {
    fn from(error: http::Error) -> Lost {
        Lost::from(ureq::Error::Http(error))
    }
}

impl Lost {
    fn of_io(error: &std::io::Error) -> Lost {
        let is_tls = error
            .get_ref()
            .is_some_and(|inner| inner.is::<rustls::Error>());
        let silence = match error.kind() {
            _ if is_tls => Silence::Tls,
            // What `getaddrinfo` says has no stable kind of its own.
            _ if error.to_string().contains("lookup address") => Silence::Unresolved,
            ErrorKind::ConnectionRefused
            | ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable
            | ErrorKind::PermissionDenied => Silence::Unreachable,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Silence::TimedOut,
            _ => Silence::Broken,
        };
        Lost {
            silence,
            detail: error.to_string(),
        }
    }
}

fn headers_of(answer: &http::Response<Body>) -> Headers {
    answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect()
}

/// The whole body, or `None` when it is longer than `limit`.
fn read_up_to(body: &mut Body, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    let bytes = read_cut(body, limit.saturating_add(1))?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// The first bytes of a body, at most `limit`: of an error page the beginning is enough.
fn read_cut(body: &mut Body, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    body.with_config()
        .limit(u64::MAX)
        .reader()
        .take(limit)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
