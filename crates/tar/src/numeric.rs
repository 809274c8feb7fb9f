//! Numbers and strings as tar writes them.

use crate::Timestamp;

/// A C string: what stands before the first NUL, or all of it.
pub(crate) fn c_string(field: &[u8]) -> &[u8] {
    match field.iter().position(|&byte| byte == 0) {
        Some(end) => field.get(..end).unwrap_or(field),
        None => field,
    }
}

/// A numeric header field: base-256 when its first bit is set, octal otherwise.
pub(crate) fn numeric(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => base256(field, first & 0x40 != 0),
        _ => octal(field).and_then(|value| i64::try_from(value).ok()),
    }
}

/// GNU's base-256: two's complement, big-endian, in all bits but the first.
fn base256(field: &[u8], negative: bool) -> Option<i64> {
    // A negative number is the complement of the one whose bits are all inverted.
    let invert = if negative { 0xff } else { 0x00 };
    let mut value: u64 = 0;
    for (index, byte) in field.iter().enumerate() {
        let byte = if index == 0 {
            (byte ^ invert) & 0x7f
        } else {
            byte ^ invert
        };
        if value >> 56 != 0 {
            return None;
        }
        value = value << 8 | u64::from(byte);
    }
    let value = i64::try_from(value).ok()?;
    Some(if negative { !value } else { value })
}

/// Octal digits between any number of spaces and NULs, up to a NUL among them. No digits are
/// zero.
pub(crate) fn octal(field: &[u8]) -> Option<u64> {
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = field.iter().position(|byte| !blank(byte)) else {
        return Some(0);
    };
    let end = field.iter().rposition(|byte| !blank(byte))?;
    let digits = c_string(field.get(start..=end)?);
    digits.iter().try_fold(0u64, |value, byte| match byte {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    })
}

