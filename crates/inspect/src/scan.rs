//! The scans of an inspection: which blob is read, how far, and what came of it.
//!
//! A blob that several layers (or several images) share is read once; each layer is then
//! verified against what *its* manifest and config state.

use layerscope_layer::{
    Demand, Expected, LayerIndex, LayerScan, Limits, ScannedLayer, Verdict, Verification,
};
use layerscope_oci::{DiffId, Digest};
use layerscope_source::{BlobPlan, Layer, Resolved};

use crate::limits::LAYER_AT_ONCE;
use crate::tables::Outcome;
use crate::view::{ErrorView, Progress};

/// Names one attempt to read a blob, so that a late answer to an abandoned one is not mistaken for a fresh one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanId(pub u32);

/// A blob that the driver should read from its first to its last byte into a [`LayerScan`].
#[derive(Debug, Clone)]
pub struct ScanJob {
    /// Goes back with the answer.
    pub id: ScanId,
    /// Where the bytes are.
    pub plan: BlobPlan,
    /// What to give to the [`LayerScan`].
    pub expected: Expected,
    /// Files of the layer may be opened later, so that the scan is to keep restart points.
    pub for_files: bool,
    /// Somebody asked for the bytes themselves: what was kept of them is not enough.
    pub reread: bool,
    /// It is not to be read unless it is known from before: [`Session::unknown`](crate::session::Session::unknown) says
    /// that it is not.
    pub only_known: bool,
}

/// What is known of one blob.
#[derive(Debug)]
struct Scan {
    plan: BlobPlan,
    expected: Expected,
    state: State,
    /// The files, from a source that is quicker than reading the blob to its end. Nothing of it is verified.
    preview: Option<Box<ScannedLayer>>,
    reread: bool,
    demand: Demanded,
    /// What came of the search for a table of contents; none if it was not searched for.
    table: Option<Result<(), ErrorView>>,
}

#[derive(Debug)]
enum State {
    Waiting,
    Running(ScanId, Progress),
    Done(Done),
    /// It was scanned when the wrapped archive was read through.
    Member(usize),
    Failed(ErrorView),
}

/// Whether a blob is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demanded {
    /// As soon as there is a free hand.
    AtOnce,
    /// Not before somebody asks for it, because it is large and has to come over the network; it may be known, though.
    IfKnown,
    /// The same, and it is not known.
    NotYet,
    /// Somebody asked for it.
    OnDemand,
}

impl Demanded {
    fn is_held_back(self) -> bool {
        matches!(self, Demanded::IfKnown | Demanded::NotYet)
    }
}

impl Scan {
    fn job(&self, id: ScanId, for_files: bool) -> ScanJob {
        ScanJob {
            id,
            plan: self.plan.clone(),
            expected: self.expected.clone(),
            for_files,
            reread: self.reread,
            only_known: self.is_only_looked_up(),
        }
    }

    /// What nobody asked for is only looked for among what is known.
    fn is_only_looked_up(&self) -> bool {
        self.demand == Demanded::NotYet && matches!(self.state, State::Running(..))
    }
}

/// A blob that was read.
#[derive(Debug)]
struct Done {
    layer: Box<ScannedLayer>,
    /// How many entries it has, which outlives its index.
    entries: u64,
    /// It was read at another time, and what was kept of it is trusted.
    known: bool,
}

impl Done {
    fn new(layer: ScannedLayer, known: bool) -> Done {
        Done {
            entries: layer.index.len() as u64,
            layer: Box::new(layer),
            known,
        }
    }
}

