//! A JSON document with line breaks, and nothing else changed.

use layerscope_inspect::display::is_hostile;
use serde::de::IgnoredAny;

/// How deep a document is indented: image documents need about six levels, and indentation grows with the square.
const DEPTH: usize = 64;

/// The document with one value a line; `None` if it is not JSON, or nested deeper than anybody reads.
///
/// Order, repeated keys, numbers and escapes are the document's own: what a reader of the raw bytes may stumble over
/// must not vanish in the readable form. Only characters that a terminal would act on become escapes, which mean the
/// same.
pub(crate) fn indented(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    // An opening bracket waits for what follows, since an empty list stays on its line.
    let mut opened = false;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if in_string {
            push(&mut out, letter);
            match letter {
                '"' => in_string = false,
                '\\' => out.extend(letters.next()),
                _ => {}
            }
            continue;
        }
        if letter.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(letter, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        if opened != closes {
            line(&mut out, depth);
        }
        opened = false;
        out.push(letter);
        match letter {
            '"' => in_string = true,
            '{' | '[' if depth == DEPTH => return None,
            '{' | '[' => {
                depth += 1;
                opened = true;
            }
            ',' => line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
    }
    Some(out)
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A letter of a string.
fn push(out: &mut String, letter: char) {
    if !is_hostile(letter) {
        out.push(letter);
        return;
    }
    for unit in letter.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetitions_stay() {
        let document = "{\"b\":1.50,\"a\" : [ ],\"b\":{\"x\":[1,\n-2e3,{}]} , \"\":null}";
        let expected = "{\n  \"b\": 1.50,\n  \"a\": [],\n  \"b\": {\n    \"x\": [\n      1,\n      -2e3,\n      {}\n    ]\n  },\n  \"\": null\n}";
        assert_eq!(indented(document).unwrap(), expected);
        assert_eq!(indented(expected).unwrap(), expected);
        assert_eq!(indented(" 7 ").unwrap(), "7");
    }

    #[test]
    fn strings_stay_as_they_are_written() {
        let document = r#"["a\"],{:","\\","\u00e9é",""]"#;
        let lines: Vec<String> = indented(document)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(
            lines,
            [
                "[",
                r#"  "a\"],{:","#,
                r#"  "\\","#,
                r#"  "\u00e9é","#,
                r#"  """#,
                "]"
            ]
        );
        let hostile = indented("\"\u{202e}\u{7f}\u{e0041}\"").unwrap();
        assert_eq!(hostile, r#""\u202e\u007f\udb40\udc41""#);
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_not_touched() {
        for document in ["", "{", "{\"a\":1}}", "nonsense", "{'a':1}"] {
            assert_eq!(indented(document), None, "{document}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(indented(&nested(DEPTH)).is_some());
        assert_eq!(indented(&nested(DEPTH + 1)), None);
        assert_eq!(indented(&nested(1_000_000)), None);
    }
}
