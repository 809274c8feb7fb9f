//! Between Rust and JavaScript: options in, row pages out, errors as plain objects.

use layerscope_inspect::view::{ErrorView, json};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// A view as a JavaScript object.
///
/// A number that JavaScript cannot hold exactly (over 2^53 − 1) takes the way through JSON, where it is rounded:
/// no such file exists, and one hostile header must not cost the page its rows.
pub(crate) fn to_js<T: Serialize + ?Sized>(view: &T) -> Result<JsValue, JsValue> {
    let serializer = Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(true);
    match view.serialize(&serializer) {
        Ok(value) => Ok(value),
        Err(_) => js_sys::JSON::parse(&json(view)),
    }
}

/// Options from JavaScript.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| thrown(&ErrorView::of_driver("options", error.to_string())))
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
