//! What media types stand for.

use layerscope_oci::{Compression, MediaKind, MediaType};

#[test]
fn media_types_stand_for_what_they_name() {
    use Compression::{Gzip, Zstd};
    let layer = |compression, foreign, encrypted| MediaKind::Layer {
        compression,
        foreign,
        encrypted,
    };
    let cases = [
        ("application/vnd.oci.image.index.v1+json", MediaKind::Index),
        (
            "application/vnd.docker.distribution.manifest.list.v2+json",
            MediaKind::Index,
        ),
        (
            "application/vnd.oci.image.manifest.v1+json",
            MediaKind::Manifest,
        ),
        (
            "application/vnd.docker.distribution.manifest.v2+json",
            MediaKind::Manifest,
        ),
        (
            "application/vnd.docker.distribution.manifest.v1+json",
            MediaKind::SchemaOne,
        ),
        (
            "application/vnd.docker.distribution.manifest.v1+prettyjws",
            MediaKind::SchemaOne,
        ),
        (
            "application/vnd.oci.artifact.manifest.v1+json",
            MediaKind::ArtifactManifest,
        ),
        (
            "application/vnd.oci.image.config.v1+json",
            MediaKind::Config,
        ),
        (
            "application/vnd.docker.container.image.v1+json",
            MediaKind::Config,
        ),
        ("application/vnd.oci.empty.v1+json", MediaKind::Empty),
        ("application/vnd.in-toto+json", MediaKind::Attestation),
        (
            "application/vnd.oci.image.layer.v1.tar",
            layer(None, false, false),
        ),
        (
            "application/vnd.oci.image.layer.v1.tar+gzip",
            layer(Some(Gzip), false, false),
        ),
        (
            "application/vnd.oci.image.layer.v1.tar+zstd",
            layer(Some(Zstd), false, false),
        ),
        (
            "application/vnd.oci.image.layer.v1.tar+encrypted",
            layer(None, false, true),
        ),
        (
            "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
            layer(Some(Gzip), false, true),
        ),
        (
            "application/vnd.oci.image.layer.v1.tar+zstd+encrypted",
            layer(Some(Zstd), false, true),
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            layer(None, true, false),
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            layer(Some(Gzip), true, false),
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            layer(Some(Zstd), true, false),
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar",
            layer(None, false, false),
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            layer(Some(Gzip), false, false),
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar.gzip+encrypted",
            layer(Some(Gzip), false, true),
        ),
        (
            "application/vnd.docker.image.rootfs.diff.tar.zstd",
            layer(Some(Zstd), false, false),
        ),
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar",
            layer(None, true, false),
        ),
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            layer(Some(Gzip), true, false),
        ),
        (
            "application/vnd.oci.image.layer.v1.squashfs",
            MediaKind::Other,
        ),
        ("application/vnd.erofs.layer.v1", MediaKind::Other),
        ("application/vnd.docker.plugin.v1+json", MediaKind::Other),
        (
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            MediaKind::Other,
        ),
        ("application/vnd.wasm.config.v0+json", MediaKind::Other),
        ("APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON", MediaKind::Other),
        ("text/plain", MediaKind::Other),
        ("", MediaKind::Other),
    ];
    for (text, kind) in cases {
        assert_eq!(MediaType::new(text).kind(), kind, "{text}");
    }
    assert!(MediaType::OCI_INDEX.is_index() && MediaType::DOCKER_MANIFEST_LIST.is_index());
    assert!(MediaType::OCI_MANIFEST.is_manifest() && !MediaType::OCI_INDEX.is_manifest());
    assert!(MediaType::DOCKER_CONFIG.is_image_config() && !MediaType::OCI_EMPTY.is_image_config());
    assert!(MediaType::DOCKER_LAYER_ZSTD.is_layer() && !MediaType::IN_TOTO.is_layer());
    assert!(
        MediaType::DOCKER_FOREIGN_LAYER_GZIP.is_layer()
            && MediaType::OCI_NONDISTRIBUTABLE_LAYER_ZSTD.is_layer()
    );
}

/// Row E05.
#[test]
fn parameters_of_a_media_type_are_dropped() {
    let served = MediaType::new(" application/vnd.oci.image.index.v1+json ; charset=utf-8");
    assert_eq!(served, MediaType::OCI_INDEX);
    assert!(MediaType::new("; charset=utf-8").is_empty());
}

#[test]
fn media_types_are_checked_against_rfc_6838() {
    let long = |length| "a".repeat(length);
    let well = [
        "a/b",
        "application/vnd.oci.image.index.v1+json",
        "x-1!#$&-^_.+/y",
    ];
    assert!(
        well.iter()
            .all(|text| MediaType::new(text).is_well_formed())
    );
    assert!(MediaType::new(&format!("{0}/{0}", long(127))).is_well_formed());
    let badly = [
        "",
        "application",
        "/b",
        "a/",
        "a/b/c",
        "a/ b",
        "-a/b",
        "a/.b",
        "a/b\n1",
        "é/b",
    ];
    for text in badly {
        assert!(!MediaType::new(text).is_well_formed(), "{text:?}");
    }
    assert!(!MediaType::new(&format!("{}/a", long(128))).is_well_formed());
    assert!(!MediaType::new(&format!("a/{}", long(128))).is_well_formed());
}
