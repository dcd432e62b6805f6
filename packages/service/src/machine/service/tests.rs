// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;
use crate::event::Whom;
use qos_unit::specifier::Facts;
use qos_unit::{Unit, syntax};

/// A service under test: events go in by name, states and actions come out as text.
struct Bench {
    unit: Unit,
    machine: Machine,
    now: u64,
    log: Vec<String>,
}

impl Bench {
    fn new(content: &str) -> Self {
        let name = Name::new("a.service").unwrap();
        let (assignments, _) = syntax::parse("a.service", format!("[Service]\n{content}").as_bytes());
        let (unit, warnings) = Unit::new(&name, &assignments, &Facts::new());
        assert!(warnings.is_empty(), "{warnings:?}");
        unit.check().unwrap();
        Bench { unit, machine: Machine::default(), now: 0, log: Vec::new() }
    }

    fn event(&mut self, event: &str) {
        let mut actions = Vec::new();
        let name = self.unit.name.clone();
        let service = self.unit.service().unwrap();
        let now = Now { mono: Duration::from_millis(self.now), real: 0 };
        let context = &mut Context { name: &name, service, now, actions: &mut actions };
        let machine = &mut self.machine;
        let words: Vec<_> = event.split(' ').collect();
        let number = |at: usize| words[at].parse::<i32>().unwrap();
        match words[0] {
            "start" => machine.start(context, false),
            "restart" => machine.start(context, true),
            "stop" => machine.stop(context),
            "stop-again" => machine.stop_to_restart(context),
            "reload" => drop(machine.reload(context)),
            "pid" => machine.spawned(context, number(1)),
            "nofork" => machine.spawn_failed(context, "no memory"),
            "executed" => machine.executed(context, number(1)),
            "exit" => machine.ended(context, number(1), Ended::Exited(number(2) as u8)),
            "signal" => machine.ended(context, number(1), Ended::Killed(number(2) as u8)),
            "notify" => {
                machine.notify(context, number(1), &Message::parse(words[2].replace(',', "\n").as_bytes()))
            }
            "empty" => machine.group_empty(context),
            "found" => machine.main_found(context, Some(number(1)).filter(|pid| *pid > 0)),
            "after" => {
                self.now += number(1) as u64;
                let now = Now { mono: Duration::from_millis(self.now), real: 0 };
                context.now = now;
                machine.time(context);
            }
            _ => panic!("{event}"),
        }
        self.log = actions.iter().filter_map(show).collect();
    }
}

fn show(action: &Action) -> Option<String> {
    Some(match action {
        Action::Spawn { command, .. } => format!("spawn {}", command.program),
        Action::Kill { signal: 18, .. } => return None,
        Action::Kill { pids, whom, signal, .. } => {
            format!("kill {pids:?}{} {signal}", if *whom == Whom::Group { "+group" } else { "" })
        }
        Action::CheckGroup(_) => "check".into(),
        Action::FindMain(_) => "find".into(),
        Action::CleanUp { restart, .. } => if *restart { "clean-restart" } else { "clean" }.into(),
        Action::Log(..) => return None,
        other => format!("{other:?}"),
    })
}

/// Each step: event, state, actions.
fn check(content: &str, steps: &[(&str, &str, &str)]) -> Machine {
    let mut bench = Bench::new(content);
    for (event, state, actions) in steps {
        bench.event(event);
        let found = (bench.machine.state.name(), bench.log.join("; "));
        assert_eq!(found, (*state, (*actions).to_owned()), "{content}: after {event:?} of {steps:?}");
    }
    bench.machine
}

