//! A real registry: Debian's `docker-registry`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::{Directory, Realm, skopeo, succeed, tool};

/// A registry that has not said where it listens after so long never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who may come in.
#[derive(Debug)]
pub enum Door {
    /// Everybody.
    Open,
    /// Who knows the password.
    Password,
    /// Who has a token of this realm.
    Token(Realm),
}

/// A registry on a port of its own, until it is dropped.
#[derive(Debug)]
pub struct Registry {
    /// `127.0.0.1:PORT`
    pub host: String,
    /// Who may come in.
    pub door: Door,
    child: Child,
    log: Option<JoinHandle<String>>,
    directory: Directory,
}

impl Registry {
    /// The user whom every registry with a closed door knows.
    pub const USER: &'static str = "ursula";
    /// The user's password; with a colon, because passwords may have one.
    pub const PASSWORD: &'static str = "pass:word";

    /// Starts an empty one.
    ///
    /// # Panics
    /// When `docker-registry` is not installed or does not start.
    pub fn start(door: Door) -> Self {
        let directory = Directory::new("registry");
        let auth = auth(&door, &directory);
        let storage = directory.join("storage");
        let config = directory.write(
            "config.yml",
            format!(
                "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\n\
                 storage: {{filesystem: {{rootdirectory: {}}}}}\n\
                 http: {{addr: \"127.0.0.1:0\", secret: known}}\n{auth}",
                storage.display(),
            ),
        );
        let mut child = tool("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("docker-registry");
        let stderr = child.stderr.take().expect("a pipe");
        let (sender, receiver) = channel();
        // The log is read to its end, because a full pipe would stop the registry.
        let log = thread::spawn(move || {
            let mut log = String::new();
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some(host) = listening(&line) {
                    let _ = sender.send(host);
                }
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        let host = receiver.recv_timeout(PATIENCE);
        let mut registry = Self {
            host: String::new(),
            door,
            child,
            log: Some(log),
            directory,
        };
        match host {
            Ok(host) => registry.host = host,
            Err(_) => panic!("docker-registry did not start:\n{}", registry.end()),
        }
        registry
    }

    /// Copies an image into it with skopeo. `flags` say how; `source` is one in skopeo's words.
    pub fn push(&self, source: &str, name: &str, flags: &[&str]) {
        let mut command = skopeo(&self.directory);
        command
            .args(["copy", "--quiet", "--dest-tls-verify=false"])
            .args(flags);
        if !matches!(self.door, Door::Open) {
            command.arg(format!("--dest-creds={}:{}", Self::USER, Self::PASSWORD));
        }
        command
            .arg(source)
            .arg(format!("docker://{}/{name}", self.host));
        succeed(&mut command);
    }

    /// What `layerscope` calls an image in it.
    pub fn reference(&self, name: &str) -> String {
        format!("docker://{}/{name}", self.host)
    }

    /// The bytes of a blob that was pushed, for a test that spoils them.
    pub fn stored_blob(&self, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").expect("a sha256 digest");
        self.directory.join(format!(
            "storage/docker/registry/v2/blobs/sha256/{}/{hex}/data",
            &hex[..2]
        ))
    }

    fn end(&mut self) -> String {
        // It may have ended by itself, which the log tells.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.log.take().map(JoinHandle::join);
        log.and_then(Result::ok).unwrap_or_default()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.end();
    }
}

fn auth(door: &Door, directory: &Directory) -> String {
    match door {
        Door::Open => String::new(),
        Door::Password => {
            let hashed =
                succeed(tool("htpasswd").args(["-Bbn", Registry::USER, Registry::PASSWORD]));
            let file = directory.write("htpasswd", hashed.stdout);
            format!(
                "auth: {{htpasswd: {{realm: here, path: {}}}}}\n",
                file.display()
            )
        }
        Door::Token(realm) => format!(
            "auth: {{token: {{realm: \"{}\", service: {}, issuer: {}, rootcertbundle: {}}}}}\n",
            realm.url(),
            Realm::SERVICE,
            Realm::ISSUER,
            realm.certificate().display(),
        ),
    }
}

/// The address in the line of the log that tells it.
fn listening(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("listening on ")?;
    rest.split(['"', ' ', ',']).next().map(str::to_owned)
}
