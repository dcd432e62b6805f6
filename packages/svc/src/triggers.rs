// SPDX-License-Identifier: MIT OR Apache-2.0
//! `list-timers`, `list-sockets`: units that start others.

use crate::select::{is_named, is_shown};
use crate::shown::Shown;
use crate::{Failure, Request, lists, manager};
use qos_sys::time::{self, WEEKDAYS};
use qos_unit::span;
use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

type Out<'a> = &'a mut dyn Write;

/// The units of a kind that the request is about.
fn of_kind<'a>(
    units: &'a [Shown],
    suffix: &'static str,
    request: &'a Request,
) -> impl Iterator<Item = &'a Shown> {
    units.iter().filter(move |unit| {
        unit.name().ends_with(suffix) && is_shown(unit, request) && is_named(unit.name(), request)
    })
}

/// `list-timers`: by the time at which they elapse next.
pub fn timers(request: &Request, out: Out) -> Result<(), Failure> {
    let real = UNIX_EPOCH.elapsed().unwrap_or_default();
    let rows = timer_rows(&manager::units(request)?, request, (time::since_boot(), real), &date);
    let footer = format!("{} timers listed.", rows.len());
    lists::write(request, out, &["NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES"], rows, &footer)
}

/// Rows; `now` is the time since boot and since 1970, and `date` writes a time since 1970 in seconds.
fn timer_rows(
    units: &[Shown],
    request: &Request,
    now: (Duration, Duration),
    date: &dyn Fn(i64) -> String,
) -> Vec<Vec<String>> {
    let mut all: Vec<&Shown> = of_kind(units, ".timer", request).collect();
    let next = |unit: &Shown| unit.time("NextElapseUSec");
    all.sort_by_key(|unit| (next(unit).is_none(), next(unit), unit.name().to_owned()));
    let moment = |at: Duration| {
        let real = (now.1 + at).saturating_sub(now.0);
        date(i64::try_from(real.as_secs()).unwrap_or(i64::MAX))
    };
    let distance = |at: Duration, word: &str| format!("{} {word}", span::format(rounded(at.abs_diff(now.0))));
    let none = || "-".to_owned();
    let row = |unit: &&Shown| {
        let last = unit.time("LastTriggerUSecMonotonic");
        let left = next(unit).map(|at| if at > now.0 { distance(at, "left") } else { distance(at, "ago") });
        vec![
            next(unit).map_or_else(none, moment),
            left.unwrap_or_else(none),
            last.map_or_else(none, moment),
            last.map_or_else(none, |at| distance(at, "ago")),
            unit.name().to_owned(),
            unit.get("Triggers").to_owned(),
        ]
    };
    all.iter().map(row).collect()
}

/// Whole seconds, of what is not shorter.
fn rounded(time: Duration) -> Duration {
    match time.as_secs() {
        0 => Duration::from_millis(u64::from(time.subsec_millis())),
        seconds => Duration::from_secs(seconds),
    }
}

/// Local time, with the difference from UTC: `Mon 2026-11-30 07:22:25 UTC`.
fn date(seconds: i64) -> String {
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

/// `list-sockets`: a row for each address.
pub fn sockets(request: &Request, out: Out) -> Result<(), Failure> {
    let rows = socket_rows(&manager::units(request)?, request);
    let footer = format!("{} sockets listed.", rows.len());
    lists::write(request, out, &["LISTEN", "UNIT", "ACTIVATES"], rows, &footer)
}

fn socket_rows(units: &[Shown], request: &Request) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for unit in of_kind(units, ".socket", request) {
        // An address has its kind behind it, in parentheses.
        for listen in unit.get("Listen").split_inclusive(") ") {
            let address = listen.rsplit_once(" (").map_or(listen, |(address, _)| address);
            rows.push(vec![address.to_owned(), unit.name().to_owned(), unit.get("Triggers").to_owned()]);
        }
    }
    rows.sort();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::parse;

    const UNITS: &str = "Id=b.timer\nActiveState=active\nNextElapseUSec=5000000\nLastTriggerUSecMonotonic=1500000\nTriggers=b.service\n\n\
        Id=a.timer\nActiveState=active\nTriggers=a.service\n\n\
        Id=c.timer\nActiveState=active\nNextElapseUSec=2000300\nTriggers=x.service\n\n\
        Id=d.timer\nActiveState=inactive\nTriggers=d.service\n\n\
        Id=s.socket\nActiveState=active\nListen=/run/s (Stream) 53 (Datagram)\nTriggers=s.service\n\n\
        Id=t.socket\nActiveState=active\nListen=route 1361 (Netlink)\nTriggers=t.service\n\n";

    #[test]
    fn timers_by_time() {
        let rows = |request: &Request| {
            let now = (Duration::from_secs(2), Duration::from_secs(1002));
            let rows = timer_rows(&parse(UNITS), request, now, &|seconds| seconds.to_string());
            rows.iter().map(|row| row.join("|")).collect::<Vec<_>>()
        };
        assert_eq!(
            rows(&Request::default()),
            [
                "1002|0 left|-|-|c.timer|x.service",
                "1005|3s left|1001|500ms ago|b.timer|b.service",
                "-|-|-|-|a.timer|a.service",
            ]
        );
        assert_eq!(rows(&Request { all: true, ..Request::default() }).len(), 4);
        assert_eq!(rows(&Request { units: vec!["b.*".into()], ..Request::default() }).len(), 1);
    }

    #[test]
    fn dates() {
        // The zone is the host's.
        let text = date(1_796_024_545);
        assert!(text.contains("2026-11-") || text.contains("2026-12-"), "{text}");
        assert_eq!(text.split(' ').count(), 4);
    }

    #[test]
    fn sockets_by_address() {
        let rows = socket_rows(&parse(UNITS), &Request::default());
        assert_eq!(
            rows.iter().map(|row| row.join("|")).collect::<Vec<_>>(),
            ["/run/s|s.socket|s.service", "53|s.socket|s.service", "route 1361|t.socket|t.service"]
        );
    }
}
