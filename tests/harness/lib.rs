//! What the tests of the finished binary share.
//!
//! The nouns: the [`layerscope`] command under test and how a run of it [`Ended`]; a [`Directory`] that is gone
//! when the test is; an [`Image`] written by hand, the [`Archive`] that holds one, and a [`LazyLayer`]; a real [`Registry`] with
//! the [`Realm`] that issues its tokens; a scripted [`Server`] that may lie; and a [`Visitor`] who sends to a server
//! what no browser would. A [`tool`] that is not installed fails the test that needs it.
//!
//! The harness knows nothing of the crates of the workspace: what it checks with is written here a second time, or
//! belongs to another program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a harness ends a test by panicking, and says why"
)]

mod archive;
mod binary;
mod directory;
mod ended;
mod image;
#[path = "../../crates/layer/tests/layer/lazy.rs"]
mod lazy;
mod random;
mod realm;
mod registry;
mod server;
mod tool;
mod visitor;

pub use archive::{Archive, Member};
pub use binary::{fixture, fixtures, foreign_fixtures, layerscope, repository};
pub use directory::Directory;
pub use ended::{Ended, end, succeed};
pub use image::{Blob, Image, LayerTar, Packing, digest, gzip};
pub use lazy::{LazyEntry, LazyFormat, LazyLayer};
pub use random::Random;
pub use realm::Realm;
pub use registry::{Door, Registry};
pub use server::{Answer, Asked, Server};
pub use tool::{remark, skopeo, tool};
pub use visitor::{Got, Visitor};
