//! A scanned layer as bytes, to hand it from a worker to another and to keep it.
//!
//! Version 2, all numbers little-endian:
//!
//! ```text
//! magic "LSLAYER\0" · version u16 · found · failure · oddities · their counts ·
//! number of records, owners, extras, segments u32 · bytes of paths, texts u32 ·
//! records (52 bytes each) · owners (32) · extras (57) · segments (16) · paths · texts ·
//! number of restart points u32 · restart points (17 bytes each, or 22 and a window) ·
//! xxh3-64 of all that
//! ```

mod failure;
mod index;
mod restart;

use layerscope_inflate::Compression;
use layerscope_oci::{DiffId, Digest};
use twox_hash::XxHash3_64;

use crate::wire::{Reader, Writer};
use crate::{Error, Found, Oddity, OddityCounts, OddityKind, ScannedLayer};

const MAGIC: &[u8; 8] = b"LSLAYER\0";

/// Goes up with every change of the form; other versions are refused, and the layer is read again.
const VERSION: u16 = 2;

/// Bytes of the checksum at the end.
const CHECKSUM: usize = 8;

/// The least bytes that an oddity takes, and those of a count.
const ODDITY: usize = 18;
const COUNT: usize = 9;

impl ScannedLayer {
    /// The layer as bytes: 52 for each plain entry, its path, the windows of the restart points, and little else.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Digests, oddities and the like rarely take more than the second part.
        let main = index::stored_len(&self.index) + restart::stored_len(&self.restart_points);
        let mut out = Writer::with_capacity(main.saturating_add(4096));
        out.bytes(MAGIC);
        out.u16(VERSION);
        write_found(&mut out, &self.found);
        out.u8(u8::from(self.failure.is_some()));
        if let Some(failure) = &self.failure {
            failure::write(&mut out, failure);
        }
        write_oddities(&mut out, &self.oddities, &self.oddity_counts);
        index::write(&mut out, &self.index);
        restart::write(&mut out, &self.restart_points);
        let checksum = XxHash3_64::oneshot(out.written());
        out.u64(checksum);
        out.finish()
    }

    /// The layer that [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// Bytes that anything else wrote, or that were damaged, are refused; they make nothing panic, and nothing is
    /// allocated that they do not account for.
    ///
    /// # Errors
    /// [`Error::Stored`] says where the bytes are not what they should be.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut start = Reader::new(bytes);
        if start.bytes(MAGIC.len())? != MAGIC {
            return Err(Reader::new(bytes).unexpected("a stored layer", "other bytes"));
        }
        let version = start.u16()?;
        if version != VERSION {
            return Err(start.unexpected(format!("version {VERSION}"), version.to_string()));
        }
        let body = bytes.len().saturating_sub(CHECKSUM);
        let (body, checksum) = bytes.split_at_checked(body).unwrap_or((bytes, &[]));
        let computed = XxHash3_64::oneshot(body);
        if checksum != computed.to_le_bytes() {
            return Err(start.unexpected(format!("checksum {computed:016x}"), "another"));
        }
        let mut input = Reader::new(body);
        input.bytes(MAGIC.len() + size_of::<u16>())?;
        let found = read_found(&mut input)?;
        let failure = match input.flag()? {
            true => Some(failure::read(&mut input)?),
            false => None,
        };
        let (oddities, oddity_counts) = read_oddities(&mut input)?;
        let index = index::read(&mut input)?;
        let restart_points = restart::read(&mut input, &found)?;
        if input.left() > 0 {
            return Err(input.unexpected("the end", format!("{} more bytes", input.left())));
        }
        Ok(Self {
            index,
            found,
            failure,
            oddities,
            oddity_counts,
            restart_points,
            table: None,
        })
    }
}

fn write_found(out: &mut Writer, found: &Found) {
    out.optional_text(found.digest.as_ref().map(Digest::as_str));
    let diff_id = found.diff_id.as_ref().map(DiffId::digest);
    out.optional_text(diff_id.map(Digest::as_str));
    out.u64(found.size);
    out.u64(found.uncompressed_size);
    out.u8(match found.compression {
        Compression::None => 0,
        Compression::Gzip => 1,
        Compression::Zstd => 2,
        Compression::Xz => 3,
    });
    out.u8(u8::from(found.complete));
}

fn read_found(input: &mut Reader<'_>) -> Result<Found, Error> {
    let digest = |input: &mut Reader<'_>| {
        let at = input.clone();
        let text = input.optional_text()?;
        text.map(|text| {
            text.parse()
                .map_err(|_| at.unexpected("a digest", text.to_owned()))
        })
        .transpose()
    };
    Ok(Found {
        digest: digest(input)?,
        diff_id: digest(input)?.map(DiffId::new),
        size: input.u64()?,
        uncompressed_size: input.u64()?,
        compression: {
            let at = input.clone();
            match input.u8()? {
                0 => Compression::None,
                1 => Compression::Gzip,
                2 => Compression::Zstd,
                3 => Compression::Xz,
                other => return Err(at.unexpected("a compression", other.to_string())),
            }
        },
        complete: input.flag()?,
    })
}

fn write_oddities(out: &mut Writer, oddities: &[Oddity], counts: &OddityCounts) {
    out.count(oddities.len());
    for oddity in oddities {
        out.u8(oddity.kind as u8);
        out.u64(oddity.offset);
        out.u8(u8::from(oddity.entry.is_some()));
        out.u32(oddity.entry.unwrap_or_default());
        out.run(&oddity.detail);
    }
    out.count(counts.iter().count());
    for (kind, count) in counts.iter() {
        out.u8(kind as u8);
        out.u64(count);
    }
}

fn read_oddities(input: &mut Reader<'_>) -> Result<(Vec<Oddity>, OddityCounts), Error> {
    let count = input.count(ODDITY)?;
    let mut oddities = Vec::with_capacity(count);
    for _ in 0..count {
        let kind = read_kind(input)?;
        let offset = input.u64()?;
        let about_entry = input.flag()?;
        let entry = input.u32()?;
        let entry = about_entry.then_some(entry);
        let detail = input.run()?;
        oddities.push(Oddity::new(kind, offset, entry, detail));
    }
    let mut counts = OddityCounts::default();
    for _ in 0..input.count(COUNT)? {
        let kind = read_kind(input)?;
        counts.add(kind, input.u64()?);
    }
    Ok((oddities, counts))
}

fn read_kind(input: &mut Reader<'_>) -> Result<OddityKind, Error> {
    let at = input.clone();
    let id = input.u8()?;
    OddityKind::from_id(id).ok_or_else(|| at.unexpected("a kind of oddity", id.to_string()))
}
