// SPDX-License-Identifier: MIT OR Apache-2.0
//! Calendar expressions: `Mon..Fri *-*-* 09:00` (systemd.time(7), "Calendar Events"). Fractions of seconds are cut off.

mod civil;
mod parse;

pub use parse::parse;

use civil::{Civil, days_in_month, weekday};

/// A value, a range, or a repetition: `start`, `start..stop`, `start/repeat`, `start..stop/repeat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    stop: Option<u32>,
    repeat: Option<u32>,
}

/// What a field may be; empty stands for every value.
type Field = Vec<Span>;

/// A calendar expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Bit N is set for weekday N, Monday being 0; 0x7f: every day.
    weekdays: u8,
    year: Field,
    month: Field,
    day: Field,
    /// Days count from the end of the month (`~`).
    from_end: bool,
    hour: Field,
    minute: Field,
    second: Field,
    /// The expression is in UTC; otherwise in local time.
    utc: bool,
}

/// The last year that is tried, as in systemd.
const LAST_YEAR: u32 = 2199;

impl Calendar {
    /// The first moment after `after` (seconds since 1970 in UTC) that matches. `offset` gives local time less UTC, in seconds,
    /// at a moment.
    #[must_use]
    pub fn next(&self, after: i64, offset: &dyn Fn(i64) -> i64) -> Option<i64> {
        let offset = |moment: i64| if self.utc { 0 } else { offset(moment) };
        let mut from = Civil::of(after.checked_add(1)?.checked_add(offset(after))?)?;
        loop {
            from = self.next_civil(from)?;
            let local = from.seconds();
            // The offset that holds at the moment itself: one more round gives it, but for the hour that a zone skips.
            let guess = local - offset(local - offset(after));
            let moment = local - offset(guess);
            if moment > after {
                return Some(moment);
            }
            // An hour that comes twice: its second time is over.
            from = Civil::of(local + 1)?;
        }
    }

    /// The first matching date and time at or after `at`.
    fn next_civil(&self, mut at: Civil) -> Option<Civil> {
        loop {
            let year = next_in(&self.year, at.year, LAST_YEAR)?;
            if year != at.year {
                at = Civil { year, month: 1, ..Civil::FIRST };
            }
            let Some(month) = next_in(&self.month, at.month, 12) else {
                at = Civil { year: at.year + 1, ..Civil::FIRST };
                continue;
            };
            if month != at.month {
                at = Civil { year, month, ..Civil::FIRST };
            }
            let Some(day) = self.next_day(at) else {
                at = Civil { year, month: month + 1, ..Civil::FIRST };
                continue;
            };
            if day != at.day {
                at = Civil { year, month, day, ..Civil::FIRST };
            }
            if self.next_time(&mut at) {
                return Some(at);
            }
            at = Civil { year, month, day: day + 1, ..Civil::FIRST };
        }
    }

    /// The first matching day of `at`'s month that is not before `at`'s.
    fn next_day(&self, at: Civil) -> Option<u32> {
        let last = days_in_month(at.year, at.month);
        let field: Field = match self.from_end {
            false => self.day.clone(),
            true => self.day.iter().filter_map(|span| from_end(span, last)).collect(),
        };
        if self.from_end && field.is_empty() {
            return None;
        }
        let mut day = at.day;
        loop {
            day = next_in(&field, day, last)?;
            if self.weekdays & 1 << weekday(at.year, at.month, day) != 0 {
                return Some(day);
            }
            day += 1;
        }
    }

    /// Moves `at` to the first matching time of its day that is not before it; `false` if there is none.
    fn next_time(&self, at: &mut Civil) -> bool {
        loop {
            let Some(hour) = next_in(&self.hour, at.hour, 23) else { return false };
            if hour != at.hour {
                (at.hour, at.minute, at.second) = (hour, 0, 0);
            }
            let Some(minute) = next_in(&self.minute, at.minute, 59) else {
                (at.hour, at.minute, at.second) = (hour + 1, 0, 0);
                continue;
            };
            if minute != at.minute {
                (at.minute, at.second) = (minute, 0);
            }
            if let Some(second) = next_in(&self.second, at.second, 59) {
                at.second = second;
                return true;
            }
            (at.minute, at.second) = (minute + 1, 0);
        }
    }
}

/// A span of days that counts from the end of a month with `last` days; `None` if it begins before the month.
fn from_end(span: &Span, last: u32) -> Option<Span> {
    let turn = |day: u32| (last + 1).checked_sub(day);
    Some(Span {
        start: turn(span.start)?,
        stop: span.stop.map(turn).unwrap_or(Some(last)).filter(|_| span.stop.is_some()),
        ..*span
    })
}

/// The smallest value from `from` to `last` that `field` allows.
fn next_in(field: &Field, from: u32, last: u32) -> Option<u32> {
    if field.is_empty() {
        return (from <= last).then_some(from);
    }
    field.iter().filter_map(|span| next_of(span, from, last)).min()
}

fn next_of(span: &Span, from: u32, last: u32) -> Option<u32> {
    let stop = match (span.stop, span.repeat) {
        (Some(stop), _) => stop.min(last),
        (None, Some(_)) => last,
        (None, None) => span.start.min(last),
    };
    let step = span.repeat.unwrap_or(1).max(1);
    let value = span.start + from.saturating_sub(span.start).div_ceil(step) * step;
    (value >= from && value <= stop).then_some(value)
}

#[cfg(test)]
mod tests;
