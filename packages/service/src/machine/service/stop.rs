// SPDX-License-Identifier: MIT OR Apache-2.0
//! The way down: commands, signals, what runs out of time.

use super::{Context, Machine, Outcome, State, delay, should_restart};
use crate::event::{Action, Level, Pid, Role, Whom};
use qos_unit::KillMode;

/// SIGKILL, SIGHUP, SIGCONT.
const SIGKILL: i32 = 9;
const SIGHUP: i32 = 1;
const SIGCONT: i32 = 18;

impl Machine {
    /// The time has come that [`Machine::next`] named.
    pub fn time(&mut self, context: &mut Context<'_>) {
        let now = context.now.mono;
        let is_due = |at: Option<std::time::Duration>| at.is_some_and(|at| at <= now);
        if self.state == State::Running {
            if is_due(self.watchdog_at) {
                let text = format!("{}: no sign of life within WatchdogSec=", context.name);
                context.actions.push(Action::Log(Level::Error, text));
                self.watchdog_at = None;
                return self.enter_signal(context, State::StopWatchdog, Outcome::Watchdog);
            }
            if is_due(self.runtime_end) {
                self.runtime_end = None;
                return self.enter_stop(context, Outcome::Timeout);
            }
        }
        if is_due(self.deadline) {
            self.deadline = None;
            self.timed_out(context);
        }
    }

    fn timed_out(&mut self, context: &mut Context<'_>) {
        if self.state != State::AutoRestart {
            let text = format!("{}: state {} lasts longer than its timeout", context.name, self.state.name());
            context.actions.push(Action::Log(Level::Warning, text));
        }
        let send_sigkill = context.service.kill.send_sigkill;
        match self.state {
            State::Condition | State::StartPre | State::Start => {
                self.enter_signal(context, State::StopSigterm, Outcome::Timeout);
            }
            State::StartPost => self.enter_stop(context, Outcome::Timeout),
            State::Reload => {
                self.reload_failed = true;
                if let Some(pid) = self.control.take() {
                    self.kill(context, vec![pid], SIGKILL);
                }
                self.enter_running(context, Outcome::Success);
            }
            State::Stop => self.enter_signal(context, State::StopSigterm, Outcome::Timeout),
            State::StopWatchdog | State::StopSigterm if send_sigkill => {
                self.enter_signal(context, State::StopSigkill, Outcome::Timeout);
            }
            State::StopWatchdog | State::StopSigterm | State::StopSigkill => {
                // What does not end by SIGKILL waits inside of the kernel: go on without it.
                (self.main, self.control) = (None, None);
                self.enter_stop_post(context, Outcome::Timeout);
            }
            State::StopPost => self.enter_signal(context, State::FinalSigterm, Outcome::Timeout),
            State::FinalSigterm if send_sigkill => {
                self.enter_signal(context, State::FinalSigkill, Outcome::Timeout)
            }
            State::FinalSigterm | State::FinalSigkill => {
                (self.main, self.control) = (None, None);
                self.outcome = self.outcome.first(Outcome::Timeout);
                self.enter_dead(context);
            }
            // The manager makes a job of it.
            _ => {}
        }
    }

    /// Whether the delay before the next start is over.
    #[must_use]
    pub fn wants_restart(&self) -> bool {
        self.state == State::AutoRestart && self.deadline.is_none()
    }

    /// The unit's group has no process.
    pub fn group_empty(&mut self, context: &mut Context<'_>) {
        match self.state {
            // A forking service whose main process is not known: all of it has ended.
            State::Running if self.main.is_none() && self.control.is_none() => {
                self.ended = Some(crate::event::Ended::Exited(0));
                self.enter_running(context, Outcome::Success);
            }
            State::StopWatchdog | State::StopSigterm | State::StopSigkill if self.is_alone() => {
                self.enter_stop_post(context, Outcome::Success);
            }
            State::FinalSigterm | State::FinalSigkill if self.is_alone() => self.enter_dead(context),
            _ => {}
        }
    }

    fn is_alone(&self) -> bool {
        self.main.is_none() && self.control.is_none()
    }

    pub(super) fn enter_stop(&mut self, context: &mut Context<'_>, result: Outcome) {
        self.outcome = self.outcome.first(result);
        if context.service.stop.is_empty() {
            return self.enter_signal(context, State::StopSigterm, Outcome::Success);
        }
        self.enter(context, State::Stop, context.service.stop_timeout);
        self.command(context, Role::Stop, 0);
    }

    /// It said that it is stopping: only the signal is left out.
    pub(super) fn enter_signal_by_itself(&mut self, context: &mut Context<'_>) {
        self.main_was_known = true;
        self.enter(context, State::StopSigterm, context.service.stop_timeout);
    }

