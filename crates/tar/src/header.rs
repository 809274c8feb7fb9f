//! A header block's fields, read into values.

use crate::numeric::{c_string, numeric, octal};
use crate::{Entry, Error, Kind, OddityKind, Sink};

/// The unit in which tar writes everything.
pub(crate) const BLOCK: usize = 512;

/// One such unit.
pub(crate) type Block = [u8; BLOCK];

/// The numbers of a header block, as Go reads them: 64 bits, with sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// The type flag.
    pub(crate) flag: u8,
    pub(crate) mode: i64,
    pub(crate) uid: i64,
    pub(crate) gid: i64,
    pub(crate) size: i64,
    /// Seconds from 1970.
    pub(crate) mtime: i64,
    /// Major and minor number; zero in a v7 header.
    pub(crate) device: (i64, i64),
    /// A GNU header's prefix field was taken for a part of the name.
    pub(crate) gnu_prefix: bool,
    /// A field that other parsers read otherwise.
    pub(crate) ambiguous: Option<&'static str>,
}

impl Header {
    /// Reads the block at `offset`. Its strings go into `entry`, which keeps their allocations.
    pub(crate) fn read(block: &Block, offset: u64, entry: &mut Entry) -> Result<Self, Error> {
        check_sum(block, offset)?;
        let number = |field: &'static str, bytes: &[u8]| {
            numeric(bytes).ok_or_else(|| Error::Number {
                offset,
                field,
                found: bytes.to_vec(),
            })
        };

        let relaxed;
        let mut raw = tar::Header::from_byte_slice(block);
        if raw.as_ustar().is_none() && raw.as_old().pad.starts_with(b"ustar\0") {
            // The typed view insists on version 00, which Go does not look at.
            relaxed = with_version(raw);
            raw = &relaxed;
        }

        let v7 = raw.as_old();
        let mut header = Self {
            flag: v7.linkflag[0],
            mode: number("mode", &v7.mode)?,
            uid: number("uid", &v7.uid)?,
            gid: number("gid", &v7.gid)?,
            size: number("size", &v7.size)?,
            mtime: number("mtime", &v7.mtime)?,
            device: (0, 0),
            gnu_prefix: false,
            ambiguous: None,
        };
        // Others stop at the first NUL, or want digits.
        let digits = c_string(&v7.size).trim_ascii_start();
        if digits.is_empty() && (header.size != 0 || v7.size == [b' '; 12]) {
            header.ambiguous = Some("size");
        }
        replace(&mut entry.link, c_string(&v7.linkname));

        let mut prefix: &[u8] = &[];
        let owners: (&[u8], &[u8]);
        if let Some(ustar) = raw.as_ustar() {
            header.device = (
                number("devmajor", &ustar.dev_major)?,
                number("devminor", &ustar.dev_minor)?,
            );
            owners = (&ustar.uname, &ustar.gname);
            prefix = &ustar.prefix;
            if ustar.pad.ends_with(b"tar\0") {
                // Schily's star keeps two times where ustar has the end of the prefix.
                let (short, times) = ustar.prefix.split_at(131);
                let (atime, ctime) = times.split_at(12);
                number("atime", atime)?;
                number("ctime", ctime)?;
                prefix = short;
            }
        } else if let Some(gnu) = raw.as_gnu() {
            header.device = (
                number("devmajor", &gnu.dev_major)?,
                number("devminor", &gnu.dev_minor)?,
            );
            owners = (&gnu.uname, &gnu.gname);
            // GNU has no prefix, but Go's writer before 1.8 wrote one, over these two times. Where
            // they are no numbers, and the prefix is ASCII, Go's reader takes it.
            let broken = |time: &[u8; 12]| time[0] != 0 && numeric(time).is_none();
            let written = c_string(&block[345..500]);
            if (broken(&gnu.atime) || broken(&gnu.ctime)) && written.is_ascii() {
                header.gnu_prefix = !written.is_empty();
                prefix = written;
            }
        } else {
            owners = (&[], &[]);
            if numeric(&block[329..337]).is_none() || numeric(&block[337..345]).is_none() {
                header.ambiguous = Some("device");
            }
        }
        replace(&mut entry.uname, c_string(owners.0));
        replace(&mut entry.gname, c_string(owners.1));

