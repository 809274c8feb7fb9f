//! A push parser for tar archives: bytes in, entries out.
//!
//! A [`Parser`] is pushed the bytes of an archive in pieces of any size. It tells a [`Sink`] each
//! [`Entry`], the stored content of the entry, and every [`Oddity`]: whatever makes parsers
//! disagree about the archive, or runtimes refuse it. [`Limits`] bound what one entry may cost, an
//! [`Error`] says why an archive cannot be read further, and a [`Summary`] how it ended.
//!
//! What is told is what Go's `archive/tar` reads, because container runtimes are written in Go: v7,
//! ustar, star, GNU (long names, base-256, sparse files) and PAX (with GNU's three sparse
//! versions). Beside the limits there are three differences, all deliberate: Solaris's `X` is read
//! like PAX's `x`; a global PAX header is an oddity and no entry; and extended attributes in
//! libarchive's form are decoded where no other form of them is there.
//!
//! What this crate refuses to know: where the bytes come from, what decompressed them, what a path
//! means (it cleans none), what a layer is, and which entry wins when two have one name. It does no
//! I/O, keeps no content, and panics on no input. How bytes are cut into pushes changes nothing
//! that is told.
//!
//! ```
//! use layerscope_tar::{Entry, Limits, Oddity, Parser, Sink};
//!
//! /// Keeps the names and counts the bytes.
//! #[derive(Default)]
//! struct Listing {
//!     names: Vec<Vec<u8>>,
//!     bytes: usize,
//! }
//!
//! impl Sink for Listing {
//!     fn entry(&mut self, entry: &Entry) {
//!         self.names.push(entry.path.clone());
//!     }
//!     fn data(&mut self, bytes: &[u8]) {
//!         self.bytes += bytes.len();
//!     }
//!     fn end_entry(&mut self) {}
//!     fn oddity(&mut self, oddity: Oddity) {
//!         panic!("{} at byte {}", oddity.kind.name(), oddity.offset);
//!     }
//! }
//!
//! # let mut writer = tar::Builder::new(Vec::new());
//! # let mut header = tar::Header::new_ustar();
//! # header.set_size(6);
//! # writer.append_data(&mut header, "etc/hostname", &b"apple\n"[..])?;
//! # let archive = writer.into_inner()?;
//! let mut parser = Parser::new(Limits::default());
//! let mut listing = Listing::default();
//! for piece in archive.chunks(100) {
//!     parser.push(piece, &mut listing)?;
//! }
//! let summary = parser.finish(&mut listing)?;
//! assert_eq!(summary.entries, 1);
//! assert_eq!(listing.names, [b"etc/hostname"]);
//! assert_eq!(listing.bytes, 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod error;
mod extension;
mod header;
mod limits;
mod numeric;
mod oddity;
mod parser;
mod pax;
mod sink;
mod sparse;
mod xattr;

pub use entry::{Entry, Kind, Segment, Timestamp};
pub use error::{Error, Part, PaxRule, SparseFault};
pub use limits::{Limits, MAX_EXTENSIONS, MAX_METADATA, MAX_SEGMENTS};
pub use oddity::{Oddity, OddityKind};
pub use parser::Parser;
pub use sink::{End, Sink, Summary};
