// SPDX-License-Identifier: MIT OR Apache-2.0
//! Days since 1970-01-01, as shadow(5) counts them.

use std::time::SystemTime;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The day that it is now, in UTC.
#[must_use]
pub fn today() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(0) / DAY
}

/// The day of `text`: a number, or `YYYY-MM-DD`.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    if let Ok(day) = text.parse::<i64>() {
        return Some(day);
    }
    let mut parts = text.split('-').map(|part| {
        let digits = !part.is_empty() && part.len() < 10 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<i64>().ok()).flatten()
    });
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let days = days(year, month, day);
    (parts.next().is_none() && civil(days) == (year, month, day)).then_some(days)
}

/// `YYYY-MM-DD`.
#[must_use]
pub fn text(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The number of a day. Years are counted from March, so that a leap day is the last one of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day's number.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (date, day) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2038-01-20", 24_856),
            ("2106-02-08", 49_711),
            ("9999-12-31", 2_932_896),
        ] {
            assert_eq!(parse(date), Some(day), "{date}");
            assert_eq!(text(day), date);
        }
        for bad in
            ["", "2001-02-29", "2001-13-01", "2001-01", "2001-01-01-01", "x", "2001-00-01", "99999999999-1-1"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!((parse("19000"), parse("-1")), (Some(19_000), Some(-1)));
        assert!(today() > 20_000);
    }
}
