//! What `docker save` writes: `manifest.json`, and the files it names, in every generation of it.
//!
//! Docker before 25 writes `<config id>.json` and `<layer id>/layer.tar` (a layer that occurs twice is a
//! symbolic link), Docker from 25 on, BuildKit and containerd `blobs/sha256/<hex>`, kaniko and crane
//! `sha256:<hex>` and `<hex>.tar.gz`, podman and skopeo `<hex>.json` and `<hex>.tar`.

use layerscope_oci::{Digest, Json, MediaType};
use serde_json::Value;

use crate::error::{Error, quoted};
use crate::limits;
use crate::part::{Part, Place};
use crate::roots::{Naming, Unlisted};

/// The file that lists the images.
pub(crate) const MANIFEST_FILE: &str = "manifest.json";

/// One image of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SavedImage {
    /// The member with the config.
    pub(crate) config: String,
    /// The members with the layers, base first.
    pub(crate) layers: Vec<String>,
    /// In familiar form, as Docker writes them.
    pub(crate) tags: Vec<String>,
    /// What Docker from 25 on says of layers.
    sources: Vec<Source>,
}

/// What `LayerSources` says of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    digest: Digest,
    media_type: Option<MediaType>,
    size: Option<u64>,
}

/// Reads `manifest.json`.
///
/// # Errors
/// [`Error::Document`] and [`Error::TopFile`] with the place and what was expected there.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<SavedImage>, Error> {
    let json = Json::parse(bytes).map_err(|error| Error::Document {
        at: MANIFEST_FILE.to_owned(),
        error,
    })?;
    let Value::Array(images) = json.value() else {
        return Err(wrong(String::new(), "a list of images", json.value()));
    };
    if images.len() > limits::DESCRIPTORS {
        return Err(Error::OverLimit {
            at: MANIFEST_FILE.to_owned(),
            what: "images",
            limit: limits::DESCRIPTORS as u64,
            found: images.len().to_string(),
        });
    }
    let images = images.iter().enumerate();
    images
        .map(|(number, image)| SavedImage::read(number, image))
        .collect()
}

impl SavedImage {
    fn read(number: usize, image: &Value) -> Result<Self, Error> {
        let field = |name: &str| (format!("[{number}].{name}"), image.get(name));
        if !image.is_object() {
            return Err(wrong(format!("[{number}]"), "an image", image));
        }
        let (at, config) = field("Config");
        let config = match config {
            Some(Value::String(config)) if !config.is_empty() => config.clone(),
            other => {
                return Err(wrong(
                    at,
                    "the name of a config",
                    other.unwrap_or(&Value::Null),
                ));
            }
        };
        let (at, layers) = field("Layers");
        let layers = texts(&at, "the names of layers", layers)?;
        if layers.len() > layerscope_oci::limits::LAYERS {
            return Err(Error::OverLimit {
                at: format!("{MANIFEST_FILE} {at}"),
                what: "layers",
                limit: layerscope_oci::limits::LAYERS as u64,
                found: layers.len().to_string(),
            });
        }
        let (at, tags) = field("RepoTags");
        let tags = texts(&at, "tags", tags)?;
        let sources = match image.get("LayerSources") {
            Some(Value::Object(sources)) => sources.values().filter_map(Source::read).collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            config,
            layers,
            tags,
            sources,
        })
    }

    /// The image as a root of the walk.
    pub(crate) fn root(&self, number: usize) -> Unlisted {
        Unlisted {
            naming: Naming {
                number,
                names: self.tags.clone(),
                aliases: Vec::new(),
            },
            config: Part {
                place: Place::Member(self.config.clone()),
                stated: self.config_digest(),
                ..Part::unnamed()
            },
            layers: self.layers.iter().map(|path| self.layer(path)).collect(),
        }
    }

    /// The digest that the config's name states.
    pub(crate) fn config_digest(&self) -> Option<Digest> {
        let name = basename(&self.config);
        blob_digest(&self.config)
            .or_else(|| hex_digest(name.strip_suffix(".json")?))
            .or_else(|| name.parse().ok())
    }

    fn layer(&self, path: &str) -> Part {
        let compressed = || hex_digest(basename(path).strip_suffix(".tar.gz")?);
        let stated = blob_digest(path).or_else(compressed);
        let source = self
            .sources
            .iter()
            .find(|source| Some(&source.digest) == stated.as_ref());
        Part {
            descriptor: None,
            place: Place::Member(path.to_owned()),
            size: source.and_then(|source| source.size),
            media_type: source.and_then(|source| source.media_type.clone()),
            stated,
        }
    }
}

