// SPDX-License-Identifier: MIT OR Apache-2.0
//! The columns of `ps` by name, with title, width and what stands in them: POSIX's, and those of procps that people
//! ask for.

use crate::Failure;
use crate::process::{Process, tty_name};
use crate::system::{PAGE, System};
use crate::times;
use std::fs;

/// How a cell stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Right-aligned; a wide cell moves the next cells.
    Right,
    /// Left-aligned; a wide cell moves the next cells.
    Left,
    /// Left-aligned; a wide cell is truncated, except in the last column.
    Cut,
    /// Left-aligned; a wide cell is truncated and ends with `+`.
    Name,
}

/// What stands in a cell.
pub type Cell = fn(&Process, &System) -> String;

/// A requested column.
#[derive(Clone)]
pub struct Column {
    pub title: String,
    pub width: usize,
    pub align: Align,
    pub cell: Cell,
}

/// Width of a column of process ids: as many digits as the highest has.
const ID: usize = 0;

/// Name, title, width, alignment, value.
type Kind = (&'static str, &'static str, usize, Align, Cell);

use Align::{Cut, Left, Name, Right};

const KINDS: &[Kind] = &[
    ("%cpu", "%CPU", 4, Right, |p, s| percent(times::permille(p, s))),
    ("%mem", "%MEM", 4, Right, memory),
    ("addr", "ADDR", 1, Right, |_, _| "-".to_owned()),
    ("args", "COMMAND", 27, Cut, |p, _| p.args()),
    ("bsdstart", "START", 6, Right, times::bsd_start),
    ("bsdtime", "TIME", 6, Right, |p, _| times::bsd(times::cpu_seconds(p))),
    ("c", "C", 2, Right, |p, s| (times::permille(p, s) / 10).min(99).to_string()),
    ("cgroup", "CGROUP", 27, Cut, cgroup),
    ("class", "CLS", 3, Left, policy),
    ("cls", "CLS", 3, Right, policy),
    ("cmd", "CMD", 27, Cut, |p, _| p.args()),
    ("comm", "COMMAND", 15, Cut, |p, _| p.name()),
    ("command", "COMMAND", 27, Cut, |p, _| p.args()),
    ("cputime", "TIME", 8, Right, |p, _| times::long(times::cpu_seconds(p))),
    ("cputimes", "TIME", 8, Right, |p, _| times::cpu_seconds(p).to_string()),
    ("egid", "EGID", 5, Right, |p, _| p.egid.to_string()),
    ("egroup", "EGROUP", 8, Name, |p, s| s.group(p.egid)),
    ("etime", "ELAPSED", 11, Right, |p, s| times::short(times::age(p, s))),
    ("etimes", "ELAPSED", 7, Right, |p, s| times::age(p, s).to_string()),
    ("euid", "EUID", 5, Right, |p, _| p.euid.to_string()),
    ("euser", "EUSER", 8, Name, |p, s| s.user(p.euid)),
    ("f", "F", 1, Right, flags),
    ("flag", "F", 1, Right, flags),
    ("flags", "F", 1, Right, flags),
    ("gid", "GID", 5, Right, |p, _| p.egid.to_string()),
    ("group", "GROUP", 8, Name, |p, s| s.group(p.egid)),
    ("lstart", "STARTED", 24, Right, times::start_date),
    ("lwp", "LWP", ID, Right, |p, _| p.pid.to_string()),
    ("maj_flt", "MAJFL", 6, Right, |p, _| p.major_faults.to_string()),
    ("min_flt", "MINFL", 6, Right, |p, _| p.minor_faults.to_string()),
    ("ni", "NI", 3, Right, nice),
    ("nice", "NI", 3, Right, nice),
    ("nlwp", "NLWP", 4, Right, |p, _| p.threads.to_string()),
    ("opri", "PRI", 3, Right, |p, _| (p.priority + 60).to_string()),
    ("pcpu", "%CPU", 4, Right, |p, s| percent(times::permille(p, s))),
    ("pgid", "PGID", ID, Right, |p, _| p.pgid.to_string()),
    ("pgrp", "PGRP", ID, Right, |p, _| p.pgid.to_string()),
    ("pid", "PID", ID, Right, |p, _| p.pid.to_string()),
    ("pmem", "%MEM", 4, Right, memory),
    ("ppid", "PPID", ID, Right, |p, _| p.ppid.to_string()),
    ("pri", "PRI", 3, Right, |p, _| (39 - p.priority).to_string()),
    ("priority", "PRI", 3, Right, |p, _| p.priority.to_string()),
    ("psr", "PSR", 3, Right, |p, _| p.cpu.to_string()),
    ("rgid", "RGID", 5, Right, |p, _| p.gid.to_string()),
    ("rgroup", "RGROUP", 8, Name, |p, s| s.group(p.gid)),
    ("rss", "RSS", 5, Right, resident),
    ("rssize", "RSS", 5, Right, resident),
    ("rtprio", "RTPRIO", 6, Right, |p, _| dash_for_0(p.realtime_priority)),
    ("ruid", "RUID", 5, Right, |p, _| p.uid.to_string()),
    ("ruser", "RUSER", 8, Name, |p, s| s.user(p.uid)),
    ("s", "S", 1, Left, |p, _| p.state.to_string()),
    ("sess", "SESS", ID, Right, |p, _| p.sid.to_string()),
    ("sid", "SID", ID, Right, |p, _| p.sid.to_string()),
    ("start", "STARTED", 8, Right, times::start_second),
    ("start_time", "START", 5, Right, times::start_time),
    ("stat", "STAT", 4, Left, stat),
    ("state", "S", 1, Left, |p, _| p.state.to_string()),
    ("stime", "STIME", 5, Right, times::start_time),
    ("sz", "SZ", 5, Right, |p, _| (p.size / PAGE).to_string()),
    ("tid", "TID", ID, Right, |p, _| p.pid.to_string()),
    ("time", "TIME", 8, Right, |p, _| times::long(times::cpu_seconds(p))),
    ("times", "TIME", 8, Right, |p, _| times::cpu_seconds(p).to_string()),
    ("tname", "TTY", 8, Left, |p, _| tty_name(p.tty)),
    ("tpgid", "TPGID", ID, Right, |p, _| p.foreground.to_string()),
    ("tt", "TT", 8, Left, |p, _| tty_name(p.tty)),
    ("tty", "TT", 8, Left, |p, _| tty_name(p.tty)),
    ("ucmd", "CMD", 15, Cut, |p, _| p.name()),
    ("ucomm", "COMMAND", 15, Cut, |p, _| p.name()),
    ("uid", "UID", 5, Right, |p, _| p.euid.to_string()),
    ("user", "USER", 8, Name, |p, s| s.user(p.euid)),
    ("vsize", "VSZ", 6, Right, |p, _| (p.size / 1024).to_string()),
    ("vsz", "VSZ", 6, Right, |p, _| (p.size / 1024).to_string()),
    ("wchan", "WCHAN", 6, Cut, wait),
];

