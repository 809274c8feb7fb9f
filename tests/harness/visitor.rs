//! Somebody who speaks to `layerscope serve` byte by byte, because most requests here are such as no browser sends.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `layerscope serve`, until it is dropped.
#[derive(Debug)]
pub struct Visitor {
    /// The port that it took.
    pub port: u16,
    /// The secret of this run.
    pub secret: String,
    /// The first line of its standard output.
    pub url: String,
    child: Child,
}

impl Visitor {
    /// Starts the server and reads where it is.
    ///
    /// # Panics
    /// When the first line on standard output is not a URL with a secret.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut url).expect("a line");
        let url = url.trim_end().to_owned();
        let parts = url
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.split_once("/#secret="));
        let Some((port, fragment)) = parts else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("expected http://127.0.0.1:PORT/#secret=…, found {url:?}");
        };
        Self {
            port: port.parse().expect("a port"),
            secret: fragment.split('&').next().unwrap_or_default().to_owned(),
            url: url.clone(),
            child,
        }
    }

    /// What the page itself would get.
    pub fn get(&self, path: &str) -> Got {
        self.ask("GET", path, "")
    }

    /// The same with another method, and header lines that each end in CRLF.
    pub fn ask(&self, method: &str, path: &str, lines: &str) -> Got {
        let (port, secret) = (self.port, &self.secret);
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nx-layerscope-secret: {secret}\r\n{lines}\r\n"
        ))
    }

    /// Sends these bytes and reads the whole answer.
    pub fn raw(&self, request: &str) -> Got {
        Got::from(&format!("127.0.0.1:{}", self.port), request)
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A whole answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Got {
    /// The status.
    pub status: u16,
    /// Names are lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Got {
    /// Sends these bytes to a host and reads the whole answer.
    pub fn from(host: &str, request: &str) -> Self {
        let mut stream = TcpStream::connect(host).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("a request");
        Self::read(&mut BufReader::new(stream), request.starts_with("HEAD "))
    }

    /// The value of a header field that stands there at most once.
    ///
    /// # Panics
    /// When it stands there twice.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(field, _)| field == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} stands twice");
        value
    }

    /// The name of the error, whose status must be this one.
    ///
    /// # Panics
    /// When the answer is something else.
    pub fn refusal(&self, status: u16) -> String {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self.error()["name"].as_str().expect("a name").to_owned()
    }

    /// The error in the body.
    pub fn error(&self) -> Value {
        let body: Value = serde_json::from_slice(&self.body).expect("JSON");
        body["error"].clone()
    }

    fn read(reader: &mut impl BufRead, is_head: bool) -> Self {
        let line = read_line(reader);
        let status = line
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3))
            .and_then(|status| status.parse().ok());
        let mut got = Self {
            status: status.unwrap_or_else(|| panic!("no status in {line:?}")),
            headers: Vec::new(),
            body: Vec::new(),
        };
        while let Some((name, value)) = read_line(reader).split_once(':') {
            got.headers
                .push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = got
            .header("content-length")
            .map(|length| length.parse().expect("a length"));
        let is_chunked = got.header("transfer-encoding") == Some("chunked");
        match length {
            _ if is_head || got.status == 304 => {}
            Some(length) => {
                got.body = vec![0; length];
                reader.read_exact(&mut got.body).expect("the whole body");
            }
            None if is_chunked => got.body = read_chunks(reader),
            None => {}
        }
        got
    }
}

fn read_line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

fn read_chunks(reader: &mut impl BufRead) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&read_line(reader), 16).expect("a chunk");
        let mut chunk = vec![0; length + 2];
        reader.read_exact(&mut chunk).expect("the whole chunk");
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&chunk[..length]);
    }
}
