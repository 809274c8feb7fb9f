//! What is strange about a layer without making it unreadable.

use layerscope_inflate::Trailing;
use layerscope_tar as tar;

use crate::limits::{MAX_DETAIL, MAX_ODDITIES_OF_A_KIND};

/// Something that a person should know about a layer: parsers or runtimes disagree about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What.
    pub kind: OddityKind,
    /// Where, in bytes of the uncompressed layer; of the compressed blob for
    /// [`TrailingZeros`](OddityKind::TrailingZeros) and [`TrailingGarbage`](OddityKind::TrailingGarbage).
    pub offset: u64,
    /// Number of the entry it is about.
    pub entry: Option<u32>,
    /// The values that [`args`](Self::args) names, with a NUL between one and the next.
    pub detail: Vec<u8>,
}

impl Oddity {
    pub(crate) fn new(kind: OddityKind, offset: u64, entry: Option<u32>, detail: &[u8]) -> Self {
        Self {
            kind,
            offset,
            entry,
            detail: detail.iter().take(MAX_DETAIL).copied().collect(),
        }
    }

    /// Name and value of each argument that a sentence about this oddity needs.
    pub fn args(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let names = self.kind.arguments();
        let values = self.detail.splitn(names.len(), |byte| *byte == 0);
        names.iter().copied().zip(values)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $id:literal, $name:literal, [$($arg:literal),*];)*) => {
        /// The kinds of [`Oddity`]. Numbers and names are stable; gone ones are not used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum OddityKind { $($(#[$doc])* $kind = $id,)* }

        impl OddityKind {
            /// Every kind, by number.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// A stable kebab-case name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// Names of the arguments that an oddity of this kind carries.
            pub fn arguments(self) -> &'static [&'static str] {
                match self { $(Self::$kind => &[$($arg),*],)* }
            }

            /// The kind of this number.
            pub fn from_id(id: u8) -> Option<Self> {
                match id { $($id => Some(Self::$kind),)* _ => None }
            }
        }
    };
}