fn percent(permille: u64) -> String {
    // Three digits and the point are all that the column has place for.
    if permille > 999 { (permille / 10).to_string() } else { format!("{}.{}", permille / 10, permille % 10) }
}

fn memory(process: &Process, system: &System) -> String {
    percent((process.resident * PAGE / 1024 * 1000 / system.memory.max(1)).min(999))
}

fn resident(process: &Process, _: &System) -> String {
    (process.resident * PAGE / 1024).to_string()
}

fn dash_for_0(number: u64) -> String {
    if number == 0 { "-".to_owned() } else { number.to_string() }
}

/// Bits 6 and up of the kernel's flags are those that POSIX systems had: 1 forked without exec, 4 was privileged.
fn flags(process: &Process, _: &System) -> String {
    format!("{:o}", (process.flags >> 6) & 7)
}

fn policy(process: &Process, _: &System) -> String {
    let name = match process.policy {
        0 => "TS",
        1 => "FF",
        2 => "RR",
        3 => "B",
        5 => "IDL",
        6 => "DLN",
        _ => "?",
    };
    name.to_owned()
}

/// Only the time-sharing classes have a nice value.
fn nice(process: &Process, _: &System) -> String {
    if matches!(process.policy, 0 | 3) { process.nice.to_string() } else { "-".to_owned() }
}

fn stat(process: &Process, _: &System) -> String {
    let mut text = process.state.to_string();
    let mut add = |flag: bool, c: char| {
        if flag {
            text.push(c)
        }
    };
    add(process.nice < 0, '<');
    add(process.nice > 0, 'N');
    add(process.locked, 'L');
    add(process.leads(), 's');
    add(process.threads > 1, 'l');
    add(process.foreground == process.pgid, '+');
    text
}

