//! A registry as the source of a walk.

use layerscope_oci::{Digest, Reference};

use super::access::{Access, Target};
use super::blob::BlobRequest;
use super::call::{Call, Turn};
use super::exchange::Exchange;
use crate::error::Error;
use crate::image::{Resolved, SourceKind};
use crate::layer::BlobPlan;
use crate::oddity::{Oddity, OddityKind};
use crate::origin::{Arrival, Fetch, Job, Opening, Origin};
use crate::part::{Need, Part, Place};
use crate::roots::{Naming, Roots, Top};
use crate::step::{Reply, Response};

/// One repository of a registry.
#[derive(Debug)]
pub(crate) struct RegistryOrigin {
    reference: Reference,
    access: Access,
    calls: Vec<(Job, Pending)>,
    /// What was warned of already.
    warned: Vec<String>,
    quota: Option<String>,
}

/// A call that waits for a reply.
#[derive(Debug)]
struct Pending {
    call: Call,
    /// Why the document is asked for as a blob: it is not among the manifests. Some registries keep
    /// what they took over from elsewhere like that.
    missing: Option<Error>,
}

impl RegistryOrigin {
    pub(crate) fn new(reference: Reference, access: Access) -> Self {
        Self {
            reference,
            access,
            calls: Vec::new(),
            warned: Vec::new(),
            quota: None,
        }
    }

    fn begin(&mut self, job: Job, target: Target, missing: Option<Error>, part: &Part) -> Fetch {
        let mut call = Call::new(Exchange::new(&self.access, target, None));
        let turn = call.begin();
        self.take(job, Pending { call, missing }, turn, part)
    }

    fn take(&mut self, job: Job, pending: Pending, turn: Turn, part: &Part) -> Fetch {
        match (turn, pending.missing) {
            (Turn::Ask(ask), missing) => {
                let call = pending.call;
                self.calls.push((job, Pending { call, missing }));
                Fetch::Ask(ask)
            }
            (Turn::Failed(_), Some(missing)) => Fetch::Failed(missing),
            (Turn::Failed(error), None) => match (&error, &part.stated) {
                (Error::NotFound { .. }, Some(digest)) if pending.call.exchange().is_manifest() => {
                    let target = Target::Blob(digest.clone());
                    self.begin(job, target, Some(error), part)
                }
                _ => Fetch::Failed(error),
            },
            (Turn::Done(response), missing) => {
                let mut arrival = self.arrival(&pending.call, response);
                if missing.is_some() {
                    // A blob's type says nothing.
                    arrival.media_type = None;
                }
                Fetch::Bytes(arrival)
            }
        }
    }

    fn arrival(&mut self, call: &Call, response: Response) -> Arrival {
        let exchange = call.exchange();
        if let Some(token) = exchange.token() {
            self.access = self.access.clone().with_token(token.clone());
        }
        if let Some(quota) = exchange.quota() {
            self.quota = Some(quota.to_owned());
        }
        let mut oddities = Vec::new();
        for warning in exchange.warnings() {
            if !self.warned.contains(warning) {
                self.warned.push(warning.clone());
                let oddity = Oddity::new(OddityKind::RegistryWarning, self.access.host());
                oddities.push(oddity.found(warning.clone()));
            }
        }
        let stated = exchange.stated_digest();
        if let Some(stated) = stated.and_then(|stated| stated.parse::<Digest>().ok())
            && let Some(algorithm) = stated.algorithm()
            && stated.matches(&response.body) == Some(false)
        {
            let found = Digest::of(algorithm, &response.body);
            oddities.push(
                Oddity::new(OddityKind::DigestHeader, exchange.subject())
                    .expected(stated.to_string())
                    .found(found.to_string()),
            );
        }
        Arrival {
            media_type: exchange.media_type().cloned(),
            bytes: response.body,
            oddities,
        }
    }
}

impl Origin for RegistryOrigin {
    fn open(&mut self, _: Option<Reply>) -> Opening {
        let part = Part {
            place: Place::Name(self.reference.identifier().to_owned()),
            stated: self.reference.digest().cloned(),
            ..Part::unnamed()
        };
        let naming = Naming {
            number: 0,
            names: vec![self.reference.familiar()],
            aliases: Vec::new(),
        };
        Opening::Open(Roots {
            kind: SourceKind::Registry,
            top: Top::Document(Box::new(part), naming),
            oddities: Vec::new(),
        })
    }

    fn is_local(&self) -> bool {
        false
    }

    fn fetch(&mut self, job: Job, need: Need, part: &Part) -> Fetch {
        let target = match (need, &part.place) {
            (Need::Layer, Place::Digest(digest)) => {
                return Fetch::Plan(match part.foreign_urls() {
                    Some(urls) => BlobPlan::Foreign { urls },
                    None => BlobPlan::Http {
                        request: BlobRequest {
                            access: self.access.clone(),
                            digest: digest.clone(),
                            size: part.size.unwrap_or_default(),
                        },
                    },
                });
            }
            (Need::Config, Place::Digest(digest)) => Target::Blob(digest.clone()),
            (Need::Document, Place::Digest(digest)) => Target::Manifest(digest.to_string()),
            (Need::Document, Place::Name(name)) => Target::Manifest(name.clone()),
            (_, Place::Name(_) | Place::Member(_)) => return Fetch::Absent,
        };
        self.begin(job, target, None, part)
    }

    fn answer(&mut self, job: Job, _: Need, part: &Part, reply: Reply) -> Fetch {
        let Some(place) = self.calls.iter().position(|(known, _)| *known == job) else {
            return Fetch::Absent;
        };
        let (_, mut pending) = self.calls.swap_remove(place);
        let turn = pending.call.answer(reply);
        self.take(job, pending, turn, part)
    }

    fn tell(&self, resolved: &mut Resolved) {
        resolved.access = Some(self.access.clone());
        resolved.quota.clone_from(&self.quota);
    }
}
