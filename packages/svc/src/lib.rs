// SPDX-License-Identifier: MIT OR Apache-2.0
//! `svc`, also as `systemctl`: what the manager of services does, and what it is asked to do.
//!
//! Files are looked at and links are made here ([`files`], [`unit_files`]); all else goes to the manager ([`manager`]), whose answers
//! are shown as tables ([`lists`]), as text ([`status`]) and as times of the boot ([`times`]). [`select`] decides which units a
//! request is about. [`security`] scores the sandboxes of services.

mod client;
mod dates;
mod failed;
mod files;
mod help;
mod lists;
mod manager;
mod plot;
mod properties;
mod query;
mod request;
mod security;
mod select;
mod shown;
mod status;
mod table;
mod times;
mod tree;
mod triggers;
mod unit_files;

pub use qos_command::Failure;

use qos_command::Program;
use request::Request;
use select::unit_name;
use std::ffi::OsString;
use std::io::Write;

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

fn main(options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let request = request::parse(options)?;
    if request.version {
        return version(out);
    }
    match request.verb.as_str() {
        "" => lists::units(&request, out),
        "help" => Ok(out.write_all(help::SVC.text_of("svc").as_bytes())?),
        "list" | "list-units" => lists::units(&request, out),
        "list-unit-files" => unit_files::list(&request, out),
        "list-timers" => triggers::timers(&request, out),
        "list-sockets" => triggers::sockets(&request, out),
        "list-dependencies" => tree::list(&request, out),
        "status" => status::status(&request, out),
        "start"
        | "stop"
        | "restart"
        | "try-restart"
        | "condrestart"
        | "reload"
        | "force-reload"
        | "reload-or-restart"
        | "reload-or-try-restart"
        | "try-reload-or-restart"
        | "isolate" => manager::jobs(&request),
        "rescue" => manager::isolate(&request, "rescue.target"),
        "emergency" => manager::isolate(&request, "emergency.target"),
        "default" => manager::isolate(&request, "default.target"),
        "cancel" => manager::cancel(&request),
        "reset-failed" | "daemon-reload" | "daemon-reexec" | "poweroff" | "reboot" | "halt" => {
            manager::ask(&request, out)
        }
        "kexec" => manager::kexec(&request, out),
        "kill" => manager::kill(&request, out),
        "show" => properties::show(&request, out),
        "jobs" | "list-jobs" => lists::jobs(&request, out),
        "is-active" | "is-failed" => manager::is_state(&request, out),
        "is-system-running" => status::is_system_running(&request, out),
        "log" => manager::log(&request, out),
        "enable" | "disable" | "reenable" | "mask" | "unmask" | "link" | "revert" => {
            files::install(&request, out)
        }
        "get-default" | "set-default" => files::default_target(&request, out),
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

/// The version of systemd whose unit files and words this is compared with; scripts read the number.
const SYSTEMD: &str = "252";

fn version(out: &mut dyn Write) -> Result<(), Failure> {
    Ok(writeln!(out, "systemd {SYSTEMD} (qos {})", env!("CARGO_PKG_VERSION"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(qos_command::is_well_formed(TABLE));
    }
}
