//! The numbers in xz headers: seven bits a byte, the lowest first, `.xz` format section 1.2.

/// The longest number, in bytes. Nine times seven bits are 63.
const LONGEST: u32 = 9;

/// A number of which some bytes may still be missing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Varint {
    value: u64,
    len: u32,
}

/// The bytes are no number: too many, or more than it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NoNumber;

impl Varint {
    /// Takes the next byte, and gives the number when that was its last. It then starts anew.
    pub(crate) fn push(&mut self, byte: u8) -> Result<Option<u64>, NoNumber> {
        if self.len >= LONGEST || self.len > 0 && byte == 0 {
            return Err(NoNumber);
        }
        self.value |= u64::from(byte & 0x7f) << (7 * self.len);
        self.len += 1;
        if byte & 0x80 != 0 {
            return Ok(None);
        }
        let value = self.value;
        *self = Self::default();
        Ok(Some(value))
    }

    /// Takes a whole number off the front of `bytes`.
    pub(crate) fn read(bytes: &mut &[u8]) -> Result<u64, NoNumber> {
        let mut number = Self::default();
        while let Some((first, rest)) = bytes.split_first() {
            *bytes = rest;
            if let Some(value) = number.push(*first)? {
                return Ok(value);
            }
        }
        Err(NoNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_format_allows_and_nothing_else() {
        let read = |mut bytes: &[u8]| Varint::read(&mut bytes);
        assert_eq!(read(&[0]), Ok(0));
        assert_eq!(read(&[0x7f]), Ok(127));
        assert_eq!(read(&[0x80, 1]), Ok(128));
        let mut largest = [0xff; 9];
        largest[8] = 0x7f;
        assert_eq!(read(&largest), Ok(u64::MAX >> 1));
        // Ten bytes, an end that is missing, and an end that says nothing.
        assert_eq!(read(&[0xff; 10]), Err(NoNumber));
        assert_eq!(read(&[0x80]), Err(NoNumber));
        assert_eq!(read(&[0x80, 0]), Err(NoNumber));
    }
}
