//! Images that nobody builds: few names, many links, and all that runtimes refuse or disagree about.

use tar::EntryType;

use crate::dice::Dice;
use crate::disk::{join, parent};
use crate::image::{Layer, Packing};
use crate::member::Member;

fn path(dice: &mut impl Dice) -> String {
    let depth = 1 + dice.below(3);
    let names: Vec<_> = (0..depth)
        .map(|_| dice.pick(&["a", "b", "c", "d"]))
        .collect();
    names.join("/")
}

fn target(dice: &mut impl Dice) -> String {
    let path = path(dice);
    match dice.below(6) {
        0 => format!("/{path}"),
        1 => format!("../{path}"),
        2 => format!("{path}/../{}", dice.pick(&["a", "b"])),
        3 => dice
            .pick(&[".", "..", "/", "nowhere", "a/../../b"])
            .to_owned(),
        _ => path,
    }
}

fn member(dice: &mut impl Dice) -> Member {
    let mut path = path(dice);
    if dice.once_in(12) {
        path = format!("{}{path}", dice.pick(&["/", "./", "../", "x/../"]));
    }
    let content = dice.pick(&["", "1", "22", "333", "same"]);
    let mut member = match dice.below(100) {
        0..35 => Member::file(path, content),
        35..55 => Member::directory(path),
        55..67 => Member::symlink(path, target(dice)),
        67..80 => Member::hard_link(path, target(dice)),
        80..83 => Member::new(path, EntryType::Fifo),
        83..94 => Member::file(
            format!("{}/.wh.{}", parent(&path), dice.pick(&["a", "b", "c", "d"])),
            "",
        ),
        94..98 => Member::file(join(parent(&path), ".wh..wh..opq"), ""),
        98 => Member::directory(dice.pick(&[".", "/", "./"])),
        _ => Member::file(dice.pick(&[".wh.", "a/.wh..", ".wh...", "..", ""]), "never"),
    };
    member.mode = 0o600 + dice.below(2) as u32;
    member.uid = dice.below(2);
    member.gid = dice.below(2);
    member.mtime = dice.below(2);
    if dice.once_in(8) {
        let value = dice.pick(&["", "x", "y"]);
        member
            .xattrs
            .push(("user.note".to_owned(), value.as_bytes().to_vec()));
    }
    member
}

pub(crate) fn image(dice: &mut impl Dice) -> Vec<Layer> {
    let layers = 1 + dice.below(5);
    (0..layers)
        .map(|_| {
            let entries = dice.below(14);
            let packing = match dice.below(16) {
                0 => Packing::Gzip,
                1 => Packing::Zstd,
                _ => Packing::Plain,
            };
            Layer::packed((0..entries).map(|_| member(dice)).collect(), packing)
        })
        .collect()
}
