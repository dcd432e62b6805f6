// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ps`: the processes, from `/proc/PID/stat` and its neighbours (POSIX ps; proc_pid_stat(5)).

use crate::Failure;
use lexopt::prelude::*;
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Clock ticks in a second of `/proc`'s times (`sysconf(_SC_CLK_TCK)`): 100 on every architecture of Linux.
const TICKS: u64 = 100;

/// Columns by the names that `-o` takes, with title and width; 0: as wide as it is, to the left.
const COLUMNS: &[(&str, &str, usize)] = &[
    ("args", "COMMAND", 0),
    ("comm", "COMMAND", 0),
    ("pgid", "PGID", 5),
    ("pid", "PID", 5),
    ("ppid", "PPID", 5),
    ("rss", "RSS", 6),
    ("sid", "SID", 5),
    ("stat", "STAT", 4),
    ("time", "TIME", 8),
    ("tty", "TT", 7),
    ("user", "USER", 8),
    ("vsz", "VSZ", 7),
];

pub fn main(mut options: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut every, mut full, mut columns, mut pids) = (false, false, Vec::new(), Vec::new());
    while let Some(arg) = options.next()? {
        match arg {
            Short('a' | 'A' | 'e' | 'x') => every = true,
            Short('f') => full = true,
            Short('o') => columns.extend(parse_columns(&options.value()?.string()?)?),
            Short('p') => pids.extend(parse_pids(&options.value()?.string()?)?),
            // What other systems' `ps aux` means.
            Value(word) if word == "aux" || word == "ax" => {
                every = true;
                full = true;
            }
            _ => return Err(arg.unexpected().into()),
        }
    }
    if columns.is_empty() {
        let names = if full { "user,pid,ppid,stat,tty,time,args" } else { "pid,tty,stat,time,args" };
        columns = parse_columns(names)?;
    }
    let own_session =
        fs::read_to_string("/proc/self/stat").ok().and_then(|stat| Stat::parse(&stat)).map(|s| s.sid);
    let users = users(&fs::read_to_string("/etc/passwd").unwrap_or_default());
    let mut rows = Vec::new();
    for (pid, process) in processes()? {
        let wanted = if pids.is_empty() {
            every || Some(process.stat.sid) == own_session
        } else {
            pids.contains(&pid)
        };
        if wanted {
            rows.push(columns.iter().map(|column| process.cell(column.0, &users)).collect::<Vec<_>>());
        }
    }
    let none = rows.is_empty();
    let titles = columns.iter().map(|column| column.1.to_owned()).collect();
    for row in std::iter::once(titles).chain(rows) {
        let cells = columns.iter().zip(&row).map(|((_, _, width), cell)| format!("{cell:>width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join(" ").trim_end())?;
    }
    if none { Err(Failure::silent(1)) } else { Ok(()) }
}

type Column = (&'static str, &'static str, usize);

fn parse_columns(list: &str) -> Result<Vec<Column>, Failure> {
    let names = list.split([',', ' ']).filter(|name| !name.is_empty());
    let find = |name: &str| {
        let found = COLUMNS.iter().find(|column| column.0 == name).copied();
        found.ok_or_else(|| {
            let known = COLUMNS.iter().map(|column| column.0).collect::<Vec<_>>().join(" ");
            Failure::usage(format!("{name}: unknown column; there are: {known}"))
        })
    };
    names.map(find).collect()
}

fn parse_pids(list: &str) -> Result<Vec<i32>, Failure> {
    let parse = |pid: &str| pid.parse().map_err(|_| Failure::usage(format!("{pid}: not a process id")));
    list.split([',', ' ']).filter(|pid| !pid.is_empty()).map(parse).collect()
}

struct Process {
    stat: Stat,
    args: String,
    uid: u32,
}

/// What is used of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    pid: i32,
    comm: String,
    state: char,
    ppid: i32,
    pgid: i32,
    sid: i32,
    tty: u32,
    foreground: i32,
    ticks: u64,
    vsz: u64,
    rss: u64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The name may hold blanks and parentheses: the last one closes it.
        let (pid, rest) = text.split_once(" (")?;
        let (comm, rest) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |n: usize| fields.get(n - 3)?.parse::<u64>().ok();
        let id = |n: usize| fields.get(n - 3)?.parse::<i32>().ok();
        Some(Stat {
            pid: pid.parse().ok()?,
            comm: comm.to_owned(),
            state: fields.first()?.chars().next()?,
            ppid: id(4)?,
            pgid: id(5)?,
            sid: id(6)?,
            tty: id(7)? as u32,
            foreground: id(8)?,
            ticks: number(14)? + number(15)?,
            vsz: number(23)? / 1024,
            rss: number(24)? * 4,
        })
    }
}

