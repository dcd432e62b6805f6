// SPDX-License-Identifier: MIT OR Apache-2.0
//! `list-timers`, `list-sockets`: units that start others.

use crate::select::{is_named, is_shown};
use crate::shown::Shown;
use crate::{Failure, Request, dates, lists, query};
use std::io::Write;
use std::time::Duration;

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
    let rows = timer_rows(&query::units(request)?, request, dates::now(), &dates::date);
    let footer = format!("{} timers listed.", rows.len());
    lists::write(request, out, &["NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES"], rows, &footer)
}

/// Rows; `date` writes a time since 1970 in seconds.
fn timer_rows(
    units: &[Shown],
    request: &Request,
    now: dates::Now,
    date: &dyn Fn(i64) -> String,
) -> Vec<Vec<String>> {
    let mut all: Vec<&Shown> = of_kind(units, ".timer", request).collect();
    let next = |unit: &Shown| unit.time("NextElapseUSec");
    all.sort_by_key(|unit| (next(unit).is_none(), next(unit), unit.name().to_owned()));
    let moment = |at: Duration| date(dates::real(at, now));
    let distance = |at: Duration, word: &str| format!("{} {word}", dates::rounded(at.abs_diff(now.0)));
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

/// `list-sockets`: a row for each address.
pub fn sockets(request: &Request, out: Out) -> Result<(), Failure> {
    let rows = socket_rows(&query::units(request)?, request);
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
    fn sockets_by_address() {
        let rows = socket_rows(&parse(UNITS), &Request::default());
        assert_eq!(
            rows.iter().map(|row| row.join("|")).collect::<Vec<_>>(),
            ["/run/s|s.socket|s.service", "53|s.socket|s.service", "route 1361|t.socket|t.service"]
        );
    }
}
