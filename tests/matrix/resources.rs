//! R: how much there may be.

use std::fs;

use crate::archive::{archive, named};
use crate::oci::{Layer, ZSTD, oci, packed, plain, streams};
use crate::tape::{layer, lines, zstd_run};
use harness::{Directory, end, layerscope};
use serde_json::json;

rows! {
    r03 "1 001 layers in a manifest": streams([layer("a = x")]).manifest(|manifest| {
        let layer = manifest["layers"][0].clone();
        manifest["layers"] = json!(vec![layer; 1001]);
    }).archive();
    r04 "a PAX header of 1 GiB": streams([
        lines("a = x").header(named("PaxHeaders/x").flag(b'x').size(1 << 30)).raw(&[b'7'; 2000]).0,
        layer("whole = yes"),
    ]).archive();
    r05 "a global PAX header of 1 GiB": streams([
        lines("a = x").header(named("g").flag(b'g').size(1 << 30)).raw(&[b'7'; 2000]).0,
        layer("whole = yes"),
    ]).archive();
}

/// R02. Repeated by zstd, so that the archive is small; the scan must be a stream all the same.
#[test]
fn ten_gigabytes_of_zeros_take_no_memory() {
    const RUNS: usize = 80 << 10;
    const LENGTH: u64 = (RUNS as u64) * (128 << 10);
    let header = archive().header(
        named("zeros")
            .put(124, format!("{LENGTH:011o} ").as_bytes())
            .put(257, b"ustar  \0"),
    );
    let blob = zstd_run(&header.0, 0, RUNS, &[0; 1024]);
    assert!(blob.len() < 400_000, "{} bytes", blob.len());
    let directory = Directory::new("zeros");
    let file = directory.write("zeros.tar", oci([Layer::new(ZSTD, blob, b"")]).archive());
    // The digest of the stream is not known here, so the config states another: all of it is read, and the size told.
    let mut command = std::process::Command::new("sh");
    let binary = layerscope([] as [&str; 0]);
    command
        .args(["-c", "ulimit -v 524288 && exec \"$0\" verify --json \"$1\""])
        .arg(binary.get_program())
        .arg(&file);
    let ended = end(&mut command).exit(1);
    let layer = &ended.json()["images"][0]["layers"][0];
    assert_eq!(
        layer["uncompressedSize"].as_u64(),
        Some(LENGTH + 512 + 1024),
        "{ended}"
    );
    assert_eq!(layer["digestOk"], true, "{ended}");
    assert_eq!(layer["entries"], 1, "{ended}");
}

/// R03, what is allowed: a thousand layers.
#[test]
fn a_thousand_layers_are_read() {
    let layers = (0..1000).map(|number| plain(layer(&format!("file-{number} = x"))));
    let directory = Directory::new("thousand");
    let file = directory.write("thousand.tar", oci(layers).archive());
    let ended = end(layerscope(["ls", "-R", "--json"]).arg(&file)).exit(0);
    assert_eq!(ended.json().as_array().map(Vec::len), Some(1000), "{ended}");
}

/// R06: a gigabyte is written to standard output piece by piece, and what a page asks for is capped (`inspect`).
#[test]
fn a_large_file_is_written_piece_by_piece() {
    const RUNS: usize = 1 << 10;
    let length = (RUNS as u64) * (128 << 10);
    let blob = zstd_run(
        &archive().header(named("large").size(length)).0,
        b'x',
        RUNS,
        &[0; 1024],
    );
    let directory = Directory::new("large");
    let file = directory.write(
        "large.tar",
        oci([Layer::new(ZSTD, blob, b""), packed(layer("b"))]).archive(),
    );
    let out = directory.join("large");
    let binary = layerscope([] as [&str; 0]);
    let mut command = std::process::Command::new("sh");
    command
        .args([
            "-c",
            "ulimit -v 524288 && \"$0\" cat --quiet \"$1\" /large > \"$2\"",
        ])
        .arg(binary.get_program())
        .arg(&file)
        .arg(&out);
    end(&mut command);
    assert_eq!(fs::metadata(&out).expect("a file").len(), length);
}
