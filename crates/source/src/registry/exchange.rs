//! One thing got out of a registry: every request and answer until its body may be taken.

use std::ops::Range;

use layerscope_oci::MediaType;

use super::access::{Access, Target, Token};
use super::answer::{Answer, foreign_encoding};
use super::auth::{self, TokenRequest, Way};
use super::failure::{self, Failed};
use super::range;
use super::redirect::Redirect;
use super::retry;
use super::turn::{ExchangeStep, Take};
use super::url::{self, Origin, redacted};
use crate::error::{Error, quoted};
use crate::limits;
use crate::step::{Headers, Method, Request};
use crate::words::Silence;

/// One GET until its final body may be taken: authorization, redirects and retries are inside.
///
/// The driver loops: [`poll`](Self::poll), send what it says, give the answer's status and header
/// fields to [`head`](Self::head), and do with the body what that says.
#[derive(Debug)]
pub struct Exchange {
    access: Access,
    target: Target,
    range: Option<Range<u64>>,
    /// The caller can do with the whole, too, so that the range may be given up.
    range_is_optional: bool,
    /// How many bytes the whole has, if that is known.
    size: Option<u64>,
    url: String,
    redirects: u32,
    /// A redirect has left the registry's origin, for good.
    left: bool,
    attempts: u32,
    token: Option<Token>,
    /// A token was asked for, or credentials were sent, in answer to a challenge.
    authorized: bool,
    withheld: Option<String>,
    phase: Phase,
    answer: Answer,
}

#[derive(Debug)]
enum Phase {
    /// The next poll sends this.
    Send(Purpose),
    /// The next poll waits, and then sends this.
    Wait(u64, Purpose),
    /// Sent; a head is awaited.
    Sent(Purpose),
    /// A head came, and a small body is awaited.
    Body(Purpose, u16),
    Ready,
    Failed(Error),
}

/// What a request is for.
#[derive(Clone, Debug)]
enum Purpose {
    /// The target itself.
    Target,
    /// Only to be told how to authorize: the target was refused without a challenge.
    Challenge,
    /// A token.
    Token(Box<TokenRequest>),
}

impl Exchange {
    /// An exchange that will get `target`, or `range` of its bytes.
    pub fn new(access: &Access, target: Target, range: Option<Range<u64>>) -> Self {
        Self {
            url: access.url(&target),
            token: access.token(),
            access: access.clone(),
            target,
            range,
            range_is_optional: false,
            size: None,
            redirects: 0,
            left: false,
            attempts: 0,
            authorized: false,
            withheld: None,
            phase: Phase::Send(Purpose::Target),
            answer: Answer::default(),
        }
    }

    /// The same for the rest of a blob of `size` bytes, which may come as the whole.
    pub(super) fn resuming(mut self, size: u64) -> Self {
        self.range_is_optional = true;
        self.size = Some(size);
        self
    }

    /// The same after a while.
    pub(super) fn waiting(mut self, seconds: u64) -> Self {
        self.phase = Phase::Wait(seconds, Purpose::Target);
        self
    }

