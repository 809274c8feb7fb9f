//! Archives cut at forty places, with Go's answer for each (its `TestReadTruncation`): how many
//! entries it hands out, and whether it ends well.

use layerscope_tar::{Error, Part};

use crate::archive::{Archive, archive, named};
use crate::reading::read;
use crate::sparse;

/// What Go says at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Eof,
    UnexpectedEof,
    ErrHeader,
}

use Outcome::{Eof, ErrHeader, UnexpectedEof};

/// Two small GNU files in four blocks, and an end of any length.
fn two_files() -> Archive {
    let gnu = |name| named(name).gnu();
    archive()
        .member(gnu("small.txt"), "Kilts")
        .member(gnu("small2.txt"), "Google.com\n")
        .zeros(1024)
}

/// A ustar file of 684 bytes in three blocks, and twelve blocks of zeros.
fn one_file() -> Archive {
    archive()
        .file("testdata/file.txt", [b'x'; 684])
        .zeros(12 * 512)
}

#[test]
fn forty_cuts() {
    let (one, two) = (one_file().0, two_files().0);
    let pax = archive().pax(&[("path", &"long/".repeat(40))]).0;
    assert_eq!(pax.len(), 1024);
    let trash = b"garbage ".repeat(64);
    let join = |head: &[u8], tail: &[u8]| [head, tail].concat();

    let cases = [
        (vec![], 0, Eof),
        (two[..511].to_vec(), 0, UnexpectedEof),
        (two[..512].to_vec(), 1, UnexpectedEof),
        (two[..1024].to_vec(), 1, Eof),
        (two[..1536].to_vec(), 2, UnexpectedEof),
        (two[..2048].to_vec(), 2, Eof),
        (two.clone(), 2, Eof),
        (join(&two[..2048], &one[..1536]), 3, Eof),
        (one[..511].to_vec(), 0, UnexpectedEof),
        (one[..512].to_vec(), 1, UnexpectedEof),
        (one[..1195].to_vec(), 1, UnexpectedEof),
        (one[..1196].to_vec(), 1, Eof),
        (one[..1200].to_vec(), 1, Eof),
        (one[..1535].to_vec(), 1, Eof),
        (one[..1536].to_vec(), 1, Eof),
        (join(&one[..1536], &trash[..1]), 1, UnexpectedEof),
        (join(&one[..1536], &trash[..511]), 1, UnexpectedEof),
        (join(&one[..1536], &trash), 1, ErrHeader),
        (one[..2048].to_vec(), 1, Eof),
        (join(&one[..2048], &trash[..1]), 1, UnexpectedEof),
        (join(&one[..2048], &trash[..511]), 1, UnexpectedEof),
        (join(&one[..2048], &trash), 1, ErrHeader),
        (one[..2560].to_vec(), 1, Eof),
        (join(&one[..2560], &trash[..1]), 1, Eof),
        (join(&one[..2560], &trash[..511]), 1, Eof),
        (join(&one[..2560], &trash), 1, Eof),
        (one[..3072].to_vec(), 1, Eof),
        (pax.clone(), 0, Eof),
        (join(&pax, &trash[..1]), 0, UnexpectedEof),
        (join(&pax, &trash[..511]), 0, UnexpectedEof),
    ];
    for (number, (bytes, entries, outcome)) in cases.iter().enumerate() {
        check(&format!("cut {number}"), bytes, *entries, *outcome);
    }

    let forms = sparse::all_forms(95);
    let reading = read(&forms);
    let second = reading.entries()[1].header_offset as usize;
    // The records of the second file's map end in padding, and its content takes one block.
    assert_eq!(forms[second - 16..second], [0; 16]);
    let sparse_cuts = [
        (511, 0, UnexpectedEof),
        (512, 0, UnexpectedEof),
        (3584, 1, Eof),
        (second - 16, 1, Eof),
        (second, 1, Eof),
        (second + 512, 2, UnexpectedEof),
        (second + 1024, 2, Eof),
        (second + 2048, 2, UnexpectedEof),
        (forms.len(), 5, Eof),
    ];
    for (at, entries, outcome) in sparse_cuts {
        check(
            &format!("sparse cut at {at}"),
            &forms[..at],
            entries,
            outcome,
        );
    }
    check("sparse and trash", &join(&forms, &trash), 5, Eof);
    assert_eq!(cases.len() + sparse_cuts.len() + 1, 40);
}

fn check(name: &str, bytes: &[u8], entries: usize, outcome: Outcome) {
    let reading = read(bytes);
    let found = match &reading.result {
        Ok(_) => Eof,
        Err(Error::Truncated { offset, .. }) => {
            assert_eq!(*offset, bytes.len() as u64, "{name}");
            UnexpectedEof
        }
        Err(_) => ErrHeader,
    };
    assert_eq!(
        (reading.entries().len(), found),
        (entries, outcome),
        "{name}"
    );
}

#[test]
fn an_error_says_what_was_cut_and_by_how_much() {
    let (one, forms) = (one_file().0, sparse::all_forms(95));
    let text = crate::sparse::all()[1].1.clone();
    let cases = [
        (&one[..100], Part::Header, 412),
        (&one[..512 + 600], Part::Content, 84),
        (&forms[..3 * 512 + 10], Part::SparseMap, 502),
        (
            &forms[..3584 + 512 + 100],
            Part::Extension,
            pax_len(&forms[3584..]) - 100,
        ),
        (&text[..1024 + 512 + 1], Part::SparseMap, 511),
    ];
    for (bytes, part, missing) in cases {
        let expected = Error::Truncated {
            offset: bytes.len() as u64,
            part,
            missing,
        };
        assert_eq!(read(bytes).error(), &expected);
    }
}

/// The size that a header block states.
fn pax_len(block: &[u8]) -> u64 {
    let digits = std::str::from_utf8(&block[124..135]).unwrap();
    u64::from_str_radix(digits, 8).unwrap()
}
