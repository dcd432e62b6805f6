// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logins, sessions, and su.

use crate::system::System;
use crate::terminal::Terminal;
use std::time::{Duration, Instant};

/// A system with user `ann`, whose password is `ann-pw`.
fn system() -> System {
    let system = System::new();
    system.does("useradd", &["-m", "-c", "Ann", "ann"]);
    system.passwords("ann:ann-pw\n");
    system.write("home/ann/.profile", "PS1='ann$ '\n");
    system.write("root/.profile", "PS1='root# '\n");
    system
}

fn getty(system: &System, terminal: &mut Terminal) {
    terminal.start(system.command("getty", &["-l", "/qos/login", "-", "linux"]));
}

fn login(terminal: &mut Terminal, name: &str, password: &str) {
    terminal.gets("login: ");
    terminal.types(&format!("{name}\n"));
    terminal.gets("Password: ");
    terminal.types(&format!("{password}\n"));
}

#[test]
fn in_and_out_and_in_again() {
    let (system, mut terminal) = (system(), Terminal::new());
    getty(&system, &mut terminal);
    terminal.gets(&format!("Welcome at {}: 0 users", terminal.line().to_owned()));
    login(&mut terminal, "ann", "wrong");
    let wrong = Instant::now();
    terminal.gets("Login incorrect");
    assert!(wrong.elapsed() > Duration::from_millis(900), "{:?}", wrong.elapsed());
    login(&mut terminal, "nobody-of-this-name", "ann-pw");
    terminal.gets("Login incorrect");
    login(&mut terminal, "ann", "ann-pw");
    let shown = terminal.gets("ann$ ");
    assert!(shown.contains("Message of the day") && !shown.contains("ann-pw"), "{shown:?}");

    let line = terminal.line().to_owned();
    let ask = |terminal: &mut Terminal, command: &str| terminal.runs(command, "ann$ ");
    assert_eq!(ask(&mut terminal, "id -u; id -g; id -G; pwd; umask"), "1000\n1000\n1000\n/home/ann\n0022\n");
    assert_eq!(ask(&mut terminal, "tty; echo $0"), format!("/dev/{line}\n-sh\n"));
    let variables = ask(&mut terminal, "env | sort | grep -v -e ^PWD= -e ^OLDPWD= -e ^_=");
    assert_eq!(
        variables,
        "HOME=/home/ann\nLOGNAME=ann\nPATH=/qos:/usr/bin:/bin\nSHELL=/bin/sh\nTERM=linux\nUSER=ann\n"
    );
    assert_eq!(ask(&mut terminal, &format!("stat -c '%U %G %a' /dev/{line}")), "ann tty 600\n");
    // The shell leads the session that the terminal controls, and is in its foreground.
    assert_eq!(
        ask(&mut terminal, "set -- $(cat /proc/$$/stat); test $1 = $6 && test $1 = $8; echo $?"),
        "0\n"
    );
    // Root's files are closed, and so is the way back.
    assert_eq!(ask(&mut terminal, "cat /etc/shadow 2>&1"), "cat: /etc/shadow: Permission denied\n");
    assert!(
        ask(&mut terminal, "grep -E '^(Uid|Gid|Groups)' /proc/self/status")
            .starts_with("Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t1000 \n")
    );
    let who = ask(&mut terminal, "who; who -m -u; who -q");
    assert_eq!(who.matches("ann").count(), 3, "{who}");
    assert!(who.contains(&line) && who.ends_with("# users=1\n"), "{who}");
    assert!(ask(&mut terminal, "last ann").contains("still logged in"));
    terminal.types("exit\n");
    assert!(terminal.ends().success());

    // Who started getty starts it again.
    getty(&system, &mut terminal);
    login(&mut terminal, "root", "root-pw");
    terminal.gets("root# ");
    let metadata = |terminal: &mut Terminal| terminal.runs(&format!("stat -c '%U %a' /dev/{line}"), "root# ");
    assert_eq!(metadata(&mut terminal), "root 600\n");
    let last = terminal.runs("last -x -R", "root# ");
    let rows: Vec<_> = last.lines().collect();
    assert!(rows[0].starts_with("root ") && rows[0].ends_with("still logged in"), "{last}");
    assert!(rows[1].starts_with("ann ") && rows[1].contains(" - ") && rows[1].ends_with("(00:00)"), "{last}");
    assert!(rows[2].starts_with("(unknown) ") && rows[2].ends_with("failed"), "{last}");
    assert!(rows[3].starts_with("ann ") && rows[3].ends_with("failed"), "{last}");
    assert!(rows[4].starts_with("reboot ") && rows[4].ends_with("still running"), "{last}");
    terminal.types("exit\n");
    terminal.ends();
    assert!(!system.read("var/log/logins").contains("nobody-of-this-name"));
}

