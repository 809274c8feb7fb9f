//! The long listings of GNU tar and bsdtar, read back.

use crate::facts::Facts;

/// `-rw-r--r-- 0/0    10 1970-01-01 00:00:00 name`, as `--full-time --quoting-style=escape` has it.
pub(crate) fn gnu(listed: &str) -> Vec<Facts> {
    let entry = |line: &str| {
        let mut rest = line;
        let mode = word(&mut rest);
        word(&mut rest);
        let size = word(&mut rest);
        word(&mut rest);
        // A time that no calendar has is one number.
        if rest.trim_start().get(2..3) == Some(":") && rest.trim_start().get(5..6) == Some(":") {
            word(&mut rest);
        }
        let letter = mode.as_bytes()[0];
        // Times are as wide as the widest so far; no name here begins with a blank.
        let name = rest.trim_start_matches(' ');
        let ends: &[&str] = match letter {
            b'V' => &["--Volume Header--"],
            b'M' => &["--Continued at byte"],
            b'?' => &[" unknown file type "],
            b'-' | b'C' | b'd' => &[],
            _ => &[" -> ", " link to "],
        };
        facts(letter, size, name, ends)
    };
    listed.lines().map(entry).collect()
}

/// `-rw-r--r--  0 0      0          10 Jan  1  1970 name`.
pub(crate) fn bsd(listed: &str) -> Vec<Facts> {
    let entry = |line: &str| {
        let mut rest = line;
        let mode = word(&mut rest);
        for _ in ["links", "user", "group"] {
            word(&mut rest);
        }
        let size = word(&mut rest);
        for _ in ["month", "day", "time or year"] {
            word(&mut rest);
        }
        let name = rest.strip_prefix(' ').unwrap_or(rest);
        // A hard link has the letter of the file that it is a name of.
        let letter = match name.contains(" link to ") {
            true => b'h',
            false => mode.as_bytes()[0],
        };
        facts(letter, size, name, &[" -> ", " link to "])
    };
    listed.lines().map(entry).collect()
}

fn facts(letter: u8, size: &str, name: &str, ends: &[&str]) -> Facts {
    let kind = match letter {
        b'-' => b'f',
        b'd' | b'l' | b'h' | b'c' | b'b' | b'p' => letter,
        _ => b'?',
    };
    let split = ends.iter().find_map(|end| name.split_once(end));
    let (name, link) = split.unwrap_or((name, ""));
    Facts {
        name: unescaped(name),
        kind,
        // A device has two numbers in this place.
        size: size.parse().unwrap_or(0),
        link: match kind {
            b'l' | b'h' => unescaped(link),
            _ => Vec::new(),
        },
        details: None,
        offset: 0,
    }
}

/// The next word, and what follows it.
fn word<'a>(rest: &mut &'a str) -> &'a str {
    let text = rest.trim_start_matches(' ');
    let (word, after) = text.split_at(text.find(' ').unwrap_or(text.len()));
    *rest = after;
    word
}

/// Undoes the escapes of C.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        (bytes, rest) = match (first, after) {
            (
                b'\\',
                [
                    a @ b'0'..=b'3',
                    b @ b'0'..=b'7',
                    c @ b'0'..=b'7',
                    after @ ..,
                ],
            ) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                (bytes, after)
            }
            (b'\\', [letter, after @ ..]) => {
                bytes.push(match letter {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    other => *other,
                });
                (bytes, after)
            }
            _ => {
                bytes.push(*first);
                (bytes, after)
            }
        };
    }
    bytes
}

#[test]
fn listings_read_back() {
    let listed = "\
-rw-r--r-- 0/0               1 1970-01-01 00:00:00 two words\\n\\303\\251\\\\
lrwxrwxrwx 0/0               0 1969-12-31 23:59:59.5 a -> b c
hrwxrwxrwx 0/0               0 67768036191676799 a link to b
crw-r--r-- 0/0             7,8 1970-01-01 00:00:00 device
?rw-r--r-- 0/0               1 1970-01-01 00:00:00 a unknown file type ‘Z’
";
    let read: Vec<_> = gnu(listed)
        .into_iter()
        .map(|facts| (facts.kind, facts.name, facts.link, facts.size))
        .collect();
    let expected: [(u8, &[u8], &[u8], u64); 5] = [
        (b'f', b"two words\n\xc3\xa9\\", b"", 1),
        (b'l', b"a", b"b c", 0),
        (b'h', b"a", b"b", 0),
        (b'c', b"device", b"", 0),
        (b'?', b"a", b"", 1),
    ];
    let expected =
        expected.map(|(kind, name, link, size)| (kind, name.to_vec(), link.to_vec(), size));
    assert_eq!(read, expected);

    let listed = "\
-rw-r--r--  0 0      0          10 Jan  1  1970 a b
-rw-r--r--  0 0      0           0 Jan  1 00:00 b link to a
";
    let read = bsd(listed);
    assert_eq!((read[0].name.as_slice(), read[0].size), (&b"a b"[..], 10));
    assert_eq!((read[1].kind, read[1].link.as_slice()), (b'h', &b"a"[..]));
}
