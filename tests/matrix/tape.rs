//! Layers as text, and the framings around them.

use crate::archive::{Archive, archive, named};
use harness::gzip;

/// The tar stream of a layer, one entry a line: `path/` is a directory, `path = content` a file, `path -> target` a
/// symbolic link, `path => target` a hard link, and a bare path an empty file, such as a whiteout.
pub(crate) fn layer(text: &str) -> Vec<u8> {
    lines(text).end()
}

/// The same without the end of the archive, so that more can follow.
pub(crate) fn lines(text: &str) -> Archive {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(archive(), |tar, line| {
        if let Some((path, target)) = line.split_once(" -> ") {
            tar.header(named(path).flag(b'2').put(100, b"0000777\0").link(target))
        } else if let Some((path, target)) = line.split_once(" => ") {
            tar.header(named(path).flag(b'1').link(target))
        } else if let Some((path, content)) = line.split_once(" = ") {
            tar.file(path, content)
        } else if line.ends_with('/') {
            tar.header(named(line).flag(b'5').put(100, b"0000755\0"))
        } else {
            tar.file(line, "")
        }
    })
}

/// The stream as gzip members of so many bytes each.
pub(crate) fn members(stream: &[u8], bytes: usize) -> Vec<u8> {
    stream.chunks(bytes).flat_map(gzip).collect()
}

/// A zstd block: kind 0 stores `body`, 1 repeats its one byte `size` times.
fn zstd_block(kind: u32, last: bool, size: usize, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(size).expect("a block");
    let header = size << 3 | kind << 1 | u32::from(last);
    [&header.to_le_bytes()[..3], body].concat()
}

/// A zstd frame with these header fields after the magic, which stores `plain`.
pub(crate) fn zstd_frame(fields: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut frame = [&[0x28, 0xb5, 0x2f, 0xfd], fields].concat();
    for chunk in plain.chunks(1000) {
        frame.extend(zstd_block(0, false, chunk.len(), chunk));
    }
    frame.extend(zstd_block(0, true, 0, b""));
    frame
}

/// A zstd frame with a window of 1 MiB.
pub(crate) fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd_frame(&[0x00, 10 << 3], plain)
}

/// A frame that a zstd decoder has to pass over.
pub(crate) fn skippable(body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).expect("a frame");
    [&[0x50, 0x2a, 0x4d, 0x18], &size.to_le_bytes()[..], body].concat()
}

/// A zstd frame of `head`, then one byte `times` times 128 KiB, then `tail`: much output from little input.
pub(crate) fn zstd_run(head: &[u8], byte: u8, times: usize, tail: &[u8]) -> Vec<u8> {
    const RUN: usize = 128 << 10;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 10 << 3];
    frame.extend(zstd_block(0, false, head.len(), head));
    for _ in 0..times {
        frame.extend(zstd_block(1, false, RUN, &[byte]));
    }
    frame.extend(zstd_block(0, true, tail.len(), tail));
    frame
}
