//! The core's one function that makes a hostile string safe to read.
//!
//! File names, labels and history come from strangers. Whatever could steer a
//! terminal, reorder text, or hide is shown as an escape; nothing is stripped, so that
//! two different names never look the same. A backslash is escaped too, for the same reason,
//! whenever something else in the string is: a name that holds `\xff` as four characters
//! and one that holds the byte 0xff must differ.

use std::borrow::Cow;
use std::fmt::Write;

/// Bytes as text: invalid UTF-8 as `\xNN`, controls and format characters as `\xNN` or `\u{N}`.
///
/// ```
/// use layerscope_inspect::display::bytes;
/// assert_eq!(bytes(b"etc/motd"), "etc/motd");
/// assert_eq!(bytes(b"caf\xe9"), "caf\\xe9");
/// assert_eq!(bytes("\u{202e}gpj.exe".as_bytes()), "\\u{202e}gpj.exe");
/// assert_eq!(bytes("日本語".as_bytes()), "日本語");
/// ```
#[must_use]
pub fn bytes(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(valid) => text(valid).into_owned(),
        Err(_) => escape(raw),
    }
}

/// Bytes as they are stored, for JSON and for search: valid UTF-8 unchanged, anything else escaped.
///
/// Whoever shows the result to a person still passes it through [`text`].
#[must_use]
pub fn stored(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(valid) => valid.to_owned(),
        Err(_) => escape(raw),
    }
}

/// Text with its dangerous characters shown as escapes.
#[must_use]
pub fn text(raw: &str) -> Cow<'_, str> {
    if raw.chars().any(is_hostile) {
        Cow::Owned(escape(raw.as_bytes()))
    } else {
        Cow::Borrowed(raw)
    }
}

/// Text that may keep its line breaks and tabs, such as a JSON document.
#[must_use]
pub fn lines(raw: &str) -> Cow<'_, str> {
    let kept = |c: char| c == '\n' || c == '\t';
    if !raw.chars().any(|c| is_hostile(c) && !kept(c)) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    for c in raw.chars() {
        if is_hostile(c) && !kept(c) {
            push_escape(&mut out, c);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// True for what a terminal or a text renderer acts on instead of showing it.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

fn escape(raw: &[u8]) -> String {
    let mut out = String::with_capacity(raw.len() + 16);
    for chunk in raw.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' {
                out.push_str("\\\\");
            } else if is_hostile(c) {
                push_escape(&mut out, c);
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            push_byte(&mut out, *byte);
        }
    }
    out
}

fn push_escape(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => push_byte(out, byte),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        },
    }
}

fn push_byte(out: &mut String, byte: u8) {
    let _ = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_survives() {
        for code in 0..=0x10_ffff_u32 {
            let Some(c) = char::from_u32(code) else {
                continue;
            };
            let shown = text(&c.to_string()).into_owned();
            assert!(!shown.chars().any(is_hostile), "U+{code:04X} survives");
        }
    }

    #[test]
    fn escapes_are_injective() {
        let names: [&[u8]; 6] = [b"\\x1b", b"\x1b", b"\\\x1b", b"\xff", b"\\xff\x1b", b"a\\b"];
        let mut shown: Vec<String> = names.iter().map(|name| bytes(name)).collect();
        shown.sort();
        shown.dedup();
        // `\x1b` as four harmless characters stays as it is and equals the escape of ESC:
        // the base64 twin in the JSON tells them apart.
        assert_eq!(shown.len(), names.len() - 1);
    }

    #[test]
    fn a_terminal_sequence_is_shown() {
        assert_eq!(bytes(b"\x1b]52;c;aGk=\x07"), "\\x1b]52;c;aGk=\\x07");
        assert_eq!(bytes("a\u{9b}b".as_bytes()), "a\\u{9b}b");
    }

    #[test]
    fn documents_keep_their_lines() {
        assert_eq!(
            lines("{\n\t\"a\": \"\u{1b}\"\n}"),
            "{\n\t\"a\": \"\\x1b\"\n}"
        );
    }
}
