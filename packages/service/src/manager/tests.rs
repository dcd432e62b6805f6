// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cases as data: unit files, requests and events; what is started and stopped, in order.

use super::*;
use crate::builtin;
use crate::event::Ended;
use crate::world::Source;
use qos_unit::specifier::Facts;
use qos_unit::{Condition, Unit, syntax};

mod cycles;
mod keys;
mod saved;

/// Unit files in memory: `NAME: LINE; LINE`, the section of a key being guessed if none is in front, as in `[Mount]What=x`.
struct Files(BTreeMap<String, String>);

impl World for Files {
    fn load(&mut self, name: &Name) -> Source {
        let text = self.0.get(name.as_str()).cloned().or_else(|| builtin::file(name.as_str()));
        let (assignments, _) = syntax::parse(name.as_str(), text.clone().unwrap_or_default().as_bytes());
        let (unit, warnings) = Unit::new(name, &assignments, &Facts::new());
        let load = match (text, unit.check()) {
            (None, _) => Load::NotFound,
            (_, Err(reason)) => Load::Bad(reason),
            _ => Load::Loaded,
        };
        Source { unit, load, files: Vec::new(), warnings, wants: Vec::new(), requires: Vec::new() }
    }

    fn holds(&mut self, condition: &Condition) -> bool {
        condition.argument == "/yes"
    }

    fn offset(&self, _: i64) -> i64 {
        0
    }

    fn is_mounted(&self, target: &str) -> bool {
        target == "/mounted"
    }

    fn stamp(&self, _: &Name) -> Option<i64> {
        None
    }
}

struct Bench {
    manager: Manager<Files>,
    now: u64,
    pid: i32,
    /// What was started and stopped, by name.
    done: Vec<String>,
    log: Vec<String>,
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

impl Bench {
    fn new(units: &[(&str, &str)]) -> Self {
        let files = units.iter().map(|(name, lines)| {
            let mut text = String::new();
            for line in lines.split("; ").filter(|line| !line.is_empty()) {
                if line.starts_with('[') {
                    text.push_str(&format!("{}\n", line.replacen(']', "]\n", 1)));
                    continue;
                }
                let key = line.split('=').next().unwrap();
                let section = match key {
                    "ExecStart" | "ExecStartPre" | "Type" | "Restart" | "RestartSec" | "RemainAfterExit"
                    | "ExecStop" | "TimeoutStartSec" => "Service",
                    "ListenStream" | "Accept" => "Socket",
                    "OnBootSec" | "OnUnitActiveSec" | "OnCalendar" | "OnActiveSec" => "Timer",
                    "PathExists" => "Path",
                    _ => "Unit",
                };
                text.push_str(&format!("[{section}]\n{line}\n"));
            }
            ((*name).to_owned(), text)
        });
        let manager = Manager::new(Files(files.collect()), Now::default());
        Bench { manager, now: 0, pid: 100, done: Vec::new(), log: Vec::new() }
    }

    fn now(&self) -> Now {
        Now { mono: Duration::from_millis(self.now), real: self.now as i64 / 1000 }
    }

    /// Does what the manager wants: processes start, and end by the signals that they get.
    fn settle(&mut self) {
        loop {
            let actions = self.manager.take_actions();
            if actions.is_empty() {
                return;
            }
            for action in actions {
                let event = match action {
                    Action::Spawn { unit, .. } => {
                        self.pid += 1;
                        self.done.push(format!("+{}", unit.stem()));
                        Event::Spawned(unit, self.pid)
                    }
                    Action::Kill { pids, signal: 15 | 9, unit, .. } => {
                        let Some(pid) = pids.first() else { continue };
                        self.done.push(format!("-{}", unit.stem()));
                        Event::Ended(*pid, Ended::Killed(15), None)
                    }
                    Action::CheckGroup(unit) => {
                        if self.manager.pids.values().any(|other| *other == unit) {
                            continue;
                        }
                        Event::GroupEmpty(unit)
                    }
                    Action::Listen(unit) => Event::Listening(unit, Ok(())),
                    Action::Log(_, text) => {
                        self.log.push(text);
                        continue;
                    }
                    Action::Exit(exit) => {
                        self.done.push(format!("{exit:?}"));
                        continue;
                    }
                    _ => continue,
                };
                let now = self.now();
                self.manager.handle(now, event);
            }
        }
    }

