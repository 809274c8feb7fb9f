//! The side of the registry: a server that answers as a test tells it, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a registry was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(field, _)| field == name);
        field.map(|(_, value)| value.as_str())
    }
}

/// A connection to the gateway, plain or not.
pub(crate) trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// Something done with a connection.
pub(crate) type Act = Box<dyn FnOnce(&mut dyn Wire) + Send>;

/// What a registry answers.
pub(crate) enum Reply {
    /// A status, header lines, a body; the length is added.
    Whole(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Whatever is done with the connection.
    Wire(Act),
}

/// A short answer.
pub(crate) fn reply(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Reply {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    Reply::Whole(status, headers.collect(), body.to_owned())
}

/// An answer that leads elsewhere.
pub(crate) fn redirect(location: &str) -> Reply {
    reply(307, &[("location", location)], b"")
}

/// A registry on a port of its own.
pub(crate) struct Registry {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Registry {
    /// Answers plain HTTP.
    pub(crate) fn plain(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, answer)
    }

    /// Answers HTTPS.
    pub(crate) fn secure(
        tls: ServerConfig,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(Arc::new(tls)), answer)
    }

    fn start(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        // The thread ends with the test's process; it holds nothing.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, log, answer) = (tls.clone(), Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || match tls {
                    None => converse(stream, &log, &*answer),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).expect("a TLS connection");
                        converse(StreamOwned::new(connection, stream), &log, &*answer);
                    }
                });
            }
        });
        Self { port, asked }
    }

    /// The host as references name it.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A URL of it, over plain HTTP.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What it was asked until now. A hello of TLS to a plain port is no request.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the log").clone()
    }
}

/// One request on each connection.
fn converse<S: Read + Write>(
    stream: S,
    log: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(&Asked) -> Reply + Send + Sync),
) {
    let mut reader = BufReader::new(stream);
    let Some(asked) = read_request(&mut reader) else {
        return;
    };
    log.lock().expect("the log").push(asked.clone());
    let reply = answer(&asked);
    let mut stream = reader.into_inner();
    match reply {
        Reply::Whole(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            if status != 304 {
                head.push_str(&format!("content-length: {}\r\n", body.len()));
            }
            head.push_str("\r\n");
            let _ = stream.write_all(head.as_bytes());
            if asked.method != "HEAD" {
                let _ = stream.write_all(&body);
            }
        }
        Reply::Wire(act) => act(&mut stream),
    }
    let _ = stream.flush();
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
        let (name, value) = line.split_once(": ")?;
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
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

/// None for what is no text, such as TLS.
fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        reader.read_exact(&mut byte).ok()?;
        if !byte[0].is_ascii() || (byte[0].is_ascii_control() && !b"\r\n".contains(&byte[0])) {
            return None;
        }
        line.push(byte[0]);
    }
    Some(String::from_utf8(line).ok()?.trim_end().to_owned())
}

/// A port that nobody listens at.
pub(crate) fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Whether the other side has hung up: nothing more can be read.
pub(crate) fn is_hung_up(stream: &mut dyn Wire) -> bool {
    matches!(stream.read(&mut [0]), Ok(0) | Err(_))
}
