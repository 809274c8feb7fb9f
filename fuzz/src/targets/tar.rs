//! Our tar parser beside that of the `tar` crate, with the checksums of headers mended so that the fuzzer gets past them.
//!
//! Oracle: how the archive is cut cannot be observed, and both tell the same entries, unless the archive has something
//! of which it is known that they disagree. What that is stands in [`differences`], each with what the two make of it;
//! it is decided by the bytes of the archive and never by what came out.

mod differences;

use std::io::Read as _;

use layerscope_tar::{Entry, Error, Kind, Limits, Oddity, Parser, Sink, Summary};

use self::differences::{Difference, Field, Member};
use crate::mend;
use crate::steer::Steer;

/// See the module.
pub fn run(input: &[u8]) {
    let (payload, steer) = Steer::split(input);
    let mut archive = payload.to_vec();
    if steer.choose(0, 8) != 0 {
        mend::tar(&mut archive);
    }
    let limits = match steer.choose(1, 8) {
        0 => Limits {
            metadata: 1100,
            extensions: 2,
            segments: 3,
        },
        _ => Limits::default(),
    };
    let whole = read(limits, [&archive[..]], Contents::Pushed);
    assert_eq!(
        read(limits, steer.pieces(&archive), Contents::Pushed),
        whole
    );
    let skipped = read(limits, steer.pieces(&archive), Contents::Skipped);
    assert_eq!(skipped.result, whole.result);
    assert!(
        skipped
            .told
            .iter()
            .map(|told| &told.entry)
            .eq(whole.told.iter().map(|told| &told.entry))
    );
    if let Ok(summary) = &whole.result {
        assert_eq!(summary.bytes, archive.len() as u64);
        assert_eq!(summary.entries, whole.told.len() as u64);
    }
    compare(&archive, &whole);
}

/// An entry as it was told.
#[derive(Debug, PartialEq)]
struct Told {
    entry: Entry,
    stored: Vec<u8>,
    ended: bool,
}

/// All that can be heard of an archive.
#[derive(Debug, PartialEq)]
struct Reading {
    told: Vec<Told>,
    oddities: Vec<(usize, Oddity)>,
    result: Result<Summary, Error>,
}

#[derive(Default)]
struct Heard {
    told: Vec<Told>,
    oddities: Vec<(usize, Oddity)>,
}

impl Sink for Heard {
    fn entry(&mut self, entry: &Entry) {
        assert!(
            self.told.last().is_none_or(|last| last.ended),
            "an entry within another"
        );
        self.told.push(Told {
            entry: entry.clone(),
            stored: Vec::new(),
            ended: false,
        });
    }

    fn data(&mut self, bytes: &[u8]) {
        assert!(!bytes.is_empty());
        let last = self.told.last_mut().expect("content of an entry");
        assert!(!last.ended);
        last.stored.extend_from_slice(bytes);
        assert!(last.stored.len() as u64 <= last.entry.stored);
    }

    fn end_entry(&mut self) {
        let last = self.told.last_mut().expect("the end of an entry");
        assert!(!last.ended);
        last.ended = true;
    }

    fn oddity(&mut self, oddity: Oddity) {
        assert!(!oddity.kind.name().is_empty());
        self.oddities.push((self.told.len(), oddity));
    }
}

/// Whether the parser is shown the contents.
#[derive(Clone, Copy, PartialEq)]
enum Contents {
    Pushed,
    Skipped,
}

fn read<'a>(
    limits: Limits,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    contents: Contents,
) -> Reading {
    let mut heard = Heard::default();
    let mut parser = Parser::new(limits);
    let mut failed = None;
    for mut piece in pieces {
        if contents == Contents::Skipped {
            let over = usize::try_from(parser.skippable())
                .unwrap_or(usize::MAX)
                .min(piece.len());
            parser.skip(over as u64);
            piece = &piece[over..];
        }
        if let Err(error) = parser.push(piece, &mut heard) {
            assert_eq!(parser.push(b"more", &mut heard), Err(error.clone()));
            assert!(!error.name().is_empty() && !error.to_string().is_empty());
            failed = Some(error);
            break;
        }
    }
    let result = parser.finish(&mut heard);
    assert!(failed.is_none() || result.as_ref().err() == failed.as_ref());
    Reading {
        told: heard.told,
        oddities: heard.oddities,
        result,
    }
}

