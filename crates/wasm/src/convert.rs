//! Between Rust and JavaScript: options in, row pages out, errors as plain objects.

use layerscope_inspect::files::{RowQuery, RowSort};
use layerscope_inspect::view::{ErrorView, RowPage, ScopeView, json};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// A page of rows as a JavaScript object, without the way through text: one is made with every step of a scroll.
///
/// A number that JavaScript cannot hold exactly (over 2^53 − 1) takes that way all the same, and is rounded: no such
/// file exists, and one hostile header must not cost the page its rows.
pub(crate) fn page_to_js(page: &RowPage) -> Result<JsValue, JsValue> {
    let serializer = Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(true);
    match page.serialize(&serializer) {
        Ok(value) => Ok(value),
        Err(_) => to_js(page),
    }
}

/// Any other view as a JavaScript object, by way of its JSON: a second way would cost the wasm a writer for each type.
pub(crate) fn to_js<T: Serialize + ?Sized>(view: &T) -> Result<JsValue, JsValue> {
    js_sys::JSON::parse(&json(view))
}

/// What is read from a plain object of JavaScript. By hand, because serde's readers would be a thirtieth of the
/// page's wasm.
pub(crate) trait FromJs: Sized {
    /// `None` when a field is missing, or is not what it should be.
    fn read(object: &JsValue) -> Option<Self>;
}

/// Options from JavaScript.
pub(crate) fn from_js<T: FromJs>(value: JsValue) -> Result<T, JsValue> {
    let malformed = || ErrorView::of_driver("options", "a malformed object".to_owned());
    T::read(&value).ok_or_else(|| thrown(&malformed()))
}

/// A field; undefined where there is none.
pub(crate) fn field(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

/// A text.
pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

/// A whole number that is not negative.
pub(crate) fn number(object: &JsValue, name: &str) -> Option<u64> {
    whole(&field(object, name))
}

/// The same of the value itself.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It is whole, and in range.
pub(crate) fn whole(value: &JsValue) -> Option<u64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&number))
        .then_some(number as u64)
}

/// An object; `None` where there is none.
pub(crate) fn object(object: &JsValue, name: &str) -> Option<JsValue> {
    Some(field(object, name)).filter(JsValue::is_object)
}

impl FromJs for ScopeView {
    fn read(scope: &JsValue) -> Option<Self> {
        let layer = number(scope, "layer").map(u16::try_from);
        ScopeView::named(&text(scope, "scope")?, layer.transpose().ok()?)
    }
}

impl FromJs for RowQuery {
    fn read(query: &JsValue) -> Option<Self> {
        Some(RowQuery {
            scope: ScopeView::read(&field(query, "scope"))?,
            sort: match text(query, "sort")?.as_str() {
                "name" => RowSort::Name,
                "size" => RowSort::Size,
                "mode" => RowSort::Mode,
                "owner" => RowSort::Owner,
                "mtime" => RowSort::Modified,
                _ => return None,
            },
            ghosts: field(query, "ghosts").as_bool()?,
            changed_only: field(query, "changedOnly").as_bool()?,
            filter: text(query, "filter")?,
            all: field(query, "all").is_truthy(),
        })
    }
}

/// An error as what a call throws: a plain `ErrorView`.
pub(crate) fn thrown(error: &ErrorView) -> JsValue {
    to_js(error).unwrap_or_else(|_| JsValue::from_str(&error.text))
}

/// What JavaScript threw, in its words.
pub(crate) fn words(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &JsValue::from_str("message")).ok();
    message
        .and_then(|message| message.as_string())
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "something was thrown that is no error".to_owned())
}
