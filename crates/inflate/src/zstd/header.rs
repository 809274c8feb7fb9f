//! The header of a zstd frame, RFC 8878 section 3.1.1.1.

use crate::{Error, Limits};

/// What a frame begins with: 0xFD2FB528, little-endian.
pub(crate) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether `head` begins like a skippable frame, as far as it goes. Sixteen magics do, which differ
/// in the low half of their first byte: 0x184D2A50 to 0x184D2A5F, little-endian.
pub(crate) fn begins_skippable(head: &[u8]) -> bool {
    match head.split_first() {
        Some((first, rest)) => {
            let rest = rest.get(..3).unwrap_or(rest);
            first & 0xf0 == 0x50 && [0x2a, 0x4d, 0x18].starts_with(rest)
        }
        None => true,
    }
}

/// Bytes that tell how long the header is: the magic and the descriptor.
pub(crate) const DESCRIBED: usize = 5;

/// No block unpacks to more, whatever the window.
const BLOCK_MAX: u64 = 128 << 10;

/// The decoder counts in `usize` and needs room beyond the window, so there is an end to what even
/// generous [`Limits`] can allow.
const WINDOW_MAX: u64 = 1 << 30;

/// What a frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FrameHeader {
    /// Where the frame starts in the compressed stream.
    pub(crate) start: u64,
    /// What the frame unpacks to, in bytes, if it says so.
    pub(crate) content_size: Option<u64>,
    /// Whether a checksum of the content follows the last block.
    pub(crate) checksum: bool,
    /// The largest size of a block, packed or unpacked, in bytes.
    pub(crate) block_max: u64,
}

/// The length of a frame header in bytes, told by its first [`DESCRIBED`].
pub(crate) fn length(head: &[u8]) -> usize {
    let descriptor = Descriptor(head.get(4).copied().unwrap_or_default());
    DESCRIBED
        .saturating_add(descriptor.window_len())
        .saturating_add(descriptor.dictionary_len())
        .saturating_add(descriptor.content_size_len())
}

/// Reads a whole header, which starts at `start`, and refuses what cannot be decoded within
/// `limits`. Nothing has been allocated for the frame by then.
pub(crate) fn read(header: &[u8], start: u64, limits: &Limits) -> Result<FrameHeader, Error> {
    let mut fields = header.get(4..).unwrap_or_default();
    let descriptor = Descriptor(little_endian(&mut fields, 1) as u8);
    if descriptor.reserved() {
        return Err(Error::unsupported(
            start.saturating_add(4),
            "zstd frame header",
            "the reserved bit is set",
        ));
    }
    let window_byte = little_endian(&mut fields, descriptor.window_len());
    let dictionary = little_endian(&mut fields, descriptor.dictionary_len());
    let size_len = descriptor.content_size_len();
    let size = little_endian(&mut fields, size_len);
    let content_size = match size_len {
        0 => None,
        // Two bytes start counting where one byte ends.
        2 => Some(size.saturating_add(256)),
        _ => Some(size),
    };
    if dictionary != 0 {
        return Err(Error::unsupported(
            start,
            "zstd dictionary",
            format_args!("id {dictionary}"),
        ));
    }
    let window = match content_size {
        Some(size) if descriptor.single_segment() => size,
        _ => window_size(window_byte),
    };
    let limit = limits.zstd_window.min(WINDOW_MAX);
    if window > limit {
        return Err(Error::TooLarge {
            offset: start,
            what: "zstd window",
            limit,
            found: window,
        });
    }
    Ok(FrameHeader {
        start,
        content_size,
        checksum: descriptor.checksum(),
        block_max: window.min(BLOCK_MAX),
    })
}

/// A power of two from 1 KiB on, and so many eighths of it.
fn window_size(byte: u64) -> u64 {
    let base = 1u64 << (10 + (byte >> 3 & 0x1f));
    base + base / 8 * (byte & 7)
}

/// The byte that says which fields the header has.
#[derive(Clone, Copy)]
struct Descriptor(u8);

impl Descriptor {
    fn single_segment(self) -> bool {
        self.0 & 0x20 != 0
    }

    fn reserved(self) -> bool {
        self.0 & 0x08 != 0
    }

    fn checksum(self) -> bool {
        self.0 & 0x04 != 0
    }

    fn window_len(self) -> usize {
        if self.single_segment() { 0 } else { 1 }
    }

    fn dictionary_len(self) -> usize {
        match self.0 & 3 {
            0 => 0,
            1 => 1,
            2 => 2,
            _ => 4,
        }
    }

    fn content_size_len(self) -> usize {
        match self.0 >> 6 {
            0 if self.single_segment() => 1,
            0 => 0,
            1 => 2,
            2 => 4,
            _ => 8,
        }
    }
}

/// Takes the next `len` bytes, at most eight, as a number.
fn little_endian(fields: &mut &[u8], len: usize) -> u64 {
    let (field, rest) = fields.split_at(len.min(fields.len()));
    *fields = rest;
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(field) {
        *to = *from;
    }
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(fields: &[u8]) -> Vec<u8> {
        [&MAGIC[..], fields].concat()
    }

    #[test]
    fn windows_are_measured_before_anything_else_happens() {
        let limits = Limits::default();
        let largest = header(&[0x00, 17 << 3]);
        assert_eq!(length(&largest), 6);
        let read_window = |byte| read(&header(&[0x00, byte]), 7, &limits);
        if limits.zstd_window == 128 << 20 {
            assert!(read_window(17 << 3).is_ok());
        }
        for (byte, found) in [
            (17 << 3 | 1, (128 << 20) + (16 << 20)),
            (20 << 3, 1 << 30),
            (31 << 3, 1 << 41),
            (31 << 3 | 7, (1 << 41) + 7 * (1 << 38)),
        ] {
            let error = read_window(byte).unwrap_err();
            let Error::TooLarge {
                offset: 7,
                limit,
                found: told,
                ..
            } = error
            else {
                panic!("{error:?}");
            };
            assert_eq!((limit, told), (limits.zstd_window, found));
        }
    }

    #[test]
    fn fields_have_the_lengths_that_the_descriptor_says() {
        let limits = Limits::default();
        let size = |fields: &[u8]| {
            let header = header(fields);
            assert_eq!(length(&header), header.len());
            read(&header, 0, &limits).map(|header| header.content_size)
        };
        assert_eq!(size(&[0x00, 0]), Ok(None));
        assert_eq!(size(&[0x20, 9]), Ok(Some(9)));
        assert_eq!(size(&[0x60, 1, 1]), Ok(Some(0x101 + 256)));
        assert_eq!(size(&[0x80, 0, 1, 2, 3, 4]), Ok(Some(0x0403_0201)));
        assert_eq!(
            size(&[0xc0, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
            Ok(Some(0x0807_0605_0403_0201))
        );
        // A dictionary of id 0 is none.
        assert_eq!(size(&[0x03, 0, 0, 0, 0, 0]), Ok(None));
        let error = size(&[0x02, 0, 0x39, 0x30]).unwrap_err();
        assert_eq!(error.name(), "inflate-unsupported");
        assert!(error.to_string().contains("12345"), "{error}");
        assert!(size(&[0x08, 0]).is_err());
    }

    #[test]
    fn a_single_segment_is_its_own_window() {
        let limits = Limits {
            zstd_window: 300,
            ..Limits::default()
        };
        assert_eq!(
            read(&header(&[0x60, 44, 0]), 0, &limits).unwrap().block_max,
            300
        );
        assert!(read(&header(&[0x60, 45, 0]), 0, &limits).is_err());
    }
}
