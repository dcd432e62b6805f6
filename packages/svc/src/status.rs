// SPDX-License-Identifier: MIT OR Apache-2.0
//! The state of units and of the system in words.

use crate::client::ask as send;
use crate::query::{reply, units};
use crate::shown::{Shown, parse};
use crate::{Failure, Request, dates, select};
use qos_unit::span;
use std::io::Write;
use std::time::Duration;

type Out<'a> = &'a mut dyn Write;

/// `status`: with exit status 3 when a unit is not active, and 4 when there is none of that name.
pub fn status(request: &Request, out: Out) -> Result<(), Failure> {
    if request.units.is_empty() {
        return system(request, out);
    }
    let (mut status, mut missing) = (0, Vec::new());
    for unit in parse(&reply("show", request, &select::names(request)?)?) {
        let found = match (unit.get("LoadState"), unit.get("ActiveState")) {
            ("not-found", "inactive") => {
                missing.push(format!("Unit {} could not be found.", unit.name()));
                4
            }
            (_, "active" | "reloading") => 0,
            _ => 3,
        };
        if found != 4 {
            describe(&unit, request, out)?;
        }
        status = if status == 0 { found } else { status };
    }
    match (status, missing.is_empty()) {
        (0, _) => Ok(()),
        (status, true) => Err(Failure::silent(status)),
        (status, false) => {
            out.flush()?;
            Err(Failure::new(missing.join("\n")).with_status(status))
        }
    }
}

fn jobs(units: &[Shown]) -> usize {
    units.iter().filter(|unit| !unit.get("Job").is_empty()).count()
}

/// The state of the system in the words of systemctl(1).
pub fn state(units: &[Shown]) -> &'static str {
    let failed = units.iter().any(|unit| unit.get("ActiveState") == "failed");
    match (failed, jobs(units)) {
        (false, 0) => "running",
        (false, _) => "starting",
        (true, _) => "degraded",
    }
}

/// `is-system-running`: with exit status 1 when it does not run, or a unit has failed.
pub fn is_system_running(request: &Request, out: Out) -> Result<(), Failure> {
    let state = state(&units(request)?);
    if !request.quiet {
        writeln!(out, "{state}")?;
    }
    if state == "running" { Ok(()) } else { Err(Failure::silent(1)) }
}

/// `is-failed` of the system: status 0 if a unit has failed.
pub fn is_degraded(request: &Request, out: Out) -> Result<(), Failure> {
    let state = state(&units(request)?);
    if !request.quiet {
        writeln!(out, "{state}")?;
    }
    if state == "degraded" { Ok(()) } else { Err(Failure::silent(1)) }
}

fn system(request: &Request, out: Out) -> Result<(), Failure> {
    let units = units(request)?;
    let count = |state: &str| units.iter().filter(|unit| unit.get("ActiveState") == state).count();
    let jobs = jobs(&units);
    writeln!(
        out,
        "State: {}\nUnits: {} active, {} failed, {} loaded\nJobs: {jobs}",
        state(&units),
        count("active"),
        count("failed"),
        units.len()
    )?;
    for unit in units.iter().filter(|unit| unit.get("ActiveState") == "failed") {
        writeln!(out, "Failed: {}: {}", unit.name(), unit.get("Result"))?;
    }
    Ok(())
}

/// The mark of a state.
pub fn bullet(active: &str) -> char {
    match active {
        "active" | "reloading" => '●',
        "failed" => '×',
        "inactive" => '○',
        _ => '◌',
    }
}

