//! The byte form of restart points.

use layerscope_inflate::{Compression, MAX_RESTART_POINTS, Middle, RestartPoint};

use crate::wire::{Reader, Writer};
use crate::{Error, Found};

/// Bytes of a point without a window, and what one with a window has besides it.
const POINT: usize = 17;
const MIDDLE: usize = 5;

/// Bytes of a deflate window.
const WINDOW_MAX: usize = 32 << 10;

/// How many bytes [`write`] writes.
pub(super) fn stored_len(points: &[RestartPoint]) -> usize {
    let windows = points.iter().filter_map(|point| point.middle.as_ref());
    let windows: usize = windows.map(|middle| MIDDLE + middle.window.len()).sum();
    size_of::<u32>() + points.len() * POINT + windows
}

pub(super) fn write(out: &mut Writer, points: &[RestartPoint]) {
    out.count(points.len());
    for point in points {
        out.u64(point.compressed);
        out.u64(point.output);
        out.u8(u8::from(point.middle.is_some()));
        if let Some(middle) = &point.middle {
            out.u8(middle.used_bits);
            out.run(&middle.window);
        }
    }
}

pub(super) fn read(input: &mut Reader<'_>, found: &Found) -> Result<Vec<RestartPoint>, Error> {
    let unexpected = |at: &Reader<'_>, found: String| {
        at.unexpected("restart points in order within the layer", found)
    };
    let at = input.clone();
    let count = input.count(POINT)?;
    let has_points = matches!(found.compression, Compression::Gzip | Compression::Zstd);
    if count > MAX_RESTART_POINTS || count > 0 && !has_points {
        return Err(unexpected(&at, count.to_string()));
    }
    let mut points = Vec::with_capacity(count);
    let mut before = (0, 0);
    for _ in 0..count {
        let at = input.clone();
        let (compressed, output) = (input.u64()?, input.u64()?);
        let middle = match input.flag()? {
            false => None,
            true => Some(Middle {
                used_bits: input.u8()?,
                window: input.run()?.into(),
            }),
        };
        let is_possible = middle.as_ref().is_none_or(|middle| {
            let is_gzip = found.compression == Compression::Gzip;
            is_gzip && middle.used_bits < 8 && middle.window.len() <= WINDOW_MAX
        });
        let is_within = compressed <= found.size && output <= found.uncompressed_size;
        if !is_possible || !is_within || compressed <= before.0 || output <= before.1 {
            return Err(unexpected(&at, format!("one at {output}")));
        }
        before = (compressed, output);
        points.push(RestartPoint {
            compressed,
            output,
            middle,
        });
    }
    Ok(points)
}
