// SPDX-License-Identifier: MIT OR Apache-2.0
//! `kill` (POSIX, kill): brush's own sends SIGKILL unless told otherwise, knows no signal by its number and not 0, and
//! takes one process only. Its own still does jobs.

use crate::builtin::{self, Outcome};
use brush_core::traps::TrapSignal;
use brush_core::{CommandArg, ExecutionContext, ExecutionResult};
use qos_sys::signal::SIGTERM;
use std::io::{self, Write};

/// What brush's own is called here.
pub const BRUSH_KILL: &str = "__qos_kill";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    /// `-l`, with statuses or names to look up.
    List(Vec<String>),
    /// A signal, and whom to send it.
    Send(i32, Vec<String>),
}

/// `kill [-s NAME | -n NUMBER | -SIGNAL] PROCESS...`, `kill -l [STATUS]...`
pub fn kill(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let words: Vec<String> = args.iter().skip(1).map(ToString::to_string).collect();
        match parse(&words) {
            Err(reason) => {
                writeln!(context.stderr(), "sh: kill: {reason}")?;
                builtin::result(ExecutionResult::new(2))
            }
            Ok(Request::List(which)) => {
                list(&which, &mut context.stdout())?;
                builtin::result(ExecutionResult::success())
            }
            Ok(Request::Send(signal, targets)) => send(context, args, signal, &targets).await,
        }
    })
}

async fn send(
    context: ExecutionContext<'_>,
    args: Vec<CommandArg>,
    signal: i32,
    targets: &[String],
) -> Result<brush_core::builtins::BuiltinResult, brush_core::Error> {
    if targets.iter().any(|target| target.starts_with('%')) {
        if let Some(own) = context.shell.builtins.get(BRUSH_KILL).cloned() {
            let name = args.into_iter().take(1);
            let signal = TrapSignal::try_from(signal)?;
            let rest = ["-s", signal.as_str()].into_iter().chain(targets.iter().map(String::as_str));
            let args = name.chain(rest.map(|arg| CommandArg::String(arg.to_owned()))).collect();
            return (own.execute_func)(context, args).await;
        }
    }
    let mut status = 0;
    for target in targets {
        let sent = match target.parse() {
            Ok(pid) => qos_sys::process::kill(pid, signal).map_err(|error| qos_sys::error_text(&error)),
            Err(_) => Err("no process id".to_owned()),
        };
        if let Err(reason) = sent {
            writeln!(context.stderr(), "sh: kill: {target}: {reason}")?;
            status = 1;
        }
    }
    builtin::result(ExecutionResult::new(status))
}

fn parse(words: &[String]) -> Result<Request, String> {
    let mut words = words.iter();
    let mut targets = words.clone();
    let signal = match words.next().map(String::as_str) {
        Some("-l" | "-L") => return Ok(Request::List(words.cloned().collect())),
        Some(option @ ("-s" | "-n")) => {
            let name = words.next().ok_or_else(|| format!("{option}: signal expected after it"))?;
            targets = words;
            number(name)?
        }
        Some("--") => SIGTERM,
        Some(word) if word.starts_with('-') => {
            targets = words;
            number(&word[1..])?
        }
        _ => SIGTERM,
    };
    let mut targets: Vec<String> = targets.cloned().collect();
    if targets.first().is_some_and(|target| target == "--") {
        targets.remove(0);
    }
    if targets.is_empty() {
        return Err("process expected".to_owned());
    }
    Ok(Request::Send(signal, targets))
}

/// A signal's number, by its number or its name; 0 is that of no signal, which only asks whether the process is there.
fn number(name: &str) -> Result<i32, String> {
    let unknown = || format!("{name}: no such signal");
    let signal: TrapSignal = name.parse().map_err(|_| unknown())?;
    i32::try_from(signal).map_err(|_| unknown())
}

fn list(which: &[String], out: &mut impl Write) -> io::Result<()> {
    let name = |number: i32| {
        let signal = TrapSignal::try_from(number).ok().filter(|_| number != 0)?;
        Some(signal.as_str().trim_start_matches("SIG").to_owned())
    };
    if which.is_empty() {
        let names: Vec<String> = (1..=64).filter_map(name).collect();
        return writeln!(out, "{}", names.join(" "));
    }
    for word in which {
        // The status of what a signal ended is 128 more than the signal.
        let known = match word.parse::<i32>() {
            Ok(status) => name(if status > 128 { status - 128 } else { status }),
            Err(_) => number(word).ok().map(|number| number.to_string()),
        };
        writeln!(out, "{}", known.unwrap_or_else(|| word.clone()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines() {
        let send = |signal, targets: &[&str]| {
            Ok(Request::Send(signal, targets.iter().map(|target| (*target).to_owned()).collect()))
        };
        for (line, expect) in [
            ("1", send(15, &["1"])),
            ("-9 1 2", send(9, &["1", "2"])),
            ("-KILL 1", send(9, &["1"])),
            ("-s int -- -1", send(2, &["-1"])),
            ("-n 1 %1", send(1, &["%1"])),
            ("-0 1", send(0, &["1"])),
            ("-- -5", send(15, &["-5"])),
            ("-l 9", Ok(Request::List(vec!["9".to_owned()]))),
            ("-NOPE 1", Err("NOPE: no such signal".to_owned())),
            ("-s", Err("-s: signal expected after it".to_owned())),
            ("-9", Err("process expected".to_owned())),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(parse(&words), expect, "{line}");
        }
    }

    #[test]
    fn lists() {
        let mut out = Vec::new();
        list(&["9".to_owned(), "143".to_owned(), "INT".to_owned()], &mut out).unwrap();
        assert_eq!(out, b"KILL\nTERM\n2\n");
    }
}
