//! The push parser: which bytes are what, and in which order they are told.

use crate::error::{Part, SparseFault};
use crate::extension::{Extension, Extensions};
use crate::header::{BLOCK, Block, Header, is_header};
use crate::sink::{End, Sink, Summary};
use crate::sparse::{Place, SparseMap};
use crate::{Entry, Error, Limits, OddityKind};

/// Takes the bytes of an archive, in any pieces, and tells a [`Sink`] what they hold.
///
/// It follows Go's `archive/tar`, which container runtimes use; where another parser would read the
/// same bytes differently, it tells an [`Oddity`](crate::Oddity).
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    state: State,
    /// Bytes consumed so far.
    offset: u64,
    /// A block of which only the beginning has come.
    block: Block,
    filled: usize,
    extensions: Extensions,
    entry: Entry,
    entries: u64,
    /// The content of the current entry was skipped to its end, which is not told yet.
    end_untold: bool,
    /// What killed the parser.
    failure: Option<Error>,
}

/// What the next byte belongs to. Lengths are never zero.
#[derive(Debug)]
enum State {
    /// A header block, or a zero block.
    Header,
    /// The block after one of zeros.
    AfterZeroBlock,
    /// The data of an extension header, and the padding after it.
    Extension {
        extension: Extension,
        left: u64,
        padding: u64,
    },
    /// A block of an old GNU sparse map, between a header and its content of `content` bytes.
    SparseSlots { map: SparseMap, content: u64 },
    /// A block of a sparse map at the start of the content, of which `content` bytes are left.
    SparseText { map: SparseMap, content: u64 },
    /// The stored content of an entry, and the padding after it.
    Content { left: u64, padding: u64 },
    /// Padding.
    Padding { left: u64 },
    /// What follows the end-of-archive marker at `from`. `looked`: it is known what it is.
    Trailer { from: u64, looked: bool },
}

