//! Sentences for errors and findings, from the one catalogue that the page uses too.

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
        let text = if locale.starts_with("ja") {
            JAPANESE
        } else {
            ENGLISH
        };
        // The catalogue is part of the program, and a test reads it.
        Messages(serde_json::from_str(text).unwrap_or_default())
    }

    /// The sentence under a key, or the key itself if the catalogue lacks it.
    pub(crate) fn sentence(&self, key: &str, facts: &[(&str, &str)]) -> String {
        let facts = facts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        fill(self.0.get(key).map_or(key, String::as_str), &facts)
    }

    /// The sentence of a finding; one that the catalogue lacks is told by its id and its facts.
    pub(crate) fn finding(&self, finding: &FindingView) -> String {
        match self.0.get(&format!("finding.{}", finding.id)) {
            Some(sentence) => fill(sentence, &finding.args),
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

    /// What an error means, and then the technical sentence.
    pub(crate) fn error(&self, error: &ErrorView) -> String {
        let technical = display::text(&error.text).into_owned();
        match self.0.get(&format!("error.{}", error.name)) {
            Some(sentence) => {
                let args = [
                    ("at", &error.at),
                    ("expected", &error.expected),
                    ("found", &error.found),
                ]
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
                .collect();
                format!(
                    "{}: {technical}",
                    fill(sentence, &args).trim_end_matches(['.', '。'])
                )
            }
            None => technical,
        }
    }
}

fn fill(sentence: &str, args: &BTreeMap<String, String>) -> String {
    let mut text = sentence.to_owned();
    for (name, value) in args {
        text = text.replace(&format!("{{{name}}}"), &display::text(value));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_catalogues_can_be_read() {
        for text in [ENGLISH, JAPANESE] {
            let messages: BTreeMap<String, String> = serde_json::from_str(text).unwrap();
            assert!(messages.keys().any(|key| key.starts_with("error.")));
            assert!(messages.keys().any(|key| key.starts_with("finding.")));
        }
    }
}
