//! Sources of every kind, resolved by a driver that holds everything in memory.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "nothing outside uses a test, and a test may panic anywhere"
)]

mod both_descriptions;
mod docker_archives;
mod downloads;
mod exchanges;
mod fixtures;
mod lists;
mod oci_documents;
mod oci_images;
mod patience;
mod redirects;
mod registry_access;
mod registry_images;
mod registry_manners;
mod support;
mod wrapped_archives;
