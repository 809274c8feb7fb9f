//! The images that everybody reads. Each is made once and kept in `target/bench/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::archive::{self, Packing};
use super::layer::{self, Layer, Stored};
use super::selection;
use crate::shell::{find, root, say};

/// To be raised when images are made differently: those of before are made anew.
const RECIPE: u32 = 1;

/// Layers of the image that stands for most.
const LAYERS: u64 = 3;

/// Bytes of files in the image of one layer.
const SINGLE: u64 = 294_000_000;

/// An image on disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Image {
    /// Three layers with files of this machine.
    Three,
    /// The same, packed with zstd.
    Zstd,
    /// One layer of 300 MB with files of this machine, and among them those that are [`SOUGHT`].
    Single,
    /// One layer with a million entries.
    Many,
    /// One layer of so many MiB.
    Large(u32),
}

/// Files in the image of one layer, and before which part of the others, in hundredths, each stands.
pub(crate) const SOUGHT: [(&str, usize); 3] = [
    ("bench/first.bin", 5),
    ("bench/middle.bin", 50),
    ("bench/last.bin", 95),
];

/// Bytes of each of them: more than is read.
const SOUGHT_BYTES: u64 = 2 << 20;

/// Where everything is that a benchmark needs or leaves.
pub(crate) fn home() -> PathBuf {
    root().join("target/bench")
}

impl Image {
    pub(crate) fn name(self) -> String {
        match self {
            Image::Three => "three".to_owned(),
            Image::Zstd => "zstd".to_owned(),
            Image::Single => "single".to_owned(),
            Image::Many => "many".to_owned(),
            Image::Large(mebibytes) => format!("large-{mebibytes}"),
        }
    }

    fn directory(self) -> PathBuf {
        home().join(format!("images-{RECIPE}")).join(self.name())
    }

    /// An OCI archive.
    pub(crate) fn oci(self) -> PathBuf {
        self.directory().join("oci.tar")
    }

    /// A docker-archive of uncompressed layers.
    pub(crate) fn docker(self) -> PathBuf {
        self.directory().join("docker.tar")
    }

    /// Each layer by itself, packed.
    pub(crate) fn packed(self) -> Vec<PathBuf> {
        let ending = match self {
            Image::Zstd => "tar.zst",
            _ => "tar.gz",
        };
        self.layers(ending)
    }

    /// Each layer by itself, uncompressed.
    pub(crate) fn plain(self) -> Vec<PathBuf> {
        self.layers("tar")
    }

    fn layers(self, ending: &str) -> Vec<PathBuf> {
        let count = match self {
            Image::Three | Image::Zstd => LAYERS,
            _ => 1,
        };
        let path = |number| self.directory().join(format!("layer-{number}.{ending}"));
        (0..count).map(path).collect()
    }

    /// Makes it, unless it is there.
    pub(crate) fn make(self) -> Result<()> {
        let done = self.directory();
        if done.is_dir() || (self == Image::Zstd && find("zstd").is_none()) {
            return Ok(());
        }
        say(&format!("Making the image `{}`", self.name()));
        let directory = done.with_extension("partial");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory)
            .with_context(|| format!("no room for images in {}", directory.display()))?;
        self.write(&directory)?;
        Ok(fs::rename(directory, done)?)
    }

    fn write(self, directory: &Path) -> Result<()> {
        let layers = match self {
            Image::Three | Image::Zstd => three(directory)?,
            Image::Single => vec![single(directory)?],
            Image::Many => vec![Layer::write(directory, "layer-0", layer::many)?],
            Image::Large(mebibytes) => {
                let bytes = u64::from(mebibytes) << 20;
                let fill = |tar: &mut layer::Tar<'_>| layer::large(tar, bytes);
                vec![Layer::write_packed(directory, "layer-0", fill)?]
            }
        };
        for layer in &layers {
            let (plain, packed) = (layer.tar.size, layer.gzip.size);
            say(&format!("  a layer of {plain} bytes, {packed} packed"));
        }
        let oci = directory.join("oci.tar");
        match self {
            Image::Zstd => {
                let packed: Vec<Stored> = layers
                    .iter()
                    .map(|layer| layer.tar.zstd())
                    .collect::<Result<_>>()?;
                let pairs: Vec<_> = layers.iter().zip(&packed).collect();
                archive::oci(&oci, &pairs, Packing::Zstd)?;
            }
            _ => {
                let pairs: Vec<_> = layers.iter().map(|layer| (layer, &layer.gzip)).collect();
                archive::oci(&oci, &pairs, Packing::Gzip)?;
            }
        }
        if matches!(self, Image::Three | Image::Many) {
            archive::docker(&directory.join("docker.tar"), &layers)?;
        }
        // What nobody reads once more.
        for layer in &layers {
            match self {
                Image::Zstd | Image::Single => fs::remove_file(&layer.tar.path)?,
                Image::Large(_) => fs::remove_file(&layer.gzip.path)?,
                Image::Three | Image::Many => {}
            }
        }
        Ok(())
    }
}

fn three(directory: &Path) -> Result<Vec<Layer>> {
    let parts = selection::parts(selection::choose()?, LAYERS)?;
    let entries: usize = parts.iter().map(Vec::len).sum();
    say(&format!("  {entries} entries of this machine"));
    std::thread::scope(|scope| {
        let running: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(number, files)| {
                scope.spawn(move || {
                    let name = format!("layer-{number}");
                    Layer::write(directory, &name, |tar| layer::chosen(tar, files))
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(layer) => layer,
                Err(_) => Err(anyhow::anyhow!("writing a layer panicked")),
            })
            .collect()
    })
}

fn single(directory: &Path) -> Result<Layer> {
    let mut chosen = selection::choose()?;
    let mut bytes = 0;
    chosen.retain(|one| {
        bytes += one.size();
        bytes <= SINGLE
    });
    let files = selection::parts(chosen, 1)?.pop().unwrap_or_default();
    Layer::write(directory, "layer-0", |tar| {
        let mut at = 0;
        for (path, hundredth) in SOUGHT {
            let until = files.len() * hundredth / 100;
            layer::chosen(tar, files.get(at..until).unwrap_or_default())?;
            layer::words(tar, path, SOUGHT_BYTES)?;
            at = until;
        }
        layer::chosen(tar, files.get(at..).unwrap_or_default())
    })
}
