//! The members of an archive, known by their headers alone.

use std::collections::HashMap;

use layerscope_layer::{Cause, Kind, components};
use layerscope_tar::{Entry, Oddity as TarOddity, Parser, Sink};

use crate::error::{Error, quoted};
use crate::limits;
use crate::oddity::{Oddity, OddityKind};

/// How many oddities of the archive's tar form are told.
const TOLD: usize = 20;

/// The members of an archive, in its order.
#[derive(Debug, Default)]
pub(crate) struct OuterIndex {
    members: Vec<Member>,
    /// The last member of each name, as a tool that unpacks has it.
    places: HashMap<Vec<u8>, usize>,
    /// What is odd about the archive.
    pub(crate) oddities: Vec<Oddity>,
    /// Why the archive could not be read to its end.
    pub(crate) cut: Option<Cause>,
    /// Where the file ends, if no marker says that the archive ends there. Readers accept that, and cannot tell it
    /// from a file that was cut between two members.
    pub(crate) unended: Option<u64>,
}

/// One member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The name, cleaned: without `./`, empty parts and `..`.
    pub(crate) path: Vec<u8>,
    pub(crate) kind: Kind,
    /// Where its content begins, in bytes from the start of the archive.
    pub(crate) offset: u64,
    /// Bytes of content in the archive.
    pub(crate) len: u64,
    /// Where a link leads, as it is written.
    pub(crate) link: Vec<u8>,
    /// Whether the content is stored as it is, without holes.
    pub(crate) whole: bool,
}

impl Member {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            path: cleaned(&entry.path),
            kind: entry.kind,
            offset: entry.content_offset,
            len: entry.stored,
            link: entry.link.clone(),
            whole: entry.sparse.is_none(),
        }
    }
}

impl OuterIndex {
    /// The member of that number.
    pub(crate) fn member(&self, number: usize) -> Option<&Member> {
        self.members.get(number)
    }

    /// How many members there are.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// The member of that name, whatever it is.
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        self.places
            .get(cleaned(path.as_bytes()).as_slice())
            .copied()
    }

    /// The file of that name, through links of any kind.
    ///
    /// # Errors
    /// [`Error::LinkCycle`] when links lead to no end.
    pub(crate) fn resolve(&self, path: &str) -> Result<Option<usize>, Error> {
        let mut at = cleaned(path.as_bytes());
        for _ in 0..=limits::LINK_HOPS {
            let Some(number) = self.places.get(&at).copied() else {
                return Ok(None);
            };
            let Some(member) = self.member(number) else {
                return Ok(None);
            };
            at = match member.kind {
                Kind::File => return Ok(Some(number)),
                // A hard link names a member of the archive, a symbolic link a path from where it is.
                Kind::HardLink => cleaned(&member.link),
                Kind::Symlink => {
                    let parent = at.iter().rposition(|byte| *byte == b'/');
                    let parent = at.get(..parent.unwrap_or(0)).unwrap_or_default();
                    cleaned(&[parent, b"/", &member.link].concat())
                }
                _ => return Ok(None),
            };
        }
        Err(Error::LinkCycle {
            at: quoted(path),
            to: quoted(&String::from_utf8_lossy(&at)),
        })
    }

    /// Takes the next member.
    pub(crate) fn push(&mut self, member: Member) {
        let number = self.members.len();
        let is_file = member.kind != Kind::Directory;
        let before = self.places.insert(member.path.clone(), number);
        if before.is_some() && is_file && self.oddities.len() < TOLD {
            let name = quoted(&String::from_utf8_lossy(&member.path));
            self.oddities
                .push(Oddity::new(OddityKind::DuplicateMember, name));
        }
        self.members.push(member);
    }

    /// The first names at the top of the archive, for an error.
    pub(crate) fn top_names(&self, most: usize) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for member in &self.members {
            let top = member.path.split(|byte| *byte == b'/').next();
            let name = quoted(&String::from_utf8_lossy(top.unwrap_or_default()));
            if !name.is_empty() && !names.contains(&name) {
                if names.len() == most {
                    names.push("…".to_owned());
                    break;
                }
                names.push(name);
            }
        }
        names
    }

    /// Whether any name at the top of the archive is that one.
    pub(crate) fn has_top(&self, name: &str) -> bool {
        self.members
            .iter()
            .any(|member| member.path.split(|byte| *byte == b'/').next() == Some(name.as_bytes()))
    }
}

/// Reads the headers of an archive and passes over its contents.
#[derive(Debug)]
pub(crate) struct Indexer {
    parser: Option<Parser>,
    sink: Headers,
    size: u64,
    window: u64,
}

