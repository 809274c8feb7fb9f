//! Fuzzes the resolution of archives.
#![no_main]

use layerscope_fuzz::{run, targets};

libfuzzer_sys::fuzz_target!(|input: &[u8]| run(targets::archive::run, input));
