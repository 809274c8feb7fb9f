//! What is at a path: where its links lead, and what its bytes are.

use std::collections::BTreeMap;

use layerscope_tree::{Kind, MAX_LINKS, NodeId, Tree};

use crate::display;
use crate::encoding::encoding;
use crate::files::resolve_link;
use crate::session::Session;
use crate::view::{ContentView, ErrorView, Hop, ScopeView};

/// Bytes of a file by which it is told what it is; a JSON document up to this size is read as a whole.
pub const HEAD: usize = 1 << 20;

/// The files that tell what system an image is (`os-release(5)`).
const OS_RELEASE: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

impl Session {
    /// The node at a path; links are followed on the way, and not at the end.
    ///
    /// # Errors
    /// When there is no such path.
    pub fn entry_at(&self, scope: ScopeView, path: &str) -> Result<u32, ErrorView> {
        self.with_tree(scope, |tree| resolve_link(tree, path).map(NodeId::number))
    }
}

/// Where a symbolic link leads, step by step; empty for anything else.
pub(crate) fn hops(tree: &Tree, start: NodeId) -> Vec<Hop> {
    let mut hops = Vec::new();
    let mut at = start;
    while tree.node(at).kind == Kind::Symlink {
        let target = tree.target(at);
        let mut path = Vec::new();
        if !target.starts_with(b"/") {
            path = tree
                .node(at)
                .parent
                .map(|above| tree.path(above))
                .unwrap_or_default();
            path.push(b'/');
        }
        path.extend_from_slice(target);
        let leaves_root = tree.leaves_root(at);
        let found = match hops.len() < MAX_LINKS as usize {
            true => tree.resolve_link(&path),
            false => Err(layerscope_tree::Error::LinkLoop),
        };
        let (next, state) = match found {
            Ok(next) => (Some(next), "found"),
            Err(error) => (None, error.name()),
        };
        // A circle needs no more than one round to be seen.
        let is_known = |next: NodeId| {
            next == start || hops.iter().any(|hop: &Hop| hop.node == Some(next.number()))
        };
        let is_circle = next.is_some_and(is_known);
        hops.push(Hop {
            path: display::stored(&next.map_or(path, |next| tree.path(next))),
            node: next.map(NodeId::number),
            state: if is_circle { "path-link-loop" } else { state },
            leaves_root,
        });
        match next.filter(|_| !is_circle) {
            Some(next) => at = next,
            None => break,
        }
    }
    hops
}

/// What a file is, by its first [`HEAD`] bytes; of an ELF file the rest is still to be read.
#[must_use]
pub fn content(path: &str, size: u64, sha256: String, head: &[u8]) -> ContentView {
    let mut view = ContentView {
        path: path.to_owned(),
        size,
        sha256,
        kind: "binary",
        encoding: None,
        image: image(head),
        elf: None,
        os_release: None,
    };
    let is_whole = head.len() as u64 == size;
    let encoding = encoding(head, is_whole);
    if size == 0 {
        view.kind = "empty";
    } else if head.starts_with(&crate::elf::MAGIC) {
        view.kind = "elf";
    } else if view.image.is_some() {
        view.kind = "image";
    } else if encoding != "binary" {
        view.kind = "text";
        view.encoding = Some(encoding);
        if OS_RELEASE.contains(&path) {
            view.kind = "os-release";
            view.os_release = Some(os_release(&String::from_utf8_lossy(head)));
        } else if is_whole && is_json(head) {
            view.kind = "json";
        }
    }
    view
}

/// An object or an array; a number or a word is text.
fn is_json(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
        && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

fn image(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

/// The assignments of an `os-release` file: a name, `=`, and a value as a shell would read it.
fn os_release(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some((name, value)) = line.split_once('=')
            && !line.starts_with('#')
        {
            found.insert(name.to_owned(), unquoted(value));
        }
    }
    found
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        let Some(inner) = inner else { continue };
        if quote == '\'' {
            return inner.to_owned();
        }
        let mut text = String::new();
        let mut letters = inner.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => text.extend(letters.next()),
                letter => text.push(letter),
            }
        }
        return text;
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(path: &str, bytes: &[u8]) -> &'static str {
        content(path, bytes.len() as u64, String::new(), bytes).kind
    }

    #[test]
    fn kinds() {
        assert_eq!(kind("/a", b""), "empty");
        assert_eq!(kind("/a", b"\x7fELF"), "elf");
        assert_eq!(kind("/a", b"GIF89a"), "image");
        assert_eq!(kind("/a", b" {\"a\": [1]}\n"), "json");
        assert_eq!(kind("/a", b"{\"a\": [1]"), "text");
        assert_eq!(kind("/a", b"12"), "text");
        assert_eq!(kind("/a", b"a\0"), "binary");
        assert_eq!(kind("/etc/os-release", b"ID=a\n"), "os-release");
        // More follows, so that nobody knows whether the document is one.
        assert_eq!(content("/a", 100, String::new(), b"{}").kind, "text");
    }

    #[test]
    fn what_a_system_says_of_itself() {
        let text = "# a comment\nNAME=\"Apple \\\"OS\\\"\"\nID=apple\nEMPTY=\nSINGLE='a\\b'\nno assignment\n";
        let found: Vec<(String, String)> = os_release(text).into_iter().collect();
        let expected = [
            ("EMPTY", ""),
            ("ID", "apple"),
            ("NAME", "Apple \"OS\""),
            ("SINGLE", "a\\b"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(found, expected);
    }
}
