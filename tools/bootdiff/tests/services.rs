// SPDX-License-Identifier: MIT OR Apache-2.0
//! Services in a report. Each case edits a copy of [`LOG`].

use qos_bootdiff::cli::{Format, render};
use qos_bootdiff::compare;
use qos_bootdiff::input::BootResult;
use qos_bootdiff::report::Report;

/// Microseconds and text of lines of the golden boot of the image `server`: those from `/init` on that are about units, and the marks
/// of the phases. The times are near those of that boot.
const LOG: &[(u32, &str)] = &[
    (0, "Linux version 7.3.4"),
    (73_801, "Run /init as init process"),
    (77_027, "qos-init: ready"),
    (82_750, "qos-init: local-fs.target: reached"),
    (82_904, "qos-init: logd.service: starting"),
    (83_248, "qos-init: paths.target: reached"),
    (83_264, "qos-init: root-password.service: not started: none of its conditions with | holds"),
    (83_275, "qos-init: slices.target: reached"),
    (83_286, "qos-init: sockets.target: reached"),
    (83_296, "qos-init: swap.target: reached"),
    (83_951, "qos-init: systemd-udevd.service: starting"),
    (85_163, "qos-init: timers.target: reached"),
    (86_924, "qos-init: logd.service: started"),
    (109_951, "qos-init: systemd-udevd.service: started"),
    (109_961, "qos-init: sysinit.target: reached"),
    (109_971, "qos-init: basic.target: reached"),
    (109_983, "qos-init: getty@tty1.service: not started: ConditionPathExists=/dev/tty0 does not hold"),
    (110_000, "qos-init: systemd-networkd.service: starting"),
    (110_486, "qos-init: serial-getty@ttyS0.service: started"),
    (110_496, "qos-init: getty.target: reached"),
    (121_000, "qos-init: systemd-networkd.service: started"),
    (121_010, "qos-init: multi-user.target: reached"),
    (121_020, "qos-init: network.target: reached"),
    (126_101, "qos-agent: run /bin/sh on /dev/ttyS0"),
    (126_101, "golden: the shell runs"),
    (156_141, "qos-init: umount.target: reached"),
    (156_200, "qos-init: serial-getty@ttyS0.service: ended"),
    (156_400, "qos-init: systemd-networkd.service: ended"),
    (156_714, "qos-init: logd.service: ended"),
    (156_724, "qos-init: shutdown.target: reached"),
    (156_734, "qos-init: final.target: reached"),
    (156_745, "qos-init: poweroff.target: reached"),
    (156_800, "qos-init: status 0"),
    (157_066, "qos-init: end: power off"),
];

fn server() -> String {
    LOG.iter().map(|(micros, text)| format!("[    0.{micros:06}] {text}\r\n")).collect()
}

/// The lines are those of the golden boot, in its order.
#[test]
fn the_log_is_that_of_the_server() {
    let golden = include_str!("../../boot-tests/tests/snapshots/server-boot.snap");
    let mut lines = golden.lines();
    for (_, text) in LOG.iter().filter(|(_, text)| text.contains(".service: ") || text.contains(".target: "))
    {
        assert!(
            lines.any(|line| line == *text),
            "server-boot.snap does not have the line, or at another place: {text}"
        );
    }
}

fn boot(name: &str, log: &str) -> BootResult {
    let log = qos_bootlog::parse(log.as_bytes());
    BootResult { name: name.to_owned(), log: Some(log), ..BootResult::default() }
}

fn report(base: &str, head: &str) -> Report {
    compare::compare(&boot("base", base), &boot("head", head), None).expect("a report")
}

/// A line of the manager of services, with its end.
fn line(micros: u32, text: &str) -> String {
    format!("[    0.{micros:06}] qos-init: {text}\r\n")
}

