//! Replays every seed and everything that was ever found, without libFuzzer.
//!
//! `BLESS=1` writes `seeds/` anew. `cargo run --no-default-features --example replay TARGET PATH` replays one
//! file.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use layerscope_fuzz::seeds::{all, home};
use layerscope_fuzz::{TARGETS, run};

/// The inputs of a target in one of the two directories.
fn inputs(kind: &str, target: &str) -> Vec<PathBuf> {
    let directory = home().join(kind).join(target);
    let Ok(entries) = fs::read_dir(&directory) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn replay(name: &str) {
    let (_, target) = *TARGETS
        .iter()
        .find(|(one, _)| *one == name)
        .expect("a target");
    let seeds = inputs("seeds", name);
    assert!(seeds.len() >= 10, "only {} seeds for {name}", seeds.len());
    for path in seeds.into_iter().chain(inputs("findings", name)) {
        // What fails is told by the harness; which input it was is told here.
        eprintln!("{}", path.display());
        run(target, &fs::read(path).expect("an input"));
    }
}

macro_rules! replays {
    ($($name:ident)*) => {
        $(#[test] fn $name() { replay(stringify!($name)); })*

        #[test]
        fn every_target_is_replayed() {
            assert_eq!([$(stringify!($name)),*], TARGETS.map(|(name, _)| name));
        }
    };
}

replays! { archive chunking documents framing merge reference tar }

#[test]
fn the_seeds_are_those_that_are_made() {
    let seeds = all();
    let directory = home().join("seeds");
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&directory);
        for seed in &seeds {
            fs::create_dir_all(directory.join(seed.target)).expect("a directory");
            fs::write(directory.join(seed.target).join(&seed.name), &seed.bytes).expect("a file");
        }
    }
    let made: BTreeSet<PathBuf> = seeds
        .iter()
        .map(|seed| directory.join(seed.target).join(&seed.name))
        .collect();
    assert_eq!(made.len(), seeds.len(), "two seeds have one name");
    let found: BTreeSet<PathBuf> = TARGETS
        .iter()
        .flat_map(|(name, _)| inputs("seeds", name))
        .collect();
    assert_eq!(found, made, "BLESS=1 writes the seeds anew");
    for seed in &seeds {
        let bytes = fs::read(directory.join(seed.target).join(&seed.name)).expect("a file");
        assert!(
            bytes == seed.bytes,
            "{}/{} is not what is made",
            seed.target,
            seed.name
        );
    }
    let total: usize = seeds.iter().map(|seed| seed.bytes.len()).sum();
    assert!(total < 1 << 20, "{total} bytes of seeds");
}
