//! A driver that holds everything in memory, and images to feed it with.

pub mod archives;
pub mod exchanges;
pub mod image;
pub mod layouts;
pub mod registries;
pub mod web;

use std::collections::{BTreeMap, VecDeque};

use layerscope_layer::{LayerScan, Limits, ScannedLayer};
use layerscope_source::{
    Ask, AskId, BlobPlan, Error, Layer, ReferrerList, Referrers, Reply, Resolve, Resolved, Step,
    TagList, Tags, WrappedArchive, WrappedScan,
};

/// In which order asks are answered.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// All new asks at once, the first one first.
    First,
    /// All new asks at once, the last one first.
    Last,
    /// One ask, then the next poll; the newest ask first.
    Newest,
}

pub const ORDERS: [Order; 3] = [Order::First, Order::Last, Order::Newest];

/// Whatever asks.
pub trait Asking {
    type Found: std::fmt::Debug;
    fn poll(&mut self) -> Step<Self::Found>;
    fn provide(&mut self, id: AskId, reply: Reply);
}

macro_rules! asking {
    ($kind:ty, $found:ty) => {
        impl Asking for $kind {
            type Found = $found;
            fn poll(&mut self) -> Step<$found> {
                self.poll()
            }
            fn provide(&mut self, id: AskId, reply: Reply) {
                self.provide(id, reply);
            }
        }
    };
}
asking!(Resolve, Resolved);
asking!(Tags, TagList);
asking!(Referrers, ReferrerList);

/// Answers asks until there is an outcome.
pub fn drive<A: Asking>(
    mut asking: A,
    order: Order,
    mut answer: impl FnMut(&Ask) -> Reply,
) -> Result<A::Found, Error> {
    let mut open: VecDeque<(AskId, Ask)> = VecDeque::new();
    let mut ids = Vec::new();
    loop {
        match asking.poll() {
            Step::Ask(asks) => {
                assert!(!asks.is_empty(), "a step without asks");
                for (id, ask) in asks {
                    assert!(!ids.contains(&id), "{id:?} was asked twice");
                    ids.push(id);
                    open.push_back((id, ask));
                }
                assert!(open.len() <= layerscope_source::limits::ASKS);
            }
            Step::Waiting => assert!(!open.is_empty(), "it waits for nothing"),
            Step::Done(found) => {
                assert!(matches!(asking.poll(), Step::Waiting));
                return Ok(*found);
            }
            Step::Failed(error) => {
                assert!(matches!(asking.poll(), Step::Waiting));
                return Err(error);
            }
        }
        loop {
            let next = match order {
                Order::First => open.pop_front(),
                Order::Last | Order::Newest => open.pop_back(),
            };
            let Some((id, ask)) = next else {
                break;
            };
            asking.provide(id, answer(&ask));
            // A second reply to the same ask means nothing.
            asking.provide(id, Reply::Absent);
            if matches!(order, Order::Newest) {
                break;
            }
        }
    }
}

/// Resolves in every order, and asserts that the order cannot be seen.
pub fn resolve(
    resolve: impl Fn() -> Resolve,
    mut answer: impl FnMut(&Ask) -> Reply,
) -> Result<Resolved, Error> {
    let mut outcomes = ORDERS.map(|order| Some(drive(resolve(), order, &mut answer)));
    let texts = outcomes.each_ref().map(|outcome| format!("{outcome:#?}"));
    assert_eq!(
        texts[0], texts[1],
        "answering the last ask first makes a difference"
    );
    assert_eq!(
        texts[0], texts[2],
        "answering one by one makes a difference"
    );
    outcomes[0].take().unwrap()
}

/// Answers for an archive file that is in memory.
pub fn from_file(file: &[u8]) -> impl FnMut(&Ask) -> Reply + '_ {
    move |ask| match ask {
        Ask::Read { offset, len } => {
            assert!(*len > 0, "a read of nothing");
            let start = (*offset as usize).min(file.len());
            let end = (start + *len as usize).min(file.len());
            Reply::Bytes(file[start..end].to_vec())
        }
        Ask::ReadThrough => Reply::Wrapped(Box::new(read_through(file, 4096))),
        other => panic!("an archive was asked for {other:?}"),
    }
}

/// Pushes a file through a [`WrappedScan`] in pieces.
pub fn read_through(file: &[u8], piece: usize) -> WrappedArchive {
    let mut scan = WrappedScan::new(Limits::default());
    for piece in file.chunks(piece) {
        if scan.push(piece) == layerscope_layer::Demand::Stop {
            break;
        }
    }
    scan.finish()
}

/// Answers for a layout that is in memory.
pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> impl FnMut(&Ask) -> Reply + '_ {
    move |ask| match ask {
        Ask::File { path, limit } => {
            assert!(
                path.split('/').all(|part| !matches!(part, "" | "." | "..")),
                "{path}"
            );
            match files.get(path) {
                None => Reply::Absent,
                Some(bytes) if bytes.len() as u64 > *limit => Reply::TooLarge {
                    size: Some(bytes.len() as u64),
                },
                Some(bytes) => Reply::Bytes(bytes.clone()),
            }
        }
        other => panic!("a layout was asked for {other:?}"),
    }
}

/// Scans a layer whose bytes are at hand.
pub fn scan(layer: &Layer, bytes: &[u8]) -> ScannedLayer {
    let mut scan = LayerScan::new(layer.expected.clone(), Limits::default());
    let _ = scan.push(bytes);
    scan.finish()
}

/// Whether every layer of an archive's image verifies, reading each as its plan says.
pub fn layers_verify(file: &[u8], resolved: &Resolved, image: usize) -> Vec<bool> {
    let layers = resolved.images[image].layers.iter();
    layers
        .map(|layer| {
            let scanned = match &layer.blob {
                BlobPlan::Range { offset, len } => {
                    let start = *offset as usize;
                    scan(layer, &file[start..start + *len as usize])
                }
                BlobPlan::Inline(bytes) => scan(layer, bytes),
                BlobPlan::Member { number } => {
                    let archive = resolved.wrapped.as_ref().unwrap();
                    archive.layer(*number).unwrap().clone()
                }
                other => panic!("no bytes: {other:?}"),
            };
            scanned.verify(&layer.expected).is_verified()
        })
        .collect()
}

/// The kinds of oddity that were told, in order.
pub fn oddities(resolved: &Resolved) -> Vec<&'static str> {
    resolved
        .oddities
        .iter()
        .map(|oddity| oddity.kind.name())
        .collect()
}
