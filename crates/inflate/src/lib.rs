//! Decompression by pushing: compressed bytes in, runs of plain bytes out.
//!
//! A [`Decoder`] takes the bytes of a layer blob or of a wrapped archive in pieces of any size and
//! calls back with what they unpack to. It tells [`Compression`] by magic ([`sniff`]) and never by
//! name or media type, reads all members of a stream, checks every checksum that the stream carries,
//! and ends with a [`Summary`] or an [`Error`] that says where. [`Limits`] bound the memory that a
//! stream may ask for. On the way a decoder can keep [`RestartPoint`]s, from which another goes on later
//! without what comes before.
//!
//! It refuses to know where bytes come from, what they mean, and how many of them are too many: it
//! does no I/O, knows no tar, and lets the caller stop it. It never panics, whatever it is fed.
//!
//! ```
//! use layerscope_inflate::{Compression, Decoder, Limits, Trailing};
//! use std::ops::ControlFlow;
//!
//! // "hi" in one stored gzip member, then padding that is not part of it.
//! let blob = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x02\0\xfd\xffhi\xac\x2a\x93\xd8\x02\0\0\0\0\0";
//! let mut text = Vec::new();
//! let mut out = |run: &[u8]| {
//!     text.extend_from_slice(run);
//!     ControlFlow::Continue(())
//! };
//! let mut decoder = Decoder::new(Limits::default());
//! for piece in blob.chunks(7) {
//!     let flow = decoder.push(piece, &mut out)?;
//!     assert!(flow.is_continue());
//! }
//! let summary = decoder.finish(&mut out)?;
//! assert_eq!(text, b"hi");
//! assert_eq!(summary.compression, Compression::Gzip);
//! assert_eq!(summary.trailing, Trailing::Zeros { offset: 25, len: 2 });
//! # Ok::<(), layerscope_inflate::Error>(())
//! ```

mod decoder;
mod error;
mod gather;
mod gzip;
mod limits;
mod restart;
mod sniff;
mod summary;
mod xz;
mod zstd;

pub use decoder::{Decoder, Output};
pub use error::Error;
pub use limits::{
    GZIP_TEXT_MAX, Limits, MAX_RESTART_POINTS, RESTART_SPACING, XZ_DICTIONARY_MAX, ZSTD_WINDOW_MAX,
};
pub use restart::{Middle, RestartPoint};
pub use sniff::{Compression, SNIFF_MAX, Sniff, sniff};
pub use summary::{Summary, Trailing};
