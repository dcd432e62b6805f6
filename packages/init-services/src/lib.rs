// SPDX-License-Identifier: MIT OR Apache-2.0
//! Process 1 as the manager of services, where the root has a unit to start; without one it is [`qos_init`].
//!
//! `default.target` is started, or what the kernel's command line names (`systemd.unit=`, `single`, `rescue`, `emergency`). When
//! that is reached, and the host asks for a main program, the agent is started, and its end is the end of the system, as
//! without units.

use qos_init::{AGENT, Finished, LOG, end, signals, status_of_main};
use qos_protocol::verdict::of_signal;
use qos_service::event::{Ended, Exit, Level};
use qos_service::job::JobKind;
use qos_service::manager::Mode;
use qos_service::run::{Config, Happened, Runner, now, resumed};
use qos_service::saved::{Record, named};
use qos_service::store::Store;
use qos_sys::error_text;
use qos_sys::power::Action;
use qos_sys::process::{self, kill};
use qos_sys::signal::{Blocked, SIGCONT, SIGTERM};
use qos_sys::spawn::{Session, spawn};
use qos_unit::Name;
use qos_unit::specifier::Facts;
use std::io;
use std::path::Path;
use std::process::Command;

/// The control group below which each unit has one.
const GROUP: &str = "/sys/fs/cgroup/system.slice";

/// Where the manager's sockets are.
const RUNTIME: &str = "/run/qos";

/// The directory by which programs know that units of systemd's format are managed here.
const BOOTED: &str = "/run/systemd/system";

/// What process 1 does between boot and end ([`qos_init::Main`]).
///
/// # Errors
/// When the manager's sockets cannot be made, or poll(2) fails.
pub fn main(signals: &Blocked) -> io::Result<Finished> {
    if let Some(state) = resumed() {
        match Runner::resume(config(), *signals, state) {
            Ok((runner, record)) => return serve(runner, Main::restore(&record)?, signals),
            Err(error) => LOG.error(&format!("state of the manager before: {}", error_text(&error))),
        }
    }
    match wanted() {
        Some(target) => run(&target, signals),
        None => qos_init::run_main(signals),
    }
}

/// The unit to start; `None` where the root has no units.
fn wanted() -> Option<Name> {
    let cmdline = std::fs::read("/proc/cmdline").unwrap_or_default();
    let wanted = of_cmdline(&String::from_utf8_lossy(&cmdline));
    let store = Store::new(Path::new("/"), Facts::new());
    let default = Name::new("default.target").ok()?;
    let named = wanted.as_ref().and_then(|name| Name::new(name).map_err(|reason| LOG.warn(&reason)).ok());
    // Rescue and emergency are built in, but mean nothing without units.
    match named {
        Some(name) if store.has_file(&name) || store.has_file(&default) => Some(name),
        _ => store.has_file(&default).then_some(default),
    }
}

/// The unit that the command line names; the last word counts.
fn of_cmdline(cmdline: &str) -> Option<String> {
    let word = |word: &str| match word {
        "single" | "s" | "S" | "1" | "rescue" => Some("rescue.target".to_owned()),
        "emergency" | "-b" => Some("emergency.target".to_owned()),
        _ => word.strip_prefix("systemd.unit=").map(str::to_owned),
    };
    // What is behind -- is for init itself, and of no meaning here.
    cmdline.split_whitespace().take_while(|text| *text != "--").filter_map(word).last()
}

fn config() -> Config {
    Config { root: "/".into(), runtime: RUNTIME.into(), group: GROUP.into(), log }
}

/// The main program, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Main {
    pid: Option<i32>,
    /// The target was reached, and the main program started, if there is one.
    started: bool,
    /// A signal asked for the end that is not the wish of a program of the guest.
    signalled: bool,
    finished: Option<Finished>,
}

/// Starts `target`, and runs until all is stopped again.
fn run(target: &Name, signals: &Blocked) -> io::Result<Finished> {
    // sd_booted(3): rsyslogd, for one, takes the socket of syslog.socket only where this directory is.
    if let Err(error) = std::fs::create_dir_all(BOOTED) {
        LOG.warn(&format!("{BOOTED}: {}", error_text(&error)));
    }
    // As systemd does: services on this machine reach each other whatever sets up its other interfaces.
    if let Err(error) = qos_sys::network::loopback_up() {
        LOG.warn(&format!("interface lo stays down: {}", error_text(&error)));
    }
    let mut runner = Runner::new(config(), *signals)?;
    // default.target is a link: jobs have the name of the unit that it leads to.
    let target = &runner.manager.load(target);
    if let Err(reason) = runner.manager.request(now(), target, JobKind::Start, Mode::Replace) {
        LOG.error(&format!("{target}: not started: {reason}"));
    }
    serve(runner, (target.clone(), Main::default()), signals)
}

/// Runs until all is stopped.
fn serve(mut runner: Runner, (target, mut main): (Name, Main), signals: &Blocked) -> io::Result<Finished> {
    loop {
        for happened in runner.turn()? {
            match happened {
                Happened::Signal(signal) => {
                    if let Some(request) = signals::request(signal) {
                        LOG.info(&format!("signal {signal} asks for the end"));
                        main.ask_to_end(request);
                        runner.manager.begin_exit(now(), exit_of(request.action));
                    }
                }
                Happened::Child(pid, ended) if Some(pid) == main.pid => {
                    main.ended(ended);
                    runner.manager.begin_exit(now(), Exit::PowerOff);
                }
                Happened::Child(..) => {}
                Happened::Reexec => runner.reexec(main.save(&target)),
                Happened::Exit(exit) => return main.finish(exit, signals),
            }
        }
        let settled = runner.manager.job(&target).is_none() && !runner.manager.is_ending();
        if settled && !main.started {
            main.started = true;
            if let Some(finished) = main.start() {
                main.finished = Some(finished);
                runner.manager.begin_exit(now(), Exit::PowerOff);
            }
        }
    }
}

