// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the verbs of requests do.

use super::refusal::Refusal;
use super::{Reply, Runner};
use crate::event::{Exit, Whom};
use crate::machine::Machine;
use crate::run::now;
use crate::world::Load;
use qos_unit::Name;

impl Runner {
    pub(super) fn do_verb(&mut self, verb: &str, arguments: &[&str]) -> Result<Reply, Refusal> {
        let wait = !arguments.contains(&"--no-block");
        let words: Vec<&str> =
            arguments.iter().copied().filter(|argument| !argument.starts_with("--")).collect();
        if verb == "cancel" {
            return self.cancel(&words);
        }
        let names: Vec<Name> = words.into_iter().map(name_of).collect::<Result<_, _>>()?;
        match verb {
            "list" => Ok(Reply::Text(self.manager.units().map(|(name, _)| self.show(name, false)).collect())),
            "show" => {
                let shown = names.iter().map(|name| {
                    let real = self.manager.load(name);
                    self.show(&real, true)
                });
                Ok(Reply::Text(shown.collect()))
            }
            "log" => {
                let lines = names.iter().flat_map(|name| self.outputs.last(name, usize::MAX));
                Ok(Reply::Text(lines.map(|line| format!("{line}\n")).collect()))
            }
            "jobs" => {
                let line = |(name, job): (&Name, &crate::job::Job)| {
                    format!(
                        "{} {name} {} {}\n",
                        job.id,
                        job.kind.name(),
                        if job.running { "running" } else { "waiting" }
                    )
                };
                Ok(Reply::Text(self.manager.jobs().map(line).collect()))
            }
            "kill" => self.signal(&names, arguments),
            "reset-failed" => {
                if names.is_empty() {
                    let all: Vec<Name> = self.manager.units().map(|(name, _)| name.clone()).collect();
                    all.iter().for_each(|name| self.manager.reset_failed(name));
                }
                let mut missing = Vec::new();
                for name in &names {
                    let name = self.manager.load(name);
                    match self.is_known(&name) {
                        true => self.manager.reset_failed(&name),
                        false => missing.push(Refusal::not_loaded(name).with_status_1()),
                    }
                }
                Ok(Reply::Jobs(Vec::new(), missing))
            }
            "daemon-reload" => {
                self.manager.world.store.refresh();
                self.manager.reload_units();
                Ok(Reply::Text(String::new()))
            }
            "daemon-reexec" => Ok(Reply::Successor),
            "poweroff" | "reboot" | "halt" | "kexec" | "exit" => {
                let exit = match verb {
                    "poweroff" => Exit::PowerOff,
                    "reboot" => Exit::Reboot,
                    "halt" => Exit::Halt,
                    "kexec" => Exit::Kexec,
                    _ => Exit::Exit,
                };
                self.manager.begin_exit(now(), exit);
                Ok(Reply::Text(String::new()))
            }
            _ => self.ask_for_jobs(verb, &names, wait),
        }
    }

    /// `cancel`: jobs by their numbers or units; without either, all.
    fn cancel(&mut self, words: &[&str]) -> Result<Reply, Refusal> {
        let mut units = Vec::new();
        for word in words {
            let by_number = |id: u32| {
                let mut jobs = self.manager.jobs();
                let found = jobs.find(|(_, job)| job.id == id).map(|(name, _)| name.clone());
                found.ok_or_else(|| Refusal::from(format!("Job {id} does not exist.")))
            };
            units.push(word.parse().map_or_else(|_| name_of(word).map_err(Refusal::from), by_number)?);
        }
        if words.is_empty() {
            units = self.manager.jobs().map(|(name, _)| name.clone()).collect();
        }
        units.iter().for_each(|name| self.manager.cancel(now(), name));
        Ok(Reply::Text(String::new()))
    }

    /// `kill`: a signal to the processes of units, `--signal=SIGTERM --kill-who=all` unless told otherwise.
    fn signal(&mut self, names: &[Name], arguments: &[&str]) -> Result<Reply, Refusal> {
        let option = |name: &str| arguments.iter().rev().find_map(|argument| argument.strip_prefix(name));
        let signal = option("--signal=").map_or(Ok(qos_sys::signal::SIGTERM), qos_unit::value::signal)?;
        let who = option("--kill-who=").unwrap_or("all");
        if names.is_empty() {
            return Err("kill needs the name of a unit".into());
        }
        let mut failed = Vec::new();
        for name in names {
            let name = self.manager.load(name);
            let machine = self.manager.unit(&name).map(|entry| &entry.machine);
            let Some(Machine::Service(machine)) = machine.filter(|_| self.is_known(&name)) else {
                failed.push(match self.is_known(&name) {
                    true => format!("{name} has no processes").into(),
                    false => Refusal::not_loaded(&name).with_status_1(),
                });
                continue;
            };
            let (main, control) = (machine.main, machine.control);
            let (pids, whom) = match who {
                "main" => (Vec::from_iter(main), Whom::Processes),
                "control" => (Vec::from_iter(control), Whom::Processes),
                "all" => (main.into_iter().chain(control).collect(), Whom::Group),
                other => return Err(format!("--kill-who={other}: not one of main, control, all").into()),
            };
            if pids.is_empty() && (whom == Whom::Processes || !self.is_populated(&name)) {
                failed.push(format!("{name} has no such process").into());
                continue;
            }
            self.kill(&name, &pids, whom, signal);
        }
        Ok(Reply::Jobs(Vec::new(), failed))
    }

    /// Whether there is a unit of that name, or something of it is left.
    fn is_known(&self, name: &Name) -> bool {
        let unit = self.manager.unit(name);
        unit.is_some_and(|entry| entry.load != Load::NotFound || !entry.machine.active().is_down())
    }
}

/// The unit that a word names.
fn name_of(word: &str) -> Result<Name, String> {
    Name::new(word)
        .or_else(|error| if word.contains('.') { Err(error) } else { Name::new(&format!("{word}.service")) })
}