/// A decimal number with an optional sign, as PAX records and sparse maps hold it.
pub(crate) fn decimal(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A PAX time: decimal seconds with an optional fraction, of which nine digits count.
///
/// The sign speaks of the whole, so `-1.5` is a second and a half before 1970.
pub(crate) fn time(text: &[u8]) -> Option<Timestamp> {
    let mut parts = text.splitn(2, |&byte| byte == b'.');
    let whole = parts.next()?;
    let fraction = parts.next().unwrap_or_default();
    let seconds = decimal(whole)?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(9);
    let nanos = digits.fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    if nanos == 0 || whole.first() != Some(&b'-') {
        return Some(Timestamp { seconds, nanos });
    }
    // Only the first second that 64 bits can count has none before it; it loses its fraction.
    Some(match seconds.checked_sub(1) {
        Some(seconds) => Timestamp {
            seconds,
            nanos: 1_000_000_000 - nanos,
        },
        None => Timestamp { seconds, nanos: 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_fields_read_as_go_reads_them() {
        let cases: &[(&[u8], Option<i64>)] = &[
            (b"", Some(0)),
            (b"\x80", Some(0)),
            (b"\x80\x00", Some(0)),
            (b"\x80\x00\x00", Some(0)),
            (b"\xbf", Some(63)),
            (b"\xbf\xff", Some(16_383)),
            (b"\xbf\xff\xff", Some(4_194_303)),
            (b"\xff", Some(-1)),
            (b"\xff\xff", Some(-1)),
            (b"\xff\xff\xff", Some(-1)),
            (b"\xc0", Some(-64)),
            (b"\xc0\x00", Some(-16_384)),
            (b"\xc0\x00\x00", Some(-4_194_304)),
            (
                b"\x87\x76\xa2\x22\xeb\x8a\x72\x61",
                Some(537_795_476_381_659_745),
            ),
            (
                b"\x80\0\0\0\x07\x76\xa2\x22\xeb\x8a\x72\x61",
                Some(537_795_476_381_659_745),
            ),
            (
                b"\xf7\x76\xa2\x22\xeb\x8a\x72\x61",
                Some(-615_126_028_225_187_231),
            ),
            (
                b"\xff\xff\xff\xff\xf7\x76\xa2\x22\xeb\x8a\x72\x61",
                Some(-615_126_028_225_187_231),
            ),
            (b"\x80\x7f\xff\xff\xff\xff\xff\xff\xff", Some(i64::MAX)),
            (b"\x80\x80\x00\x00\x00\x00\x00\x00\x00", None),
            (b"\xff\x80\x00\x00\x00\x00\x00\x00\x00", Some(i64::MIN)),
            (b"\xff\x7f\xff\xff\xff\xff\xff\xff\xff", None),
            (b"\xf5\xec\xd1\xc7\x7e\x5f\x26\x48\x81\x9f\x8f\x9b", None),
            (b"0000000\0", Some(0)),
            (b" \x000000000\0", Some(0)),
            (b" \x000000003\0", Some(3)),
            (b"00000000227\0", Some(0o227)),
            (b"032033\0 ", Some(0o32033)),
            (b"320330\0 ", Some(0o320330)),
            (b"0000660\0 ", Some(0o660)),
            (b"\0 0000660\0 ", Some(0o660)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"0123456789abcdef", None),
            (b"0123456789\0abcdef", None),
            (b"01234567\089abcdef", Some(0o1234567)),
            (b"0123\x7e\x5f\x264123", None),
            (b"0000 660", None),
            (b"-0000660", None),
            (b"+0000660", None),
            (b"7777777777777777777777777", None),
        ];
        for (field, expected) in cases {
            assert_eq!(numeric(field), *expected, "{}", field.escape_ascii());
        }
    }

    #[test]
    fn pax_times_read_as_go_reads_them() {
        // Seconds and nanoseconds as they are written; a negative sum is told rounded down.
        let good: &[(&str, i64, i64)] = &[
            ("1350244992.023960108", 1_350_244_992, 23_960_108),
            ("1350244992.02396010", 1_350_244_992, 23_960_100),
            ("1350244992.0239601089", 1_350_244_992, 23_960_108),
            ("1350244992.3", 1_350_244_992, 300_000_000),
            ("1350244992", 1_350_244_992, 0),
            ("-1.000000001", -1, -1),
            ("-1.000001", -1, -1_000),
            ("-1.001000", -1, -1_000_000),
            ("-1", -1, 0),
            ("-1.999000", -1, -999_000_000),
            ("-1.999999", -1, -999_999_000),
            ("-1.999999999", -1, -999_999_999),
            ("0.000000001", 0, 1),
            ("0.000001", 0, 1_000),
            ("0.001000", 0, 1_000_000),
            ("0", 0, 0),
            ("0.999000", 0, 999_000_000),
            ("0.999999", 0, 999_999_000),
            ("0.999999999", 0, 999_999_999),
            ("1.000000001", 1, 1),
            ("1.999999999", 1, 999_999_999),
            ("+1.5", 1, 500_000_000),
            ("-1350244992.023960108", -1_350_244_992, -23_960_108),
            ("-1350244992.02396010", -1_350_244_992, -23_960_100),
            ("-1350244992.0239601089", -1_350_244_992, -23_960_108),
            ("-1350244992.3", -1_350_244_992, -300_000_000),
            ("-1350244992", -1_350_244_992, 0),
            ("1.", 1, 0),
            ("0.0", 0, 0),
            ("-1.3", -1, -300_000_000),
            ("-1.0", -1, 0),
            ("-0.0", 0, 0),
            ("-0.1", 0, -100_000_000),
            ("-0.01", 0, -10_000_000),
            ("-0.99", 0, -990_000_000),
            ("-0.98", 0, -980_000_000),
            ("-1.1", -1, -100_000_000),
            ("-1.01", -1, -10_000_000),
            ("-2.99", -2, -990_000_000),
            ("-5.98", -5, -980_000_000),
            ("253402300800", 253_402_300_800, 0),
            ("9223372036854775807.9", i64::MAX, 900_000_000),
            ("-9223372036854775808", i64::MIN, 0),
        ];
        for &(text, seconds, nanos) in good {
            let expected = match nanos {
                0.. => Timestamp {
                    seconds,
                    nanos: nanos as u32,
                },
                _ => Timestamp {
                    seconds: seconds - 1,
                    nanos: (1_000_000_000 + nanos) as u32,
                },
            };
            assert_eq!(time(text.as_bytes()), Some(expected), "{text}");
        }
        let first = Timestamp {
            seconds: i64::MIN,
            nanos: 0,
        };
        assert_eq!(time(b"-9223372036854775808.5"), Some(first));

        let bad = [
            "",
            ".5",
            "-",
            "+",
            "-1.-1",
            "99999999999999999999999999999999999999999999999",
            "0.123456789abcdef",
            "foo",
            "\0",
            "1e9",
            "𝟵𝟴𝟳𝟲𝟱.𝟰𝟯𝟮𝟭𝟬",
            "98765﹒43210",
        ];
        for text in bad {
            assert_eq!(time(text.as_bytes()), None, "{text}");
        }
    }
}
