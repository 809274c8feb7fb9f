//! E: manifests, indexes and configs.

use crate::oci::{CONFIG, INDEX, Layer, MANIFEST, descriptor, oci, packed, streams, tar_of};
use crate::tape::layer;
use harness::digest;
use serde_json::{Value, json};

fn good() -> Vec<u8> {
    layer("good = yes")
}

/// The members of a good image, and what to put into the index beside it: media type and bytes of each document.
fn beside(documents: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Vec<u8> {
    let documents: Vec<_> = documents.into_iter().collect();
    let entries: Vec<Value> = documents
        .iter()
        .map(|(media_type, bytes)| descriptor(media_type, bytes))
        .collect();
    let image = streams([good()])
        .index(move |index| index["manifests"].as_array_mut().unwrap().extend(entries));
    documents
        .into_iter()
        .fold(image, |image, (_, bytes)| image.blob(bytes))
        .archive()
}

fn text(document: Value) -> Vec<u8> {
    document.to_string().into_bytes()
}

/// The config and the layer of an image that is in the archive anyway, for manifests of its own.
fn manifest_of(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let members = streams([good()]).members();
    let blob = |wanted: &[u8]| {
        members
            .iter()
            .find(|(_, bytes)| bytes.windows(wanted.len()).any(|part| part == wanted))
            .unwrap()
            .1
            .clone()
    };
    let config = blob(b"\"rootfs\"");
    let mut manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(CONFIG, &config),
        "layers": [crate::oci::plain(good()).descriptor],
    });
    change(&mut manifest);
    text(manifest)
}

fn with_config(change: impl FnOnce(&mut Value) + 'static) -> Vec<u8> {
    streams([good()]).config(change).archive()
}

fn typed(media_type: &str) -> Layer {
    packed(good()).stating(|descriptor| descriptor["mediaType"] = json!(media_type))
}

