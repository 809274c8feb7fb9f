//! Decoding from the middle of a stream.

#![allow(
    clippy::unwrap_used,
    reason = "a test may panic outside its own function too"
)]

mod samples;

use flate2::{Compress, FlushCompress};
use layerscope_inflate::{
    Compression, Decoder, Error, Limits, MAX_RESTART_POINTS, Middle, RESTART_SPACING, RestartPoint,
    Summary,
};
use samples::{Random, Sample, all, gzip, letters, lines, noise, zstd};
use std::ops::ControlFlow;

/// What a stream unpacks to, the points that were kept on the way, and its end.
fn unpack<'a>(
    mut decoder: Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<u8>, Vec<RestartPoint>, Result<Summary, Error>) {
    let mut plain = Vec::new();
    let mut out = |run: &[u8]| {
        plain.extend_from_slice(run);
        ControlFlow::Continue(())
    };
    let mut end = Ok(());
    for piece in pieces {
        end = decoder.push(piece, &mut out).map(|_| ());
        if end.is_err() {
            break;
        }
    }
    let summary = end.and_then(|()| decoder.finish(&mut out));
    let points = decoder.take_restart_points();
    assert_eq!(decoder.take_restart_points(), []);
    (plain, points, summary)
}

fn keeping(spacing: u64) -> Decoder {
    Decoder::new(Limits::default()).keeping_restart_points(spacing)
}

fn points_of(bytes: &[u8], spacing: u64) -> Vec<RestartPoint> {
    unpack(keeping(spacing), [bytes]).1
}

fn resumed(compression: Compression, point: &RestartPoint) -> Decoder {
    Decoder::resume(compression, point, Limits::default())
}

fn rest<'a>(bytes: &'a [u8], point: &RestartPoint) -> &'a [u8] {
    &bytes[usize::try_from(point.compressed).unwrap().min(bytes.len())..]
}

/// Checks that from every point the rest of the stream comes out, in whatever pieces it is pushed.
fn check_all(name: &str, bytes: &[u8], plain: &[u8], points: &[RestartPoint]) {
    let compression = match bytes[0] {
        0x1f => Compression::Gzip,
        _ => Compression::Zstd,
    };
    let whole = unpack(Decoder::new(Limits::default()), [bytes]).2.unwrap();
    for (number, point) in points.iter().enumerate() {
        let expected = &plain[point.output as usize..];
        for size in [usize::MAX, 4096, 61, 1] {
            // Small pieces take long, and say the same for the second point.
            if size < 4096 && number > 0 {
                continue;
            }
            let pieces = rest(bytes, point).chunks(size);
            let (found, _, summary) = unpack(resumed(compression, point), pieces);
            assert!(found == expected, "{name}: point {number} by {size}");
            let summary = summary.unwrap();
            assert_eq!(summary.compressed_bytes, whole.compressed_bytes, "{name}");
            assert_eq!(summary.output_bytes, whole.output_bytes, "{name}");
            assert_eq!(summary.trailing, whole.trailing, "{name}");
            assert_eq!(
                summary.checksummed,
                whole.checksummed && point.middle.is_none(),
                "{name}"
            );
        }
    }
}

/// Deflate data with flushes in it, which leave empty blocks behind.
fn flushed(plain: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(flate2::Compression::new(6), false);
    let mut data = Vec::with_capacity(plain.len() * 2 + 1000);
    for piece in plain.chunks(5000) {
        compress.compress_vec(piece, &mut data, flush).unwrap();
        // Once more: a block of nothing.
        compress.compress_vec(&[], &mut data, flush).unwrap();
    }
    compress
        .compress_vec(&[], &mut data, FlushCompress::Finish)
        .unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(plain);
    [
        &gzip::header(0, &[])[..],
        &data,
        &crc.sum().to_le_bytes(),
        &(plain.len() as u32).to_le_bytes(),
    ]
    .concat()
}

/// Contents of which a compressor makes blocks of every kind.
fn contents() -> Vec<(&'static str, Vec<u8>)> {
    let mixed = [
        lines(4000),
        noise(150_000),
        vec![0; 300_000],
        letters(90_000),
    ]
    .concat();
    vec![
        ("lines", lines(12_000)),
        ("letters", letters(400_000)),
        ("noise", noise(400_000)),
        ("one byte over and over", vec![b'x'; 2_000_000]),
        ("a bit of everything", mixed),
    ]
}

fn streams() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let mut streams = Vec::new();
    for (name, plain) in contents() {
        for level in [0, 1, 6, 9] {
            let name = format!("{name}, level {level}");
            streams.push((name, gzip::member(&plain, level), plain.clone()));
        }
        for flush in [FlushCompress::Sync, FlushCompress::Full] {
            let name = format!("{name}, {flush:?}");
            streams.push((name, flushed(&plain, flush), plain.clone()));
        }
        let members = plain.chunks(70_001).zip([1, 9, 0, 6].into_iter().cycle());
        let members: Vec<u8> = members
            .flat_map(|(part, level)| gzip::member(part, level))
            .collect();
        streams.push((format!("{name}, members"), members, plain.clone()));
    }
    streams
}

