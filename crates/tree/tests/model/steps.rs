//! Images as builders make them: each layer changes what is there, and no two runtimes disagree about any of it.
//!
//! Every file that is written has a length of its own, so that a size tells contents apart.

use std::collections::{BTreeMap, BTreeSet};

use tar::EntryType;

use crate::dice::Dice;
use crate::member::Member;

/// What a layer can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    AddDirectory,
    AddFile,
    AddPipe,
    AddSymlink,
    /// Another name of a file of this layer or of a lower one.
    AddHardLink,
    /// A file whose directories no entry describes.
    AddBelowNothing,
    ModifyContent,
    /// Mode, owner, time or attributes of a file; its bytes are the same.
    ModifyAttributes,
    ModifyDirectory,
    FileToDirectory,
    DirectoryToFile,
    FileToSymlink,
    SymlinkToFile,
    RemoveFile,
    RemoveDirectory,
    /// A directory again, without what lower layers have in it.
    MakeOpaque,
}

pub(crate) const STEPS: [Step; 16] = [
    Step::AddDirectory,
    Step::AddFile,
    Step::AddPipe,
    Step::AddSymlink,
    Step::AddHardLink,
    Step::AddBelowNothing,
    Step::ModifyContent,
    Step::ModifyAttributes,
    Step::ModifyDirectory,
    Step::FileToDirectory,
    Step::DirectoryToFile,
    Step::FileToSymlink,
    Step::SymlinkToFile,
    Step::RemoveFile,
    Step::RemoveDirectory,
    Step::MakeOpaque,
];

const NAMES: [&str; 8] = [
    "a",
    "bin",
    "etc",
    "lib64",
    "x.conf",
    "with space",
    "日本",
    "-",
];

/// A root filesystem, as far as it decides what may be done next.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// What stands at each path, without a slash in front; the root is not among them.
    there: BTreeMap<String, Member>,
    /// How many contents were written.
    contents: usize,
    /// How often each step was made.
    made: [usize; STEPS.len()],
    /// Directories whose time is nobody's: no entry describes them, or something was removed from them after, or
    /// made in them that no entry describes.
    untimed: BTreeSet<String>,
    /// Whether the files that hard links were made to are left alone, and which those are.
    keeps_targets: bool,
    targets: BTreeSet<String>,
    /// What the layer at hand has written or removed, in its order.
    members: Vec<Member>,
    touched: BTreeSet<String>,
}

impl Steps {
    /// Steps that leave the files alone that hard links were made to, for who can follow a link by its name only.
    #[allow(dead_code, reason = "trees know better")]
    pub(crate) fn keeping_targets() -> Self {
        Self {
            keeps_targets: true,
            ..Self::default()
        }
    }

    /// Whether the time of the directory at this path, which begins with a slash, is when it was unpacked.
    #[allow(dead_code, reason = "only who unpacks has to know")]
    pub(crate) fn is_untimed(&self, path: &str) -> bool {
        self.untimed.contains(path.trim_start_matches('/'))
    }

    /// How often each of [`STEPS`] was made.
    pub(crate) fn made(&self) -> [usize; STEPS.len()] {
        self.made
    }

    /// The next layer's entries.
    pub(crate) fn layer(&mut self, dice: &mut impl Dice) -> Vec<Member> {
        // The first layer has something for the others to change.
        let steps = if self.there.is_empty() {
            24
        } else {
            4 + dice.below(14)
        };
        self.touched.clear();
        for number in 0..steps {
            let step = if self.there.is_empty() || (steps == 24 && number < 12) {
                dice.pick(&[
                    Step::AddDirectory,
                    Step::AddFile,
                    Step::AddFile,
                    Step::AddSymlink,
                ])
            } else {
                dice.pick(&STEPS)
            };
            if self.make(step, dice).is_some() {
                let place = STEPS.iter().position(|one| *one == step);
                self.made[place.unwrap()] += 1;
            }
        }
        std::mem::take(&mut self.members)
    }

