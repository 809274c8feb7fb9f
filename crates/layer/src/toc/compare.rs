//! The table of contents of an eStargz layer, against the archive that it should describe.
//!
//! A runtime that pulls lazily (stargz-snapshotter) shows the files that `stargz.index.json` names, and every other one
//! unpacks the archive; so a table that says something else makes two images of one layer (eStargz, "TOC":
//! `docs/estargz.md` of stargz-snapshotter).

use std::collections::BTreeMap;

use layerscope_tar as tar;
use layerscope_tar::Kind;

use super::NAME;
use super::row::{self, Row};
use crate::limits::MAX_TOC;
use crate::oddity::{Oddities, Oddity, OddityKind};
use crate::{Entry, LayerIndex, components};

/// Letters of a link's target that are told.
const TOLD: usize = 100;

/// A table of contents as it comes by.
pub(crate) struct Toc {
    /// Where its header is.
    offset: u64,
    len: u64,
    bytes: Vec<u8>,
}

impl Toc {
    /// The table that `entry` begins, if it is one.
    pub(crate) fn of(entry: &tar::Entry) -> Option<Self> {
        let is_table = entry.kind == Kind::File && components(&entry.path).eq([NAME.as_bytes()]);
        is_table.then(|| Self {
            offset: entry.header_offset,
            len: entry.stored,
            bytes: Vec::new(),
        })
    }

    pub(crate) fn data(&mut self, bytes: &[u8]) {
        if self.len <= MAX_TOC {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// The same table in an archive that begins at this offset.
    pub(crate) fn behind(self, offset: u64) -> Self {
        let offset = self.offset.saturating_add(offset);
        Self { offset, ..self }
    }

    /// The whole table; `None` if not all of it came.
    pub(crate) fn into_json(self) -> Option<Vec<u8>> {
        (self.bytes.len() as u64 == self.len).then_some(self.bytes)
    }

    /// Tells where the table and the entries differ.
    pub(crate) fn compare(&self, index: &LayerIndex, oddities: &mut Oddities) {
        // A listing passes over contents, and says nothing of what it has not read.
        if self.len <= MAX_TOC && (self.bytes.len() as u64) < self.len {
            return;
        }
        let mut stated = match self.read() {
            Ok(stated) => stated,
            Err(why) => {
                let why = why.as_bytes();
                return oddities.push(Oddity::new(
                    OddityKind::TocUnchecked,
                    self.offset,
                    None,
                    why,
                ));
            }
        };
        let mut tell = |entry: Option<u32>, name: &str, toc: &str, tar: &str| {
            let detail = format!("{toc}\0{tar}\0/{name}");
            let kind = OddityKind::TocDisagrees;
            oddities.push(Oddity::new(kind, self.offset, entry, detail.as_bytes()));
        };
        // The last entry of a path is the one that counts, and the others are told as duplicates.
        for number in (0..index.len()).rev() {
            let Some(entry) = index.entry(number) else {
                continue;
            };
            let (Some(name), Some(found)) = (cleaned(entry.path), said(&entry)) else {
                continue;
            };
            let number = u32::try_from(number).ok();
            match stated.get_mut(&name) {
                // Compared already, by a later entry.
                Some(stated) if stated.is_empty() => {}
                Some(stated) => {
                    let stated = std::mem::take(stated);
                    if stated != found {
                        tell(number, &name, &stated, &found);
                    }
                }
                None if name == NAME || name.is_empty() => {}
                None => tell(number, &name, "-", &found),
            }
        }
        for (name, stated) in &stated {
            if !stated.is_empty() {
                tell(None, name, stated, "-");
            }
        }
    }

    /// What the table says of each path, or why it cannot be told.
    fn read(&self) -> Result<BTreeMap<String, String>, String> {
        if self.len > MAX_TOC {
            return Err(format!("{} bytes", self.len));
        }
        let mut stated = BTreeMap::new();
        let is_table = row::each(&self.bytes, &mut |row| {
            stated.extend(stated_by(&row));
            true
        });
        if !is_table.map_err(|error| error.to_string())? {
            return Err("no entries".to_owned());
        }
        Ok(stated)
    }
}

/// What a row says of its path.
fn stated_by(row: &Row) -> Option<(String, String)> {
    let name = cleaned(row.text("name")?.as_bytes())?;
    let kind = row.text("type")?;
    // Go writes U+FFFD for bytes that are not UTF-8, and no name can be found by that.
    if name.is_empty() || name.contains('\u{fffd}') || kind == "chunk" {
        return None;
    }
    let link = row.text("linkName").unwrap_or_default();
    let size = row.number("size").unwrap_or(0);
    Some((name, say(kind, size, link.as_bytes())))
}

/// A path without what means nothing in it; `None` if it is not UTF-8.
fn cleaned(path: &[u8]) -> Option<String> {
    let path = components(path).collect::<Vec<_>>().join(&b'/');
    String::from_utf8(path).ok()
}

/// What the archive says of an entry, in the words of the table.
fn said(entry: &Entry<'_>) -> Option<String> {
    let kind = match entry.kind {
        Kind::File => "reg",
        Kind::HardLink => "hardlink",
        Kind::Symlink => "symlink",
        Kind::Char => "char",
        Kind::Block => "block",
        Kind::Directory => "dir",
        Kind::Fifo => "fifo",
        Kind::Other(_) => return None,
    };
    Some(say(kind, entry.size, entry.link))
}

fn say(kind: &str, size: u64, link: &[u8]) -> String {
    let link = match kind {
        "reg" => return format!("reg {size}"),
        "symlink" => String::from_utf8_lossy(link).into_owned(),
        "hardlink" => cleaned(link).unwrap_or_default(),
        _ => return kind.to_owned(),
    };
    let link: String = link.chars().take(TOLD).collect();
    format!("{kind} {link}")
}
