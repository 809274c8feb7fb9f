//! What ELF files say of themselves, for the session worker, which reads them.

use js_sys::{Array, Uint8Array};
use layerscope_inspect::elf::{self, Elf, Step};
use layerscope_inspect::view::json;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::whole;

/// What an ELF file of `size` bytes says of itself. `given` has the parts that are known, pairs of an offset and bytes.
/// Returns `{ read: [from, to] }` while another part is needed, and then `{ elf: ElfView | null }`.
///
/// # Errors
/// None that a caller can cause.
#[wasm_bindgen]
pub fn elf_facts(size: f64, given: Array) -> Result<JsValue, JsValue> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // As for `content_job`.
    let mut elf = Elf::new(size as u64);
    // Each part is what was asked for after those before it.
    for pair in given.iter() {
        let _asked = elf.poll();
        let pair = Array::from(&pair);
        let bytes = Uint8Array::new(&pair.get(1)).to_vec();
        elf.provide(whole(&pair.get(0)).unwrap_or_default(), bytes);
    }
    let told = match elf.poll() {
        Step::Read(range) => format!("{{\"read\":[{},{}]}}", range.start, range.end),
        Step::Done(facts) => {
            let view = facts.map(|facts| elf::view(&facts));
            format!("{{\"elf\":{}}}", json(&view))
        }
    };
    js_sys::JSON::parse(&told)
}
