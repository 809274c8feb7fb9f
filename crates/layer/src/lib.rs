//! One layer of an image: its bytes verified, its entries known, its files at hand.
//!
//! The nouns, and how they meet:
//!
//! * a [`LayerScan`] is pushed the bytes of a blob; it hashes them, decompresses them, hashes what
//!   comes out, and reads the archive that it is; a [`BlobHalf`] and an [`ArchiveHalf`] are what it can be
//!   [split](LayerScan::split) into;
//! * a [`ScannedLayer`] is what it becomes: a [`LayerIndex`] of every [`Entry`], the digests and sizes
//!   [`Found`], each [`Oddity`] that a person should know of, and the [`Error`] that ended it early;
//! * [`ScannedLayer::verify`] compares that with what is [`Expected`], one [`Verdict`] for each stated value;
//! * [`components`] and [`whiteout`] say what the name of an entry means to a runtime;
//! * a [`TocReader`] gets the files of a lazily pulled layer from few of its bytes, and none of them is verified;
//! * an [`Extract`] takes the content of one file out of a blob.
//!
//! What this crate refuses to know: where the bytes come from, what other layers hold, what a merged
//! filesystem looks like, and how anything is shown. It does no I/O, reads no clock, starts no thread,
//! and no input makes it panic or take more memory than its [`Limits`] allow.
//!
//! ```
//! use layerscope_layer::{Demand, Expected, LayerScan, Limits, Verdict};
//!
//! // An archive without entries, which is not compressed: both digests are that of 1024 zeros.
//! let zeros = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
//! let expected = Expected {
//!     digest: Some(zeros.parse()?),
//!     size: Some(1024),
//!     diff_id: Some(zeros.parse()?),
//!     media_type: None,
//! };
//! let mut scan = LayerScan::new(expected.clone(), Limits::default());
//! for piece in [0; 1024].chunks(1000) {
//!     assert_eq!(scan.push(piece), Demand::More);
//! }
//! let layer = scan.finish();
//! assert!(layer.verify(&expected).is_verified());
//! assert!(layer.index.is_empty() && layer.failure.is_none());
//!
//! // The bytes of the layer are not those that somebody else states.
//! let other = Expected {
//!     digest: Some(layerscope_oci::Digest::of(layerscope_oci::Algorithm::Sha256, b"other")),
//!     ..Expected::default()
//! };
//! assert_eq!(layer.verify(&other).digest, Verdict::Mismatch);
//! # Ok::<(), layerscope_oci::Error>(())
//! ```

mod blob;
mod builder;
mod collision;
mod decompose;
mod entry;
mod error;
mod extract;
mod fingerprint;
mod index;
pub mod limits;
mod members;
mod oddity;
mod path;
mod scan;
mod scanned;
mod stored;
mod toc;
mod unpacked;
mod verify;
mod whiteout;
mod wire;

pub use blob::BlobHalf;
pub use entry::{Content, Entry, Kind, Segment, Timestamp};
pub use error::{Cause, Error};
pub use extract::Extract;
pub use index::LayerIndex;
pub use layerscope_inflate::{Compression, Middle, RESTART_SPACING, RestartPoint};
pub use limits::{LimitKind, Limits};
pub use oddity::{Oddity, OddityCounts, OddityKind};
pub use path::{Components, components};
pub use scan::{ArchiveHalf, Demand, LayerScan, Progress};
pub use scanned::{Found, ScannedLayer};
pub use toc::{ChunkCheck, Chunks, Table, TocFormat, TocReader, TocStep};
pub use verify::{Expected, Verdict, Verification};
pub use whiteout::{Whiteout, whiteout};
