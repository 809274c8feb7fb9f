//! Members as honest writers make them, in every form and kind.

use crate::archive::{Archive, Header, archive, named};
use crate::case::{Feature, Piece};
use crate::random::Random;
use crate::sparse_file;

/// How a header is laid out, and where what it has no room for goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    V7,
    Ustar,
    Gnu,
    Pax,
}

use Form::{Gnu, Pax, Ustar, V7};

/// Lengths of content around the boundaries of blocks.
const SIZES: [usize; 8] = [0, 1, 10, 511, 512, 513, 1024, 4000];

/// A member under construction.
pub(crate) struct Draft {
    pub(crate) form: Form,
    pub(crate) flag: u8,
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) records: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) features: Vec<Feature>,
}

/// A file of its own number, plain for every reader.
pub(crate) fn plain(random: &mut Random, number: usize) -> Piece {
    let content = random.bytes(number % 5 * 300 + 1);
    Piece::new(archive().file(&format!("plain/{number}"), content), &[])
}

/// Any member.
pub(crate) fn member(random: &mut Random, number: usize) -> Piece {
    let form = random.pick(&[V7, Ustar, Ustar, Gnu, Gnu, Pax, Pax, Pax]);
    if random.one_in(12) && matches!(form, Gnu | Pax) {
        return sparse_file::well_formed(random, number, form);
    }
    if form == Pax && random.one_in(10) {
        let comment = [("comment", "0123456789abcdef0123456789abcdef01234567")];
        return Piece::new(archive().global(&comment), &["global"]);
    }
    let mut draft = Draft::new(random, number, form);
    draft.choose_kind(random, number);
    let header = draft.header(random, number);
    draft.finish(header)
}

impl Draft {
    pub(crate) fn new(random: &mut Random, number: usize, form: Form) -> Self {
        let (name, feature) = name(random, number, form);
        Self {
            form,
            flag: b'0',
            name,
            link: Vec::new(),
            content: Vec::new(),
            records: Vec::new(),
            features: feature.into_iter().collect(),
        }
    }

    fn choose_kind(&mut self, random: &mut Random, number: usize) {
        self.flag = random.pick(b"000000055522211346");
        match self.flag {
            b'0' => {
                if random.one_in(6) && !self.name.ends_with(b"/") {
                    self.flag = 0;
                }
                let size = random.pick(&SIZES);
                self.content = random.bytes(size);
            }
            b'5' => {
                self.features.push("directory");
                if !random.one_in(4) {
                    self.name.push(b'/');
                }
                if self.form == V7 && self.name.ends_with(b"/") && random.one_in(2) {
                    self.flag = 0;
                    self.features.push("v7-directory");
                }
            }
            b'1' | b'2' => {
                let long = match self.form {
                    V7 | Ustar => 100,
                    Gnu | Pax => random.pick(&[100, 101, 300]),
                };
                let target: &[u8] = random.pick(&[
                    &b"target"[..],
                    b"/etc/passwd",
                    b"../up/and/away",
                    b"with a blank",
                    "日本".as_bytes(),
                    b"long",
                ]);
                self.link = target.to_vec();
                if self.flag == b'1' && (target.starts_with(b"/") || target.starts_with(b"..")) {
                    self.features.push("hardlink-outside");
                }
                if target == b"long" {
                    let more = format!("/{number}/").repeat(long);
                    self.link.extend(more.bytes());
                    self.link.truncate(long);
                }
            }
            _ => {}
        }
    }

    /// The header and, in `records`, what it has no room for.
    pub(crate) fn header(&mut self, random: &mut Random, number: usize) -> Header {
        let style = random.below(3);
        let octal = |width: usize, value: u64| match style {
            0 => format!("{value:0width$o}\0", width = width - 1),
            1 => format!("{value:0width$o} ", width = width - 1),
            _ => format!("{value:width$o} \0", width = width - 2),
        };
        let (short, prefix) = self.split_name();
        let mode = random.pick(&[0o644, 0o755, 0o4755, 0o1777, 0o100_644]);
        let (uid, gid) = (random.below(70_000) as u64, random.below(2_000_000) as u64);
        let mtime = random.below(1 << 32) as u64;
        let mut header = named(&short)
            .flag(self.flag)
            .put(100, octal(8, mode).as_bytes())
            .put(108, octal(8, uid).as_bytes())
            .put(116, octal(8, gid).as_bytes())
            .put(124, octal(12, self.content.len() as u64).as_bytes())
            .put(136, octal(12, mtime).as_bytes())
            .put(157, &self.link[..self.link.len().min(100)]);
        header = match self.form {
            V7 => return header.v7(),
            Gnu => header.gnu(),
            Ustar | Pax => header.put(345, &prefix),
        };
        header = header
            .put(265, random.pick(&[&b"root"[..], b"", b"nobody"]))
            .put(297, random.pick(&[&b"wheel"[..], b"", b"nogroup"]));
        if matches!(self.flag, b'3' | b'4') || random.one_in(3) {
            let number = number as u64;
            header = header
                .put(329, octal(8, number % 250).as_bytes())
                .put(337, octal(8, number * 7).as_bytes());
        }
        match self.form {
            Gnu => self.binary_numbers(header, random),
            Pax => {
                self.choose_records(random);
                header
            }
            V7 | Ustar => header,
        }
    }

