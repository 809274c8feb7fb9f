//! Output as text that may stand in a file: what no editor shows truly is written as an escape.

use std::fmt::Write as _;

const DASHES: &str = "--- ";

/// Bytes as text. Only line breaks and printable UTF-8 stand for themselves.
pub(crate) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\n' => text.push('\n'),
                '\\' => text.push_str("\\\\"),
                _ if is_hidden(letter) => {
                    for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                        push(&mut text, byte);
                    }
                }
                _ => text.push(letter),
            }
        }
        for byte in chunk.invalid() {
            push(&mut text, *byte);
        }
    }
    // Three dashes would begin a section.
    if text.starts_with(DASHES) {
        text.replace_range(..1, "\\x2d");
    }
    text.replace(&format!("\n{DASHES}"), "\n\\x2d-- ")
}

/// The bytes that [`escaped`] made the text of.
pub(crate) fn unescaped(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(after) = after.strip_prefix('\\') {
            bytes.push(b'\\');
            rest = after;
            continue;
        }
        let hex = after.strip_prefix('x').and_then(|after| after.get(..2));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.ok_or_else(|| format!("expected \\\\ or \\xNN, found \\{after}"))?);
        rest = &after[3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// What steers a terminal, reorders text, or hides: written down here a second time, so that the tests do not
/// believe the program's own list. (Unicode's categories Cc and Cf, and the separators of lines and paragraphs.)
pub(crate) fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(u32::from(letter),
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2 | 0x180e
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb
            | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
            | 0xe0001 | 0xe0020..=0xe007f)
}

fn push(text: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\\x{byte:02x}");
}

#[test]
fn escapes_lose_nothing() {
    let all: Vec<u8> = (0..=255).collect();
    for bytes in [
        &all[..],
        "--- a\n--- \\b\u{202e}c\u{1b}[2J\n\t日本".as_bytes(),
        b"",
        b"\\x41",
    ] {
        let text = escaped(bytes);
        assert_eq!(unescaped(&text).unwrap(), bytes, "{text}");
        assert!(
            !text
                .chars()
                .any(|letter| letter != '\n' && is_hidden(letter)),
            "{text}"
        );
    }
    assert!(unescaped("\\q").is_err());
}