rows! {
    e01 "a schema 1 manifest": beside([("application/vnd.docker.distribution.manifest.v1+prettyjws", text(json!({
        "schemaVersion": 1, "name": "old", "tag": "1", "architecture": "amd64",
        "fsLayers": [{ "blobSum": digest(b"") }], "history": [{ "v1Compatibility": "{}" }],
    })))]);
    e02 "a document with manifests and layers": beside([(MANIFEST, manifest_of(|manifest| manifest["manifests"] = json!([])))]);
    e03 "a mediaType that is not the descriptor's": beside([
        (MANIFEST, manifest_of(|manifest| manifest["mediaType"] = json!("application/vnd.docker.distribution.manifest.v2+json"))),
        (MANIFEST, text(json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] }))),
    ]);
    e04 "no mediaType": beside([(MANIFEST, manifest_of(|manifest| { manifest.as_object_mut().unwrap().remove("mediaType"); }))]);
    e06 "a key twice": streams([good()]).manifest_text(|manifest| {
        let text = manifest.to_string();
        format!("{{\"schemaVersion\":2,{}", &text[1..]).into_bytes()
    }).archive();
    e07 "manifests of 5 and of 9 MiB": beside([
        (MANIFEST, manifest_of(|manifest| manifest["annotations"] = json!({ "big": "x".repeat(5 << 20) }))),
        (MANIFEST, manifest_of(|manifest| manifest["annotations"] = json!({ "big": "y".repeat(9 << 20) }))),
    ]);
    e08 "10 000 arrays in each other": beside([(MANIFEST, "[".repeat(10_000).into_bytes())]);
    e09 "an index in an index, and one that lists itself": {
        let inner = text(json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(MANIFEST, &manifest_of(|manifest| manifest["annotations"] = json!({ "inner": "yes" })))] }));
        let own = digest(b"a digest that it cannot have");
        let snake = text(json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [{ "mediaType": INDEX, "digest": own, "size": 7 }] }));
        let mut entry = descriptor(INDEX, &snake);
        entry["digest"] = json!(own);
        let entries = [descriptor(INDEX, &inner), entry];
        let mut members = streams([good()]).blob(inner).blob(manifest_of(|manifest| manifest["annotations"] = json!({ "inner": "yes" })))
            .index(|index| index["manifests"].as_array_mut().unwrap().extend(entries)).members();
        members.push((format!("blobs/{}", own.replace(':', "/")), snake));
        tar_of(&members)
    };
    e10 "an index of nothing": streams([good()]).index(|index| index["manifests"] = json!(null)).archive();
    e11 "an attestation": {
        let statement = manifest_of(|manifest| manifest["annotations"] = json!({ "attests": "yes" }));
        let entry = descriptor(MANIFEST, &statement);
        streams([good()]).blob(statement).index(move |index| {
            let image = index["manifests"][0]["digest"].clone();
            index["manifests"][0]["platform"] = json!({ "os": "linux", "architecture": "amd64" });
            let mut entry = entry;
            entry["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
            entry["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image });
            index["manifests"].as_array_mut().unwrap().push(entry);
        }).archive()
    };
    e12 "no platform in the descriptor": streams([good()]).config(|config| config["architecture"] = json!("s390x")).archive();
    e13 "several entries that match": {
        let second = manifest_of(|manifest| manifest["annotations"] = json!({ "second": "yes" }));
        let entry = descriptor(MANIFEST, &second);
        streams([good()]).blob(second).index(move |index| {
            let mut entry = entry;
            for each in [&mut index["manifests"][0], &mut entry] {
                each["platform"] = json!({ "os": "linux", "architecture": "amd64" });
            }
            index["manifests"].as_array_mut().unwrap().push(entry);
        }).archive()
    };
    e14 "an artifact manifest of the release candidates": beside([("application/vnd.oci.artifact.manifest.v1+json", text(json!({
        "mediaType": "application/vnd.oci.artifact.manifest.v1+json", "artifactType": "application/vnd.example.sbom", "blobs": [],
    })))]);
    e15 "a Helm chart": beside([(MANIFEST, manifest_of(|manifest| {
        manifest["config"]["mediaType"] = json!("application/vnd.cncf.helm.config.v1+json");
        manifest["layers"][0]["mediaType"] = json!("application/vnd.cncf.helm.chart.content.v1.tar+gzip");
    }))]);
    e16 "an empty config whose bytes are not `{}`": beside([(MANIFEST, manifest_of(|manifest| {
        manifest["artifactType"] = json!("application/vnd.example");
        manifest["config"] = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(b"{}"), "size": 2, "data": "e30K" });
        manifest["layers"] = json!([]);
    }))]);
    e17 "no layers; no rootfs; a rootfs of another type": {
        let configs = [
            json!({ "os": "linux", "architecture": "amd64" }),
            json!({ "os": "linux", "architecture": "arm64", "rootfs": { "type": "tree", "diff_ids": [digest(&good())] } }),
        ].map(text);
        let manifests = configs.clone().map(|config| manifest_of(|manifest| manifest["config"] = descriptor(CONFIG, &config)));
        let none = manifest_of(|manifest| manifest["layers"] = json!([]));
        let documents = manifests.into_iter().chain([none]).map(|manifest| (MANIFEST, manifest));
        let more = configs.into_iter().map(|config| (CONFIG, config));
        beside(documents.chain(more))
    };
    e18 "encrypted layers and squashfs": oci([
        packed(good()),
        typed("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"),
        typed("application/vnd.sylabs.sif.layer.v1.squashfs"),
    ]).archive();
    e19 "a foreign layer, whose bytes are elsewhere": {
        let foreign = packed(layer("foreign = yes"));
        let lost = digest(&foreign.blob);
        oci([packed(good()), foreign.stating(|descriptor| {
            descriptor["mediaType"] = json!("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
            descriptor["urls"] = json!(["https://example.invalid/layer"]);
        })]).without(&lost).archive()
    };
    e20 "wrong types in the config": with_config(|config| {
        config["os"] = json!(1);
        config["history"] = json!("COPY");
        config["config"]["Env"] = json!("PATH=/bin");
    });
    e21 "a subject that is not there": streams([good()]).manifest(|manifest| {
        manifest["subject"] = descriptor(MANIFEST, b"gone");
    }).archive();
    e22 "annotations of 1 MB, with control characters": streams([good()]).manifest(|manifest| {
        manifest["annotations"] = json!({ "long": "x".repeat(1 << 20), "hostile": "\u{1b}]0;owned\u{7}\u{202e}<img onerror=alert(1)>" });
    }).archive();
    e23 "times that are none": streams([good(), layer("b"), layer("c")]).config(|config| {
        config["created"] = json!("0000-00-00T00:00:00Z");
        config["history"][0]["created"] = json!("99999-01-01T00:00:00Z");
        config["history"][1]["created"] = json!("yesterday");
    }).archive();
    e24 "JSON with a byte order mark, in UTF-16, not in UTF-8": beside([
        (MANIFEST, [b"\xef\xbb\xbf".to_vec(), manifest_of(|_| ())].concat()),
        (MANIFEST, String::from_utf8(manifest_of(|_| ())).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (MANIFEST, [b"{\"\xff\":1,".to_vec(), manifest_of(|_| ())[1..].to_vec()].concat()),
    ]);
}
