//! One range of bytes, as a page asks for it.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::refusal::Refusal;

/// `bytes=first-` or `bytes=first-last`, both ends included. A browser sends no other form across
/// origins without asking first, and registries differ on all the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) first: u64,
    pub(crate) last: Option<u64>,
}

impl ByteRange {
    /// The range that a request asks for, if any.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let mut lines = headers.get_all(header::RANGE).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Ok(None),
            (Some(line), None) => Self::parse(line)
                .map(Some)
                .ok_or(Refusal::HeaderRefused { header: "range" }),
            (Some(_), Some(_)) => Err(Refusal::HeaderRefused { header: "range" }),
        }
    }

    fn parse(line: &HeaderValue) -> Option<Self> {
        let (first, last) = line
            .to_str()
            .ok()?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        let range = Self {
            first: number(first)?,
            last: match last {
                "" => None,
                digits => Some(number(digits)?),
            },
        };
        range
            .last
            .is_none_or(|last| range.first <= last)
            .then_some(range)
    }

    /// The same with the first byte after it; the greatest number means the end, wherever that is.
    pub(crate) fn exclusive(self) -> Range<u64> {
        self.first..self.last.map_or(u64::MAX, |last| last.saturating_add(1))
    }

    /// The part of `size` bytes that is asked for: offset and length. None if it has no byte.
    pub(crate) fn within(self, size: u64) -> Option<(u64, u64)> {
        let end = match self.last {
            Some(last) => last.saturating_add(1).min(size),
            None => size,
        };
        match end.checked_sub(self.first) {
            Some(length) if length > 0 => Some((self.first, length)),
            _ => None,
        }
    }
}

/// Digits only: `u64::from_str` would take a sign, too.
fn number(digits: &str) -> Option<u64> {
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&'static str]) -> Result<Option<ByteRange>, Refusal> {
        let lines = lines
            .iter()
            .map(|line| (header::RANGE, HeaderValue::from_static(line)));
        ByteRange::of(&lines.collect())
    }

    #[test]
    fn one_absolute_range_and_nothing_else() {
        for (line, first, last) in [
            ("bytes=0-", 0, None),
            ("bytes=0-0", 0, Some(0)),
            ("bytes=5-9", 5, Some(9)),
            ("bytes=18446744073709551615-", u64::MAX, None),
        ] {
            assert_eq!(
                of(&[line]).ok(),
                Some(Some(ByteRange { first, last })),
                "{line}"
            );
        }
        assert_eq!(of(&[]).ok(), Some(None));
        for line in [
            "bytes=-5",
            "bytes=9-5",
            "bytes=0-1,3-4",
            "bytes=+1-2",
            "bytes= 0-1",
            "bytes=0",
            "items=0-1",
            "bytes=",
            "bytes=-",
            "bytes=18446744073709551616-",
            "BYTES=0-1",
            "",
        ] {
            assert!(of(&[line]).is_err(), "{line:?}");
        }
        assert!(of(&["bytes=0-1", "bytes=0-1"]).is_err());
    }

    #[test]
    fn a_range_stays_within_the_file() {
        for (first, last, size, part) in [
            (0, None, 10, Some((0, 10))),
            (9, None, 10, Some((9, 1))),
            (10, None, 10, None),
            (0, Some(0), 10, Some((0, 1))),
            (3, Some(99), 10, Some((3, 7))),
            (0, Some(u64::MAX), u64::MAX, Some((0, u64::MAX))),
            (u64::MAX, None, 10, None),
            (0, None, 0, None),
        ] {
            assert_eq!(ByteRange { first, last }.within(size), part);
        }
    }
}
