//! Every bound that this crate applies to what it reads, each with its reason.
//!
//! Passing a bound is an [`Error`](crate::Error) that names the bound, never a silent truncation.

/// A manifest or index larger than this many bytes is unusual and worth a warning: registries must
/// accept manifests up to 4 MiB (distribution-spec, "Pushing Manifests"), and many refuse larger ones.
pub const MANIFEST_WARN_BYTES: u64 = 4 << 20;

/// A manifest or index larger than this many bytes is refused. It is twice what registries must
/// accept, and the parsed form of so many bytes still fits in a browser tab.
pub const MANIFEST_BYTES: u64 = 8 << 20;

/// An image config larger than this many bytes is refused. Clients stop at 4 MiB; long histories with
/// inlined heredocs are the reason to allow twice that.
pub const CONFIG_BYTES: u64 = 8 << 20;

/// How deep JSON values may nest. Image documents need about six; deeper input only serves to
/// exhaust a stack.
pub const JSON_DEPTH: usize = 64;

/// How many JSON values one document may hold. The largest allowed index (see [`DESCRIPTORS`]) with
/// platforms and annotations stays under it, while a document of two-byte values cannot make the
/// parsed form fifty times as large as its bytes.
pub const JSON_VALUES: usize = 1_000_000;

/// How many repeated JSON keys one document reports. A reader needs to know that there are some and
/// where the first ones stand.
pub const DUPLICATE_KEYS: usize = 100;

/// How many descriptors one index may list, and how many one image's whole graph of indexes may.
pub const DESCRIPTORS: usize = 10_000;

/// How many indexes may nest. The specification allows any depth; real images use at most two.
pub const INDEX_DEPTH: usize = 8;

/// How many layers one manifest may list. Runtimes stop working near 128 (overlay mounts), so a
/// thousand is generous.
pub const LAYERS: usize = 1_000;

/// How many history entries and diff ids one config may list: every layer plus many empty steps.
pub const HISTORY: usize = 10_000;

/// How many field problems one document reports before the rest is only counted as one more problem.
pub const PROBLEMS: usize = 1_000;

/// The largest size a descriptor may state, in bytes: 2^53 − 1, the largest integer that JSON tools
/// and browsers carry exactly.
pub const SIZE: u64 = (1 << 53) - 1;

/// The longest digest string, in bytes. sha512 needs 135; the rest leaves room for algorithms not
/// yet registered.
pub const DIGEST_BYTES: usize = 256;

/// The longest reference string, in bytes: the longest name, tag and digest, with room to spare.
pub const REFERENCE_BYTES: usize = 1_024;

/// The longest repository path of a reference, in bytes, without the registry (distribution's
/// `RepositoryNameTotalLengthMax`).
pub const REPOSITORY_BYTES: usize = 255;

/// The longest tag, in bytes (distribution-spec, "Pulling manifests").
pub const TAG_BYTES: usize = 128;

/// The longest platform specifier, in bytes. The longest real ones are under 60.
pub const PLATFORM_BYTES: usize = 256;

/// How many bytes of refused input an error repeats.
pub const QUOTED_BYTES: usize = 120;
