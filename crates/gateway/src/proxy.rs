//! Gets what a page wants from a registry: drives an [`Exchange`], each hop checked by the policy.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use layerscope_oci::Reference;
use layerscope_source::{Access, Exchange, ExchangeStep, Take, Target};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::body::{Passing, beginning};
use crate::config::CredentialLookup;
use crate::forward::{Asked, answered, quota};
use crate::journey::{Journey, Leg};
use crate::limits::{ANSWER_TIME, MAX_DRAINED, MAX_EXCHANGES, MAX_STEPS, TURN_TIME};
use crate::memory::{Memory, Way};
use crate::origin::Origin;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::upstream::Upstream;
use crate::wanted::Wanted;

/// How the gateway names itself to registries.
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("layerscope/", env!("CARGO_PKG_VERSION")));

/// Blobs are what their digests say, byte for byte: no coding for the way.
const AS_IT_IS: HeaderValue = HeaderValue::from_static("identity");

/// The registry proxy.
pub(crate) struct Proxy {
    upstream: Upstream,
    policy: Policy,
    credentials: CredentialLookup,
    memory: Memory,
    idle: Duration,
    turns: Arc<Semaphore>,
}

/// What an exchange ended with: the head of an answer, and its body still to be read.
struct Fetched {
    response: Response<Incoming>,
    way: Way,
}

impl Proxy {
    pub(crate) fn new(
        upstream: Upstream,
        policy: Policy,
        credentials: CredentialLookup,
        idle: Duration,
    ) -> Self {
        Self {
            upstream,
            policy,
            credentials,
            memory: Memory::default(),
            idle,
            turns: Arc::new(Semaphore::new(MAX_EXCHANGES)),
        }
    }

