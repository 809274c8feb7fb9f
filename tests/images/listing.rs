//! A filesystem as a list that can be compared: as `layerscope ls -R --json` tells it, and as it is on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{layerscope, succeed};
use serde_json::Value;

/// All paths of a filesystem but its root.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) entries: BTreeMap<OsString, Entry>,
    /// Names of the same file, where it has several here.
    links: BTreeSet<BTreeSet<OsString>>,
}

/// What stands at a path. All names of a file have the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    kind: String,
    mode: u64,
    /// Of files only: what a directory or a link takes is the disk's business.
    size: Option<u64>,
    owner: Option<(u64, u64)>,
    /// Of symbolic links.
    target: Option<OsString>,
    /// Whole seconds since 1970.
    mtime: i64,
}

impl Listing {
    /// What the binary lists of the merged tree.
    pub(crate) fn of_image(source: &str) -> Self {
        let ended = succeed(&mut layerscope(["ls", "-R", "--json", source]));
        assert_eq!(ended.errors(), "", "a remark where everything verifies");
        let json = ended.json();
        let rows = json.as_array().expect("an array");
        // Links name their file as it is displayed.
        let displayed: BTreeMap<&str, &Value> =
            rows.iter().map(|row| (text(row, "path"), row)).collect();
        let mut listing = Self::default();
        let mut names: BTreeMap<OsString, BTreeSet<OsString>> = BTreeMap::new();
        for row in rows {
            let mut file = row;
            while text(file, "kind") == "hardlink" {
                file = displayed[text(file, "link")];
            }
            names.entry(path(file)).or_default().insert(path(row));
            let before = listing
                .entries
                .insert(path(row), Entry::of_row(row, text(file, "kind")));
            assert_eq!(before, None, "{:?} is listed twice", path(row));
        }
        listing.links = names
            .into_values()
            .filter(|names| names.len() > 1)
            .collect();
        listing
    }

    /// What is on disk below `root`.
    pub(crate) fn of_disk(root: &Path) -> Self {
        let mut listing = Self::default();
        let mut names: BTreeMap<u64, BTreeSet<OsString>> = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(directory) = open.pop() {
            for child in fs::read_dir(&directory).expect("a directory") {
                let path = child.expect("an entry").path();
                let metadata = fs::symlink_metadata(&path).expect("metadata");
                let below = path.strip_prefix(root).expect("a path below the root");
                let name = Path::new("/").join(below).into_os_string();
                if metadata.is_dir() {
                    open.push(path.clone());
                } else {
                    names
                        .entry(metadata.ino())
                        .or_default()
                        .insert(name.clone());
                }
                listing
                    .entries
                    .insert(name, Entry::of_disk(&path, &metadata));
            }
        }
        listing.links = names
            .into_values()
            .filter(|names| names.len() > 1)
            .collect();
        listing
    }

    /// The same without owners, which only root can give away.
    pub(crate) fn without_owners(mut self) -> Self {
        for entry in self.entries.values_mut() {
            entry.owner = None;
        }
        self
    }

    /// The same without the times of some paths.
    pub(crate) fn without_times(mut self, of: impl Fn(&str) -> bool) -> Self {
        for (path, entry) in &mut self.entries {
            if path.to_str().is_some_and(&of) {
                entry.mtime = 0;
            }
        }
        self
    }

    /// In what the paths that both have differ, of what is listed; paths that do not differ are left out.
    pub(crate) fn attributes_against(
        &self,
        other: &Self,
    ) -> BTreeMap<OsString, BTreeSet<&'static str>> {
        let both = self
            .entries
            .iter()
            .filter_map(|(path, one)| Some((path, one, other.entries.get(path)?)));
        let differing = both.map(|(path, one, two)| {
            let facts = [
                ("kind", one.kind != two.kind),
                ("size", one.size.unwrap_or(0) != two.size.unwrap_or(0)),
                ("mode", one.mode != two.mode),
                ("owner", one.owner != two.owner),
                ("link", one.target != two.target),
                ("mtime", one.mtime != two.mtime),
            ];
            let names = facts
                .into_iter()
                .filter(|(_, differs)| *differs)
                .map(|(name, _)| name);
            (path.clone(), names.collect::<BTreeSet<_>>())
        });
        differing.filter(|(_, names)| !names.is_empty()).collect()
    }

    /// How many files have several names.
    pub(crate) fn linked(&self) -> usize {
        self.links.len()
    }

    /// Every difference in words; empty when there is none.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let paths: BTreeSet<&OsString> = self.entries.keys().chain(other.entries.keys()).collect();
        let entries = paths
            .into_iter()
            .map(|path| (path, self.entries.get(path), other.entries.get(path)))
            .filter(|(_, one, two)| one != two)
            .map(|(path, one, two)| format!("{path:?}\n  {one:?}\n  {two:?}"));
        let links = self.links.symmetric_difference(&other.links);
        entries
            .chain(links.map(|names| format!("names of one file only here: {names:?}")))
            .collect()
    }
}

