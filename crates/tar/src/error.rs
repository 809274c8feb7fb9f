//! Why an archive cannot be read further.

use std::fmt;

use crate::limits::MAX_EXCERPT;

/// Why parsing stopped. Every offset is in bytes from the start of the archive.
///
/// Go's `archive/tar` fails on all of these but [`Limit`](Self::Limit), which is stricter than Go's
/// own, and [`Skip`](Self::Skip).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The archive ends inside something whose length is known.
    #[error("the archive ends at byte {offset}, {missing} bytes before the end of {part}")]
    Truncated {
        /// Where the archive ends.
        offset: u64,
        /// What was cut.
        part: Part,
        /// How many bytes of it are missing.
        missing: u64,
    },
    /// A block that should be a header does not have a header's checksum (POSIX ustar, `chksum`).
    #[error(
        "no tar header at byte {offset}: its bytes sum to {expected}, its checksum field says {}",
        Stated(*found)
    )]
    Checksum {
        /// Where the block begins.
        offset: u64,
        /// The sum of its bytes.
        expected: u64,
        /// The sum it states; `None` if that is no octal number.
        found: Option<u64>,
    },
    /// A numeric field of a header is neither octal nor base-256, or passes 63 bits.
    #[error(
        "the {field} of the header at byte {offset} is not a number: \"{}\"",
        found.escape_ascii()
    )]
    Number {
        /// Where the header begins.
        offset: u64,
        /// The field.
        field: &'static str,
        /// Its bytes.
        found: Vec<u8>,
    },
    /// The size of something that has content is below zero.
    #[error("the header at byte {offset} states a size of {found} bytes")]
    NegativeSize {
        /// Where the header begins.
        offset: u64,
        /// The size stated.
        found: i64,
    },
    /// A PAX record breaks the rules of POSIX `pax`, or Go's.
    #[error(
        "bad PAX record at byte {offset}: expected {expected}, found \"{}\"",
        found.escape_ascii()
    )]
    Pax {
        /// Where the record begins, or its value, if only that is wrong.
        offset: u64,
        /// What should have been there.
        expected: PaxRule,
        /// The beginning of what is there.
        found: Vec<u8>,
    },
    /// The sparse map of a file cannot be right.
    #[error("bad sparse map of the entry at byte {offset}: {fault}")]
    Sparse {
        /// Where the entry's header begins.
        offset: u64,
        /// What is wrong.
        fault: SparseFault,
    },
    /// Something other than a second zero block follows a zero block.
    #[error("expected a second zero block at byte {offset}, found other bytes")]
    LoneZeroBlock {
        /// Where the second zero block should be.
        offset: u64,
    },
    /// One of the [`Limits`](crate::Limits) was passed.
    #[error(
        "too many {what} before the entry near byte {offset}: {found}, at most {allowed} are read"
    )]
    Limit {
        /// Where the header that passes the limit begins.
        offset: u64,
        /// What there is too much of.
        what: &'static str,
        /// How many are allowed.
        allowed: u64,
        /// How many there would be at least.
        found: u64,
    },
    /// The caller skipped bytes that the parser has to see.
    #[error("{found} bytes were skipped at byte {offset}, where only {allowed} may be")]
    Skip {
        /// Where the skip began.
        offset: u64,
        /// How many bytes could be skipped.
        allowed: u64,
        /// How many were.
        found: u64,
    },
}

impl Error {
    /// A stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "tar-truncated",
            Self::Checksum { .. } => "tar-checksum",
            Self::Number { .. } => "tar-number",
            Self::NegativeSize { .. } => "tar-negative-size",
            Self::Pax { .. } => "tar-pax",
            Self::Sparse { .. } => "tar-sparse",
            Self::LoneZeroBlock { .. } => "tar-lone-zero-block",
            Self::Limit { .. } => "tar-limit",
            Self::Skip { .. } => "tar-skip",
        }
    }

    /// Where, in bytes from the start of the archive.
    pub fn offset(&self) -> u64 {
        match self {
            Self::Truncated { offset, .. }
            | Self::Checksum { offset, .. }
            | Self::Number { offset, .. }
            | Self::NegativeSize { offset, .. }
            | Self::Pax { offset, .. }
            | Self::Sparse { offset, .. }
            | Self::LoneZeroBlock { offset }
            | Self::Limit { offset, .. }
            | Self::Skip { offset, .. } => *offset,
        }
    }
}

