//! Two images compared, against what `diff` finds between them on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use harness::{Directory, Ended, LayerTar, end, layerscope, remark, succeed, tool};
use serde_json::{Value, json};

use crate::listing::{self, Listing, text};
use crate::machine::{self, is_root};
use crate::unpacked::{remove, umoci};

/// Two tags of one layout, `a` and `b`, with two layers in common.
struct Pair<'d> {
    directory: &'d Directory,
}

impl Pair<'_> {
    fn layout(&self) -> PathBuf {
        self.directory.join("image")
    }

    /// As umoci names an image.
    fn image(&self, tag: &str) -> String {
        format!("{}:{tag}", self.layout().display())
    }

    /// As we do.
    fn source(&self, tag: &str) -> String {
        format!("oci:{}", self.image(tag))
    }

    fn bundle(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Where an image was unpacked.
    fn root(&self, tag: &str) -> PathBuf {
        self.directory.join(format!("root-{tag}"))
    }

    fn add_layer(&self, tag: &str, tar: Vec<u8>) {
        let tar = self.directory.write("layer.tar", tar);
        succeed(umoci(&["raw", "add-layer"], &self.image(tag)).arg(tar));
    }

    /// One more layer, with what `change` does to the files of an image.
    fn step(&self, tag: &str, change: impl FnOnce(&Path)) {
        let bundle = self.bundle("bundle");
        succeed(umoci(&["unpack"], &self.image(tag)).arg(&bundle));
        change(&bundle.join("rootfs"));
        succeed(umoci(&["repack"], &self.image(tag)).arg(&bundle));
        remove(&bundle);
    }

    fn build(&self) {
        succeed(tool("umoci").args(["init", "--layout"]).arg(self.layout()));
        succeed(&mut umoci(&["new"], &self.image("a")));
        self.step("a", |root| machine::fill(root, self.directory));
        let base = LayerTar::new()
            .directory("both/")
            .directory("both/opaque/")
            .file("both/opaque/old", b"old\n")
            .file("both/opaque/kept", b"kept\n")
            .directory("both/opaque/deep/")
            .file("both/opaque/deep/file", b"deep\n")
            .directory("both/gone/")
            .file("both/gone/file", b"gone\n")
            .file("both/note", b"note\n")
            .file("both/linked", b"linked\n");
        self.add_layer("a", base.finish());
        succeed(tool("umoci").args(["tag", "--image", &self.image("a"), "b"]));

        self.add_layer("a", LayerTar::new().file("both/only-a", b"a\n").finish());
        self.step("b", |root| {
            machine::change(root);
            machine::link(root);
            alter(root);
        });
        self.add_layer("b", note_and_opaque());
        succeed(umoci(&["config"], &self.image("b")).args([
            "--config.user=1000:1000",
            "--config.env=FRUIT=apple",
            "--config.cmd=/bin/true",
            "--config.label=kind=b",
        ]));
        for tag in ["a", "b"] {
            succeed(umoci(&["raw", "unpack"], &self.image(tag)).arg(self.root(tag)));
            if !is_root() {
                // What is closed to its owner cannot be compared; `diff` looks at no modes.
                succeed(tool("chmod").args(["-R", "u+rwX"]).arg(self.root(tag)));
            }
        }
    }
}

/// Changes of one attribute each, which `diff` does not see, and some more that it does.
fn alter(root: &Path) {
    let at = |path: &str| root.join(path);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
    let file = File::options().write(true).open(at("rare/kept/with space"));
    file.expect("a file").set_modified(time).expect("a time");
    fs::set_permissions(at("rare/modes/0777"), Permissions::from_mode(0o0700)).expect("a mode");
    if is_root() {
        chown(at("rare/modes/1777"), Some(77), Some(78)).expect("an owner");
        fs::set_permissions(at("rare/modes/1777"), Permissions::from_mode(0o1777)).expect("a mode");
    }
    // As long as it was, and with the time that it had.
    let same_size = at("rare/modes/2755");
    let before = fs::metadata(&same_size).and_then(|found| found.modified());
    fs::write(&same_size, b"EDOM").expect("a file");
    fs::set_permissions(&same_size, Permissions::from_mode(0o2755)).expect("a mode");
    let file = File::options()
        .write(true)
        .open(&same_size)
        .expect("a file");
    file.set_modified(before.expect("a time")).expect("a time");
    fs::remove_file(at("rare/dangling")).expect("a link");
    symlink("no/such/other", at("rare/dangling")).expect("a link");
    fs::remove_dir_all(at("both/gone")).expect("a directory");
    fs::hard_link(at("both/linked"), at("both/linked-too")).expect("a hard link");
}

