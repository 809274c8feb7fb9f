//! An OCI archive that is right in everything but what a row spoils.

use crate::archive::archive;
use harness::{digest, gzip};
use serde_json::{Value, json};

pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
pub(crate) const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub(crate) const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A layer: its blob, what its descriptor says, and the digest that the config states for its stream.
#[derive(Clone)]
pub(crate) struct Layer {
    pub(crate) blob: Vec<u8>,
    pub(crate) descriptor: Value,
    pub(crate) diff_id: String,
}

impl Layer {
    /// A blob of this media type whose stream is `stream`.
    pub(crate) fn new(media_type: &str, blob: Vec<u8>, stream: &[u8]) -> Self {
        Self {
            descriptor: descriptor(media_type, &blob),
            diff_id: digest(stream),
            blob,
        }
    }

    /// A layer whose bytes are as its descriptor says and whose descriptor is changed after that.
    pub(crate) fn stating(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.descriptor);
        self
    }
}

/// A stream as a gzip layer.
pub(crate) fn packed(stream: Vec<u8>) -> Layer {
    Layer::new(GZIP, gzip(&stream), &stream)
}

/// A stream as it is.
pub(crate) fn plain(stream: Vec<u8>) -> Layer {
    Layer::new(LAYER, stream.clone(), &stream)
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

type Write = Box<dyn FnOnce(Value) -> Vec<u8>>;

/// The archive while it is put together.
pub(crate) struct Oci {
    layers: Vec<Layer>,
    config: Write,
    manifest: Write,
    index: Write,
    layout: Vec<u8>,
    blobs: Vec<Vec<u8>>,
    lost: Vec<String>,
}

fn as_written(document: Value) -> Vec<u8> {
    document.to_string().into_bytes()
}

/// An image of these layers.
pub(crate) fn oci(layers: impl IntoIterator<Item = Layer>) -> Oci {
    Oci {
        layers: layers.into_iter().collect(),
        config: Box::new(as_written),
        manifest: Box::new(as_written),
        index: Box::new(as_written),
        layout: br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
        blobs: Vec::new(),
        lost: Vec::new(),
    }
}

/// An image of plain layers with these streams.
pub(crate) fn streams(streams: impl IntoIterator<Item = Vec<u8>>) -> Oci {
    oci(streams.into_iter().map(plain))
}

impl Oci {
    /// Changes the config before its digest is taken.
    pub(crate) fn config(self, change: impl FnOnce(&mut Value) + 'static) -> Self {
        self.config_text(|mut document| {
            change(&mut document);
            as_written(document)
        })
    }

    /// Writes the config in a way of its own.
    pub(crate) fn config_text(mut self, write: impl FnOnce(Value) -> Vec<u8> + 'static) -> Self {
        self.config = Box::new(write);
        self
    }

    /// Changes the manifest before its digest is taken.
    pub(crate) fn manifest(self, change: impl FnOnce(&mut Value) + 'static) -> Self {
        self.manifest_text(|mut document| {
            change(&mut document);
            as_written(document)
        })
    }

    /// Writes the manifest in a way of its own.
    pub(crate) fn manifest_text(mut self, write: impl FnOnce(Value) -> Vec<u8> + 'static) -> Self {
        self.manifest = Box::new(write);
        self
    }

    /// Changes `index.json`.
    pub(crate) fn index(self, change: impl FnOnce(&mut Value) + 'static) -> Self {
        self.index_text(|mut document| {
            change(&mut document);
            as_written(document)
        })
    }

    /// Writes `index.json` in a way of its own.
    pub(crate) fn index_text(mut self, write: impl FnOnce(Value) -> Vec<u8> + 'static) -> Self {
        self.index = Box::new(write);
        self
    }

    /// Another `oci-layout`; an empty one is left out.
    pub(crate) fn layout(mut self, bytes: &[u8]) -> Self {
        self.layout = bytes.to_vec();
        self
    }

    /// One more blob.
    pub(crate) fn blob(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.blobs.push(bytes.into());
        self
    }

    /// Leaves a blob out of the archive.
    pub(crate) fn without(mut self, digest: &str) -> Self {
        self.lost.push(digest.to_owned());
        self
    }

    /// The members of the archive, in its order.
    pub(crate) fn members(self) -> Vec<(String, Vec<u8>)> {
        let diff_ids: Vec<&str> = self.layers.iter().map(|layer| &*layer.diff_id).collect();
        let history: Vec<Value> = (0..diff_ids.len())
            .map(|number| json!({ "created_by": format!("COPY layer-{number} /") }))
            .collect();
        let config = (self.config)(json!({
            "architecture": "amd64", "os": "linux", "config": {},
            "rootfs": { "type": "layers", "diff_ids": diff_ids }, "history": history,
        }));
        let layers: Vec<&Value> = self.layers.iter().map(|layer| &layer.descriptor).collect();
        let manifest = (self.manifest)(json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(CONFIG, &config), "layers": layers,
        }));
        let index = (self.index)(json!({
            "schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(MANIFEST, &manifest)],
        }));
        let blobs = self.layers.into_iter().map(|layer| layer.blob);
        let mut members: Vec<(String, Vec<u8>)> =
            [("oci-layout", self.layout), ("index.json", index)]
                .into_iter()
                .filter(|(_, bytes)| !bytes.is_empty())
                .map(|(name, bytes)| (name.to_owned(), bytes))
                .collect();
        for blob in blobs.chain(self.blobs).chain([config, manifest]) {
            let name = format!("blobs/{}", digest(&blob).replace(':', "/"));
            let is_known = members.iter().any(|(known, _)| *known == name);
            if !is_known && !self.lost.contains(&digest(&blob)) {
                members.push((name, blob));
            }
        }
        members
    }

    /// The archive.
    pub(crate) fn archive(self) -> Vec<u8> {
        tar_of(&self.members())
    }
}

/// A tar of these members.
pub(crate) fn tar_of(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    const FIELD: usize = 100;
    let tar = members.iter().fold(archive(), |tar, (name, bytes)| {
        if name.len() > FIELD {
            tar.pax(&[("path", name)]).file(&name[..FIELD], bytes)
        } else {
            tar.file(name, bytes)
        }
    });
    tar.end()
}
