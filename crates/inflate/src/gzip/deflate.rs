//! Raw deflate data, RFC 1951.

use super::raw::{Raw, Stop, Until};
use crate::decoder::Halt;
use crate::gather::Input;
use crate::restart::{Collector, Middle, RestartPoint};

/// How much is unpacked at a time, in bytes. Each round saves a window of 32 KiB, so the buffer is
/// some times that; and it should stay in the processor's second cache with what reads it next.
const RUN: usize = 128 << 10;

/// An inflater and its output buffer, both used again for the next stream.
pub(crate) struct Deflate {
    inflater: Raw,
    run: Box<[u8]>,
    /// How many bits of the first byte belong to what came before; none after that byte.
    used_bits: u8,
}

/// How far the data went.
pub(crate) enum Inflated {
    /// All input is used up, and there is more to come.
    More,
    /// The last block has ended; the next byte of the input is not deflate data.
    End,
    /// The data is not valid from the next byte of the input on.
    Invalid(&'static str),
    /// There is not enough memory for an inflater.
    NoMemory,
}

impl Deflate {
    pub(crate) fn new() -> Self {
        Self {
            inflater: Raw::new(),
            run: vec![0; RUN].into_boxed_slice(),
            used_bits: 0,
        }
    }

    /// Makes ready for another stream.
    pub(crate) fn reset(&mut self) {
        self.inflater.reset();
        self.used_bits = 0;
    }

    /// Makes ready for the rest of a stream.
    pub(crate) fn resume(&mut self, middle: &Middle) {
        self.inflater.resume(&middle.window);
        self.used_bits = middle.used_bits & 7;
    }

    /// Unpacks `input` into runs for `out`, and tells `points` where a block ends when one is due.
    pub(crate) fn push(
        &mut self,
        input: &mut Input<'_>,
        points: &mut Collector,
        mut out: impl FnMut(&[u8]) -> Result<(), Halt>,
    ) -> Result<Inflated, Halt> {
        if self.used_bits > 0 {
            let Some(first) = input.split(1).first() else {
                return Ok(Inflated::More);
            };
            self.inflater.prime(*first, 8 - self.used_bits);
            self.used_bits = 0;
        }
        loop {
            // The output is cut where a point falls due, so that the next block end after it is the same for every
            // cut of the input. One that falls on that very place may or may not have been passed, and never counts.
            let (room, until) = match points.until_due() {
                0 => (RUN, Until::BlockEnd),
                due => (usize::try_from(due).unwrap_or(RUN), Until::StreamEnd),
            };
            let room = room.min(self.run.len());
            let run = self.run.get_mut(..room).unwrap_or_default();
            let step = self.inflater.inflate(input.bytes(), run, until);
            // What was read and written is right after an error too, and the output before it is good.
            input.split(step.read);
            out(run.get(..step.written).unwrap_or_default())?;
            points.advance(step.written as u64);
            match step.stop {
                Stop::StreamEnd => return Ok(Inflated::End),
                Stop::BlockEnd { unused_bits } => {
                    if points.is_overdue() {
                        let unused = u64::from(unused_bits);
                        let middle = Middle {
                            used_bits: (unused.wrapping_neg() & 7) as u8,
                            window: self.inflater.window(),
                        };
                        points.add(RestartPoint {
                            compressed: input.offset().saturating_sub(unused.div_ceil(8)),
                            output: points.output(),
                            middle: Some(middle),
                        });
                    }
                }
                Stop::Space if step.written == room => {}
                Stop::Space if input.is_empty() => return Ok(Inflated::More),
                Stop::Space if step.read > 0 || step.written > 0 => {}
                Stop::Space => return Ok(Inflated::Invalid("data that leads nowhere")),
                Stop::Invalid => return Ok(Inflated::Invalid("an invalid code")),
                Stop::NoMemory => return Ok(Inflated::NoMemory),
            }
        }
    }
}
