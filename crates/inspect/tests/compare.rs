//! Two images compared: what a grid is given of it, and which layers are read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees tests in test functions only, and these have functions of their own"
)]

mod archive;

use layerscope_inspect::compare::rows::CompareQuery;
use layerscope_inspect::compare::{Comparison, Times};
use layerscope_inspect::session::{Session, platform};
use layerscope_inspect::view::Difference;
use layerscope_source::{ImageChoice, PlatformChoice, Select};

use archive::{open, read};

const SAMPLE: &[u8] = include_bytes!("../../../web/public/sample.tar");
const SEVERAL: &[u8] = include_bytes!("../../../tests/fixtures/several-images.tar");
const FRUIT: &[u8] = include_bytes!("../../../tests/fixtures/docker-save-25.tar");

fn image(number: usize) -> Select {
    Select {
        image: ImageChoice::Number(number),
        platform: PlatformChoice::default(),
    }
}

fn pair((a, one): (&[u8], Select), (b, other): (&[u8], Select)) -> (Session, Session) {
    let mut a_session = open(a, one);
    read(&mut a_session, a);
    let mut b_session = open(b, other);
    b_session.share(&a_session);
    read(&mut b_session, b);
    (a_session, b_session)
}

/// The rows as a person sees them: level, sign, path.
fn seen(rows: &[Difference]) -> Vec<String> {
    let line = |row: &Difference| {
        let place = row.place.unwrap();
        let indent = "  ".repeat(place.level as usize - 1);
        let open = match place.expanded {
            Some(true) => " v",
            Some(false) => " >",
            None => "",
        };
        let (change, path) = (row.change, &row.path);
        format!(
            "{indent}{change} {path} {}/{}{open}",
            place.pos_in_set, place.set_size
        )
    };
    rows.iter().map(line).collect()
}

#[test]
fn what_two_platforms_share_is_read_once() {
    let only = |text: &str| Select {
        image: ImageChoice::Default,
        platform: PlatformChoice::Only(platform(text).unwrap()),
    };
    let mut a = open(SAMPLE, only("linux/amd64"));
    assert_eq!(read(&mut a, SAMPLE), 9);
    let mut b = open(SAMPLE, only("linux/arm64"));
    assert_eq!(b.share(&a), 8);
    assert_eq!(read(&mut b, SAMPLE), 1);
    // What was not read is not called verified.
    let layers = b.overview().unwrap().image.unwrap().layers;
    let states: Vec<&str> = layers.iter().map(|layer| layer.state).collect();
    assert_eq!(states[0], "verified");
    assert_eq!(states[1..], ["known"; 8]);
    let view = Comparison::of(&a, &b, Times::Compared).view(&a, &b);
    assert_eq!(view.totals.modified, 1);
    let [layers, _] = view.layers.unwrap();
    assert_eq!(layers.iter().filter(|layer| layer.proven).count(), 8);
    assert_eq!((layers[0].same, layers[0].step), (None, Some(0)));
    // Nothing is taken over of what was not read.
    assert_eq!(
        open(SAMPLE, only("linux/amd64")).share(&open(SAMPLE, only("linux/arm64"))),
        0
    );
}

#[test]
fn rows_are_opened_filtered_and_found() {
    let (a, b) = pair((SEVERAL, image(1)), (FRUIT, Select::default()));
    let mut comparison = Comparison::of(&a, &b, Times::Compared);
    let all = CompareQuery::default();
    let page = comparison.rows((&a, &b), &all, 0, 100).unwrap();
    let rows = seen(&page.rows);
    assert_eq!(page.total, rows.len());
    assert!(
        rows.contains(&"added /apple.txt 1/13".to_owned()),
        "{rows:#?}"
    );
    assert!(rows.contains(&"added /usr 11/13 >".to_owned()), "{rows:#?}");
    assert!(rows.contains(&"removed /seed 8/13".to_owned()), "{rows:#?}");

    // A row opens, and closes again.
    let usr = page.rows.iter().find(|row| row.path == "/usr").unwrap();
    let number = usr.place.unwrap().row;
    comparison.set_expanded(&all, number, true).unwrap();
    let open = comparison.rows((&a, &b), &all, 0, 100).unwrap();
    let below = open.rows.iter().filter(|row| row.path.starts_with("/usr/"));
    assert_eq!(
        seen(&below.cloned().collect::<Vec<_>>()),
        ["  added /usr/bin 1/2 >", "  added /usr/share 2/2 >"]
    );
    // A window is a part of the whole.
    let window = comparison.rows((&a, &b), &all, 3, 4).unwrap();
    assert_eq!((window.from, window.total), (3, open.total));
    assert_eq!(seen(&window.rows), seen(&open.rows)[3..7]);
    comparison.set_expanded(&all, number, false).unwrap();
    assert_eq!(
        comparison.rows((&a, &b), &all, 0, 100).unwrap().total,
        page.total
    );

    // What leads to a match is open.
    let filter = CompareQuery {
        filter: "*.json".to_owned(),
        ..CompareQuery::default()
    };
    let found = comparison.rows((&a, &b), &filter, 0, 100).unwrap();
    assert_eq!(
        seen(&found.rows),
        [
            "added /usr 1/1 v",
            "  added /usr/share 1/1 v",
            "    added /usr/share/doc 1/1 v",
            "      added /usr/share/doc/fruit.json 1/1",
        ]
    );
    let removed = CompareQuery {
        added: false,
        ..CompareQuery::default()
    };
    let found = comparison.rows((&a, &b), &removed, 0, 100).unwrap();
    assert_eq!(seen(&found.rows), ["removed /seed 1/1"]);

    // To a path, through all that it lies in.
    let located = comparison
        .locate(&all, "/usr/share/doc/fruit.json")
        .unwrap()
        .unwrap();
    let page = comparison.rows((&a, &b), &all, located.row, 1).unwrap();
    assert_eq!(page.rows[0].path, "/usr/share/doc/fruit.json");
    assert_eq!(comparison.locate(&all, "/no/such").unwrap(), None);
    let broken = CompareQuery {
        filter: "/(/".to_owned(),
        ..CompareQuery::default()
    };
    assert!(comparison.rows((&a, &b), &broken, 0, 1).is_err());
}

#[test]
fn an_image_does_not_differ_from_itself() {
    let (a, b) = pair((FRUIT, Select::default()), (FRUIT, Select::default()));
    let mut comparison = Comparison::of(&a, &b, Times::Compared);
    assert!(comparison.view(&a, &b).same);
    assert_eq!(
        comparison
            .rows((&a, &b), &CompareQuery::default(), 0, 10)
            .unwrap()
            .total,
        0
    );
    // And all of it differs from nothing of it.
    let unread = open(FRUIT, Select::default());
    let view = Comparison::of(&a, &unread, Times::Compared).view(&a, &unread);
    assert!(view.b.incomplete);
    assert!(!view.a.incomplete);
    assert_eq!(view.totals.added, 0);
    assert!(view.totals.removed > 20);
    let [_, layers] = view.layers.unwrap();
    assert!(
        layers
            .iter()
            .all(|layer| layer.same.is_some() && !layer.proven)
    );
}
