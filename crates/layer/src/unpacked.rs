//! What becomes of the uncompressed bytes of a layer.

use std::ops::ControlFlow;

use layerscope_oci::{Algorithm, DiffId, Digest, Digester};
use layerscope_tar as tar;

use crate::members::{Contents, Members};
use crate::toc::Toc;
use crate::{Error, LimitKind, Limits};

/// Counts and hashes uncompressed bytes, and parses the archive that they are.
pub(crate) struct Unpacked {
    pub(crate) members: Members,
    hash: Hash,
    bytes: u64,
    max_bytes: u64,
    /// None once nothing more can be read from the archive.
    parser: Option<tar::Parser>,
    second: Second,
}

/// Where the diff_id comes from.
enum Hash {
    Own(Box<Digester>),
    /// The blob is not compressed, so that hashing its bytes once is enough.
    OfBlob,
    /// There is none.
    None,
}

impl Unpacked {
    /// Hashes with this algorithm, or not at all.
    pub(crate) fn new(limits: &Limits, algorithm: Option<Algorithm>) -> Self {
        let contents = match algorithm {
            Some(_) => Contents::Hashed,
            None => Contents::PassedOver,
        };
        Self {
            members: Members::new(limits, contents),
            hash: algorithm.map_or(Hash::None, |it| Hash::Own(Box::new(Digester::new(it)))),
            bytes: 0,
            max_bytes: limits.unpacked,
            parser: Some(tar::Parser::new(limits.tar)),
            second: Second::new(limits),
        }
    }

    /// How many bytes came.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn entries(&self) -> u64 {
        u64::from(self.members.builder.entries())
    }

    /// The table of contents that counts, and the archive behind the end if it is anything else than that table.
    pub(crate) fn toc(&mut self) -> (Option<Toc>, Option<tar::Oddity>) {
        let (own, second) = (self.members.toc.take(), self.members.second.take());
        let behind = second.and_then(|second| self.second.toc(second.offset));
        match behind {
            Some(behind) => (Some(behind), None),
            None => (own, second),
        }
    }

    /// Takes the next bytes; breaks when no more are needed.
    pub(crate) fn push(&mut self, run: &[u8]) -> ControlFlow<()> {
        let room = self.max_bytes.saturating_sub(self.bytes);
        let within = usize::try_from(room).map_or(run.len(), |room| room.min(run.len()));
        let (run, over) = run.split_at_checked(within).unwrap_or((run, &[]));
        if let Hash::Own(digester) = &mut self.hash {
            digester.update(run);
        }
        self.bytes = self.bytes.saturating_add(run.len() as u64);
        if let Some(parser) = &mut self.parser {
            let parsed = parser.push(run, &mut self.members);
            if parser.ended() {
                let start = self.bytes.saturating_sub(run.len() as u64);
                self.second.push(self.members.second, start, run);
            }
            self.settle(parsed);
        }
        if !over.is_empty() {
            self.pass_budget();
        }
        if self.is_done() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// How many of the next bytes need not be brought, when nothing but the entries is wanted.
    pub(crate) fn skippable(&self) -> u64 {
        match (&self.hash, &self.parser) {
            (Hash::None, Some(parser)) => {
                let room = self.max_bytes.saturating_sub(self.bytes);
                parser.skippable().min(room)
            }
            _ => 0,
        }
    }

    /// Passes over as many bytes, at most [`skippable`](Self::skippable).
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(parser) = &mut self.parser {
            parser.skip(bytes);
        }
    }

    /// The uncompressed bytes ended here.
    pub(crate) fn finish(&mut self) {
        if let Some(parser) = self.parser.take() {
            let parsed = parser.finish(&mut self.members).map(|_| ());
            self.settle(parsed);
        }
    }

    /// Declares that all bytes so far were those of the blob, and that all that follow will be.
    pub(crate) fn share_digest(&mut self, of_blob: Algorithm) {
        if matches!(&self.hash, Hash::Own(own) if own.algorithm() == of_blob) {
            self.hash = Hash::OfBlob;
        }
    }

    /// The digest over all bytes that came, if they were hashed.
    pub(crate) fn diff_id(&mut self, of_blob: Option<&Digest>) -> Option<DiffId> {
        match std::mem::replace(&mut self.hash, Hash::None) {
            Hash::Own(digester) => Some(DiffId::new(digester.finish())),
            Hash::OfBlob => of_blob.cloned().map(DiffId::new),
            Hash::None => None,
        }
    }

    /// Whether no more bytes are needed.
    pub(crate) fn is_done(&self) -> bool {
        self.parser.is_none() && matches!(self.hash, Hash::None)
    }

    /// Stops the parser if it, or what it told, came to an end.
    fn settle(&mut self, parsed: Result<(), tar::Error>) {
        if let (Err(error), None) = (parsed, &self.members.failure) {
            self.members.failure = Some(Error::Archive {
                cause: error.into(),
                entries: self.entries(),
            });
        }
        if self.members.failure.is_some() {
            self.parser = None;
        }
    }

    /// The budget of uncompressed bytes is spent: neither a digest nor an entry can come of the rest.
    fn pass_budget(&mut self) {
        let entries = self.entries();
        self.members.failure.get_or_insert(Error::Limit {
            limit: LimitKind::Unpacked,
            allowed: self.max_bytes,
            unpacked: self.bytes,
            entries,
        });
        self.parser = None;
        self.hash = Hash::None;
    }
}

/// Reads what may be a table of contents behind the end of the archive, where no other reader looks.
struct Second {
    parser: tar::Parser,
    members: Members,
    /// The last bytes before the header, as many as may belong to it, until it is known where it begins.
    recent: Vec<u8>,
    begun: bool,
}

/// Bytes of a tar header, less one: it is told when its last byte comes.
const PART_OF_HEADER: usize = 511;

impl Second {
    fn new(limits: &Limits) -> Self {
        Self {
            parser: tar::Parser::new(limits.tar),
            members: Members::new(limits, Contents::PassedOver),
            recent: Vec::new(),
            begun: false,
        }
    }

    /// Takes a run that begins at `start`. Once a second archive is `told`, its bytes are read from its first on.
    fn push(&mut self, told: Option<tar::Oddity>, start: u64, run: &[u8]) {
        let Some(told) = told else {
            let last = run.len().saturating_sub(PART_OF_HEADER);
            self.recent.extend(run.iter().skip(last));
            let old = self.recent.len().saturating_sub(PART_OF_HEADER);
            self.recent.drain(..old);
            return;
        };
        if self.begun {
            return self.read(run);
        }
        self.begun = true;
        let before = usize::try_from(start.saturating_sub(told.offset)).unwrap_or(usize::MAX);
        let before = self.recent.len().saturating_sub(before);
        let recent = std::mem::take(&mut self.recent);
        self.read(recent.get(before..).unwrap_or_default());
        let skipped = usize::try_from(told.offset.saturating_sub(start)).unwrap_or(usize::MAX);
        self.read(run.get(skipped..).unwrap_or_default());
    }

    fn read(&mut self, bytes: &[u8]) {
        // With a second entry it is no such table, and nothing more need be known of it.
        if self.members.builder.entries() < 2 && self.parser.push(bytes, &mut self.members).is_err()
        {
            self.members.toc = None;
        }
    }

    /// The table, if the archive at this offset is nothing else.
    fn toc(&mut self, offset: u64) -> Option<Toc> {
        let toc = self.members.toc.take()?;
        let is_alone = self.members.builder.entries() == 1;
        is_alone.then(|| toc.behind(offset))
    }
}
