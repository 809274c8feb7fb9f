//! Archive files: what `docker save` writes, OCI layouts in a tar, both in one, compressed as a whole or not.
//!
//! The archive's members are found by their headers; contents are passed over. An archive that is
//! compressed as a whole cannot be read at a place, so the driver pushes it through a
//! [`WrappedScan`](crate::WrappedScan) once, and what that kept takes the place of reads.

mod docker_save;
mod looks;
mod oci_archive;
pub(crate) mod outer;

use std::sync::Arc;

use layerscope_inflate::{Compression, Sniff, sniff};
use layerscope_layer::Kind;

use crate::draft::Draft;
use crate::error::{Error, quoted};
use crate::image::{ImageState, Resolved, SourceKind};
use crate::layer::BlobPlan;
use crate::layout::{INDEX_FILE, LAYOUT_FILE, blob_path};
use crate::limits;
use crate::oddity::{Oddity, OddityKind};
use crate::origin::{Fetch, Job, Opening, Origin, unanswered};
use crate::part::{Need, Part, Place};
use crate::roots::{Roots, Top};
use crate::step::{Ask, Reply};
use crate::wrapped::{Kept, WrappedArchive};
use docker_save::{MANIFEST_FILE, SavedImage};
use outer::{Indexer, OuterIndex};

/// An archive file.
#[derive(Debug)]
pub(crate) struct ArchiveOrigin {
    size: u64,
    stage: Stage,
    /// The first bytes, to say what a file is that is no archive.
    head: Vec<u8>,
    index: OuterIndex,
    wrapped: Option<Arc<WrappedArchive>>,
    /// The files at the top that were found, in the order of [`TOP_FILES`].
    files: Vec<Option<Vec<u8>>>,
    /// The images of `manifest.json`, if it was understood.
    saved: Vec<SavedImage>,
    /// Which of the two descriptions was taken.
    kind: SourceKind,
    oddities: Vec<Oddity>,
}

/// How far an archive is opened.
#[derive(Debug)]
enum Stage {
    New,
    Sniffing,
    Indexing { indexer: Box<Indexer>, wanted: u64 },
    ReadingThrough,
    ReadingTop,
    Open,
}

/// What an archive describes itself with.
const TOP_FILES: [&str; 3] = [LAYOUT_FILE, INDEX_FILE, MANIFEST_FILE];

impl ArchiveOrigin {
    pub(crate) fn new(size: u64) -> Self {
        Self {
            size,
            stage: Stage::New,
            head: Vec::new(),
            index: OuterIndex::default(),
            wrapped: None,
            files: Vec::new(),
            saved: Vec::new(),
            kind: SourceKind::DockerArchive,
            oddities: Vec::new(),
        }
    }

    fn opened(&mut self, reply: Reply) -> Result<Opening, Error> {
        match (std::mem::replace(&mut self.stage, Stage::Open), reply) {
            (Stage::Sniffing, Reply::Bytes(bytes)) => self.sniffed(&bytes),
            (
                Stage::Indexing {
                    mut indexer,
                    wanted,
                },
                Reply::Bytes(bytes),
            ) => {
                indexer.push(&bytes, wanted);
                self.index_on(indexer)
            }
            (Stage::ReadingThrough, Reply::Wrapped(archive)) => {
                self.index = archive.index()?;
                self.head = archive.head().to_vec();
                self.wrapped = Some(Arc::from(archive));
                self.indexed()
            }
            (Stage::ReadingTop, Reply::Bytes(bytes)) => {
                self.files.push(Some(bytes));
                self.read_top()
            }
            (_, reply) => Err(unanswered("the archive".to_owned(), &reply)),
        }
    }

    fn sniffed(&mut self, bytes: &[u8]) -> Result<Opening, Error> {
        self.head = bytes.get(..512).unwrap_or(bytes).to_vec();
        let not_an_archive = |found: String| Err(Error::NotAnArchive { found });
        if bytes.is_empty() {
            return not_an_archive("an empty file".to_owned());
        }
        match sniff(bytes) {
            Sniff::Unsupported(name) => not_an_archive(format!("a {name} file")),
            Sniff::Known(Compression::None) | Sniff::NeedMore => {
                let mut indexer = Box::new(Indexer::new(self.size));
                indexer.push(bytes, bytes.len() as u64);
                self.index_on(indexer)
            }
            Sniff::Known(_) => {
                self.stage = Stage::ReadingThrough;
                Ok(Opening::Ask(Ask::ReadThrough))
            }
        }
    }

