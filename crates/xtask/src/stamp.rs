//! Skips work whose inputs have not changed.
//!
//! Cargo knows its own inputs; npm, wasm-bindgen and Vite do not, and together they
//! take most of a minute. A stamp is a hash over the names and bytes of the inputs.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell::root;

/// The state of some inputs at one moment.
pub(crate) struct Stamp {
    file: PathBuf,
    now: String,
}

impl Stamp {
    /// Hashes `inputs`: files, or directories with all that is in them. A missing input counts as empty.
    pub(crate) fn of(name: &str, inputs: &[&str]) -> Result<Stamp> {
        let mut hasher = DefaultHasher::new();
        for input in inputs {
            hash_path(&root().join(input), &mut hasher)
                .with_context(|| format!("reading {input}"))?;
        }
        Ok(Stamp {
            file: root().join("target/xtask").join(format!("{name}.stamp")),
            now: format!("{:016x}", hasher.finish()),
        })
    }

    /// True when the work was done for exactly these inputs and `output` still exists.
    pub(crate) fn is_fresh(&self, output: &str) -> bool {
        root().join(output).exists()
            && fs::read_to_string(&self.file).is_ok_and(|then| then == self.now)
    }

    /// Remembers that the work is done.
    pub(crate) fn write(&self) -> Result<()> {
        if let Some(directory) = self.file.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(&self.file, &self.now)?;
        Ok(())
    }
}

fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
    path.file_name().hash(hasher);
    if path.is_dir() {
        let mut children = fs::read_dir(path)?
            .map(|child| child.map(|child| child.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        children.sort();
        for child in children {
            hash_path(&child, hasher)?;
        }
    } else if path.exists() {
        fs::read(path)?.hash(hasher);
    }
    Ok(())
}
