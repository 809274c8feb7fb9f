//! zlib-rs by way of its C interface: its safe one cannot begin between two bits of a stream, nor tell
//! where a block ends.
//!
//! This is all the `unsafe` there is. What the calls rely on is that a stream was set up by
//! `inflateInit2_`, or holds no state, which every one of them answers with an error; and that the
//! pointers in it are those of slices which live until the call returns.
#![allow(
    unsafe_code,
    reason = "zlib-rs offers restarting through its C interface only"
)]

use std::ffi::c_int;
use std::mem::size_of;
use std::ptr;

use libz_rs_sys::{
    Z_BLOCK, Z_BUF_ERROR, Z_DATA_ERROR, Z_NO_FLUSH, Z_OK, Z_STREAM_END, inflate, inflateEnd,
    inflateGetDictionary, inflateInit2_, inflatePrime, inflateReset, inflateSetDictionary,
    z_stream, zlibVersion,
};

/// Bytes of the window: how far back deflate data can refer.
pub(crate) const WINDOW: usize = 32 << 10;

/// Raw deflate data without a header, as `windowBits` says it.
const RAW: c_int = -15;

/// In `data_type`: how many bits were taken from the input and not used, in the last block, at its end.
const BITS: c_int = 63;
const LAST_BLOCK: c_int = 64;
const BLOCK_END: c_int = 128;

/// An inflater of raw deflate data, RFC 1951.
pub(crate) struct Raw(z_stream);

/// Where an inflater is to stop, if neither the input nor the room for output stops it before.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Until {
    StreamEnd,
    BlockEnd,
}

/// How far one call went.
pub(crate) struct Step {
    /// Bytes of the input that were taken.
    pub(crate) read: usize,
    /// Bytes of the output that were written.
    pub(crate) written: usize,
    pub(crate) stop: Stop,
}

#[derive(Clone, Copy)]
pub(crate) enum Stop {
    /// The input is used up, or the room for output is.
    Space,
    /// A block has ended that is not the last; so many bits of the bytes taken belong to the next.
    BlockEnd {
        unused_bits: u8,
    },
    StreamEnd,
    Invalid,
    NoMemory,
}

// SAFETY: the stream is the only owner of its state, and no call leaves a pointer in it that is used after the call.
unsafe impl Send for Raw {}

impl Raw {
    /// A new inflater. For want of memory it may be one that never does more than say so.
    pub(crate) fn new() -> Self {
        let mut stream = z_stream::default();
        // SAFETY: `stream` is valid, its allocator is zlib-rs's own, and the version is that of the same library.
        // When it fails it leaves the state null.
        unsafe {
            inflateInit2_(
                &mut stream,
                RAW,
                zlibVersion(),
                size_of::<z_stream>() as c_int,
            )
        };
        Self(stream)
    }

    /// Makes ready for another stream.
    pub(crate) fn reset(&mut self) {
        // SAFETY: the stream was set up in `new`.
        unsafe { inflateReset(&mut self.0) };
    }

    /// Unpacks as much of `input` as there is room for in `output`.
    pub(crate) fn inflate(&mut self, input: &[u8], output: &mut [u8], until: Until) -> Step {
        // What does not fit the C type is left for the next call.
        let short = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let (available, room) = (short(input.len()), short(output.len()));
        self.0.next_in = input.as_ptr();
        self.0.avail_in = available;
        self.0.next_out = output.as_mut_ptr();
        self.0.avail_out = room;
        let flush = match until {
            Until::StreamEnd => Z_NO_FLUSH,
            Until::BlockEnd => Z_BLOCK,
        };
        // SAFETY: the stream was set up in `new`; input and output are valid for the lengths given, none longer than
        // its slice, and the borrow of `output` sees to it that they do not overlap.
        let code = unsafe { inflate(&mut self.0, flush) };
        let read = available.saturating_sub(self.0.avail_in) as usize;
        let written = room.saturating_sub(self.0.avail_out) as usize;
        self.0.next_in = ptr::null();
        self.0.next_out = ptr::null_mut();
        let state = self.0.data_type;
        let stop = match code {
            Z_STREAM_END => Stop::StreamEnd,
            // A block may end in bits that were taken before, which counts as no progress.
            Z_OK | Z_BUF_ERROR
                if until == Until::BlockEnd && state & (BLOCK_END | LAST_BLOCK) == BLOCK_END =>
            {
                Stop::BlockEnd {
                    unused_bits: (state & BITS) as u8,
                }
            }
            Z_OK | Z_BUF_ERROR => Stop::Space,
            Z_DATA_ERROR => Stop::Invalid,
            _ => Stop::NoMemory,
        };
        Step {
            read,
            written,
            stop,
        }
    }

    /// The last bytes of the output, at most [`WINDOW`] of them.
    pub(crate) fn window(&self) -> Box<[u8]> {
        let mut window = vec![0; WINDOW];
        let mut len = 0;
        // SAFETY: the stream was set up in `new`, and `window` has room for as much as the library ever writes.
        unsafe { inflateGetDictionary(&self.0, window.as_mut_ptr(), &mut len) };
        window.truncate(len as usize);
        window.into_boxed_slice()
    }

    /// Begins in the middle of a stream, of which `window` came last.
    pub(crate) fn resume(&mut self, window: &[u8]) {
        let last = window.len().saturating_sub(WINDOW);
        let window = window.get(last..).unwrap_or_default();
        // SAFETY: the stream was set up in `new`; `window` is valid for its length, which fits the C type.
        unsafe { inflateSetDictionary(&mut self.0, window.as_ptr(), window.len() as u32) };
    }

    /// Takes the highest `bits` bits of `byte`, 1 to 8, as the first of the input.
    pub(crate) fn prime(&mut self, byte: u8, bits: u8) {
        let bits = bits.clamp(1, 8);
        // SAFETY: the stream was set up in `new`; a number of bits that has no place is refused.
        unsafe { inflatePrime(&mut self.0, bits.into(), (byte >> (8 - bits)).into()) };
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: the stream was set up in `new`, and nothing uses it after this.
        unsafe { inflateEnd(&mut self.0) };
    }
}
