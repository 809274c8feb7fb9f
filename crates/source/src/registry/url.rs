//! As much of URLs (RFC 3986) as following a registry safely needs.

use core::net::{Ipv4Addr, Ipv6Addr};

/// The longest URL that is followed, in bytes. Signed storage URLs reach two thousand.
const LONGEST: usize = 16 << 10;

/// Who answers a URL: what `Authorization` may not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Whether the scheme is https, not http.
    pub(crate) secure: bool,
    /// In lower case; an IPv6 address with its brackets.
    pub(crate) host: String,
    /// The port, the scheme's own one if the URL names none.
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an absolute http or https URL.
    pub(crate) fn of(url: &str) -> Result<Self, &'static str> {
        let (secure, rest) = split_scheme(url)?;
        if url.len() > LONGEST {
            return Err("it is too long");
        }
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains('\\') {
            return Err("it holds characters that a URL must escape");
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err("it holds a user name");
        }
        let (host, port) = split_port(authority);
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err("its host is malformed");
        }
        let port = match port {
            None | Some("") => default_port(secure),
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                port.parse().map_err(|_| "its port is out of range")?
            }
            Some(_) => return Err("its port is malformed"),
        };
        Ok(Self { secure, host, port })
    }

    /// The host, with the port unless it is the scheme's own.
    pub(crate) fn authority(&self) -> String {
        if self.port == default_port(self.secure) {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether the host is an address, or a name for one, that is not on the public internet. A name
    /// that only resolves to such an address is the driver's to find out.
    pub(crate) fn is_private(&self) -> bool {
        let host = self.host.strip_suffix('.').unwrap_or(&self.host);
        if let Some(address) = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            return address.parse().map_or(true, is_private_v6);
        }
        if host == "localhost" || host.ends_with(".localhost") {
            return true;
        }
        match host.parse::<Ipv4Addr>() {
            Ok(address) => is_private_v4(address),
            // `127.1`, `0x7f000001` and `2130706433` are addresses to some resolvers.
            Err(_) => host.rsplit('.').next().is_some_and(is_number),
        }
    }

    /// Whether the host is this machine itself.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host.strip_suffix('.').unwrap_or(&self.host);
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || host
                .parse::<Ipv4Addr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn split_scheme(url: &str) -> Result<(bool, &str), &'static str> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err("it is not absolute");
    };
    if scheme.eq_ignore_ascii_case("https") {
        Ok((true, rest))
    } else if scheme.eq_ignore_ascii_case("http") {
        Ok((false, rest))
    } else {
        Err("its scheme is neither https nor http")
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let bracket = authority.rfind(']').map_or(0, |at| at.saturating_add(1));
    let after = authority.get(bracket..).unwrap_or_default();
    match after.rfind(':') {
        Some(colon) => (
            authority
                .get(..bracket.saturating_add(colon))
                .unwrap_or_default(),
            after.get(colon.saturating_add(1)..),
        ),
        None => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        return rest
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    !host.is_empty()
        && host.len() <= 253
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x");
    match hexadecimal {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || first == 0
        || first >= 240
        // Carrier-grade NAT (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544).
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let head = address.segments().first().copied().unwrap_or_default();
    if let Some(inner) = embedded_v4(address) {
        return is_private_v4(inner);
    }
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || head & 0xfe00 == 0xfc00
        || head & 0xffc0 == 0xfe80
        || head & 0xffc0 == 0xfec0
}

/// The IPv4 address that an IPv4-mapped, NAT64 or 6to4 address leads to.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(from(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(from(high, low)),
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

/// The URL that `location` means in an answer from `base` (RFC 3986, section 5), without a fragment.
///
/// `base` may be relative to a page, as a gateway's URLs are; then a relative `location` stays so.
pub(crate) fn resolve(base: &str, location: &str) -> Result<String, &'static str> {
    let location = location.split('#').next().unwrap_or_default();
    if location.is_empty() {
        return Err("it is empty");
    }
    if !location.bytes().all(|byte| byte.is_ascii_graphic()) || location.contains('\\') {
        return Err("it holds characters that a URL must escape");
    }
    if has_scheme(location) {
        Origin::of(location)?;
        return Ok(location.to_owned());
    }
    let (scheme, rest) = match base.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, base),
    };
    if location.starts_with("//") {
        let Some(scheme) = scheme else {
            return Err("it is relative to an unknown scheme");
        };
        let url = format!("{scheme}:{location}");
        Origin::of(&url)?;
        return Ok(url);
    }
    let path_start = match scheme {
        Some(_) => rest.find(['/', '?']).unwrap_or(rest.len()),
        None => 0,
    };
    let (authority, path) = rest.split_at(path_start);
    let path = path.split('?').next().unwrap_or_default();
    let target = if location.starts_with('/') {
        location.to_owned()
    } else if location.starts_with('?') {
        format!("{path}{location}")
    } else {
        let directory = path
            .rfind('/')
            .map_or("/", |at| path.get(..at.saturating_add(1)).unwrap_or("/"));
        format!("{directory}{location}")
    };
    Ok(match scheme {
        Some(scheme) => format!("{scheme}://{authority}{target}"),
        None => target,
    })
}

fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// A URL as it may be shown: without its query, which may be a secret, and without a user name.
pub(crate) fn redacted(url: &str) -> String {
    let (before, query) = match url.split_once('?') {
        Some((before, _)) => (before, "?…"),
        None => (url, ""),
    };
    let shown = match before.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => before.to_owned(),
    };
    crate::error::quoted(&format!("{shown}{query}"))
}

/// `text` with everything but letters, digits and `-._~` percent-encoded.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 0xf] {
                let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                encoded.push(digit.to_ascii_uppercase());
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_compare_scheme_host_and_port() {
        let origin = |url| Origin::of(url).unwrap();
        assert_eq!(
            origin("https://a.example/x"),
            origin("HTTPS://A.example:443?y")
        );
        assert_ne!(origin("https://a.example"), origin("http://a.example"));
        assert_ne!(origin("https://a.example"), origin("https://a.example:444"));
        assert_ne!(origin("https://a.example"), origin("https://b.a.example"));
        assert_eq!(origin("http://[::1]:5000/").authority(), "[::1]:5000");
        assert_eq!(origin("https://a.example:443/").authority(), "a.example");
    }

    #[test]
    fn what_is_no_plain_url_is_refused() {
        for url in [
            "a.example/x",
            "ftp://a.example/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://user@a.example/",
            "https://user:word@a.example/",
            "https://a.example\\@b.example/",
            "https://a.example/\r\nx: y",
            "https:///x",
            "https://a..example:x/",
            "https://a.example:99999/",
            "https://[::1/",
            "https://[fe80::1%25eth0]/",
            "https://a%2eexample/",
        ] {
            assert!(Origin::of(url).is_err(), "{url}");
        }
    }

    #[test]
    fn private_addresses_are_told_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "017700000001",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "localhost",
            "registry.localhost",
            "localhost.",
            "127.0.0.1.",
            "[::1]",
            "[::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
        ] {
            let origin = Origin::of(&format!("https://{host}/")).unwrap();
            assert!(origin.is_private(), "{host}");
        }
        for host in [
            "registry-1.docker.io",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "[2606:4700::1111]",
            "[::ffff:8.8.8.8]",
            "10.0.0.1.example",
            "localhost.example",
        ] {
            let origin = Origin::of(&format!("https://{host}/")).unwrap();
            assert!(!origin.is_private(), "{host}");
        }
    }

    #[test]
    fn locations_resolve_against_the_url_that_was_asked() {
        let base = "https://r.example/v2/a/tags/list?n=2";
        for (location, expected) in [
            ("https://s.example/x?y#z", "https://s.example/x?y"),
            ("//s.example/x", "https://s.example/x"),
            ("/v2/b", "https://r.example/v2/b"),
            ("more", "https://r.example/v2/a/tags/more"),
            ("?last=b", "https://r.example/v2/a/tags/list?last=b"),
        ] {
            assert_eq!(resolve(base, location).unwrap(), expected, "{location}");
        }
        assert_eq!(
            resolve("https://r.example?x", "y").unwrap(),
            "https://r.example/y"
        );
        assert_eq!(resolve("/registry/r/v2/", "/v2/x").unwrap(), "/v2/x");
        for location in [
            "",
            "#top",
            "ftp://s.example",
            "javascript:x",
            "/a b",
            "/a\r\nb",
            "data:,x",
        ] {
            assert!(resolve(base, location).is_err(), "{location:?}");
        }
        assert!(resolve("/registry/r/v2/", "//s.example").is_err());
    }

    #[test]
    fn shown_urls_hold_no_secret() {
        assert_eq!(
            redacted("https://me:word@s.example/blob?sig=abc"),
            "https://s.example/blob?…"
        );
        assert_eq!(redacted("/registry/r/v2/?secret"), "/registry/r/v2/?…");
    }
}
