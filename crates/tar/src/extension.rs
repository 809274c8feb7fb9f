//! What extension headers say about the entry that follows them.

use crate::header::{Header, replace};
use crate::numeric::c_string;
use crate::pax::{Key, Records};
use crate::xattr::{Strange, collect};
use crate::{Entry, Error, Limits, OddityKind, Sink, Timestamp};

/// A header whose data describes another entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// PAX records for the next entry (`x`, or Solaris's `X`).
    Pax {
        /// It is Solaris's.
        solaris: bool,
    },
    /// PAX records for all that follow (`g`).
    Global,
    /// GNU's long name (`L`).
    LongName,
    /// GNU's long link target (`K`).
    LongLink,
}

impl Extension {
    /// The extension that a type flag stands for.
    pub(crate) fn of(flag: u8) -> Option<Self> {
        match flag {
            b'x' => Some(Self::Pax { solaris: false }),
            b'X' => Some(Self::Pax { solaris: true }),
            b'g' => Some(Self::Global),
            b'L' => Some(Self::LongName),
            b'K' => Some(Self::LongLink),
            _ => None,
        }
    }
}

/// The extension headers before the next entry.
#[derive(Debug)]
pub(crate) struct Extensions {
    limits: Limits,
    /// How many there were, and where the first begins.
    count: u64,
    first: u64,
    /// Bytes of data in them and in the sparse map of the entry.
    bytes: u64,
    /// Where the header begins whose data is being read, and that data so far.
    offset: u64,
    data: Vec<u8>,
    /// There was a PAX header; these are the records of the last one.
    pax: bool,
    records: Records,
    /// Empty where there is none; Go makes no difference.
    long_name: Vec<u8>,
    long_link: Vec<u8>,
}

impl Extensions {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            count: 0,
            first: 0,
            bytes: 0,
            offset: 0,
            data: Vec::new(),
            pax: false,
            records: Records::default(),
            long_name: Vec::new(),
            long_link: Vec::new(),
        }
    }

    /// The PAX records for the entry.
    pub(crate) fn records(&self) -> &Records {
        &self.records
    }

    /// Begins the header at `offset`, with `size` bytes of data.
    pub(crate) fn begin(&mut self, size: u64, offset: u64) -> Result<(), Error> {
        if self.count == 0 {
            self.first = offset;
        }
        self.count = self.count.saturating_add(1);
        if self.count > self.limits.extensions {
            let (allowed, found) = (self.limits.extensions, self.count);
            return Err(Error::Limit {
                offset,
                what: "extension headers",
                allowed,
                found,
            });
        }
        self.offset = offset;
        self.data.clear();
        self.charge(size, offset)
    }

    /// Counts bytes of metadata for the entry at or after `offset`.
    pub(crate) fn charge(&mut self, bytes: u64, offset: u64) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.limits.metadata {
            let (allowed, found) = (self.limits.metadata, self.bytes);
            return Err(Error::Limit {
                offset,
                what: "metadata bytes",
                allowed,
                found,
            });
        }
        Ok(())
    }

    /// Takes the next bytes of the data.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
    }

    /// The data is complete.
    pub(crate) fn complete(
        &mut self,
        extension: Extension,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let offset = self.offset;
        match extension {
            Extension::Pax { solaris } => {
                if solaris {
                    sink.oddity(OddityKind::SolarisHeader.at(offset));
                }
                if self.pax {
                    sink.oddity(OddityKind::RepeatedExtension { flag: b'x' }.at(offset));
                }
                self.pax = true;
                self.records.read(&mut self.data, offset)?;
            }
            Extension::Global => {
                self.records.read(&mut self.data, offset)?;
                if self.count > 1 {
                    sink.oddity(OddityKind::DanglingExtension.at(self.first));
                }
                let overrides = self.records.overrides();
                sink.oddity(OddityKind::GlobalHeader { overrides }.at(offset));
                // Go hands a global header out like an entry, and forgets what came before it.
                self.clear();
            }
            Extension::LongName => {
                long_text(&mut self.long_name, &self.data, b'L', offset, sink);
            }
            Extension::LongLink => {
                long_text(&mut self.long_link, &self.data, b'K', offset, sink);
            }
        }
        Ok(())
    }

    /// The archive is complete: whatever is left describes nothing.
    pub(crate) fn end(&self, sink: &mut dyn Sink) {
        if self.count > 0 {
            sink.oddity(OddityKind::DanglingExtension.at(self.first));
        }
    }

    /// The entry was told: forgets everything but the allocations.
    pub(crate) fn clear(&mut self) {
        self.bytes = 0;
        if self.count > 0 {
            self.count = 0;
            self.pax = false;
            self.records.clear();
            self.long_name.clear();
            self.long_link.clear();
        }
    }

    /// Puts what the extension headers say in place of what the entry's own header says.
    pub(crate) fn apply(
        &self,
        header: &mut Header,
        entry: &mut Entry,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        entry.xattrs.clear();
        entry.mtime = Timestamp {
            seconds: header.mtime,
            nanos: 0,
        };
        if self.count == 0 {
            return Ok(());
        }
        if self.pax {
            apply_records(&self.records, header, entry, sink)?;
        }
        // Whichever came first, GNU's names win over PAX's.
        let offset = entry.header_offset;
        if !self.long_name.is_empty() {
            replace(&mut entry.path, &self.long_name);
            if self.records.get(Key::Path).is_some() {
                sink.oddity(OddityKind::TwoPaths.at(offset));
            }
        }
        if !self.long_link.is_empty() {
            replace(&mut entry.link, &self.long_link);
            if self.records.get(Key::Linkpath).is_some() {
                sink.oddity(OddityKind::TwoLinks.at(offset));
            }
        }
        Ok(())
    }
}

