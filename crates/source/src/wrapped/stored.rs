//! A wrapped archive as bytes, to be handed from the worker that read it to the one that shows it.
//!
//! Little-endian, lengths before what they measure, every bound checked on the way back. It is a
//! hand-over between two parts of one program, so another version is refused and not converted.

use std::borrow::Cow;

use layerscope_inflate::Compression;
use layerscope_layer::{Cause, Kind, ScannedLayer};

use super::{Held, WrappedArchive};
use crate::archive::outer::Member;
use crate::error::Error;
use crate::limits;
use crate::oddity::{Oddity, OddityKind};

/// What the bytes begin with; the last is the version.
const MAGIC: &[u8; 8] = b"lscwrap\x01";

const COMPRESSIONS: [Compression; 4] = [
    Compression::None,
    Compression::Gzip,
    Compression::Zstd,
    Compression::Xz,
];

impl WrappedArchive {
    /// A form to hand to another thread or worker.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        let position = |compression: &Compression| *compression == self.compression;
        out.u8(COMPRESSIONS.iter().position(position).unwrap_or(0) as u8);
        out.u64(self.read);
        out.u64(self.unpacked);
        out.run(&self.head);
        out.optional(self.failure.as_ref(), |out, cause| {
            out.run(cause.name.as_bytes());
            out.u64(cause.offset);
            out.text(cause.expected.as_deref());
            out.text(cause.found.as_deref());
            out.run(cause.text.as_bytes());
        });
        out.u64(self.oddities.len() as u64);
        for oddity in &self.oddities {
            let kind = OddityKind::ALL.iter().position(|kind| *kind == oddity.kind);
            out.u8(kind.unwrap_or(0) as u8);
            out.run(oddity.at.as_bytes());
            out.text(oddity.expected.as_deref());
            out.text(oddity.found.as_deref());
        }
        out.u64(self.members.len() as u64);
        for (member, held) in &self.members {
            out.run(&member.path);
            out.u8(flag(member.kind));
            out.u64(member.offset);
            out.u64(member.len);
            out.run(&member.link);
            out.u8(u8::from(member.whole));
            match held {
                Held::Nothing => out.u8(0),
                Held::Bytes(bytes) => {
                    out.u8(1);
                    out.run(bytes);
                }
                Held::Layer(None) => out.u8(2),
                Held::Layer(Some(layer)) => {
                    out.u8(3);
                    out.run(&layer.to_bytes());
                }
            }
        }
        out.0
    }

    /// What [`to_bytes`](Self::to_bytes) made.
    ///
    /// # Errors
    /// [`Error::Stored`] and, for a layer within, [`Error::Layer`] if it was something else that made it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut bytes = Reader { bytes, at: 0 };
        if bytes.take(MAGIC.len())? != MAGIC {
            return Err(bytes.fault("a wrapped archive of this version"));
        }
        let compression = usize::from(bytes.u8()?);
        let compression = COMPRESSIONS.get(compression).copied();
        let mut archive = Self {
            compression: compression.ok_or_else(|| bytes.fault("a compression"))?,
            read: bytes.u64()?,
            unpacked: bytes.u64()?,
            head: bytes.run()?.to_vec(),
            failure: bytes.optional(|bytes| {
                Ok(Cause {
                    name: Cow::Owned(bytes.string()?),
                    offset: bytes.u64()?,
                    expected: bytes.text()?,
                    found: bytes.text()?,
                    text: bytes.string()?,
                })
            })?,
            oddities: Vec::new(),
            members: Vec::new(),
        };
        for _ in 0..bytes.u64()? {
            let kind = usize::from(bytes.u8()?);
            let kind = OddityKind::ALL.get(kind).copied();
            archive.oddities.push(Oddity {
                kind: kind.ok_or_else(|| bytes.fault("a kind of oddity"))?,
                at: bytes.string()?,
                expected: bytes.text()?,
                found: bytes.text()?,
            });
        }
        let count = bytes.u64()?;
        if count > (limits::MEMBERS as u64).saturating_add(1) {
            return Err(bytes.fault("fewer members"));
        }
        for _ in 0..count {
            let member = Member {
                path: bytes.run()?.to_vec(),
                kind: kind(bytes.u8()?),
                offset: bytes.u64()?,
                len: bytes.u64()?,
                link: bytes.run()?.to_vec(),
                whole: bytes.u8()? != 0,
            };
            let held = match bytes.u8()? {
                0 => Held::Nothing,
                1 => Held::Bytes(bytes.run()?.to_vec()),
                2 => Held::Layer(None),
                3 => {
                    let layer = ScannedLayer::from_bytes(bytes.run()?)?;
                    Held::Layer(Some(Box::new(layer)))
                }
                _ => return Err(bytes.fault("what is held of a member")),
            };
            archive.members.push((member, held));
        }
        if bytes.at != bytes.bytes.len() {
            return Err(bytes.fault("the end"));
        }
        Ok(archive)
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn run(&mut self, bytes: &[u8]) {
        self.u64(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: Option<&str>) {
        self.optional(text, |out, text| out.run(text.as_bytes()));
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, expected: &'static str) -> Error {
        Error::Stored {
            offset: self.at,
            expected,
        }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(len);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| self.fault("more bytes"))?;
        self.at = self.at.saturating_add(len);
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    fn u64(&mut self) -> Result<u64, Error> {
        let bytes = self.take(8)?.try_into().unwrap_or_default();
        Ok(u64::from_le_bytes(bytes))
    }

    fn run(&mut self) -> Result<&'a [u8], Error> {
        let len = usize::try_from(self.u64()?);
        let len = len.map_err(|_| self.fault("a length"))?;
        self.take(len)
    }

    fn string(&mut self) -> Result<String, Error> {
        let bytes = self.run()?.to_vec();
        String::from_utf8(bytes).map_err(|_| self.fault("text"))
    }

    fn text(&mut self) -> Result<Option<String>, Error> {
        self.optional(Self::string)
    }

    fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(self.fault("0 or 1")),
        }
    }
}

/// The type flag that stands for a kind.
fn flag(kind: Kind) -> u8 {
    match kind {
        Kind::File => b'0',
        Kind::HardLink => b'1',
        Kind::Symlink => b'2',
        Kind::Char => b'3',
        Kind::Block => b'4',
        Kind::Directory => b'5',
        Kind::Fifo => b'6',
        Kind::Other(flag) => flag,
    }
}

fn kind(flag: u8) -> Kind {
    match flag {
        b'0' => Kind::File,
        b'1' => Kind::HardLink,
        b'2' => Kind::Symlink,
        b'3' => Kind::Char,
        b'4' => Kind::Block,
        b'5' => Kind::Directory,
        b'6' => Kind::Fifo,
        flag => Kind::Other(flag),
    }
}
