//! The differences that are accepted, and why: `accepted.txt`.

use std::collections::BTreeSet;

use crate::case::{Case, Span};
use crate::facts::Ours;
use crate::readers::Reader;

/// The written list. Its head says how it is read.
const ACCEPTED: &str = include_str!("accepted.txt");

/// One accepted difference.
pub(crate) struct Rule {
    pub(crate) reader: String,
    pub(crate) id: String,
    /// The features that explain it.
    when: Vec<String>,
    /// What may differ.
    what: Vec<String>,
    /// What we raise for such an archive, one of these; empty where nothing is said.
    raises: Vec<String>,
    /// How many differences it has explained.
    pub(crate) applied: usize,
}

pub(crate) struct Rules(pub(crate) Vec<Rule>);

/// Which members a difference can come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// The entry whose header is here, or what concerns the whole archive.
    Entry(u64),
    /// Any member up to the one that is here.
    UpTo(u64),
    /// Any member.
    Anywhere,
}

impl Rules {
    pub(crate) fn read() -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        let mut reasons: Vec<String> = Vec::new();
        for line in ACCEPTED.lines().filter(|line| !line.starts_with('#')) {
            if line.trim().is_empty() {
                continue;
            }
            if line.starts_with(' ') {
                let reason = reasons.last_mut().expect("a rule before its reason");
                reason.push_str(line.trim());
                reason.push(' ');
                continue;
            }
            let fields: Vec<&str> = line.split('|').map(str::trim).collect();
            let &[reader, id, when, what, raises] = fields.as_slice() else {
                panic!("five fields: {line}")
            };
            let words = |field: &str| field.split_whitespace().map(str::to_owned).collect();
            let known = Reader::ALL.iter().any(|known| known.name() == reader);
            assert!(known, "{reader} is no reader: {line}");
            rules.push(Rule {
                reader: reader.to_owned(),
                id: id.to_owned(),
                when: words(when),
                what: words(what),
                raises: match raises {
                    "-" => Vec::new(),
                    raises => words(raises),
                },
                applied: 0,
            });
            reasons.push(String::new());
        }
        let mut ids = BTreeSet::new();
        for (rule, reason) in rules.iter().zip(&reasons) {
            assert!(ids.insert(&rule.id), "{} stands twice", rule.id);
            assert!(!reason.is_empty(), "{} has no reason", rule.id);
            let told = rule.raises.is_empty() != reason.contains("No finding:");
            assert!(
                !told,
                "{} raises nothing and says not why, or the reverse",
                rule.id
            );
        }
        Self(rules)
    }

    /// Whether a rule explains a difference; or else what is missing.
    pub(crate) fn explain(
        &mut self,
        reader: Reader,
        what: &str,
        origin: Origin,
        case: &Case,
        ours: &Ours,
    ) -> Result<(), String> {
        let mut silent = None;
        for rule in &mut self.0 {
            if rule.reader != reader.name() || !rule.what.iter().any(|one| one == what) {
                continue;
            }
            match rule.fits(origin, case, ours) {
                Some(true) => {
                    rule.applied += 1;
                    return Ok(());
                }
                Some(false) => silent = Some(format!("{} promises {:?}", rule.id, rule.raises)),
                None => {}
            }
        }
        Err(silent.unwrap_or_else(|| "no rule".to_owned()))
    }

    /// The rules that explained nothing.
    pub(crate) fn stale(&self) -> Vec<&str> {
        let stale = self.0.iter().filter(|rule| rule.applied == 0);
        stale.map(|rule| rule.id.as_str()).collect()
    }
}

impl Origin {
    /// The spans of a case that the difference can come from.
    pub(crate) fn spans(self, case: &Case) -> impl Iterator<Item = &Span> {
        case.spans.iter().filter(move |span| match self {
            Self::Entry(at) => span.range.contains(&at),
            Self::UpTo(at) => span.range.start <= at,
            Self::Anywhere => true,
        })
    }
}

impl Rule {
    /// Whether a feature explains the difference, and if so, whether we raise what is promised.
    fn fits(&self, origin: Origin, case: &Case, ours: &Ours) -> Option<bool> {
        let matches = |features: &BTreeSet<&str>| {
            self.when
                .iter()
                .any(|when| features.contains(when.as_str()))
        };
        let promised = |offset: &dyn Fn(&str, u64) -> bool| {
            self.raises.is_empty()
                || ours.raised.iter().any(|(name, at)| {
                    self.raises.iter().any(|promised| promised == name) && offset(name, *at)
                })
        };
        let mut found = matches(&case.features).then(|| promised(&|_, _| true));
        for span in origin.spans(case) {
            if matches(&span.features) {
                // An error speaks of the place where reading ends, an oddity of its member.
                let here = |name: &str, at: u64| {
                    name.starts_with("tar-") || (span.range.start..=span.range.end).contains(&at)
                };
                found = Some(found == Some(true) || promised(&here));
            }
        }
        found
    }
}
