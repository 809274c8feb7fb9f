//! Archives of layers that are files.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tar::{Builder, Header};

use super::layer::{Layer, Stored};
use crate::fixtures::{CONFIG, MANIFEST, NEW_YEAR, index, pretty, sha256};

/// What a layer is shipped as.
#[derive(Clone, Copy)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

/// An OCI layout in a tar, with packed layers.
pub(crate) fn oci(path: &Path, layers: &[(&Layer, &Stored)], packing: Packing) -> Result<()> {
    let media_type = match packing {
        Packing::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
        Packing::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
    };
    let config = config(layers.iter().map(|(layer, _)| *layer));
    let described: Vec<Value> = layers
        .iter()
        .map(|(_, blob)| descriptor(media_type, &blob.sha256, blob.size))
        .collect();
    let manifest = pretty(&json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, &sha256(&config), config.len() as u64),
        "layers": described,
    }));
    let mut top = descriptor(MANIFEST, &sha256(&manifest), manifest.len() as u64);
    top["annotations"] = json!({ "org.opencontainers.image.ref.name": "1" });
    let mut archive = Archive::create(path)?;
    archive.bytes("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}")?;
    archive.bytes("index.json", &pretty(&index(&[top])))?;
    for document in [&manifest, &config] {
        archive.bytes(&format!("blobs/sha256/{}", sha256(document)), document)?;
    }
    for (_, blob) in layers {
        archive.file(&format!("blobs/sha256/{}", blob.sha256), blob)?;
    }
    archive.finish()
}

/// What `docker save` and `podman save` write: the layers as they are, and `manifest.json` behind them.
pub(crate) fn docker(path: &Path, layers: &[Layer]) -> Result<()> {
    let config = config(layers.iter());
    let name = format!("{}.json", sha256(&config));
    let mut archive = Archive::create(path)?;
    let mut paths = Vec::new();
    for layer in layers {
        let path = format!("{}.tar", layer.tar.sha256);
        archive.file(&path, &layer.tar)?;
        paths.push(path);
    }
    archive.bytes(&name, &config)?;
    let manifest = json!([{ "Config": name, "RepoTags": ["localhost/bench:1"], "Layers": paths }]);
    archive.bytes("manifest.json", &pretty(&manifest))?;
    archive.finish()
}

fn config<'a>(layers: impl Iterator<Item = &'a Layer>) -> Vec<u8> {
    let diff_ids: Vec<String> = layers
        .map(|layer| format!("sha256:{}", layer.tar.sha256))
        .collect();
    let history: Vec<Value> = (0..diff_ids.len())
        .map(|number| {
            json!({ "created": "2026-01-01T00:00:00Z", "created_by": format!("COPY {number} /") })
        })
        .collect();
    pretty(&json!({
        "created": "2026-01-01T00:00:00Z",
        "os": "linux",
        // Every tool takes an image for its own machine without being asked.
        "architecture": if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" },
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    }))
}

fn descriptor(media_type: &str, sha256: &str, size: u64) -> Value {
    json!({ "mediaType": media_type, "digest": format!("sha256:{sha256}"), "size": size })
}

struct Archive {
    builder: Builder<BufWriter<File>>,
}

impl Archive {
    fn create(path: &Path) -> Result<Archive> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        Ok(Archive {
            builder: Builder::new(BufWriter::with_capacity(1 << 20, file)),
        })
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut header = header(bytes.len() as u64);
        Ok(self.builder.append_data(&mut header, name, bytes)?)
    }

    fn file(&mut self, name: &str, stored: &Stored) -> Result<()> {
        let mut header = header(stored.size);
        let file = File::open(&stored.path)?;
        Ok(self.builder.append_data(&mut header, name, file)?)
    }

    fn finish(self) -> Result<()> {
        let file = self.builder.into_inner()?.into_inner()?;
        Ok(file.sync_all()?)
    }
}

fn header(size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_mode(0o644);
    header.set_mtime(NEW_YEAR);
    header.set_size(size);
    header
}
