// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times in UTC, so that a listing does not depend on the host's time zone.

/// `YYYY-MM-DD hh:mm:ss` of seconds since 1970 (the algorithm of Howard Hinnant's `civil_from_days`).
#[must_use]
pub fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_767_225_599, "2025-12-31 23:59:59"),
            (u64::from(u32::MAX), "2106-02-07 06:28:15"),
            (0o77777777777, "2242-03-16 12:56:31"),
        ] {
            assert_eq!(utc(seconds), text, "{seconds}");
        }
        let _ = utc(u64::MAX);
    }
}
