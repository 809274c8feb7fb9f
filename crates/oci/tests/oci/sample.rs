//! A manifest and an index to change, short ways to read them, and the cases of a table.

use layerscope_oci::{Document, Error, FieldProblem, Manifest};
use serde_json::{Value, json};

pub(crate) const CONFIG: &str =
    "sha256:c86f7763873b6c0aae22d963bab59b4f5debbed6685761b5951584f6efb0633b";
pub(crate) const LAYER: &str =
    "sha256:9d3dd9504c685a304985025df4ed0283e47ac9ffa9bd0326fddf4d59513f0827";
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

pub(crate) fn manifest() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "size": 1470, "digest": CONFIG,
        },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": 675598, "digest": LAYER,
        }],
    })
}

pub(crate) fn index() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [{
            "mediaType": OCI_MANIFEST, "size": 702, "digest": LAYER,
            "platform": { "os": "linux", "architecture": "amd64" },
        }],
    })
}

/// `document` with some of its fields replaced; null removes one.
pub(crate) fn with(mut document: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => document.as_object_mut().unwrap().remove(name),
            value => document
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    document
}

pub(crate) fn parse(document: &Value) -> Result<Document, Error> {
    Document::parse(document.to_string().into_bytes(), None)
}

pub(crate) fn parse_text(text: &str) -> Result<Document, Error> {
    Document::parse(text.as_bytes(), None)
}

pub(crate) fn parse_image(document: &Value) -> Manifest {
    parse(document).unwrap().as_image().unwrap().clone()
}

/// Where, what was expected and what was found instead.
pub(crate) fn field(error: Error) -> (String, &'static str, String) {
    match error {
        Error::Field(FieldProblem {
            path,
            expected,
            found,
        }) => (path, expected, found),
        other => panic!("{other}"),
    }
}

/// The cases called `name` in `table`, of which there must be `at_least` so many.
pub(crate) fn cases<'t>(table: &'t Value, name: &str, at_least: usize) -> &'t [Value] {
    let cases = table[name].as_array().unwrap();
    assert!(cases.len() >= at_least, "{} cases of {name}", cases.len());
    cases
}
