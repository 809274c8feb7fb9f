//! The browser driver: the loop that answers the core's questions.

use futures_util::future::join_all;
use js_sys::{Function, Uint8Array};
use layerscope_inspect::session::Next;
use layerscope_inspect::view::ErrorView;
use layerscope_source::registry::Tags;
use layerscope_source::{Ask, AskId, Reply, Step, WrappedArchive};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::convert::{thrown, to_js, words};
use crate::fetch;
use crate::file::{Bytes, size_of};
use crate::session::{Held, Reach, held};

/// Answers questions until the source is understood.
///
/// `read_through` is called when the archive is compressed as a whole, with the job for a scan worker, and
/// must return a promise of the worker's bytes. `waiting` is told of each wait that a registry asks for, in
/// seconds.
///
/// # Errors
/// An `ErrorView` when the source cannot be understood.
#[wasm_bindgen]
pub async fn resolve(
    handle: u32,
    read_through: Function,
    waiting: Function,
) -> Result<(), JsValue> {
    let held = held(handle)?;
    loop {
        let next = held.session.borrow_mut().poll();
        match next {
            Next::Ask(asks) => {
                let replies = answer_all(&held, &read_through, &waiting, asks).await;
                let mut session = held.session.borrow_mut();
                for (id, reply) in replies {
                    session.provide(id, reply);
                }
            }
            Next::Waiting => {
                return Err(thrown(&ErrorView::of_driver(
                    "source",
                    "an answer is due that nobody was asked for",
                )));
            }
            Next::Ready | Next::Failed => break,
        }
    }
    match held.session.borrow().error() {
        Some(error) => Err(thrown(error)),
        None => Ok(()),
    }
}

/// The replies to questions that may be answered at the same time.
async fn answer_all(
    held: &Held,
    read_through: &Function,
    waiting: &Function,
    asks: Vec<(AskId, Ask)>,
) -> Vec<(AskId, Reply)> {
    let asks = asks.into_iter();
    join_all(asks.map(|(id, ask)| answer(held, read_through, waiting, id, ask))).await
}

async fn answer(
    held: &Held,
    read_through: &Function,
    waiting: &Function,
    id: AskId,
    ask: Ask,
) -> (AskId, Reply) {
    let reply = match (ask, &held.bytes) {
        (Ask::Read { offset, len }, Reach::Archive(bytes)) => read(bytes, offset, len).await,
        (Ask::File { path, limit }, Reach::Directory(files)) => match files
            .iter()
            .find(|(known, _)| *known == path)
            .map(|(_, file)| file)
        {
            None => Ok(Reply::Absent),
            Some(file) if size_of(file) > limit => Ok(Reply::TooLarge {
                size: Some(size_of(file)),
            }),
            Some(file) => Bytes::Blob(file.clone())
                .read(0, limit)
                .await
                .map(Reply::Bytes),
        },
        (Ask::File { path, limit }, Reach::LayoutUrl { url, secret }) => {
            match fetch::get(&format!("{url}{path}"), secret.as_deref()).await {
                Ok(None) => Ok(Reply::Absent),
                Ok(Some(mut body)) => body
                    .read_up_to(limit)
                    .await
                    .map(|bytes| bytes.map_or(Reply::TooLarge { size: None }, Reply::Bytes)),
                Err(error) => Err(error),
            }
        }
        (Ask::Http(request), _) => Ok(fetch::exchange(&request).await),
        (Ask::Wait { seconds }, _) => fetch::wait(seconds, waiting).await.map(|()| Reply::Waited),
        (Ask::ReadThrough, Reach::Archive(_)) => wrapped(read_through).await,
        _ => Err("this source cannot answer that".to_owned()),
    };
    (id, reply.unwrap_or_else(Reply::Failed))
}

async fn read(bytes: &Bytes, offset: u64, len: u64) -> Result<Reply, String> {
    bytes.read(offset, len).await.map(Reply::Bytes)
}

async fn wrapped(read_through: &Function) -> Result<Reply, String> {
    let promise = read_through
        .call0(&JsValue::NULL)
        .map_err(|error| words(&error))?;
    let bytes = JsFuture::from(promise.unchecked_into::<js_sys::Promise>())
        .await
        .map_err(|error| words(&error))?;
    let archive = WrappedArchive::from_bytes(&Uint8Array::new(&bytes).to_vec())
        .map_err(|error| error.to_string())?;
    Ok(Reply::Wrapped(Box::new(archive)))
}

/// What is attached to the chosen image (JSON of `AttachedView`); undefined where there is no image. `waiting` as in
/// [`resolve`].
///
/// # Errors
/// When the session was closed.
#[wasm_bindgen]
pub async fn attached(handle: u32, waiting: Function) -> Result<Option<String>, JsValue> {
    let held = held(handle)?;
    held.session.borrow_mut().look_for_attached();
    loop {
        let next = held.session.borrow_mut().poll_attached();
        let Next::Ask(asks) = next else { break };
        for (id, reply) in answer_all(&held, &waiting, &waiting, asks).await {
            held.session.borrow_mut().provide_attached(id, reply);
        }
    }
    crate::session::view(handle, "attached")
}

/// The tags of the repository that was opened. `waiting` as in [`resolve`].
///
/// # Errors
/// An `ErrorView` when the registry does not tell.
#[wasm_bindgen]
pub async fn tags(handle: u32, waiting: Function) -> Result<JsValue, JsValue> {
    let held = held(handle)?;
    let Some(access) = held.session.borrow().access().cloned() else {
        return Err(thrown(&ErrorView::of_driver(
            "tags",
            "only a registry has tags",
        )));
    };
    let mut tags = Tags::new(access);
    loop {
        match tags.poll() {
            Step::Ask(asks) => {
                for (id, ask) in asks {
                    let (id, reply) = answer(&held, &waiting, &waiting, id, ask).await;
                    tags.provide(id, reply);
                }
            }
            Step::Waiting => {
                return Err(thrown(&ErrorView::of_driver(
                    "tags",
                    "an answer is due that nobody was asked for",
                )));
            }
            Step::Done(found) => return to_js(&found.names),
            Step::Failed(error) => return Err(thrown(&ErrorView::from(&error))),
        }
    }
}
