//! The rules of a `.dive-ci` file, judged as dive judges them.
//!
//! - All three comparisons are strict: a figure that equals its threshold passes, whatever dive's manual says.
//! - `disabled`, `off`, `false` or nothing turns a rule off. What the file does not name is at dive's default:
//!   0.9, disabled, and 0.1.
//! - A ratio is a decimal number from 0 to 1. Bytes are written as dive's library reads them: `20MB` is
//!   20·10⁶, `20MiB` is 20·2²⁰, a number alone is bytes.
//!
//! Of YAML only what such files are made of is understood: comments, the key `rules:`, and below it one
//! `name: value` a line, indented. Anything else is refused, because a gate that reads half of its rules is none.

use crate::view::{DiveFigures, ErrorView, GateReport, GateRule};

/// The least share of bytes that are not wasted.
const EFFICIENCY: &str = "lowestEfficiency";
/// The most wasted bytes.
const WASTED: &str = "highestWastedBytes";
/// The most wasted bytes, as a share of the layers above the base.
const USER: &str = "highestUserWastedPercent";
/// A name, its other spelling, and its default.
const RULES: [(&str, &str, &str); 3] = [
    (EFFICIENCY, "lowest-efficiency", "0.9"),
    (WASTED, "highest-wasted-bytes", "disabled"),
    (USER, "highest-user-wasted-percent", "0.1"),
];
const OFF: [&str; 4] = ["", "disabled", "off", "false"];
/// Digits of a number that a 64-bit float holds whatever they are.
const DIGITS: usize = 15;

/// Judges an image's figures by the text of a `.dive-ci` file; an empty one stands for the defaults.
///
/// # Errors
/// When a line is not what such a file is made of, a rule is unknown or stands twice, or a threshold cannot be read.
pub fn judge(text: &str, figures: &DiveFigures) -> Result<GateReport, ErrorView> {
    let stated = stated(text)?;
    let mut rules = Vec::new();
    for ((name, _, default), stated) in RULES.into_iter().zip(stated) {
        let threshold = stated.as_deref().unwrap_or(default).trim();
        let failed = if OFF.iter().any(|off| threshold.eq_ignore_ascii_case(off)) {
            None
        } else {
            Some(is_failed(name, threshold, figures)?)
        };
        rules.push(GateRule {
            rule: name,
            state: match failed {
                None => "skip",
                Some(false) => "pass",
                Some(true) => "fail",
            },
            threshold: failed.map(|_| threshold.to_owned()),
        });
    }
    Ok(GateReport {
        passed: rules.iter().all(|rule| rule.state != "fail"),
        rules,
    })
}

#[allow(clippy::cast_precision_loss)] // The peer compares 64-bit floats, too.
fn is_failed(name: &str, threshold: &str, figures: &DiveFigures) -> Result<bool, ErrorView> {
    if name == WASTED {
        let most =
            bytes(threshold).ok_or_else(|| refused(name, "a size such as 20MB", threshold))?;
        return Ok(figures.wasted_bytes as f64 > most);
    }
    let limit = decimal(threshold)
        .filter(|ratio| *ratio <= 1.0)
        .ok_or_else(|| refused(name, "a number from 0 to 1", threshold))?;
    Ok(match name {
        EFFICIENCY => limit > figures.efficiency,
        // Nothing of nothing is no number, which is never too much; something of nothing always is.
        _ => figures
            .user_wasted_percent
            .map_or(figures.wasted_bytes > 0, |share| share > limit),
    })
}

/// What the file says of each rule.
fn stated(text: &str) -> Result<[Option<String>; 3], ErrorView> {
    let mut stated = [None, None, None];
    let mut within = false;
    for (number, line) in (1_usize..).zip(text.lines()) {
        let content = without_comment(line);
        let trimmed = content.trim();
        if trimmed.is_empty() || trimmed == "---" {
            continue;
        }
        let place = || format!("line {number}");
        let indented = content.starts_with(' ');
        if !indented {
            within = trimmed == "rules:";
            if !within {
                return Err(refused(&place(), "rules:", trimmed));
            }
            continue;
        }
        let rule = trimmed
            .split_once(':')
            .filter(|(_, value)| within && (value.is_empty() || value.starts_with(' ')));
        let Some((name, value)) = rule else {
            return Err(refused(
                &place(),
                "name: value, indented, below rules:",
                trimmed,
            ));
        };
        let known = RULES
            .iter()
            .position(|(camel, kebab, _)| name == *camel || name == *kebab)
            .and_then(|at| stated.get_mut(at))
            .filter(|slot| slot.is_none());
        let Some(slot) = known else {
            return Err(refused(&place(), "each of the three rules once", name));
        };
        *slot = Some(
            unquoted(value.trim())
                .ok_or_else(|| refused(&place(), "a plain value", value.trim()))?,
        );
    }
    Ok(stated)
}

/// A `#` begins a comment at the start of a line or after a space.
fn without_comment(line: &str) -> &str {
    let start = line.bytes().enumerate().find(|(at, byte)| {
        *byte == b'#'
            && line
                .get(..*at)
                .is_some_and(|before| before.is_empty() || before.ends_with(' '))
    });
    start.and_then(|(at, _)| line.get(..at)).unwrap_or(line)
}

