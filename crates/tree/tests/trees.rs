//! What may be asked of a tree: paths, links, walks, searches, missing layers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod image;

use image::{Layer, Member, indexes};
use layerscope_tree::{Change, EntryRef, Error, Kind, NodeId, Options, Rows, Tree};

fn merged(layers: &[&str]) -> Tree {
    let layers: Vec<Layer> = layers.iter().map(|lines| Layer::read(lines)).collect();
    Tree::merged(&indexes(&layers))
}

#[test]
fn paths_lead_through_links_inside_the_root() {
    let tree = merged(&[
        "etc/\netc/passwd : x\nlib -> usr/lib\nusr/lib/so : y\nup -> ../../etc\nabsolute -> /lib/so\nchain -> up/passwd",
        "a -> b\nb -> a\ngone : z\nto-gone -> gone\ndead -> nowhere\nusr/back -> ../usr/lib/../../etc",
        ".wh.gone",
    ]);
    let resolved = |path: &str| {
        tree.resolve(path.as_bytes())
            .map(|id| String::from_utf8(tree.path(id)).unwrap())
    };
    let linked = |path: &str| {
        tree.resolve_link(path.as_bytes())
            .map(|id| String::from_utf8(tree.path(id)).unwrap())
    };
    let node = |path: &str| tree.lookup(path.as_bytes()).unwrap();
    for (path, expected) in [
        ("", "/"),
        ("/", "/"),
        ("/..", "/"),
        ("lib", "/usr/lib"),
        ("/lib/", "/usr/lib"),
        ("./lib//so", "/usr/lib/so"),
        ("lib/..", "/usr"),
        ("absolute", "/usr/lib/so"),
        ("chain", "/etc/passwd"),
        ("usr/back/passwd", "/etc/passwd"),
    ] {
        assert_eq!(resolved(path).as_deref(), Ok(expected), "{path}");
    }
    for (path, expected) in [
        ("nowhere", Error::Absent),
        ("dead", Error::Absent),
        ("gone", Error::Absent),
        ("to-gone", Error::Absent),
        ("a", Error::LinkLoop),
        ("b/x", Error::LinkLoop),
        ("absolute/", Error::NotDirectory(node("usr/lib/so"))),
        ("etc/passwd/x", Error::NotDirectory(node("etc/passwd"))),
    ] {
        assert_eq!(resolved(path), Err(expected), "{path}");
    }
    for (path, expected) in [
        ("lib", "/lib"),
        ("lib/", "/usr/lib"),
        ("lib/so", "/usr/lib/so"),
        ("lib/.", "/usr/lib"),
        ("lib/..", "/usr"),
        ("a", "/a"),
        ("/dead", "/dead"),
        ("", "/"),
    ] {
        assert_eq!(linked(path).as_deref(), Ok(expected), "{path}");
    }
    assert_eq!(linked("gone"), Err(Error::Absent));
    assert_eq!(
        linked("etc/passwd/x"),
        Err(Error::NotDirectory(node("etc/passwd")))
    );
    assert_eq!(tree.target(node("lib")), b"usr/lib");
    assert_eq!(tree.target(node("etc")), b"");
}

#[test]
fn lookups_are_literal_and_find_ghosts() {
    let tree = merged(&["d/x : 1\nl -> d", ".wh.d"]);
    let ghost = tree.lookup(b"/d/x").unwrap();
    let told = tree.node(ghost).ghost.unwrap();
    assert_eq!(told.by, 1);
    assert_eq!(told.marker, EntryRef { layer: 1, entry: 0 });
    assert_eq!(told.was, Some(EntryRef { layer: 0, entry: 0 }));
    assert_eq!(tree.lookup(b"./d//x/"), Some(ghost));
    assert_eq!(tree.lookup(b"l/x"), None);
    assert_eq!(tree.lookup(b"d/y"), None);
    assert_eq!(tree.lookup(b"/"), Some(tree.root()));
}

#[test]
fn walks_and_searches_go_in_the_order_of_paths() {
    // A dot sorts before a slash, but a directory comes before its neighbours all the same.
    let tree = merged(&["a/b : 1\na.c : 1\na/d/e : 1\nz : 1", ".wh.z\na/.wh.d"]);
    let walked = |all: bool, from: NodeId| {
        let mut walk = if all {
            tree.walk(from)
        } else {
            tree.walk_visible(from)
        };
        let mut seen = Vec::new();
        while let Some(id) = walk.next() {
            assert_eq!(walk.path(), tree.path(id));
            seen.push((
                String::from_utf8(walk.path().to_vec()).unwrap(),
                walk.depth(),
            ));
        }
        seen
    };
    let owned = |seen: &[(&str, usize)]| {
        seen.iter()
            .map(|(path, depth)| ((*path).to_owned(), *depth))
            .collect::<Vec<_>>()
    };
    let visible = [("/", 0), ("/a", 1), ("/a/b", 2), ("/a.c", 1)];
    assert_eq!(walked(false, tree.root()), owned(&visible));
    let all = [
        ("/", 0),
        ("/a", 1),
        ("/a/b", 2),
        ("/a/d", 2),
        ("/a/d/e", 3),
        ("/a.c", 1),
        ("/z", 1),
    ];
    assert_eq!(walked(true, tree.root()), owned(&all));
    let d = tree.lookup(b"a/d").unwrap();
    assert_eq!(walked(true, d), owned(&[("/a/d", 0), ("/a/d/e", 1)]));
    assert_eq!(walked(false, d), owned(&[]));

    let found = tree.find(|path| path.starts_with(b"/a"), 3);
    let paths: Vec<_> = found.nodes.iter().map(|id| tree.path(*id)).collect();
    assert_eq!(paths, [&b"/a"[..], b"/a/b", b"/a/d"]);
    assert!(found.is_cut);
    let found = tree.find(|path| path == b"/z", 1);
    assert_eq!(
        (found.nodes, found.is_cut),
        (vec![tree.lookup(b"z").unwrap()], false)
    );
    assert!(tree.find(|_| true, 0).is_cut);
    assert!(!tree.find(|_| false, 0).is_cut);

    let walked: Vec<_> = tree.walk(tree.root()).collect();
    for (number, id) in walked.iter().enumerate() {
        let mut walk = tree.walk_after(*id);
        for next in walked.iter().skip(number + 1) {
            assert_eq!(walk.next(), Some(*next));
            assert_eq!(walk.path(), tree.path(*next));
        }
        assert_eq!(walk.next(), None);
    }
}

