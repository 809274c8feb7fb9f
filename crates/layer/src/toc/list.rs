//! From the rows of a table to entries and chunks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use layerscope_tar as tar;
use layerscope_tar::Kind;

use super::row::{self, Fault, Row};
use super::table::{Chunk, sha256};
use super::time::rfc3339;
use crate::builder::Builder;
use crate::limits::MAX_CHUNK;
use crate::{Error, LayerIndex, Limits};

/// Files and their chunks, in the order of the table, which is that of the blob.
pub(super) struct List {
    builder: Builder,
    chunks: Vec<Chunk>,
    /// The file whose chunks come.
    file: Option<File>,
    /// Where in the blob the contents of files end.
    contents: u64,
    /// Where the imagined layer ends.
    output: u64,
    max_output: u64,
}

/// A file of which not all chunks came.
struct File {
    name: String,
    size: u64,
    /// Bytes in the chunks that came.
    reached: u64,
}

/// What an error repeats of the table's own words.
const TOLD: usize = 100;

fn fault(expected: &'static str, found: &str) -> Fault {
    Fault {
        expected,
        found: found.chars().take(TOLD).collect(),
    }
}

impl List {
    pub(super) fn new(limits: &Limits, contents: u64) -> Self {
        Self {
            builder: Builder::new(limits),
            chunks: Vec::new(),
            file: None,
            contents,
            output: 0,
            max_output: limits.unpacked,
        }
    }

