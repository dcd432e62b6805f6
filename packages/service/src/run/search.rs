// SPDX-License-Identifier: MIT OR Apache-2.0
//! The main processes of forking services, which the manager did not start itself.

use super::{Runner, now};
use crate::event::{Event, Pid};
use qos_sys::process::kill;
use qos_unit::Name;
use std::fs;
use std::time::Duration;

/// How long is waited for a PIDFile= after the first process has ended.
pub(super) const PID_FILE_LIMIT: Duration = Duration::from_secs(5);

/// How often is looked for it.
pub(super) const PID_FILE_PERIOD: Duration = Duration::from_millis(50);

impl Runner {
    /// Looks for the main processes of forking services.
    pub(super) fn search_main(&mut self) {
        let searched: Vec<_> = self.searched.iter().map(|(name, until)| (name.clone(), *until)).collect();
        for (name, until) in searched {
            let service = self.manager.unit(&name).and_then(|entry| entry.unit.service());
            let file = service.and_then(|service| service.pid_file.clone());
            let found = match &file {
                Some(file) => self.pid_of_file(&name, file),
                None => self.guess_main(&name),
            };
            // Without a file there is nothing to wait for.
            if found.is_some() || file.is_none() || now().mono >= until {
                self.searched.remove(&name);
                self.tell(Event::MainFound(name, found));
            }
        }
    }

    fn pid_of_file(&self, name: &Name, file: &str) -> Option<Pid> {
        // The file is the service's: it may be a FIFO, or a link to a device.
        let path = self.config.root.join(file.trim_start_matches('/'));
        let content = qos_sys::regular::read(&path, 4096).ok()?;
        let pid: Pid = std::str::from_utf8(&content).ok()?.trim().parse().ok()?;
        let own = match &self.groups {
            Some(groups) => groups.processes(name).contains(&pid),
            None => true,
        };
        (pid > 1 && own && kill(pid, 0).is_ok()).then_some(pid)
    }

    /// The only process of the group whose parent is the manager: of a daemon with children, the daemon.
    fn guess_main(&self, name: &Name) -> Option<Pid> {
        let service = self.manager.unit(name)?.unit.service()?;
        let processes = self.groups.as_ref().filter(|_| service.guess_main_pid)?.processes(name);
        let stat = |pid: Pid| {
            let stat = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
            String::from_utf8_lossy(&stat).into_owned()
        };
        only_child(&processes, qos_sys::process::id(), &stat)
    }
}

/// The process of `processes` whose parent is `parent`, if it is the only one. `stat` gives `/proc/PID/stat` (proc(5)).
fn only_child(processes: &[Pid], parent: Pid, stat: &dyn Fn(Pid) -> String) -> Option<Pid> {
    // The name of the program, in parentheses, may have any characters.
    let parent_of = |pid: Pid| stat(pid).rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<Pid>().ok();
    let mut children = processes.iter().copied().filter(|pid| parent_of(*pid) == Some(parent));
    children.next().filter(|_| children.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::only_child;

    #[test]
    fn main_processes_of_daemons() {
        // A daemon with a child; a process whose name looks like the fields that follow it; one that has ended.
        let stat = |pid| match pid {
            20 => "20 (apache2) S 1 20 20 0".to_owned(),
            21 => "21 (apache2) S 20 20 20 0".to_owned(),
            22 => "22 (a) S 1 () S 20 20 20 0".to_owned(),
            30 => "30 (other) S 1 30 30 0".to_owned(),
            _ => String::new(),
        };
        assert_eq!(only_child(&[21, 20, 22, 99], 1, &stat), Some(20));
        assert_eq!(only_child(&[20, 30], 1, &stat), None);
        assert_eq!(only_child(&[21, 22], 1, &stat), None);
    }
}