/// The beginning of what was found, short enough to be shown.
pub(crate) fn excerpt(found: &[u8]) -> Vec<u8> {
    found.iter().take(MAX_EXCERPT).copied().collect()
}

/// A checksum field as a person reads it.
struct Stated(Option<u64>);

impl fmt::Display for Stated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(sum) => sum.fmt(f),
            None => f.write_str("no number"),
        }
    }
}

/// A part of an archive that can be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A header block.
    Header,
    /// The data of a PAX header, a GNU long name or a GNU long link.
    Extension,
    /// A block of a sparse map.
    SparseMap,
    /// The stored content of an entry.
    Content,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "a header",
            Self::Extension => "an extension header's data",
            Self::SparseMap => "a sparse map's block",
            Self::Content => "an entry's content",
        })
    }
}

/// What a PAX record has to be: `<length> <key>=<value>\n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaxRule {
    /// A decimal length and a space, within what is left of the data.
    Length,
    /// A newline where the length says that the record ends.
    Newline,
    /// A key, not empty, and an equals sign.
    Key,
    /// No NUL in the key.
    KeyWithoutNul,
    /// No NUL in the value of a `path`, `linkpath`, `uname` or `gname`.
    ValueWithoutNul,
    /// A decimal number in the value of this key.
    Number(&'static str),
    /// Seconds with an optional fraction in the value of this key.
    Time(&'static str),
    /// `GNU.sparse.offset` and `GNU.sparse.numbytes` in turns, and no comma in either.
    SparsePairs,
}

impl fmt::Display for PaxRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("a length within the data and a space"),
            Self::Newline => f.write_str("a newline at the record's end"),
            Self::Key => f.write_str("a key and an equals sign"),
            Self::KeyWithoutNul => f.write_str("a key without NUL"),
            Self::ValueWithoutNul => f.write_str("a value without NUL"),
            Self::Number(key) => write!(f, "a decimal number for {key}"),
            Self::Time(key) => write!(f, "seconds for {key}"),
            Self::SparsePairs => f.write_str("GNU.sparse.offset and GNU.sparse.numbytes in turns"),
        }
    }
}

/// What is wrong with a sparse map.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SparseFault {
    /// An old GNU sparse type in a header that is not GNU's.
    NotGnu,
    /// A kind without content has a sparse map.
    NoContent,
    /// A number of the map is not decimal or octal, as its version wants.
    Number(Vec<u8>),
    /// The map states another number of runs than it has numbers for.
    Count {
        /// Runs stated.
        expected: i64,
        /// Numbers found; there should be two for each run.
        found: u64,
    },
    /// A run begins before the end of the one before it, has a negative number, or ends after the
    /// file.
    Bounds {
        /// Where the run begins in the file.
        offset: i64,
        /// Its length.
        len: i64,
        /// The file's size.
        size: i64,
    },
    /// A map in the content goes on to the content's end.
    Unfinished,
}

impl fmt::Display for SparseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGnu => f.write_str("expected a GNU header for type S"),
            Self::NoContent => f.write_str("expected a kind that has content"),
            Self::Number(found) => {
                write!(f, "expected a number, found \"{}\"", found.escape_ascii())
            }
            Self::Count { expected, found } => {
                write!(f, "expected {expected} runs, found {found} numbers")
            }
            Self::Bounds { offset, len, size } => {
                write!(
                    f,
                    "expected runs in order within {size} bytes, found {len} bytes at {offset}"
                )
            }
            Self::Unfinished => {
                f.write_str("expected it to end within whole blocks of the content")
            }
        }
    }
}
