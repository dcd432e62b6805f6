// SPDX-License-Identifier: MIT OR Apache-2.0
//! A process as `/proc/PID` shows it: `stat`, `status`, `cmdline` (proc_pid_stat(5), proc_pid_status(5)).

use crate::Failure;
use std::fs;
use std::path::Path;

/// What is used of `/proc/PID`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub comm: String,
    pub state: char,
    pub ppid: i32,
    pub pgid: i32,
    pub sid: i32,
    /// Device number of the terminal; 0 is none.
    pub tty: u32,
    /// Process group that the terminal serves.
    pub foreground: i32,
    pub flags: u64,
    pub minor_faults: u64,
    pub major_faults: u64,
    /// Clock ticks in user mode and in the kernel.
    pub user_ticks: u64,
    pub system_ticks: u64,
    pub priority: i64,
    pub nice: i64,
    pub threads: u64,
    /// Clock ticks from the start of the system to that of the process.
    pub start: u64,
    /// Bytes of address space.
    pub size: u64,
    /// Pages in memory.
    pub resident: u64,
    /// Pages in memory that others may share.
    pub shared: u64,
    pub cpu: u64,
    pub realtime_priority: u64,
    pub policy: u64,
    pub uid: u32,
    pub euid: u32,
    pub gid: u32,
    pub egid: u32,
    /// Whether memory is locked.
    pub locked: bool,
    /// Arguments, NUL between them; empty for a thread of the kernel.
    pub cmdline: Vec<u8>,
}

impl Process {
    /// Reads process `pid` below `root`; `None` if it has ended.
    pub fn read(root: &Path, pid: i32) -> Option<Self> {
        let directory = root.join(format!("proc/{pid}"));
        let text =
            |name: &str| Some(String::from_utf8_lossy(&fs::read(directory.join(name)).ok()?).into_owned());
        let mut process = Self::parse_stat(&text("stat")?)?;
        process.parse_status(&text("status")?);
        process.shared = text("statm").and_then(|statm| statm.split(' ').nth(2)?.parse().ok()).unwrap_or(0);
        process.cmdline = fs::read(directory.join("cmdline")).unwrap_or_default();
        Some(process)
    }

    pub(crate) fn parse_stat(text: &str) -> Option<Self> {
        // The name may hold blanks and parentheses: the last one closes it.
        let (pid, rest) = text.split_once(" (")?;
        let (comm, rest) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // Numbers of the manual, which counts from the process id as 1.
        let field = |n: usize| fields.get(n - 3).copied();
        let number = |n: usize| field(n)?.parse::<u64>().ok();
        let signed = |n: usize| field(n)?.parse::<i64>().ok();
        let id = |n: usize| field(n)?.parse::<i32>().ok();
        Some(Process {
            pid: pid.parse().ok()?,
            comm: comm.to_owned(),
            state: field(3)?.chars().next()?,
            ppid: id(4)?,
            pgid: id(5)?,
            sid: id(6)?,
            tty: id(7)? as u32,
            foreground: id(8)?,
            flags: number(9)?,
            minor_faults: number(10)?,
            major_faults: number(12)?,
            user_ticks: number(14)?,
            system_ticks: number(15)?,
            priority: signed(18)?,
            nice: signed(19)?,
            threads: number(20)?,
            start: number(22)?,
            size: number(23)?,
            resident: number(24)?,
            cpu: number(39).unwrap_or(0),
            realtime_priority: number(40).unwrap_or(0),
            policy: number(41).unwrap_or(0),
            ..Process::default()
        })
    }

