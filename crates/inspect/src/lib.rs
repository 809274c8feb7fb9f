//! The facade: what clients of the core use.
//!
//! A [`session::Session`] is one inspection. Its driver (the command line, or a worker in a browser) answers its
//! questions about the source, reads the layers it names, and shows its [`view`]s, which are
//! plain data in the user's words.
//!
//! What this crate refuses to know: files, sockets, threads, clocks; and how anything looks on screen.

pub mod attributes;
pub mod capability;
pub mod compare;
pub mod content;
pub mod display;
pub mod dive;
pub mod elf;
pub mod encoding;
pub mod examine;
pub mod facet;
pub mod files;
pub mod gate;
pub mod history;
pub mod instruction;
pub mod kept;
pub mod limits;
pub mod scan;
pub mod search;
pub mod session;
pub mod severity;
pub mod verify;
pub mod view;

mod attached;
mod copies;
mod credit;
mod fault;
mod findings;
mod markers;
mod overview;
mod shares;
mod tables;
mod trees;
mod waste;
