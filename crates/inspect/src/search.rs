//! What a person types to find paths, and what it matches.
//!
//! Matching is over displayed paths (`/etc/motd`), the ones that people see.

use layerscope_layer::LayerIndex;
use layerscope_tree::{NodeId, Tree};
use regex_lite::Regex;
use thiserror::Error;

use crate::copies::Copies;
use crate::display;
use crate::facet::{Query, Subject};
use crate::limits::MATCHED_BYTES;

/// A pattern that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{pattern}` is not {expected}: {why}")]
pub struct PatternError {
    /// The expression, without its slashes, or the word.
    pub pattern: String,
    /// What it would have to be.
    pub expected: &'static str,
    /// What the engine said, or what there is.
    pub why: String,
}

/// A pattern, ready to match many paths.
#[derive(Debug)]
pub struct Matcher(Kind);

#[derive(Debug)]
enum Kind {
    /// Part of the path, without regard to case unless the pattern has upper-case letters.
    Part { needle: String, fold: bool },
    /// A glob over the name, when it has no slash.
    NameGlob(String),
    /// A glob over the whole path.
    PathGlob(String),
    /// An expression, and text without which it cannot match: to look for that first is a hundred times faster.
    Regex(Regex, String),
}

impl Matcher {
    /// Reads a pattern: `/…/` is a regular expression, `*`, `?`, `[` or `{` make a glob, anything else is a part of the path.
    ///
    /// A glob without a slash is matched against the last component, one with a slash against the
    /// whole path, where `**` crosses directories.
    ///
    /// ```
    /// use layerscope_inspect::search::Matcher;
    /// assert!(Matcher::read("motd")?.matches("/etc/motd"));
    /// assert!(Matcher::read("*.conf")?.matches("/etc/ssl/openssl.conf"));
    /// assert!(Matcher::read("/etc/*.conf")?.matches("/etc/host.conf"));
    /// assert!(!Matcher::read("/etc/*.conf")?.matches("/etc/ssl/openssl.conf"));
    /// assert!(Matcher::read(r"/\.conf$/")?.matches("/etc/host.conf"));
    /// # Ok::<(), layerscope_inspect::search::PatternError>(())
    /// ```
    ///
    /// # Errors
    /// When a regular expression is malformed.
    pub fn read(pattern: &str) -> Result<Matcher, PatternError> {
        if let Some(expression) = pattern
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
            .filter(|expression| !expression.is_empty())
        {
            return Matcher::regex(expression);
        }
        if pattern.contains(['*', '?', '[', '{']) {
            return Ok(Matcher::glob(pattern));
        }
        Ok(Matcher::part(pattern))
    }

    /// A part of the path.
    #[must_use]
    pub fn part(needle: &str) -> Matcher {
        let fold = !needle.chars().any(char::is_uppercase);
        Matcher(Kind::Part {
            needle: needle.to_owned(),
            fold,
        })
    }

    /// A glob.
    #[must_use]
    pub fn glob(pattern: &str) -> Matcher {
        Matcher(match pattern.strip_prefix('/') {
            Some(rest) => Kind::PathGlob(rest.to_owned()),
            None if pattern.contains('/') => Kind::PathGlob(pattern.to_owned()),
            None => Kind::NameGlob(pattern.to_owned()),
        })
    }

    /// A regular expression, unanchored.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn regex(expression: &str) -> Result<Matcher, PatternError> {
        Regex::new(expression)
            .map(|regex| Matcher(Kind::Regex(regex, literal(expression))))
            .map_err(|error| PatternError {
                pattern: expression.to_owned(),
                expected: "a regular expression",
                why: error.to_string(),
            })
    }

    /// True when the displayed path (`/etc/motd`) matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let inside = path.strip_prefix('/').unwrap_or(path);
        match &self.0 {
            Kind::Part {
                needle,
                fold: false,
            } => path.contains(needle.as_str()),
            Kind::Part { needle, fold: true } => contains_folded(path, needle),
            Kind::NameGlob(glob) => {
                let name = inside.rsplit('/').next().unwrap_or(inside);
                fast_glob::glob_match(glob, name)
            }
            Kind::PathGlob(glob) => fast_glob::glob_match(glob, inside),
            Kind::Regex(regex, literal) => path.contains(literal.as_str()) && regex.is_match(path),
        }
    }

    /// How much of a path's end decides when the directory above does not match: all of it, or for a part of the path
    /// the last component and what may reach into it. When the directory does match, then so does all below it.
    fn reach(&self) -> Option<usize> {
        match &self.0 {
            Kind::Part { needle, .. } if needle.is_ascii() => Some(needle.len().saturating_sub(1)),
            _ => None,
        }
    }
}