impl Source {
    fn read(source: &Value) -> Option<Self> {
        let media_type = source.get("mediaType").and_then(Value::as_str);
        Some(Self {
            digest: source.get("digest")?.as_str()?.parse().ok()?,
            media_type: media_type.map(MediaType::new).filter(MediaType::is_layer),
            size: source.get("size").and_then(Value::as_u64),
        })
    }
}

/// The digest that `blobs/<algorithm>/<hex>` states.
fn blob_digest(path: &str) -> Option<Digest> {
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let (hex, algorithm) = (parts.next()?, parts.next()?);
    (parts.next()? == "blobs").then(|| format!("{algorithm}:{hex}").parse().ok())?
}

fn hex_digest(hex: &str) -> Option<Digest> {
    let hex = hex.strip_prefix("sha256:").unwrap_or(hex);
    format!("sha256:{hex}").parse().ok()
}

fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn texts(at: &str, expected: &'static str, value: Option<&Value>) -> Result<Vec<String>, Error> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(text) => Ok(text.clone()),
                other => Err(wrong(at.to_owned(), expected, other)),
            })
            .collect(),
        Some(other) => Err(wrong(at.to_owned(), expected, other)),
    }
}

fn wrong(at: String, expected: &'static str, found: &Value) -> Error {
    Error::TopFile {
        at: format!("{MANIFEST_FILE} {at}").trim_end().to_owned(),
        expected,
        found: quoted(&found.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn saved(config: &str, layer: &str) -> (Option<String>, Option<String>) {
        let image = SavedImage {
            config: config.to_owned(),
            layers: vec![layer.to_owned()],
            tags: Vec::new(),
            sources: Vec::new(),
        };
        let root = image.root(0);
        let text = |digest: Option<Digest>| digest.map(|digest| digest.to_string());
        (
            text(root.config.stated),
            text(root.layers[0].stated.clone()),
        )
    }

    #[test]
    fn names_state_digests_only_where_writers_put_them() {
        let stated = || Some(format!("sha256:{HEX}"));
        assert_eq!(
            saved(&format!("{HEX}.json"), &format!("{HEX}/layer.tar")),
            (stated(), None)
        );
        assert_eq!(
            saved(
                &format!("blobs/sha256/{HEX}"),
                &format!("./blobs/sha256/{HEX}")
            ),
            (stated(), stated())
        );
        assert_eq!(
            saved(&format!("sha256:{HEX}"), &format!("{HEX}.tar.gz")),
            (stated(), stated())
        );
        assert_eq!(saved("config.json", &format!("{HEX}.tar")), (None, None));
        assert_eq!(
            saved(&format!("{}.json", HEX.to_uppercase()), "layer.tar.gz"),
            (None, None)
        );
        assert_eq!(saved("blobs/sha256/short", "a/blobs/MD5/x"), (None, None));
    }

    #[test]
    fn nulls_are_empty_lists() {
        let images = read(br#"[{"Config":"c.json","RepoTags":null,"Layers":null}]"#).unwrap();
        assert_eq!((images[0].tags.len(), images[0].layers.len()), (0, 0));
        assert_eq!(read(b"[]").unwrap(), []);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, at) in [
            ("null", "manifest.json"),
            ("{}", "manifest.json"),
            ("[null]", "manifest.json [0]"),
            ("[{}]", "manifest.json [0].Config"),
            (r#"[{"Config":""}]"#, "manifest.json [0].Config"),
            (
                r#"[{"Config":"c","Layers":[1]}]"#,
                "manifest.json [0].Layers",
            ),
            (
                r#"[{"Config":"c"},{"Config":"c","RepoTags":"x"}]"#,
                "manifest.json [1].RepoTags",
            ),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert_eq!(error.at().as_deref(), Some(at), "{text}");
        }
        assert!(matches!(read(b"<html>"), Err(Error::Document { .. })));
    }
}
