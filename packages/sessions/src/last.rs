// SPDX-License-Identifier: MIT OR Apache-2.0
//! `last`: logins, the newest first.

use crate::fields::shown;
use crate::log::{self, Event, Kind, Log};
use crate::{Failure, Sessions};
use lexopt::prelude::*;
use qos_sys::time::{MONTHS, WEEKDAYS};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What is shown.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The most rows.
    count: Option<usize>,
    /// Years and seconds too.
    full: bool,
    /// No column for hosts.
    no_host: bool,
    /// Failures too.
    failures: bool,
    /// Users and lines; without any, all.
    only: Vec<String>,
}

pub fn main(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let mut options = Options::default();
    let mut file: Option<PathBuf> = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Short('n') | Long("limit") => options.count = Some(parser.value()?.parse()?),
            Short('F') | Long("fulltimes") => options.full = true,
            Short('R') | Long("nohostname") => options.no_host = true,
            Short('x') | Long("failures") => options.failures = true,
            Short('f') | Long("file") => file = Some(parser.value()?.into()),
            Value(word) => options.only.push(word.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let root = Path::new("/");
    let events = read(root, file.as_deref())?;
    let (boot, running) = (log::boot(), Sessions::of(root).list().unwrap_or_default());
    let runs = |event: &Event| {
        event.boot == boot
            && running.iter().any(|session| (session.pid, session.time) == (event.pid, event.time))
    };
    Ok(out.write_all(text(&events, &options, runs).as_bytes())?)
}

/// The events of the log at `file`, or of the log of the system under `root`, which begins with the first login.
fn read(root: &Path, file: Option<&Path>) -> Result<Vec<Event>, Failure> {
    match file.map_or_else(|| Log::of(root), Log::at).read() {
        Err(error) if file.is_none() && error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| Failure::new(qos_sys::error_text(&error))),
    }
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It has not.
    Running,
    /// By a logout at that time.
    Logout(i64),
    /// The system began anew at that time, without a logout before.
    Crash(i64),
    /// Its process was killed.
    Gone,
    /// It is a failure or the boot that runs.
    None,
}

/// The rows of `events`; `runs` says of a login whether its session is there.
pub fn text(events: &[Event], options: &Options, runs: impl Fn(&Event) -> bool) -> String {
    let mut rows = String::new();
    let mut left = options.count.unwrap_or(usize::MAX);
    // Behind an event, from the newest: the time of the boot that follows, and the logouts of its boot.
    let (mut next_boot, mut logouts): (Option<i64>, Vec<(i32, i64)>) = (None, Vec::new());
    for event in events.iter().rev() {
        let end = match event.kind {
            Kind::Logout => {
                logouts.push((event.pid, event.time));
                continue;
            }
            Kind::Boot => {
                let end = next_boot.map_or(End::Running, End::Crash);
                next_boot = Some(event.time);
                logouts.clear();
                end
            }
            Kind::Fail => End::None,
            // A process's number comes again: the logout that follows next is the one.
            Kind::Login => match logouts.iter().rposition(|(pid, _)| *pid == event.pid) {
                Some(at) => End::Logout(logouts.swap_remove(at).1),
                None if next_boot.is_some() => End::Crash(next_boot.unwrap_or(0)),
                None if runs(event) => End::Running,
                None => End::Gone,
            },
        };
        let is_asked = options.only.is_empty()
            || options.only.iter().any(|only| {
                let name = if event.kind == Kind::Boot { "reboot" } else { &event.user };
                only == name || (*only == event.line && !event.line.is_empty())
            });
        if is_asked && left > 0 && (event.kind != Kind::Fail || options.failures) {
            left -= 1;
            rows += row(event, end, options).trim_end();
            rows.push('\n');
        }
    }
    if let Some(first) = events.first() {
        rows += &format!("\nlogins begins {}\n", moment(first.time, true));
    }
    rows
}

fn row(event: &Event, end: End, options: &Options) -> String {
    let (user, line) = match event.kind {
        Kind::Boot => ("reboot".to_owned(), "system boot".to_owned()),
        _ if event.user.is_empty() => ("(unknown)".to_owned(), shown(&event.line)),
        _ => (shown(&event.user), shown(&event.line)),
    };
    let host = if options.no_host { String::new() } else { format!("{:<16} ", shown(&event.host)) };
    let until = |word: &str, time: i64| {
        let end = if word.is_empty() { clock(time, options.full) } else { word.to_owned() };
        format!("- {end:<5} {}", duration(time.saturating_sub(event.time)))
    };
    let end = match end {
        End::Running if event.kind == Kind::Boot => "  still running".to_owned(),
        End::Running => "  still logged in".to_owned(),
        End::Logout(time) => until("", time),
        End::Crash(time) => until("crash", time),
        End::Gone => "  gone - no logout".to_owned(),
        End::None => "  failed".to_owned(),
    };
    format!("{user:<8} {line:<12} {host}{} {end}", moment(event.time, options.full))
}

