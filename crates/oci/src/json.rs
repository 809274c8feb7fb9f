//! JSON within bounds: UTF-8 only, a depth, a number of values, and every repeated key reported.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::quoted;
use crate::{Error, limits};

/// A JSON document that was read within [`limits`], and the keys that it repeats.
///
/// Two readers may disagree on what a repeated key means (RFC 8259, section 4, leaves it open), so a
/// repetition is worth telling. Go's decoder, which container runtimes use, also takes `Layers` for
/// `layers`; for the fields that decide what an image is, such spellings count as repetitions too.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    value: Value,
    duplicate_keys: Vec<String>,
}

impl Json {
    /// Reads `raw`.
    ///
    /// # Errors
    /// [`Error::Encoding`] for a byte order mark, UTF-16 or bytes that are not UTF-8,
    /// [`Error::Json`] for malformed JSON and anything after it, and [`Error::OverLimit`] past
    /// [`limits::JSON_DEPTH`] or [`limits::JSON_VALUES`].
    pub fn parse(raw: &[u8]) -> Result<Self, Error> {
        let mut walk = Walk::default();
        let value = walk.read(raw)?;
        Ok(Self {
            value,
            duplicate_keys: walk.duplicate_keys,
        })
    }

    /// Gives `take` the items of the list under `key` of the object that `raw` is, one after the other, so that a long
    /// list is never held as a whole; an answer of `false` ends it. True when there is such a list.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), but that [`limits::JSON_VALUES`] holds for each item by itself; and [`Error::Json`]
    /// for a second list under the key. What was taken before it was well-formed.
    pub fn each(
        raw: &[u8],
        key: &'static str,
        take: &mut dyn FnMut(Value) -> bool,
    ) -> Result<bool, Error> {
        let mut walk = Walk {
            list: Some(List { key, take }),
            ..Walk::default()
        };
        walk.read(raw).map(|_| walk.is_listed)
    }

    /// The value. Of a repeated key the last one counts, as in Go.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The paths of repeated keys, such as `config.digest`, at most [`limits::DUPLICATE_KEYS`].
    pub fn duplicate_keys(&self) -> &[String] {
        &self.duplicate_keys
    }

    /// The value and the paths of repeated keys.
    pub fn into_parts(self) -> (Value, Vec<String>) {
        (self.value, self.duplicate_keys)
    }
}

/// The path of `key` in the object at `path`: `config.digest`, `annotations["a.b"]`. Long keys are
/// shortened.
pub(crate) fn member_path(path: &str, key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if key.is_empty() || key.len() > limits::QUOTED_BYTES || !key.bytes().all(plain) {
        format!("{path}[{:?}]", quoted(key))
    } else if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The path of the item at `position` in the list at `path`: `layers[2]`.
pub(crate) fn item_path(path: &str, position: usize) -> String {
    format!("{path}[{position}]")
}

fn utf8(raw: &[u8]) -> Result<&str, Error> {
    let found = match raw {
        [0xef, 0xbb, 0xbf, ..] => "a UTF-8 byte order mark",
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => "a UTF-16 byte order mark",
        // JSON starts with an ASCII character, so a NUL beside it is half of a wider one.
        [0, ..] | [_, 0, ..] => "UTF-16 or UTF-32",
        _ => {
            return std::str::from_utf8(raw).map_err(|error| Error::Encoding {
                offset: error.valid_up_to() as u64,
                found: "bytes that are not UTF-8",
            });
        }
    };
    Err(Error::Encoding { offset: 0, found })
}

/// `text` with every escaped half of a surrogate pair replaced by U+FFFD, as Go does; serde_json would
/// refuse the document. What is cut by length in JavaScript ends in such halves. Offsets stay.
fn whole_surrogates(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut whole = Cow::Borrowed(text);
    let mut at = 0;
    while let Some(skipped) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += skipped;
        at += match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.to_mut().replace_range(at..at + 6, "\\ufffd");
                6
            }
            // Any other escape is a backslash and a character; what is none is refused later.
            _ => {
                1 + text
                    .get(at + 1..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8)
            }
        };
    }
    whole
}

fn malformed(text: &str, error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let problem = error.to_string();
    let place = format!(" at line {line} column {column}");
    Error::Json {
        offset: (before + column.saturating_sub(1)) as u64,
        problem: problem.strip_suffix(&place).unwrap_or(&problem).to_owned(),
    }
}

