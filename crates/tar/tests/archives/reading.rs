//! What a parser tells of an archive, written down.

use layerscope_tar::{Entry, Error, Kind, Limits, Oddity, OddityKind, Parser, Sink, Summary};

/// One call of a sink; neighbouring pieces of content are one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Entry(Box<Entry>),
    Data(Vec<u8>),
    End,
    Oddity(Oddity),
}

/// Everything that was told of an archive.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) told: Vec<Told>,
    pub(crate) result: Result<Summary, Error>,
    /// Where the parser stood after the last push.
    pub(crate) offset: u64,
}

#[derive(Default)]
struct Transcript(Vec<Told>);

impl Sink for Transcript {
    fn entry(&mut self, entry: &Entry) {
        self.0.push(Told::Entry(Box::new(entry.clone())));
    }

    fn data(&mut self, bytes: &[u8]) {
        assert!(!bytes.is_empty());
        match self.0.last_mut() {
            Some(Told::Data(data)) => data.extend_from_slice(bytes),
            _ => self.0.push(Told::Data(bytes.to_vec())),
        }
    }

    fn end_entry(&mut self) {
        self.0.push(Told::End);
    }

    fn oddity(&mut self, oddity: Oddity) {
        self.0.push(Told::Oddity(oddity));
    }
}

/// Reads an archive in one piece, and sees that neither small pieces nor skipping change anything.
pub(crate) fn read(bytes: &[u8]) -> Reading {
    let whole = read_pieces([bytes]);
    for size in [1, 2, 7, 511, 512, 513] {
        assert_eq!(
            read_pieces(bytes.chunks(size)),
            whole,
            "in pieces of {size}"
        );
    }
    for most in [u64::MAX, 1, 100, 513] {
        assert_eq!(
            read_skipping(bytes, most),
            whole.without_data(),
            "skipping {most} at a time"
        );
    }
    whole.check_order();
    whole
}

/// Reads pieces one after the other; what follows an error is pushed too, and must change nothing.
pub(crate) fn read_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Reading {
    let mut parser = Parser::new(Limits::default());
    let mut transcript = Transcript::default();
    let mut failure = None;
    for piece in pieces {
        let result = parser.push(piece, &mut transcript);
        if failure.is_some() {
            assert_eq!(result.err(), failure);
        } else {
            failure = result.err();
        }
    }
    let offset = parser.offset();
    let result = parser.finish(&mut transcript);
    if failure.is_some() {
        assert_eq!(result.clone().err(), failure);
    }
    Reading {
        told: transcript.0,
        result,
        offset,
    }
}

/// Reads byte by byte, but skips what may be skipped and exists, `most` bytes at a time.
fn read_skipping(bytes: &[u8], most: u64) -> Reading {
    let mut parser = Parser::new(Limits::default());
    let mut transcript = Transcript::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let skip = parser.skippable().min(most).min(rest.len() as u64);
        let step = if skip > 0 {
            parser.skip(skip);
            skip as usize
        } else if parser.push(&rest[..1], &mut transcript).is_err() {
            break;
        } else {
            1
        };
        rest = &rest[step..];
    }
    let offset = parser.offset();
    let result = parser.finish(&mut transcript);
    Reading {
        told: transcript.0,
        result,
        offset,
    }
}

impl Reading {
    pub(crate) fn entries(&self) -> Vec<&Entry> {
        fn entry(told: &Told) -> Option<&Entry> {
            match told {
                Told::Entry(entry) => Some(entry),
                _ => None,
            }
        }
        self.told.iter().filter_map(entry).collect()
    }

    /// The only entry.
    pub(crate) fn entry(&self) -> &Entry {
        let entries = self.entries();
        assert_eq!(entries.len(), 1, "{self:?}");
        entries[0]
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.entries()
            .iter()
            .map(|entry| entry.path.escape_ascii().to_string())
            .collect()
    }

    pub(crate) fn oddities(&self) -> Vec<Oddity> {
        let oddity = |told: &Told| match told {
            Told::Oddity(oddity) => Some(*oddity),
            _ => None,
        };
        self.told.iter().filter_map(oddity).collect()
    }

    pub(crate) fn odd_kinds(&self) -> Vec<OddityKind> {
        self.oddities().iter().map(|oddity| oddity.kind).collect()
    }

    pub(crate) fn error(&self) -> &Error {
        self.result.as_ref().unwrap_err()
    }

