// SPDX-License-Identifier: MIT OR Apache-2.0
//! `show`: what is known of units, or of the manager, as `NAME=VALUE` by the names of systemd's D-Bus properties.

use crate::query::{reply, units};
use crate::shown::{Shown, parse};
use crate::{Failure, Request, dates, select, status};
use qos_service::store::DIRECTORIES;
use std::io::Write;

/// Prints properties of units, or of the manager.
pub fn show(request: &Request, out: &mut dyn Write) -> Result<(), Failure> {
    let all = match request.units.is_empty() {
        true => vec![of_manager(&units(request)?)],
        false => parse(&reply("show", request, &select::names(request)?)?),
    };
    let now = dates::now();
    let blocks: Vec<String> = all.iter().map(|unit| text(&with_dates(unit, now), request)).collect();
    Ok(write!(out, "{}", blocks.join("\n"))?)
}

/// The manager's own properties.
fn of_manager(units: &[Shown]) -> Shown {
    let count = |is: &dyn Fn(&&Shown) -> bool| units.iter().filter(is).count().to_string();
    let path = DIRECTORIES.map(|directory| format!("/{directory}")).join(" ");
    Shown::of([
        ("Version", crate::SYSTEMD.to_owned()),
        ("Architecture", std::env::consts::ARCH.replace('_', "-")),
        ("SystemState", status::state(units).to_owned()),
        ("NNames", units.len().to_string()),
        ("NFailedUnits", count(&|unit| unit.get("ActiveState") == "failed")),
        ("NJobs", count(&|unit| !unit.get("Job").is_empty())),
        ("UnitPath", path),
    ])
}

/// Adds the dates of times since boot: `ActiveEnterTimestamp` in front of `ActiveEnterTimestampMonotonic`.
fn with_dates(unit: &Shown, now: dates::Now) -> Shown {
    let mut all = Vec::new();
    for (name, value) in unit.all() {
        if let Some(date) = name.strip_suffix("Monotonic").filter(|name| name.ends_with("Timestamp")) {
            let text = unit.time(name).map(|at| dates::date(dates::real(at, now))).unwrap_or_default();
            all.push((date.to_owned(), text));
        }
        all.push((name.to_owned(), value.to_owned()));
    }
    Shown::new(all)
}

/// The lines of a unit. Of all properties, empty ones are left out; of those that are asked for, unknown ones.
fn text(unit: &Shown, request: &Request) -> String {
    let mut out = String::new();
    for (name, value) in unit.all() {
        let value = if value.is_empty() { default(name) } else { value };
        let is_shown = match request.properties.is_empty() {
            true => request.all || !value.is_empty(),
            false => request.properties.iter().any(|asked| asked == name),
        };
        if is_shown && request.value {
            out.push_str(&format!("{value}\n"));
        } else if is_shown {
            out.push_str(&format!("{name}={value}\n"));
        }
    }
    out
}

/// The value of a property that is known and not set.
fn default(name: &str) -> &'static str {
    match name {
        "MainPID" | "ControlPID" | "NRestarts" | "ExecMainPID" | "ExecMainCode" | "ExecMainStatus" => "0",
        "MemoryCurrent" | "TasksCurrent" | "CPUUsageNSec" => "[not set]",
        _ if name.ends_with("Monotonic") => "0",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = "Type=simple\nMainPID=\nResult=success\nId=a.service\nNames=a.service b.service\nWants=\n\
        ActiveEnterTimestampMonotonic=\nMemoryCurrent=\nDescription=A = B\n\n";

    fn shown(options: &str) -> String {
        let line = format!("svc show {options}");
        let request =
            crate::request::parse(lexopt::Parser::from_iter(line.split_whitespace().map(str::to_owned)));
        text(&parse(UNIT)[0], &request.unwrap())
    }

    #[test]
    fn properties() {
        for (options, expect) in [
            ("-p Id", "Id=a.service\n"),
            ("-p Id --value", "a.service\n"),
            ("-P MainPID", "0\n"),
            ("-p MemoryCurrent", "MemoryCurrent=[not set]\n"),
            // In the order of the manager's reply, as systemctl(1) prints them.
            (
                "-p Names,Type --property=Description",
                "Type=simple\nNames=a.service b.service\nDescription=A = B\n",
            ),
            ("-p Wants", "Wants=\n"),
            ("-p Wants --value", "\n"),
            ("-p Nonsense", ""),
            ("-p id", ""),
        ] {
            assert_eq!(shown(options), expect, "{options}");
        }
        let all = shown("");
        assert!(all.starts_with("Type=simple\nMainPID=0\n") && !all.contains("Wants="), "{all}");
        assert!(all.contains("ActiveEnterTimestampMonotonic=0\n"), "{all}");
        assert!(shown("-a").contains("Wants=\n"));
    }

    #[test]
    fn times_as_dates() {
        let now = (std::time::Duration::from_secs(60), std::time::Duration::from_secs(1_796_024_545));
        let unit = parse("Id=a\nActiveEnterTimestampMonotonic=1000000\nActiveExitTimestampMonotonic=\n");
        let unit = with_dates(&unit[0], now);
        let names: Vec<&str> = unit.all().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "Id",
                "ActiveEnterTimestamp",
                "ActiveEnterTimestampMonotonic",
                "ActiveExitTimestamp",
                "ActiveExitTimestampMonotonic",
            ]
        );
        assert_eq!(unit.get("ActiveEnterTimestamp"), dates::date(1_796_024_486));
        assert_eq!(unit.get("ActiveExitTimestamp"), "");
    }

    #[test]
    fn of_the_manager() {
        let units = parse("Id=a.service\nActiveState=failed\n\nId=b.service\nActiveState=active\nJob=3\n\n");
        let manager = of_manager(&units);
        for (name, value) in [
            ("NNames", "2"),
            ("NFailedUnits", "1"),
            ("NJobs", "1"),
            ("SystemState", "degraded"),
            ("Version", "252"),
        ] {
            assert_eq!(manager.get(name), value, "{name}");
        }
        assert!(manager.get("UnitPath").starts_with("/etc/systemd/system "));
    }
}
