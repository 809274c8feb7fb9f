//! The table of faults: `docs/faults.md`, made from `rows/`, and held against the tests that it names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use harness::{remark, repository};

/// The letters of the matrix, what each is about, and how many rows it has.
const PARTS: [(char, &str, usize); 9] = [
    ('A', "gzip, zstd and framing", 19),
    ('B', "tar structure", 44),
    ('C', "layer application", 23),
    ('D', "digests and sizes", 14),
    ('E', "manifests and configs", 24),
    ('F', "registry and network", 30),
    ('G', "security", 20),
    ('H', "archives", 20),
    ('R', "resources", 8),
];

struct Row {
    id: String,
    fault: String,
    outcome: String,
    cover: String,
}

impl Row {
    /// What covers it. A test's name may have commas of its own.
    fn tests(&self) -> Vec<String> {
        let mut tests: Vec<String> = Vec::new();
        for part in self.cover.split(", ") {
            match tests.last_mut() {
                Some(last) if part != "case" && !part.contains("::") => {
                    last.push_str(", ");
                    last.push_str(part);
                }
                _ => tests.push(part.to_owned()),
            }
        }
        tests
    }
}

fn rows(letter: char) -> Vec<Row> {
    let path = repository().join(format!("tests/matrix/rows/{letter}.txt"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let fields: Vec<&str> = line.split(" | ").collect();
            let [id, fault, outcome, cover] = fields[..] else {
                panic!("not four fields: {line}");
            };
            Row {
                id: id.to_owned(),
                fault: fault.to_owned(),
                outcome: outcome.to_owned(),
                cover: cover.to_owned(),
            }
        })
        .collect()
}

#[test]
fn every_row_is_covered() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut page = String::from(HEAD);
    for (letter, about, count) in PARTS {
        let rows = rows(letter);
        let ids: Vec<&str> = rows.iter().map(|row| &*row.id).collect();
        let due: Vec<String> = (1..=count)
            .map(|number| format!("{letter}{number:02}"))
            .collect();
        assert_eq!(ids, due, "the rows of {letter}");
        let _ = write!(
            page,
            "\n## {letter}. {about}\n\n| row | fault | what Layerscope does | covered by |\n|---|---|---|---|\n"
        );
        for row in &rows {
            *counts.entry(kind(&row.cover)).or_default() += 1;
            wrong.extend(fault_of(row));
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} |",
                row.id,
                row.fault,
                row.outcome,
                cover(row)
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = repository().join("docs/faults.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).expect("the table");
    }
    assert_eq!(
        fs::read_to_string(&path).expect("the table"),
        page,
        "BLESS=1 writes docs/faults.md"
    );
    let total: usize = counts.values().sum();
    let part = |kind: &str| counts.get(kind).copied().unwrap_or(0);
    remark(&format!(
        "fault matrix: {total} rows: {} by an archive of their own, {} by named tests, {} with a reason",
        part("case"),
        part("test"),
        part("none")
    ));
}

const HEAD: &str = "\
# Faults

What may be wrong with an image, and what Layerscope does about it. Each row has a test, or says why it cannot apply.
Generated from `tests/matrix/rows` by the test that checks it; the pictures in `tests/matrix/pictures` show what is seen of each archive.
";

fn kind(cover: &str) -> &'static str {
    match cover {
        "case" => "case",
        cover if cover.starts_with("case, ") => "case",
        cover if cover.starts_with("none: ") => "none",
        _ => "test",
    }
}

fn cover(row: &Row) -> String {
    match kind(&row.cover) {
        "none" => row.cover.replacen("none: ", "cannot apply: ", 1),
        _ => row
            .tests()
            .iter()
            .map(|named| match &**named {
                "case" => format!("[picture](../tests/matrix/pictures/{}.txt)", row.id),
                named => format!("`{named}`"),
            })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What is wrong with how a row is covered.
fn fault_of(row: &Row) -> Option<String> {
    let root = repository();
    if kind(&row.cover) == "none" {
        return None;
    }
    row.tests().iter().find_map(|named| {
        if named == "case" {
            let picture = root.join(format!("tests/matrix/pictures/{}.txt", row.id));
            return (!picture.is_file()).then(|| format!("{}: there is no picture", row.id));
        }
        let Some((file, name)) = named.split_once("::") else {
            return Some(format!("{}: `{named}` is not FILE::NAME", row.id));
        };
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        let forms = [
            format!("fn {name}("),
            format!("('{name}'"),
            format!("(`{name}`"),
        ];
        let is_there = forms.iter().any(|form| text.contains(form.as_str()));
        (!is_there).then(|| format!("{}: {file} has no test `{name}`", row.id))
    })
}
