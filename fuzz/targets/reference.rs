//! Fuzzes what people type.
#![no_main]

use layerscope_fuzz::{run, targets};

libfuzzer_sys::fuzz_target!(|input: &[u8]| run(targets::reference::run, input));