#[test]
fn from_every_point_the_rest_comes_out() {
    for (name, bytes, plain) in streams() {
        for spacing in [1, 60_000] {
            let points = points_of(&bytes, spacing);
            // zlib-rs makes one block of everything at level 1.
            let has_blocks = !name.starts_with("one byte") && !name.ends_with("level 1");
            if spacing == 60_000 && has_blocks {
                assert!(!points.is_empty(), "{name}");
            }
            let mut before = (0, 0);
            for point in &points {
                assert!(point.output >= before.1 + spacing, "{name}");
                assert!(point.compressed > before.0, "{name}");
                before = (point.compressed, point.output);
            }
            let some: Vec<RestartPoint> = points
                .iter()
                .step_by(points.len() / 8 + 1)
                .cloned()
                .collect();
            check_all(&name, &bytes, &plain, &some);
        }
    }
}

#[test]
fn points_do_not_depend_on_how_the_stream_is_cut() {
    let mut found = 0;
    for Sample { name, bytes, .. } in all() {
        for spacing in [1, 100, 5000] {
            let whole = points_of(&bytes, spacing);
            found += whole.len();
            for size in [1, 2, 7, 64, 4096] {
                let (_, cut, _) = unpack(keeping(spacing), bytes.chunks(size));
                assert!(cut == whole, "{name} every {spacing} in pieces of {size}");
            }
            if bytes.len() <= 2500 && spacing < 5000 {
                for at in 0..=bytes.len() {
                    let (left, right) = bytes.split_at(at);
                    let (_, cut, _) = unpack(keeping(spacing), [left, &[], right]);
                    assert!(cut == whole, "{name} every {spacing}, cut at {at}");
                }
            }
        }
    }
    assert!(found > 100, "{found} points are too few to tell");
    for (name, bytes, _) in streams() {
        for spacing in [1000, 65_536] {
            let whole = points_of(&bytes, spacing);
            for size in [61, 4096] {
                let (_, cut, _) = unpack(keeping(spacing), bytes.chunks(size));
                assert!(cut == whole, "{name} every {spacing} in pieces of {size}");
            }
        }
    }
}

/// A block that ends exactly where a point falls due, which a decoder may notice at once or with the next byte.
#[test]
fn a_block_end_where_a_point_falls_due_is_told_the_same_for_every_cut() {
    let plain = letters(20_000);
    let bytes = flushed(&plain, FlushCompress::Sync);
    for spacing in [4999, 5000, 5001] {
        let whole = points_of(&bytes, spacing);
        assert!(!whole.is_empty());
        for at in 0..=bytes.len() {
            let (left, right) = bytes.split_at(at);
            let (_, cut, _) = unpack(keeping(spacing), [left, right]);
            assert!(cut == whole, "every {spacing}, cut at {at}");
        }
        check_all("flushed", &bytes, &plain, &whole);
    }
}

#[test]
fn keeping_points_changes_nothing_else() {
    for (name, bytes, plain) in streams() {
        let (found, _, end) = unpack(keeping(3000), bytes.chunks(997));
        assert!(found == plain, "{name}");
        assert_eq!(end, unpack(Decoder::new(Limits::default()), [&bytes[..]]).2);
    }
}

#[test]
fn points_take_at_most_a_hundredth_of_the_output() {
    let plain = letters(40 << 20);
    let bytes = gzip::member(&plain, 3);
    let points = points_of(&bytes, RESTART_SPACING);
    assert_eq!(points.len(), 9);
    let stored: usize = points
        .iter()
        .map(|point| 25 + point.middle.as_ref().unwrap().window.len())
        .sum();
    assert!(stored * 100 <= plain.len(), "{stored}");
    let last = points.last().unwrap();
    let (found, _, end) = unpack(resumed(Compression::Gzip, last), [rest(&bytes, last)]);
    end.unwrap();
    assert!(found == plain[last.output as usize..]);
}

#[test]
fn a_frame_is_a_point_and_needs_no_window() {
    let frames: Vec<Vec<u8>> = (1..6).map(|count| lines(count * 1000)).collect();
    let bytes: Vec<u8> = frames
        .iter()
        .flat_map(|plain| zstd::encoded(plain))
        .collect();
    let plain = frames.concat();
    let points = points_of(&bytes, 1);
    assert_eq!(points.len(), 4);
    assert!(points.iter().all(|point| point.middle.is_none()));
    check_all("frames", &bytes, &plain, &points);
    for size in [1, 5, 1000] {
        assert_eq!(unpack(keeping(1), bytes.chunks(size)).1, points);
    }
    assert_eq!(points_of(&zstd::encoded(&lines(9000)), 1), []);
}

#[test]
fn members_are_points_and_need_no_window() {
    let parts: Vec<Vec<u8>> = (1..6).map(|count| lines(count * 10)).collect();
    let bytes: Vec<u8> = parts
        .iter()
        .flat_map(|part| gzip::member(part, 9))
        .collect();
    let points = points_of(&bytes, 1);
    assert_eq!(points.len(), 4);
    assert!(points.iter().all(|point| point.middle.is_none()));
    check_all("members", &bytes, &parts.concat(), &points);
}

