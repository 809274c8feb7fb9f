//! What is shipped and never seen.

use harness::{Directory, Image, LayerTar, layerscope, succeed};

/// A directory of a hundred files of a megabyte each, which a later layer removes.
#[test]
fn a_directory_that_a_later_layer_removes_can_be_reclaimed() {
    const FILE: usize = 1 << 20;
    const FILES: u64 = 100;
    let content = vec![0; FILE];
    let mut base = LayerTar::new().directory("big/").file("stays", b"stays\n");
    for number in 0..FILES {
        base = base.file(&format!("big/{number:03}"), &content);
    }
    let removal = LayerTar::new().file(".wh.big", b"");
    let directory = Directory::new("waste");
    Image::new(&[base.finish(), removal.finish()]).write_layout(&directory, "big");

    let source = format!("oci:{}:big", directory.path().display());
    let report = succeed(&mut layerscope(["waste", "--json", &source])).json();
    let bytes = FILES * FILE as u64;
    assert_eq!(report["reclaimableBytes"], bytes);
    assert_eq!(report["visibleBytes"], "stays\n".len());
    assert_eq!(report["incomplete"], false);
    // dive looks at paths that two layers have, and no second layer has these.
    assert_eq!(report["dive"]["wastedBytes"], 0);
    assert_eq!(report["dive"]["efficiency"], 1.0);
    let paths = report["paths"].as_array().expect("paths");
    assert_eq!(paths.len() as u64, FILES);
    assert!(paths.iter().all(|path| {
        path["bytes"] == FILE && path["cause"] == "deleted" && path["layer"] == 0 && path["by"] == 1
    }));
    let text = succeed(&mut layerscope(["waste", &source]));
    assert!(
        text.text()
            .starts_with("reclaimable  104.9 MB (104857600 bytes)\n"),
        "{text}"
    );
}
