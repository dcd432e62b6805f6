// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the kernel says of the process that sent a message: its program's name and its unit.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

/// How long that is believed, in microseconds: a process can be moved, and its number can be another's.
const KEPT: u64 = 1_000_000;

/// Processes that are remembered at a time.
const PROCESSES: usize = 256;

/// Facts about a process.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Name of its program; empty if it has ended.
    pub name: Vec<u8>,
    /// Its unit, by its control group.
    pub unit: Option<String>,
}

/// Processes, as /proc describes them.
pub struct Processes {
    proc: PathBuf,
    known: BTreeMap<i32, (u64, Rc<Process>)>,
}

impl Processes {
    /// Reads `proc`.
    pub fn new(proc: PathBuf) -> Self {
        Processes { proc, known: BTreeMap::new() }
    }

    /// Facts about process `pid` at `now` (microseconds).
    pub fn get(&mut self, pid: i32, now: u64) -> Rc<Process> {
        if let Some((read, process)) = self.known.get(&pid)
            && now.saturating_sub(*read) < KEPT
        {
            return process.clone();
        }
        if self.known.len() >= PROCESSES {
            self.known.clear();
        }
        let directory = self.proc.join(pid.to_string());
        let mut name = fs::read(directory.join("comm")).unwrap_or_default();
        name.pop_if(|byte| *byte == b'\n');
        let groups = fs::read_to_string(directory.join("cgroup")).unwrap_or_default();
        let process = Rc::new(Process { name, unit: unit(&groups) });
        self.known.insert(pid, (now, process.clone()));
        process
    }
}

/// The unit in a table of control groups (`HIERARCHY:CONTROLLERS:PATH`): the outermost group that is a service or a scope.
fn unit(groups: &str) -> Option<String> {
    let paths = groups.lines().filter_map(|line| line.splitn(3, ':').nth(2));
    let mut parts = paths.flat_map(|path| path.split('/'));
    let kinds = [".service", ".scope", ".socket", ".mount", ".swap"];
    parts
        .find(|part| kinds.iter().any(|kind| part.len() > kind.len() && part.ends_with(kind)))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        for (groups, expect) in [
            ("0::/qos/nginx.service\n", Some("nginx.service")),
            ("0::/user.slice/user-0.slice/session-1.scope", Some("session-1.scope")),
            ("4:memory:/x\n0::/system.slice/getty@tty1.service/child\n", Some("getty@tty1.service")),
            ("0::/user.slice/user@1.service/app.slice/a.service", Some("user@1.service")),
            ("0::/\n", None),
            ("0::/.service", None),
            ("", None),
        ] {
            assert_eq!(unit(groups).as_deref(), expect, "{groups}");
        }
    }

    #[test]
    fn of_a_process() {
        let mut processes = Processes::new("/proc".into());
        let own = processes.get(std::process::id() as i32, 0);
        assert!(!own.name.is_empty());
        assert_eq!(*processes.get(i32::MAX, 0), Process::default());
    }
}
