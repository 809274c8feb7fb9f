//! The session worker's exports for two images side by side: one comparison at a time, of two sessions.

use std::cell::RefCell;
use std::rc::Rc;

use layerscope_inspect::compare::rows::CompareQuery;
use layerscope_inspect::compare::{Comparison, Times};
use layerscope_inspect::view::{ErrorView, json};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::{FromJs, field, from_js, text, thrown, to_js};
use crate::session::{Held, held};

/// A comparison, and the sessions that it is of.
struct Compared {
    a: Rc<Held>,
    b: Rc<Held>,
    comparison: RefCell<Comparison>,
}

thread_local! {
    static COMPARED: RefCell<Option<Rc<Compared>>> = const { RefCell::new(None) };
}

impl FromJs for CompareQuery {
    fn read(query: &JsValue) -> Option<Self> {
        let is = |name| field(query, name).as_bool();
        Some(CompareQuery {
            added: is("added")?,
            removed: is("removed")?,
            modified: is("modified")?,
            metadata: is("metadata")?,
            filter: text(query, "filter")?,
        })
    }
}

/// Compares the chosen images of two sessions as they are now, and keeps what was found for its rows. A `CompareView` as
/// JSON text, without the files.
///
/// # Errors
/// When one of them was closed.
#[wasm_bindgen]
pub fn compare(a: u32, b: u32, ignore_times: bool) -> Result<String, JsValue> {
    let (a, b) = (held(a)?, held(b)?);
    let times = match ignore_times {
        true => Times::Ignored,
        false => Times::Compared,
    };
    let (comparison, view) = {
        let (Ok(one), Ok(other)) = (a.session.try_borrow(), b.session.try_borrow()) else {
            return Err(busy());
        };
        let comparison = Comparison::of(&one, &other, times);
        let view = json(&comparison.view(&one, &other));
        (comparison, view)
    };
    let comparison = RefCell::new(comparison);
    COMPARED.set(Some(Rc::new(Compared { a, b, comparison })));
    Ok(view)
}

/// Forgets what was compared.
#[wasm_bindgen]
pub fn uncompare() {
    COMPARED.set(None);
}

/// A window of the comparison's rows (`ComparePage`).
///
/// # Errors
/// An `ErrorView` when the filter is malformed, or nothing was compared.
#[wasm_bindgen]
pub fn compare_rows(query: JsValue, from: usize, count: usize) -> Result<JsValue, JsValue> {
    let query: CompareQuery = from_js(query)?;
    let compared = compared()?;
    let Compared { a, b, comparison } = &*compared;
    let (Ok(a), Ok(b)) = (a.session.try_borrow(), b.session.try_borrow()) else {
        return Err(busy());
    };
    let page = comparison.borrow_mut().rows((&a, &b), &query, from, count);
    page.map_err(|error| thrown(&error))
        .and_then(|page| to_js(&page))
}

/// Opens or closes a row of the comparison.
///
/// # Errors
/// An `ErrorView` when the filter is malformed, or nothing was compared.
#[wasm_bindgen]
pub fn compare_toggle(query: JsValue, row: u32, expand: bool) -> Result<(), JsValue> {
    let query: CompareQuery = from_js(query)?;
    let compared = compared()?;
    let toggled = compared
        .comparison
        .borrow_mut()
        .set_expanded(&query, row, expand);
    toggled.map_err(|error| thrown(&error))
}

/// Opens what leads to a path of the comparison (`Located` or null).
///
/// # Errors
/// An `ErrorView` when the filter is malformed, or nothing was compared.
#[wasm_bindgen]
pub fn compare_locate(query: JsValue, path: &str) -> Result<JsValue, JsValue> {
    let query: CompareQuery = from_js(query)?;
    let compared = compared()?;
    let located = compared.comparison.borrow_mut().locate(&query, path);
    located
        .map_err(|error| thrown(&error))
        .and_then(|located| to_js(&located))
}

/// What was compared.
fn compared() -> Result<Rc<Compared>, JsValue> {
    let compared = COMPARED.with_borrow(Clone::clone);
    compared.ok_or_else(|| thrown(&ErrorView::of_driver("comparison", "nothing was compared")))
}

fn busy() -> JsValue {
    thrown(&ErrorView::of_driver("session", "it is busy"))
}
