//! The checksum at the end of every xz block, `.xz` format section 3.4.

use std::sync::LazyLock;

use flate2::Crc;
use sha2::{Digest, Sha256};

/// Which checksum the blocks of a stream carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CheckKind(u8);

impl CheckKind {
    /// `id` is the low half of the second byte of the stream flags.
    pub(crate) fn new(id: u8) -> Self {
        Self(id & 0x0f)
    }

    /// Its length in bytes: the format reserves lengths even for checks that nobody has defined.
    pub(crate) fn len(self) -> usize {
        match self.0 {
            0 => 0,
            1..=3 => 4,
            4..=6 => 8,
            7..=9 => 16,
            10..=12 => 32,
            _ => 64,
        }
    }

    /// Whether it can be compared. The format lets a decoder pass over those that it does not know.
    pub(crate) fn is_known(self) -> bool {
        !matches!(self.start(), Check::Nothing)
    }

    /// What an error calls it.
    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            1 => "xz crc32",
            4 => "xz crc64",
            10 => "xz sha256",
            _ => "xz check",
        }
    }

    /// Begins a checksum.
    pub(crate) fn start(self) -> Check {
        match self.0 {
            1 => Check::Crc32(Crc::new()),
            4 => Check::Crc64(Crc64::default()),
            10 => Check::Sha256(Sha256::new()),
            _ => Check::Nothing,
        }
    }
}

/// A checksum under way.
pub(crate) enum Check {
    /// There is none, or one that is not known.
    Nothing,
    Crc32(Crc),
    Crc64(Crc64),
    Sha256(Sha256),
}

impl Check {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Check::Nothing => {}
            Check::Crc32(crc) => crc.update(bytes),
            Check::Crc64(crc) => crc.update(bytes),
            Check::Sha256(hash) => hash.update(bytes),
        }
    }

    /// Ends the checksum: the bytes that should be in the file, or `None` when there is nothing to compare.
    pub(crate) fn finish(&mut self) -> Option<Vec<u8>> {
        match std::mem::replace(self, Check::Nothing) {
            Check::Nothing => None,
            Check::Crc32(crc) => Some(crc.sum().to_le_bytes().to_vec()),
            Check::Crc64(crc) => Some(crc.sum().to_le_bytes().to_vec()),
            Check::Sha256(hash) => Some(hash.finalize().to_vec()),
        }
    }
}

/// CRC-64 of ECMA-182, the lowest bit first.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Crc64 {
    /// The remainder with all bits turned round, so that zero is where it starts.
    inverted: u64,
}

/// What each byte does to the remainder. Worked out when it is needed, because two kilobytes of noise do not compress.
static CRC64: LazyLock<[u64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        (0..8).fold(byte as u64, |sum, _| match sum & 1 {
            0 => sum >> 1,
            _ => sum >> 1 ^ 0xc96c_5795_d787_0f42,
        })
    })
});

impl Crc64 {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let table = &*CRC64;
        let mut sum = !self.inverted;
        for byte in bytes {
            // The index is one byte, and the table has an entry for each.
            sum = table[usize::from(sum as u8 ^ byte)] ^ sum >> 8;
        }
        self.inverted = !sum;
    }

    pub(crate) fn sum(self) -> u64 {
        self.inverted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc64_gives_the_published_check_value() {
        let mut crc = Crc64::default();
        crc.update(b"1234");
        crc.update(b"56789");
        assert_eq!(crc.sum(), 0x995d_c9bb_df19_39fa);
        assert_eq!(Crc64::default().sum(), 0);
    }
}