    fn index_on(&mut self, indexer: Box<Indexer>) -> Result<Opening, Error> {
        match indexer.wants() {
            Some((offset, len)) => {
                self.stage = Stage::Indexing {
                    indexer,
                    wanted: len,
                };
                Ok(Opening::Ask(Ask::Read { offset, len }))
            }
            None => {
                self.index = indexer.finish()?;
                self.indexed()
            }
        }
    }

    fn indexed(&mut self) -> Result<Opening, Error> {
        self.oddities.append(&mut self.index.oddities);
        if let Some(cause) = &self.index.cut {
            self.oddities.push(
                Oddity::new(OddityKind::ArchiveCut, format!("byte {}", cause.offset))
                    .found(quoted(&cause.text)),
            );
        }
        self.read_top()
    }

    /// Reads the files at the top, one after the other.
    fn read_top(&mut self) -> Result<Opening, Error> {
        while let Some(name) = TOP_FILES.get(self.files.len()) {
            let fetch = match self.index.resolve(name)? {
                Some(number) => match &self.index.cut {
                    Some(cause) if self.is_cut(number) => Fetch::Failed(Error::Archive {
                        cause: Box::new(cause.clone()),
                    }),
                    _ => self.read(number, limits::TOP_FILE_BYTES),
                },
                None => Fetch::Absent,
            };
            match fetch {
                Fetch::Ask(ask) => {
                    self.stage = Stage::ReadingTop;
                    return Ok(Opening::Ask(ask));
                }
                Fetch::Bytes(arrival) => self.files.push(Some(arrival.bytes)),
                Fetch::Failed(error) => return Err(error),
                Fetch::Absent | Fetch::Plan(_) => self.files.push(None),
            }
        }
        self.describe().map(Opening::Open)
    }

    /// Chooses between the two descriptions that an archive may have of itself.
    fn describe(&mut self) -> Result<Roots, Error> {
        let mut files = std::mem::take(&mut self.files).into_iter();
        let mut next = || files.next().flatten();
        let (layout, index, manifest) = (next(), next(), next());
        let saved = manifest.map(|bytes| docker_save::read(&bytes));
        let Some(index) = index else {
            return match saved {
                Some(saved) => {
                    self.saved = saved?;
                    Ok(self.saved_roots())
                }
                None => Err(looks::no_manifest(&self.index, &self.head)),
            };
        };
        match oci_archive::read(&self.index, layout.as_deref(), index, saved.is_some()) {
            Ok(read) => {
                self.kind = SourceKind::OciArchive;
                self.oddities.extend(read.oddity);
                match saved {
                    Some(Ok(saved)) => self.saved = saved,
                    Some(Err(error)) => self.oddities.push(
                        Oddity::new(OddityKind::ManifestsDisagree, MANIFEST_FILE)
                            .found(error.to_string()),
                    ),
                    None => {}
                }
                Ok(Roots {
                    kind: self.kind,
                    top: Top::Index(Box::new(read.blob), read.entries),
                    oddities: self.oddities.clone(),
                })
            }
            Err(error) => match saved {
                Some(Ok(saved)) => {
                    self.saved = saved;
                    self.oddities.push(
                        Oddity::new(OddityKind::IndexUnusable, INDEX_FILE).found(error.to_string()),
                    );
                    Ok(self.saved_roots())
                }
                _ => Err(error),
            },
        }
    }

    fn saved_roots(&mut self) -> Roots {
        self.kind = SourceKind::DockerArchive;
        let images = self.saved.iter().enumerate();
        Roots {
            kind: self.kind,
            top: Top::Images(images.map(|(number, image)| image.root(number)).collect()),
            oddities: self.oddities.clone(),
        }
    }

    /// The member that holds a part.
    fn find(&self, part: &Part) -> Result<Option<usize>, Error> {
        let path = match &part.place {
            Place::Member(path) => return self.index.resolve(path),
            Place::Digest(_) => blob_path(part),
            Place::Name(_) => return Ok(None),
        };
        let member = self
            .index
            .find(&path)
            .and_then(|number| self.index.member(number));
        match member {
            // Nothing that writes layouts writes links into them, and readers disagree about them.
            Some(member) if member.kind == Kind::Symlink => Err(Error::Unexpected {
                at: path,
                expected: "a blob",
                found: format!(
                    "a symbolic link to {}",
                    quoted(&String::from_utf8_lossy(&member.link))
                ),
            }),
            _ => self.index.resolve(&path),
        }
    }

    /// Whether the archive ends within a member.
    fn is_cut(&self, number: usize) -> bool {
        let Some(member) = self.index.member(number) else {
            return false;
        };
        match &self.wrapped {
            None => member.offset.saturating_add(member.len) > self.size,
            Some(archive) => match archive.kept(number) {
                Some(Kept::Bytes(bytes)) => (bytes.len() as u64) < member.len,
                Some(Kept::Layer) | None => false,
            },
        }
    }

