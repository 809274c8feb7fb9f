//! How much memory a stream may ask for.

/// The largest zstd window that is decoded, in bytes.
///
/// 128 MiB is what the `zstd` tool accepts without being told otherwise, and what its highest level
/// uses. A tab cannot spare that much, so the page stops at half of it.
pub const ZSTD_WINDOW_MAX: u64 = if cfg!(target_arch = "wasm32") {
    64 << 20
} else {
    128 << 20
};

/// The largest xz dictionary that is decoded, in bytes: what `xz -9` uses.
pub const XZ_DICTIONARY_MAX: u64 = 64 << 20;

/// The longest file name or comment in a gzip header, in bytes.
///
/// The format sets no end to them. They are skipped and never kept, so this bounds work, not memory;
/// the other variable field, "extra", cannot exceed 64 KiB either.
pub const GZIP_TEXT_MAX: u64 = 64 << 10;

/// How far apart restart points are in the output, in bytes.
///
/// A point in a gzip member holds a window of 32 KiB, so that this makes them 0.8 % of the output; and
/// what lies between two of them is unpacked in some hundredths of a second.
pub const RESTART_SPACING: u64 = 4 << 20;

/// How many restart points of one stream are kept.
///
/// Their windows take 32 MiB then, which a page can spare for its largest layers. Of a stream so long
/// (4 GiB of output) the distance may double, because opening a file still costs no more than a part in
/// five hundred of unpacking all.
pub const MAX_RESTART_POINTS: usize = 1024;

/// What a stream may ask for before it is refused with [`Error::TooLarge`](crate::Error::TooLarge).
///
/// How much a stream unpacks to is not limited here: the caller sees every run of output and can stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest zstd window in bytes, of which no more than 1 GiB counts; checked in the frame header,
    /// before anything is allocated.
    pub zstd_window: u64,
    /// Largest xz dictionary in bytes, of which no more than 1 GiB counts; checked in the block header,
    /// before anything is allocated.
    pub xz_dictionary: u64,
    /// Longest gzip file name or comment in bytes, without its terminating NUL.
    pub gzip_text: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            zstd_window: ZSTD_WINDOW_MAX,
            xz_dictionary: XZ_DICTIONARY_MAX,
            gzip_text: GZIP_TEXT_MAX,
        }
    }
}