/// Fields that decide what an image is, whichever document and object they stand in.
const DECISIVE: [&str; 19] = [
    "schemaVersion",
    "mediaType",
    "artifactType",
    "config",
    "layers",
    "fsLayers",
    "manifests",
    "blobs",
    "subject",
    "digest",
    "size",
    "urls",
    "data",
    "platform",
    "os",
    "architecture",
    "rootfs",
    "diff_ids",
    "history",
];

/// What is known while the document is walked.
#[derive(Default)]
struct Walk<'l> {
    /// The way to the value that is read. It is only put together when it must be told, because keys
    /// may be long and many.
    way: Vec<Step>,
    values: usize,
    duplicate_keys: Vec<String>,
    refused: Option<Error>,
    /// The list whose items are given away.
    list: Option<List<'l>>,
    is_listed: bool,
    /// Whoever takes the items wants no more.
    is_enough: bool,
}

/// A list in the outermost object.
struct List<'l> {
    key: &'static str,
    take: &'l mut dyn FnMut(Value) -> bool,
}

/// From a container to a value in it.
enum Step {
    Member(String),
    Item(usize),
}

impl Walk<'_> {
    fn read(&mut self, raw: &[u8]) -> Result<Value, Error> {
        let text = &*whole_surrogates(utf8(raw)?);
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Node {
            walk: self,
            depth: 0,
        }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
        match (value, self.refused.take()) {
            (Ok(value), None) => Ok(value),
            (Err(_), None) if self.is_enough => Ok(Value::Null),
            (_, Some(refused)) => Err(refused),
            (Err(error), None) => Err(malformed(text, &error)),
        }
    }

    /// Whether the list at the end of the way is the one whose items are given away.
    fn is_in_list(&self) -> bool {
        match (&self.list, self.way.as_slice()) {
            (Some(list), [Step::Member(key)]) => key == list.key,
            _ => false,
        }
    }

    fn repeated(&mut self, key: &str) {
        if self.duplicate_keys.len() < limits::DUPLICATE_KEYS {
            let path = self
                .way
                .iter()
                .fold(String::new(), |path, step| match step {
                    Step::Member(key) => member_path(&path, key),
                    Step::Item(position) => item_path(&path, *position),
                });
            self.duplicate_keys.push(member_path(&path, key));
        }
    }

    fn refuse<E: serde::de::Error>(&mut self, what: &'static str, limit: usize) -> E {
        let limit = limit as u64;
        self.refused = Some(Error::OverLimit {
            what,
            limit,
            found: limit + 1,
        });
        E::custom(what)
    }
}

/// One value, `depth` containers deep.
struct Node<'w, 'l> {
    walk: &'w mut Walk<'l>,
    depth: usize,
}

impl Node<'_, '_> {
    fn deeper<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        if self.depth >= limits::JSON_DEPTH {
            return Err(self
                .walk
                .refuse("JSON, levels of nesting", limits::JSON_DEPTH));
        }
        Ok(self.depth + 1)
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.walk.values += 1;
        if self.walk.values > limits::JSON_VALUES {
            return Err(self.walk.refuse("JSON, values", limits::JSON_VALUES));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let is_given = self.walk.is_in_list();
        if is_given && std::mem::replace(&mut self.walk.is_listed, true) {
            return Err(serde::de::Error::custom("the list stands twice"));
        }
        let mut items = Vec::new();
        loop {
            self.walk.way.push(Step::Item(items.len()));
            let item = list.next_element_seed(Node {
                walk: self.walk,
                depth,
            })?;
            self.walk.way.pop();
            match item {
                Some(item) if is_given => {
                    self.walk.values = 0;
                    let list = self.walk.list.as_mut();
                    if list.is_some_and(|list| !(list.take)(item)) {
                        self.walk.is_enough = true;
                        return Err(serde::de::Error::custom("no more is wanted"));
                    }
                }
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut members = Map::new();
        let mut decisive = Vec::new();
        while let Some(key) = object.next_key::<String>()? {
            let meant = DECISIVE
                .into_iter()
                .find(|name| name.eq_ignore_ascii_case(&key));
            let repeated =
                members.contains_key(&key) || meant.is_some_and(|name| decisive.contains(&name));
            if repeated {
                self.walk.repeated(&key);
            } else {
                decisive.extend(meant);
            }
            self.walk.way.push(Step::Member(key.clone()));
            let value = object.next_value_seed(Node {
                walk: self.walk,
                depth,
            })?;
            self.walk.way.pop();
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}
