//! What the walk knows of one document.

use layerscope_oci::{Document, ImageConfig, MediaType, Platform};

use crate::error::Error;
use crate::image::Blob;
use crate::layer::BlobPlan;
use crate::oddity::Oddity;
use crate::part::{Need, Part};
use crate::roots::Naming;

/// An index, an image, or what may turn out to be one.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) part: Part,
    pub(crate) naming: Naming,
    pub(crate) parent: Option<usize>,
    pub(crate) depth: usize,
    pub(crate) stage: Stage,
    pub(crate) children: Vec<usize>,
    pub(crate) document: Option<Blob<Document>>,
    pub(crate) config_part: Option<Part>,
    pub(crate) config: Option<Blob<ImageConfig>>,
    pub(crate) layers: Vec<Slot>,
    /// A part of it that the source does not have.
    pub(crate) absent: Option<Error>,
    /// Why it cannot be read.
    pub(crate) failed: Option<Error>,
    /// What is wrong with it although it can be read.
    pub(crate) fault: Option<Error>,
    pub(crate) oddities: Vec<Oddity>,
}

/// How far a node is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Only what the index says of it.
    Held,
    /// Its document was asked for, or never will be because something is wrong with it.
    Asked,
    /// It is an index.
    Index,
    /// It is an image, or an artifact in the form of one.
    Image,
    /// It stands beside the images and is not read.
    Aside,
}

/// A layer, and how to get it once that is known.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) part: Part,
    pub(crate) plan: Option<BlobPlan>,
}

impl Node {
    pub(crate) fn new(part: Part, naming: Naming) -> Self {
        Self {
            part,
            naming,
            parent: None,
            depth: 0,
            stage: Stage::Held,
            children: Vec::new(),
            document: None,
            config_part: None,
            config: None,
            layers: Vec::new(),
            absent: None,
            failed: None,
            fault: None,
            oddities: Vec::new(),
        }
    }

    /// Whether it is an image, or may turn out to be one.
    pub(crate) fn is_leaf(&self) -> bool {
        let stated = self.part.media_type.as_ref();
        !stated.is_some_and(MediaType::is_index)
            && !matches!(self.stage, Stage::Index | Stage::Aside)
    }

    /// The platform: as the index says, or else as the config says.
    pub(crate) fn platform(&self) -> Option<Platform> {
        self.stated_platform()
            .cloned()
            .or_else(|| self.config_platform())
    }

    pub(crate) fn stated_platform(&self) -> Option<&Platform> {
        self.part.descriptor.as_ref()?.platform.as_ref()
    }

    pub(crate) fn config_platform(&self) -> Option<Platform> {
        self.config.as_ref()?.parsed.as_ref().ok()?.platform()
    }

    pub(crate) fn fail(&mut self, error: Error) {
        self.stage = match self.stage {
            Stage::Held => Stage::Asked,
            stage => stage,
        };
        self.failed.get_or_insert(error);
    }

    /// One of its parts cannot be had. Without its config an image can still be looked into.
    pub(crate) fn lose(&mut self, need: Need, error: Error) {
        match need {
            Need::Config => {
                self.fault.get_or_insert(error);
            }
            Need::Document | Need::Layer => self.fail(error),
        }
    }

    /// Keeps how to get a layer.
    pub(crate) fn plan(&mut self, layer: usize, plan: BlobPlan) {
        if let Some(slot) = self.layers.get_mut(layer) {
            slot.plan = Some(plan);
        }
    }
}
