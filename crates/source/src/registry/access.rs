//! Where a repository is, and who asks for it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use layerscope_oci::{Digest, Reference};
use serde::Serialize;
use serde_json::Value;

use super::url::{self, Origin};
use crate::{Error, limits};

/// The header field in which a gateway expects its secret.
pub const SECRET_HEADER: &str = "x-layerscope-secret";

/// How to reach one repository of one registry.
///
/// It can be sent to a worker (`Serialize`), and then holds the credentials and the token: it must
/// not be stored. Its `Debug` form leaves them out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    prefix: String,
    /// The host that the reference names, without regard to mirrors and gateways.
    registry: String,
    repository: String,
    secret: Option<Secret>,
    credentials: Option<Credentials>,
    realms: Vec<String>,
    token: Option<Token>,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub enum Credentials {
    /// A user and a password, or whatever stands for one.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// An OAuth 2 refresh token, as `docker login` stores it under `identitytoken`.
    IdentityToken(String),
    /// A token for the registry itself, as `registrytoken` in Docker's config file.
    Bearer(String),
}

impl Credentials {
    fn read(value: &Value) -> Option<Self> {
        let text = |value: &Value| Some(value.as_str()?.to_owned());
        if let Some(basic) = value.get("Basic") {
            return Some(Self::Basic {
                user: text(basic.get("user")?)?,
                password: text(basic.get("password")?)?,
            });
        }
        match value.get("IdentityToken") {
            Some(token) => text(token).map(Self::IdentityToken),
            None => text(value.get("Bearer")?).map(Self::Bearer),
        }
    }
}

/// The value of an `Authorization` header that a registry accepts for a while.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Token(String);

/// A gateway's secret.
#[derive(Clone, PartialEq, Eq, Serialize)]
struct Secret(String);

/// What to get from a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The registry's front door, which only says whether one may enter.
    Ping,
    /// An index or a manifest, by tag or digest.
    Manifest(String),
    /// A blob.
    Blob(Digest),
    /// A page of tags.
    Tags {
        /// The query that asks for this page: `n=1000`, and whatever the page before said.
        query: String,
    },
    /// A page of what speaks of a manifest.
    Referrers {
        /// The manifest.
        digest: Digest,
        /// The query that asks for this page; empty for the first.
        query: String,
    },
}

impl Access {
    /// What was serialized; `None` when it was something else. By hand, because serde's reader would be a hundredth
    /// of the page's wasm.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name| Some(value.get(name)?.as_str()?.to_owned());
        let realms = value.get("realms")?.as_array()?.iter();
        Some(Self {
            prefix: text("prefix")?,
            registry: text("registry")?,
            repository: text("repository")?,
            secret: text("secret").map(Secret),
            credentials: match value.get("credentials")? {
                Value::Null => None,
                credentials => Some(Credentials::read(credentials)?),
            },
            realms: realms
                .map(|realm| Some(realm.as_str()?.to_owned()))
                .collect::<Option<_>>()?,
            token: text("token").map(Token),
        })
    }

    /// The registry that `reference` names, over https.
    pub fn direct(reference: &Reference) -> Self {
        Self::at(reference, format!("https://{}", reference.api_host()))
    }

    /// The registry that `reference` names, over http. Only for loopback, and for hosts that the user
    /// has marked insecure.
    pub fn insecure(reference: &Reference) -> Self {
        Self::at(reference, format!("http://{}", reference.api_host()))
    }

    /// A mirror of the registry that `reference` names, at a URL such as `https://mirror.example/hub`.
    ///
    /// # Errors
    /// [`Error::Url`] if `prefix` is no http or https URL, or has a query.
    pub fn mirror(reference: &Reference, prefix: &str) -> Result<Self, Error> {
        let refused = |why| Error::Url {
            url: url::redacted(prefix),
            why,
        };
        Origin::of(prefix).map_err(refused)?;
        if prefix.contains(['?', '#']) {
            return Err(refused("it has a query or a fragment"));
        }
        Ok(Self::at(reference, prefix.trim_end_matches('/').to_owned()))
    }

    /// The registry that `reference` names, behind a gateway at `gateway` (no slash at its end; empty
    /// for URLs relative to the page) that was given `secret` to check.
    pub fn gateway(reference: &Reference, gateway: &str, secret: impl Into<String>) -> Self {
        let prefix = format!("{gateway}/registry/{}", reference.api_host());
        Self {
            secret: Some(Secret(secret.into())),
            ..Self::at(reference, prefix)
        }
    }

    fn at(reference: &Reference, prefix: String) -> Self {
        Self {
            prefix,
            registry: reference.api_host().to_owned(),
            repository: reference.path().to_owned(),
            secret: None,
            credentials: None,
            realms: Vec::new(),
            token: None,
        }
    }

    /// The same, asking as somebody. A gateway asks as whom it likes, so behind one this changes nothing.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        if self.secret.is_none() {
            self.credentials = Some(credentials);
        }
        self
    }

    /// The same, allowing a further token realm to receive the credentials: a host, or a host and port.
    #[must_use]
    pub fn allow_realm(mut self, realm: impl Into<String>) -> Self {
        self.realms.push(realm.into().to_ascii_lowercase());
        self
    }

    /// The same, with a token that an exchange found, so that the next one need not ask for it.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// The same access for another repository of the same registry, without the token.
    #[must_use]
    pub fn for_repository(mut self, reference: &Reference) -> Self {
        reference.path().clone_into(&mut self.repository);
        self.token = None;
        self
    }

    /// The host that answers, for people to read: the registry's, or the mirror's.
    pub fn host(&self) -> String {
        match Origin::of(&self.prefix) {
            Ok(origin) if self.secret.is_none() => origin.authority(),
            _ => self.registry.clone(),
        }
    }

    /// The repository within the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Whether a gateway stands between.
    pub fn is_gateway(&self) -> bool {
        self.secret.is_some()
    }

    /// The URL of `target`.
    pub(crate) fn url(&self, target: &Target) -> String {
        let Self {
            prefix, repository, ..
        } = self;
        let path = match target {
            Target::Ping => return format!("{prefix}/v2/"),
            Target::Manifest(name) => {
                format!("manifests/{}", url::encoded(name).replace("%3A", ":"))
            }
            Target::Blob(digest) => format!("blobs/{digest}"),
            Target::Tags { query } => format!("tags/list{}", with_mark(query)),
            Target::Referrers { digest, query } => {
                format!("referrers/{digest}{}", with_mark(query))
            }
        };
        format!("{prefix}/v2/{repository}/{path}")
    }

    /// The origin that may see tokens and secrets; `None` for URLs relative to the page.
    pub(super) fn origin(&self) -> Option<Origin> {
        Origin::of(&self.prefix).ok()
    }

    /// The header field to send with every request to the prefix, if there is one.
    pub(super) fn secret(&self) -> Option<&str> {
        self.secret.as_ref().map(|Secret(secret)| secret.as_str())
    }

    pub(super) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// What to send before anything was refused.
    pub(super) fn token(&self) -> Option<Token> {
        match (&self.token, &self.credentials) {
            (Some(token), _) => Some(token.clone()),
            (None, Some(Credentials::Bearer(token))) => Token::bearer(token),
            _ => None,
        }
    }

    /// Whether a token realm may see the credentials.
    pub(super) fn trusts_realm(&self, realm: &Origin) -> bool {
        let Some(own) = self.origin() else {
            return false;
        };
        let foreign = |allowed: &String| *allowed == realm.host || *allowed == realm.authority();
        own.host == realm.host
            || self.realms.iter().any(foreign)
            || is_known_realm(&own.host, &realm.host)
    }
}

