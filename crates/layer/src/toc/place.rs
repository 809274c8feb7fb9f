//! Where in a blob its table of contents is: as annotations of the manifest state it, or as the footer says.

use std::collections::BTreeMap;
use std::ops::Range;

use layerscope_oci::Digest;

use super::table::TocFormat;
use crate::Error;
use crate::limits::MAX_TOC;

/// What eStargz tools state: the digest of the table's JSON.
const ESTARGZ_DIGEST: &str = "containerd.io/snapshot/stargz/toc.digest";

/// What goes before the annotations of zstd:chunked, the newer generation first.
const ZSTD_PREFIXES: [&str; 2] = [
    "io.github.containers.zstd-chunked.",
    "io.containers.zstd-chunked.",
];

/// Bytes of a skippable frame before its payload.
const SKIPPABLE: usize = 8;

/// Bytes of the footers, all of them at the blob's end.
const ESTARGZ_FOOTER: usize = 51;
const OLD_FOOTER: usize = SKIPPABLE + 40;
const NEW_FOOTER: usize = SKIPPABLE + 64;

/// As many of a blob's last bytes as may be a footer.
pub(super) const FOOTER: u64 = NEW_FOOTER as u64;

/// Where a table is, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) format: TocFormat,
    /// Bytes of the blob, compressed.
    pub(super) range: Range<u64>,
    /// Bytes of the JSON, where that is stated.
    pub(super) json: Option<u64>,
    /// What the manifest states: of the JSON for eStargz, of the compressed bytes for zstd:chunked.
    pub(super) digest: Option<Digest>,
    /// Where the contents of files end in the blob.
    pub(super) contents: u64,
}

/// What a manifest states of a layer's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// Nothing, or only the digest that the table of an eStargz layer has.
    Digest(Option<Digest>),
    /// Where it is.
    Place(Place),
}

impl Stated {
    /// Reads the annotations of the descriptor of a layer that has `size` bytes.
    pub(super) fn by(annotations: &BTreeMap<String, String>, size: u64) -> Result<Self, Error> {
        let of_estargz = annotations.get(ESTARGZ_DIGEST);
        let of_zstd = ZSTD_PREFIXES.iter().find_map(|prefix| {
            let get = |name| annotations.get(&[*prefix, name].concat());
            Some((get("manifest-position")?, get("manifest-checksum")))
        });
        match (of_estargz, of_zstd) {
            (None, None) => Ok(Self::Digest(None)),
            (Some(digest), None) => Ok(Self::Digest(Some(parsed(digest)?))),
            (Some(_), Some(_)) => Err(Error::toc(
                "toc-conflict",
                "annotations of one table of contents",
                "those of eStargz and of zstd:chunked".to_owned(),
            )),
            (None, Some((position, checksum))) => {
                let refused = || {
                    let expected = "OFFSET:LENGTH:UNCOMPRESSED:1 within the layer";
                    Error::toc("toc-place", expected, quoted(position))
                };
                let mut parts = position.split(':').map(|part| part.parse().ok());
                let mut next = || parts.next().flatten().ok_or_else(refused);
                let (offset, len, json, kind): (u64, u64, u64, u64) =
                    (next()?, next()?, next()?, next()?);
                if kind != 1 || parts.next().is_some() {
                    return Err(refused());
                }
                let digest = checksum.map(|checksum| parsed(checksum)).transpose()?;
                let place = Place::zstd(offset, len, json, digest, size).ok_or_else(refused)?;
                Ok(Self::Place(place.limited()?))
            }
        }
    }
}

fn parsed(digest: &str) -> Result<Digest, Error> {
    let parsed: Option<Digest> = digest.parse().ok();
    let computable = parsed.filter(|digest| digest.algorithm().is_some());
    computable.ok_or_else(|| Error::toc("toc-place", "a digest", quoted(digest)))
}

fn quoted(text: &str) -> String {
    text.chars().take(100).collect()
}

impl Place {
    fn zstd(offset: u64, len: u64, json: u64, digest: Option<Digest>, size: u64) -> Option<Self> {
        let end = offset.checked_add(len).filter(|end| *end <= size)?;
        Some(Self {
            format: TocFormat::ZstdChunked,
            range: offset..end,
            json: Some(json),
            digest,
            contents: offset.checked_sub(SKIPPABLE as u64)?,
        })
    }

    /// Reads the last bytes of a blob of `size` bytes; `None` when they are no footer.
    pub(super) fn in_footer(
        tail: &[u8],
        size: u64,
        digest: Option<Digest>,
    ) -> Result<Option<Self>, Error> {
        let last = |len: usize| tail.get(tail.len().checked_sub(len)?..);
        let place = if let Some(offset) = last(ESTARGZ_FOOTER).and_then(estargz_offset) {
            let end = size.saturating_sub(ESTARGZ_FOOTER as u64);
            (offset < end).then_some(Self {
                format: TocFormat::EStargz,
                range: offset..end,
                json: None,
                digest,
                contents: offset,
            })
        } else {
            let new = last(NEW_FOOTER).and_then(|it| zstd_numbers(it, b"GNUlInUx"));
            let old = || last(OLD_FOOTER).and_then(|it| zstd_numbers(it, b"GnUlInUx"));
            let Some([offset, len, json, kind]) = new.or_else(old) else {
                return Ok(None);
            };
            // The digest that eStargz tools state is of no such table.
            let is_table = kind == 1 && digest.is_none();
            is_table
                .then(|| Self::zstd(offset, len, json, None, size))
                .flatten()
        };
        match place {
            Some(place) => place.limited().map(Some),
            None => Err(Error::toc(
                "toc-place",
                "a footer that leads to a place within the layer",
                "another".to_owned(),
            )),
        }
    }

    /// The same, if its bytes are not too many.
    fn limited(self) -> Result<Self, Error> {
        let len = self.range.end.saturating_sub(self.range.start);
        match len.max(self.json.unwrap_or(0)) {
            found if found > MAX_TOC => Err(Error::toc(
                "toc-limit",
                "at most 32 MiB",
                format!("{found} bytes"),
            )),
            _ => Ok(self),
        }
    }
}

/// The offset in an eStargz footer: an empty gzip member whose extra field has it in hexadecimal.
fn estargz_offset(footer: &[u8]) -> Option<u64> {
    let is_gzip = footer.starts_with(b"\x1f\x8b\x08\x04");
    let extra = footer.get(10..38)?;
    let digits = extra
        .strip_prefix(b"\x1a\0SG\x16\0")?
        .strip_suffix(b"STARGZ")?;
    let is_number = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits)
        .ok()
        .filter(|_| is_gzip && is_number)?;
    u64::from_str_radix(digits, 16).ok()
}

/// Offset, length, length of the JSON and type in the skippable frame at the end.
fn zstd_numbers(footer: &[u8], magic: &[u8; 8]) -> Option<[u64; 4]> {
    let len = u32::try_from(footer.len().checked_sub(SKIPPABLE)?).ok()?;
    let payload = footer
        .strip_prefix(b"\x50\x2a\x4d\x18")?
        .strip_prefix(&len.to_le_bytes())?;
    if !payload.ends_with(magic) {
        return None;
    }
    let mut numbers = [0; 4];
    for (number, bytes) in numbers.iter_mut().zip(payload.chunks_exact(8)) {
        *number = u64::from_le_bytes(bytes.try_into().ok()?);
    }
    Some(numbers)
}
