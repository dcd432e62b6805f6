// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests on the manager's socket: what is refused, and with which exit status of `svc`.

mod common;

use common::manager;
use std::fs;

const LONG: &str = "[Service]\nExecStart=/bin/sh -c 'exec sleep 1000'\n";

#[test]
fn what_is_refused() {
    let m = manager(
        "refused",
        &[
            ("default.target", "[Unit]\nWants=da.service\n"),
            ("da.service", LONG),
            ("needs.service", "[Unit]\nRequires=missing.service\n[Service]\nExecStart=/bin/true\n"),
            ("bad.service", "[Service]\nType=notify\n"),
            ("manual.service", "[Unit]\nRefuseManualStart=yes\n[Service]\nExecStart=/bin/true\n"),
            ("empty.service", ""),
            ("idle.service", "[Service]\nExecStart=/bin/true\nExecReload=/bin/true\n"),
        ],
    );
    std::os::unix::fs::symlink("loop.service", m.directory.join("etc/systemd/system/loop.service")).unwrap();
    m.until("da runs", || m.value("da", "SubState") == "running");
    for (request, reply) in [
        ("start nosuch", "error=5 Unit nosuch.service not found."),
        ("restart nosuch", "error=5 Unit nosuch.service not found."),
        ("try-restart nosuch", "error=5 Unit nosuch.service not found."),
        ("reload nosuch", "error=5 Unit nosuch.service not found."),
        ("reload-or-restart nosuch", "error=5 Unit nosuch.service not found."),
        ("isolate nosuch.target", "error=5 Unit nosuch.target not found."),
        ("start needs", "error=5 needs.service: Unit missing.service not found."),
        ("stop nosuch", "error=5 Unit nosuch.service not loaded."),
        ("kill nosuch", "error Unit nosuch.service not loaded."),
        ("reset-failed nosuch", "error Unit nosuch.service not loaded."),
        ("start bad", "error bad.service has neither ExecStart= nor ExecStop="),
        (
            "start loop",
            "error loop.service: @/etc/systemd/system/loop.service: too many levels of symbolic links",
        ),
        ("start empty", "error Unit empty.service is masked."),
        ("reload da", "error Job type reload is not applicable for unit da.service."),
        ("reload idle", "error idle.service is not active, cannot reload."),
        ("cancel 99999", "error Job 99999 does not exist."),
        (
            "stop nosuch da nosuch2",
            "error=5 Unit nosuch.service not loaded.\nerror=5 Unit nosuch2.service not loaded.",
        ),
        ("stop idle", "ok"),
        ("try-restart idle", "ok"),
        ("reset-failed", "ok"),
    ] {
        let found = m.ask(request).replace(&*m.directory.to_string_lossy(), "@");
        assert_eq!(found, format!("{reply}\n"), "{request}");
    }
    for request in ["start manual", "isolate default.target"] {
        assert!(m.ask(request).starts_with("error=4 Operation refused, unit "), "{request}");
    }
    assert_eq!(m.value("da", "ActiveState"), "inactive");
    m.end();
}

#[test]
fn restarts_and_reloads() {
    let m = manager(
        "reloads",
        &[
            ("default.target", "[Unit]\nWants=a.service b.service\n"),
            ("a.service", LONG),
            ("b.service", &format!("{LONG}ExecReload=/bin/sh -c 'echo b >> @/reloads'\n")),
        ],
    );
    let pid = |name: &str| m.value(name, "MainPID");
    for name in ["a", "b"] {
        m.until(name, || m.value(name, "SubState") == "running");
    }
    let (a, b) = (pid("a"), pid("b"));
    assert_eq!(m.ask("try-reload-or-restart a b"), "ok\n");
    assert!(pid("a") != a && pid("b") == b);
    assert_eq!(m.file("reloads"), "b\n");
    assert_eq!(m.ask("reload-or-restart b"), "ok\n");
    assert_eq!(m.file("reloads"), "b\nb\n");
    assert_eq!(m.ask("try-restart b"), "ok\n");
    assert_ne!(pid("b"), b);
    assert_eq!(m.ask("stop a b"), "ok\n");
    assert_eq!(m.ask("try-reload-or-restart a b"), "ok\n");
    assert_eq!(m.value("a", "ActiveState"), "inactive");
    assert_eq!(m.ask("reload-or-restart a b"), "ok\n");
    assert_eq!(
        (m.value("a", "ActiveState"), m.value("b", "ActiveState")),
        ("active".into(), "active".into())
    );
    m.end();
}