/// A value without the quotes around it; `None` for what YAML would not take as it stands.
fn unquoted(value: &str) -> Option<String> {
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value);
    (!inner.contains(['"', '\'', '\\', '{', '[', '&', '*', '|', '>', '\t']))
        .then(|| inner.to_owned())
}

/// A decimal number of few digits: both halves of the division are exact, so that the quotient is rounded once.
#[allow(clippy::cast_precision_loss)] // At most 15 digits.
fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = [whole, fraction].concat();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let significant = digits.trim_start_matches('0').len();
    if !plain || significant > DIGITS || fraction.len() > DIGITS {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(number as f64 / (0..fraction.len()).fold(1.0, |scale, _| scale * 10.0))
}

/// A size with a unit of 1000 or 1024, whole bytes.
fn bytes(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let (number, unit) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let unit = unit.trim().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let (prefix, step) = match unit.strip_suffix('i') {
        Some(prefix) => (prefix, 1024.0),
        None => (unit, 1000.0),
    };
    let power = match prefix {
        "" if step == 1000.0 => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        "e" => 6,
        _ => return None,
    };
    let scale = (0..power).fold(1.0, |scale: f64, _| scale * step);
    Some((decimal(&number.replace(',', ""))? * scale).floor())
}

fn refused(at: &str, expected: &str, found: &str) -> ErrorView {
    ErrorView {
        name: "gate-rules".to_owned(),
        text: format!("{at}: expected {expected}, found `{found}`"),
        at: Some(at.to_owned()),
        expected: Some(expected.to_owned()),
        found: Some(found.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: DiveFigures = DiveFigures {
        efficiency: 0.95,
        wasted_bytes: 20_000_000,
        user_wasted_percent: Some(0.1),
        size_bytes: 0,
        user_size_bytes: 0,
    };

    fn states(text: &str) -> Result<[&'static str; 3], String> {
        let report = judge(text, &FIGURES).map_err(|error| error.text)?;
        let states: Vec<_> = report.rules.iter().map(|rule| rule.state).collect();
        assert_eq!(report.passed, !states.contains(&"fail"));
        states.try_into().map_err(|_| "not three".to_owned())
    }

    #[test]
    fn the_defaults_are_those_of_dive() {
        assert_eq!(states(""), Ok(["pass", "skip", "pass"]));
        assert_eq!(
            states("---\nrules:\n# nothing\n"),
            Ok(["pass", "skip", "pass"])
        );
    }

    #[test]
    fn a_figure_at_its_threshold_passes() {
        let at = "rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n  highestUserWastedPercent: 0.10\n";
        assert_eq!(states(at), Ok(["pass", "pass", "pass"]));
        let beyond = "rules:\n  lowestEfficiency: 0.9500001\n  highestWastedBytes: 19.999999 mb\n  highestUserWastedPercent: 0.0999999\n";
        assert_eq!(states(beyond), Ok(["fail", "fail", "fail"]));
    }

    #[test]
    fn words_turn_rules_off() {
        for word in ["disabled", "Off", "FALSE", "", "\"off\"", "''"] {
            let text = format!(
                "rules:\n  lowest-efficiency: {word}\n  highest-user-wasted-percent: {word} # why\n"
            );
            assert_eq!(states(&text), Ok(["skip", "skip", "skip"]), "{word}");
        }
    }

    #[test]
    fn bytes_are_read_as_people_write_them() {
        for (text, expected) in [
            ("0", 0.0),
            ("512", 512.0),
            ("1,000", 1000.0),
            ("20MB", 20e6),
            ("20 mb", 20e6),
            ("1.5k", 1500.0),
            ("1KiB", 1024.0),
            ("2mi", 2_097_152.0),
            ("1GB", 1e9),
            ("7b", 7.0),
        ] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        for text in ["", "MB", "-1", "1e6", "3 apples", "1ib", "1.2.3"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_those_that_any_parser_reads() {
        for text in [
            "0",
            "1",
            "0.1",
            "0.95",
            "0.842158",
            "0.9999999999999",
            "00.5",
            "1.",
            ".5",
        ] {
            assert_eq!(decimal(text), Some(text.parse::<f64>().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "lowestEfficiency: 0.9",
            "rules: {lowestEfficiency: 0.9}",
            "rules:\n  lowestEfficency: 0.9",
            "rules:\n  lowestEfficiency: 1.1",
            "rules:\n  lowestEfficiency: -0.1",
            "rules:\n  lowestEfficiency: 0.9\n  lowest-efficiency: 0.8",
            "rules:\n  highestWastedBytes: lots",
            "rules:\nlowestEfficiency: 0.9",
            "rules:\n\tlowestEfficiency: 0.9",
            "rules:\n  - lowestEfficiency: 0.9",
            "rules:\n  lowestEfficiency:0.9",
            "rules:\n  lowestEfficiency: NaN",
            "rules:\n  lowestEfficiency: *anchor",
        ] {
            assert!(states(text).is_err(), "{text}");
        }
    }

    #[test]
    fn something_of_nothing_is_too_much() {
        let figures = DiveFigures {
            user_wasted_percent: None,
            ..FIGURES
        };
        assert!(!judge("", &figures).unwrap().passed);
        let nothing = DiveFigures {
            wasted_bytes: 0,
            ..figures
        };
        assert!(judge("", &nothing).unwrap().passed);
    }
}
