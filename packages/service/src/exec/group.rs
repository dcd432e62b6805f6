// SPDX-License-Identifier: MIT OR Apache-2.0
//! Control groups of units (`Documentation/admin-guide/cgroup-v2.rst`).

use qos_sys::watch::Watcher;
use qos_unit::value::Amount;
use qos_unit::{Name, Resources};
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

/// Controllers that groups of units may use.
const CONTROLLERS: [&str; 4] = ["cpu", "memory", "pids", "io"];

/// The tree of groups.
pub struct Groups {
    base: PathBuf,
    /// The `cgroup.events` of groups whose end somebody waits for. None where inotify is not to be had.
    ends: Option<Watcher>,
}

impl Groups {
    /// The tree below `base`, a group of the manager's own; `None` where there are no such groups.
    #[must_use]
    pub fn new(base: &Path) -> Option<Self> {
        fs::create_dir_all(base).ok()?;
        let groups = Groups { base: base.to_owned(), ends: Watcher::new().ok() };
        base.join("cgroup.procs").exists().then(|| {
            groups.delegate(base.parent().unwrap_or(base));
            groups.delegate(base);
            groups
        })
    }

    /// Gives the controllers to the groups below `group`. A kernel may lack some.
    fn delegate(&self, group: &Path) {
        for name in CONTROLLERS {
            let _ = fs::write(group.join("cgroup.subtree_control"), format!("+{name}"));
        }
    }

    /// The directory of a unit's group.
    #[must_use]
    pub fn path(&self, name: &Name) -> PathBuf {
        self.base.join(name.as_str())
    }

    /// Makes the group of a unit with what it may use. What the kernel refuses comes back as text: the unit runs without it.
    ///
    /// # Errors
    /// When the group cannot be made.
    pub fn make(&self, name: &Name, resources: &Resources) -> io::Result<Vec<String>> {
        let path = self.path(name);
        fs::create_dir_all(&path)?;
        let set = |(file, value): (&str, String)| match fs::write(path.join(file), &value) {
            Ok(()) => None,
            // The file is the controller's, or of a part of it that the kernel's configuration has not.
            Err(_) if !path.join(file).exists() => {
                Some(format!("{file}={value}: the kernel does not have it"))
            }
            Err(error) => Some(format!("{file}={value}: {}", qos_sys::error_text(&error))),
        };
        Ok(settings(resources, memory(), tasks()).into_iter().filter_map(set).collect())
    }

    /// Whether a process is in the group or below.
    #[must_use]
    pub fn is_populated(&self, name: &Name) -> bool {
        let events = fs::read_to_string(self.path(name).join("cgroup.events")).unwrap_or_default();
        events.lines().any(|line| line == "populated 1")
    }

    /// Whether the group has no process. If it has, [`Groups::descriptor`] becomes readable when that changes. To look after each end of a
    /// child is not enough: in Linux 7.3 a process leaves its group only after wait(2) can have returned it (`cgroup_task_dead()` in
    /// `kernel/cgroup/cgroup.c`), and the last process can be another's child.
    pub fn has_ended(&self, name: &Name) -> bool {
        if !self.is_populated(name) {
            return true;
        }
        if let Some(ends) = &self.ends {
            // A group that is gone has no process.
            let _ = ends.add(&self.path(name).join("cgroup.events"), true);
        }
        !self.is_populated(name)
    }

