//! What `docker save` and its relatives write.

use layerscope_source::{
    BlobPlan, Error, ImageChoice, ImageState, PlatformChoice, Resolve, Select, SourceKind,
};
use serde_json::{Value, json};

use crate::support::archives::{named, open, open_with};
use crate::support::image::{Archive, Image, config, gzip, hex, layer, tar};
use crate::support::{layers_verify, oddities, resolve};

fn numbered(number: usize) -> Select {
    Select {
        image: ImageChoice::Number(number),
        ..Select::default()
    }
}

/// The members of an image as Docker before 25 writes them, and its entry in `manifest.json`.
fn legacy(archive: &mut Archive, image: &Image, tags: Value) -> Value {
    let config = format!("{}.json", hex(&image.config));
    archive.file(&config, &image.config);
    let mut layers = Vec::new();
    for layer in &image.layers {
        let id = &hex(layer)[..12];
        archive.file(&format!("{id}/VERSION"), b"1.0");
        archive.file(&format!("{id}/json"), b"{}");
        archive.file(&format!("{id}/layer.tar"), layer);
        layers.push(format!("{id}/layer.tar"));
    }
    json!({"Config": config, "RepoTags": tags, "Layers": layers})
}

fn saved(images: &[(&Image, Value)]) -> Vec<u8> {
    let mut archive = Archive::default();
    let entries: Vec<Value> = images
        .iter()
        .map(|(image, tags)| legacy(&mut archive, image, tags.clone()))
        .collect();
    archive.file("manifest.json", json!(entries).to_string().as_bytes());
    archive.file("repositories", b"{}");
    archive.finish()
}

#[test]
fn a_legacy_archive_is_read_by_its_headers() {
    let image = Image::named("amd64", "a");
    let file = saved(&[(&image, json!(["a:1"]))]);
    let resolved = open(&file);
    assert_eq!(resolved.kind, SourceKind::DockerArchive);
    assert_eq!((resolved.images.len(), resolved.chosen), (1, Some(0)));
    let found = &resolved.images[0];
    assert_eq!(found.state, ImageState::Ready);
    assert_eq!(
        (found.names.as_slice(), found.number),
        (["a:1".to_owned()].as_slice(), 0)
    );
    assert_eq!(found.platform.as_ref().unwrap().to_string(), "linux/amd64");
    assert!(found.manifest.is_none() && found.descriptor.is_none() && found.fault.is_none());
    let config = found.config.as_ref().unwrap();
    assert_eq!(config.is_verified(), Some(true));
    assert_eq!(&config.raw[..], image.config);
    for layer in &found.layers {
        assert_eq!(
            layer.expected.digest, None,
            "a legacy name states no digest"
        );
        assert!(layer.diff_id.is_some() && layer.diff_id == layer.expected.diff_id);
    }
    assert_eq!(layers_verify(&file, &resolved, 0), [true, true]);
    assert_eq!(oddities(&resolved), [] as [&str; 0]);
}

#[test]
fn a_layer_that_occurs_twice_is_a_link_and_one_plan() {
    let once = layer("f", "x");
    let config = config("amd64", &[&once, &once, &once, &once]);
    let mut archive = Archive::default();
    archive.symlink("b/layer.tar", "../a/layer.tar");
    archive.symlink("c/layer.tar", "../b/layer.tar");
    archive.file("a/layer.tar", &once);
    archive.link("d/layer.tar", tar::EntryType::Link, "a/layer.tar");
    archive.file(&format!("{}.json", hex(&config)), &config);
    let layers = ["a/layer.tar", "b/layer.tar", "c/layer.tar", "d/layer.tar"];
    let manifest =
        json!([{"Config": format!("{}.json", hex(&config)), "RepoTags": null, "Layers": layers}]);
    archive.file("manifest.json", manifest.to_string().as_bytes());
    let file = archive.finish();
    let resolved = open(&file);
    assert_eq!(layers_verify(&file, &resolved, 0), [true; 4]);
    let layers = &resolved.images[0].layers;
    assert!(layers.iter().all(|layer| layer.blob == layers[0].blob));
}

