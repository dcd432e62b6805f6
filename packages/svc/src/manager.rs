// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verbs that the manager answers.

use crate::client::ask as send;
use crate::shown::{Shown, parse};
use crate::{Failure, Request, table, unit_name};
use qos_service::store::Store;
use qos_sys::kexec;
use qos_unit::span;
use qos_unit::specifier::Facts;
use std::io::Write;
use std::time::Duration;

type Out<'a> = &'a mut dyn Write;

fn names(request: &Request) -> Result<String, Failure> {
    let names: Result<Vec<String>, Failure> =
        request.units.iter().map(|unit| unit_name(unit).map(|name| name.as_str().to_owned())).collect();
    Ok(names?.join(" "))
}

/// A verb whose reply is shown as it is.
pub fn ask(request: &Request, out: Out) -> Result<(), Failure> {
    let wait = if request.no_block { " --no-block" } else { "" };
    let reply = send(request, &format!("{} {}{wait}", request.verb, names(request)?))?;
    Ok(write!(out, "{reply}")?)
}

/// `kexec`: refused without a kernel, with which the end would be an ordinary reboot.
pub fn kexec(request: &Request, out: Out) -> Result<(), Failure> {
    match kexec::is_loaded(&request.root) {
        Ok(true) => ask(request, out),
        Ok(false) => Err(Failure::new(
            "no kernel is loaded: `kexec -l KERNEL --initrd=FILE --reuse-cmdline` loads one, `svc reboot` needs none",
        )),
        Err(_) => Err(Failure::new(format!(
            "{}: absent: this kernel has no CONFIG_KEXEC_FILE, and cannot start another; use `svc reboot`",
            kexec::LOADED
        ))),
    }
}

/// `kill`.
pub fn kill(request: &Request, out: Out) -> Result<(), Failure> {
    let mut line = format!("kill {}", names(request)?);
    for (name, value) in [("signal", &request.signal), ("kill-who", &request.who)] {
        if let Some(value) = value {
            // A request is one line of words.
            if value.is_empty() || value.contains(char::is_whitespace) {
                return Err(Failure::usage(format!("--{name}={value:?} is not a word")));
            }
            line.push_str(&format!(" --{name}={value}"));
        }
    }
    Ok(write!(out, "{}", send(request, &line)?)?)
}

/// `show`, `jobs`.
pub fn show(request: &Request, out: Out) -> Result<(), Failure> {
    let verb = request.verb.trim_start_matches("list-");
    let verb = if verb == "show" && request.units.is_empty() { "list" } else { verb };
    Ok(write!(out, "{}", send(request, &format!("{verb} {}", names(request)?))?)?)
}

/// Units of the manager.
pub fn units(request: &Request) -> Result<Vec<Shown>, Failure> {
    Ok(parse(&send(request, "list")?))
}

/// `list`.
pub fn list(request: &Request, out: Out) -> Result<(), Failure> {
    let units = units(request)?;
    let mut rows = vec![["UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"].map(str::to_owned).to_vec()];
    for unit in &units {
        let idle = unit.get("ActiveState") == "inactive";
        if (idle || unit.get("LoadState") == "not-found") && !request.all {
            continue;
        }
        rows.push(
            ["Id", "LoadState", "ActiveState", "SubState", "Description"]
                .map(|key| unit.get(key).to_owned())
                .to_vec(),
        );
    }
    if request.all {
        let store = Store::new(&request.root, Facts::new());
        for name in store.names() {
            if !units.iter().any(|unit| unit.name() == name.as_str()) {
                let enabled = store.enabled(&name).map_or("", |enabled| enabled.name());
                rows.push(vec![
                    name.to_string(),
                    "-".into(),
                    "-".into(),
                    enabled.into(),
                    store.source(&name).unit.common.description,
                ]);
            }
        }
    }
    let failed = units.iter().filter(|unit| unit.get("ActiveState") == "failed").count();
    write!(out, "{}", table::lines(&rows))?;
    Ok(writeln!(out, "\n{} units, {failed} failed", rows.len() - 1)?)
}

