// SPDX-License-Identifier: MIT OR Apache-2.0
//! A service's state machine, as systemd's `service.c` has it: events in, actions out, no system.

mod outcome;
mod saved;
mod stop;

pub use outcome::{Outcome, delay, describe, outcome, should_restart};

use super::Active;
use crate::event::{Action, Ended, Level, Message, Now, Pid, Role};
use qos_unit::command::Command;
use qos_unit::span::INFINITY;
use qos_unit::{Name, NotifyAccess, Service, Type};
use std::time::Duration;

/// States of a service, by systemd's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "systemd's names")]
pub enum State {
    Dead,
    Condition,
    StartPre,
    Start,
    StartPost,
    Running,
    Exited,
    Reload,
    Stop,
    StopWatchdog,
    StopSigterm,
    StopSigkill,
    StopPost,
    FinalSigterm,
    FinalSigkill,
    Failed,
    AutoRestart,
}

impl State {
    /// All of them.
    pub const ALL: [State; 17] = [
        State::Dead,
        State::Condition,
        State::StartPre,
        State::Start,
        State::StartPost,
        State::Running,
        State::Exited,
        State::Reload,
        State::Stop,
        State::StopWatchdog,
        State::StopSigterm,
        State::StopSigkill,
        State::StopPost,
        State::FinalSigterm,
        State::FinalSigkill,
        State::Failed,
        State::AutoRestart,
    ];

    /// The state in general.
    #[must_use]
    pub fn active(self) -> Active {
        match self {
            State::Dead => Active::Inactive,
            State::Failed => Active::Failed,
            State::Running | State::Exited => Active::Active,
            State::Reload => Active::Reloading,
            State::Condition | State::StartPre | State::Start | State::StartPost | State::AutoRestart => {
                Active::Activating
            }
            _ => Active::Deactivating,
        }
    }

    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Dead => "dead",
            State::Condition => "condition",
            State::StartPre => "start-pre",
            State::Start => "start",
            State::StartPost => "start-post",
            State::Running => "running",
            State::Exited => "exited",
            State::Reload => "reload",
            State::Stop => "stop",
            State::StopWatchdog => "stop-watchdog",
            State::StopSigterm => "stop-sigterm",
            State::StopSigkill => "stop-sigkill",
            State::StopPost => "stop-post",
            State::FinalSigterm => "final-sigterm",
            State::FinalSigkill => "final-sigkill",
            State::Failed => "failed",
            State::AutoRestart => "auto-restart",
        }
    }
}

/// What the machine is given with each event.
pub struct Context<'a> {
    /// The unit's name.
    pub name: &'a Name,
    /// Its section.
    pub service: &'a Service,
    /// The present moment.
    pub now: Now,
    /// Where actions go.
    pub actions: &'a mut Vec<Action>,
}

/// A service that can be started, stopped and so on.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its state.
    pub state: State,
    /// The main process, while it runs.
    pub main: Option<Pid>,
    /// The process of another command, while it runs.
    pub control: Option<Pid>,
    /// Why it is not as it should be.
    pub outcome: Outcome,
    /// How its main process ended last.
    pub ended: Option<Ended>,
    /// What it says of itself.
    pub status: Option<String>,
    /// How often it was restarted by itself since someone started it.
    pub restarts: u32,
    /// The last reload failed.
    pub reload_failed: bool,
    /// Someone asked for the stop: no restart.
    forbid_restart: bool,
    /// The process that is being started is the main process.
    pending_main: bool,
    /// Which command, and the number in its list.
    role: Role,
    at: usize,
    /// The main command, of a oneshot service with several.
    main_at: usize,
    /// The main process was known when the stop began.
    main_was_known: bool,
    /// It is stopped to be started again.
    starts_again: bool,
    /// It said READY=1 while the reload that it announced was on.
    reload_ready: bool,
    /// When the state has lasted too long.
    pub deadline: Option<Duration>,
    /// When the next sign of life is due.
    pub watchdog_at: Option<Duration>,
    watchdog: Duration,
    /// When `RuntimeMaxSec=` is over.
    runtime_end: Option<Duration>,
}