    /// What to do next. Polling again without having done it says the same again.
    pub fn poll(&mut self) -> ExchangeStep {
        match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Send(purpose) | Phase::Sent(purpose) => {
                let request = self.request(&purpose);
                self.phase = Phase::Sent(purpose);
                ExchangeStep::Send(request)
            }
            Phase::Wait(seconds, purpose) => {
                self.phase = Phase::Send(purpose);
                ExchangeStep::Wait { seconds }
            }
            // The driver took no body, so there is none.
            Phase::Body(purpose, status) => {
                self.phase = Phase::Body(purpose, status);
                self.body(&[]);
                self.poll()
            }
            Phase::Ready => ExchangeStep::Ready,
            Phase::Failed(error) => {
                self.phase = Phase::Failed(error.clone());
                ExchangeStep::Failed(error)
            }
        }
    }

    /// Takes the status and the header fields of the answer to the request sent last.
    pub fn head(&mut self, status: u16, headers: &Headers) -> Take {
        let purpose = match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Sent(purpose) => purpose,
            other => {
                self.phase = other;
                return Take::Nothing;
            }
        };
        self.answer.note(headers);
        if retry::may_pass(status) && self.has_another_attempt() {
            self.phase = Phase::Wait(retry::wait(headers, self.attempts), purpose);
            return Take::Nothing;
        }
        let done = match &purpose {
            Purpose::Token(request) => self.token_head(request.as_ref(), status, headers),
            Purpose::Challenge if status == 401 => self.challenged(headers, &purpose),
            Purpose::Challenge => Ok(None),
            Purpose::Target => self.target_head(status, headers, &purpose),
        };
        match done {
            Ok(Some((phase, take))) => {
                self.phase = phase;
                take
            }
            Ok(None) => {
                self.phase = Phase::Body(purpose, status);
                Take::Small {
                    limit: limits::ERROR_BODY_BYTES,
                }
            }
            Err(error) => {
                self.phase = Phase::Failed(error);
                Take::Nothing
            }
        }
    }

    /// Takes the body that [`Take::Small`] asked for.
    pub fn body(&mut self, bytes: &[u8]) {
        match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Body(Purpose::Token(request), 200) => {
                self.phase = match request.token(bytes) {
                    Ok(token) => {
                        self.token = Some(token);
                        Phase::Send(Purpose::Target)
                    }
                    Err(error) => Phase::Failed(error),
                };
            }
            Phase::Body(purpose, status) => {
                self.phase = Phase::Failed(self.failure(&purpose, status, bytes));
            }
            other => self.phase = other,
        }
    }

    /// No answer came to the request sent last, or its small body broke off. What may pass is asked
    /// again after a while.
    pub fn lost(&mut self, silence: Silence, detail: &str) {
        let purpose = match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Sent(purpose) | Phase::Body(purpose, _) => purpose,
            other => {
                self.phase = other;
                return;
            }
        };
        self.phase = if silence.may_pass() && self.has_another_attempt() {
            Phase::Wait(retry::backoff(self.attempts), purpose)
        } else {
            Phase::Failed(self.unanswered(&purpose, silence, detail))
        };
    }

    /// The final body broke off once too often.
    pub(super) fn give_up(&mut self, silence: Silence, detail: &str) {
        self.phase = Phase::Failed(self.unanswered(&Purpose::Target, silence, detail));
    }

    /// Whether the final head has come.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready)
    }

    /// Where in the blob the final body begins: not always where the range asked for begins, because a
    /// registry may answer with the whole blob.
    pub fn body_offset(&self) -> u64 {
        self.answer.offset
    }

    /// What the final answer says its body is.
    pub fn media_type(&self) -> Option<&MediaType> {
        self.answer.media_type.as_ref()
    }

    /// The `Docker-Content-Digest` of the final answer. It is hearsay: hash the body.
    pub fn stated_digest(&self) -> Option<&str> {
        self.answer.digest.as_deref()
    }

    /// The texts of all `Warning` header fields, escaped and shortened (distribution-spec, "Warnings").
    pub fn warnings(&self) -> &[String] {
        &self.answer.warnings
    }

    /// What the registry says is left of a quota.
    pub fn quota(&self) -> Option<&str> {
        self.answer.quota.as_deref()
    }

    /// The token in use, for [`Access::with_token`].
    pub fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// The query of the next page, if the final answer has one that leads to the same registry.
    pub(super) fn next_page(&self) -> Result<Option<String>, Error> {
        let Some(link) = &self.answer.link else {
            return Ok(None);
        };
        let refused = |why| Error::Redirect {
            from: redacted(&self.url),
            to: redacted(link),
            why,
        };
        let url = url::resolve(&self.url, link).map_err(refused)?;
        // A gateway passes the registry's own URL on, and only the query of it is used.
        let elsewhere = Origin::of(&url).ok() != Origin::of(&self.url).ok();
        if elsewhere && !self.access.is_gateway() {
            return Err(refused("a further page is on the same host"));
        }
        Ok(url.split_once('?').map(|(_, query)| query.to_owned()))
    }

    /// The most bytes of the answer to what is being sent that are of use.
    pub(crate) fn limit(&self) -> u64 {
        match &self.phase {
            Phase::Sent(Purpose::Token(_)) => limits::TOKEN_BYTES,
            _ => self.most(),
        }
    }

    /// The most bytes of the target that are of use: of a part of it no more than the part.
    fn most(&self) -> u64 {
        match &self.range {
            Some(range) if !self.range_is_optional => range.end.saturating_sub(range.start),
            _ => self.target.limit(),
        }
    }

    /// Whether an index or a manifest is asked for.
    pub(super) fn is_manifest(&self) -> bool {
        matches!(self.target, Target::Manifest(_))
    }

    /// The thing asked for, for errors.
    pub(crate) fn subject(&self) -> String {
        self.target.describe(self.access.repository())
    }

    fn request(&self, purpose: &Purpose) -> Request {
        let url = match purpose {
            Purpose::Token(request) => return request.request(),
            Purpose::Challenge => self.access.url(&Target::Ping),
            Purpose::Target => self.url.clone(),
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        if matches!(purpose, Purpose::Target) {
            if matches!(self.target, Target::Manifest(_) | Target::Referrers { .. }) {
                add("accept", ACCEPT);
            }
            if let Some(range) = &self.range {
                add("range", &range::requested(range));
            }
        }
        if !self.left {
            if let Some(secret) = self.access.secret() {
                add(super::SECRET_HEADER, secret);
            }
            if let Some(token) = &self.token
                && matches!(purpose, Purpose::Target)
            {
                add("authorization", token.header());
            }
        }
        Request {
            method: Method::Get,
            url,
            headers,
            body: Vec::new(),
            limit: self.most(),
        }
    }

    fn has_another_attempt(&mut self) -> bool {
        self.attempts = self.attempts.saturating_add(1);
        self.attempts < limits::ATTEMPTS
    }

    fn unanswered(&self, purpose: &Purpose, silence: Silence, detail: &str) -> Error {
        Error::Unanswered {
            host: self.host(purpose),
            what: self.what(purpose),
            silence,
            detail: quoted(detail),
        }
    }

    /// Handles the head of an answer to the target's request. `Ok(None)`: the status is an error.
    fn target_head(&mut self, status: u16, headers: &Headers, purpose: &Purpose) -> Handled {
        match status {
            200 | 206 => self.accepted(status, headers).map(Some),
            301 | 302 | 303 | 307 | 308 => self.redirected(headers).map(Some),
            401 => self.challenged(headers, purpose),
            400 | 416 if self.range_is_optional && self.range.is_some() => {
                self.range = None;
                Ok(Some((Phase::Send(Purpose::Target), Take::Nothing)))
            }
            _ => Ok(None),
        }
    }

    fn accepted(&mut self, status: u16, headers: &Headers) -> Result<(Phase, Take), Error> {
        if let Some(encoding) = foreign_encoding(headers) {
            // A browser may have asked for it on its own; for a range it does not.
            if self.range.is_none() && !self.range_is_optional {
                self.range_is_optional = true;
                self.range = Some(0..u64::MAX);
                return Ok((Phase::Send(Purpose::Target), Take::Nothing));
            }
            return Err(Error::Encoding {
                at: self.subject(),
                found: quoted(encoding),
            });
        }
        self.answer.offset = match status {
            206 => range::begins(self.range.as_ref(), self.size, headers).map_err(
                |(expected, found)| Error::Range {
                    at: self.subject(),
                    expected,
                    found,
                },
            )?,
            _ => 0,
        };
        self.answer.accept(headers);
        Ok((Phase::Ready, Take::Stream))
    }

    fn redirected(&mut self, headers: &Headers) -> Result<(Phase, Take), Error> {
        let own = self.access.origin();
        let Redirect { url, origin } =
            Redirect::of(&self.url, headers, own.as_ref(), self.redirects)?;
        self.left |= origin != own;
        self.redirects = self.redirects.saturating_add(1);
        self.url = url;
        Ok((Phase::Send(Purpose::Target), Take::Nothing))
    }

    /// Handles a 401. `Ok(None)`: nothing more can be done about it.
    fn challenged(&mut self, headers: &Headers, purpose: &Purpose) -> Handled {
        if self.left || self.access.is_gateway() || self.authorized {
            return Ok(None);
        }
        match auth::way(&self.access, headers)? {
            Way::Authorize(token) => {
                self.authorized = true;
                self.token = Some(token);
                Ok(Some((Phase::Send(Purpose::Target), Take::Nothing)))
            }
            Way::Ask(request) => {
                self.authorized = true;
                self.withheld = request.withheld.clone();
                Ok(Some((Phase::Send(Purpose::Token(request)), Take::Nothing)))
            }
            // Some registries tell how to authorize only at the front door.
            Way::None
                if matches!(purpose, Purpose::Target)
                    && self.target != Target::Ping
                    && headers.get("www-authenticate").is_none() =>
            {
                Ok(Some((Phase::Send(Purpose::Challenge), Take::Nothing)))
            }
            Way::None => Ok(None),
        }
    }

    fn token_head(&mut self, request: &TokenRequest, status: u16, headers: &Headers) -> Handled {
        if status == 200 {
            let take = Take::Small {
                limit: limits::TOKEN_BYTES.saturating_add(1),
            };
            return Ok(Some((
                Phase::Body(Purpose::Token(Box::new(request.clone())), 200),
                take,
            )));
        }
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let next =
                request.redirected(headers.get("location").unwrap_or_default(), self.redirects)?;
            self.redirects = self.redirects.saturating_add(1);
            return Ok(Some((
                Phase::Send(Purpose::Token(Box::new(next))),
                Take::Nothing,
            )));
        }
        Ok(None)
    }

    fn host(&self, purpose: &Purpose) -> String {
        match purpose {
            Purpose::Token(request) => request.host(),
            Purpose::Challenge => self.access.host(),
            Purpose::Target if self.left => {
                Origin::of(&self.url).map_or_else(|_| redacted(&self.url), |to| to.authority())
            }
            Purpose::Target => self.access.host(),
        }
    }

    fn what(&self, purpose: &Purpose) -> String {
        match purpose {
            Purpose::Token(_) => format!("a token for {}", self.access.repository()),
            Purpose::Challenge | Purpose::Target => self.subject(),
        }
    }

    fn failure(&self, purpose: &Purpose, status: u16, body: &[u8]) -> Error {
        let failed = Failed {
            host: self.host(purpose),
            what: self.what(purpose),
            // Asked at the front door only because of the target's 401.
            status: match purpose {
                Purpose::Challenge => 401,
                _ => status,
            },
            attempts: self.attempts,
            quota: self.answer.quota.clone(),
            withheld: self.withheld.clone(),
            repository: self.access.repository(),
            is_target: matches!(purpose, Purpose::Target),
        };
        match failure::refused(body) {
            Some((name, advice)) if self.access.is_gateway() => Error::Gateway {
                host: failed.host,
                name,
                status,
                advice,
            },
            _ => failed.error(body),
        }
    }
}

/// The next phase and what to do with the body; `None` when the status is an error.
type Handled = Result<Option<(Phase, Take)>, Error>;

/// Every kind of index and manifest that is understood. Schema 1 is left out, so that registries do
/// not convert to it.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.oci.artifact.manifest.v1+json";