    /// What is readable when a group's end is to be looked for again.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.ends.as_ref().map(AsFd::as_fd)
    }

    /// Forgets the changes that made [`Groups::descriptor`] readable.
    pub fn drain(&self) {
        self.ends.iter().for_each(Watcher::drain);
    }

    /// The processes of the group and of those below.
    #[must_use]
    pub fn processes(&self, name: &Name) -> Vec<i32> {
        let mut all = Vec::new();
        let mut directories = vec![self.path(name)];
        while let Some(directory) = directories.pop() {
            let text = fs::read_to_string(directory.join("cgroup.procs")).unwrap_or_default();
            all.extend(text.lines().filter_map(|line| line.parse::<i32>().ok()));
            let entries = fs::read_dir(&directory).into_iter().flatten().flatten();
            directories.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
        }
        all
    }

    /// Sends a signal to all processes of the group. SIGKILL goes through `cgroup.kill`, so that no fork escapes it.
    pub fn kill(&self, name: &Name, signal: i32) {
        if signal == qos_sys::signal::SIGKILL && fs::write(self.path(name).join("cgroup.kill"), "1").is_ok() {
            return;
        }
        for pid in self.processes(name).into_iter().filter(|pid| *pid > 0) {
            // It may have ended just now.
            let _ = qos_sys::process::kill(pid, signal);
        }
    }

    /// Removes the group and those below, which have no process.
    pub fn remove(&self, name: &Name) {
        fn remove(path: &Path) {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).filter(|path| path.is_dir()).for_each(|path| remove(&path));
            let _ = fs::remove_dir(path);
        }
        remove(&self.path(name));
    }

    /// What the group uses: memory in bytes, tasks, CPU time in microseconds.
    #[must_use]
    pub fn usage(&self, name: &Name) -> (Option<u64>, Option<u64>, Option<u64>) {
        let path = self.path(name);
        let number = |file: &str| fs::read_to_string(path.join(file)).ok()?.trim().parse().ok();
        let stat = fs::read_to_string(path.join("cpu.stat")).unwrap_or_default();
        let cpu = stat.lines().find_map(|line| line.strip_prefix("usage_usec ")?.parse().ok());
        (number("memory.current"), number("pids.current"), cpu)
    }

    /// The unit of a process, by the file of its group.
    #[must_use]
    pub fn unit_of(&self, pid: i32) -> Option<Name> {
        let text = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
        let base = self.base.file_name()?.to_str()?;
        let mut parts = path.split('/').skip_while(|part| *part != base);
        Name::new(parts.nth(1)?).ok()
    }
}

/// Files and values. `memory`: bytes of the machine; `tasks`: how many it can have.
fn settings(resources: &Resources, memory: u64, tasks: u64) -> Vec<(&'static str, String)> {
    let amount = |amount: Amount, whole: u64| match amount {
        Amount::Infinity => "max".to_owned(),
        Amount::Count(count) => count.to_string(),
        Amount::Percent(percent) => (whole / 100 * percent).to_string(),
    };
    let mut all = Vec::new();
    for (value, file, whole) in [
        (resources.memory_min, "memory.min", memory),
        (resources.memory_low, "memory.low", memory),
        (resources.memory_high, "memory.high", memory),
        (resources.memory_max, "memory.max", memory),
        (resources.swap_max, "memory.swap.max", memory),
        (resources.tasks_max, "pids.max", tasks),
    ] {
        all.extend(value.map(|value| (file, amount(value, whole))));
    }
    all.extend(resources.cpu_weight.map(|weight| ("cpu.weight", weight.to_string())));
    all.extend(resources.cpu_quota.map(|percent| ("cpu.max", format!("{} 100000", percent * 1000))));
    all.extend(resources.io_weight.map(|weight| ("io.weight", weight.to_string())));
    all
}

fn memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    total
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(u64::MAX, |kilobytes| kilobytes * 1024)
}

fn tasks() -> u64 {
    fs::read_to_string("/proc/sys/kernel/pid_max")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(32_768)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qos_unit::specifier::Facts;

    #[test]
    fn files_and_values() {
        let check = |line: &str, expect: &[(&str, &str)]| {
            let (assignments, _) = qos_unit::syntax::parse("f", format!("[Service]\n{line}\n").as_bytes());
            let name = Name::new("a.service").unwrap();
            let (unit, warnings) = qos_unit::Unit::new(&name, &assignments, &Facts::new());
            assert!(warnings.is_empty(), "{warnings:?}");
            let found = settings(&unit.service().unwrap().resources, 1 << 30, 1000);
            let found: Vec<_> = found.iter().map(|(file, value)| (*file, value.as_str())).collect();
            assert_eq!(found, expect, "{line}");
        };
        check("ExecStart=/a", &[]);
        check("MemoryMin=4096", &[("memory.min", "4096")]);
        check("MemoryLow=1K", &[("memory.low", "1024")]);
        check("MemoryHigh=infinity", &[("memory.high", "max")]);
        check("MemoryMax=64M", &[("memory.max", "67108864")]);
        check("MemoryLimit=25%", &[("memory.max", "268435450")]);
        check("MemoryMax=64M\nMemoryMax=", &[]);
        check("MemorySwapMax=0", &[("memory.swap.max", "0")]);
        check("TasksMax=50%", &[("pids.max", "500")]);
        check("CPUWeight=50", &[("cpu.weight", "50")]);
        check("CPUQuota=20%", &[("cpu.max", "20000 100000")]);
        check("IOWeight=7\nTasksMax=9", &[("pids.max", "9"), ("io.weight", "7")]);
    }
}
