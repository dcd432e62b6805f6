// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each rule, applied to the comparison of `base` and `head` in tools/bootdiff/tests/data.

use crate::common::{compared, image, input};
use qos_bootdiff::listing::Entry;
use qos_bootdiff::report::{FileChange, LineChange, Service, ServiceChange};
use qos_review::input::{Boots, Budget, Compared};
use qos_review::locate::Location;
use qos_review::review::Review;

/// The violations of a policy with one rule, after `change` of the comparison, without their beginning and their rule.
#[track_caller]
fn check(rule: &str, change: impl FnOnce(&mut Compared), expect: &[&str]) {
    let mut compared = compared("base", "head");
    change(&mut compared);
    let policy = format!("deny = ['{rule}']\n");
    let review = Review::of(input(&policy, vec![image("default", Boots::Compared(Box::new(compared)))]));
    let lines = review.violations.iter().map(|one| format!("{}: {} at {}", one.what, one.by, one.location));
    assert_eq!(lines.collect::<Vec<_>>(), expect, "{rule}");
    assert_eq!(review.passed, expect.is_empty(), "{rule}");
    let kinds: Vec<&str> = rule.split(' ').take(1).collect();
    assert!(review.violations.iter().all(|one| one.rule == rule && [one.kind] == kinds[..]), "{rule}");
}

fn nothing(_: &mut Compared) {}

const SNAPSHOTS: &str = "tools/boot-tests/tests/snapshots";

#[test]
fn limits() {
    let to_session =
        format!("instructions to the session: +1.750 M (+0.52 %) at {SNAPSHOTS}/timeline.snap:5");
    let to_init = format!("instructions to /init: +1.500 M (+0.46 %) at {SNAPSHOTS}/timeline.snap:4");
    check("cost +0.5 %", nothing, &[&to_session]);
    check("cost +0.53 %", nothing, &[]);
    check("cost +1.75 M", nothing, &[]);
    check("cost +1.749 M", |one| one.report.marks[2].head = None, &[&to_session]);
    check("cost", |one| one.report.marks[1..].iter_mut().for_each(|mark| mark.base = mark.head), &[&to_init]);
    check("size +0.4 %", nothing, &["bytes of bzImage: +16 384 (+0.41 %) at rootfs/default.toml:1"]);
    check("size +16 KiB", nothing, &[]);
    // The command line has 50 % more bytes, but it is not a part of the size.
    check("size +10 %", nothing, &[]);
    check("memory +3 %", nothing, &["least memory: 53 MiB → 55 MiB at rootfs/default.toml:42"]);
    check("memory +2 MiB", nothing, &[]);
    check("memory", |one| one.memory = [None, Some(99)], &[]);
    check("memory", |one| one.memory = [Some(55), Some(53)], &[]);
}

#[test]
fn budgets() {
    check(
        "budget",
        nothing,
        &["least memory: 55 MiB, over the budget of 54 MiB by 1 MiB at rootfs/default.toml:42"],
    );
    check(
        "budget",
        |one| {
            one.memory = [None, None];
            one.head_budgets[0].value = 330_000_000;
        },
        &[
            "instructions to /init: 330.114 M, over the budget of 330.000 M by 0.114 M at rootfs/default.toml:39",
        ],
    );
    let raised = "budget to-init: 330.000 M → 331.000 M at rootfs/default.toml:39";
    check("budget-raised", nothing, &[raised]);
    check("budget-raised", |one| one.head_budgets[0].value = 330_000_000, &[]);
    check(
        "budget-raised",
        |one| drop(one.head_budgets.pop()),
        &[raised, "budget memory: 54 MiB, removed at rootfs/default.toml:1"],
    );
    let of_file = |value: u64| Budget {
        name: "/bin/qos".into(),
        value: value << 20,
        location: Location::new("rootfs/default.toml", 40),
    };
    check(
        "budget-raised",
        |one| {
            one.base_budgets.push(of_file(7));
            one.head_budgets.push(of_file(70));
        },
        &[raised, "budget /bin/qos: 7 340 032 bytes → 73 400 320 bytes at rootfs/default.toml:40"],
    );
    check(
        "budget-raised",
        |one| {
            one.base_budgets.clear();
        },
        &[],
    );
}