fn describe(unit: &Shown, request: &Request, out: Out) -> Result<(), Failure> {
    let mark = bullet(unit.get("ActiveState"));
    writeln!(out, "{mark} {} - {}", unit.name(), unit.get("Description"))?;
    writeln!(out, "     Loaded: {}", loaded(unit))?;
    for drop_in in unit.list("DropInPaths") {
        writeln!(out, "    Drop-In: {drop_in}")?;
    }
    let since =
        ["ActiveEnterTimestampMonotonic", "InactiveEnterTimestampMonotonic"].map(|key| unit.time(key));
    let since = if unit.get("ActiveState") == "active" { since[0] } else { since[1] };
    let since =
        since.map(|since| format!(" since {} after boot", span::format(seconds(since)))).unwrap_or_default();
    let result = match unit.get("Result") {
        "" | "success" => String::new(),
        result => format!(", result {result}"),
    };
    writeln!(out, "     Active: {} ({}){since}{result}", unit.get("ActiveState"), unit.get("SubState"))?;
    write!(out, "{}", unmet(unit, dates::now()))?;
    for (label, key) in [
        ("TriggeredBy", "TriggeredBy"),
        ("Triggers", "Triggers"),
        ("Main PID", "MainPID"),
        ("Ended", "MainEnded"),
        ("Status", "StatusText"),
        ("Job", "JobType"),
        ("Tasks", "TasksCurrent"),
        ("Processes", "PIDs"),
    ] {
        if !["", "0"].contains(&unit.get(key)) {
            writeln!(out, "{label:>11}: {}", unit.get(key))?;
        }
    }
    if let Ok(bytes) = unit.get("MemoryCurrent").parse::<u64>() {
        writeln!(out, "     Memory: {} KiB", bytes / 1024)?;
    }
    if let Some(cpu) = unit.time("CPUUsageNSec") {
        writeln!(out, "        CPU: {}", span::format(cpu))?;
    }
    match unit.get("NRestarts") {
        "" | "0" => {}
        count => writeln!(out, "   Restarts: {count}")?,
    }
    let log = send(request, &format!("log {}", unit.name()))?;
    let lines: Vec<_> = log.lines().collect();
    if !lines.is_empty() && request.lines > 0 {
        writeln!(out)?;
    }
    for line in &lines[lines.len().saturating_sub(request.lines)..] {
        writeln!(out, "{line}")?;
    }
    Ok(writeln!(out)?)
}

/// Whether there is a unit, its file, and what is wrong with it.
fn loaded(unit: &Shown) -> String {
    let about = ["FragmentPath", "LoadError"].map(|key| unit.get(key));
    let about: Vec<&str> = about.into_iter().filter(|text| !text.is_empty()).collect();
    match about.is_empty() {
        true => unit.get("LoadState").to_owned(),
        false => format!("{} ({})", unit.get("LoadState"), about.join("; ")),
    }
}

/// What kept the last start from being one.
fn unmet(unit: &Shown, now: dates::Now) -> String {
    let Some(at) = unit.time("UnmetTimestampMonotonic") else { return String::new() };
    let (label, what) = match unit.get("Unmet").starts_with("Assert") {
        true => ("Assert", "assertion"),
        false => ("Condition", "condition"),
    };
    let when = dates::date(dates::real(at, now));
    let ago = dates::rounded(now.0.saturating_sub(at));
    let mut out = format!("{label:>11}: start {what} unmet at {when}; {ago} ago\n");
    let conditions: Vec<&str> = unit.get("Unmet").split('\t').collect();
    for (number, condition) in conditions.iter().enumerate() {
        let branch = if number + 1 == conditions.len() { "└─" } else { "├─" };
        out.push_str(&format!("             {branch} {condition} was not met\n"));
    }
    out
}

fn seconds(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let shown = |unmet: &str| {
            let now = (Duration::from_secs(60), Duration::from_secs(1_000_060));
            unmet_lines(unmet, now)
        };
        let (first, rest) = shown("ConditionPathExists=/non existent");
        assert!(
            first.starts_with("  Condition: start condition unmet at ") && first.ends_with("; 59s ago"),
            "{first}"
        );
        assert_eq!(rest, ["             └─ ConditionPathExists=/non existent was not met"]);
        assert!(shown("AssertUser=a").0.starts_with("     Assert: start assertion unmet at "));
        assert_eq!(
            shown("ConditionUser=|a\tConditionUser=|b").1,
            ["             ├─ ConditionUser=|a was not met", "             └─ ConditionUser=|b was not met"]
        );
        assert_eq!(unmet(&Shown::default(), (Duration::ZERO, Duration::ZERO)), "");
    }

    fn unmet_lines(text: &str, now: dates::Now) -> (String, Vec<String>) {
        let text = unmet(&parse(&format!("Unmet={text}\nUnmetTimestampMonotonic=1000000\n"))[0], now);
        let mut lines = text.lines().map(str::to_owned);
        (lines.next().unwrap(), lines.collect())
    }

    #[test]
    fn files_and_errors() {
        for (unit, expect) in [
            ("LoadState=loaded\nFragmentPath=/etc/a.service", "loaded (/etc/a.service)"),
            (
                "LoadState=bad-setting\nLoadError=has 2 ExecStart=\nFragmentPath=/etc/a.service",
                "bad-setting (/etc/a.service; has 2 ExecStart=)",
            ),
            (
                "LoadState=bad-setting\nLoadError=/etc/l: too many links",
                "bad-setting (/etc/l: too many links)",
            ),
            ("LoadState=loaded\nFragmentPath=\nDropInPaths=/etc/service.d/a.conf", "loaded"),
        ] {
            assert_eq!(loaded(&parse(unit)[0]), expect);
        }
    }
}
