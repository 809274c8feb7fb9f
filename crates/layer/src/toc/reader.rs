//! From a blob's annotations and a few of its bytes to its files.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use layerscope_inflate::{self as inflate, Compression, Decoder};
use layerscope_oci::Digest;
use layerscope_tar as tar;

use super::list::List;
use super::place::{FOOTER, Place, Stated};
use super::table::{Table, TocFormat};
use super::{NAME, Toc};
use crate::limits::MAX_TOC;
use crate::members::{Contents, Members};
use crate::{Error, Found, Limits, OddityCounts, ScannedLayer};

/// Finds the table of contents of a blob: it says which bytes it [wants](Self::wants), and [takes](Self::take) them.
///
/// It wants bytes once when the manifest says where the table is, and otherwise twice: the blob's end, and the table.
#[derive(Debug)]
pub struct TocReader {
    size: u64,
    stage: Stage,
    fetched: u64,
    limits: Limits,
}

#[derive(Debug)]
enum Stage {
    /// The table is where the last bytes say, and has this digest if one is stated.
    Footer(Option<Digest>),
    Table(Place),
}

/// What came of the bytes that a [`TocReader`] took.
#[derive(Debug)]
pub enum TocStep {
    /// Other bytes are wanted now.
    More(TocReader),
    /// The files, of which nothing is verified, with the [`Table`] that they are from.
    Done(Box<ScannedLayer>),
    /// There is no table, nor does anything say that there is one.
    None,
}

impl TocReader {
    /// A reader for a blob of `size` bytes whose descriptor has these annotations.
    ///
    /// # Errors
    /// [`Error::Toc`] when the annotations cannot be right, or lead to a table that is too large.
    pub fn new(
        annotations: &BTreeMap<String, String>,
        size: u64,
        limits: Limits,
    ) -> Result<Self, Error> {
        Ok(Self {
            size,
            stage: match Stated::by(annotations, size)? {
                Stated::Digest(digest) => Stage::Footer(digest),
                Stated::Place(place) => Stage::Table(place),
            },
            fetched: 0,
            limits,
        })
    }

    /// Whether the manifest says that there is a table.
    pub fn is_stated(&self) -> bool {
        !matches!(self.stage, Stage::Footer(None))
    }

    /// The bytes of the blob that it needs next.
    pub fn wants(&self) -> Range<u64> {
        match &self.stage {
            Stage::Footer(_) => self.size.saturating_sub(FOOTER)..self.size,
            Stage::Table(place) => place.range.clone(),
        }
    }

    /// Takes exactly those bytes.
    ///
    /// # Errors
    /// [`Error::Toc`] when they are no table, or not the one that the manifest states; [`Error::Limit`] when it has
    /// too many files.
    pub fn take(mut self, bytes: &[u8]) -> Result<TocStep, Error> {
        self.fetched = self.fetched.saturating_add(bytes.len() as u64);
        match &self.stage {
            Stage::Footer(digest) => {
                let is_stated = digest.is_some();
                match Place::in_footer(bytes, self.size, digest.clone())? {
                    Some(place) => self.stage = Stage::Table(place),
                    None if is_stated => {
                        return Err(Error::toc(
                            "toc-place",
                            "a footer",
                            "other bytes".to_owned(),
                        ));
                    }
                    None => return Ok(TocStep::None),
                }
                Ok(TocStep::More(self))
            }
            Stage::Table(place) => self.read(place, bytes).map(TocStep::Done),
        }
    }

    fn read(&self, place: &Place, bytes: &[u8]) -> Result<Box<ScannedLayer>, Error> {
        let (compression, json) = match place.format {
            TocFormat::EStargz => {
                let json = archived(bytes, &self.limits)?;
                authenticate(place, &json)?;
                (Compression::Gzip, json)
            }
            TocFormat::ZstdChunked => {
                authenticate(place, bytes)?;
                let mut json = Vec::new();
                unpack(Compression::Zstd, bytes, &mut |run| {
                    json.extend_from_slice(run)
                })?;
                (Compression::Zstd, json)
            }
        };
        if let Some(expected) = place.json.filter(|len| *len != json.len() as u64) {
            return Err(Error::toc(
                "toc-mismatch",
                &format!("{expected} bytes of JSON"),
                json.len().to_string(),
            ));
        }
        let mut list = List::new(&self.limits, place.contents);
        list.read(&json)?;
        let (index, chunks, uncompressed_size) = list.finish();
        Ok(Box::new(ScannedLayer {
            index,
            found: Found {
                digest: None,
                size: self.size,
                diff_id: None,
                uncompressed_size,
                compression,
                complete: false,
            },
            failure: None,
            oddities: Vec::new(),
            oddity_counts: OddityCounts::default(),
            restart_points: Vec::new(),
            table: Some(Box::new(Table {
                format: place.format,
                is_authenticated: place.digest.is_some(),
                fetched: self.fetched,
                chunks,
            })),
        }))
    }
}

/// Compares a table with what the manifest states.
fn authenticate(place: &Place, bytes: &[u8]) -> Result<(), Error> {
    let Some(expected) = &place.digest else {
        return Ok(());
    };
    let algorithm = expected
        .algorithm()
        .unwrap_or(layerscope_oci::Algorithm::Sha256);
    let found = Digest::of(algorithm, bytes);
    if found == *expected {
        return Ok(());
    }
    Err(Error::toc(
        "toc-mismatch",
        expected.as_str(),
        found.to_string(),
    ))
}

/// Gives out what a table's bytes unpack to, which is not more than may be.
fn unpack(compression: Compression, bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
    let mut left = MAX_TOC.saturating_add(TAR_AROUND);
    let mut take = |run: &[u8]| match left.checked_sub(run.len() as u64) {
        Some(rest) => {
            left = rest;
            out(run);
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    let mut decoder = Decoder::with(compression, inflate::Limits::default());
    let flow = decoder.push(bytes, &mut take).and_then(|flow| match flow {
        ControlFlow::Continue(()) => decoder.finish(&mut take).map(drop),
        ControlFlow::Break(()) => Err(inflate::Error::Ended),
    });
    match flow {
        Ok(()) => Ok(()),
        Err(inflate::Error::Ended) => {
            Err(Error::toc("toc-limit", "at most 32 MiB", "more".to_owned()))
        }
        Err(error) => Err(Error::Toc {
            cause: error.into(),
        }),
    }
}

/// Bytes of an archive with one file besides its content: its headers, what fills up its last block, and the end.
const TAR_AROUND: u64 = 64 << 10;

/// The JSON out of the archive that is the last part of an eStargz layer.
fn archived(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Error> {
    let mut parser = tar::Parser::new(limits.tar);
    let mut members = Members::new(limits, Contents::PassedOver);
    let mut parsed = Ok(());
    unpack(Compression::Gzip, bytes, &mut |run| {
        if parsed.is_ok() {
            parsed = parser.push(run, &mut members);
        }
    })?;
    let table = members.toc.take().and_then(Toc::into_json);
    table.ok_or_else(|| Error::toc("toc-invalid", NAME, "another archive".to_owned()))
}
