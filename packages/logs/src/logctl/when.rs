// SPDX-License-Identifier: MIT OR Apache-2.0
//! Moments as a person writes them (systemd.time(7), "Parsing Timestamps"). Pure.

/// Seconds in microseconds.
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// Local time less UTC at a moment, both in seconds.
pub type Offset = dyn Fn(i64) -> i64;

/// Reads a moment, in microseconds since 1970 in UTC. `now` is the present in the same unit.
///
/// # Errors
/// Says what is expected.
pub fn parse(text: &str, now: u64, offset: &Offset) -> Result<u64, String> {
    let text = text.trim();
    let now = i64::try_from(now).unwrap_or(i64::MAX / 2);
    let moment = relative(text, now).or_else(|| absolute(text, now, offset));
    moment.map(|moment| u64::try_from(moment).unwrap_or(0)).ok_or_else(|| {
        format!("{text:?} is no time: give \"2026-11-28 12:00:00\", 12:00, today, yesterday, now, -1h, \"1h ago\", @SECONDS or 2026-11-28T12:00:00+01:00")
    })
}

fn relative(text: &str, now: i64) -> Option<i64> {
    if text == "now" {
        return Some(now);
    }
    if let Some(seconds) = text.strip_prefix('@') {
        return span(seconds);
    }
    if let Some(ago) = text.strip_suffix(" ago") {
        return Some(now.saturating_sub(span(ago)?));
    }
    match text.split_at_checked(1)? {
        ("-", back) => Some(now.saturating_sub(span(back)?)),
        ("+", forth) => Some(now.saturating_add(span(forth)?)),
        _ => None,
    }
}

fn span(text: &str) -> Option<i64> {
    i64::try_from(qos_unit::span::parse(text).ok()?.as_micros()).ok()
}

fn absolute(text: &str, now: i64, offset: &Offset) -> Option<i64> {
    let (text, is_utc) = match text.strip_suffix(" UTC").or_else(|| text.strip_suffix('Z')) {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (text, zone) = match zone(text).filter(|_| !is_utc) {
        Some((text, zone)) => (text, Some(zone)),
        None => (text, is_utc.then_some(0)),
    };
    // A day of the week in front is for people.
    let text = text.split_once(' ').filter(|(word, _)| is_weekday(word)).map_or(text, |(_, rest)| rest);
    let offset = |moment: i64| zone.unwrap_or_else(|| offset(moment));
    let now = now.div_euclid(SECOND);
    let today = (now + offset(now)).div_euclid(DAY);
    let (day, time) = match text {
        "today" => (today, "0:00"),
        "yesterday" => (today - 1, "0:00"),
        "tomorrow" => (today + 1, "0:00"),
        _ => match text.split_once([' ', 'T']) {
            Some((date, time)) => (day_of(date)?, time),
            None if text.contains('-') => (day_of(text)?, "0:00"),
            None => (today, text),
        },
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = time.split(':');
    let hour = number(parts.next()?, 0, 24)?;
    let minute = number(parts.next()?, 0, 59)?;
    let second = parts.next().map_or(Some(0), |part| number(part, 0, 60))?;
    let micros = if fraction.is_empty() {
        0
    } else {
        number(&format!("{fraction:0<6}")[..6.max(fraction.len())], 0, SECOND - 1)?
    };
    if parts.next().is_some() {
        return None;
    }
    let local = day * DAY + hour * 3600 + minute * 60 + second;
    // The offset at the moment itself, which is not known before: one more round gives it.
    let guess = local - offset(local - offset(local));
    Some((local - offset(guess)) * SECOND + micros)
}

/// Splits `DATE TIME+01:00` (RFC 3339) or `DATE TIME+0100` into the text before, and the offset from UTC in seconds.
fn zone(text: &str) -> Option<(&str, i64)> {
    // Behind the time: a date has `-` too.
    let colon = text.find(':')?;
    let at = colon + text[colon..].find(['+', '-'])?;
    let (sign, digits) = (if text[at..].starts_with('-') { -1 } else { 1 }, &text[at + 1..]);
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    let is_two = |part: &str| part.len() == 2;
    if !is_two(hours) || !is_two(minutes) {
        return None;
    }
    let seconds = number(hours, 0, 23)? * 3600 + number(minutes, 0, 59)? * 60;
    Some((text[..at].trim_end(), sign * seconds))
}

fn is_weekday(word: &str) -> bool {
    word.len() >= 3 && qos_sys::time::WEEKDAYS.iter().any(|day| word[..].starts_with(day))
}

fn day_of(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let year = number(parts.next()?, 0, 9999)?;
    let month = number(parts.next()?, 1, 12)?;
    let day = number(parts.next()?, 1, 31)?;
    let days = days(year, month, day);
    // 30 February is no day.
    (parts.next().is_none() && self::date(days) == (year, month, day)).then_some(days)
}

fn number(text: &str, least: i64, most: i64) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && (least..=most).contains(number))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is a year's last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469
}

