//! What speaks of a manifest: signatures, attestations, lists of software (distribution-spec,
//! "Listing Referrers").

use layerscope_oci::{Descriptor, Digest, Document, MediaType};

use super::access::{Access, Target};
use super::exchange::Exchange;
use super::pages::{Instead, List, Pages};
use crate::error::Error;
use crate::limits;
use crate::step::{AskId, Reply, Step};

/// Reads what a registry knows to speak of a manifest: by its referrers API, or else under the tag that
/// the specification has for registries without one ("Referrers Tag Schema").
#[derive(Debug)]
pub struct Referrers(Pages<ReferrerList>);

/// What speaks of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferrerList {
    /// The manifest spoken of.
    pub subject: Digest,
    /// The manifests that speak of it, in the registry's order.
    pub manifests: Vec<Descriptor>,
    /// How many entries were no usable descriptors.
    pub refused: usize,
    /// Whether the registry has no referrers API, so that only those are known that a client wrote down.
    pub by_tag: bool,
    /// Why the list is not complete, if it is not.
    pub stopped: Option<Error>,
}

impl Referrers {
    /// What speaks of the manifest with this digest, in the repository that `access` leads to.
    pub fn new(access: Access, digest: Digest) -> Self {
        let list = ReferrerList {
            subject: digest,
            manifests: Vec::new(),
            refused: 0,
            by_tag: false,
            stopped: None,
        };
        Self(Pages::new(access, list, String::new()))
    }

    /// What to do next.
    pub fn poll(&mut self) -> Step<ReferrerList> {
        self.0.poll()
    }

    /// Takes the reply to an ask.
    pub fn provide(&mut self, id: AskId, reply: Reply) {
        self.0.provide(id, reply);
    }
}

impl List for ReferrerList {
    fn target(&self, query: &str) -> Target {
        if self.by_tag {
            Target::Manifest(fallback_tag(&self.subject))
        } else {
            Target::Referrers {
                digest: self.subject.clone(),
                query: query.to_owned(),
            }
        }
    }

    fn add(&mut self, exchange: &Exchange, body: &[u8]) -> Result<(), Error> {
        let at = exchange.subject();
        let claimed = exchange
            .media_type()
            .unwrap_or(const { &MediaType::OCI_INDEX });
        let document = Document::parse(body, Some(claimed)).map_err(|error| Error::Document {
            at: at.clone(),
            error,
        })?;
        let index = document.as_index().ok_or_else(|| Error::Unexpected {
            at,
            expected: "an index",
            found: document.media_type().to_string(),
        })?;
        self.manifests.extend(index.manifests.iter().cloned());
        self.refused = self.refused.saturating_add(index.refused.len());
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.manifests.len() < limits::DESCRIPTORS
    }

    /// Without the API, and then without the tag, nothing is known to speak of the manifest.
    fn instead(&mut self, error: Error, _: &str) -> Instead {
        match error {
            Error::NotFound { .. } if self.by_tag => Instead::Enough,
            Error::NotFound { .. } => {
                self.by_tag = true;
                Instead::Query(String::new())
            }
            error => Instead::Error(error),
        }
    }

    fn stop(&mut self, why: Error) {
        self.stopped = Some(why);
    }
}

/// The tag under which clients write down what speaks of a manifest: `sha256-<hex>`, cut where the
/// specification cuts it.
fn fallback_tag(digest: &Digest) -> String {
    let part = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    format!(
        "{}-{}",
        part(digest.algorithm_name(), 32),
        part(digest.hex(), 64)
    )
}
