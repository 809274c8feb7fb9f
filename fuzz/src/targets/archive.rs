//! What `docker save` and the like write, as a file or unpacked in a directory, to its images and their layers.
//!
//! Oracle: it comes to an end within as many asks as such a file can give reason for, asks for nothing outside the
//! file, and answers the same in whatever order its asks are answered.

use std::collections::{BTreeMap, VecDeque};

use layerscope_layer::{Demand, LayerScan, Limits};
use layerscope_source::{
    Ask, AskId, BlobPlan, Error, ImageChoice, PlatformChoice, Reply, Resolve, Resolved, Select,
    Step, WrappedArchive, WrappedScan, limits,
};
use layerscope_tar as tar;

use crate::mend;
use crate::steer::Steer;

/// Unpacked bytes of a wrapped archive and of each layer; more would only take the fuzzer's time.
const UNPACKED: u64 = 1 << 20;

/// How many layers of an archive are read.
const LAYERS: usize = 8;

/// See the module.
pub fn run(input: &[u8]) {
    let (payload, steer) = Steer::split(input);
    let mut file = payload.to_vec();
    if steer.choose(0, 8) != 0 {
        mend::tar(&mut file);
    }
    match steer.choose(1, 8) {
        0 => file = mend::gzip(&file),
        1 => file = mend::zstd(&file),
        2 => return layout(&file, steer),
        _ => {}
    }
    let resolve = || Resolve::archive(file.len() as u64, select(steer));
    let answer = |ask: &Ask| from_file(&file, ask, steer);
    let bound = file.len() + limits::DESCRIPTORS;
    let Some(resolved) = same_in_any_order(resolve, answer, bound) else {
        return;
    };
    for (number, layer) in resolved
        .images
        .iter()
        .flat_map(|image| &image.layers)
        .enumerate()
    {
        if let BlobPlan::Range { offset, len } = layer.blob {
            let end = offset
                .checked_add(len)
                .filter(|end| *end <= file.len() as u64);
            let end = end.expect("a layer that lies in the file") as usize;
            if number < LAYERS {
                let mut scan = LayerScan::new(layer.expected.clone(), bounded());
                let _ = scan.push(&file[offset as usize..end]);
                let _ = scan.finish().verify(&layer.expected);
            }
        }
        if let (BlobPlan::Member { number }, Some(wrapped)) = (&layer.blob, &resolved.wrapped) {
            let _ = wrapped
                .layer(*number)
                .map(|scanned| scanned.verify(&layer.expected));
        }
    }
    if let Some(wrapped) = &resolved.wrapped {
        let stored = wrapped.to_bytes();
        let again = WrappedArchive::from_bytes(&stored).expect("what was stored just now");
        assert!(
            again.to_bytes() == stored,
            "a wrapped archive is stored in two ways"
        );
    }
}

/// The members of an archive as the files of a directory.
fn layout(archive: &[u8], steer: Steer) {
    let mut files = Files::default();
    let _ = tar::Parser::new(tar::Limits::default()).push(archive, &mut files);
    let Files { done, .. } = files;
    let tag = (steer.choose(2, 4) == 0).then(|| "latest".to_owned());
    let answer = |ask: &Ask| match ask {
        Ask::File { path, limit } => {
            assert!(
                path.split('/').all(|part| !matches!(part, "" | "." | "..")),
                "{path}"
            );
            match done.get(path.as_bytes()) {
                None => Reply::Absent,
                Some(bytes) if bytes.len() as u64 > *limit => Reply::TooLarge {
                    size: Some(bytes.len() as u64),
                },
                Some(bytes) => Reply::Bytes(bytes.clone()),
            }
        }
        other => panic!("a layout was asked for {other:?}"),
    };
    let resolve = || Resolve::layout(tag.clone(), select(steer));
    same_in_any_order(resolve, answer, archive.len() + limits::DESCRIPTORS);
}

