//! Runs the cases of `tests/cases`: layers, and what must come of them.
//!
//! A case begins with `=== name`; comments begin with `#`. Its sections begin with `--`: one `-- layer` for each, the
//! oldest first, then `-- tree` (what is visible), and where it matters `-- oddities`, `-- changes` (of the last
//! layer), `-- losses` and `-- story PATH`. A case without `-- oddities` must have none. `BLESS=1` writes what
//! comes out into the files.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod image;

use std::fmt::Write;
use std::path::PathBuf;

use image::{Layer, indexes, member};
use layerscope_tree::{Change, Kind, NodeId, OddityKind, Tree};

#[test]
fn containerd_breakouts() {
    run("breakouts.txt", 34);
}

#[test]
fn application() {
    run("application.txt", 30);
}

#[test]
fn whiteouts() {
    run("whiteouts.txt", 20);
}

#[test]
fn hard_links_across_layers() {
    run("hard-links.txt", 12);
}

#[test]
fn what_layers_changed() {
    run("changes.txt", 12);
}

#[test]
fn single_layers() {
    run("single-layers.txt", 5);
}

/// Runs a file of at least so many cases.
fn run(file: &str, at_least: usize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut blessed = String::new();
    let mut cases = 0;
    for case in text
        .split_inclusive('\n')
        .collect::<Vec<_>>()
        .chunk_by(|_, next| !next.starts_with("=== "))
    {
        let case = case.concat();
        if !case.starts_with("=== ") {
            blessed += &case;
            continue;
        }
        cases += 1;
        blessed += &outcome(&case);
    }
    assert!(cases >= at_least, "only {cases} cases in {file}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, blessed).unwrap();
    } else {
        assert_eq!(
            blessed, text,
            "{file}: what comes out is on the left; BLESS=1 takes it"
        );
    }
}

/// A case with all its results as they are.
fn outcome(case: &str) -> String {
    let mut sections = case
        .split("\n-- ")
        .map(|section| section.trim_end_matches('\n'));
    let heading = sections.next().unwrap();
    let mut out = format!("{heading}\n");
    let (mut layers, mut results) = (Vec::new(), Vec::new());
    for section in sections {
        let (title, body) = section.split_once('\n').unwrap_or((section, ""));
        if title == "layer" {
            write!(out, "-- layer\n{body}\n").unwrap();
            if body.is_empty() {
                out.pop();
            }
            layers.push(Layer::read(body));
        } else {
            results.push(title);
        }
    }
    assert!(
        results.contains(&"tree") || results.contains(&"layer-tree"),
        "{heading} asserts nothing"
    );
    let is_single = results.contains(&"layer-tree");
    let tree = if is_single {
        Tree::of_layer(0, &layers[0].index)
    } else {
        Tree::merged(&indexes(&layers))
    };
    assert!(tree.is_complete());
    let oddities = oddities(&tree, &layers);
    if !oddities.is_empty() && !results.contains(&"oddities") {
        results.push("oddities");
    }
    for title in results {
        let body = match title.split_once(' ') {
            None if title == "tree" || title == "layer-tree" => visible(&tree, &layers),
            None if title == "oddities" => oddities.clone(),
            None if title == "changes" => changes(&tree),
            None if title == "losses" => losses(&tree, &layers),
            Some(("story", path)) => story(&tree, &layers, path),
            _ => panic!("unknown section {title:?} in {heading}"),
        };
        if !(title == "oddities" && body.is_empty()) {
            write!(out, "-- {title}\n{body}").unwrap();
        }
    }
    out.push('\n');
    out
}

fn show(path: &[u8]) -> String {
    String::from_utf8_lossy(path.strip_prefix(b"/").unwrap_or(path)).into_owned()
}

