//! A set of nodes.

/// One bit for each of so many numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Room for `len` numbers, none of them in the set.
    pub(crate) fn of_len(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    pub(crate) fn get(&self, number: usize) -> bool {
        self.0
            .get(number / 64)
            .is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Puts a number into the set or takes it out; does nothing to one that there is no room for.
    pub(crate) fn set(&mut self, number: usize, on: bool) {
        if let Some(word) = self.0.get_mut(number / 64) {
            let bit = 1 << (number % 64);
            if on {
                *word |= bit;
            } else {
                *word &= !bit;
            }
        }
    }
}
