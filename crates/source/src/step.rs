//! What the core asks of its driver, and what the driver answers.

use std::fmt;

use crate::Error;
use crate::image::Resolved;
use crate::words::Silence;
use crate::wrapped::WrappedArchive;

/// Names one [`Ask`], so that answers may come in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub u32);

/// What happens next on the way to a `T`.
#[derive(Debug)]
#[must_use]
pub enum Step<T = Resolved> {
    /// New asks, at least one. They are independent of each other and may run at the same time.
    Ask(Vec<(AskId, Ask)>),
    /// Nothing new: earlier asks are still unanswered.
    Waiting,
    /// The whole answer. Every further poll is [`Step::Waiting`].
    Done(Box<T>),
    /// Nothing useful can be known. Every further poll is [`Step::Waiting`].
    Failed(Error),
}

/// One piece of input or output that the core cannot do itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Bytes of the archive file. Answer with [`Reply::Bytes`]: `len` bytes, fewer only at the file's end.
    Read {
        /// Bytes from the start of the file.
        offset: u64,
        /// How many bytes.
        len: u64,
    },
    /// A whole file of an OCI layout. Answer with [`Reply::Bytes`], [`Reply::Absent`], or
    /// [`Reply::TooLarge`] with the file's size when it has more than `limit` bytes. A limit of 0
    /// asks only whether the file exists and how large it is.
    File {
        /// Relative to the layout's directory, parts separated by `/`; no part is empty, `.` or `..`.
        /// A driver follows no symbolic link out of the directory.
        path: String,
        /// The most bytes that are of use.
        limit: u64,
    },
    /// One HTTP exchange. Answer with [`Reply::Http`], [`Reply::TooLarge`] or [`Reply::Silent`].
    Http(Request),
    /// Nothing for a while, because a registry asked for it, or did not answer. Answer with
    /// [`Reply::Waited`], and tell whoever waits for how long.
    Wait {
        /// How long, in seconds.
        seconds: u64,
    },
    /// The whole archive file, pushed through a [`WrappedScan`](crate::WrappedScan) because it is
    /// compressed as a whole. Answer with [`Reply::Wrapped`].
    ReadThrough,
}

/// The answer to an [`Ask`].
#[derive(Debug)]
pub enum Reply {
    /// To [`Ask::Read`] and [`Ask::File`].
    Bytes(Vec<u8>),
    /// To [`Ask::Http`], whatever the status.
    Http(Response),
    /// To [`Ask::ReadThrough`].
    Wrapped(Box<WrappedArchive>),
    /// To [`Ask::Wait`].
    Waited,
    /// To [`Ask::File`]: there is no such file.
    Absent,
    /// There are more bytes than the ask's limit.
    TooLarge {
        /// How many, if that is known.
        size: Option<u64>,
    },
    /// To [`Ask::Http`]: no whole answer came.
    Silent {
        /// In which way.
        silence: Silence,
        /// The driver's words, without URLs; may be empty.
        detail: String,
    },
    /// To any ask: it could not be done, and why, in the driver's words.
    Failed(String),
}

/// One HTTP request.
///
/// A driver sends it as it is: it follows no redirect, keeps no cookie, and adds no header but `Host`,
/// `User-Agent` and `Accept-Encoding: identity`.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// An absolute URL; behind a gateway it may be relative to the page.
    pub url: String,
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body of a [`Method::Post`]; empty for the other methods.
    pub body: Vec<u8>,
    /// The most bytes of a 2xx body that are of use, and more is [`Reply::TooLarge`]. The body of any
    /// other status is cut at [`limits::ERROR_BODY_BYTES`](crate::limits::ERROR_BODY_BYTES) instead.
    pub limit: u64,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `HEAD`.
    Head,
    /// `POST`, only ever to a token realm.
    Post,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

impl Request {
    /// The value of the first header field of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Request {
    /// Leaves out what a log must not hold: the values of header fields, the query and the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &crate::registry::redacted(&self.url))
            .field("headers", &names)
            .field("body", &self.body.len())
            .field("limit", &self.limit)
            .finish()
    }
}

/// One HTTP response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The body, cut as [`Request::limit`] says.
    pub body: Vec<u8>,
}

/// Header fields of a response, in their order. Names are compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No header fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field at the end. Bytes of a value that are not UTF-8 are best given as U+FFFD.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// The value of the first field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of all fields of that name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}