/// A search through one tree, in the order of a walk, that stops where it is told to and goes on from there.
#[derive(Debug)]
pub(crate) struct Search {
    query: Query,
    /// Which files are copies, when that is asked for, and whether all were looked at.
    copies: Option<(Copies, bool)>,
    /// The last node that was looked at.
    last: Option<NodeId>,
}

impl Search {
    pub(crate) fn new(query: Query, tree: &Tree) -> Search {
        Search {
            copies: query.wants_copies().then(|| (Copies::new(tree), false)),
            query,
            last: Some(NodeId::ROOT),
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.last.is_none()
    }

    /// Looks through the next `steps` nodes, ghosts included, and tells those that are searched for.
    pub(crate) fn next(
        &mut self,
        tree: &Tree,
        indexes: &[Option<&LayerIndex>],
        steps: usize,
    ) -> Vec<NodeId> {
        let mut found = Vec::new();
        let Some(last) = self.last else { return found };
        if let Some((copies, is_full)) = &mut self.copies
            && !*is_full
        {
            *is_full = !copies.fill(tree, indexes, steps);
            return found;
        }
        let mut walk = tree.walk_after(last);
        let mut above = self.matching_part(&tree.path(last)).to_vec();
        for _ in 0..steps {
            self.last = walk.next();
            let Some(id) = self.last else { break };
            if self.decides(walk.path(), &mut above) && self.holds(tree, indexes, id) {
                found.push(id);
            }
        }
        found
    }

    /// Whether all facets hold for a node.
    fn holds(&self, tree: &Tree, indexes: &[Option<&LayerIndex>], id: NodeId) -> bool {
        if self.query.facets.is_empty() {
            return true;
        }
        let copies = self.copies.as_ref().map(|(copies, _)| copies);
        let subject = Subject::new(tree, indexes, id, copies);
        self.query.facets.iter().all(|facet| facet.holds(&subject))
    }

    /// The shortest directory on the way that matches, or nothing.
    fn matching_part<'a>(&self, path: &'a [u8]) -> &'a [u8] {
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        let parts = ends.skip(1).map(|(end, _)| path.get(..end).unwrap_or(path));
        let mut parts = parts
            .chain([path])
            .take_while(|part| part.len() <= MATCHED_BYTES);
        match self.query.matcher.reach() {
            Some(_) => parts.find(|part| self.is_match(part)).unwrap_or(&[]),
            None => &[],
        }
    }

    /// Whether a path matches. `above` is the last one that did: below it all do, when a part of the path is looked for.
    fn decides(&self, path: &[u8], above: &mut Vec<u8>) -> bool {
        // Other letters may be longer here than in what is looked for, and of a long path only the end counts.
        let reach = self.query.matcher.reach();
        let Some(reach) = reach.filter(|_| path.len() <= MATCHED_BYTES && path.is_ascii()) else {
            return self.is_match(path);
        };
        let rest = path.strip_prefix(&**above).filter(|_| !above.is_empty());
        if rest.is_some_and(|rest| rest.starts_with(b"/")) {
            return true;
        }
        let name = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let end = path.get(name.saturating_sub(reach)..).unwrap_or(path);
        let matches = self.is_match(end);
        if matches {
            above.clear();
            above.extend_from_slice(path);
        }
        matches
    }

    fn is_match(&self, path: &[u8]) -> bool {
        let path = path
            .get(path.len().saturating_sub(MATCHED_BYTES)..)
            .unwrap_or(path);
        match std::str::from_utf8(path) {
            Ok(path) => self.query.matcher.matches(path),
            Err(_) => self.query.matcher.matches(&display::stored(path)),
        }
    }
}