/// Function of the kernel in which the process sleeps.
fn wait(process: &Process, system: &System) -> String {
    let path = system.root.join(format!("proc/{}/wchan", process.pid));
    match fs::read_to_string(path) {
        Ok(name) if !matches!(name.trim(), "" | "0") => name.trim().to_owned(),
        _ => "-".to_owned(),
    }
}

fn cgroup(process: &Process, system: &System) -> String {
    let path = system.root.join(format!("proc/{}/cgroup", process.pid));
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => text.trim().replace('\n', ","),
        _ => "-".to_owned(),
    }
}

/// The column called `name`.
///
/// # Errors
/// When the name is unknown; the message lists the names.
pub fn column(name: &str, system: &System) -> Result<Column, Failure> {
    let (_, title, width, align, cell) = *KINDS.iter().find(|kind| kind.0 == name).ok_or_else(|| {
        let known = KINDS.iter().map(|kind| kind.0).collect::<Vec<_>>().join(" ");
        Failure::usage(format!("{name}: unknown column; there are: {known}"))
    })?;
    let width = if width == ID { system.digits } else { width };
    Ok(Column { title: title.to_owned(), width, align, cell })
}

/// The columns of an argument of `-o`: names with commas or blanks between them, each perhaps with `:WIDTH`. `=TITLE`
/// gives a column a title. POSIX has the title go on to the end of the argument, procps to the next comma: here it ends
/// at a comma with the name of a column after it, so that `pid=,comm=` is two columns, and `user=A, B` is one.
pub fn parse(list: &str, system: &System) -> Result<Vec<Column>, Failure> {
    let mut columns = Vec::new();
    let mut rest = list;
    loop {
        rest = rest.trim_start_matches(BREAKS);
        if rest.is_empty() {
            break;
        }
        let word;
        (word, rest) =
            rest.split_at(rest.find(BREAKS).unwrap_or(rest.len()).min(rest.find('=').unwrap_or(rest.len())));
        let mut column = sized(word, system)?;
        if let Some(text) = rest.strip_prefix('=') {
            let mut commas = text.match_indices(',').map(|(at, _)| at);
            let end = commas.find(|at| begins_with_name(&text[at + 1..])).unwrap_or(text.len());
            let title;
            (title, rest) = text.split_at(end);
            column.width = column.width.max(title.chars().count());
            title.clone_into(&mut column.title);
        }
        columns.push(column);
    }
    if columns.is_empty() {
        return Err(Failure::usage(format!("{list:?}: column expected")));
    }
    Ok(columns)
}

/// What may stand between names.
const BREAKS: [char; 4] = [',', ' ', '\t', '\n'];

fn begins_with_name(text: &str) -> bool {
    let end = text.find([',', '=', ':']).unwrap_or(text.len());
    KINDS.iter().any(|kind| kind.0 == &text[..end])
}

/// `NAME` or `NAME:WIDTH`.
fn sized(word: &str, system: &System) -> Result<Column, Failure> {
    let Some((name, width)) = word.split_once(':') else { return column(word, system) };
    let width = width.parse().ok().filter(|width| (1..10000).contains(width));
    let width = width.ok_or_else(|| Failure::usage(format!("{word}: a width is a number from 1 to 9999")))?;
    Ok(Column { width, ..column(name, system)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_sorted() {
        assert!(KINDS.is_sorted_by_key(|kind| kind.0));
    }

    #[test]
    fn lists() {
        let system = System { digits: 5, ..System::default() };
        let titles = |list: &str| -> Vec<String> {
            parse(list, &system).unwrap().into_iter().map(|column| column.title).collect()
        };
        assert_eq!(titles("pid,ppid args"), ["PID", "PPID", "COMMAND"]);
        assert_eq!(titles("pid,comm="), ["PID", ""]);
        assert_eq!(titles("pid=,comm=,user=X"), ["", "", "X"]);
        assert_eq!(titles("pid=A,comm"), ["A", "COMMAND"]);
        assert_eq!(titles("user=A, B=C"), ["A, B=C"]);
        assert_eq!(parse("user:20", &system).unwrap()[0].width, 20);
        for bad in ["pid,nope", "pid:x", "=x"] {
            assert_eq!(parse(bad, &system).err().map(|failure| failure.status()), Some(2), "{bad}");
        }
    }

    #[test]
    fn states() {
        let process = Process {
            state: 'S',
            nice: 5,
            pid: 7,
            sid: 7,
            pgid: 7,
            foreground: 7,
            threads: 2,
            ..Process::default()
        };
        assert_eq!(stat(&process, &System::default()), "SNsl+");
    }
}
