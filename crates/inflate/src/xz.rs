//! xz, version 1.2.1 of the `.xz` file format: streams one after another, with zeros between.
//!
//! The container is read here, so that every part has an offset and nothing grows with the number of
//! blocks. LZMA2 and the filters in front of it are `lzma-rust2`'s.

mod block;
mod block_header;
mod check;
mod index;
mod lzma2;
mod varint;

use self::block::Block;
use self::check::CheckKind;
use self::index::{Index, Sizes};
use self::lzma2::Lzma2;
use crate::decoder::{Ending, Halt, Output};
use crate::error::hexadecimal;
use crate::gather::{Gather, Input};
use crate::{Error, Limits, Trailing};

/// What every stream begins with.
pub(crate) const MAGIC: [u8; 6] = [0xfd, b'7', b'z', b'X', b'Z', 0];

/// What every stream ends with.
const FOOTER_MAGIC: [u8; 2] = *b"YZ";

/// Header and footer of a stream, in bytes each.
const STREAM_EDGE: usize = 12;

/// Decodes any number of streams.
pub(crate) struct Xz {
    limits: Limits,
    state: State,
    gather: Gather,
    lzma2: Lzma2,
    /// The flags of the current stream, which its footer repeats.
    flags: [u8; 2],
    blocks: Sizes,
    members: u64,
    checksummed: bool,
    trailing: Trailing,
    offset: u64,
}

enum State {
    Header,
    /// At a block, or at the index in its place.
    BlockOrIndex,
    Block(Box<Block>),
    Index(Box<Index>),
    Footer {
        index_len: u64,
    },
    /// A stream has ended; zeros and another stream may follow.
    Between,
    Trailing,
}

impl Xz {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Header,
            gather: Gather::default(),
            lzma2: Lzma2::new(),
            flags: [0; 2],
            blocks: Sizes::default(),
            members: 0,
            checksummed: true,
            trailing: Trailing::None,
            offset: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Output<'_>) -> Result<(), Halt> {
        let mut input = Input::new(bytes, self.offset);
        while self.step(&mut input, out)? {}
        self.offset = input.offset();
        Ok(())
    }

    /// Does what can be done in the current state, and says whether the next can go on.
    fn step(&mut self, input: &mut Input<'_>, out: &mut Output<'_>) -> Result<bool, Halt> {
        let at = self.gather.offset(input);
        match &mut self.state {
            State::Header => {
                let Some(header) = self.gather.take(input, STREAM_EDGE) else {
                    return Ok(false);
                };
                self.flags = read_header(header, at)?;
                self.checksummed &= self.check().is_known();
                self.blocks = Sizes::default();
                self.state = State::BlockOrIndex;
            }
            State::BlockOrIndex => {
                let Some(&[first]) = self.gather.peek(input, 1) else {
                    return Ok(false);
                };
                if first == 0 {
                    self.state = State::Index(Box::new(Index::new(at, self.blocks)));
                    return Ok(true);
                }
                let Some(header) = self.gather.take(input, block_header::length(first)) else {
                    return Ok(false);
                };
                let header = block_header::read(header, at, &self.limits)?;
                self.lzma2.begin(&header)?;
                self.state = State::Block(Box::new(Block::new(header, self.check())));
            }
            State::Block(block) => {
                match block.push(input, &mut self.gather, &mut self.lzma2, out)? {
                    Some(extent) => self.blocks.add(extent.unpadded, extent.unpacked),
                    None => return Ok(false),
                }
                self.state = State::BlockOrIndex;
            }
            State::Index(index) => match index.push(input, &mut self.gather)? {
                Some(index_len) => self.state = State::Footer { index_len },
                None => return Ok(false),
            },
            State::Footer { index_len } => {
                let Some(footer) = self.gather.take(input, STREAM_EDGE) else {
                    return Ok(false);
                };
                check_footer(footer, at, *index_len, self.flags)?;
                self.members = self.members.saturating_add(1);
                self.state = State::Between;
            }
            State::Between => return Ok(self.between(input)?),
            State::Trailing => {
                let rest = self.gather.rest(input);
                self.trailing.extend(at, rest);
                return Ok(!rest.is_empty());
            }
        }
        Ok(true)
    }

    /// Looks for another stream. Zeros in front of one are padding that belongs to the format if
    /// they fill whole words, section 2.2.
    fn between(&mut self, input: &mut Input<'_>) -> Result<bool, Error> {
        let at = self.gather.offset(input);
        if self.gather.is_empty() {
            let zeros = input.bytes().iter().take_while(|byte| **byte == 0).count();
            self.trailing.extend(at, input.split(zeros));
        }
        let fits = |head: &[u8]| MAGIC.starts_with(head);
        match self.gather.recognize(input, MAGIC.len(), fits) {
            None => return Ok(false),
            Some(false) => self.state = State::Trailing,
            Some(true) => {
                if let Trailing::Zeros { offset, len } = self.trailing
                    && !len.is_multiple_of(4)
                {
                    let expected = "a multiple of 4 bytes";
                    return Err(Error::corrupt(offset, "xz stream padding", expected, len));
                }
                self.trailing = Trailing::None;
                self.state = State::Header;
            }
        }
        Ok(true)
    }

    fn check(&self) -> CheckKind {
        CheckKind::new(self.flags[1])
    }

    pub(crate) fn finish(&self) -> Result<Ending, Halt> {
        let within = match &self.state {
            // Bytes that begin like another stream are that stream, cut short.
            State::Between if self.gather.is_empty() => None,
            State::Trailing => None,
            State::Header | State::Between => Some("xz stream header"),
            State::BlockOrIndex => Some("xz block header"),
            State::Block(block) => Some(block.within()),
            State::Index(_) => Some("xz index"),
            State::Footer { .. } => Some("xz stream footer"),
        };
        if let Some(within) = within {
            let offset = self.offset;
            return Err(Error::Truncated { offset, within }.into());
        }
        let trailing = match self.trailing {
            Trailing::Zeros { len, .. } if len.is_multiple_of(4) => Trailing::None,
            trailing => trailing,
        };
        Ok(Ending {
            members: self.members,
            checksummed: self.checksummed,
            trailing,
        })
    }
}

