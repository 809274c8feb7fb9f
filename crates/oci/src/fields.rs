//! Typed access to the fields of a JSON object: what is wrong is said with its path, and what is
//! right is kept.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::error::quoted;
use crate::json::{item_path, member_path};
use crate::limits;

/// A field that is missing, or has another type or form than its specification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where: `layers[2].digest`; empty for the document itself.
    pub path: String,
    /// What the specification asks for.
    pub expected: &'static str,
    /// What stands there, shortened and escaped: `the string "1"`, `nothing`.
    pub found: String,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() {
            "document"
        } else {
            &self.path
        };
        write!(
            f,
            "{path}: expected {}, found {}",
            self.expected, self.found
        )
    }
}

/// The problems of one document that did not stop the reading of it.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<FieldProblem>);

impl Problems {
    /// The good part of `result`; the bad one is noted.
    pub(crate) fn keep<T>(&mut self, result: Result<T, FieldProblem>) -> Option<T> {
        result.map_err(|problem| self.note(problem)).ok()
    }

    /// Notes `problem`; past [`limits::PROBLEMS`] only that there are more.
    pub(crate) fn note(&mut self, problem: FieldProblem) {
        if self.0.len() < limits::PROBLEMS {
            self.0.push(problem);
        } else if self.0.len() == limits::PROBLEMS {
            self.0.push(FieldProblem {
                path: String::new(),
                expected: "fewer malformed fields",
                found: format!("more than {}", limits::PROBLEMS),
            });
        }
    }

    pub(crate) fn into_vec(self) -> Vec<FieldProblem> {
        self.0
    }
}

/// What stands at `path` is `found`, and not `expected`.
pub(crate) fn problem(path: String, expected: &'static str, found: Option<&Value>) -> FieldProblem {
    let found = match found {
        None => "nothing".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Number(value)) => format!("the number {value}"),
        Some(Value::String(value)) => format!("the string {:?}", quoted(value)),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
    };
    FieldProblem {
        path,
        expected,
        found,
    }
}

/// One JSON object of a document, and where it stands. A field that is `null` counts as absent, as
/// in Go. A field is also found under another spelling of its ASCII letters, as in Go, unless it
/// stands there exactly.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value, path: &str) -> Result<Self, FieldProblem> {
        match value {
            Value::Object(members) => Ok(Self {
                members,
                path: path.to_owned(),
            }),
            _ => Err(problem(path.to_owned(), "an object", Some(value))),
        }
    }

    /// The names that stand in the object, including those with a `null` value.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().map(String::as_str)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        member_path(&self.path, name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        let other_spelling = || {
            self.members
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, v)| v)
        };
        self.members
            .get(name)
            .or_else(other_spelling)
            .filter(|value| !value.is_null())
    }

    /// The problem that what stands under `name` is not `expected`.
    pub(crate) fn problem(&self, name: &str, expected: &'static str) -> FieldProblem {
        problem(self.path(name), expected, self.get(name))
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &'static str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, FieldProblem> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => convert(value)
                .map(Some)
                .ok_or_else(|| self.problem(name, expected)),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, FieldProblem> {
        self.typed(name, "a string", Value::as_str)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, FieldProblem> {
        self.typed(name, "true or false", Value::as_bool)
    }

    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, FieldProblem> {
        self.typed(name, "a whole number that is not negative", Value::as_u64)
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Fields<'a>>, FieldProblem> {
        self.get(name)
            .map(|value| Self::of(value, &self.path(name)))
            .transpose()
    }

    /// The items of a list with their paths; none if the field is absent.
    pub(crate) fn list(
        &self,
        name: &str,
    ) -> Result<impl ExactSizeIterator<Item = (String, &'a Value)> + use<'a>, FieldProblem> {
        let items: &[Value] = self
            .typed(name, "a list", |value| value.as_array().map(Vec::as_slice))?
            .unwrap_or_default();
        let path = self.path(name);
        Ok(items
            .iter()
            .enumerate()
            .map(move |(position, item)| (item_path(&path, position), item)))
    }

    /// The strings of a list. Items that are no strings are noted and left out.
    pub(crate) fn texts(&self, name: &str, problems: &mut Problems) -> Vec<String> {
        let Some(items) = problems.keep(self.list(name)) else {
            return Vec::new();
        };
        let text = |(path, item): (String, &Value)| match item {
            Value::String(text) => Ok(text.clone()),
            _ => Err(problem(path, "a string", Some(item))),
        };
        items.filter_map(|item| problems.keep(text(item))).collect()
    }

    /// An object of strings. Members that are no strings are noted and left out.
    pub(crate) fn text_map(&self, name: &str, problems: &mut Problems) -> BTreeMap<String, String> {
        let Some(Some(object)) = problems.keep(self.object(name)) else {
            return BTreeMap::new();
        };
        let text = |(key, value): (&String, &Value)| match value {
            Value::String(text) => Ok((key.clone(), text.clone())),
            _ => Err(problem(object.path(key), "a string", Some(value))),
        };
        // One at a time: collecting would sort them first, by a sort of its own.
        let mut map = BTreeMap::new();
        for member in object.members {
            if let Some((key, value)) = problems.keep(text(member)) {
                map.insert(key, value);
            }
        }
        map
    }

    /// The names in an object that stands for a set.
    pub(crate) fn set(&self, name: &str, problems: &mut Problems) -> Vec<String> {
        match problems.keep(self.object(name)) {
            Some(Some(object)) => object.members.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

/// Reads one value for serde, where a document may not have any problem.
pub(crate) fn strictly<'de, D, T>(
    deserializer: D,
    read: impl FnOnce(&Value, &mut Problems) -> Result<T, FieldProblem>,
) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let value: Value = serde::Deserialize::deserialize(deserializer)?;
    let mut problems = Problems::default();
    let read = read(&value, &mut problems).map_err(serde::de::Error::custom)?;
    match problems.into_vec().into_iter().next() {
        None => Ok(read),
        Some(problem) => Err(serde::de::Error::custom(problem)),
    }
}