/// What is known of a layer's bytes.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'a> {
    /// Not begun.
    Pending {
        /// Its files, not verified.
        preview: Option<&'a ScannedLayer>,
        /// It is not read before somebody asks for it.
        on_demand: bool,
    },
    /// Being read.
    Reading {
        /// How far.
        progress: Progress,
        /// Its files, not verified.
        preview: Option<&'a ScannedLayer>,
    },
    /// Read to its end, or as far as it could be.
    Read {
        /// The layer.
        scanned: &'a ScannedLayer,
        /// How many entries it has.
        entries: u64,
        /// It was read and verified at another time, and not again.
        known: bool,
    },
    /// The bytes could not be had.
    Failed(&'a ErrorView),
    /// The bytes are not in the source.
    Absent,
    /// The bytes are elsewhere, and are not fetched unasked.
    Foreign(&'a [String]),
    /// The bytes are no archive of files.
    NotALayer,
}

/// All scans of one source.
#[derive(Debug, Default)]
pub(crate) struct Scans {
    scans: Vec<Scan>,
    next_id: u32,
    /// Drop what is only needed to look at files: a verification of twenty platforms needs none of it.
    forget_files: bool,
}

impl Scans {
    pub(crate) fn forget_files(&mut self) {
        self.forget_files = true;
    }

    /// Makes sure that there is a scan for each of the layers that has bytes.
    pub(crate) fn add(&mut self, layers: &[Layer]) {
        for layer in layers {
            if self.position(&layer.blob).is_some() {
                continue;
            }
            let state = match &layer.blob {
                BlobPlan::Range { .. } | BlobPlan::File { .. } | BlobPlan::Http { .. } => {
                    State::Waiting
                }
                BlobPlan::Member { number } => State::Member(*number),
                BlobPlan::Inline(bytes) => {
                    State::Done(Done::new(scan_inline(bytes, &layer.expected), false))
                }
                BlobPlan::Absent | BlobPlan::Foreign { .. } | BlobPlan::NotALayer => continue,
            };
            self.scans.push(Scan {
                plan: layer.blob.clone(),
                expected: layer.expected.clone(),
                state,
                preview: None,
                reread: false,
                demand: Demanded::AtOnce,
                table: None,
            });
        }
    }

    /// Leaves the large ones of the layers that a registry has unread until somebody asks for them, if all of them together
    /// have more than `at_once` bytes.
    pub(crate) fn hold_back(&mut self, layers: &[Layer], at_once: u64) {
        let size = |layer: &Layer| match &layer.blob {
            BlobPlan::Http { request } => request.size,
            _ => 0,
        };
        if layers.iter().map(size).fold(0, u64::saturating_add) <= at_once {
            return;
        }
        for layer in layers.iter().filter(|layer| size(layer) > LAYER_AT_ONCE) {
            if let Some(scan) = self.scan(&layer.blob)
                && scan.demand == Demanded::AtOnce
            {
                scan.demand = Demanded::IfKnown;
            }
        }
    }

    /// Whether a layer is not read unasked, and nobody knows yet whether it has a table of contents.
    pub(crate) fn wants_table(&self, plan: &BlobPlan) -> bool {
        let scan = self.position(plan).and_then(|at| self.scans.get(at));
        scan.is_some_and(|scan| {
            scan.demand.is_held_back()
                && matches!(scan.state, State::Waiting)
                && scan.table.is_none()
                && scan.preview.is_none()
        })
    }

    /// Keeps what came of the search for a table.
    pub(crate) fn searched(&mut self, plan: &BlobPlan, outcome: Outcome) {
        let Some(scan) = self.scan(plan) else {
            return;
        };
        scan.table = Some(Ok(()));
        match (outcome, &scan.state) {
            (Outcome::Refused(error), _) => scan.table = Some(Err(error)),
            (Outcome::Files(files), State::Waiting | State::Running(..)) => {
                scan.preview = Some(files);
            }
            (Outcome::Files(_) | Outcome::None, _) => {}
        }
    }

    /// Why a layer's table of contents is of no use.
    pub(crate) fn table_refused(&self, plan: &BlobPlan) -> Option<&ErrorView> {
        let scan = self.position(plan).and_then(|at| self.scans.get(at))?;
        scan.table.as_ref()?.as_ref().err()
    }

    /// Has those of the layers read whose files are not known by a table.
    pub(crate) fn demand_unlisted(&mut self, layers: &[Layer]) {
        for layer in layers {
            if let Some(scan) = self.scan(&layer.blob)
                && scan.preview.is_none()
            {
                scan.demand = Demanded::OnDemand;
            }
        }
    }

    fn scan(&mut self, plan: &BlobPlan) -> Option<&mut Scan> {
        let position = self.position(plan)?;
        self.scans.get_mut(position)
    }

    fn position(&self, plan: &BlobPlan) -> Option<usize> {
        self.scans.iter().position(|scan| scan.plan == *plan)
    }

    /// The largest blob of `layers` that nobody reads yet: large ones first keeps all workers busy to the end.
    pub(crate) fn next<'a>(&mut self, layers: impl Iterator<Item = &'a Layer>) -> Option<ScanJob> {
        let position = layers
            .filter_map(|layer| self.position(&layer.blob))
            .filter(|position| {
                self.scans.get(*position).is_some_and(|scan| {
                    matches!(scan.state, State::Waiting) && scan.demand != Demanded::NotYet
                })
            })
            // Of equal ones the lowest layer, and `max_by_key` takes the last.
            .max_by_key(|position| (self.weight(*position), std::cmp::Reverse(*position)))?;
        let id = ScanId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        let total = Some(self.weight(position)).filter(|weight| *weight > 0);
        let scan = self.scans.get_mut(position)?;
        if scan.demand == Demanded::IfKnown {
            scan.demand = Demanded::NotYet;
        }
        scan.state = State::Running(
            id,
            Progress {
                total,
                ..Progress::default()
            },
        );
        self.job(id)
    }

    /// What was to be done, while it is.
    pub(crate) fn job(&self, id: ScanId) -> Option<ScanJob> {
        let is_running =
            |scan: &&Scan| matches!(scan.state, State::Running(running, _) if running == id);
        let scan = self.scans.iter().find(is_running)?;
        Some(scan.job(id, !self.forget_files))
    }

    /// Ends scans that nobody began of blobs that are, by what is stated of them, among `read`: they are known.
    pub(crate) fn share(&mut self, read: &[&ScannedLayer]) -> usize {
        let mut shared = 0;
        for scan in &mut self.scans {
            if !matches!(scan.state, State::Waiting) || scan.reread {
                continue;
            }
            let job = scan.job(ScanId(self.next_id), !self.forget_files);
            if let Some(layer) = read.iter().find(|layer| job.may_keep(layer)) {
                let layer = job.adopt(ScannedLayer::clone(layer));
                scan.state = State::Done(Done::new(layer, true));
                scan.preview = None;
                shared += 1;
            }
        }
        shared
    }

    fn weight(&self, position: usize) -> u64 {
        let Some(scan) = self.scans.get(position) else {
            return 0;
        };
        let planned = match &scan.plan {
            BlobPlan::Range { len, .. } => Some(*len),
            BlobPlan::File { size, .. } => *size,
            _ => None,
        };
        planned.or(scan.expected.size).unwrap_or(0)
    }

    fn running(&mut self, id: ScanId) -> Option<&mut Scan> {
        self.scans
            .iter_mut()
            .find(|scan| matches!(scan.state, State::Running(running, _) if running == id))
    }

    pub(crate) fn progress(&mut self, id: ScanId, read: u64, unpacked: u64, entries: u64) {
        if let Some(Scan {
            state: State::Running(_, progress),
            ..
        }) = self.running(id)
        {
            *progress = Progress {
                read,
                unpacked,
                entries,
                ..*progress
            };
        }
    }

    pub(crate) fn done(&mut self, id: ScanId, layer: ScannedLayer) -> bool {
        self.end(id, Done::new(layer, false))
    }

    pub(crate) fn known(&mut self, id: ScanId, layer: ScannedLayer) -> bool {
        self.end(id, Done::new(layer, true))
    }

    fn end(&mut self, id: ScanId, mut done: Done) -> bool {
        if self.forget_files {
            done.layer.index = LayerIndex::default();
            done.layer.restart_points = Vec::new();
        }
        let Some(scan) = self.running(id) else {
            return false;
        };
        scan.state = State::Done(done);
        scan.preview = None;
        true
    }

    pub(crate) fn preview(&mut self, id: ScanId, layer: ScannedLayer) -> bool {
        let Some(scan) = self.running(id) else {
            return false;
        };
        scan.preview = Some(Box::new(layer));
        true
    }

    pub(crate) fn unknown(&mut self, id: ScanId) {
        if let Some(scan) = self.running(id) {
            scan.state = State::Waiting;
        }
    }

    pub(crate) fn failed(&mut self, id: ScanId, error: ErrorView) -> bool {
        let Some(scan) = self.running(id) else {
            return false;
        };
        scan.state = State::Failed(error);
        true
    }

    /// Forgets the scans that run; what was read to its end stays.
    pub(crate) fn stop(&mut self) {
        for scan in &mut self.scans {
            if matches!(scan.state, State::Running(..)) {
                scan.state = State::Waiting;
            }
            if scan.demand == Demanded::OnDemand {
                scan.demand = Demanded::NotYet;
            }
        }
    }

    /// Lets a blob be read again. Files that were known from before can be looked at until that is done.
    pub(crate) fn retry(&mut self, plan: &BlobPlan) {
        if let Some(scan) = self.scan(plan)
            && !matches!(scan.state, State::Running(..) | State::Member(_))
        {
            scan.reread = true;
            if let State::Done(Done {
                layer, known: true, ..
            }) = std::mem::replace(&mut scan.state, State::Waiting)
            {
                scan.preview = Some(layer);
            }
            if scan.demand.is_held_back() {
                scan.demand = Demanded::OnDemand;
            }
        }
    }

    pub(crate) fn any_running(&self) -> bool {
        self.scans
            .iter()
            .any(|scan| matches!(scan.state, State::Running(..)))
    }

    pub(crate) fn standing<'a>(&'a self, layer: &'a Layer, resolved: &'a Resolved) -> Standing<'a> {
        match &layer.blob {
            BlobPlan::Absent => return Standing::Absent,
            BlobPlan::Foreign { urls } => return Standing::Foreign(urls),
            BlobPlan::NotALayer => return Standing::NotALayer,
            _ => {}
        }
        let Some(scan) = self
            .position(&layer.blob)
            .and_then(|position| self.scans.get(position))
        else {
            return Standing::Pending {
                preview: None,
                on_demand: false,
            };
        };
        let preview = scan.preview.as_deref();
        match &scan.state {
            State::Waiting => Standing::Pending {
                preview,
                on_demand: scan.demand.is_held_back(),
            },
            State::Running(..) if scan.is_only_looked_up() => Standing::Pending {
                preview,
                on_demand: true,
            },
            State::Running(_, progress) => Standing::Reading {
                progress: *progress,
                preview,
            },
            State::Done(done) => Standing::Read {
                scanned: &done.layer,
                entries: done.entries,
                known: done.known,
            },
            State::Member(number) => resolved
                .wrapped
                .as_ref()
                .and_then(|archive| archive.layer(*number))
                .map_or(Standing::Absent, |scanned| Standing::Read {
                    scanned,
                    entries: scanned.index.len() as u64,
                    known: false,
                }),
            State::Failed(error) => Standing::Failed(error),
        }
    }
}