impl Entry {
    fn of_row(row: &Value, kind: &str) -> Self {
        let number = |key: &str| {
            row[key]
                .as_u64()
                .unwrap_or_else(|| panic!("no {key} in {row}"))
        };
        Self {
            kind: kind.to_owned(),
            mode: number("mode"),
            size: (kind == "file").then(|| number("size")),
            owner: Some((number("uid"), number("gid"))),
            target: (kind == "symlink").then(|| OsString::from(text(row, "link"))),
            mtime: seconds(text(row, "mtime")),
        }
    }

    fn of_disk(path: &Path, metadata: &fs::Metadata) -> Self {
        let of = metadata.file_type();
        let kind = match () {
            () if of.is_dir() => "directory",
            () if of.is_symlink() => "symlink",
            () if of.is_file() => "file",
            () if of.is_fifo() => "fifo",
            () if of.is_char_device() => "char",
            () if of.is_block_device() => "block",
            () => "other",
        };
        Self {
            kind: kind.to_owned(),
            mode: u64::from(metadata.mode() & 0o7777),
            size: of.is_file().then_some(metadata.len()),
            owner: Some((metadata.uid().into(), metadata.gid().into())),
            target: of
                .is_symlink()
                .then(|| fs::read_link(path).expect("a link").into_os_string()),
            mtime: metadata.mtime(),
        }
    }
}

pub(crate) fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {row}"))
}

pub(crate) fn path(row: &Value) -> OsString {
    match row["pathBase64"].as_str() {
        Some(base64) => OsString::from_vec(STANDARD.decode(base64).expect("base64")),
        None => OsString::from(text(row, "path")),
    }
}

/// Whole seconds since 1970 of `YYYY-MM-DDThh:mm:ss[.fraction]Z` (RFC 3339).
fn seconds(time: &str) -> i64 {
    let part = |from: usize, to: usize| -> i64 {
        let digits = time
            .get(from..to)
            .unwrap_or_else(|| panic!("no time: {time}"));
        digits.parse().unwrap_or_else(|_| panic!("no time: {time}"))
    };
    assert!(time.ends_with('Z'), "{time}");
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    // Years begin in March here, so that the leap day is the last of one.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    // Day 0 is 1 March of the year 0.
    (days - 719_468) * 86_400 + part(11, 13) * 3600 + part(14, 16) * 60 + part(17, 19)
}

#[test]
fn times_are_counted() {
    for (time, expected) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.5Z", -1),
        ("2000-02-29T12:00:00Z", 951_825_600),
        ("2026-01-01T00:00:00.123456789Z", 1_767_225_600),
    ] {
        assert_eq!(seconds(time), expected, "{time}");
    }
}

#[test]
fn a_difference_is_seen() {
    let directory = harness::Directory::new("listing");
    directory.write("root/a", "1");
    let before = Listing::of_disk(&directory.join("root"));
    assert!(
        before
            .differences(&Listing::of_disk(&directory.join("root")))
            .is_empty()
    );
    fs::hard_link(directory.join("root/a"), directory.join("root/b")).unwrap();
    let after = Listing::of_disk(&directory.join("root"));
    assert_eq!(after.linked(), 1);
    assert_eq!(
        before.differences(&after).len(),
        2,
        "a new path, and a group of names"
    );
    directory.write("root/a", "23");
    assert_eq!(
        after
            .differences(&Listing::of_disk(&directory.join("root")))
            .len(),
        2,
        "both names"
    );
}
