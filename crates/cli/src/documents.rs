//! Index, manifest and config: printed as they are, and checked on the way to anything else.

use anyhow::{Result, bail};
use layerscope_inspect::session::Session;
use layerscope_inspect::view::{BlobView, DocumentView};

use crate::args::Global;
use crate::opening::{open, overview};
use crate::print::Out;
use crate::print::json::indented;
use crate::{Outcome, say};

/// A document that can be printed.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    Manifest,
    Config,
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Which::Manifest => "manifest",
            Which::Config => "config",
        }
    }

    fn view(self, session: &Session) -> Option<DocumentView> {
        match self {
            Which::Manifest => session.raw_manifest(),
            Which::Config => session.raw_config(),
        }
    }

    /// The bytes, which need not be text.
    fn bytes(self, session: &Session) -> Option<&[u8]> {
        let image = session.image()?;
        match self {
            Which::Manifest => Some(&image.manifest.as_ref()?.raw),
            Which::Config => Some(&image.config.as_ref()?.raw),
        }
    }
}

/// Prints one document.
pub(crate) fn print(
    out: &mut Out,
    global: &Global,
    source: &str,
    which: Which,
    raw: bool,
) -> Result<Outcome> {
    let (_, session) = open(global, source)?;
    let (Some(document), Some(bytes)) = (which.view(&session), which.bytes(&session)) else {
        bail!("{source}: there is no such document; an archive without index.json has no manifest");
    };
    if raw {
        out.raw(bytes)?;
    } else if global.json {
        out.json(&document)?;
    } else {
        match indented(&document.text) {
            Some(text) => out.line(&text)?,
            None => out.line(&layerscope_inspect::display::lines(&document.text))?,
        }
    }
    if document.blob.digest_ok == Some(false) {
        say_mismatch(which.name(), &document.blob);
        return Ok(Outcome::NotVerified);
    }
    Ok(Outcome::Fine)
}

/// Says which of the documents that lead to the chosen image are not what their digests say.
pub(crate) fn check(session: &Session) -> Result<Outcome> {
    let overview = overview(session)?;
    let indexes = overview.indexes.iter().map(|index| ("index", &index.blob));
    let image = overview.image.as_ref();
    let manifest = image.and_then(|image| Some(("manifest", image.manifest.as_ref()?)));
    let config = image.and_then(|image| Some(("config", image.config.as_ref()?)));
    let mut outcome = Outcome::Fine;
    for (what, blob) in indexes.chain(manifest).chain(config) {
        if blob.digest_ok == Some(false) {
            outcome = Outcome::NotVerified;
            say_mismatch(what, blob);
        }
    }
    Ok(outcome)
}

fn say_mismatch(what: &str, blob: &BlobView) {
    let stated = blob.digest.as_deref().unwrap_or_default();
    say(&format!(
        "layerscope: {what}: digest: expected {stated}, found {}",
        blob.digest_found
    ));
}
