//! Who may ask: the page that this run has opened, and nobody else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::refusal::Refusal;
use crate::secret::Secret;

/// The header in which the page shows that it belongs to this run. A form or an image of another
/// site cannot send it, and a script of another site may not.
pub const SECRET_HEADER: HeaderName = HeaderName::from_static("x-layerscope-secret");

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Nothing that comes from a registry or from a file may act on the page's origin, whatever it is
/// taken for. The page's own files bring a policy of their own.
const INERT: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");

/// Checks each request before anything else looks at it.
#[derive(Debug)]
pub(crate) struct Guard {
    hosts: Vec<String>,
    secret: Secret,
}

impl Guard {
    /// A guard of the server that listens at `address`.
    pub(crate) fn new(address: SocketAddr, secret: Secret) -> Self {
        let port = address.port();
        let names = ["127.0.0.1", "localhost", "[::1]"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            // A browser leaves HTTP's own port out.
            hosts.extend(names.map(str::to_owned));
        }
        Self { hosts, secret }
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether the request comes from a page of this server, or from a person's hand. This alone
    /// must hold for the page's own files, which a browser asks for before it has the secret.
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let headers = request.headers();
        let host = only(headers, header::HOST).ok_or(Refusal::ForeignHost)?;
        let is_own = self.hosts.iter().any(|own| own.as_bytes() == host);
        // `GET http://elsewhere/ HTTP/1.1` names a host of its own, which would win over the header.
        if !is_own || request.uri().authority().is_some() {
            return Err(Refusal::ForeignHost);
        }
        if headers.contains_key(header::ORIGIN) {
            let origin = only(headers, header::ORIGIN).and_then(|o| o.strip_prefix(b"http://"));
            if origin != Some(host) {
                return Err(Refusal::ForeignOrigin);
            }
        }
        if headers.contains_key(SEC_FETCH_SITE)
            && !matches!(
                only(headers, SEC_FETCH_SITE),
                Some(b"same-origin" | b"none")
            )
        {
            return Err(Refusal::CrossSite);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Refusal::MethodRefused);
        }
        let has_body = headers.contains_key(header::TRANSFER_ENCODING)
            || (headers.contains_key(header::CONTENT_LENGTH)
                && only(headers, header::CONTENT_LENGTH) != Some(b"0"));
        if has_body {
            return Err(Refusal::BodyRefused);
        }
        Ok(())
    }

    /// Whether the request carries the secret of this run.
    pub(crate) fn check_secret(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        only(headers, SECRET_HEADER)
            .is_some_and(|given| self.secret.is(given))
            .then_some(())
            .ok_or(Refusal::SecretMissing)
    }
}

/// The value of a header that stands there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&[u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}

/// The middleware: the checks that every request must pass, and the headers that every answer has.
pub(crate) async fn guarded(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(INERT);
    response
}
