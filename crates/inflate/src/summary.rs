//! What a finished stream turned out to be.

use crate::Compression;

/// What [`Decoder::finish`](crate::Decoder::finish) knows about a stream that decoded to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// How the stream was compressed.
    pub compression: Compression,
    /// Bytes pushed, with everything that trailed.
    pub compressed_bytes: u64,
    /// Bytes delivered.
    pub output_bytes: u64,
    /// gzip members, zstd frames (skippable ones not counted) or xz streams; 0 when plain.
    pub members: u64,
    /// Whether every byte of the output was compared with a checksum that the stream carries. gzip
    /// always has one; zstd and xz may leave it out; a plain stream has none.
    pub checksummed: bool,
    /// What followed the last member.
    pub trailing: Trailing,
}

/// Bytes after the end of the compressed data. They decode to nothing, and no decoder agrees with
/// the next about them, so they are told and not hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailing {
    /// The stream ends with its last member.
    None,
    /// Zero bytes only: padding, which most tools ignore.
    Zeros {
        /// Where they start in the compressed stream.
        offset: u64,
        /// How many there are.
        len: u64,
    },
    /// Anything else.
    Garbage {
        /// Where it starts in the compressed stream, any zeros in front of it included.
        offset: u64,
        /// How many bytes it is.
        len: u64,
    },
}

impl Trailing {
    /// Takes the next bytes that follow the compressed data; `offset` is where they are.
    pub(crate) fn extend(&mut self, at: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let more = bytes.len() as u64;
        let zeros = bytes.iter().all(|byte| *byte == 0);
        *self = match *self {
            Trailing::None if zeros => Trailing::Zeros {
                offset: at,
                len: more,
            },
            Trailing::None => Trailing::Garbage {
                offset: at,
                len: more,
            },
            Trailing::Zeros { offset, len } if zeros => Trailing::Zeros {
                offset,
                len: len + more,
            },
            Trailing::Zeros { offset, len } | Trailing::Garbage { offset, len } => {
                Trailing::Garbage {
                    offset,
                    len: len + more,
                }
            }
        };
    }
}
