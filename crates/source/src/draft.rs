//! Images in the making: what the walk found, before it is known which of them are wanted.

use layerscope_oci::{Document, Platform};

use crate::error::Error;
use crate::image::{Artifact, Blob, Image, ImageState};
use crate::layer::{BlobPlan, Layer};
use crate::node::{Node, Stage};
use crate::oddity::{Oddity, OddityKind};
use crate::roots::{Naming, same_name, subject};
use crate::walk::Walk;

/// An image, and what helps to choose it.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) image: Image,
    /// Further names that it may be chosen by.
    pub(crate) aliases: Vec<String>,
    /// What the source lacks of it.
    pub(crate) absent: Option<Error>,
}

/// Everything that a walk found.
#[derive(Debug, Default)]
pub(crate) struct Harvest {
    pub(crate) indexes: Vec<Blob<Document>>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) others: Vec<Artifact>,
    pub(crate) oddities: Vec<Oddity>,
}

impl Harvest {
    /// Brings in what a finished walk found, in the order of the documents.
    ///
    /// # Errors
    /// That of the only document at the top, if there is nothing to show of it.
    pub(crate) fn of(mut walk: Walk) -> Result<Self, Error> {
        let mut harvest = Self::default();
        let order = walk.order();
        let only = walk.tops.len() == 1;
        for at in order {
            let Some(node) = walk.nodes.get_mut(at) else {
                continue;
            };
            if only
                && node.parent.is_none()
                && node.stage == Stage::Asked
                && node.document.is_none()
            {
                let failed = node.failed.take().or_else(|| node.absent.take());
                if let Some(error) = failed {
                    return Err(error);
                }
            }
            harvest.take(node);
        }
        Ok(harvest)
    }

    fn take(&mut self, node: &mut Node) {
        self.oddities.append(&mut node.oddities);
        match node.stage {
            Stage::Index => {
                self.indexes.extend(node.document.take());
                // An index that cannot be followed stands for the images that it hides.
                if node.failed.is_some() {
                    self.drafts.push(Draft::of(node, &mut self.oddities));
                }
            }
            Stage::Aside => {
                if let Some(descriptor) = node.part.descriptor.clone() {
                    self.others.push(Artifact {
                        subject: subject(&descriptor),
                        descriptor,
                    });
                }
            }
            Stage::Held | Stage::Asked | Stage::Image => {
                self.drafts.push(Draft::of(node, &mut self.oddities));
            }
        }
    }
}

impl Draft {
    fn of(node: &mut Node, oddities: &mut Vec<Oddity>) -> Self {
        let platform = node.platform();
        let at = node.part.at();
        if let (Some(stated), Some(found)) = (node.stated_platform(), node.config_platform())
            && conflict(stated, &found)
        {
            oddities.push(
                Oddity::new(OddityKind::PlatformConflict, at.clone())
                    .expected(stated.to_string())
                    .found(found.to_string()),
            );
        }
        let fault = node.fault.take().or_else(|| fault(node));
        if let Some(Error::LayerCount { layers, diff_ids }) = &fault {
            oddities.push(
                Oddity::new(OddityKind::LayerCount, at)
                    .expected(layers.to_string())
                    .found(diff_ids.to_string()),
            );
        }
        let absent = node.absent.take();
        let state = match (node.failed.take(), &absent, node.stage) {
            (Some(error), ..) => ImageState::Failed(error),
            (None, Some(_), _) => ImageState::Absent,
            (None, None, Stage::Held) => ImageState::NotAsked,
            (None, None, _) => ImageState::Ready,
        };
        let layers = layers(node);
        let Naming {
            number,
            names,
            aliases,
        } = node.naming.clone();
        Self {
            image: Image {
                number,
                names,
                platform,
                descriptor: node.part.descriptor.clone(),
                state,
                fault,
                manifest: node.document.take(),
                config: node.config.take(),
                layers,
            },
            aliases,
            absent,
        }
    }

    /// Whether a person who says `wanted` may mean this: by name, or by the digest of its manifest or config.
    pub(crate) fn answers_to(&self, wanted: &str) -> bool {
        let image = &self.image;
        let mut names = image.names.iter().chain(&self.aliases);
        let digests = [
            image.descriptor.as_ref().map(|found| &found.digest),
            image.manifest.as_ref().map(|blob| &blob.found),
            image.config.as_ref().map(|blob| &blob.found),
        ];
        let is_digest = |digest: &layerscope_oci::Digest| {
            let short = wanted.len() >= 12 && digest.hex().starts_with(wanted);
            short || digest.as_str() == wanted
        };
        names.any(|name| same_name(name, wanted)) || digests.into_iter().flatten().any(is_digest)
    }
}

fn conflict(stated: &Platform, found: &Platform) -> bool {
    let (stated, found) = (stated.normalized(), found.normalized());
    let variants = stated.variant.is_some() && found.variant.is_some();
    stated.os != found.os
        || stated.architecture != found.architecture
        || (variants && stated.variant != found.variant)
}

/// What makes an image wrong as a whole.
fn fault(node: &Node) -> Option<Error> {
    let config = node.config.as_ref()?;
    let part = node.config_part.as_ref()?;
    let config = match &config.parsed {
        Ok(config) => config,
        Err(error) => return part.may_be_image_config().then(|| error.clone()),
    };
    let (layers, diff_ids) = (node.layers.len(), config.rootfs.diff_ids.len());
    let no_layer = |plan: &Option<BlobPlan>| matches!(plan, Some(BlobPlan::NotALayer));
    let no_image = layers > 0 && node.layers.iter().all(|slot| no_layer(&slot.plan));
    (layers != diff_ids && !no_image).then_some(Error::LayerCount { layers, diff_ids })
}

fn layers(node: &mut Node) -> Vec<Layer> {
    let config = node
        .config
        .as_ref()
        .and_then(|blob| blob.parsed.as_ref().ok());
    let slots = node.layers.drain(..).enumerate();
    slots
        .map(|(position, slot)| {
            let diff_id = config.and_then(|config| config.rootfs.diff_id(position));
            Layer {
                expected: slot.part.expected(diff_id),
                diff_id: diff_id.cloned(),
                descriptor: slot.part.descriptor,
                blob: slot.plan.unwrap_or(BlobPlan::Absent),
            }
        })
        .collect()
}
