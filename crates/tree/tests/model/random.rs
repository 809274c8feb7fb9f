//! Random images, the same ones each time.

use tar::EntryType;

use crate::disk::{join, parent};
use crate::image::{Layer, Member};

/// Deterministic random numbers (xorshift64*).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 33) % end
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    fn path(&mut self) -> String {
        let depth = 1 + self.below(3);
        let names: Vec<_> = (0..depth)
            .map(|_| self.pick(&["a", "b", "c", "d"]))
            .collect();
        names.join("/")
    }

    fn target(&mut self) -> String {
        let path = self.path();
        match self.below(6) {
            0 => format!("/{path}"),
            1 => format!("../{path}"),
            2 => format!("{path}/../{}", self.pick(&["a", "b"])),
            3 => self
                .pick(&[".", "..", "/", "nowhere", "a/../../b"])
                .to_owned(),
            _ => path,
        }
    }

    fn member(&mut self) -> Member {
        let mut path = self.path();
        if self.below(12) == 0 {
            path = format!("{}{path}", self.pick(&["/", "./", "../", "x/../"]));
        }
        let content = self.pick(&["", "1", "22", "333", "same"]);
        let mut member = match self.below(100) {
            0..35 => Member::file(path, content),
            35..55 => Member::directory(path),
            55..67 => Member::symlink(path, self.target()),
            67..80 => Member::hard_link(path, self.target()),
            80..83 => Member::new(path, EntryType::Fifo),
            83..94 => Member::file(
                format!("{}/.wh.{}", parent(&path), self.pick(&["a", "b", "c", "d"])),
                "",
            ),
            94..98 => Member::file(join(parent(&path), ".wh..wh..opq"), ""),
            98 => Member::directory(self.pick(&[".", "/", "./"])),
            _ => Member::file(self.pick(&[".wh.", "a/.wh..", ".wh...", "..", ""]), "never"),
        };
        member.mode = 0o600 + self.below(2) as u32;
        member.uid = self.below(2);
        member.mtime = self.below(2);
        member
    }

    pub(crate) fn image(&mut self) -> Vec<Layer> {
        let layers = 1 + self.below(5);
        (0..layers)
            .map(|_| {
                let entries = self.below(14);
                Layer::new((0..entries).map(|_| self.member()).collect())
            })
            .collect()
    }
}
