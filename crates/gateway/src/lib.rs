//! `layerscope serve`: the page, one SOURCE of this machine, and the registries that a page cannot
//! read by itself, on one loopback origin.
//!
//! A [`Config`] says what to serve and whom to ask; [`bind`] makes a [`Server`] of it, which knows its
//! URL before it [runs](Server::run). An [`AllowList`] holds the [`Host`]s that may be asked.
//!
//! # What is answered
//! | path | answer |
//! |---|---|
//! | `/`, `/assets/…` | the page, as it was built into the binary |
//! | `/source/info` | SOURCE as JSON: `name`, `kind` (`file`, `directory` or `reference`), `size` in bytes or null; 204 without a SOURCE |
//! | `/source/file` | the bytes of SOURCE; one absolute `Range` |
//! | `/source/layout/<path>` | a file of SOURCE, an OCI layout: `index.json`, `oci-layout`, `blobs/<algorithm>/<hex>` |
//! | `/registry/<host>/v2/…` | what the registry answers to the same path: `manifests`, `blobs`, `tags/list`, `referrers` |
//!
//! Everything but the page's own files needs the secret of this run, in the header [`SECRET_HEADER`].
//! Whatever else is asked for gets `{"error": {"name": …}}`, with the arguments of that name beside it,
//! and the same as distribution-spec's `errors`.
//!
//! # Rules
//! * Only pages of this server are answered: `Host`, `Origin` and `Sec-Fetch-Site` must say so.
//! * Only hosts of the allow-list are asked, each at addresses that were checked ([`special_use`])
//!   after the one look-up of its name; redirects and token realms go through the same checks.
//!   Loopback and private addresses are reached only where a person has granted the host.
//! * Credentials and tokens stay here. They go to the registry's own origin, or to a realm that
//!   belongs to it or that a person has listed, and never along with a redirect.
//! * Three header fields go to a registry (`Accept`, `Range`, `If-None-Match`), and what comes back is
//!   inert: no cookie, no `Location`, a type of a fixed set, a sandbox.
//! * Bytes pass as they come; nothing but small documents of the token flow is collected.
//!
//! What this crate refuses to know: what is in an image, how the page looks, where credentials are
//! stored. It prints nothing and keeps no log.
//!
//! ```no_run
//! use layerscope_gateway::{AllowList, Config, bind};
//!
//! let mut allowed = AllowList::well_known();
//! allowed.grant("localhost:5000".parse()?);
//! let mut config = Config::new("127.0.0.1:0".parse()?);
//! config.allowed = allowed;
//! let server = bind(config)?;
//! assert!(server.url().starts_with("http://127.0.0.1:"));
//! server.run(std::future::pending())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod addresses;
mod allow;
mod body;
mod config;
mod error;
mod forward;
mod guard;
mod host;
mod journey;
pub mod limits;
mod local;
mod memory;
mod names;
mod origin;
mod page;
mod percent;
mod policy;
mod proxy;
mod query;
mod range;
mod refusal;
mod route;
mod secret;
mod server;
mod upstream;
mod wanted;

pub use addresses::{SpecialUse, special_use};
pub use allow::AllowList;
pub use config::{Config, CredentialLookup};
pub use error::Error;
pub use guard::SECRET_HEADER;
pub use host::{Host, InvalidHost};
pub use layerscope_source::Credentials;
pub use local::{LocalKind, LocalSource};
pub use names::Names;
pub use page::page_is_built;
pub use server::{Server, bind};
