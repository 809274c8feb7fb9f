//! Where the choices come from that make an image.

/// Makes choices: at random in tests, by an input in the fuzzer.
pub(crate) trait Dice {
    /// A number below `end`. The fuzzer has one byte to say it with.
    fn below(&mut self, end: u64) -> u64;

    /// One of several.
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// True once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == times - 1
    }
}

/// Deterministic random numbers (xorshift64*).
pub(crate) struct Random(pub(crate) u64);

impl Dice for Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }
}
