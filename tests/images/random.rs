//! Random images, the same ones each time: the merged tree against what umoci puts on disk.

use harness::{Directory, Image, Packing, remark, succeed, tool};

use crate::dice::{Dice, Random};
use crate::listing::Listing;
use crate::machine::is_root;
use crate::member::archive;
use crate::steps::{STEPS, Steps};

/// How many images are compared.
const IMAGES: usize = 50;

/// Builders make no image about which containerd and umoci disagree, such as a whiteout of what its own layer has
/// brought, or a file in the place of a parent directory; so these are all that builders do.
#[test]
fn fifty_random_images_are_what_umoci_puts_on_disk() {
    let mut random = Random(0x756d_6f63_695f_3530);
    let mut made = [0; STEPS.len()];
    let mut paths = 0;
    if !is_root() {
        remark("not root: owners are not compared, because nobody else can give files away");
    }
    for number in 0..IMAGES {
        let directory = Directory::new("random");
        let mut steps = Steps::keeping_targets();
        let streams: Vec<(Vec<u8>, Packing)> = (0..2 + random.below(5))
            .map(|_| {
                // This umoci reads no zstd.
                let packing = random.pick(&[Packing::Plain, Packing::Gzip]);
                (archive(&steps.layer(&mut random)), packing)
            })
            .collect();
        Image::packed(&streams).write_layout(&directory, "random");
        let source = directory.join("");
        let found = Listing::of_image(&format!("oci:{}:random", source.display()));

        let root = directory.join("root");
        let mut unpack = tool("umoci");
        unpack.args(["raw", "unpack"]);
        if !is_root() {
            unpack.arg("--rootless");
        }
        unpack
            .arg("--image")
            .arg(format!("{}:random", source.display()));
        succeed(unpack.arg(&root));
        let expected = Listing::of_disk(&root);
        succeed(tool("rm").arg("-rf").arg(&root));

        let comparable = |listing: Listing| {
            let listing = listing.without_times(|path| steps.is_untimed(path));
            if is_root() {
                listing
            } else {
                listing.without_owners()
            }
        };
        let (found, expected) = (comparable(found), comparable(expected));
        let differences = found.differences(&expected);
        assert!(
            differences.is_empty(),
            "image {number}: {} differences (found, expected):\n{}",
            differences.len(),
            differences.join("\n")
        );
        paths += found.entries.len();
        for (count, more) in made.iter_mut().zip(steps.made()) {
            *count += more;
        }
    }
    assert!(paths > IMAGES * 15, "only {paths} paths in {IMAGES} images");
    for (step, count) in STEPS.iter().zip(made) {
        assert!(count >= 10, "{step:?} was made {count} times");
    }
}
