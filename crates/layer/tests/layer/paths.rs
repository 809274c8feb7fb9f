//! What names mean.

use layerscope_layer::{Whiteout, components, whiteout};

#[test]
fn paths_are_cleaned() {
    let deep = "d/".repeat(100_000);
    let up = format!("{deep}{}x", "../".repeat(100_000));
    #[rustfmt::skip]
    let table: &[(&str, &[&str], bool)] = &[
        // path, its components, whether it tries to leave the root
        ("", &[], false),
        (".", &[], false),
        ("./", &[], false),
        ("/", &[], false),
        ("//", &[], false),
        ("a", &["a"], false),
        ("./a", &["a"], false),
        ("/a", &["a"], false),
        ("a/", &["a"], false),
        ("a//b", &["a", "b"], false),
        ("a/./b", &["a", "b"], false),
        ("a/b/.", &["a", "b"], false),
        ("...", &["..."], false),
        ("a/..b/..", &["a"], false),
        ("a/..", &[], false),
        ("a/../b", &["b"], false),
        ("a/b/../../c", &["c"], false),
        ("..", &[], true),
        ("../x", &["x"], true),
        ("/../x", &["x"], true),
        ("a/../../x", &["x"], true),
        ("../../etc/passwd", &["etc", "passwd"], true),
        ("a\\b", &["a\\b"], false),
        ("C:/x", &["C:", "x"], false),
        (&up, &["x"], false),
    ];
    for (path, expected, escapes) in table {
        let cleaned = components(path.as_bytes());
        assert_eq!(cleaned.escapes(), *escapes, "{path}");
        let cleaned: Vec<_> = cleaned.collect();
        let expected: Vec<_> = expected.iter().map(|name| name.as_bytes()).collect();
        assert_eq!(cleaned, expected, "{path}");
    }
    assert_eq!(components(deep.as_bytes()).count(), 100_000);
    assert!(components(b"caf\xe9/\xff").eq([&b"caf\xe9"[..], b"\xff"]));
}

#[test]
fn whiteouts_are_told_by_their_name() {
    let table: &[(&str, Whiteout<'_>)] = &[
        ("", Whiteout::None),
        ("f", Whiteout::None),
        (".wh", Whiteout::None),
        ("wh.f", Whiteout::None),
        ("x.wh.f", Whiteout::None),
        (".WH.f", Whiteout::None),
        (".wh.f", Whiteout::Of(b"f")),
        (".wh..baz", Whiteout::Of(b".baz")),
        (".wh.....", Whiteout::Of(b"....")),
        (".wh..wh", Whiteout::Of(b".wh")),
        (".wh.wh.f", Whiteout::Of(b"wh.f")),
        (".wh..opq", Whiteout::Of(b".opq")),
        (".wh..wh..opq", Whiteout::Opaque),
        (".wh..wh..opq2", Whiteout::Aufs),
        (".wh..wh.", Whiteout::Aufs),
        (".wh..wh.aufs", Whiteout::Aufs),
        (".wh..wh.plnk", Whiteout::Aufs),
        (".wh..wh.orph", Whiteout::Aufs),
        (".wh.", Whiteout::Invalid),
        (".wh..", Whiteout::Invalid),
        (".wh...", Whiteout::Invalid),
    ];
    for (name, expected) in table {
        assert_eq!(whiteout(name.as_bytes()), *expected, "{name}");
    }
}