#[test]
fn a_loop_of_links_fails_its_image_and_no_other() {
    let good = Image::named("amd64", "good");
    let mut archive = Archive::default();
    archive.symlink("a/layer.tar", "../b/layer.tar");
    archive.symlink("b/layer.tar", "../a/layer.tar");
    let entry = legacy(&mut archive, &good, json!(["good:1"]));
    let bad = json!({"Config": entry["Config"], "RepoTags": ["bad:1"], "Layers": ["a/layer.tar", entry["Layers"][1]]});
    archive.file("manifest.json", json!([bad, entry]).to_string().as_bytes());
    let file = archive.finish();
    let resolved = open(&file);
    assert!(
        matches!(&resolved.images[0].state, ImageState::Failed(Error::LinkCycle { at, .. }) if at == "a/layer.tar")
    );
    assert_eq!(
        resolved.images[0].layers.len(),
        2,
        "what is known of it is shown"
    );
    assert_eq!(resolved.images[1].state, ImageState::Ready);
    assert_eq!(resolved.chosen, Some(1));
}

#[test]
fn names_may_begin_with_a_dot_and_the_manifest_may_come_last() {
    let image = Image::named("amd64", "a");
    let mut archive = Archive::default();
    archive.link("./", tar::EntryType::Directory, "");
    archive.file("./l0.tar", &image.layers[0]);
    archive.file("././l1.tar", &image.layers[1]);
    archive.file("./config.json", &image.config);
    let manifest = json!([{"Config": "config.json", "Layers": ["./l0.tar", "l1.tar"]}]);
    archive.file("./manifest.json", manifest.to_string().as_bytes());
    let file = archive.finish();
    let resolved = open(&file);
    assert_eq!(layers_verify(&file, &resolved, 0), [true, true]);
    let config = resolved.images[0].config.as_ref().unwrap();
    assert_eq!((&config.stated, config.is_verified()), (&None, None));
}

