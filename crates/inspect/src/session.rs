//! One inspection: from a name or a file to everything that can be known of it.
//!
//! A [`Session`] does nothing by itself. Its driver asks [`Session::poll`] for questions about the
//! source, and [`Session::next_scan`] for a layer to read whenever it has a free hand, and brings back the
//! answers. Both drivers, native and browser, are loops around these two calls, and neither
//! decides anything about images.

use std::cell::RefCell;

use layerscope_layer::{LayerIndex, Limits, ScannedLayer};
use layerscope_oci::{Platform, Reference};
use layerscope_source::{
    Access, Ask, AskId, Image, ImageChoice, ImageState, Layer, PlatformChoice, Reader, Reply,
    Resolve, Resolved, Select, Step,
};

use crate::attached::Attached;
use crate::scan::{ScanId, ScanJob, Scans, Standing};
use crate::tables::Tables;
use crate::trees::Trees;
use crate::view::{ErrorView, ScopeView};

/// What is opened.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // There is one a session: a box would save nothing.
pub enum Opening {
    /// An image in a registry.
    Registry {
        /// Which.
        reference: Reference,
        /// How to reach it.
        access: Access,
    },
    /// An archive file with random access.
    Archive {
        /// Its name, for people.
        name: String,
        /// Bytes.
        size: u64,
    },
    /// An OCI layout directory.
    Layout {
        /// Its name, for people.
        name: String,
        /// Only the image with this reference name.
        tag: Option<String>,
    },
}

impl Opening {
    /// The name that people gave: familiar reference, file name, directory name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Opening::Registry { reference, .. } => reference.familiar(),
            Opening::Archive { name, .. } | Opening::Layout { name, .. } => name.clone(),
        }
    }

    fn resolve(&self, select: Select) -> Resolve {
        match self {
            Opening::Registry { reference, access } => {
                Resolve::registry(reference.clone(), access.clone(), select)
            }
            Opening::Archive { size, .. } => Resolve::archive(*size, select),
            Opening::Layout { tag, .. } => Resolve::layout(tag.clone(), select),
        }
    }
}

/// What the driver should do about the source itself.
#[derive(Debug)]
#[must_use]
pub enum Next {
    /// Answer these, in any order.
    Ask(Vec<(AskId, Ask)>),
    /// Answers to earlier questions are still due.
    Waiting,
    /// The source is understood; layers may be scanned.
    Ready,
    /// The source cannot be understood.
    Failed,
}

/// One inspection.
#[derive(Debug)]
pub struct Session {
    pub(crate) opening: Opening,
    resolving: Option<Resolve>,
    pub(crate) resolved: Option<Box<Resolved>>,
    error: Option<ErrorView>,
    chosen: Option<usize>,
    scans: Scans,
    /// Layers of every image are to be read, not only those of the chosen one.
    all_images: bool,
    /// The only layer of the chosen image to be read.
    only: Option<usize>,
    /// Bytes of an image up to which its layers are read unasked.
    at_once: u64,
    tables: Tables,
    stopped: bool,
    pub(crate) trees: RefCell<Trees>,
    /// What reads on in the source, until somebody wants to see what is attached to the image.
    pub(crate) reader: Option<Reader>,
    /// What is attached to the image of a choice.
    pub(crate) attached: Option<(usize, Attached)>,
}

impl Session {
    /// Opens `opening` and chooses what `select` says.
    #[must_use]
    pub fn new(opening: Opening, select: Select) -> Session {
        let resolving = Some(opening.resolve(select));
        Session {
            opening,
            resolving,
            resolved: None,
            error: None,
            chosen: None,
            scans: Scans::default(),
            all_images: false,
            only: None,
            at_once: u64::MAX,
            tables: Tables::default(),
            stopped: false,
            trees: RefCell::default(),
            reader: None,
            attached: None,
        }
    }

    /// Like [`Session::new`], but reads the layers of every selected image and keeps no files: for a verification.
    #[must_use]
    pub fn verifying(opening: Opening, select: Select) -> Session {
        let mut session = Session::new(opening, select);
        session.all_images = true;
        session.scans.forget_files();
        session
    }

