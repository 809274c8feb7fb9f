//! How to get at the content of one file.

use std::ops::Range;

use layerscope_layer::{
    Cause, Chunks, Compression, Content, Error, Extract, RestartPoint, Segment,
};
use layerscope_source::{BlobPlan, MemberExtract};

use crate::files::{entry_of, resolve};
use crate::session::Session;
use crate::view::{ErrorView, ScopeView};

/// Which bytes of which blob are the content of a file.
#[derive(Debug, Clone)]
pub struct ContentPlan {
    /// Where the layer's blob is; of a wrapped archive, which member it is.
    pub blob: BlobPlan,
    /// Where the first stored byte is in the uncompressed layer.
    pub offset: u64,
    /// How many bytes are stored there.
    pub stored: u64,
    /// The map of a sparse file.
    pub sparse: Vec<Segment>,
    /// Logical bytes of the whole file.
    pub size: u64,
    /// Which of them are wanted.
    pub range: Range<u64>,
    /// How the blob is compressed.
    pub compression: Compression,
    /// The place in the blob from which the content can be reached soonest; `None` is its start.
    pub restart: Option<RestartPoint>,
    /// Of a layer that was not read: the chunks of its table of contents that hold what is wanted.
    pub chunks: Option<Chunks>,
    /// What the scan found of the whole content.
    pub fingerprint: Option<u64>,
    /// How many bytes the blob had, if it was read to its end.
    pub blob_size: Option<u64>,
}

impl ContentPlan {
    fn content(&self) -> Content<'_> {
        Content {
            offset: self.offset,
            stored: self.stored,
            sparse: &self.sparse,
        }
    }

    fn at_start(&self) -> Extract {
        Extract::new(&self.content(), self.size, self.range.clone())
    }

    /// What takes the bytes of the layer's blob, and which of them it needs at most.
    #[must_use]
    pub fn extract(&self) -> (Extract, Range<u64>) {
        if let Some(chunks) = &self.chunks {
            return self.of_chunks(chunks);
        }
        let mut extract = self.at_start();
        if let Some(fingerprint) = self.fingerprint {
            extract.check(&self.content(), self.size, fingerprint);
        }
        let start = match &self.restart {
            _ if self.compression == Compression::None => {
                extract.start_at_plain();
                extract.plain_start()
            }
            Some(point) if extract.resume(self.compression, point) => point.compressed,
            _ => 0,
        };
        (extract, start..u64::MAX)
    }

    /// The chunks have to come as a whole, and only what is wanted of them goes out.
    fn of_chunks(&self, chunks: &Chunks) -> (Extract, Range<u64>) {
        let first = chunks.output.saturating_sub(self.offset);
        let all = first..first.saturating_add(chunks.len());
        let mut extract = Extract::new(&self.content(), self.size, all);
        let wanted = self.range.end.saturating_sub(self.range.start);
        let skip = self.range.start.saturating_sub(first);
        extract.check_chunks(&chunks.checks, skip, wanted);
        // No chunk begins before its own restart point.
        let start = match extract.resume(self.compression, &chunks.restart) {
            true => chunks.restart.compressed,
            false => 0,
        };
        (extract, start..chunks.end)
    }

    /// Compares the size that a blob has now, in bytes, with the one that it had when it was scanned.
    ///
    /// # Errors
    /// [`Error::Content`] when it is another, so that the blob is not what was scanned.
    pub fn check_size(&self, found: u64) -> Result<(), Box<Error>> {
        let Some(expected) = self.blob_size.filter(|size| *size != found) else {
            return Ok(());
        };
        Err(Box::new(Error::Content {
            expected: self.range.end.saturating_sub(self.range.start),
            delivered: 0,
            cause: Cause {
                name: "layer-content-changed".into(),
                offset: 0,
                expected: Some(format!("{expected} bytes")),
                found: Some(format!("{found} bytes")),
                text: format!(
                    "the layer had {expected} bytes when it was read, and has {found} now: it has changed"
                ),
            },
        }))
    }

    /// What takes the bytes of the whole archive, when the layer is a member of a wrapped one.
    #[must_use]
    pub fn member_extract(&self) -> Option<MemberExtract> {
        match self.blob {
            BlobPlan::Member { number } => Some(MemberExtract::new(
                number,
                &self.content(),
                self.size,
                self.range.clone(),
            )),
            _ => None,
        }
    }
}

impl Session {
    /// How to read the whole file at a path, following links.
    ///
    /// # Errors
    /// When there is no such file, or what is there has no content.
    pub fn content_at(&self, scope: ScopeView, path: &str) -> Result<ContentPlan, ErrorView> {
        let node = self.with_tree(scope, |tree| resolve(tree, path).map(|id| id.number()))?;
        self.content(scope, node, 0..u64::MAX)
            .ok_or_else(|| ErrorView {
                name: "no-content".to_owned(),
                at: Some(path.to_owned()),
                expected: Some("a file".to_owned()),
                found: None,
                text: format!(
                    "{}: expected a file; this has no content",
                    crate::display::text(path)
                ),
            })
    }

    /// How to read bytes of a node; `None` when it has no content, or its layer was not read.
    #[must_use]
    pub fn content(&self, scope: ScopeView, node: u32, range: Range<u64>) -> Option<ContentPlan> {
        let at = self.with_tree(scope, |tree| {
            tree.id(node).and_then(|id| tree.node(id).content)
        })?;
        let indexes = self.indexes();
        let entry = entry_of(&indexes, Some(at)).filter(|entry| entry.kind.has_content())?;
        let image = self.image()?;
        let layer = image.layers.get(usize::from(at.layer))?;
        let standings = self.standings(image);
        let scanned = standings.get(usize::from(at.layer))?.files()?;
        let mut plan = ContentPlan {
            blob: layer.blob.clone(),
            offset: entry.content.offset,
            stored: entry.content.stored,
            sparse: entry.content.sparse.to_vec(),
            size: entry.size,
            range: range.start.min(entry.size)..range.end.min(entry.size),
            compression: scanned.found.compression,
            restart: None,
            chunks: None,
            fingerprint: entry.fingerprint,
            blob_size: scanned.found.complete.then_some(scanned.found.size),
        };
        if let Some(table) = &scanned.table
            && !plan.range.is_empty()
        {
            let at = |byte: u64| plan.offset.saturating_add(byte);
            let wanted = at(plan.range.start)..at(plan.range.end);
            plan.chunks = Some(table.chunks(&wanted)?);
            return Some(plan);
        }
        let start = plan.at_start().plain_start();
        plan.restart = scanned.restart_before(start).cloned();
        Some(plan)
    }
}
