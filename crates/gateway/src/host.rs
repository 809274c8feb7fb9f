//! Hosts as people name them, in references, in configuration and on the command line.

use std::fmt;
use std::str::FromStr;

use crate::origin::Origin;

/// The longest host name that DNS can carry (RFC 1035, section 2.3.4, as text).
const MAX_NAME: usize = 253;

/// A registry's host: a name or an address, and a port if it was given.
///
/// The name is in lower case, and an IPv6 address is kept without its brackets. The names that
/// Docker Hub goes by (`index.docker.io`, `registry-1.docker.io`) are all `docker.io`.
///
/// ```
/// use layerscope_gateway::Host;
///
/// let host: Host = "Registry.Example.org:5000".parse()?;
/// assert_eq!(host.to_string(), "registry.example.org:5000");
/// assert_eq!("index.docker.io".parse::<Host>()?, "docker.io".parse()?);
/// assert!("user@registry.example.org".parse::<Host>().is_err());
/// # Ok::<(), layerscope_gateway::InvalidHost>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

/// A text that names no host in the grammar of references (`domain` in distribution's `reference` package).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a host, or a host and a port")]
pub struct InvalidHost {
    /// What was given.
    pub text: String,
}

impl Host {
    /// The name or the address, without brackets and port.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, if one was given; otherwise the scheme's own is meant.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether a request to `origin` is a request to this host.
    pub(crate) fn is_at(&self, origin: &Origin) -> bool {
        self.name == canonical_name(origin.name())
            && self.port.unwrap_or(origin.scheme().port()) == origin.port()
    }
}

impl FromStr for Host {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        let invalid = || InvalidHost {
            text: text.to_owned(),
        };
        let (name, rest) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (address, rest) = bracketed.split_once(']').ok_or_else(invalid)?;
                let address: std::net::Ipv6Addr = address.parse().map_err(|_| invalid())?;
                (address.to_string(), rest)
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                let (name, rest) = text.split_at(end);
                if !is_domain(name) {
                    return Err(invalid());
                }
                (canonical_name(&name.to_ascii_lowercase()).to_owned(), rest)
            }
        };
        let port = match rest.strip_prefix(':') {
            Some(digits) if is_port(digits) => Some(digits.parse().map_err(|_| invalid())?),
            None if rest.is_empty() => None,
            _ => return Err(invalid()),
        };
        Ok(Self { name, port })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]", self.name)?;
        } else {
            f.write_str(&self.name)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// Docker Hub's API and its old index answer to other names than the one in references.
fn canonical_name(name: &str) -> &str {
    match name {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        other => other,
    }
}

fn is_domain(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().is_some_and(u8::is_ascii_alphanumeric)
                && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
                && bytes
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        })
}

/// Digits only: `u16::from_str` would take a sign, too.
fn is_port(digits: &str) -> bool {
    digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_in_the_grammar_of_references() {
        for (text, canonical) in [
            ("docker.io", "docker.io"),
            ("Index.Docker.io", "docker.io"),
            ("registry-1.docker.io", "docker.io"),
            ("localhost", "localhost"),
            ("localhost:5000", "localhost:5000"),
            ("127.0.0.1:65535", "127.0.0.1:65535"),
            ("[::1]:5000", "[::1]:5000"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("XN--Bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            let host: Host = text.parse().expect(text);
            assert_eq!(host.to_string(), canonical);
            assert_eq!(canonical.parse(), Ok(host));
        }
        for text in [
            "",
            ".",
            "a..b",
            "-a",
            "a-",
            "a_b",
            "a/b",
            "a:",
            "a:0",
            "a:+1",
            "a:65536",
            "a:1:2",
            "[::1",
            "::1",
            "[fe80::1%eth0]",
            "[127.0.0.1]",
            "u@a",
            "a b",
            "a%2fb",
            "bücher.example",
        ] {
            assert!(text.parse::<Host>().is_err(), "{text:?} is no host");
        }
    }

    #[test]
    fn a_host_without_a_port_means_the_scheme_s_own() {
        let at = |host: &str, url: &str| {
            let origin = Origin::of(url).expect(url);
            host.parse::<Host>().expect(host).is_at(&origin)
        };
        assert!(at("ghcr.io", "https://ghcr.io/v2/"));
        assert!(at("ghcr.io:443", "https://ghcr.io/v2/"));
        assert!(at("ghcr.io", "https://GHCR.io:443/v2/"));
        assert!(at("docker.io", "https://registry-1.docker.io/v2/"));
        assert!(at("[::1]:5000", "http://[::1]:5000/v2/"));
        assert!(!at("ghcr.io", "https://ghcr.io:8443/v2/"));
        assert!(!at("ghcr.io", "https://ghcr.io.evil.example/v2/"));
        assert!(!at("localhost:5000", "http://localhost:5001/v2/"));
        assert!(!at("localhost:443", "http://localhost/v2/"));
    }
}
