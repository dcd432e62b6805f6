// SPDX-License-Identifier: MIT OR Apache-2.0
//! PID 1 of qos.
//!
//! [`run`] mounts the file systems every program expects, names the host, loads the modules of `/etc/modules`, runs
//! `/bin/qos-agent`, which becomes the main program, and when that ends, or a [signal](signals) asks for it, ends everything in
//! order: processes, file systems, verdict to the host, power. `qos-init-services` is the same with the manager of services
//! in the place of the main program.
//!
//! What goes wrong on the way is said in the kernel's log, and init goes on: a system that came up halfway can be
//! looked into. Only init's own fault ends it at once ([`fault`]).

pub mod end;
pub mod fault;
mod mounts;
pub mod signals;
mod unmount;
mod verdict;

use qos_kmsg::Log;
use qos_modules::Outcome;
use qos_protocol::mark;
use qos_protocol::verdict::{NOT_EXECUTABLE, NOT_FOUND, of_signal};
use qos_sys::process::{Ended, Reaped};
use qos_sys::signal::{Blocked, SIGCHLD};
use qos_sys::spawn::{Session, spawn};
use qos_sys::{error_text, process};
use signals::Request;
use std::io;
use std::process::{Command, ExitCode};

/// The kernel's log, with init's prefix.
pub static LOG: Log = Log::new(mark::INIT);

/// The program that init runs: it reads the host's request, and becomes the requested program.
pub const AGENT: &str = "/bin/qos-agent";

/// The part between boot and end: returns when the system is to end. Its signals ([`signals::TAKEN`]) are blocked.
pub type Main = fn(&Blocked) -> io::Result<Finished>;

/// Does all that process 1 has to do. Comes back only when this process is another one.
#[must_use]
pub fn run(main: Main) -> ExitCode {
    if process::id() != 1 {
        eprintln!("init: this is process {}: init is for the kernel to start, as process 1", process::id());
        return ExitCode::from(1);
    }
    fault::catch_panics();
    let ended = match boot(main) {
        Ok(ended) => ended,
        Err(error) => fault::end(&error_text(&error)),
    };
    end::end(ended)
}

/// How the time of the main program came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// The exit status of the main program.
    pub status: u8,
    /// How the machine is to be left.
    pub action: qos_sys::power::Action,
}

/// The argument of a program that goes on in the place of an earlier one as process 1, with the number of a descriptor behind it.
const RESUME: &str = "--resume=";

/// Whether this program goes on in the place of an earlier one: the system has booted.
fn is_successor() -> bool {
    std::env::args().any(|argument| argument.starts_with(RESUME))
}

fn boot(main: Main) -> io::Result<Finished> {
    let signals = Blocked::new(signals::TAKEN)?;
    if is_successor() {
        verdict::hold();
        return main(&signals);
    }
    mounts::mount_all();
    LOG.info(mark::STARTED);
    if let Err(error) = qos_sys::power::catch_ctrl_alt_del() {
        LOG.warn(&format!("Ctrl-Alt-Del restarts at once: {}", error_text(&error)));
    }
    name_host();
    load_modules();
    verdict::hold();
    LOG.info(mark::READY);
    main(&signals)
}

fn name_host() {
    match std::fs::read("/etc/hostname") {
        Ok(name) => {
            if let Err(error) = qos_sys::power::set_host_name(name.trim_ascii()) {
                LOG.warn(&format!("host name of /etc/hostname: {}", error_text(&error)));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => LOG.warn(&format!("/etc/hostname: {}", error_text(&error))),
    }
}

fn load_modules() {
    let text = match std::fs::read_to_string("/etc/modules") {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return LOG.warn(&format!("/etc/modules: {}", error_text(&error))),
    };
    let wanted = qos_modules::list::parse(&text);
    if wanted.is_empty() {
        return;
    }
    match qos_modules::Loader::of_running_kernel() {
        Ok(loader) => {
            loader.complaints().iter().for_each(|complaint| LOG.warn(complaint));
            for module in wanted {
                match loader.load(&module.name, &module.parameters) {
                    Ok(Outcome::Loaded) => {}
                    Ok(Outcome::Blacklisted) => {
                        LOG.info(&format!(
                            "module {} of /etc/modules: on the blacklist, not loaded",
                            module.name
                        ));
                    }
                    Err(error) => LOG.warn(&format!("module {} of /etc/modules: {error}", module.name)),
                }
            }
        }
        Err(error) => LOG.warn(&format!("modules of /etc/modules: {error}")),
    }
}

/// Runs the main program: [`Main`] without services.
///
/// # Errors
/// When init cannot wait for signals or processes.
pub fn run_main(signals: &Blocked) -> io::Result<Finished> {
    let main = match spawn(Command::new(AGENT), Session::Same) {
        Ok(child) => i32::try_from(child.id()).map_err(io::Error::other)?,
        Err(error) => {
            LOG.error(&format!("{AGENT}: {}", error_text(&error)));
            let status = match error.kind() {
                io::ErrorKind::NotFound => NOT_FOUND,
                _ => NOT_EXECUTABLE,
            };
            return Ok(Finished { status, action: qos_sys::power::Action::PowerOff });
        }
    };
    loop {
        let Some(signal) = signals.wait(None)? else { continue };
        if signal == SIGCHLD {
            if let Some(ended) = reap_until(main)? {
                return Ok(Finished {
                    status: status_of_main(ended),
                    action: qos_sys::power::Action::PowerOff,
                });
            }
        } else if let Some(request) = signals::request(signal) {
            LOG.info(&format!("signal {signal} asks for the end"));
            return end_main(main, request, signals);
        }
    }
}

/// Collects the children that have ended, orphans that came to process 1 among them; the main program's end, if it
/// is one of them.
fn reap_until(main: i32) -> io::Result<Option<Ended>> {
    loop {
        match process::reap()? {
            Reaped::Child(pid, ended) if pid == main => return Ok(Some(ended)),
            Reaped::Child(..) => {}
            Reaped::None | Reaped::NoChildren => return Ok(None),
        }
    }
}

/// The main program's exit status: its own, or 128 and the signal that ended it, which is logged.
#[must_use]
pub fn status_of_main(ended: Ended) -> u8 {
    match ended {
        Ended::Exited(status) => status,
        Ended::Killed(signal) => {
            LOG.error(&format!("the main program was ended by signal {signal}"));
            of_signal(signal)
        }
    }
}

/// Passes the request to end on to the main program, and gives it the time that [`end`] gives to all.
fn end_main(main: i32, request: Request, signals: &Blocked) -> io::Result<Finished> {
    let console = process::has_terminal(main);
    let ended = end::end_process(main, signals)?;
    let status = match ended {
        // Asked for from inside (`poweroff`), or by the person at the console: that is no failure of the program.
        _ if request.deliberate || console => 0,
        Some(ended) => status_of_main(ended),
        None => of_signal(9),
    };
    Ok(Finished { status, action: request.action })
}
