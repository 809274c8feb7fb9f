//! What an answer may cost. A path of a hundred thousand components takes a few bytes in a layer, and each of the
//! directories on it has a path of its own: all of them together are gigabytes.

/// The most bytes of paths in one listing. Four million files of a real image stay under it, and what holds a listing
/// stays well below half a gigabyte.
pub const LISTED_BYTES: usize = 256 << 20;

/// How many of a path's last bytes a search looks at: as many as a path can have on Linux (`PATH_MAX`).
pub const MATCHED_BYTES: usize = 4096;