#[test]
fn names_are_bytes() {
    let names: [&[u8]; 4] = [
        b"caf\xe9",
        b"\xff\x01",
        "バナナ".as_bytes(),
        b"with space\n",
    ];
    let layer = Layer::new(names.iter().map(|name| Member::file(name, "x")).collect());
    let tree = Tree::merged(&indexes(&[layer]));
    let told: Vec<_> = tree
        .children(tree.root())
        .iter()
        .map(|id| tree.node(*id).name)
        .collect();
    let mut sorted = names;
    sorted.sort_unstable();
    assert_eq!(told, sorted);
}

#[test]
fn a_hard_link_is_not_there_while_its_target_is_looked_for() {
    let tree = merged(&["b : x\nd => d/a/../../b\nself => self"]);
    let node = |path: &[u8]| tree.node(tree.lookup(path).unwrap());
    assert_eq!((node(b"d").kind, node(b"d").size), (Kind::File, 1));
    assert_eq!(node(b"self").kind, Kind::HardLink);
}

#[test]
fn a_missing_layer_is_passed_over() {
    let layers = ["a : 1", "a : 22\nb : 3", "b : 44"].map(Layer::read);
    let tree = Tree::merged(&[Some(&layers[0].index), None, Some(&layers[2].index)]);
    assert!(!tree.is_complete());
    let b = tree.node(tree.lookup(b"b").unwrap());
    assert_eq!(b.entry, Some(EntryRef { layer: 2, entry: 0 }));
    assert_eq!((b.last_writer, b.change), (2, Change::Added));
    assert_eq!(
        tree.node(tree.lookup(b"a").unwrap()).change,
        Change::Unchanged
    );

    let topless = Tree::merged(&[Some(&layers[0].index), None]);
    assert!(!topless.is_complete());
    let a = topless.node(topless.lookup(b"a").unwrap());
    assert_eq!((a.change, a.last_writer), (Change::Unchanged, 0));
}

#[test]
fn no_layer_is_an_empty_root() {
    let tree = Tree::merged(&[]);
    assert!(tree.is_complete() && tree.is_empty());
    let root = tree.node(tree.root());
    assert!(root.is_directory() && root.is_synthetic());
    assert_eq!(
        (root.name, root.parent, root.subtree_bytes),
        (&b""[..], None, 0)
    );
    assert_eq!(tree.story(tree.root()), []);
    assert_eq!(tree.id(1), None);
}

#[test]
fn ids_of_another_tree_do_no_harm() {
    let large = merged(&["a : 1\nb : 2\nc/d : 3"]);
    let small = merged(&["x : 1"]);
    let foreign = large.lookup(b"c/d").unwrap();
    assert_eq!(small.id(foreign.number()), None);
    assert_eq!(small.node(foreign), small.node(small.root()));
    assert_eq!(small.children(foreign), []);
    assert_eq!(small.story(foreign), []);
    assert_eq!(small.path(foreign), b"/");
    assert_eq!(small.target(foreign), b"");
    let mut rows = Rows::new(
        &small,
        &Options {
            only_found: true,
            ..Options::default()
        },
    );
    rows.admit(&small, &[foreign]);
    rows.toggle(&small, foreign);
    assert_eq!(rows.expand_to(&small, foreign), None);
    assert!(rows.is_empty());
}

#[test]
fn a_layers_tree_counts_from_its_number() {
    let layer = Layer::read("a : 1\n.wh.b");
    let tree = Tree::of_layer(7, &layer.index);
    let a = tree.node(tree.lookup(b"a").unwrap());
    assert_eq!(
        (a.entry, a.last_writer),
        (Some(EntryRef { layer: 7, entry: 0 }), 7)
    );
    let b = tree.node(tree.lookup(b"b").unwrap());
    assert_eq!(
        (b.kind, b.entry, b.change),
        (Kind::Other(0), None, Change::Removed)
    );
    assert_eq!(b.ghost.map(|ghost| (ghost.by, ghost.was)), Some((7, None)));
    assert!(!b.is_synthetic());
}

#[test]
fn nothing_is_the_same_without_fingerprints() {
    let members = || vec![Member::file("a", "same"), Member::file("empty", "")];
    let layers = [Layer::listed(members()), Layer::listed(members())];
    let tree = Tree::merged(&indexes(&layers));
    let change = |path: &[u8]| tree.node(tree.lookup(path).unwrap()).change;
    assert_eq!(change(b"a").name(), "modified");
    assert_eq!(
        change(b"a").attributes().names().collect::<Vec<_>>(),
        ["content"]
    );
    assert_eq!(change(b"empty").name(), "metadata");
}
