//! How bytes are read as text, by the same rules as in the page (`web/content.ts`).

/// Bytes in which a NUL makes a file binary, as git does it.
const SNIFFED: usize = 8000;

/// `utf-8`, `utf-8-bom`, `utf-16le`, `utf-16be`; `binary`; or one of the guesses `shift_jis`, `euc-jp` and `latin-1`.
/// `is_whole`: no more bytes follow.
///
/// ```
/// use layerscope_inspect::encoding::encoding;
/// assert_eq!(encoding("りんご".as_bytes(), true), "utf-8");
/// assert_eq!(encoding(b"\xff\xfea\0", true), "utf-16le");
/// assert_eq!(encoding(b"caf\xe9", true), "latin-1");
/// assert_eq!(encoding(b"caf\xc3", false), "utf-8");
/// ```
#[must_use]
pub fn encoding(bytes: &[u8], is_whole: bool) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] => return "utf-16le",
        [0xfe, 0xff, ..] => return "utf-16be",
        _ if bytes.iter().take(SNIFFED).any(|byte| *byte == 0) => return "binary",
        _ => {}
    }
    // A character that is cut at the end is no fault where more follows.
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => !is_whole && error.error_len().is_none(),
    };
    match bytes {
        [0xef, 0xbb, 0xbf, ..] if is_utf8 => "utf-8-bom",
        _ if is_utf8 => "utf-8",
        _ if is_japanese(bytes, euc_jp) => "euc-jp",
        _ if is_japanese(bytes, shift_jis) => "shift_jis",
        _ => "latin-1",
    }
}

/// Takes a character of several bytes: how many they are, and whether it is a kana. `None`: there is no such one.
type Take = fn(u8, &[u8]) -> Option<(usize, bool)>;

/// Whether all bytes are characters of an encoding, and some are kana, without which no Japanese text is.
fn is_japanese(bytes: &[u8], take: Take) -> bool {
    let mut rest = bytes;
    let mut has_kana = false;
    while let Some((first, after)) = rest.split_first() {
        if first.is_ascii() {
            rest = after;
            continue;
        }
        // What is cut at the end may go on.
        if after.len() < 2 && take(*first, &[after, &[0xa4, 0xa4]].concat()).is_some() {
            break;
        }
        let Some((len, is_kana)) = take(*first, after) else {
            return false;
        };
        has_kana |= is_kana;
        rest = rest.get(len..).unwrap_or_default();
    }
    has_kana
}

fn euc_jp(first: u8, after: &[u8]) -> Option<(usize, bool)> {
    let is_high = |at: usize| matches!(after.get(at), Some(0xa1..=0xfe));
    match first {
        0x8e if is_high(0) => Some((2, false)),
        0x8f if is_high(0) && is_high(1) => Some((3, false)),
        0xa1..=0xfe if is_high(0) => Some((2, matches!(first, 0xa4 | 0xa5))),
        _ => None,
    }
}

fn shift_jis(first: u8, after: &[u8]) -> Option<(usize, bool)> {
    let second = after.first().copied().unwrap_or_default();
    match (first, second) {
        (0xa1..=0xdf, _) => Some((1, false)),
        (0x81..=0x9f | 0xe0..=0xfc, 0x40..=0x7e | 0x80..=0xfc) => {
            let is_kana = matches!((first, second), (0x82, 0x9f..) | (0x83, ..=0x96));
            Some((2, is_kana))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        // 「りんごの木」, and 「リンゴ」
        let euc = b"\xa4\xea\xa4\xf3\xa4\xb4\xa4\xce\xcc\xda\n";
        let sjis = b"\x82\xe8\x82\xf1\x82\xb2\x82\xcc\x96\xd8\n";
        for (bytes, expected) in [
            (&b""[..], "utf-8"),
            (b"\xef\xbb\xbfa", "utf-8-bom"),
            (b"\xfe\xff\0a", "utf-16be"),
            (b"a\0b", "binary"),
            (b"\xe3\x82", "utf-8"),
            (b"\xe3\x82a", "latin-1"),
            (euc, "euc-jp"),
            (sjis, "shift_jis"),
            (b"\x83\x8a\x83\x93\x83\x53", "shift_jis"),
            (&euc[..7], "euc-jp"),
            (&sjis[..7], "shift_jis"),
            (b"r\xe9sum\xe9 \xe0 la carte\n", "latin-1"),
            (b"na\xefve\n", "latin-1"),
            (b"\xa9 2026 M\xfcller\n", "latin-1"),
        ] {
            assert_eq!(encoding(bytes, false), expected, "{bytes:x?}");
        }
    }
}