/// What is visible, as a layer would be written down; the root only if an entry describes it.
fn visible(tree: &Tree, layers: &[Layer]) -> String {
    let mut out = String::new();
    let mut walk = tree.walk_visible(tree.root());
    while let Some(id) = walk.next() {
        let node = tree.node(id);
        if id == tree.root() && node.entry.is_none() {
            continue;
        }
        out += &if id == tree.root() {
            "/".to_owned()
        } else {
            show(walk.path())
        };
        let content = node.content.map(|at| member(layers, at));
        if node.is_directory() && id != tree.root() {
            out.push('/');
        }
        if let Some(content) = content {
            let usual = match node.kind {
                Kind::Directory => 0o755,
                Kind::Symlink => 0o777,
                _ => 0o644,
            };
            if content.mode != usual {
                write!(out, " mode={:04o}", content.mode).unwrap();
            }
            if (content.uid, content.gid) != (0, 0) {
                write!(out, " uid={} gid={}", content.uid, content.gid).unwrap();
            }
        }
        match (node.kind, content) {
            (Kind::File, Some(file)) => {
                write!(out, " : {}", String::from_utf8_lossy(&file.content)).unwrap()
            }
            (Kind::Symlink, Some(link)) => {
                assert_eq!(tree.target(id), link.link);
                write!(out, " -> {}", String::from_utf8_lossy(&link.link)).unwrap();
            }
            (Kind::HardLink, Some(link)) => {
                write!(out, " => {}", String::from_utf8_lossy(&link.link)).unwrap()
            }
            (Kind::Directory, _) => {}
            (kind, Some(device)) => write!(out, " {kind:?} {:?}", device.device).unwrap(),
            (kind, None) => panic!("{kind:?} without an entry"),
        }
        if node.is_synthetic() {
            out += " (synthetic)";
        }
        if node.is_opaque {
            out += " (opaque)";
        }
        if node.links != 1 {
            write!(out, " ({} names)", node.links).unwrap();
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

fn oddities(tree: &Tree, layers: &[Layer]) -> String {
    let mut out = String::new();
    for oddity in tree.oddities().kept() {
        let name = String::from_utf8_lossy(&member(layers, oddity.at).name).into_owned();
        write!(out, "{} {} {name}", oddity.at.layer, oddity.kind.name()).unwrap();
        if let Some(node) = oddity.node {
            write!(out, " at {}", show(&tree.path(node))).unwrap();
        }
        out.push('\n');
    }
    let counted: u32 = OddityKind::ALL
        .into_iter()
        .map(|kind| tree.oddities().count(kind))
        .sum();
    assert_eq!(counted as usize, tree.oddities().kept().len());
    out
}

fn attributes(change: Change) -> String {
    change.attributes().names().collect::<Vec<_>>().join(",")
}

/// Every node that the last layer changed, and every ghost.
fn changes(tree: &Tree) -> String {
    let mut out = String::new();
    let mut walk = tree.walk(tree.root());
    while let Some(id) = walk.next() {
        let node = tree.node(id);
        if node.change != Change::Unchanged || node.ghost.is_some() {
            write!(
                out,
                "{} {} {}",
                node.change.name(),
                show(walk.path()),
                attributes(node.change)
            )
            .unwrap();
            out.truncate(out.trim_end().len());
            if let Some(ghost) = node.ghost {
                write!(out, " (by {})", ghost.by).unwrap();
            }
            out.push('\n');
        }
    }
    out
}

fn losses(tree: &Tree, layers: &[Layer]) -> String {
    let mut out = String::new();
    let show_node = |id: NodeId| show(&tree.path(id));
    for loss in tree.losses() {
        let entry = layers[usize::from(loss.layer)]
            .index
            .entry(loss.entry as usize)
            .unwrap();
        let name = String::from_utf8_lossy(entry.path).into_owned();
        let node = loss.node.map_or_else(|| "nowhere".to_owned(), show_node);
        let (layer, bytes, cause, by) = (loss.layer, loss.bytes, loss.cause.name(), loss.by);
        writeln!(
            out,
            "{layer} {name} at {node}: {bytes} bytes {cause} by {by}"
        )
        .unwrap();
    }
    out
}

fn story(tree: &Tree, layers: &[Layer], path: &str) -> String {
    let mut out = String::new();
    for told in tree.story(tree.lookup(path.as_bytes()).unwrap()) {
        write!(
            out,
            "{} {} {}",
            told.layer,
            told.change.name(),
            attributes(told.change)
        )
        .unwrap();
        out.truncate(out.trim_end().len());
        if let Some(entry) = told.entry {
            write!(
                out,
                " by {}",
                String::from_utf8_lossy(&member(layers, entry).name)
            )
            .unwrap();
        }
        out.push('\n');
    }
    out
}
