// SPDX-License-Identifier: MIT OR Apache-2.0
//! The order of processes: by the columns of `--sort`, or as a forest of parents and children.

use crate::Failure;
use crate::columns::{Cell, column};
use crate::process::Process;
use crate::system::System;
use std::cmp::Ordering;
use std::collections::HashSet;

/// Columns to sort by, the first one first, and whether the greatest comes first.
pub type Keys = Vec<(String, Cell, bool)>;

/// Parses `[+-]COLUMN,…`.
pub fn parse(list: &str, system: &System) -> Result<Keys, Failure> {
    let key = |word: &str| {
        let down = word.starts_with('-');
        let name = word.trim_start_matches(['+', '-']);
        Ok((name.to_owned(), column(name, system)?.cell, down))
    };
    list.split(',').filter(|word| !word.is_empty()).map(key).collect()
}

/// Sorts by `keys`; processes with equal keys keep their order.
pub fn sort(processes: &mut [Process], keys: &Keys, system: &System) {
    processes.sort_by(|a, b| {
        let by = keys.iter().map(|(name, cell, down)| {
            let order = match name.as_str() {
                // What these show is no number.
                "etime" | "etimes" => b.start.cmp(&a.start),
                "start" | "start_time" | "stime" | "lstart" | "bsdstart" => a.start.cmp(&b.start),
                "time" | "cputime" | "bsdtime" => ticks(a).cmp(&ticks(b)),
                _ => compare(&cell(a, system), &cell(b, system)),
            };
            if *down { order.reverse() } else { order }
        });
        by.fold(Ordering::Equal, Ordering::then)
    });
}

fn ticks(process: &Process) -> u64 {
    process.user_ticks + process.system_ticks
}

fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}

/// The processes with each one's children after it, and what stands before its name: ` \_ ` and the lines of the tree.
pub fn forest(processes: Vec<Process>) -> Vec<(Process, String)> {
    let pids: HashSet<i32> = processes.iter().map(|process| process.pid).collect();
    let is_root = |process: &Process| process.ppid == process.pid || !pids.contains(&process.ppid);
    let mut found = Vec::new();
    for root in processes.iter().filter(|process| is_root(process)) {
        found.push((root.clone(), String::new()));
        children(&processes, root.pid, "", &mut found);
    }
    found
}

fn children(processes: &[Process], parent: i32, lines: &str, found: &mut Vec<(Process, String)>) {
    let mut below = processes.iter().filter(|child| child.ppid == parent && child.pid != parent).peekable();
    while let Some(child) = below.next() {
        found.push((child.clone(), format!("{lines} \\_ ")));
        let lines = format!("{lines}{}", if below.peek().is_some() { " |  " } else { "    " });
        children(processes, child.pid, &lines, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, ppid: i32, start: u64) -> Process {
        Process { pid, ppid, start, ..Process::default() }
    }

    #[test]
    fn sorts() {
        let system = System::default();
        let mut all = vec![process(9, 1, 3), process(10, 1, 2), process(11, 2, 2)];
        let mut check = |keys: &str, expect: [i32; 3]| {
            sort(&mut all, &parse(keys, &system).unwrap(), &system);
            assert_eq!(all.iter().map(|p| p.pid).collect::<Vec<_>>(), expect, "{keys}");
        };
        check("-pid", [11, 10, 9]);
        check("pid", [9, 10, 11]);
        check("-ppid,-etime", [11, 10, 9]);
        check("start,-pid", [11, 10, 9]);
        assert!(parse("nope", &system).is_err());
    }

    #[test]
    fn forests() {
        let all =
            vec![process(1, 0, 0), process(2, 1, 0), process(3, 2, 0), process(4, 1, 0), process(7, 99, 0)];
        let lines: Vec<String> =
            forest(all).iter().map(|(process, lines)| format!("{lines}{}", process.pid)).collect();
        assert_eq!(lines, ["1", " \\_ 2", " |   \\_ 3", " \\_ 4", "7"]);
    }
}
