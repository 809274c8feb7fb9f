//! A root filesystem from this machine's own files, and what builders do to one.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use harness::{Directory, succeed, tool};

/// Where real files are to be had, in the order in which they are taken.
const PLACES: [&str; 5] = ["/etc", "/usr/share", "/usr/lib", "/usr/include", "/usr/bin"];
/// How many entries are taken.
const ENTRIES: usize = 10_000;
/// Larger files are left out: they would only take time.
const LARGEST: u64 = 64 << 10;

/// Whether this is root, who alone can give files away and make devices.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").expect("a process").uid() == 0
}

/// Fills `root` with ten thousand of the machine's files as they are, and with some that are rare.
pub(crate) fn fill(root: &Path, directory: &Directory) {
    let list = directory.write("list", take().join(OsStr::from_bytes(b"\0")).as_bytes());
    let archive = directory.join("machine.tar");
    let mut pack = tool("tar");
    pack.args([
        "--create",
        "--directory=/",
        "--no-recursion",
        "--null",
        "--verbatim-files-from",
    ]);
    succeed(
        pack.arg("--file")
            .arg(&archive)
            .arg("--files-from")
            .arg(list),
    );
    succeed(
        tool("tar")
            .args(["--extract", "--preserve-permissions", "--file"])
            .arg(&archive)
            .arg("--directory")
            .arg(root),
    );
    fs::remove_file(archive).expect("the archive");
    rare(root);
}

/// Relative paths, each directory before what is in it.
fn take() -> Vec<std::ffi::OsString> {
    let mut taken = Vec::new();
    let mut open: Vec<PathBuf> = PLACES.iter().rev().map(PathBuf::from).collect();
    while let Some(path) = open.pop() {
        if taken.len() == ENTRIES {
            break;
        }
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            let Ok(children) = fs::read_dir(&path) else {
                continue;
            };
            let mut children: Vec<PathBuf> = children.flatten().map(|child| child.path()).collect();
            children.sort_by(|one, two| two.cmp(one));
            open.extend(children);
        } else if !metadata.is_symlink()
            && (metadata.len() > LARGEST || fs::File::open(&path).is_err())
        {
            continue;
        }
        taken.push(path.strip_prefix("/").expect("an absolute path").into());
    }
    assert_eq!(
        taken.len(),
        ENTRIES,
        "the machine has too few files in {PLACES:?}"
    );
    taken
}

/// What a machine has seldom, and an image may have.
fn rare(root: &Path) {
    let at = |path: &str| root.join("rare").join(path);
    for path in [
        "opaque/old/deep",
        "gone/deep/deeper",
        "to-file/below",
        "modes",
        "kept",
    ] {
        fs::create_dir_all(at(path)).expect("a directory");
    }
    for path in [
        "opaque/a",
        "opaque/old/b",
        "opaque/old/deep/c",
        "gone/a",
        "gone/deep/deeper/b",
        "to-file/below/a",
        "to-directory",
        "to-link",
        "kept/a",
        "one",
        "zwei",
    ] {
        fs::write(at(path), format!("{path}\n")).expect("a file");
    }
    for (name, to) in [
        ("link", "one"),
        ("dangling", "no/such/file"),
        ("absolute", "/etc/passwd"),
        ("to-plain", "one"),
        ("directory-link", "kept"),
    ] {
        symlink(to, at(name)).expect("a link");
    }
    for mode in [
        0o0000, 0o0111, 0o0444, 0o0777, 0o1777, 0o2755, 0o4755, 0o6711, 0o7777,
    ] {
        let path = at(&format!("modes/{mode:04o}"));
        fs::write(&path, b"mode").expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
    }
    for name in [
        "日本語",
        "e\u{301}",
        "with space",
        "new\nline",
        "\u{1b}[31mred",
        "back\\slash",
        "-dash",
        "café",
        &"long".repeat(60),
    ] {
        fs::write(at("kept").join(name), name).expect("a file");
    }
    fs::write(
        at("kept").join(OsStr::from_bytes(b"latin-1 \xe9")),
        b"not UTF-8",
    )
    .expect("a file");
    for name in ["two", "kept/three", "four"] {
        fs::hard_link(at("one"), at(name)).expect("a hard link");
    }
    let sparse = fs::File::create(at("sparse")).expect("a file");
    sparse.set_len(1 << 20).expect("a length");
    succeed(tool("mkfifo").arg(at("pipe")));
    if is_root() {
        succeed(tool("mknod").arg(at("null")).args(["c", "1", "3"]));
        succeed(tool("mknod").arg(at("disk")).args(["b", "7", "200"]));
        for (path, owner) in [
            ("modes/0444", (1, 2)),
            ("kept", (1000, 1000)),
            ("one", (65_534, 65_534)),
            ("kept/a", (300_000, 4_000_000)),
        ] {
            chown(at(path), Some(owner.0), Some(owner.1)).expect("an owner");
        }
        // Giving a file away takes these bits.
        fs::set_permissions(at("modes/4755"), Permissions::from_mode(0o4755)).expect("a mode");
    }
}

/// What a second step of a build does: it changes, it deletes, it puts one kind in the place of another.
pub(crate) fn change(root: &Path) {
    let at = |path: &str| root.join("rare").join(path);
    let mut files: Vec<PathBuf> = fs::read_dir(root.join("etc"))
        .expect("a directory")
        .map(|child| child.expect("an entry").path())
        .filter(|path| fs::symlink_metadata(path).expect("metadata").is_file())
        .collect();
    files.sort();
    assert!(files.len() >= 12, "too few files in /etc: {}", files.len());
    for (number, path) in files.iter().take(12).enumerate() {
        match number % 4 {
            0 => fs::remove_file(path).expect("a file"),
            1 => fs::write(path, b"changed\n").expect("a file"),
            2 => fs::set_permissions(path, Permissions::from_mode(0o4751)).expect("a mode"),
            _ if is_root() => chown(path, Some(42), Some(43)).expect("an owner"),
            _ => {}
        }
    }
    fs::remove_dir_all(at("gone")).expect("a directory");
    fs::remove_dir_all(at("to-file")).expect("a directory");
    fs::write(at("to-file"), b"a file now\n").expect("a file");
    fs::remove_file(at("to-directory")).expect("a file");
    fs::create_dir(at("to-directory")).expect("a directory");
    fs::write(at("to-directory/below"), b"new\n").expect("a file");
    fs::remove_file(at("to-link")).expect("a file");
    symlink("kept", at("to-link")).expect("a link");
    fs::remove_file(at("to-plain")).expect("a link");
    fs::write(at("to-plain"), b"no link now\n").expect("a file");
    fs::remove_file(at("absolute")).expect("a link");
    symlink("/etc/hostname", at("absolute")).expect("a link");
    fs::create_dir(at("added")).expect("a directory");
    fs::write(at("added/one"), b"added\n").expect("a file");
    fs::hard_link(at("added/one"), at("added/two")).expect("a hard link");
}

/// What a last step does: links between what older layers have brought, and one name less of what has several.
pub(crate) fn link(root: &Path) {
    let at = |path: &str| root.join("rare").join(path);
    fs::hard_link(at("kept/a"), at("added/kept-a")).expect("a hard link");
    fs::hard_link(at("added/one"), at("added/three")).expect("a hard link");
    fs::remove_file(at("two")).expect("a name");
    fs::remove_file(at("added/two")).expect("a name");
    fs::write(at("zwei"), b"written anew\n").expect("a file");
    fs::hard_link(at("zwei"), at("drei")).expect("a hard link");
}