/// Whether the tokens of `registry` (the host that references name, or the one that is asked) come from
/// `realm`, another host that the same people run. Both in lower case and without a port.
pub fn is_known_realm(registry: &str, realm: &str) -> bool {
    REALMS.contains(&(registry, realm))
}

const REALMS: [(&str, &str); 6] = [
    ("docker.io", "auth.docker.io"),
    ("registry-1.docker.io", "auth.docker.io"),
    ("index.docker.io", "auth.docker.io"),
    ("registry.gitlab.com", "gitlab.com"),
    ("registry.digitalocean.com", "api.digitalocean.com"),
    ("docker.elastic.co", "docker-auth.elastic.co"),
];

fn with_mark(query: &str) -> String {
    if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    }
}

impl Target {
    /// The target as an error names it.
    pub(super) fn describe(&self, repository: &str) -> String {
        match self {
            Self::Ping => "the registry's API".to_owned(),
            Self::Manifest(name) => format!("manifest {name} of {repository}"),
            Self::Blob(digest) => format!("blob {digest} of {repository}"),
            Self::Tags { .. } => format!("tags of {repository}"),
            Self::Referrers { digest, .. } => format!("referrers of {digest} in {repository}"),
        }
    }

    /// The most bytes of a body that are of use to one who does not stream it.
    pub(super) fn limit(&self) -> u64 {
        match self {
            Self::Ping => limits::ERROR_BODY_BYTES,
            Self::Manifest(_) => limits::MANIFEST_BYTES,
            Self::Blob(_) => limits::CONFIG_BYTES,
            Self::Tags { .. } | Self::Referrers { .. } => limits::PAGE_BYTES,
        }
    }
}

impl Token {
    /// A bearer token, unless it cannot stand in a header.
    pub(super) fn bearer(token: &str) -> Option<Self> {
        let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(format!("Bearer {token}")))
    }

    /// A user and a password.
    pub(super) fn basic(user: &str, password: &str) -> Self {
        Self(format!(
            "Basic {}",
            STANDARD.encode(format!("{user}:{password}"))
        ))
    }

    /// The value of the `Authorization` header.
    pub(super) fn header(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic(…)",
            Self::IdentityToken(_) => "IdentityToken(…)",
            Self::Bearer(_) => "Bearer(…)",
        })
    }
}