impl Parser {
    /// A parser at the start of an archive.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Header,
            offset: 0,
            block: [0; BLOCK],
            filled: 0,
            extensions: Extensions::new(limits),
            entry: Entry::default(),
            entries: 0,
            end_untold: false,
            failure: None,
        }
    }

    /// Takes the next bytes of the archive.
    ///
    /// # Errors
    /// Whatever makes the archive unreadable from [`offset`](Self::offset) on. The parser is then
    /// dead: it consumes nothing more, and every further push returns the same error.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Error> {
        self.settle(sink)?;
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = self
                .step(rest, sink)
                .inspect_err(|error| self.failure = Some(error.clone()))?;
        }
        Ok(())
    }

    /// Says that the archive has no more bytes.
    ///
    /// As in Go, an archive may end before any header and anywhere in padding, with or without an
    /// end-of-archive marker.
    ///
    /// # Errors [`Error::Truncated`] when a header, content or extension data is cut; the error
    /// that killed the parser, if one did.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<Summary, Error> {
        self.settle(sink)?;
        let cut = |part, missing| {
            Err(Error::Truncated {
                offset: self.offset,
                part,
                missing,
            })
        };
        let block_missing = (BLOCK - self.filled) as u64;
        let (end, trailing) = match self.state {
            State::Header | State::AfterZeroBlock if self.filled > 0 => {
                return cut(Part::Header, block_missing);
            }
            State::SparseSlots { .. } | State::SparseText { .. } => {
                return cut(Part::SparseMap, block_missing);
            }
            State::Extension { left, .. } => return cut(Part::Extension, left),
            State::Content { left, .. } => return cut(Part::Content, left),
            State::Header | State::Padding { .. } => (End::Missing, 0),
            State::AfterZeroBlock => (End::OneBlock, 0),
            State::Trailer { from, looked } => {
                let rest = self.block.get(..self.filled).unwrap_or_default();
                let start = self.offset.saturating_sub(self.filled as u64);
                if !looked {
                    look_for_data(rest, start, sink);
                }
                (End::Complete, self.offset.saturating_sub(from))
            }
        };
        self.extensions.end(sink);
        Ok(Summary {
            entries: self.entries,
            bytes: self.offset,
            end,
            trailing,
        })
    }

    /// Bytes consumed so far, skipped ones included.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many of the next bytes are content or padding, which need not be shown to
    /// [`push`](Self::push).
    pub fn skippable(&self) -> u64 {
        match self.state {
            _ if self.failure.is_some() => 0,
            State::Content { left, padding } => left.saturating_add(padding),
            State::Padding { left } => left,
            _ => 0,
        }
    }

    /// Passes over the next `n` bytes, at most [`skippable`](Self::skippable). The caller says that
    /// the archive has them.
    ///
    /// The end of the entry is told with the next push. Skipping too far kills the parser with
    /// [`Error::Skip`], which the next push or finish returns.
    pub fn skip(&mut self, n: u64) {
        let allowed = self.skippable();
        if n > allowed && self.failure.is_none() {
            self.failure = Some(Error::Skip {
                offset: self.offset,
                allowed,
                found: n,
            });
        }
        if n == 0 || n > allowed {
            return;
        }
        self.offset = self.offset.saturating_add(n);
        match &mut self.state {
            State::Content { left, .. } if n < *left => *left -= n,
            State::Content { left, padding } => {
                self.end_untold = true;
                self.state = padded(*padding - (n - *left));
            }
            State::Padding { left } => self.state = padded(*left - n),
            _ => {}
        }
    }

    /// Whether the end-of-archive marker was read. Everything after it is trailing data, which is
    /// looked at only for what is odd in it.
    pub fn ended(&self) -> bool {
        matches!(self.state, State::Trailer { .. })
    }

    /// Returns what killed the parser, or tells what skipping left untold.
    fn settle(&mut self, sink: &mut dyn Sink) -> Result<(), Error> {
        if std::mem::take(&mut self.end_untold) {
            sink.end_entry();
        }
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// Consumes some of `bytes`, which are not empty, and returns the rest.
    fn step<'a>(&mut self, bytes: &'a [u8], sink: &mut dyn Sink) -> Result<&'a [u8], Error> {
        match &mut self.state {
            State::Content { left, padding } => {
                let (now, rest) = split(bytes, *left);
                *left -= now.len() as u64;
                self.offset = self.offset.saturating_add(now.len() as u64);
                let complete = (*left == 0).then(|| padded(*padding));
                sink.data(now);
                if let Some(next) = complete {
                    self.state = next;
                    sink.end_entry();
                }
                Ok(rest)
            }
            State::Padding { left } => {
                let (now, rest) = split(bytes, *left);
                self.offset = self.offset.saturating_add(now.len() as u64);
                self.state = padded(*left - now.len() as u64);
                Ok(rest)
            }
            State::Extension {
                extension,
                left,
                padding,
            } => {
                let (now, rest) = split(bytes, *left);
                *left -= now.len() as u64;
                self.offset = self.offset.saturating_add(now.len() as u64);
                self.extensions.extend(now);
                if *left == 0 {
                    let extension = *extension;
                    self.state = padded(*padding);
                    self.extensions.complete(extension, sink)?;
                }
                Ok(rest)
            }
            State::Trailer { looked: true, .. } => {
                self.offset = self.offset.saturating_add(bytes.len() as u64);
                Ok(&[])
            }
            State::Header
            | State::AfterZeroBlock
            | State::SparseSlots { .. }
            | State::SparseText { .. }
            | State::Trailer { looked: false, .. } => self.step_block(bytes, sink),
        }
    }

    /// Consumes a block, straight from `bytes` if they hold all of it.
    fn step_block<'a>(&mut self, bytes: &'a [u8], sink: &mut dyn Sink) -> Result<&'a [u8], Error> {
        if self.filled == 0
            && let Some((block, rest)) = bytes.split_first_chunk::<BLOCK>()
        {
            self.offset = self.offset.saturating_add(BLOCK as u64);
            return self.take_block(block, sink).map(|()| rest);
        }
        let (now, rest) = split(bytes, (BLOCK - self.filled) as u64);
        let room = self.block.iter_mut().skip(self.filled);
        room.zip(now).for_each(|(room, byte)| *room = *byte);
        self.filled += now.len();
        self.offset = self.offset.saturating_add(now.len() as u64);
        if self.filled == BLOCK {
            self.filled = 0;
            let block = self.block;
            self.take_block(&block, sink)?;
        }
        Ok(rest)
    }

    /// Reads a whole block, which ends at `self.offset`.
    fn take_block(&mut self, block: &Block, sink: &mut dyn Sink) -> Result<(), Error> {
        let offset = self.offset.saturating_sub(BLOCK as u64);
        // A header seldom begins with a zero.
        let zeros = block[0] == 0 && *block == [0; BLOCK];
        match std::mem::replace(&mut self.state, State::Header) {
            State::Header if zeros => self.state = State::AfterZeroBlock,
            State::Header => self.take_header(block, offset, sink)?,
            State::AfterZeroBlock if zeros => {
                self.state = State::Trailer {
                    from: self.offset,
                    looked: false,
                };
            }
            State::AfterZeroBlock => {
                if is_header(block) {
                    sink.oddity(OddityKind::HiddenEntries.at(offset));
                }
                return Err(Error::LoneZeroBlock { offset });
            }
            State::SparseSlots { mut map, content } => {
                let more = map.take_slot_block(block)?;
                self.await_slots(map, content, more, sink)?;
            }
            State::SparseText { mut map, content } => {
                let complete = map.take_text_block(block)?;
                let content = content.saturating_sub(BLOCK as u64);
                if complete {
                    self.tell_sparse(map, content, sink);
                } else {
                    self.await_text(map, content)?;
                }
            }
            State::Trailer { from, .. } => {
                let looked = if is_header(block) {
                    sink.oddity(OddityKind::SecondArchive.at(offset));
                    true
                } else {
                    look_for_data(block, offset, sink)
                };
                self.state = State::Trailer { from, looked };
            }
            // The states that are not read in blocks.
            state => self.state = state,
        }
        Ok(())
    }

    fn take_header(
        &mut self,
        block: &Block,
        offset: u64,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let header = Header::read(block, offset, &mut self.entry)?;
        // Go judges this size even where a PAX record takes its place.
        let size = header.stored_size(header.kind(&[]), offset)?;
        let Some(extension) = Extension::of(header.flag) else {
            return self.take_entry(header, block, sink);
        };
        if extension != Extension::Global
            && let Some(field) = header.ambiguous
        {
            sink.oddity(OddityKind::AmbiguousField { field }.at(offset));
        }
        self.extensions.begin(size, offset)?;
        let padding = padding_of(size);
        if size > 0 {
            self.state = State::Extension {
                extension,
                left: size,
                padding,
            };
            return Ok(());
        }
        self.extensions.complete(extension, sink)
    }

    /// Puts an entry together and tells it, unless its sparse map is still to come.
    fn take_entry(
        &mut self,
        mut header: Header,
        block: &Block,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let entry = &mut self.entry;
        let offset = entry.header_offset;
        self.extensions.apply(&mut header, entry, sink)?;
        let content = header.complete(entry, sink)?;
        if header.flag == b'S' {
            let (map, more) = SparseMap::of_header(block, offset, self.limits.segments)?;
            return self.await_slots(map, content, more, sink);
        }
        let records = self.extensions.records();
        let place = Place::of(records);
        match place {
            Place::Nowhere => self.tell_entry(content, sink),
            Place::Unknown => {
                sink.oddity(OddityKind::IgnoredSparse.at(offset));
                self.tell_entry(content, sink);
            }
            Place::Records => {
                let mut map = SparseMap::of_records(records, &header, entry, self.limits.segments)?;
                map.take_records(records)?;
                self.tell_sparse(map, content, sink);
            }
            Place::Content => {
                let map = SparseMap::of_records(records, &header, entry, self.limits.segments)?;
                self.await_text(map, content)?;
            }
        }
        Ok(())
    }

    /// Goes on with an old GNU sparse map after one of its blocks.
    fn await_slots(
        &mut self,
        map: SparseMap,
        content: u64,
        more: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        if more {
            self.extensions
                .charge(BLOCK as u64, self.entry.header_offset)?;
            self.state = State::SparseSlots { map, content };
        } else {
            self.tell_sparse(map, content, sink);
        }
        Ok(())
    }

    /// Waits for another block of a sparse map that lies in the content, of which `content` bytes
    /// are left. Go reads it in whole blocks only.
    fn await_text(&mut self, map: SparseMap, content: u64) -> Result<(), Error> {
        if content < BLOCK as u64 {
            return Err(map.fault(SparseFault::Unfinished));
        }
        self.extensions
            .charge(BLOCK as u64, self.entry.header_offset)?;
        self.state = State::SparseText { map, content };
        Ok(())
    }

    /// Tells a sparse file, of which `stored` bytes follow.
    fn tell_sparse(&mut self, map: SparseMap, stored: u64, sink: &mut dyn Sink) {
        let (size, segments) = map.into_parts();
        let mapped = segments.iter().map(|segment| segment.len).sum();
        if mapped != stored {
            let offset = self.entry.header_offset;
            sink.oddity(OddityKind::SparseMismatch { mapped, stored }.at(offset));
        }
        self.entry.size = size;
        self.entry.sparse = Some(segments);
        self.tell_entry(stored, sink);
    }

    /// Tells an entry, of whose content `stored` bytes follow.
    fn tell_entry(&mut self, stored: u64, sink: &mut dyn Sink) {
        self.entry.stored = stored;
        self.entry.content_offset = self.offset;
        self.entries = self.entries.saturating_add(1);
        self.extensions.clear();
        sink.entry(&self.entry);
        if stored == 0 {
            sink.end_entry();
        } else {
            self.state = State::Content {
                left: stored,
                padding: padding_of(stored),
            };
        }
    }
}

/// Tells where bytes other than zero begin after the end of the archive, and whether any do.
fn look_for_data(bytes: &[u8], offset: u64, sink: &mut dyn Sink) -> bool {
    let Some(zeros) = bytes.iter().position(|&byte| byte != 0) else {
        return false;
    };
    let offset = offset.saturating_add(zeros as u64);
    sink.oddity(OddityKind::TrailingData.at(offset));
    true
}

/// How many bytes follow `size` bytes up to a whole block.
fn padding_of(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// What comes after `padding` bytes of it.
fn padded(padding: u64) -> State {
    match padding {
        0 => State::Header,
        left => State::Padding { left },
    }
}

/// Splits off the first `left` bytes, or all there are.
fn split(bytes: &[u8], left: u64) -> (&[u8], &[u8]) {
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    bytes.split_at(left.min(bytes.len()))
}