/// The same file with an extended attribute, and a directory that hides what it had.
fn note_and_opaque() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_pax_extensions([("SCHILY.xattr.user.note", &b"apple"[..])])
        .expect("an attribute");
    let mut append = |path: &str, content: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_mode(if path.ends_with('/') { 0o755 } else { 0o644 });
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        if path.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
        }
        tar.append_data(&mut header, path, content)
            .expect("an entry");
    };
    append("both/note", b"note\n");
    append("both/opaque/", b"");
    append("both/opaque/.wh..wh..opq", b"");
    append("both/opaque/kept", b"kept\n");
    append("both/opaque/new", b"new\n");
    tar.into_inner().expect("an archive")
}

/// How a path differs, as far as `diff -rq --no-dereference` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    OnlyA,
    OnlyB,
    Kind,
    Content,
    Target,
}

/// What `diff` finds between two trees on disk, with each path below a directory that it tells as one.
fn of_disk(a: &Path, b: &Path) -> BTreeSet<(OsString, How)> {
    let mut command = tool("diff");
    command
        .args(["-rq", "--no-dereference"])
        .args([a, b])
        .env("LC_ALL", "C");
    let ended = end(&mut command).exit(1);
    assert_eq!(ended.errors(), "");
    let mut found = BTreeSet::new();
    for line in ended
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        of_line(line, a, b, &mut found);
    }
    found
}

fn of_line(line: &[u8], a: &Path, b: &Path, found: &mut BTreeSet<(OsString, How)>) {
    let shown = String::from_utf8_lossy(line);
    let below = |path: &[u8], root: &Path| -> Option<OsString> {
        let path = Path::new(OsStr::from_bytes(path)).strip_prefix(root).ok()?;
        Some(Path::new("/").join(path).into_os_string())
    };
    if let Some(rest) = line.strip_prefix(b"Only in ") {
        let (directory, name) = split(rest, b": ").unwrap_or_else(|| panic!("{shown}"));
        for (root, how) in [(a, How::OnlyA), (b, How::OnlyB)] {
            if let Some(directory) = below(directory, root) {
                let path = Path::new(&directory).join(OsStr::from_bytes(name));
                all_below(root, &path, how, found);
                return;
            }
        }
        panic!("{shown}");
    }
    for (start, end, how) in [
        ("Files ", " differ", How::Content),
        ("Symbolic links ", " differ", How::Target),
    ] {
        let both = line
            .strip_prefix(start.as_bytes())
            .and_then(|rest| rest.strip_suffix(end.as_bytes()));
        if let Some((one, _)) = both.and_then(|both| split(both, b" and ")) {
            found.insert((below(one, a).unwrap_or_else(|| panic!("{shown}")), how));
            return;
        }
    }
    let rest = line
        .strip_prefix(b"File ")
        .unwrap_or_else(|| panic!("{shown}"));
    let (one, other) = split(rest, b" while file ").unwrap_or_else(|| panic!("{shown}"));
    let (path, kind) = split(one, b" is a ").unwrap_or_else(|| panic!("{shown}"));
    let (_, other_kind) = split(other, b" is a ").unwrap_or_else(|| panic!("{shown}"));
    let path = below(path, a).unwrap_or_else(|| panic!("{shown}"));
    if kind == other_kind {
        // It does not compare two pipes or two devices, and says so of every pair; the list that we are held
        // against beside this one does.
        assert!(
            kind == b"fifo" || kind.ends_with(b"special file"),
            "{shown}"
        );
        return;
    }
    for (root, how) in [(a, How::OnlyA), (b, How::OnlyB)] {
        let full = root.join(
            Path::new(&path)
                .strip_prefix("/")
                .expect("an absolute path"),
        );
        if fs::symlink_metadata(&full).expect("metadata").is_dir() {
            for child in fs::read_dir(&full).expect("a directory") {
                let child = Path::new(&path).join(child.expect("an entry").file_name());
                all_below(root, &child, how, found);
            }
        }
    }
    found.insert((path, How::Kind));
}

/// What is before and after the first `by`.
fn split<'l>(line: &'l [u8], by: &[u8]) -> Option<(&'l [u8], &'l [u8])> {
    let at = line.windows(by.len()).position(|window| window == by)?;
    Some((&line[..at], &line[at + by.len()..]))
}

