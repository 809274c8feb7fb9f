//! Filters by what an entry is, typed as words beside the text that paths are searched for.
//!
//! `size:>1M suid: *.so` asks for large programs with the setuid bit whose name ends so: each word narrows what the
//! others leave. In quotes all of it is text.

use layerscope_layer::{Entry, LayerIndex};
use layerscope_tree::{Kind, Node, NodeId, Tree};

use crate::capability;
use crate::copies::Copies;
use crate::files::entry_of;
use crate::search::{Matcher, PatternError};

/// What is searched for: facets, all of which have to hold, and a pattern of the path.
#[derive(Debug)]
pub struct Query {
    pub(crate) facets: Vec<Facet>,
    pub(crate) matcher: Matcher,
}

/// One thing that an entry can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    /// Files of more bytes.
    Larger(u64),
    /// Files of fewer bytes.
    Smaller(u64),
    /// Files and directories that have one of these bits.
    Mode(u32),
    /// Files that somebody may execute.
    Executable,
    /// Of this user.
    User(u64),
    /// Of this group.
    Group(u64),
    /// With capabilities.
    Capabilities,
    /// With other extended attributes.
    Xattrs,
    /// Symbolic links.
    Link,
    /// Symbolic links that lead to nothing.
    BrokenLink,
    /// Symbolic links that climb above the root.
    OutsideLink,
    /// Files whose content others have, too.
    Copy,
}

const SETUID: u32 = 0o4000;
const SETGID: u32 = 0o2000;
const WRITABLE_BY_ALL: u32 = 0o002;

impl Query {
    /// Reads what was typed: words such as `suid:` are facets, and what is left is a pattern for [`Matcher::read`]; in quotes
    /// it is a part of the path.
    ///
    /// `size:>1M` and `size:<10k` (with `k`, `M`, `G` for powers of 1000, `Ki`, `Mi`, `Gi` of 1024), `suid:`, `sgid:`,
    /// `ww:` (writable by everybody), `exec:`, `uid:0`, `gid:0`, `cap:`, `xattr:`, `link:`, `link:broken`, `link:out` and `dup:`.
    ///
    /// # Errors
    /// When a regular expression or the value of a facet is malformed.
    pub fn read(text: &str) -> Result<Query, PatternError> {
        let mut facets = Vec::new();
        // The pattern keeps the spaces within it.
        let mut pattern = String::new();
        let mut is_quoted = false;
        for word in text.split(' ') {
            is_quoted |= word.starts_with('"');
            let facet = match is_quoted {
                true => None,
                false => Facet::read(word)?,
            };
            is_quoted &= word.len() == 1 || !word.ends_with('"');
            match facet {
                Some(facet) => facets.push(facet),
                None if pattern.is_empty() => pattern.push_str(word),
                None => {
                    pattern.push(' ');
                    pattern.push_str(word);
                }
            }
        }
        if !facets.is_empty() {
            pattern = pattern.trim().to_owned();
        }
        let quoted = pattern
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let matcher = match quoted {
            Some(quoted) => Matcher::part(quoted),
            None => Matcher::read(&pattern)?,
        };
        Ok(Query { facets, matcher })
    }

    /// Whether copies have to be known before anything can be told.
    pub(crate) fn wants_copies(&self) -> bool {
        self.facets.contains(&Facet::Copy)
    }
}

impl Facet {
    /// The facet that a word is; `None` for a word of the pattern.
    fn read(word: &str) -> Result<Option<Facet>, PatternError> {
        let Some((name, value)) = word.split_once(':') else {
            return Ok(None);
        };
        let known = match (name, value) {
            ("suid", "") => Some(Facet::Mode(SETUID)),
            ("sgid", "") => Some(Facet::Mode(SETGID)),
            ("ww", "") => Some(Facet::Mode(WRITABLE_BY_ALL)),
            ("exec", "") => Some(Facet::Executable),
            ("cap", "") => Some(Facet::Capabilities),
            ("xattr", "") => Some(Facet::Xattrs),
            ("dup", "") => Some(Facet::Copy),
            ("link", "") => Some(Facet::Link),
            ("link", "broken") => Some(Facet::BrokenLink),
            ("link", "out") => Some(Facet::OutsideLink),
            ("size", value) => match value.split_at_checked(1) {
                Some((">", size)) => bytes(size).map(Facet::Larger),
                Some(("<", size)) => bytes(size).map(Facet::Smaller),
                _ => None,
            },
            ("uid", value) => value.parse().ok().map(Facet::User),
            ("gid", value) => value.parse().ok().map(Facet::Group),
            ("suid" | "sgid" | "ww" | "exec" | "cap" | "xattr" | "dup" | "link", _) => None,
            _ => return Ok(None),
        };
        match known {
            Some(facet) => Ok(Some(facet)),
            None => Err(PatternError {
                pattern: word.to_owned(),
                expected: "a filter",
                why: "there are size:>1M, size:<1M, suid:, sgid:, ww:, exec:, uid:0, gid:0, cap:, xattr:, link:, \
                      link:broken, link:out and dup:; in quotes it is text"
                    .to_owned(),
            }),
        }
    }

