//! xz streams, put together by hand out of LZMA2 chunks that are stored.

use flate2::Crc;

/// LZMA2 with a dictionary of 4 KiB, as a filter in a block header.
pub(crate) const LZMA2_4K: &[u8] = &[0x21, 1, 0];

/// A stream in its parts, so that a test can make each of them wrong.
pub(crate) struct Stream {
    /// The two bytes of stream flags; the low half of the second is the kind of check.
    pub(crate) flags: [u8; 2],
    pub(crate) blocks: Vec<Block>,
    pub(crate) index: Vec<(u64, u64)>,
    /// Flags and size as the footer repeats them.
    pub(crate) footer_flags: [u8; 2],
    pub(crate) backward_words: Option<u32>,
}

/// A block in its parts.
#[derive(Clone)]
pub(crate) struct Block {
    /// The header between its length and its padding: flags, sizes, filters.
    pub(crate) fields: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) padding: u8,
    pub(crate) check: Vec<u8>,
    pub(crate) unpacked: u64,
}

/// A chunk that is stored; `reset` gives it a dictionary of its own, as the first one needs.
pub(crate) fn chunk(reset: bool, bytes: &[u8]) -> Vec<u8> {
    let size = u16::try_from(bytes.len() - 1).expect("at most 64 KiB");
    [&[if reset { 1 } else { 2 }], &size.to_be_bytes()[..], bytes].concat()
}

impl Block {
    /// A block of one chunk, without a check.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            fields: [&[0], LZMA2_4K].concat(),
            data: [chunk(true, bytes), vec![0]].concat(),
            padding: 0,
            check: Vec::new(),
            unpacked: bytes.len() as u64,
        }
    }

    fn header(&self) -> Vec<u8> {
        let len = (self.fields.len() + 1 + 4).next_multiple_of(4);
        let mut header = vec![(len / 4 - 1) as u8];
        header.extend_from_slice(&self.fields);
        header.resize(len - 4, 0);
        let crc = crc32(&header);
        header.extend_from_slice(&crc);
        header
    }

    /// What the index says of it.
    fn record(&self) -> (u64, u64) {
        let len = self.header().len() + self.data.len() + self.check.len();
        (len as u64, self.unpacked)
    }

    fn bytes(&self) -> Vec<u8> {
        let padding = self.data.len().next_multiple_of(4) - self.data.len();
        let padding = vec![self.padding; padding];
        [
            self.header(),
            self.data.clone(),
            padding,
            self.check.clone(),
        ]
        .concat()
    }
}

impl Stream {
    /// A stream without checks.
    pub(crate) fn of(blocks: Vec<Block>) -> Self {
        Self::with_check(0, blocks)
    }

    /// A stream with this kind of check.
    pub(crate) fn with_check(check: u8, blocks: Vec<Block>) -> Self {
        Self {
            flags: [0, check],
            index: blocks.iter().map(Block::record).collect(),
            blocks,
            footer_flags: [0, check],
            backward_words: None,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let blocks = self.blocks.iter().flat_map(Block::bytes);
        let mut bytes = b"\xfd7zXZ\0".to_vec();
        bytes.extend_from_slice(&self.flags);
        bytes.extend_from_slice(&crc32(&self.flags));
        bytes.extend(blocks);

        let mut index = vec![0];
        number(&mut index, self.index.len() as u64);
        for (unpadded, unpacked) in &self.index {
            number(&mut index, *unpadded);
            number(&mut index, *unpacked);
        }
        index.resize(index.len().next_multiple_of(4), 0);
        let crc = crc32(&index);
        index.extend_from_slice(&crc);

        let words = (index.len() / 4 - 1) as u32;
        let words = self.backward_words.unwrap_or(words).to_le_bytes();
        let footer = [&words[..], &self.footer_flags].concat();
        [&bytes[..], &index, &crc32(&footer), &footer, b"YZ"].concat()
    }
}

/// A number as xz writes it.
pub(crate) fn number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn crc32(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}