        entry.path.clear();
        let prefix = c_string(prefix);
        if !prefix.is_empty() {
            entry.path.extend_from_slice(prefix);
            entry.path.push(b'/');
        }
        entry.path.extend_from_slice(c_string(&v7.name));
        if header.flag == 0 && entry.path.ends_with(b"/") {
            header.ambiguous = header.ambiguous.or(Some("name"));
        }
        entry.header_offset = offset;
        Ok(header)
    }

    /// What the member is. A NUL flag is a directory when its `path` ends in a slash (v7).
    pub(crate) fn kind(&self, path: &[u8]) -> Kind {
        match self.flag {
            0 if path.ends_with(b"/") => Kind::Directory,
            0 | b'0' | b'S' => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            b'3' => Kind::Char,
            b'4' => Kind::Block,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            flag => Kind::Other(flag),
        }
    }

    /// How many bytes are stored after the header: none for a kind without content, whatever it
    /// states.
    pub(crate) fn stored_size(&self, kind: Kind, offset: u64) -> Result<u64, Error> {
        if !kind.has_content() {
            return Ok(0);
        }
        let found = self.size;
        u64::try_from(found).map_err(|_| Error::NegativeSize { offset, found })
    }

    /// Completes an entry that has its names and its time already. Returns how many bytes of
    /// content are stored.
    pub(crate) fn complete(&self, entry: &mut Entry, sink: &mut dyn Sink) -> Result<u64, Error> {
        let offset = entry.header_offset;
        entry.kind = self.kind(&entry.path);
        entry.size = self.stored_size(entry.kind, offset)?;
        // Go keeps 64 bits with sign here. What does not fit is told as an oddity.
        entry.mode = self.mode as u32;
        entry.uid = self.uid as u64;
        entry.gid = self.gid as u64;
        entry.device = match entry.kind {
            Kind::Char | Kind::Block => Some((self.device.0 as u64, self.device.1 as u64)),
            _ => None,
        };
        if !matches!(entry.kind, Kind::HardLink | Kind::Symlink) {
            entry.link.clear();
        }
        entry.sparse = None;
        self.tell_oddities(entry, sink);
        Ok(entry.size)
    }

    fn tell_oddities(&self, entry: &Entry, sink: &mut dyn Sink) {
        let mut odd = |kind: OddityKind| sink.oddity(kind.at(entry.header_offset));
        if self.gnu_prefix {
            odd(OddityKind::GnuPrefix);
        }
        let is_file = entry.kind == Kind::File;
        let field = match self.ambiguous {
            // Whoever looks at the whole name takes a directory for one, too.
            Some("name") if !is_file => None,
            field => field,
        };
        let named = entry.path.is_empty() || is_file && entry.path.ends_with(b"/");
        if let Some(field) = field.or(named.then_some("name")) {
            odd(OddityKind::AmbiguousField { field });
        }
        if self.flag == b'S' || matches!(entry.kind, Kind::Other(_)) {
            odd(OddityKind::UnsupportedType { flag: self.flag });
        }
        if !entry.kind.has_content() && self.size != 0 {
            odd(OddityKind::IgnoredSize { stated: self.size });
        }
        let numbers = [("mode", self.mode), ("uid", self.uid), ("gid", self.gid)];
        let (major, minor) = match entry.device {
            Some(_) => self.device,
            None => (0, 0),
        };
        for (field, found) in numbers
            .into_iter()
            .chain([("devmajor", major), ("devminor", minor)])
        {
            if u32::try_from(found).is_err() {
                odd(OddityKind::OutOfRange { field, found });
            }
        }
    }
}

/// Whether a block has a header's checksum: enough to tell a tar archive from other bytes.
pub(crate) fn is_header(block: &Block) -> bool {
    check_sum(block, 0).is_ok()
}

/// Compares the stated checksum with the sum of the bytes, its own field taken as spaces.
///
/// Sun's tar summed them as signed bytes, and every reader accepts that too.
fn check_sum(block: &Block, offset: u64) -> Result<(), Error> {
    let field = &block[148..156];
    // In 32 bits, of which a processor sums twice as many at a time.
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    let expected = u64::from(sum(block) - sum(field) + 8 * u32::from(b' '));
    let found = octal(field);
    if found == Some(expected) {
        return Ok(());
    }
    let high = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte >= 0x80).count() as u64;
    let signed = expected.checked_sub(256 * (high(block) - high(field)));
    if found.is_some() && found == signed {
        return Ok(());
    }
    Err(Error::Checksum {
        offset,
        expected,
        found,
    })
}

/// The same ustar header, with the version that POSIX wants.
fn with_version(raw: &tar::Header) -> tar::Header {
    let mut header = raw.clone();
    header.as_mut_bytes()[263..265].copy_from_slice(b"00");
    header
}

/// Puts `text` in place of what `field` holds, in the same allocation.
pub(crate) fn replace(field: &mut Vec<u8>, text: &[u8]) {
    field.clear();
    field.extend_from_slice(text);
}