    /// What fits the name field, and the prefix.
    fn split_name(&mut self) -> (Vec<u8>, Vec<u8>) {
        let name = &self.name;
        if name.len() <= 100 {
            return (name.clone(), Vec::new());
        }
        if self.form == Ustar {
            let at = (name.len() - 101..name.len().min(156))
                .rev()
                .find(|&at| name[at] == b'/');
            let at = at.expect("a name with many slashes");
            return (name[at + 1..].to_vec(), name[..at].to_vec());
        }
        if self.flag == 0 && name[..100].ends_with(b"/") {
            self.features.push("cut-after-slash");
        }
        (self.name[..100].to_vec(), Vec::new())
    }

    /// Numbers that GNU writes in base-256.
    fn binary_numbers(&self, header: Header, random: &mut Random) -> Header {
        let binary = |value: i64, width: usize| {
            let mut bytes = vec![if value < 0 { 0xff } else { 0 }; width - 8];
            bytes.extend(value.to_be_bytes());
            bytes[0] |= 0x80;
            bytes
        };
        match random.below(6) {
            0 => header.put(108, &[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe]),
            1 => header.put(124, &binary(self.content.len() as i64, 12)),
            2 => header.put(136, &binary(1 << 34, 12)),
            3 => header.put(136, &binary(-1_000_000, 12)),
            _ => header,
        }
    }

    /// PAX records, in any order.
    fn choose_records(&mut self, random: &mut Random) {
        let mut records: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut add = |key: &str, value: &[u8]| records.push((key.into(), value.to_vec()));
        if self.name.len() > 100 || random.one_in(3) {
            add("path", &self.name);
        }
        if self.link.len() > 100 || !self.link.is_empty() && random.one_in(3) {
            add("linkpath", &self.link);
        }
        if matches!(self.flag, b'0' | 0) && random.one_in(3) {
            add("size", self.content.len().to_string().as_bytes());
        }
        let more: [(&str, &[u8]); 12] = [
            ("uid", b"3000000000"),
            ("gid", b"0"),
            ("uname", "日本".as_bytes()),
            ("gname", b"somebody else"),
            ("mtime", b"1350244992.023960108"),
            ("mtime", b"-7.25"),
            ("atime", b"1350244992"),
            ("ctime", b"1350244992.5"),
            ("SCHILY.xattr.user.number", b"one\0two"),
            ("SCHILY.xattr.security.capability", b"\x01\0\0\x02\0 \0\0"),
            ("comment", b"a remark"),
            ("VENDOR.unknown", b""),
        ];
        let at = random.below(more.len());
        for step in 0..random.below(4) {
            let (key, value) = more[(at + step * 5) % more.len()];
            add(key, value);
        }
        add("VENDOR.last", b"=");
        let turn = random.below(records.len());
        records.rotate_left(turn);
        self.records = records;
    }

    /// The member with the extension headers that it needs.
    pub(crate) fn finish(self, header: Header) -> Piece {
        let mut archive = archive();
        if self.form == Gnu {
            let terminated = |text: &[u8]| [text, b"\0"].concat();
            if self.link.len() > 100 {
                archive = archive.long_link(terminated(&self.link));
            }
            if self.name.len() > 100 {
                archive = archive.long_name(terminated(&self.name));
            }
        }
        archive = with_records(archive, &self.records);
        Piece::new(archive.header(header).data(&self.content), &self.features)
    }
}

/// An archive that goes on with a PAX header, if there is anything to say in it.
pub(crate) fn with_records(archive: Archive, records: &[(Vec<u8>, Vec<u8>)]) -> Archive {
    if records.is_empty() {
        return archive;
    }
    let records: Vec<u8> = records
        .iter()
        .flat_map(|(key, value)| crate::archive::record(key, value))
        .collect();
    archive.member(named("PaxHeaders/x").flag(b'x'), records)
}

/// A name that no other member of the archive has, and what is special about it.
fn name(random: &mut Random, number: usize, form: Form) -> (Vec<u8>, Option<Feature>) {
    let text = |text: String| (text.into_bytes(), None);
    match random.below(14) {
        0 => text(format!("./{number}")),
        1 => text(format!("/{number}/absolute")),
        2 => text(format!("../{number}/up")),
        3 => text(format!("a//b/./{number}")),
        4 => text(format!("名前/{number}")),
        5 => (
            [b"caf\xe9-".as_slice(), number.to_string().as_bytes()].concat(),
            Some("latin-1"),
        ),
        6 => text(format!("two words {number}")),
        7 => text(format!("line\nbreak\t{number}")),
        8 => text(format!("back\\slash\\{number}")),
        9 => text(format!("{number:a>100}")),
        10 if form != V7 => text(format!("{}{number}", "directory/".repeat(14))),
        11 if form != V7 => text(format!("{}{number:b>95}", "d/".repeat(75))),
        12 if matches!(form, Gnu | Pax) => text(format!("{}{number}", "long/".repeat(80))),
        _ => text(format!("usr/share/{number}.txt")),
    }
}
