//! Zstandard, RFC 8878: frames and skippable frames one after another.

mod header;

use std::io::{self, Read, Write};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use self::header::FrameHeader;
pub(crate) use self::header::{MAGIC, begins_skippable};
use crate::decoder::{Ending, Halt, Output, deliver};
use crate::error::hexadecimal;
use crate::gather::{Gather, Input};
use crate::restart::{Collector, RestartPoint};
use crate::{Error, Limits, Trailing};

/// The most that is handed over at a time, in bytes. At the end of a frame a whole window is due,
/// and whoever wants to stop should not have to take all of it.
const RUN: usize = 128 << 10;

/// Bytes in front of a block.
const BLOCK_HEADER: usize = 3;

/// Magic and length of a skippable frame, in bytes.
const SKIPPABLE_HEADER: usize = 8;

/// An empty last block, and a checksum for the frames that have one.
const CLOSING: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Decodes any number of frames, block by block, with one decoder whose buffers are used again.
///
/// The frame decoder is given whole blocks only, so all it does is free of how the input was cut.
/// Headers, sizes, limits and checksums are looked at here, because it trusts some and ignores others.
pub(crate) struct Zstd {
    limits: Limits,
    state: State,
    gather: Gather,
    frames: FrameDecoder,
    /// What the current frame has delivered, in bytes.
    delivered: u64,
    members: u64,
    checksummed: bool,
    trailing: Trailing,
    offset: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// At a frame of either kind.
    Header,
    Skippable {
        left: u64,
    },
    Block(FrameHeader),
    Checksum,
    /// A frame has ended, and another may follow.
    Between,
    Trailing,
}

impl Zstd {
    pub(crate) fn new(limits: Limits) -> Self {
        // Headers are measured before it sees them; its own limit must not be lower.
        let mut frames = FrameDecoder::new();
        frames.set_max_window_size(limits.zstd_window);
        Self {
            limits,
            state: State::Header,
            gather: Gather::default(),
            frames,
            delivered: 0,
            members: 0,
            checksummed: true,
            trailing: Trailing::None,
            offset: 0,
        }
    }

