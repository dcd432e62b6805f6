// SPDX-License-Identifier: MIT OR Apache-2.0
//! `pgrep` and `pkill`: finds processes by their names and other properties, or signals them (pgrep(1) of procps).

use crate::Failure;
use crate::process::{self, Process, tty_name};
use crate::select::is_terminal;
use crate::signals;
use crate::system::System;
use lexopt::prelude::*;
use qos_regex::{Matching, Regex, Syntax};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// The search, and the action on the processes found.
#[derive(Default)]
struct Query {
    pattern: Option<Regex>,
    full: bool,
    invert: bool,
    newest: bool,
    oldest: bool,
    parents: Vec<i32>,
    groups: Vec<i32>,
    sessions: Vec<i32>,
    pids: Vec<i32>,
    euids: Vec<u32>,
    uids: Vec<u32>,
    gids: Vec<u32>,
    terminals: Vec<String>,
    states: String,
    names: bool,
    lines: bool,
    count: bool,
    echo: bool,
    delimiter: Option<String>,
    signal: Option<i32>,
}

pub fn pgrep(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    run(Path::new("/"), qos_sys::process::id(), parser, out, None)
}

pub fn pkill(parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    run(Path::new("/"), qos_sys::process::id(), parser, out, Some(&mut qos_sys::process::kill))
}

/// Sends a signal, as [`qos_sys::process::kill`].
type Send<'a> = &'a mut dyn FnMut(i32, i32) -> std::io::Result<()>;

fn run(
    root: &Path,
    own: i32,
    mut parser: lexopt::Parser,
    out: &mut dyn Write,
    send: Option<Send>,
) -> Result<(), Failure> {
    let system = System::read(root)?;
    let all = process::all(root)?;
    let this = all.iter().find(|process| process.pid == own).cloned().unwrap_or_default();
    let query = parse(&mut parser, &system, &this, send.is_some())?;
    let mut found: Vec<&Process> =
        all.iter().filter(|process| process.pid != own && query.has(process)).collect();
    if query.newest || query.oldest {
        let key = |process: &&&Process| (process.start, process.pid);
        let one = if query.newest {
            found.iter().max_by_key(key).copied()
        } else {
            found.iter().min_by_key(key).copied()
        };
        found = one.into_iter().collect();
    }
    match send {
        Some(send) => signal(&query, &found, out, send),
        None => print(&query, &found, out),
    }
}

fn print(query: &Query, found: &[&Process], out: &mut dyn Write) -> Result<(), Failure> {
    if query.count {
        writeln!(out, "{}", found.len())?;
    } else if !found.is_empty() {
        let text = |process: &&Process| match (query.lines, query.names) {
            (true, _) => format!("{} {}", process.pid, process.args()),
            (_, true) => format!("{} {}", process.pid, process.name()),
            _ => process.pid.to_string(),
        };
        let texts: Vec<String> = found.iter().map(text).collect();
        writeln!(out, "{}", texts.join(query.delimiter.as_deref().unwrap_or("\n")))?;
    }
    if found.is_empty() { Err(Failure::silent(1)) } else { Ok(()) }
}

fn signal(query: &Query, found: &[&Process], out: &mut dyn Write, send: Send) -> Result<(), Failure> {
    let (mut sent, mut failure) = (0, None);
    for process in found {
        match send(process.pid, query.signal.unwrap_or(signals::TERM)) {
            Ok(()) => {
                sent += 1;
                if query.echo {
                    writeln!(out, "{} killed (pid {})", process.name(), process.pid)?;
                }
            }
            Err(error) => failure = Some(Failure::of(format!("killing pid {} failed", process.pid), &error)),
        }
    }
    if query.count {
        writeln!(out, "{sent}")?;
    }
    match failure {
        Some(failure) => Err(failure),
        None if sent == 0 => Err(Failure::silent(1)),
        None => Ok(()),
    }
}

