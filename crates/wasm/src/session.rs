//! The session worker's exports: a table of sessions, and one short function for each thing that the page asks.

use std::cell::RefCell;
use std::rc::Rc;

use layerscope_inspect::files::RowQuery;
use layerscope_inspect::gate::judge;
use layerscope_inspect::limits::IMAGE_AT_ONCE;
use layerscope_inspect::scan::ScanId;
use layerscope_inspect::session::{Opening, Session, platform};
use layerscope_inspect::view::{DiveFigures, ErrorView, ScopeView};
use layerscope_layer::{Limits, ScannedLayer};
use layerscope_oci::Reference;
use layerscope_source::registry::Access;
use layerscope_source::{ImageChoice, PlatformChoice, Select};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::convert::{FromJs, field, from_js, number, object, page_to_js, text, thrown, to_js};
use crate::file::{Bytes, size_of};
use crate::job::Job;

/// A session and where its bytes are.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) session: RefCell<Session>,
    pub(crate) bytes: Reach,
}

/// How the driver reaches the source.
#[derive(Debug)]
pub(crate) enum Reach {
    Archive(Bytes),
    /// Files of a dropped directory, by path.
    Directory(Vec<(String, Blob)>),
    /// A layout under a URL that ends in `/`.
    LayoutUrl {
        url: String,
        secret: Option<String>,
    },
    Registry,
}

thread_local! {
    /// By handle. A closed session leaves an empty place: a page opens a few images, not millions.
    static TABLE: RefCell<Vec<Option<Rc<Held>>>> = const { RefCell::new(Vec::new()) };
}

/// The session of a handle; an error when it was closed.
pub(crate) fn held(handle: u32) -> Result<Rc<Held>, JsValue> {
    TABLE
        .with_borrow(|table| table.get(handle as usize).cloned().flatten())
        .ok_or_else(|| thrown(&ErrorView::of_driver("session", "it was closed")))
}

fn with<T>(handle: u32, act: impl FnOnce(&mut Session) -> T) -> Result<T, JsValue> {
    let held = held(handle)?;
    let mut session = held
        .session
        .try_borrow_mut()
        .map_err(|_| thrown(&ErrorView::of_driver("session", "it is busy")))?;
    Ok(act(&mut session))
}

/// The fields of `Source` of `protocol.ts`, without the files, which are not plain data.
#[derive(Debug)]
struct Source {
    kind: String,
    name: String,
    url: String,
    size: u64,
    secret: Option<String>,
    reference: String,
    gateway: Option<Gateway>,
}

impl FromJs for Source {
    fn read(source: &JsValue) -> Option<Self> {
        Some(Source {
            kind: text(source, "kind")?,
            name: text(source, "name").unwrap_or_default(),
            url: text(source, "url").unwrap_or_default(),
            size: number(source, "size").unwrap_or_default(),
            secret: text(source, "secret"),
            reference: text(source, "reference").unwrap_or_default(),
            gateway: match object(source, "gateway") {
                Some(gateway) => Some(Gateway {
                    prefix: text(&gateway, "prefix")?,
                    secret: text(&gateway, "secret")?,
                }),
                None => None,
            },
        })
    }
}

#[derive(Debug)]
struct Gateway {
    prefix: String,
    secret: String,
}

#[derive(Debug, Default)]
struct Options {
    platform: Option<String>,
    /// Where no platform is asked for, this one if it is there.
    prefer: Option<String>,
    image: Option<String>,
}

impl FromJs for Options {
    fn read(options: &JsValue) -> Option<Self> {
        Some(Options {
            platform: text(options, "platform"),
            prefer: text(options, "prefer"),
            image: text(options, "image"),
        })
    }
}

