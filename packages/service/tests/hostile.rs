// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is put in the manager's way: files that never end, and clients that say nothing. It goes on with everything else.

mod common;

use common::manager;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::process::Command;

fn fifo(path: &std::path::Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn files_that_are_no_files() {
    let long = "exec sleep 1000";
    let service = |keys: &str| format!("[Service]\nExecStart=/bin/sh -c '{long}'\n{keys}\n");
    let pid_file = |made: &str| {
        format!(
            "[Service]\nType=forking\nPIDFile=@/pid\nTimeoutStartSec=1s\nExecStart=/bin/sh -c '{made} @/pid; sleep 1000 & exit 0'\n"
        )
    };
    let units = [
        ("default.target", "[Unit]\n".to_owned()),
        ("variables.service", service("EnvironmentFile=@/fifo")),
        ("input.service", service("StandardInput=file:@/fifo")),
        ("output.service", service("StandardOutput=append:@/fifo")),
        ("pid.service", pid_file("mkfifo")),
        ("zeros.service", pid_file("ln -sf /dev/zero")),
        ("good.service", service("")),
    ];
    let units: Vec<_> = units.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let m = manager("files", &units);
    let place = m.directory.join("etc/systemd/system");
    fifo(&m.directory.join("fifo"));
    fifo(&place.join("fifo.service"));
    symlink("../../../../../../../../dev/zero", place.join("zero.service")).unwrap();
    assert_eq!(m.ask("daemon-reload"), "ok\n");
    for unit in ["fifo", "zero", "variables"] {
        assert!(m.ask(&format!("start {unit}")).starts_with("error "), "{unit}");
    }
    for text in
        ["fifo.service:1: not a regular file", "zero:1: not a regular file", "fifo: not a regular file"]
    {
        assert!(m.log().contains(text), "{text}\n{}", m.log());
    }
    // Those wait for the other end of the FIFO, each by itself.
    for unit in ["input", "output"] {
        assert_eq!(m.ask(&format!("start {unit}")), "ok\n", "{unit}");
    }
    for unit in ["pid", "zeros"] {
        m.ask(&format!("start --no-block {unit}"));
    }
    assert_eq!(m.ask("start good"), "ok\n");
    for unit in ["input", "output", "good"] {
        assert_eq!(m.ask(&format!("stop {unit}")), "ok\n", "{unit}");
        assert_eq!(m.value(unit, "ActiveState"), "inactive", "{unit}");
    }
    m.end();
}

#[test]
fn clients_that_say_nothing() {
    let m = manager(
        "clients",
        &[("default.target", "[Unit]\n"), ("a.service", "[Service]\nExecStart=/bin/true\n")],
    );
    let silent: Vec<_> =
        (0..200).filter_map(|_| UnixStream::connect(m.directory.join("run/init.sock")).ok()).collect();
    assert_eq!((silent.len(), m.ask("start a").as_str()), (200, "ok\n"));
    drop(silent);
    m.end();
}
