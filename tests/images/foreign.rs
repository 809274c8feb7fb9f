//! Archives that other tools have made, where the machine has them.

use std::path::PathBuf;

use harness::{Ended, end, foreign_fixtures, layerscope, remark};

/// The archives that are whole, and how many layers their images have together.
const WHOLE: [(&str, usize); 7] = [
    ("alpine-311.tar.gz", 1),
    ("dive-oci-estargz.tar", 1),
    ("dive-oci-gzip.tar", 1),
    ("dive-oci-zstd.tar", 1),
    ("dive-test-docker-image.tar", 14),
    ("hello-world-v25.tar", 1),
    ("whiteout_image.tar", 3),
];

/// The directory, or a line that says why the test ends here.
fn directory() -> Option<PathBuf> {
    let directory = foreign_fixtures();
    if directory.is_none() {
        remark("LAYERSCOPE_EXTRA_FIXTURES is not set: only the generated fixtures are read");
    }
    directory
}

fn run(arguments: &[&str], directory: &std::path::Path, name: &str) -> Ended {
    let path = directory.join(name);
    assert!(path.is_file(), "{} is not there", path.display());
    end(layerscope(arguments).arg(path))
}

#[test]
fn whole_archives_verify() {
    let Some(directory) = directory() else { return };
    for (name, layers) in WHOLE {
        let report = run(&["verify", "--json"], &directory, name).exit(0).json();
        assert_eq!(report["verified"], true, "{name}");
        let images = report["images"].as_array().expect("images");
        let layers_of =
            |image: &serde_json::Value| image["layers"].as_array().expect("layers").clone();
        let all: Vec<serde_json::Value> = images.iter().flat_map(layers_of).collect();
        assert_eq!(all.len(), layers, "{name}");
        assert!(all.iter().all(|layer| layer["diffIdOk"] == true), "{name}");
        let text = run(&["verify"], &directory, name).exit(0);
        assert!(text.text().ends_with("\nverified\n"), "{text}");
        assert_eq!(text.errors(), "", "{text}");
        let listed = run(&["ls", "-R", "--json"], &directory, name)
            .exit(0)
            .json();
        assert!(!listed.as_array().expect("an array").is_empty(), "{name}");
    }
}

#[test]
fn what_is_no_image_is_told() {
    let Some(directory) = directory() else { return };
    let ended = run(&["verify"], &directory, "no_manifest.tar").exit(2);
    assert_eq!(ended.text(), "");
    assert!(
        ended
            .errors()
            .contains("expected manifest.json or index.json"),
        "{ended}"
    );
}

#[test]
fn a_whiteout_hides_its_file() {
    let Some(directory) = directory() else { return };
    let name = "whiteout_image.tar";
    assert_eq!(run(&["ls"], &directory, name).exit(0).text(), "/bar.txt\n");
    let below = run(&["ls", "--layer", "0"], &directory, name).exit(0);
    assert!(below.text().contains("/foo.txt\n"), "{below}");
}

#[test]
fn dive_publishes_the_same_figures() {
    let Some(directory) = directory() else { return };
    let name = "dive-test-docker-image.tar";
    let report = run(&["waste", "--json"], &directory, name).exit(0);
    // As they are written: a reader of JSON may round the last digit.
    for line in [
        "\"efficiency\": 0.9844212134184309,",
        "\"wastedBytes\": 32025,",
        "\"userWastedPercent\": 0.4834911001404049,",
    ] {
        assert!(report.text().contains(line), "no {line} in {report}");
    }
}
