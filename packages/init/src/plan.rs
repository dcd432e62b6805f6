// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the main program is: decided from what the host gave ([`Found`]), in this order.
//!
//! 1. the command of fw_cfg; 2. the script of fw_cfg, run by the shell; 3. the shell, reading the virtio ports;
//! 4. the shell at the console, for a person.
//!
//! Commands and scripts run on the virtio ports where there are some, else on the console, without job control.

use crate::environment::Environment;
use qos_protocol::{Winsize, argv, verdict};
use qos_sys::error_text;
use qos_sys::spawn::{Session, spawn};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// The shell.
const SHELL: &str = "/bin/sh";

/// What init found when it looked for its work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Contents of the fw_cfg file `command`.
    pub command: Option<Vec<u8>>,
    /// There is a fw_cfg file `script`, at this path.
    pub script: Option<PathBuf>,
    /// Size of the host's terminal.
    pub winsize: Option<Winsize>,
    /// Devices of the ports for standard input, output, error, when all are there.
    pub ports: Option<[PathBuf; 3]>,
    /// Device of the console, `/dev/ttyS0` for example.
    pub console: PathBuf,
}

/// What sort of terminal the main program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// A serial line; with a size, there is a terminal of that size at its other end.
    Serial {
        /// The size that the host told.
        size: Option<Winsize>,
    },
    /// The machine's own screen.
    Screen,
    /// None.
    None,
}

impl Terminal {
    /// Its type for `TERM`. Nothing is known of what is at the end of a serial line, unless the host says that it
    /// is the host's own terminal.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Terminal::Serial { size: Some(_) } => "xterm-256color",
            Terminal::Screen => "linux",
            Terminal::Serial { size: None } | Terminal::None => "dumb",
        }
    }
}

impl Found {
    /// The terminal that the main program will have.
    #[must_use]
    pub fn terminal(&self) -> Terminal {
        let name = self.console.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let screen = name.strip_prefix("tty").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        if self.ports.is_some() {
            Terminal::None
        } else if screen {
            Terminal::Screen
        } else {
            Terminal::Serial { size: self.winsize }
        }
    }
}

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
            Err(error) => plan.fault = Some(format!("{}: {error}", qos_protocol::fw_cfg::COMMAND)),
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

    /// Starts the main program.
    ///
    /// # Errors
    /// The verdict's status and what to tell.
    pub fn spawn(&self, environment: &Environment) -> Result<Child, (u8, String)> {
        if let Some(fault) = &self.fault {
            return Err((verdict::INIT_FAULT, fault.clone()));
        }
        let (command, session) = self.command(environment)?;
        spawn(command, session).map_err(|error| {
            let status = match error.kind() {
                io::ErrorKind::NotFound => verdict::NOT_FOUND,
                _ => verdict::NOT_EXECUTABLE,
            };
            (status, format!("{}: {}", self.program.to_string_lossy(), error_text(&error)))
        })
    }

    fn command(&self, environment: &Environment) -> Result<(Command, Session), (u8, String)> {
        let failed = |path: &Path, error: io::Error| {
            (verdict::INIT_FAULT, format!("{}: {}", path.display(), error_text(&error)))
        };
        let mut command = Command::new(&self.program);
        if let Some(name) = self.name {
            command.arg0(name);
        }
        command.args(&self.arguments).env_clear().envs(environment);
        if let Some(home) =
            environment.get(std::ffi::OsStr::new("HOME")).filter(|home| Path::new(home).is_dir())
        {
            command.current_dir(home);
        }
        let session = match &self.streams {
            Streams::Console => {
                let open = || OpenOptions::new().read(true).write(true).open(&self.console);
                let console = open().map_err(|error| failed(&self.console, error))?;
                if let Some(size) = self.winsize {
                    // A console without a size is still one.
                    let _ = qos_sys::tty::set_size(&console, size.rows, size.cols);
                }
                let copy = || console.try_clone().map_err(|error| failed(&self.console, error));
                command.stdin(copy()?).stdout(copy()?).stderr(console);
                Session::OwnWithTerminal
            }
            Streams::Ports([stdin, stdout, stderr]) => {
                let reader =
                    |path: &Path| OpenOptions::new().read(true).open(path).map_err(|e| failed(path, e));
                let writer =
                    |path: &Path| OpenOptions::new().write(true).open(path).map_err(|e| failed(path, e));
                let (input, output) = (reader(stdin)?, writer(stdout)?);
                // Before the host is seen to be there, reading gives the end of the file. Output is what tells: a host that
                // has nothing to say may have closed the input again by now, and would be waited for in vain. The kernel
                // hears of the ports in their order, so the input's side is known when the output's is.
                let _ = qos_sys::port::wait_connected(&output, crate::inputs::PORT_LIMIT);
                command.stdin(input).stdout(output).stderr(writer(stderr)?);
                Session::Own
            }
        };
        Ok((command, session))
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
    fn a_bad_command_is_a_fault() {
        let plan = decide(Found { command: Some(b"ls".to_vec()), ..found() });
        let (status, reason) = plan.spawn(&Environment::new()).unwrap_err();
        assert_eq!(status, verdict::INIT_FAULT);
        assert_eq!(reason, "opt/org.qos/command: the command is cut off: no NUL after its last argument");
    }

    #[test]
    fn terminals() {
        let size = Winsize { rows: 24, cols: 80 };
        let kind = |console: &str, winsize, ports| {
            Found { console: console.into(), winsize, ports, ..Found::default() }.terminal()
        };
        assert_eq!(kind("/dev/ttyS0", None, None), Terminal::Serial { size: None });
        assert_eq!(kind("/dev/ttyS0", Some(size), None), Terminal::Serial { size: Some(size) });
        assert_eq!(kind("/dev/hvc0", None, None), Terminal::Serial { size: None });
        assert_eq!(kind("/dev/tty1", None, None), Terminal::Screen);
        assert_eq!(kind("/dev/ttyS0", Some(size), Some(ports())), Terminal::None);
    }
}