impl<'a> Standing<'a> {
    /// The layer, if it was read.
    pub fn scanned(self) -> Option<&'a ScannedLayer> {
        match self {
            Standing::Read { scanned, .. } => Some(scanned),
            _ => None,
        }
    }

    /// The layer's files before they are verified, if there is such a thing.
    pub fn preview(self) -> Option<&'a ScannedLayer> {
        match self {
            Standing::Pending { preview, .. } | Standing::Reading { preview, .. } => preview,
            _ => None,
        }
    }

    /// Where the layer's files can be looked at, verified or not.
    pub fn files(self) -> Option<&'a ScannedLayer> {
        self.scanned().or(self.preview())
    }

    /// How many entries the layer has, if they are known.
    pub fn entries(self) -> Option<u64> {
        match self {
            Standing::Read { entries, .. } => Some(entries),
            _ => self.preview().map(|layer| layer.index.len() as u64),
        }
    }

    /// The state that the page and the reports show, in the words of the view model.
    pub fn state(self, expected: &Expected) -> &'static str {
        match self {
            Standing::Pending { .. } => "pending",
            Standing::Reading { .. } => "verifying",
            Standing::Read { scanned, known, .. } => {
                match read_state(scanned, expected, &scanned.verify(expected)) {
                    // What was kept is no evidence of what is there now.
                    "verified" if known => "known",
                    state => state,
                }
            }
            Standing::Failed(_) => "failed",
            Standing::Absent => "absent",
            Standing::Foreign(_) => "foreign",
            Standing::NotALayer => "not-a-layer",
        }
    }

    /// True when every entry of the layer is known.
    pub fn is_whole(self) -> bool {
        match self {
            Standing::Read { scanned, .. } => scanned.failure.is_none() && scanned.found.complete,
            Standing::NotALayer => true,
            _ => false,
        }
    }

    /// True when nothing more will be known without a new attempt.
    pub fn is_settled(self) -> bool {
        !matches!(self, Standing::Pending { .. } | Standing::Reading { .. })
    }
}

