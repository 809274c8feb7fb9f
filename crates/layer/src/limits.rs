//! How much a layer may cost.

/// Entries of one layer. The fullest layers in use have about a million; a tree with a node for each
/// of ten million would still fit a machine, and an archive of nothing but headers passes this after 5 GB.
pub const MAX_ENTRIES: u64 = 10_000_000;

/// Bytes of memory that the index of one layer may take.
///
/// Ten million plain entries need a gigabyte. A page has to keep its heap, with several layers and
/// their trees, below half of that, so there an index stops at 256 MiB: two and a half million entries.
pub const MAX_INDEX_BYTES: u64 = if cfg!(target_arch = "wasm32") {
    256 << 20
} else {
    1 << 30
};

/// Uncompressed bytes of one layer: 2^53 − 1, the largest size that a page can tell exactly.
///
/// Unpacking takes time and not memory, so there is no smaller bound by default; a driver that wants
/// one sets [`Limits::unpacked`].
pub const MAX_UNPACKED: u64 = (1 << 53) - 1;

/// Oddities of one kind that are kept. Beyond a few a person looks at the archive itself, and
/// [`OddityCounts`](crate::OddityCounts) says how many there were.
pub const MAX_ODDITIES_OF_A_KIND: u64 = 100;

/// Bytes of one oddity's arguments. The longest regular one is a media type, at most 255 bytes.
pub const MAX_DETAIL: usize = 512;

/// Bytes of a table of contents (`stargz.index.json`, or that of zstd:chunked), compressed or not: some 100 000 files.
/// Tools stop at 50 or 150 MiB; here it has to fit a page's heap beside what is made of it.
pub const MAX_TOC: u64 = 32 << 20;

/// Bytes of one chunk of a file in a lazily pulled layer. Nothing of it is shown before all of it was hashed, so that it
/// has to be held; tools make chunks of 4 MiB at most unless they are told otherwise.
pub const MAX_CHUNK: u64 = 128 << 20;

/// What one scan may cost. Passing a limit stops the part concerned, keeps what was read, and is
/// [`Error::Limit`](crate::Error::Limit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries; see [`MAX_ENTRIES`].
    pub entries: u64,
    /// Bytes of memory for the index; see [`MAX_INDEX_BYTES`]. No index can pass 4 GiB, whatever this says.
    pub index_bytes: u64,
    /// Uncompressed bytes; see [`MAX_UNPACKED`].
    pub unpacked: u64,
    /// What one entry of the archive may cost.
    pub tar: layerscope_tar::Limits,
    /// What decompression may cost.
    pub inflate: layerscope_inflate::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: MAX_ENTRIES,
            index_bytes: MAX_INDEX_BYTES,
            unpacked: MAX_UNPACKED,
            tar: layerscope_tar::Limits::default(),
            inflate: layerscope_inflate::Limits::default(),
        }
    }
}

/// Which of the [`Limits`] was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::entries`].
    Entries,
    /// [`Limits::index_bytes`].
    IndexBytes,
    /// [`Limits::unpacked`].
    Unpacked,
    /// What the machine gives.
    Memory,
}

impl LimitKind {
    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entries => "entries",
            Self::IndexBytes => "index bytes",
            Self::Unpacked => "uncompressed bytes",
            Self::Memory => "bytes of memory",
        }
    }
}

impl std::fmt::Display for LimitKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
