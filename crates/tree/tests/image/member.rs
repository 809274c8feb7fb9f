//! Entries for layers of tests: written down, and written into an archive.

// Each crate of tests has its own copy of this module and uses some of it.
#![allow(dead_code, unreachable_pub)]

use tar::{EntryType, Header};

/// One entry to be put in a layer.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: Vec<u8>,
    pub kind: EntryType,
    pub content: Vec<u8>,
    pub link: Vec<u8>,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    pub mtime: u64,
    pub device: (u32, u32),
    pub xattrs: Vec<(String, Vec<u8>)>,
}

impl Member {
    pub fn new(name: impl AsRef<[u8]>, kind: EntryType) -> Self {
        let mode = match kind {
            EntryType::Directory => 0o755,
            EntryType::Symlink => 0o777,
            _ => 0o644,
        };
        Self {
            name: name.as_ref().to_vec(),
            kind,
            content: Vec::new(),
            link: Vec::new(),
            mode,
            uid: 0,
            gid: 0,
            mtime: 0,
            device: (0, 0),
            xattrs: Vec::new(),
        }
    }

    pub fn directory(name: impl AsRef<[u8]>) -> Self {
        Self::new(name, EntryType::Directory)
    }

    pub fn file(name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let mut member = Self::new(name, EntryType::Regular);
        member.content = content.as_ref().to_vec();
        member
    }

    pub fn symlink(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        let mut member = Self::new(name, EntryType::Symlink);
        member.link = target.as_ref().to_vec();
        member
    }

    pub fn hard_link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        let mut member = Self::new(name, EntryType::Link);
        member.link = target.as_ref().to_vec();
        member
    }

    /// Reads a line such as `etc/passwd mode=0600 uid=1 : content`, `link -> target`, `name => file`,
    /// `dev/null char 1,3`, `pipe fifo`, `odd type Z` or, for a directory, `etc/`.
    pub fn read(line: &str) -> Self {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let name = if name == "\"\"" { "" } else { name };
        let kind = if name.ends_with('/') {
            EntryType::Directory
        } else {
            EntryType::Regular
        };
        let mut member = Self::new(name, kind);
        while let Some(word) = words.next() {
            if let Some((key, value)) = word.split_once('=').filter(|_| word != "=>") {
                match key {
                    "mode" => member.mode = u32::from_str_radix(value, 8).unwrap(),
                    "uid" => member.uid = value.parse().unwrap(),
                    "gid" => member.gid = value.parse().unwrap(),
                    "mtime" => member.mtime = value.parse().unwrap(),
                    "xattr" => {
                        let (key, value) = value.split_once(':').unwrap();
                        member
                            .xattrs
                            .push((key.to_owned(), value.as_bytes().to_vec()));
                    }
                    _ => panic!("unknown attribute in {line:?}"),
                }
                continue;
            }
            let kind = match word {
                ":" => EntryType::Regular,
                "/" => EntryType::Directory,
                "->" => EntryType::Symlink,
                "=>" => EntryType::Link,
                "char" => EntryType::Char,
                "block" => EntryType::Block,
                "fifo" => EntryType::Fifo,
                "type" => EntryType::new(words.next().unwrap().as_bytes()[0]),
                _ => panic!("unknown word {word:?} in {line:?}"),
            };
            let attributes = (member.uid, member.gid, member.mtime, member.xattrs.clone());
            let mode = line.contains(" mode=").then_some(member.mode);
            member = Self::new(name, kind);
            (member.uid, member.gid, member.mtime, member.xattrs) = attributes;
            member.mode = mode.unwrap_or(member.mode);
            match word {
                ":" => member.content = words.by_ref().collect::<Vec<_>>().join(" ").into_bytes(),
                "->" | "=>" => member.link = words.next().unwrap().replace("\"\"", "").into_bytes(),
                "char" | "block" => {
                    let (major, minor) = words.next().unwrap().split_once(',').unwrap();
                    member.device = (major.parse().unwrap(), minor.parse().unwrap());
                }
                _ => {}
            }
        }
        member
    }

    pub fn write(&self, tar: &mut tar::Builder<Vec<u8>>) {
        let xattrs = self
            .xattrs
            .iter()
            .map(|(key, value)| (format!("SCHILY.xattr.{key}"), value));
        let xattrs: Vec<_> = xattrs.collect();
        tar.append_pax_extensions(
            xattrs
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_slice())),
        )
        .unwrap();
        let mut header = Header::new_gnu();
        header.set_entry_type(self.kind);
        header.set_size(self.content.len() as u64);
        header.set_mode(self.mode);
        header.set_uid(self.uid);
        header.set_gid(self.gid);
        header.set_mtime(self.mtime);
        if matches!(self.kind, EntryType::Char | EntryType::Block) {
            header.set_device_major(self.device.0).unwrap();
            header.set_device_minor(self.device.1).unwrap();
        }
        // Written by hand, because the crate refuses names that tests are about.
        for (text, flag) in [(&self.name, b'L'), (&self.link, b'K')] {
            if text.len() > 100 {
                let mut long = Header::new_gnu();
                long.set_entry_type(EntryType::new(flag));
                long.set_size(text.len() as u64 + 1);
                long.set_cksum();
                tar.append(&long, [text.as_slice(), b"\0"].concat().as_slice())
                    .unwrap();
            } else {
                let fields = header.as_gnu_mut().unwrap();
                let field = if flag == b'L' {
                    &mut fields.name
                } else {
                    &mut fields.linkname
                };
                field[..text.len()].copy_from_slice(text);
            }
        }
        header.set_cksum();
        tar.append(&header, self.content.as_slice()).unwrap();
    }
}

/// The archive of these entries.
pub fn archive(members: &[Member]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for member in members {
        member.write(&mut tar);
    }
    tar.into_inner().unwrap()
}