/// A stated digest that was not computed, and the one of another algorithm that was.
pub(crate) fn unchecked<'a>(
    scanned: &'a ScannedLayer,
    expected: &'a Expected,
) -> Option<(&'a Digest, &'a Digest)> {
    let found = &scanned.found;
    let pairs = [
        (expected.digest.as_ref(), found.digest.as_ref()),
        (
            expected.diff_id.as_ref().map(DiffId::digest),
            found.diff_id.as_ref().map(DiffId::digest),
        ),
    ];
    pairs.into_iter().find_map(|(stated, found)| {
        let (stated, found) = (stated?, found?);
        (stated.algorithm() != found.algorithm()).then_some((stated, found))
    })
}

fn read_state(
    scanned: &ScannedLayer,
    expected: &Expected,
    verification: &Verification,
) -> &'static str {
    let verdicts = [verification.digest, verification.size, verification.diff_id];
    if verdicts.contains(&Verdict::Mismatch) {
        "mismatch"
    } else if scanned.failure.is_some() {
        "failed"
    } else if unchecked(scanned, expected).is_some() {
        "unchecked"
    } else if verdicts.contains(&Verdict::Unchecked) {
        "failed"
    } else if verification.is_verified() {
        "verified"
    } else {
        "not-stated"
    }
}

fn scan_inline(bytes: &[u8], expected: &Expected) -> ScannedLayer {
    let mut scan = LayerScan::new(expected.clone(), Limits::default());
    match scan.push(bytes) {
        Demand::More | Demand::Stop => scan.finish(),
    }
}