/// Keeps a long name or link: a C string, however long its data is.
fn long_text(kept: &mut Vec<u8>, data: &[u8], flag: u8, offset: u64, sink: &mut dyn Sink) {
    if !kept.is_empty() {
        sink.oddity(OddityKind::RepeatedExtension { flag }.at(offset));
    }
    let text = c_string(data);
    if text.is_empty() {
        let field = if flag == b'L' { "name" } else { "linkname" };
        sink.oddity(OddityKind::AmbiguousField { field }.at(offset));
    }
    if data.iter().skip(text.len()).any(|&byte| byte != 0) {
        sink.oddity(OddityKind::TextAfterNul.at(offset));
    }
    replace(kept, text);
}

/// The largest size that a header's octal field can hold.
const MAX_OCTAL_SIZE: i64 = (1 << 33) - 1;

fn apply_records(
    records: &Records,
    header: &mut Header,
    entry: &mut Entry,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let offset = records.header_offset();
    let mut odd = |kind: OddityKind| sink.oddity(kind.at(offset));

    let texts = [
        (Key::Path, &mut entry.path),
        (Key::Linkpath, &mut entry.link),
        (Key::Uname, &mut entry.uname),
        (Key::Gname, &mut entry.gname),
    ];
    for (key, field) in texts {
        if let Some(text) = records.get(key) {
            replace(field, text);
        } else if matches!(key, Key::Path | Key::Linkpath) && records.is_empty(key) {
            let field = key.name();
            odd(OddityKind::AmbiguousField { field });
        }
    }
    if records.has_plus_length() {
        odd(OddityKind::PlusSign { key: "length" });
    }

    let stated = header.size;
    let numbers = [
        (Key::Size, &mut header.size),
        (Key::Uid, &mut header.uid),
        (Key::Gid, &mut header.gid),
    ];
    for (key, field) in numbers {
        if let Some(number) = records.number(key)? {
            *field = number;
            if records.get(key).is_some_and(|text| text.starts_with(b"+")) {
                odd(OddityKind::PlusSign { key: key.name() });
            }
        }
    }
    if header.size != stated && header.size <= MAX_OCTAL_SIZE {
        odd(OddityKind::SizeConflict {
            header: stated,
            record: header.size,
        });
    }

    if let Some(mtime) = records.time(Key::Mtime)? {
        entry.mtime = mtime;
    }
    // Nothing shows these two, but Go refuses an entry whose are no times.
    records.time(Key::Atime)?;
    records.time(Key::Ctime)?;

    let Strange {
        repeated,
        libarchive_only,
        undecodable,
    } = collect(records, &mut entry.xattrs);
    let repeated = repeated.then_some("SCHILY.xattr.");
    for key in records.repeated().map(Key::name).chain(repeated) {
        odd(OddityKind::RepeatedRecord { key });
    }
    if libarchive_only {
        odd(OddityKind::LibarchiveXattr);
    }
    if undecodable {
        odd(OddityKind::UndecodableXattr);
    }
    Ok(())
}
