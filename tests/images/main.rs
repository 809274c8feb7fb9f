//! Images that other tools have made, or that tests have broken: what a runtime would see, what is wasted, and
//! what a flipped byte brings about.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod compared;
mod corruption;
// The images of the tests of `layerscope-tree`, which know nothing of that crate.
#[path = "../../crates/tree/tests/model/dice.rs"]
mod dice;
mod foreign;
mod listing;
mod machine;
#[path = "../../crates/tree/tests/image/member.rs"]
mod member;
mod odd;
mod partial;
mod random;
#[path = "../../crates/tree/tests/model/steps.rs"]
mod steps;
mod unpacked;
mod waste;
