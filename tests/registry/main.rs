//! Registries: a real one behind each kind of door, and one that lies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod bodies;
mod credentials;
mod cuts;
mod honest;
mod known;
mod lazy;
mod lies;
mod middle;
mod pushed;
mod redirects;
mod referrers;
mod refusals;
mod secrets;
mod tags;
mod waits;
