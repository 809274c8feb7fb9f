//! The end of an input, which decides what is done with the rest.

/// How many bytes that is.
pub const LEN: usize = 8;

/// Decisions of the fuzzer. They stand at the end, so that a file of any format is an input as it is, followed by
/// them, and so that cutting an input short changes them and not where everything else stands.
#[derive(Clone, Copy, Debug)]
pub struct Steer(pub [u8; LEN]);

impl Steer {
    /// An input's payload and its decisions, which are zeros if it has no room for any.
    pub fn split(input: &[u8]) -> (&[u8], Self) {
        match input.split_last_chunk() {
            Some((payload, bytes)) => (payload, Self(*bytes)),
            None => (input, Self([0; LEN])),
        }
    }

    /// One of so many choices, by the byte of that number.
    pub fn choose(self, byte: usize, choices: u8) -> u8 {
        self.0[byte] % choices
    }

    /// The bytes in pieces, by the last four bytes of the decisions.
    pub fn pieces(self, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        let seed = u32::from_le_bytes([self.0[4], self.0[5], self.0[6], self.0[7]]);
        let mut state = u64::from(seed) ^ 0x9e37_79b9_7f4a_7c15;
        let mut rest = bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            // xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let number = (state >> 8) as usize;
            let len = match state % 8 {
                0 => 1,
                1..4 => 1 + number % 16,
                4 => 500 + number % 24,
                5 | 6 => 1 + number % 1024,
                _ => 1 + number % rest.len(),
            };
            let (piece, after) = rest.split_at(len.min(rest.len()));
            rest = after;
            Some(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_input_decides() {
        let (payload, steer) = Steer::split(b"payload\x01\x02\x03\x04\x05\x06\x07\x08");
        assert_eq!((payload, steer.0[0]), (&b"payload"[..], 1));
        let (payload, steer) = Steer::split(b"short");
        assert_eq!((payload, steer.0), (&b"short"[..], [0; LEN]));
    }

    #[test]
    fn pieces_are_the_whole() {
        let bytes: Vec<u8> = (0..10_000).map(|at| at as u8).collect();
        for seed in 0..50 {
            let pieces: Vec<&[u8]> = Steer([0, 0, 0, 0, seed, 1, 2, 3]).pieces(&bytes).collect();
            assert!(pieces.len() > 1 && pieces.iter().all(|piece| !piece.is_empty()));
            assert_eq!(pieces.concat(), bytes);
        }
    }
}
