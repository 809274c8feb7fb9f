//! What differs between two answers.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::facts::{Answer, Facts, Ours};
use crate::readers::Reader;
use crate::rules::{Origin, Rules};

/// A difference that no rule explains.
pub(crate) struct Unexplained {
    pub(crate) what: &'static str,
    /// The features that a rule would have to name.
    pub(crate) features: String,
    pub(crate) why: String,
    pub(crate) ours: String,
    pub(crate) theirs: String,
}

/// Compares our answer with a reader's, entry by entry, up to the first place after which a rule
/// says that the two have nothing in common.
pub(crate) fn compare(
    reader: Reader,
    case: &Case,
    ours: &Ours,
    theirs: &Answer,
    rules: &mut Rules,
) -> Vec<Unexplained> {
    let is_go = reader == Reader::Go;
    let entries: Vec<&Facts> = ours
        .answer
        .entries
        .iter()
        .filter(|entry| is_go || entry.kind != b'g')
        .collect();
    let mut unexplained = Vec::new();
    for place in 0..entries.len().max(theirs.entries.len()) {
        let (what, origin) = match (entries.get(place), theirs.entries.get(place)) {
            (Some(mine), Some(other)) => {
                let mine_offset = mine.offset;
                let origin = Origin::Entry(mine_offset);
                let mut found = Vec::new();
                for (what, mine, other) in differences(is_go, mine, other) {
                    if let Err(why) = rules.explain(reader, what, origin, case, ours) {
                        found.push(Unexplained {
                            what,
                            features: features(Origin::UpTo(mine_offset), case),
                            why,
                            ours: mine,
                            theirs: other,
                        });
                    }
                }
                if found.is_empty() {
                    continue;
                }
                let origin = Origin::UpTo(mine_offset);
                if rules.explain(reader, "astray", origin, case, ours).is_err() {
                    unexplained.extend(found);
                }
                return unexplained;
            }
            (Some(mine), None) => ("fewer", Origin::UpTo(mine.offset)),
            _ => ("more", Origin::Anywhere),
        };
        if let Err(why) = rules.explain(reader, what, origin, case, ours) {
            unexplained.push(Unexplained {
                what,
                features: features(origin, case),
                why,
                ours: format!("{} entries, {:?}", entries.len(), ours.answer.end),
                theirs: format!("{} entries, {:?}", theirs.entries.len(), theirs.end),
            });
        }
        return unexplained;
    }
    if is_go
        && ours.answer.end != theirs.end
        && let Err(why) = rules.explain(reader, "end", Origin::Anywhere, case, ours)
    {
        unexplained.push(Unexplained {
            what: "end",
            features: features(Origin::Anywhere, case),
            why,
            ours: format!("{:?}", ours.answer.end),
            theirs: format!("{:?}", theirs.end),
        });
    }
    unexplained
}

fn features(origin: Origin, case: &Case) -> String {
    let spans = origin.spans(case).flat_map(|span| &span.features);
    let features: BTreeSet<&str> = case.features.iter().chain(spans).copied().collect();
    features.into_iter().collect::<Vec<_>>().join(" ")
}

