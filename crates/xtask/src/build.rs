//! The wasm, the page, and the command line with the page inside.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, find, output, program, root, run, say};
use crate::stamp::Stamp;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// What cargo leaves for wasm-bindgen.
const WASM: &str = "target/wasm32-unknown-unknown/wasm/layerscope_wasm.wasm";
/// What wasm-bindgen and wasm-opt leave for Vite.
const GENERATED: &str = "web/generated";

/// Builds everything that `layerscope serve` needs.
pub(crate) fn everything() -> Result<()> {
    page()?;
    command_line()
}

/// Builds the page into `dist/`.
pub(crate) fn page() -> Result<()> {
    wasm_target()?;
    node_modules()?;
    wasm()?;
    let stamp = Stamp::of(
        "page",
        &[
            "index.html",
            "vite.config.ts",
            "tsconfig.json",
            "package-lock.json",
            "web",
        ],
    )?;
    if stamp.is_fresh("dist/index.html") {
        return Ok(());
    }
    say("Building the page");
    run(program("npm").args(["run", "--silent", "build"]))?;
    stamp.write()
}

/// Builds the release binary; it embeds `dist/` as it is now.
pub(crate) fn command_line() -> Result<()> {
    run(cargo().args(["build", "--release", "--bin", "layerscope"]))
}

/// Installs the page's packages exactly as the lock file has them.
pub(crate) fn node_modules() -> Result<()> {
    if find("npm").is_none() {
        bail!("npm is missing: install Node.js 20 or newer, which brings npm");
    }
    let stamp = Stamp::of("npm", &["package.json", "package-lock.json"])?;
    if stamp.is_fresh("node_modules") {
        return Ok(());
    }
    say("Installing the page's packages");
    run(program("npm").args(["ci", "--no-audit", "--no-fund"]))?;
    stamp.write()
}

fn wasm_target() -> Result<()> {
    // A toolchain that did not come from rustup brings its own targets.
    if find("rustup").is_none() {
        return Ok(());
    }
    let installed = output(program("rustup").args(["target", "list", "--installed"]))?;
    if installed.lines().any(|target| target == WASM_TARGET) {
        return Ok(());
    }
    say("Adding the wasm target");
    run(program("rustup").args(["target", "add", WASM_TARGET]))
}

fn wasm() -> Result<()> {
    run(cargo().args([
        "build",
        "--package",
        "layerscope-wasm",
        "--target",
        WASM_TARGET,
        "--profile",
        "wasm",
    ]))?;
    let stamp = Stamp::of("wasm", &[WASM, "package-lock.json"])?;
    if stamp.is_fresh("web/generated/layerscope_wasm_bg.wasm") {
        return Ok(());
    }
    say("Writing the wasm's bindings");
    let directory = root().join(GENERATED);
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(root().join(WASM))
        .web(true)
        .context("wasm-bindgen")?
        .typescript(true)
        .omit_default_module_path(false)
        .generate(&directory)
        .context("wasm-bindgen")?;
    let bound = directory.join("layerscope_wasm_bg.wasm");
    let small = directory.join("layerscope_wasm_bg.small.wasm");
    run(program("node_modules/.bin/wasm-opt")
        // rustc puts the stack first, so that nothing lies below 1024: constants of addresses can be folded into loads.
        .args(["--low-memory-unused", "-Oz"])
        // Many small functions compress better than few large ones, by seven per cent: what is called once stays as it is.
        .args(["--one-caller-inline-max-function-size", "20"])
        .args(["--optimize-added-constants-propagate", "-Oz", "--converge"])
        // Functions of one crate resemble each other, so side by side they compress better: by two per cent.
        .args([
            "--reorder-functions-by-name",
            "--strip-debug",
            "--strip-producers",
        ])
        // The features that rustc's wasm32 target and simd128 use; wasm-opt refuses what it is not told of.
        .args([
            "--enable-simd",
            "--enable-bulk-memory",
            "--enable-nontrapping-float-to-int",
            "--enable-sign-ext",
            "--enable-mutable-globals",
            "--enable-reference-types",
            "--enable-multivalue",
        ])
        .arg(&bound)
        .arg("-o")
        .arg(&small))?;
    fs::rename(small, bound)?;
    stamp.write()
}