#[test]
fn keys_and_jobs() {
    let (system, mut terminal) = (system(), Terminal::new());
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("ann$ ");
    terminal.types("sleep 1000\n");
    terminal.is_served_by("sleep").types("\x03");
    terminal.gets("ann$ ");
    terminal.types("sleep 1000\n");
    terminal.is_served_by("sleep").types("\x1a");
    terminal.gets("ann$ ");
    assert!(terminal.runs("jobs", "ann$ ").contains("Stopped"));
    // A session that hangs up takes its jobs with it.
    terminal.types("exit\nexit\n");
    terminal.ends();
}

#[test]
fn who_does_not_get_in() {
    let (system, mut terminal) = (system(), Terminal::new());
    // Root only at the console, with the words of a wrong password.
    system.write("etc/securetty", "tty1\n");
    getty(&system, &mut terminal);
    login(&mut terminal, "root", "root-pw");
    terminal.gets("Login incorrect");
    system.write("etc/securetty", terminal.line());
    login(&mut terminal, "root", "root-pw");
    terminal.gets("root# ");
    terminal.types("exit\n");
    terminal.ends();
    // Closed for all but root.
    system.write("etc/nologin", "Down for repair.\n");
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "wrong");
    terminal.gets("Login incorrect");
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("Down for repair.");
    assert!(!terminal.ends().success());
    std::fs::remove_file(system.path("etc/nologin")).unwrap();
    // The account has expired: told only to whom knows the password.
    system.does("chage", &["-E", "2020-01-01", "ann"]);
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "wrong");
    assert!(!terminal.gets("Login incorrect").contains("expired"));
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("Your account has expired");
    assert!(!terminal.ends().success());
    // A locked account.
    system.does("chage", &["-E", "-1", "ann"]);
    system.does("passwd", &["-l", "ann"]);
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("Login incorrect");
    system.does("passwd", &["-u", "ann"]);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("ann$ ");
    terminal.types("exit\n");
    terminal.ends();
}

#[test]
fn a_password_that_must_be_changed() {
    let (system, mut terminal) = (system(), Terminal::new());
    system.does("passwd", &["-e", "ann"]);
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("You must change your password now.");
    for (question, answer) in [
        ("New password: ", "short"),
        ("Bad password: it has fewer than 6 characters.\r\nNew password: ", "new-password"),
        ("Retype new password: ", "new-password"),
    ] {
        terminal.gets(question);
        terminal.types(&format!("{answer}\n"));
    }
    terminal.gets("ann$ ");
    terminal.types("exit\n");
    terminal.ends();
    assert!(system.read("etc/shadow").contains("\nann:$y$j9T$"));
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "new-password");
    terminal.gets("ann$ ");
    // A user changes the own password, knowing the old one.
    terminal.types("passwd\n");
    for (question, answer) in [
        ("Current password: ", "new-password"),
        ("New password: ", "newer-password"),
        ("Retype new password: ", "newer-password"),
    ] {
        terminal.gets(question);
        terminal.types(&format!("{answer}\n"));
    }
    terminal.gets("passwd: the password of ann is changed");
    terminal.gets("ann$ ");
    let refused = terminal.runs("passwd root; passwd -l ann; useradd x; passwd -R /tmp ann", "ann$ ");
    assert_eq!(
        refused,
        "passwd: only root can see or change the account of another user\npasswd: only root can do this\n\
         useradd: only root can do this\npasswd: only root can use the accounts of another system\n"
    );
    // A system of ann's own, in which ann is root: its shadow is root's.
    let link =
        "mkdir -p d/etc; echo root:x:1000:1000::/:/bin/sh >d/etc/passwd; ln -s /etc/shadow d/etc/shadow";
    let refused = terminal
        .runs(&format!("{link}; chage -R d -l root; chage --root=d -E 1 root; chage -l root"), "ann$ ");
    assert_eq!(
        refused,
        "chage: only root can use the accounts of another system\n\
         chage: only root can use the accounts of another system\n\
         chage: only root sees the account of another user\n"
    );
    // su with the new password of the own account, with a wrong one, and with root's.
    for (user, password, expect) in [
        ("ann", "newer-password", "1000"),
        ("root", "wrong", "su: Authentication failure"),
        ("root", "root-pw", "0"),
    ] {
        terminal.types(&format!("su -c 'id -u' {user}\n"));
        terminal.gets("Password: ");
        terminal.types(&format!("{password}\n"));
        // A shell that edits lines prepares the terminal in front of its prompt.
        assert_eq!(terminal.gets("ann$ ").trim().lines().next(), Some(expect), "{user}");
    }
    terminal.types("su -\n");
    terminal.gets("Password: ");
    terminal.types("root-pw\n");
    terminal.gets("root# ");
    assert_eq!(terminal.runs("id -u; pwd; echo $0 $LOGNAME; id -G", "root# "), "0\n/root\n-sh root\n0\n");
    assert_eq!(terminal.runs("su ann -c 'id -u; id -G; pwd'", "root# "), "1000\n1000\n/root\n");
    for (words, expect) in [
        ("nobody -s /bin/sh -c 'id -u'", "65534\n"),
        ("ann --shell=/bin/sh -c 'id -u; echo $0'", "1000\nsh\n"),
        ("ann --login -c 'pwd; echo $0'", "/home/ann\n-sh\n"),
        ("- ann -- -c 'echo hi $0 $1' a b", "hi a b\n"),
        ("ann -- -c 'echo hi'", "hi\n"),
    ] {
        assert_eq!(terminal.runs(&format!("su {words}"), "root# "), expect, "{words}");
    }
    terminal.types("exit\n");
    terminal.gets("ann$ ");
    terminal.types("exit\n");
    terminal.ends();
}

