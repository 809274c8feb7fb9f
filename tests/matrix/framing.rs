//! A: gzip, zstd, and what is around them.

use crate::archive::archive;
use crate::oci::{GZIP, LAYER, Layer, ZSTD, oci, packed};
use crate::tape::{layer, lines, members, skippable, zstd, zstd_frame, zstd_run};
use harness::gzip;

/// Two entries, in a stream of four blocks and the end.
fn two() -> Vec<u8> {
    layer("a = first\nb = second")
}

/// A gzip layer whose blob was changed; the config states the digest of the whole stream.
fn spoiled(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Layer {
    Layer::new(GZIP, change(gzip(&two())), &two())
}

fn many() -> Vec<u8> {
    (0..2000)
        .fold(lines(""), |tar, number| {
            tar.file(&format!("file-{number}"), "")
        })
        .end()
}

/// A gzip stream with these flags, and these fields after the header.
fn flagged(flags: u8, fields: &[u8]) -> Layer {
    spoiled(|mut blob| {
        blob[3] = flags;
        let body = blob.split_off(10);
        [blob, fields.to_vec(), body].concat()
    })
}

/// The stream cut in two, and what `pack` makes of each part.
fn halves(pack: impl Fn(&[u8]) -> Vec<u8>) -> [Vec<u8>; 2] {
    let stream = two();
    let (head, tail) = stream.split_at(700);
    [pack(head), pack(tail)]
}

/// zstd frames in this order.
fn frames(parts: &[Vec<u8>]) -> Layer {
    Layer::new(ZSTD, parts.concat(), &two())
}

/// A frame whose header has these fields.
fn fielded(fields: &[u8]) -> Layer {
    Layer::new(ZSTD, zstd_frame(fields, &two()), &two())
}

/// An eStargz layer: a table of contents in JSON as the last entry, which tells of other files.
fn stargz(toc: &str) -> Vec<u8> {
    lines("a = first\nb = second")
        .file("stargz.index.json", toc)
        .end()
}

rows! {
    a01 "two gzip members": oci([Layer::new(GZIP, halves(gzip).concat(), &two())]).archive();
    a02 "10 000 gzip members": oci([Layer::new(GZIP, members(&many(), 100), &many())]).archive();
    a03 "NULs behind the last member": oci([spoiled(|blob| [blob, vec![0; 16]].concat())]).archive();
    a04 "garbage behind the last member": oci([spoiled(|blob| [blob, b"garbage!".to_vec()].concat())]).archive();
    a05 "a gzip stream that is cut": oci([
        spoiled(|mut blob| { blob.truncate(blob.len() - 24); blob }),
        packed(layer("whole = yes")),
    ]).archive();
    a06 "a wrong CRC-32, and a wrong length, in the gzip trailer": oci([
        spoiled(|mut blob| { let at = blob.len() - 8; blob[at] ^= 1; blob }),
        spoiled(|mut blob| { let at = blob.len() - 1; blob[at] ^= 1; blob }),
    ]).archive();
    a07 "reserved gzip flags; 64 KiB of extra field; a name of 1 MiB": oci([
        flagged(0x20, b""),
        flagged(0x04, &[&[0xff, 0xff][..], &[7; 0xffff]].concat()),
        flagged(0x08, &[&[b'n'; 1 << 20][..], &[0]].concat()),
    ]).archive();
    a08 "layers that say gzip and are zstd or plain": oci([
        Layer::new(GZIP, zstd(&two()), &two()),
        Layer::new(GZIP, two(), &two()),
        Layer::new(LAYER, gzip(&two()), &two()),
    ]).archive();
    a09 "a skippable zstd frame first, between, last": oci([
        frames(&[skippable(b"note"), zstd(&two())]),
        frames(&[halves(zstd)[0].clone(), skippable(b"note"), halves(zstd)[1].clone()]),
        frames(&[zstd(&two()), skippable(b"note")]),
    ]).archive();
    a10 "several zstd frames": oci([frames(&halves(zstd))]).archive();
    a11 "zstd windows of 2^26, 2^30 and 2^41 bytes": oci([
        fielded(&[0x00, 16 << 3]),
        fielded(&[0x00, 20 << 3]),
        fielded(&[0x00, 31 << 3]),
    ]).archive();
    a12 "a wrong zstd content checksum": oci([
        frames(&[[zstd_frame(&[0x04, 10 << 3], &two()), vec![1, 2, 3, 4]].concat()]),
    ]).archive();
    a13 "a zstd dictionary": oci([fielded(&[0x01, 10 << 3, 7])]).archive();
    a14 "a zstd bomb: 8 KB that unpack to 256 MiB, in a file that goes on": oci([
        Layer::new(ZSTD, zstd_run(&lines("").header(crate::archive::named("bomb").size(1 << 34)).0, b'z', 2048, b""), b""),
        packed(layer("whole = yes")),
    ]).archive();
    a15 "a layer of no bytes": oci([Layer::new(LAYER, Vec::new(), b"")]).archive();
    a16 "gzip of an empty stream; a tar of zero blocks only": oci([
        Layer::new(GZIP, gzip(b""), b""),
        packed(archive().zeros(10240).0),
    ]).archive();
    a17 "bzip2 and xz layers": oci([
        Layer::new(LAYER, b"BZh91AY&SY\x00\x00\x00\x00".to_vec(), &two()),
        Layer::new(LAYER, include_bytes!("../../crates/inflate/tests/data/lines-400.xz").to_vec(), &two()),
    ]).archive();
    a19 "an eStargz table of contents that disagrees with the tar": oci([
        packed(stargz(r#"{"version":1,"entries":[{"name":"a","type":"reg","size":5},{"name":"b","type":"reg","size":6}]}"#)),
        packed(stargz(r#"{"version":1,"entries":[{"name":"a","type":"reg","size":5},{"name":"hidden","type":"reg","size":6}]}"#)),
    ]).archive();
}