/// The longest text that every match of an expression contains; empty when that is not plain to see.
fn literal(expression: &str) -> String {
    let (mut best, mut run) = (String::new(), String::new());
    // In parentheses something may be optional, and so are the sides of a bar; flags can change what a letter means.
    if expression.contains(['(', '|']) {
        return best;
    }
    let mut letters = expression.chars().peekable();
    while let Some(letter) = letters.next() {
        let keeps = match letter {
            '\\' => match letters.next() {
                // The angles are the edges of a word.
                Some('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | '<' | '>') => false,
                Some(escaped) if escaped.is_ascii_punctuation() => {
                    run.push(escaped);
                    true
                }
                // The others go on for some letters that are no text.
                _ => return String::new(),
            },
            // A class may hold brackets and escapes of its own.
            '[' => {
                letters.next_if_eq(&'^');
                letters.next_if_eq(&']');
                while let Some(inner) = letters.next() {
                    match inner {
                        '\\' => drop(letters.next()),
                        '[' => return String::new(),
                        ']' => break,
                        _ => {}
                    }
                }
                false
            }
            '*' | '?' | '+' | '{' => {
                // What stands before may be there no time at all: even `+`, when another follows it.
                run.pop();
                if letter == '{' {
                    while letters.next().is_some_and(|inner| inner != '}') {}
                }
                false
            }
            '.' | '^' | '$' => false,
            letter => {
                run.push(letter);
                true
            }
        };
        if !keeps {
            if run.len() > best.len() {
                best.clone_from(&run);
            }
            run.clear();
        }
    }
    if run.len() > best.len() { run } else { best }
}

/// Text in lower case, letter by letter: `str::to_lowercase` knows more of Greek, and is ten times the code.
pub(crate) fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Substring search that ignores ASCII case without allocating for ASCII paths.
fn contains_folded(path: &str, needle: &str) -> bool {
    if path.is_ascii() && needle.is_ascii() {
        let (path, needle) = (path.as_bytes(), needle.as_bytes());
        let Some(first) = needle.first() else {
            return true;
        };
        return path.windows(needle.len()).any(|window| {
            // Nearly every window differs in its first letter.
            window
                .first()
                .is_some_and(|letter| letter.eq_ignore_ascii_case(first))
                && window.eq_ignore_ascii_case(needle)
        });
    }
    lower(path).contains(needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("motd", "/etc/motd", true),
            ("MOTD", "/etc/motd", false),
            ("etc/m", "/etc/motd", true),
            ("りんご", "/果物/りんご.txt", true),
            ("", "/anything", true),
            ("*.txt", "/a/b.txt", true),
            ("*.txt", "/a.txt/b", false),
            ("usr/*/bin", "/usr/local/bin", true),
            ("usr/**/sh", "/usr/a/b/sh", true),
            ("/usr/?in", "/usr/bin", true),
            ("[ab].txt", "/x/a.txt", true),
            ("{apple,banana}.txt", "/banana.txt", true),
            ("/^\\/etc\\/[a-m]/", "/etc/hosts", true),
            ("/^etc/", "/etc/hosts", false),
            ("/", "/etc", true),
            ("//", "/etc", false),
        ] {
            let matcher = Matcher::read(pattern).unwrap();
            assert_eq!(matcher.matches(path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn what_an_expression_needs_is_found() {
        for (expression, needs) in [
            ("lib-24[0-9]", "lib-24"),
            ("3[0-9]{3}.libraries.library-2", "libraries"),
            ("^/etc/host", "/etc/host"),
            (r"\.conf$", ".conf"),
            (r"\d\.so", ".so"),
            ("colou?r", "colo"),
            ("ab*c+d", "a"),
            ("ba+*c", "b"),
            (r"\<ab\>", "ab"),
            ("a{2}bc", "bc"),
            ("x{0}y", "y"),
            ("a|b", ""),
            ("(abc)?", ""),
            ("(?i)abc", ""),
            (r"\x41bc", ""),
            ("[]ab]cd", "cd"),
            (r"[\]x]cd", "cd"),
            ("[[:alpha:]]cd", ""),
            (".*", ""),
        ] {
            assert_eq!(literal(expression), needs, "{expression}");
        }
    }

    #[test]
    fn a_bad_expression_says_why() {
        let error = Matcher::read("/(/").unwrap_err();
        assert_eq!(error.pattern, "(");
        assert!(!error.why.is_empty());
    }
}
