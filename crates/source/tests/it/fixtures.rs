//! Archives that other tools made, where they are at hand.

use layerscope_source::{Error, ImageState, Resolve, Resolved, Select, SourceKind};

use crate::support::{from_file, layers_verify, oddities, resolve};

/// Opens an archive of the folder that `LAYERSCOPE_EXTRA_FIXTURES` names; `None` without that folder.
fn open(name: &str) -> Option<(Vec<u8>, Result<Resolved, Error>)> {
    let folder = std::env::var_os("LAYERSCOPE_EXTRA_FIXTURES")?;
    let file = std::fs::read(std::path::Path::new(&folder).join(name)).unwrap();
    let size = file.len() as u64;
    let resolved = resolve(
        || Resolve::archive(size, Select::default()),
        from_file(&file),
    );
    Some((file, resolved))
}

#[test]
fn archives_of_other_tools_verify() {
    for (name, kind, names, layers, odd) in [
        (
            "alpine-311.tar.gz",
            SourceKind::DockerArchive,
            "alpine:3.11",
            1,
            &[][..],
        ),
        (
            "dive-test-docker-image.tar",
            SourceKind::DockerArchive,
            "dive-test:latest",
            14,
            &[],
        ),
        ("dive-oci-gzip.tar", SourceKind::OciArchive, "", 1, &[]),
        ("dive-oci-zstd.tar", SourceKind::OciArchive, "", 1, &[]),
        ("dive-oci-estargz.tar", SourceKind::OciArchive, "", 1, &[]),
        (
            "hello-world-v25.tar",
            SourceKind::DockerArchive,
            "",
            1,
            &["index-unusable"],
        ),
        (
            "whiteout_image.tar",
            SourceKind::DockerArchive,
            "bazel/pkg/v1/mutate:whiteout_image",
            3,
            &[],
        ),
    ] {
        let Some((file, resolved)) = open(name) else {
            return;
        };
        let resolved = resolved.unwrap();
        assert_eq!(
            (resolved.kind, resolved.images.len(), resolved.chosen),
            (kind, 1, Some(0)),
            "{name}"
        );
        let image = &resolved.images[0];
        assert_eq!(
            (&image.state, &image.fault),
            (&ImageState::Ready, &None),
            "{name}"
        );
        assert_eq!(image.names.join(" "), names, "{name}");
        assert_eq!(
            image.config.as_ref().unwrap().is_verified(),
            Some(true),
            "{name}"
        );
        assert_eq!(
            layers_verify(&file, &resolved, 0),
            vec![true; layers],
            "{name}"
        );
        assert_eq!(oddities(&resolved), odd, "{name}: {:?}", resolved.oddities);
    }
}

#[test]
fn an_archive_without_a_manifest_says_what_it_holds() {
    let Some((_, resolved)) = open("no_manifest.tar") else {
        return;
    };
    let error = resolved.unwrap_err();
    let Error::NoManifest {
        found,
        members,
        count,
    } = &error
    else {
        panic!("{error}");
    };
    assert!(found.contains("before 1.10"), "{found}");
    assert_eq!((members.len(), *count), (3, 5));
    assert!(error.to_string().contains("repositories"), "{error}");
}
