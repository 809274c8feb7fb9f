//! The other readers, and how their answers are had.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::facts::{Answer, Details, End, Facts};
use crate::listing;

/// A reader that we are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reader {
    Go,
    Gnu,
    Bsd,
    Python,
}

impl Reader {
    pub(crate) const ALL: [Self; 4] = [Self::Go, Self::Gnu, Self::Bsd, Self::Python];

    /// The name that the rules use, which is the program's too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Gnu => "tar",
            Self::Bsd => "bsdtar",
            Self::Python => "python3",
        }
    }

    /// What it says of each archive.
    pub(crate) fn answers(self, paths: &[PathBuf], workplace: &Path) -> Vec<Answer> {
        let answers = match self {
            Self::Go => {
                let oracle = build_oracle(workplace);
                batch(&mut Command::new(oracle), paths, of_go)
            }
            Self::Python => {
                let script = folder().join("oracle.py");
                let mut command = Command::new(find("python3"));
                batch(command.arg("-I").arg(script), paths, of_python)
            }
            Self::Gnu => {
                let options = ["-tv", "--numeric-owner", "--full-time", "--utc"];
                let more = ["--quoting-style=escape", "-f"];
                each(&[&options[..], &more].concat(), self, paths, listing::gnu)
            }
            Self::Bsd => each(&["-tv", "--numeric-owner", "-f"], self, paths, listing::bsd),
        };
        assert_eq!(answers.len(), paths.len(), "answers of {}", self.name());
        answers
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential")
}

/// The program of this name. A test that cannot ask must not pass.
fn find(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| {
            panic!("`{name}` is not installed; `cargo xtask test --only tools` installs what the tests need")
        })
}

/// Go's own reader, built from the standard library alone: no module, no network.
fn build_oracle(workplace: &Path) -> PathBuf {
    let built = workplace.join("oracle");
    let output = Command::new(find("go"))
        .args([OsStr::new("build"), OsStr::new("-o"), built.as_os_str()])
        .arg(folder().join("oracle.go"))
        .env("GO111MODULE", "off")
        .env("GOFLAGS", "")
        .env("GOPROXY", "off")
        .env("CGO_ENABLED", "0")
        .env("GOPATH", workplace.join("go"))
        .env("GOCACHE", workplace.join("go-cache"))
        .output()
        .expect("go");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "go build: {said}");
    built
}

/// Asks one process for all answers.
fn batch(command: &mut Command, paths: &[PathBuf], of: fn(&Value) -> Answer) -> Vec<Answer> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("an oracle");
    let mut input = child.stdin.take().expect("a pipe");
    let names: Vec<u8> = paths
        .iter()
        .flat_map(|path| [path.as_os_str().as_encoded_bytes(), b"\n"].concat())
        .collect();
    let writer = thread::spawn(move || input.write_all(&names).expect("an oracle that listens"));
    let output = child.wait_with_output().expect("an oracle");
    writer.join().expect("names");
    assert!(
        output.status.success(),
        "an oracle ended with {}",
        output.status
    );
    let lines = output.stdout.split(|&byte| byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| of(&serde_json::from_slice(line).expect("JSON")))
        .collect()
}

/// Asks a process for each answer, two at a time.
fn each(
    options: &[&str],
    reader: Reader,
    paths: &[PathBuf],
    of: fn(&str) -> Vec<Facts>,
) -> Vec<Answer> {
    let program = find(reader.name());
    let ask = |path: &PathBuf| {
        let output = Command::new(&program)
            .args(options)
            .arg(path)
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .expect("a reader");
        let listed = String::from_utf8(output.stdout).expect("escaped names");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Answer {
            entries: of(&listed),
            end: End::Words(format!("{} {said}", output.status)),
        }
    };
    thread::scope(|scope| {
        let halves = paths.chunks(paths.len().div_ceil(2));
        let hands: Vec<_> = halves
            .map(|half| scope.spawn(move || half.iter().map(ask).collect::<Vec<_>>()))
            .collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().expect("answers"))
            .collect()
    })
}

fn bytes(value: &Value) -> Vec<u8> {
    value
        .as_str()
        .map(|text| STANDARD.decode(text).expect("base64"))
        .unwrap_or_default()
}

fn number(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("{value} is no number of 64 bits"))
}

fn of_go(said: &Value) -> Answer {
    let entries = said["Entries"].as_array().expect("entries");
    let end = match said["End"].as_str().expect("an end") {
        "" => End::Fine,
        "unexpected EOF" => End::Cut,
        "archive/tar: invalid tar header" => End::Broken,
        "archive/tar: header field too long" => End::TooLong,
        "archive/tar: sparse file references non-existent data"
        | "archive/tar: sparse file contains unreferenced data" => End::Sparse,
        words => End::Words(words.to_owned()),
    };
    Answer {
        entries: entries.iter().map(entry_of_go).collect(),
        end,
    }
}

fn entry_of_go(entry: &Value) -> Facts {
    let flag = u8::try_from(number(&entry["Flag"])).expect("a byte");
    let kind = match flag {
        b'0' | b'S' => b'f',
        b'1' => b'h',
        b'2' => b'l',
        b'3' => b'c',
        b'4' => b'b',
        b'5' => b'd',
        b'6' => b'p',
        b'g' => b'g',
        _ => b'?',
    };
    let field = |name: &str| number(&entry[name]) as u64;
    let xattrs = entry["Xattrs"].as_array().expect("xattrs");
    Facts {
        name: bytes(&entry["Name"]),
        kind,
        size: field("Size"),
        link: bytes(&entry["Link"]),
        details: Some(Details {
            flag: (kind == b'?').then_some(flag),
            mode: number(&entry["Mode"]) as u32,
            uid: field("Uid"),
            gid: field("Gid"),
            uname: bytes(&entry["Uname"]),
            gname: bytes(&entry["Gname"]),
            seconds: number(&entry["Seconds"]),
            nanos: number(&entry["Nanos"]) as u32,
            device: Some((field("Major"), field("Minor"))),
            xattrs: xattrs
                .iter()
                .map(|pair| (bytes(&pair[0]), bytes(&pair[1])))
                .collect(),
            content: entry["Content"].as_str().expect("a digest").to_owned(),
        }),
        offset: 0,
    }
}

fn of_python(said: &Value) -> Answer {
    let entries = said["Entries"].as_array().expect("entries");
    let facts = entries.iter().map(|entry| Facts {
        name: bytes(&entry["Name"]),
        kind: entry["Kind"].as_str().expect("a kind").as_bytes()[0],
        // Python's numbers have no end; none that we compare is so large.
        size: entry["Size"].as_i64().unwrap_or(i64::MAX) as u64,
        link: bytes(&entry["Link"]),
        details: None,
        offset: 0,
    });
    Answer {
        entries: facts.collect(),
        end: End::Words(said["End"].as_str().expect("an end").to_owned()),
    }
}

/// A place to work in, empty.
pub(crate) fn workplace() -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tar-differential");
    if path.exists() {
        fs::remove_dir_all(&path).expect("an old workplace");
    }
    fs::create_dir_all(&path).expect("a workplace");
    path
}