    /// Answers with what the registry has, as it comes.
    pub(crate) async fn answer(
        &self,
        wanted: Wanted,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response<Body>, Refusal> {
        let asked = Asked::of(method, headers)?;
        self.policy.admit(&wanted.host)?;
        let turn = timeout(TURN_TIME, Arc::clone(&self.turns).acquire_owned())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(Refusal::TooBusy)?;
        let fetched = self.fetch(&wanted, &asked).await?;
        pass_on(fetched, &wanted, &asked, self.idle, turn)
    }

    /// Gets it the way that led there before, or else tries the ways that there are.
    async fn fetch(&self, wanted: &Wanted, asked: &Asked) -> Result<Fetched, Refusal> {
        let (reference, target) = wanted.shape.target(&wanted.host)?;
        let ways = match self.memory.recall(&wanted.host, reference.path()) {
            Some(way) => vec![way],
            None => self.ways(wanted, &reference).await?,
        };
        let mut refusal = Refusal::NotFound;
        for way in ways {
            let host = way.home.host();
            match self.exchange(way, wanted, target.clone(), asked).await {
                Ok(fetched) => {
                    self.memory.keep(&wanted.host, fetched.way.clone());
                    return Ok(fetched);
                }
                Err(other) => refusal = other,
            }
            // A host that does not speak TLS is asked without, if it may be. One whose certificate does
            // not fit is not.
            let has_no_tls = [
                Refusal::NotTls { host: host.clone() },
                Refusal::Unreachable { host },
            ];
            if !has_no_tls.contains(&refusal) {
                break;
            }
        }
        self.memory.forget(&wanted.host, reference.path());
        Err(refusal)
    }

    /// The ways to a repository, best first: the mirror, or HTTPS, and plain HTTP where that is allowed.
    async fn ways(&self, wanted: &Wanted, reference: &Reference) -> Result<Vec<Way>, Refusal> {
        let refused = || Refusal::UrlRefused {
            host: wanted.host.to_string(),
        };
        let origin = |prefix: &str| Origin::of(prefix).ok_or_else(refused);
        let (prefixes, account) = match self.policy.mirror(&wanted.host) {
            // A mirror is another party, and must not see what is the registry's.
            Some(mirror) => (vec![mirror.to_owned()], origin(mirror)?.host()),
            None => {
                let api = reference.api_host();
                let (tls, plain) = (format!("https://{api}"), format!("http://{api}"));
                let permits_plain = self.policy.permits_plain(&origin(&plain)?);
                let prefixes = [Some(tls), permits_plain.then_some(plain)];
                (
                    prefixes.into_iter().flatten().collect(),
                    wanted.host.to_string(),
                )
            }
        };
        // A credential helper is a program that is waited for.
        let lookup = Arc::clone(&self.credentials);
        let credentials = spawn_blocking(move || lookup(&account))
            .await
            .ok()
            .flatten();
        let mut ways = Vec::new();
        for prefix in prefixes {
            let mut access = Access::mirror(reference, &prefix).map_err(|_| refused())?;
            for realm in self.policy.realms(&wanted.host) {
                access = access.allow_realm(realm.to_string());
            }
            if let Some(credentials) = &credentials {
                access = access.with_credentials(credentials.clone());
            }
            let home = origin(&prefix)?;
            ways.push(Way { home, access });
        }
        Ok(ways)
    }

    /// One exchange, up to the head of the answer that counts.
    async fn exchange(
        &self,
        way: Way,
        wanted: &Wanted,
        target: Target,
        asked: &Asked,
    ) -> Result<Fetched, Refusal> {
        let host = way.home.host();
        let mut journey = Journey::new(&self.policy, &wanted.host, way.home.clone());
        let range = asked.range.map(|range| range.exclusive());
        let mut exchange = Exchange::new(&way.access, target, range);
        let mut last = (StatusCode::BAD_GATEWAY, HeaderMap::new());
        let mut arrived = None;
        for _ in 0..MAX_STEPS {
            let request = match exchange.poll() {
                ExchangeStep::Send(request) => request,
                ExchangeStep::Ready => {
                    let response = arrived.ok_or(Refusal::Broken { host })?;
                    return Ok(Fetched::new(response, way, &exchange));
                }
                ExchangeStep::Wait { .. } => {
                    let (status, headers) = last;
                    let quota = Box::new(quota(&headers));
                    return Err(Refusal::TryAgain {
                        host,
                        status,
                        quota,
                    });
                }
                ExchangeStep::Failed(error) => {
                    let registry = wanted.host.to_string();
                    return Err(Refusal::exchange(registry, error, last.0, quota(&last.1)));
                }
            };
            let (leg, response) = self.send(&mut journey, request, asked, last.0).await?;
            last = (response.status(), response.headers().clone());
            if leg != Leg::Realm && asked.is_unchanged(last.0) {
                return Ok(Fetched::new(response, way, &exchange));
            }
            match exchange.head(last.0.as_u16(), &fields(&last.1)) {
                Take::Stream => arrived = Some(response),
                Take::Small { limit } => {
                    let beginning = beginning(response.into_body(), limit);
                    let bytes = match timeout(ANSWER_TIME, beginning).await {
                        Ok(Ok(bytes)) => bytes,
                        Ok(Err(_)) => return Err(Refusal::Broken { host }),
                        Err(_) => return Err(Refusal::TimedOut { host }),
                    };
                    exchange.body(&bytes);
                }
                Take::Nothing => drain(response.into_body()).await,
            }
        }
        Err(Refusal::TooManySteps { host })
    }

    /// Sends one request of an exchange, if it may go where it leads.
    async fn send(
        &self,
        journey: &mut Journey<'_>,
        request: layerscope_source::Request,
        asked: &Asked,
        last: StatusCode,
    ) -> Result<(Leg, Response<Incoming>), Refusal> {
        let target = Origin::of(&request.url).ok_or_else(|| journey.unreadable())?;
        let leg = journey.leg(&request.url, &target, last.is_redirection());
        let has_secrets = request.header("authorization").is_some() || !request.body.is_empty();
        let reach = journey.hop(leg, &target, has_secrets)?;
        let outgoing = outgoing(request, leg, asked).ok_or_else(|| journey.unreadable())?;
        match self.upstream.send(outgoing, reach).await {
            Ok(response) => Ok((leg, response)),
            Err(why) => Err(journey.unanswered(leg, &target, why)),
        }
    }
}

impl Fetched {
    /// What has arrived, and how; with the token that was found on the way.
    fn new(response: Response<Incoming>, way: Way, exchange: &Exchange) -> Self {
        let Way { home, access } = way;
        let access = match exchange.token() {
            Some(token) => access.with_token(token.clone()),
            None => access,
        };
        let way = Way { home, access };
        Self { response, way }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// The request as it goes out. A page's HEAD stays one, but a token is always got.
fn outgoing(request: layerscope_source::Request, leg: Leg, asked: &Asked) -> Option<Request<Body>> {
    let method = match request.method {
        layerscope_source::Method::Get if leg != Leg::Realm => asked.method.clone(),
        other => Method::from_bytes(other.as_str().as_bytes()).ok()?,
    };
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(name == AUTHORIZATION);
        headers.insert(name, value);
    }
    if leg != Leg::Realm {
        asked.complete(&mut headers);
    }
    headers.insert(USER_AGENT, AGENT);
    headers.insert(ACCEPT_ENCODING, AS_IT_IS);
    let mut outgoing = Request::new(Body::from(request.body));
    *outgoing.method_mut() = method;
    *outgoing.uri_mut() = request.url.parse().ok()?;
    *outgoing.headers_mut() = headers;
    Some(outgoing)
}

/// Hands the answer to the page, byte by byte as it comes.
fn pass_on(
    fetched: Fetched,
    wanted: &Wanted,
    asked: &Asked,
    idle: Duration,
    turn: OwnedSemaphorePermit,
) -> Result<Response<Body>, Refusal> {
    let Fetched { response, way } = fetched;
    let status = response.status();
    let headers = answered(response.headers(), status, wanted, &way.home)?;
    let limit = wanted.shape.limit();
    let stated = response.headers().get(CONTENT_LENGTH);
    let length: Option<u64> = stated.and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length| length > limit) {
        let host = wanted.host.to_string();
        return Err(Refusal::TooLarge { host, limit });
    }
    // A registry may send a part unasked, and nobody could put it in its place.
    if status == StatusCode::PARTIAL_CONTENT && asked.range.is_none() {
        let host = wanted.host.to_string();
        return Err(Refusal::Broken { host });
    }
    let body = match asked.method {
        Method::HEAD => Body::empty(),
        _ => Body::new(Passing::new(response.into_body(), limit, idle, Some(turn))),
    };
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

/// Header fields as the core reads them.
fn fields(headers: &HeaderMap) -> layerscope_source::Headers {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

/// Reads a small body to its end, so that the connection can be used for the next request.
async fn drain(body: Incoming) {
    let size = body.size_hint().upper();
    if size.is_some_and(|size| size <= MAX_DRAINED) {
        let _ = timeout(ANSWER_TIME, beginning(body, MAX_DRAINED)).await;
    }
}
