//! Which files of this machine become a layer.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where the files come from: the same kinds of files that the layers of a distribution have.
const SOURCE: &str = "/usr";

/// Files that are chosen; the directories above them come on top.
const FILES: usize = 15_000;

/// Bytes of content that are chosen.
const BYTES: u64 = 610_000_000;

/// A larger file is not chosen: it would be a layer of its own.
const LARGEST: u64 = 32 << 20;

/// A file, directory or symbolic link as the archive will have it.
pub(crate) struct Chosen {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) mtime: u64,
}

pub(crate) enum Kind {
    Directory,
    File { size: u64 },
    Link { target: PathBuf },
}

impl Chosen {
    pub(crate) fn size(&self) -> u64 {
        match self.kind {
            Kind::File { size } => size,
            _ => 0,
        }
    }
}

/// Each n-th file of `/usr` in the order of their paths, without the largest ones or with more of them until there are
/// [`BYTES`]: the same for the same machine.
pub(crate) fn choose() -> Result<Vec<Chosen>> {
    let mut all = Vec::new();
    walk(Path::new(SOURCE), &mut all)?;
    all.retain(|one| one.size() <= LARGEST);
    all.sort_by(|one, other| one.path.cmp(&other.path));
    let step = all.len().div_ceil(FILES).max(1);
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    for (number, one) in all.into_iter().enumerate() {
        match number.is_multiple_of(step) {
            true => chosen.push(one),
            false => others.push(one),
        }
    }
    chosen.sort_by_key(Chosen::size);
    others.sort_by_key(Chosen::size);
    let mut total: u64 = chosen.iter().map(Chosen::size).sum();
    while total > BYTES
        && let Some(largest) = chosen.pop()
    {
        total -= largest.size();
    }
    while total < BYTES
        && let Some(largest) = others.pop()
    {
        total += largest.size();
        chosen.push(largest);
    }
    chosen.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(chosen)
}

/// Cuts what was chosen into parts with equally many bytes, and puts the directories before what is in them.
pub(crate) fn parts(chosen: Vec<Chosen>, count: u64) -> Result<Vec<Vec<Chosen>>> {
    let total: u64 = chosen.iter().map(Chosen::size).sum();
    let share = (total / count).max(1);
    let mut parts: Vec<Vec<Chosen>> = Vec::new();
    let mut before = 0;
    for one in chosen {
        let number = usize::try_from((before / share).min(count - 1))?;
        before += one.size();
        if parts.len() <= number {
            parts.resize_with(number + 1, Vec::new);
        }
        parts[number].push(one);
    }
    parts.into_iter().map(with_directories).collect()
}

fn with_directories(files: Vec<Chosen>) -> Result<Vec<Chosen>> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for file in files {
        let mut above: Vec<&Path> = file.path.ancestors().skip(1).collect();
        above.reverse();
        for directory in above {
            if directory.parent().is_some() && known.insert(directory.to_owned()) {
                let metadata = fs::symlink_metadata(directory)?;
                all.push(Chosen {
                    path: directory.to_owned(),
                    kind: Kind::Directory,
                    mode: metadata.permissions().mode(),
                    mtime: u64::try_from(metadata.mtime()).unwrap_or(0),
                });
            }
        }
        all.push(file);
    }
    Ok(all)
}

fn walk(directory: &Path, all: &mut Vec<Chosen>) -> Result<()> {
    let children = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
    for child in children {
        let child = child?;
        let path = child.path();
        let metadata = child.metadata()?;
        let kind = if metadata.is_dir() {
            walk(&path, all)?;
            continue;
        } else if metadata.is_symlink() {
            Kind::Link {
                target: fs::read_link(&path)?,
            }
        } else if metadata.is_file() && fs::File::open(&path).is_ok() {
            Kind::File {
                size: metadata.len(),
            }
        } else {
            continue;
        };
        all.push(Chosen {
            path,
            kind,
            mode: metadata.permissions().mode(),
            mtime: u64::try_from(metadata.mtime()).unwrap_or(0),
        });
    }
    Ok(())
}
