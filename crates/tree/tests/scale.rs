//! Trees that are large, deep, or built to be slow.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod image;

use image::{Layer, Member, indexes};
use layerscope_tree::{Change, OddityKind, Options, Rows, Tree};

#[test]
fn a_node_costs_less_than_a_hundred_bytes() {
    let name = |number: u32| format!("usr/share/package-{}/some-file-{number}.txt", number / 100);
    let layer = Layer::new(
        (0..50_000)
            .map(|number| Member::file(name(number), ""))
            .collect(),
    );
    let tree = Tree::merged(&indexes(&[layer]));
    assert_eq!(tree.len(), 50_000 + 500 + 3);
    assert!(
        tree.heap_bytes() / tree.len() <= 100,
        "{} bytes",
        tree.heap_bytes() / tree.len()
    );
}

#[test]
fn paths_may_be_a_hundred_thousand_deep() {
    let depth = 100_000;
    let deep = format!("{}x", "d/".repeat(depth));
    let lower = Layer::new(vec![
        Member::file(&deep, "deep"),
        Member::symlink("l", "d/d/d"),
    ]);
    let upper = Layer::new(vec![Member::file(
        format!("l/{}.wh.x", "d/".repeat(depth - 3)),
        "",
    )]);
    let last = Layer::new(vec![Member::file(".wh.d", "")]);
    let layers = [lower, upper, last];

    let tree = Tree::merged(&indexes(&layers[..1]));
    assert_eq!(tree.len(), depth + 3);
    let leaf = tree.lookup(deep.as_bytes()).unwrap();
    assert_eq!(tree.resolve(deep.as_bytes()), Ok(leaf));
    assert_eq!(tree.path(leaf).len(), deep.len() + 1);
    assert_eq!(tree.node(tree.root()).subtree_entries as usize, depth + 2);
    assert_eq!(tree.find(|path| path.ends_with(b"/x"), 9).nodes, [leaf]);
    let mut rows = Rows::new(&tree, &Options::default());
    assert_eq!(rows.expand_to(&tree, leaf), Some(depth));
    assert_eq!(rows.window(depth, 1)[0].depth as usize, depth + 1);
    let top = tree.lookup(b"d").unwrap();
    rows.toggle(&tree, top);
    assert_eq!(rows.len(), 2);
    rows.toggle(&tree, top);
    assert_eq!(rows.len(), depth + 2);

    let tree = Tree::merged(&indexes(&layers[..2]));
    assert_eq!(tree.node(leaf).change, Change::Removed);
    let tree = Tree::merged(&indexes(&layers));
    assert_eq!(tree.visible_bytes(), 0);
    assert_eq!(tree.walk_visible(tree.root()).count(), 2);
    assert_eq!(tree.story(leaf).len(), 2);
}

#[test]
fn a_thousand_layers() {
    let layers: Vec<Layer> = (0..1000_u32)
        .map(|number| {
            Layer::new(vec![
                Member::directory("d"),
                Member::file("d/same", number.to_string()),
                Member::file(format!("d/{number}"), "x"),
                Member::file(format!("d/.wh.{}", number.wrapping_sub(1)), ""),
            ])
        })
        .collect();
    let tree = Tree::merged(&indexes(&layers));
    let node = |path: &str| tree.node(tree.lookup(path.as_bytes()).unwrap());
    assert_eq!(node("d").subtree_entries, 2);
    assert_eq!(node("d/same").last_writer, 999);
    assert_eq!(node("d/17").ghost.map(|ghost| ghost.by), Some(18));
    assert_eq!(tree.story(tree.lookup(b"d/same").unwrap()).len(), 1000);
    assert_eq!(
        tree.losses().iter().filter(|loss| loss.bytes > 0).count(),
        999 + 999
    );
}

/// Each of these would be quadratic if removing cost what is gone already, or if what an opaque directory keeps
/// were gone through again and again.
#[test]
fn removing_costs_what_is_there() {
    let mut members: Vec<Member> = (0..30_000)
        .map(|number| Member::file(format!("d/e/{number}"), ""))
        .collect();
    for number in 0..30_000 {
        members.push(Member::file(".wh.d", ""));
        members.push(Member::file(format!("d/e/{number}"), ""));
        members.push(Member::file("d/.wh..wh..opq", ""));
        members.push(Member::file("d/e/.wh..wh..opq", ""));
    }
    for number in 0..30_000 {
        members.push(Member::file(format!("o/{number}"), ""));
        members.push(Member::file("o/.wh..wh..opq", ""));
    }
    let layer = Layer::new(members);
    let tree = Tree::merged(&indexes(&[layer]));
    assert_eq!(
        tree.node(tree.lookup(b"o").unwrap()).subtree_entries,
        30_000
    );
    assert_eq!(tree.node(tree.lookup(b"d").unwrap()).subtree_entries, 2);
    assert_eq!(
        tree.oddities().count(OddityKind::WhiteoutOfOwnLayer),
        30_000
    );
    assert_eq!(tree.oddities().kept().len(), 256);
}

/// A short name that leads far down, again and again.
#[test]
fn short_names_for_deep_places() {
    let depth = 20_000;
    let mut members = vec![
        Member::directory("d/".repeat(depth)),
        Member::symlink("l", "d/".repeat(depth)),
    ];
    for number in 0..50 {
        members.push(Member::file(format!("l/{number}/.wh..wh..opq"), ""));
        members.push(Member::symlink(format!("l/{number}/up"), "../.."));
    }
    let tree = Tree::merged(&indexes(&[Layer::new(members)]));
    assert_eq!(tree.oddities().kept(), []);
    assert_eq!(tree.len(), 2 + depth + 2 * 50);
    let bottom = tree.resolve(b"l").unwrap();
    assert_eq!(tree.node(bottom).subtree_entries, 100);
}