    /// Makes a step, if there is anything to make it with.
    fn make(&mut self, step: Step, dice: &mut impl Dice) -> Option<()> {
        match step {
            Step::AddDirectory => {
                let path = self.free(dice)?;
                self.write(Member::directory(path), dice);
            }
            Step::AddFile => {
                let path = self.free(dice)?;
                let file = self.file(path);
                self.write(file, dice);
            }
            Step::AddPipe => {
                let path = self.free(dice)?;
                self.write(Member::new(path, EntryType::Fifo), dice);
            }
            Step::AddSymlink => {
                let path = self.free(dice)?;
                let symlink = self.symlink(path, dice);
                self.write(symlink, dice);
            }
            Step::AddHardLink => {
                let (target, file) = self.some(EntryType::Regular, dice)?;
                let path = self.free(dice)?;
                // The link's own attributes are its file's, as a builder writes them.
                let mut link = Member::hard_link(&path, &target);
                (link.mode, link.uid, link.gid, link.mtime) =
                    (file.mode, file.uid, file.gid, file.mtime);
                if self.keeps_targets {
                    self.targets.insert(target.clone());
                }
                self.touched.insert(target);
                self.put(path, link, file);
            }
            Step::AddBelowNothing => {
                let top = self.free(dice)?;
                let middle = format!("{top}/{}", dice.pick(&NAMES));
                let above = top.rsplit_once('/').map_or("", |(above, _)| above);
                self.untimed.insert(above.to_owned());
                let file = self.file(format!("{middle}/{}", dice.pick(&NAMES)));
                for made in [top, middle] {
                    self.touched.insert(made.clone());
                    self.untimed.insert(made.clone());
                    self.there.insert(made.clone(), Member::directory(made));
                }
                self.write(file, dice);
            }
            Step::ModifyContent => {
                let (path, _) = self.lower(EntryType::Regular, dice)?;
                let file = self.file(path);
                self.write(file, dice);
            }
            Step::ModifyAttributes => {
                let (path, file) = self.lower(EntryType::Regular, dice)?;
                let mut again = Member::file(path, &file.content);
                again.xattrs = file.xattrs;
                self.write(again, dice);
            }
            Step::ModifyDirectory => {
                let (path, _) = self.lower(EntryType::Directory, dice)?;
                self.write(Member::directory(path), dice);
            }
            Step::FileToDirectory => {
                let (path, _) = self.lower(EntryType::Regular, dice)?;
                self.write(Member::directory(&path), dice);
                let file = self.file(format!("{path}/{}", dice.pick(&NAMES)));
                self.write(file, dice);
            }
            Step::DirectoryToFile => {
                let (path, _) = self.lower(EntryType::Directory, dice)?;
                self.forget_below(&path)?;
                let file = self.file(path);
                self.write(file, dice);
            }
            Step::FileToSymlink => {
                let (path, _) = self.lower(EntryType::Regular, dice)?;
                let symlink = self.symlink(path, dice);
                self.write(symlink, dice);
            }
            Step::SymlinkToFile => {
                let (path, _) = self.lower(EntryType::Symlink, dice)?;
                let file = self.file(path);
                self.write(file, dice);
            }
            Step::RemoveFile => {
                let (path, _) = self.lower(EntryType::Regular, dice)?;
                self.remove(&path);
            }
            Step::RemoveDirectory => {
                let (path, _) = self.lower(EntryType::Directory, dice)?;
                self.forget_below(&path)?;
                self.remove(&path);
            }
            Step::MakeOpaque => {
                let (path, _) = self.lower(EntryType::Directory, dice)?;
                self.forget_below(&path)?;
                self.write(Member::directory(&path), dice);
                self.members
                    .push(Member::file(format!("{path}/.wh..wh..opq"), ""));
                self.untimed.insert(path.clone());
                let file = self.file(format!("{path}/{}", dice.pick(&NAMES)));
                self.write(file, dice);
            }
        }
        Some(())
    }

    /// A path at which nothing is and nothing was in this layer, in a directory that is there.
    fn free(&self, dice: &mut impl Dice) -> Option<String> {
        (0..8).find_map(|_| {
            let directory = match self.some(EntryType::Directory, dice) {
                Some((directory, _)) if !dice.once_in(4) => format!("{directory}/"),
                _ => String::new(),
            };
            let path = format!("{directory}{}", dice.pick(&NAMES));
            let is_free = !self.there.contains_key(&path) && !self.touched.contains(&path);
            is_free.then_some(path)
        })
    }