/// Opens a source (`Source` of `protocol.ts`; one of kind `url` has its `size` too) and returns a handle.
///
/// # Errors
/// An `ErrorView` when the reference or the platform is malformed.
#[wasm_bindgen]
pub fn open(source: JsValue, options: JsValue) -> Result<u32, JsValue> {
    let options: Options = if options.is_undefined() {
        Options::default()
    } else {
        from_js(options)?
    };
    let image = match &options.image {
        None => ImageChoice::Default,
        Some(image) => image
            .parse()
            .map_or_else(|_| ImageChoice::Name(image.clone()), ImageChoice::Number),
    };
    let (opening, bytes) = opening(&source)?;
    let preferred = options.prefer.as_deref().map(platform);
    let platform = match (&options.platform, preferred) {
        (Some(text), _) => PlatformChoice::Only(platform(text).map_err(|error| thrown(&error))?),
        (None, Some(Ok(preferred))) => PlatformChoice::Default(preferred),
        (None, _) => PlatformChoice::default(),
    };
    let mut session = Session::new(opening, Select { image, platform });
    session.read_on_demand(IMAGE_AT_ONCE);
    let session = RefCell::new(session);
    TABLE.with_borrow_mut(|table| {
        table.push(Some(Rc::new(Held { session, bytes })));
        u32::try_from(table.len() - 1)
            .map_err(|_| thrown(&ErrorView::of_driver("session", "too many were opened")))
    })
}

fn opening(source: &JsValue) -> Result<(Opening, Reach), JsValue> {
    let Source {
        kind,
        name,
        url,
        size,
        secret,
        reference,
        gateway,
    } = from_js(source.clone())?;
    Ok(match kind.as_str() {
        "file" => {
            let file: web_sys::File = field(source, "file").dyn_into()?;
            let opening = Opening::Archive {
                name: file.name(),
                size: size_of(&file),
            };
            (opening, Reach::Archive(Bytes::Blob(file.into())))
        }
        "directory" => {
            let files = js_sys::Array::from(&field(source, "files"));
            let mut known = Vec::new();
            for file in files.iter() {
                let path = field(&file, "path").as_string().unwrap_or_default();
                known.push((path, field(&file, "file").dyn_into()?));
            }
            (Opening::Layout { name, tag: None }, Reach::Directory(known))
        }
        "url" => (
            Opening::Archive { name, size },
            Reach::Archive(Bytes::Url { url, secret }),
        ),
        "layout-url" => (
            Opening::Layout { name, tag: None },
            Reach::LayoutUrl { url, secret },
        ),
        "reference" => {
            let reference: Reference = reference
                .parse()
                .map_err(|error: layerscope_oci::Error| thrown(&ErrorView::from(&error)))?;
            let access = match gateway {
                Some(Gateway { prefix, secret }) => {
                    Access::gateway(&reference, prefix.trim_end_matches('/'), secret)
                }
                None => Access::direct(&reference),
            };
            (Opening::Registry { reference, access }, Reach::Registry)
        }
        other => {
            return Err(thrown(&ErrorView::of_driver(
                "source",
                format!("there is no kind `{other}`"),
            )));
        }
    })
}

/// Forgets a session.
#[wasm_bindgen]
pub fn close(handle: u32) {
    TABLE.with_borrow_mut(|table| {
        if let Some(place) = table.get_mut(handle as usize) {
            *place = None;
        }
    });
}

/// A view as JSON text, the same that the command line prints: `inspect`, `layers`, `history`, `platforms`,
/// `list` (all files of the merged tree), `waste`, `manifest` or `config`. Undefined while it is not known.
///
/// # Errors
/// An `ErrorView` when there is no such view.
#[wasm_bindgen]
pub fn view(handle: u32, what: &str) -> Result<Option<String>, JsValue> {
    with(handle, |session| session.view(what))?.map_err(|error| thrown(&error))
}

/// The bytes of a statement, or of the manifest of what is attached to the image; undefined when they are not at hand.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn attached_bytes(handle: u32, digest: &str) -> Result<Option<Vec<u8>>, JsValue> {
    with(handle, |session| {
        session.attached_bytes(digest).map(<[u8]>::to_vec)
    })
}

/// Whether the source is understood.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn is_ready(handle: u32) -> Result<bool, JsValue> {
    with(handle, |session| session.resolved().is_some())
}

/// A window of rows (`RowPage`).
///
/// # Errors
/// An `ErrorView` when the filter is malformed.
#[wasm_bindgen]
pub fn rows(handle: u32, query: JsValue, from: usize, count: usize) -> Result<JsValue, JsValue> {
    let query: RowQuery = from_js(query)?;
    with(handle, |session| match session.rows(&query, from, count) {
        Ok(page) => page_to_js(&page),
        Err(error) => Err(thrown(&error)),
    })?
}

