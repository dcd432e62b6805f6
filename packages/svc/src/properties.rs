// SPDX-License-Identifier: MIT OR Apache-2.0
//! `show`: what is known of units, or of the manager, as `NAME=VALUE` by the names of systemd's D-Bus properties.

use crate::manager::{reply, units};
use crate::shown::{Shown, parse};
use crate::{Failure, Request, select, status};
use qos_service::store::DIRECTORIES;
use std::io::Write;

/// Prints properties of units, or of the manager.
pub fn show(request: &Request, out: &mut dyn Write) -> Result<(), Failure> {
    let all = match request.units.is_empty() {
        true => vec![of_manager(&units(request)?)],
        false => parse(&reply("show", request, &select::names(request)?)?),
    };
    let blocks: Vec<String> = all.iter().map(|unit| text(unit, request)).collect();
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
