// SPDX-License-Identifier: MIT OR Apache-2.0
//! Many services that crash, beside one that works.

mod common;

use common::manager;
use std::fs;
use std::time::Duration;

const CRASHING: usize = 1_000;

/// The most memory that the manager may have had, in KiB: four times of what it needs.
const MEMORY: u64 = 64 << 10;

/// 3,000 processes: some seconds, unless the machine has other work.
const LIMIT: Duration = Duration::from_secs(600);

#[test]
fn a_thousand_crashing_services() {
    let names: Vec<String> = (0..CRASHING).map(|number| format!("crash{number}.service")).collect();
    let target = format!("[Unit]\nWants=good.service {}\n", names.join(" "));
    let text = "[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=1h\n\
                [Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1ms\n";
    let mut units = vec![
        ("default.target", target.as_str()),
        ("good.service", "[Service]\nExecStart=/bin/sh -c 'exec sleep 1000'\n"),
    ];
    units.extend(names.iter().map(|name| (name.as_str(), text)));
    let m = manager("crashes", &units);
    let all = || m.log().matches("start limit hit").count() == CRASHING;
    m.until_within(LIMIT, "all hit the start limit", all);
    // Each was started three times, and the others are told about.
    let shown = m.ask("list");
    let count = |line: &str| shown.lines().filter(|other| *other == line).count();
    assert_eq!((count("ActiveState=failed"), count("Result=start-limit-hit")), (CRASHING, CRASHING));
    assert_eq!(count("NRestarts=2"), CRASHING);
    assert_eq!(m.value("good", "SubState"), "running");
    assert_eq!(m.value("default.target", "ActiveState"), "active");
    // One of them can be started again, and fails again.
    assert_eq!(m.ask("reset-failed crash7"), "ok\n");
    m.ask("start crash7");
    m.until("the one", || m.value("crash7", "Result") == "start-limit-hit");
    let status = fs::read_to_string(format!("/proc/{}/status", m.child.id())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let most: u64 = most.unwrap().parse().unwrap();
    eprintln!("the manager needed {most} KiB");
    assert!(most < MEMORY, "{most} KiB");
    m.end();
}
