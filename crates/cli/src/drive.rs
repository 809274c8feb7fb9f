//! The native driver: the loop that answers the core's questions and pushes the bytes.
//!
//! It knows files, connections and threads, and nothing about images.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result, bail};
use layerscope_inspect::content::ContentPlan;
use layerscope_inspect::scan::{ScanId, ScanJob};
use layerscope_inspect::session::{Next, Opening, Session};
use layerscope_inspect::view::ErrorView;
use layerscope_layer::{Demand, LayerScan, Limits, RESTART_SPACING, ScannedLayer};
use layerscope_source::{Ask, AskId, BlobPlan, Reply, Select, WrappedScan};

use crate::fetch::Client;
use crate::file::{Archive, Layout};
use crate::progress::Progress;
use crate::scanner::{Aid, Scanner};
use crate::store::Store;

/// Where the bytes of a source are.
pub(crate) enum Bytes {
    Archive(Archive),
    Layout(Layout),
    Registry(Client),
}

/// How layers are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Both digests over every byte, also of layers that are known.
    Verify,
    /// The same, but what is known is not read again.
    Look,
    /// Entries only, of layers that are not known; contents of uncompressed ones are skipped.
    List,
}

/// Everything needed to bring bytes to the core.
pub(crate) struct Driver {
    bytes: Bytes,
    progress: Progress,
    limits: Limits,
    store: Option<Store>,
}

/// What a reading thread tells.
enum Event {
    Progress(ScanId, layerscope_layer::Progress),
    Scanned(ScanId, Box<ScannedLayer>),
    Known(ScanId, Box<ScannedLayer>),
    Unknown(ScanId),
    Failed(ScanId, ErrorView),
}

impl Driver {
    pub(crate) fn new(
        bytes: Bytes,
        progress: Progress,
        limits: Limits,
        store: Option<Store>,
    ) -> Driver {
        Driver {
            bytes,
            progress,
            limits,
            store,
        }
    }

    /// Opens a source and answers all questions about it.
    pub(crate) fn open(&self, opening: Opening, select: Select) -> Result<Session> {
        let mut session = Session::new(opening, select);
        self.resolve(&mut session)?;
        Ok(session)
    }

    /// Answers questions until the source is understood.
    pub(crate) fn resolve(&self, session: &mut Session) -> Result<()> {
        loop {
            match session.poll() {
                Next::Ask(asks) => {
                    for (id, reply) in self.answer(asks) {
                        session.provide(id, reply);
                    }
                }
                Next::Waiting => bail!("the source waits for an answer that nobody was asked for"),
                Next::Ready | Next::Failed => break,
            }
        }
        if let Some(quota) = session.resolved().and_then(|found| found.quota.as_ref()) {
            self.progress.quota(quota);
        }
        match session.error() {
            Some(error) => bail!("{}", error.text),
            None => Ok(()),
        }
    }

    /// Looks for what is attached to the chosen image.
    pub(crate) fn look_for_attached(&self, session: &mut Session) {
        session.look_for_attached();
        while let Next::Ask(asks) = session.poll_attached() {
            for (id, reply) in self.answer(asks) {
                session.provide_attached(id, reply);
            }
        }
    }

    /// Answers questions, those for the network at the same time.
    pub(crate) fn answer(&self, asks: Vec<(AskId, Ask)>) -> Vec<(AskId, Reply)> {
        if asks.len() < 2 || !matches!(self.bytes, Bytes::Registry(_)) {
            return asks
                .into_iter()
                .map(|(id, ask)| (id, self.answer_one(ask)))
                .collect();
        }
        thread::scope(|scope| {
            let running: Vec<_> = asks
                .into_iter()
                .map(|(id, ask)| {
                    let answer = move || self.answer_one(ask);
                    (id, thread::Builder::new().spawn_scoped(scope, answer))
                })
                .collect();
            running
                .into_iter()
                .map(|(id, thread)| {
                    let reply = match thread.map(thread::ScopedJoinHandle::join) {
                        Ok(Ok(reply)) => reply,
                        Ok(Err(_)) => Reply::Failed("the reading thread ended early".to_owned()),
                        Err(error) => Reply::Failed(format!("no thread to read with: {error}")),
                    };
                    (id, reply)
                })
                .collect()
        })
    }

