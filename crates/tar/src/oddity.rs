//! What is strange about an archive without being wrong for Go.

/// Something that a person should know: parsers disagree about it, or a runtime ignores or refuses
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// Where, in bytes from the start of the archive: the header block concerned, unless the kind
    /// says otherwise.
    pub offset: u64,
    /// What.
    pub kind: OddityKind,
}

/// The kinds of [`Oddity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OddityKind {
    /// A PAX `path` and a GNU long name describe the same entry. Go takes the GNU name; GNU tar and
    /// libarchive may not.
    TwoPaths,
    /// A PAX `linkpath` and a GNU long link describe the same entry. Go takes the GNU one.
    TwoLinks,
    /// A second extension header of this type before one entry. Go takes the last one whole; Python
    /// takes the first.
    RepeatedExtension {
        /// Its type flag.
        flag: u8,
    },
    /// One PAX header states this key twice. Go takes the last value; some parsers take the first.
    RepeatedRecord {
        /// The key, or the prefix of an extended attribute's key.
        key: &'static str,
    },
    /// A PAX number begins with a plus sign. Go reads it; strict parsers refuse it.
    PlusSign {
        /// The record's key; `length` for the length of a record itself.
        key: &'static str,
    },
    /// Extension headers that no entry follows, or that a global header cuts off from theirs. Go
    /// drops them. The offset is the first one's.
    DanglingExtension,
    /// A global PAX header. Go applies it to nothing.
    GlobalHeader {
        /// Whether it states anything that a parser which applies it would show differently.
        overrides: bool,
    },
    /// A Solaris extended header (`X`), read like PAX's `x`. Go does not know it, and container
    /// runtimes refuse the archive.
    SolarisHeader,
    /// Bytes after the first NUL of a GNU long name or link. Go cuts at the NUL; some parsers do
    /// not.
    TextAfterNul,
    /// The prefix field of a GNU header holds a name, as Go's writer had it before 1.8. Go prepends
    /// it; others do not.
    GnuPrefix,
    /// A field is written so that other parsers read another value, or none, where Go reads one: a
    /// size behind a NUL (libarchive and Python read zero and look for the next header in the
    /// content) or all blanks, an empty name (some take it for the entry's, some pass over the
    /// entry), a file's name that ends in a slash (a directory for GNU tar and libarchive), device
    /// numbers in a header that has none.
    AmbiguousField {
        /// The header field or PAX key.
        field: &'static str,
    },
    /// A kind without content states a size. Go ignores it; a parser that obeys it loses the
    /// entries that follow.
    IgnoredSize {
        /// The size stated.
        stated: i64,
    },
    /// The PAX size differs from the header's, though the header's field could hold it. Go obeys
    /// PAX.
    SizeConflict {
        /// The size in the header.
        header: i64,
        /// The size in the PAX record.
        record: i64,
    },
    /// A number does not fit what it counts; see [`Entry`](crate::Entry) for what becomes of it.
    OutOfRange {
        /// The header field or PAX key.
        field: &'static str,
        /// The number stated.
        found: i64,
    },
    /// A type that container runtimes refuse.
    UnsupportedType {
        /// The type flag.
        flag: u8,
    },
    /// PAX records of a sparse file that are incomplete or of an unknown version. Go reads the file
    /// as it is stored.
    IgnoredSparse,
    /// A sparse map speaks of more or fewer bytes than are stored. Go lists the entry, and fails
    /// when its content is read.
    SparseMismatch {
        /// Bytes that the map speaks of.
        mapped: u64,
        /// Bytes that are stored.
        stored: u64,
    },
    /// An extended attribute is stated in libarchive's form only, which container runtimes ignore.
    LibarchiveXattr,
    /// An extended attribute in libarchive's form cannot be decoded, and is left out.
    UndecodableXattr,
    /// A header follows a lone zero block. Go fails there, and other parsers stop or read on. The
    /// offset is the header's: a parser that starts there reads the hidden entries.
    HiddenEntries,
    /// A header follows the end-of-archive marker. Go does not look there. The offset is the
    /// header's.
    SecondArchive,
    /// Bytes other than zero, but no header, follow the end-of-archive marker. The offset is that
    /// of the first one.
    TrailingData,
}

impl OddityKind {
    /// The oddity of this kind at `offset`.
    pub(crate) fn at(self, offset: u64) -> Oddity {
        Oddity { offset, kind: self }
    }

    /// A stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TwoPaths => "two-paths",
            Self::TwoLinks => "two-links",
            Self::RepeatedExtension { .. } => "repeated-extension",
            Self::RepeatedRecord { .. } => "repeated-record",
            Self::PlusSign { .. } => "plus-sign",
            Self::DanglingExtension => "dangling-extension",
            Self::GlobalHeader { .. } => "global-header",
            Self::SolarisHeader => "solaris-header",
            Self::TextAfterNul => "text-after-nul",
            Self::GnuPrefix => "gnu-prefix",
            Self::AmbiguousField { .. } => "ambiguous-field",
            Self::IgnoredSize { .. } => "ignored-size",
            Self::SizeConflict { .. } => "size-conflict",
            Self::OutOfRange { .. } => "out-of-range",
            Self::UnsupportedType { .. } => "unsupported-type",
            Self::IgnoredSparse => "ignored-sparse",
            Self::SparseMismatch { .. } => "sparse-mismatch",
            Self::LibarchiveXattr => "libarchive-xattr",
            Self::UndecodableXattr => "undecodable-xattr",
            Self::HiddenEntries => "hidden-entries",
            Self::SecondArchive => "second-archive",
            Self::TrailingData => "trailing-data",
        }
    }

    /// Whether this is about the entry that is told next, and not about the archive.
    pub fn concerns_entry(&self) -> bool {
        !matches!(
            self,
            Self::DanglingExtension
                | Self::GlobalHeader { .. }
                | Self::HiddenEntries
                | Self::SecondArchive
                | Self::TrailingData
        )
    }
}