    fn request(&mut self, kind: JobKind, unit: &str, mode: Mode) -> Result<(), String> {
        let now = self.now();
        let result = self.manager.request(now, &name(unit), kind, mode);
        self.settle();
        result.map(drop)
    }

    fn start(&mut self, unit: &str) {
        self.request(JobKind::Start, unit, Mode::Replace).unwrap();
    }

    fn stop(&mut self, unit: &str) {
        self.request(JobKind::Stop, unit, Mode::Replace).unwrap();
    }

    fn event(&mut self, event: Event) {
        let now = self.now();
        self.manager.handle(now, event);
        self.settle();
    }

    fn main(&self, unit: &str) -> i32 {
        *self.manager.pids.iter().find(|(_, other)| other.as_str() == unit).unwrap().0
    }

    fn end(&mut self, unit: &str, status: u8) {
        self.event(Event::Ended(self.main(unit), Ended::Exited(status), None));
    }

    fn after(&mut self, milliseconds: u64) {
        self.now += milliseconds;
        self.event(Event::Time);
    }

    fn done(&mut self) -> String {
        std::mem::take(&mut self.done).join(" ")
    }

    fn states(&self, units: &[&str]) -> String {
        units.iter().map(|unit| self.manager.active(&name(unit)).name()).collect::<Vec<_>>().join(" ")
    }
}

const OWN: &str = "DefaultDependencies=no; ";

fn bench(units: &[(&str, &str)]) -> Bench {
    let units: Vec<_> = units.iter().map(|(name, lines)| (*name, format!("{OWN}{lines}"))).collect();
    Bench::new(&units.iter().map(|(name, lines)| (*name, lines.as_str())).collect::<Vec<_>>())
}

#[test]
fn order_of_start_and_stop() {
    let mut b = bench(&[
        (
            "t.target",
            "Wants=a.service c.service first.service; Requires=b.service; After=a.service b.service c.service",
        ),
        ("first.service", "ExecStart=/first; Before=c.service"),
        ("a.service", "ExecStart=/a; After=b.service"),
        ("b.service", "ExecStart=/b; After=c.service"),
        ("c.service", "ExecStart=/c"),
    ]);
    b.start("t.target");
    assert_eq!(b.done(), "+first +c +b +a");
    assert_eq!(b.states(&["t.target", "a.service"]), "active active");
    b.request(JobKind::Start, "shutdown.target", Mode::Replace).unwrap_err();
    b.manager.begin_exit(b.now(), Exit::PowerOff);
    b.settle();
    // Without default dependencies nothing conflicts with the shutdown.
    assert_eq!(b.done(), "PowerOff");
    b.stop("c.service");
    assert_eq!(b.done(), "-c");
    // What requires a unit stops with it.
    b.stop("b.service");
    assert_eq!((b.done().as_str(), b.states(&["t.target"]).as_str()), ("-b", "inactive"));
}

#[test]
fn a_restart_takes_dependents_with_it() {
    for (lines, other, expect) in [
        ("Requires=a.service", "", "-a -b +a +b"),
        ("Requires=a.service; After=a.service", "", "-b -a +a +b"),
        ("BindsTo=a.service; After=a.service", "", "-b -a +a +b"),
        ("PartOf=a.service; After=a.service", "", "-b -a +a +b"),
        ("Requires=a.service; Before=a.service", "", "-a -b +b +a"),
        ("Requires=a.service; After=a.service", "Requires=b.service; After=b.service", "-c -b -a +a +b +c"),
    ] {
        let mut b = bench(&[
            ("a.service", "ExecStart=/a"),
            ("b.service", &format!("ExecStart=/b; {lines}")),
            ("c.service", &format!("ExecStart=/c; {other}")),
        ]);
        b.start("a.service");
        b.start("b.service");
        if !other.is_empty() {
            b.start("c.service");
        }
        b.done();
        b.request(JobKind::Restart, "a.service", Mode::Replace).unwrap();
        assert_eq!(b.done(), expect, "{lines}");
        assert_eq!(b.manager.jobs().count(), 0, "{lines}");
    }
}

#[test]
fn targets_are_reached_after_what_they_need() {
    let mut b = Bench::new(&[
        ("t.target", "Wants=a.target; Requires=c.service"),
        ("a.target", "Wants=b.service"),
        ("b.service", "ExecStart=/b; Type=oneshot"),
        ("c.service", "ExecStart=/c; After=t.target"),
    ]);
    b.request(JobKind::Start, "t.target", Mode::Replace).unwrap();
    b.settle();
    assert_eq!(b.states(&["t.target", "a.target", "c.service"]), "inactive inactive inactive");
    for (target, other, expect) in
        [("t.target", "a.target", true), ("a.target", "b.service", true), ("t.target", "c.service", false)]
    {
        assert_eq!(b.manager.has_edge(&name(target), Edge::After, &name(other)), expect, "{target} {other}");
    }
    // All units are read anew: the order stays.
    b.manager.reload_units();
    assert!(b.manager.has_edge(&name("t.target"), Edge::After, &name("a.target")));
}

#[test]
fn the_end_stops_all_in_order() {
    let mut b = Bench::new(&[
        ("default.target", "Wants=a.service b.service stays.service"),
        ("a.service", "ExecStart=/a"),
        ("b.service", "ExecStart=/b; After=a.service"),
        ("stays.service", "ExecStart=/c; DefaultDependencies=no; After=b.service"),
    ]);
    b.start("default.target");
    assert_eq!(b.done(), "+a +b +stays");
    b.manager.begin_exit(b.now(), Exit::Reboot);
    b.settle();
    assert_eq!(b.done(), "-b -a Reboot");
    assert!(b.request(JobKind::Start, "a.service", Mode::Replace).is_ok());
    // Each end has a target of its name.
    for exit in Exit::ALL {
        b.manager.begin_exit(b.now(), exit);
        b.settle();
        assert!(b.done().ends_with(&format!("{exit:?}")));
        assert!(b.manager.active(&name(&format!("{}.target", exit.name()))).is_up(), "{exit:?}");
    }
}

#[test]
fn after_a_silence_services_have_their_whole_time_to_end() {
    let mut b = Bench::new(&[("default.target", "Wants=a.service"), ("a.service", "ExecStart=/a")]);
    b.start("default.target");
    b.now += 3_600_000;
    b.manager.begin_exit(b.now(), Exit::PowerOff);
    let left = b.manager.next_time().and_then(|at| at.checked_sub(b.now().mono));
    assert_eq!(left, Some(Duration::from_secs(90)));
}

#[test]
fn dependencies() {
    // A requirement that fails takes those with it that wait for it; what only wants it goes on.
    let mut b = bench(&[
        ("t.target", "Wants=a.service w.service"),
        ("a.service", "ExecStart=/a; Requires=r.service; After=r.service"),
        ("w.service", "ExecStart=/w; Wants=r.service; After=r.service"),
        ("r.service", "Type=oneshot; ExecStart=/r"),
    ]);
    b.start("t.target");
    assert_eq!(b.done(), "+r");
    b.end("r.service", 1);
    assert_eq!(
        (b.done().as_str(), b.states(&["a.service", "w.service", "r.service"]).as_str()),
        ("+w", "inactive active failed")
    );
    // A unit that is missing: the request fails only if it is needed.
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; Requires=none.service"),
        ("b.service", "ExecStart=/b; Wants=a.service none.service"),
    ]);
    assert_eq!(
        b.request(JobKind::Start, "a.service", Mode::Replace).unwrap_err(),
        "a.service: none.service not found"
    );
    b.start("b.service");
    assert_eq!(b.done(), "+b");
    // BindsTo: it stops with the other, even when that ends by itself.
    for key in ["BindsTo", "BindTo"] {
        let lines = format!("ExecStart=/a; {key}=b.service; After=b.service");
        let mut b = bench(&[("a.service", &lines), ("b.service", "ExecStart=/b")]);
        b.start("a.service");
        b.end("b.service", 0);
        assert_eq!(b.done(), "+b +a -a", "{key}");
    }
    // Conflicts.
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; Conflicts=b.service; After=b.service"),
        ("b.service", "ExecStart=/b"),
    ]);
    b.start("b.service");
    b.start("a.service");
    assert_eq!(b.done(), "+b -b +a");
    b.start("b.service");
    assert_eq!(b.done(), "-a +b");
}

