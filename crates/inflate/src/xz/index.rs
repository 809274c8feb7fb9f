//! The index at the end of an xz stream: the sizes of its blocks, told once more, `.xz` format
//! section 4.

use flate2::Crc;

use super::check::Crc64;
use super::varint::Varint;
use crate::Error;
use crate::gather::{Gather, Input};

/// The sizes of any number of blocks, in a form that can be compared and takes no memory.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    count: u64,
    sum: Crc64,
}

impl Sizes {
    /// Adds a block: header, data and check without padding, and what the data unpacks to, in bytes.
    pub(crate) fn add(&mut self, unpadded: u64, unpacked: u64) {
        self.count = self.count.saturating_add(1);
        self.sum.update(&unpadded.to_le_bytes());
        self.sum.update(&unpacked.to_le_bytes());
    }
}

/// Reads an index, and compares it with the blocks that came before it.
pub(crate) struct Index {
    part: Part,
    start: u64,
    /// Bytes read so far, its first zero byte included.
    len: u64,
    crc: Crc,
    number: Varint,
    blocks: Sizes,
    told: Sizes,
}

#[derive(Clone, Copy)]
enum Part {
    Indicator,
    Count,
    Unpadded { left: u64 },
    Unpacked { left: u64, unpadded: u64 },
    Padding,
    Crc,
    End,
}

impl Index {
    /// An index that starts at `start` and should tell of `blocks`.
    pub(crate) fn new(start: u64, blocks: Sizes) -> Self {
        Self {
            part: Part::Indicator,
            start,
            len: 0,
            crc: Crc::new(),
            number: Varint::default(),
            blocks,
            told: Sizes::default(),
        }
    }

    /// Reads on, and gives the length of the index in bytes once it is complete.
    pub(crate) fn push(
        &mut self,
        input: &mut Input<'_>,
        gather: &mut Gather,
    ) -> Result<Option<u64>, Error> {
        loop {
            match self.part {
                Part::End => return Ok(Some(self.len)),
                Part::Padding if self.len.is_multiple_of(4) => self.part = Part::Crc,
                Part::Crc => {
                    let at = gather.offset(input);
                    let Some(stated) = gather.take(input, 4) else {
                        return Ok(None);
                    };
                    super::compare_crc32("xz index crc32", at, stated, self.crc.sum())?;
                    self.len = self.len.saturating_add(4);
                    self.part = Part::End;
                }
                Part::Indicator
                | Part::Count
                | Part::Unpadded { .. }
                | Part::Unpacked { .. }
                | Part::Padding => {
                    let at = gather.offset(input);
                    let Some(&[byte]) = gather.take(input, 1) else {
                        return Ok(None);
                    };
                    self.crc.update(&[byte]);
                    self.len = self.len.saturating_add(1);
                    self.byte(byte, at)?;
                }
            }
        }
    }

    /// Takes one byte of anything but the checksum.
    fn byte(&mut self, byte: u8, at: u64) -> Result<(), Error> {
        match self.part {
            Part::Indicator => {
                // Whoever started this has seen that it is zero.
                self.part = Part::Count;
                return Ok(());
            }
            Part::Padding if byte == 0 => return Ok(()),
            Part::Padding => return Err(Error::corrupt(at, "xz index padding", 0, byte)),
            _ => {}
        }
        let number = self
            .number
            .push(byte)
            .map_err(|_| Error::corrupt(at, "xz index", "a number", "too many bytes"))?;
        let Some(number) = number else {
            return Ok(());
        };
        self.part = match self.part {
            Part::Count if number != self.blocks.count => {
                let blocks = self.blocks.count;
                return Err(Error::corrupt(
                    self.start,
                    "xz index block count",
                    blocks,
                    number,
                ));
            }
            Part::Count => self.next_record(number)?,
            Part::Unpadded { left } => Part::Unpacked {
                left,
                unpadded: number,
            },
            Part::Unpacked { left, unpadded } => {
                self.told.add(unpadded, number);
                self.next_record(left.saturating_sub(1))?
            }
            other => other,
        };
        Ok(())
    }

    fn next_record(&self, left: u64) -> Result<Part, Error> {
        if left > 0 {
            return Ok(Part::Unpadded { left });
        }
        let (blocks, told) = (self.blocks.sum.sum(), self.told.sum.sum());
        if blocks != told {
            return Err(Error::corrupt(
                self.start,
                "xz index",
                "the sizes of the blocks",
                "other sizes",
            ));
        }
        Ok(Part::Padding)
    }
}
