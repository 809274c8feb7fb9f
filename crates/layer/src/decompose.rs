//! Letters taken apart, so that two ways to write one name can be compared.
//!
//! A file system that normalizes names, such as macOS's, takes `é` and `e` with a combining accent for the same. Taken
//! apart are the letters that file names have in practice: Latin-1, Latin Extended-A, kana and Hangul (Unicode,
//! section 3.7, "Decomposition", and 3.12). The whole table would be larger than the rest of this crate. Whatever is
//! equal here is equal in Unicode too; other scripts, and marks in another order, stay different.

/// What Latin letters from U+00C0 on are made of; a space for those that are not.
const LATIN: &[u8; 192] = b"AAAAAA CEEEEIIII NOOOOO  UUUUY  aaaaaa ceeeeiiii nooooo  uuuuy y\
    AaAaAaCcCcCcCcDd  EeEeEeEeEeGgGgGgGgHh  IiIiIiIiI   JjKk LlLlLl \
    \x20  NnNnNn   OoOoOo  RrRrRrSsSsSsSsTtTt  UuUuUuUuUuUuWwYyYZzZzZz ";

/// Their marks, as the distance from U+0300, counted from `@`.
const MARKS: &[u8; 192] = b"@ABCHJ g@ABH@ABH C@ABCH  @ABHA  @ABCHJ g@ABH@ABH C@ABCH  @ABHA H\
    DDFFhhAABBGGLLLL  DDFFGGhhLLBBFFGGggBB  CCDDFFhhG   BBgg AAggLL \
    \x20  AAggLL   DDFFKK  AAggLLAABBggLLggLL  CCDDFFJJKKhhBBBBHAAGGLL ";

/// A letter and the marks on it, or the parts of a Hangul syllable.
pub(crate) fn decompose(letter: char) -> impl Iterator<Item = char> {
    let code = u32::from(letter);
    let parts = match code {
        0xc0..0x180 => latin(code),
        0x3041..0x3100 => kana(code),
        0xac00..0xd7a4 => hangul(code - 0xac00),
        _ => [code, 0, 0],
    };
    // No path has a NUL.
    let parts = parts.into_iter().filter(|part| *part != 0);
    parts.filter_map(char::from_u32)
}

fn latin(code: u32) -> [u32; 3] {
    let at = (code - 0xc0) as usize;
    match (LATIN.get(at), MARKS.get(at)) {
        (Some(base), Some(mark)) if *base != b' ' => [
            u32::from(*base),
            0x300 + u32::from(mark.saturating_sub(b'@')),
            0,
        ],
        _ => [code, 0, 0],
    }
}

fn kana(code: u32) -> [u32; 3] {
    const VOICED: u32 = 0x3099;
    const HALF_VOICED: u32 = 0x309a;
    // Katakana stand as hiragana do.
    let hiragana = if code > 0x30a0 { code - 0x60 } else { code };
    match hiragana {
        0x304c..=0x3062 if hiragana % 2 == 0 => [code - 1, VOICED, 0],
        0x3065 | 0x3067 | 0x3069 | 0x309e => [code - 1, VOICED, 0],
        0x3070..=0x307d if hiragana % 3 == 1 => [code - 1, VOICED, 0],
        0x3070..=0x307d if hiragana % 3 == 2 => [code - 2, HALF_VOICED, 0],
        0x3094 => [code - 0x4e, VOICED, 0],
        0x3097..=0x309a if code > 0x30a0 => [code - 8, VOICED, 0],
        _ => [code, 0, 0],
    }
}

fn hangul(syllable: u32) -> [u32; 3] {
    let tail = match syllable % 28 {
        0 => 0,
        tail => 0x11a7 + tail,
    };
    [0x1100 + syllable / 588, 0x1161 + syllable % 588 / 28, tail]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_apart() {
        for (whole, parts) in [
            ('a', "a"),
            ('À', "A\u{300}"),
            ('é', "e\u{301}"),
            ('Å', "A\u{30a}"),
            ('ÿ', "y\u{308}"),
            ('ß', "ß"),
            ('×', "×"),
            ('ø', "ø"),
            ('ı', "ı"),
            ('İ', "I\u{307}"),
            ('ą', "a\u{328}"),
            ('ő', "o\u{30b}"),
            ('ř', "r\u{30c}"),
            ('ţ', "t\u{327}"),
            ('Ž', "Z\u{30c}"),
            ('ſ', "ſ"),
            ('か', "か"),
            ('が', "か\u{3099}"),
            ('づ', "つ\u{3099}"),
            ('っ', "っ"),
            ('は', "は"),
            ('ば', "は\u{3099}"),
            ('ぽ', "ほ\u{309a}"),
            ('ゔ', "う\u{3099}"),
            ('ゞ', "ゝ\u{3099}"),
            ('ヷ', "ワ\u{3099}"),
            ('ヺ', "ヲ\u{3099}"),
            ('ポ', "ホ\u{309a}"),
            ('ヴ', "ウ\u{3099}"),
            ('\u{3099}', "\u{3099}"),
            ('가', "\u{1100}\u{1161}"),
            ('각', "\u{1100}\u{1161}\u{11a8}"),
            ('힣', "\u{1112}\u{1175}\u{11c2}"),
            ('漢', "漢"),
        ] {
            assert_eq!(decompose(whole).collect::<String>(), parts, "{whole}");
        }
    }

    /// Counted from Unicode's own table: a slip in one of the two lines above would be seen here.
    #[test]
    fn as_many_letters_come_apart_as_unicode_says() {
        let apart = |range: std::ops::Range<u32>| {
            let letters = range.filter_map(char::from_u32);
            letters.filter(|it| decompose(*it).count() > 1).count()
        };
        assert_eq!(apart(0xc0..0x180), 161);
        assert_eq!(apart(0x3041..0x3100), 58);
        assert_eq!(apart(0xac00..0xd7a4), 11_172);
    }
}
