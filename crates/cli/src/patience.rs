//! How long is waited, in one place: no test can afford to wait as long as a person.

use std::time::Duration;

use layerscope_source::limits;

/// Milliseconds that a body may bring nothing. For tests.
const IDLE: &str = "LAYERSCOPE_TEST_IDLE_MS";
/// Milliseconds that a second lasts which a registry asks to wait. For tests.
const SECOND: &str = "LAYERSCOPE_TEST_SECOND_MS";

/// How long a body may bring nothing before its connection is given up.
pub(crate) fn idle() -> Duration {
    set(IDLE).unwrap_or(Duration::from_secs(limits::IDLE_SECONDS))
}

/// One of the seconds that a registry asks to wait.
pub(crate) fn second() -> Duration {
    set(SECOND).unwrap_or(Duration::from_secs(1))
}

fn set(variable: &str) -> Option<Duration> {
    let milliseconds = std::env::var(variable).ok()?.parse().ok()?;
    Some(Duration::from_millis(milliseconds))
}
