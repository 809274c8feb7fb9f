//! The scans of an inspection: which blob is read, how far, and what came of it.
//!
//! A blob that several layers (or several images) share is read once; each layer is then
//! verified against what *its* manifest and config state.

use layerscope_layer::{
    Demand, Expected, LayerIndex, LayerScan, Limits, ScannedLayer, Verdict, Verification,
};
use layerscope_oci::{DiffId, Digest};
use layerscope_source::{BlobPlan, Layer, Resolved};

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
}

/// What is known of one blob.
#[derive(Debug)]
struct Scan {
    plan: BlobPlan,
    expected: Expected,
    state: State,
}

#[derive(Debug)]
enum State {
    Waiting,
    Running(ScanId, Progress),
    /// The layer, and how many entries it has, which outlives its index.
    Done(Box<ScannedLayer>, u64),
    /// It was scanned when the wrapped archive was read through.
    Member(usize),
    Failed(ErrorView),
}

/// What is known of a layer's bytes.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'a> {
    /// Not begun.
    Pending,
    /// Being read.
    Reading(Progress),
    /// Read to its end, or as far as it could be.
    Read {
        /// The layer.
        scanned: &'a ScannedLayer,
        /// How many entries it has.
        entries: u64,
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
                    let scanned = scan_inline(bytes, &layer.expected);
                    let entries = scanned.index.len() as u64;
                    State::Done(Box::new(scanned), entries)
                }
                BlobPlan::Absent | BlobPlan::Foreign { .. } | BlobPlan::NotALayer => continue,
            };
            self.scans.push(Scan {
                plan: layer.blob.clone(),
                expected: layer.expected.clone(),
                state,
            });
        }
    }

    fn position(&self, plan: &BlobPlan) -> Option<usize> {
        self.scans.iter().position(|scan| scan.plan == *plan)
    }

    /// The largest blob of `layers` that nobody reads yet: large ones first keeps all workers busy to the end.
    pub(crate) fn next<'a>(&mut self, layers: impl Iterator<Item = &'a Layer>) -> Option<ScanJob> {
        let position = layers
            .filter_map(|layer| self.position(&layer.blob))
            .filter(|position| {
                self.scans
                    .get(*position)
                    .is_some_and(|scan| matches!(scan.state, State::Waiting))
            })
            // Of equal ones the lowest layer, and `max_by_key` takes the last.
            .max_by_key(|position| (self.weight(*position), std::cmp::Reverse(*position)))?;
        let id = ScanId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        let total = Some(self.weight(position)).filter(|weight| *weight > 0);
        let scan = self.scans.get_mut(position)?;
        scan.state = State::Running(
            id,
            Progress {
                total,
                ..Progress::default()
            },
        );
        Some(ScanJob {
            id,
            plan: scan.plan.clone(),
            expected: scan.expected.clone(),
            for_files: !self.forget_files,
        })
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

    pub(crate) fn done(&mut self, id: ScanId, mut layer: ScannedLayer) -> bool {
        let entries = layer.index.len() as u64;
        if self.forget_files {
            layer.index = LayerIndex::default();
            layer.restart_points = Vec::new();
        }
        let Some(scan) = self.running(id) else {
            return false;
        };
        scan.state = State::Done(Box::new(layer), entries);
        true
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
        }
    }

    /// Lets a blob be read again.
    pub(crate) fn retry(&mut self, plan: &BlobPlan) {
        if let Some(scan) = self
            .position(plan)
            .and_then(|position| self.scans.get_mut(position))
            && !matches!(scan.state, State::Running(..) | State::Member(_))
        {
            scan.state = State::Waiting;
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
            return Standing::Pending;
        };
        match &scan.state {
            State::Waiting => Standing::Pending,
            State::Running(_, progress) => Standing::Reading(*progress),
            State::Done(scanned, entries) => Standing::Read {
                scanned,
                entries: *entries,
            },
            State::Member(number) => resolved
                .wrapped
                .as_ref()
                .and_then(|archive| archive.layer(*number))
                .map_or(Standing::Absent, |scanned| Standing::Read {
                    scanned,
                    entries: scanned.index.len() as u64,
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

    /// How many entries the layer has, if it was read.
    pub fn entries(self) -> Option<u64> {
        match self {
            Standing::Read { entries, .. } => Some(entries),
            _ => None,
        }
    }

    /// The state that the page and the reports show, in the words of the view model.
    pub fn state(self, expected: &Expected) -> &'static str {
        match self {
            Standing::Pending => "pending",
            Standing::Reading(_) => "verifying",
            Standing::Read { scanned, .. } => {
                read_state(scanned, expected, &scanned.verify(expected))
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
        !matches!(self, Standing::Pending | Standing::Reading(_))
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
