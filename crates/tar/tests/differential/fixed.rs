//! Archives at the limits, which are too large to be made often.

use crate::archive::{archive, named};
use crate::case::{Case, Piece};
use crate::sparse_file::{Map, SparseFile};

const MEBI: usize = 1 << 20;

pub(crate) fn all() -> Vec<Case> {
    let gnu = || named("raw").gnu();
    let name = |length: usize| [&vec![b'n'; length - 1][..], b"\0"].concat();
    let segments = |count: u64| {
        let mut file = SparseFile::small(1);
        file.runs = (0..count).map(|run| (run * 2, 0)).collect();
        (file.size, file.stored) = (count * 2, Vec::new());
        archive().raw(&file.piece(Map::V10).bytes)
    };
    let cases = [
        (
            "sixteen-extensions",
            (0..16)
                .fold(archive(), |all, _| all.long_name("name\0"))
                .file("raw", "r"),
        ),
        (
            "many-extensions",
            (0..17)
                .fold(archive(), |all, _| all.long_name("name\0"))
                .file("raw", "r"),
        ),
        (
            "long-metadata",
            archive().long_name(name(MEBI)).member(gnu(), "r"),
        ),
        (
            "longer-metadata",
            archive().long_name(name(MEBI + 1)).member(gnu(), "r"),
        ),
        (
            "two-long-metadata",
            archive()
                .long_link(name(MEBI / 2 + 1))
                .long_name(name(MEBI / 2))
                .member(gnu(), "r"),
        ),
        ("many-segments", segments(10_000)),
        ("more-segments", segments(10_001)),
        (
            "large-file",
            archive().file("large", vec![b'l'; 3 * MEBI + 5]),
        ),
    ];
    let finished = cases.map(|(name, archive)| {
        let pieces = vec![
            Piece::new(archive, &[name]),
            Piece::new(crate::archive::archive().zeros(1024), &[]),
        ];
        Case::new(name.to_owned(), pieces)
    });
    finished.into()
}
