//! The targets, one file each.

pub mod archive;
pub mod chunking;
pub mod documents;
pub mod framing;
pub mod merge;
pub mod reference;
pub mod tar;