    /// What to do next about the source itself.
    pub fn poll(&mut self) -> Next {
        let Some(resolving) = &mut self.resolving else {
            if let Some(next) = self.tables.poll() {
                return next;
            }
            return if self.error.is_some() && self.resolved.is_none() {
                Next::Failed
            } else {
                Next::Ready
            };
        };
        match resolving.poll() {
            Step::Ask(asks) => Next::Ask(asks),
            Step::Waiting => Next::Waiting,
            Step::Done(resolved) => {
                self.reader = self.resolving.take().and_then(Resolve::into_reader);
                self.attached = None;
                self.settle(resolved);
                Next::Ready
            }
            Step::Failed(error) => {
                self.resolving = None;
                self.error = Some(ErrorView::from(&error));
                if self.resolved.is_some() {
                    Next::Ready
                } else {
                    Next::Failed
                }
            }
        }
    }

    /// Brings the answer to a question of [`Session::poll`].
    pub fn provide(&mut self, id: AskId, reply: Reply) {
        if let Some(resolving) = &mut self.resolving {
            resolving.provide(id, reply);
        } else if let Some((plan, outcome)) = self.tables.provide(id, reply) {
            self.scans.searched(&plan, outcome);
            self.trees.borrow_mut().clear();
        }
    }

    /// Reads no layer unasked that a registry has and that is large, if the image has more bytes than `at_once`, as it is
    /// shipped: [`retry`](Self::retry) asks for one. It has to be said before any layer is read.
    pub fn read_on_demand(&mut self, at_once: u64) {
        self.at_once = at_once;
        let layers = self.layers();
        self.scans.hold_back(&layers, at_once);
    }

    /// Searches for tables of contents of layers that are not read unasked: [`poll`](Self::poll) has the questions then,
    /// and what answers them shows the layers' files, of which nothing is verified. True if there is something to ask.
    pub fn search_tables(&mut self, limits: Limits) -> bool {
        for (number, layer) in self.layers().into_iter().enumerate() {
            let is_looked_at = self.only.is_none_or(|only| only == number);
            if is_looked_at
                && self.scans.wants_table(&layer.blob)
                && let Some(outcome) = self.tables.search(&layer, limits)
            {
                self.scans.searched(&layer.blob, outcome);
            }
        }
        self.tables.is_searching()
    }

    /// Asks for every layer whose files no table of contents has told.
    pub fn read_unlisted(&mut self) {
        let layers = self.layers();
        self.scans.demand_unlisted(&layers);
    }

    fn settle(&mut self, resolved: Box<Resolved>) {
        if let (Opening::Registry { access, .. }, Some(found)) =
            (&mut self.opening, &resolved.access)
        {
            access.clone_from(found);
        }
        for image in &resolved.images {
            if self.all_images {
                self.scans.add(&image.layers);
            }
        }
        self.chosen = resolved.chosen;
        self.error = None;
        self.resolved = Some(resolved);
        self.begin_chosen();
    }

    fn begin_chosen(&mut self) {
        self.trees.borrow_mut().clear();
        let layers = self.layers();
        self.scans.add(&layers);
        self.scans.hold_back(&layers, self.at_once);
        self.tables = Tables::default();
    }

    /// Chooses another image or platform, by its position in the overview's choices.
    ///
    /// One whose manifest was not asked for yet makes [`Session::poll`] ask again.
    pub fn choose(&mut self, choice: usize) {
        let Some(image) = self
            .resolved
            .as_ref()
            .and_then(|resolved| resolved.images.get(choice))
        else {
            return;
        };
        self.scans.stop();
        self.stopped = false;
        self.error = None;
        if image.state == ImageState::NotAsked {
            let select = Select {
                image: ImageChoice::Number(image.number),
                platform: image
                    .platform
                    .clone()
                    .map_or(PlatformChoice::All, PlatformChoice::Only),
            };
            self.resolving = Some(self.pinned().resolve(select));
            return;
        }
        self.chosen = Some(choice);
        self.begin_chosen();
    }