impl Indexer {
    /// An indexer of an archive of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            parser: Some(Parser::new(layerscope_tar::Limits::default())),
            sink: Headers::default(),
            size,
            window: limits::HEADER_WINDOW.0,
        }
    }

    /// Where to look next, and at how many bytes; `None` when all headers are known.
    pub(crate) fn wants(&self) -> Option<(u64, u64)> {
        let parser = self.parser.as_ref()?;
        let left = self.size.saturating_sub(parser.offset());
        let over = self.sink.index.len() > limits::MEMBERS;
        (left > 0 && !parser.ended() && !over).then(|| (parser.offset(), left.min(self.window)))
    }

    /// Takes the bytes that it wanted; fewer mean that the file ends there.
    pub(crate) fn push(&mut self, bytes: &[u8], wanted: u64) {
        let Some(parser) = &mut self.parser else {
            return;
        };
        if let Err(error) = parser.push(bytes, &mut self.sink) {
            self.sink.index.cut = Some(error.into());
            self.parser = None;
            return;
        }
        if (bytes.len() as u64) < wanted {
            self.size = parser.offset();
            return;
        }
        let contents = parser.skippable();
        parser.skip(contents.min(self.size.saturating_sub(parser.offset())));
        let (least, most) = limits::HEADER_WINDOW;
        self.window = match contents {
            0 => self.window.saturating_mul(2).min(most),
            _ => least,
        };
    }

    /// What was found.
    ///
    /// # Errors
    /// [`Error::OverLimit`] for an archive with more than [`limits::MEMBERS`] members.
    pub(crate) fn finish(mut self) -> Result<OuterIndex, Error> {
        if self.sink.index.len() > limits::MEMBERS {
            return Err(too_many_members());
        }
        if let Some(parser) = self.parser.take()
            && !parser.ended()
        {
            self.sink.index.unended = Some(parser.offset());
            if let Err(error) = parser.finish(&mut self.sink) {
                self.sink.index.cut = Some(error.into());
            }
        }
        Ok(self.sink.index)
    }
}

pub(crate) fn too_many_members() -> Error {
    Error::OverLimit {
        at: "the archive".to_owned(),
        what: "members",
        limit: limits::MEMBERS as u64,
        found: "more".to_owned(),
    }
}

#[derive(Debug, Default)]
struct Headers {
    index: OuterIndex,
}

impl Sink for Headers {
    fn entry(&mut self, entry: &Entry) {
        if self.index.len() <= limits::MEMBERS {
            self.index.push(Member::of(entry));
        }
    }

    fn data(&mut self, _: &[u8]) {}

    fn end_entry(&mut self) {}

    fn oddity(&mut self, oddity: TarOddity) {
        if self.index.oddities.len() < TOLD {
            self.index.oddities.push(of_tar(oddity));
        }
    }
}

/// A strangeness of the archive's tar form.
pub(crate) fn of_tar(oddity: TarOddity) -> Oddity {
    Oddity::new(OddityKind::ArchiveTar, format!("byte {}", oddity.offset)).found(oddity.kind.name())
}

/// A name without what means nothing in it, kept below the archive's root.
pub(crate) fn cleaned(path: &[u8]) -> Vec<u8> {
    components(path).collect::<Vec<_>>().join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(members: &[(&str, Kind, &str)]) -> OuterIndex {
        let mut index = OuterIndex::default();
        for (path, kind, link) in members {
            index.push(Member {
                path: cleaned(path.as_bytes()),
                kind: *kind,
                offset: 0,
                len: 0,
                link: link.as_bytes().to_vec(),
                whole: true,
            });
        }
        index
    }

    #[test]
    fn links_are_followed_to_a_file() {
        let index = index(&[
            ("./a/layer.tar", Kind::File, ""),
            ("b/layer.tar", Kind::Symlink, "../a/layer.tar"),
            ("c/layer.tar", Kind::Symlink, "../b/./layer.tar"),
            ("d", Kind::HardLink, "./c/layer.tar"),
            ("e", Kind::Symlink, "/a/layer.tar"),
            ("a", Kind::Directory, ""),
            ("lost", Kind::Symlink, "nowhere"),
            ("out", Kind::Symlink, "../../../a/layer.tar"),
        ]);
        for path in [
            "a/layer.tar",
            "/a//layer.tar",
            "b/layer.tar",
            "c/layer.tar",
            "d",
            "out",
        ] {
            assert_eq!(index.resolve(path), Ok(Some(0)), "{path}");
        }
        assert_eq!(index.resolve("e"), Ok(Some(0)));
        for path in ["a", "lost", "nowhere", ""] {
            assert_eq!(index.resolve(path), Ok(None), "{path}");
        }
    }

    #[test]
    fn link_cycles_are_errors() {
        let index = index(&[
            ("a", Kind::Symlink, "b"),
            ("b", Kind::HardLink, "a"),
            ("self", Kind::Symlink, "self"),
        ]);
        for path in ["a", "b", "self"] {
            assert!(
                matches!(index.resolve(path), Err(Error::LinkCycle { .. })),
                "{path}"
            );
        }
    }

    #[test]
    fn the_last_member_of_a_name_counts_and_the_others_are_told() {
        let index = index(&[
            ("x", Kind::File, ""),
            ("dir", Kind::Directory, ""),
            ("./x", Kind::File, ""),
            ("dir/", Kind::Directory, ""),
        ]);
        assert_eq!(index.find("x"), Some(2));
        let told: Vec<_> = index
            .oddities
            .iter()
            .map(|oddity| (oddity.kind, oddity.at.as_str()))
            .collect();
        assert_eq!(told, [(OddityKind::DuplicateMember, "x")]);
    }
}