#[test]
fn one_of_several_images_is_chosen_by_number_or_name() {
    let (one, two, three) = (
        Image::named("amd64", "1"),
        Image::named("arm64", "2"),
        Image::named("amd64", "3"),
    );
    let file = saved(&[
        (&one, json!(["alpine:3.19", "registry.example:5000/a/b:c"])),
        (&two, json!(null)),
        (&three, json!(["alpine:latest"])),
    ]);
    let all = open(&file);
    assert_eq!(all.images.len(), 3);
    assert!(
        all.images
            .iter()
            .all(|image| image.state == ImageState::Ready)
    );
    assert_eq!(all.chosen, Some(0));

    for (wanted, number) in [
        (numbered(1), 1),
        (named("alpine:3.19"), 0),
        (named("docker.io/library/alpine:3.19"), 0),
        (named("registry.example:5000/a/b:c"), 0),
        (named("alpine"), 2),
        (named("docker.io/alpine"), 2),
        (named(&format!("sha256:{}", hex(&two.config))), 1),
        (named(&hex(&two.config)[..12]), 1),
    ] {
        let resolved = open_with(&file, &wanted).unwrap();
        assert_eq!(resolved.chosen, Some(number), "{wanted:?}");
        for image in &resolved.images {
            let state = if image.number == number {
                ImageState::Ready
            } else {
                ImageState::NotAsked
            };
            assert_eq!(image.state, state, "{wanted:?}");
        }
    }
    for wanted in [
        numbered(3),
        named("busybox"),
        named("alpine:3.20"),
        named(""),
    ] {
        let error = open_with(&file, &wanted).unwrap_err();
        let Error::NoSuchImage { have, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(
            have.as_slice(),
            [
                "0 (alpine:3.19, registry.example:5000/a/b:c)",
                "1",
                "2 (alpine:latest)"
            ]
        );
    }
}

#[test]
fn a_platform_is_chosen_by_the_configs() {
    let file = saved(&[
        (&Image::named("amd64", "1"), json!(["a:1"])),
        (&Image::named("arm64", "2"), json!(["a:2"])),
    ]);
    let only = |text: &str| Select {
        platform: PlatformChoice::Only(text.parse().unwrap()),
        ..Select::default()
    };
    let resolved = open_with(&file, &only("linux/arm64")).unwrap();
    assert_eq!(resolved.chosen, Some(1));
    assert_eq!(resolved.images[0].state, ImageState::NotAsked);
    let error = open_with(&file, &only("linux/s390x")).unwrap_err();
    assert_eq!(
        error,
        Error::NoSuchPlatform {
            wanted: "linux/s390x".to_owned(),
            have: vec!["linux/amd64".to_owned(), "linux/arm64".to_owned()],
        }
    );
}

#[test]
fn names_of_blobs_state_their_digests() {
    let plain = layer("f", "x");
    let packed = gzip(&plain);
    let config = config("amd64", &[&plain, &plain]);
    let mut archive = Archive::default();
    // As kaniko and crane name them, and as Docker from 25 on does.
    archive.file(&format!("sha256:{}", hex(&config)), &config);
    archive.file(&format!("{}.tar.gz", hex(&packed)), &packed);
    archive.file(&format!("blobs/sha256/{}", hex(&plain)), &plain);
    let digest = format!("sha256:{}", hex(&plain));
    let manifest = json!([{
        "Config": format!("sha256:{}", hex(&config)),
        "RepoTags": ["k:1"],
        "Layers": [format!("{}.tar.gz", hex(&packed)), format!("blobs/sha256/{}", hex(&plain))],
        "LayerSources": {&digest: {"mediaType": crate::support::image::OCI_LAYER, "size": plain.len(), "digest": &digest}},
    }]);
    archive.file("manifest.json", manifest.to_string().as_bytes());
    let file = archive.finish();
    let resolved = open(&file);
    let image = &resolved.images[0];
    assert_eq!(image.config.as_ref().unwrap().is_verified(), Some(true));
    let expected: Vec<_> = image.layers.iter().map(|layer| &layer.expected).collect();
    assert_eq!(expected[0].digest.as_ref().unwrap().hex(), hex(&packed));
    assert_eq!((expected[0].size, &expected[0].media_type), (None, &None));
    assert_eq!(expected[1].size, Some(plain.len() as u64));
    assert_eq!(
        expected[1].media_type.as_ref().unwrap().as_str(),
        crate::support::image::OCI_LAYER
    );
    assert_eq!(layers_verify(&file, &resolved, 0), [true, true]);
}

#[test]
fn a_wrong_config_is_shown_and_flagged() {
    let image = Image::named("amd64", "a");
    let mut file = saved(&[(&image, json!(["a:1"]))]);
    let at = file
        .windows(7)
        .position(|bytes| bytes == b"\"amd64\"")
        .unwrap();
    file[at + 5] = b'5';
    let resolved = open(&file);
    let image = &resolved.images[0];
    let config = image.config.as_ref().unwrap();
    assert_eq!(config.is_verified(), Some(false));
    assert_eq!(image.platform.as_ref().unwrap().architecture, "amd65");
    assert_eq!((&image.state, &image.fault), (&ImageState::Ready, &None));

    // And one that is no JSON any more.
    file[at] = b'<';
    let resolved = open(&file);
    let image = &resolved.images[0];
    assert_eq!(image.config.as_ref().unwrap().is_verified(), Some(false));
    assert!(matches!(image.fault, Some(Error::Document { .. })));
    assert_eq!(image.layers.len(), 2);
    assert!(
        image
            .layers
            .iter()
            .all(|layer| matches!(layer.blob, BlobPlan::Range { .. }))
    );
}

#[test]
fn layers_and_diff_ids_that_do_not_agree_are_a_fault() {
    let one = layer("a", "a");
    let two = layer("b", "b");
    let mut image = Image::new("amd64", &[one.clone(), two]);
    image.config = config("amd64", &[&one]);
    let resolved = open(&saved(&[(&image, json!(["a:1"]))]));
    let found = &resolved.images[0];
    assert_eq!(
        found.fault,
        Some(Error::LayerCount {
            layers: 2,
            diff_ids: 1
        })
    );
    assert_eq!(found.layers.len(), 2);
    assert_eq!(oddities(&resolved), ["layer-count"]);
}

#[test]
fn nulls_are_no_layers() {
    let config =
        br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null}}"#;
    let name = format!("{}.json", hex(config));
    let manifest = json!([{"Config": name, "RepoTags": null, "Layers": null}]);
    let file = tar(&[
        (&name, config),
        ("manifest.json", manifest.to_string().as_bytes()),
    ]);
    let resolved = open(&file);
    let image = &resolved.images[0];
    assert_eq!(
        (&image.state, &image.fault, image.layers.len()),
        (&ImageState::Ready, &None, 0)
    );
    assert_eq!(open(&tar(&[("manifest.json", b"[]")])).chosen, None);
}