    /// The stored content of an entry, counted from zero.
    pub(crate) fn stored(&self, number: usize) -> &[u8] {
        let entries = self.told.iter().enumerate();
        let mut entries = entries.filter(|(_, told)| matches!(told, Told::Entry(_)));
        let (at, _) = entries.nth(number).unwrap();
        match self.told.get(at + 1) {
            Some(Told::Data(data)) => data,
            _ => &[],
        }
    }

    /// The content of an entry with its holes.
    pub(crate) fn content(&self, number: usize) -> Vec<u8> {
        let stored = self.stored(number);
        let Some(segments) = &self.entries()[number].sparse else {
            return stored.to_vec();
        };
        let mut content = vec![0; self.entries()[number].size as usize];
        let mut rest = stored;
        for segment in segments {
            let (run, after) = rest.split_at(segment.len as usize);
            content[segment.offset as usize..][..run.len()].copy_from_slice(run);
            rest = after;
        }
        content
    }

    /// The reading in the words of the Go programme whose answers the vectors come with:
    /// `["name":size(bytes read) mtime=seconds.nanos] ERR error`.
    pub(crate) fn in_gos_words(&self) -> String {
        let mut entries: Vec<String> = Vec::new();
        let mut stated = 0;
        for (at, told) in self.told.iter().enumerate() {
            match told {
                // Go's header keeps a size that has no content.
                Told::Oddity(Oddity {
                    kind: OddityKind::IgnoredSize { stated: size },
                    ..
                }) => {
                    stated = *size as u64;
                }
                Told::Entry(entry) => {
                    let (data, ended) = match &self.told[at + 1..] {
                        [Told::Data(data), Told::End, ..] => (data.len(), true),
                        [Told::Data(data), ..] => (data.len(), false),
                        [Told::End, ..] => (0, true),
                        _ => (0, false),
                    };
                    let size = entry.size + std::mem::take(&mut stated);
                    let read = if entry.sparse.is_some() && ended {
                        entry.size
                    } else {
                        data as u64
                    };
                    let mut text = format!("\"{}\":{size}({read})", entry.path.escape_ascii());
                    if entry.mtime.seconds != 0 {
                        text += &format!(" mtime={}.{}", entry.mtime.seconds, entry.mtime.nanos);
                    }
                    if !ended {
                        text += "!unexpected EOF";
                    }
                    entries.push(text);
                }
                _ => {}
            }
        }
        let error = match &self.result {
            Ok(_) => String::new(),
            Err(Error::Truncated { .. }) => " ERR unexpected EOF".to_owned(),
            Err(_) => " ERR archive/tar: invalid tar header".to_owned(),
        };
        format!("[{}]{error}", entries.join(", "))
    }

    fn without_data(&self) -> Self {
        let mut reading = self.clone();
        reading.told.retain(|told| !matches!(told, Told::Data(_)));
        reading
    }

    /// What a sink may rely on.
    fn check_order(&self) {
        let mut open: Option<(&Entry, u64)> = None;
        let mut entries = 0;
        let mut entry_to_come = false;
        for told in &self.told {
            match told {
                Told::Entry(entry) => {
                    assert!(open.is_none(), "an entry within an entry");
                    assert!(entry.kind.has_content() || (entry.size, entry.stored) == (0, 0));
                    assert!(entry.sparse.is_some() || entry.size == entry.stored);
                    assert!(
                        entry.link.is_empty()
                            || matches!(entry.kind, Kind::HardLink | Kind::Symlink)
                    );
                    assert!(entry.header_offset + 512 <= entry.content_offset);
                    open = Some((entry, 0));
                    entries += 1;
                    entry_to_come = false;
                }
                Told::Data(data) => {
                    let (_, seen) = open.as_mut().expect("content of no entry");
                    *seen += data.len() as u64;
                }
                Told::End => {
                    let (entry, seen) = open.take().expect("the end of no entry");
                    assert_eq!(entry.stored, seen);
                }
                Told::Oddity(oddity) => {
                    assert!(open.is_none(), "an oddity within an entry");
                    assert!(oddity.offset < self.offset);
                    if oddity.kind.concerns_entry() {
                        entry_to_come = true;
                    } else if oddity.kind == OddityKind::DanglingExtension {
                        entry_to_come = false;
                    }
                }
            }
        }
        match &self.result {
            Ok(summary) => {
                assert!(open.is_none() && !entry_to_come);
                assert_eq!((summary.entries, summary.bytes), (entries, self.offset));
            }
            Err(error) => {
                assert!(error.offset() <= self.offset, "{error}");
                assert!(error.name().starts_with("tar-"));
                assert!(open.is_none() || matches!(error, Error::Truncated { .. }));
            }
        }
    }
}
