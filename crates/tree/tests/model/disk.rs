//! The model: a disk as a map from paths to what is there.

use std::collections::{BTreeMap, BTreeSet};

use layerscope_tree::EntryRef;
use tar::EntryType;

use crate::image::Layer;
use crate::member::Member;

/// A path of the model: its names joined by `/`, empty for the root.
pub(crate) type Path = String;

/// What the model has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    /// `dir`, `file`, `link`, `fifo`, or `dangling` for a hard link that leads nowhere.
    pub(crate) kind: &'static str,
    /// Which file it is a name of; `None` for a directory that had to be made.
    pub(crate) inode: Option<EntryRef>,
    /// The layer that wrote it.
    pub(crate) writer: u16,
    pub(crate) target: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(pub(crate) BTreeMap<Path, Thing>);

#[derive(Debug, PartialEq)]
enum Block {
    Loop,
    NotDirectory,
}

pub(crate) fn join(directory: &str, name: &str) -> Path {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn is_below(path: &str, top: &str) -> bool {
    top.is_empty()
        || path
            .strip_prefix(top)
            .is_some_and(|rest| rest.starts_with('/'))
}

impl Disk {
    fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.0.get(path).is_some_and(|thing| thing.kind == "dir")
    }

    /// Where names lead from the root, through links. What is missing is appended as it is.
    fn resolve(&self, names: &[String]) -> Result<Path, Block> {
        let mut left: Vec<String> = names.iter().rev().cloned().collect();
        let mut at = String::new();
        let mut links = 0;
        while let Some(name) = left.pop() {
            if name == ".." {
                at = parent(&at).to_owned();
                continue;
            }
            if !self.is_directory(&at) && self.0.contains_key(&at) {
                return Err(Block::NotDirectory);
            }
            let next = join(&at, &name);
            match self.0.get(&next) {
                Some(thing)
                    if thing.kind == "link" && (at.is_empty() || self.0.contains_key(&at)) =>
                {
                    links += 1;
                    if links > 256 {
                        return Err(Block::Loop);
                    }
                    if thing.target.starts_with('/') {
                        at.clear();
                    }
                    left.extend(names_of(&thing.target).into_iter().rev());
                }
                _ => at = next,
            }
        }
        Ok(at)
    }

    fn remove_all(&mut self, top: &str) {
        self.0.retain(|path, _| path != top && !is_below(path, top));
    }

    pub(crate) fn below(&self, top: &str) -> Vec<Path> {
        self.0
            .keys()
            .filter(|path| is_below(path, top))
            .cloned()
            .collect()
    }

    pub(crate) fn apply(&mut self, number: u16, layer: &Layer) {
        // All directories in which the layer wrote.
        let mut touched: BTreeSet<Path> = BTreeSet::new();
        for (entry, member) in (0..).zip(&layer.members) {
            let at = EntryRef {
                layer: number,
                entry,
            };
            let mut names = cleaned(text(&member.name));
            let Some(base) = names.pop() else { continue };
            if [".wh.", ".wh..", ".wh..."].contains(&base.as_str()) {
                continue;
            }
            let (directory, is_literal) = match self.resolve(&names) {
                Ok(directory) => (directory, false),
                Err(Block::Loop) => (names.join("/"), true),
                Err(Block::NotDirectory) => continue,
            };
            if !self.make_all(&directory, number, is_literal) {
                continue;
            }
            let mut above = directory.as_str();
            loop {
                touched.insert(above.to_owned());
                if above.is_empty() {
                    break;
                }
                above = parent(above);
            }
            if base == ".wh..wh..opq" {
                self.make_opaque(&directory, number, &touched);
            } else if let Some(hidden) = base.strip_prefix(".wh.") {
                self.remove_all(&join(&directory, hidden));
            } else {
                self.write(&join(&directory, &base), at, member);
            }
        }
    }

    fn write(&mut self, path: &str, at: EntryRef, member: &Member) {
        let is_directory = member.kind == EntryType::Directory;
        if self.0.contains_key(path) && !(is_directory && self.is_directory(path)) {
            self.remove_all(path);
        }
        let kind = match member.kind {
            EntryType::Directory => "dir",
            EntryType::Regular => "file",
            EntryType::Symlink => "link",
            EntryType::Fifo => "fifo",
            EntryType::Link => "dangling",
            _ => unreachable!(),
        };
        let mut thing = Thing {
            kind,
            inode: Some(at),
            writer: at.layer,
            target: String::new(),
        };
        if kind == "link" {
            thing.target = text(&member.link).to_owned();
        }
        if kind == "dangling"
            && let Some(file) = self.linked(text(&member.link))
        {
            thing = Thing {
                writer: at.layer,
                ..file
            };
        }
        self.0.insert(path.to_owned(), thing);
    }

    /// What a hard link to `target` would be another name of.
    fn linked(&self, target: &str) -> Option<Thing> {
        let (directory, base) = target.rsplit_once('/').unwrap_or(("", target));
        if ["", ".", ".."].contains(&base) {
            return None;
        }
        let directory = self.resolve(&names_of(directory)).ok()?;
        let is_there = directory.is_empty() || self.0.contains_key(&directory);
        let file = self.0.get(&join(&directory, base)).filter(|_| is_there)?;
        (!["dir", "dangling"].contains(&file.kind)).then(|| file.clone())
    }

    /// Makes missing directories; false if something else is in the way.
    fn make_all(&mut self, directory: &str, writer: u16, is_literal: bool) -> bool {
        let mut at = String::new();
        for name in names_of(directory) {
            at = join(&at, &name);
            match self.0.get(&at).map(|thing| thing.kind) {
                Some("dir") => {}
                Some("link") if is_literal => {}
                Some(_) => return false,
                None => {
                    let made = Thing {
                        kind: "dir",
                        inode: None,
                        writer,
                        target: String::new(),
                    };
                    self.0.insert(at.clone(), made);
                }
            }
        }
        true
    }

    fn make_opaque(&mut self, directory: &str, writer: u16, touched: &BTreeSet<Path>) {
        for path in self.below(directory) {
            let Some(thing) = self.0.get_mut(&path) else {
                continue;
            };
            if thing.writer == writer {
                continue;
            }
            if thing.kind == "dir" && touched.contains(&path) {
                *thing = Thing {
                    kind: "dir",
                    inode: None,
                    writer,
                    target: String::new(),
                };
            } else {
                self.remove_all(&path);
            }
        }
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn names_of(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|name| !name.is_empty() && *name != ".")
        .map(str::to_owned)
        .collect()
}

/// Names with `..` taken back, as Go's `path.Clean` does.
fn cleaned(path: &str) -> Vec<String> {
    let mut kept = Vec::new();
    for name in names_of(path) {
        if name == ".." {
            kept.pop();
        } else {
            kept.push(name);
        }
    }
    kept
}
