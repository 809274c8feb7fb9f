//! Archives built block by block, and what is told of them.
//!
//! Every archive that a test reads is read in one piece, in small pieces, and with its contents
//! skipped; see `reading`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic; clippy sees that only in the test functions themselves"
)]

mod archive;
mod chunking;
mod differential;
mod ending;
mod hostile;
mod kinds;
mod limits;
mod names;
mod numbers;
mod reading;
mod skipping;
mod sparse;
mod truncation;
mod vectors;
mod xattrs;
