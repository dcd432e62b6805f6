// SPDX-License-Identifier: MIT OR Apache-2.0
//! `svc`, also as `systemctl`: what the manager of services does, and what it is asked to do.
//!
//! Files are looked at and links are made here ([`files`]); all else goes to the manager ([`manager`]), whose answers are shown
//! as tables ([`table`]) and as times of the boot ([`times`]). [`security`] scores the sandboxes of services.

mod client;
mod files;
mod help;
mod manager;
mod plot;
mod security;
mod shown;
mod table;
mod times;

pub use qos_command::Failure;

use lexopt::prelude::*;
use qos_command::Program;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

/// The programs, by name.
pub const TABLE: &[Program] = &[("svc", main, &help::SVC), ("systemctl", main, &help::SVC)];

/// Names of the programs, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

/// Runs program `name` with `args` (its name first) and gives its exit status, or `None` when there is none of that name.
#[must_use]
pub fn run(name: &str, args: Vec<OsString>) -> Option<u8> {
    qos_command::run(TABLE, name, args)
}

/// What the options say.
struct Request {
    root: PathBuf,
    socket: PathBuf,
    now: bool,
    no_block: bool,
    all: bool,
    lines: usize,
    signal: Option<String>,
    who: Option<String>,
    json: bool,
    /// The highest exposure that `security` accepts, in tenths.
    threshold: u64,
    verb: String,
    units: Vec<String>,
}

fn parse(mut options: lexopt::Parser) -> Result<Request, Failure> {
    let mut request = Request {
        root: "/".into(),
        socket: "/run/qos/init.sock".into(),
        now: false,
        no_block: false,
        all: false,
        lines: 10,
        signal: None,
        who: None,
        json: false,
        threshold: 100,
        verb: String::new(),
        units: Vec::new(),
    };
    while let Some(option) = options.next()? {
        match option {
            Long("root") => request.root = options.value()?.into(),
            Long("socket") => request.socket = options.value()?.into(),
            Long("now") => request.now = true,
            Long("no-block") => request.no_block = true,
            Short('a') | Long("all") => request.all = true,
            Short('n') | Long("lines") => request.lines = options.value()?.parse()?,
            Short('s') | Long("signal") => request.signal = Some(options.value()?.string()?),
            Long("kill-who" | "kill-whom") => request.who = Some(options.value()?.string()?),
            Long("json") => request.json = options.optional_value().is_none_or(|how| how != "off"),
            Long("threshold") => {
                let value = options.value()?.string()?;
                let number = value.parse().ok().filter(|number| *number <= 100);
                request.threshold = number.ok_or_else(|| {
                    Failure::usage(format!("--threshold={value}: not a number from 0 to 100"))
                })?;
            }
            // Nothing is paged or coloured, and there is one manager.
            Long("no-pager" | "system" | "quiet" | "no-legend" | "full" | "plain") | Short('q' | 'l') => {}
            Value(word) if request.verb.is_empty() => request.verb = word.string()?,
            Value(word) => request.units.push(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(request)
}

fn main(options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let request = parse(options)?;
    match request.verb.as_str() {
        "" => manager::list(&request, out),
        "help" => Ok(out.write_all(help::SVC.text_of("svc").as_bytes())?),
        "list" | "list-units" | "list-unit-files" => manager::list(&request, out),
        "status" => manager::status(&request, out),
        "start" | "stop" | "restart" | "reload" | "isolate" | "cancel" | "reset-failed" | "daemon-reload"
        | "daemon-reexec" | "poweroff" | "reboot" | "halt" => manager::ask(&request, out),
        "kexec" => manager::kexec(&request, out),
        "kill" => manager::kill(&request, out),
        "show" | "jobs" | "list-jobs" => manager::show(&request, out),
        "is-active" | "is-failed" => manager::is_state(&request, out),
        "is-system-running" => manager::is_system_running(&request, out),
        "log" => manager::log(&request, out),
        "enable" | "disable" | "mask" | "unmask" => files::install(&request, out),
        "is-enabled" => files::is_enabled(&request, out),
        "cat" => files::cat(&request, out),
        "edit" => files::edit(&request, out),
        "verify" => files::verify(&request, out),
        "security" => security::security(&request, out),
        "blame" => times::blame(&request, out),
        "critical-chain" => times::critical_chain(&request, out),
        "plot" => plot::plot(&request, out),
        verb => Err(Failure::usage(format!("unknown verb {verb:?}; `svc help` lists them"))),
    }
}

/// The name of a unit, with `.service` if it has no suffix.
fn unit_name(text: &str) -> Result<qos_unit::Name, Failure> {
    let full = if text.contains('.') { text.to_owned() } else { format!("{text}.service") };
    qos_unit::Name::new(&full).map_err(Failure::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(qos_command::is_well_formed(TABLE));
    }

    #[test]
    fn options() {
        let parse = |line: &str| parse(lexopt::Parser::from_iter(line.split(' ')));
        let request = parse("svc --no-block start -n 3 a b.timer").unwrap();
        assert_eq!(
            (request.verb.as_str(), request.units.join(" ").as_str(), request.no_block, request.lines),
            ("start", "a b.timer", true, 3)
        );
        assert!(parse("svc --nothing").is_err());
        assert_eq!(unit_name("a").unwrap().as_str(), "a.service");
        assert_eq!(unit_name("a.timer").unwrap().as_str(), "a.timer");
        assert!(unit_name("a.b").is_err());
    }
}
