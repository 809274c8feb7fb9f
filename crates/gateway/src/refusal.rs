//! Every answer that is not what was asked for.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use layerscope_source::Error;
use serde_json::{Map, Value, json};

use crate::addresses::SpecialUse;

/// Why a request was not answered, or could not be. Sent as `{"error": {"name": …, …}}`: a stable
/// name and what it speaks of, never a sentence (the page has those), a secret, or the query of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    // Who asks, and how.
    /// `Host` is not one of the server's own names: a name that was re-bound to loopback.
    ForeignHost,
    /// `Origin` is another site's.
    ForeignOrigin,
    /// The browser says that another site made the request.
    CrossSite,
    /// Not from the page of this run.
    SecretMissing,
    MethodRefused,
    BodyRefused,
    HeaderRefused {
        header: &'static str,
    },

    // What is asked for.
    NotFound,
    PathRefused,
    QueryRefused {
        key: &'static str,
    },
    RangeNotSatisfiable {
        size: u64,
    },
    /// `serve` was started without a SOURCE, or with one of the other kind.
    NoSource,
    /// A file of SOURCE that is missing, is no file, or lies outside of it.
    SourceFile {
        path: String,
        problem: &'static str,
    },

    // Where it would lead.
    HostNotAllowed {
        host: String,
        allow_command: String,
    },
    AddressRefused {
        host: String,
        special_use: SpecialUse,
        /// None if no command would help: a public registry must not lead into the user's network.
        allow_command: Option<String>,
    },
    /// Plain HTTP to a host that is neither loopback and granted, nor marked insecure.
    PlainHttp {
        host: String,
    },
    /// A port that nobody has named.
    PortRefused {
        host: String,
    },
    /// A token or a credential was about to follow a redirect.
    SecretsWithheld {
        host: String,
    },
    /// From HTTPS to plain HTTP.
    Downgrade {
        host: String,
    },
    /// A token is to be had from a host that the registry's challenge names, but nobody else.
    RealmRefused {
        host: String,
        realm: String,
    },
    /// A URL that is none, or is not one of HTTP's.
    UrlRefused {
        host: String,
    },
    /// A list is continued at another host or another path.
    LinkRefused {
        host: String,
    },

    // What came back.
    TooBusy,
    Unresolved {
        host: String,
    },
    Unreachable {
        host: String,
    },
    NotTls {
        host: String,
    },
    TlsFailed {
        host: String,
    },
    TimedOut {
        host: String,
    },
    /// The answer was no HTTP, or ended early.
    Broken {
        host: String,
    },
    TooLarge {
        host: String,
        limit: u64,
    },
    /// More steps than any exchange needs.
    TooManySteps {
        host: String,
    },
    /// The registry asks for patience, which is the page's to have: it shows the time, and can cancel.
    TryAgain {
        host: String,
        status: StatusCode,
        quota: Box<HeaderMap>,
    },
    /// The registry says no, or what it says breaks a rule.
    Exchange {
        host: String,
        status: StatusCode,
        quota: Box<HeaderMap>,
        error: Box<Error>,
    },
}