fn all_below(root: &Path, path: &Path, how: How, found: &mut BTreeSet<(OsString, How)>) {
    let full = root.join(path.strip_prefix("/").expect("an absolute path"));
    if fs::symlink_metadata(&full).expect("metadata").is_dir() {
        for child in fs::read_dir(&full).expect("a directory") {
            let child = path.join(child.expect("an entry").file_name());
            all_below(root, &child, how, found);
        }
    }
    found.insert((path.as_os_str().to_owned(), how));
}

/// The same of what we list.
fn of_report(files: &[Value]) -> BTreeSet<(OsString, How)> {
    let seen = files.iter().filter_map(|file| {
        let how = match text(file, "change") {
            "added" => How::OnlyB,
            "removed" => How::OnlyA,
            "metadata" => return None,
            _ if has(file, "kind") => How::Kind,
            _ if has(file, "link") => How::Target,
            _ => How::Content,
        };
        Some((listing::path(file), how))
    });
    seen.collect()
}

fn attributes(file: &Value) -> BTreeSet<&str> {
    let names = file["attributes"].as_array().expect("an array");
    names
        .iter()
        .map(|name| name.as_str().expect("a name"))
        .collect()
}

fn has(file: &Value, attribute: &str) -> bool {
    attributes(file).contains(attribute)
}

/// The paths that both have and that differ in what a listing of the disk tells.
fn listed(files: &[Value]) -> BTreeMap<OsString, BTreeSet<&str>> {
    let both = files
        .iter()
        .filter(|file| !file["a"].is_null() && !file["b"].is_null());
    let names = both.map(|file| {
        let mut names = attributes(file);
        for unlisted in ["content", "xattrs", "device"] {
            names.remove(unlisted);
        }
        (listing::path(file), names)
    });
    names
        .filter(|(path, names)| !names.is_empty() && path != OsStr::new("/"))
        .collect()
}

fn diff(words: &[&str]) -> Ended {
    let mut all = vec!["diff"];
    all.extend(words);
    end(&mut layerscope(all))
}

#[test]
fn what_differs_is_what_diff_finds_on_disk() {
    let directory = Directory::new("compared");
    let pair = Pair {
        directory: &directory,
    };
    pair.build();
    let (a, b) = (pair.source("a"), pair.source("b"));
    let ended = diff(&["--json", &a, &b]).exit(1);
    assert_eq!(
        ended.errors(),
        "layerscope: 2 of 4 layers of B are layers of A too and were read once\n"
    );
    let report = ended.json();
    let files = report["files"].as_array().expect("an array");

    let expected = of_disk(&pair.root("a"), &pair.root("b"));
    for how in [How::OnlyA, How::OnlyB, How::Kind, How::Content, How::Target] {
        assert!(
            expected.iter().any(|(_, found)| *found == how),
            "{how:?} is not tried"
        );
    }
    let found = of_report(files);
    let differences: Vec<_> = found.symmetric_difference(&expected).collect();
    assert!(
        differences.is_empty(),
        "only one of both lists: {differences:?}"
    );

    // What `diff` does not look at.
    let disks = ["a", "b"].map(|tag| Listing::of_disk(&pair.root(tag)));
    let expected = disks[0].attributes_against(&disks[1]);
    let found = listed(files);
    if is_root() {
        let paths: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
        let differ = paths
            .into_iter()
            .filter(|path| found.get(*path) != expected.get(*path));
        let differ: Vec<_> = differ
            .map(|path| (path, found.get(path), expected.get(path)))
            .collect();
        assert!(differ.is_empty(), "(path, found, expected): {differ:?}");
    } else {
        remark(
            "not root: modes and owners on disk are not those of the image, and are not compared",
        );
    }
    for (path, names) in [
        ("/rare/kept/with space", &["mtime"][..]),
        ("/rare/modes/0777", &["mode"]),
        ("/rare/modes/2755", &["content"]),
        ("/both/note", &["xattrs"]),
        (
            "/rare/to-directory",
            &["content", "kind", "mode", "mtime", "size"],
        ),
    ] {
        let file = files.iter().find(|file| text(file, "path") == path);
        let file = file.unwrap_or_else(|| panic!("{path} is not listed"));
        assert_eq!(attributes(file), names.iter().copied().collect(), "{path}");
    }
    if is_root() {
        let file = files
            .iter()
            .find(|file| text(file, "path") == "/rare/modes/1777")
            .expect("it is listed");
        assert_eq!(attributes(file), ["owner"].into());
    }
    for hidden in [
        "/both/opaque/old",
        "/both/opaque/deep/file",
        "/both/gone/file",
        "/rare/to-file/below/a",
    ] {
        let gone = (OsString::from(hidden), How::OnlyA);
        assert!(of_report(files).contains(&gone), "{hidden}");
    }
    assert!(
        !files
            .iter()
            .any(|file| ["/both/opaque/kept", "/both/linked"].contains(&text(file, "path")))
    );
    agree(&report, files);
    in_words(&a, &b, files);
    part(&a, &b, &of_report(files));
    for root in [pair.root("a"), pair.root("b")] {
        remove(&root);
    }
}