impl Default for Machine {
    fn default() -> Self {
        Machine {
            state: State::Dead,
            main: None,
            control: None,
            outcome: Outcome::Success,
            ended: None,
            status: None,
            restarts: 0,
            reload_failed: false,
            forbid_restart: false,
            pending_main: false,
            role: Role::Start,
            at: 0,
            main_at: 0,
            main_was_known: false,
            starts_again: false,
            reload_ready: false,
            deadline: None,
            watchdog_at: None,
            watchdog: Duration::ZERO,
            runtime_end: None,
        }
    }
}

impl Machine {
    /// Starts it; `again`: by itself, after its end.
    pub fn start(&mut self, context: &mut Context<'_>, again: bool) {
        let restarts = if again { self.restarts + 1 } else { 0 };
        *self = Machine { restarts, ..Machine::default() };
        self.watchdog = context.service.watchdog;
        self.run(context, Role::Condition);
    }

    /// Stops it to start it again: by `RestartKillSignal=`, if there is one.
    pub fn stop_to_restart(&mut self, context: &mut Context<'_>) {
        self.starts_again = true;
        self.stop(context);
    }

    /// Stops it on request.
    pub fn stop(&mut self, context: &mut Context<'_>) {
        self.forbid_restart = true;
        match self.state {
            State::Dead | State::Failed => {}
            State::AutoRestart => self.enter_dead(context),
            State::Running | State::Exited | State::Reload => {
                if let Some(pid) = self.control.filter(|_| self.state == State::Reload) {
                    self.kill(context, vec![pid], 9);
                    self.control = None;
                }
                self.enter_stop(context, Outcome::Success);
            }
            State::Condition | State::StartPre | State::Start | State::StartPost => {
                self.enter_signal(context, State::StopSigterm, Outcome::Success);
            }
            // It stops already.
            _ => {}
        }
    }

    /// Reloads it; `false` if it cannot.
    pub fn reload(&mut self, context: &mut Context<'_>) -> bool {
        if self.state != State::Running && self.state != State::Exited {
            return false;
        }
        self.reload_failed = false;
        if !context.service.reload.is_empty() {
            self.enter(context, State::Reload, context.service.start_timeout);
            self.command(context, Role::Reload, 0);
            return true;
        }
        match (context.service.kind, self.main) {
            (Type::NotifyReload, Some(pid)) => {
                self.reload_ready = false;
                self.enter(context, State::Reload, context.service.start_timeout);
                self.kill(context, vec![pid], context.service.reload_signal);
                true
            }
            _ => false,
        }
    }

    /// The process that was to be started is there.
    pub fn spawned(&mut self, context: &mut Context<'_>, pid: Pid) {
        if self.pending_main {
            self.main = Some(pid);
            if matches!(context.service.kind, Type::Simple | Type::Idle) && self.state == State::Start {
                self.run(context, Role::StartPost);
            }
        } else {
            self.control = Some(pid);
        }
    }

    /// The process could not be started at all.
    pub fn spawn_failed(&mut self, context: &mut Context<'_>, reason: &str) {
        context
            .actions
            .push(Action::Log(Level::Error, format!("{}: cannot start a process: {reason}", context.name)));
        self.command_failed(context, Outcome::Resources);
    }

    /// A process has executed its program.
    pub fn executed(&mut self, context: &mut Context<'_>, pid: Pid) {
        let waits = matches!(context.service.kind, Type::Exec | Type::Dbus);
        if waits && self.state == State::Start && self.main == Some(pid) {
            self.run(context, Role::StartPost);
        }
    }

