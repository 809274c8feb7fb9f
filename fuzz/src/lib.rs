//! What Layerscope's fuzzers do with an input, apart from libFuzzer.
//!
//! The nouns: a [`Target`] is a function that takes any bytes and panics when the core breaks a promise on them; its
//! *oracle* is what it compares with. A [`steer`] is the last bytes of an input, which decide what a target does with
//! the rest. What a stranger could compute and a fuzzer cannot guess, such as checksums, is [mended](mend) before the
//! core sees it. Every target runs [within a bound of memory](memory).
//!
//! libFuzzer calls the targets (`targets/*.rs`), and so does a test without it (`tests/corpus.rs`), which replays the
//! seeds and all that was ever found.

// The model of a merged tree is that of the tests of `layerscope-tree`; its modules know each other by these names.
#[allow(dead_code, reason = "its random numbers are for the tests alone")]
#[path = "../../crates/tree/tests/model/dice.rs"]
mod dice;
#[path = "../../crates/tree/tests/model/disk.rs"]
mod disk;
#[path = "../../crates/tree/tests/image/mod.rs"]
mod image;
#[path = "../../crates/tree/tests/model/random.rs"]
mod random;
#[path = "../../crates/tree/tests/model/tree.rs"]
mod tree;

use image::member;

pub mod memory;
pub mod mend;
pub mod seeds;
pub mod steer;
pub mod targets;

/// Takes any bytes. A panic is a finding.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its fuzzer and of its directory of seeds.
pub const TARGETS: [(&str, Target); 7] = [
    ("archive", targets::archive::run),
    ("chunking", targets::chunking::run),
    ("documents", targets::documents::run),
    ("framing", targets::framing::run),
    ("merge", targets::merge::run),
    ("reference", targets::reference::run),
    ("tar", targets::tar::run),
];

/// Runs a target as a fuzzer does: within the memory that such an input may cost.
///
/// # Panics
/// When the target does.
pub fn run(target: Target, input: &[u8]) {
    memory::within(memory::allowed(input.len()), || target(input));
}