type Difference = (&'static str, String, String);

/// What differs between two entries: the rules' word for it, and both values.
fn differences(is_go: bool, mine: &Facts, other: &Facts) -> Vec<Difference> {
    let mut found = Vec::new();
    if mine.kind == b'g' && other.kind == b'g' {
        // Go shows as an entry what we show as an oddity; there is nothing else to compare.
        return vec![(
            "global-entry",
            "an oddity".to_owned(),
            "an entry".to_owned(),
        )];
    }
    let mut check = |what, same: bool, mine: String, other: String| {
        if !same {
            found.push((what, mine, other));
        }
    };
    let escaped = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let trimmed = |name: &[u8]| escaped(name).trim_end_matches('/').to_owned();
    let what = if trimmed(&mine.name) == trimmed(&other.name) {
        "slash"
    } else {
        "name"
    };
    let names = (escaped(&mine.name), escaped(&other.name));
    check(what, names.0 == names.1, names.0, names.1);
    let letter = |kind: u8| char::from(kind).to_string();
    check(
        "kind",
        mine.kind == other.kind,
        letter(mine.kind),
        letter(other.kind),
    );
    // Readers show anything for the size of what has none.
    if is_go || matches!(mine.kind, b'f' | b'?') {
        let sizes = (mine.size.to_string(), other.size.to_string());
        check("size", mine.size == other.size, sizes.0, sizes.1);
    }
    if matches!(mine.kind, b'l' | b'h') {
        let links = (escaped(&mine.link), escaped(&other.link));
        check("link", links.0 == links.1, links.0, links.1);
    }
    let (Some(mine), Some(other)) = (&mine.details, &other.details) else {
        return found;
    };
    let mut check = |what, mine: String, other: String| check(what, mine == other, mine, other);
    check(
        "flag",
        format!("{:?}", mine.flag),
        format!("{:?}", other.flag),
    );
    check(
        "mode",
        format!("{:o}", mine.mode),
        format!("{:o}", other.mode),
    );
    check("uid", mine.uid.to_string(), other.uid.to_string());
    check("gid", mine.gid.to_string(), other.gid.to_string());
    check("uname", escaped(&mine.uname), escaped(&other.uname));
    check("gname", escaped(&mine.gname), escaped(&other.gname));
    let time = |seconds: i64, nanos: u32| format!("{seconds} and {nanos}");
    check(
        "time",
        time(mine.seconds, mine.nanos),
        time(other.seconds, other.nanos),
    );
    if mine.device.is_some() {
        let device = |device: Option<(u64, u64)>| format!("{device:?}");
        check("device", device(mine.device), device(other.device));
    }
    let xattrs = |xattrs: &[(Vec<u8>, Vec<u8>)]| {
        let pairs = xattrs.iter();
        let pairs = pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
        pairs.collect::<Vec<_>>().join(" ")
    };
    check("xattrs", xattrs(&mine.xattrs), xattrs(&other.xattrs));
    check("content", mine.content.clone(), other.content.clone());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::archive;
    use crate::case::Piece;
    use crate::reading::read_pieces;

    /// Two plain files, one of which is said to have a feature.
    fn case(feature: &'static str) -> Case {
        let pieces = vec![
            Piece::new(archive().file("a", "A"), &[]),
            Piece::new(archive().file("b", "B"), &[feature]),
        ];
        Case::new("case".to_owned(), pieces)
    }

    /// What is unexplained when Python's answer is ours with a change.
    fn found(feature: &'static str, change: fn(&mut Vec<Facts>)) -> Vec<(&'static str, String)> {
        let case = case(feature);
        let ours = Ours::of(&read_pieces([case.bytes.as_slice()]));
        let mut theirs = ours.answer.clone();
        change(&mut theirs.entries);
        let rules = &mut Rules::read();
        compare(Reader::Python, &case, &ours, &theirs, rules)
            .into_iter()
            .map(|found| (found.what, found.why))
            .collect()
    }

    #[test]
    fn what_no_rule_explains_is_found() {
        let no_rule = |what| vec![(what, "no rule".to_owned())];
        assert_eq!(found("plain", |_| {}), []);
        let rename: fn(&mut Vec<Facts>) = |entries| entries[1].name = b"c".to_vec();
        assert_eq!(found("plain", rename), no_rule("name"));
        assert_eq!(
            found("plain", |entries| entries[1].size = 2),
            no_rule("size")
        );
        assert_eq!(
            found("plain", |entries| entries[1].kind = b'd'),
            no_rule("kind")
        );
        assert_eq!(
            found("plain", |entries| entries.truncate(1)),
            no_rule("fewer")
        );
        let double = |entries: &mut Vec<Facts>| entries.extend(entries.clone());
        assert_eq!(found("plain", double), no_rule("more"));
        // The rule is there, and so is the feature, but nothing is raised.
        let promised = "py-two-paths promises [\"two-paths\"]".to_owned();
        assert_eq!(found("pax-then-L", rename), [("name", promised)]);
        // A feature of the second entry says nothing of the first.
        let first: fn(&mut Vec<Facts>) = |entries| entries[0].name = b"c".to_vec();
        assert_eq!(found("pax-then-L", first), no_rule("name"));
    }
}
