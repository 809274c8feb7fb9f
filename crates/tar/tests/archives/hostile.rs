//! Damaged archives: no panic, no endless entry, and the same whatever the pieces.

use crate::reading::{read, read_pieces};
use crate::{sparse, vectors};

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Bytes that mean something somewhere in an archive.
const TELLING: &[u8] = b"\0 01247Sx gLKX=\n,+-9\x7f\x80\xc0\xff";

/// Writes the checksum that a block should have.
fn mend(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(bytes.len());
    let block = at / 512 * 512;
    match numbers.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(block..(block + 512).min(bytes.len()))),
        2 => drop(bytes.splice(block..block, [0; 512])),
        3 => bytes[at] = numbers.below(256) as u8,
        _ => bytes[at] = TELLING[numbers.below(TELLING.len())],
    }
    if let Some(block) = bytes.get_mut(block..block + 512)
        && numbers.below(4) > 0
    {
        mend(block);
    }
}

#[test]
fn damage_never_panics_and_never_depends_on_the_pieces() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let whole: Vec<_> = vectors::all()
        .into_iter()
        .chain(sparse::all())
        .map(|(_, bytes)| bytes)
        .collect();
    let (mut fine, mut failed) = (0, 0);
    for round in 0..20_000 {
        let mut bytes = whole[round % whole.len()].clone();
        for _ in 0..=numbers.below(3) {
            if !bytes.is_empty() {
                damage(&mut bytes, &mut numbers);
            }
        }
        let reading = if round % 20 == 0 {
            read(&bytes)
        } else {
            read_pieces([&*bytes])
        };
        let size = 1 + numbers.below(1000);
        assert_eq!(
            read_pieces(bytes.chunks(size)),
            reading,
            "round {round} in pieces of {size}"
        );
        if reading.result.is_ok() {
            fine += 1
        } else {
            failed += 1
        }
    }
    // Both ends of the road are walked, or the damage would show nothing.
    assert!(fine > 2000 && failed > 2000, "{fine} {failed}");
}
