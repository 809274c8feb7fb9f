//! The header of an xz block, `.xz` format section 3.1.

use lzma_rust2::{FilterConfig, FilterType};

use super::varint::{NoNumber, Varint};
use crate::{Error, Limits};

/// A dictionary beyond this is refused whatever the [`Limits`], because the decoder counts in `usize`.
const DICTIONARY_MAX: u64 = 1 << 30;

/// What a block says of itself.
#[derive(Debug)]
pub(crate) struct BlockHeader {
    /// Where the block starts in the compressed stream.
    pub(crate) start: u64,
    /// Length of the header in bytes.
    pub(crate) len: u64,
    /// Length of the LZMA2 data in bytes, if stated.
    pub(crate) packed: Option<u64>,
    /// What the block unpacks to in bytes, if stated.
    pub(crate) unpacked: Option<u64>,
    /// Size of the dictionary in bytes.
    pub(crate) dictionary: u32,
    /// What the bytes go through after LZMA2.
    pub(crate) filter: Option<FilterConfig>,
}

/// Length of a block header in bytes, told by its first byte, which is not zero.
pub(crate) fn length(first: u8) -> usize {
    (usize::from(first) + 1) * 4
}

/// Reads a whole header, which starts at `start`, and refuses what cannot be decoded within
/// `limits`. Nothing has been allocated for the block by then.
pub(crate) fn read(header: &[u8], start: u64, limits: &Limits) -> Result<BlockHeader, Error> {
    let Some((fields, crc)) = header.split_last_chunk::<4>() else {
        return Err(malformed(start, "a header of less than eight bytes"));
    };
    let mut found = flate2::Crc::new();
    found.update(fields);
    let crc_at = start.saturating_add(fields.len() as u64);
    super::compare_crc32("xz block header crc32", crc_at, crc, found.sum())?;

    let (Some(&flags), Some(mut fields)) = (fields.get(1), fields.get(2..)) else {
        return Err(malformed(start, "a header without flags"));
    };
    if flags & 0x3c != 0 {
        return Err(Error::unsupported(
            start.saturating_add(1),
            "xz block flags",
            format_args!("{flags:#04x}"),
        ));
    }
    let fields = &mut fields;
    let number = |fields: &mut &[u8]| {
        Varint::read(fields).map_err(|NoNumber| malformed(start, "a number without an end"))
    };
    let mut packed = None;
    if flags & 0x40 != 0 {
        packed = Some(number(fields)?);
    }
    let mut unpacked = None;
    if flags & 0x80 != 0 {
        unpacked = Some(number(fields)?);
    }
    let mut filters = Vec::new();
    for _ in 0..=flags & 3 {
        let id = number(fields)?;
        let len = number(fields)?;
        let properties = usize::try_from(len)
            .ok()
            .and_then(|len| fields.split_at_checked(len));
        let Some((properties, rest)) = properties else {
            return Err(malformed(start, "a filter that is longer than the header"));
        };
        *fields = rest;
        filters.push((id, properties));
    }
    if fields.iter().any(|byte| *byte != 0) {
        return Err(malformed(start, "padding that is not zero"));
    }
    let Some(((LZMA2, properties), before)) = filters.split_last() else {
        return Err(malformed(start, "a last filter that is not LZMA2"));
    };
    let filter = match before {
        [] => None,
        [(id, properties)] => Some(filter(*id, properties, start)?),
        more => {
            return Err(Error::unsupported(
                start,
                "xz filters",
                format_args!("{} in a row", more.len()),
            ));
        }
    };
    Ok(BlockHeader {
        start,
        len: header.len() as u64,
        packed,
        unpacked,
        dictionary: dictionary(properties, start, limits)?,
        filter,
    })
}

const LZMA2: u64 = 0x21;

/// Reads the properties of LZMA2: one byte for the size of the dictionary.
fn dictionary(properties: &[u8], start: u64, limits: &Limits) -> Result<u32, Error> {
    let size = match properties {
        [40] => u32::MAX,
        // Powers of two, and one and a half times those.
        [byte @ 0..40] => (2 | u32::from(byte & 1)) << (byte / 2 + 11),
        _ => return Err(malformed(start, "a dictionary of no size")),
    };
    let limit = limits.xz_dictionary.min(DICTIONARY_MAX);
    if u64::from(size) > limit {
        return Err(Error::TooLarge {
            offset: start,
            what: "xz dictionary",
            limit,
            found: size.into(),
        });
    }
    Ok(size)
}

/// Reads a filter that stands before LZMA2: one for some kind of machine code, or delta.
fn filter(id: u64, properties: &[u8], start: u64) -> Result<FilterConfig, Error> {
    let (filter_type, alignment) = match id {
        0x03 => (FilterType::Delta, 1),
        0x04 => (FilterType::BcjX86, 1),
        0x05 => (FilterType::BcjPpc, 4),
        0x06 => (FilterType::BcjIa64, 16),
        0x07 => (FilterType::BcjArm, 4),
        0x08 => (FilterType::BcjArmThumb, 2),
        0x09 => (FilterType::BcjSparc, 4),
        0x0a => (FilterType::BcjArm64, 4),
        0x0b => (FilterType::BcjRiscv, 2),
        LZMA2 => return Err(malformed(start, "LZMA2 before the last filter")),
        _ => {
            return Err(Error::unsupported(
                start,
                "xz filter",
                format_args!("{id:#x}"),
            ));
        }
    };
    let property = match (filter_type, properties) {
        (FilterType::Delta, [distance]) => u32::from(*distance) + 1,
        (FilterType::Delta, _) => return Err(malformed(start, "a delta filter of no distance")),
        (_, []) => 0,
        (_, properties) => match properties.as_array() {
            Some(offset) => u32::from_le_bytes(*offset),
            None => return Err(malformed(start, "a filter with odd properties")),
        },
    };
    if !property.is_multiple_of(alignment) {
        return Err(malformed(
            start,
            "a filter that starts between instructions",
        ));
    }
    Ok(FilterConfig {
        filter_type,
        property,
    })
}

fn malformed(start: u64, found: &'static str) -> Error {
    Error::corrupt(start, "xz block header", "a valid one", found)
}