#[test]
fn what_the_manifest_names_must_be_there() {
    let image = Image::named("amd64", "a");
    let name = format!("{}.json", hex(&image.config));
    let manifest = json!([
        {"Config": name, "RepoTags": ["a:1"], "Layers": ["gone/layer.tar"]},
        {"Config": "gone.json", "RepoTags": ["a:2"], "Layers": ["l0.tar", "l1.tar"]},
    ]);
    let file = tar(&[
        (&name, &image.config),
        ("l0.tar", &image.layers[0]),
        ("l1.tar", &image.layers[1]),
        ("manifest.json", manifest.to_string().as_bytes()),
    ]);
    let resolved = open(&file);
    let states: Vec<_> = resolved.images.iter().map(|image| &image.state).collect();
    let absent = |what, at: &str| {
        let at = at.to_owned();
        ImageState::Failed(Error::Absent { what, at })
    };
    assert_eq!(
        states,
        [
            &absent("layer", "gone/layer.tar"),
            &absent("config", "gone.json")
        ]
    );
    assert_eq!(resolved.images[0].layers[0].blob, BlobPlan::Absent);
    assert_eq!(resolved.images[1].layers.len(), 2);
}

#[test]
fn of_two_members_with_one_name_the_last_counts() {
    let image = Image::named("amd64", "a");
    let mut archive = Archive::default();
    archive.file("manifest.json", b"[]");
    let entry = legacy(&mut archive, &image, json!(["a:1"]));
    archive.file("manifest.json", json!([entry]).to_string().as_bytes());
    let resolved = open(&archive.finish());
    assert_eq!(resolved.images.len(), 1);
    assert_eq!(oddities(&resolved), ["duplicate-member"]);
    assert_eq!(resolved.oddities[0].at, "manifest.json");
}