    fn answer_one(&self, ask: Ask) -> Reply {
        match (ask, &self.bytes) {
            (Ask::Read { offset, len }, Bytes::Archive(archive)) => archive.read(offset, len),
            (Ask::File { path, limit }, Bytes::Layout(layout)) => layout.read(&path, limit),
            (Ask::Http(request), Bytes::Registry(client)) => client.exchange(&request),
            (Ask::Wait { seconds }, _) => {
                self.progress.wait(seconds);
                Reply::Waited
            }
            (Ask::ReadThrough, Bytes::Archive(archive)) => self.read_through(archive),
            (ask, _) => Reply::Failed(format!("this source cannot answer {ask:?}")),
        }
    }

    fn read_through(&self, archive: &Archive) -> Reply {
        let mut scan = WrappedScan::new(self.limits);
        let bar = self.progress.bar("archive", Some(archive.size));
        let result = archive.stream(0, archive.size, &mut |bytes| {
            bar.inc(bytes.len() as u64);
            (scan.push(bytes), 0)
        });
        bar.finish_and_clear();
        match result {
            Ok(()) => Reply::Wrapped(Box::new(scan.finish())),
            Err(error) => Reply::Failed(error.to_string()),
        }
    }

    /// Reads every layer that the session wants, one more at once than there are processors: so none of
    /// them is idle while another reads the last layer, and what is left to one processor is little.
    pub(crate) fn scan(&self, session: &mut Session, reading: Reading) {
        let hands = processors() + 1;
        let running = AtomicUsize::new(0);
        let running = &running;
        thread::scope(|scope| {
            let (sender, receiver): (Sender<Event>, Receiver<Event>) = channel();
            let mut busy = 0;
            let mut bars = Vec::new();
            loop {
                while busy < hands
                    && let Some(job) = session.next_scan()
                {
                    let bar = self
                        .progress
                        .bar(&job_name(&job), job.expected.size.or(plan_size(&job.plan)));
                    bars.push((job.id, bar));
                    let (to, copy) = (sender.clone(), job.clone());
                    running.fetch_add(1, Ordering::Relaxed);
                    let thread = thread::Builder::new()
                        .spawn_scoped(scope, move || self.read(&copy, reading, running, &to));
                    if thread.is_err() {
                        // The system gives no more threads: this one reads, and its news wait in the channel.
                        self.read(&job, reading, running, &sender);
                    }
                    busy += 1;
                }
                if busy == 0 {
                    return;
                }
                let Ok(event) = receiver.recv() else { return };
                let ended = match event {
                    Event::Progress(id, progress) => {
                        session.progress(id, progress.read, progress.unpacked, progress.entries);
                        if let Some((_, bar)) = bars.iter().find(|(known, _)| *known == id) {
                            bar.set_position(progress.read);
                        }
                        continue;
                    }
                    Event::Scanned(id, layer) => {
                        session.scanned(id, *layer);
                        id
                    }
                    Event::Known(id, layer) => {
                        session.known(id, *layer);
                        id
                    }
                    Event::Unknown(id) => {
                        session.unknown(id);
                        id
                    }
                    Event::Failed(id, error) => {
                        session.scan_failed(id, error);
                        id
                    }
                };
                busy -= 1;
                bars.retain(|(id, bar)| {
                    if *id == ended {
                        bar.finish_and_clear();
                    }
                    *id != ended
                });
            }
        });
    }