/// Looks through `steps` more entries for what the query's filter lets through; true while there are more.
///
/// # Errors
/// An `ErrorView` when the filter is malformed.
#[wasm_bindgen]
pub fn search(handle: u32, query: JsValue, steps: usize) -> Result<bool, JsValue> {
    let query: RowQuery = from_js(query)?;
    with(handle, |session| session.search(&query, steps))?.map_err(|error| thrown(&error))
}

/// Closes a directory with 0 levels, and opens it with more; of the root so many levels are opened.
///
/// # Errors
/// An `ErrorView` when the filter is malformed.
#[wasm_bindgen]
pub fn fold(handle: u32, query: JsValue, node: u32, levels: u32) -> Result<(), JsValue> {
    let query: RowQuery = from_js(query)?;
    with(handle, |session| session.fold(&query, node, levels))?.map_err(|error| thrown(&error))
}

/// Opens what leads to a path (`Located` or null).
///
/// # Errors
/// An `ErrorView` when the filter is malformed.
#[wasm_bindgen]
pub fn locate(handle: u32, query: JsValue, path: &str) -> Result<JsValue, JsValue> {
    let query: RowQuery = from_js(query)?;
    answer(with(handle, |session| {
        session.locate(&query, path).map_err(Thrown::from)
    })?)
}

/// The node at a displayed path; undefined when there is none.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn node_at(handle: u32, scope: JsValue, path: &str) -> Result<Option<u32>, JsValue> {
    let scope: ScopeView = from_js(scope)?;
    with(handle, |session| session.node_at(scope, path))
}

/// The row of a node's parent (`Located` or null).
///
/// # Errors
/// An `ErrorView` when the filter is malformed.
#[wasm_bindgen]
pub fn parent(handle: u32, query: JsValue, node: u32) -> Result<JsValue, JsValue> {
    let query: RowQuery = from_js(query)?;
    answer(with(handle, |session| {
        session.parent(&query, node).map_err(Thrown::from)
    })?)
}

/// Type-ahead from a row on (`Located` or null).
///
/// # Errors
/// An `ErrorView` when the filter is malformed.
#[wasm_bindgen]
pub fn seek(handle: u32, query: JsValue, text: &str, from: usize) -> Result<JsValue, JsValue> {
    let query: RowQuery = from_js(query)?;
    answer(with(handle, |session| {
        session.seek(&query, text, from).map_err(Thrown::from)
    })?)
}

/// Everything about one node (`Details` or null).
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn details(handle: u32, scope: JsValue, node: u32) -> Result<JsValue, JsValue> {
    let scope: ScopeView = from_js(scope)?;
    to_js(&with(handle, |session| session.details(scope, node))?)
}

/// Where the bytes of a directory are (`Shares` or null).
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn shares(handle: u32, scope: JsValue, path: &str, count: usize) -> Result<JsValue, JsValue> {
    let scope: ScopeView = from_js(scope)?;
    to_js(&with(handle, |session| session.shares(scope, path, count))?)
}

/// Judges the figures of dive by the text of a `.dive-ci` file (`GateReport`); `user` is undefined where there is no such share.
///
/// # Errors
/// An `ErrorView` when the text is not what such a file is made of.
#[wasm_bindgen]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates, and bytes are whole.
pub fn gate(
    rules: &str,
    efficiency: f64,
    wasted: f64,
    user: Option<f64>,
) -> Result<JsValue, JsValue> {
    let figures = DiveFigures {
        efficiency,
        wasted_bytes: wasted as u64,
        user_wasted_percent: user,
        ..DiveFigures::default()
    };
    answer(judge(rules, &figures).map_err(Thrown::from))
}

/// The job that reads part of a file, for a scan worker; undefined when the node has no content.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn content_job(
    handle: u32,
    scope: JsValue,
    node: u32,
    from: f64,
    length: f64,
) -> Result<Option<String>, JsValue> {
    let scope: ScopeView = from_js(scope)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // Saturates, and a file is smaller than 2^53.
    let (from, length) = (from as u64, length as u64);
    let plan = with(handle, |session| {
        session.content(scope, node, from..from.saturating_add(length))
    })?;
    Ok(plan
        .and_then(|plan| Job::of_content(&plan))
        .and_then(|job| serde_json::to_string(&job).ok()))
}

