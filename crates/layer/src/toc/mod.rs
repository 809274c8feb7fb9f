//! Tables of contents: what lazily pulled layers say of themselves, so that few of their bytes tell all their files.
//!
//! The nouns: a [`Row`](row::Row) of the table's JSON; the [`Place`](place::Place) where the table is in the blob,
//! which annotations or the blob's footer state; a [`TocReader`], which asks for those bytes and turns them into a
//! layer of which nothing is verified; the [`Table`] of that layer's chunks, by which contents are found and checked;
//! and the table [of a scanned layer](compare::Toc), which is compared with the archive.
//!
//! Two formats are read: eStargz (`docs/estargz.md` of stargz-snapshotter) and zstd:chunked, of both generations
//! (`pkg/chunked` of containers/storage; there is no specification).

mod compare;
mod list;
mod place;
mod reader;
mod row;
mod table;
mod time;

pub(crate) use compare::Toc;
pub use reader::{TocReader, TocStep};
pub(crate) use table::Gate;
pub use table::{ChunkCheck, Chunks, Table, TocFormat};

/// The member that holds the table of an eStargz layer: at the root of the archive, or alone in a second archive behind
/// its end, where tools put it that leave the first one as it was.
const NAME: &str = "stargz.index.json";
