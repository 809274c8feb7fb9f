//! Where a registry's tokens come from (distribution, `docs/content/spec/auth/{token,jwt,oauth}.md`).

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{Answer, Asked, Directory, Registry, Server, succeed, tool};

/// A token server with a key of its own, until it is dropped.
#[derive(Debug)]
pub struct Realm {
    server: Server,
    certificate: PathBuf,
    /// The key is here as long as it may sign.
    _directory: Directory,
}

impl Realm {
    /// The service that its tokens are for.
    pub const SERVICE: &'static str = "registry.test";
    /// Who signs them.
    pub const ISSUER: &'static str = "realm.test";
    /// What `docker login` would have stored instead of a password.
    pub const IDENTITY_TOKEN: &'static str = "refresh-me";

    /// Starts one. Only the user with the password gets a token that is good for anything.
    pub fn start() -> Self {
        let directory = Directory::new("realm");
        let (key, certificate) = (directory.join("key.pem"), directory.join("certificate.pem"));
        succeed(
            tool("openssl")
                .args([
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                ])
                .args(["-subj", "/CN=realm.test", "-keyout"])
                .arg(&key)
                .arg("-out")
                .arg(&certificate),
        );
        let pem = std::fs::read_to_string(&certificate).expect("a certificate");
        let der: String = pem
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let scratch = directory.path().to_owned();
        let server = Server::start(move |asked| answer(asked, &key, &der, &scratch));
        Self {
            server,
            certificate,
            _directory: directory,
        }
    }

    /// Where tokens are to be had.
    pub fn url(&self) -> String {
        format!("http://{}/token", self.host())
    }

    /// `localhost:PORT`: another name than the registry's, so that it is a foreign realm.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.server.port)
    }

    /// The certificate that its key belongs to.
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// What it was asked until now.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }
}

fn answer(asked: &Asked, key: &Path, certificate: &str, scratch: &Path) -> Answer {
    let form = match asked.method.as_str() {
        "GET" => asked
            .target
            .split_once('?')
            .map_or("", |(_, query)| query)
            .to_owned(),
        "POST" => String::from_utf8_lossy(&asked.body).into_owned(),
        _ => return Answer::new(405),
    };
    let field = |name: &str| {
        form.split('&')
            .filter_map(|pair| pair.split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| decoded(value))
            .next()
    };
    let pair = format!("{}:{}", Registry::USER, Registry::PASSWORD);
    let basic = format!("Basic {}", STANDARD.encode(pair));
    let is_known = match asked.header("authorization") {
        Some(given) if given == basic => true,
        Some(_) => return unknown(),
        None => false,
    };
    let is_refreshed = field("grant_type").as_deref() == Some("refresh_token")
        && field("refresh_token").as_deref() == Some(Realm::IDENTITY_TOKEN);
    if asked.method == "POST" && !is_refreshed {
        return unknown();
    }
    if field("service").as_deref() != Some(Realm::SERVICE) {
        return Answer::new(400);
    }
    let scope = field("scope").unwrap_or_default();
    let access: Vec<Value> = scope
        .split(' ')
        .filter(|_| is_known || is_refreshed)
        .filter_map(granted)
        .collect();
    let token = signed(&access, key, certificate, scratch);
    Answer::new(200)
        .header("content-type", "application/json")
        .body(json!({ "token": token, "expires_in": 300 }).to_string())
}

fn unknown() -> Answer {
    let body = json!({ "errors": [{ "code": "UNAUTHORIZED", "message": "incorrect username or password" }] });
    Answer::new(401)
        .header("content-type", "application/json")
        .body(body.to_string())
}

/// `repository:name:pull,push` as the registry reads it in a token.
fn granted(scope: &str) -> Option<Value> {
    let (kind, rest) = scope.split_once(':')?;
    let (name, actions) = rest.rsplit_once(':')?;
    let actions: Vec<&str> = actions.split(',').collect();
    Some(json!({ "type": kind, "name": name, "actions": actions }))
}

/// A JSON Web Token (RFC 7519), signed with RS256; the certificate stands in its header.
fn signed(access: &[Value], key: &Path, certificate: &str, scratch: &Path) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time after 1970")
        .as_secs();
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5c": [certificate] });
    let claims = json!({
        "iss": Realm::ISSUER,
        "sub": Registry::USER,
        "aud": Realm::SERVICE,
        "iat": now,
        "nbf": now - 60,
        "exp": now + 300,
        "jti": "one",
        "access": access,
    });
    let message = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    // Requests come on threads of their own: each signs a file of its own.
    let file = scratch.join(format!("{:?}", std::thread::current().id()));
    std::fs::write(&file, &message).expect("a file");
    let signature = succeed(
        tool("openssl")
            .args(["dgst", "-sha256", "-sign"])
            .arg(key)
            .arg(&file),
    );
    std::fs::remove_file(&file).expect("the file");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.stdout))
}

/// A value of a form, with its `%XX` and `+`.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let hex = std::str::from_utf8(&digits).expect("ASCII");
                u8::from_str_radix(hex, 16).expect("two hexadecimal digits")
            }
            other => other,
        });
    }
    String::from_utf8(bytes).expect("UTF-8")
}
