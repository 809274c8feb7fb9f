//! The core in a browser: exports for the session worker and the scan workers, and nothing else.
//!
//! The session worker calls [`open`] and gets a number; everything else takes that number. Sessions live in a
//! table here, borrowed only between awaits, so that no call can find one locked. A scan worker
//! calls [`run`] once, with the job that [`next_scan`] or [`content_job`] wrote, and ends: wasm memory never shrinks.
//!
//! ```js
//! const handle = open(source, options);
//! await resolve(handle, readThrough);
//! for (let job; (job = next_scan(handle)); ) scanWorker.postMessage(JSON.parse(job));
//! rows(handle, { scope: { scope: 'merged' }, sort: 'name', ghosts: true, changedOnly: false, filter: '' }, 0, 50);
//! ```

mod compare;
mod convert;
mod drive;
mod elf;
mod fetch;
mod file;
mod job;
mod run;
mod session;

pub use compare::{compare, compare_locate, compare_rows, compare_toggle, uncompare};
pub use drive::{attached, resolve, tags};
pub use elf::elf_facts;
pub use run::run;
pub use session::{
    attached_bytes, choose, close, content_job, details, fold, gate, index_bytes, is_ready, known,
    locate, next_scan, node_at, open, parent, preview, progress, read_unlisted, retry, rows,
    scan_failed, scanned, search, search_tables, seek, shares, stop, unknown, view,
};

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;

/// Bytes of this instance's memory.
#[wasm_bindgen]
#[must_use]
pub fn memory_bytes() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}