impl Query {
    fn has(&self, process: &Process) -> bool {
        let one = |list: &[i32], id: i32| list.is_empty() || list.contains(&id);
        let user = |list: &[u32], id: u32| list.is_empty() || list.contains(&id);
        let terminal = || tty_name(process.tty);
        let found = one(&self.parents, process.ppid)
            && one(&self.groups, process.pgid)
            && one(&self.sessions, process.sid)
            && one(&self.pids, process.pid)
            && user(&self.euids, process.euid)
            && user(&self.uids, process.uid)
            && user(&self.gids, process.gid)
            && (self.states.is_empty() || self.states.contains(process.state))
            && (self.terminals.is_empty()
                || self.terminals.iter().any(|name| is_terminal(name, &terminal())))
            && self.pattern.as_ref().is_none_or(|pattern| {
                let line = process.line();
                // A back-reference that takes too many steps matches nothing.
                pattern.is_match(if self.full { &line } else { process.comm.as_bytes() }).unwrap_or(false)
            });
        found != self.invert
    }
}

fn parse(parser: &mut lexopt::Parser, system: &System, own: &Process, kills: bool) -> Result<Query, Failure> {
    let (mut query, mut exact, mut any_case) = (Query::default(), false, false);
    let (mut patterns, mut limited) = (Vec::<OsString>::new(), false);
    if kills {
        query.signal = signal_word(parser)?;
    }
    while let Some(arg) = parser.next()? {
        limited |= matches!(arg, Short('P' | 'g' | 's' | 'u' | 'U' | 'G' | 't' | 'r' | 'p' | 'n' | 'o'));
        match arg {
            Short('f') | Long("full") => query.full = true,
            Short('x') | Long("exact") => exact = true,
            Short('i') | Long("ignore-case") => any_case = true,
            Short('v') | Long("inverse") if !kills => query.invert = true,
            Short('n') | Long("newest") => query.newest = true,
            Short('o') | Long("oldest") => query.oldest = true,
            Short('c') | Long("count") => query.count = true,
            Short('l') | Long("list-name") if !kills => query.names = true,
            Short('a') | Long("list-full") if !kills => query.lines = true,
            Short('d') | Long("delimiter") if !kills => query.delimiter = Some(parser.value()?.string()?),
            Short('e') | Long("echo") if kills => query.echo = true,
            Long("signal") => query.signal = Some(signal_of(&parser.value()?.string()?)?),
            Short('P') | Long("parent") => query.parents.extend(ids(&parser.value()?.string()?, 0)?),
            Short('g') | Long("pgroup") => query.groups.extend(ids(&parser.value()?.string()?, own.pgid)?),
            Short('s') | Long("session") => query.sessions.extend(ids(&parser.value()?.string()?, own.sid)?),
            Short('p') | Long("pid") => query.pids.extend(ids(&parser.value()?.string()?, 0)?),
            Short('r') | Long("runstates") => query.states = parser.value()?.string()?.replace(',', ""),
            Short('t') | Long("terminal") => {
                query.terminals.extend(parser.value()?.string()?.split(',').map(str::to_owned));
            }
            Short('u') | Long("euid") => {
                each(&mut query.euids, &parser.value()?.string()?, |u| system.uid(u))?
            }
            Short('U') | Long("uid") => each(&mut query.uids, &parser.value()?.string()?, |u| system.uid(u))?,
            Short('G') | Long("group") => {
                each(&mut query.gids, &parser.value()?.string()?, |g| system.gid(g))?
            }
            Value(pattern) => patterns.push(pattern),
            _ => return Err(arg.unexpected().into()),
        }
    }
    match patterns.as_slice() {
        [] if limited => {}
        [pattern] => {
            let text = pattern.to_string_lossy();
            let text = if exact { format!("^({text})$") } else { text.into_owned() };
            let matching = Matching { ignore_case: any_case, ..Matching::default() };
            let regex = Regex::new(&qos_regex::translate(&text, Syntax::Extended), matching);
            query.pattern =
                Some(regex.map_err(|_| Failure::usage(format!("{text}: not a regular expression")))?);
        }
        [] => return Err(Failure::usage("a pattern or another criterion expected")),
        _ => return Err(Failure::usage("only one pattern can be given")),
    }
    Ok(query)
}

/// The signal of an argument `-SIGNAL`, which has to be the first one (as for kill(1), it is no group of options).
pub fn signal_word(parser: &mut lexopt::Parser) -> Result<Option<i32>, Failure> {
    let Some(mut words) = parser.try_raw_args() else { return Ok(None) };
    let name = words.peek().and_then(|word| word.to_str()?.strip_prefix('-'));
    let signal = name.filter(|name| !name.starts_with('-')).and_then(signals::number);
    if signal.is_some() {
        words.next();
    }
    Ok(signal)
}

