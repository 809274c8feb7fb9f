//! The guide's pictures, taken from the page itself.

use anyhow::Result;

use crate::build;
use crate::shell::{program, root, run, say};

/// Builds everything, and takes each picture in each language.
pub(crate) fn pictures() -> Result<()> {
    build::everything()?;
    say("Taking the pictures of the guide");
    run(program("node").args([
        root().join("crates/xtask/src/guide/pictures.mjs"),
        root().join("target/release/layerscope"),
        root().join("tests/fixtures/history-short.tar"),
    ]))
}
