//! An image written by hand.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Directory, LazyLayer};

/// `sha256:<hex>` of some bytes.
pub fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

/// The bytes as one gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzip_at(Compression::fast(), bytes)
}

fn gzip_at(level: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// How a layer is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As it is.
    Plain,
    /// As one gzip member, which is one block.
    Gzip,
    /// As one gzip member of many blocks.
    GzipBlocks,
}

impl Packing {
    fn blob(self, stream: &[u8]) -> Blob {
        match self {
            Self::Plain => Blob {
                bytes: stream.to_vec(),
                media_type: "application/vnd.oci.image.layer.v1.tar",
            },
            Self::Gzip | Self::GzipBlocks => Blob {
                bytes: match self {
                    Self::Gzip => gzip(stream),
                    _ => gzip_at(Compression::default(), stream),
                },
                media_type: "application/vnd.oci.image.layer.v1.tar+gzip",
            },
        }
    }
}

/// Some bytes with a media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What they are.
    pub media_type: &'static str,
}

impl Blob {
    /// `sha256:<hex>` of the bytes.
    pub fn digest(&self) -> String {
        digest(&self.bytes)
    }

    /// Their descriptor.
    pub fn descriptor(&self) -> Value {
        json!({ "mediaType": self.media_type, "digest": self.digest(), "size": self.bytes.len() })
    }
}

/// The tar stream of a layer.
pub struct LayerTar(tar::Builder<Vec<u8>>);

impl std::fmt::Debug for LayerTar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LayerTar({} bytes)", self.0.get_ref().len())
    }
}

impl Default for LayerTar {
    fn default() -> Self {
        Self::new()
    }
}

impl LayerTar {
    /// A layer without entries.
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    /// With a directory.
    #[must_use]
    pub fn directory(self, path: &str) -> Self {
        self.entry(tar::EntryType::Directory, path, b"")
    }

    /// With a file. A whiteout is one of these.
    #[must_use]
    pub fn file(self, path: &str, content: &[u8]) -> Self {
        self.entry(tar::EntryType::Regular, path, content)
    }

    fn entry(mut self, kind: tar::EntryType, path: &str, content: &[u8]) -> Self {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(if kind.is_dir() { 0o755 } else { 0o644 });
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        self.0
            .append_data(&mut header, path, content)
            .expect("an entry");
        self
    }

    /// The stream, with its end.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner().expect("an end of the archive")
    }
}

/// An OCI image: a manifest, its config, and its layers.
#[derive(Debug, Clone)]
pub struct Image {
    /// The manifest.
    pub manifest: Blob,
    /// The config.
    pub config: Blob,
    /// Oldest first.
    pub layers: Vec<Blob>,
}

impl Image {
    /// An image for linux/amd64 whose layers have these tar streams, oldest first, each in gzip.
    pub fn new(streams: &[Vec<u8>]) -> Self {
        let packed = streams.iter().map(|stream| (stream.clone(), Packing::Gzip));
        Self::packed(&packed.collect::<Vec<_>>())
    }

    /// The same with each layer stored as it is said.
    pub fn packed(streams: &[(Vec<u8>, Packing)]) -> Self {
        let diff_ids: Vec<String> = streams.iter().map(|(stream, _)| digest(stream)).collect();
        let history: Vec<Value> = (0..streams.len())
            .map(|number| json!({ "created_by": format!("COPY layer-{number} /") }))
            .collect();
        let config = Blob {
            bytes: json!({
                "architecture": "amd64",
                "os": "linux",
                "config": {},
                "rootfs": { "type": "layers", "diff_ids": diff_ids },
                "history": history,
            })
            .to_string()
            .into_bytes(),
            media_type: "application/vnd.oci.image.config.v1+json",
        };
        let layers: Vec<Blob> = streams
            .iter()
            .map(|(stream, packing)| packing.blob(stream))
            .collect();
        let descriptors = layers.iter().map(Blob::descriptor).collect();
        let manifest = manifest(config.descriptor(), descriptors);
        Self {
            manifest,
            config,
            layers,
        }
    }

    /// An image of one layer that can be pulled lazily, as its manifest says.
    pub fn lazy(layer: &LazyLayer) -> Self {
        let mut image = Self::packed(&[(layer.tar.clone(), Packing::Plain)]);
        let blob = Blob {
            bytes: layer.blob.clone(),
            media_type: layer.media_type,
        };
        let mut descriptor = blob.descriptor();
        descriptor["annotations"] = layer.annotations.iter().cloned().collect();
        image.layers = vec![blob];
        image.with_manifest(|manifest| manifest["layers"] = json!([descriptor]))
    }

    /// The same image behind a manifest that was made from the descriptors of its own by `change`.
    #[must_use]
    pub fn with_manifest(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut document: Value = serde_json::from_slice(&self.manifest.bytes).expect("a manifest");
        change(&mut document);
        self.manifest.bytes = document.to_string().into_bytes();
        self
    }

    /// All blobs, the manifest first.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        [&self.manifest, &self.config]
            .into_iter()
            .chain(&self.layers)
    }

    /// Writes it as an OCI layout with one tag.
    pub fn write_layout(&self, directory: &Directory, tag: &str) {
        directory.write("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
        let mut entry = self.manifest.descriptor();
        entry["annotations"] = json!({ "org.opencontainers.image.ref.name": tag });
        let index = json!({ "schemaVersion": 2, "manifests": [entry] });
        directory.write("index.json", index.to_string());
        for blob in self.blobs() {
            let digest = blob.digest();
            let (algorithm, hex) = digest.split_once(':').expect("a digest");
            directory.write(Path::new("blobs").join(algorithm).join(hex), &blob.bytes);
        }
    }
}

fn manifest(config: Value, layers: Vec<Value>) -> Blob {
    const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    let document =
        json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
    Blob {
        bytes: document.to_string().into_bytes(),
        media_type: MANIFEST,
    }
}
