//! The server: what it listens at, and who answers what.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::config::Config;
use crate::error::Error;
use crate::guard::{Guard, guarded};
use crate::limits::{ACCEPT_PAUSE, HEADER_TIME, MAX_CONNECTIONS, MAX_HEADERS, STOP_TIME};
use crate::local::Given;
use crate::page::PAGE;
use crate::policy::Policy;
use crate::proxy::Proxy;
use crate::refusal::Refusal;
use crate::route::Route;
use crate::secret::Secret;
use crate::upstream::Upstream;

/// A server that listens, and answers as soon as it is [run](Server::run).
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    service: Arc<Service>,
}

/// What the server answers with.
#[derive(Debug)]
struct Service {
    guard: Arc<Guard>,
    given: Option<Given>,
    proxy: Proxy,
}

/// Listens at the configured address. From now on a browser can connect, and waits.
///
/// # Errors
/// Any [`Error`]: what was configured cannot be served, or the address cannot be had.
pub fn bind(config: Config) -> Result<Server, Error> {
    let listen = config.listen;
    let loopback = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    if !loopback.contains(&listen.ip()) {
        return Err(Error::NotLoopback { found: listen });
    }
    let upstream = Upstream::new(config.names, &config.ca_files)?;
    let policy = Policy::new(
        config.allowed,
        &config.insecure,
        &config.realms,
        &config.mirrors,
    )?;
    let proxy = Proxy::new(upstream, policy, config.credentials, config.idle);
    let given = match (config.source, config.image) {
        (Some(source), _) => Some(Given::local(source)?),
        (None, image) => image.map(Given::reference),
    };
    let refused = |error| Error::Listen {
        address: listen,
        error,
    };
    let listener = match TcpListener::bind(listen) {
        Err(error) if config.any_port && error.kind() == ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(listen.ip(), 0))
        }
        bound => bound,
    };
    let listener = listener.map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let guard = Arc::new(Guard::new(address, Secret::new()?));
    Ok(Server {
        listener,
        address,
        service: Arc::new(Service {
            guard,
            given,
            proxy,
        }),
    })
}

impl Server {
    /// The address to open in a browser: `http://127.0.0.1:PORT/#secret=…`. What follows `#` stays in
    /// the browser, and more may be added to it, each part after an `&`.
    pub fn url(&self) -> String {
        let secret = self.service.guard.secret().reveal();
        format!("http://{}/#secret={secret}", self.address)
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is ready, on threads of its own. Answers that are under way then
    /// are broken off.
    ///
    /// # Errors
    /// [`Error::Runtime`] if there can be no threads, or the listener is lost.
    pub fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        let refused = |error| Error::Runtime { error };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("gateway")
            .build()
            .map_err(refused)?;
        let stopped = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener).map_err(refused)?;
            let app = router(self.service);
            accept(listener, app, shutdown).await;
            Ok(())
        });
        runtime.shutdown_timeout(STOP_TIME);
        stopped
    }
}

/// One guard before everything; the routes are read by [`Route`], whose grammar is stricter than a router's.
fn router(service: Arc<Service>) -> Router {
    let guard = Arc::clone(&service.guard);
    Router::new()
        .fallback(answer)
        .with_state(service)
        .layer(from_fn_with_state(guard, guarded))
}

async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response {
    service
        .respond(request)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

impl Service {
    async fn respond(&self, request: Request) -> Result<Response, Refusal> {
        let route = Route::of(request.uri().path(), request.uri().query());
        let headers = request.headers();
        if !matches!(route, Ok(Route::Page(_))) {
            self.guard.check_secret(headers)?;
        }
        let given = || self.given.as_ref().ok_or(Refusal::NoSource);
        match route? {
            Route::Page(path) => PAGE.answer(&path, headers),
            // That there is none is an answer, too: a browser would report a 404 as an error.
            Route::SourceInfo => Ok(match &self.given {
                Some(given) => given.info(),
                None => StatusCode::NO_CONTENT.into_response(),
            }),
            Route::SourceFile => given()?.file(headers),
            Route::SourceLayout(path) => given()?.layout(path, headers).await,
            Route::Registry(wanted) => self.proxy.answer(wanted, request.method(), headers).await,
        }
    }
}

/// Takes connections, at most [`MAX_CONNECTIONS`] at a time, until `shutdown` is ready.
async fn accept(
    listener: tokio::net::TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()>,
) {
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut shutdown = pin!(shutdown);
    loop {
        let connection = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            let accepted = listener.accept().await;
            (seat, accepted)
        };
        let (seat, accepted) = tokio::select! {
            connection = connection => connection,
            () = &mut shutdown => return,
        };
        match (seat, accepted) {
            (Ok(seat), Ok((stream, _))) => {
                tokio::spawn(converse(stream, app.clone(), seat));
            }
            // A connection that was gone at once, or no descriptor left: others may end meanwhile.
            _ => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Answers the requests of one connection. How it ends is the browser's business.
async fn converse(stream: tokio::net::TcpStream, app: Router, seat: OwnedSemaphorePermit) {
    let _ = stream.set_nodelay(true);
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app))
        .await;
    drop(seat);
}