fn processes() -> Result<Vec<(i32, Process)>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").map_err(|error| Failure::at("/proc", &error))?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that ends while it is looked at is left out.
        if let Some(process) = process(&entry.path()) {
            found.push((pid, process));
        }
    }
    found.sort_by_key(|(pid, _)| *pid);
    Ok(found)
}

fn process(folder: &Path) -> Option<Process> {
    let stat = Stat::parse(&String::from_utf8_lossy(&fs::read(folder.join("stat")).ok()?))?;
    let args =
        String::from_utf8_lossy(&fs::read(folder.join("cmdline")).ok()?).trim_end_matches('\0').to_owned();
    // Threads of the kernel have no arguments.
    let args = if args.is_empty() { format!("[{}]", stat.comm) } else { args.replace(['\0', '\n'], " ") };
    Some(Process { stat, args, uid: fs::metadata(folder).ok()?.uid() })
}

impl Process {
    fn cell(&self, column: &str, users: &HashMap<u32, String>) -> String {
        let stat = &self.stat;
        match column {
            "args" => self.args.clone(),
            "comm" => stat.comm.clone(),
            "pgid" => stat.pgid.to_string(),
            "ppid" => stat.ppid.to_string(),
            "rss" => stat.rss.to_string(),
            "sid" => stat.sid.to_string(),
            "stat" => {
                let leader = if stat.sid == stat.pid { "s" } else { "" };
                let foreground = if stat.foreground == stat.pgid { "+" } else { "" };
                format!("{}{leader}{foreground}", stat.state)
            }
            "time" => {
                let seconds = stat.ticks / TICKS;
                format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
            }
            "tty" => tty_name(stat.tty),
            "user" => users.get(&self.uid).cloned().unwrap_or_else(|| self.uid.to_string()),
            "vsz" => stat.vsz.to_string(),
            _ => stat.pid.to_string(),
        }
    }
}

/// Name of the terminal with device number `dev` (`Documentation/admin-guide/devices.txt`).
fn tty_name(dev: u32) -> String {
    let (major, minor) = ((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
    match (major, minor) {
        (0, _) => "?".to_owned(),
        (4, 64..) => format!("ttyS{}", minor - 64),
        (4, _) => format!("tty{minor}"),
        (5, 1) => "console".to_owned(),
        (136..=143, _) => format!("pts/{}", minor + (major - 136) * 256),
        (229, _) => format!("hvc{minor}"),
        _ => format!("{major}:{minor}"),
    }
}

fn users(passwd: &str) -> HashMap<u32, String> {
    let parse = |line: &str| {
        let mut fields = line.split(':');
        Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
    };
    passwd.lines().filter_map(parse).map(|(name, uid)| (uid, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_with_a_nasty_name() {
        let text = "42 (a) b (c) S 1 40 41 1088 -1 4194304 1 0 0 0 150 50 0 0 20 0 1 0 5 2048000 100 18446744073709551615 1";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.pid, stat.comm.as_str(), stat.state), (42, "a) b (c", 'S'));
        assert_eq!((stat.ppid, stat.pgid, stat.sid, stat.foreground), (1, 40, 41, -1));
        assert_eq!((stat.ticks, stat.vsz, stat.rss), (200, 2000, 400));
        assert_eq!(tty_name(stat.tty), "ttyS0");
        assert_eq!(Stat::parse("1 (x"), None);
    }

    #[test]
    fn terminals() {
        for (dev, expect) in
            [(0, "?"), (0x401, "tty1"), (0x440, "ttyS0"), (0x8803, "pts/3"), (0xe500, "hvc0")]
        {
            assert_eq!(tty_name(dev), expect);
        }
    }

    #[test]
    fn names_of_users() {
        assert_eq!(users("root:x:0:0::/:/bin/sh\nbad\n").get(&0).map(String::as_str), Some("root"));
    }

    #[test]
    fn unknown_column() {
        assert_eq!(parse_columns("pid,nope").unwrap_err().status(), 2);
        assert_eq!(parse_columns("pid,args").unwrap().len(), 2);
    }
}
