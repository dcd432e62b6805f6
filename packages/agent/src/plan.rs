// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decides the main program from the inputs of the host ([`Found`]), in this order.
//!
//! 1. the command of fw_cfg; 2. the script of fw_cfg, run by the shell; 3. the shell, reading the virtio ports;
//! 4. the shell at the console, for a person.
//!
//! Commands and scripts run on the virtio ports where there are some, else on the console, without job control.

use crate::inputs::Found;
use qos_protocol::{Winsize, argv, fw_cfg};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// The shell.
const SHELL: &str = "/bin/sh";

/// Where the main program's standard streams are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Streams {
    /// On the console, which controls the program's session.
    Console,
    /// On the virtio ports.
    Ports([PathBuf; 3]),
}

/// The main program and its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The program: a path, or a name to be looked for in `PATH`.
    pub program: OsString,
    /// What it is to be called, when that is not its name.
    pub name: Option<&'static str>,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its standard streams.
    pub streams: Streams,
    /// Device of the console.
    pub console: PathBuf,
    /// Size for the console.
    pub winsize: Option<Winsize>,
    /// What is wrong with what the host gave; the plan is then one that cannot be run.
    pub fault: Option<String>,
}

/// Whether the host asks for a program, or gives its streams.
#[must_use]
pub fn is_asked(found: &Found) -> bool {
    found.command.is_some() || found.script.is_some() || found.ports.is_some()
}

/// Decides what to run.
#[must_use]
pub fn decide(found: Found) -> Plan {
    let streams = found.ports.map_or(Streams::Console, Streams::Ports);
    let mut plan = Plan {
        program: SHELL.into(),
        name: None,
        arguments: Vec::new(),
        console: found.console,
        winsize: found.winsize,
        fault: None,
        streams,
    };
    if let Some(bytes) = found.command {
        match argv::decode(&bytes) {
            Ok(args) => {
                let mut args = args.into_iter().map(OsString::from_vec);
                plan.program = args.next().unwrap_or_default();
                plan.arguments = args.collect();
            }
            Err(error) => plan.fault = Some(format!("{}: {error}", fw_cfg::COMMAND)),
        }
    } else if let Some(script) = found.script {
        plan.arguments = vec![script.into()];
    } else if plan.streams == Streams::Console {
        // A login shell: it reads /etc/profile.
        plan.name = Some("-sh");
        plan.arguments = vec!["-i".into()];
    }
    plan
}

impl Plan {
    /// The plan in a few words, for the log.
    #[must_use]
    pub fn describe(&self) -> String {
        let on = match &self.streams {
            Streams::Console => self.console.display().to_string(),
            Streams::Ports(_) => "virtio ports".to_owned(),
        };
        format!("{} on {on}", self.program.to_string_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports() -> [PathBuf; 3] {
        ["/dev/vport0p1", "/dev/vport0p2", "/dev/vport0p3"].map(PathBuf::from)
    }

    fn found() -> Found {
        Found { console: "/dev/ttyS0".into(), ..Found::default() }
    }

    fn check(found: Found, program: &str, name: Option<&str>, arguments: &[&str], describe: &str) {
        let plan = decide(found);
        assert_eq!(plan.program, program);
        assert_eq!(plan.name, name);
        assert_eq!(plan.arguments, arguments);
        assert_eq!(plan.describe(), describe);
        assert_eq!(plan.fault, None);
    }

    #[test]
    fn order_of_choices() {
        check(found(), "/bin/sh", Some("-sh"), &["-i"], "/bin/sh on /dev/ttyS0");
        check(Found { ports: Some(ports()), ..found() }, "/bin/sh", None, &[], "/bin/sh on virtio ports");
        let script = Found { script: Some("/raw".into()), ..found() };
        check(script.clone(), "/bin/sh", None, &["/raw"], "/bin/sh on /dev/ttyS0");
        check(
            Found { ports: Some(ports()), ..script.clone() },
            "/bin/sh",
            None,
            &["/raw"],
            "/bin/sh on virtio ports",
        );
        let command = Found { command: Some(b"ls\0-l\0\0".to_vec()), ..script };
        check(command, "ls", None, &["-l", ""], "ls on /dev/ttyS0");
    }

    #[test]
    fn what_the_host_asks_for() {
        assert!(!is_asked(&found()));
        assert!(is_asked(&Found { ports: Some(ports()), ..found() }));
        assert!(is_asked(&Found { script: Some("/raw".into()), ..found() }));
        assert!(is_asked(&Found { command: Some(b"ls\0".to_vec()), ..found() }));
    }

    #[test]
    fn a_bad_command_is_a_fault() {
        let plan = decide(Found { command: Some(b"ls".to_vec()), ..found() });
        let fault = plan.fault.unwrap();
        assert_eq!(fault, "opt/org.qos/command: the command is cut off: no NUL after its last argument");
    }
}
