//! Random images, applied by this crate and by a model that is slow, plain and shares nothing with it.
//!
//! The model is a map from paths to files, and does what containerd's `applyNaive` does to a disk.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod dice;
mod disk;
#[path = "../image/mod.rs"]
mod image;
mod random;
mod rows;
mod steps;
mod tree;

use std::collections::BTreeMap;

use dice::{Dice, Random};
use disk::text;
use image::{Layer, Packing, member};
use layerscope_tree::Tree;
use rows::check_rows;
use steps::{STEPS, Steps};
use tree::check_image;

/// Checks an image, and prints it when it is not what the model says.
fn check(layers: &[Layer]) -> Tree {
    match std::panic::catch_unwind(|| check_image(layers)) {
        Ok(tree) => tree,
        Err(panic) => {
            for layer in layers {
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
    }
}

/// Images as builders make them: every kind of change, and every compression.
#[test]
fn images_of_build_steps_are_what_the_model_says() {
    let mut random = Random(0x7374_6570_735f_5f31);
    let mut counts = [0; STEPS.len()];
    let mut packings = BTreeMap::new();
    for _ in 0..500 {
        let mut steps = Steps::default();
        let layers: Vec<Layer> = (0..2 + random.below(5))
            .map(|_| {
                let packing = random.pick(&[Packing::Plain, Packing::Gzip, Packing::Zstd]);
                *packings.entry(format!("{packing:?}")).or_insert(0) += 1;
                Layer::packed(steps.layer(&mut random), packing)
            })
            .collect();
        let tree = check(&layers);
        // What builders make is odd to nobody.
        assert_eq!(tree.oddities().kept(), []);
        for (count, made) in counts.iter_mut().zip(steps.made()) {
            *count += made;
        }
    }
    for (step, count) in STEPS.iter().zip(counts) {
        assert!(count > 100, "{step:?} was made {count} times");
    }
    assert!(
        packings.len() == 3 && packings.values().all(|count| *count > 300),
        "{packings:?}"
    );
}

#[test]
fn random_images_are_what_the_model_says() {
    let mut random = Random(0x6c61_7965_7273_6370);
    let mut seen = BTreeMap::new();
    for _ in 0..1500 {
        let tree = check(&random::image(&mut random));
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
