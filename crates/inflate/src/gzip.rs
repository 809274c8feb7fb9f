//! gzip, RFC 1952: members one after another.

mod deflate;
mod header;
mod raw;

use flate2::Crc;

use self::deflate::{Deflate, Inflated};
use self::header::Header;
pub(crate) use self::header::MAGIC;
use crate::decoder::{Ending, Halt, Output, deliver};
use crate::gather::{Gather, Input};
use crate::restart::{Collector, RestartPoint};
use crate::{Error, Limits, Trailing};

/// About how much an inflater takes, in bytes: its window and its tables.
const INFLATER: u64 = 48 << 10;

/// Decodes any number of members. Nothing is allocated for the second and later ones, because
/// eStargz layers have one for every file.
pub(crate) struct Gzip {
    state: State,
    gather: Gather,
    header: Header,
    deflate: Deflate,
    /// Checksum and size of what the current member has unpacked to.
    crc: Crc,
    size: u64,
    /// The current member was entered in its middle, so that its checksum cannot be compared.
    entered: bool,
    checksummed: bool,
    members: u64,
    trailing: Trailing,
    offset: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Header,
    Data,
    /// CRC-32 and size of the content.
    Trailer,
    /// A member has ended, and another may follow.
    Between,
    Trailing,
}

impl Gzip {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            state: State::Header,
            gather: Gather::default(),
            header: Header::new(limits),
            deflate: Deflate::new(),
            crc: Crc::new(),
            size: 0,
            entered: false,
            checksummed: true,
            members: 0,
            trailing: Trailing::None,
            offset: 0,
        }
    }

    /// Decodes from a point on.
    pub(crate) fn resume(point: &RestartPoint, limits: Limits) -> Self {
        let mut gzip = Self::new(limits);
        gzip.offset = point.compressed;
        if let Some(middle) = &point.middle {
            gzip.state = State::Data;
            gzip.entered = true;
            gzip.checksummed = false;
            gzip.deflate.resume(middle);
        }
        gzip
    }

    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        points: &mut Collector,
        out: &mut Output<'_>,
    ) -> Result<(), Halt> {
        let mut input = Input::new(bytes, self.offset);
        while self.step(&mut input, points, out)? {}
        self.offset = input.offset();
        Ok(())
    }

    /// Does what can be done in the current state, and says whether the next can go on.
    fn step(
        &mut self,
        input: &mut Input<'_>,
        points: &mut Collector,
        out: &mut Output<'_>,
    ) -> Result<bool, Halt> {
        match self.state {
            State::Header => {
                if !self.header.push(input, &mut self.gather)? {
                    return Ok(false);
                }
                self.state = State::Data;
            }
            State::Data => {
                let (crc, size) = (&mut self.crc, &mut self.size);
                let inflated = self.deflate.push(input, points, |run| {
                    crc.update(run);
                    *size = size.wrapping_add(run.len() as u64);
                    deliver(out, run)
                })?;
                match inflated {
                    Inflated::More => return Ok(false),
                    Inflated::End => self.state = State::Trailer,
                    Inflated::NoMemory => {
                        return Err(Error::OutOfMemory {
                            offset: input.offset(),
                            needed: INFLATER,
                        }
                        .into());
                    }
                    Inflated::Invalid(found) => {
                        return Err(Error::corrupt(
                            input.offset(),
                            "deflate data",
                            "valid codes",
                            found,
                        )
                        .into());
                    }
                }
            }
            State::Trailer => {
                let at = self.gather.offset(input);
                let Some(trailer) = self.gather.take(input, 8) else {
                    return Ok(false);
                };
                if !self.entered {
                    check(trailer, at, self.crc.sum(), self.size)?;
                }
                self.entered = false;
                self.members = self.members.saturating_add(1);
                self.header.reset();
                self.deflate.reset();
                self.crc.reset();
                self.size = 0;
                self.state = State::Between;
            }
            State::Between => {
                let magic = |head: &[u8]| MAGIC.starts_with(head);
                self.state = match self.gather.recognize(input, MAGIC.len(), magic) {
                    Some(true) => {
                        points.member(self.gather.offset(input));
                        State::Header
                    }
                    Some(false) => State::Trailing,
                    None => return Ok(false),
                };
            }
            State::Trailing => {
                let at = self.gather.offset(input);
                let rest = self.gather.rest(input);
                self.trailing.extend(at, rest);
                return Ok(!rest.is_empty());
            }
        }
        Ok(true)
    }

    pub(crate) fn finish(&self) -> Result<Ending, Halt> {
        let within = match self.state {
            // Bytes that begin like another member are that member, cut short.
            State::Between if self.gather.is_empty() => None,
            State::Trailing => None,
            State::Header | State::Between => Some("gzip header"),
            State::Data => Some("deflate data"),
            State::Trailer => Some("gzip trailer"),
        };
        if let Some(within) = within {
            let offset = self.offset;
            return Err(Error::Truncated { offset, within }.into());
        }
        Ok(Ending {
            members: self.members,
            checksummed: self.checksummed,
            trailing: self.trailing,
        })
    }
}

/// Compares a member's trailer, which starts at `at`, with its content.
fn check(trailer: &[u8], at: u64, crc: u32, size: u64) -> Result<(), Error> {
    let field = |from: usize| {
        let field = trailer.get(from..).and_then(|bytes| bytes.first_chunk());
        field.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    };
    let (stated_crc, stated_size) = (field(0), field(4));
    if stated_crc != crc {
        return Err(Error::corrupt(
            at,
            "gzip crc32",
            format_args!("{stated_crc:08x}"),
            format_args!("{crc:08x}"),
        ));
    }
    // The field holds the size modulo 2^32.
    let size = (size & u64::from(u32::MAX)) as u32;
    if stated_size != size {
        return Err(Error::corrupt(
            at.saturating_add(4),
            "gzip size",
            stated_size,
            size,
        ));
    }
    Ok(())
}
