//! Percent-encoding (RFC 3986, section 2.1).

/// Undoes the encoding once. None if a `%` is not followed by two digits, or bytes come out that are
/// not UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// Encodes everything but unreserved characters, so that the text is one value wherever it stands.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_undone_once() {
        for text in ["", "a-z_0.9~", "ghcr.io/a:1@sha256:0", "é %2f+&=#", "\0"] {
            assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
        }
        assert_eq!(encoded("a/b c:é"), "a%2Fb%20c%3A%C3%A9");
        assert_eq!(decoded("%252f").as_deref(), Some("%2f"));
        for text in ["%", "%2", "%zz", "%+1", "%ff", "%2é"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