#[test]
fn simple() {
    let start = [("start", "start", "spawn /m"), ("pid 7", "running", "")];
    let machine = check(
        "ExecStart=/m",
        &[
            start[0],
            start[1],
            ("stop", "stop-sigterm", "kill [7]+group 15; check"),
            ("signal 7 15", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    assert_eq!(machine.outcome, Outcome::Success);
    // It ends by itself, well and badly.
    check(
        "ExecStart=/m",
        &[
            start[0],
            start[1],
            ("exit 7 0", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    let machine = check(
        "ExecStart=/m",
        &[
            start[0],
            start[1],
            ("exit 7 3", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "failed", "clean"),
        ],
    );
    assert_eq!((machine.outcome, machine.ended), (Outcome::ExitCode, Some(Ended::Exited(3))));
    check(
        "ExecStart=-/m",
        &[
            start[0],
            start[1],
            ("exit 7 3", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    check(
        "ExecStart=/m\nSuccessExitStatus=3",
        &[
            start[0],
            start[1],
            ("exit 7 3", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    check(
        "ExecStart=/m",
        &[
            ("start", "start", "spawn /m"),
            ("nofork", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "failed", "clean"),
        ],
    );
}

#[test]
fn commands_around() {
    check(
        "ExecStartPre=/a\nExecStartPre=-/b\nExecStart=/m\nExecStartPost=/c\nExecStop=/d\nExecStopPost=/e",
        &[
            ("start", "start-pre", "spawn /a"),
            ("pid 1", "start-pre", ""),
            ("exit 1 0", "start-pre", "spawn /b"),
            ("pid 2", "start-pre", ""),
            ("exit 2 1", "start", "spawn /m"),
            ("pid 3", "start-post", "spawn /c"),
            ("pid 4", "start-post", ""),
            ("exit 4 0", "running", ""),
            ("stop", "stop", "spawn /d"),
            ("pid 5", "stop", ""),
            ("exit 5 0", "stop-sigterm", "kill [3]+group 15; check"),
            ("exit 3 0", "stop-post", "spawn /e"),
            ("pid 6", "stop-post", ""),
            ("exit 6 0", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    // What is before the start fails.
    check(
        "ExecStartPre=/a\nExecStart=/m",
        &[
            ("start", "start-pre", "spawn /a"),
            ("pid 1", "start-pre", ""),
            ("exit 1 1", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "failed", "clean"),
        ],
    );
    let machine = check(
        "ExecCondition=/a\nExecStart=/m",
        &[("start", "condition", "spawn /a"), ("pid 1", "condition", ""), ("exit 1 1", "dead", "clean")],
    );
    assert_eq!(machine.outcome, Outcome::ExecCondition);
}

#[test]
fn oneshot() {
    check(
        "Type=oneshot\nExecStart=/a\nExecStart=/b\nRemainAfterExit=yes",
        &[
            ("start", "start", "spawn /a"),
            ("pid 1", "start", ""),
            ("exit 1 0", "start", "spawn /b"),
            ("pid 2", "start", ""),
            ("exit 2 0", "exited", ""),
            ("stop", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    check(
        "Type=oneshot\nExecStart=/a",
        &[
            ("start", "start", "spawn /a"),
            ("pid 1", "start", ""),
            ("signal 1 15", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "failed", "clean"),
        ],
    );
}

#[test]
fn exec_and_notify() {
    check(
        "Type=exec\nExecStart=/m",
        &[("start", "start", "spawn /m"), ("pid 1", "start", ""), ("executed 1", "running", "")],
    );
    check(
        "Type=exec\nExecStart=/m",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "start", ""),
            ("exit 1 203", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "failed", "clean"),
        ],
    );
    let machine = check(
        "Type=notify\nExecStart=/m\nNotifyAccess=all",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "start", ""),
            ("notify 9 STATUS=soon", "start", ""),
            ("notify 9 READY=1,MAINPID=9", "running", ""),
            ("notify 9 RELOADING=1", "reload", ""),
            ("notify 9 READY=1", "running", ""),
            ("exit 1 0", "running", ""),
            ("notify 9 STOPPING=1", "stop-sigterm", ""),
        ],
    );
    assert_eq!((machine.main, machine.status.as_deref()), (Some(9), Some("soon")));
    // Not ready, and gone; ready, but of another process.
    let machine = check(
        "Type=notify\nExecStart=/m",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "start", ""),
            ("notify 2 READY=1", "start", ""),
            ("exit 1 0", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
        ],
    );
    assert_eq!(machine.outcome, Outcome::Protocol);
}

#[test]
fn forking() {
    let start = [("start", "start", "spawn /m"), ("pid 1", "start", ""), ("exit 1 0", "start", "find")];
    check(
        "Type=forking\nExecStart=/m\nPIDFile=/run/m",
        &[
            start[0],
            start[1],
            start[2],
            ("found 5", "running", ""),
            ("exit 5 0", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    let machine = check(
        "Type=forking\nExecStart=/m\nPIDFile=/run/m",
        &[start[0], start[1], start[2], ("found 0", "stop-sigterm", "kill []+group 15; check")],
    );
    assert_eq!(machine.outcome, Outcome::Protocol);
    // Without a main process it runs as long as its group has one.
    check(
        "Type=forking\nExecStart=/m",
        &[
            start[0],
            start[1],
            start[2],
            ("found 0", "running", ""),
            ("empty", "stop-sigterm", "kill []+group 15; check"),
            ("empty", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
}

#[test]
fn reload() {
    let start = [("start", "start", "spawn /m"), ("pid 1", "running", "")];
    check(
        "ExecStart=/m\nExecReload=/r",
        &[
            start[0],
            start[1],
            ("reload", "reload", "spawn /r"),
            ("pid 2", "reload", ""),
            ("exit 2 0", "running", ""),
        ],
    );
    let machine = check(
        "ExecStart=/m\nExecReload=/r",
        &[
            start[0],
            start[1],
            ("reload", "reload", "spawn /r"),
            ("pid 2", "reload", ""),
            ("exit 2 1", "running", ""),
        ],
    );
    assert!(machine.reload_failed);
    check("ExecStart=/m", &[start[0], start[1], ("reload", "running", "")]);
    check(
        "Type=notify-reload\nExecStart=/m",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "start", ""),
            ("notify 1 READY=1", "running", ""),
            ("reload", "reload", "kill [1] 1"),
            ("notify 1 READY=1", "running", ""),
        ],
    );
    check(
        "Type=notify-reload\nExecStart=/m\nReloadSignal=SIGUSR1",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "start", ""),
            ("notify 1 READY=1", "running", ""),
            ("reload", "reload", "kill [1] 10"),
        ],
    );
}

#[test]
fn timeouts() {
    let machine = check(
        "Type=notify\nExecStart=/m\nTimeoutStartSec=1\nTimeoutStopSec=2",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "start", ""),
            ("after 999", "start", ""),
            ("after 1", "stop-sigterm", "kill [1]+group 15; check"),
            ("after 2000", "stop-sigkill", "kill [1]+group 9; check"),
            ("signal 1 9", "final-sigterm", "kill []+group 15; check"),
            ("after 2000", "final-sigkill", "kill []+group 9; check"),
            ("after 2000", "failed", "clean"),
        ],
    );
    assert_eq!(machine.outcome, Outcome::Timeout);
    // Signs of life.
    check(
        "ExecStart=/m\nWatchdogSec=1",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "running", ""),
            ("after 900", "running", ""),
            ("notify 1 WATCHDOG=1", "running", ""),
            ("after 900", "running", ""),
            ("after 200", "stop-watchdog", "kill [1] 6"),
            ("signal 1 6", "final-sigterm", "kill []+group 15; check"),
        ],
    );
    check(
        "ExecStart=/m\nWatchdogSec=1\nWatchdogSignal=SIGUSR1\nTimeoutSec=7\nTimeoutAbortSec=3",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "running", ""),
            ("after 1000", "stop-watchdog", "kill [1] 10"),
            ("after 2999", "stop-watchdog", ""),
            ("after 1", "stop-sigkill", "kill [1]+group 9; check"),
        ],
    );
    check(
        "ExecStart=/m\nRuntimeMaxSec=1",
        &[
            ("start", "start", "spawn /m"),
            ("pid 1", "running", ""),
            ("after 1000", "stop-sigterm", "kill [1]+group 15; check"),
            ("exit 1 0", "final-sigterm", "kill []+group 15; check"),
            ("empty", "failed", "clean"),
        ],
    );
}

#[test]
fn idle_and_dbus() {
    // As simple: it counts as started at once. As exec: when its program is executed.
    for (kind, before) in [("simple", "running"), ("idle", "running"), ("exec", "start"), ("dbus", "start")] {
        check(
            &format!("Type={kind}\nExecStart=/m"),
            &[("start", "start", "spawn /m"), ("pid 1", before, ""), ("executed 1", "running", "")],
        );
    }
}

#[test]
fn kill_modes() {
    let start = [("start", "start", "spawn /m"), ("pid 1", "running", "")];
    check(
        "ExecStart=/m\nKillMode=mixed",
        &[
            start[0],
            start[1],
            ("stop", "stop-sigterm", "kill [1] 15"),
            ("exit 1 0", "final-sigkill", "kill []+group 9; check"),
            ("empty", "dead", "clean"),
        ],
    );
    check(
        "ExecStart=/m\nKillMode=process\nKillSignal=SIGINT",
        &[start[0], start[1], ("stop", "stop-sigterm", "kill [1] 2"), ("exit 1 0", "dead", "clean")],
    );
    check(
        "ExecStart=/m\nRestartKillSignal=SIGUSR2\nKillMode=process",
        &[
            start[0],
            start[1],
            ("stop-again", "stop-sigterm", "kill [1] 12"),
            ("exit 1 0", "dead", "clean"),
            start[0],
        ],
    );
    check(
        "ExecStart=/m\nRestartKillSignal=SIGUSR2\nKillMode=process",
        &[start[0], start[1], ("stop", "stop-sigterm", "kill [1] 15"), ("exit 1 0", "dead", "clean")],
    );
    check("ExecStart=/m\nKillMode=none", &[start[0], start[1], ("stop", "dead", "clean")]);
    check(
        "ExecStart=/m\nSendSIGHUP=yes",
        &[start[0], start[1], ("stop", "stop-sigterm", "kill [1]+group 15; kill [1]+group 1; check")],
    );
    // After the time to end: another signal than SIGKILL, or none.
    check(
        "ExecStart=/m\nTimeoutStopSec=1\nFinalKillSignal=SIGQUIT",
        &[
            start[0],
            start[1],
            ("stop", "stop-sigterm", "kill [1]+group 15; check"),
            ("after 1000", "stop-sigkill", "kill [1]+group 3; check"),
        ],
    );
    check(
        "ExecStart=/m\nTimeoutStopSec=1\nSendSIGKILL=no",
        &[
            start[0],
            start[1],
            ("stop", "stop-sigterm", "kill [1]+group 15; check"),
            ("after 1000", "final-sigterm", "kill []+group 15; check"),
            ("after 1000", "failed", "clean"),
        ],
    );
}

#[test]
fn restarts() {
    let crash = [
        ("start", "start", "spawn /m"),
        ("pid 1", "running", ""),
        ("exit 1 1", "stop-sigterm", "kill []+group 15; check"),
        ("empty", "final-sigterm", "kill []+group 15; check"),
    ];
    let machine = check(
        "ExecStart=/m\nRestart=on-failure\nRestartSec=1",
        &[
            crash[0],
            crash[1],
            crash[2],
            crash[3],
            ("empty", "auto-restart", "clean-restart"),
            ("after 999", "auto-restart", ""),
            ("after 1", "auto-restart", ""),
            ("restart", "start", "spawn /m"),
        ],
    );
    assert_eq!(machine.restarts, 1);
    // A stop on request ends it, before and in the wait.
    check(
        "ExecStart=/m\nRestart=always",
        &[
            crash[0],
            crash[1],
            ("stop", "stop-sigterm", "kill [1]+group 15; check"),
            ("exit 1 0", "final-sigterm", "kill []+group 15; check"),
            ("empty", "dead", "clean"),
        ],
    );
    check(
        "ExecStart=/m\nRestart=always",
        &[
            crash[0],
            crash[1],
            crash[2],
            crash[3],
            ("empty", "auto-restart", "clean-restart"),
            ("stop", "failed", "clean"),
        ],
    );
}

/// The table of systemd.service(5).
#[test]
fn restart_table() {
    let ends = [
        (Outcome::Success, Ended::Exited(0)),
        (Outcome::ExitCode, Ended::Exited(1)),
        (Outcome::Signal, Ended::Killed(9)),
        (Outcome::Timeout, Ended::Killed(15)),
        (Outcome::Watchdog, Ended::Killed(6)),
    ];
    for (restart, expect) in [
        ("no", "     "),
        ("always", "xxxxx"),
        ("on-success", "x    "),
        ("on-failure", " xxxx"),
        ("on-abnormal", "  xxx"),
        ("on-abort", "  x  "),
        ("on-watchdog", "    x"),
    ] {
        let bench = Bench::new(&format!(
            "ExecStart=/m\nRestart={restart}\nRestartPreventExitStatus=77\nRestartForceExitStatus=78"
        ));
        let service = bench.unit.service().unwrap();
        let row: String =
            ends.iter().map(|(o, e)| if should_restart(service, *o, Some(*e)) { 'x' } else { ' ' }).collect();
        assert_eq!(row, expect, "{restart}");
        assert!(!should_restart(service, Outcome::ExitCode, Some(Ended::Exited(77))));
        assert!(should_restart(service, Outcome::ExitCode, Some(Ended::Exited(78))));
    }
}

#[test]
fn back_off() {
    let bench = Bench::new("ExecStart=/m\nRestartSec=1\nRestartSteps=4\nRestartMaxDelaySec=16");
    let delays: Vec<u64> =
        (0..6).map(|n| delay(bench.unit.service().unwrap(), n).as_millis() as u64).collect();
    assert_eq!(delays, [1000, 2000, 4000, 8000, 16_000, 16_000]);
    let bench = Bench::new("ExecStart=/m\nRestartSec=1");
    assert_eq!(delay(bench.unit.service().unwrap(), 100), Duration::from_secs(1));
}
