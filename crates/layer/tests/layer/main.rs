//! What the crate promises, tried on archives that the tests write byte by byte.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod archive;
mod chunking;
mod extracting;
mod lazy;
mod limiting;
mod oddities;
mod paths;
mod previewing;
mod restarting;
mod scanning;
mod splitting;
mod storing;
mod verifying;
