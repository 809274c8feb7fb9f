//! The tags of a repository (distribution-spec, "Listing Tags").

use layerscope_oci::Json;
use serde_json::Value;

use super::access::{Access, Target};
use super::exchange::Exchange;
use super::pages::{Instead, List, Pages};
use crate::error::Error;
use crate::limits;
use crate::step::{AskId, Reply, Step};

/// Reads all tags of a repository, page by page.
#[derive(Debug)]
pub struct Tags(Pages<TagList>);

/// The tags of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagList {
    /// In the registry's order, which is usually that of their letters. Only what can be a tag.
    pub names: Vec<String>,
    /// How many names were left out because they cannot be tags.
    pub refused: usize,
    /// Why the list is not complete, if it is not.
    pub stopped: Option<Error>,
}

impl Tags {
    /// All tags of the repository that `access` leads to.
    pub fn new(access: Access) -> Self {
        let first = format!("n={}", limits::TAGS_A_PAGE);
        Self(Pages::new(access, TagList::default(), first))
    }

    /// What to do next.
    pub fn poll(&mut self) -> Step<TagList> {
        self.0.poll()
    }

    /// Takes the reply to an ask.
    pub fn provide(&mut self, id: AskId, reply: Reply) {
        self.0.provide(id, reply);
    }
}

impl List for TagList {
    fn target(&self, query: &str) -> Target {
        Target::Tags {
            query: query.to_owned(),
        }
    }

    fn add(&mut self, exchange: &Exchange, body: &[u8]) -> Result<(), Error> {
        let at = exchange.subject();
        let json = Json::parse(body).map_err(|error| Error::Document {
            at: at.clone(),
            error,
        })?;
        let tags = match json.value().get("tags") {
            Some(Value::Array(tags)) => tags.as_slice(),
            // Some registries write this for a repository without tags.
            Some(Value::Null) => &[],
            other => {
                let found = if other.is_some() {
                    "something else"
                } else {
                    "no field `tags`"
                };
                return Err(Error::TopFile {
                    at,
                    expected: "a list of tags",
                    found: found.to_owned(),
                });
            }
        };
        for tag in tags {
            match tag.as_str().filter(|tag| is_tag(tag)) {
                Some(tag) => self.names.push(tag.to_owned()),
                None => self.refused = self.refused.saturating_add(1),
            }
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.names.len().saturating_add(self.refused) < limits::TAGS
    }

    /// A registry may find the page too large.
    fn instead(&mut self, error: Error, query: &str) -> Instead {
        match error {
            Error::Status { status: 400, .. } if !query.is_empty() => Instead::Query(String::new()),
            error => Instead::Error(error),
        }
    }

    fn stop(&mut self, why: Error) {
        self.stopped = Some(why);
    }
}

/// Whether `text` follows distribution-spec's grammar of tags.
fn is_tag(text: &str) -> bool {
    let mut bytes = text.bytes();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= layerscope_oci::limits::TAG_BYTES
        && bytes.next().is_some_and(word)
        && bytes.all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}
