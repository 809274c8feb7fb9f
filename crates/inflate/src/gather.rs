//! Headers and blocks that must be seen whole, out of pieces that are cut anywhere.

/// The piece that was pushed, as far as it is not used up, and where in the stream it is.
pub(crate) struct Input<'i> {
    bytes: &'i [u8],
    offset: u64,
}

impl<'i> Input<'i> {
    pub(crate) fn new(bytes: &'i [u8], offset: u64) -> Self {
        Self { bytes, offset }
    }

    pub(crate) fn bytes(&self) -> &'i [u8] {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Offset in the compressed stream of the first byte that is left.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes up to `len` bytes.
    pub(crate) fn split(&mut self, len: usize) -> &'i [u8] {
        let (taken, rest) = self.bytes.split_at(len.min(self.bytes.len()));
        self.bytes = rest;
        self.offset = self.offset.saturating_add(taken.len() as u64);
        taken
    }

    /// Takes up to `len` bytes when that may be more than fit a `usize`.
    pub(crate) fn split_u64(&mut self, len: u64) -> &'i [u8] {
        self.split(usize::try_from(len).unwrap_or(usize::MAX))
    }
}

/// Holds the start of something until the rest of it arrives. What lies whole in the pushed piece
/// is lent from there and never copied.
#[derive(Default)]
pub(crate) struct Gather {
    held: Vec<u8>,
    /// `held` has been taken, and goes when more is asked for.
    spent: bool,
}

impl Gather {
    /// The next `len` bytes in one piece, once all have arrived; they stay where they are.
    ///
    /// Asking for fewer bytes than the last time, without taking any, is answered with the first
    /// of those that are held.
    pub(crate) fn peek<'s, 'i: 's>(
        &'s mut self,
        input: &mut Input<'i>,
        len: usize,
    ) -> Option<&'s [u8]> {
        self.settle();
        if self.held.is_empty()
            && let Some(whole) = input.bytes.get(..len)
        {
            return Some(whole);
        }
        let missing = len.saturating_sub(self.held.len());
        self.held.extend_from_slice(input.split(missing));
        self.held.get(..len)
    }

    /// The next `len` bytes in one piece, once all have arrived; they are used up by that. `len` is
    /// at least what was peeked at.
    pub(crate) fn take<'s, 'i: 's>(
        &'s mut self,
        input: &mut Input<'i>,
        len: usize,
    ) -> Option<&'s [u8]> {
        self.settle();
        if self.held.is_empty() && input.bytes.len() >= len {
            return Some(input.split(len));
        }
        let missing = len.saturating_sub(self.held.len());
        self.held.extend_from_slice(input.split(missing));
        self.spent = self.held.len() >= len;
        self.spent.then_some(self.held.as_slice())
    }

    /// Takes whatever there is: what is held first, then what is left of the piece, then nothing.
    pub(crate) fn rest<'s, 'i: 's>(&'s mut self, input: &mut Input<'i>) -> &'s [u8] {
        self.settle();
        if self.held.is_empty() {
            return input.split(usize::MAX);
        }
        self.spent = true;
        &self.held
    }

    /// Whether the next bytes are what `fits` looks for, `len` bytes long: it is shown one byte more
    /// at a time and says whether they fit so far. `None` while they fit but are not all here.
    pub(crate) fn recognize(
        &mut self,
        input: &mut Input<'_>,
        len: usize,
        fits: impl Fn(&[u8]) -> bool,
    ) -> Option<bool> {
        for len in 1..=len {
            if !fits(self.peek(input, len)?) {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Offset in the compressed stream of the byte that comes next.
    pub(crate) fn offset(&self, input: &Input<'_>) -> u64 {
        input.offset.saturating_sub(self.held_len() as u64)
    }

    /// Whether nothing is held.
    pub(crate) fn is_empty(&self) -> bool {
        self.held_len() == 0
    }

    fn held_len(&self) -> usize {
        if self.spent { 0 } else { self.held.len() }
    }

    fn settle(&mut self) {
        if self.spent {
            self.held.clear();
            self.spent = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lends_from_the_piece_what_is_whole_in_it() {
        let piece = b"abcdef";
        let mut input = Input::new(piece, 100);
        let mut gather = Gather::default();
        assert_eq!(gather.peek(&mut input, 2), Some(&b"ab"[..]));
        assert_eq!(gather.offset(&input), 100);
        let taken = gather.take(&mut input, 4).unwrap();
        assert_eq!(taken.as_ptr(), piece.as_ptr());
        assert_eq!(gather.offset(&input), 104);
        assert!(gather.is_empty());
    }

    #[test]
    fn puts_together_what_is_cut() {
        let mut gather = Gather::default();
        let mut first = Input::new(b"ab", 0);
        assert_eq!(gather.take(&mut first, 3), None);
        assert_eq!((gather.offset(&first), first.offset()), (0, 2));
        let mut second = Input::new(b"cdef", 2);
        assert_eq!(gather.take(&mut second, 3), Some(&b"abc"[..]));
        assert_eq!(gather.offset(&second), 3);
        assert_eq!(gather.rest(&mut second), b"def");
        assert_eq!(gather.rest(&mut second), b"");
    }

    #[test]
    fn recognizes_no_sooner_and_no_later_than_it_can() {
        let fits = |head: &[u8]| b"magic".starts_with(head);
        let mut gather = Gather::default();
        assert_eq!(gather.recognize(&mut Input::new(b"ma", 0), 5, fits), None);
        assert_eq!(gather.recognize(&mut Input::new(b"gi", 2), 5, fits), None);
        let mut input = Input::new(b"c!", 4);
        assert_eq!(gather.recognize(&mut input, 5, fits), Some(true));
        assert_eq!(gather.rest(&mut input), b"magic");
        assert_eq!(gather.rest(&mut input), b"!");
        let mut other = Input::new(b"mo", 0);
        assert_eq!(gather.recognize(&mut other, 5, fits), Some(false));
        assert_eq!(gather.rest(&mut other), b"mo");
    }
}
