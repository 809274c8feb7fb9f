//! SOURCE: what the page opens when it starts.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use serde_json::json;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::Error;
use crate::limits::READ_SIZE;
use crate::range::ByteRange;
use crate::refusal::Refusal;

/// A file or a directory that the page opens when it starts. It is only ever read.
#[derive(Debug)]
pub struct LocalSource {
    /// What a person calls it; shown, and never used as a path.
    pub name: String,
    /// What it is.
    pub kind: LocalKind,
}

/// What a [`LocalSource`] is.
#[derive(Debug)]
pub enum LocalKind {
    /// An archive, open for reading.
    File(File),
    /// The directory of an OCI layout.
    Directory(PathBuf),
}

/// What SOURCE turned out to be, looked at once, before anything is served.
#[derive(Debug)]
pub(crate) struct Given {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Archive(OpenFile),
    /// Absolute, without symbolic links.
    Layout(PathBuf),
    /// An image in a registry, which the page asks for as for any other.
    Reference,
}

impl Given {
    /// An image in a registry.
    pub(crate) fn reference(name: String) -> Self {
        let kind = Kind::Reference;
        Self { name, kind }
    }

    /// A file or a directory of this machine.
    pub(crate) fn local(source: LocalSource) -> Result<Self, Error> {
        let LocalSource { name, kind } = source;
        let kind = match kind {
            LocalKind::File(file) => OpenFile::new(file).map(Kind::Archive),
            LocalKind::Directory(path) => real_directory(&path).map(Kind::Layout),
        };
        match kind {
            Ok(kind) => Ok(Self { name, kind }),
            Err(error) => Err(Error::Source { name, error }),
        }
    }

    /// Answers what SOURCE is.
    pub(crate) fn info(&self) -> Response<Body> {
        let (kind, size) = match &self.kind {
            Kind::Archive(file) => ("file", Some(file.size)),
            Kind::Layout(_) => ("directory", None),
            Kind::Reference => ("reference", None),
        };
        let info = json!({ "name": self.name, "kind": kind, "size": size });
        let mut response = Response::new(Body::from(info.to_string()));
        typed(&mut response, "application/json");
        response
    }

    /// Answers with the archive, or the range of it that is asked for.
    pub(crate) fn file(&self, headers: &HeaderMap) -> Result<Response<Body>, Refusal> {
        match &self.kind {
            Kind::Archive(file) => file.answer(headers, "application/octet-stream"),
            Kind::Layout(_) | Kind::Reference => Err(Refusal::NoSource),
        }
    }

    /// Answers with one file of the layout. `path` is one that the routes let through; here is
    /// checked that it does not lead out of the directory by way of a symbolic link.
    pub(crate) async fn layout(
        &self,
        path: String,
        headers: &HeaderMap,
    ) -> Result<Response<Body>, Refusal> {
        let Kind::Layout(directory) = &self.kind else {
            return Err(Refusal::NoSource);
        };
        let media_type = match path.as_str() {
            "index.json" | "oci-layout" => "application/json",
            _ => "application/octet-stream",
        };
        let (directory, wanted) = (directory.clone(), path.clone());
        spawn_blocking(move || open_within(&directory, &wanted))
            .await
            .unwrap_or(Err("unreadable"))
            .map_err(|problem| Refusal::SourceFile { path, problem })?
            .answer(headers, media_type)
    }
}

/// The absolute path of a directory, without symbolic links.
fn real_directory(path: &Path) -> io::Result<PathBuf> {
    let real = path.canonicalize()?;
    if real.metadata()?.is_dir() {
        Ok(real)
    } else {
        Err(io::ErrorKind::NotADirectory.into())
    }
}

/// Opens a file that really lies within `directory`, whatever links lead there.
fn open_within(directory: &Path, path: &str) -> Result<OpenFile, &'static str> {
    let named = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "absent",
        _ => "unreadable",
    };
    let real = directory.join(path).canonicalize().map_err(named)?;
    if !real.starts_with(directory) {
        return Err("outside");
    }
    // Looked at before it is opened, because opening a pipe waits for whoever writes to it.
    if !real.metadata().map_err(named)?.is_file() {
        return Err("no-file");
    }
    let file = File::open(real).map_err(named)?;
    OpenFile::new(file).map_err(named)
}

/// A regular file and the size that it had when it was opened.
#[derive(Debug)]
struct OpenFile {
    file: Arc<Mutex<File>>,
    size: u64,
}

impl OpenFile {
    fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a regular file",
            ));
        }
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            size: metadata.len(),
        })
    }

    fn answer(
        &self,
        headers: &HeaderMap,
        media_type: &'static str,
    ) -> Result<Response<Body>, Refusal> {
        let size = self.size;
        let range = ByteRange::of(headers)?;
        let (offset, length) = match range {
            None => (0, size),
            Some(range) => range
                .within(size)
                .ok_or(Refusal::RangeNotSatisfiable { size })?,
        };
        let mut response = Response::new(Body::new(FilePart {
            file: Arc::clone(&self.file),
            offset,
            left: length,
            read: None,
        }));
        typed(&mut response, media_type);
        let headers = response.headers_mut();
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CONTENT_LENGTH, length.into());
        if range.is_some() {
            let last = offset + length - 1;
            if let Ok(range) = HeaderValue::try_from(format!("bytes {offset}-{last}/{size}")) {
                headers.insert(header::CONTENT_RANGE, range);
            }
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        Ok(response)
    }
}

/// The file may change between two runs, and its bytes are nobody else's business.
fn typed(response: &mut Response<Body>, media_type: &'static str) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// A body that reads a part of a file as it is asked for more. Nothing is held while the browser
/// takes its time, neither a thread nor a lock.
#[derive(Debug)]
struct FilePart {
    file: Arc<Mutex<File>>,
    offset: u64,
    left: u64,
    read: Option<JoinHandle<io::Result<Bytes>>>,
}

impl HttpBody for FilePart {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let part = &mut *self;
        if part.left == 0 {
            return Poll::Ready(None);
        }
        let wanted = usize::try_from(part.left).map_or(READ_SIZE, |left| left.min(READ_SIZE));
        let read = part.read.get_or_insert_with(|| {
            let (file, offset) = (Arc::clone(&part.file), part.offset);
            spawn_blocking(move || read_at(&file, offset, wanted))
        });
        let bytes = ready!(Pin::new(read).poll(context));
        part.read = None;
        let bytes = bytes.map_err(io::Error::other).flatten()?;
        part.offset += bytes.len() as u64;
        part.left -= bytes.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// Exactly `length` bytes; a file that has become shorter is an error, and the answer breaks off.
fn read_at(file: &Mutex<File>, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut bytes = vec![0; length];
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}
