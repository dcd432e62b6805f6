// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys that have one effect each.

use super::*;
use crate::manager::simple::{mount_command, unmount_command};
use qos_unit::Specific;

#[test]
fn what_nobody_needs_stops() {
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; Requires=n.service; After=n.service"),
        ("b.service", "ExecStart=/b; Wants=n.service"),
        ("n.service", "ExecStart=/n; StopWhenUnneeded=yes; Wants=deep.service; After=deep.service"),
        ("deep.service", "ExecStart=/deep; StopWhenUnneeded=yes"),
    ]);
    b.start("a.service");
    b.start("b.service");
    assert_eq!(b.done(), "+deep +n +a +b");
    b.stop("a.service");
    assert_eq!(b.done(), "-a");
    // A restart is no end of the need.
    b.request(JobKind::Restart, "b.service", Mode::Replace).unwrap();
    assert_eq!(b.done(), "-b +b");
    b.end("b.service", 1);
    assert_eq!(
        (b.done().as_str(), b.states(&["n.service", "deep.service"]).as_str()),
        ("-n -deep", "inactive inactive")
    );
    // Nobody needs it from the beginning.
    b.start("deep.service");
    assert_eq!(b.done(), "+deep -deep");
}

#[test]
fn what_may_not_be_asked_for() {
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; RefuseManualStart=yes; RefuseManualStop=yes"),
        ("b.service", "ExecStart=/b; Requires=a.service; After=a.service"),
    ]);
    for (kind, expect) in
        [(JobKind::Start, "started"), (JobKind::Stop, "stopped"), (JobKind::Restart, "started")]
    {
        let reason = b.request(kind, "a.service", Mode::Replace).unwrap_err();
        assert!(reason.contains(&format!("may be {expect} only as another unit's dependency")), "{reason}");
    }
    b.start("b.service");
    assert_eq!(b.done(), "+a +b");
    b.stop("b.service");
    b.manager.begin_exit(b.now(), Exit::PowerOff);
    b.settle();
    assert_eq!(b.done(), "-b PowerOff");
}

#[test]
fn what_stays_when_a_target_is_isolated() {
    let mut b = bench(&[
        ("a.service", "ExecStart=/a; IgnoreOnIsolate=yes"),
        ("b.service", "ExecStart=/b"),
        ("t.target", "AllowIsolate=yes"),
    ]);
    b.start("a.service");
    b.start("b.service");
    b.request(JobKind::Start, "t.target", Mode::Isolate).unwrap();
    assert_eq!(
        (b.done().as_str(), b.states(&["a.service", "b.service"]).as_str()),
        ("+a +b -b", "active inactive")
    );
}

#[test]
fn mounts_come_first() {
    for key in ["RequiresMountsFor", "WantsMountsFor"] {
        let mut b = bench(&[
            ("a.service", &format!("ExecStart=/a; {key}=/srv/data/files")),
            ("srv-data.mount", "[Mount]What=x"),
        ]);
        b.start("a.service");
        assert_eq!(
            (b.done().as_str(), b.states(&["a.service"]).as_str()),
            ("+srv-data", "inactive"),
            "{key}"
        );
        b.event(Event::Ended(b.pid, Ended::Exited(0), None));
        assert_eq!((b.done().as_str(), b.states(&["srv-data.mount"]).as_str()), ("+a", "active"), "{key}");
    }
    // A mount that fails; one that is read later.
    for (key, expect) in [("RequiresMountsFor", ""), ("WantsMountsFor", "+a")] {
        let mut b = bench(&[("a.service", &format!("ExecStart=/a; {key}=/srv /none"))]);
        b.start("a.service");
        assert_eq!(b.done(), "+a", "{key}");
        b.stop("a.service");
        b.manager.world.0.insert("srv.mount".into(), "[Mount]\nWhat=x\n".into());
        b.manager.reload_units();
        b.done();
        b.start("a.service");
        assert_eq!(b.done(), "+srv", "{key}");
        b.event(Event::Ended(b.pid, Ended::Exited(1), None));
        assert_eq!((b.done().as_str(), b.states(&["srv.mount"]).as_str()), (expect, "failed"), "{key}");
    }
}

#[test]
fn jobs_that_last_too_long() {
    let mut b = bench(&[
        ("slow.service", "ExecStart=/slow; Type=oneshot"),
        ("a.service", "ExecStart=/a; Type=oneshot; After=slow.service; JobRunningTimeoutSec=2"),
        ("b.service", "ExecStart=/b; After=slow.service; JobTimeoutSec=3"),
    ]);
    for unit in ["slow.service", "a.service", "b.service"] {
        b.start(unit);
    }
    // The wait counts for JobTimeoutSec= only.
    b.after(2999);
    assert_eq!(b.manager.jobs().count(), 3);
    b.after(1);
    assert_eq!(b.manager.jobs().count(), 2);
    b.end("slow.service", 0);
    assert_eq!(b.done(), "+slow +a");
    b.after(1999);
    assert_eq!(b.states(&["a.service"]), "activating");
    b.after(1);
    assert_eq!((b.manager.jobs().count(), b.states(&["a.service"]).as_str()), (0, "activating"));
}

