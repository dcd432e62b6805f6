// SPDX-License-Identifier: MIT OR Apache-2.0
//! What happens, and what the manager wants done: the language between the pure part and the system.

use qos_unit::Name;
use qos_unit::command::Command;
use std::time::Duration;

/// A process id.
pub type Pid = i32;

/// The present moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Time since boot.
    pub mono: Duration,
    /// Seconds since 1970 in UTC.
    pub real: i64,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It exited with this status.
    Exited(u8),
    /// This signal ended it.
    Killed(u8),
}

/// Which of a unit's commands a process executes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the Exec keys of systemd.service(5)")]
pub enum Role {
    Condition,
    StartPre,
    Start,
    StartPost,
    Reload,
    Stop,
    StopPost,
    Mount,
    Unmount,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 9] = [
        Role::Condition,
        Role::StartPre,
        Role::Start,
        Role::StartPost,
        Role::Reload,
        Role::Stop,
        Role::StopPost,
        Role::Mount,
        Role::Unmount,
    ];

    /// The name for saved states.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Condition => "condition",
            Role::StartPre => "start-pre",
            Role::Start => "start",
            Role::StartPost => "start-post",
            Role::Reload => "reload",
            Role::Stop => "stop",
            Role::StopPost => "stop-post",
            Role::Mount => "mount",
            Role::Unmount => "unmount",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The process of the last [`Action::Spawn`] of the unit has this id.
    Spawned(Name, Pid),
    /// There is no such process, and why.
    SpawnFailed(Name, String),
    /// The process has executed its program.
    Executed(Pid),
    /// A process ended. A reason is there when it could not execute its program.
    Ended(Pid, Ended, Option<String>),
    /// A process sent a message to the notification socket.
    Notify(Name, Pid, Message),
    /// The unit's control group has no process.
    GroupEmpty(Name),
    /// The main process of a forking service, if it was found.
    MainFound(Name, Option<Pid>),
    /// The sockets are open, or why not.
    Listening(Name, Result<(), String>),
    /// A connection or a message waits at a socket.
    Incoming(Name),
    /// A connection was accepted; the instance's name.
    Accepted(Name, String),
    /// A path that is watched changed; whether the unit's condition holds.
    PathChanged(Name, bool),
    /// A mount point appeared or went.
    Mounted(Name, bool),
    /// Time went by.
    Time,
}

/// A message of sd_notify(3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// `READY=1`.
    pub ready: bool,
    /// `RELOADING=1`.
    pub reloading: bool,
    /// `STOPPING=1`.
    pub stopping: bool,
    /// `WATCHDOG=1`.
    pub watchdog: bool,
    /// `WATCHDOG=trigger`.
    pub watchdog_trigger: bool,
    /// `STATUS=`.
    pub status: Option<String>,
    /// `ERRNO=`.
    pub errno: Option<i32>,
    /// `MAINPID=`.
    pub main_pid: Option<Pid>,
    /// `WATCHDOG_USEC=`.
    pub watchdog_interval: Option<Duration>,
    /// `EXTEND_TIMEOUT_USEC=`.
    pub extend_timeout: Option<Duration>,
    /// `FDSTORE=1`: the descriptors that came along are to be kept.
    pub store: bool,
    /// `FDSTOREREMOVE=1`.
    pub unstore: bool,
    /// `FDNAME=`.
    pub descriptor_name: Option<String>,
}

impl Message {
    /// Reads a message; lines that are not known are left out.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let mut message = Message::default();
        let micros = |text: &str| text.parse().ok().map(Duration::from_micros);
        for line in String::from_utf8_lossy(text).lines() {
            match line.split_once('=') {
                Some(("READY", "1")) => message.ready = true,
                Some(("RELOADING", "1")) => message.reloading = true,
                Some(("STOPPING", "1")) => message.stopping = true,
                Some(("WATCHDOG", "1")) => message.watchdog = true,
                Some(("WATCHDOG", "trigger")) => message.watchdog_trigger = true,
                Some(("STATUS", text)) => message.status = Some(printable(text)),
                Some(("ERRNO", number)) => message.errno = number.parse().ok(),
                Some(("MAINPID", number)) => message.main_pid = number.parse().ok().filter(|pid| *pid > 1),
                Some(("WATCHDOG_USEC", number)) => message.watchdog_interval = micros(number),
                Some(("EXTEND_TIMEOUT_USEC", number)) => message.extend_timeout = micros(number),
                Some(("FDSTORE", "1")) => message.store = true,
                Some(("FDSTOREREMOVE", "1")) => message.unstore = true,
                Some(("FDNAME", text)) => message.descriptor_name = Some(printable(text)),
                _ => {}
            }
        }
        message
    }
}