#[test]
fn too_many_points_are_thinned_out() {
    let parts: Vec<Vec<u8>> = (0..4 * MAX_RESTART_POINTS)
        .map(|number| number.to_le_bytes().to_vec())
        .collect();
    let bytes: Vec<u8> = parts
        .iter()
        .flat_map(|part| gzip::member(part, 6))
        .collect();
    let points = points_of(&bytes, 8);
    assert!(points.len() < MAX_RESTART_POINTS);
    assert!(points.len() >= MAX_RESTART_POINTS / 2);
    let distances: Vec<u64> = points
        .windows(2)
        .map(|pair| pair[1].output - pair[0].output)
        .collect();
    assert!(distances.iter().all(|distance| *distance == distances[0]));
    assert_eq!(points[0].output, distances[0]);
    assert_eq!(unpack(keeping(8), bytes.chunks(3)).1, points);
    check_all(
        "thinned",
        &bytes,
        &parts.concat(),
        &points[points.len() - 2..],
    );
}

#[test]
fn the_checksum_of_a_member_entered_in_its_middle_is_not_compared_and_those_of_others_are() {
    let first = gzip::member(&letters(200_000), 6);
    let mut bytes = [&first[..], &gzip::member(&lines(500), 6)].concat();
    let points = points_of(&bytes, 60_000);
    let point = &points[0];
    assert!(point.middle.is_some());
    bytes[first.len() - 8] ^= 1;
    let (_, _, end) = unpack(resumed(Compression::Gzip, point), [rest(&bytes, point)]);
    let end = end.unwrap();
    assert!(!end.checksummed);
    assert_eq!(end.members, 2);
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    let (_, _, end) = unpack(resumed(Compression::Gzip, point), [rest(&bytes, point)]);
    match end.unwrap_err() {
        Error::Corrupt { offset, what, .. } => {
            assert_eq!((offset, what), (at as u64, "gzip crc32"));
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_stream_that_ends_after_a_point_is_truncated() {
    let bytes = gzip::member(&letters(200_000), 6);
    let point = &points_of(&bytes, 60_000)[0];
    for pieces in [
        &[][..],
        &[&rest(&bytes, point)[..1]],
        &[&rest(&bytes, point)[..2000]],
    ] {
        let (_, _, end) = unpack(resumed(Compression::Gzip, point), pieces.iter().copied());
        assert_eq!(end.unwrap_err().name(), "inflate-truncated");
    }
}

#[test]
fn a_point_of_another_stream_gives_an_error_or_other_bytes() {
    let bytes = gzip::member(&letters(200_000), 6);
    let good = points_of(&bytes, 60_000)[0].clone();
    let plain = letters(200_000)[good.output as usize..].to_vec();
    let mut random = Random::new(3);
    let (mut failed, mut other) = (0, 0);
    for _ in 0..3000 {
        let mut point = good.clone();
        let middle = point.middle.as_mut().unwrap();
        match random.below(4) {
            0 => middle.used_bits = random.next() as u8,
            1 => point.compressed = random.below(bytes.len() + 10) as u64,
            2 => middle.window = noise(random.below(70_000)).into(),
            _ => {
                middle.window = Box::default();
                point.compressed = random.below(bytes.len()) as u64;
                middle.used_bits = random.below(8) as u8;
            }
        }
        let mut given = 0;
        let mut decoder = resumed(Compression::Gzip, &point);
        let mut is_other = false;
        let mut out = |run: &[u8]| {
            is_other |= plain.get(given..given + run.len()) != Some(run);
            given += run.len();
            match given > 1 << 20 {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let end = decoder
            .push(rest(&bytes, &point), &mut out)
            .and_then(|_| decoder.finish(&mut out));
        failed += usize::from(end.is_err());
        other += usize::from(is_other);
    }
    assert!(failed > 500, "{failed}");
    assert!(other > 500, "{other}");
}

#[test]
fn a_point_beyond_all_bounds_does_no_harm() {
    let point = RestartPoint {
        compressed: u64::MAX,
        output: u64::MAX,
        middle: Some(Middle {
            used_bits: 255,
            window: noise(100_000).into(),
        }),
    };
    for compression in [
        Compression::None,
        Compression::Gzip,
        Compression::Zstd,
        Compression::Xz,
    ] {
        let (_, _, end) = unpack(resumed(compression, &point), [&b"some bytes"[..]]);
        assert_eq!(end.is_ok(), compression == Compression::None);
    }
}

/// What other tools make has points too, and what they make without blocks has none.
#[test]
fn streams_of_tools_can_be_entered() {
    let mut entered = 0;
    for sample in all() {
        let points = points_of(&sample.bytes, 1000);
        entered += points.len();
        if !points.is_empty() {
            check_all(sample.name, &sample.bytes, &sample.plain, &points);
        }
        if sample.name == "letters-6000-l1.gz" {
            assert!(points.len() >= 4, "{}", points.len());
        }
        if matches!(sample.compression, Compression::Xz | Compression::None) {
            assert_eq!(points, [], "{}", sample.name);
        }
    }
    assert!(entered > 4, "{entered}");
}
