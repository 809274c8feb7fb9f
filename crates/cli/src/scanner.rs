//! The scan of one layer, by one thread or two.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};

use layerscope_layer::{ArchiveHalf, BlobHalf, Demand, LayerScan, Progress, ScannedLayer};

/// Bytes of a layer after which a second thread is worth its start.
const WORTHWHILE: u64 = 1 << 20;

/// Bytes that go from one thread to the other at a time: what the decoders give at once, and what stays in a cache.
const PIECE: usize = 128 << 10;

/// Pieces under way. One thread may be so far ahead of the other.
const UNDER_WAY: usize = 4;

/// Takes a layer's bytes. While a processor is idle, a second thread hashes and reads what comes out of them.
pub(crate) struct Scanner<'scope, 'env> {
    scan: Scan<'scope>,
    aid: Option<Aid<'scope, 'env>>,
}

/// Where a second thread comes from, and whether it would find a processor.
#[derive(Clone, Copy)]
pub(crate) struct Aid<'scope, 'env> {
    pub(crate) scope: &'scope Scope<'scope, 'env>,
    /// How many layers are being scanned.
    pub(crate) running: &'env AtomicUsize,
    pub(crate) processors: usize,
}

impl Aid<'_, '_> {
    fn is_idle(&self) -> bool {
        self.running.load(Ordering::Relaxed) < self.processors
    }
}

enum Scan<'scope> {
    Whole(Box<LayerScan>),
    Halves(Box<Halves<'scope>>),
    /// For a moment, between the two.
    Changing,
}

/// A thread that waits for its half.
struct Second<'scope> {
    half: Sender<ArchiveHalf>,
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
    thread: ScopedJoinHandle<'scope, Option<ArchiveHalf>>,
}

struct Halves<'scope> {
    blob: BlobHalf,
    piece: Vec<u8>,
    second: Second<'scope>,
}

impl<'scope, 'env> Scanner<'scope, 'env> {
    /// A scan that stays on one thread, unless it has aid.
    pub(crate) fn new(scan: LayerScan, aid: Option<Aid<'scope, 'env>>) -> Scanner<'scope, 'env> {
        Scanner {
            scan: Scan::Whole(Box::new(scan)),
            aid,
        }
    }

    /// Takes the next bytes, and says how many of those that follow need not come.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> (Demand, u64) {
        match &mut self.scan {
            Scan::Whole(scan) => {
                let demand = scan.push(bytes);
                let skip = scan.skippable();
                scan.skip(skip);
                if let Some(aid) = self.aid
                    && scan.progress().read >= WORTHWHILE
                    && aid.is_idle()
                {
                    self.split(aid);
                }
                (demand, skip)
            }
            Scan::Halves(halves) => (halves.push(bytes), 0),
            Scan::Changing => (Demand::Stop, 0),
        }
    }

    fn split(&mut self, aid: Aid<'scope, 'env>) {
        // One attempt is enough: a scan that cannot be taken apart now will not be later.
        self.aid = None;
        let Some(second) = Second::start(aid.scope) else {
            return;
        };
        let Scan::Whole(scan) = std::mem::replace(&mut self.scan, Scan::Changing) else {
            return;
        };
        self.scan = match scan.split() {
            Ok((blob, archive)) => Scan::Halves(Box::new(second.with(blob, archive))),
            Err(scan) => Scan::Whole(Box::new(scan)),
        };
    }

    pub(crate) fn progress(&self) -> Progress {
        match &self.scan {
            Scan::Whole(scan) => scan.progress(),
            Scan::Halves(halves) => Progress {
                read: halves.blob.read(),
                unpacked: halves.blob.unpacked(),
                ..Progress::default()
            },
            Scan::Changing => Progress::default(),
        }
    }

    /// The bytes ended, well or for a reason outside of them. `None` when the second thread did not live to tell.
    pub(crate) fn finish(self, end: Result<(), String>) -> Option<ScannedLayer> {
        let scan = match self.scan {
            Scan::Whole(scan) => *scan,
            Scan::Halves(halves) => halves.join()?,
            Scan::Changing => return None,
        };
        Some(match end {
            Ok(()) => scan.finish(),
            Err(why) => scan.abort(why),
        })
    }
}

impl<'scope> Second<'scope> {
    /// Starts one, if the system gives it.
    fn start<'env>(scope: &'scope Scope<'scope, 'env>) -> Option<Second<'scope>> {
        let (half, first) = channel::<ArchiveHalf>();
        let (full, pieces) = sync_channel::<Vec<u8>>(UNDER_WAY);
        let (back, empty) = channel();
        let work = move || {
            let mut half = first.recv().ok()?;
            for piece in pieces {
                if half.push(&piece).is_break() {
                    break;
                }
                // At the end nobody wants it.
                let _ = back.send(piece);
            }
            Some(half)
        };
        let thread = thread::Builder::new().spawn_scoped(scope, work).ok()?;
        Some(Second {
            half,
            full,
            empty,
            thread,
        })
    }

    fn with(self, blob: BlobHalf, archive: ArchiveHalf) -> Halves<'scope> {
        // A thread that is gone is noticed when it is joined.
        let _ = self.half.send(archive);
        Halves {
            blob,
            piece: Vec::with_capacity(PIECE),
            second: self,
        }
    }
}

impl Halves<'_> {
    fn push(&mut self, bytes: &[u8]) -> Demand {
        let Self {
            blob,
            piece,
            second: Second { full, empty, .. },
        } = self;
        blob.push(bytes, &mut |run| {
            let mut rest = run;
            while !rest.is_empty() {
                let room = PIECE.saturating_sub(piece.len());
                let (now, later) = rest.split_at(rest.len().min(room));
                piece.extend_from_slice(now);
                rest = later;
                if piece.len() == PIECE {
                    let next = empty
                        .try_recv()
                        .unwrap_or_else(|_| Vec::with_capacity(PIECE));
                    let sent = std::mem::replace(piece, next);
                    piece.clear();
                    if full.send(sent).is_err() {
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        })
    }

    fn join(self) -> Option<LayerScan> {
        let Second { full, thread, .. } = self.second;
        if !self.piece.is_empty() {
            // Nobody takes it when nothing more is needed.
            let _ = full.send(self.piece);
        }
        drop(full);
        let archive = thread.join().ok()??;
        Some(LayerScan::join(self.blob, archive))
    }
}
