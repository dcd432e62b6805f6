// SPDX-License-Identifier: MIT OR Apache-2.0
//! `[Service]` (systemd.service(5)).

use super::exec::Exec;
use super::kill::{Kill, Resources};
use super::setter::{Set, Value};
use crate::command::{Command, parse};
use crate::name::Name;
use crate::span;
use crate::value::Statuses;
use std::time::Duration;

/// When a service counts as started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd.service(5) has them")]
pub enum Type {
    Simple,
    Exec,
    Forking,
    Oneshot,
    Notify,
    NotifyReload,
    Idle,
    /// Counts as started when it has been executed: there is no bus that could tell more.
    Dbus,
}

/// When a service is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "systemd.service(5) has them")]
pub enum Restart {
    #[default]
    No,
    OnSuccess,
    OnFailure,
    OnAbnormal,
    OnWatchdog,
    OnAbort,
    Always,
}

/// Whose notifications count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "systemd.service(5) has them")]
pub enum NotifyAccess {
    None,
    Main,
    Exec,
    All,
}

/// `[Service]`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "systemd.service(5) has them")]
pub struct Service {
    pub kind: Type,
    type_is_set: bool,
    pub condition: Vec<Command>,
    pub start_pre: Vec<Command>,
    pub start: Vec<Command>,
    pub start_post: Vec<Command>,
    pub reload: Vec<Command>,
    pub stop: Vec<Command>,
    pub stop_post: Vec<Command>,
    pub restart: Restart,
    pub restart_delay: Duration,
    pub restart_steps: u32,
    pub restart_max_delay: Duration,
    pub start_timeout: Duration,
    start_timeout_is_set: bool,
    pub stop_timeout: Duration,
    pub abort_timeout: Option<Duration>,
    pub runtime_max: Duration,
    pub watchdog: Duration,
    pub remain_after_exit: bool,
    pub guess_main_pid: bool,
    pub pid_file: Option<String>,
    pub success_status: Statuses,
    pub prevent_restart: Statuses,
    pub force_restart: Statuses,
    pub notify_access: NotifyAccess,
    notify_access_is_set: bool,
    pub fd_store_max: u32,
    pub sockets: Vec<Name>,
    pub non_blocking: bool,
    pub reload_signal: i32,
    pub exec: Exec,
    pub kill: Kill,
    pub resources: Resources,
    /// Start limits where older units have them.
    pub(super) legacy_limits: (Option<Duration>, Option<u32>),
    /// Why a command line could not be read: the unit cannot be started.
    faults: Vec<String>,
}

/// Default of `TimeoutStartSec=` and `TimeoutStopSec=`.
const TIMEOUT: Duration = Duration::from_secs(90);

impl Default for Service {
    fn default() -> Self {
        Service {
            kind: Type::Simple,
            type_is_set: false,
            condition: Vec::new(),
            start_pre: Vec::new(),
            start: Vec::new(),
            start_post: Vec::new(),
            reload: Vec::new(),
            stop: Vec::new(),
            stop_post: Vec::new(),
            restart: Restart::No,
            restart_delay: Duration::from_millis(100),
            restart_steps: 0,
            restart_max_delay: span::INFINITY,
            start_timeout: TIMEOUT,
            start_timeout_is_set: false,
            stop_timeout: TIMEOUT,
            abort_timeout: None,
            runtime_max: span::INFINITY,
            watchdog: Duration::ZERO,
            remain_after_exit: false,
            guess_main_pid: true,
            pid_file: None,
            success_status: Statuses::default(),
            prevent_restart: Statuses::default(),
            force_restart: Statuses::default(),
            notify_access: NotifyAccess::None,
            notify_access_is_set: false,
            fd_store_max: 0,
            sockets: Vec::new(),
            non_blocking: false,
            reload_signal: 1,
            exec: Exec::default(),
            kill: Kill::default(),
            resources: Resources::default(),
            legacy_limits: (None, None),
            faults: Vec::new(),
        }
    }
}