    /// Reads one layer of the chosen image and leaves the others.
    pub fn read_only(&mut self, layer: usize) {
        self.only = Some(layer);
    }

    /// The same source, by the digest that answered first: a tag may have moved since.
    fn pinned(&self) -> Opening {
        let mut opening = self.opening.clone();
        if let (Opening::Registry { reference, .. }, Some(digest)) = (
            &mut opening,
            self.resolved.as_ref().and_then(|resolved| resolved.pin()),
        ) {
            *reference = reference.with_digest(digest.clone());
        }
        opening
    }

    /// The next layer to read, if one is left: call it whenever there is a free hand.
    pub fn next_scan(&mut self) -> Option<ScanJob> {
        if self.stopped {
            return None;
        }
        let resolved = self.resolved.as_ref()?;
        let chosen = self.chosen;
        let (all_images, only) = (self.all_images, self.only);
        let layers = resolved
            .images
            .iter()
            .enumerate()
            .filter(move |(position, image)| {
                // What can be read of a failed image is read.
                let is_known = matches!(image.state, ImageState::Ready | ImageState::Failed(_));
                is_known && (all_images || chosen == Some(*position))
            })
            .flat_map(|(_, image)| &image.layers)
            .enumerate()
            .filter(move |(number, _)| only.is_none_or(|only| only == *number))
            .map(|(_, layer)| layer);
        self.scans.next(layers)
    }

    /// How far a scan is: compressed bytes read, uncompressed bytes, entries.
    pub fn progress(&mut self, id: ScanId, read: u64, unpacked: u64, entries: u64) {
        self.scans.progress(id, read, unpacked, entries);
    }

    /// A scan came to its end. The answer to an abandoned scan is dropped.
    pub fn scanned(&mut self, id: ScanId, layer: ScannedLayer) {
        if self.scans.done(id, layer) {
            self.trees.borrow_mut().clear();
        }
    }

    /// What a layer that is being read will turn out to hold, as far as its headers, a table of contents or what was
    /// read so far say. Nothing of it is verified; it is shown, marked so, until the scan ends or says more.
    pub fn preview(&mut self, id: ScanId, layer: ScannedLayer) {
        if self.scans.preview(id, layer) {
            self.trees.borrow_mut().clear();
        }
    }

    /// Ends a scan without reading: what an earlier one found was kept. It is shown as known, never as verified.
    pub fn known(&mut self, id: ScanId, layer: ScannedLayer) {
        if self.scans.known(id, layer) {
            self.trees.borrow_mut().clear();
        }
    }

    /// The same with what a driver kept, as it kept it; false when that is of no use and the blob is to be read.
    pub fn recall(&mut self, id: ScanId, bytes: &[u8]) -> bool {
        let layer = self.scans.job(id).and_then(|job| job.recall(bytes));
        let is_of_use = layer.is_some();
        if let Some(layer) = layer {
            self.known(id, layer);
        }
        is_of_use
    }

    /// Takes over the layers that another session has read, every byte as it is stated here too: they are known, and
    /// what two images share is read once. It has to be said before they are read. How many there are.
    pub fn share(&mut self, other: &Session) -> usize {
        let Some(image) = other.image() else { return 0 };
        let standings = other.standings(image).into_iter();
        let read: Vec<&ScannedLayer> = standings.filter_map(Standing::scanned).collect();
        let shared = self.scans.share(&read);
        if shared > 0 {
            self.trees.borrow_mut().clear();
        }
        shared
    }

    /// The name under which a driver may keep what a scan came to.
    #[must_use]
    pub fn kept_as(&self, id: ScanId, layer: &ScannedLayer) -> Option<String> {
        let job = self.scans.job(id)?;
        job.kept_as().filter(|_| job.may_keep(layer))
    }

    /// A layer that was [only to be known](ScanJob::only_known) is not: it waits until somebody asks for it.
    pub fn unknown(&mut self, id: ScanId) {
        self.scans.unknown(id);
    }

    /// A scan could not even begin.
    pub fn scan_failed(&mut self, id: ScanId, error: ErrorView) {
        if self.scans.failed(id, error) {
            self.trees.borrow_mut().clear();
        }
    }