/// `Wed Nov 25 10:13`, or with the seconds and the year.
fn moment(time: i64, full: bool) -> String {
    match qos_sys::time::local(time) {
        Ok(t) => {
            let date = format!("{} {} {:>2}", WEEKDAYS[t.weekday], MONTHS[t.month], t.day);
            let year = if full { format!(" {}", t.year) } else { String::new() };
            format!("{date} {}{year}", clock(time, full))
        }
        Err(_) => format!("@{time}"),
    }
}

fn clock(time: i64, seconds: bool) -> String {
    match qos_sys::time::local(time) {
        Ok(t) if seconds => format!("{:02}:{:02}:{:02}", t.hour, t.minute, t.second),
        Ok(t) => format!("{:02}:{:02}", t.hour, t.minute),
        Err(_) => format!("@{time}"),
    }
}

/// `(HH:MM)`, or `(DAYS+HH:MM)`. A clock that was set back gives nothing below zero.
fn duration(seconds: i64) -> String {
    let minutes = seconds.max(0) / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    if days > 0 { format!("({days}+{hours:02}:{minutes:02})") } else { format!("({hours:02}:{minutes:02})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of 16 March 2101 in UTC.
    const NOON: i64 = 4_140_417_600;

    fn events() -> Vec<Event> {
        let event = |kind, minutes: i64, pid, user: &str, boot: &str| Event {
            kind,
            time: NOON + minutes * 60,
            pid,
            user: user.into(),
            line: if kind == Kind::Boot { "" } else { "ttyS0" }.into(),
            host: "".into(),
            boot: boot.into(),
        };
        vec![
            event(Kind::Boot, 0, 1, "", "one"),
            event(Kind::Login, 1, 50, "root", "one"),
            event(Kind::Logout, 6, 50, "root", "one"),
            event(Kind::Login, 7, 50, "ann", "one"),
            event(Kind::Boot, 3000, 1, "", "two"),
            event(Kind::Fail, 3001, 60, "", "two"),
            event(Kind::Login, 3002, 61, "ann", "two"),
            event(Kind::Login, 3003, 62, "root", "two"),
        ]
    }

    #[test]
    fn a_file_that_is_not_there() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(read(root.path(), None), Ok(Vec::new()));
        let failure = read(root.path(), Some(Path::new("/nosuch"))).unwrap_err();
        assert_eq!(failure.message(), Some("cannot open /nosuch: No such file or directory"));
        assert_eq!(failure.status(), 1);
        // A directory is no log, neither by name nor by default.
        std::fs::create_dir_all(root.path().join("var/log/logins")).unwrap();
        for file in [None, Some(root.path())] {
            let failure = read(root.path(), file).unwrap_err();
            assert!(
                failure.message().is_some_and(|message| message.ends_with(": Is a directory")),
                "{failure:?}"
            );
        }
    }

    #[test]
    fn rows() {
        let at = |minutes: i64| moment(NOON + minutes * 60, false);
        let clock = clock(NOON + 360, false);
        let blank = " ".repeat(17);
        let head = format!("\nlogins begins {}\n", moment(NOON, true));
        let rows = [
            format!("root     ttyS0        {blank}{}   still logged in\n", at(3003)),
            format!("ann      ttyS0        {blank}{}   gone - no logout\n", at(3002)),
            format!("(unknown) ttyS0        {blank}{}   failed\n", at(3001)),
            format!("reboot   system boot  {blank}{}   still running\n", at(3000)),
            format!("ann      ttyS0        {blank}{} - crash (2+01:53)\n", at(7)),
            format!("root     ttyS0        {blank}{} - {clock} (00:05)\n", at(1)),
            format!("reboot   system boot  {blank}{} - crash (2+02:00)\n", at(0)),
        ];
        let runs = |event: &Event| event.pid == 62;
        let all = Options { failures: true, ..Options::default() };
        assert_eq!(text(&events(), &all, runs), rows.concat() + &head);
        let ann = Options { only: vec!["ann".into()], ..Options::default() };
        assert_eq!(text(&events(), &ann, runs), [&rows[1][..], &rows[4], &head].concat());
        let two = Options { count: Some(2), ..Options::default() };
        assert_eq!(text(&events(), &two, runs), [&rows[0][..], &rows[1], &head].concat());
        let short = Options { no_host: true, count: Some(1), full: true, ..Options::default() };
        assert!(text(&events(), &short, runs).starts_with("root     ttyS0        Fri Mar 18 "));
        assert_eq!(text(&[], &all, runs), "");
    }
}