impl Refusal {
    /// The stable name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::ForeignHost => "foreign-host",
            Self::ForeignOrigin => "foreign-origin",
            Self::CrossSite => "cross-site",
            Self::SecretMissing => "secret-missing",
            Self::MethodRefused => "method-refused",
            Self::BodyRefused => "body-refused",
            Self::HeaderRefused { .. } => "header-refused",
            Self::NotFound => "not-found",
            Self::PathRefused => "path-refused",
            Self::QueryRefused { .. } => "query-refused",
            Self::RangeNotSatisfiable { .. } => "range-not-satisfiable",
            Self::NoSource => "no-source",
            Self::SourceFile { .. } => "source-file",
            Self::HostNotAllowed { .. } => "host-not-allowed",
            Self::AddressRefused { .. } => "address-refused",
            Self::PlainHttp { .. } => "plain-http",
            Self::PortRefused { .. } => "port-refused",
            Self::SecretsWithheld { .. } => "secrets-withheld",
            Self::Downgrade { .. } => "downgrade",
            Self::RealmRefused { .. } => "realm-refused",
            Self::UrlRefused { .. } => "url-refused",
            Self::LinkRefused { .. } => "link-refused",
            Self::TooBusy => "too-busy",
            Self::Unresolved { .. } => "unresolved",
            Self::Unreachable { .. } => "unreachable",
            Self::NotTls { .. } => "not-tls",
            Self::TlsFailed { .. } => "tls-failed",
            Self::TimedOut { .. } => "timed-out",
            Self::Broken { .. } => "broken-answer",
            Self::TooLarge { .. } => "too-large",
            Self::TooManySteps { .. } => "too-many-steps",
            Self::TryAgain { .. } => "try-again",
            Self::Exchange { error, .. } => error.name(),
        }
    }

    /// 502 to 504 are what asking again may mend, and the page asks again by itself. A host that is not
    /// there needs a person, and a rule that was broken stays broken.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::MethodRefused => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyRefused
            | Self::HeaderRefused { .. }
            | Self::PathRefused
            | Self::QueryRefused { .. } => StatusCode::BAD_REQUEST,
            Self::NotFound | Self::NoSource | Self::SourceFile { .. } => StatusCode::NOT_FOUND,
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::ForeignHost
            | Self::ForeignOrigin
            | Self::CrossSite
            | Self::SecretMissing
            | Self::HostNotAllowed { .. }
            | Self::AddressRefused { .. }
            | Self::PlainHttp { .. }
            | Self::PortRefused { .. }
            | Self::RealmRefused { .. }
            | Self::SecretsWithheld { .. }
            | Self::Downgrade { .. }
            | Self::UrlRefused { .. }
            | Self::LinkRefused { .. }
            | Self::TooLarge { .. }
            | Self::TooManySteps { .. } => StatusCode::FORBIDDEN,
            Self::TooBusy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Unresolved { .. }
            | Self::Unreachable { .. }
            | Self::NotTls { .. }
            | Self::TlsFailed { .. } => StatusCode::FAILED_DEPENDENCY,
            Self::Broken { .. } => StatusCode::BAD_GATEWAY,
            Self::TryAgain { status, .. } | Self::Exchange { status, .. } => *status,
        }
    }

    /// What became of an exchange that the core gave up, after an answer with `last` as its status.
    pub(crate) fn exchange(host: String, error: Error, last: StatusCode, quota: HeaderMap) -> Self {
        let status = match &error {
            Error::NotFound { .. } => StatusCode::NOT_FOUND,
            Error::Redirect { .. } | Error::Realm { .. } | Error::Url { .. } => {
                StatusCode::FORBIDDEN
            }
            _ if last.is_client_error() || last.is_server_error() => last,
            _ => StatusCode::FAILED_DEPENDENCY,
        };
        Self::Exchange {
            host,
            status,
            quota: Box::new(quota),
            error: Box::new(error),
        }
    }

    /// What the name speaks of.
    fn arguments(&self) -> Value {
        match self {
            Self::HeaderRefused { header } => json!({ "header": header }),
            Self::QueryRefused { key } => json!({ "key": key }),
            Self::RangeNotSatisfiable { size } => json!({ "size": size }),
            Self::SourceFile { path, problem } => json!({ "path": path, "problem": problem }),
            Self::HostNotAllowed {
                host,
                allow_command,
            } => json!({ "host": host, "allowCommand": allow_command }),
            Self::AddressRefused {
                host,
                special_use,
                allow_command,
            } => json!({
                "host": host,
                "specialUse": special_use.name(),
                "allowCommand": allow_command,
            }),
            Self::RealmRefused { host, realm } => json!({ "host": host, "realm": realm }),
            Self::TooLarge { host, limit } => json!({ "host": host, "limit": limit }),
            Self::PlainHttp { host }
            | Self::PortRefused { host }
            | Self::SecretsWithheld { host }
            | Self::Downgrade { host }
            | Self::UrlRefused { host }
            | Self::LinkRefused { host }
            | Self::Unresolved { host }
            | Self::Unreachable { host }
            | Self::NotTls { host }
            | Self::TlsFailed { host }
            | Self::TimedOut { host }
            | Self::Broken { host }
            | Self::TooManySteps { host }
            | Self::TryAgain { host, .. } => json!({ "host": host }),
            Self::Exchange { host, error, .. } => json!({
                "host": host,
                "at": error.at(),
                "expected": error.expected(),
                "found": error.found(),
            }),
            Self::ForeignHost
            | Self::ForeignOrigin
            | Self::CrossSite
            | Self::SecretMissing
            | Self::MethodRefused
            | Self::BodyRefused
            | Self::NotFound
            | Self::PathRefused
            | Self::NoSource
            | Self::TooBusy => Value::Object(Map::new()),
        }
    }
}

impl Refusal {
    /// The same in the words of distribution-spec, "Error Codes", so that whoever reads a registry's
    /// errors can read these. The message is the registry's own, or the command that would help.
    fn told(&self) -> (&str, &str) {
        match self {
            Self::HostNotAllowed { allow_command, .. } => (self.name(), allow_command),
            Self::AddressRefused { allow_command, .. } => {
                (self.name(), allow_command.as_deref().unwrap_or_default())
            }
            Self::Exchange { error, .. } => match &**error {
                Error::NotFound { told, .. }
                | Error::Denied { told, .. }
                | Error::TooManyRequests { told, .. }
                | Error::Status { told, .. } => match told {
                    Some(told) => (&told.code, &told.message),
                    None => (self.name(), ""),
                },
                _ => (self.name(), ""),
            },
            _ => (self.name(), ""),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let mut error = self.arguments();
        error["name"] = self.name().into();
        let (code, message) = self.told();
        let body = json!({ "error": error, "errors": [{ "code": code, "message": message }] });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        match self {
            Self::MethodRefused => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            }
            Self::RangeNotSatisfiable { size } => {
                if let Ok(range) = HeaderValue::try_from(format!("bytes */{size}")) {
                    headers.insert(header::CONTENT_RANGE, range);
                }
            }
            Self::TryAgain { quota, .. } | Self::Exchange { quota, .. } => headers.extend(*quota),
            _ => {}
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
