//! Raw deflate data, RFC 1951.

use flate2::{Decompress, FlushDecompress, Status};

use crate::decoder::Halt;
use crate::gather::Input;

/// How much is unpacked at a time, in bytes. Each round saves a window of 32 KiB, so the buffer is
/// some times that; and it should stay in the processor's second cache with what reads it next.
const RUN: usize = 128 << 10;

/// An inflater and its output buffer, both used again for the next stream.
pub(crate) struct Deflate {
    inflater: Decompress,
    run: Box<[u8]>,
}

/// How far the data went.
pub(crate) enum Inflated {
    /// All input is used up, and there is more to come.
    More,
    /// The last block has ended; the next byte of the input is not deflate data.
    End,
    /// The data is not valid from the next byte of the input on.
    Invalid(String),
}

impl Deflate {
    pub(crate) fn new() -> Self {
        Self {
            inflater: Decompress::new(false),
            run: vec![0; RUN].into_boxed_slice(),
        }
    }

    /// Makes ready for another stream.
    pub(crate) fn reset(&mut self) {
        self.inflater.reset(false);
    }

    /// Unpacks `input` into runs for `out`.
    pub(crate) fn push(
        &mut self,
        input: &mut Input<'_>,
        mut out: impl FnMut(&[u8]) -> Result<(), Halt>,
    ) -> Result<Inflated, Halt> {
        loop {
            let (read, written) = (self.inflater.total_in(), self.inflater.total_out());
            let status =
                self.inflater
                    .decompress(input.bytes(), &mut self.run, FlushDecompress::None);
            // Both counts are right after an error too, and the output before it is good.
            let read = self.inflater.total_in().wrapping_sub(read);
            let written = self.inflater.total_out().wrapping_sub(written);
            input.split_u64(read);
            let full = written == self.run.len() as u64;
            let run = usize::try_from(written).ok();
            out(run.and_then(|len| self.run.get(..len)).unwrap_or_default())?;
            match status {
                Ok(Status::StreamEnd) => return Ok(Inflated::End),
                Ok(Status::Ok | Status::BufError) if full => {}
                Ok(Status::Ok | Status::BufError) if input.is_empty() => return Ok(Inflated::More),
                Ok(Status::Ok | Status::BufError) if read > 0 || written > 0 => {}
                Ok(Status::Ok | Status::BufError) => {
                    return Ok(Inflated::Invalid("data that leads nowhere".to_owned()));
                }
                // The inflater's message depends on how the input was cut: its fast path has another.
                Err(_) => return Ok(Inflated::Invalid("an invalid code".to_owned())),
            }
        }
    }
}