/// The job that reads the next layer, for a scan worker; undefined when none is left.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn next_scan(handle: u32) -> Result<Option<String>, JsValue> {
    let job = with(handle, Session::next_scan)?;
    Ok(job
        .and_then(|job| Job::of_scan(&job))
        .and_then(|job| serde_json::to_string(&job).ok()))
}

/// Bytes of memory that the indexes of the chosen image's layers hold.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn index_bytes(handle: u32) -> Result<usize, JsValue> {
    with(handle, |session| session.index_bytes())
}

/// How far a scan is.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Whole numbers below 2^53.
pub fn progress(
    handle: u32,
    scan: u32,
    read: f64,
    unpacked: f64,
    entries: f64,
) -> Result<(), JsValue> {
    with(handle, |session| {
        session.progress(ScanId(scan), read as u64, unpacked as u64, entries as u64)
    })
}

/// A scan came to its end: the layer in its byte form. The name under which these bytes may be kept; undefined when
/// they may not.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn scanned(handle: u32, scan: u32, bytes: &[u8]) -> Result<Option<String>, JsValue> {
    let layer = ScannedLayer::from_bytes(bytes);
    with(handle, |session| match layer {
        Ok(layer) => {
            let name = session.kept_as(ScanId(scan), &layer);
            session.scanned(ScanId(scan), layer);
            name
        }
        Err(error) => {
            session.scan_failed(ScanId(scan), ErrorView::from(&error));
            None
        }
    })
}

/// What a layer that is being read will turn out to hold, not verified: a layer in its byte form.
///
/// # Errors
/// When the session was closed, or the bytes are no layer.
#[wasm_bindgen]
pub fn preview(handle: u32, scan: u32, bytes: &[u8]) -> Result<(), JsValue> {
    let layer =
        ScannedLayer::from_bytes(bytes).map_err(|error| thrown(&ErrorView::from(&error)))?;
    with(handle, |session| session.preview(ScanId(scan), layer))
}

/// What was kept under the name that a job gave; false when it is of no use and the layer is to be read.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn known(handle: u32, scan: u32, bytes: &[u8]) -> Result<bool, JsValue> {
    with(handle, |session| session.recall(ScanId(scan), bytes))
}

/// A layer that nobody asked for is not known: it waits.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn unknown(handle: u32, scan: u32) -> Result<(), JsValue> {
    with(handle, |session| session.unknown(ScanId(scan)))
}

/// A scan could not even begin.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn scan_failed(handle: u32, scan: u32, text: &str) -> Result<(), JsValue> {
    with(handle, |session| {
        session.scan_failed(ScanId(scan), ErrorView::of_driver("layer", text))
    })
}

/// Another image or platform; `resolve` must be called after it.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn choose(handle: u32, choice: usize) -> Result<(), JsValue> {
    with(handle, |session| session.choose(choice))
}

/// Lets a layer be read again.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn retry(handle: u32, layer: usize) -> Result<(), JsValue> {
    with(handle, |session| session.retry(layer))
}

/// Asks for every layer of which no file is known.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn read_unlisted(handle: u32) -> Result<(), JsValue> {
    with(handle, Session::read_unlisted)
}

/// Searches for tables of contents of layers that are not read unasked; if true, [`resolve`](crate::drive::resolve) must
/// be called after it.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn search_tables(handle: u32) -> Result<bool, JsValue> {
    with(handle, |session| session.search_tables(Limits::default()))
}

/// Abandons all scans; what was read stays known.
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub fn stop(handle: u32) -> Result<(), JsValue> {
    with(handle, Session::stop)
}

/// What a call throws.
struct Thrown(JsValue);

impl From<ErrorView> for Thrown {
    fn from(error: ErrorView) -> Thrown {
        Thrown(thrown(&error))
    }
}

fn answer<T: serde::Serialize>(result: Result<T, Thrown>) -> Result<JsValue, JsValue> {
    match result {
        Ok(view) => to_js(&view),
        Err(Thrown(error)) => Err(error),
    }
}
