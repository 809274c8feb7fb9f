//! Makes right what a fuzzer cannot guess: checksums. A stranger can compute them, so what is behind one must hold too.

use std::io::Write;
use std::ops::ControlFlow;

use flate2::write::GzEncoder;
use layerscope_inflate as inflate;
use layerscope_tar::{Entry, Error, Limits, Oddity, Parser, Sink};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// How many checksums of one input are mended. Each costs another reading.
const MENDED: usize = 64;

/// Bytes of output after which a stream is mended no further.
pub const UNPACKED: u64 = 4 << 20;

/// A sink that hears nothing.
struct Deaf;

impl Sink for Deaf {
    fn entry(&mut self, _: &Entry) {}
    fn data(&mut self, _: &[u8]) {}
    fn end_entry(&mut self) {}
    fn oddity(&mut self, _: Oddity) {}
}

/// Writes the right checksum into every block that is read as a header of a tar archive.
pub fn tar(bytes: &mut [u8]) {
    for _ in 0..MENDED {
        match Parser::new(Limits::default()).push(bytes, &mut Deaf) {
            Err(Error::Checksum {
                offset, expected, ..
            }) => {
                let field = bytes.iter_mut().skip(offset as usize + 148);
                let right = format!("{expected:06o}\0 ").into_bytes();
                field.zip(right).for_each(|(byte, right)| *byte = right);
            }
            _ => return,
        }
    }
}

/// Writes the right checksums and sizes into a compressed stream, where its decoder says what they should be.
pub fn stream(bytes: &mut [u8]) {
    for _ in 0..MENDED {
        let mut budget = UNPACKED;
        let mut out = |run: &[u8]| {
            budget = budget.saturating_sub(run.len() as u64);
            if budget == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let mut decoder = inflate::Decoder::new(inflate::Limits::default());
        let pushed = decoder.push(bytes, &mut out);
        let Err(inflate::Error::Corrupt {
            offset,
            what,
            found,
            ..
        }) = pushed
        else {
            return;
        };
        let Some(right) = right(what, &found) else {
            return;
        };
        let field = bytes.iter_mut().skip(offset as usize);
        let wrong = field.zip(right).filter(|(byte, right)| **byte != *right);
        if wrong.map(|(byte, right)| *byte = right).count() == 0 {
            return;
        }
    }
}

/// What a checksum or size should be, as its bytes stand in the stream; `None` for what is nothing of the kind.
fn right(what: &str, found: &str) -> Option<Vec<u8>> {
    let number = || Some(u32::from_str_radix(found, 16).ok()?.to_le_bytes().to_vec());
    match what {
        "gzip header checksum" => Some(number()?.get(..2)?.to_vec()),
        "gzip size" => Some(found.parse::<u32>().ok()?.to_le_bytes().to_vec()),
        // The check of a block is told byte by byte.
        "xz crc32" | "xz crc64" | "xz sha256" => {
            let digits = found.as_bytes().chunks(2);
            let bytes =
                digits.map(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
            bytes.collect()
        }
        "zstd checksum" => number(),
        _ if what.ends_with(" crc32") => number(),
        _ => None,
    }
}

/// The bytes as one gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// The bytes as one zstd frame.
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mended_is_read() {
        let mut archive = vec![0; 512];
        archive[..4].copy_from_slice(b"name");
        archive.extend([0; 1024]);
        assert!(
            Parser::new(Limits::default())
                .push(&archive, &mut Deaf)
                .is_err()
        );
        tar(&mut archive);
        assert_eq!(
            Parser::new(Limits::default()).push(&archive, &mut Deaf),
            Ok(())
        );

        for (name, whole) in [("gzip", gzip(b"some text")), ("zstd", zstd(b"some text"))] {
            let mut broken = whole.clone();
            let at = broken.len() - 4;
            broken[at..].copy_from_slice(b"oops");
            stream(&mut broken);
            assert_eq!(broken, whole, "{name}");
        }
    }
}
