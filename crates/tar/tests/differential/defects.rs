//! Everything that can be wrong with an archive: tables, whose names are the features that the rules
//! speak of.

mod ends;
mod headers;
mod names;
mod records;
mod sizes;
mod sparse;

pub(crate) use ends::{OF_THE_END, OF_THE_REST};

use crate::archive::{Archive, archive, named, record};
use crate::random::Random;

/// How a defect is made: with random numbers, and the number of the member.
pub(crate) type Make = fn(&mut Random, usize) -> Archive;

/// Defects of one member.
pub(crate) fn of_a_member() -> impl Iterator<Item = &'static (&'static str, Make)> {
    let tables = [
        sizes::ALL,
        names::ALL,
        headers::ALL,
        records::ALL,
        sparse::ALL,
    ];
    tables.into_iter().flatten()
}

fn file(number: usize) -> crate::archive::Header {
    named(format!("odd/{number}"))
}

fn content(random: &mut Random) -> Vec<u8> {
    let size = random.pick(&[1, 511, 512, 513, 1500]);
    random.bytes(size)
}

/// A file behind PAX records with any bytes.
fn behind(random: &mut Random, number: usize, records: Vec<u8>) -> Archive {
    archive()
        .member(named("PaxHeaders/x").flag(b'x'), records)
        .member(file(number), content(random))
}

/// A file behind one PAX record.
fn one(random: &mut Random, number: usize, key: &str, value: &[u8]) -> Archive {
    behind(random, number, record(key.as_bytes(), value))
}

/// A header-only kind with a size, and no data for it.
fn sized(number: usize, flag: u8) -> Archive {
    archive().header(file(number).flag(flag).link("plain/0").size(512))
}

/// A file with content and something written over its header.
fn over(random: &mut Random, number: usize, at: usize, bytes: &[u8]) -> Archive {
    let content = content(random);
    let header = file(number).size(content.len() as u64).put(at, bytes);
    archive().header(header).data(content)
}

/// A GNU file of the same kind.
fn over_gnu(random: &mut Random, number: usize, at: usize, bytes: &[u8]) -> Archive {
    let content = content(random);
    let header = file(number).gnu().size(content.len() as u64);
    archive().header(header.put(at, bytes)).data(content)
}

fn behind_size(random: &mut Random, number: usize, before: &str) -> Archive {
    let content = content(random);
    let size = format!("{before}{}", content.len());
    archive()
        .pax(&[("size", &size)])
        .member(file(number), content)
}
