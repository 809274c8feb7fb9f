//! Where an answer leads instead, if it may be followed there.

use super::url::{self, Origin, redacted};
use crate::error::Error;
use crate::limits;
use crate::step::Headers;

/// A redirect that keeps the rules.
#[derive(Debug)]
pub(super) struct Redirect {
    pub(super) url: String,
    /// Whose it is; `None` for a URL relative to the page.
    pub(super) origin: Option<Origin>,
}

impl Redirect {
    /// Where the answer of `from` leads, after so many `redirects` before it. `own`: the registry's origin.
    pub(super) fn of(
        from: &str,
        headers: &Headers,
        own: Option<&Origin>,
        redirects: u32,
    ) -> Result<Self, Error> {
        let location = headers.get("location").unwrap_or_default();
        let refused = |why| Error::Redirect {
            from: redacted(from),
            to: redacted(location),
            why,
        };
        if redirects >= limits::REDIRECTS {
            return Err(refused("there were too many before it"));
        }
        let url = url::resolve(from, location).map_err(refused)?;
        let origin = Origin::of(&url).ok();
        if let Some(to) = &origin {
            if Origin::of(from).is_ok_and(|from| from.secure) && !to.secure {
                return Err(refused("it leads from https to http"));
            }
            if to.is_private() && !own.is_some_and(Origin::is_private) {
                return Err(refused(
                    "it leads to an address that is not on the public internet",
                ));
            }
        }
        Ok(Self { url, origin })
    }
}