/// `status`: with exit status 3 when a unit is not active, and 4 when there is none of that name.
pub fn status(request: &Request, out: Out) -> Result<(), Failure> {
    if request.units.is_empty() {
        return system(request, out);
    }
    let mut status = 0;
    for unit in parse(&send(request, &format!("show {}", names(request)?))?) {
        describe(&unit, request, out)?;
        status = match (unit.get("LoadState"), unit.get("ActiveState")) {
            ("not-found", "inactive") => 4,
            (_, "active" | "reloading") => status,
            _ => status.max(3),
        };
    }
    if status == 0 { Ok(()) } else { Err(Failure::silent(status)) }
}

fn jobs(units: &[Shown]) -> usize {
    units.iter().filter(|unit| !unit.get("Job").is_empty()).count()
}

/// The state of the system in the words of systemctl(1).
fn state(units: &[Shown]) -> &'static str {
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
    writeln!(out, "{state}")?;
    if state == "running" { Ok(()) } else { Err(Failure::silent(1)) }
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

fn describe(unit: &Shown, request: &Request, out: Out) -> Result<(), Failure> {
    let mark = match unit.get("ActiveState") {
        "active" | "reloading" => '●',
        "failed" => '×',
        "inactive" => '○',
        _ => '◌',
    };
    writeln!(out, "{mark} {} - {}", unit.name(), unit.get("Description"))?;
    let files: Vec<&str> = unit.list("Files").collect();
    let file = files.first().map(|file| format!(" ({file})")).unwrap_or_default();
    writeln!(out, "     Loaded: {}{file}{}", unit.get("LoadState"), unit.get("LoadError"))?;
    for drop_in in files.iter().skip(1) {
        writeln!(out, "    Drop-In: {drop_in}")?;
    }
    let since = ["ActiveEnter", "InactiveEnter"].map(|key| unit.time(key));
    let since = if unit.get("ActiveState") == "active" { since[0] } else { since[1] };
    let since =
        since.map(|since| format!(" since {} after boot", span::format(seconds(since)))).unwrap_or_default();
    let result = match unit.get("Result") {
        "" | "success" => String::new(),
        result => format!(", result {result}"),
    };
    writeln!(out, "     Active: {} ({}){since}{result}", unit.get("ActiveState"), unit.get("SubState"))?;
    for (label, key) in [
        ("TriggeredBy", "TriggeredBy"),
        ("Triggers", "Triggers"),
        ("Main PID", "MainPID"),
        ("Ended", "MainEnded"),
        ("Status", "StatusText"),
        ("Job", "Job"),
        ("Tasks", "TasksCurrent"),
        ("Processes", "PIDs"),
    ] {
        if !unit.get(key).is_empty() {
            writeln!(out, "{label:>11}: {}", unit.get(key))?;
        }
    }
    if let Ok(bytes) = unit.get("MemoryCurrent").parse::<u64>() {
        writeln!(out, "     Memory: {} KiB", bytes / 1024)?;
    }
    if let Some(cpu) = unit.time("CPUUsageUSec") {
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

fn seconds(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// `is-active`, `is-failed`: status 0 if one is, 3 or 1 otherwise.
pub fn is_state(request: &Request, out: Out) -> Result<(), Failure> {
    let wanted: &[&str] = if request.verb == "is-active" { &["active", "reloading"] } else { &["failed"] };
    let mut found = false;
    for unit in parse(&send(request, &format!("show {}", names(request)?))?) {
        let state = unit.get("ActiveState");
        writeln!(out, "{state}")?;
        found |= wanted.contains(&state);
    }
    if found { Ok(()) } else { Err(Failure::silent(if request.verb == "is-active" { 3 } else { 1 })) }
}

/// `log`.
pub fn log(request: &Request, out: Out) -> Result<(), Failure> {
    if request.units.is_empty() {
        return Err(Failure::usage("log needs the name of a unit"));
    }
    Ok(write!(out, "{}", send(request, &format!("log {}", names(request)?))?)?)
}