#[test]
fn contradictions() {
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; Requires=b.service; Conflicts=b.service"),
        ("b.service", "ExecStart=/b"),
        ("w.service", "ExecStart=/w; Wants=a.service"),
    ]);
    assert!(b.request(JobKind::Start, "a.service", Mode::Replace).unwrap_err().contains("would have to be"));
    b.start("w.service");
    assert_eq!(b.done(), "+w");
}

#[test]
fn the_log_has_the_beginning_of_starts_that_take_time() {
    let check = |lines: &str, expect: &[&str]| {
        let mut b = bench(&[("a.service", lines)]);
        b.start("a.service");
        assert_eq!(b.log, expect, "{lines}");
    };
    check("ExecStart=/a", &["a.service: started"]);
    check("ExecStart=/a; Type=notify", &["a.service: starting"]);
    check("ExecStart=/a; Type=oneshot", &["a.service: starting"]);
    check("ExecStart=/a; ExecStartPre=/b", &["a.service: starting"]);
    check(
        "ExecStart=/a; Type=notify; ConditionPathExists=/no",
        &["a.service: not started: ConditionPathExists=/no does not hold"],
    );
    let mut b = bench(&[("a.service", "ExecStart=/a; Type=oneshot; RemainAfterExit=yes")]);
    b.start("a.service");
    b.end("a.service", 0);
    b.request(JobKind::Restart, "a.service", Mode::Replace).unwrap();
    b.end("a.service", 1);
    assert_eq!(
        b.log,
        [
            "a.service: starting",
            "a.service: started",
            "a.service: ended",
            "a.service: starting",
            "a.service: main process exited with status 1",
            "a.service: failed: exit-code",
        ]
    );
}

