//! The byte form of an index.

use layerscope_tar::Segment;

use crate::Error;
use crate::index::{Extra, LayerIndex, NO_EXTRA, Owner, Record, Span};
use crate::wire::{Reader, Writer};

/// Bytes of one of each.
const RECORD: usize = 52;
const OWNER: usize = 32;
const EXTRA: usize = 49;
const SEGMENT: usize = 16;

/// How many bytes [`write`] writes.
pub(super) fn stored_len(index: &LayerIndex) -> usize {
    6 * size_of::<u32>()
        + index.records.len() * RECORD
        + index.owners.len() * OWNER
        + index.extras.len() * EXTRA
        + index.segments.len() * SEGMENT
        + index.paths.len()
        + index.texts.len()
}

pub(super) fn write(out: &mut Writer, index: &LayerIndex) {
    out.count(index.records.len());
    for record in &index.records {
        out.u64(record.size);
        out.u64(record.offset);
        out.u64(record.seconds.cast_unsigned());
        out.u64(record.fingerprint);
        out.u32(record.nanos);
        out.u32(record.path_end);
        out.u32(record.owner);
        out.u32(record.extra);
        out.u16(record.mode);
        out.u8(record.flag);
        out.u8(u8::from(record.fingerprinted));
    }
    out.count(index.owners.len());
    for owner in &index.owners {
        out.u64(owner.uid);
        out.u64(owner.gid);
        write_span(out, owner.uname);
        write_span(out, owner.gname);
    }
    out.count(index.extras.len());
    for extra in &index.extras {
        let (major, minor) = extra.device.unwrap_or_default();
        out.u64(extra.stored);
        out.u8(u8::from(extra.device.is_some()));
        out.u64(major);
        out.u64(minor);
        write_span(out, extra.link);
        write_span(out, extra.xattrs);
        write_span(out, extra.sparse);
    }
    out.count(index.segments.len());
    for segment in &index.segments {
        out.u64(segment.offset);
        out.u64(segment.len);
    }
    out.run(&index.paths);
    out.run(&index.texts);
}

pub(super) fn read(input: &mut Reader<'_>) -> Result<LayerIndex, Error> {
    let index = LayerIndex {
        records: read_all(input, RECORD, read_record)?,
        owners: read_all(input, OWNER, read_owner)?,
        extras: read_all(input, EXTRA, read_extra)?,
        segments: read_all(input, SEGMENT, |input| {
            Ok(Segment {
                offset: input.u64()?,
                len: input.u64()?,
            })
        })?,
        paths: input.run()?.to_vec(),
        texts: input.run()?.to_vec(),
    };
    match fault(&index) {
        None => Ok(index),
        Some((expected, found)) => Err(input.unexpected(expected, found)),
    }
}

fn read_all<T>(
    input: &mut Reader<'_>,
    each: usize,
    read: impl Fn(&mut Reader<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let count = input.count(each)?;
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(read(input)?);
    }
    Ok(all)
}

fn read_record(input: &mut Reader<'_>) -> Result<Record, Error> {
    Ok(Record {
        size: input.u64()?,
        offset: input.u64()?,
        seconds: input.u64()?.cast_signed(),
        fingerprint: input.u64()?,
        nanos: input.u32()?,
        path_end: input.u32()?,
        owner: input.u32()?,
        extra: input.u32()?,
        mode: input.u16()?,
        flag: input.u8()?,
        fingerprinted: input.flag()?,
    })
}

fn read_owner(input: &mut Reader<'_>) -> Result<Owner, Error> {
    Ok(Owner {
        uid: input.u64()?,
        gid: input.u64()?,
        uname: read_span(input)?,
        gname: read_span(input)?,
    })
}

fn read_extra(input: &mut Reader<'_>) -> Result<Extra, Error> {
    let stored = input.u64()?;
    let is_device = input.flag()?;
    let device = (input.u64()?, input.u64()?);
    Ok(Extra {
        stored,
        device: is_device.then_some(device),
        link: read_span(input)?,
        xattrs: read_span(input)?,
        sparse: read_span(input)?,
    })
}

fn write_span(out: &mut Writer, span: Span) {
    out.u32(span.start);
    out.u32(span.len);
}

fn read_span(input: &mut Reader<'_>) -> Result<Span, Error> {
    Ok(Span {
        start: input.u32()?,
        len: input.u32()?,
    })
}

/// What an index says that no scan can have said: what was expected, and what is there.
fn fault(index: &LayerIndex) -> Option<(&'static str, String)> {
    let mut before = 0;
    for record in &index.records {
        if record.path_end < before || record.path_end as usize > index.paths.len() {
            return Some((
                "paths in order",
                format!("one that ends at {}", record.path_end),
            ));
        }
        before = record.path_end;
        if record.owner as usize >= index.owners.len() {
            return Some(("an owner's number", record.owner.to_string()));
        }
        if record.extra != NO_EXTRA && record.extra as usize >= index.extras.len() {
            return Some(("an extra's number", record.extra.to_string()));
        }
        if record.nanos >= 1_000_000_000 {
            return Some(("less than a second", format!("{} ns", record.nanos)));
        }
        if record.mode > 0o7777 {
            return Some(("permission bits", format!("{:o}", record.mode)));
        }
    }
    if before as usize != index.paths.len() {
        return Some((
            "the last path's end",
            format!("{} bytes", index.paths.len()),
        ));
    }
    let outside = |span: &Span, len: usize| {
        (span.start as usize)
            .checked_add(span.len as usize)
            .is_none_or(|end| end > len)
    };
    let texts = index.texts.len();
    for owner in &index.owners {
        if outside(&owner.uname, texts) || outside(&owner.gname, texts) {
            return Some(("an owner's names", "a range outside the texts".to_owned()));
        }
    }
    for extra in &index.extras {
        if outside(&extra.link, texts) || outside(&extra.xattrs, texts) {
            return Some((
                "a link and attributes",
                "a range outside the texts".to_owned(),
            ));
        }
        if outside(&extra.sparse, index.segments.len()) {
            return Some(("a sparse map", "a range outside the segments".to_owned()));
        }
    }
    None
}
