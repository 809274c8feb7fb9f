//! OCI layouts (image-spec, `image-layout.md`): in a directory, and what of them archives share.

use layerscope_oci::{Document, Json, MediaType};

use crate::error::{Error, quoted};
use crate::image::{Blob, Resolved, SourceKind};
use crate::layer::BlobPlan;
use crate::limits;
use crate::oddity::{Oddity, OddityKind};
use crate::origin::{Fetch, Job, Opening, Origin, unanswered};
use crate::part::{Need, Part, Place};
use crate::roots::{Entry, Roots, Top, entries, subject};
use crate::step::{Ask, Reply};

/// The file that makes a directory a layout.
pub(crate) const LAYOUT_FILE: &str = "oci-layout";
/// The file that lists a layout's images.
pub(crate) const INDEX_FILE: &str = "index.json";

/// The version that all tools write.
const VERSION: &str = "1.0.0";

/// A layout in a directory.
#[derive(Debug)]
pub(crate) struct LayoutOrigin {
    tag: Option<String>,
    next: Next,
    oddities: Vec<Oddity>,
}

/// Which file comes next.
#[derive(Debug)]
enum Next {
    LayoutFile,
    Index,
}

impl LayoutOrigin {
    pub(crate) fn new(tag: Option<String>) -> Self {
        Self {
            tag,
            next: Next::LayoutFile,
            oddities: Vec::new(),
        }
    }

    fn opened(&mut self, reply: Reply) -> Result<Opening, Error> {
        match self.next {
            Next::LayoutFile => {
                let bytes = top_file(LAYOUT_FILE, reply)?;
                self.oddities.extend(check_version(bytes.as_deref())?);
                self.next = Next::Index;
                Ok(Opening::Ask(ask_top(INDEX_FILE)))
            }
            Next::Index => {
                let bytes = top_file(INDEX_FILE, reply)?.ok_or_else(|| Error::TopFile {
                    at: INDEX_FILE.to_owned(),
                    expected: "an OCI layout, which is a directory with index.json",
                    found: "no such file".to_owned(),
                })?;
                let blob = top_index(bytes);
                let index = match &blob.parsed {
                    Ok(document) => document.as_index(),
                    Err(error) => return Err(error.clone()),
                };
                let mut entries = index.map(entries).unwrap_or_default();
                if let Some(tag) = &self.tag {
                    entries = tagged(entries, tag)?;
                }
                Ok(Opening::Open(Roots {
                    kind: SourceKind::Layout,
                    top: Top::Index(Box::new(blob), entries),
                    oddities: std::mem::take(&mut self.oddities),
                }))
            }
        }
    }
}

impl Origin for LayoutOrigin {
    fn open(&mut self, reply: Option<Reply>) -> Opening {
        match reply {
            None => Opening::Ask(ask_top(LAYOUT_FILE)),
            Some(reply) => self.opened(reply).unwrap_or_else(Opening::Failed),
        }
    }

    fn is_local(&self) -> bool {
        true
    }

    fn fetch(&mut self, _: Job, need: Need, part: &Part) -> Fetch {
        let Place::Digest(_) = &part.place else {
            return Fetch::Absent;
        };
        Fetch::Ask(Ask::File {
            path: blob_path(part),
            limit: need.limit(),
        })
    }

    fn answer(&mut self, _: Job, need: Need, part: &Part, reply: Reply) -> Fetch {
        let here = |size| {
            Fetch::Plan(BlobPlan::File {
                path: blob_path(part),
                size,
            })
        };
        match (reply, need) {
            (Reply::Bytes(bytes), Need::Layer) => here(Some(bytes.len() as u64)),
            (Reply::TooLarge { size }, Need::Layer) => here(size),
            (Reply::Absent, Need::Layer) => match part.foreign_urls() {
                Some(urls) => Fetch::Plan(BlobPlan::Foreign { urls }),
                None => Fetch::Absent,
            },
            (Reply::Bytes(bytes), _) => bytes.into(),
            (Reply::Absent, _) => Fetch::Absent,
            (Reply::TooLarge { size }, _) => {
                Fetch::Failed(too_large(blob_path(part), need.limit(), size))
            }
            (reply, _) => Fetch::Failed(unanswered(part.at(), &reply)),
        }
    }

