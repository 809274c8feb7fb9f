//! One row of a table of contents, as the JSON has it.

use layerscope_oci::{Json, JsonValue};

/// What is wrong with a row.
pub(super) struct Fault {
    pub(super) expected: &'static str,
    pub(super) found: String,
}

/// One item of `entries`.
pub(super) struct Row(JsonValue);

/// Gives `take` each row, until it answers `false`; says whether there is a table at all.
pub(super) fn each(
    json: &[u8],
    take: &mut dyn FnMut(Row) -> bool,
) -> Result<bool, layerscope_oci::Error> {
    Json::each(json, "entries", &mut |item| take(Row(item)))
}

impl Row {
    /// A text, if it is stated.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    /// A number from 0, which is what an absent one means to Go.
    ///
    /// # Errors
    /// When something else stands there.
    pub(super) fn number(&self, key: &'static str) -> Result<u64, Fault> {
        let Some(value) = self.0.get(key) else {
            return Ok(0);
        };
        value.as_u64().ok_or(Fault {
            expected: "a number from 0",
            found: key.to_owned(),
        })
    }

    /// The extended attributes: names, and values in Base64.
    pub(super) fn xattrs(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let all = self.0.get("xattrs").and_then(JsonValue::as_object);
        let all = all.into_iter().flatten();
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