/// An edit of the log.
enum Edit {
    /// The line about this, at this time, says something else at another time.
    Change((u32, &'static str), (u32, &'static str)),
    Remove(u32, &'static str),
    /// The new line stands before the one that is there.
    Before((u32, &'static str), (u32, &'static str)),
}
use Edit::{Before, Change, Remove};

#[track_caller]
fn edited(edits: &[Edit]) -> String {
    let mut log = server();
    for edit in edits {
        let (old, new) = match edit {
            Change((from, before), (to, after)) => (line(*from, before), line(*to, after)),
            Remove(at, text) => (line(*at, text), String::new()),
            Before((at, text), (new, inserted)) => (line(*at, text), line(*new, inserted) + &line(*at, text)),
        };
        assert_eq!(log.matches(&old).count(), 1, "{old}");
        log = log.replace(&old, &new);
    }
    log
}

/// The lines of the section about services in the report for a terminal, and what its table of parts says of them.
fn said(report: &Report) -> (String, Vec<String>) {
    let text = render(report, Format::Text, false).expect("text");
    let part = text.lines().find_map(|line| line.strip_prefix("  services ")).unwrap_or("-").trim();
    let section = text.lines().skip_while(|line| *line != "Services").skip(1);
    (
        part.to_owned(),
        section.take_while(|line| !line.is_empty()).map(|line| line.trim().to_owned()).collect(),
    )
}

#[track_caller]
fn check(edits: &[Edit], part: &str, expect: &[&str]) {
    let report = report(&server(), &edited(edits));
    let got = said(&report);
    assert_eq!(
        (got.0.as_str(), got.1.iter().map(String::as_str).collect::<Vec<_>>()),
        (part, expect.to_vec())
    );
}

const LOGD: (u32, &str) = (86_924, "logd.service: started");
const UDEVD: (u32, &str) = (109_951, "systemd-udevd.service: started");
const GETTY: (u32, &str) = (110_486, "serial-getty@ttyS0.service: started");

#[test]
fn nothing_changed() {
    assert_eq!(
        render(&report(&server(), &server()), Format::Text, false).unwrap(),
        "base → head\nNothing changed.\n"
    );
    // All comes later by the same time, as after a change of the kernel, and a start takes a little longer.
    let later = server().replace("[    0.", "[    1.");
    assert_eq!(said(&report(&server(), &later)), ("same".to_owned(), vec![]));
    check(&[Change(LOGD, (87_023, LOGD.1))], "same", &[]);
}

#[test]
fn a_service_that_fails() {
    check(
        &[Change(LOGD, (86_924, "logd.service: failed: exit-code"))],
        "1 failed",
        &["! logd.service: started → failed (exit-code)"],
    );
    let failing = report(&server(), &edited(&[Change(LOGD, (86_924, "logd.service: failed: exit-code"))]));
    let text = render(&failing, Format::Text, false).expect("text");
    assert!(text.contains("\nlogd.service fails. Changed: boot log, services.\n"), "{text}");
    // Later than its start, and after the end of the session.
    check(
        &[Before((110_496, "getty.target: reached"), (110_490, "logd.service: failed: start-limit-hit"))],
        "1 failed",
        &["! logd.service: started → failed (start-limit-hit)"],
    );
    check(
        &[Change((156_714, "logd.service: ended"), (156_714, "logd.service: failed: timeout"))],
        "1 failed",
        &["! logd.service: started → failed (timeout)"],
    );
    // What fails in both is no change, and what is mended is none that fails.
    let failed = edited(&[Change(LOGD, (86_924, "logd.service: failed: exit-code"))]);
    assert_eq!(said(&report(&failed, &failed)).1, [""; 0]);
    assert_eq!(
        said(&report(&failed, &server())),
        ("1 in another state".to_owned(), vec!["~ logd.service: failed (exit-code) → started".to_owned()])
    );
}

#[test]
fn a_service_that_hangs_and_one_that_restarts() {
    check(&[Remove(LOGD.0, LOGD.1)], "1 in another state", &["~ logd.service: started → starting"]);
    check(
        &[Before((110_496, "getty.target: reached"), (110_490, "logd.service: started"))],
        "1 in another state",
        &["~ logd.service: started once → 2 times"],
    );
    check(
        &[Before((110_496, "getty.target: reached"), (110_490, "logd.service: ended"))],
        "1 in another state",
        &["~ logd.service: started → ended"],
    );
}

#[test]
fn one_is_new_one_is_gone() {
    check(
        &[
            Before(UDEVD, (90_000, "web.service: starting")),
            Before(UDEVD, (91_234, "web.service: started")),
            Before(UDEVD, (91_300, "old.service: not started: ConditionPathExists=/x does not hold")),
        ],
        "2 new",
        &[
            "+ web.service: started in 1.234 M",
            "+ old.service: not started (ConditionPathExists=/x does not hold)",
        ],
    );
    check(
        &[Remove(82_904, "logd.service: starting"), Remove(LOGD.0, LOGD.1)],
        "1 gone",
        &["- logd.service: started in 4.020 M"],
    );
    check(
        &[Change(
            (109_983, "getty@tty1.service: not started: ConditionPathExists=/dev/tty0 does not hold"),
            (109_983, "getty@tty1.service: started"),
        )],
        "1 in another state",
        &["~ getty@tty1.service: not started (ConditionPathExists=/dev/tty0 does not hold) → started"],
    );
}

#[test]
fn another_order() {
    check(
        &[Remove(LOGD.0, LOGD.1), Before((109_961, "sysinit.target: reached"), (109_960, LOGD.1))],
        "1 in another order",
        &[
            "~ logd.service: after timers.target → after systemd-udevd.service; start takes 4.020 M → 27.056 M, +23.036 M (+573 %)",
        ],
    );
    check(
        &[Remove(GETTY.0, GETTY.1), Before((82_750, "local-fs.target: reached"), (82_000, GETTY.1))],
        "1 in another order",
        &["~ serial-getty@ttyS0.service: after basic.target → first"],
    );
}

#[test]
fn a_start_that_takes_longer_or_shorter() {
    check(
        &[Change(LOGD, (87_024, LOGD.1))],
        "1 slower",
        &["~ logd.service: start takes 4.020 M → 4.120 M, +0.100 M (+2.49 %)"],
    );
    check(
        &[Change(UDEVD, (99_951, UDEVD.1))],
        "1 faster",
        &["~ systemd-udevd.service: start takes 26.000 M → 16.000 M, −10.000 M (−38 %)"],
    );
    // A manager that does not write when a start begins is no reason for a change.
    check(&[Remove(82_904, "logd.service: starting")], "same", &[]);
}

/// Several changes at once, in all formats.
#[test]
fn formats() {
    let head = edited(&[
        Change(LOGD, (88_424, LOGD.1)),
        Change(GETTY, (110_486, "serial-getty@ttyS0.service: failed: exit-code")),
        Before(UDEVD, (90_000, "web@a&b.service: starting")),
        Before(UDEVD, (91_234, "web@a&b.service: started")),
        Remove(83_286, "sockets.target: reached"),
    ]);
    let report = report(&server(), &head);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        for (name, format) in [("services.txt", Format::Text), ("services.md", Format::Markdown), ("services.json", Format::Json)] {
            insta::assert_snapshot!(name, render(&report, format, false).expect("a report"));
        }
        let page = render(&report, Format::Html, false).expect("a report");
        let (_, main) = page.split_once("<main>\n").expect("the elements");
        insta::assert_snapshot!("services.html", main.split_once("</main>").expect("their end").0);
    });
}

/// An image without a manager of services has nothing about services in its report.
#[test]
fn no_manager() {
    let log: String = server()
        .lines()
        .filter(|line| !line.contains(".service") && !line.contains(".target"))
        .map(|line| format!("{line}\n"))
        .collect();
    let other = log.replace("qos-init: status 0", "qos-init: status 1");
    let report = report(&log, &other);
    for format in [Format::Text, Format::Markdown, Format::Html] {
        let text = render(&report, format, false).expect("a report");
        assert!(report.changed && !text.contains("ervices"), "{text}");
    }
}