fn file(path: &str, base: Option<&str>, head: Option<&str>) -> FileChange {
    let entry = |mode: &str| Entry {
        mode: mode.into(),
        owner: "0:0".into(),
        size: Some(1),
        device: None,
        link: None,
        sha256: None,
    };
    FileChange { path: path.into(), base: base.map(entry), head: head.map(entry), differs: vec!["mode"] }
}

#[test]
fn files() {
    let with = |files: Vec<FileChange>| move |one: &mut Compared| one.report.files = Some(files);
    check("new-module", nothing, &[]);
    check(
        "new-module",
        with(vec![
            file("lib/modules/7/a.ko", None, Some("-rw-r--r--")),
            file("lib/modules/7/b.ko.zst", None, Some("-rw-r--r--")),
            file("lib/modules/7/c.ko", Some("-rw-r--r--"), Some("-rw-r--r--")),
            file("lib/modules/7/d.ko", Some("-rw-r--r--"), None),
            file("etc/e.kombi", None, Some("-rw-r--r--")),
        ]),
        &[
            "lib/modules/7/a.ko: a new kernel module at rootfs/default.toml:1",
            "lib/modules/7/b.ko.zst: a new kernel module at rootfs/default.toml:1",
        ],
    );
    check("new-setuid", nothing, &[]);
    check(
        "new-setuid",
        with(vec![
            file("bin/su", None, Some("-rwsr-xr-x")),
            file("bin/wall", Some("-rwxr-xr-x"), Some("-rwxr-sr-x")),
            file("bin/login", Some("-rwsr-xr-x"), Some("-rwsr-xr-x")),
            file("bin/old", Some("-rwsr-xr-x"), Some("-rwxr-xr-x")),
            file("var/mail", None, Some("drwxrwsr-x")),
        ]),
        &[
            "bin/su: -rwsr-xr-x 0:0 at rootfs/default.toml:1",
            "bin/wall: -rwxr-sr-x 0:0 at rootfs/default.toml:1",
        ],
    );
    check(
        "files",
        with(vec![
            file("bin/hwclock", None, Some("-rwxr-xr-x")),
            file("b", Some("-rw"), None),
            file("c", Some("x"), Some("y")),
        ]),
        &[
            &format!("bin/hwclock: added at {SNAPSHOTS}/initramfs.snap:4"),
            "b: removed at rootfs/default.toml:1",
            "c: other mode at rootfs/default.toml:1",
        ],
    );
}

fn unit(name: &str, state: &'static str, reason: Option<&str>) -> Service {
    let reason = reason.map(str::to_owned);
    Service { name: name.into(), state, reason, start: None, end: Some(1), instructions: None, starts: 1 }
}

#[test]
fn services() {
    let change = |base: Option<Service>, head: Option<Service>| ServiceChange {
        name: base.as_ref().or(head.as_ref()).expect("a unit").name.clone(),
        base,
        head,
        differs: Vec::new(),
        after: None,
    };
    let with = |one: &mut Compared| {
        one.report.services = Some(vec![
            change(
                Some(unit("a.service", "started", None)),
                Some(unit("a.service", "failed", Some("exit-code"))),
            ),
            change(None, Some(unit("b.service", "failed", None))),
            change(
                Some(unit("c.service", "failed", Some("exit-code"))),
                Some(unit("c.service", "failed", Some("timeout"))),
            ),
            change(Some(unit("d.service", "failed", None)), Some(unit("d.service", "started", None))),
            change(None, Some(unit("e.target", "started", None))),
            change(Some(unit("f.mount", "started", None)), None),
            change(Some(unit("g.service", "failed", None)), None),
        ]);
    };
    let manifest = "rootfs/default.toml:1";
    check(
        "service-failed",
        with,
        &[
            &format!("a.service: started → failed (exit-code) at {SNAPSHOTS}/boot-5-init.snap:4"),
            &format!("b.service: new, failed at {manifest}"),
        ],
    );
    check(
        "service-new",
        with,
        &[&format!("b.service: new, failed at {manifest}"), &format!("e.target: new, reached at {manifest}")],
    );
    check(
        "service-gone",
        with,
        &[
            &format!("f.mount: gone, was started at {manifest}"),
            &format!("g.service: gone, was failed at {manifest}"),
        ],
    );
    for rule in ["service-failed", "service-new", "service-gone"] {
        check(rule, nothing, &[]);
        check(rule, |one| one.report.services = None, &[]);
    }
}

