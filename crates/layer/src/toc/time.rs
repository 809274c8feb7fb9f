//! Moments as Go writes them in JSON.

use layerscope_tar::Timestamp;

/// Reads `2006-01-02T15:04:05.999999999Z`, or with an offset such as `+01:00` (RFC 3339).
pub(super) fn rfc3339(text: &str) -> Option<Timestamp> {
    // Year, month, day, hour, minute, second: where each is, and what it can be.
    const FIELDS: [(usize, usize, i64); 6] = [
        (0, 4, 9999),
        (5, 7, 12),
        (8, 10, 31),
        (11, 13, 23),
        (14, 16, 59),
        (17, 19, 60),
    ];
    let mut fields = [0; 6];
    for (field, (start, end, most)) in fields.iter_mut().zip(FIELDS) {
        *field = number(text.get(start..end)?, most)?;
    }
    let [year, month, day, hour, minute, second] = fields;
    let between = [4, 7, 10, 13, 16].map(|at| text.as_bytes().get(at).copied());
    if between != [b'-', b'-', b'T', b':', b':'].map(Some) || month == 0 {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, zone) = rest.split_at_checked(rest.find(['Z', '+', '-'])?)?;
    let mut nanos = 0;
    let mut unit = 1_000_000_000;
    for digit in fraction.bytes().skip(1) {
        unit /= 10;
        nanos += u32::from(digit.wrapping_sub(b'0')).min(9) * unit;
    }
    let seconds = hour * 3600 + minute * 60 + second;
    Some(Timestamp {
        seconds: days(year, month, day) * 86_400 + seconds - offset(zone)?,
        nanos,
    })
}

/// Seconds that a zone is ahead.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let seconds = number(zone.get(1..3)?, 23)? * 3600 + number(zone.get(4..)?, 59)? * 60;
    Some(if zone.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

/// Digits, and no more than `most`.
fn number(digits: &str, most: i64) -> Option<i64> {
    let mut number = 0_i64;
    for digit in digits.bytes() {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number = number.saturating_mul(10).saturating_add(digit.into());
    }
    (number <= most).then_some(number)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; years are counted from March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_as_go_writes_them() {
        let read = |text| rfc3339(text).map(|it| (it.seconds, it.nanos));
        assert_eq!(read("1970-01-01T00:00:00Z"), Some((0, 0)));
        assert_eq!(read("2026-01-01T00:00:00Z"), Some((1_767_225_600, 0)));
        assert_eq!(
            read("2000-02-29T12:30:45.25+01:30"),
            Some((951_822_045, 250_000_000))
        );
        assert_eq!(read("1969-12-31T23:59:59.000000001Z"), Some((-1, 1)));
        assert_eq!(read("0001-01-01T00:00:00Z"), Some((-62_135_596_800, 0)));
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "2026-01-01",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00Zulu",
            "2026-01-01T00:00:00+1",
            "2026/01/01T00:00:00Z",
            "-001-01-01T00:00:00Z",
            "99999999999999999999-01-01T00:00:00Z",
            "2026-01-01T00:00:0éZ",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
