//! What is seen of an archive, as text that a person can hold against the row.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use harness::{Ended, layerscope, repository};
use serde_json::Value;

/// Every row is small. What takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Lists longer than this are cut in the middle of the picture, with the count.
const SHOWN: usize = 24;

/// Writes the archive of a row where the browser's tests find it too, looks at it with the binary, and compares what
/// was seen with `pictures/ID.txt`. `BLESS=1` writes the picture instead.
pub(crate) fn check(id: &str, fault: &str, archive: &[u8]) {
    let id = id.to_uppercase();
    let directory = repository().join("target/matrix");
    fs::create_dir_all(&directory).expect("a directory for the archives");
    let path = directory.join(format!("{id}.tar"));
    fs::write(&path, archive).expect("an archive");
    let path = path.to_str().expect("a plain path");
    let seen = format!("# {id}: {fault}\n{}", picture(path));
    let expected = repository().join(format!("tests/matrix/pictures/{id}.txt"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&expected, &seen).expect("a picture");
        return;
    }
    let expected = fs::read_to_string(&expected).expect("a picture; BLESS=1 writes it");
    assert_eq!(seen, expected, "{id}: {fault}");
}

fn picture(path: &str) -> String {
    let mut out = String::new();
    let verify = run(&["verify", path, "--json"]);
    let _ = writeln!(out, "verify: exit {}", verify.code.unwrap_or(-1));
    match serde_json::from_slice::<Value>(&verify.stdout) {
        Ok(report) => list(&report["images"]).for_each(|image| one_image(&mut out, image)),
        Err(_) => said(&mut out, &verify, path),
    }
    let files = run(&["ls", "-R", path, "--json", "--quiet"]);
    let _ = writeln!(out, "files: exit {}", files.code.unwrap_or(-1));
    match serde_json::from_slice::<Value>(&files.stdout) {
        Ok(files) => cut(&mut out, list(&files).map(file).collect()),
        Err(_) => said(&mut out, &files, path),
    }
    let findings = run(&["findings", path, "--json", "--quiet"]);
    let _ = writeln!(out, "findings: exit {}", findings.code.unwrap_or(-1));
    if let Ok(report) = serde_json::from_slice::<Value>(&findings.stdout) {
        cut(&mut out, list(&report["findings"]).map(finding).collect());
    }
    masked(&out)
}

fn run(arguments: &[&str]) -> Ended {
    let ended = Ended::within(&mut layerscope(arguments), PATIENCE);
    assert!(!ended.is_late, "{ended}");
    assert!(matches!(ended.code, Some(0..=2)), "{ended}");
    ended
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What was said on standard error, without the path of this machine.
fn said(out: &mut String, ended: &Ended, path: &str) {
    for line in String::from_utf8_lossy(&ended.stderr).lines() {
        let _ = writeln!(out, "  {}", line.replace(path, "FILE"));
    }
}

fn one_image(out: &mut String, image: &Value) {
    let text = |key: &str| image[key].as_str().unwrap_or("-").to_owned();
    let ok = |value: &Value| match value {
        Value::Null => "absent".to_owned(),
        value => ok(&value["digestOk"]),
    };
    let _ = writeln!(
        out,
        "image {} {}: {}, manifest {}, config {}",
        text("name"),
        text("platform"),
        text("state"),
        ok(&image["manifest"]),
        ok(&image["config"])
    );
    for (number, layer) in list(&image["layers"]).enumerate() {
        one_layer(out, number, layer);
    }
    if let Some(error) = image["error"].as_object() {
        let _ = writeln!(
            out,
            "  {}: {}",
            plain(&error["name"]),
            plain(&error["text"])
        );
    }
}

fn one_layer(out: &mut String, number: usize, layer: &Value) {
    let _ = write!(
        out,
        "  layer {number}: {}, {}, {} entries, digest {}, diff_id {}",
        plain(&layer["state"]),
        plain(&layer["compression"]),
        plain(&layer["entries"]),
        ok(&layer["digestOk"]),
        ok(&layer["diffIdOk"])
    );
    if let Some(error) = layer["error"].as_object() {
        let _ = write!(
            out,
            "; {}: {}",
            plain(&error["name"]),
            plain(&error["text"])
        );
    }
    out.push('\n');
}

fn ok(value: &Value) -> String {
    match value.as_bool() {
        Some(true) => "ok",
        Some(false) => "WRONG",
        None => "-",
    }
    .to_owned()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        value => value.to_string(),
    }
}

fn file(file: &Value) -> String {
    let mut line = format!(
        "  {} {:04o} {}:{} {} {} {}",
        plain(&file["kind"]),
        file["mode"].as_u64().unwrap_or(0),
        plain(&file["uid"]),
        plain(&file["gid"]),
        plain(&file["size"]),
        plain(&file["mtime"]),
        shortened(&plain(&file["path"]))
    );
    if let Some(link) = file["link"].as_str() {
        let _ = write!(line, " -> {}", shortened(link));
    }
    let _ = write!(line, " [{}]", plain(&file["layer"]));
    line
}

fn finding(finding: &Value) -> String {
    let mut line = format!(
        "  {} {}",
        plain(&finding["severity"]),
        plain(&finding["id"])
    );
    if let Some(layer) = finding["layer"].as_u64() {
        let _ = write!(line, " layer {layer}");
    }
    if let Some(path) = finding["path"].as_str() {
        let _ = write!(line, " {}", shortened(path));
    }
    for (name, value) in finding["args"].as_object().into_iter().flatten() {
        let _ = write!(line, " {name}={}", shortened(&plain(value)));
    }
    line
}

fn shortened(text: &str) -> String {
    const LONG: usize = 120;
    let length = text.chars().count();
    if length <= LONG {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONG / 2).collect();
    format!("{head}… ({length} characters)")
}

fn cut(out: &mut String, lines: Vec<String>) {
    for line in lines.iter().take(SHOWN) {
        let _ = writeln!(out, "{line}");
    }
    if lines.len() > SHOWN {
        let _ = writeln!(out, "  … {} in all", lines.len());
    }
}

/// Digests depend on how a library compresses; what matters is whether they are right.
fn masked(text: &str) -> String {
    const HEX: usize = 32;
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_hexdigit()) {
        let run = rest[at..]
            .find(|letter: char| !letter.is_ascii_hexdigit())
            .unwrap_or(rest.len() - at);
        out.push_str(&rest[..at]);
        out.push_str(if run >= HEX {
            "(hex)"
        } else {
            &rest[at..at + run]
        });
        rest = &rest[at + run..];
    }
    out.push_str(rest);
    out
}