/// The signal called `name`.
pub fn signal_of(name: &str) -> Result<i32, Failure> {
    signals::number(name).ok_or_else(|| Failure::usage(format!("{name}: unknown signal")))
}

/// Numbers with commas between them; 0 means `own`.
fn ids(list: &str, own: i32) -> Result<Vec<i32>, Failure> {
    let parse = |word: &str| match word.parse() {
        Ok(0) => Ok(own),
        Ok(id) => Ok(id),
        Err(_) => Err(Failure::usage(format!("{word}: not a process id"))),
    };
    list.split(',').map(parse).collect()
}

fn each(ids: &mut Vec<u32>, list: &str, find: impl Fn(&str) -> Result<u32, Failure>) -> Result<(), Failure> {
    for word in list.split(',') {
        ids.push(find(word)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn system() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc")).unwrap();
        fs::write(root.path().join("proc/uptime"), "100.0 1\n").unwrap();
        for (pid, comm, ppid, start, uid, cmdline) in [
            (1, "init", 0, 0, 0, "/init\0"),
            (5, "sshd", 1, 3, 0, "/bin/sshd\0-D\0"),
            (6, "sshd", 5, 4, 7, "sshd: user\0"),
            (9, "sh", 6, 9, 7, "-sh\0"),
        ] {
            let directory = root.path().join(format!("proc/{pid}"));
            fs::create_dir(&directory).unwrap();
            let stat = format!("{pid} ({comm}) S {ppid} {pid} 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {start} 0 0");
            fs::write(directory.join("stat"), stat).unwrap();
            fs::write(directory.join("status"), format!("Uid:\t{uid} {uid} {uid} {uid}\n")).unwrap();
            fs::write(directory.join("cmdline"), cmdline).unwrap();
        }
        root
    }

    fn check(line: &str, status: u8, expect: &str) {
        let root = system();
        let mut sent = Vec::new();
        let mut send = |pid, signal| {
            sent.push((pid, signal));
            Ok(())
        };
        let parser = lexopt::Parser::from_iter(line.split(' '));
        let mut out = Vec::new();
        let kills = line.starts_with("pkill");
        let result = run(root.path(), 9, parser, &mut out, kills.then_some(&mut send as Send));
        let mut text = String::from_utf8(out).unwrap();
        for (pid, signal) in sent {
            text += &format!("{pid}<{signal}\n");
        }
        assert_eq!(
            (result.err().map_or(0, |failure| failure.status()), text.as_str()),
            (status, expect),
            "{line}"
        );
    }

    #[test]
    fn finds() {
        check("pgrep sshd", 0, "5\n6\n");
        check("pgrep -x ssh", 1, "");
        check("pgrep -x sshd", 0, "5\n6\n");
        // Its own process, a `sh` here, is never found.
        check("pgrep sh", 0, "5\n6\n");
        check("pgrep -n ssh", 0, "6\n");
        check("pgrep -o ssh", 0, "5\n");
        check("pgrep -u 7", 0, "6\n");
        check("pgrep -P 1 -l", 0, "5 sshd\n");
        check("pgrep -a init", 0, "1 /init\n");
        check("pgrep -f -- -D", 0, "5\n");
        check("pgrep -c ssh", 0, "2\n");
        check("pgrep -c nope", 1, "0\n");
        check("pgrep -v sshd", 0, "1\n");
        check("pgrep -d , SSHD -i", 0, "5,6\n");
        check("pgrep -g 0", 1, "");
        check("pgrep", 2, "");
        check("pgrep (", 2, "");
        check("pgrep -u nobody-here x", 1, "");
    }

    #[test]
    fn signals_processes() {
        check("pkill sshd", 0, "5<15\n6<15\n");
        check("pkill -HUP -o sshd", 0, "5<1\n");
        check("pkill -9 -u 7", 0, "6<9\n");
        check("pkill --signal USR1 -e init", 0, "init killed (pid 1)\n1<10\n");
        check("pkill nope", 1, "");
        check("pkill -v sshd", 2, "");
    }
}
