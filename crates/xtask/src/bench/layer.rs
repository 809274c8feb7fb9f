//! Layers as files, because they are larger than what memory is for.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use super::selection::{Chosen, Kind};
use crate::fixtures::NEW_YEAR;
use crate::shell::{program, run};

/// Entries of the layer with very many.
pub(crate) const MANY: u64 = 1_000_000;

/// Each so many-th of them has content.
const TINY: u64 = 10;

/// Entries of a directory in it.
const IN_DIRECTORY: u64 = 1000;

/// Bytes of a file in a layer that is nothing but large.
const FILE: u64 = 64 << 20;

/// Bytes that repeat in a large layer: far more than any window of gzip, so that nothing compresses by it.
const POOL: usize = 8 << 20;

/// A file of which the digest is known.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
    pub(crate) size: u64,
}

/// A layer: its tar, and what is shipped of it.
#[derive(Clone)]
pub(crate) struct Layer {
    pub(crate) tar: Stored,
    pub(crate) gzip: Stored,
}

/// How well what is machine-made is packed: it is there for its size.
const FAST: u32 = 1;

impl Layer {
    /// Writes `NAME.tar`, and `NAME.tar.gz` as image tools pack it.
    pub(crate) fn write(
        directory: &Path,
        name: &str,
        fill: impl FnOnce(&mut Tar<'_>) -> Result<()>,
    ) -> Result<Layer> {
        let tar = Stored::write(&directory.join(format!("{name}.tar")), |out| {
            let mut tar = Builder::new(out);
            fill(&mut tar)?;
            Ok(tar.finish()?)
        })?;
        let gzip = Stored::write(&directory.join(format!("{name}.tar.gz")), |out| {
            let mut encoder = GzBuilder::new().mtime(0).write(out, Compression::new(6));
            copy(&mut open(&tar.path)?, &mut encoder)?;
            encoder.finish()?;
            Ok(())
        })?;
        Ok(Layer { tar, gzip })
    }

    /// Writes `NAME.tar.gz` alone.
    pub(crate) fn write_packed(
        directory: &Path,
        name: &str,
        fill: impl FnOnce(&mut Tar<'_>) -> Result<()>,
    ) -> Result<Layer> {
        let mut tar = None;
        let gzip = Stored::write(&directory.join(format!("{name}.tar.gz")), |out| {
            let mut encoder = GzBuilder::new().mtime(0).write(out, Compression::new(FAST));
            let mut hashed = Hashed::new(&mut encoder);
            let mut builder = Builder::new(&mut hashed as &mut dyn Write);
            fill(&mut builder)?;
            builder.finish()?;
            drop(builder);
            tar = Some(hashed.stored(&directory.join(format!("{name}.tar"))));
            encoder.finish()?;
            Ok(())
        })?;
        let tar = tar.context("a layer without content")?;
        Ok(Layer { tar, gzip })
    }
}

/// What layers are written with.
pub(crate) type Tar<'a> = Builder<&'a mut dyn Write>;

impl Stored {
    pub(crate) fn write(
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<Stored> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let mut out = Hashed::new(BufWriter::with_capacity(1 << 20, file));
        fill(&mut out)?;
        out.flush()?;
        Ok(out.stored(path))
    }

    /// The same bytes as the `zstd` program packs them.
    pub(crate) fn zstd(&self) -> Result<Stored> {
        let path = self.path.with_extension("tar.zst");
        run(program("zstd")
            .args(["-q", "-f", "-3", "-o"])
            .arg(&path)
            .arg(&self.path))?;
        let mut out = Hashed::new(std::io::sink());
        copy(&mut open(&path)?, &mut out)?;
        Ok(out.stored(&path))
    }
}

fn open(path: &Path) -> Result<impl Read + use<>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(BufReader::with_capacity(1 << 20, file))
}

/// Large pieces, because this program is seldom optimised.
fn copy(from: &mut impl Read, to: &mut dyn Write) -> Result<u64> {
    let mut piece = vec![0; 1 << 20];
    let mut total = 0;
    loop {
        let count = from.read(&mut piece)?;
        if count == 0 {
            return Ok(total);
        }
        to.write_all(piece.get(..count).unwrap_or_default())?;
        total += count as u64;
    }
}

/// Hashes what passes through.
struct Hashed<W> {
    out: W,
    hasher: Sha256,
    size: u64,
}

impl<W> Hashed<W> {
    fn new(out: W) -> Hashed<W> {
        Hashed {
            out,
            hasher: Sha256::new(),
            size: 0,
        }
    }

