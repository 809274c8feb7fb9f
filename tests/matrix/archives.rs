//! H: how images are saved.

use crate::archive::{Archive, archive, named};
use crate::oci::{MANIFEST, descriptor, oci, packed, plain, streams, tar_of};
use crate::tape::{layer, zstd};
use harness::{digest, gzip};
use serde_json::{Value, json};

fn hex(bytes: &[u8]) -> String {
    digest(bytes)
        .split_once(':')
        .expect("a digest")
        .1
        .to_owned()
}

fn config_of(streams: &[Vec<u8>]) -> Vec<u8> {
    let diff_ids: Vec<String> = streams.iter().map(|stream| digest(stream)).collect();
    json!({ "architecture": "amd64", "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": diff_ids } })
        .to_string().into_bytes()
}

/// One entry of `manifest.json`.
fn entry(streams: &[Vec<u8>], tags: Value, layers: &[&str]) -> Value {
    json!({ "Config": format!("{}.json", hex(&config_of(streams))), "RepoTags": tags, "Layers": layers })
}

fn with_config(tar: Archive, streams: &[Vec<u8>]) -> Archive {
    let config = config_of(streams);
    tar.file(&format!("{}.json", hex(&config)), config)
}

fn listed(tar: Archive, entries: &[Value]) -> Archive {
    tar.file("manifest.json", json!(entries).to_string())
}

fn a() -> Vec<u8> {
    layer("a = x")
}

fn b() -> Vec<u8> {
    layer("b = y")
}

fn linked(tar: Archive, path: &str, target: &str) -> Archive {
    tar.header(named(path).flag(b'2').link(target))
}

/// `docker save` of two layers, with `manifest.json` first.
fn docker(first: Vec<u8>, second: Vec<u8>) -> Vec<u8> {
    let streams = [a(), b()];
    let tar = listed(
        archive(),
        &[entry(
            &streams,
            json!(["image:1"]),
            &["1/layer.tar", "2/layer.tar"],
        )],
    );
    with_config(tar, &streams)
        .file("1/layer.tar", first)
        .file("2/layer.tar", second)
        .end()
}

/// The OCI layout and the `manifest.json` of Docker 25 and later.
fn both(layers: &[&str], empty_manifest: bool) -> Vec<u8> {
    let image = streams([a(), b()]).manifest(move |manifest| {
        if empty_manifest {
            manifest["layers"] = json!([])
        }
    });
    let mut members = image.members();
    let config = members
        .iter()
        .find(|(_, bytes)| bytes.starts_with(b"{\"architecture\""))
        .unwrap()
        .0
        .clone();
    members.push((
        "manifest.json".to_owned(),
        json!([{ "Config": config, "RepoTags": ["image:1"], "Layers": layers }])
            .to_string()
            .into_bytes(),
    ));
    tar_of(&members)
}

fn blob_path(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", hex(bytes))
}