    pub(super) fn enter_signal(&mut self, context: &mut Context<'_>, state: State, result: Outcome) {
        self.outcome = self.outcome.first(result);
        let kill = &context.service.kill;
        let is_final = matches!(state, State::FinalSigterm | State::FinalSigkill);
        let is_kill = matches!(state, State::StopSigkill | State::FinalSigkill);
        let signal = match state {
            State::StopWatchdog => kill.watchdog_signal,
            State::StopSigkill | State::FinalSigkill => kill.final_signal,
            State::StopSigterm if self.starts_again => kill.restart_signal.unwrap_or(kill.signal),
            _ => kill.signal,
        };
        let timeout = match state {
            State::StopWatchdog => context.service.abort_timeout.unwrap_or(context.service.stop_timeout),
            _ => context.service.stop_timeout,
        };
        let pids: Vec<Pid> = [self.main, self.control].into_iter().flatten().collect();
        let whole_group = match kill.mode {
            KillMode::ControlGroup => state != State::StopWatchdog,
            KillMode::Mixed => is_kill,
            KillMode::Process | KillMode::None => false,
        };
        if !is_final {
            self.main_was_known = self.main.is_some();
        }
        self.enter(context, state, timeout);
        if kill.mode == KillMode::None && !is_final || pids.is_empty() && !whole_group {
            // Nobody gets a signal, so that nobody is waited for.
            (self.main, self.control) = (None, None);
            return match state {
                State::FinalSigterm if kill.mode == KillMode::Mixed => {
                    self.enter_signal(context, State::FinalSigkill, Outcome::Success);
                }
                State::FinalSigterm | State::FinalSigkill => self.enter_dead(context),
                _ => self.enter_stop_post(context, Outcome::Success),
            };
        }
        let whom = if whole_group { Whom::Group } else { Whom::Processes };
        let unit = context.name.clone();
        let hangs_up = kill.send_sighup && matches!(state, State::StopSigterm | State::FinalSigterm);
        let continues = signal != SIGKILL && signal != SIGCONT;
        for (_, signal) in
            [(true, signal), (hangs_up, SIGHUP), (continues, SIGCONT)].iter().filter(|(on, _)| *on)
        {
            let (unit, pids, signal) = (unit.clone(), pids.clone(), *signal);
            context.actions.push(Action::Kill { unit, pids, whom, signal });
        }
        if whole_group {
            context.actions.push(Action::CheckGroup(context.name.clone()));
        }
    }

    /// After the end of a process: is the stop complete?
    pub(super) fn check_stopped(&mut self, context: &mut Context<'_>) {
        if !self.is_alone() {
            return;
        }
        if self.main_was_known || context.service.kill.mode != KillMode::ControlGroup {
            return self.enter_stop_post(context, Outcome::Success);
        }
        context.actions.push(Action::CheckGroup(context.name.clone()));
    }

    pub(super) fn check_final(&mut self, context: &mut Context<'_>) {
        if self.is_alone() {
            context.actions.push(Action::CheckGroup(context.name.clone()));
        }
    }

    fn enter_stop_post(&mut self, context: &mut Context<'_>, result: Outcome) {
        self.outcome = self.outcome.first(result);
        if context.service.stop_post.is_empty() {
            return self.enter_signal(context, State::FinalSigterm, Outcome::Success);
        }
        self.enter(context, State::StopPost, context.service.stop_timeout);
        self.command(context, Role::StopPost, 0);
    }

    pub(super) fn enter_dead(&mut self, context: &mut Context<'_>) {
        self.deadline = None;
        self.watchdog_at = None;
        self.runtime_end = None;
        self.status = None;
        let restart = !self.forbid_restart && should_restart(context.service, self.outcome, self.ended);
        context.actions.push(Action::CleanUp { unit: context.name.clone(), restart });
        if restart {
            let wait = delay(context.service, self.restarts);
            self.enter(context, State::AutoRestart, wait);
        } else {
            let good = matches!(self.outcome, Outcome::Success | Outcome::ExecCondition);
            self.state = if good { State::Dead } else { State::Failed };
        }
    }

    /// It was started too often.
    pub fn start_limit_hit(&mut self) {
        self.outcome = Outcome::StartLimitHit;
        self.state = State::Failed;
        self.deadline = None;
    }

    pub(super) fn kill(&self, context: &mut Context<'_>, pids: Vec<Pid>, signal: i32) {
        let unit = context.name.clone();
        context.actions.push(Action::Kill { unit, pids, whom: Whom::Processes, signal });
    }
}
