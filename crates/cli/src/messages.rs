//! Sentences and words, from the one catalogue that the page uses too.

use std::collections::BTreeMap;

use layerscope_inspect::display;
use layerscope_inspect::view::{ErrorView, FindingView};

/// The sentences of one language.
pub(crate) struct Messages(BTreeMap<String, String>);

const ENGLISH: &str = include_str!("../../../web/messages/en.json");
const JAPANESE: &str = include_str!("../../../web/messages/ja.json");

impl Messages {
    /// The language of the user's locale: Japanese or English.
    pub(crate) fn of_locale() -> Messages {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        if locale.starts_with("ja") {
            Messages::read(JAPANESE)
        } else {
            Messages::english()
        }
    }

    /// English, whatever the locale: what machines read must not depend on it.
    pub(crate) fn english() -> Messages {
        Messages::read(ENGLISH)
    }

    fn read(text: &str) -> Messages {
        // The catalogue is part of the program, and a test reads it.
        Messages(serde_json::from_str(text).unwrap_or_default())
    }

    /// The sentence under a key, or the key itself if the catalogue lacks it.
    pub(crate) fn sentence(&self, key: &str, args: &[(&str, &str)]) -> String {
        let value = |name: &str| {
            let found = args.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        };
        match self.0.get(key) {
            Some(words) => fill(words, value),
            None => key.to_owned(),
        }
    }

    /// The sentence of a finding; one that the catalogue lacks is told by its id and its facts.
    pub(crate) fn finding(&self, finding: &FindingView) -> String {
        let value = |name: &str| finding.args.get(name).map(String::as_str);
        match self.0.get(&format!("finding.{}", finding.id)) {
            Some(sentence) => fill(sentence, value),
            None => {
                let facts: Vec<String> = finding
                    .args
                    .iter()
                    .map(|(name, value)| format!("{name} {value}"))
                    .collect();
                display::text(&format!("{} {}", finding.id, facts.join(", "))).into_owned()
            }
        }
    }

    /// What a runtime would do about a finding.
    pub(crate) fn runtime(&self, finding: &FindingView) -> String {
        let value = |name: &str| finding.args.get(name).map(String::as_str);
        let sentence = self.0.get(&format!("finding.{}.runtime", finding.id));
        sentence.map_or(String::new(), |sentence| fill(sentence, value))
    }

    /// What an error means, and then the technical sentence.
    pub(crate) fn error(&self, error: &ErrorView) -> String {
        let technical = display::text(&error.text).into_owned();
        let value = |name: &str| match name {
            "at" => error.at.as_deref(),
            "expected" => error.expected.as_deref(),
            "found" => error.found.as_deref(),
            _ => None,
        };
        match self.0.get(&format!("error.{}", error.name)) {
            Some(sentence) => format!(
                "{}: {technical}",
                fill(sentence, value).trim_end_matches(['.', '。'])
            ),
            None => technical,
        }
    }
}

/// Puts values in the places of a sentence, once: what looks like a place in a value stays.
fn fill<'a>(sentence: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let place = after.split_once('}');
        let filled = place.and_then(|(name, after)| Some((value(name)?, after)));
        rest = match filled {
            Some((value, after)) => {
                text.push_str(&display::text(value));
                after
            }
            None => {
                text.push('{');
                after
            }
        };
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(text: &str) -> BTreeMap<String, String> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn both_catalogues_can_be_read() {
        for text in [ENGLISH, JAPANESE] {
            let messages = catalogue(text);
            assert!(messages.keys().any(|key| key.starts_with("error.")));
            assert!(messages.keys().any(|key| key.starts_with("finding.")));
        }
    }

    #[test]
    fn places_are_filled_once() {
        let value = |name: &str| {
            [("a", "{b}"), ("b", "\u{1b}")]
                .into_iter()
                .find(|it| it.0 == name)
        };
        let value = |name: &str| value(name).map(|it| it.1);
        assert_eq!(fill("{a} {b} {c} {", value), "{b} \\x1b {c} {");
    }

    /// The page's own test knows every other key.
    #[test]
    fn the_words_of_the_command_line_are_all_used_and_all_there() {
        let code = [
            include_str!("cache.rs"),
            include_str!("command.rs"),
            include_str!("diff.rs"),
            include_str!("opening.rs"),
            include_str!("print/attached.rs"),
            include_str!("print/compare.rs"),
            include_str!("print/file.rs"),
            include_str!("print/files.rs"),
            include_str!("print/findings.rs"),
            include_str!("print/image.rs"),
            include_str!("print/report.rs"),
            include_str!("serve.rs"),
        ]
        .concat();
        let mut used: Vec<&str> = code
            .split('"')
            .filter(|it| it.starts_with("cli."))
            .collect();
        used.sort_unstable();
        used.dedup();
        for text in [ENGLISH, JAPANESE] {
            let messages = catalogue(text);
            let known: Vec<&str> = messages.keys().map(String::as_str).collect();
            let known: Vec<&str> = known
                .into_iter()
                .filter(|it| it.starts_with("cli."))
                .collect();
            assert_eq!(known, used);
        }
        assert!(used.len() > 30);
    }
}
