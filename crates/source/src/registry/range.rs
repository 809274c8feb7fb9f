//! Parts of a blob (RFC 9110, section 14).

use std::ops::Range;

use crate::error::quoted;
use crate::step::Headers;

/// The value of the `Range` header. Browsers send only ranges with a start.
pub(super) fn requested(range: &Range<u64>) -> String {
    match range.end {
        u64::MAX => format!("bytes={}-", range.start),
        end => format!("bytes={}-{}", range.start, end.saturating_sub(1)),
    }
}

/// Where the body of a 206 answer to `range` begins; or what was expected, and what was found. `size` is
/// that of the whole, if it is known.
pub(super) fn begins(
    range: Option<&Range<u64>>,
    size: Option<u64>,
    headers: &Headers,
) -> Result<u64, (String, String)> {
    let expected = || match range {
        Some(range) => requested(range).replace("bytes=", ""),
        None => "from 0 to the end, without being asked for a part".to_owned(),
    };
    let mut fields = headers.all("content-range");
    let found = match (fields.next(), fields.next()) {
        (Some(field), None) => field,
        (Some(_), Some(_)) => return Err((expected(), "two Content-Range headers".to_owned())),
        (None, _) => {
            let kind = headers.get("content-type").unwrap_or_default();
            let found = if kind.starts_with("multipart/byteranges") {
                "several parts"
            } else {
                "no Content-Range header"
            };
            return Err((expected(), found.to_owned()));
        }
    };
    match (range, content_range(found)) {
        (Some(range), Some((first, last, whole)))
            if first == range.start
                && last < range.end
                && (size.is_none() || whole.is_none() || size == whole) =>
        {
            Ok(first)
        }
        _ => Err((expected(), quoted(found))),
    }
}

/// The first and the last byte of `bytes 0-99/100`, and the size of the whole unless it is `*`.
fn content_range(field: &str) -> Option<(u64, u64, Option<u64>)> {
    let (unit, rest) = field.trim().split_once(' ')?;
    let (span, size) = rest.trim().split_once('/')?;
    let (first, last) = span.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    let size = match size {
        "*" => None,
        size => Some(number(size)?),
    };
    let is_within = size.is_none_or(|size| last < size);
    (unit.eq_ignore_ascii_case("bytes") && first <= last && is_within)
        .then_some((first, last, size))
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_asked_for_with_their_last_byte() {
        assert_eq!(requested(&(5..10)), "bytes=5-9");
        assert_eq!(requested(&(0..u64::MAX)), "bytes=0-");
    }

    #[test]
    fn only_the_range_asked_for_is_taken() {
        let begin = |fields: &[(&str, &str)]| {
            let headers = Headers::from_iter(fields.iter().copied());
            begins(Some(&(5..10)), Some(10), &headers).ok()
        };
        assert_eq!(begin(&[("Content-Range", "bytes 5-9/10")]), Some(5));
        assert_eq!(begin(&[("content-range", "BYTES 5-7/*")]), Some(5));
        for field in [
            "bytes 0-9/10",
            "bytes 6-9/10",
            "bytes 5-10/11",
            "bytes 5-9/11",
            "bytes 5-9/*, bytes 5-9/*",
            "bytes 5-9 /10",
            "bytes  - / ",
            "bytes 5-9/9",
            "bytes 9-5/10",
            "bytes */10",
            "bytes 5-9",
            "5-9/10",
            "bytes 5-/10",
            "bytes +5-9/10",
            "lines 5-9/10",
            "",
            "bytes 5-99999999999999999999/*",
        ] {
            assert_eq!(begin(&[("Content-Range", field)]), None, "{field}");
        }
        assert_eq!(begin(&[]), None);
        assert_eq!(
            begin(&[("Content-Type", "multipart/byteranges; boundary=x")]),
            None
        );
        assert_eq!(
            begin(&[
                ("Content-Range", "bytes 5-9/10"),
                ("Content-Range", "bytes 5-9/10")
            ]),
            None
        );
        let whole = Headers::from_iter([("content-range", "bytes 0-9/10")]);
        assert!(begins(None, None, &whole).is_err());
    }
}