/// Checks the header of a stream, which starts at `at`, and gives its flags.
fn read_header(header: &[u8], at: u64) -> Result<[u8; 2], Error> {
    let (magic, rest) = header.split_at(header.len().min(MAGIC.len()));
    if magic != MAGIC {
        let found = hexadecimal(magic);
        return Err(Error::corrupt(at, "xz magic", hexadecimal(&MAGIC), found));
    }
    let (flags, crc) = rest.split_at(rest.len().min(2));
    let mut found = flate2::Crc::new();
    found.update(flags);
    compare_crc32(
        "xz stream header crc32",
        at.saturating_add(8),
        crc,
        found.sum(),
    )?;
    match *flags {
        [0, check @ ..=0x0f] => Ok([0, check]),
        _ => Err(Error::unsupported(
            at.saturating_add(6),
            "xz stream flags",
            hexadecimal(flags),
        )),
    }
}

/// Checks the footer of a stream, which starts at `at`.
fn check_footer(footer: &[u8], at: u64, index_len: u64, flags: [u8; 2]) -> Result<(), Error> {
    let &[c0, c1, c2, c3, ref fields @ .., m0, m1] = footer else {
        return Ok(());
    };
    let mut found = flate2::Crc::new();
    found.update(fields);
    compare_crc32("xz stream footer crc32", at, &[c0, c1, c2, c3], found.sum())?;
    let (size, found_flags) = fields.split_at(fields.len().min(4));
    let size = size
        .first_chunk()
        .map_or(0, |size| u32::from_le_bytes(*size));
    // In words, of which there is at least one.
    let size = (u64::from(size) + 1) * 4;
    if size != index_len {
        let at = at.saturating_add(4);
        return Err(Error::corrupt(at, "xz backward size", index_len, size));
    }
    if found_flags != flags {
        let (flags, found) = (hexadecimal(&flags), hexadecimal(found_flags));
        return Err(Error::corrupt(
            at.saturating_add(8),
            "xz stream footer flags",
            flags,
            found,
        ));
    }
    if [m0, m1] != FOOTER_MAGIC {
        let found = hexadecimal(&[m0, m1]);
        return Err(Error::corrupt(
            at.saturating_add(10),
            "xz footer magic",
            "595a",
            found,
        ));
    }
    Ok(())
}

/// Compares a CRC-32 in a header, which is at `at`, with the bytes that it speaks of.
fn compare_crc32(what: &'static str, at: u64, stated: &[u8], found: u32) -> Result<(), Error> {
    let stated = stated
        .first_chunk()
        .map_or(0, |stated| u32::from_le_bytes(*stated));
    if stated != found {
        let (stated, found) = (format!("{stated:08x}"), format!("{found:08x}"));
        return Err(Error::corrupt(at, what, stated, found));
    }
    Ok(())
}
