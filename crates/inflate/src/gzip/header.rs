//! The header of a gzip member, RFC 1952 section 2.3.

use flate2::Crc;

use crate::error::hexadecimal;
use crate::gather::{Gather, Input};
use crate::{Error, Limits};

/// The two bytes that every member begins with.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];

const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xe0;

/// Reads one header and keeps none of it: the name, the time and the rest say nothing about a layer.
pub(crate) struct Header {
    part: Part,
    flags: u8,
    crc: Crc,
    limit: u64,
}

/// What comes next, in the order in which the parts stand.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Fixed,
    ExtraLength,
    Extra { left: usize },
    Name { start: u64, len: u64 },
    Comment { start: u64, len: u64 },
    Crc,
    End,
}

impl Header {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            part: Part::Fixed,
            flags: 0,
            crc: Crc::new(),
            limit: limits.gzip_text,
        }
    }

    /// Makes ready for the header of the next member.
    pub(crate) fn reset(&mut self) {
        self.part = Part::Fixed;
        self.crc.reset();
    }

    /// Reads on, and says whether the header is complete.
    pub(crate) fn push(
        &mut self,
        input: &mut Input<'_>,
        gather: &mut Gather,
    ) -> Result<bool, Error> {
        loop {
            let at = gather.offset(input);
            match self.part {
                Part::Fixed => {
                    let Some(fixed) = gather.take(input, 10) else {
                        return Ok(false);
                    };
                    self.flags = flags(fixed, at)?;
                    self.crc.update(fixed);
                    self.part = Part::ExtraLength;
                }
                Part::ExtraLength if self.flags & FEXTRA == 0 => {
                    self.part = Part::Name { start: at, len: 0 };
                }
                Part::ExtraLength => {
                    let Some(length) = gather.take(input, 2) else {
                        return Ok(false);
                    };
                    self.crc.update(length);
                    let left = usize::from(little_endian_16(length));
                    self.part = Part::Extra { left };
                }
                Part::Extra { left: 0 } => self.part = Part::Name { start: at, len: 0 },
                Part::Extra { left } => {
                    if input.is_empty() {
                        return Ok(false);
                    }
                    let bytes = input.split(left);
                    self.crc.update(bytes);
                    let left = left.saturating_sub(bytes.len());
                    self.part = Part::Extra { left };
                }
                Part::Name { start, len } => {
                    match self.text(FNAME, "gzip file name", start, len, input)? {
                        Text::Ended => {
                            self.part = Part::Comment {
                                start: input.offset(),
                                len: 0,
                            }
                        }
                        Text::GoesOn(len) => {
                            self.part = Part::Name { start, len };
                            return Ok(false);
                        }
                    }
                }
                Part::Comment { start, len } => {
                    match self.text(FCOMMENT, "gzip comment", start, len, input)? {
                        Text::Ended => self.part = Part::Crc,
                        Text::GoesOn(len) => {
                            self.part = Part::Comment { start, len };
                            return Ok(false);
                        }
                    }
                }
                Part::Crc if self.flags & FHCRC == 0 => self.part = Part::End,
                Part::Crc => {
                    let Some(stated) = gather.take(input, 2) else {
                        return Ok(false);
                    };
                    let stated = little_endian_16(stated);
                    // The field holds the low half of a CRC-32.
                    let found = (self.crc.sum() & 0xffff) as u16;
                    if stated != found {
                        return Err(Error::corrupt(
                            at,
                            "gzip header checksum",
                            format_args!("{stated:04x}"),
                            format_args!("{found:04x}"),
                        ));
                    }
                    self.part = Part::End;
                }
                Part::End => return Ok(true),
            }
        }
    }

    /// Skips a text that ends with NUL, of which `len` bytes were already skipped.
    fn text(
        &mut self,
        flag: u8,
        what: &'static str,
        start: u64,
        len: u64,
        input: &mut Input<'_>,
    ) -> Result<Text, Error> {
        if self.flags & flag == 0 {
            return Ok(Text::Ended);
        }
        let nul = input.bytes().iter().position(|byte| *byte == 0);
        let found = len.saturating_add(nul.unwrap_or(input.bytes().len()) as u64);
        if found > self.limit {
            return Err(Error::TooLarge {
                offset: start,
                what,
                limit: self.limit,
                // How long it is in the end is not waited for.
                found: self.limit.saturating_add(1),
            });
        }
        let end = nul.map_or(usize::MAX, |nul| nul.saturating_add(1));
        self.crc.update(input.split(end));
        Ok(if nul.is_some() {
            Text::Ended
        } else {
            Text::GoesOn(found)
        })
    }
}

enum Text {
    Ended,
    GoesOn(u64),
}

/// Checks the ten fixed bytes, which start at `at`, and gives their flags.
fn flags(fixed: &[u8], at: u64) -> Result<u8, Error> {
    let &[magic_1, magic_2, method, flags, ..] = fixed else {
        return Ok(0);
    };
    if [magic_1, magic_2] != MAGIC {
        return Err(Error::corrupt(
            at,
            "gzip magic",
            hexadecimal(&MAGIC),
            hexadecimal(&[magic_1, magic_2]),
        ));
    }
    if method != 8 {
        return Err(Error::unsupported(
            at.saturating_add(2),
            "gzip compression method",
            method,
        ));
    }
    if flags & RESERVED != 0 {
        // RFC 1952, 2.3.1.2: such a bit could stand for a field that would then be taken for data.
        return Err(Error::unsupported(
            at.saturating_add(3),
            "gzip flags",
            format_args!("{flags:#04x}"),
        ));
    }
    Ok(flags)
}

fn little_endian_16(bytes: &[u8]) -> u16 {
    bytes
        .first_chunk()
        .map_or(0, |bytes| u16::from_le_bytes(*bytes))
}