    fn read(&self, job: &ScanJob, reading: Reading, running: &AtomicUsize, sender: &Sender<Event>) {
        // A receiver that is gone wants no news.
        let tell = |event| drop(sender.send(event));
        if reading != Reading::Verify
            && let Some(layer) = self.recall(job)
        {
            tell(Event::Known(job.id, Box::new(layer)));
            running.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        if job.only_known {
            tell(Event::Unknown(job.id));
            running.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        thread::scope(|scope| {
            let mut scan = match reading {
                Reading::Verify | Reading::Look => {
                    LayerScan::new(job.expected.clone(), self.limits)
                }
                Reading::List => LayerScan::listing(self.limits),
            };
            if job.for_files {
                scan = scan.keeping_restart_points(RESTART_SPACING);
            }
            let aid = Aid {
                scope,
                running,
                processors: processors(),
            };
            let has_halves = reading != Reading::List;
            let mut scanner = Scanner::new(scan, has_halves.then_some(aid));
            let mut told = 0;
            let result = self.stream(&job.plan, 0..u64::MAX, &mut |bytes| {
                let answer = scanner.push(bytes);
                let progress = scanner.progress();
                if progress.read.saturating_sub(told) >= 1 << 20 {
                    told = progress.read;
                    tell(Event::Progress(job.id, progress));
                }
                answer
            });
            let failed = |why| Event::Failed(job.id, ErrorView::of_driver(job_name(job), why));
            let end = result.map_err(|error| format!("{error:#}"));
            tell(match end {
                Err(why) if scanner.progress().read == 0 => failed(why),
                end => match scanner.finish(end) {
                    Some(layer) => {
                        self.keep(job, &layer);
                        Event::Scanned(job.id, Box::new(layer))
                    }
                    None => failed("a reading thread ended early".to_owned()),
                },
            });
            running.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// The layer, if it is known from before.
    fn recall(&self, job: &ScanJob) -> Option<ScannedLayer> {
        let (store, name) = (self.store.as_ref()?, job.known_as()?);
        let layer = job.recall(&store.get(&name)?);
        if layer.is_none() {
            store.forget(&name);
        }
        layer
    }

    fn keep(&self, job: &ScanJob, layer: &ScannedLayer) {
        if let (Some(store), Some(name)) = (&self.store, job.kept_as())
            && job.may_keep(layer)
        {
            // Where nothing can be kept, the layer is read again another time: nobody is worse off.
            let _ = store.put(&name, &layer.to_bytes());
        }
    }

    /// Pushes a part of a blob, or more; `push` says when it is enough, and how many of the following bytes it need not see.
    fn stream(
        &self,
        plan: &BlobPlan,
        part: Range<u64>,
        push: &mut dyn FnMut(&[u8]) -> (Demand, u64),
    ) -> Result<()> {
        let start = part.start;
        match (plan, &self.bytes) {
            (BlobPlan::Range { offset, len }, Bytes::Archive(archive)) => {
                let start = start.min(*len);
                archive
                    .stream(offset + start, len - start, push)
                    .context("the archive")
            }
            (BlobPlan::File { path, .. }, Bytes::Layout(layout)) => {
                let file = layout.file(path).with_context(|| path.clone())?;
                file.stream(start, file.size.saturating_sub(start), push)
                    .with_context(|| path.clone())
            }
            (BlobPlan::Http { request }, Bytes::Registry(client)) => {
                let mut skip = 0_u64;
                let wait = |seconds| self.progress.wait(seconds);
                client.blob(request, part, &wait, &mut |bytes| {
                    // A stream cannot seek, so what need not be seen passes by.
                    let passed = usize::try_from(skip)
                        .unwrap_or(bytes.len())
                        .min(bytes.len());
                    skip -= passed as u64;
                    let rest = &bytes[passed..];
                    if rest.is_empty() {
                        return Demand::More;
                    }
                    let (demand, more) = push(rest);
                    skip = more;
                    demand
                })
            }
            (BlobPlan::Inline(bytes), _) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                let _enough = push(bytes.get(start..).unwrap_or_default());
                Ok(())
            }
            _ => bail!("the bytes are not in this source"),
        }
    }

    /// Gives the content of one file to `out`, in order.
    pub(crate) fn content(&self, plan: &ContentPlan, out: &mut dyn FnMut(&[u8])) -> Result<()> {
        if let (Some(mut extract), Bytes::Archive(archive)) = (plan.member_extract(), &self.bytes) {
            archive
                .stream(0, archive.size, &mut |bytes| (extract.push(bytes, out), 0))
                .context("the archive")?;
            return Ok(extract.finish()?);
        }
        if let (BlobPlan::File { path, .. }, Bytes::Layout(layout)) = (&plan.blob, &self.bytes) {
            let file = layout.file(path).with_context(|| path.clone())?;
            plan.check_size(file.size)?;
        }
        let (mut extract, part) = plan.extract();
        self.stream(&plan.blob, part, &mut |bytes| (extract.push(bytes, out), 0))?;
        extract.flush(out);
        Ok(extract.finish()?)
    }
}

/// How many processors there are.
fn processors() -> usize {
    thread::available_parallelism().map_or(2, usize::from)
}

fn job_name(job: &ScanJob) -> String {
    let stated = job.expected.digest.as_ref();
    let digest = stated.or(job
        .expected
        .diff_id
        .as_ref()
        .map(layerscope_oci::DiffId::digest));
    digest
        .map_or("layer", layerscope_oci::Digest::short)
        .to_owned()
}

fn plan_size(plan: &BlobPlan) -> Option<u64> {
    match plan {
        BlobPlan::Range { len, .. } => Some(*len),
        BlobPlan::File { size, .. } => *size,
        _ => None,
    }
}
