// SPDX-License-Identifier: MIT OR Apache-2.0
//! Time spans: `2min 30s`, `1.5h`, `infinity` (systemd.time(7), "Parsing Time Spans").

use std::time::Duration;

/// A span without end.
pub const INFINITY: Duration = Duration::MAX;

/// Units and their lengths in microseconds; the first name is the one that is printed.
const UNITS: &[(&[&str], u64)] = &[
    (&["y", "year", "years"], 31_557_600_000_000),
    (&["month", "months", "M"], 2_629_800_000_000),
    (&["w", "week", "weeks"], 604_800_000_000),
    (&["d", "day", "days"], 86_400_000_000),
    (&["h", "hr", "hour", "hours"], 3_600_000_000),
    (&["min", "m", "minute", "minutes"], 60_000_000),
    (&["s", "sec", "second", "seconds", ""], 1_000_000),
    (&["ms", "msec"], 1_000),
    (&["us", "usec", "µs", "μs"], 1),
];

/// Reads a span; a number without a unit counts seconds.
///
/// # Errors
/// Says why `text` is no span.
pub fn parse(text: &str) -> Result<Duration, String> {
    let error = |reason: &str| format!("{text:?} is no time span: {reason}");
    let mut rest = text.trim();
    if rest == "infinity" {
        return Ok(INFINITY);
    }
    if rest.is_empty() {
        return Err(error("empty"));
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let factor = UNITS.iter().find(|(names, _)| names.contains(&unit)).map(|(_, factor)| *factor);
        let factor = factor.ok_or_else(|| error(&format!("unknown unit {unit:?}")))?;
        let value = microseconds(number, factor).ok_or_else(|| error("not a number"))?;
        total = total.checked_add(value).ok_or_else(|| error("too long"))?;
        rest = after.trim_start();
    }
    Ok(Duration::from_micros(total))
}

/// `number`, which may have a fraction, times `factor`.
fn microseconds(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut value = whole.checked_mul(factor)?;
    let mut part = factor;
    for digit in fraction.bytes() {
        part /= 10;
        value = value.checked_add(part * u64::from(digit - b'0'))?;
    }
    Some(value)
}

/// The span as systemd prints it: `1min 30s`; seconds and below in one number with a fraction are not used.
#[must_use]
pub fn format(span: Duration) -> String {
    if span == INFINITY {
        return "infinity".into();
    }
    let mut left = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    let mut parts = Vec::new();
    for (names, factor) in UNITS {
        let count = left / factor;
        left %= factor;
        if count > 0 {
            parts.push(format!("{count}{}", names[0]));
        }
    }
    if parts.is_empty() { "0".into() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        // Microseconds as `systemd-analyze timespan` prints them.
        for (text, micros) in [
            ("2 h", 7_200_000_000),
            ("2hours", 7_200_000_000),
            ("48hr", 172_800_000_000),
            ("1y 12month", 63_115_200_000_000),
            ("55s500ms", 55_500_000),
            ("300ms20s 5day", 432_020_300_000),
            ("90", 90_000_000),
            ("1.5min", 90_000_000),
            (".5", 500_000),
            ("5.", 5_000_000),
            ("20 us", 20),
            ("3µs", 3),
            ("1M", 2_629_800_000_000),
            ("1m", 60_000_000),
            ("0", 0),
        ] {
            assert_eq!(parse(text).unwrap().as_micros(), micros, "{text}");
        }
        assert_eq!(parse(" infinity ").unwrap(), INFINITY);
    }

    #[test]
    fn no_spans() {
        for text in [
            "",
            " ",
            "x",
            "5x",
            "5 minx",
            "-5",
            "1.2.3",
            ".",
            "s",
            "99999999999999999999",
            "600000y",
            "5infinity",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn printed() {
        for (seconds, expect) in
            [(0, "0"), (90, "1min 30s"), (86_400, "1d"), (31_557_600, "1y"), (3_661, "1h 1min 1s")]
        {
            assert_eq!(format(Duration::from_secs(seconds)), expect);
        }
        assert_eq!(format(Duration::from_micros(1_500)), "1ms 500us");
        assert_eq!(format(INFINITY), "infinity");
    }
}