kinds! {
    /// An oddity of the tar parser that has no name here yet.
    Unnamed = 0, "unnamed", ["name"];
    /// The first bytes tell another compression than the media type. Runtimes go by the bytes.
    MediaTypeMismatch = 1, "media-type-mismatch", ["found", "stated"];
    /// A compression that runtimes do not read as a layer, such as xz.
    UncommonCompression = 2, "uncommon-compression", ["found"];
    /// Zero bytes follow the compressed data. Some runtimes refuse them.
    TrailingZeros = 3, "trailing-zeros", ["bytes"];
    /// Bytes that decompress to nothing follow the compressed data.
    TrailingGarbage = 4, "trailing-garbage", ["bytes"];
    /// An earlier entry has the same path, once both are cleaned; runtimes keep the last one (image-spec layer.md forbids this).
    DuplicatePath = 5, "duplicate-path", ["first"];
    /// An earlier entry's path differs in case only; they collide on filesystems that ignore case.
    CaseCollision = 6, "case-collision", ["first"];
    /// `..` tries to leave the root. containerd keeps the entry inside; Docker refuses the layer.
    EscapesRoot = 7, "escapes-root", [];
    /// A backslash or a drive letter, which Windows would take for something else.
    WindowsPath = 8, "windows-path", [];
    /// A path of more than 4095 bytes, or a component of more than 255, which Linux cannot create.
    LongPath = 9, "long-path", ["bytes"];
    /// A whiteout of the directory it is in, or of that one's parent. Runtimes refuse the layer.
    InvalidWhiteout = 10, "invalid-whiteout", [];
    /// A whiteout that is not an empty file.
    WhiteoutWithContent = 11, "whiteout-with-content", [];
    /// AUFS's own bookkeeping, which is not part of the image; see [`Whiteout::Aufs`](crate::Whiteout::Aufs).
    AufsMetadata = 12, "aufs-metadata", [];
    /// A character or block device.
    Device = 13, "device", ["major", "minor"];
    /// A file that runs with its owner's or group's rights, whoever starts it.
    SetId = 14, "set-id", ["mode"];
    /// A file that gives whoever starts it more capabilities (`security.capability`).
    Capability = 15, "capability", [];
    /// An earlier entry's path is another spelling of the same letters; they collide on filesystems that normalize
    /// names. Told for Latin, kana and Hangul letters.
    UnicodeCollision = 16, "unicode-collision", ["first"];
    /// An eStargz table of contents says something else than the archive.
    TocDisagrees = 17, "toc-disagrees", ["toc", "tar", "name"];
    /// An eStargz table of contents is too large to be compared ([`MAX_TOC`](crate::limits::MAX_TOC)), or is none.
    TocUnchecked = 18, "toc-unchecked", ["why"];

    /// See [`layerscope_tar::OddityKind::TwoPaths`].
    TwoPaths = 32, "two-paths", [];
    /// See [`layerscope_tar::OddityKind::TwoLinks`].
    TwoLinks = 33, "two-links", [];
    /// See [`layerscope_tar::OddityKind::RepeatedExtension`].
    RepeatedExtension = 34, "repeated-extension", ["flag"];
    /// See [`layerscope_tar::OddityKind::RepeatedRecord`].
    RepeatedRecord = 35, "repeated-record", ["key"];
    /// See [`layerscope_tar::OddityKind::PlusSign`].
    PlusSign = 36, "plus-sign", ["key"];
    /// See [`layerscope_tar::OddityKind::DanglingExtension`].
    DanglingExtension = 37, "dangling-extension", [];
    /// A global PAX header that states nothing that matters. Go applies it to nothing.
    GlobalHeader = 38, "global-header", [];
    /// A global PAX header with records that some parsers apply to every entry that follows, and Go to none.
    GlobalOverride = 39, "global-override", [];
    /// See [`layerscope_tar::OddityKind::SolarisHeader`].
    SolarisHeader = 40, "solaris-header", [];
    /// See [`layerscope_tar::OddityKind::TextAfterNul`].
    TextAfterNul = 41, "text-after-nul", [];
    /// See [`layerscope_tar::OddityKind::GnuPrefix`].
    GnuPrefix = 42, "gnu-prefix", [];
    /// See [`layerscope_tar::OddityKind::IgnoredSize`].
    IgnoredSize = 43, "ignored-size", ["stated"];
    /// See [`layerscope_tar::OddityKind::SizeConflict`].
    SizeConflict = 44, "size-conflict", ["header", "record"];
    /// See [`layerscope_tar::OddityKind::OutOfRange`].
    OutOfRange = 45, "out-of-range", ["field", "found"];
    /// See [`layerscope_tar::OddityKind::UnsupportedType`].
    UnsupportedType = 46, "unsupported-type", ["flag"];
    /// See [`layerscope_tar::OddityKind::IgnoredSparse`].
    IgnoredSparse = 47, "ignored-sparse", [];
    /// See [`layerscope_tar::OddityKind::SparseMismatch`].
    SparseMismatch = 48, "sparse-mismatch", ["mapped", "stored"];
    /// See [`layerscope_tar::OddityKind::LibarchiveXattr`].
    LibarchiveXattr = 49, "libarchive-xattr", [];
    /// See [`layerscope_tar::OddityKind::UndecodableXattr`].
    UndecodableXattr = 50, "undecodable-xattr", [];
    /// See [`layerscope_tar::OddityKind::HiddenEntries`].
    HiddenEntries = 51, "hidden-entries", [];
    /// See [`layerscope_tar::OddityKind::SecondArchive`].
    SecondArchive = 52, "second-archive", [];
    /// See [`layerscope_tar::OddityKind::TrailingData`].
    TrailingData = 53, "trailing-data", [];
    /// See [`layerscope_tar::OddityKind::AmbiguousField`].
    AmbiguousField = 54, "ambiguous-field", ["field"];
}