/// What the report says besides its list.
fn agree(report: &Value, files: &[Value]) {
    let count = |change: &str| {
        files
            .iter()
            .filter(|file| text(file, "change") == change)
            .count()
    };
    for change in ["added", "removed", "modified", "metadata"] {
        assert_eq!(report["totals"][change], json!(count(change)), "{change}");
    }
    assert_eq!(report["same"], json!(false));
    assert_eq!(report["totals"]["unproven"], json!(0));
    let same = |side: usize| -> Vec<Value> {
        let layers = report["layers"][side].as_array().expect("layers");
        layers.iter().map(|layer| layer["same"].clone()).collect()
    };
    assert_eq!(same(0), [json!(0), json!(1), Value::Null]);
    assert_eq!(same(1), [json!(0), json!(1), Value::Null, Value::Null]);
    assert_eq!(report["layers"][0][0]["proven"], json!(true));
    let config: Vec<(&str, &Value)> = (report["config"].as_array().expect("differences").iter())
        .map(|one| (text(one, "field"), &one["b"]))
        .filter(|(field, _)| *field != "created")
        .collect();
    let expected = [
        ("user", json!(["1000:1000"])),
        ("env", json!(["apple"])),
        ("cmd", json!(["/bin/true"])),
        ("labels", json!(["b"])),
    ];
    assert_eq!(
        config,
        expected.each_ref().map(|(field, value)| (*field, value))
    );
    // All of the difference in size is somewhere.
    let named = report["growth"].as_array().expect("directories");
    let sum: i64 = named
        .iter()
        .map(|one| one["bytes"].as_i64().expect("bytes"))
        .sum();
    let size = |side: &str| report[side]["visibleBytes"].as_i64().expect("bytes");
    assert_eq!(sum, size("b") - size("a"));
    assert_eq!(report["moreGrowth"], json!(0));
}

/// The text has a line for each, and what it was and is.
fn in_words(a: &str, b: &str, files: &[Value]) {
    let ended = diff(&["--quiet", a, b]).exit(1);
    let lines: BTreeSet<&str> = ended.text().lines().collect();
    for (path, told) in [
        ("@ /rare/modes/0777", "mode 0777 → 0700"),
        ("~ /rare/modes/2755", "content"),
        ("@ /both/note", "xattrs +user.note"),
        ("~ /rare/dangling", "link no/such/file → no/such/other"),
        ("- /both/gone/file", ""),
        ("+ /both/opaque/new", ""),
        ("+ User", "1000:1000"),
    ] {
        let is_it = |line: &&str| line.starts_with(path) && line.ends_with(told);
        assert!(lines.iter().any(is_it), "no line `{path}  {told}`");
    }
    let is_path = |line: &&str| {
        line.get(..3)
            .is_some_and(|start| ["+ /", "- /", "~ /", "@ /"].contains(&start))
    };
    assert_eq!(ended.text().lines().filter(is_path).count(), files.len());
    // An image is what it is.
    let ended = diff(&["--quiet", "--json", a, a]).exit(0);
    assert_eq!(ended.json()["same"], json!(true));
}

/// Below a path there is what is below it, and nothing else.
fn part(a: &str, b: &str, all: &BTreeSet<(OsString, How)>) {
    let report = diff(&["--quiet", "--json", "--path", "/rare", a, b])
        .exit(1)
        .json();
    let files = report["files"].as_array().expect("an array");
    let is_below = |path: &OsStr| Path::new(path).starts_with("/rare");
    let expected: BTreeSet<_> = all
        .iter()
        .filter(|(path, _)| is_below(path))
        .cloned()
        .collect();
    assert_eq!(of_report(files), expected);
    assert_eq!(report["layers"], Value::Null);
    // Nothing differs in times alone any more.
    let words = [
        "--quiet",
        "--json",
        "--ignore-timestamps",
        "--path",
        "/rare",
        a,
        b,
    ];
    let report = diff(&words).exit(1).json();
    let files = report["files"].as_array().expect("an array");
    assert_eq!(of_report(files), expected);
    assert!(!files.iter().any(|file| has(file, "mtime")));
}
