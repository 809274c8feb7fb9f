//! An entry's attributes as text: kind, mode, time.

use layerscope_layer::{Kind, Timestamp};

/// The word for a kind.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::HardLink => "hardlink",
        Kind::Symlink => "symlink",
        Kind::Char => "char",
        Kind::Block => "block",
        Kind::Directory => "directory",
        Kind::Fifo => "fifo",
        Kind::Other(_) => "other",
    }
}

/// The mode as `ls -l` writes it: `drwxr-xr-x`, with `s`, `S`, `t` and `T` for the special bits.
///
/// ```
/// use layerscope_inspect::attributes::mode_text;
/// use layerscope_layer::Kind;
/// assert_eq!(mode_text(Kind::Directory, 0o1777), "drwxrwxrwt");
/// assert_eq!(mode_text(Kind::File, 0o4754), "-rwsr-xr--");
/// ```
#[must_use]
pub fn mode_text(kind: Kind, mode: u32) -> String {
    let letter = match kind {
        Kind::File | Kind::HardLink => '-',
        Kind::Symlink => 'l',
        Kind::Char => 'c',
        Kind::Block => 'b',
        Kind::Directory => 'd',
        Kind::Fifo => 'p',
        Kind::Other(_) => '?',
    };
    let mut text = String::with_capacity(10);
    text.push(letter);
    for (shift, special, set, unset) in [
        (6, 0o4000, 's', 'S'),
        (3, 0o2000, 's', 'S'),
        (0, 0o1000, 't', 'T'),
    ] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => set,
            (true, false) => unset,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// A moment in the form of RFC 3339, UTC, with the fraction that is stored.
///
/// Years before 0 and after 9999, which RFC 3339 has no form for, get a sign and all their digits (ISO 8601).
///
/// ```
/// use layerscope_inspect::attributes::rfc3339;
/// use layerscope_layer::Timestamp;
/// assert_eq!(rfc3339(Timestamp { seconds: 0, nanos: 0 }), "1970-01-01T00:00:00Z");
/// assert_eq!(rfc3339(Timestamp { seconds: -2, nanos: 500_000_000 }), "1969-12-31T23:59:58.5Z");
/// ```
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    let days = time.seconds.div_euclid(86_400);
    let second = time.seconds.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    let year = if (0..=9999).contains(&year) {
        format!("{year:04}")
    } else {
        format!("{year:+05}")
    };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if time.nanos > 0 {
        let fraction = format!("{:09}", time.nanos);
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// The calendar repeats every 400 years, of 146 097 days; counting from a March makes the leap day the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097;
    /// Days from 0000-03-01 to 1970-01-01.
    const TO_1970: i64 = 719_468;
    let days = days.saturating_add(TO_1970);
    let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (seconds, nanos, expected) in [
            (951_782_400, 0, "2000-02-29T00:00:00Z"),
            (1_767_225_600, 123_456_789, "2026-01-01T00:00:00.123456789Z"),
            (-86_401, 0, "1969-12-30T23:59:59Z"),
            (-62_167_219_200, 0, "0000-01-01T00:00:00Z"),
            (-62_167_219_201, 0, "-0001-12-31T23:59:59Z"),
            (253_402_300_800, 0, "+10000-01-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(Timestamp { seconds, nanos }), expected);
        }
        // Nothing that fits the type makes it panic.
        for seconds in [i64::MIN, i64::MAX] {
            assert!(
                rfc3339(Timestamp {
                    seconds,
                    nanos: 999_999_999
                })
                .ends_with('Z')
            );
        }
    }
}
