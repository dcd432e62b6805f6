// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading calendar expressions.

use super::civil::Civil;
use super::{Calendar, Field, Span};

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Names for expressions.
const SHORTHANDS: &[(&str, &str)] = &[
    ("minutely", "*-*-* *:*:00"),
    ("hourly", "*-*-* *:00:00"),
    ("daily", "*-*-* 00:00:00"),
    ("weekly", "Mon *-*-* 00:00:00"),
    ("monthly", "*-*-01 00:00:00"),
    ("yearly", "*-01-01 00:00:00"),
    ("annually", "*-01-01 00:00:00"),
    ("anually", "*-01-01 00:00:00"),
    ("quarterly", "*-01,04,07,10-01 00:00:00"),
    ("semiannually", "*-01,07-01 00:00:00"),
    ("semi-annually", "*-01,07-01 00:00:00"),
    ("biannually", "*-01,07-01 00:00:00"),
    ("bi-annually", "*-01,07-01 00:00:00"),
];

/// Reads an expression.
///
/// # Errors
/// Says why `text` is no calendar expression. Time zones other than UTC are not known here.
pub fn parse(text: &str) -> Result<Calendar, String> {
    let trimmed = text.trim();
    let (body, utc) = match trimmed.strip_suffix(" UTC") {
        Some(body) => (body.trim_end(), true),
        None => (trimmed, false),
    };
    let lower = body.to_ascii_lowercase();
    let body = SHORTHANDS.iter().find(|(name, _)| *name == lower).map_or(body, |(_, meaning)| meaning);
    let found = match body.strip_prefix('@') {
        Some(seconds) => of_unix(seconds),
        None => fields(body),
    };
    let mut calendar = found.map_err(|reason| format!("{text:?} is no calendar expression: {reason}"))?;
    calendar.utc |= utc;
    Ok(calendar)
}

fn of_unix(seconds: &str) -> Result<Calendar, String> {
    let at = seconds.parse().ok().and_then(Civil::of).ok_or("bad number of seconds since 1970")?;
    let one = |start| vec![Span { start, stop: None, repeat: None }];
    Ok(Calendar {
        weekdays: 0x7f,
        year: one(at.year),
        month: one(at.month),
        day: one(at.day),
        from_end: false,
        hour: one(at.hour),
        minute: one(at.minute),
        second: one(at.second),
        utc: true,
    })
}

fn fields(body: &str) -> Result<Calendar, String> {
    let one = |start| vec![Span { start, stop: None, repeat: None }];
    let mut calendar = Calendar {
        weekdays: 0x7f,
        year: Vec::new(),
        month: Vec::new(),
        day: Vec::new(),
        from_end: false,
        hour: one(0),
        minute: one(0),
        second: one(0),
        utc: false,
    };
    let mut words = body.split_ascii_whitespace().peekable();
    if words.peek().is_none() {
        return Err("empty".into());
    }
    if let Some(word) = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())) {
        calendar.weekdays = weekdays(word)?;
    }
    if let Some(word) = words.next_if(|word| !word.contains(':') && word.contains(['-', '~'])) {
        date(word, &mut calendar)?;
    }
    if let Some(word) = words.next() {
        time(word, &mut calendar)?;
    }
    match words.next() {
        Some(word) => Err(format!("{word:?} is too much (time zones other than UTC are not supported)")),
        None => Ok(calendar),
    }
}

fn weekdays(text: &str) -> Result<u8, String> {
    let number = |name: &str| {
        let lower = name.to_ascii_lowercase();
        let is = |day: &str| *day == *lower || ((3..=4).contains(&lower.len()) && day.starts_with(&lower));
        WEEKDAYS.iter().position(|day| is(day)).ok_or_else(|| format!("unknown weekday {name:?}"))
    };
    let mut bits = 0;
    for part in text.split(',').filter(|part| !part.is_empty()) {
        // `Mon-Fri` is the older way to write a range.
        let (first, last) = part.split_once("..").or_else(|| part.split_once('-')).unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(format!("range {part} runs backwards"));
        }
        (first..=last).for_each(|day| bits |= 1 << day);
    }
    if bits == 0 { Err("no weekday".into()) } else { Ok(bits) }
}

fn date(text: &str, calendar: &mut Calendar) -> Result<(), String> {
    let (text, last) = match text.split_once('~') {
        Some((front, last)) => {
            calendar.from_end = true;
            (front, Some(last))
        }
        None => (text, None),
    };
    let parts: Vec<_> = text.split('-').chain(last).collect();
    let (year, month, day) = match parts[..] {
        [year, month, day] => (year, month, day),
        [month, day] => ("*", month, day),
        _ => return Err(format!("{text:?} is no date")),
    };
    calendar.year = field(year, 1970..=super::LAST_YEAR, &two_digits)?;
    calendar.month = field(month, 1..=12, &same)?;
    calendar.day = field(day, 1..=31, &same)?;
    if calendar.from_end && calendar.day.is_empty() {
        return Err("~ needs a day".into());
    }
    Ok(())
}

fn time(text: &str, calendar: &mut Calendar) -> Result<(), String> {
    let parts: Vec<_> = text.split(':').collect();
    let (hour, minute, second) = match parts[..] {
        [hour, minute] => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, second),
        _ => return Err(format!("{text:?} is no time of day")),
    };
    calendar.hour = field(hour, 0..=23, &same)?;
    calendar.minute = field(minute, 0..=59, &same)?;
    calendar.second = field(&without_fractions(second), 0..=59, &same)?;
    Ok(())
}

/// `00.5` as `00`.
fn without_fractions(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('.') {
        let after = &rest[at + 1..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(&rest[..at]);
        if digits == 0 || rest[..at].is_empty() {
            out.push('.');
        }
        rest = if digits == 0 || rest[..at].is_empty() { after } else { &after[digits..] };
    }
    out + rest
}

fn same(value: u32, _: &str) -> u32 {
    value
}

/// Years of two digits: 69 and below are of this century.
fn two_digits(value: u32, text: &str) -> u32 {
    match value {
        _ if text.len() > 2 => value,
        0..70 => value + 2000,
        _ => value + 1900,
    }
}

fn field(
    text: &str,
    range: std::ops::RangeInclusive<u32>,
    fix: &dyn Fn(u32, &str) -> u32,
) -> Result<Field, String> {
    if text == "*" {
        return Ok(Vec::new());
    }
    let number = |digits: &str| {
        let value = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let value = value.and_then(|digits| digits.parse().ok()).map(|value| fix(value, digits));
        value
            .filter(|value| range.contains(value))
            .ok_or_else(|| format!("{digits:?} is no number from {range:?}"))
    };
    let mut field = Vec::new();
    for part in text.split(',') {
        let (span, repeat) = match part.split_once('/') {
            Some((span, repeat)) => {
                let step = Some(repeat).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
                let step =
                    step.and_then(|digits| digits.parse().ok()).filter(|step| (1..10_000).contains(step));
                (span, Some(step.ok_or_else(|| format!("bad repetition {repeat:?}"))?))
            }
            None => (part, None),
        };
        let span = match (span.split_once(".."), span) {
            (Some((start, stop)), _) => Span { start: number(start)?, stop: Some(number(stop)?), repeat },
            (None, "*") if repeat.is_some() => Span { start: *range.start(), stop: None, repeat },
            (None, _) => Span { start: number(span)?, stop: None, repeat },
        };
        field.push(span);
    }
    Ok(field)
}
