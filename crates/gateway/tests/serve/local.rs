//! SOURCE, when it is of this machine.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use layerscope_gateway::{LocalKind, LocalSource};

use crate::browser::{Served, config, serve};

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const OTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A directory of the test's own, gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("layerscope-gateway-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, bytes).expect("a file");
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn serving(kind: LocalKind) -> Served {
    let mut config = config();
    let name = "a b.tar".to_owned();
    config.source = Some(LocalSource { name, kind });
    serve(config)
}

#[test]
fn a_file_is_served_whole_and_by_ranges() {
    let scratch = Scratch::new();
    // More than is read at a time, and not a multiple of it.
    let bytes: Vec<u8> = (0..700_001u32).map(|n| (n % 251) as u8).collect();
    let path = scratch.write("image.tar", &bytes);
    let served = serving(LocalKind::File(File::open(path).expect("a file")));

    let info = served.get("/source/info");
    assert_eq!(info.header("content-type"), Some("application/json"));
    assert_eq!(
        info.json(),
        serde_json::json!({"name": "a b.tar", "kind": "file", "size": 700_001})
    );

    let whole = served.get("/source/file");
    assert_eq!(
        (whole.status, whole.body == bytes, whole.is_whole),
        (200, true, true)
    );
    assert_eq!(
        whole.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("cache-control"), Some("no-store"));
    assert_eq!(
        whole.header("content-security-policy"),
        Some("sandbox; default-src 'none'")
    );
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));

    for (range, first, last) in [
        ("0-0", 0, 0),
        ("5-9", 5, 9),
        ("262143-262144", 262_143, 262_144),
        ("699999-", 699_999, 700_000),
        ("1-99999999999", 1, 700_000),
    ] {
        let part = served.ask("GET", "/source/file", &format!("Range: bytes={range}\r\n"));
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.body, bytes[first..=last], "{range}");
        let stated = format!("bytes {first}-{last}/700001");
        assert_eq!(part.header("content-range"), Some(stated.as_str()));
    }
    let beyond = served.ask("GET", "/source/file", "Range: bytes=700001-\r\n");
    assert_eq!(beyond.header("content-range"), Some("bytes */700001"));
    assert_eq!(beyond.error(416), "range-not-satisfiable");
    for range in ["bytes=-5", "bytes=0-1,5-6", "bytes=9-5", "lines=1-2"] {
        let refused = served.ask("GET", "/source/file", &format!("Range: {range}\r\n"));
        assert_eq!(refused.error(400), "header-refused", "{range}");
    }
    let head = served.ask("HEAD", "/source/file", "");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("700001"))
    );
    assert_eq!(
        served.get("/source/layout/index.json").error(404),
        "no-source"
    );
}

#[test]
fn a_reference_is_told_and_nothing_is_too() {
    let nothing = serve(config()).get("/source/info");
    assert_eq!((nothing.status, nothing.body.len()), (204, 0));
    let mut config = config();
    config.image = Some("localhost:5000/a:1".to_owned());
    let served = serve(config);
    let info = served.get("/source/info").json();
    let expected =
        serde_json::json!({"name": "localhost:5000/a:1", "kind": "reference", "size": null});
    assert_eq!(info, expected);
    for path in ["/source/file", "/source/layout/index.json"] {
        assert_eq!(served.get(path).error(404), "no-source");
    }
}

#[test]
fn an_empty_file_is_a_file() {
    let scratch = Scratch::new();
    let path = scratch.write("empty.tar", b"");
    let served = serving(LocalKind::File(File::open(path).expect("a file")));
    let whole = served.get("/source/file");
    assert_eq!(
        (whole.status, whole.body.len(), whole.is_whole),
        (200, 0, true)
    );
    let part = served.ask("GET", "/source/file", "Range: bytes=0-\r\n");
    assert_eq!(part.error(416), "range-not-satisfiable");
}

