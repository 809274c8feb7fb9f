//! `layerscope cache`, and the remark on layers that were known.

use anyhow::{Result, bail};
use layerscope_inspect::view::ImageView;
use serde_json::json;

use crate::args::{CacheAction, Global};
use crate::messages::Messages;
use crate::opening::configuration;
use crate::print::{Out, show, size};
use crate::{Outcome, say};

/// Prints where layers are kept, how much there is and how much there may be; or removes it, and prints how much it was.
pub(crate) fn run(out: &mut Out, global: &Global, action: Option<CacheAction>) -> Result<Outcome> {
    let Some(store) = configuration(global)?.store() else {
        bail!("there is no place to keep layers: neither XDG_CACHE_HOME nor HOME is set");
    };
    let directory = store.directory().display().to_string();
    let held = match action {
        None => store.held(),
        Some(CacheAction::Clear) => store.clear()?,
    };
    if global.json {
        let what = match action {
            None => "layers",
            Some(CacheAction::Clear) => "removed",
        };
        let (layers, bytes, cap) = (held.layers, held.bytes, store.cap());
        out.json(&json!({ "directory": directory, what: layers, "bytes": bytes, "cap": cap }))?;
        return Ok(Outcome::Fine);
    }
    let (n, bytes, cap) = (held.layers.to_string(), size(held.bytes), size(store.cap()));
    let line = match action {
        None => {
            out.line(&show(&directory))?;
            let args = [("n", n.as_str()), ("size", &bytes), ("cap", &cap)];
            out.messages.sentence("cli.cache.held", &args)
        }
        Some(CacheAction::Clear) => {
            let args = [("n", n.as_str()), ("size", &bytes)];
            out.messages.sentence("cli.cache.cleared", &args)
        }
    };
    out.line(&line)?;
    Ok(Outcome::Fine)
}

/// Says how many layers of an image were known and not read, besides those that are `shared` with one that was read.
pub(crate) fn remark(global: &Global, image: &ImageView, shared: usize) {
    let layers = &image.layers;
    let known = layers.iter().filter(|layer| layer.state == "known").count();
    let known = known.saturating_sub(shared);
    if known > 0 && !global.quiet {
        let (known, all) = (known.to_string(), layers.len().to_string());
        let words = Messages::of_locale().sentence("cli.known", &[("n", &known), ("all", &all)]);
        say(&format!("layerscope: {words}"));
    }
}
