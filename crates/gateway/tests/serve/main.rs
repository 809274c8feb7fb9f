//! The server as a browser and a registry see it: every test starts one, speaks to it over loopback,
//! and puts registries beside it that behave or do not.

// What clippy.toml lets tests do, it lets only functions do that are tests themselves.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod browser;
mod caller;
mod local;
mod page;
mod proxy;
mod refusals;
mod registry;
mod secure;
mod streams;
mod tokens;
