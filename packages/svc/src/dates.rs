// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times since boot as dates, and as distances from now.

use qos_sys::time::{self, WEEKDAYS};
use qos_unit::span;
use std::time::{Duration, UNIX_EPOCH};

/// The present moment: since boot, and since 1970.
pub type Now = (Duration, Duration);

/// The present moment.
pub fn now() -> Now {
    (time::since_boot(), UNIX_EPOCH.elapsed().unwrap_or_default())
}

/// Seconds since 1970 at a time since boot.
pub fn real(at: Duration, now: Now) -> i64 {
    i64::try_from((now.1 + at).saturating_sub(now.0).as_secs()).unwrap_or(i64::MAX)
}

/// A time in whole seconds, or milliseconds of what is shorter, in words.
pub fn rounded(time: Duration) -> String {
    span::format(match time.as_secs() {
        0 => Duration::from_millis(u64::from(time.subsec_millis())),
        seconds => Duration::from_secs(seconds),
    })
}

/// Local time, with the difference from UTC: `Mon 2026-11-30 07:22:25 UTC`.
pub fn date(seconds: i64) -> String {
    let Ok(local) = time::local(seconds) else { return "-".to_owned() };
    let minutes = time::offset(seconds) / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let zone = match minutes.unsigned_abs() {
        0 => "UTC".to_owned(),
        minutes => format!("{sign}{:02}{:02}", minutes / 60, minutes % 60),
    };
    format!(
        "{} {:04}-{:02}-{:02} {:02}:{:02}:{:02} {zone}",
        WEEKDAYS[local.weekday],
        local.year,
        local.month + 1,
        local.day,
        local.hour,
        local.minute,
        local.second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        // The zone is the host's.
        let text = date(1_796_024_545);
        assert!(text.contains("2026-11-") || text.contains("2026-12-"), "{text}");
        assert_eq!(text.split(' ').count(), 4);
    }

    #[test]
    fn distances() {
        let seconds = Duration::from_secs;
        assert_eq!(real(seconds(5), (seconds(2), seconds(1002))), 1005);
        assert_eq!(real(seconds(1), (seconds(2), seconds(1002))), 1001);
        for (time, expect) in [(1_500_000, "1s"), (999_999, "999ms"), (61_000_000, "1min 1s"), (10, "0")] {
            assert_eq!(rounded(Duration::from_micros(time)), expect);
        }
    }
}
