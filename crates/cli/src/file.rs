//! Files: an archive with random access, and the directory of an OCI layout.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use layerscope_layer::Demand;
use layerscope_source::Reply;

/// One read: large enough that the system call is free, small enough to stay in the cache.
const CHUNK: usize = 256 * 1024;

/// The least that is read where most of what follows is passed over: a page.
const PEEK: usize = 4096;

/// An archive file.
pub(crate) struct Archive {
    file: File,
    pub(crate) size: u64,
}

impl Archive {
    pub(crate) fn open(path: &Path) -> Result<Archive> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let metadata = file
            .metadata()
            .with_context(|| path.display().to_string())?;
        if !metadata.is_file() {
            bail!(
                "{}: expected a file with random access; save the stream to a file first",
                path.display()
            );
        }
        Ok(Archive {
            file,
            size: metadata.len(),
        })
    }

    /// Answers the core's question for bytes; fewer only at the end of the file.
    pub(crate) fn read(&self, offset: u64, len: u64) -> Reply {
        let len = len.min(self.size.saturating_sub(offset));
        let Ok(len) = usize::try_from(len) else {
            return Reply::TooLarge { size: Some(len) };
        };
        let mut bytes = vec![0; len];
        match self.file.read_exact_at(&mut bytes, offset) {
            Ok(()) => Reply::Bytes(bytes),
            Err(error) => Reply::Failed(error.to_string()),
        }
    }

    /// Pushes `len` bytes from `offset` on, until `push` has enough.
    ///
    /// `push` gets a window and says how much of what follows it need not see. The more it passes over, the smaller
    /// its next window.
    pub(crate) fn stream(
        &self,
        offset: u64,
        len: u64,
        push: &mut dyn FnMut(&[u8]) -> (Demand, u64),
    ) -> std::io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        let end = offset.saturating_add(len);
        let mut at = offset;
        let mut window = CHUNK;
        while at < end {
            let wanted = usize::try_from(end - at).unwrap_or(CHUNK).min(window);
            let count = self.file.read_at(&mut chunk[..wanted], at)?;
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let (demand, skip) = push(&chunk[..count]);
            if demand == Demand::Stop {
                return Ok(());
            }
            at = at.saturating_add(count as u64).saturating_add(skip);
            window = match skip >= window as u64 {
                true => (window / 2).max(PEEK),
                false => (window * 2).min(CHUNK),
            };
        }
        Ok(())
    }
}

/// The directory of an OCI layout.
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn open(directory: &Path) -> Result<Layout> {
        let root = directory
            .canonicalize()
            .with_context(|| directory.display().to_string())?;
        if !root.is_dir() {
            bail!(
                "{}: expected a directory with an OCI layout",
                directory.display()
            );
        }
        Ok(Layout { root })
    }

    /// A file of the layout. The core has checked the path's parts; a symbolic link must not lead out.
    pub(crate) fn file(&self, path: &str) -> std::io::Result<Archive> {
        let full = self.root.join(path).canonicalize()?;
        if !full.starts_with(&self.root) {
            return Err(std::io::Error::other(
                "a symbolic link leads out of the layout",
            ));
        }
        let file = File::open(full)?;
        let size = file.metadata()?.len();
        Ok(Archive { file, size })
    }

    /// Answers the core's question for a whole small file.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Reply {
        let result = self.file(path).and_then(|archive| {
            if archive.size > limit {
                return Ok(Reply::TooLarge {
                    size: Some(archive.size),
                });
            }
            let mut bytes = Vec::new();
            archive.file.take(limit).read_to_end(&mut bytes)?;
            Ok(Reply::Bytes(bytes))
        });
        match result {
            Ok(reply) => reply,
            Err(error) if error.kind() == ErrorKind::NotFound => Reply::Absent,
            Err(error) => Reply::Failed(error.to_string()),
        }
    }
}
