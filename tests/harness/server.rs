//! A server that answers as a test tells it, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `HEAD` or `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names are lower case.
    pub headers: Vec<(String, String)>,
    /// Of a `POST`.
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a header field, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(field, _)| field == name);
        field.map(|(_, value)| value.as_str())
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    length: Length,
    pace: Pace,
}

/// How the answer comes.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// As fast as it can.
    AtOnce,
    /// The body in so many pieces, with a pause after each.
    Drip(usize, Duration),
    /// At once, but the connection stays open, and nothing more comes.
    Stall,
    /// Nothing comes, not even a status.
    HangUp,
}

/// What the answer says of its length.
#[derive(Clone, Copy, Debug)]
enum Length {
    True,
    Said(u64),
    Unsaid,
}

impl Answer {
    /// An answer without a body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            length: Length::True,
            pace: Pace::AtOnce,
        }
    }

    /// Half of these bytes, with the length of the whole: then the connection breaks.
    pub fn cut(whole: &[u8], at: usize) -> Self {
        Self::new(200)
            .body(&whole[..at])
            .saying_length(whole.len() as u64)
    }

    /// The part of these bytes that is asked for, or all of them, up to the place where it breaks after so many bytes
    /// of its own.
    pub fn part(whole: &[u8], asked: &Asked, most: usize) -> Self {
        let range = asked
            .header("range")
            .and_then(|range| range.strip_prefix("bytes="));
        let from: Option<usize> = range.and_then(|range| range.split('-').next()?.parse().ok());
        let last: Option<usize> = range.and_then(|range| range.split('-').nth(1)?.parse().ok());
        let Some(from) = from else {
            return Self::cut(whole, most.min(whole.len()));
        };
        if from >= whole.len() {
            return Self::new(416);
        }
        let end = last.map_or(whole.len(), |last| whole.len().min(last + 1));
        let rest = &whole[from..end];
        let field = format!("bytes {from}-{}/{}", end - 1, whole.len());
        Self::new(206)
            .header("content-range", field)
            .body(&rest[..most.min(rest.len())])
            .saying_length(rest.len() as u64)
    }

    /// These bytes in chunks (RFC 9112, section 7.1).
    #[must_use]
    pub fn chunked(self, bytes: &[u8], size: usize) -> Self {
        let mut body = Vec::new();
        for chunk in bytes.chunks(size) {
            body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        self.header("transfer-encoding", "chunked")
            .body(body)
            .without_length()
    }

    /// The last bytes of the body are missing.
    #[must_use]
    pub fn torn(mut self, missing: usize) -> Self {
        self.body.truncate(self.body.len().saturating_sub(missing));
        self
    }

    /// The connection closes before a word is said.
    pub fn hang_up() -> Self {
        Self {
            pace: Pace::HangUp,
            ..Self::new(200)
        }
    }

    /// The body comes in so many pieces, with a pause after each.
    #[must_use]
    pub fn dripping(mut self, pieces: usize, pause: Duration) -> Self {
        self.pace = Pace::Drip(pieces, pause);
        self
    }

    /// When everything is said the connection stays open, until the other side closes it.
    #[must_use]
    pub fn stalling(mut self) -> Self {
        self.pace = Pace::Stall;
        self
    }

    /// With a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With a body, and its true length unless something else is said.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Whatever the body's length is, `Content-Length` says this.
    #[must_use]
    pub fn saying_length(mut self, length: u64) -> Self {
        self.length = Length::Said(length);
        self
    }

    /// The body ends with the connection.
    #[must_use]
    pub fn without_length(mut self) -> Self {
        self.length = Length::Unsaid;
        self
    }

    /// Bytes of the body.
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether there is no body.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    fn write(&self, stream: &mut TcpStream, is_head: bool) -> std::io::Result<()> {
        if matches!(self.pace, Pace::HangUp) {
            return Ok(());
        }
        let mut head = format!("HTTP/1.1 {} Said\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = match self.length {
            Length::True => Some(self.body.len() as u64),
            Length::Said(length) => Some(length),
            Length::Unsaid => None,
        };
        if let Some(length) = length {
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        if is_head {
            return stream.flush();
        }
        match self.pace {
            Pace::Drip(pieces, pause) => {
                for piece in self.body.chunks(self.body.len().div_ceil(pieces).max(1)) {
                    stream.write_all(piece)?;
                    stream.flush()?;
                    thread::sleep(pause);
                }
                Ok(())
            }
            Pace::Stall => {
                stream.write_all(&self.body)?;
                stream.flush()?;
                // Nothing is to be read, until there is an end to read.
                while stream.read(&mut [0; 64])? > 0 {}
                Ok(())
            }
            Pace::AtOnce | Pace::HangUp => {
                stream.write_all(&self.body)?;
                stream.flush()
            }
        }
    }
}

/// A server on a port of its own, until it is dropped.
#[derive(Debug)]
pub struct Server {
    /// The port on loopback.
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    talking: Arc<AtomicUsize>,
    is_closed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers every request with what `answer` says.
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let is_closed = Arc::new(AtomicBool::new(false));
        let talking = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&talking);
        let (log, closed, answer) = (Arc::clone(&asked), Arc::clone(&is_closed), Arc::new(answer));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if closed.load(Ordering::Acquire) {
                    return;
                }
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                let count = Arc::clone(&count);
                count.fetch_add(1, Ordering::AcqRel);
                thread::spawn(move || {
                    converse(stream, &log, &*answer);
                    count.fetch_sub(1, Ordering::AcqRel);
                });
            }
        });
        Self {
            port,
            asked,
            talking,
            is_closed,
            thread: Some(thread),
        }
    }

    /// The host as references name it.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A URL of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host())
    }

    /// What it was asked until now.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the log").clone()
    }

    /// How many connections are open.
    pub fn talking(&self) -> usize {
        self.talking.load(Ordering::Acquire)
    }

    /// The same as `METHOD target`.
    pub fn lines(&self) -> Vec<String> {
        self.asked()
            .iter()
            .map(|asked| format!("{} {}", asked.method, asked.target))
            .collect()
    }

    /// How many requests there were whose target holds `part`.
    pub fn count(&self, part: &str) -> usize {
        self.asked()
            .iter()
            .filter(|asked| asked.target.contains(part))
            .count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Release);
        // The listener waits for a connection before it looks.
        let woken = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

/// One request on each connection.
fn converse(stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Answer) {
    let mut reader = BufReader::new(stream);
    let Some(asked) = read_request(&mut reader) else {
        // A hello of TLS, for one.
        let _ = reader.get_mut().write_all(b"HTTP/1.1 400 Unread\r\n\r\n");
        return;
    };
    log.lock().expect("the log").push(asked.clone());
    let answer = answer(&asked);
    // Who has seen enough hangs up, and that is for the test to judge.
    let _ = answer.write(reader.get_mut(), asked.method == "HEAD");
}

fn read_request(reader: &mut impl BufRead) -> Option<Asked> {
    let line = read_line(reader)?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(Some(0), |(_, length)| length.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        method,
        target,
        headers,
        body,
    })
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let count = reader.read_line(&mut line).ok()?;
    (count > 0).then(|| line.trim_end().to_owned())
}
