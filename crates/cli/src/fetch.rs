//! HTTP: one request and one answer at a time, exactly as the core asks for them.

use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use layerscope_layer::Demand;
use layerscope_source::registry::{BlobRequest, Exchange, ExchangeStep, Take};
use layerscope_source::{Headers, Method, Reply, Request, Response, limits};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, http};

/// A registry that says nothing for so long is treated as gone.
const SILENCE: Duration = Duration::from_secs(30);
/// How often a broken blob is asked for again without a single new byte.
const ATTEMPTS_WITHOUT_PROGRESS: u32 = 5;
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
            .timeout_connect(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE * 2))
            .timeout_per_read(Some(SILENCE))
            .max_idle_connections_per_host(16)
            .build();
        Ok(Client {
            agent: config.new_agent(),
        })
    }

    fn send(&self, request: &Request) -> Result<http::Response<Body>> {
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
        answer.map_err(|error| anyhow!("{error}"))
    }

    /// Answers the core's question about a small thing.
    pub(crate) fn exchange(&self, request: &Request) -> Reply {
        let mut answer = match self.send(request) {
            Ok(answer) => answer,
            Err(error) => return Reply::Failed(error.to_string()),
        };
        let status = answer.status().as_u16();
        let headers = headers_of(&answer);
        let body = if answer.status().is_success() {
            match read_up_to(answer.body_mut(), request.limit) {
                Ok(None) => {
                    let size = answer.body().content_length();
                    return Reply::TooLarge { size };
                }
                Ok(Some(body)) => Ok(body),
                Err(error) => Err(error),
            }
        } else {
            read_cut(answer.body_mut(), limits::ERROR_BODY_BYTES)
        };
        match body {
            Ok(body) => Reply::Http(Response {
                status,
                headers,
                body,
            }),
            Err(error) => Reply::Failed(error.to_string()),
        }
    }

    /// Streams a blob from its first byte on, and goes on where a connection broke.
    ///
    /// `push` is given every byte once; its `Stop` ends the stream. An error is what is left when
    /// further attempts bring nothing new.
    pub(crate) fn blob(
        &self,
        request: &BlobRequest,
        push: &mut dyn FnMut(&[u8]) -> Demand,
    ) -> Result<()> {
        let mut read = 0;
        let mut attempts = 0;
        loop {
            let before = read;
            let exchange = if read == 0 {
                request.exchange()
            } else {
                request.resume(read)
            };
            match self.stream(exchange, &mut read, push) {
                Ok(End::Stopped) => return Ok(()),
                // A registry that closes early, but in order, may have lied about the size: let the scan say so.
                Ok(End::Body) if read >= request.size || read == before => return Ok(()),
                Ok(End::Body) => {}
                Err(Broken::Final(error)) => return Err(error),
                Err(Broken::Connection(error)) => {
                    if read == before {
                        attempts += 1;
                    } else {
                        attempts = 0;
                    }
                    if attempts >= ATTEMPTS_WITHOUT_PROGRESS {
                        return Err(error);
                    }
                    thread::sleep(Duration::from_millis(200 * u64::from(attempts)));
                }
            }
        }
    }

    fn stream(
        &self,
        mut exchange: Exchange,
        read: &mut u64,
        push: &mut dyn FnMut(&[u8]) -> Demand,
    ) -> Result<End, Broken> {
        let mut body = None;
        loop {
            match exchange.poll() {
                ExchangeStep::Send(request) => {
                    let mut answer = self.send(&request).map_err(Broken::Connection)?;
                    match exchange.head(answer.status().as_u16(), &headers_of(&answer)) {
                        Take::Stream => body = Some(answer.into_body()),
                        Take::Small { limit } => {
                            let small = read_cut(answer.body_mut(), limit)
                                .map_err(|error| Broken::Connection(error.into()))?;
                            exchange.body(&small);
                        }
                        Take::Nothing => {}
                    }
                }
                ExchangeStep::Wait { seconds } => thread::sleep(Duration::from_secs(seconds)),
                ExchangeStep::Failed(error) => return Err(Broken::Final(error.into())),
                ExchangeStep::Ready => break,
            }
        }
        let Some(body) = body else {
            return Err(Broken::Final(anyhow!("the registry's answer has no body")));
        };
        // What a resumed answer repeats was pushed before.
        let mut known = read.saturating_sub(exchange.body_offset());
        let mut reader = body.into_with_config().limit(u64::MAX).reader();
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = reader
                .read(&mut chunk)
                .map_err(|error| Broken::Connection(error.into()))?;
            if count == 0 {
                return Ok(End::Body);
            }
            let repeated = usize::try_from(known).unwrap_or(count).min(count);
            known -= repeated as u64;
            let fresh = &chunk[repeated..count];
            *read += fresh.len() as u64;
            if !fresh.is_empty() && push(fresh) == Demand::Stop {
                return Ok(End::Stopped);
            }
        }
    }
}

enum End {
    Body,
    Stopped,
}

enum Broken {
    /// Asking again may help.
    Connection(anyhow::Error),
    /// The registry has decided.
    Final(anyhow::Error),
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
