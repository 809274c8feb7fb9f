//! Why a layer could not be read, or not to its end.

use std::borrow::Cow;
use std::fmt;

use crate::LimitKind;

/// What went wrong with a layer, how far it had been read, and what was expected there.
///
/// As [`ScannedLayer::failure`](crate::ScannedLayer) it is part of the byte form, so it holds values
/// and no other crate's error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The blob cannot be decompressed any further. Its distribution digest is known all the same.
    #[error("{cause}; {unpacked} bytes and {entries} entries were read before")]
    Decompress {
        /// What the decoder says; its offset counts compressed bytes.
        cause: Cause,
        /// Uncompressed bytes before it.
        unpacked: u64,
        /// Entries before it; the content of the last one may be incomplete.
        entries: u64,
    },
    /// The archive cannot be read any further. Both digests are known all the same.
    #[error("{cause}; {entries} entries were read before")]
    Archive {
        /// What the parser says; its offset counts uncompressed bytes.
        cause: Cause,
        /// Entries before it; the content of the last one may be incomplete.
        entries: u64,
    },
    /// The media type says that the layer is encrypted, so that only its distribution digest can be checked.
    #[error("the layer is encrypted ({media_type})")]
    Encrypted {
        /// The media type.
        media_type: String,
    },
    /// The blob has more bytes than its descriptor states. Reading ended there.
    #[error("the blob is longer than the {expected} bytes stated; {entries} entries were read")]
    TooLong {
        /// The size stated, in bytes.
        expected: u64,
        /// Entries within the stated size.
        entries: u64,
    },
    /// One of the [`Limits`](crate::Limits) was passed.
    #[error(
        "stopped at entry {entries}, byte {unpacked}, not verified: more than {allowed} {limit}"
    )]
    Limit {
        /// Which one.
        limit: LimitKind,
        /// Its value.
        allowed: u64,
        /// Where, in uncompressed bytes.
        unpacked: u64,
        /// Entries kept.
        entries: u64,
    },
    /// The driver ended the scan before the end of the blob.
    #[error("{why}; {read} bytes and {entries} entries were read before")]
    Aborted {
        /// Why, in the driver's words.
        why: String,
        /// Compressed bytes read.
        read: u64,
        /// Entries read.
        entries: u64,
    },
    /// The content of a file ended before it was complete, or its sparse map cannot be right.
    #[error("{delivered} of {expected} bytes of the file could be read: {cause}")]
    Content {
        /// Bytes asked for.
        expected: u64,
        /// Bytes delivered.
        delivered: u64,
        /// Why no more.
        cause: Cause,
    },
    /// The layer's table of contents is not what is stated, or cannot be right. The layer can be read as any other.
    #[error("the table of contents is of no use: {cause}")]
    Toc {
        /// What is wrong with it; its offset counts bytes of the table where it is of any meaning.
        cause: Cause,
    },
    /// Bytes that should be a scanned layer in its byte form are not.
    #[error("byte {offset} of a stored layer: expected {expected}, found {found}")]
    Stored {
        /// Where, in the byte form.
        offset: u64,
        /// What should have been there.
        expected: Cow<'static, str>,
        /// What is there.
        found: Cow<'static, str>,
    },
}

impl Error {
    /// A table of contents that is of no use.
    pub(crate) fn toc(name: &'static str, expected: &str, found: String) -> Self {
        Self::Toc {
            cause: Cause {
                name: name.into(),
                offset: 0,
                text: format!("expected {expected}, found {found}"),
                expected: Some(expected.to_owned()),
                found: Some(found),
            },
        }
    }

    /// A stable name: that of the cause when there is one.
    pub fn name(&self) -> &str {
        match self {
            Self::Decompress { cause, .. }
            | Self::Archive { cause, .. }
            | Self::Content { cause, .. }
            | Self::Toc { cause } => &cause.name,
            Self::Encrypted { .. } => "layer-encrypted",
            Self::TooLong { .. } => "layer-too-long",
            Self::Limit { .. } => "layer-limit",
            Self::Aborted { .. } => "layer-aborted",
            Self::Stored { .. } => "layer-stored",
        }
    }