fn compare(archive: &[u8], ours: &Reading) {
    let mut reader = tar::Archive::new(archive);
    let mut theirs = reader.entries().expect("a reader at its start");
    let mut start = 0;
    for told in &ours.told {
        let member = Member::between(archive, start, told.entry.header_offset as usize);
        let known = differences::of(&member);
        if known.contains(&Difference::Everything) {
            return;
        }
        let is = |field: Field| !known.contains(&Difference::Of(field));
        let mut next = theirs.next();
        // A global header is an entry of theirs.
        while let Some(Ok(entry)) = &next
            && entry.header().entry_type().is_pax_global_extensions()
        {
            next = theirs.next();
        }
        let mut entry = match next {
            Some(Ok(entry)) => entry,
            Some(Err(error)) => {
                assert!(
                    !is(Field::Existence),
                    "only here: {:?}; there: {error}",
                    told.entry
                );
                return;
            }
            None => panic!("only here: {:?}", told.entry),
        };
        compare_entry(&told.entry, &entry, &is);
        compare_attributes(&told.entry, entry.header(), &is);
        if is(Field::Xattrs) {
            compare_xattrs(&told.entry, &mut entry);
        }
        let end = told.entry.content_offset + told.entry.stored;
        if is(Field::Content) && told.ended {
            let mut content = Vec::new();
            entry
                .read_to_end(&mut content)
                .expect("content that is there");
            assert!(content == told.stored, "other content: {:?}", told.entry);
        }
        start = (end as usize).div_ceil(512) * 512;
    }
    if let Ok(summary) = &ours.result {
        let member = Member::between(archive, start, archive.len());
        let next = theirs.next();
        let is_global =
            |entry: &tar::Entry<'_, _>| entry.header().entry_type().is_pax_global_extensions();
        match next {
            None => {}
            Some(Ok(entry)) if is_global(&entry) => {}
            Some(Ok(entry)) => {
                let excused = differences::of(&member).contains(&Difference::Everything);
                assert!(
                    excused,
                    "only there: {:?} after {summary:?}",
                    entry.header()
                );
            }
            // Theirs wants whole blocks, and an entry after an extension.
            Some(Err(_)) => {}
        }
    }
}

fn compare_entry<R: std::io::Read>(
    ours: &Entry,
    theirs: &tar::Entry<'_, R>,
    is: &impl Fn(Field) -> bool,
) {
    assert_eq!(ours.header_offset, theirs.raw_header_position());
    let flag = theirs.header().as_bytes()[156];
    let kind = match flag {
        0 if ours.path.ends_with(b"/") => Kind::Directory,
        0 | b'0' | b'S' => Kind::File,
        b'1' => Kind::HardLink,
        b'2' => Kind::Symlink,
        b'3' => Kind::Char,
        b'4' => Kind::Block,
        b'5' => Kind::Directory,
        b'6' => Kind::Fifo,
        other => Kind::Other(other),
    };
    assert_eq!(ours.kind, kind);
    if is(Field::Path) {
        assert_eq!(
            ours.path.escape_ascii().to_string(),
            theirs.path_bytes().escape_ascii().to_string()
        );
    }
    if is(Field::Link) && matches!(kind, Kind::HardLink | Kind::Symlink) {
        let link = theirs.link_name_bytes().unwrap_or_default();
        assert_eq!(
            ours.link.escape_ascii().to_string(),
            link.escape_ascii().to_string()
        );
    }
    if is(Field::Size) {
        assert_eq!(ours.size, theirs.size());
    }
    if is(Field::Content) {
        assert_eq!(ours.content_offset, theirs.raw_file_position());
    }
}

fn compare_attributes(ours: &Entry, theirs: &tar::Header, is: &impl Fn(Field) -> bool) {
    if is(Field::Mode) {
        assert_eq!(ours.mode, theirs.mode().expect("a mode"));
    }
    if is(Field::Owner) {
        let owner = (
            theirs.uid().expect("a user"),
            theirs.gid().expect("a group"),
        );
        assert_eq!((ours.uid, ours.gid), owner);
    }
    if is(Field::OwnerName) {
        let names = (theirs.username_bytes(), theirs.groupname_bytes());
        assert_eq!(ours.uname, names.0.unwrap_or_default());
        assert_eq!(ours.gname, names.1.unwrap_or_default());
    }
    if is(Field::Mtime) {
        assert_eq!(
            (ours.mtime.seconds as u64, ours.mtime.nanos),
            (theirs.mtime().expect("a time"), 0)
        );
    }
    if is(Field::Device)
        && let Some(device) = ours.device
    {
        let number = |number: std::io::Result<Option<u32>>| {
            u64::from(number.expect("a device").unwrap_or(0))
        };
        assert_eq!(
            device,
            (number(theirs.device_major()), number(theirs.device_minor()))
        );
    }
}

fn compare_xattrs<R: std::io::Read>(ours: &Entry, theirs: &mut tar::Entry<'_, R>) {
    let mut xattrs = Vec::new();
    for record in theirs
        .pax_extensions()
        .expect("records")
        .into_iter()
        .flatten()
    {
        let record = record.expect("a record");
        if let Some(name) = record.key_bytes().strip_prefix(b"SCHILY.xattr.") {
            xattrs.push((name.to_vec(), record.value_bytes().to_vec()));
        }
    }
    xattrs.sort();
    assert_eq!(ours.xattrs, xattrs);
}