#[test]
fn mounts() {
    let words = |lines: &str| {
        let b = {
            let mut b = bench(&[("m.mount", lines)]);
            b.manager.load(&name("m.mount"));
            b
        };
        let Specific::Mount(mount) = &b.manager.unit(&name("m.mount")).unwrap().unit.specific else {
            panic!()
        };
        [mount_command(mount), unmount_command(mount)].map(|command| {
            let words = command.arguments.iter().map(|word| String::from_utf8_lossy(word).into_owned());
            words.collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(words("[Mount]What=/dev/x"), ["mount /dev/x /m", "umount /m"]);
    assert_eq!(
        words(
            "[Mount]What=x; [Mount]Where=/m; [Mount]Type=tmpfs; [Mount]Options=size=1m; [Mount]ReadWriteOnly=yes"
        ),
        ["mount -t tmpfs -o size=1m -w x /m", "umount /m"]
    );
    assert_eq!(
        words("[Mount]What=x; [Mount]LazyUnmount=yes; [Mount]ForceUnmount=yes"),
        ["mount x /m", "umount -l -f /m"]
    );
    // Others mount and unmount too.
    let mut b = bench(&[
        ("mounted.mount", "[Mount]What=x"),
        ("m.mount", "[Mount]What=x"),
        ("s.service", "ExecStart=/s; BindsTo=m.mount; After=m.mount"),
    ]);
    b.start("mounted.mount");
    assert_eq!((b.done().as_str(), b.states(&["mounted.mount"]).as_str()), ("", "active"));
    b.manager.load(&name("s.service"));
    b.event(Event::Mounted(name("m.mount"), true));
    b.start("s.service");
    assert_eq!((b.done().as_str(), b.states(&["m.mount"]).as_str()), ("+s", "active"));
    b.event(Event::Mounted(name("m.mount"), false));
    assert_eq!(
        (b.done().as_str(), b.states(&["m.mount", "s.service"]).as_str()),
        ("-s", "inactive inactive")
    );
    // mount(8) that does not end.
    let mut b = bench(&[("m.mount", "[Mount]What=x; [Mount]TimeoutSec=2")]);
    b.start("m.mount");
    b.after(1999);
    assert_eq!((b.done().as_str(), b.states(&["m.mount"]).as_str()), ("+m", "activating"));
    b.after(1);
    assert_eq!((b.done().as_str(), b.states(&["m.mount"]).as_str()), ("-m", "failed"));
}

#[test]
fn sockets_with_limits() {
    let mut b = bench(&[
        ("s.socket", "[Socket]ListenStream=1; [Socket]Accept=yes; [Socket]MaxConnections=1"),
        ("s@.service", "ExecStart=/s"),
        ("s@1.service", "ExecStart=/s"),
        (
            "t.socket",
            "[Socket]ListenStream=2; [Socket]Service=other.service; [Socket]TriggerLimitIntervalSec=10; [Socket]TriggerLimitBurst=2",
        ),
        ("other.service", "ExecStart=/o; StartLimitIntervalSec=0"),
    ]);
    b.start("s.socket");
    b.manager.handle(b.now(), Event::Incoming(name("s.socket")));
    let wants = |b: &mut Bench| {
        let actions = b.manager.take_actions();
        actions
            .into_iter()
            .filter(|action| matches!(action, Action::Accept(_) | Action::Poll(..)))
            .collect::<Vec<_>>()
    };
    assert_eq!(wants(&mut b), [Action::Accept(name("s.socket"))]);
    b.manager.handle(b.now(), Event::Accepted(name("s.socket"), "1".into()));
    b.manager.handle(b.now(), Event::Incoming(name("s.socket")));
    assert_eq!(wants(&mut b), [Action::Poll(name("s.socket"), false)]);
    // Another service than its namesake; after the limit the socket is closed.
    b.start("t.socket");
    b.done();
    for _ in 0..2 {
        b.event(Event::Incoming(name("t.socket")));
        assert_eq!((b.done().as_str(), b.states(&["t.socket"]).as_str()), ("+other", "active"));
        b.end("other.service", 0);
    }
    b.event(Event::Incoming(name("t.socket")));
    assert_eq!((b.done().as_str(), b.states(&["t.socket"]).as_str()), ("", "failed"));
    assert!(b.log.iter().any(|line| line.ends_with("trigger limit hit")), "{:?}", b.log);
}

#[test]
fn what_activates_needs_a_unit() {
    let mut b = bench(&[
        ("s.socket", "ListenStream=1"),
        ("c.socket", "ListenStream=1; Accept=yes"),
        ("t.timer", "OnBootSec=1; [Timer]Unit=none.service"),
        ("p.path", "PathExists=/x"),
        ("p.service", "[Service]Type=notify"),
    ]);
    for (unit, other) in [
        ("s.socket", "s.service"),
        ("c.socket", "c@.service"),
        ("t.timer", "none.service"),
        ("p.path", "p.service"),
    ] {
        b.start(unit);
        assert_eq!((b.done().as_str(), b.states(&[unit]).as_str()), ("", "inactive"), "{unit}");
        let line = format!("{unit}: not started: {other}, which it activates, is not loaded");
        assert!(b.log.contains(&line), "{:?}", b.log);
    }
}

#[test]
fn a_start_limit_ends_what_triggers() {
    for (trigger, lines) in [("t.socket", "ListenStream=1"), ("t.path", "PathExists=/x")] {
        for status in [0, 1] {
            let mut b = bench(&[(trigger, lines), ("t.service", "ExecStart=/t; StartLimitBurst=2")]);
            let event = || match trigger {
                "t.path" => Event::PathChanged(name(trigger), true),
                _ => Event::Incoming(name(trigger)),
            };
            b.start(trigger);
            for _ in 0..2 {
                b.event(event());
                assert_eq!(b.done(), "+t", "{trigger} {status}");
                b.end("t.service", status);
                assert_eq!(b.states(&[trigger]), "active");
            }
            b.event(event());
            assert_eq!(
                (b.done().as_str(), b.states(&[trigger, "t.service"]).as_str()),
                ("", "failed failed")
            );
            assert!(b.log.contains(&format!("{trigger}: t.service hit its start limit")), "{:?}", b.log);
        }
    }
}