    fn tell(&self, _: &mut Resolved) {}
}

/// The path of a blob within a layout. A digest has no character that means something to a path.
pub(crate) fn blob_path(part: &Part) -> String {
    match &part.place {
        Place::Digest(digest) => format!("blobs/{}/{}", digest.algorithm_name(), digest.hex()),
        Place::Name(path) | Place::Member(path) => path.clone(),
    }
}

/// What the file `oci-layout` says, against what it should.
///
/// # Errors
/// [`Error::TopFile`] for a layout of another major version, which cannot be read.
pub(crate) fn check_version(bytes: Option<&[u8]>) -> Result<Option<Oddity>, Error> {
    let Some(bytes) = bytes else {
        return Ok(Some(Oddity::new(OddityKind::NoLayoutFile, LAYOUT_FILE)));
    };
    let refused = |found: String| Error::TopFile {
        at: LAYOUT_FILE.to_owned(),
        expected: "imageLayoutVersion 1.0.0",
        found,
    };
    let json = Json::parse(bytes).map_err(|error| Error::Document {
        at: LAYOUT_FILE.to_owned(),
        error,
    })?;
    match json.value().get("imageLayoutVersion") {
        Some(version) if version == VERSION => Ok(None),
        Some(serde_json::Value::String(version)) if version.starts_with("1.") => Ok(Some(
            Oddity::new(OddityKind::LayoutVersion, LAYOUT_FILE)
                .expected(VERSION)
                .found(quoted(version)),
        )),
        Some(version) => Err(refused(quoted(&version.to_string()))),
        None => Err(refused("no version".to_owned())),
    }
}

/// The index at the top of a layout. Nothing states its digest.
pub(crate) fn top_index(bytes: Vec<u8>) -> Blob<Document> {
    let mut blob = Part::unnamed().blob(bytes, |raw| {
        let document = Document::parse(raw, Some(&MediaType::OCI_INDEX));
        let document = document.map_err(|error| Error::Document {
            at: INDEX_FILE.to_owned(),
            error,
        })?;
        if document.as_index().is_none() {
            return Err(Error::Unexpected {
                at: INDEX_FILE.to_owned(),
                expected: "an index",
                found: document.media_type().to_string(),
            });
        }
        Ok(document)
    });
    blob.media_type = None;
    blob
}

/// The ask for a file at the top of a layout.
fn ask_top(path: &str) -> Ask {
    Ask::File {
        path: path.to_owned(),
        limit: limits::TOP_FILE_BYTES,
    }
}

fn top_file(path: &str, reply: Reply) -> Result<Option<Vec<u8>>, Error> {
    match reply {
        Reply::Bytes(bytes) => Ok(Some(bytes)),
        Reply::Absent => Ok(None),
        Reply::TooLarge { size } => Err(too_large(path.to_owned(), limits::TOP_FILE_BYTES, size)),
        reply => Err(unanswered(path.to_owned(), &reply)),
    }
}

fn too_large(at: String, limit: u64, size: Option<u64>) -> Error {
    Error::OverLimit {
        at,
        what: "bytes of a file",
        limit,
        found: size.map_or_else(|| "more".to_owned(), |size| size.to_string()),
    }
}

fn tagged(entries: Vec<Entry>, tag: &str) -> Result<Vec<Entry>, Error> {
    let have: Vec<String> = entries
        .iter()
        .flat_map(|entry| entry.naming.names.iter().map(|name| quoted(name)))
        .collect();
    let named = |entry: &Entry| entry.naming.answers_to(tag);
    let (tagged, others): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(named);
    if tagged.is_empty() {
        return Err(Error::NoSuchImage {
            wanted: quoted(tag),
            have,
        });
    }
    // What stands beside the images goes with those that it speaks of.
    let digests: Vec<_> = tagged
        .iter()
        .map(|entry| entry.descriptor.digest.clone())
        .collect();
    let beside = others.into_iter().filter(|entry| {
        subject(&entry.descriptor).is_some_and(|subject| digests.contains(&subject))
    });
    let beside: Vec<Entry> = beside.collect();
    Ok(tagged.into_iter().chain(beside).collect())
}