    /// Whether it holds for a node.
    pub(crate) fn holds(self, of: &Subject<'_>) -> bool {
        let Subject { tree, id, node, .. } = of;
        let is_file = node.kind == Kind::File;
        let is_link = node.kind == Kind::Symlink;
        let entry = of.entry.as_ref();
        let mode = entry.map_or(0, |entry| entry.mode);
        let has_xattr = |is_wanted: &dyn Fn(&[u8]) -> bool| {
            entry.is_some_and(|entry| entry.xattrs().any(|(name, _)| is_wanted(name)))
        };
        match self {
            Facet::Larger(size) => is_file && node.size > size,
            Facet::Smaller(size) => is_file && node.size < size,
            // The mode of a symbolic link says nothing.
            Facet::Mode(bits) => !is_link && mode & bits != 0,
            Facet::Executable => is_file && mode & 0o111 != 0,
            Facet::User(user) => entry.map_or(0, |entry| entry.uid) == user,
            Facet::Group(group) => entry.map_or(0, |entry| entry.gid) == group,
            Facet::Capabilities => has_xattr(&|name| name == capability::XATTR),
            Facet::Xattrs => has_xattr(&|name| name != capability::XATTR),
            Facet::Link => is_link,
            Facet::BrokenLink => is_link && tree.resolve(&tree.path(*id)).is_err(),
            Facet::OutsideLink => is_link && tree.leaves_root(*id),
            Facet::Copy => {
                is_file
                    && of
                        .copies
                        .is_some_and(|copies| copies.has_others(node, entry))
            }
        }
    }
}

/// A node with all that facets ask of it.
pub(crate) struct Subject<'a> {
    tree: &'a Tree,
    id: NodeId,
    node: Node<'a>,
    entry: Option<Entry<'a>>,
    copies: Option<&'a Copies>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        tree: &'a Tree,
        indexes: &[Option<&'a LayerIndex>],
        id: NodeId,
        copies: Option<&'a Copies>,
    ) -> Subject<'a> {
        let node = tree.node(id);
        Subject {
            tree,
            id,
            node,
            entry: entry_of(indexes, node.content),
            copies,
        }
    }
}

/// `10`, `10k`, `10kB`, `10Ki`; `None` for what is no such number, or none of 64 bits.
fn bytes(text: &str) -> Option<u64> {
    let text = text.strip_suffix(['b', 'B']).unwrap_or(text);
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (digits, unit) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let factor = match unit {
        "" => 1,
        "k" | "K" => 1000,
        "m" | "M" => 1_000_000,
        "g" | "G" => 1_000_000_000,
        "Ki" | "ki" => 1 << 10,
        "Mi" | "mi" => 1 << 20,
        "Gi" | "gi" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (word, facet) in [
            ("size:>1M", Facet::Larger(1_000_000)),
            ("size:<10kB", Facet::Smaller(10_000)),
            ("size:>2Ki", Facet::Larger(2048)),
            ("size:>7", Facet::Larger(7)),
            ("suid:", Facet::Mode(SETUID)),
            ("sgid:", Facet::Mode(SETGID)),
            ("ww:", Facet::Mode(WRITABLE_BY_ALL)),
            ("exec:", Facet::Executable),
            ("uid:0", Facet::User(0)),
            ("gid:1000", Facet::Group(1000)),
            ("cap:", Facet::Capabilities),
            ("xattr:", Facet::Xattrs),
            ("link:", Facet::Link),
            ("link:broken", Facet::BrokenLink),
            ("link:out", Facet::OutsideLink),
            ("dup:", Facet::Copy),
        ] {
            let query = Query::read(word).unwrap();
            assert_eq!(query.facets, [facet], "{word}");
            assert!(query.matcher.matches("/any/path"));
        }
    }

    #[test]
    fn words_and_a_pattern() {
        let query = Query::read("suid: *.so size:>1M").unwrap();
        assert_eq!(query.facets.len(), 2);
        assert!(query.matcher.matches("/lib/a.so"));
        assert!(!query.matcher.matches("/lib/a.so.1"));
        let query = Query::read("a b").unwrap();
        assert!(query.facets.is_empty());
        assert!(query.matcher.matches("/has a b"));
        // Two spaces are two, where no facet is.
        assert!(!Query::read("a  b").unwrap().matcher.matches("/has a b"));
        assert!(
            Query::read("exec: /^.bin/")
                .unwrap()
                .matcher
                .matches("/bin/sh")
        );
        // What only looks like a facet is text.
        for text in ["C:", "a::b", ":", "http://x"] {
            assert!(Query::read(text).unwrap().facets.is_empty(), "{text}");
        }
    }

    #[test]
    fn in_quotes_it_is_text() {
        for text in ["\"suid:\"", "\"a suid: b\""] {
            let query = Query::read(text).unwrap();
            assert!(query.facets.is_empty());
            assert!(
                query
                    .matcher
                    .matches(&format!("/{}", text.trim_matches('"')))
            );
        }
        let query = Query::read("exec: \"suid: b\" ww:").unwrap();
        assert_eq!(
            query.facets,
            [Facet::Executable, Facet::Mode(WRITABLE_BY_ALL)]
        );
        assert!(query.matcher.matches("/a suid: b"));
        let query = Query::read("exec: \"*\"").unwrap();
        assert!(query.matcher.matches("/a*b") && !query.matcher.matches("/ab"));
    }

    #[test]
    fn malformed_values_are_refused() {
        for word in [
            "size:",
            "size:1M",
            "size:>",
            "size:>x",
            "size:>1T",
            "size:>99999999999G",
            "uid:",
            "uid:root",
            "gid:-1",
            "suid:1",
            "link:in",
        ] {
            let error = Query::read(word).unwrap_err();
            assert_eq!(error.pattern, word);
            assert!(error.to_string().contains("is not a filter"), "{error}");
        }
    }
}
