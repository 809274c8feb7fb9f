//! What can go wrong while decompressing.

/// Why a stream could not be decompressed, and where.
///
/// Every `offset` counts bytes of the *compressed* stream from its start, over all members and
/// frames. The output that was decoded before the error has already been delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input ended in the middle of something.
    #[error("the compressed data ends at offset {offset}, inside {within}")]
    Truncated {
        /// How long the input was.
        offset: u64,
        /// The part that is incomplete, such as `gzip trailer`.
        within: &'static str,
    },
    /// The bytes contradict the format, or a checksum or size contradicts the content.
    #[error("corrupt {what} at offset {offset}: expected {expected}, found {found}")]
    Corrupt {
        /// Where the part at fault starts.
        offset: u64,
        /// The part at fault, such as `gzip crc32`.
        what: &'static str,
        /// What would have been right.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The bytes may be fine, but this crate does not read them.
    #[error("unsupported {what} at offset {offset}: {found}")]
    Unsupported {
        /// Where the part starts.
        offset: u64,
        /// The kind of thing, such as `compression` or `zstd dictionary`.
        what: &'static str,
        /// Which one was found.
        found: String,
    },
    /// Decoding would need more than a [`Limits`](crate::Limits) field allows.
    #[error("{what} at offset {offset} is {found} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Where the part that asks for too much starts.
        offset: u64,
        /// What is too large, such as `zstd window`.
        what: &'static str,
        /// The limit in bytes.
        limit: u64,
        /// What the input asks for, in bytes.
        found: u64,
    },
    /// There is not as much memory as the stream asks for, although the limits allow it.
    #[error("no memory for the {needed} bytes that are asked for at offset {offset}")]
    OutOfMemory {
        /// Where decoding could not go on.
        offset: u64,
        /// How much is needed, in bytes.
        needed: u64,
    },
    /// The decoder was used after its callback stopped it, or after `finish`.
    #[error("the decoder had already ended")]
    Ended,
}

impl Error {
    /// A stable name that scripts and message catalogues can rely on.
    pub fn name(&self) -> &'static str {
        match self {
            Error::Truncated { .. } => "inflate-truncated",
            Error::Corrupt { .. } => "inflate-corrupt",
            Error::Unsupported { .. } => "inflate-unsupported",
            Error::TooLarge { .. } => "inflate-too-large",
            Error::OutOfMemory { .. } => "inflate-out-of-memory",
            Error::Ended => "inflate-ended",
        }
    }

    /// Where in the compressed stream, in bytes from its start; `None` for [`Error::Ended`].
    pub fn offset(&self) -> Option<u64> {
        match self {
            Error::Truncated { offset, .. }
            | Error::Corrupt { offset, .. }
            | Error::Unsupported { offset, .. }
            | Error::TooLarge { offset, .. }
            | Error::OutOfMemory { offset, .. } => Some(*offset),
            Error::Ended => None,
        }
    }

    pub(crate) fn corrupt(
        offset: u64,
        what: &'static str,
        expected: impl ToString,
        found: impl ToString,
    ) -> Self {
        Error::Corrupt {
            offset,
            what,
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    pub(crate) fn unsupported(offset: u64, what: &'static str, found: impl ToString) -> Self {
        Error::Unsupported {
            offset,
            what,
            found: found.to_string(),
        }
    }
}

/// Bytes as an error shows them.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
