//! Images, archives and layouts, made by the `tar` crate and by hand.

use std::collections::BTreeMap;
use std::io::Write;

use layerscope_oci::{Algorithm, Digest};
use serde_json::{Value, json};

pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

pub fn digest(bytes: &[u8]) -> String {
    Digest::of(Algorithm::Sha256, bytes).to_string()
}

pub fn hex(bytes: &[u8]) -> String {
    Digest::of(Algorithm::Sha256, bytes).hex().to_owned()
}

/// A tar file with these files.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Archive::default();
    for (path, bytes) in files {
        archive.file(path, bytes);
    }
    archive.finish()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar file in the making.
pub struct Archive(tar::Builder<Vec<u8>>);

impl Default for Archive {
    fn default() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }
}

impl Archive {
    pub fn file(&mut self, path: &str, bytes: &[u8]) -> &mut Self {
        let mut header = tar::Header::new_ustar();
        // As the name field, so that "./" and the like stay as they are.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_cksum();
        self.0.append(&header, bytes).unwrap();
        self
    }

    pub fn link(&mut self, path: &str, kind: tar::EntryType, target: &str) -> &mut Self {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_mode(0o777);
        header.set_cksum();
        self.0.append(&header, &[][..]).unwrap();
        self
    }

    pub fn symlink(&mut self, path: &str, target: &str) -> &mut Self {
        self.link(path, tar::EntryType::Symlink, target)
    }

    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// A layer with one file.
pub fn layer(path: &str, text: &str) -> Vec<u8> {
    tar(&[(path, text.as_bytes())])
}

/// The config of an image for linux on an architecture, with these uncompressed layers.
pub fn config(architecture: &str, layers: &[&[u8]]) -> Vec<u8> {
    let diff_ids: Vec<String> = layers.iter().map(|layer| digest(layer)).collect();
    let config = json!({
        "architecture": architecture,
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": layers.iter().map(|_| json!({"created_by": "test"})).collect::<Vec<_>>(),
    });
    config.to_string().into_bytes()
}

pub fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(bytes), "size": bytes.len()})
}

/// The same object with more fields.
pub fn with(mut object: Value, fields: Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(fields);
    object
}

pub fn platform(architecture: &str) -> Value {
    json!({"platform": {"os": "linux", "architecture": architecture}})
}

pub fn manifest(config: Value, layers: &[Value]) -> Vec<u8> {
    let manifest = json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers,
    });
    manifest.to_string().into_bytes()
}

pub fn index(manifests: &[Value]) -> Vec<u8> {
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests});
    index.to_string().into_bytes()
}

/// One image: its layers plain, its config and its manifest.
#[derive(Clone, Debug)]
pub struct Image {
    pub layers: Vec<Vec<u8>>,
    pub config: Vec<u8>,
    pub manifest: Vec<u8>,
}

impl Image {
    pub fn new(architecture: &str, layers: &[Vec<u8>]) -> Self {
        let plain: Vec<&[u8]> = layers.iter().map(Vec::as_slice).collect();
        let config = config(architecture, &plain);
        let described: Vec<Value> = plain
            .iter()
            .map(|layer| descriptor(OCI_LAYER, layer))
            .collect();
        Self {
            layers: layers.to_vec(),
            manifest: manifest(descriptor(OCI_CONFIG, &config), &described),
            config,
        }
    }

    /// Two layers that say which image they are of.
    pub fn named(architecture: &str, name: &str) -> Self {
        let layers = [layer("base", "the same in all"), layer("name", name)];
        Self::new(architecture, &layers)
    }

    pub fn descriptor(&self) -> Value {
        descriptor(OCI_MANIFEST, &self.manifest)
    }

    pub fn digest(&self) -> String {
        digest(&self.manifest)
    }

    pub fn blobs(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.layers.iter().chain([&self.config, &self.manifest])
    }
}

/// A layout as a map of its files.
pub fn layout<'a>(
    index: &[u8],
    blobs: impl IntoIterator<Item = &'a Vec<u8>>,
) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::from([
        (
            "oci-layout".to_owned(),
            br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
        ),
        ("index.json".to_owned(), index.to_vec()),
    ]);
    for blob in blobs {
        files.insert(format!("blobs/sha256/{}", hex(blob)), blob.clone());
    }
    files
}

/// Those files as an archive, in the order of their names.
pub fn archive(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut archive = Archive::default();
    for (path, bytes) in files {
        archive.file(path, bytes);
    }
    archive.finish()
}
