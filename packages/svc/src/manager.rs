// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verbs that the manager answers.

use crate::client::{ask as send, exchange};
use crate::query::{line, reply};
use crate::select::{names, some_names};
use crate::shown::parse;
use crate::{Failure, Request, failed, status};
use qos_sys::kexec;
use qos_unit::Name;
use std::io::Write;

type Out<'a> = &'a mut dyn Write;

/// Verbs of jobs, which are about nothing without a unit.
pub fn jobs(request: &Request) -> Result<(), Failure> {
    let names = some_names(request)?;
    let verb = match request.verb.as_str() {
        "condrestart" => "try-restart",
        "force-reload" => "reload-or-restart",
        "reload-or-try-restart" => "try-reload-or-restart",
        verb => verb,
    };
    let Some(mut line) = line(verb, request, &names) else { return Ok(()) };
    if request.no_block {
        line.push_str(" --no-block");
    }
    send_jobs(request, &line)
}

fn send_jobs(request: &Request, line: &str) -> Result<(), Failure> {
    exchange(request, line)?.map(drop).map_err(|refused| failed::failure(request, refused))
}

/// `isolate` of a target that has a verb of its own.
pub fn isolate(request: &Request, target: &str) -> Result<(), Failure> {
    let wait = if request.no_block { " --no-block" } else { "" };
    send_jobs(request, &format!("isolate {target}{wait}"))
}

/// `cancel`: jobs by their numbers or units.
pub fn cancel(request: &Request) -> Result<(), Failure> {
    let (numbers, units): (Vec<String>, Vec<String>) =
        request.units.iter().cloned().partition(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let words = names(&Request { units, ..Request::default() })?;
    let line = words
        .iter()
        .map(Name::to_string)
        .chain(numbers)
        .fold("cancel".to_owned(), |line, word| format!("{line} {word}"));
    send(request, &line).map(drop)
}

/// A verb that takes units, or is about all.
pub fn ask(request: &Request, out: Out) -> Result<(), Failure> {
    let reply = reply(&request.verb, request, &names(request)?)?;
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
    let Some(mut line) = line("kill", request, &some_names(request)?) else { return Ok(()) };
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

/// `is-active`, `is-failed`: status 0 if one is, 4 if there is no such unit, 3 or 1 otherwise.
pub fn is_state(request: &Request, out: Out) -> Result<(), Failure> {
    if request.verb == "is-failed" && request.units.is_empty() {
        return status::is_degraded(request, out);
    }
    let (wanted, otherwise): (&[&str], u8) = match request.verb.as_str() {
        "is-active" => (&["active", "reloading"], 3),
        _ => (&["failed"], 1),
    };
    let names = some_names(request)?;
    let (mut found, mut known) = (false, false);
    for unit in parse(&reply("show", request, &names)?) {
        let state = unit.get("ActiveState");
        if !request.quiet {
            writeln!(out, "{state}")?;
        }
        found |= wanted.contains(&state);
        known |= unit.get("LoadState") != "not-found";
    }
    match (found, known) {
        (true, _) => Ok(()),
        (_, true) => Err(Failure::silent(otherwise)),
        _ => Err(Failure::silent(4)),
    }
}

/// `log`.
pub fn log(request: &Request, out: Out) -> Result<(), Failure> {
    Ok(write!(out, "{}", reply("log", request, &some_names(request)?)?)?)
}