#[test]
fn what_is_no_image_archive_is_told_apart() {
    let not_an_archive = |file: &[u8]| match open_with(file, &Select::default()) {
        Err(Error::NotAnArchive { found }) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(not_an_archive(b""), "an empty file");
    assert_eq!(not_an_archive(b"\r\n<!DOCTYPE html><p>404"), "an HTML page");
    assert_eq!(not_an_archive(b"PK\x03\x04rest of a zip"), "a zip file");
    assert_eq!(not_an_archive(b"{\"errors\":[]}"), "a JSON document");
    assert_eq!(not_an_archive(b"no such file\n"), "text");
    assert_eq!(
        not_an_archive(&[0x9c; 4096]),
        "bytes that are no tar header"
    );
    assert_eq!(not_an_archive(&gzip(b"<html>")), "an HTML page");
    assert_eq!(not_an_archive(b"BZh91AY&SY rest"), "a bzip2 file");

    let no_manifest = |files: &[(&str, &[u8])]| match open_with(&tar(files), &Select::default()) {
        Err(Error::NoManifest {
            found,
            members,
            count,
        }) => (found, members.join(" "), count),
        other => panic!("{other:?}"),
    };
    let old = no_manifest(&[
        ("ab/VERSION", b"1.0"),
        ("ab/layer.tar", b""),
        ("repositories", b"{}"),
    ]);
    assert!(old.0.contains("before 1.10"), "{old:?}");
    assert_eq!((old.1.as_str(), old.2), ("ab repositories", 3));
    let layout = no_manifest(&[("oci-layout", b"{}"), ("blobs/sha256/x", b"")]);
    assert_eq!(layout.0, "an OCI layout without index.json");
    let root = no_manifest(&[("./etc/passwd", b""), ("./usr/bin/env", b"")]);
    assert!(root.0.contains("filesystem"), "{root:?}");
    assert_eq!(no_manifest(&[]).0, "an empty tar file");
    let hostile = no_manifest(&[("\u{1b}[2J\u{202e}", b"")]);
    assert_eq!(
        hostile,
        ("other files", "\\u{1b}[2J\\u{202e}".to_owned(), 1)
    );
    let many: Vec<String> = (0..20).map(|number| format!("file{number}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(no_manifest(&many).1.ends_with("file7 …"));
}

#[test]
fn a_manifest_that_is_none_is_an_error_with_its_place() {
    let error =
        |text: &[u8]| open_with(&tar(&[("manifest.json", text)]), &Select::default()).unwrap_err();
    assert_eq!(error(b"{}").at().as_deref(), Some("manifest.json"));
    assert_eq!(
        error(b"[{\"Layers\":[]}]").at().as_deref(),
        Some("manifest.json [0].Config")
    );
    assert_eq!(error(b"<html>").name(), "malformed-json");
}

#[test]
fn a_cut_archive_shows_what_is_there() {
    let image = Image::named("amd64", "a");
    let mut archive = Archive::default();
    let config = format!("{}.json", hex(&image.config));
    let manifest = json!([{"Config": config, "RepoTags": ["a:1"], "Layers": ["l0.tar", "l1.tar"]}]);
    archive.file("manifest.json", manifest.to_string().as_bytes());
    archive.file(&config, &image.config);
    archive.file("l0.tar", &image.layers[0]);
    let whole = archive.finish();
    let file = &whole[..whole.len() - 1024 - 1024];
    let resolved = open(file);
    assert_eq!(oddities(&resolved), ["archive-cut"]);
    let absent = Error::Absent {
        what: "layer",
        at: "l1.tar".to_owned(),
    };
    assert_eq!(resolved.images[0].state, ImageState::Failed(absent));
    let BlobPlan::Range { offset, len } = resolved.images[0].layers[0].blob else {
        panic!("no range");
    };
    assert_eq!(
        offset + len,
        file.len() as u64,
        "a plan stays within the file"
    );

    // Cut before there is anything to go by.
    let error = open_with(&whole[..600], &Select::default()).unwrap_err();
    assert_eq!(error.name(), "tar-truncated");
}

#[test]
fn contents_are_passed_over_however_large() {
    // A member of 6 GiB that does not exist anywhere, between real ones.
    let gap = 6_u64 << 30;
    let image = Image::new("amd64", &[layer("f", "x")]);
    let config = format!("{}.json", hex(&image.config));
    let manifest =
        json!([{"Config": config, "RepoTags": ["huge:1"], "Layers": ["small.tar", "huge.tar"]}]);
    let mut before = Archive::default();
    before.file("small.tar", &image.layers[0]);
    let mut before = before.finish();
    before.truncate(before.len() - 1024);
    let mut header = tar::Header::new_gnu();
    header.set_path("huge.tar").unwrap();
    header.set_size(gap);
    header.set_cksum();
    before.extend_from_slice(header.as_bytes());
    let after = tar(&[
        (&config, &image.config),
        ("manifest.json", manifest.to_string().as_bytes()),
    ]);
    let size = before.len() as u64 + gap + after.len() as u64;
    let read = std::cell::Cell::new(0_u64);
    let resolved = resolve(
        || Resolve::archive(size, Select::default()),
        |ask| {
            let layerscope_source::Ask::Read { offset, len } = *ask else {
                panic!("{ask:?}");
            };
            read.set(read.get() + len);
            let end = (offset + len).min(size);
            let byte = |at: u64| {
                let late = before.len() as u64 + gap;
                let early = before.get(at as usize).copied();
                early.unwrap_or_else(|| at.checked_sub(late).map_or(0, |at| after[at as usize]))
            };
            layerscope_source::Reply::Bytes((offset..end).map(byte).collect())
        },
    )
    .unwrap();
    assert!(
        read.get() < 1 << 20,
        "{} bytes were read, in three runs",
        read.get()
    );
    let plan = BlobPlan::Range {
        offset: before.len() as u64,
        len: gap,
    };
    assert_eq!(resolved.images[0].layers[1].blob, plan);
    assert_eq!(
        resolved.images[0].fault,
        Some(Error::LayerCount {
            layers: 2,
            diff_ids: 1
        })
    );
}