    /// Where, in bytes: of the blob for [`Decompress`](Self::Decompress), [`TooLong`](Self::TooLong) and
    /// [`Aborted`](Self::Aborted), of the byte form for [`Stored`](Self::Stored), of what the cause speaks of for
    /// [`Content`](Self::Content), else of the uncompressed layer.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Decompress { cause, .. }
            | Self::Archive { cause, .. }
            | Self::Content { cause, .. }
            | Self::Toc { cause } => Some(cause.offset),
            Self::Encrypted { .. } => None,
            Self::TooLong { expected, .. } => Some(*expected),
            Self::Limit { unpacked, .. } => Some(*unpacked),
            Self::Aborted { read, .. } => Some(*read),
            Self::Stored { offset, .. } => Some(*offset),
        }
    }

    /// What should have been there, if it can be said.
    pub fn expected(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Decompress { cause, .. }
            | Self::Archive { cause, .. }
            | Self::Content { cause, .. }
            | Self::Toc { cause } => cause.expected.as_deref().map(Cow::from),
            Self::Encrypted { .. } | Self::Aborted { .. } => None,
            Self::TooLong { expected, .. } => Some(format!("{expected} bytes").into()),
            Self::Limit { limit, allowed, .. } => Some(format!("at most {allowed} {limit}").into()),
            Self::Stored { expected, .. } => Some(Cow::from(&**expected)),
        }
    }

    /// What was there, if it can be said.
    pub fn found(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Decompress { cause, .. }
            | Self::Archive { cause, .. }
            | Self::Content { cause, .. }
            | Self::Toc { cause } => cause.found.as_deref().map(Cow::from),
            Self::Encrypted { media_type } => Some(Cow::from(media_type.as_str())),
            Self::TooLong { .. } | Self::Limit { .. } => Some(Cow::from("more")),
            Self::Aborted { .. } => None,
            Self::Stored { found, .. } => Some(Cow::from(&**found)),
        }
    }
}

/// An error of the decoder or of the tar parser, as values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Its stable name, such as `inflate-truncated` or `tar-checksum`.
    pub name: Cow<'static, str>,
    /// Where, in bytes of what was being read.
    pub offset: u64,
    /// What should have been there, if it can be said.
    pub expected: Option<String>,
    /// What was there, if it can be said.
    pub found: Option<String>,
    /// One English sentence with all of it.
    pub text: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<layerscope_inflate::Error> for Cause {
    fn from(error: layerscope_inflate::Error) -> Self {
        use layerscope_inflate::Error as E;
        let (expected, found) = match &error {
            E::Truncated { within, .. } => (Some(format!("the rest of {within}")), None),
            E::Corrupt {
                expected, found, ..
            } => (Some(expected.clone()), Some(found.clone())),
            E::Unsupported { found, .. } => (None, Some(found.clone())),
            E::TooLarge { limit, found, .. } => {
                (Some(format!("at most {limit}")), Some(found.to_string()))
            }
            _ => (None, None),
        };
        Self {
            name: error.name().into(),
            offset: error.offset().unwrap_or_default(),
            expected,
            found,
            text: error.to_string(),
        }
    }
}

impl From<layerscope_tar::Error> for Cause {
    fn from(error: layerscope_tar::Error) -> Self {
        use layerscope_tar::Error as E;
        let (expected, found) = match &error {
            E::Truncated { part, missing, .. } => {
                (Some(format!("{missing} more bytes of {part}")), None)
            }
            E::Checksum {
                expected, found, ..
            } => (
                Some(expected.to_string()),
                found.map(|found| found.to_string()),
            ),
            E::Number { field, found, .. } => (
                Some(format!("a number for {field}")),
                Some(found.escape_ascii().to_string()),
            ),
            E::NegativeSize { found, .. } => {
                (Some("a size from 0".to_owned()), Some(found.to_string()))
            }
            E::Pax {
                expected, found, ..
            } => (
                Some(expected.to_string()),
                Some(found.escape_ascii().to_string()),
            ),
            E::Sparse { fault, .. } => (None, Some(fault.to_string())),
            E::LoneZeroBlock { .. } => (Some("a second zero block".to_owned()), None),
            E::Limit { allowed, found, .. } | E::Skip { allowed, found, .. } => {
                (Some(format!("at most {allowed}")), Some(found.to_string()))
            }
            _ => (None, None),
        };
        Self {
            name: error.name().into(),
            offset: error.offset(),
            expected,
            found,
            text: error.to_string(),
        }
    }
}