#[test]
fn restarts_and_limits() {
    let mut b = bench(&[
        (
            "a.service",
            "ExecStart=/a; Restart=always; RestartSec=1; OnFailure=f.service; StartLimitIntervalSec=60; StartLimitBurst=3",
        ),
        ("f.service", "ExecStart=/f"),
    ]);
    b.start("a.service");
    for _ in 0..3 {
        b.end("a.service", 1);
        assert_eq!(b.states(&["a.service"]), "activating");
        b.after(1000);
    }
    assert_eq!((b.done().as_str(), b.states(&["a.service"]).as_str()), ("+a +a +a +f", "failed"));
    assert!(b.log.iter().any(|line| line.ends_with("start limit hit")));
    // Asked for again, as a dependency of others does, it has failed already: its job must not stay.
    b.request(JobKind::Start, "a.service", Mode::Replace).unwrap();
    assert_eq!((b.states(&["a.service"]).as_str(), b.manager.jobs().count()), ("failed", 0));
    b.manager.reset_failed(&name("a.service"));
    b.start("a.service");
    assert_eq!(b.done(), "+a");
    b.request(JobKind::Restart, "a.service", Mode::Replace).unwrap();
    assert_eq!(b.done(), "-a +a");
}

/// As in systemd's own files: the target of the end starts a service whose success is the end.
#[test]
fn an_end_that_a_service_of_its_target_brings_about() {
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; Conflicts=poweroff.target"),
        ("poweroff.target", "Requires=last.service; After=last.service"),
        ("last.service", "Type=oneshot; ExecStart=/last; After=a.service; SuccessAction=poweroff-force"),
    ]);
    b.start("a.service");
    b.manager.begin_exit(b.now(), Exit::PowerOff);
    b.settle();
    b.end("last.service", 0);
    assert_eq!(b.done(), "+a -a +last PowerOff");
}