    /// Decodes from a point on, which is the start of a frame.
    pub(crate) fn resume(point: &RestartPoint, limits: Limits) -> Self {
        Self {
            offset: point.compressed,
            ..Self::new(limits)
        }
    }

    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        points: &mut Collector,
        out: &mut Output<'_>,
    ) -> Result<(), Halt> {
        let mut input = Input::new(bytes, self.offset);
        loop {
            match self.step(&mut input, points, out) {
                Ok(true) => {}
                Ok(false) => break,
                Err(Halt::Failed(error)) => {
                    self.release(out)?;
                    return Err(error.into());
                }
                Err(Halt::Stopped) => return Err(Halt::Stopped),
            }
        }
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
            State::Header => return Ok(self.begin(input)?),
            State::Skippable { left: 0 } => self.state = State::Between,
            State::Skippable { left } => {
                let skipped = input.split_u64(left).len() as u64;
                let left = left.saturating_sub(skipped);
                self.state = State::Skippable { left };
                return Ok(left == 0);
            }
            State::Block(frame) => {
                let before = self.delivered;
                let done = self.block(frame, input, out);
                points.advance(self.delivered.saturating_sub(before));
                return done;
            }
            State::Checksum => {
                let at = self.gather.offset(input);
                let Some(stated) = self.gather.take(input, 4) else {
                    return Ok(false);
                };
                let stated = stated.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
                let found = self.frames.get_calculated_checksum();
                if stated != found {
                    let hexadecimal = |sum: Option<u32>| format!("{:08x}", sum.unwrap_or_default());
                    return Err(Error::corrupt(
                        at,
                        "zstd checksum",
                        hexadecimal(stated),
                        hexadecimal(found),
                    )
                    .into());
                }
                self.state = State::Between;
            }
            State::Between => {
                let fits = |head: &[u8]| MAGIC.starts_with(head) || begins_skippable(head);
                self.state = match self.gather.recognize(input, MAGIC.len(), fits) {
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

    /// Reads the header of a frame of either kind.
    fn begin(&mut self, input: &mut Input<'_>) -> Result<bool, Error> {
        let at = self.gather.offset(input);
        let Some(magic) = self.gather.peek(input, MAGIC.len()) else {
            return Ok(false);
        };
        if begins_skippable(magic) {
            let Some(header) = self.gather.take(input, SKIPPABLE_HEADER) else {
                return Ok(false);
            };
            let left = u64::from(
                header
                    .last_chunk()
                    .map_or(0, |len| u32::from_le_bytes(*len)),
            );
            self.state = State::Skippable { left };
            return Ok(true);
        }
        if magic != MAGIC {
            let found = hexadecimal(magic);
            return Err(Error::corrupt(at, "zstd magic", hexadecimal(&MAGIC), found));
        }
        let Some(head) = self.gather.peek(input, header::DESCRIBED) else {
            return Ok(false);
        };
        let len = header::length(head);
        let Some(bytes) = self.gather.take(input, len) else {
            return Ok(false);
        };
        let frame = header::read(bytes, at, &self.limits)?;
        self.frames
            .init(bytes)
            .map_err(|error| Error::corrupt(at, "zstd frame header", "a valid one", error))?;
        self.delivered = 0;
        self.state = State::Block(frame);
        Ok(true)
    }

    /// Decodes the next block once all of it is there.
    fn block(
        &mut self,
        frame: FrameHeader,
        input: &mut Input<'_>,
        out: &mut Output<'_>,
    ) -> Result<bool, Halt> {
        let at = self.gather.offset(input);
        let Some(head) = self.gather.peek(input, BLOCK_HEADER) else {
            return Ok(false);
        };
        let block = BlockHeader::read(head, at, &frame)?;
        let Some(bytes) = self.gather.take(input, block.len) else {
            return Ok(false);
        };
        // A last block would make the decoder read the checksum too. The real one may not have
        // arrived, and is compared here anyway.
        let (_, checksum) = CLOSING.split_at(BLOCK_HEADER);
        self.frames
            .decode_blocks(bytes.chain(checksum), BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| Error::corrupt(at, "zstd block", "a valid one", error))?;
        self.drain(out)?;
        let delivered = self.delivered;
        if let Some(size) = frame.content_size
            && (delivered > size || block.last && delivered < size)
        {
            let found = if block.last {
                delivered.to_string()
            } else {
                "more".to_owned()
            };
            return Err(Error::corrupt(frame.start, "zstd content size", size, found).into());
        }
        if block.last {
            self.members = self.members.saturating_add(1);
            self.checksummed &= frame.checksum;
            self.state = if frame.checksum {
                State::Checksum
            } else {
                State::Between
            };
        }
        Ok(true)
    }

    /// Delivers what the decoder need not keep: all but the window, or all when the frame has ended.
    fn drain(&mut self, out: &mut Output<'_>) -> Result<(), Halt> {
        let mut runs = Runs {
            out,
            delivered: 0,
            halt: None,
        };
        // It fails only when a run does, and that is in `halt`.
        let _ = self.frames.collect_to_writer(&mut runs);
        self.delivered = self.delivered.saturating_add(runs.delivered);
        runs.halt.map_or(Ok(()), Err)
    }

    /// Delivers the window of a frame that will not be completed: its bytes are decoded, and only
    /// kept because later blocks could have referred to them.
    fn release(&mut self, out: &mut Output<'_>) -> Result<(), Halt> {
        if !matches!(self.state, State::Block(_)) {
            return Ok(());
        }
        self.state = State::Trailing;
        match self
            .frames
            .decode_blocks(&CLOSING[..], BlockDecodingStrategy::UptoBlocks(1))
        {
            Ok(_) => self.drain(out),
            Err(_) => Ok(()),
        }
    }

    pub(crate) fn finish(&mut self, out: &mut Output<'_>) -> Result<Ending, Halt> {
        let within = match self.state {
            // Bytes that begin like another frame are that frame, cut short.
            State::Between if self.gather.is_empty() => None,
            State::Skippable { left: 0 } | State::Trailing => None,
            State::Header | State::Between => Some("zstd frame header"),
            State::Skippable { .. } => Some("zstd skippable frame"),
            State::Block(_) => Some("zstd block"),
            State::Checksum => Some("zstd checksum"),
        };
        if let Some(within) = within {
            self.release(out)?;
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

/// What the three bytes in front of a block say, RFC 8878 section 3.1.1.2.
struct BlockHeader {
    /// Length in the input in bytes, these three included.
    len: usize,
    last: bool,
}

impl BlockHeader {
    fn read(head: &[u8], at: u64, frame: &FrameHeader) -> Result<Self, Error> {
        let mut bytes = [0; 4];
        for (to, from) in bytes.iter_mut().zip(head).take(BLOCK_HEADER) {
            *to = *from;
        }
        let fields = u32::from_le_bytes(bytes);
        let size = fields >> 3;
        if u64::from(size) > frame.block_max {
            return Err(Error::corrupt(
                at,
                "zstd block size",
                format_args!("at most {}", frame.block_max),
                size,
            ));
        }
        let body = match fields >> 1 & 3 {
            // Raw and compressed.
            0 | 2 => size,
            // One byte, repeated.
            1 => 1,
            _ => return Err(Error::corrupt(at, "zstd block type", "0, 1 or 2", 3)),
        };
        Ok(Self {
            len: BLOCK_HEADER.saturating_add(body as usize),
            last: fields & 1 != 0,
        })
    }
}

/// Passes on what the decoder writes.
struct Runs<'a, 'o> {
    out: &'a mut Output<'o>,
    delivered: u64,
    halt: Option<Halt>,
}

impl Write for Runs<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (run, _) = bytes.split_at(bytes.len().min(RUN));
        if let Err(halt) = deliver(self.out, run) {
            self.halt = Some(halt);
            return Err(io::ErrorKind::Other.into());
        }
        self.delivered = self.delivered.saturating_add(run.len() as u64);
        Ok(run.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