#[test]
fn lines() {
    let added = |text: &str| LineChange::Added { line: 3, text: text.into() };
    let changed = |before: &str, after: &str| LineChange::Changed {
        from: 1,
        to: 1,
        before: before.into(),
        after: after.into(),
        parts: Vec::new(),
        moved: false,
    };
    let with = |lines: Vec<LineChange>| {
        move |one: &mut Compared| {
            let log = one.report.log.as_mut().expect("a log");
            // The drivers.
            log.phases[1].lines = lines;
        }
    };
    check("new-warning", nothing, &[]);
    check(
        "new-warning",
        with(vec![
            added("x: probe failed"),
            added("x: all is well"),
            changed("y: ready", "y: error -5"),
            changed("z: error -4", "z: error -5"),
            LineChange::Removed { line: 4, text: "BUG: no more".into() },
        ]),
        &[
            "x: probe failed: a new warning in the phase drivers at rootfs/default.toml:1",
            "y: error -5: a new warning in the phase drivers at rootfs/default.toml:1",
        ],
    );
    let log = format!(
        "the boot log: 1 line added, 1 line removed, 1 line moved, 3 lines changed at {SNAPSHOTS}/boot-3-drivers.snap:5"
    );
    check("log", nothing, &[&log]);
    check("log", |one| one.report.log = None, &[]);
}

#[test]
fn values() {
    check(
        "cmdline",
        nothing,
        &["the kernel command line: console=ttyS0 → console=ttyS0 rtc=on at rootfs/default.toml:1"],
    );
    check(
        "versions",
        nothing,
        &[
            "the version of kernel: 7.3.4 → 7.3.5 at rootfs/default.toml:1",
            "the version of rustc: none → 1.85.1 at rootfs/default.toml:1",
        ],
    );
    check(
        "config",
        |one| one.report.config.iter_mut().for_each(|options| options.truncate(2)),
        &[
            "CONFIG_HZ: 100 → 250 at kernel/resolved.config:1",
            "CONFIG_RTC_CLASS: n → y at kernel/resolved.config:2",
        ],
    );
}

#[test]
fn failures() {
    let failed = |one: &mut Compared| *one = compared("base", "failed");
    let line = "the head does not build or boot: error: builder for qos-kernel failed with exit code 2 at rootfs/default.toml:1";
    check("verdict", nothing, &[]);
    check("verdict", failed, &[line]);
    // A base that fails is no violation: the change may correct it.
    check("verdict", |one| *one = compared("failed", "head"), &[]);
    check(
        "verdict",
        |one| *one = compared("failed", "failed"),
        &[
            "neither revision builds and boots: error: builder for qos-kernel failed with exit code 2 at rootfs/default.toml:1",
        ],
    );
    for rule in [
        "cost",
        "size",
        "config",
        "cmdline",
        "versions",
        "log",
        "files",
        "new-module",
        "new-warning",
        "new-setuid",
        "service-failed",
        "service-new",
        "service-gone",
    ] {
        check(rule, failed, &[]);
        check(rule, |one| *one = compared("failed", "head"), &[]);
    }
}

#[test]
fn the_repository() {
    let config = "kernel/resolved.config: 4 lines added, 2 lines removed at kernel/resolved.config:120";
    let snapshot = format!(
        "{SNAPSHOTS}/boot-3-drivers.snap: 1 line added, 2 lines removed at {SNAPSHOTS}/boot-3-drivers.snap:17"
    );
    check("snapshot", nothing, &[config, &snapshot]);
    check("policy", nothing, &[]);
    let mut input = input("warn = ['policy', 'snapshot']\n", Vec::new());
    input.reviewed[0].location = Location::new("review.toml", 3);
    let review = Review::of(input);
    let kinds: Vec<&str> = review.violations.iter().map(|one| one.kind).collect();
    assert_eq!((kinds, review.passed), (vec!["snapshot", "policy"], true));
}