    /// One of its processes ended.
    pub fn ended(&mut self, context: &mut Context<'_>, pid: Pid, ended: Ended) {
        if self.main == Some(pid) {
            self.main = None;
            self.ended = Some(ended);
            self.main_ended(context, ended);
        } else if self.control == Some(pid) {
            self.control = None;
            self.control_ended(context, ended);
        }
    }

    fn main_ended(&mut self, context: &mut Context<'_>, ended: Ended) {
        let service = context.service;
        let ignored = service.start.get(self.main_at).is_some_and(|command| command.ignore_failure);
        let result = if ignored {
            Outcome::Success
        } else {
            outcome(ended, &service.success_status, service.kind != Type::Oneshot)
        };
        if result != Outcome::Success {
            let text = format!("{}: main process {}", context.name, outcome::describe(ended));
            context.actions.push(Action::Log(Level::Warning, text));
        }
        match self.state {
            State::Start if service.kind == Type::Oneshot => {
                if result != Outcome::Success {
                    self.enter_signal(context, State::StopSigterm, result);
                } else if self.main_at + 1 < service.start.len() {
                    self.main_at += 1;
                    self.spawn_main(context);
                } else {
                    self.run(context, Role::StartPost);
                }
            }
            State::Start if matches!(service.kind, Type::Notify | Type::NotifyReload) => {
                // It was to say that it is ready, and did not.
                let result = if result == Outcome::Success { Outcome::Protocol } else { result };
                self.enter_signal(context, State::StopSigterm, result);
            }
            State::Start if matches!(service.kind, Type::Exec | Type::Dbus) && result != Outcome::Success => {
                self.enter_signal(context, State::StopSigterm, result);
            }
            State::Start | State::Running => self.enter_running(context, result),
            // The other command goes on.
            State::StartPost | State::Reload if self.control.is_some() => {
                self.outcome = self.outcome.first(result)
            }
            State::StartPost | State::Reload => self.enter_running(context, result),
            State::Stop if self.control.is_some() => self.outcome = self.outcome.first(result),
            State::Stop => self.enter_signal(context, State::StopSigterm, result),
            // A signal was sent, so that how it ended is no surprise; a watchdog's victim has its reason already.
            State::StopWatchdog | State::StopSigterm | State::StopSigkill => self.check_stopped(context),
            State::FinalSigterm | State::FinalSigkill => self.check_final(context),
            _ => {}
        }
    }

    fn control_ended(&mut self, context: &mut Context<'_>, ended: Ended) {
        let command = self.commands(context.service).get(self.at);
        let ignored = command.is_some_and(|command| command.ignore_failure);
        let result =
            if ignored { Outcome::Success } else { outcome(ended, &context.service.success_status, false) };
        if self.role == Role::Condition && matches!(ended, Ended::Exited(1..=254)) && !ignored {
            self.outcome = Outcome::ExecCondition;
            return self.enter_dead(context);
        }
        if result != Outcome::Success
            && !matches!(self.state, State::StopSigterm | State::StopSigkill | State::FinalSigkill)
        {
            let text = command.map(Command::describe).unwrap_or_default();
            let text = format!("{}: {text:?} {}", context.name, outcome::describe(ended));
            context.actions.push(Action::Log(Level::Warning, text));
        }
        if result == Outcome::Success
            && self.at + 1 < self.commands(context.service).len()
            && self.is_in_command_state()
        {
            return self.command(context, self.role, self.at + 1);
        }
        if result != Outcome::Success {
            return self.command_failed(context, result);
        }
        self.command_done(context);
    }

    fn is_in_command_state(&self) -> bool {
        !matches!(
            self.state,
            State::StopSigterm
                | State::StopSigkill
                | State::StopWatchdog
                | State::FinalSigterm
                | State::FinalSigkill
        ) && self.role != Role::Start
    }

