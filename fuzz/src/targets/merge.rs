//! Several small layers, each through a scan, to the merged tree.
//!
//! Oracle: the model of the tests of `layerscope-tree`, which does what containerd does to a disk.

use crate::dice::Dice;
use crate::random::image;
use crate::tree::check_image;

/// See the module. An input is nothing but choices, one byte each.
pub fn run(input: &[u8]) {
    let layers = image(&mut Choices(input));
    check_image(&layers);
}

/// Choices in a row; when there are no more, the first is taken each time.
struct Choices<'a>(&'a [u8]);

impl Dice for Choices<'_> {
    fn below(&mut self, end: u64) -> u64 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        u64::from(*first) % end
    }
}
