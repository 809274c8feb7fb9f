//! Filters by what an entry is: the same in slices of any size, and what a plain look at the listing says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod archive;

use layerscope_inspect::facet::Query;
use layerscope_inspect::files::{RowQuery, RowSort};
use layerscope_inspect::session::Session;
use layerscope_inspect::view::{ListEntry, ScopeView};
use layerscope_source::Select;

const FACTS: &[u8] = include_bytes!("../../../tests/fixtures/facts.tar");
const KINDS: &[u8] = include_bytes!("../../../tests/fixtures/kinds.tar");

/// Opens an archive and reads its layers.
fn open(bytes: &[u8]) -> Session {
    let mut session = archive::open(bytes, Select::default());
    archive::read(&mut session, bytes);
    session
}

fn found(session: &Session, text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let query = Query::read(text).unwrap();
    let take = &mut |entry: ListEntry| paths.push(entry.path);
    session.find(ScopeView::Merged, query, take).unwrap();
    paths
}

fn listed(session: &Session, is_wanted: &dyn Fn(&ListEntry) -> bool) -> Vec<String> {
    let mut paths = Vec::new();
    let take = &mut |entry: ListEntry| {
        if is_wanted(&entry) {
            paths.push(entry.path);
        }
    };
    session.list(ScopeView::Merged, "/", true, take).unwrap();
    paths
}

/// A filter, and what it asks for.
type Case<'a> = (&'a str, &'a dyn Fn(&ListEntry) -> bool);

#[test]
fn what_is_found_is_what_the_listing_says() {
    let is_file = |entry: &ListEntry| matches!(entry.kind, "file" | "hardlink");
    let is_link = |entry: &ListEntry| entry.kind == "symlink";
    let cases: [Case<'_>; 10] = [
        ("size:>1M", &|entry| {
            is_file(entry) && entry.size > 1_000_000
        }),
        ("size:<20", &|entry| is_file(entry) && entry.size < 20),
        ("suid:", &|entry| {
            !is_link(entry) && entry.mode & 0o4000 != 0
        }),
        ("sgid:", &|entry| {
            !is_link(entry) && entry.mode & 0o2000 != 0
        }),
        ("ww:", &|entry| !is_link(entry) && entry.mode & 0o002 != 0),
        ("exec:", &|entry| is_file(entry) && entry.mode & 0o111 != 0),
        ("uid:1000", &|entry| entry.uid == 1000),
        ("gid:0", &|entry| entry.gid == 0),
        ("link:", &is_link),
        ("exec: uid:0 /bin", &|entry| {
            is_file(entry)
                && entry.mode & 0o111 != 0
                && entry.uid == 0
                && entry.path.contains("/bin")
        }),
    ];
    let mut hits = 0;
    for session in [open(FACTS), open(KINDS)] {
        for (text, is_wanted) in cases {
            let found = found(&session, text);
            hits += found.len();
            assert_eq!(found, listed(&session, is_wanted), "{text}");
        }
    }
    assert!(hits > 40, "{hits}");
}

#[test]
fn links_copies_and_attributes() {
    let session = open(FACTS);
    for (text, expected) in [
        (
            "link:broken",
            &["/links/broken", "/links/left", "/links/right"][..],
        ),
        ("link:out", &["/links/out"]),
        ("dup:", &["/bin/ping", "/bin/ping-copy"]),
        ("cap:", &["/bin/ping", "/bin/serve"]),
        ("xattr:", &["/tmp/noted"]),
        ("cap: dup:", &["/bin/ping"]),
        ("\"dup:\"", &[]),
    ] {
        assert_eq!(found(&session, text), expected, "{text}");
    }
    // A hard link is another name of a file, and no copy of it.
    assert_eq!(found(&open(KINDS), "dup:"), [""; 0]);
}

#[test]
fn slices_of_any_size_find_the_same() {
    for text in ["dup:", "link:broken", "exec: p", "cap:"] {
        let expected = found(&open(FACTS), text);
        for steps in [1, 3, 1000] {
            let session = open(FACTS);
            let query = RowQuery {
                scope: ScopeView::Merged,
                sort: RowSort::Name,
                ghosts: false,
                changed_only: false,
                filter: text.to_owned(),
                all: false,
            };
            let mut turns = 0;
            while session.search(&query, steps).unwrap() {
                turns += 1;
            }
            assert!(steps > 1 || turns > 30, "{turns}");
            let page = session.rows(&query, 0, 100).unwrap();
            assert!(!page.searching);
            let leaves = page.rows.into_iter().filter(|row| row.expanded.is_none());
            let leaves: Vec<String> = leaves.map(|row| row.path).collect();
            assert_eq!(leaves, expected, "{text} in steps of {steps}");
        }
    }
}

#[test]
fn a_malformed_value_is_an_error_and_no_text() {
    let query = RowQuery {
        scope: ScopeView::Merged,
        sort: RowSort::Name,
        ghosts: false,
        changed_only: false,
        filter: "size:>lots".to_owned(),
        all: false,
    };
    let error = open(FACTS).rows(&query, 0, 10).unwrap_err();
    assert_eq!(
        (error.name.as_str(), error.at.as_deref()),
        ("pattern", Some("size:>lots"))
    );
}
