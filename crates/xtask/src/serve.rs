//! `cargo xtask serve`: one command from a fresh clone to the page with the sample open.

use anyhow::Result;

use crate::build;
use crate::shell::{program, root};

/// Builds what is out of date and starts the page; `arguments` go to `layerscope serve`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    build::everything()?;
    crate::shell::run(
        program(root().join("target/release/layerscope"))
            .arg("serve")
            .args(arguments),
    )
}
