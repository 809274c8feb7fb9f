//! The documents of a container image, as values: what a registry or an archive says an image is.
//!
//! The nouns, and how they meet:
//!
//! * a [`Reference`] is what a person types: registry, repository, tag, digest;
//! * a [`Document`] is what answers: bytes that are either an image's [`Manifest`] or an [`Index`] of
//!   images for several [`Platform`]s, with the raw bytes kept beside what was read, because a
//!   [`Digest`] is over bytes;
//! * a [`Descriptor`] points from one document to the next blob: [`MediaType`], digest and size;
//! * an [`ImageConfig`] says how the image runs, what made each layer, and each layer's [`DiffId`].
//!
//! What this crate refuses to know: how bytes are fetched, decompressed or stored; what is inside a
//! layer; how anything looks on screen. It does no I/O and reads no clock, and no input makes it
//! panic. Every bound it applies is named in [`limits`].
//!
//! ```
//! use layerscope_oci::{Content, Document, Platform, Reference};
//!
//! let reference: Reference = "ubuntu:24.04".parse()?;
//! assert_eq!(reference.to_string(), "docker.io/library/ubuntu:24.04");
//! assert_eq!(reference.api_host(), "registry-1.docker.io");
//!
//! let body = br#"{
//!     "schemaVersion": 2,
//!     "mediaType": "application/vnd.oci.image.index.v1+json",
//!     "manifests": [{
//!         "mediaType": "application/vnd.oci.image.manifest.v1+json",
//!         "digest": "sha256:9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0",
//!         "size": 702,
//!         "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}
//!     }]
//! }"#;
//! let document = Document::parse(&body[..], None)?;
//! let Content::Index(index) = document.content() else { panic!("an index was written above") };
//! let wanted: Platform = "linux/arm64".parse()?;
//! assert_eq!(index.matches(&wanted), [0]);
//! # Ok::<(), layerscope_oci::Error>(())
//! ```

mod config;
mod descriptor;
mod digest;
mod document;
mod error;
mod fields;
mod index;
mod json;
pub mod limits;
mod manifest;
mod media_type;
mod platform;
mod reference;

pub use config::{ConfigProblem, Healthcheck, HistoryEntry, ImageConfig, RootFs, RuntimeConfig};
pub use descriptor::{Descriptor, InlineData};
pub use digest::{Algorithm, DiffId, Digest, Digester, chain_ids, hexadecimal};
pub use document::{Content, Document, MediaTypeConflict};
pub use error::Error;
pub use fields::FieldProblem;
pub use index::{Index, RefusedEntry};
pub use json::Json;
pub use manifest::{Artifact, Manifest};
pub use media_type::{Compression, MediaKind, MediaType};
pub use platform::{Platform, best_match};
pub use reference::Reference;
pub use serde_json::Value as JsonValue;
