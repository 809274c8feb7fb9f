//! Where a request really goes: scheme, name and port.

use std::fmt;
use std::net::IpAddr;

use axum::http::Uri;

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// The port that is meant when none is given.
    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The part of a URL that decides who sees a request (RFC 6454): two URLs whose origins are equal
/// may share an `Authorization`, all others may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Scheme,
    name: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute `http` or `https` URL. None for any other text, and for a URL that
    /// carries a user name: no registry needs one, and it can make a URL look like another host's.
    pub(crate) fn of(url: &str) -> Option<Self> {
        Self::of_uri(&url.parse().ok()?)
    }

    /// The same, of a URL that has been parsed.
    pub(crate) fn of_uri(uri: &Uri) -> Option<Self> {
        let scheme = match uri.scheme_str()? {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let name = authority.host();
        let name = match name.strip_prefix('[') {
            Some(bracketed) => bracketed.strip_suffix(']')?,
            None => name,
        };
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            // `host:` has no port that could be read, and a port past 65535 none that exists.
            None if authority.as_str().ends_with(authority.host()) => scheme.port(),
            None => return None,
        };
        let name = name.to_ascii_lowercase();
        (is_plain(&name) && port != 0).then_some(Self { scheme, name, port })
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The name or address, in lower case, without brackets.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether the name says, without a look-up, that the request stays on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.name == "localhost"
            || self.name.ends_with(".localhost")
            || self
                .name
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// The host as `--allow-registry` takes it: with a port only if it is not the scheme's own.
    pub(crate) fn host(&self) -> String {
        let name = &self.name;
        match (name.contains(':'), self.port == self.scheme.port()) {
            (false, true) => name.clone(),
            (false, false) => format!("{name}:{}", self.port),
            (true, true) => format!("[{name}]"),
            (true, false) => format!("[{name}]:{}", self.port),
        }
    }
}

/// Whether a name means the same to everyone: `1`, `127.1` and `0x7f.0.0.1` are names to some and
/// addresses to others (the URL standard, "ends in a number").
fn is_plain(name: &str) -> bool {
    let last = name.rsplit('.').find(|label| !label.is_empty());
    let is_number = last.is_some_and(|label| {
        let digits = label.strip_prefix("0x").unwrap_or(label);
        digits.bytes().all(|b| b.is_ascii_hexdigit())
            && (digits.len() < label.len() || label.bytes().all(|b| b.is_ascii_digit()))
    });
    last.is_some() && (!is_number || name.parse::<IpAddr>().is_ok())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_room_for_tricks() {
        for (url, origin) in [
            ("https://ghcr.io/v2/?x=1", "https://ghcr.io"),
            ("https://GHCR.IO:443", "https://ghcr.io"),
            ("http://127.0.0.1:5000/v2/", "http://127.0.0.1:5000"),
            ("http://[::1]:5000/", "http://[::1]:5000"),
            ("http://[::1]/", "http://[::1]"),
            ("https://a.0xbeefs/", "https://a.0xbeefs"),
            ("https://1.example/", "https://1.example"),
            ("https://ghcr.io#@evil.example", "https://ghcr.io"),
        ] {
            assert_eq!(Origin::of(url).expect(url).to_string(), origin);
        }
        for url in [
            "ghcr.io",
            "/v2/",
            "//ghcr.io/v2/",
            "ftp://ghcr.io/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://user@ghcr.io/",
            "https://ghcr.io@evil.example/",
            "https://",
            "https://:443/",
            "https://ghcr.io:/",
            "https://ghcr.io:0/",
            "https://ghcr.io:65536/",
            "https://ghcr.io:1:2/",
            "https://ghcr.io\\@evil.example/",
            "https://gh cr.io/",
            "https://ghcr.io\r\n/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://127.1/",
            "http://0x7f.0.0.1/",
            "http://127.0.0.1./",
            "http://127.0.0.256/",
            "http://0x/",
            "http://./",
        ] {
            assert_eq!(Origin::of(url), None, "{url:?}");
        }
    }

    #[test]
    fn loopback_is_told_by_name() {
        for (url, loopback) in [
            ("http://localhost:5000/", true),
            ("http://127.0.0.1/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("http://registry.localhost/", true),
            ("http://localhost.evil.example/", false),
            ("http://evillocalhost/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(Origin::of(url).expect(url).is_loopback(), loopback, "{url}");
        }
    }
}