    /// Reads a table.
    ///
    /// # Errors
    /// [`Error::Toc`] for what is no table, and for one of which a row cannot be right: whoever made it did not make the
    /// layer. [`Error::Limit`] for too many files.
    pub(super) fn read(&mut self, json: &[u8]) -> Result<(), Error> {
        let mut number = 0_u64;
        let mut failure = None;
        let is_table = row::each(json, &mut |row| {
            failure = self.add(&row, number).err();
            number = number.saturating_add(1);
            failure.is_none()
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        match is_table {
            Ok(true) => self.end_file().map_err(|fault| told(fault, number)),
            Ok(false) => Err(Error::toc(
                "toc-invalid",
                "a list `entries`",
                "none".to_owned(),
            )),
            Err(error) => Err(Error::toc("toc-invalid", "JSON", error.to_string())),
        }
    }

    /// Entries, chunks, and bytes of the imagined layer.
    pub(super) fn finish(mut self) -> (LayerIndex, Vec<Chunk>, u64) {
        // A chunk ends where in the blob the next one starts.
        let mut end = self.contents;
        let mut after = self.contents;
        for chunk in self.chunks.iter_mut().rev() {
            if chunk.compressed < after {
                end = after;
                after = chunk.compressed;
            }
            chunk.end = end;
        }
        self.chunks.shrink_to_fit();
        (self.builder.finish(), self.chunks, self.output)
    }

    fn add(&mut self, row: &Row, number: u64) -> Result<(), Error> {
        let told = |fault| told(fault, number);
        let kind = match row.text("type").unwrap_or_default() {
            "chunk" => return self.chunk(row).map_err(told),
            "reg" => Kind::File,
            "hardlink" => Kind::HardLink,
            "symlink" => Kind::Symlink,
            "char" => Kind::Char,
            "block" => Kind::Block,
            "dir" => Kind::Directory,
            "fifo" => Kind::Fifo,
            other => return Err(told(fault("a known type", other))),
        };
        self.end_file().map_err(told)?;
        let entry = entry(row, kind, self.output).map_err(told)?;
        if entry.size > 0 {
            self.file = Some(File {
                name: row.text("name").unwrap_or_default().to_owned(),
                size: entry.size,
                reached: 0,
            });
            let inner = self.chunk_of(row, row.text("digest")).map_err(told)?;
            // Only now is it known how far behind the start of its member the file begins.
            let content_offset = entry.content_offset.saturating_add(inner);
            return self.push(
                &tar::Entry {
                    content_offset,
                    ..entry
                },
                number,
            );
        }
        self.push(&entry, number)
    }

    fn push(&mut self, entry: &tar::Entry, number: u64) -> Result<(), Error> {
        let pushed = self.builder.push(entry);
        pushed.map_err(|(limit, allowed)| Error::Limit {
            limit,
            allowed,
            unpacked: self.output,
            entries: number,
        })
    }

    /// A further chunk of the file before it.
    fn chunk(&mut self, row: &Row) -> Result<(), Fault> {
        let name = row.text("name").unwrap_or_default();
        match &self.file {
            Some(file) if file.name == name => self.chunk_of(row, None).map(drop),
            _ => Err(fault("a chunk of the file before it", name)),
        }
    }

    /// Adds the chunk that a row states; `whole` is the digest that it has if it is the only one. Says how many bytes
    /// its member has before it.
    fn chunk_of(&mut self, row: &Row, whole: Option<&str>) -> Result<u64, Fault> {
        let Some(file) = &mut self.file else {
            return Ok(0);
        };
        let (offset, inner) = (row.number("offset")?, row.number("innerOffset")?);
        let (begins, len) = (row.number("chunkOffset")?, row.number("chunkSize")?);
        let left = file.size.saturating_sub(file.reached);
        // Nothing is stated of the last chunk, or only one.
        let len = if len == 0 { left } else { len };
        if begins != file.reached || len > left {
            return Err(fault("chunks that make up the file", &file.name));
        }
        if len > MAX_CHUNK {
            return Err(fault("chunks of at most 128 MiB", &file.name));
        }
        let last = self.chunks.last();
        let is_behind = last.is_none_or(|last| {
            let end = last.inner.saturating_add(last.len);
            offset > last.compressed || offset == last.compressed && inner >= end
        });
        if offset >= self.contents || !is_behind {
            return Err(fault("chunks in order within the blob", &file.name));
        }
        let is_only = begins == 0 && len == file.size;
        let digest = row.text("chunkDigest").or(whole.filter(|_| is_only));
        let Some(sha256) = digest.and_then(sha256) else {
            return Err(fault("a sha256 digest of each chunk", &file.name));
        };
        // Before the first chunk there is what its member has before it; the others go on from it.
        let before = if begins == 0 { inner } else { 0 };
        let output = self.output.checked_add(before);
        let end = output.and_then(|output| output.checked_add(len));
        let (Some(output), Some(end)) = (output, end.filter(|end| *end <= self.max_output)) else {
            return Err(fault("no more contents than may be", &file.name));
        };
        if inner > output {
            return Err(fault("chunks in order within the blob", &file.name));
        }
        file.reached = file.reached.saturating_add(len);
        self.chunks.push(Chunk {
            output,
            len,
            compressed: offset,
            inner,
            end: self.contents,
            sha256,
        });
        self.output = end;
        if file.reached == file.size {
            self.file = None;
        }
        Ok(before)
    }

    /// Another entry comes, or none: the file before has to be complete.
    fn end_file(&mut self) -> Result<(), Fault> {
        match self.file.take() {
            Some(file) => Err(fault("chunks that make up the file", &file.name)),
            None => Ok(()),
        }
    }
}

/// An error about a row.
fn told(fault: Fault, number: u64) -> Error {
    let found = format!("{} in entry {number}", fault.found);
    Error::toc("toc-invalid", fault.expected, found)
}

/// The entry of a row, whose content begins at this offset or behind it.
fn entry(row: &Row, kind: Kind, content_offset: u64) -> Result<tar::Entry, Fault> {
    const NUMBERS: [&str; 6] = ["size", "mode", "uid", "gid", "devMajor", "devMinor"];
    let mut numbers = [0; NUMBERS.len()];
    for (number, key) in numbers.iter_mut().zip(NUMBERS) {
        *number = row.number(key)?;
    }
    let [size, mode, uid, gid, major, minor] = numbers;
    let size = if kind == Kind::File { size } else { 0 };
    let modtime = row.text("modtime").unwrap_or("1970-01-01T00:00:00Z");
    let Some(mtime) = rfc3339(modtime) else {
        return Err(fault("a time (RFC 3339)", modtime));
    };
    let mut xattrs = Vec::new();
    for (name, value) in row.xattrs() {
        let Some(value) = value.and_then(|value| STANDARD.decode(value).ok()) else {
            return Err(fault("Base64 of an attribute", name));
        };
        xattrs.push((name.into(), value));
    }
    let text = |key| row.text(key).unwrap_or_default().into();
    Ok(tar::Entry {
        path: text("name"),
        kind,
        size,
        stored: size,
        // The page and the archive know no more of it.
        mode: (mode & 0o7777) as u32,
        uid,
        gid,
        uname: text("userName"),
        gname: text("groupName"),
        mtime,
        link: match kind {
            Kind::HardLink | Kind::Symlink => text("linkName"),
            _ => Vec::new(),
        },
        xattrs,
        device: matches!(kind, Kind::Char | Kind::Block).then_some((major, minor)),
        content_offset,
        ..tar::Entry::default()
    })
}
