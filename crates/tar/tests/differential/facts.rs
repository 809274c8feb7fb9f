//! What a reader says of an archive, in a form that can be compared.

use layerscope_tar::{Entry, Error, Kind, OddityKind, Segment, SparseFault};
use sha2::{Digest as _, Sha256};

use crate::reading::{Reading, Told};

/// How much of a content is compared: enough for every file that is stored, and few of the bytes
/// that a sparse file can pretend to have.
pub(crate) const COMPARED: u64 = 1 << 20;

/// One entry, as a reader shows it.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) name: Vec<u8>,
    /// `f`ile, `d`irectory, `l`: symbolic link, `h`ard link, `c`haracter device, `b`lock device,
    /// fifo `p`, `g`lobal header, and `?` for any other.
    pub(crate) kind: u8,
    pub(crate) size: u64,
    pub(crate) link: Vec<u8>,
    /// What only Go is asked for.
    pub(crate) details: Option<Details>,
    /// Where its header is; only we say that.
    pub(crate) offset: u64,
}

/// The rest of what Go's header holds, and the content.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Details {
    /// The type flag, where the kind is another than those that have a letter.
    pub(crate) flag: Option<u8>,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) uname: Vec<u8>,
    pub(crate) gname: Vec<u8>,
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
    pub(crate) device: Option<(u64, u64)>,
    pub(crate) xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// SHA-256 of the first [`COMPARED`] bytes of the logical content.
    pub(crate) content: String,
}

/// How reading ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// Well.
    Fine,
    /// Something whose length is known is cut.
    Cut,
    /// Something is not as it must be.
    Broken,
    /// Something is longer than the reader wants to read.
    TooLong,
    /// The content of a sparse file is not as long as its map says.
    Sparse,
    /// Any other words, or those of a reader whose words are not compared.
    Words(String),
}

/// All that a reader says of an archive.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) entries: Vec<Facts>,
    pub(crate) end: End,
}

/// What we say, and what we find odd: names and places.
pub(crate) struct Ours {
    pub(crate) answer: Answer,
    pub(crate) raised: Vec<(&'static str, u64)>,
}

impl Ours {
    pub(crate) fn of(reading: &Reading) -> Self {
        let mut entries = Vec::new();
        let mut raised = Vec::new();
        let mut stated = None;
        for (at, told) in reading.told.iter().enumerate() {
            match told {
                Told::Oddity(oddity) => {
                    raised.push((oddity.kind.name(), oddity.offset));
                    match oddity.kind {
                        OddityKind::IgnoredSize { stated: size } => stated = Some(size),
                        OddityKind::GlobalHeader { .. } => entries.push(global(oddity.offset)),
                        _ => {}
                    }
                }
                Told::Entry(entry) => {
                    let data: &[u8] = match reading.told.get(at + 1) {
                        Some(Told::Data(data)) => data,
                        _ => &[],
                    };
                    let mut facts = facts(entry, data);
                    // Go keeps the size of a kind that has no content; we tell it as an oddity.
                    if let Some(size) = stated.take() {
                        facts.size = size as u64;
                    }
                    entries.push(facts);
                }
                Told::Data(_) | Told::End => {}
            }
        }
        let end = match &reading.result {
            Ok(_) => End::Fine,
            Err(error) => {
                raised.push((error.name(), error.offset()));
                match error {
                    Error::Truncated { .. }
                    | Error::Sparse {
                        fault: SparseFault::Unfinished,
                        ..
                    } => End::Cut,
                    Error::Limit { .. } => End::TooLong,
                    _ => End::Broken,
                }
            }
        };
        Self {
            answer: Answer { entries, end },
            raised,
        }
    }
}

fn global(offset: u64) -> Facts {
    Facts {
        name: Vec::new(),
        kind: b'g',
        size: 0,
        link: Vec::new(),
        details: None,
        offset,
    }
}

fn facts(entry: &Entry, data: &[u8]) -> Facts {
    let content = match &entry.sparse {
        None => data[..data.len().min(COMPARED as usize)].to_vec(),
        Some(segments) => logical(segments, entry.size, data),
    };
    let (kind, flag) = match entry.kind {
        Kind::File => (b'f', None),
        Kind::Directory => (b'd', None),
        Kind::Symlink => (b'l', None),
        Kind::HardLink => (b'h', None),
        Kind::Char => (b'c', None),
        Kind::Block => (b'b', None),
        Kind::Fifo => (b'p', None),
        Kind::Other(flag) => (b'?', Some(flag)),
    };
    Facts {
        name: entry.path.clone(),
        kind,
        size: entry.size,
        link: entry.link.clone(),
        details: Some(Details {
            flag,
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            uname: entry.uname.clone(),
            gname: entry.gname.clone(),
            seconds: entry.mtime.seconds,
            nanos: entry.mtime.nanos,
            device: entry.device,
            xattrs: entry.xattrs.clone(),
            content: hex(&Sha256::digest(content)),
        }),
        offset: entry.header_offset,
    }
}

/// The beginning of a sparse file, up to the first byte that is not stored.
fn logical(segments: &[Segment], size: u64, data: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    let mut rest = data;
    let until = |content: &mut Vec<u8>, end: u64| content.resize(end.min(COMPARED) as usize, 0);
    for segment in segments {
        if segment.len == 0 || content.len() as u64 == COMPARED {
            continue;
        }
        until(&mut content, segment.offset);
        let (run, after) = rest.split_at(rest.len().min(segment.len as usize));
        let room = COMPARED as usize - content.len();
        content.extend_from_slice(&run[..run.len().min(room)]);
        rest = after;
        if (run.len() as u64) < segment.len {
            return content;
        }
    }
    until(&mut content, size);
    content
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