/// What the tar parser found, with the number of the entry that it tells next.
pub(crate) fn of_tar(found: tar::Oddity, next: u32) -> Oddity {
    use OddityKind as Here;
    use tar::OddityKind as There;
    let flag = |flag: u8| flag.escape_ascii().to_string();
    let (kind, detail) = match found.kind {
        There::TwoPaths => (Here::TwoPaths, String::new()),
        There::TwoLinks => (Here::TwoLinks, String::new()),
        There::RepeatedExtension { flag: it } => (Here::RepeatedExtension, flag(it)),
        There::RepeatedRecord { key } => (Here::RepeatedRecord, key.to_owned()),
        There::PlusSign { key } => (Here::PlusSign, key.to_owned()),
        There::DanglingExtension => (Here::DanglingExtension, String::new()),
        There::GlobalHeader { overrides: false } => (Here::GlobalHeader, String::new()),
        There::GlobalHeader { overrides: true } => (Here::GlobalOverride, String::new()),
        There::SolarisHeader => (Here::SolarisHeader, String::new()),
        There::TextAfterNul => (Here::TextAfterNul, String::new()),
        There::GnuPrefix => (Here::GnuPrefix, String::new()),
        There::AmbiguousField { field } => (Here::AmbiguousField, field.to_owned()),
        There::IgnoredSize { stated } => (Here::IgnoredSize, stated.to_string()),
        There::SizeConflict { header, record } => {
            (Here::SizeConflict, format!("{header}\0{record}"))
        }
        There::OutOfRange { field, found } => (Here::OutOfRange, format!("{field}\0{found}")),
        There::UnsupportedType { flag: it } => (Here::UnsupportedType, flag(it)),
        There::IgnoredSparse => (Here::IgnoredSparse, String::new()),
        There::SparseMismatch { mapped, stored } => {
            (Here::SparseMismatch, format!("{mapped}\0{stored}"))
        }
        There::LibarchiveXattr => (Here::LibarchiveXattr, String::new()),
        There::UndecodableXattr => (Here::UndecodableXattr, String::new()),
        There::HiddenEntries => (Here::HiddenEntries, String::new()),
        There::SecondArchive => (Here::SecondArchive, String::new()),
        There::TrailingData => (Here::TrailingData, String::new()),
        other => (Here::Unnamed, other.name().to_owned()),
    };
    let entry = found.kind.concerns_entry().then_some(next);
    Oddity::new(kind, found.offset, entry, detail.as_bytes())
}

/// What follows the compressed data, if anything does.
pub(crate) fn of_trailing(trailing: Trailing) -> Option<Oddity> {
    let (kind, offset, len) = match trailing {
        Trailing::None => return None,
        Trailing::Zeros { offset, len } => (OddityKind::TrailingZeros, offset, len),
        Trailing::Garbage { offset, len } => (OddityKind::TrailingGarbage, offset, len),
    };
    Some(Oddity::new(kind, offset, None, len.to_string().as_bytes()))
}

/// How often each kind of oddity was met, whether or not it was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OddityCounts(Vec<(OddityKind, u64)>);

impl OddityCounts {
    /// How often this kind was met.
    pub fn of(&self, kind: OddityKind) -> u64 {
        self.iter()
            .find_map(|(known, count)| (known == kind).then_some(count))
            .unwrap_or_default()
    }

    /// How many oddities were met.
    pub fn total(&self) -> u64 {
        self.iter()
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// Each kind that was met, by number, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (OddityKind, u64)> {
        self.0.iter().copied()
    }

    pub(crate) fn add(&mut self, kind: OddityKind, more: u64) -> u64 {
        let place = match self.0.binary_search_by_key(&kind, |(known, _)| *known) {
            Ok(place) => place,
            Err(place) => {
                self.0.insert(place, (kind, 0));
                place
            }
        };
        let Some((_, count)) = self.0.get_mut(place) else {
            return 0;
        };
        *count = count.saturating_add(more);
        *count
    }
}

/// The oddities of a scan: the first [`MAX_ODDITIES_OF_A_KIND`] of each kind, and all counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oddities {
    pub(crate) kept: Vec<Oddity>,
    pub(crate) counts: OddityCounts,
}

impl Oddities {
    pub(crate) fn push(&mut self, oddity: Oddity) {
        if self.counts.add(oddity.kind, 1) <= MAX_ODDITIES_OF_A_KIND {
            self.kept.push(oddity);
        }
    }
}