impl Service {
    pub(super) fn set(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        if let Some(list) = self.commands_mut(key) {
            if value.text.is_empty() {
                list.clear();
                return Ok(Set::Done);
            }
            match parse(value.text, value.name, value.facts) {
                Ok(commands) => list.extend(commands),
                Err(reason) => {
                    self.faults.push(format!("{key}={}: {reason}", value.text));
                    return Err(reason);
                }
            }
            return Ok(Set::Done);
        }
        match key {
            "Type" => {
                self.kind = value.one_of(TYPES)?;
                self.type_is_set = true;
            }
            "Restart" => self.restart = value.one_of(RESTARTS)?,
            "RestartSec" => self.restart_delay = value.span()?,
            "RestartSteps" => self.restart_steps = value.number()?,
            "RestartMaxDelaySec" => self.restart_max_delay = value.span()?,
            "TimeoutSec" => {
                (self.start_timeout, self.stop_timeout) = (value.timeout()?, value.timeout()?);
                self.start_timeout_is_set = true;
            }
            "TimeoutStartSec" => {
                self.start_timeout = value.timeout()?;
                self.start_timeout_is_set = true;
            }
            "TimeoutStopSec" => self.stop_timeout = value.timeout()?,
            "TimeoutAbortSec" => self.abort_timeout = Some(value.timeout()?),
            "RuntimeMaxSec" => self.runtime_max = value.timeout()?,
            "WatchdogSec" => self.watchdog = value.span()?,
            "RemainAfterExit" => self.remain_after_exit = value.boolean()?,
            "GuessMainPID" => self.guess_main_pid = value.boolean()?,
            "PIDFile" => {
                let path = value.expanded();
                let path =
                    if path.is_empty() || path.starts_with('/') { path } else { format!("/run/{path}") };
                // Paths below /var/run are what older daemons write.
                let path = path.strip_prefix("/var/run/").map_or(path.clone(), |rest| format!("/run/{rest}"));
                self.pid_file = Some(path).filter(|path| !path.is_empty());
            }
            "SuccessExitStatus" => statuses(&mut self.success_status, value)?,
            "RestartPreventExitStatus" => statuses(&mut self.prevent_restart, value)?,
            "RestartForceExitStatus" => statuses(&mut self.force_restart, value)?,
            "NotifyAccess" => {
                self.notify_access = value.one_of(&[
                    ("none", NotifyAccess::None),
                    ("main", NotifyAccess::Main),
                    ("exec", NotifyAccess::Exec),
                    ("all", NotifyAccess::All),
                ])?;
                self.notify_access_is_set = true;
            }
            "FileDescriptorStoreMax" => self.fd_store_max = value.number()?,
            "Sockets" => value.units(&mut self.sockets)?,
            "NonBlocking" => self.non_blocking = value.boolean()?,
            "ReloadSignal" => self.reload_signal = crate::value::signal(value.text)?,
            "StartLimitInterval" => self.legacy_limits.0 = Some(value.span()?),
            "StartLimitBurst" => self.legacy_limits.1 = Some(value.number()?),
            // Only their defaults are supported.
            "PermissionsStartOnly" | "RootDirectoryStartOnly" if !value.boolean()? => {}
            "ExitType" if value.text == "main" => {}
            "OOMPolicy" if value.text == "stop" => {}
            // A name on a bus that does not exist here.
            "BusName" => {}
            _ => return self.shared(key, value),
        }
        Ok(Set::Done)
    }

    fn shared(&mut self, key: &str, value: &Value<'_>) -> Result<Set, String> {
        if self.kill.set(key, value)? == Set::Done || self.resources.set(key, value)? == Set::Done {
            return Ok(Set::Done);
        }
        self.exec.set(key, value)
    }

    fn commands_mut(&mut self, key: &str) -> Option<&mut Vec<Command>> {
        Some(match key {
            "ExecCondition" => &mut self.condition,
            "ExecStartPre" => &mut self.start_pre,
            "ExecStart" => &mut self.start,
            "ExecStartPost" => &mut self.start_post,
            "ExecReload" => &mut self.reload,
            "ExecStop" => &mut self.stop,
            "ExecStopPost" => &mut self.stop_post,
            _ => return None,
        })
    }

    pub(super) fn finish(&mut self) {
        if !self.type_is_set && self.start.is_empty() {
            self.kind = Type::Oneshot;
        }
        if self.kind == Type::Oneshot && !self.start_timeout_is_set {
            self.start_timeout = span::INFINITY;
        }
        if self.exec.dynamic_user {
            self.exec.confine();
        }
        let notifies = matches!(self.kind, Type::Notify | Type::NotifyReload) || !self.watchdog.is_zero();
        if !self.notify_access_is_set && (notifies || self.fd_store_max > 0) {
            self.notify_access = NotifyAccess::Main;
        }
    }

    /// `acts`: the unit has a SuccessAction=, for which it needs no command.
    pub(super) fn check(&self, acts: bool) -> Result<(), String> {
        if let Some(fault) = self.faults.first() {
            return Err(fault.clone());
        }
        if acts && self.start.is_empty() {
            return Ok(());
        }
        if self.start.is_empty() && self.stop.is_empty() {
            return Err("has neither ExecStart= nor ExecStop=".into());
        }
        if self.start.is_empty() && !self.remain_after_exit {
            return Err("has no ExecStart= and not RemainAfterExit=yes".into());
        }
        if self.kind != Type::Oneshot && self.start.len() != 1 {
            return Err(format!(
                "has {} ExecStart= commands; only Type=oneshot may have other than one",
                self.start.len()
            ));
        }
        if self.kind == Type::Oneshot && matches!(self.restart, Restart::Always | Restart::OnSuccess) {
            return Err("is of Type=oneshot, which cannot have Restart=always or on-success".into());
        }
        Ok(())
    }
}

fn statuses(list: &mut Statuses, value: &Value<'_>) -> Result<(), String> {
    if value.text.is_empty() {
        *list = Statuses::default();
    }
    list.add(value.text)
}

const TYPES: &[(&str, Type)] = &[
    ("simple", Type::Simple),
    ("exec", Type::Exec),
    ("forking", Type::Forking),
    ("oneshot", Type::Oneshot),
    ("notify", Type::Notify),
    ("notify-reload", Type::NotifyReload),
    ("idle", Type::Idle),
    ("dbus", Type::Dbus),
];

const RESTARTS: &[(&str, Restart)] = &[
    ("no", Restart::No),
    ("on-success", Restart::OnSuccess),
    ("on-failure", Restart::OnFailure),
    ("on-abnormal", Restart::OnAbnormal),
    ("on-watchdog", Restart::OnWatchdog),
    ("on-abort", Restart::OnAbort),
    ("always", Restart::Always),
];
