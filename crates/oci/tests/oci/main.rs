//! Tests over the public interface, one module for each noun.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and so may what it calls"
)]

mod configs;
mod descriptors;
mod digests;
mod documents;
mod hostile;
mod indexes;
mod json;
mod media_types;
mod oracle;
mod platforms;
mod references;
mod sample;
