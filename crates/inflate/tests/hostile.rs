//! Damaged streams: never a panic, and never an answer that depends on how the input was cut.

mod samples;

use samples::xz::{Block, LZMA2_4K, Stream, chunk};
use samples::{Random, all, unpack};

/// Damaged copies of each sample.
const ROUNDS: usize = 2000;

#[test]
fn damage_is_survived_and_told_the_same_way_for_any_cut() {
    let mut random = Random::new(0x1be1_1e5c_0de0_0001);
    for sample in all() {
        // Large samples take long and find nothing that small ones do not.
        let rounds = (ROUNDS * 3000 / sample.plain.len().max(3000)).max(10);
        for round in 0..rounds {
            let damaged = damage(&sample.bytes, &mut random);
            let whole = unpack([&damaged[..]]);
            let name = format!("{}, round {round}", sample.name);
            let size = 1 + random.below(40);
            assert!(unpack(damaged.chunks(size)) == whole, "{name}, by {size}");
            let (left, right) = damaged.split_at(random.below(damaged.len() + 1));
            assert!(unpack([left, right]) == whole, "{name}, at {}", left.len());
        }
    }
}

/// One to four changes of the kinds that storage, networks and attackers make.
fn damage(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(damaged.len());
        match random.below(7) {
            0..3 => {
                if let Some(byte) = damaged.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            3 => {
                if let Some(byte) = damaged.get_mut(at) {
                    *byte = [0, 0xff, 0x7f, 0x80][random.below(4)];
                }
            }
            4 => damaged.insert(at, random.next() as u8),
            5 => {
                let end = (at + 1 + random.below(8)).min(damaged.len());
                damaged.drain(at..end);
            }
            _ => {
                let end = (at + random.below(64)).min(damaged.len());
                let again = damaged[at..end].to_vec();
                let to = random.below(damaged.len());
                damaged.splice(to..to, again);
            }
        }
    }
    damaged
}

/// Nothing but noise, behind each magic.
#[test]
fn noise_is_survived() {
    let mut random = Random::new(0x5eed_0000_0000_0002);
    let starts: [&[u8]; 6] = [
        b"\x1f\x8b\x08\0\0\0\0\0\0\0",
        b"\x1f\x8b\x08\x1f",
        b"\x28\xb5\x2f\xfd",
        b"\x28\xb5\x2f\xfd\0\0",
        b"\x50\x2a\x4d\x18\x02\0\0\0",
        b"\xfd7zXZ\0\0\x01\x69\x22\xde\x36",
    ];
    for round in 0..2000 {
        let mut stream = starts[round % starts.len()].to_vec();
        stream.extend((0..random.below(200)).map(|_| random.next() as u8));
        let whole = unpack([&stream[..]]);
        assert!(unpack(stream.chunks(1)) == whole, "round {round}");
    }
}

/// The parts of an xz stream are covered by checksums, which would catch all damage to them first.
#[test]
fn noise_in_xz_headers_is_survived_when_their_checksums_are_right() {
    let mut random = Random::new(0x5eed_0000_0000_0003);
    for round in 0..3000 {
        let blocks = (0..random.below(4))
            .map(|_| noisy_block(&mut random))
            .collect();
        let mut stream = Stream::with_check(random.below(2) as u8, blocks);
        if random.below(4) == 0 {
            stream.index.push((random.next() >> 1, random.next() >> 1));
        }
        if random.below(4) == 0 {
            stream.flags = (random.next() as u16 & 0x1f00).to_be_bytes();
        }
        let stream = stream.bytes();
        let whole = unpack([&stream[..]]);
        assert!(unpack(stream.chunks(1)) == whole, "round {round}");
        let size = 1 + random.below(20);
        assert!(
            unpack(stream.chunks(size)) == whole,
            "round {round}, by {size}"
        );
    }
}

fn noisy_block(random: &mut Random) -> Block {
    let mut block = Block::of(b"some text");
    block.check = vec![0; 4];
    if random.below(2) == 0 {
        let flags = [0x00, 0x40, 0x80, 0xc0, 0x01, 0x03][random.below(6)];
        let numbers = (0..random.below(4)).map(|_| random.next() as u8 & 0x8f);
        block.fields = [&[flags], &numbers.collect::<Vec<_>>()[..], LZMA2_4K].concat();
    }
    if random.below(2) == 0 {
        let text: Vec<u8> = (0..=random.below(100))
            .map(|_| random.next() as u8)
            .collect();
        block.data = chunk(random.below(8) > 0, &text);
        let control = random.next() as u8;
        block.data.extend([control, 0, 30, 0, 40, 0x5d, 0]);
        block
            .data
            .extend((0..random.below(60)).map(|_| random.next() as u8));
        block.data.push(0);
    }
    block
}