    fn stored(self, path: &Path) -> Stored {
        let hash = self.hasher.finalize();
        Stored {
            path: path.to_owned(),
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            size: self.size,
        }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Files of this machine.
pub(crate) fn chosen(tar: &mut Tar<'_>, files: &[Chosen]) -> Result<()> {
    for file in files {
        let path = file.path.strip_prefix("/").unwrap_or(&file.path);
        match &file.kind {
            Kind::Directory => {
                let mut header = header(EntryType::Directory, file.mode, file.mtime, 0);
                tar.append_data(&mut header, path, &[][..])?;
            }
            Kind::Link { target } => {
                let mut header = header(EntryType::Symlink, 0o777, file.mtime, 0);
                tar.append_link(&mut header, path, target)?;
            }
            Kind::File { size } => {
                let mut header = header(EntryType::Regular, file.mode, file.mtime, *size);
                // A file that grew since is cut; one that shrank fails here, and not in a reader.
                let content = open(&file.path)?.take(*size);
                tar.append_data(&mut header, path, content)?;
            }
        }
    }
    Ok(())
}

/// Very many files, next to all of them empty.
pub(crate) fn many(tar: &mut Tar<'_>) -> Result<()> {
    for number in 0..MANY {
        let directory = format!("srv/shelf-{:04}", number / IN_DIRECTORY);
        if number.is_multiple_of(IN_DIRECTORY) {
            let mut header = header(EntryType::Directory, 0o755, NEW_YEAR, 0);
            tar.append_data(&mut header, &directory, &[][..])?;
            continue;
        }
        let content = match number.is_multiple_of(TINY) {
            true => format!("book {number}\n"),
            false => String::new(),
        };
        let mut header = header(EntryType::Regular, 0o644, NEW_YEAR, content.len() as u64);
        let path = format!("{directory}/book-{number:07}.txt");
        tar.append_data(&mut header, path, content.as_bytes())?;
    }
    Ok(())
}

/// So many bytes, of which gzip leaves three fifths, in files of one size.
pub(crate) fn large(tar: &mut Tar<'_>, bytes: u64) -> Result<()> {
    let pool = pool();
    for number in 0..bytes / FILE {
        let mut header = header(EntryType::Regular, 0o644, NEW_YEAR, FILE);
        let content = Repeated {
            pool: &pool,
            // Files differ in where they begin.
            at: usize::try_from(number)? * 7919 % POOL,
            left: FILE,
        };
        tar.append_data(&mut header, format!("srv/part-{number:03}.bin"), content)?;
    }
    Ok(())
}

/// One file of words.
pub(crate) fn words(tar: &mut Tar<'_>, path: &str, bytes: u64) -> Result<()> {
    let pool = pool();
    let mut header = header(EntryType::Regular, 0o644, NEW_YEAR, bytes);
    let content = Repeated {
        pool: &pool,
        at: 0,
        left: bytes,
    };
    Ok(tar.append_data(&mut header, path, content)?)
}

/// Words in a random order.
fn pool() -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "layer", "blob", "digest", "entry", "tree", "index", "config", "platform", "whiteout",
        "opaque", "chain", "image", "tag", "manifest", "history", "path",
    ];
    let mut pool = Vec::with_capacity(POOL + 16);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    while pool.len() < POOL {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = usize::try_from(state % 16).unwrap_or(0);
        pool.extend_from_slice(WORDS[word].as_bytes());
        pool.extend_from_slice(&state.to_le_bytes()[4..7]);
    }
    pool.truncate(POOL);
    pool
}

struct Repeated<'a> {
    pool: &'a [u8],
    at: usize,
    left: u64,
}

impl Read for Repeated<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.pool.get(self.at..).unwrap_or_default();
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let count = rest.len().min(into.len()).min(most);
        into[..count].copy_from_slice(&rest[..count]);
        self.at = (self.at + count) % self.pool.len();
        self.left -= count as u64;
        Ok(count)
    }
}

fn header(kind: EntryType, mode: u32, mtime: u64, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode & 0o7777);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(mtime);
    header.set_size(size);
    header
}
