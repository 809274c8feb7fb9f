//! What becomes of the uncompressed bytes of a layer.

use std::ops::ControlFlow;

use layerscope_oci::{Algorithm, DiffId, Digest, Digester};
use layerscope_tar as tar;

use crate::members::{Contents, Members};
use crate::{Error, LimitKind, Limits};

/// Counts and hashes uncompressed bytes, and parses the archive that they are.
pub(crate) struct Unpacked {
    pub(crate) members: Members,
    hash: Hash,
    bytes: u64,
    max_bytes: u64,
    /// None once nothing more can be read from the archive.
    parser: Option<tar::Parser>,
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
        }
    }

    /// How many bytes came.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn entries(&self) -> u64 {
        u64::from(self.members.builder.entries())
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
    pub(crate) fn share_digest(&mut self, of_blob: &Digester) {
        if matches!(&self.hash, Hash::Own(own) if own.algorithm() == of_blob.algorithm()) {
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

    fn is_done(&self) -> bool {
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
