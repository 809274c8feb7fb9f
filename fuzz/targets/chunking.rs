//! Fuzzes the scan of a layer.
#![no_main]

use layerscope_fuzz::{run, targets};

libfuzzer_sys::fuzz_target!(|input: &[u8]| run(targets::chunking::run, input));
