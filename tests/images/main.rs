//! Images that other tools have made, or that tests have broken: what a runtime would see, what is wasted, and
//! what a flipped byte brings about.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod corruption;
mod foreign;
mod listing;
mod machine;
mod odd;
mod partial;
mod unpacked;
mod waste;
