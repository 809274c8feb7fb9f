//! Takes what the tar parser tells, and keeps it.

use layerscope_tar as tar;
use layerscope_tar::Kind;

use crate::builder::Builder;
use crate::fingerprint::Fingerprinter;
use crate::oddity::{self, Oddities, Oddity, OddityKind};
use crate::toc::Toc;
use crate::{Error, Limits, Whiteout, components, whiteout};

/// The longest path that Linux takes (`PATH_MAX`, without the NUL).
const PATH_BYTES: usize = 4095;

/// The longest component that Linux filesystems take (`NAME_MAX`).
const NAME_BYTES: usize = 255;

/// The members of the archive: index, oddities, and why it ended early.
pub(crate) struct Members {
    pub(crate) builder: Builder,
    pub(crate) oddities: Oddities,
    /// A limit that was passed. Nothing that comes later is taken.
    pub(crate) failure: Option<Error>,
    fingerprinter: Option<Fingerprinter>,
    /// Whether the entry being told has content.
    in_content: bool,
    /// The table of contents that came last.
    pub(crate) toc: Option<Toc>,
    /// Whether the entry being told is that table.
    in_toc: bool,
    /// An archive behind the end of this one, of which is yet to be told what it is.
    pub(crate) second: Option<tar::Oddity>,
}

/// Whether contents are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    Hashed,
    PassedOver,
}

impl Members {
    pub(crate) fn new(limits: &Limits, contents: Contents) -> Self {
        Self {
            builder: Builder::new(limits),
            oddities: Oddities::default(),
            failure: None,
            fingerprinter: (contents == Contents::Hashed).then(Fingerprinter::default),
            in_content: false,
            toc: None,
            in_toc: false,
            second: None,
        }
    }

    /// Keeps an oddity of the entry that was added last.
    fn note(&mut self, kind: OddityKind, entry: &tar::Entry, detail: &[u8]) {
        let number = self.builder.entries().saturating_sub(1);
        self.oddities
            .push(Oddity::new(kind, entry.header_offset, Some(number), detail));
    }

    /// What its name says against an entry.
    fn judge_path(&mut self, entry: &tar::Entry) {
        let mut names = components(&entry.path);
        if names.escapes() {
            self.note(OddityKind::EscapesRoot, entry, &[]);
        }
        let Some(first) = names.next() else {
            return;
        };
        let (mut last, mut longest, mut bytes) = (first, first.len(), first.len());
        for name in names {
            last = name;
            longest = longest.max(name.len());
            bytes = bytes.saturating_add(1).saturating_add(name.len());
        }
        if longest > NAME_BYTES || bytes > PATH_BYTES {
            let found = if longest > NAME_BYTES { longest } else { bytes };
            self.note(OddityKind::LongPath, entry, found.to_string().as_bytes());
        }
        let drive = matches!(first, [letter, b':'] if letter.is_ascii_alphabetic());
        if drive || entry.path.contains(&b'\\') {
            self.note(OddityKind::WindowsPath, entry, &[]);
        }
        match (whiteout(first), whiteout(last)) {
            (Whiteout::Aufs, _) | (_, Whiteout::Aufs) => {
                self.note(OddityKind::AufsMetadata, entry, &[]);
            }
            (_, Whiteout::Invalid) => self.note(OddityKind::InvalidWhiteout, entry, &[]),
            (_, Whiteout::Of(_) | Whiteout::Opaque) => {
                if entry.kind != Kind::File || entry.size > 0 {
                    self.note(OddityKind::WhiteoutWithContent, entry, &[]);
                }
            }
            (_, Whiteout::None) => {}
        }
    }

    /// What the entry would bring into a container that a person should know of.
    fn judge_rights(&mut self, entry: &tar::Entry) {
        if let Some((major, minor)) = entry.device {
            let detail = format!("{major}\0{minor}");
            self.note(OddityKind::Device, entry, detail.as_bytes());
        }
        if entry.kind == Kind::File && entry.mode & 0o6000 != 0 {
            let mode = format!("{:04o}", entry.mode & 0o7777);
            self.note(OddityKind::SetId, entry, mode.as_bytes());
        }
        if entry
            .xattrs
            .iter()
            .any(|(name, _)| name == b"security.capability")
        {
            self.note(OddityKind::Capability, entry, &[]);
        }
    }
}

impl tar::Sink for Members {
    fn entry(&mut self, entry: &tar::Entry) {
        if self.failure.is_some() {
            return;
        }
        if let Err((limit, allowed)) = self.builder.push(entry) {
            self.failure = Some(Error::Limit {
                limit,
                allowed,
                unpacked: entry.header_offset,
                entries: u64::from(self.builder.entries()),
            });
            return;
        }
        self.judge_path(entry);
        self.judge_rights(entry);
        self.in_content = entry.kind.has_content();
        let toc = Toc::of(entry);
        self.in_toc = toc.is_some();
        self.toc = toc.or(self.toc.take());
        if let Some(fingerprinter) = &mut self.fingerprinter {
            fingerprinter.begin(entry.stored);
        }
    }

    fn data(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        if let Some(fingerprinter) = &mut self.fingerprinter {
            fingerprinter.data(bytes);
        }
        if let (Some(toc), true) = (&mut self.toc, self.in_toc) {
            toc.data(bytes);
        }
    }

    fn end_entry(&mut self) {
        if self.failure.is_none()
            && self.in_content
            && let Some(fingerprinter) = &mut self.fingerprinter
        {
            let fingerprint = fingerprinter.end(self.builder.last_sparse());
            self.builder.fingerprint(fingerprint);
        }
    }

    fn oddity(&mut self, found: tar::Oddity) {
        if found.kind == tar::OddityKind::SecondArchive {
            self.second = Some(found);
        } else if self.failure.is_none() {
            let next = self.builder.entries();
            self.oddities.push(oddity::of_tar(found, next));
        }
    }
}
