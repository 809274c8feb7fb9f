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
    let at = input.clone();
    let count = input.count(POINT)?;
    let most = match found.compression {
        Compression::Gzip | Compression::Zstd => MAX_RESTART_POINTS,
        Compression::None | Compression::Xz => 0,
    };
    if count > most {
        return Err(at.unexpected(format!("at most {most} restart points"), count.to_string()));
    }
    let mut points = Vec::with_capacity(count);
    let mut before = (0, 0);
    for _ in 0..count {
        let at = input.clone();
        let (compressed, output) = (input.u64()?, input.u64()?);
        let is_behind = compressed > before.0 && output > before.1;
        if !is_behind || compressed > found.size || output > found.uncompressed_size {
            return Err(at.unexpected(
                "restart points in order within the layer",
                format!("one from {compressed} to {output}"),
            ));
        }
        before = (compressed, output);
        let at = input.clone();
        let middle = match input.flag()? {
            false => None,
            true => {
                let (used_bits, window) = (input.u8()?, input.run()?);
                let is_gzip = found.compression == Compression::Gzip;
                if !is_gzip || used_bits > 7 || window.len() > WINDOW_MAX {
                    return Err(at.unexpected(
                        "a place in deflate data",
                        format!("{used_bits} bits and {} bytes", window.len()),
                    ));
                }
                let window = window.into();
                Some(Middle { used_bits, window })
            }
        };
        points.push(RestartPoint {
            compressed,
            output,
            middle,
        });
    }
    Ok(points)
}