    /// Something of that kind.
    fn some(&self, kind: EntryType, dice: &mut impl Dice) -> Option<(String, Member)> {
        self.one_of(kind, |_| true, dice)
    }

    /// Something of that kind that only lower layers have written.
    fn lower(&self, kind: EntryType, dice: &mut impl Dice) -> Option<(String, Member)> {
        let fits = |path: &str| !self.touched.contains(path) && !self.targets.contains(path);
        self.one_of(kind, fits, dice)
    }

    fn one_of(
        &self,
        kind: EntryType,
        fits: impl Fn(&str) -> bool,
        dice: &mut impl Dice,
    ) -> Option<(String, Member)> {
        let fitting = self
            .there
            .iter()
            .filter(|(path, thing)| thing.kind == kind && fits(path));
        let fitting: Vec<_> = fitting.collect();
        if fitting.is_empty() {
            return None;
        }
        let (path, thing) = fitting[dice.below(fitting.len() as u64) as usize];
        Some((path.clone(), thing.clone()))
    }

    /// Takes away what is below a directory, unless this layer has written there: a whiteout beside what its own
    /// layer brings is what runtimes disagree about.
    fn forget_below(&mut self, directory: &str) -> Option<()> {
        let below = format!("{directory}/");
        let mut left_alone = self.touched.iter().chain(&self.targets);
        if left_alone.any(|path| path.starts_with(&below)) {
            return None;
        }
        self.there.retain(|path, _| !path.starts_with(&below));
        Some(())
    }

    fn file(&mut self, path: String) -> Member {
        self.contents += 1;
        let letter = b'a' + (self.contents % 26) as u8;
        Member::file(path, vec![letter; self.contents])
    }

    fn symlink(&self, path: String, dice: &mut impl Dice) -> Member {
        let target = match dice.below(3) {
            0 => format!("/{}", dice.pick(&NAMES)),
            1 => "no/such/file".to_owned(),
            _ => dice.pick(&NAMES).to_owned(),
        };
        Member::symlink(path, target)
    }

    /// Writes an entry with attributes of its own.
    fn write(&mut self, mut member: Member, dice: &mut impl Dice) {
        match member.kind {
            EntryType::Symlink => {}
            // No group bit: what is made below it would inherit that on a disk.
            EntryType::Directory => member.mode = dice.pick(&[0o755, 0o700, 0o1777, 0o4511]),
            _ => {
                let modes = [0o600, 0o644, 0o755, 0o4755, 0o2711, 0o1777, 0o444, 0o000];
                member.mode = dice.pick(&modes);
            }
        }
        member.uid = dice.pick(&[0, 1, 1000, 65_534]);
        member.gid = dice.pick(&[0, 5, 1000]);
        member.mtime = 1_000_000_000 + dice.below(200) * 86_400;
        if member.kind == EntryType::Regular && dice.once_in(4) {
            let value = dice.pick(&["one", "two"]);
            member.xattrs = vec![("user.note".to_owned(), value.as_bytes().to_vec())];
        }
        let path = String::from_utf8(member.name.clone()).unwrap();
        self.put(path, member.clone(), member);
    }

    /// Puts `thing` at a path, by an entry. Whoever writes at a path has written in all directories above.
    fn put(&mut self, path: String, member: Member, thing: Member) {
        self.members.push(member);
        let above = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
        self.touched.extend(above);
        self.touched.insert(path.clone());
        self.untimed.remove(&path);
        self.there.insert(path, thing);
    }

    fn remove(&mut self, path: &str) {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.untimed.insert(directory.to_owned());
        let separator = if directory.is_empty() { "" } else { "/" };
        let whiteout = format!("{directory}{separator}.wh.{name}");
        self.members.push(Member::file(whiteout, ""));
        self.there.remove(path);
        let above = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
        self.touched.extend(above);
        self.touched.insert(path.to_owned());
    }
}
