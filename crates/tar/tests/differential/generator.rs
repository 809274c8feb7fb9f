//! All archives that are compared.

use crate::archive::{Archive, archive};
use crate::case::{Case, Feature, Piece};
use crate::defects::{OF_THE_END, OF_THE_REST, of_a_member};
use crate::random::Random;
use crate::well_formed::{member, plain};
use crate::{fixed, known};

/// Archives of honest writers.
const WELL_FORMED: usize = 1500;
/// How often each defect is put into an archive.
const TIMES: usize = 5;
/// Archives with some bytes of their headers changed, and the checksums mended. Only Go's answer
/// is asked for. `LAYERSCOPE_NOISY` is another number of them.
const NOISY: usize = 1500;

/// All of them, the same in every run.
pub(crate) fn all() -> Vec<Case> {
    let mut cases: Vec<Case> = (0..WELL_FORMED).map(well_formed).collect();
    for time in 0..TIMES {
        cases.extend(hostile(time));
    }
    let noise = std::env::var("LAYERSCOPE_NOISY").map(|text| text.parse().expect("a number"));
    cases.extend((0..noise.unwrap_or(NOISY)).map(noisy));
    cases.extend(known::vectors());
    cases.extend(known::cuts());
    cases.extend(fixed::all());
    cases
}

fn well_formed(number: usize) -> Case {
    let name = format!("well-formed-{number}");
    let random = &mut Random::new(&name);
    let mut pieces = members(random);
    pieces.push(end(random));
    Case::new(name, pieces)
}

fn members(random: &mut Random) -> Vec<Piece> {
    let count = random.below(9) + 1;
    (0..count).map(|number| member(random, number)).collect()
}

/// The end that every writer should write; some fill a record with it.
fn end(random: &mut Random) -> Piece {
    let zeros = random.pick(&[1024, 1024, 10_240]);
    Piece::new(archive().zeros(zeros), &[])
}

type Finish = fn(Archive, &[Feature]) -> Piece;

/// Each defect once, in surroundings of its own.
fn hostile(time: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    let defects = of_a_member().map(|defect| (defect, Piece::new as Finish));
    let rest = OF_THE_REST
        .iter()
        .map(|defect| (defect, Piece::wide as Finish));
    for ((defect, make), finish) in defects.chain(rest) {
        let name = format!("{defect}-{time}");
        let random = &mut Random::new(&name);
        let mut pieces = surroundings(random, 0);
        pieces.push(finish(make(random, 10), &[*defect]));
        pieces.extend(surroundings(random, 20));
        pieces.push(end(random));
        cases.push(Case::new(name, pieces));
    }
    for (defect, make) in OF_THE_END {
        let name = format!("{defect}-{time}");
        let random = &mut Random::new(&name);
        let mut pieces = surroundings(random, 0);
        pieces.push(Piece::wide(make(random, 10), &[*defect]));
        cases.push(Case::new(name, pieces));
    }
    cases
}

fn surroundings(random: &mut Random, from: usize) -> Vec<Piece> {
    let count = random.below(3);
    (from..from + count)
        .map(|number| plain(random, number))
        .collect()
}

/// What stands in the fields of headers that honest writers do not write there.
const NOISE: &[u8] = b"\0\0 017789-+.xZ/\x80\xff\xc0";

fn noisy(number: usize) -> Case {
    let name = format!("noisy-{number}");
    let random = &mut Random::new(&name);
    let mut pieces = members(random);
    let chosen = random.below(pieces.len());
    let piece = &mut pieces[chosen];
    let headers: Vec<usize> = (0..piece.bytes.len() / 512)
        .filter(|block| is_header(&piece.bytes[block * 512..][..512]))
        .collect();
    let at = random.pick(&headers) * 512;
    let block = &mut piece.bytes[at..at + 512];
    for _ in 0..random.below(3) + 1 {
        let at = match random.below(4) {
            0 => random.below(512),
            1 => 100 + random.below(57),
            2 => 124 + random.below(12),
            _ => 257 + random.below(12),
        };
        block[at] = random.pick(NOISE);
    }
    if random.one_in(5) {
        block[156] = random.pick(b"\x000123456789LKxgSDVMNAZ");
    }
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    piece.wide.push("noise");
    pieces.push(end(random));
    let mut case = Case::new(name, pieces);
    case.only_go = true;
    case
}

/// Whether the block says of itself that it is one.
fn is_header(block: &[u8]) -> bool {
    let digits = block[148..154]
        .iter()
        .all(|byte| (b'0'..=b'7').contains(byte));
    digits && block[154..156] == *b"\0 "
}
