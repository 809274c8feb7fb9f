//! Connections to registries: only to addresses that were checked.

use std::error::Error as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_service::Service;

use crate::addresses::{SpecialUse, special_use};
use crate::error::Error;
use crate::limits::{ANSWER_TIME, CONNECT_TIME, KEEP_CONNECTIONS, KEEP_TIME, NEXT_ADDRESS_TIME};
use crate::names::Names;
use crate::origin::Origin;

/// Which addresses a request may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those of public servers.
    Public,
    /// Any, because a person has granted the host.
    Any,
}

/// Why a request got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("the host has an address that is not a public server's")]
    AddressRefused(SpecialUse),
    #[error("the name has no address")]
    Unresolved,
    #[error("no address answers")]
    Unreachable,
    #[error("the host does not speak TLS")]
    NotTls,
    #[error("the TLS handshake failed")]
    TlsFailed,
    #[error("no answer in time")]
    TimedOut,
    #[error("what was answered is not HTTP")]
    Broken,
}

/// A client that follows nothing, asks no proxy (behind one, nobody could check an address), keeps nothing but connections, and streams. Connections that may
/// lead anywhere are kept apart from those that may not, so that none is reused for the other.
#[derive(Debug)]
pub(crate) struct Upstream {
    public: Client<HttpsConnector<Connector>, Body>,
    any: Client<HttpsConnector<Connector>, Body>,
}

impl Upstream {
    /// A client that trusts the machine's certificate authorities and those in `ca_files`, which are PEM.
    pub(crate) fn new(names: Names, ca_files: &[Vec<u8>]) -> Result<Self, Error> {
        let tls =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| Error::Tls { error })?
                .with_root_certificates(roots(ca_files)?)
                .with_no_client_auth();
        let client = |reach| {
            let names = names.clone();
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(tls.clone())
                .https_or_http()
                .enable_http1()
                .wrap_connector(Connector { names, reach });
            Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(KEEP_TIME)
                .pool_max_idle_per_host(KEEP_CONNECTIONS)
                .build(connector)
        };
        Ok(Self {
            public: client(Reach::Public),
            any: client(Reach::Any),
        })
    }

    /// Sends one request and waits for the head of its answer; the body comes as it is read.
    pub(crate) async fn send(
        &self,
        request: Request<Body>,
        reach: Reach,
    ) -> Result<Response<Incoming>, Unanswered> {
        let client = match reach {
            Reach::Public => &self.public,
            Reach::Any => &self.any,
        };
        timeout(ANSWER_TIME, client.request(request))
            .await
            .map_err(|_| Unanswered::TimedOut)?
            .map_err(|error| Unanswered::of(&error))
    }
}

impl Unanswered {
    /// What the client's error comes from. Its own words are left out: they may hold a URL.
    fn of(error: &legacy::Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(known) = inner.downcast_ref::<Self>() {
                return *known;
            }
            match inner.downcast_ref::<rustls::Error>() {
                Some(rustls::Error::InvalidMessage(_)) => return Self::NotTls,
                Some(_) => return Self::TlsFailed,
                None => {}
            }
            let within = inner
                .downcast_ref::<std::io::Error>()
                .and_then(std::io::Error::get_ref);
            cause = match within {
                Some(within) => Some(within),
                None => inner.source(),
            };
        }
        // Connected and then hung up on: a server that could not read the handshake at all.
        if error.is_connect() {
            Self::NotTls
        } else {
            Self::Broken
        }
    }
}

/// The machine's certificate authorities, as far as they can be read, and those that a person adds.
fn roots(ca_files: &[Vec<u8>]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for (number, pem) in ca_files.iter().enumerate() {
        let refused = |found: String| Error::CaFile { number, found };
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| refused(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| refused(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(refused("none".to_owned()));
        }
    }
    Ok(roots)
}

/// Resolves a name once, checks every address, and connects to one of those that were checked:
/// a second look-up could answer something else.
#[derive(Clone, Debug)]
struct Connector {
    names: Names,
    reach: Reach,
}

impl Connector {
    async fn connect(self, uri: Uri) -> Result<TcpStream, Unanswered> {
        let origin = Origin::of_uri(&uri).ok_or(Unanswered::Unresolved)?;
        let addresses = self
            .names
            .addresses(origin.name(), origin.port())
            .await
            .map_err(|_| Unanswered::Unresolved)?;
        if self.reach == Reach::Public {
            // One bad address speaks against the name, even if others are good.
            let refused = addresses
                .iter()
                .find_map(|address| special_use(address.ip()));
            if let Some(refused) = refused {
                return Err(Unanswered::AddressRefused(refused));
            }
        }
        let stream = first_to_answer(addresses).await?;
        // Requests are small and wait for an answer each.
        stream
            .set_nodelay(true)
            .map_err(|_| Unanswered::Unreachable)?;
        Ok(stream)
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unanswered>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unanswered>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            timeout(CONNECT_TIME, connector.connect(uri))
                .await
                .unwrap_or(Err(Unanswered::Unreachable))
                .map(TokioIo::new)
        })
    }
}

/// Tries the addresses in their order, each a little after the one before it unless that has failed.
async fn first_to_answer(addresses: Vec<SocketAddr>) -> Result<TcpStream, Unanswered> {
    let mut waiting = addresses.into_iter();
    let mut attempts = JoinSet::new();
    loop {
        let more = match waiting.next() {
            Some(address) => {
                attempts.spawn(TcpStream::connect(address));
                waiting.len() > 0
            }
            None => false,
        };
        tokio::select! {
            attempt = attempts.join_next() => match attempt {
                Some(Ok(Ok(stream))) => return Ok(stream),
                Some(_) => {}
                None => return Err(Unanswered::Unreachable),
            },
            () = sleep(NEXT_ADDRESS_TIME), if more => {}
        }
    }
}
