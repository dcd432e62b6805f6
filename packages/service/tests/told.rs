// SPDX-License-Identifier: MIT OR Apache-2.0
//! What commands are told of their units by variables (systemd.exec(5)).

mod common;

use common::manager;
use std::net::TcpStream;

/// A command that writes these variables to a file.
fn say(variables: &str, file: &str) -> String {
    format!("/bin/sh -c 'echo {variables} > @/{file}.new; mv @/{file}.new @/{file}'")
}

#[test]
fn ends_triggers_and_connections() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let exit = "$SERVICE_RESULT $EXIT_CODE $EXIT_STATUS";
    let monitor = "$MONITOR_UNIT $MONITOR_SERVICE_RESULT $MONITOR_EXIT_CODE $MONITOR_EXIT_STATUS";
    let oneshot = |command: &str| format!("[Service]\nType=oneshot\nExecStart={command}\n");
    let failing = |script: &str, file: &str| {
        format!(
            "[Unit]\nOnFailure=on-{file}.service\n[Service]\nExecStart=/bin/sh -c '{script}'\nExecStopPost={}\n",
            say(exit, file)
        )
    };
    let units = [
        ("default.target", "[Unit]\n".to_owned()),
        ("seven.service", failing("exit 7", "seven")),
        ("killed.service", failing("kill -KILL $$$$", "killed")),
        ("on-seven.service", oneshot(&say(monitor, "monitor"))),
        ("on-killed.service", oneshot("/bin/true")),
        ("t.timer", "[Timer]\nOnActiveSec=1ms\nUnit=timed.service\n".to_owned()),
        (
            "timed.service",
            oneshot(&say("$TRIGGER_UNIT ${TRIGGER_TIMER_MONOTONIC_USEC:+yes}", "timed").replace("${", "$${")),
        ),
        ("p.path", "[Path]\nPathExists=@/log\nUnit=path.service\n".to_owned()),
        (
            "path.service",
            format!("[Unit]\nStartLimitBurst=1\n{}", oneshot(&say("$TRIGGER_UNIT $TRIGGER_PATH", "path"))),
        ),
        ("c.socket", format!("[Socket]\nListenStream=127.0.0.1:{port}\nAccept=yes\n")),
        ("c@.service", oneshot(&say("$REMOTE_ADDR $REMOTE_PORT", "remote"))),
        ("id.service", oneshot(&say("$INVOCATION_ID", "id"))),
    ];
    let units: Vec<_> = units.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let m = manager("told", &units);
    let check = |unit: &str, file: &str, expect: &str| {
        m.ask(&format!("start {unit}"));
        m.until(unit, || !m.file(file).is_empty());
        assert_eq!(m.file(file).replace(&*m.directory.to_string_lossy(), "@"), expect, "{unit}");
    };
    check("seven", "seven", "exit-code exited 7\n");
    check("seven", "monitor", "seven.service exit-code exited 7\n");
    check("killed", "killed", "signal killed KILL\n");
    check("t.timer", "timed", "t.timer yes\n");
    check("p.path", "path", "p.path @/log\n");
    let id = || {
        assert_eq!(m.ask("start id"), "ok\n");
        m.file("id")
    };
    let (one, other) = (id(), id());
    assert_eq!((one.len(), one == other), (33, false), "{one}");
    m.ask("start c.socket");
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    m.until("the connection", || !m.file("remote").is_empty());
    assert_eq!(m.file("remote"), format!("127.0.0.1 {}\n", client.local_addr().unwrap().port()));
    m.end();
}

#[test]
fn a_pid_file_goes_with_its_service() {
    let script = "sleep 1000 & echo $$! > @/pid";
    let unit = format!("[Service]\nType=forking\nPIDFile=@/pid\nExecStart=/bin/sh -c '{script}'\n");
    let m = manager("pid-file", &[("default.target", "[Unit]\n"), ("a.service", &unit)]);
    // The path of PIDFile= is below the root, as that of every file which is the system's.
    let below = m.directory.join(m.directory.strip_prefix("/").unwrap());
    std::fs::create_dir_all(&below).unwrap();
    std::os::unix::fs::symlink(m.directory.join("pid"), below.join("pid")).unwrap();
    assert_eq!(m.ask("start a"), "ok\n");
    assert_eq!(m.value("a", "MainPID"), m.file("pid").trim());
    assert_eq!(m.ask("stop a"), "ok\n");
    assert!(std::fs::symlink_metadata(below.join("pid")).is_err());
    m.end();
}
