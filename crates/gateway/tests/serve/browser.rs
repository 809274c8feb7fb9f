//! The side of the page: a running server, and requests to it written out byte by byte, because most
//! of them are such as no browser sends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use layerscope_gateway::{AllowList, Config, bind};
use tokio::sync::oneshot;

/// Longer than anything here takes, and shorter than a person's patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a port of its own, until it is dropped.
pub(crate) struct Served {
    pub(crate) port: u16,
    pub(crate) secret: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A configuration that allows nothing.
pub(crate) fn config() -> Config {
    let mut config = Config::new("127.0.0.1:0".parse().expect("an address"));
    config.allowed = AllowList::empty();
    config
}

/// A configuration that grants these hosts.
pub(crate) fn granting(hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Config {
    let mut config = config();
    for host in hosts {
        config.allowed.grant(host.as_ref().parse().expect("a host"));
    }
    config
}

/// Starts a server.
pub(crate) fn serve(config: Config) -> Served {
    let server = bind(config).expect("a server");
    let url = server.url();
    let (_, fragment) = url.split_once("/#secret=").expect("a secret");
    let secret = fragment.split('&').next().expect("a secret").to_owned();
    let port = server.address().port();
    let (stop, stopped) = oneshot::channel();
    let thread = thread::spawn(move || {
        server
            .run(async {
                let _ = stopped.await;
            })
            .expect("a run to its end");
    });
    Served {
        port,
        secret,
        stop: Some(stop),
        thread: Some(thread),
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Served {
    /// What the page itself would get.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    /// The same with another method, and header lines that each end in CRLF.
    pub(crate) fn ask(&self, method: &str, path: &str, lines: &str) -> Answer {
        self.open(method, path, lines).finish()
    }

    /// Sends a request and reads the head of the answer.
    pub(crate) fn open(&self, method: &str, path: &str, lines: &str) -> Opened {
        let (port, secret) = (self.port, &self.secret);
        self.open_raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nx-layerscope-secret: {secret}\r\n{lines}\r\n"
        ))
    }

    /// Sends these bytes and reads the whole answer.
    pub(crate) fn raw(&self, request: &str) -> Answer {
        self.open_raw(request).finish()
    }

    fn open_raw(&self, request: &str) -> Opened {
        let is_head = request.starts_with("HEAD ");
        let mut opened = Opened {
            answer: Answer::default(),
            reader: BufReader::new(self.send(request)),
            left: Left::Nothing,
        };
        opened.read_head(is_head);
        opened
    }

    /// Sends these bytes and waits for nothing.
    pub(crate) fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("a request");
        stream
    }
}

/// A whole answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended as it should.
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(field, _)| field == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} stands twice");
        value
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The name of the error, whose status must be this one.
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let error = &self.json()["error"];
        error["name"].as_str().expect("a name").to_owned()
    }
}

/// An answer whose body is still to come.
pub(crate) struct Opened {
    pub(crate) answer: Answer,
    reader: BufReader<TcpStream>,
    left: Left,
}

enum Left {
    Nothing,
    Broken,
    Length(usize),
    Chunks,
}

impl Opened {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    fn read_head(&mut self, is_head: bool) {
        let mut status = String::new();
        // A server may hang up before it has said anything.
        let _ = self.reader.read_line(&mut status);
        if status.is_empty() {
            self.left = Left::Broken;
            return;
        }
        let status = status
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3));
        self.answer.status = status.and_then(|s| s.parse().ok()).expect("a status");
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            self.answer
                .headers
                .push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let is_chunked = self.answer.header("transfer-encoding") == Some("chunked");
        let length = self.answer.header("content-length");
        self.left = match length.and_then(|length| length.parse().ok()) {
            _ if is_head || self.answer.status == 304 => Left::Nothing,
            Some(length) => Left::Length(length),
            None if is_chunked => Left::Chunks,
            None => Left::Nothing,
        };
    }

    /// The next bytes of the body, as many as are asked for.
    pub(crate) fn next(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.reader
            .read_exact(&mut bytes)
            .expect("bytes of the body");
        if let Left::Length(left) = &mut self.left {
            *left -= count;
        }
        bytes
    }

    /// The rest, up to its end or to where it breaks off.
    pub(crate) fn finish(mut self) -> Answer {
        self.answer.is_whole = match self.left {
            Left::Nothing => true,
            Left::Broken => false,
            Left::Length(length) => {
                let mut body = Vec::new();
                let read = self.reader.take(length as u64).read_to_end(&mut body);
                self.answer.body = body;
                read.is_ok() && self.answer.body.len() == length
            }
            Left::Chunks => self.read_chunks(),
        };
        self.answer
    }

    fn read_chunks(&mut self) -> bool {
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).is_err() {
                return false;
            }
            let Ok(length) = usize::from_str_radix(line.trim_end(), 16) else {
                return false;
            };
            let mut chunk = vec![0; length + 2];
            if self.reader.read_exact(&mut chunk).is_err() {
                return false;
            }
            if length == 0 {
                return true;
            }
            self.answer.body.extend_from_slice(&chunk[..length]);
        }
    }
}
