//! Random images, applied by this crate and by a model that is slow, plain and shares nothing with it.
//!
//! The model is a map from paths to files, and does what containerd's `applyNaive` does to a disk.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod disk;
#[path = "../image/mod.rs"]
mod image;
mod random;
mod rows;
mod tree;

use std::collections::BTreeMap;

use disk::{Disk, text};
use image::indexes;
use layerscope_tree::Tree;
use random::Random;
use rows::check_rows;
use tree::{check_stories, check_tree, shown};

#[test]
fn random_images_are_what_the_model_says() {
    let mut random = Random(0x6c61_7965_7273_6370);
    let mut seen = BTreeMap::new();
    for _ in 0..1500 {
        let layers = random.image();
        let mut disks: Vec<Disk> = Vec::new();
        for (number, layer) in (0..).zip(&layers) {
            let mut disk = disks.last().cloned().unwrap_or_default();
            disk.apply(number, layer);
            disks.push(disk);
        }
        let result = std::panic::catch_unwind(|| {
            for top in 0..layers.len() {
                let tree = Tree::merged(&indexes(&layers[..=top]));
                check_tree(&layers[..=top], &tree, &disks[..=top]);
            }
        });
        for (number, layer) in (0..).zip(&layers) {
            let mut alone = Disk::default();
            alone.apply(number, layer);
            assert_eq!(shown(&Tree::of_layer(number, &layer.index)), alone.0);
        }
        let tree = Tree::merged(&indexes(&layers));
        if let Err(panic) = result {
            for layer in &layers {
                println!("-- layer");
                for member in &layer.members {
                    let (name, link) = (text(&member.name), text(&member.link));
                    println!(
                        "{name} {:?} {:o} {link} {:?}",
                        member.kind,
                        member.mode,
                        text(&member.content)
                    );
                }
            }
            std::panic::resume_unwind(panic);
        }
        check_stories(&layers, &tree, &disks);
        check_rows(&mut random, &tree);
        for loss in tree.losses() {
            *seen.entry(loss.cause.name()).or_insert(0) += 1;
        }
        for oddity in tree.oddities().kept() {
            *seen.entry(oddity.kind.name()).or_insert(0) += 1;
        }
    }
    // The images are of use only if they are odd enough.
    for name in [
        "overwritten",
        "deleted",
        "opaque",
        "replaced",
        "metadata-only",
        "duplicate",
        "not-applied",
    ] {
        assert!(
            seen.get(name).is_some_and(|count| *count > 20),
            "{name} in {seen:?}"
        );
    }
    for name in [
        "aliased-path",
        "link-loop",
        "file-as-parent",
        "dangling-hard-link",
        "hard-link-to-directory",
    ] {
        assert!(
            seen.get(name).is_some_and(|count| *count > 20),
            "{name} in {seen:?}"
        );
    }
}