#[test]
fn a_session_that_is_ended_from_outside() {
    let (system, mut terminal) = (system(), Terminal::new());
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("ann$ ");
    // As a manager of services stops getty: the process that it started is login by now.
    qos_sys::process::kill(terminal.pid(), qos_sys::signal::SIGTERM).unwrap();
    terminal.ends();
    assert_eq!(std::fs::read_dir(system.path("run/sessions")).unwrap().count(), 0);
    assert!(system.read("var/log/logins").contains("event=logout"));
    // Killed, login leaves its record: who does not count it, last says so.
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("ann$ ");
    let shell: i32 = terminal.runs("echo $$", "ann$ ").trim().parse().unwrap();
    terminal.types("sleep 1000\n");
    let job = terminal.is_served_by("sleep").leader();
    qos_sys::process::kill(terminal.pid(), qos_sys::signal::SIGKILL).unwrap();
    terminal.ends();
    assert_eq!(system.does("who", &["-q"]), "\n# users=0\n");
    assert!(system.does("last", &["-n", "1"]).contains("gone - no logout"));
    // The session has ended with it, and the next one can begin.
    wait_for_end(shell);
    wait_for_end(job);
    getty(&system, &mut terminal);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("ann$ ");
    // One that ignores SIGHUP keeps the terminal until getty takes it.
    let shell: i32 = terminal.runs("trap '' HUP; echo $$", "ann$ ").trim().parse().unwrap();
    qos_sys::process::kill(terminal.pid(), qos_sys::signal::SIGKILL).unwrap();
    terminal.ends();
    assert_eq!(terminal.runs("echo $$", "ann$ ").trim(), shell.to_string());
    let line = terminal.line().to_owned();
    terminal.start_away(system.command("getty", &["-l", "/qos/login", &line, "linux"]));
    terminal.gets("Welcome at ");
    wait_for_end(shell);
    login(&mut terminal, "ann", "ann-pw");
    terminal.gets("ann$ ");
    assert_eq!(terminal.runs("tty; who -q", "ann$ "), format!("/dev/{line}\nann\n# users=1\n"));
    terminal.types("exit\n");
    terminal.ends();
}

/// Waits until process `pid` has ended.
fn wait_for_end(pid: i32) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let status = || std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    // Nobody may wait for an orphan, in a container.
    while status().lines().any(|line| line.starts_with("State:") && !line.contains("zombie")) {
        assert!(Instant::now() < deadline, "process {pid} has not ended:\n{}", status());
        std::thread::sleep(Duration::from_millis(20));
    }
}