rows! {
    h01 "layers that are symbolic links: one hop, two hops, in a circle": {
        let two = [a(), a()];
        let tar = with_config(with_config(archive(), &two), &[a()]).file("1/layer.tar", a());
        let tar = linked(linked(tar, "2/layer.tar", "../1/layer.tar"), "3/layer.tar", "../2/layer.tar");
        let tar = linked(linked(tar, "4/layer.tar", "../5/layer.tar"), "5/layer.tar", "../4/layer.tar");
        listed(tar, &[
            entry(&two, json!(["hops:1"]), &["2/layer.tar", "3/layer.tar"]),
            entry(&[a()], json!(["circle:1"]), &["4/layer.tar"]),
        ]).end()
    };
    h02 "an OCI layout and a manifest.json that disagree": both(&[&blob_path(&b()), &blob_path(&a())], false);
    h03 "an OCI manifest without layers beside a manifest.json with some": both(&[&blob_path(&a()), &blob_path(&b())], true);
    h04 "an index in the index, gzip layers, a platform that is absent": {
        let image = oci([packed(a())]).members();
        let manifest = image.iter().find(|(_, bytes)| bytes.windows(8).any(|part| part == b"\"layers\"") && bytes.starts_with(b"{\"config\"")).unwrap().1.clone();
        let mut here = descriptor(MANIFEST, &manifest);
        here["platform"] = json!({ "os": "linux", "architecture": "amd64" });
        let mut absent = descriptor(MANIFEST, b"absent");
        absent["platform"] = json!({ "os": "linux", "architecture": "arm64" });
        let inner = json!({ "schemaVersion": 2, "mediaType": crate::oci::INDEX, "manifests": [here, absent] }).to_string().into_bytes();
        let outer = descriptor(crate::oci::INDEX, &inner);
        oci([packed(a())]).blob(inner).index(move |index| index["manifests"] = json!([outer])).archive()
    };
    h05 "several images, several tags, none": {
        let (one, two) = ([a()], [b()]);
        let tar = with_config(with_config(archive(), &one), &two).file("1/layer.tar", a()).file("2/layer.tar", b());
        listed(tar, &[
            entry(&one, json!(["image:1", "image:latest"]), &["1/layer.tar"]),
            entry(&two, json!(null), &["2/layer.tar"]),
        ]).end()
    };
    h06 "manifest.json last": {
        let streams = [a()];
        listed(with_config(archive().file("1/layer.tar", a()), &streams), &[entry(&streams, json!(["image:1"]), &["1/layer.tar"])]).end()
    };
    h07 "a gzip around the archive": gzip(&docker(a(), b()));
    h08 "gzip, zstd and plain layers in one docker archive": {
        let streams = [a(), b(), layer("c = z")];
        let tar = listed(archive(), &[entry(&streams, json!(["image:1"]), &["1.tar", "2.tar", "3.tar"])]);
        with_config(tar, &streams).file("1.tar", gzip(&streams[0])).file("2.tar", zstd(&streams[1])).file("3.tar", &streams[2]).end()
    };
    h09 "members whose names begin with ./": {
        let members = streams([a()]).members().into_iter().map(|(name, bytes)| (format!("./{name}"), bytes)).collect::<Vec<_>>();
        tar_of(&members)
    };
    h10 "repositories only, as the first docker save wrote": archive()
        .file("repositories", json!({ "image": { "1": "7".repeat(64) } }).to_string())
        .file("7/layer.tar", a()).file("7/json", "{}").end();
    h11 "an oci-layout of version 2.0.0": streams([a()]).layout(br#"{"imageLayoutVersion":"2.0.0"}"#).archive();
    h12 "an index that names a manifest which is not there": streams([a()]).index(|index| {
        index["manifests"].as_array_mut().unwrap().push(descriptor(MANIFEST, b"nowhere"));
    }).archive();
    h13 "blobs that are not what their names say": {
        let mut members = streams([a(), b()]).members();
        let place = members.iter().position(|(_, bytes)| *bytes == b()).unwrap();
        members[place].1 = layer("c = z");
        tar_of(&members)
    };
    h14 "a blob that is a symbolic link": {
        let lost = digest(&b());
        let tar = Archive(streams([a(), b()]).without(&lost).archive());
        let length = tar.0.len() - 1024;
        linked(Archive(tar.0[..length].to_vec()), &blob_path(&b()), "/etc/passwd").end()
    };
    h15 "an OCI layout without manifest.json, its blobs in no order": {
        let mut members = streams([layer("a = 1"), layer("a = 2"), layer("a = 3")]).members();
        members.reverse();
        tar_of(&members)
    };
    h16 "manifest.json twice": {
        let (one, two) = ([a()], [b()]);
        let tar = with_config(with_config(archive(), &one), &two).file("1/layer.tar", a()).file("2/layer.tar", b());
        let tar = listed(tar, &[entry(&one, json!(["first:1"]), &["1/layer.tar"])]);
        listed(tar, &[entry(&two, json!(["second:1"]), &["2/layer.tar"])]).end()
    };
    h19 "a page of HTML": b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>\n".repeat(20);
    h20 "a layer twice in one image": oci([plain(a()), plain(b()), plain(a())]).archive();
}