/// Without control characters: a service's text goes to terminals.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(1024).collect()
}

/// To whom a signal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// The processes of the list.
    Processes,
    /// Those, and all of the unit's control group.
    Group,
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Level {
    Info,
    Warning,
    Error,
}

/// What the system is to do at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Exit {
    Halt,
    PowerOff,
    Reboot,
    /// The kernel that is loaded takes over.
    Kexec,
    /// The manager ends, of a manager that is not process 1.
    Exit,
}

impl Exit {
    /// All of them.
    pub const ALL: [Exit; 5] = [Exit::Halt, Exit::PowerOff, Exit::Reboot, Exit::Kexec, Exit::Exit];

    /// The name, as in requests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Exit::Halt => "halt",
            Exit::PowerOff => "poweroff",
            Exit::Reboot => "reboot",
            Exit::Kexec => "kexec",
            Exit::Exit => "exit",
        }
    }
}

/// What the manager wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Start a process; [`Event::Spawned`] or [`Event::SpawnFailed`] is the answer.
    Spawn {
        /// For whom.
        unit: Name,
        /// Which command.
        role: Role,
        /// The command.
        command: Command,
        /// The main process, for `$MAINPID`.
        main: Option<Pid>,
        /// Why the service stops, for `$SERVICE_RESULT`.
        result: &'static str,
    },
    /// Send a signal.
    Kill {
        /// Whose processes.
        unit: Name,
        /// Processes that are known.
        pids: Vec<Pid>,
        /// Whether the others of the group are meant too.
        whom: Whom,
        /// The signal.
        signal: i32,
    },
    /// Say [`Event::GroupEmpty`] when the group of the unit has no process.
    CheckGroup(Name),
    /// Look for the main process of a forking service; [`Event::MainFound`] is the answer.
    FindMain(Name),
    /// The unit has ended: remove its control group, and its runtime directories unless it is to be restarted.
    CleanUp {
        /// The unit.
        unit: Name,
        /// It will be started again.
        restart: bool,
    },
    /// Open the sockets of a socket unit; [`Event::Listening`] is the answer.
    Listen(Name),
    /// Tell of connections ([`Event::Incoming`]), or do not.
    Poll(Name, bool),
    /// Accept a connection; [`Event::Accepted`] is the answer.
    Accept(Name),
    /// Close the sockets.
    Close(Name),
    /// Watch the paths of a path unit, or do not.
    Watch(Name, bool),
    /// Keep the time at which a persistent timer elapsed.
    Stamp(Name, i64),
    /// A line for the log.
    Log(Level, String),
    /// A job ended.
    JobDone {
        /// Number of the job.
        id: u32,
        /// Its unit.
        unit: Name,
        /// How it ended.
        result: crate::job::JobResult,
    },
    /// Leave.
    Exit(Exit),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let message = Message::parse(
            b"READY=1\nSTATUS=ok \x1b[1m\nMAINPID=7\nWATCHDOG_USEC=1000000\nX=y\nFDSTORE=1\nFDNAME=a\n",
        );
        assert!(message.ready && message.store && !message.reloading);
        assert_eq!(message.status.as_deref(), Some("ok [1m"));
        assert_eq!((message.main_pid, message.watchdog_interval), (Some(7), Some(Duration::from_secs(1))));
        assert_eq!(Message::parse(b"MAINPID=1\nREADY=0\n\xff"), Message::default());
    }
}