    /// The content of a small member.
    fn read(&self, number: usize, limit: u64) -> Fetch {
        let Some(member) = self.index.member(number) else {
            return Fetch::Absent;
        };
        if member.len > limit {
            return Fetch::Failed(Error::OverLimit {
                at: quoted(&String::from_utf8_lossy(&member.path)),
                what: "bytes of a file",
                limit,
                found: member.len.to_string(),
            });
        }
        if !member.whole {
            return Fetch::Failed(sparse(number));
        }
        match &self.wrapped {
            Some(archive) => match archive.kept(number) {
                Some(Kept::Bytes(bytes)) => bytes.to_vec().into(),
                _ => Fetch::Failed(not_kept(number)),
            },
            None if member.len == 0 => Vec::new().into(),
            None => Fetch::Ask(Ask::Read {
                offset: member.offset,
                len: member.len,
            }),
        }
    }

    /// Where the content of a layer's member is.
    fn plan(&self, number: usize) -> Fetch {
        let Some(member) = self.index.member(number) else {
            return Fetch::Absent;
        };
        if !member.whole {
            return Fetch::Failed(sparse(number));
        }
        Fetch::Plan(match &self.wrapped {
            None => BlobPlan::Range {
                offset: member.offset,
                len: member.len.min(self.size.saturating_sub(member.offset)),
            },
            Some(archive) => match archive.kept(number) {
                Some(Kept::Layer) => BlobPlan::Member { number },
                Some(Kept::Bytes(bytes)) => BlobPlan::Inline(bytes.to_vec()),
                None => return Fetch::Failed(not_kept(number)),
            },
        })
    }
}

impl Origin for ArchiveOrigin {
    fn open(&mut self, reply: Option<Reply>) -> Opening {
        match reply {
            None if self.size == 0 => Opening::Failed(Error::NotAnArchive {
                found: "an empty file".to_owned(),
            }),
            None => {
                self.stage = Stage::Sniffing;
                Opening::Ask(Ask::Read {
                    offset: 0,
                    len: self.size.min(limits::HEADER_WINDOW.0),
                })
            }
            Some(reply) => self.opened(reply).unwrap_or_else(Opening::Failed),
        }
    }

    fn is_local(&self) -> bool {
        true
    }

    fn fetch(&mut self, _: Job, need: Need, part: &Part) -> Fetch {
        match (self.find(part), need) {
            (Err(error), _) => Fetch::Failed(error),
            (Ok(Some(number)), Need::Layer) => self.plan(number),
            (Ok(Some(number)), _) => self.read(number, need.limit()),
            (Ok(None), Need::Layer) => match part.foreign_urls() {
                Some(urls) => Fetch::Plan(BlobPlan::Foreign { urls }),
                None => Fetch::Absent,
            },
            (Ok(None), _) => Fetch::Absent,
        }
    }

    fn answer(&mut self, _: Job, _: Need, part: &Part, reply: Reply) -> Fetch {
        match reply {
            Reply::Bytes(bytes) => bytes.into(),
            reply => Fetch::Failed(unanswered(part.at(), &reply)),
        }
    }

    fn review(&mut self, drafts: &mut [Draft], oddities: &mut Vec<Oddity>) -> Option<Roots> {
        if self.kind == SourceKind::DockerArchive {
            // An index may name what is elsewhere; `manifest.json` names what it brings.
            for draft in drafts {
                if let (ImageState::Absent, Some(error)) = (&draft.image.state, draft.absent.take())
                {
                    draft.image.state = ImageState::Failed(error);
                }
            }
            return None;
        }
        let has = |path: &String| matches!(self.index.resolve(path), Ok(Some(_)));
        let complete = |image: &SavedImage| {
            has(&image.config) && !image.layers.is_empty() && image.layers.iter().all(has)
        };
        if oci_archive::is_hollow(drafts) && self.saved.iter().any(complete) {
            self.oddities.push(
                Oddity::new(OddityKind::IndexUnusable, INDEX_FILE).found("no image with layers"),
            );
            return Some(self.saved_roots());
        }
        oci_archive::cross_check(&self.index, &self.saved, drafts, oddities);
        None
    }

    fn tell(&self, resolved: &mut Resolved) {
        resolved.wrapped.clone_from(&self.wrapped);
    }
}

fn sparse(number: usize) -> Error {
    Error::Member {
        number,
        problem: "it is stored as a sparse file".to_owned(),
    }
}

fn not_kept(number: usize) -> Error {
    Error::Member {
        number,
        problem: "it was not kept when the archive was read through".to_owned(),
    }
}
