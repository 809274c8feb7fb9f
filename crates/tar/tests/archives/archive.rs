//! A tar writer that writes whatever it is told, right or wrong.

/// A header block before its checksum.
#[derive(Clone)]
pub(crate) struct Header([u8; 512]);

/// A ustar header of a regular file with mode 0644 and no content.
pub(crate) fn named(name: impl AsRef<[u8]>) -> Header {
    let mut header = Header([0; 512]);
    let name = name.as_ref();
    header.0[..name.len()].copy_from_slice(name);
    header
        .put(100, b"0000644\0")
        .put(108, b"0000000\0")
        .put(116, b"0000000\0")
        .size(0)
        .put(136, b"00000000000\0")
        .flag(b'0')
        .put(257, b"ustar\x0000")
}

impl Header {
    /// Writes any bytes anywhere.
    pub(crate) fn put(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(crate) fn size(self, size: u64) -> Self {
        self.put(124, format!("{size:011o}\0").as_bytes())
    }

    pub(crate) fn flag(self, flag: u8) -> Self {
        self.put(156, &[flag])
    }

    pub(crate) fn link(self, link: &str) -> Self {
        self.put(157, link.as_bytes())
    }

    pub(crate) fn gnu(self) -> Self {
        self.put(257, b"ustar  \0")
    }

    pub(crate) fn v7(self) -> Self {
        self.put(257, &[0; 8])
    }

    /// The block with its checksum.
    pub(crate) fn block(self) -> [u8; 512] {
        let spaced = self.put(148, b"        ");
        let sum = spaced.0.iter().map(|&byte| u64::from(byte)).sum();
        spaced.checksum(sum)
    }

    /// The block with the checksum of one who takes bytes for signed.
    pub(crate) fn block_with_signed_sum(self) -> [u8; 512] {
        let spaced = self.put(148, b"        ");
        let sum: i64 = spaced.0.iter().map(|&byte| i64::from(byte as i8)).sum();
        spaced.checksum(u64::try_from(sum).unwrap())
    }

    fn checksum(self, sum: u64) -> [u8; 512] {
        self.put(148, format!("{sum:06o}\0 ").as_bytes()).0
    }
}

/// An archive under construction.
#[derive(Clone, Default)]
pub(crate) struct Archive(pub(crate) Vec<u8>);

pub(crate) fn archive() -> Archive {
    Archive::default()
}

impl Archive {
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn zeros(mut self, count: usize) -> Self {
        self.0.resize(self.0.len() + count, 0);
        self
    }

    pub(crate) fn header(self, header: Header) -> Self {
        self.raw(&header.block())
    }

    /// Content and its padding.
    pub(crate) fn data(self, data: impl AsRef<[u8]>) -> Self {
        let data = data.as_ref();
        self.raw(data).zeros(data.len().wrapping_neg() % 512)
    }

    /// A header that states the length of the data behind it.
    pub(crate) fn member(self, header: Header, data: impl AsRef<[u8]>) -> Self {
        let size = data.as_ref().len() as u64;
        self.header(header.size(size)).data(data)
    }

    pub(crate) fn file(self, name: &str, data: impl AsRef<[u8]>) -> Self {
        self.member(named(name), data)
    }

    pub(crate) fn pax(self, pairs: &[(&str, &str)]) -> Self {
        self.member(named("PaxHeaders/x").flag(b'x'), records(pairs))
    }

    pub(crate) fn global(self, pairs: &[(&str, &str)]) -> Self {
        self.member(named("g").flag(b'g'), records(pairs))
    }

    pub(crate) fn long_name(self, name: impl AsRef<[u8]>) -> Self {
        self.member(named("././@LongLink").flag(b'L').gnu(), name)
    }

    pub(crate) fn long_link(self, name: impl AsRef<[u8]>) -> Self {
        self.member(named("././@LongLink").flag(b'K').gnu(), name)
    }

    /// The archive with its two zero blocks.
    pub(crate) fn end(self) -> Vec<u8> {
        self.zeros(1024).0
    }
}

/// PAX records.
pub(crate) fn records(pairs: &[(&str, &str)]) -> Vec<u8> {
    pairs
        .iter()
        .flat_map(|(key, value)| record(key.as_bytes(), value.as_bytes()))
        .collect()
}

/// One PAX record, whose length counts its own digits too.
pub(crate) fn record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let body = [b" ", key, b"=", value, b"\n"].concat();
    let mut length = body.len();
    while length != body.len() + length.to_string().len() {
        length = body.len() + length.to_string().len();
    }
    [length.to_string().into_bytes(), body].concat()
}
