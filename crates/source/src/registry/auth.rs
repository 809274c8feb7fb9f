//! Getting a token: which realm to ask, with which credentials, and what it answers
//! (distribution, `docs/content/spec/auth/token.md` and `oauth.md`).

use layerscope_oci::Json;

use super::access::{Access, Credentials, Token};
use super::challenge::Challenge;
use super::url::{Origin, encoded, redacted, resolve};
use crate::error::Error;
use crate::limits;
use crate::step::{Headers, Method, Request};

/// What to do about a 401.
pub(super) enum Way {
    /// Send this along.
    Authorize(Token),
    /// Ask a realm first.
    Ask(Box<TokenRequest>),
    /// Nothing helps: no challenge that is understood, or nothing to answer it with.
    None,
}

/// A question to a token realm.
#[derive(Clone, Debug)]
pub(super) struct TokenRequest {
    realm: String,
    method: Method,
    url: String,
    authorization: Option<Token>,
    body: Vec<u8>,
    /// The realm's host, when credentials were there and not sent.
    pub(super) withheld: Option<String>,
}

/// The way that the first usable challenge of a response offers.
pub(super) fn way(access: &Access, headers: &Headers) -> Result<Way, Error> {
    let mut refused = None;
    for challenge in Challenge::all(headers) {
        let way = match challenge.scheme.as_str() {
            "bearer" => TokenRequest::new(access, &challenge).map(|request| match request {
                Some(request) => Way::Ask(Box::new(request)),
                None => Way::None,
            }),
            "basic" => Ok(match access.credentials() {
                Some(Credentials::Basic { user, password }) => {
                    Way::Authorize(Token::basic(user, password))
                }
                _ => Way::None,
            }),
            _ => Ok(Way::None),
        };
        match way {
            Ok(Way::None) => {}
            Ok(way) => return Ok(way),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match refused {
        Some(error) => Err(error),
        None => Ok(Way::None),
    }
}

impl TokenRequest {
    /// The question that a Bearer challenge asks for; `None` if the challenge has no realm.
    fn new(access: &Access, challenge: &Challenge) -> Result<Option<Self>, Error> {
        let Some(realm) = challenge.get("realm").filter(|realm| !realm.is_empty()) else {
            return Ok(None);
        };
        let origin = allowed(access, realm)?;
        let mut fields: Vec<(&str, &str)> = Vec::new();
        if let Some(service) = challenge.get("service") {
            fields.push(("service", service));
        }
        let scope = format!("repository:{}:pull", access.repository());
        fields.push(("scope", &scope));

        let trusted = access.trusts_realm(&origin);
        let held = match access.credentials() {
            Some(Credentials::Bearer(_)) | None => None,
            Some(credentials) => Some(credentials),
        };
        let withheld = (held.is_some() && !trusted).then(|| origin.authority());
        Ok(Some(match held.filter(|_| trusted) {
            Some(Credentials::IdentityToken(token)) => {
                fields.push(("grant_type", "refresh_token"));
                fields.push(("client_id", "layerscope"));
                fields.push(("refresh_token", token));
                Self {
                    realm: realm.to_owned(),
                    method: Method::Post,
                    url: realm.to_owned(),
                    authorization: None,
                    body: form(&fields).into_bytes(),
                    withheld,
                }
            }
            basic => {
                let mark = if realm.contains('?') { '&' } else { '?' };
                let authorization = match basic {
                    Some(Credentials::Basic { user, password }) => {
                        Some(Token::basic(user, password))
                    }
                    _ => None,
                };
                Self {
                    realm: realm.to_owned(),
                    method: Method::Get,
                    url: format!("{realm}{mark}{}", form(&fields)),
                    authorization,
                    body: Vec::new(),
                    withheld,
                }
            }
        }))
    }

    /// The request to send.
    pub(super) fn request(&self) -> Request {
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        if let Some(token) = &self.authorization {
            headers.push(("authorization".to_owned(), token.header().to_owned()));
        }
        if self.method == Method::Post {
            let form = "application/x-www-form-urlencoded".to_owned();
            headers.push(("content-type".to_owned(), form));
        }
        Request {
            method: self.method,
            url: self.url.clone(),
            headers,
            body: self.body.clone(),
            limit: limits::TOKEN_BYTES,
        }
    }

    /// The same question at the place that the realm redirects to. It may hold credentials, so it never
    /// leaves the realm's origin, and a form is not sent twice.
    pub(super) fn redirected(&self, location: &str, redirects: u32) -> Result<Self, Error> {
        let refused = |why| Error::Redirect {
            from: self.realm(),
            to: redacted(location),
            why,
        };
        if redirects >= limits::REDIRECTS {
            return Err(refused("there were too many before it"));
        }
        let url = resolve(&self.url, location).map_err(refused)?;
        if self.method != Method::Get || Origin::of(&url).ok() != Origin::of(&self.url).ok() {
            return Err(refused(
                "a token realm must not send its visitors elsewhere",
            ));
        }
        Ok(Self {
            url,
            ..self.clone()
        })
    }

    /// The realm's URL, without what was added to it.
    pub(super) fn realm(&self) -> String {
        redacted(&self.realm)
    }

    /// The realm's host.
    pub(super) fn host(&self) -> String {
        Origin::of(&self.realm).map_or_else(|_| self.realm(), |origin| origin.authority())
    }

    /// The token in the body of a 200 answer.
    pub(super) fn token(&self, body: &[u8]) -> Result<Token, Error> {
        let nothing = |found: &str| Error::Token {
            realm: self.realm(),
            found: found.to_owned(),
        };
        if body.len() as u64 > limits::TOKEN_BYTES {
            return Err(Error::OverLimit {
                at: self.realm(),
                what: "token, bytes",
                limit: limits::TOKEN_BYTES,
                found: "more".to_owned(),
            });
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(nothing("an empty answer"));
        }
        let json = Json::parse(body).map_err(|_| nothing("something that is not JSON"))?;
        let text = ["token", "access_token"]
            .into_iter()
            .filter_map(|name| json.value().get(name)?.as_str())
            .find(|text| !text.is_empty())
            .ok_or_else(|| nothing("JSON without token or access_token"))?;
        Token::bearer(text).ok_or_else(|| nothing("a token that cannot stand in a header"))
    }
}

/// The origin of a realm, if it may be asked at all.
fn allowed(access: &Access, realm: &str) -> Result<Origin, Error> {
    let refused = |why| Error::Realm {
        realm: redacted(realm),
        why,
    };
    let own = access.origin();
    let Some(own) = own else {
        return Err(refused("a registry without a host of its own has no realm"));
    };
    let origin = Origin::of(realm).map_err(refused)?;
    if !origin.secure && own.secure && !own.is_loopback() {
        return Err(refused("it is http, and the registry is https"));
    }
    if origin.is_private() && !own.is_private() && origin.host != own.host {
        return Err(refused(
            "it is not on the public internet, and the registry is",
        ));
    }
    Ok(origin)
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}
