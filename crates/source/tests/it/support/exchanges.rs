//! One blob fetched from a scripted web.

use layerscope_source::{Access, BlobRequest, Credentials, Error, Response};

use super::web::{Seen, Web, error};

pub const HOST: &str = "https://registry.example";
pub const BODY: &[u8] = b"0123456789";

pub fn access() -> Access {
    Access::direct(&"registry.example/a".parse().unwrap()).with_credentials(Credentials::Basic {
        user: "user".to_owned(),
        password: "password".to_owned(),
    })
}

/// A blob to be fetched with this access.
pub fn blob(access: Access) -> BlobRequest {
    let digest = format!("sha256:{}", "d".repeat(64)).parse().unwrap();
    BlobRequest {
        access,
        digest,
        size: BODY.len() as u64,
    }
}

/// Sends a blob's exchange into a web that answers so.
pub fn fetch(
    access: Access,
    answer: impl FnMut(&Seen) -> Response + 'static,
) -> (Result<Vec<u8>, Error>, Web) {
    let mut web = Web::new(answer);
    let found = web.fetch(&mut blob(access).exchange());
    (found.map(|(_, body)| body), web)
}

pub fn challenge(field: &str) -> Response {
    let mut response = error(401, "UNAUTHORIZED", "who are you");
    response.headers.push("WWW-Authenticate", field);
    response
}
