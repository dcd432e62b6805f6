// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `top` shows: a summary and the processes, from two samples of the system.

use crate::Failure;
use crate::process::{self, Process};
use crate::system::{PAGE, System, TICKS, field};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Lines above the titles of the columns: five of summary, an empty one.
pub const HEADER: usize = 6;

/// What to sort by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field {
    #[default]
    Cpu,
    Memory,
    Time,
    Pid,
    Size,
    User,
    Name,
}

impl Field {
    /// By the title of its column.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "%CPU" | "CPU" => Field::Cpu,
            "%MEM" | "MEM" | "RES" => Field::Memory,
            "TIME+" | "TIME" => Field::Time,
            "PID" => Field::Pid,
            "VIRT" => Field::Size,
            "USER" => Field::User,
            "COMMAND" => Field::Name,
            _ => return None,
        })
    }
}

/// Which processes are shown, and how.
#[derive(Debug, Default)]
pub struct View {
    pub sort: Field,
    pub reverse: bool,
    pub arguments: bool,
    pub busy_only: bool,
    pub pids: Vec<i32>,
    pub user: Option<u32>,
}

/// The system at a moment.
#[derive(Default)]
pub struct Sample {
    system: System,
    uptime: f64,
    load: String,
    memory: String,
    /// Ticks of all processors, as `/proc/stat` has them: user, nice, system, idle, waiting, hard and soft
    /// interrupts, stolen.
    cpu: [u64; 8],
    processes: Vec<Process>,
}

impl Sample {
    /// Reads it.
    ///
    /// # Errors
    /// When there is no `/proc`.
    pub fn read(root: &Path) -> Result<Self, Failure> {
        let text = |name: &str| fs::read_to_string(root.join("proc").join(name)).unwrap_or_default();
        let mut cpu = [0; 8];
        let stat = text("stat");
        for (ticks, word) in
            cpu.iter_mut().zip(stat.lines().next().unwrap_or_default().split_whitespace().skip(1))
        {
            *ticks = word.parse().unwrap_or(0);
        }
        Ok(Sample {
            system: System::read(root)?,
            uptime: text("uptime").split(' ').next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0.0),
            load: text("loadavg").split(' ').take(3).collect::<Vec<_>>().join(", "),
            memory: text("meminfo"),
            cpu,
            processes: process::all(root)?,
        })
    }
}

/// The lines of `sample`, as of what happened since `before` (where that is empty: since the start), at most `most`.
pub fn lines(sample: &Sample, before: &Sample, view: &View, most: Option<usize>) -> Vec<String> {
    let mut lines = summary(sample, before);
    lines.push(String::new());
    let digits = sample.system.digits.max(5);
    lines.push(format!(
        "{:>digits$} {:<8}  PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND",
        "PID", "USER"
    ));
    let rows = rows(sample, before, view);
    let place = most.map_or(rows.len(), |most| most.saturating_sub(lines.len()));
    for (process, permille) in rows.into_iter().take(place) {
        lines.push(row(process, permille, &sample.system, view, digits));
    }
    lines.truncate(most.unwrap_or(usize::MAX));
    lines
}

fn summary(sample: &Sample, before: &Sample) -> Vec<String> {
    let now = match qos_sys::time::local(sample.system.now()) {
        Ok(now) => format!("{:02}:{:02}:{:02}", now.hour, now.minute, now.second),
        Err(_) => "?".to_owned(),
    };
    let (days, minutes) = (sample.system.uptime / 86400, sample.system.uptime / 60 % 1440);
    let mut up = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        days => format!("{days} days, "),
    };
    up += &if minutes < 60 {
        format!("{minutes} min")
    } else {
        format!("{:2}:{:02}", minutes / 60, minutes % 60)
    };
    let count =
        |states: &str| sample.processes.iter().filter(|process| states.contains(process.state)).count();
    let ticks: Vec<u64> =
        sample.cpu.iter().zip(before.cpu).map(|(new, old)| new.saturating_sub(old)).collect();
    let sum = ticks.iter().sum::<u64>().max(1);
    let share = |n: usize| format!("{:4.1}", ticks[n] as f64 * 100.0 / sum as f64);
    let memory = |name: &str| field(&sample.memory, name);
    let mib = |kib: u64| format!("{:8.1}", kib as f64 / 1024.0);
    let cache = memory("Buffers:") + memory("Cached:") + memory("SReclaimable:");
    let used = memory("MemTotal:").saturating_sub(memory("MemAvailable:"));
    let swap = memory("SwapTotal:");
    vec![
        format!("top - {now} up {up},  load average: {}", sample.load),
        format!(
            "Tasks: {:3} total, {:3} running, {:3} sleeping, {:3} stopped, {:3} zombie",
            sample.processes.len(),
            count("R"),
            count("SDI"),
            count("Tt"),
            count("Z")
        ),
        format!(
            "%Cpu(s): {} us, {} sy, {} ni, {} id, {} wa, {} hi, {} si, {} st",
            share(0),
            share(2),
            share(1),
            share(3),
            share(4),
            share(5),
            share(6),
            share(7)
        ),
        format!(
            "MiB Mem : {} total, {} free, {} used, {} buff/cache",
            mib(memory("MemTotal:")),
            mib(memory("MemFree:")),
            mib(used),
            mib(cache)
        ),
        format!(
            "MiB Swap: {} total, {} free, {} used. {} avail Mem",
            mib(swap),
            mib(memory("SwapFree:")),
            mib(swap.saturating_sub(memory("SwapFree:"))),
            mib(memory("MemAvailable:"))
        ),
    ]
}

fn ticks(process: &Process) -> u64 {
    process.user_ticks + process.system_ticks
}

