//! What an answer may cost. A path of a hundred thousand components takes a few bytes in a layer, and each of the
//! directories on it has a path of its own: all of them together are gigabytes.

/// The most bytes of paths in one listing. Four million files of a real image stay under it, and what holds a listing
/// stays well below half a gigabyte.
pub const LISTED_BYTES: usize = 256 << 20;

/// How many whiteouts and opaque directories are told one by one: more than anybody reads. All are counted.
pub const MARKERS: usize = 1000;

/// How many of a path's last bytes a search looks at: as many as a path can have on Linux (`PATH_MAX`).
pub const MATCHED_BYTES: usize = 4096;

/// Bytes of layers, as they are shipped, up to which an image in a registry is read at once although nobody asked for
/// its files: some seconds of an ordinary line, and no more than pages of newspapers take.
pub const IMAGE_AT_ONCE: u64 = 32 << 20;

/// Bytes of a layer that is read at once even if its image is larger. The questions for a table of contents take as long.
pub const LAYER_AT_ONCE: u64 = 1 << 20;

/// How many artifacts that are attached to an image are looked into. A signature, a list of software and a provenance for
/// each build that signed it again stay under it.
pub const ATTACHED: usize = 200;

/// Bytes of all that is attached to an image and kept to be read: a list of the software of a large image has ten million.
pub const ATTACHED_BYTES: usize = 64 << 20;

/// How many packages or materials of a statement are told one by one. All are counted.
pub const STATED_ITEMS: usize = 2_000;

/// How many directories a comparison names that differ in size. Who looks for what has grown looks at a few.
pub const NAMED_GROWTH: usize = 50;