#[test]
fn jobs_are_canceled() {
    let m = manager(
        "cancel",
        &[
            ("default.target", "[Unit]\n"),
            ("slow.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'exec sleep 1000'\n"),
            ("one.service", "[Unit]\nAfter=slow.service\n[Service]\nExecStart=/bin/true\n"),
            ("two.service", "[Unit]\nAfter=slow.service\n[Service]\nExecStart=/bin/true\n"),
        ],
    );
    let wait = |count: usize| {
        m.ask("start --no-block slow one two");
        m.until("jobs", || m.ask("jobs").lines().count() == count + 1);
    };
    wait(3);
    let jobs = m.ask("jobs");
    let id = jobs.lines().find(|line| line.contains(" one.service ")).unwrap().split(' ').next().unwrap();
    assert_eq!(m.value("one", "Job"), id);
    assert_eq!(m.ask(&format!("cancel {id}")), "ok\n");
    assert!(!m.ask("jobs").contains("one.service"));
    assert_eq!(m.ask("cancel two"), "ok\n");
    assert_eq!(m.ask("jobs").lines().count(), 2);
    // Without a name, all.
    wait(3);
    assert_eq!(m.ask("cancel"), "ok\n");
    assert_eq!(m.ask("jobs"), "ok\n");
    m.ask("stop slow");
    m.end();
}

#[test]
fn properties() {
    let m = manager(
        "properties",
        &[
            ("default.target", "[Unit]\nWants=a.service\n"),
            (
                "a.service",
                "[Unit]\nDescription=An A\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'exit 7'\n",
            ),
            ("a.service.d/b.conf", "[Service]\nRestart=no\n"),
            ("service.d/all.conf", "[Service]\nUMask=027\n"),
        ],
    );
    m.until("a failed", || m.value("a", "ActiveState") == "failed");
    let value = |key: &str| m.value("a", key).replace(&*m.directory.to_string_lossy(), "@");
    for (key, expect) in [
        ("Id", "a.service"),
        ("Names", "a.service"),
        ("Description", "An A"),
        ("LoadState", "loaded"),
        ("SubState", "failed"),
        ("Type", "oneshot"),
        ("Result", "exit-code"),
        ("ExecMainCode", "1"),
        ("ExecMainStatus", "7"),
        ("NRestarts", "0"),
        ("UMask", "0027"),
        ("UnitFileState", "static"),
        ("WantedBy", "default.target"),
        ("CanReload", "no"),
        ("FragmentPath", "@/etc/systemd/system/a.service"),
        ("DropInPaths", "@/etc/systemd/system/service.d/all.conf @/etc/systemd/system/a.service.d/b.conf"),
    ] {
        assert_eq!(value(key), expect, "{key}");
    }
    // A type's drop-in is not the file of a unit that has none.
    assert_eq!(m.value("rescue.service", "FragmentPath"), "");
    assert!(m.value("rescue.service", "DropInPaths").ends_with("/service.d/all.conf"));
    // What is not set is there for those who ask for it.
    assert!(m.ask("show a").contains("\nMainPID=\n") && !m.ask("list").contains("MainPID=\n"));
    assert_eq!(m.value("nosuch", "LoadState"), "not-found");
    m.end();
}

#[test]
fn conditions() {
    let m = manager(
        "unmet",
        &[
            ("default.target", "[Unit]\n"),
            (
                "a.service",
                "[Unit]\nConditionPathExists=!/there\n[Service]\nType=oneshot\nExecStart=/bin/true\n",
            ),
            (
                "b.service",
                "[Unit]\nAssertPathExists=/no/such\n[Service]\nType=oneshot\nExecStart=/bin/true\n",
            ),
            (
                "c.service",
                "[Unit]\nConditionPathExists=|/no\nConditionPathExists=|/such\n[Service]\nType=oneshot\nExecStart=/bin/true\n",
            ),
        ],
    );
    let value = |name: &str, key: &str| m.value(name, key).replace(&*m.directory.to_string_lossy(), "@");
    assert_eq!(value("a", "ConditionResult"), "no");
    fs::write(m.directory.join("there"), "").unwrap();
    assert_eq!(m.ask("start a"), "ok\n");
    assert_eq!(
        (value("a", "Unmet"), value("a", "ConditionResult")),
        ("ConditionPathExists=!/there".into(), "no".into())
    );
    assert_ne!(value("a", "UnmetTimestampMonotonic"), "");
    // It goes on being known by a successor, until a start finds another answer.
    m.ask("daemon-reexec");
    assert_eq!(value("a", "Unmet"), "ConditionPathExists=!/there");
    fs::remove_file(m.directory.join("there")).unwrap();
    assert_eq!(m.ask("start a"), "ok\n");
    assert_eq!((value("a", "Unmet"), value("a", "ConditionResult")), (String::new(), "yes".into()));
    assert_eq!(m.ask("start b"), "error job of b.service: failed\n");
    assert_eq!(value("b", "Unmet"), "AssertPathExists=/no/such");
    assert_eq!((value("b", "ConditionResult"), value("b", "AssertResult")), ("yes".into(), "no".into()));
    assert_eq!(m.ask("start c"), "ok\n");
    assert_eq!(value("c", "Unmet"), "ConditionPathExists=|/no\tConditionPathExists=|/such");
    m.end();
}