/// The processes of `view` in its order, each with the tenths of percent of a processor that it had.
fn rows<'a>(sample: &'a Sample, before: &Sample, view: &View) -> Vec<(&'a Process, u64)> {
    let old: HashMap<(i32, u64), u64> =
        before.processes.iter().map(|process| ((process.pid, process.start), ticks(process))).collect();
    let first = before.processes.is_empty();
    let mut rows: Vec<(&Process, u64)> = sample
        .processes
        .iter()
        .filter(|process| view.pids.is_empty() || view.pids.contains(&process.pid))
        .filter(|process| view.user.is_none_or(|user| process.euid == user || process.uid == user))
        .map(|process| {
            let age = sample.uptime - process.start as f64 / TICKS as f64;
            let since = if first { age } else { age.min(sample.uptime - before.uptime) };
            let spent = ticks(process)
                - old.get(&(process.pid, process.start)).copied().unwrap_or(0).min(ticks(process));
            let seconds = since.max(1.0 / TICKS as f64);
            (process, (spent as f64 / TICKS as f64 * 1000.0 / seconds) as u64)
        })
        .filter(|(process, permille)| !view.busy_only || *permille > 0 || process.state == 'R')
        .collect();
    // Numbers from the greatest on, names from the least: what a person looks for is at the top.
    rows.sort_by(|(a, a_cpu), (b, b_cpu)| match view.sort {
        Field::Cpu => b_cpu.cmp(a_cpu),
        Field::Memory => b.resident.cmp(&a.resident),
        Field::Time => ticks(b).cmp(&ticks(a)),
        Field::Pid => b.pid.cmp(&a.pid),
        Field::Size => b.size.cmp(&a.size),
        Field::User => sample.system.user(a.euid).cmp(&sample.system.user(b.euid)),
        Field::Name => a.comm.cmp(&b.comm),
    });
    if view.reverse {
        rows.reverse();
    }
    rows
}

fn row(process: &Process, permille: u64, system: &System, view: &View, digits: usize) -> String {
    let mut user = system.user(process.euid);
    if user.chars().count() > 8 {
        user = user.chars().take(7).chain(['+']).collect();
    }
    let priority = if process.priority < -99 { "rt".to_owned() } else { process.priority.to_string() };
    let size = |kib: u64, width: usize| {
        if kib.to_string().len() <= width { kib.to_string() } else { format!("{:.1}m", kib as f64 / 1024.0) }
    };
    let memory = (process.resident * PAGE / 1024) as f64 * 100.0 / system.memory.max(1) as f64;
    let hundredths = ticks(process) * 100 / TICKS;
    format!(
        "{:>digits$} {user:<8} {priority:>3} {:>3} {:>7} {:>6} {:>6} {} {:>5} {memory:>5.1} {:>9} {}",
        process.pid,
        process.nice,
        size(process.size / 1024, 7),
        size(process.resident * PAGE / 1024, 6),
        size(process.shared * PAGE / 1024, 6),
        process.state,
        format!("{}.{}", permille / 10, permille % 10),
        format!("{}:{:02}.{:02}", hundredths / 6000, hundredths / 100 % 60, hundredths % 100),
        if view.arguments { process.args() } else { process.name() }
    )
    .trim_end()
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(uptime: f64, ticks: [u64; 2]) -> Sample {
        let process = |pid: i32, comm: &str, user_ticks: u64| Process {
            pid,
            comm: comm.to_owned(),
            state: 'S',
            user_ticks,
            size: 2_048_000,
            resident: 250,
            priority: 20,
            ..Process::default()
        };
        Sample {
            system: System { uptime: uptime as u64, memory: 10_000, digits: 5, ..System::default() },
            uptime,
            load: "0.10, 0.20, 0.30".to_owned(),
            memory: "MemTotal: 10240 kB\nMemFree: 5120 kB\nMemAvailable: 8192 kB\nCached: 1024 kB\n"
                .to_owned(),
            cpu: [10 + ticks[0], 0, 5, 85, 0, 0, 0, 0],
            processes: vec![process(1, "init", ticks[0]), process(7, "busy", ticks[1])],
        }
    }

    #[test]
    fn a_frame() {
        let lines = lines(&sample(102.0, [5, 150]), &sample(100.0, [5, 50]), &View::default(), None);
        assert!(lines[0].ends_with(" up 1 min,  load average: 0.10, 0.20, 0.30"), "{}", lines[0]);
        assert_eq!(lines[1], "Tasks:   2 total,   0 running,   2 sleeping,   0 stopped,   0 zombie");
        assert_eq!(lines[3], "MiB Mem :     10.0 total,      5.0 free,      2.0 used,      1.0 buff/cache");
        assert_eq!(
            lines[HEADER..],
            [
                "  PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND",
                "    7 0         20   0    2000   1000      0 S  50.0  10.0   0:01.50 busy",
                "    1 0         20   0    2000   1000      0 S   0.0  10.0   0:00.05 init",
            ]
        );
    }

    #[test]
    fn views() {
        let check = |view: View, expect: &[i32]| {
            let (new, old) = (sample(102.0, [5, 150]), sample(100.0, [5, 50]));
            let pids: Vec<i32> = rows(&new, &old, &view).iter().map(|(process, _)| process.pid).collect();
            assert_eq!(pids, expect, "{view:?}");
        };
        check(View { reverse: true, ..View::default() }, &[1, 7]);
        check(View { busy_only: true, ..View::default() }, &[7]);
        check(View { pids: vec![1], ..View::default() }, &[1]);
        check(View { user: Some(9), ..View::default() }, &[]);
        check(View { sort: Field::Name, ..View::default() }, &[7, 1]);
        let few = lines(&sample(1.0, [0, 0]), &Sample::default(), &View::default(), Some(8));
        assert_eq!(few.len(), 8);
    }
}