fn select(steer: Steer) -> Select {
    Select {
        image: match steer.choose(3, 5) {
            0 => ImageChoice::All,
            1 => ImageChoice::Number(1),
            2 => ImageChoice::Name("sample:latest".to_owned()),
            _ => ImageChoice::Default,
        },
        platform: if steer.choose(3, 2) == 0 {
            PlatformChoice::All
        } else {
            PlatformChoice::default()
        },
    }
}

fn bounded() -> Limits {
    Limits {
        unpacked: UNPACKED,
        ..Limits::default()
    }
}

fn from_file(file: &[u8], ask: &Ask, steer: Steer) -> Reply {
    match ask {
        Ask::Read { offset, len } => {
            let end = offset
                .checked_add(*len)
                .expect("a place that can be counted");
            assert!(*len > 0 || file.is_empty(), "a read of nothing");
            assert!(
                *offset < file.len() as u64 || file.is_empty(),
                "a read outside the file: {ask:?}"
            );
            // No ask reaches further beyond the file than the least look at headers.
            assert!(
                end <= (file.len() as u64).max(limits::HEADER_WINDOW.0),
                "{ask:?}"
            );
            Reply::Bytes(file[*offset as usize..file.len().min(end as usize)].to_vec())
        }
        Ask::ReadThrough => {
            let mut scan = WrappedScan::new(bounded());
            for piece in steer.pieces(file) {
                if scan.push(piece) == Demand::Stop {
                    break;
                }
            }
            Reply::Wrapped(Box::new(scan.finish()))
        }
        other => panic!("an archive was asked for {other:?}"),
    }
}

/// What comes of a source, which must be the same whether the first ask is answered first or the last.
fn same_in_any_order(
    resolve: impl Fn() -> Resolve,
    answer: impl Fn(&Ask) -> Reply,
    bound: usize,
) -> Option<Resolved> {
    let first = drive(resolve(), &answer, bound, Order::First);
    let last = drive(resolve(), &answer, bound, Order::Last);
    assert_eq!(
        format!("{first:?}"),
        format!("{last:?}"),
        "the order of answers makes a difference"
    );
    match first {
        Ok(resolved) => Some(resolved),
        Err(error) => {
            assert!(!error.name().is_empty() && !error.to_string().is_empty());
            None
        }
    }
}

/// Which of the open asks is answered next.
#[derive(Clone, Copy)]
enum Order {
    First,
    Last,
}

/// Answers asks until there is an outcome.
fn drive(
    mut resolve: Resolve,
    answer: impl Fn(&Ask) -> Reply,
    bound: usize,
    order: Order,
) -> Result<Resolved, Error> {
    let mut open: VecDeque<(AskId, Ask)> = VecDeque::new();
    let mut asked = 0;
    loop {
        match resolve.poll() {
            Step::Ask(asks) => {
                assert!(!asks.is_empty(), "a step without asks");
                asked += asks.len();
                assert!(asked <= bound, "{asked} asks");
                open.extend(asks);
                assert!(open.len() <= limits::ASKS);
            }
            Step::Waiting => assert!(!open.is_empty(), "it waits for nothing"),
            Step::Done(resolved) => return Ok(*resolved),
            Step::Failed(error) => return Err(error),
        }
        loop {
            let next = match order {
                Order::First => open.pop_front(),
                Order::Last => open.pop_back(),
            };
            let Some((id, ask)) = next else { break };
            resolve.provide(id, answer(&ask));
        }
    }
}

/// The files of an archive, the last one of each name.
#[derive(Default)]
struct Files {
    done: BTreeMap<Vec<u8>, Vec<u8>>,
    path: Vec<u8>,
    content: Vec<u8>,
}

impl tar::Sink for Files {
    fn entry(&mut self, entry: &tar::Entry) {
        self.path = entry
            .path
            .strip_prefix(b"./")
            .unwrap_or(&entry.path)
            .to_vec();
        self.content.clear();
    }

    fn data(&mut self, bytes: &[u8]) {
        self.content.extend_from_slice(bytes);
    }

    fn end_entry(&mut self) {
        self.done.insert(
            std::mem::take(&mut self.path),
            std::mem::take(&mut self.content),
        );
    }

    fn oddity(&mut self, _: tar::Oddity) {}
}
