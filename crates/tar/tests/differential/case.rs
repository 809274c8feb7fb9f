//! An archive to read, and what was put into it.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::archive::Archive;

/// What the generator put into an archive that readers may disagree about. The rules speak of
/// these names.
pub(crate) type Feature = &'static str;

/// An archive, and where in it which features are.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) spans: Vec<Span>,
    /// What concerns the whole archive.
    pub(crate) features: BTreeSet<Feature>,
    /// Noise says nothing about the readers that are not Go.
    pub(crate) only_go: bool,
}

/// The bytes of one member with its extension headers.
pub(crate) struct Span {
    pub(crate) range: Range<u64>,
    pub(crate) features: BTreeSet<Feature>,
}

/// A part of an archive.
#[derive(Clone, Default)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    pub(crate) features: Vec<Feature>,
    /// Features that concern everything that follows, too.
    pub(crate) wide: Vec<Feature>,
}

impl Piece {
    pub(crate) fn new(archive: Archive, features: &[Feature]) -> Self {
        Self {
            bytes: archive.0,
            features: features.to_vec(),
            wide: Vec::new(),
        }
    }

    pub(crate) fn wide(archive: Archive, features: &[Feature]) -> Self {
        Self {
            bytes: archive.0,
            features: Vec::new(),
            wide: features.to_vec(),
        }
    }
}

impl Case {
    pub(crate) fn new(name: String, pieces: Vec<Piece>) -> Self {
        let mut case = Self {
            name,
            bytes: Vec::new(),
            spans: Vec::new(),
            features: BTreeSet::new(),
            only_go: false,
        };
        for piece in pieces {
            let start = case.bytes.len() as u64;
            case.bytes.extend(piece.bytes);
            case.spans.push(Span {
                range: start..case.bytes.len() as u64,
                features: piece.features.into_iter().collect(),
            });
            case.features.extend(piece.wide);
        }
        case
    }
}
