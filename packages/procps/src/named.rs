// SPDX-License-Identifier: MIT OR Apache-2.0
//! `pidof` and `killall`: processes by the exact names of their programs (pidof(1), killall(1)).

use crate::process::{self, Process};
use crate::{Failure, find, signals};
use lexopt::prelude::*;
use std::io::Write;
use std::path::Path;

pub fn pidof(mut parser: lexopt::Parser, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut single, mut names) = (false, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('s') => single = true,
            // Scripts run by an interpreter are found in any case.
            Short('x' | 'c') => {}
            Value(name) => names.push(name.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    let all = process::all(Path::new("/"))?;
    let own = qos_sys::process::id();
    let mut pids: Vec<String> = all
        .iter()
        .rev()
        .filter(|p| p.pid != own && names.iter().any(|name| is(p, name)))
        .map(|p| p.pid.to_string())
        .collect();
    if single {
        pids.truncate(1);
    }
    if pids.is_empty() {
        return Err(Failure::silent(1));
    }
    Ok(writeln!(out, "{}", pids.join(" "))?)
}

pub fn killall(mut parser: lexopt::Parser, _: &mut dyn Write) -> Result<(), Failure> {
    let mut signal = find::signal_word(&mut parser)?.unwrap_or(signals::TERM);
    let (mut quiet, mut names) = (false, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('q') | Long("quiet") => quiet = true,
            Short('s') | Long("signal") => signal = find::signal_of(&parser.value()?.string()?)?,
            Value(name) => names.push(name.string()?),
            _ => return Err(arg.unexpected().into()),
        }
    }
    if names.is_empty() {
        return Err(Failure::usage("name of a program expected"));
    }
    let all = process::all(Path::new("/"))?;
    let own = qos_sys::process::id();
    let mut failure = None;
    for name in names {
        let mut found = false;
        for process in all.iter().filter(|process| process.pid != own && is(process, &name)) {
            found = true;
            if let Err(error) = qos_sys::process::kill(process.pid, signal) {
                failure = Some(Failure::of(format!("{name} ({})", process.pid), &error));
            }
        }
        if !found {
            failure = Some(if quiet {
                Failure::silent(1)
            } else {
                Failure::new(format!("{name}: no process found"))
            });
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Whether the program of `process` is called `name`, by itself, or as its first argument (a script: its second).
fn is(process: &Process, name: &str) -> bool {
    let args: Vec<&[u8]> = process.cmdline.split(|byte| *byte == 0).collect();
    let arg_is =
        |n: usize| args.get(n).is_some_and(|arg| !arg.is_empty() && base(arg) == base(name.as_bytes()));
    process.comm == name
        || (!process.cmdline.is_empty() && (arg_is(0) || (arg_is(1) && name.starts_with(&process.comm))))
}

fn base(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    name.strip_prefix(b"-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |comm: &str, cmdline: &str, name: &str, expect: bool| {
            let process =
                Process { comm: comm.to_owned(), cmdline: cmdline.as_bytes().to_vec(), ..Process::default() };
            assert_eq!(is(&process, name), expect, "{comm} {cmdline} {name}");
        };
        check("sh", "-sh\0", "sh", true);
        check("qos", "/bin/sleep\09\0", "sleep", true);
        check("qos", "/bin/sleep\09\0", "/bin/sleep", true);
        check("sleep", "sleep\0sh\0", "sh", false);
        check("script", "/bin/sh\0/etc/script\0", "script", true);
        check("kthreadd", "", "kthreadd", true);
        check("kthreadd", "", "", false);
    }
}
