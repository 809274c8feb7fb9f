//! LZMA2, the data of an xz block: chunks, each of which is decoded once all of it is there.

use lzma_rust2::{Action, Lzma2Stream};

use super::block_header::BlockHeader;
use crate::Error;
use crate::decoder::Halt;

/// How much is unpacked at a time, in bytes.
const RUN: usize = 128 << 10;

/// Decodes the data of one block after the other. It is fed whole chunks only, so all it does is
/// free of how the input was cut.
pub(crate) struct Lzma2 {
    stream: Option<Stream>,
    /// No chunk of the current block has come yet.
    fresh: bool,
    run: Box<[u8]>,
}

struct Stream {
    decoder: Lzma2Stream,
    dictionary: u32,
    filtered: bool,
}

/// What a chunk begins with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Chunk {
    /// One byte that ends the data.
    End,
    /// More than one byte: this many tell the length.
    Long { header: usize },
}

impl Chunk {
    /// Reads the first byte of a chunk, which is at `at`.
    pub(crate) fn read(control: u8, at: u64) -> Result<Self, Error> {
        match control {
            0 => Ok(Chunk::End),
            1 | 2 => Ok(Chunk::Long { header: 3 }),
            0x80.. => Ok(Chunk::Long { header: 5 }),
            _ => Err(malformed(
                at,
                format_args!("a chunk of kind {control:#04x}"),
            )),
        }
    }
}

/// The length of a long chunk in bytes, told by the header that [`Chunk::read`] asked for.
pub(crate) fn length(header: &[u8]) -> usize {
    let (properties, size) = match *header {
        [control, _, _, high, low] => (usize::from(control >= 0xc0), [high, low]),
        [_, high, low] => (0, [high, low]),
        _ => (0, [0, 0]),
    };
    header.len() + properties + usize::from(u16::from_be_bytes(size)) + 1
}

/// What a long chunk unpacks to in bytes, told by its header.
fn unpacked(chunk: &[u8]) -> u64 {
    match *chunk {
        [control, high, low, ..] => {
            let size = u64::from(u16::from_be_bytes([high, low])) + 1;
            if control < 0x80 {
                return size;
            }
            size + (u64::from(control & 0x1f) << 16)
        }
        _ => 0,
    }
}

impl Lzma2 {
    pub(crate) fn new() -> Self {
        Self {
            stream: None,
            fresh: true,
            run: vec![0; RUN].into_boxed_slice(),
        }
    }

    /// Makes ready for the data of a block.
    pub(crate) fn begin(&mut self, block: &BlockHeader) -> Result<(), Error> {
        self.fresh = true;
        // The first chunk of a block sets the decoder back by itself, and a dictionary is worth
        // keeping. A filter has no such way back.
        if let (Some(stream), None) = (&self.stream, &block.filter)
            && !stream.filtered
            && stream.dictionary == block.dictionary
        {
            return Ok(());
        }
        let mut decoder = Lzma2Stream::new(block.dictionary);
        if let Some(filter) = &block.filter {
            decoder
                .set_filters(std::slice::from_ref(filter))
                .map_err(|_| Error::unsupported(block.start, "xz filter", "not decodable"))?;
        }
        self.stream = Some(Stream {
            decoder,
            dictionary: block.dictionary,
            filtered: block.filter.is_some(),
        });
        Ok(())
    }

    /// Decodes one whole chunk, which starts at `at`, into runs for `out`.
    pub(crate) fn push(
        &mut self,
        chunk: &[u8],
        at: u64,
        out: impl FnMut(&[u8]) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        match chunk.first() {
            Some(0) => {
                // A filter holds the last bytes back until it knows that they are the last. Without
                // one the decoder is not told of the end, and goes on with the next block.
                if self.stream.as_ref().is_some_and(|stream| stream.filtered) {
                    self.decode(chunk, at, out)?;
                    self.stream = None;
                }
                return Ok(());
            }
            Some(1 | 0xe0..) => self.fresh = false,
            _ if self.fresh => {
                return Err(malformed(at, "a first chunk without a dictionary of its own").into());
            }
            _ => {}
        }
        let delivered = self.decode(chunk, at, out)?;
        // What a filter holds back comes with the next chunk.
        let filtered = self.stream.as_ref().is_some_and(|stream| stream.filtered);
        if !filtered && delivered != unpacked(chunk) {
            return Err(malformed(at, "a chunk of another size than it states").into());
        }
        Ok(())
    }

    /// Feeds the decoder, and tells how many bytes came out.
    fn decode(
        &mut self,
        mut bytes: &[u8],
        at: u64,
        mut out: impl FnMut(&[u8]) -> Result<(), Halt>,
    ) -> Result<u64, Halt> {
        let Some(Stream {
            decoder,
            dictionary,
            ..
        }) = &mut self.stream
        else {
            return Ok(0);
        };
        let start = decoder.total_out();
        loop {
            let before = decoder.total_out();
            let result = decoder.process(bytes, &mut self.run, Action::Run);
            // This count is right after an error too.
            let written = usize::try_from(decoder.total_out().wrapping_sub(before));
            let run = written.ok().and_then(|len| self.run.get(..len));
            let run = run.unwrap_or_default();
            if !run.is_empty() {
                out(run)?;
            }
            match result {
                Ok(progress) => {
                    let (_, rest) = bytes.split_at(progress.bytes_consumed.min(bytes.len()));
                    bytes = rest;
                    if bytes.is_empty() && run.len() < self.run.len() {
                        return Ok(decoder.total_out().wrapping_sub(start));
                    }
                    if progress.bytes_consumed == 0 && run.is_empty() {
                        return Err(malformed(at, "a chunk that leads nowhere").into());
                    }
                }
                Err(lzma_rust2::Error::OutOfMemory(_)) => {
                    return Err(Error::OutOfMemory {
                        offset: at,
                        needed: u64::from(*dictionary),
                    }
                    .into());
                }
                Err(_) => return Err(malformed(at, "a chunk that does not decode").into()),
            }
        }
    }
}

fn malformed(at: u64, found: impl ToString) -> Error {
    Error::corrupt(at, "LZMA2 data", "a valid chunk", found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_tell_their_length() {
        assert_eq!(Chunk::read(0, 0), Ok(Chunk::End));
        assert_eq!(Chunk::read(2, 0), Ok(Chunk::Long { header: 3 }));
        assert_eq!(Chunk::read(0x80, 0), Ok(Chunk::Long { header: 5 }));
        assert_eq!(Chunk::read(0x7f, 9).unwrap_err().offset(), Some(9));
        assert_eq!(length(&[1, 0xff, 0xff]), 3 + 65536);
        assert_eq!(length(&[0x80, 0, 0, 0, 4]), 5 + 5);
        assert_eq!(length(&[0xe0, 0, 0, 0xff, 0xff]), 6 + 65536);
        assert_eq!(unpacked(&[1, 0, 0, b'x']), 1);
        assert_eq!(unpacked(&[0xff, 0xff, 0xff, 0, 0]), 2 << 20);
    }
}