/// The date that is `days` days after 1970-01-01: year, month, day.
pub fn date(days: i64) -> (i64, i64, i64) {
    let days = days.clamp(-1_000_000_000, 1_000_000_000) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (year + 400 * era, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28 17:00:00 UTC.
    const NOW: u64 = 1_795_885_200_000_000;

    #[test]
    fn dates() {
        for (days_since, expect) in
            [(0, (1970, 1, 1)), (-1, (1969, 12, 31)), (11_016, (2000, 2, 29)), (20_785, (2026, 11, 28))]
        {
            assert_eq!(date(days_since), expect);
        }
        for day in (-800_000..2_000_000).step_by(37) {
            let (year, month, day_of_month) = date(day);
            assert_eq!(days(year, month, day_of_month), day);
        }
    }

    #[test]
    fn moments() {
        // An hour east of Greenwich.
        let check = |text: &str, expect: Option<i64>| {
            let found = parse(text, NOW, &|_| 3600).ok().map(|micros| micros as i64 - NOW as i64);
            assert_eq!(found, expect.map(|seconds| seconds * SECOND), "{text}");
        };
        check("now", Some(0));
        check("-1h", Some(-3600));
        check("+5min", Some(300));
        check("1h 30min ago", Some(-5400));
        check("@1795885200", Some(0));
        check("today", Some(-18 * 3600));
        check("yesterday", Some(-42 * 3600));
        check("tomorrow", Some(6 * 3600));
        check("18:00", Some(0));
        check("18:00:01", Some(1));
        check("2026-11-28 18:00", Some(0));
        check("Sat 2026-11-28 18:00:05", Some(5));
        check("2026-11-28T17:00:00Z", Some(0));
        check("2026-11-28 17:00:00 UTC", Some(0));
        check("2026-11-28", Some(-18 * 3600));
        check("2026-11-28T17:00:00+00:00", Some(0));
        check("2026-11-28T17:00:00-00:00", Some(0));
        check("2026-11-28T17:00:00+0000", Some(0));
        check("2026-11-28T19:00:00+02:00", Some(0));
        check("2026-11-28T12:30:00-0430", Some(0));
        check("2026-11-28T22:45+05:45", Some(0));
        check("2026-11-28 19:00:00 +02:00", Some(0));
        check("Sat 2026-11-29 02:00:05+09:00", Some(5));
        check("19:00+02:00", Some(0));
        for bad in [
            "",
            "x",
            "2026-02-30",
            "25:00",
            "1:60",
            "-x",
            "@",
            "2026-11-28 1",
            "2026-13-01",
            "1:2:3:4",
            "µ",
            "12:00:00.x",
            "2026-11-28T17:00:00+24:00",
            "2026-11-28T17:00:00+01:60",
            "2026-11-28T17:00:00+1:00",
            "2026-11-28T17:00:00+01",
            "2026-11-28T17:00:00+01:00Z",
            "2026-11-28T17:00:00+",
            "2026-11-28T17:00:00+µ0",
            "2026-11-28T17:00:00+00:00+00:00",
            "2026-11-28+01:00",
        ] {
            check(bad, None);
        }
        assert_eq!(parse("18:00:00.25", NOW, &|_| 3600), Ok(NOW + 250_000));
        assert_eq!(parse("2026-11-28T18:00:00.25+01:00", NOW, &|_| 0), Ok(NOW + 250_000));
    }
}
