// SPDX-License-Identifier: MIT OR Apache-2.0
//! `who`: who is logged in (POSIX who).

use crate::fields::shown;
use crate::{Failure, Session, Sessions, log};
use lexopt::prelude::*;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What is shown.
#[derive(Default)]
struct Options {
    boot: bool,
    heading: bool,
    mine: bool,
    quick: bool,
    state: bool,
    idle: bool,
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options = Options::default();
    let mut words = Vec::new();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('a') | Long("all") => (options.boot, options.state, options.idle) = (true, true, true),
            Short('b') | Long("boot") => options.boot = true,
            Short('H') | Long("heading") => options.heading = true,
            Short('m') => options.mine = true,
            Short('q') | Long("count") => options.quick = true,
            Short('s') | Long("short") => {}
            Short('T' | 'w') | Long("mesg") => options.state = true,
            Short('u') | Long("users") => options.idle = true,
            Value(word) => words.push(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    match &words[..] {
        [] => {}
        [am, i] if am.eq_ignore_ascii_case("am") && i.eq_ignore_ascii_case("i") => options.mine = true,
        _ => return Err(Failure::usage("the only operands are `am i`")),
    }
    let root = Path::new("/");
    let mut sessions = Sessions::of(root).list().map_err(|error| Failure::at("/run/sessions", &error))?;
    if options.mine {
        let terminal = qos_sys::tty::path(std::io::stdin()).unwrap_or_default();
        sessions.retain(|session| Path::new("/dev").join(&session.line) == terminal);
    }
    let boot = if options.boot { log::boot_time() } else { None };
    let terminal = |line: &str| {
        let metadata = std::fs::metadata(root.join("dev").join(line)).ok()?;
        // A second name is never the terminal's size: the group may write to it if mesg(1) lets it.
        Some(Terminal { writable: metadata.mode() & 0o020 != 0, idle: log::now() - metadata.atime() })
    };
    Ok(out.write_all(text(&sessions, boot, &options, terminal).as_bytes())?)
}

/// What a terminal's file says.
#[derive(Clone, Copy)]
struct Terminal {
    writable: bool,
    /// Seconds since something was read from it.
    idle: i64,
}

fn text(
    sessions: &[Session],
    boot: Option<i64>,
    options: &Options,
    terminal: impl Fn(&str) -> Option<Terminal>,
) -> String {
    if options.quick {
        let names: Vec<_> = sessions.iter().map(|session| shown(&session.user)).collect();
        return format!("{}\n# users={}\n", names.join(" "), names.len());
    }
    let mut text = String::new();
    let mut row = |name: &str, state: &str, line: &str, time: &str, idle: &str, pid: &str, host: &str| {
        let state = if options.state { format!("{state} ") } else { String::new() };
        let idle = if options.idle { format!(" {idle:<5} {pid:>10}") } else { String::new() };
        let host = if host.is_empty() { String::new() } else { format!(" {host}") };
        text += format!("{name:<8} {state}{line:<12} {time}{idle}{host}").trim_end();
        text.push('\n');
    };
    if options.heading {
        row("NAME", " ", "LINE", &format!("{:<16}", "TIME"), "IDLE", "PID", "COMMENT");
    }
    if let Some(boot) = boot {
        row("", " ", "system boot", &moment(boot), "", "", "");
    }
    for session in sessions {
        let found = terminal(&session.line);
        let state = found.map_or("?", |terminal| if terminal.writable { "+" } else { "-" });
        let idle = found.map_or("?".to_owned(), |terminal| idle(terminal.idle));
        let host =
            if session.host.is_empty() { String::new() } else { format!("({})", shown(&session.host)) };
        let (user, line) = (shown(&session.user), shown(&session.line));
        row(&user, state, &line, &moment(session.time), &idle, &session.pid.to_string(), &host);
    }
    text
}

/// `YYYY-MM-DD HH:MM` in local time.
fn moment(time: i64) -> String {
    match qos_sys::time::local(time) {
        Ok(t) => format!("{:04}-{:02}-{:02} {:02}:{:02}", t.year, t.month + 1, t.day, t.hour, t.minute),
        Err(_) => format!("@{time}"),
    }
}

fn idle(seconds: i64) -> String {
    match seconds {
        ..60 => ".".to_owned(),
        60..86_400 => format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60),
        _ => "old".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let session = |user: &str, line: &str, host: &str, time| Session {
            pid: 42,
            user: user.into(),
            line: line.into(),
            host: host.into(),
            time,
            ..Session::default()
        };
        // Noon in UTC, and long after 2038; the year and the minutes are the same in each time zone of whole hours.
        let sessions = [
            session("root", "ttyS0", "", 984_657_600),
            session("long-name-of-a-user", "pts/1", "10.0.2.2", 984_657_600 + (86_400 * 365 * 100)),
            session("esc\x1b[2J", "x", "", 984_657_600),
        ];
        let terminal = |line: &str| match line {
            "ttyS0" => Some(Terminal { writable: true, idle: 5 }),
            "pts/1" => Some(Terminal { writable: false, idle: 3700 }),
            _ => None,
        };
        let at = |time| moment(time);
        let shown = text(&sessions, None, &Options::default(), terminal);
        let expect = format!(
            "root     ttyS0        {}\nlong-name-of-a-user pts/1        {} (10.0.2.2)\nesc?[2J  x            {}\n",
            at(984_657_600),
            at(sessions[1].time),
            at(984_657_600)
        );
        assert_eq!(shown, expect);
        assert!(shown.contains("2001-03-1") && shown.contains("2101-02-"), "{shown}");
        let options = Options { state: true, idle: true, heading: true, ..Options::default() };
        let shown = text(&sessions[..2], Some(984_657_600), &options, terminal);
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[0], "NAME       LINE         TIME             IDLE         PID COMMENT");
        assert_eq!(lines[1], format!("           system boot  {}", at(984_657_600)));
        assert_eq!(lines[2], format!("root     + ttyS0        {} .             42", at(984_657_600)));
        assert!(lines[3].ends_with(" 01:01         42 (10.0.2.2)"), "{shown}");
        let quick = Options { quick: true, ..Options::default() };
        assert_eq!(text(&sessions[..1], None, &quick, terminal), "root\n# users=1\n");
        assert_eq!((idle(59), idle(86_400)), (".".to_owned(), "old".to_owned()));
    }
}
