//! Sparse files, in each of GNU's forms.

use crate::archive::{archive, named};
use crate::case::Piece;
use crate::random::Random;
use crate::well_formed::{Form, with_records};

/// A run of data: where it begins, and how long it is.
pub(crate) type Run = (u64, u64);

/// A sparse file before it takes a form.
pub(crate) struct SparseFile {
    pub(crate) name: String,
    /// Logical size.
    pub(crate) size: u64,
    pub(crate) runs: Vec<Run>,
    /// The bytes of all runs.
    pub(crate) stored: Vec<u8>,
}

/// The forms of a sparse map.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Map {
    /// GNU's header with type `S`.
    Old,
    /// PAX records, a pair for each run.
    V00,
    /// PAX records, one with all runs.
    V01,
    /// Text before the content.
    V10,
}

pub(crate) fn well_formed(random: &mut Random, number: usize, form: Form) -> Piece {
    let map = match form {
        Form::Gnu => Map::Old,
        _ => random.pick(&[Map::V00, Map::V01, Map::V10]),
    };
    SparseFile::new(random, number).piece(map)
}

impl SparseFile {
    pub(crate) fn new(random: &mut Random, number: usize) -> Self {
        let count = random.pick(&[0, 1, 2, 4, 5, 26, 60]);
        let mut runs = Vec::new();
        let (mut at, mut length) = (0, 0);
        for _ in 0..count {
            at += random.pick(&[0, 512, 1024, 4096]);
            let run = random.pick(&[512, 1024]);
            runs.push((at, run));
            at += run;
            length += run;
        }
        let size = at + random.pick(&[0, 1, 512, 70_000]);
        // GNU ends every map of a file that ends in a hole with an empty run at its end.
        if at < size {
            runs.push((size, 0));
        }
        Self {
            name: format!("sparse/{number}"),
            size,
            runs,
            stored: random.bytes(length as usize),
        }
    }

    /// A small one: two runs of a block each.
    pub(crate) fn small(number: usize) -> Self {
        Self {
            name: format!("sparse/{number}"),
            size: 4096,
            runs: vec![(512, 512), (2048, 512)],
            stored: vec![b's'; 1024],
        }
    }

    pub(crate) fn piece(&self, map: Map) -> Piece {
        match map {
            Map::Old => self.old(),
            Map::V00 => self.v00(),
            Map::V01 => self.v01(),
            Map::V10 => self.v10(),
        }
    }

    fn old(&self) -> Piece {
        let slot = |&(offset, length): &Run| format!("{offset:011o}\0{length:011o}\0");
        let mut header = named(&self.name)
            .gnu()
            .flag(b'S')
            .size(self.stored.len() as u64)
            .put(483, format!("{:011o}\0", self.size).as_bytes());
        let (first, rest) = self.runs.split_at(self.runs.len().min(4));
        for (at, run) in first.iter().enumerate() {
            header = header.put(386 + 24 * at, slot(run).as_bytes());
        }
        header = header.put(482, &[u8::from(!rest.is_empty())]);
        let mut archive = archive().header(header);
        let mut blocks = rest.chunks(21).peekable();
        while let Some(runs) = blocks.next() {
            let text: String = runs.iter().map(slot).collect();
            let more = u8::from(blocks.peek().is_some());
            archive = archive
                .raw(text.as_bytes())
                .zeros(504 - text.len())
                .raw(&[more])
                .zeros(7);
        }
        Piece::new(archive.data(&self.stored), &["sparse-old"])
    }

    fn v00(&self) -> Piece {
        let mut records = vec![
            record("GNU.sparse.size", self.size),
            record("GNU.sparse.numblocks", self.runs.len() as u64),
        ];
        for &(offset, length) in &self.runs {
            records.push(record("GNU.sparse.offset", offset));
            records.push(record("GNU.sparse.numbytes", length));
        }
        let header = named(&self.name);
        Piece::new(
            with_records(archive(), &records).member(header, &self.stored),
            &["sparse-0.0"],
        )
    }

    pub(crate) fn map_text(&self) -> String {
        let runs = self.runs.iter();
        let pairs: Vec<String> = runs
            .map(|(offset, length)| format!("{offset},{length}"))
            .collect();
        pairs.join(",")
    }

    fn v01(&self) -> Piece {
        let records = [
            record("GNU.sparse.size", self.size),
            record("GNU.sparse.numblocks", self.runs.len() as u64),
            (b"GNU.sparse.name".to_vec(), self.name.clone().into_bytes()),
            (b"GNU.sparse.map".to_vec(), self.map_text().into_bytes()),
        ];
        let header = named("GNUSparseFile.0/x");
        let feature = match self.runs.as_slice() {
            [] => "sparse-0.1-empty",
            _ => "sparse-0.1",
        };
        Piece::new(
            with_records(archive(), &records).member(header, &self.stored),
            &[feature],
        )
    }

    fn v10(&self) -> Piece {
        let mut text = format!("{}\n", self.runs.len());
        for (offset, length) in &self.runs {
            text += &format!("{offset}\n{length}\n");
        }
        self.v10_with(text.as_bytes(), &["sparse-1.0"])
    }

    /// Version 1.0 with any map.
    pub(crate) fn v10_with(&self, text: &[u8], features: &[&'static str]) -> Piece {
        let records = [
            record("GNU.sparse.major", 1),
            record("GNU.sparse.minor", 0),
            (b"GNU.sparse.name".to_vec(), self.name.clone().into_bytes()),
            record("GNU.sparse.realsize", self.size),
        ];
        let mut content = text.to_vec();
        content.resize(text.len().next_multiple_of(512), 0);
        content.extend(&self.stored);
        let header = named("GNUSparseFile.0/x");
        Piece::new(
            with_records(archive(), &records).member(header, content),
            features,
        )
    }
}

fn record(key: &str, value: u64) -> (Vec<u8>, Vec<u8>) {
    (key.into(), value.to_string().into_bytes())
}
