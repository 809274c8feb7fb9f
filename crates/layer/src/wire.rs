//! Numbers and runs of bytes, written one after the other and read back with every bound checked.

use std::borrow::Cow;

use crate::Error;

/// Appends little-endian numbers and runs of bytes.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Bytes behind their length.
    pub(crate) fn run(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.bytes(bytes);
    }

    /// How many things follow.
    pub(crate) fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        self.u8(u8::from(text.is_some()));
        if let Some(text) = text {
            self.run(text.as_bytes());
        }
    }

    pub(crate) fn written(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what a [`Writer`] wrote.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: u64,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            offset: 0,
        }
    }

    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// An error at the place reached.
    pub(crate) fn unexpected(
        &self,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Error {
        Error::Stored {
            offset: self.offset,
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// The next `len` bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.unexpected(
                format!("{len} more bytes"),
                format!("{} more bytes", self.rest.len()),
            ));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(len as u64);
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number that says how many things of at least `each` bytes follow, so that no more is allocated for than is there.
    pub(crate) fn count(&mut self, each: usize) -> Result<usize, Error> {
        let at = self.clone();
        let count = self.u32()? as usize;
        if count.saturating_mul(each) > self.left() {
            return Err(at.unexpected(
                format!("at most {} more bytes", self.left()),
                format!("{count} times {each} bytes"),
            ));
        }
        Ok(count)
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Error> {
        let at = self.clone();
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(at.unexpected("0 or 1", other.to_string())),
        }
    }

    /// Bytes behind their length.
    pub(crate) fn run(&mut self) -> Result<&'a [u8], Error> {
        let len = self.count(1)?;
        self.bytes(len)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Error> {
        let at = self.clone();
        std::str::from_utf8(self.run()?).map_err(|_| at.unexpected("UTF-8", "other bytes"))
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<&'a str>, Error> {
        if self.flag()? {
            self.text().map(Some)
        } else {
            Ok(None)
        }
    }
}