#[test]
fn a_file_that_has_become_shorter_breaks_off() {
    let scratch = Scratch::new();
    let path = scratch.write("image.tar", &[7; 1000]);
    let served = serving(LocalKind::File(File::open(&path).expect("a file")));
    fs::write(&path, [7; 10]).expect("a shorter file");
    let broken = served.get("/source/file");
    assert!(!broken.is_whole, "{broken:?}");
}

#[test]
fn a_layout_is_served_by_the_names_of_its_specification() {
    let scratch = Scratch::new();
    scratch.write("index.json", b"{}");
    scratch.write("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}");
    scratch.write(&format!("blobs/sha256/{HEX}"), b"a blob");
    scratch.write("secret.txt", b"not of the layout");
    let served = serving(LocalKind::Directory(scratch.0.clone()));

    let info = served.get("/source/info").json();
    assert_eq!(
        info,
        serde_json::json!({"name": "a b.tar", "kind": "directory", "size": null})
    );
    let index = served.get("/source/layout/index.json");
    assert_eq!((index.status, index.body.as_slice()), (200, &b"{}"[..]));
    assert_eq!(index.header("content-type"), Some("application/json"));
    assert_eq!(served.get("/source/layout/oci-layout").status, 200);
    let blob = served.get(&format!("/source/layout/blobs/sha256/{HEX}"));
    assert_eq!((blob.status, blob.body.as_slice()), (200, &b"a blob"[..]));
    let part = served.ask(
        "GET",
        &format!("/source/layout/blobs/sha256/{HEX}"),
        "Range: bytes=2-\r\n",
    );
    assert_eq!((part.status, part.body.as_slice()), (206, &b"blob"[..]));

    let absent = served.get(&format!("/source/layout/blobs/sha256/{OTHER}"));
    assert_eq!(absent.error(404), "source-file");
    assert_eq!(absent.json()["error"]["problem"], "absent");
    assert_eq!(
        served.get("/source/layout/secret.txt").error(400),
        "path-refused"
    );
    assert_eq!(
        served.get("/source/layout/../secret.txt").error(400),
        "path-refused"
    );
    assert_eq!(served.get("/source/file").error(404), "no-source");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_a_layout_leads_nowhere() {
    use std::os::unix::fs::symlink;

    let (outside, scratch) = (Scratch::new(), Scratch::new());
    let stranger = outside.write("passwd", b"not of the layout");
    scratch.write("real-index", b"{}");
    scratch.write(&format!("blobs/sha256/{OTHER}"), b"a blob");
    symlink("real-index", scratch.0.join("index.json")).expect("a link");
    symlink(stranger, scratch.0.join(format!("blobs/sha256/{HEX}"))).expect("a link");
    symlink(&outside.0, scratch.0.join("blobs/sha512")).expect("a link");
    fs::create_dir(scratch.0.join("oci-layout")).expect("a directory");
    let served = serving(LocalKind::Directory(scratch.0.clone()));

    assert_eq!(served.get("/source/layout/index.json").body, b"{}");
    for (path, problem) in [
        (format!("blobs/sha256/{HEX}"), "outside"),
        (format!("blobs/sha512/{HEX}{HEX}"), "absent"),
        ("oci-layout".to_owned(), "no-file"),
    ] {
        let refused = served.get(&format!("/source/layout/{path}"));
        assert_eq!(refused.error(404), "source-file", "{path}");
        assert_eq!(refused.json()["error"]["problem"], problem, "{path}");
    }
}

#[test]
fn what_is_no_file_is_no_source() {
    let scratch = Scratch::new();
    for kind in [
        LocalKind::File(File::open(&scratch.0).expect("a directory, opened")),
        LocalKind::Directory(scratch.0.join("absent")),
        LocalKind::Directory(scratch.write("file", b"")),
    ] {
        let mut config = config();
        let name = "x".to_owned();
        config.source = Some(LocalSource { name, kind });
        let error = layerscope_gateway::bind(config).expect_err("no source");
        assert_eq!(error.name(), "cannot-serve-source");
    }
}
