// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manager as a process, with real services in a directory of its own.

mod common;

use common::{kill, manager};
use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::time::Duration;

const TARGET: (&str, &str) =
    ("default.target", "[Unit]\nWants=a.service b.service\nAfter=a.service b.service\n");

#[test]
fn starts_restarts_and_stops() {
    let m = manager(
        "run",
        &[
            TARGET,
            (
                "a.service",
                "[Service]\nExecStart=/bin/sh -c 'echo hello; echo a >> @/order; exec sleep 1000'\nRestart=always\nExecStopPost=/bin/sh -c 'echo stop-a $SERVICE_RESULT >> @/order'\n",
            ),
            (
                "b.service",
                "[Unit]\nAfter=a.service\nRequires=a.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'echo b >> @/order'\nExecStop=/bin/sh -c 'echo stop-b >> @/order'\n",
            ),
        ],
    );
    m.until("the target is reached", || m.value("default.target", "ActiveState") == "active");
    m.until("a has begun", || m.file("order").contains("a\n"));
    assert_eq!((m.value("a", "SubState").as_str(), m.value("b", "SubState").as_str()), ("running", "exited"));
    m.until("output", || m.ask("log a") == "hello\nok\n");
    // Killed from outside, it comes back as another process.
    let pid = m.value("a", "MainPID");
    kill("KILL", &pid);
    m.until("another process", || ![pid.as_str(), "0", ""].contains(&m.value("a", "MainPID").as_str()));
    assert_eq!(m.value("a", "NRestarts"), "1");
    assert_eq!(m.ask("stop b"), "ok\n");
    assert_eq!(m.ask("start b"), "ok\n");
    assert_eq!(m.ask("start none"), "error=5 Unit none.service not found.\n");
    assert!(m.ask("nonsense").starts_with("error unknown request"));
    let order = m.directory.join("order");
    let pid = m.value("a", "MainPID");
    fs::write(&order, "").unwrap();
    let directory = m.directory.clone();
    let kept = std::env::temp_dir().join(format!("qos-manager-order-{}", std::process::id()));
    fs::hard_link(&order, &kept).unwrap();
    m.end();
    assert_eq!(fs::read_to_string(&kept).unwrap(), "stop-b\nstop-a success\n");
    fs::remove_file(&kept).unwrap();
    assert!(!directory.exists() && !Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn what_fails() {
    let m = manager(
        "fail",
        &[
            TARGET,
            ("a.service", "[Service]\nExecStart=/no/such/program\n[Unit]\nOnFailure=f.service\n"),
            ("b.service", "[Service]\nExecStart=/bin/sh -c 'echo last words; exit 7'\nUnknownKey=1\n"),
            ("f.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo f > @/f'\n"),
            ("bad.service", "[Service]\nType=notify\n"),
            ("crash.service", "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1ms\n"),
            ("user.service", "[Service]\nExecStart=/bin/true\nUser=no-such-user\n"),
            ("netlink.socket", "[Socket]\nListenNetlink=kobject-uevent 1\n"),
            ("netlink.service", "[Service]\nExecStart=/bin/true\n"),
        ],
    );
    m.until("b failed", || m.value("b", "ActiveState") == "failed");
    m.until("OnFailure=", || m.file("f") == "f\n");
    assert_eq!(
        (m.value("a", "ActiveState").as_str(), m.value("b", "MainEnded").as_str()),
        ("failed", "exited with status 7")
    );
    m.until("output", || m.ask("log b") == "last words\nok\n");
    assert!(m.ask("start bad").contains("has neither ExecStart= nor ExecStop="));
    m.ask("start crash");
    m.until("the start limit", || m.value("crash", "Result") == "start-limit-hit");
    m.ask("start user");
    assert_eq!(m.value("user", "ActiveState"), "failed");
    assert!(m.ask("start netlink.socket").starts_with("error "));
    let log = m.end();
    for expect in [
        "netlink.socket: kobject-uevent 1: sockets of this kind are not supported",
        "a.service: cannot execute the program: No such file or directory",
        "b.service: main process exited with status 7",
        "b.service:3: unknown key UnknownKey= in [Service]: ignored",
        "crash.service: not started: 5 starts within 10s: start limit hit",
        "user.service: cannot start a process: User=no-such-user: no such user",
    ] {
        assert!(log.contains(expect), "{expect:?} is not in:\n{log}");
    }
}

/// No test of its own: the service of others.
#[test]
fn helper() {
    let (Some(socket), Ok(ready)) = (std::env::var_os("NOTIFY_SOCKET"), std::env::var("QOS_HELPER")) else {
        return;
    };
    std::thread::sleep(Duration::from_millis(200));
    let lines = ready.replace(',', "\n");
    match std::env::var("QOS_STORE") {
        // The descriptor is in the store of the manager when the service starts again.
        Ok(path) => {
            let file = fs::File::open(path).unwrap();
            qos_sys::message::send(socket.as_ref(), lines.as_bytes(), &[file.as_fd(), file.as_fd()]).unwrap();
        }
        Err(_) => drop(UnixDatagram::unbound().unwrap().send_to(lines.as_bytes(), socket).unwrap()),
    }
    std::thread::sleep(Duration::from_secs(1000));
}

#[test]
fn notifications_sockets_and_paths() {
    let helper = std::env::current_exe().unwrap();
    let service = |more: &str| {
        format!("[Service]\nType=notify\nExecStart={} --exact helper --nocapture\n{more}", helper.display())
    };
    let m = manager(
        "notify",
        &[
            ("default.target", "[Unit]\nWants=a.service s.socket p.path t.timer\nAfter=a.service\n"),
            (
                "a.service",
                &service(
                    "Environment=QOS_HELPER=READY=1,STATUS=works\nWatchdogSec=1\n[Unit]\nStartLimitIntervalSec=0\n",
                ),
            ),
            ("late.service", &service("Environment=QOS_HELPER=STATUS=never\nTimeoutStartSec=1\n")),
            ("s.socket", "[Socket]\nListenStream=@/socket\nAccept=yes\n"),
            ("s@.service", "[Service]\nStandardInput=socket\nExecStart=/bin/cat\n"),
            ("p.path", "[Path]\nPathExists=@/wanted\n"),
            ("p.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'rm @/wanted; echo p > @/p'\n"),
            ("t.timer", "[Timer]\nOnActiveSec=300ms\n"),
            ("t.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo t > @/t'\n"),
        ],
    );
    m.until("READY=1", || m.value("default.target", "ActiveState") == "active");
    assert_eq!(m.value("a", "StatusText"), "works");
    // No sign of life follows.
    m.until("the watchdog", || m.value("a", "Result") == "watchdog");
    assert_eq!(m.ask("start late"), "error job of late.service: failed\n");
    assert_eq!(m.value("late", "Result"), "timeout");
    let mut stream = UnixStream::connect(m.directory.join("socket")).unwrap();
    stream.write_all(b"echo").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert_eq!(reply, "echo");
    fs::write(m.directory.join("wanted"), "").unwrap();
    m.until("the path", || m.file("p") == "p\n");
    m.until("the timer", || m.file("t") == "t\n");
    m.end();
}

#[test]
fn timers() {
    let count = |name: &str| format!("[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo x >> @/{name}'\n");
    let m = manager(
        "timers",
        &[
            (
                "default.target",
                "[Unit]\nWants=boot.timer startup.timer inactive.timer second.timer late.timer\n",
            ),
            ("boot.timer", "[Timer]\nOnBootSec=1s\n"),
            ("boot.service", &count("boot")),
            ("startup.timer", "[Timer]\nOnStartupSec=300ms\n"),
            ("startup.service", &count("startup")),
            ("inactive.timer", "[Timer]\nOnActiveSec=100ms\nOnUnitInactiveSec=200ms\n"),
            ("inactive.service", &count("inactive")),
            // The delay is the name's, between 0 and 1,000 hours.
            ("late.timer", "[Timer]\nOnActiveSec=0\nRandomizedDelaySec=1000h\n"),
            ("late.service", &count("late")),
            ("second.timer", "[Timer]\nOnCalendar=*:*:*\n"),
            ("second.service", &count("second")),
            ("missed.timer", "[Timer]\nOnCalendar=daily\nPersistent=yes\n"),
            ("missed.service", &count("missed")),
            ("fresh.timer", "[Timer]\nOnCalendar=yearly\nPersistent=yes\n"),
            ("fresh.service", &count("fresh")),
        ],
    );
    for name in ["boot", "startup"] {
        m.until(name, || m.file(name) == "x\n");
    }
    for name in ["inactive", "second"] {
        m.until("three times", || m.file(name).len() >= 6);
    }
    assert_eq!(m.file("late"), "");
    assert!(m.value("late.timer", "NextElapseUSec").parse::<u64>().unwrap() > 0);
    // A day was missed; this year began long ago, and the timer elapsed since.
    let stamps = m.directory.join("var/lib/systemd/timers");
    fs::create_dir_all(&stamps).unwrap();
    let days = |days: u64| std::time::SystemTime::now() - Duration::from_secs(86_400 * days);
    for (name, time) in [("missed", days(3)), ("fresh", days(0))] {
        let file = fs::File::create(stamps.join(format!("stamp-{name}.timer"))).unwrap();
        file.set_modified(time).unwrap();
        assert_eq!(m.ask(&format!("start {name}.timer")), "ok\n");
    }
    m.until("the missed time", || m.file("missed") == "x\n");
    let stamp = fs::metadata(stamps.join("stamp-missed.timer")).unwrap().modified().unwrap();
    assert!(stamp > days(1), "the stamp is renewed");
    assert_eq!(m.file("fresh"), "");
    m.end();
}

#[test]
fn what_follows_from_another_unit() {
    let long = |more: &str| format!("[Service]\nExecStart=/bin/sh -c 'exec sleep 1000'\n{more}");
    let reload = |name: &str| format!("ExecReload=/bin/sh -c 'echo {name} >> @/reloads'\n");
    let m = manager(
        "follows",
        &[
            (
                "default.target",
                "[Unit]\nWants=a.service to.service from.service old-to.service old-from.service part.service\n",
            ),
            (
                "a.service",
                &format!(
                    "[Unit]\nPropagatesReloadTo=to.service\nPropagateReloadTo=old-to.service\n{}",
                    long(&reload("a"))
                ),
            ),
            ("old-to.service", &long(&reload("old-to"))),
            (
                "old-from.service",
                &format!("[Unit]\nPropagateReloadFrom=a.service\n{}", long(&reload("old-from"))),
            ),
            ("to.service", &long(&reload("to"))),
            ("from.service", &format!("[Unit]\nReloadPropagatedFrom=a.service\n{}", long(&reload("from")))),
            ("part.service", &format!("[Unit]\nPartOf=a.service\n{}", long(""))),
            ("needs.service", &format!("[Unit]\nRequisite=down.service\nAfter=down.service\n{}", long(""))),
            ("down.service", &long("")),
            (
                "good.service",
                "[Unit]\nOnSuccess=after.service\n[Service]\nType=oneshot\nExecStart=/bin/true\n",
            ),
            ("after.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo x > @/after'\n"),
            ("slow.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'exec sleep 1000'\n"),
            ("waits.service", &format!("[Unit]\nAfter=slow.service\nJobTimeoutSec=300ms\n{}", long(""))),
            ("only.target", "[Unit]\nAllowIsolate=yes\n"),
            ("last.service", "[Unit]\nFailureAction=exit\n[Service]\nType=oneshot\nExecStart=/bin/false\n"),
        ],
    );
    for name in ["a", "to", "from", "old-to", "old-from", "part"] {
        m.until(name, || m.value(name, "SubState") == "running");
    }
    assert_eq!(m.ask("reload a"), "ok\n");
    m.until("all reloads", || m.file("reloads").lines().count() == 5);
    let pid = m.value("part", "MainPID");
    assert_eq!(m.ask("restart a"), "ok\n");
    m.until("the part, again", || !["", "0", &pid].contains(&m.value("part", "MainPID").as_str()));
    assert_eq!(m.ask("stop a"), "ok\n");
    m.until("the part stops", || m.value("part", "ActiveState") == "inactive");
    assert_eq!(m.ask("start needs"), "error job of needs.service: dependency\n");
    assert_eq!(m.value("down", "ActiveState"), "inactive");
    m.ask("start good");
    m.until("OnSuccess=", || m.file("after") == "x\n");
    m.ask("start --no-block slow");
    let reply = m.ask("start waits");
    assert!(reply.contains("timeout"), "{reply}");
    // Signals to processes.
    m.ask("start a");
    let pid = m.value("a", "MainPID");
    assert!(m.ask("kill a --signal=NOTHING").contains("is no signal"));
    assert!(m.ask("kill down --kill-who=main").contains("has no such process"));
    assert_eq!(m.ask("kill a --signal=SIGKILL --kill-who=main"), "ok\n");
    m.until("the signal", || m.value("a", "MainPID") != pid);
    // What a target does not want stops when it is isolated.
    assert!(m.ask("isolate default.target").contains("does not have AllowIsolate=yes"));
    assert_eq!(m.ask("isolate only.target"), "ok\n");
    m.until("the others stop", || m.value("to", "ActiveState") == "inactive");
    // FailureAction= ends the manager.
    m.ask("start --no-block last");
    m.until("the end", || m.is_gone());
}

#[test]
fn a_store_of_descriptors() {
    let helper = std::env::current_exe().unwrap();
    let m = manager(
        "store",
        &[
            ("default.target", "[Unit]\nWants=a.service\n"),
            ("kept.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo kept > @/kept'\n"),
            (
                "a.service",
                &format!(
                    "[Unit]\nRequires=kept.service\nAfter=kept.service\n[Service]\nType=notify\nFileDescriptorStoreMax=1\nRestart=always\n\
                     ExecStartPre=/bin/sh -c 'exec true'\nEnvironment=QOS_STORE=@/kept\nEnvironment=\"QOS_HELPER=READY=1,FDSTORE=1,FDNAME=k\"\n\
                     ExecStart=/bin/sh -c 'echo $LISTEN_FDS $LISTEN_FDNAMES >> @/fds; exec {} --exact helper --nocapture'\n",
                    helper.display()
                ),
            ),
        ],
    );
    m.until("READY=1", || m.value("a", "SubState") == "running");
    let pid = m.value("a", "MainPID");
    kill("KILL", &pid);
    // Two were sent; there is room for one.
    m.until("again with a descriptor", || m.file("fds") == "\n1 k\n");
    m.end();
}
