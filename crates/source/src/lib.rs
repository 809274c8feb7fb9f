//! Where images come from: registries, archives and layouts, without doing any input or output.
//!
//! [`Resolve`] finds out what a source holds. It asks ([`Ask`]), a driver does what is asked and
//! [replies](Reply), in any order, until there is a [`Resolved`]: the images, each with its documents
//! kept raw beside parsed, and a [`BlobPlan`] for every layer that says where its bytes are. A driver
//! that streams a layer from a registry gets at its body through an [`Exchange`]. An archive that is
//! compressed as a whole goes through a [`WrappedScan`] once.
//!
//! What this crate refuses to know: sockets, files and clocks; what is inside a layer; which image a
//! person wants to look at, beyond what [`Select`] says.
//!
//! ```
//! use layerscope_source::{Ask, Error, Reply, Resolve, Select, Step};
//!
//! // A file that is no archive, read from memory.
//! let file = b"<!doctype html><title>404</title>";
//! let mut resolve = Resolve::archive(file.len() as u64, Select::default());
//! let error = loop {
//!     match resolve.poll() {
//!         Step::Ask(asks) => {
//!             for (id, ask) in asks {
//!                 let Ask::Read { offset, len } = ask else { unreachable!() };
//!                 let (start, end) = (offset as usize, (offset + len) as usize);
//!                 resolve.provide(id, Reply::Bytes(file[start..end.min(file.len())].to_vec()));
//!             }
//!         }
//!         Step::Failed(error) => break error,
//!         Step::Done(_) | Step::Waiting => unreachable!(),
//!     }
//! };
//! assert!(matches!(error, Error::NotAnArchive { found } if found == "an HTML page"));
//! ```

mod archive;
mod draft;
mod error;
mod image;
mod layer;
mod layout;
pub mod limits;
mod node;
mod oddity;
mod origin;
mod part;
mod reader;
pub mod registry;
mod resolve;
mod roots;
mod select;
mod step;
mod walk;
mod words;
mod wrapped;

pub use error::Error;
pub use image::{Artifact, Blob, Image, ImageState, Resolved, SourceKind};
pub use layer::{BlobPlan, Layer};
pub use oddity::{Oddity, OddityKind};
pub use reader::{ReadId, ReadStep, Reader};
pub use registry::{
    Access, BlobRequest, Credentials, Download, Exchange, ExchangeStep, ReferrerList, Referrers,
    TagList, Tags, Take, Target, Token,
};
pub use resolve::{ImageChoice, PlatformChoice, Resolve, Select};
pub use step::{Ask, AskId, Headers, Method, Reply, Request, Response, Step};
pub use words::{Silence, Told};
pub use wrapped::{MemberExtract, WrappedArchive, WrappedScan};
