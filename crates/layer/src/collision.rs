//! Entries of one layer that claim the same place, here or on a file system that is less particular about names.

use twox_hash::XxHash3_64;

use crate::decompose::decompose;
use crate::oddity::{Oddity, OddityKind};
use crate::{LayerIndex, components};

/// Every entry whose cleaned path an earlier entry has, or has in other case or other spelling; in the order of the archive.
///
/// No path is kept: hashes are sorted, and only paths of equal hashes are looked at once more.
pub(crate) fn collisions(index: &LayerIndex) -> Vec<Oddity> {
    let mut paths = Paths::of(index);
    let mut folded: Vec<Hashed> = (0..)
        .map_while(|number| Some(Hashed::new(paths.spelt(number, Case::Folded)?, number)))
        .collect();
    folded.sort_unstable();
    let mut found = Vec::new();
    for group in folded.chunk_by(Hashed::agrees) {
        if group.len() > 1 {
            in_group(index, group, &mut found);
        }
    }
    // Each entry is there once.
    found.sort_by_cached_key(|(number, ..)| u64::from(*number));
    let oddity = |(number, kind, first): Found| {
        let entry = index.entry(number as usize);
        let offset = entry.map_or(0, |entry| entry.content.offset);
        Oddity::new(kind, offset, Some(number), first.to_string().as_bytes())
    };
    found.into_iter().map(oddity).collect()
}

/// A collision: the later entry, what is wrong with it, and the first entry of that path.
type Found = (u32, OddityKind, u32);

/// Looks at entries whose paths, without regard to case and spelling, have one hash.
fn in_group(index: &LayerIndex, group: &[Hashed], found: &mut Vec<Found>) {
    let (mut one, mut other) = (Paths::of(index), Paths::of(index));
    let mut exact: Vec<Hashed> = group
        .iter()
        .filter_map(|it| Some(Hashed::new(one.clean(it.number)?, it.number)))
        .collect();
    exact.sort_unstable();
    let mut spellings = Vec::new();
    for same in exact.chunk_by(Hashed::agrees) {
        let Some((first, later)) = same.split_first() else {
            continue;
        };
        spellings.push(first.number);
        let path = one.clean(first.number);
        for it in later {
            if other.clean(it.number) == path {
                found.push((it.number, OddityKind::DuplicatePath, first.number));
            }
        }
    }
    spellings.sort_by_cached_key(|number| u64::from(*number));
    let Some((first, later)) = spellings.split_first() else {
        return;
    };
    for number in later {
        if other.spelt(*number, Case::Folded) != one.spelt(*first, Case::Folded) {
            continue;
        }
        let is_same_case = other.spelt(*number, Case::Kept) == one.spelt(*first, Case::Kept);
        let kind = match is_same_case {
            true => OddityKind::UnicodeCollision,
            false => OddityKind::CaseCollision,
        };
        found.push((*number, kind, *first));
    }
}

/// An entry's number and a hash of its path, in 12 bytes and not 16: there may be ten million.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hashed {
    high: u32,
    low: u32,
    number: u32,
}

impl Hashed {
    fn new(path: &[u8], number: u32) -> Self {
        let hash = XxHash3_64::oneshot(path);
        Self {
            high: (hash >> 32) as u32,
            low: hash as u32,
            number,
        }
    }

    fn agrees(&self, other: &Self) -> bool {
        (self.high, self.low) == (other.high, other.low)
    }
}

/// Whether upper case is as good as lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Folded,
}

/// Paths in the form in which they are compared, one at a time.
struct Paths<'a> {
    index: &'a LayerIndex,
    clean: Vec<u8>,
    spelt: Vec<u8>,
}

impl<'a> Paths<'a> {
    fn of(index: &'a LayerIndex) -> Self {
        Self {
            index,
            clean: Vec::new(),
            spelt: Vec::new(),
        }
    }

    /// The cleaned path.
    fn clean(&mut self, number: u32) -> Option<&[u8]> {
        let path = self.index.path(number as usize)?;
        self.clean.clear();
        for name in components(path) {
            self.clean.push(b'/');
            self.clean.extend_from_slice(name);
        }
        Some(&self.clean)
    }

    /// The cleaned path with its letters taken apart.
    fn spelt(&mut self, number: u32, case: Case) -> Option<&[u8]> {
        self.clean(number)?;
        self.spelt.clear();
        match std::str::from_utf8(&self.clean) {
            Ok(text) if !text.is_ascii() => {
                let mut put = |letter: char| {
                    let mut buffer = [0; 4];
                    let letter = letter.encode_utf8(&mut buffer);
                    self.spelt.extend_from_slice(letter.as_bytes());
                };
                for letter in text.chars().flat_map(decompose) {
                    match case {
                        Case::Kept => put(letter),
                        Case::Folded => letter.to_lowercase().for_each(&mut put),
                    }
                }
            }
            _ => {
                self.spelt.extend_from_slice(&self.clean);
                if case == Case::Folded {
                    self.spelt.make_ascii_lowercase();
                }
            }
        }
        Some(&self.spelt)
    }
}
