//! Talking to registries (OCI distribution-spec) without sending a byte.
//!
//! [`Access`] says where a repository is and who asks. An [`Exchange`] gets one thing out of it:
//! requests to send come out, response heads go in, until a final body may be taken. [`BlobRequest`]
//! is the plan of a layer's [`Download`], to be handed to whoever streams it; [`Tags`] and
//! [`Referrers`] page through lists.
//!
//! # URLs
//! Every URL is a prefix, `/v2/`, and the path of distribution-spec, "Endpoints". The prefix is one of
//!
//! | access | prefix | sends |
//! |---|---|---|
//! | [`Access::direct`] | `https://<api host>` or `http://<api host>` | tokens, credentials |
//! | [`Access::mirror`] | whatever URL the mirror has | tokens, credentials if given |
//! | [`Access::gateway`] | `<gateway>/registry/<api host>` | the gateway's secret |
//!
//! so that `ubuntu:24.04` behind a gateway is
//! `<gateway>/registry/registry-1.docker.io/v2/library/ubuntu/manifests/24.04`. `<gateway>` may be
//! empty, which makes URLs relative to the page that the gateway serves. A gateway gets the secret in
//! the header [`SECRET_HEADER`], holds tokens and credentials itself, and follows redirects itself.
//!
//! # Rules
//! * `Authorization` goes to the prefix's own scheme, host and port, and once a redirect has left
//!   them, not even there again.
//! * Credentials go to a token realm only if it is the registry's own host, belongs to it
//!   ([`Access::allow_realm`] adds more), and is https; http is for registries that are http or loopback.
//! * At most [`limits::REDIRECTS`](crate::limits::REDIRECTS) redirects; none from https to http; none
//!   from a public registry to an address that is not on the public internet. A realm keeps the same rule.
//! * The scope of a token is `repository:<name>:pull` and never what a registry suggests.
//! * 408, 429, 500, 502, 503, 504, broken connections and silence are asked again, at most
//!   [`limits::ATTEMPTS`](crate::limits::ATTEMPTS) times in all, with the wait that `Retry-After` says or
//!   one that doubles. A [`Download`] goes on where the connection broke.

mod access;
mod answer;
mod auth;
mod blob;
mod call;
mod challenge;
mod download;
mod exchange;
mod failure;
mod origin;
mod pages;
mod part;
mod range;
mod redirect;
mod referrers;
mod retry;
mod tags;
mod turn;
mod url;

pub use access::{Access, Credentials, SECRET_HEADER, Target, Token, is_known_realm};
pub use blob::BlobRequest;
pub use download::Download;
pub use exchange::Exchange;
pub(crate) use origin::RegistryOrigin;
pub use part::{BlobPart, PartTurn};
pub use referrers::{ReferrerList, Referrers};
pub use tags::{TagList, Tags};
pub use turn::{ExchangeStep, Take};
pub(crate) use url::redacted;