    /// Abandons all running scans; what was read to its end stays known.
    pub fn stop(&mut self) {
        self.stopped = true;
        self.scans.stop();
    }

    /// Reads a layer of the chosen image again.
    pub fn retry(&mut self, layer: usize) {
        self.stopped = false;
        if let Some(plan) = self
            .image()
            .and_then(|image| image.layers.get(layer))
            .map(|layer| layer.blob.clone())
        {
            self.scans.retry(&plan);
            self.trees.borrow_mut().clear();
        }
    }

    /// Why the source cannot be understood, or why the last choice could not be made.
    #[must_use]
    pub fn error(&self) -> Option<&ErrorView> {
        self.error.as_ref()
    }

    /// What the source turned out to hold.
    #[must_use]
    pub fn resolved(&self) -> Option<&Resolved> {
        self.resolved.as_deref()
    }

    /// How to reach the registry, with the token that it gave.
    #[must_use]
    pub fn access(&self) -> Option<&Access> {
        match &self.opening {
            Opening::Registry { access, .. } => Some(access),
            _ => None,
        }
    }

    /// Position of the chosen image among the choices.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// The chosen image.
    #[must_use]
    pub fn image(&self) -> Option<&Image> {
        self.resolved.as_ref()?.images.get(self.chosen?)
    }

    fn layers(&self) -> Vec<Layer> {
        let layers = self.image().map(|image| image.layers.clone());
        layers.unwrap_or_default()
    }

    /// True when no layer is being read.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.scans.any_running()
    }

    /// What is known of the bytes of an image's layers, oldest first.
    pub(crate) fn standings<'a>(&'a self, image: &'a Image) -> Vec<Standing<'a>> {
        let Some(resolved) = self.resolved.as_deref() else {
            return Vec::new();
        };
        image
            .layers
            .iter()
            .map(|layer| self.scans.standing(layer, resolved))
            .collect()
    }

    /// Whether every layer that a scope shows was read to its end, so that its tree is the whole truth.
    pub(crate) fn is_whole(&self, scope: ScopeView) -> bool {
        self.shown(scope).all(Standing::is_whole)
    }

    /// Whether a scope shows all files of a layer that is not verified yet.
    pub(crate) fn is_preview(&self, scope: ScopeView) -> bool {
        let is_whole = |layer: &ScannedLayer| layer.found.complete || layer.table.is_some();
        self.shown(scope)
            .any(|standing| standing.preview().is_some_and(is_whole))
    }

    /// The layers that a scope shows.
    fn shown(&self, scope: ScopeView) -> impl Iterator<Item = Standing<'_>> {
        let standings = self.image().map(|image| self.standings(image));
        let standings = standings.into_iter().flatten().enumerate();
        let shown = standings.filter(move |(number, _)| match scope {
            ScopeView::Layer { layer } => *number == usize::from(layer),
            ScopeView::UpTo { layer } => *number <= usize::from(layer),
            ScopeView::Merged => true,
        });
        shown.map(|(_, standing)| standing)
    }

    /// Why a layer's table of contents is of no use.
    pub(crate) fn table_refused(&self, layer: &Layer) -> Option<&ErrorView> {
        self.scans.table_refused(&layer.blob)
    }

    /// Bytes of memory that the indexes of the chosen image's layers hold.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        let indexes = self.indexes().into_iter().flatten();
        indexes.map(LayerIndex::heap_bytes).sum()
    }

    /// The indexes of the chosen image's layers, oldest first; none for a layer of which no file is known.
    pub(crate) fn indexes(&self) -> Vec<Option<&LayerIndex>> {
        let Some(image) = self.image() else {
            return Vec::new();
        };
        self.standings(image)
            .into_iter()
            .map(|standing| standing.files().map(|layer| &layer.index))
            .collect()
    }
}

/// Reads what a person typed for a platform.
///
/// # Errors
/// When it is no platform specifier (containerd/platforms).
pub fn platform(text: &str) -> Result<Platform, ErrorView> {
    text.parse().map_err(|error| ErrorView::from(&error))
}