fn log(level: Level, text: &str) {
    match level {
        Level::Info => LOG.info(text),
        Level::Warning => LOG.warn(text),
        Level::Error => LOG.error(text),
    }
}

fn exit_of(action: Action) -> Exit {
    match action {
        Action::Halt => Exit::Halt,
        Action::PowerOff => Exit::PowerOff,
        Action::Reboot => Exit::Reboot,
        Action::Kexec => Exit::Kexec,
    }
}

fn action_of(exit: Exit) -> Action {
    match exit {
        Exit::Halt => Action::Halt,
        Exit::Reboot => Action::Reboot,
        Exit::Kexec => Action::Kexec,
        Exit::PowerOff | Exit::Exit => Action::PowerOff,
    }
}

impl Main {
    /// What a successor needs to know, with the target.
    fn save(self, target: &Name) -> Record {
        let Main { pid, started, signalled, finished } = self;
        let record = Record::new("caller", target);
        record
            .set_some("pid", pid)
            .set("started", started)
            .set("signalled", signalled)
            .set_some("status", finished.map(|finished| finished.status))
            .set_some("action", finished.map(|finished| exit_of(finished.action).name()))
    }

    fn restore(record: &Record) -> io::Result<(Name, Self)> {
        let action = record
            .get::<String>("action")
            .and_then(|name| named(&Exit::ALL, Exit::name, &name))
            .map(action_of);
        let main = Main {
            pid: record.get("pid"),
            started: record.is("started"),
            signalled: record.is("signalled"),
            finished: record.get("status").zip(action).map(|(status, action)| Finished { status, action }),
        };
        Ok((Name::new(&record.name).map_err(io::Error::other)?, main))
    }

    /// Starts the agent, if the host asks for a program; how all ends, if that cannot be.
    fn start(&mut self) -> Option<Finished> {
        let mut asked = Command::new(AGENT);
        asked.arg("asked");
        match spawn(asked, Session::Same).and_then(|mut agent| agent.wait()) {
            Ok(status) if status.success() => {}
            // An image for other machines has no agent.
            Ok(_) | Err(_) => return None,
        }
        match spawn(Command::new(AGENT), Session::Same) {
            Ok(child) => {
                self.pid = i32::try_from(child.id()).ok();
                None
            }
            Err(error) => {
                LOG.error(&format!("{AGENT}: {}", error_text(&error)));
                Some(Finished { status: qos_protocol::verdict::NOT_EXECUTABLE, action: Action::PowerOff })
            }
        }
    }

    /// Passes a request to end on; whether its status counts is decided now, while it is known what it runs on.
    fn ask_to_end(&mut self, request: signals::Request) {
        self.signalled |= !request.deliberate;
        let Some(pid) = self.pid else { return };
        if request.deliberate || process::has_terminal(pid) {
            self.finished.get_or_insert(Finished { status: 0, action: request.action });
        }
        // It may have ended just now.
        let _ = kill(pid, SIGTERM);
        let _ = kill(pid, SIGCONT);
    }

    fn ended(&mut self, ended: Ended) {
        self.pid = None;
        let ended = match ended {
            Ended::Exited(status) => process::Ended::Exited(status),
            Ended::Killed(signal) => process::Ended::Killed(signal),
        };
        if self.finished.is_none() {
            self.finished = Some(Finished { status: status_of_main(ended), action: Action::PowerOff });
        }
    }

    /// All services are stopped: how the system ends.
    fn finish(mut self, exit: Exit, signals: &Blocked) -> io::Result<Finished> {
        if !self.signalled {
            // `svc poweroff`, or a unit: that is no failure of the main program, which has not ended by itself.
            self.finished.get_or_insert(Finished { status: 0, action: action_of(exit) });
        }
        if let Some(pid) = self.pid {
            match end::end_process(pid, signals)? {
                Some(process::Ended::Exited(status)) => self.ended(Ended::Exited(status)),
                Some(process::Ended::Killed(signal)) => self.ended(Ended::Killed(signal)),
                None => drop(
                    self.finished.get_or_insert(Finished { status: of_signal(9), action: Action::PowerOff }),
                ),
            }
        }
        let status = self.finished.map_or(0, |finished| finished.status);
        Ok(Finished { status, action: action_of(exit) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_successor_knows() {
        let target = Name::new("a.target").unwrap();
        for action in [Action::Halt, Action::PowerOff, Action::Reboot, Action::Kexec] {
            let finished = Some(Finished { status: 3, action });
            let main = Main { pid: Some(9), started: true, signalled: true, finished };
            assert_eq!(Main::restore(&main.save(&target)).unwrap(), (target.clone(), main));
        }
        let main = Main::default();
        assert_eq!(Main::restore(&main.save(&target)).unwrap().1, main);
        assert!(Main::restore(&Record::default()).is_err());
    }

    #[test]
    fn units_of_the_command_line() {
        for (cmdline, expect) in [
            ("quiet", None),
            ("systemd.unit=a.target quiet", Some("a.target")),
            ("single", Some("rescue.target")),
            ("emergency", Some("emergency.target")),
            ("rd.systemd.unit=x.target", None),
            ("single systemd.unit=a.target", Some("a.target")),
            ("quiet -- single", None),
        ] {
            assert_eq!(of_cmdline(cmdline).as_deref(), expect, "{cmdline}");
        }
    }
}
