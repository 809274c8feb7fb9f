//! Every bound that this crate applies, each with its reason.
//!
//! What a single document may hold is bounded by [`layerscope_oci::limits`]. Passing a bound is an
//! [`Error`](crate::Error) that names it, never a silent truncation.

use layerscope_oci::limits as oci;

/// The most bytes of an index or a manifest.
pub const MANIFEST_BYTES: u64 = oci::MANIFEST_BYTES;

/// The most bytes of an image config.
pub const CONFIG_BYTES: u64 = oci::CONFIG_BYTES;

/// The most bytes of an archive's or a layout's own JSON file (`index.json`, `manifest.json`,
/// `oci-layout`). A `docker save` of a thousand images stays under it.
pub const TOP_FILE_BYTES: u64 = 8 << 20;

/// The most bytes of all documents of one source together. They are kept raw beside parsed, and a
/// browser tab holds both.
pub const DOCUMENTS_BYTES: u64 = 128 << 20;

/// The most descriptors in all indexes of one source together, so that indexes which list each other
/// many times over cannot multiply.
pub const DESCRIPTORS: usize = oci::DESCRIPTORS;

/// How deep indexes may nest.
pub const INDEX_DEPTH: usize = oci::INDEX_DEPTH;

/// How many asks may be unanswered at once. Browsers hold back more than six requests to one host.
pub const ASKS: usize = 6;

/// How many members an archive may have. A `docker save` of a hundred images has about ten thousand,
/// and each member known costs some two hundred bytes.
pub const MEMBERS: usize = 250_000;

/// How many symbolic links may lie between a name in `manifest.json` and a layer. `docker save`
/// writes one; more than a few is a loop or a game.
pub const LINK_HOPS: usize = 16;

/// The least and the most bytes that one look at an archive's headers reads. Small members are often
/// many, so a look grows while it finds headers only and shrinks after a jump over contents.
pub const HEADER_WINDOW: (u64, u64) = (64 << 10, 1 << 20);

/// The most bytes of small members (JSON, version files) kept of a wrapped archive, which cannot be
/// read again at a place.
pub const KEPT_BYTES: u64 = 64 << 20;

/// A member of a wrapped archive of at most so many bytes is kept and not looked at: it is a config or
/// a version file, or a layer so small that it can be scanned at any time.
pub const SMALL_MEMBER: u64 = 64 << 10;

/// The most bytes of a token realm's answer. Tokens that list many scopes reach 100 KiB.
pub const TOKEN_BYTES: u64 = 1 << 20;

/// How many bytes of the body of an HTTP error are read.
pub const ERROR_BODY_BYTES: u64 = 64 << 10;

/// How many bytes of somebody else's words an error repeats.
pub const QUOTED_BYTES: usize = 1 << 10;

/// How many names an error lists. Who has more to choose from asks for the list.
pub const LISTED: usize = 20;

/// How many redirects one exchange follows. Registries need one, some storages two.
pub const REDIRECTS: u32 = 5;

/// How many times a request is sent in all when the answer is 408, 429, 500, 502, 503 or 504, or when
/// none came; and how many connections in a row may bring no byte of a blob. Other clients try three
/// to six times.
pub const ATTEMPTS: u32 = 5;

/// The longest wait between two attempts, in seconds. A registry may ask for more, and is asked again
/// after this.
pub const WAIT_SECONDS: u64 = 60;

/// How many connections one blob may take that each bring something. Ten gigabytes over a line that
/// breaks every ten megabytes take as many; a byte at a time is no way to get a layer.
pub const CONNECTIONS: u32 = 1_000;

/// How long a body may bring nothing before its connection is given up, in seconds. A driver has the
/// clock; a slow body may go on for ever.
pub const IDLE_SECONDS: u64 = 30;

/// The most bytes of one page of tags or referrers.
pub const PAGE_BYTES: u64 = oci::MANIFEST_BYTES;

/// How many tags are asked for at a time; some registries refuse more.
pub const TAGS_A_PAGE: u32 = 1_000;

/// How many pages of tags or referrers are read.
pub const PAGES: usize = 1_000;

/// How many tags are kept.
pub const TAGS: usize = 200_000;
