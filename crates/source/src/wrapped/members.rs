//! Takes what the tar parser tells of a wrapped archive, and decides what to do with each member.

use layerscope_layer::{Expected, Kind, LayerScan, Limits};
use layerscope_tar::{Entry, Oddity as TarOddity, Sink};

use super::Held;
use crate::archive::outer::{Member, of_tar};
use crate::limits;
use crate::oddity::Oddity;

/// A tar header; what decides about a member is within it.
const HEAD: usize = 512;

/// How many oddities are told.
const TOLD: usize = 20;

/// The members of a wrapped archive, as they come by.
pub(super) struct Members {
    limits: Limits,
    members: Vec<(Member, Held)>,
    current: Current,
    /// Bytes kept so far.
    kept: u64,
    oddities: Vec<Oddity>,
}

/// What is being done with the member that comes by.
enum Current {
    /// Nothing, or nothing any more.
    Passing,
    /// Its first bytes are awaited.
    Undecided(Vec<u8>),
    Keeping(Vec<u8>),
    Scanning(Box<LayerScan>),
}

impl Members {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            members: Vec::new(),
            current: Current::Passing,
            kept: 0,
            oddities: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are more members than an archive may have.
    pub(super) fn is_full(&self) -> bool {
        self.members.len() > limits::MEMBERS
    }

    /// The members and the oddities. The archive may have been cut within the last member.
    pub(super) fn finish(mut self) -> (Vec<(Member, Held)>, Vec<Oddity>) {
        let held = match std::mem::replace(&mut self.current, Current::Passing) {
            Current::Passing => None,
            Current::Undecided(bytes) | Current::Keeping(bytes) => Some(Held::Bytes(bytes)),
            Current::Scanning(scan) => {
                let layer = scan.abort("the archive ends within the layer".to_owned());
                Some(Held::Layer(Some(Box::new(layer))))
            }
        };
        self.hold(held);
        (self.members, self.oddities)
    }

    fn hold(&mut self, held: Option<Held>) {
        if let (Some(held), Some((_, place))) = (held, self.members.last_mut()) {
            *place = held;
        }
    }

    /// Whether so many bytes may be kept.
    fn has_room(&self, bytes: u64) -> bool {
        self.kept.saturating_add(bytes) <= limits::KEPT_BYTES
    }

    fn scan(&self) -> Current {
        let scan = LayerScan::new(Expected::default(), self.limits);
        Current::Scanning(Box::new(scan))
    }

    /// Decides about a large member by its first bytes.
    fn decide(&mut self, head: Vec<u8>) {
        let len = self.members.last().map_or(0, |(member, _)| member.len);
        let is_tar = head.get(257..262) == Some(b"ustar");
        let is_json = matches!(head.trim_ascii_start().first(), Some(b'{' | b'['));
        self.current = if !is_json || is_tar {
            self.scan()
        } else if len <= limits::TOP_FILE_BYTES && self.has_room(len) {
            self.kept = self.kept.saturating_add(len);
            Current::Keeping(Vec::new())
        } else {
            Current::Passing
        };
        self.data(&head);
    }
}

impl Sink for Members {
    fn entry(&mut self, entry: &Entry) {
        if self.is_full() {
            self.current = Current::Passing;
            return;
        }
        let member = Member::of(entry);
        let is_file = member.kind == Kind::File;
        let len = member.len;
        self.members.push((member, Held::Nothing));
        self.current = if !is_file || entry.sparse.is_some() {
            Current::Passing
        } else if len <= limits::SMALL_MEMBER && self.has_room(len) {
            self.kept = self.kept.saturating_add(len);
            Current::Keeping(Vec::new())
        } else {
            Current::Undecided(Vec::with_capacity(HEAD))
        };
    }

    fn data(&mut self, bytes: &[u8]) {
        match &mut self.current {
            Current::Passing => {}
            Current::Keeping(kept) => kept.extend_from_slice(bytes),
            Current::Scanning(scan) => {
                // A scan without expectations may stop at a limit; its failure then says so.
                let _ = scan.push(bytes);
            }
            Current::Undecided(head) => {
                let missing = HEAD.saturating_sub(head.len()).min(bytes.len());
                let (first, rest) = bytes.split_at(missing);
                head.extend_from_slice(first);
                if head.len() == HEAD {
                    let head = std::mem::take(head);
                    self.decide(head);
                    if !rest.is_empty() {
                        self.data(rest);
                    }
                }
            }
        }
    }

    fn end_entry(&mut self) {
        if let Current::Undecided(head) = &mut self.current {
            let head = std::mem::take(head);
            self.decide(head);
        }
        let held = match std::mem::replace(&mut self.current, Current::Passing) {
            Current::Passing | Current::Undecided(_) => None,
            Current::Keeping(bytes) => Some(Held::Bytes(bytes)),
            Current::Scanning(scan) => Some(Held::Layer(Some(Box::new(scan.finish())))),
        };
        self.hold(held);
    }

    fn oddity(&mut self, oddity: TarOddity) {
        if self.oddities.len() < TOLD {
            self.oddities.push(of_tar(oddity));
        }
    }
}
