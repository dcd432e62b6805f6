// SPDX-License-Identifier: MIT OR Apache-2.0
//! Selects the processes that `ps` shows (POSIX ps, and procps' options in BSD style).

use crate::process::{Process, tty_name};

/// A process is shown when one of the lists or sets has it; without any, those of the same user at the same terminal.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// All of them: `-A`, `-e`.
    pub every: bool,
    /// All with a terminal, but session leaders: `-a`.
    pub terminals: bool,
    /// All but session leaders: `-d`.
    pub not_leaders: bool,
    /// All at this terminal: `T`.
    pub this_terminal: bool,
    /// BSD's `a`: other users' as well.
    pub bsd_all: bool,
    /// BSD's `x`: those without a terminal as well.
    pub bsd_no_terminal: bool,
    /// Whether the options were BSD's.
    pub bsd: bool,
    /// Those that are not selected instead: `-N`.
    pub deselect: bool,
    pub pids: Vec<i32>,
    pub ppids: Vec<i32>,
    pub sessions: Vec<i32>,
    pub terminal_names: Vec<String>,
    pub euids: Vec<u32>,
    pub uids: Vec<u32>,
    pub egids: Vec<u32>,
    pub gids: Vec<u32>,
    pub names: Vec<String>,
}

impl Selection {
    /// Whether any process was requested by a list or a set.
    fn given(&self) -> bool {
        self.every || self.terminals || self.not_leaders || self.this_terminal || self.lists()
    }

    fn lists(&self) -> bool {
        !(self.pids.is_empty()
            && self.ppids.is_empty()
            && self.sessions.is_empty()
            && self.terminal_names.is_empty()
            && self.euids.is_empty()
            && self.uids.is_empty()
            && self.egids.is_empty()
            && self.gids.is_empty()
            && self.names.is_empty())
    }

    /// Whether `process` is shown to `own`, the calling process.
    pub fn has(&self, process: &Process, own: &Process) -> bool {
        self.selected(process, own) != self.deselect
    }

    fn selected(&self, process: &Process, own: &Process) -> bool {
        let terminal = process.tty != 0;
        if self.bsd_all && self.bsd_no_terminal {
            return true;
        }
        if self.bsd_all || self.bsd_no_terminal {
            let found = if self.bsd_all { terminal } else { process.euid == own.euid };
            return found || self.listed(process, own);
        }
        if self.given() {
            return self.listed(process, own);
        }
        let here = if self.bsd { terminal } else { process.tty == own.tty };
        process.euid == own.euid && here
    }

    fn listed(&self, process: &Process, own: &Process) -> bool {
        let name = || tty_name(process.tty);
        self.every
            || (self.terminals && process.tty != 0 && !process.leads())
            || (self.not_leaders && !process.leads())
            || (self.this_terminal && process.tty == own.tty)
            || self.pids.contains(&process.pid)
            || self.ppids.contains(&process.ppid)
            || self.sessions.contains(&process.sid)
            || self.euids.contains(&process.euid)
            || self.uids.contains(&process.uid)
            || self.egids.contains(&process.egid)
            || self.gids.contains(&process.gid)
            || self.names.iter().any(|wanted| is_called(process, wanted))
            || self.terminal_names.iter().any(|wanted| is_terminal(wanted, &name()))
    }
}

/// The kernel keeps 15 bytes of a name.
fn is_called(process: &Process, name: &str) -> bool {
    process.comm == name || (process.comm.len() == 15 && name.starts_with(&process.comm))
}

/// Whether `wanted` means the terminal `name`: with `/dev/`, without it, or without `tty`. `-` means none.
pub fn is_terminal(wanted: &str, name: &str) -> bool {
    let wanted = wanted.strip_prefix("/dev/").unwrap_or(wanted);
    wanted == name || name.strip_prefix("tty") == Some(wanted) || (wanted == "-" && name == "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, sid: i32, tty: u32, uid: u32) -> Process {
        Process { pid, sid, tty, euid: uid, uid, comm: format!("p{pid}"), ..Process::default() }
    }

    fn check(selection: Selection, expect: &[i32]) {
        let all = [
            process(1, 1, 0, 0),
            process(2, 2, 0x440, 0),
            process(3, 2, 0x440, 0),
            process(4, 2, 0x440, 7),
            process(5, 1, 0, 7),
            process(6, 6, 0x401, 0),
        ];
        let own = &all[2];
        let found: Vec<i32> = all.iter().filter(|p| selection.has(p, own)).map(|p| p.pid).collect();
        assert_eq!(found, expect, "{selection:?}");
    }

    #[test]
    fn selections() {
        let none = Selection::default;
        check(none(), &[2, 3]);
        check(Selection { bsd: true, ..none() }, &[2, 3, 6]);
        check(Selection { every: true, ..none() }, &[1, 2, 3, 4, 5, 6]);
        check(Selection { terminals: true, ..none() }, &[3, 4]);
        check(Selection { not_leaders: true, ..none() }, &[3, 4, 5]);
        check(Selection { not_leaders: true, deselect: true, ..none() }, &[1, 2, 6]);
        check(Selection { bsd: true, bsd_all: true, ..none() }, &[2, 3, 4, 6]);
        check(Selection { bsd: true, bsd_no_terminal: true, ..none() }, &[1, 2, 3, 6]);
        check(Selection { bsd_all: true, bsd_no_terminal: true, ..none() }, &[1, 2, 3, 4, 5, 6]);
        check(Selection { pids: vec![5], euids: vec![7], ..none() }, &[4, 5]);
        check(Selection { sessions: vec![1], ..none() }, &[1, 5]);
        check(Selection { terminal_names: vec!["/dev/tty1".to_owned()], ..none() }, &[6]);
        check(Selection { terminal_names: vec!["S0".to_owned()], ..none() }, &[2, 3, 4]);
        check(Selection { names: vec!["p1".to_owned()], ..none() }, &[1]);
    }
}