    pub(crate) fn parse_status(&mut self, text: &str) {
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let mut ids = value.split_whitespace().map(|id| id.parse().unwrap_or(0));
            match name {
                "Uid" => (self.uid, self.euid) = (ids.next().unwrap_or(0), ids.next().unwrap_or(0)),
                "Gid" => (self.gid, self.egid) = (ids.next().unwrap_or(0), ids.next().unwrap_or(0)),
                "VmLck" => self.locked = ids.next().is_some_and(|size| size > 0),
                _ => {}
            }
        }
    }

    /// The arguments as one line; the name in brackets where there are none.
    pub fn args(&self) -> String {
        let text = String::from_utf8_lossy(&self.cmdline);
        let text = text.trim_end_matches('\0');
        let comm = printable(&self.comm);
        match (text.is_empty(), self.state) {
            (_, 'Z') => format!("[{comm}] <defunct>"),
            (true, _) => format!("[{comm}]"),
            (false, _) => printable(&text.replace('\0', " ")),
        }
    }

    /// The name, as `ps -o comm` shows it.
    pub fn name(&self) -> String {
        let name = printable(&self.comm);
        if self.state == 'Z' { name + " <defunct>" } else { name }
    }

    /// The arguments, or the name where there are none: what `pgrep -f` looks at.
    pub fn line(&self) -> Vec<u8> {
        let mut line = self.cmdline.clone();
        while line.last() == Some(&0) {
            line.pop();
        }
        line.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
        if line.is_empty() { self.comm.clone().into_bytes() } else { line }
    }

    /// Whether it leads its session.
    pub fn leads(&self) -> bool {
        self.sid == self.pid
    }
}

/// `text` without characters that a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// All processes below `root`, by number.
///
/// # Errors
/// When there is no `/proc`.
pub fn all(root: &Path) -> Result<Vec<Process>, Failure> {
    let proc = root.join("proc");
    let entries = fs::read_dir(&proc).map_err(|error| Failure::at("/proc", &error))?;
    let mut pids: Vec<i32> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    // One that ends while it is looked at is left out.
    let found: Vec<Process> = pids.iter().filter_map(|pid| Process::read(root, *pid)).collect();
    if found.is_empty() {
        return Err(Failure::new("/proc: no processes there: is the proc file system mounted?"));
    }
    Ok(found)
}

/// Name of the terminal with device number `dev` (`Documentation/admin-guide/devices.txt`), without `/dev/`.
pub fn tty_name(dev: u32) -> String {
    let (major, minor) = ((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
    match (major, minor) {
        (0, _) => "?".to_owned(),
        (4, 64..) => format!("ttyS{}", minor - 64),
        (4, _) => format!("tty{minor}"),
        (5, 1) => "console".to_owned(),
        (136..=143, _) => format!("pts/{}", minor + (major - 136) * 256),
        (204, 64..) => format!("ttyAMA{}", minor - 64),
        (229, _) => format!("hvc{minor}"),
        _ => format!("{major}:{minor}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_with_a_nasty_name() {
        let text = "42 (a) b (c) S 1 40 41 1088 -1 4194304 1 0 2 0 150 50 0 0 20 0 3 0 5 2048000 100 18446744073709551615 1";
        let process = Process::parse_stat(text).unwrap();
        assert_eq!((process.pid, process.comm.as_str(), process.state), (42, "a) b (c", 'S'));
        assert_eq!((process.ppid, process.pgid, process.sid, process.foreground), (1, 40, 41, -1));
        assert_eq!((process.user_ticks, process.system_ticks, process.start), (150, 50, 5));
        assert_eq!((process.size, process.resident, process.threads), (2_048_000, 100, 3));
        assert_eq!(tty_name(process.tty), "ttyS0");
        assert_eq!(Process::parse_stat("1 (x"), None);
    }

    #[test]
    fn arguments() {
        let check = |state, cmdline: &str, expect: &str| {
            let process = Process {
                comm: "na\x1bme".to_owned(),
                state,
                cmdline: cmdline.as_bytes().to_vec(),
                ..Process::default()
            };
            assert_eq!(process.args(), expect);
        };
        check('S', "sh\0-c\0a\x1bb\0\0", "sh -c a?b");
        check('I', "", "[na?me]");
        check('Z', "", "[na?me] <defunct>");
    }

    #[test]
    fn terminals() {
        for (dev, expect) in
            [(0, "?"), (0x401, "tty1"), (0x440, "ttyS0"), (0x8803, "pts/3"), (0xe500, "hvc0")]
        {
            assert_eq!(tty_name(dev), expect);
        }
    }
}