    /// All commands of the state are through.
    fn command_done(&mut self, context: &mut Context<'_>) {
        match self.state {
            State::Condition => self.run(context, Role::StartPre),
            State::StartPre => self.run(context, Role::Start),
            // A forking service's first process is through: where is the one that stays?
            State::Start => context.actions.push(Action::FindMain(context.name.clone())),
            State::StartPost => self.enter_running(context, self.outcome),
            State::Reload => self.enter_running(context, self.outcome),
            State::Stop => self.enter_signal(context, State::StopSigterm, Outcome::Success),
            State::StopPost => self.enter_signal(context, State::FinalSigterm, Outcome::Success),
            State::StopWatchdog | State::StopSigterm | State::StopSigkill => self.check_stopped(context),
            State::FinalSigterm | State::FinalSigkill => self.check_final(context),
            _ => {}
        }
    }

    /// A command of the state failed.
    fn command_failed(&mut self, context: &mut Context<'_>, result: Outcome) {
        match self.state {
            State::Condition | State::StartPre | State::Start | State::StartPost => {
                self.enter_signal(context, State::StopSigterm, result);
            }
            State::Reload => {
                self.reload_failed = true;
                self.enter_running(context, self.outcome);
            }
            State::Stop => self.enter_signal(context, State::StopSigterm, result),
            State::StopPost => self.enter_signal(context, State::FinalSigterm, result),
            _ => self.command_done(context),
        }
    }

    /// The main process of a forking service, or none.
    pub fn main_found(&mut self, context: &mut Context<'_>, pid: Option<Pid>) {
        if self.state != State::Start {
            return;
        }
        if pid.is_none() && context.service.pid_file.is_some() {
            let file = context.service.pid_file.as_deref().unwrap_or("");
            let text = format!("{}: PIDFile={file} names no process of the service", context.name);
            context.actions.push(Action::Log(Level::Warning, text));
            return self.enter_signal(context, State::StopSigterm, Outcome::Protocol);
        }
        self.main = pid;
        self.run(context, Role::StartPost);
    }

    /// A message of one of its processes.
    pub fn notify(&mut self, context: &mut Context<'_>, pid: Pid, message: &Message) {
        let access = context.service.notify_access;
        let is_main = self.main == Some(pid);
        let allowed = match access {
            NotifyAccess::None => false,
            NotifyAccess::Main => is_main,
            NotifyAccess::Exec => is_main || self.control == Some(pid),
            NotifyAccess::All => true,
        };
        if !allowed {
            return;
        }
        if let Some(pid) = message.main_pid {
            self.main = Some(pid);
        }
        if message.status.is_some() {
            self.status.clone_from(&message.status);
        }
        if let Some(interval) = message.watchdog_interval {
            self.watchdog = interval;
        }
        if message.watchdog || message.watchdog_interval.is_some() {
            self.feed_watchdog(context);
        }
        if message.watchdog_trigger {
            return self.enter_signal(context, State::StopWatchdog, Outcome::Watchdog);
        }
        if let (Some(more), Some(deadline)) = (message.extend_timeout, self.deadline) {
            self.deadline = Some(deadline.max(context.now.mono.saturating_add(more)));
        }
        let notifies = matches!(context.service.kind, Type::Notify | Type::NotifyReload);
        match self.state {
            State::Start if message.ready && notifies => self.run(context, Role::StartPost),
            State::Running if message.reloading => {
                self.reload_ready = false;
                self.enter(context, State::Reload, context.service.start_timeout);
            }
            State::Reload if message.ready && self.control.is_none() => {
                self.enter_running(context, Outcome::Success)
            }
            State::Running if message.stopping => self.enter_signal_by_itself(context),
            _ => {}
        }
    }

    fn feed_watchdog(&mut self, context: &Context<'_>) {
        let on = !self.watchdog.is_zero() && self.watchdog != INFINITY;
        self.watchdog_at = on.then(|| context.now.mono.saturating_add(self.watchdog));
    }