#[test]
fn actions_of_units() {
    for (unit, status, expect) in [
        ("good.service", 0, "+good Reboot"),
        ("bad.service", 1, "+bad Halt"),
        ("limit.service", 1, "+limit PowerOff"),
        ("force.service", 0, "+force PowerOff"),
    ] {
        let mut b = bench(&[
            ("good.service", "Type=oneshot; ExecStart=/a; SuccessAction=reboot; FailureAction=halt"),
            ("bad.service", "Type=oneshot; ExecStart=/a; SuccessAction=reboot; FailureAction=halt"),
            (
                "limit.service",
                "ExecStart=/a; Restart=always; RestartSec=1; StartLimitBurst=1; StartLimitAction=poweroff",
            ),
            ("force.service", "Type=oneshot; ExecStart=/a; SuccessAction=poweroff-force"),
        ]);
        b.start(unit);
        b.end(unit, status);
        b.after(1000);
        assert_eq!(b.done(), expect, "{unit}");
    }
}

#[test]
fn conditions() {
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; ConditionPathExists=/no"),
        (
            "b.service",
            "ExecStart=/b; ConditionPathExists=!/no; ConditionPathExists=|/no; ConditionPathExists=|/yes",
        ),
        ("c.service", "ExecStart=/c; Requires=a.service; After=a.service"),
        ("d.service", "ExecStart=/d; AssertPathExists=/no"),
        ("e.service", "ExecStart=/e; Requires=d.service; After=d.service"),
    ]);
    for unit in ["a.service", "b.service", "c.service", "d.service", "e.service"] {
        b.start(unit);
    }
    assert_eq!(b.done(), "+b +c");
}

#[test]
fn activation() {
    let mut b = bench(&[
        ("a.socket", "ListenStream=1"),
        ("a.service", "ExecStart=/a"),
        ("t.timer", "OnActiveSec=5; OnUnitActiveSec=10"),
        ("t.service", "Type=oneshot; ExecStart=/t"),
        ("p.path", "PathExists=/p"),
        ("p.service", "ExecStart=/p"),
    ]);
    b.start("a.socket");
    assert_eq!((b.done().as_str(), b.states(&["a.socket"]).as_str()), ("", "active"));
    b.event(Event::Incoming(name("a.socket")));
    assert_eq!(b.done(), "+a");
    b.end("a.service", 0);
    b.event(Event::Incoming(name("a.socket")));
    assert_eq!(b.done(), "+a");
    b.start("t.timer");
    b.after(4999);
    assert_eq!(b.done(), "");
    b.after(1);
    assert_eq!(b.done(), "+t");
    b.end("t.service", 0);
    b.after(9_999);
    assert_eq!(b.done(), "");
    b.after(1);
    assert_eq!(b.done(), "+t");
    b.end("t.service", 0);
    b.start("p.path");
    b.event(Event::PathChanged(name("p.path"), false));
    assert_eq!(b.done(), "");
    b.event(Event::PathChanged(name("p.path"), true));
    assert_eq!(b.done(), "+p");
}

#[test]
fn many_units() {
    let units: Vec<(String, String)> = (0..2000)
        .map(|n| {
            (
                format!("u{n}.service"),
                format!("{OWN}ExecStart=/x; After=u{}.service; Requires=u{}.service", n + 1, n + 1),
            )
        })
        .collect();
    let mut all: Vec<(&str, &str)> =
        units.iter().map(|(name, lines)| (name.as_str(), lines.as_str())).collect();
    all.push(("u2000.service", "DefaultDependencies=no; ExecStart=/x"));
    let mut b = Bench::new(&all);
    assert!(
        b.request(JobKind::Start, "u0.service", Mode::Replace).unwrap_err().contains("longer than 250 units")
    );
    b.start("u1800.service");
    assert_eq!(b.done.len(), 201);
    // Wanted by one target: all run, and the end stops them.
    let units: Vec<(String, String)> = (0..1000)
        .map(|n| (format!("u{n}.service"), format!("ExecStart=/x; After=u{}.service", n / 2)))
        .collect();
    let mut all: Vec<(&str, &str)> =
        units.iter().map(|(name, lines)| (name.as_str(), lines.as_str())).collect();
    let wants =
        format!("Wants={}", units.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" "));
    all.push(("t.target", &wants));
    let mut b = Bench::new(&all);
    b.start("t.target");
    assert_eq!(b.done.len(), 1000);
    b.manager.begin_exit(b.now(), Exit::PowerOff);
    b.settle();
    assert_eq!((b.done.len(), b.done.last().map(String::as_str)), (2001, Some("PowerOff")));
}
