//! When to ask again, and after how long.

use crate::limits;
use crate::step::Headers;

/// Whether asking again may bring another answer than this.
pub(super) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// How long to wait before the next attempt, in seconds: as the server asks, or else twice as long each time.
pub(super) fn wait(headers: &Headers, attempt: u32) -> u64 {
    asked(headers).map_or_else(|| backoff(attempt), |asked| asked.min(limits::WAIT_SECONDS))
}

/// The wait after so many attempts when nobody says how long, in seconds.
pub(super) fn backoff(attempt: u32) -> u64 {
    1 << attempt.saturating_sub(1).min(5)
}

/// `Retry-After` (RFC 9110, section 10.2.3), a number of seconds or a date. There is no clock here,
/// so a date counts from the answer's own `Date`; one that has passed asks for nothing.
fn asked(headers: &Headers) -> Option<u64> {
    let value = headers.get("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().unwrap_or(u64::MAX));
    }
    let until = seconds(value)?;
    let now = seconds(headers.get("date")?)?;
    until.checked_sub(now).filter(|wait| *wait > 0)
}

/// Seconds from the year 0 of the date format that HTTP has agreed on: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds(date: &str) -> Option<u64> {
    let (_, date) = date.trim().split_once(", ")?;
    let mut parts = date.split(' ');
    let day: u64 = number(parts.next()?, 2)?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as u64;
    let year: u64 = number(parts.next()?, 4)?;
    let mut clock = parts.next()?.split(':');
    let mut part = || number(clock.next()?, 2);
    let (hour, minute, second) = (part()?, part()?, part()?);
    if parts.next() != Some("GMT") || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // The year is counted from March, so that the leap day is its last.
    let (year, month) = if month < 2 {
        (year.checked_sub(1)?, month + 10)
    } else {
        (year, month - 2)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn number(text: &str, digits: usize) -> Option<u64> {
    let fits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(retry_after: &str) -> Option<u64> {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        asked(&Headers::from_iter([
            ("Date", now),
            ("Retry-After", retry_after),
        ]))
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(after("7"), Some(7));
        assert_eq!(after(" 0 "), Some(0));
        assert_eq!(after("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(after("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30));
        assert_eq!(after("Mon, 07 Nov 1994 08:49:37 GMT"), Some(86_400));
        for junk in [
            "Sun, 06 Nov 1994 08:00:00 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "",
            "-1",
            "soon",
            "1.5",
            "Sun, 06 Nov 1994",
            "Sun, 06 Foo 1994 08:49:37 GMT",
        ] {
            assert_eq!(after(junk), None, "{junk}");
        }
        let undated = Headers::from_iter([("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]);
        assert_eq!(asked(&undated), None);
    }

    #[test]
    fn dates_count_leap_days() {
        let day = |date: &str| seconds(&format!("Xxx, {date} 00:00:00 GMT")).unwrap() / 86_400;
        assert_eq!(day("01 Mar 2024") - day("28 Feb 2024"), 2);
        assert_eq!(day("01 Mar 2023") - day("28 Feb 2023"), 1);
        assert_eq!(day("01 Mar 2000") - day("28 Feb 2000"), 2);
        assert_eq!(day("01 Mar 1900") - day("28 Feb 1900"), 1);
        assert_eq!(day("01 Jan 2026") - day("31 Dec 2025"), 1);
        assert_eq!(day("01 Jan 2026") - day("01 Jan 2025"), 365);
    }

    #[test]
    fn without_a_wish_the_wait_doubles() {
        let none = Headers::new();
        let waits: Vec<u64> = (1..=4).map(|attempt| wait(&none, attempt)).collect();
        assert_eq!(waits, [1, 2, 4, 8]);
        assert!(backoff(u32::MAX) <= limits::WAIT_SECONDS);
    }

    #[test]
    fn no_wait_is_longer_than_a_minute() {
        for asked in ["61", "3600", "99999999999999999999999"] {
            let headers = Headers::from_iter([("retry-after", asked)]);
            assert_eq!(wait(&headers, 1), 60, "{asked}");
        }
    }
}