    /// When the machine wants to be told of the time.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        let watchdog = self.watchdog_at.filter(|_| self.state == State::Running);
        let runtime = self.runtime_end.filter(|_| self.state == State::Running);
        [self.deadline, watchdog, runtime].into_iter().flatten().min()
    }

    /// Starts the commands of `role`, or what follows where there are none.
    fn run(&mut self, context: &mut Context<'_>, role: Role) {
        let service = context.service;
        self.role = role;
        let (state, timeout) = match role {
            Role::Condition => (State::Condition, service.start_timeout),
            Role::StartPre => (State::StartPre, service.start_timeout),
            Role::StartPost => (State::StartPost, service.start_timeout),
            Role::Start => return self.enter_start(context),
            _ => return,
        };
        if self.commands(service).is_empty() {
            return match role {
                Role::Condition => self.run(context, Role::StartPre),
                Role::StartPre => self.run(context, Role::Start),
                _ => self.enter_running(context, self.outcome),
            };
        }
        self.enter(context, state, timeout);
        self.command(context, role, 0);
    }

    fn enter_start(&mut self, context: &mut Context<'_>) {
        self.enter(context, State::Start, context.service.start_timeout);
        match context.service.kind {
            _ if context.service.start.is_empty() => self.run(context, Role::StartPost),
            Type::Forking => self.command(context, Role::Start, 0),
            _ => self.spawn_main(context),
        }
    }

    fn spawn_main(&mut self, context: &mut Context<'_>) {
        self.spawn(context, Role::Start, self.main_at, true);
    }

    fn command(&mut self, context: &mut Context<'_>, role: Role, at: usize) {
        (self.role, self.at) = (role, at);
        self.spawn(context, role, at, false);
    }

    fn spawn(&mut self, context: &mut Context<'_>, role: Role, at: usize, main: bool) {
        self.role = role;
        self.pending_main = main;
        let Some(command) = self.commands(context.service).get(at).cloned() else { return };
        let unit = context.name.clone();
        context.actions.push(Action::Spawn {
            unit,
            role,
            command,
            main: self.main,
            result: self.outcome.name(),
        });
    }

    fn commands<'a>(&self, service: &'a Service) -> &'a [Command] {
        match self.role {
            Role::Condition => &service.condition,
            Role::StartPre => &service.start_pre,
            Role::Start => &service.start,
            Role::StartPost => &service.start_post,
            Role::Reload => &service.reload,
            Role::Stop => &service.stop,
            Role::StopPost => &service.stop_post,
            Role::Mount | Role::Unmount => &[],
        }
    }

    fn enter(&mut self, context: &Context<'_>, state: State, timeout: Duration) {
        self.state = state;
        self.deadline = Some(context.now.mono.saturating_add(timeout)).filter(|end| *end != INFINITY);
    }

    /// It runs, or has done its work, or is over.
    fn enter_running(&mut self, context: &mut Context<'_>, result: Outcome) {
        self.outcome = self.outcome.first(result);
        if self.outcome != Outcome::Success {
            return self.enter_signal(context, State::StopSigterm, result);
        }
        // Of a forking service without a known main process only its group tells whether it runs.
        let runs = self.main.is_some() || (context.service.kind == Type::Forking && self.ended.is_none());
        let announced = self.state == State::Reload && self.control.is_none() && self.main.is_some();
        if runs {
            if !announced || self.watchdog_at.is_none() {
                self.feed_watchdog(context);
            }
            if self.runtime_end.is_none() && context.service.runtime_max != INFINITY {
                self.runtime_end = Some(context.now.mono.saturating_add(context.service.runtime_max));
            }
            self.state = State::Running;
            self.deadline = None;
        } else if context.service.remain_after_exit {
            self.state = State::Exited;
            self.deadline = None;
        } else {
            self.enter_stop(context, Outcome::Success);
        }
    }
}

#[cfg(test)]
mod tests;
