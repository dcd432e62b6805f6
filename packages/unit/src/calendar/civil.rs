// SPDX-License-Identifier: MIT OR Apache-2.0
//! Dates of the Gregorian calendar and seconds since 1970.

/// A date and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    pub year: u32,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
}

impl Civil {
    /// The first second of a year; its year is to be set.
    pub const FIRST: Civil = Civil { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

    /// The date and time `seconds` after 1970; `None` before that year and after 9999.
    pub fn of(seconds: i64) -> Option<Civil> {
        let of_day = u32::try_from(seconds.rem_euclid(86_400)).ok()?;
        let (year, month, day) = date(seconds.div_euclid(86_400));
        let year = u32::try_from(year).ok().filter(|year| (1970..10_000).contains(year))?;
        Some(Civil { year, month, day, hour: of_day / 3600, minute: of_day / 60 % 60, second: of_day % 60 })
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        let of_day = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        days(self.year, self.month, self.day) * 86_400 + of_day
    }
}

/// Days since 1970-01-01: years are counted from March, so that the leap day is the last.
fn days(year: u32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let month = i64::from((month + 9) % 12);
    let of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
fn date(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * month + 2) / 5 + 1) as u32;
    let month = if month < 10 { month + 3 } else { month - 9 } as u32;
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Days of a month; of no month, none.
pub fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// The day of the week, Monday being 0.
pub fn weekday(year: u32, month: u32, day: u32) -> u32 {
    // 1970-01-01 was a Thursday.
    (days(year, month, day) + 3).rem_euclid(7) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for seconds in (0..4_000_000_000_i64).step_by(86_399 * 7) {
            assert_eq!(Civil::of(seconds).unwrap().seconds(), seconds);
        }
        let leap = Civil { year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 59 };
        assert_eq!((Civil::of(1_709_251_199), leap.seconds()), (Some(leap), 1_709_251_199));
        assert_eq!(Civil::of(-1), None);
        assert_eq!((weekday(2026, 11, 27), weekday(1970, 1, 1)), (4, 3));
        assert_eq!([2023, 2024, 1900, 2000].map(|year| days_in_month(year, 2)), [28, 29, 28, 29]);
    }
}
