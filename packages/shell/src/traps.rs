// SPDX-License-Identifier: MIT OR Apache-2.0
//! `trap` (POSIX, trap): actions at the end of the shell, and at signals.
//!
//! A signal that has an action is only noted when it comes. [`watch`] writes a builtin between the commands of a
//! program that looks for noted ones and runs their actions: so an action waits until the command before has ended, as
//! POSIX has it.

use crate::builtin::{self, Outcome};
use crate::evaluate;
use crate::walk::{alone, item, simple};
use brush_core::traps::TrapSignal;
use brush_core::{CommandArg, Error, ExecutionContext, ExecutionParameters, ExecutionResult, Shell};
use brush_parser::ast::{CompoundList, SeparatorOperator};
use qos_sys::disposition::{self, Disposition};
use std::io::{self, Write};

/// Name of the builtin that looks for signals.
pub const SIGNALS: &str = "__signals";
/// What variables that hold actions begin with; a signal's number follows, 0 for the end of the shell.
const ACTION: &str = "__qos_trap_";

/// Writes the builtin behind every command of `list` that is waited for.
pub fn watch(list: &mut CompoundList) {
    for item_before in std::mem::take(&mut list.0) {
        let waited = matches!(item_before.1, SeparatorOperator::Sequence);
        list.0.push(item_before);
        if waited {
            list.0.push(item(alone(simple(SIGNALS, &[]))));
        }
    }
}

/// Forgets what to do at the end, as a subshell does at its start.
pub fn forget_exit(shell: &mut Shell) -> Result<(), Error> {
    shell.env.unset(&variable(0)).map(drop)
}

/// Runs the action for the end of the shell, where there is one; gives the shell's status after it.
pub async fn at_exit(shell: &mut Shell, params: Option<&ExecutionParameters>) -> Result<u8, Error> {
    let status = shell.last_result();
    let Some(action) = action(shell, 0) else { return Ok(status) };
    forget_exit(shell)?;
    let result = evaluate::run_text(shell, params, &action).await?;
    Ok(if result.exit_shell { result.exit_code } else { status })
}

/// `__signals`: runs the actions of signals that were noted. The status stays what it was.
pub fn signals(context: ExecutionContext<'_>, _: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let ExecutionContext { shell, params, .. } = context;
        let status = shell.last_result();
        // A subshell is this very process: what comes is for the shell around it.
        while let Some(signal) = if shell.is_subshell() { None } else { disposition::take_noted() } {
            let Some(action) = action(shell, signal) else { continue };
            let result = evaluate::run_text(shell, Some(&params), &action).await?;
            if result.exit_shell {
                return builtin::result(result);
            }
            shell.last_exit_status = status;
        }
        builtin::result(ExecutionResult::new(status))
    })
}

/// `trap [-p] [ACTION] [CONDITION]...`
pub fn trap(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let mut args: Vec<String> = args.iter().skip(1).map(ToString::to_string).collect();
        if args.first().is_some_and(|arg| arg == "--" || arg == "-p") {
            args.remove(0);
        }
        let Some((action, conditions)) = args.split_first() else {
            list(context.shell, &mut context.stdout())?;
            return builtin::result(ExecutionResult::success());
        };
        // A number in the place of the action, or nothing after it, is a condition to reset.
        let resets = action == "-" || conditions.is_empty() || action.parse::<u8>().is_ok();
        let conditions = if action != "-" && resets { &args[..] } else { conditions };
        let mut status = 0;
        for condition in conditions {
            let action = (!resets).then_some(action.as_str());
            if let Err(reason) = set(context.shell, condition, action)? {
                writeln!(context.stderr(), "sh: trap: {condition}: {reason}")?;
                status = 1;
            }
        }
        builtin::result(ExecutionResult::new(status))
    })
}

/// Sets the action for `condition`, or resets it; `Err` in the result is for the person to read.
fn set(shell: &mut Shell, condition: &str, action: Option<&str>) -> Result<Result<(), String>, Error> {
    let Some(signal) = condition.parse::<TrapSignal>().ok().and_then(|signal| i32::try_from(signal).ok())
    else {
        return Ok(Err("no such signal".to_owned()));
    };
    let variable = variable(signal);
    if signal != 0 {
        if signal == qos_sys::signal::SIGCHLD && action.is_some() {
            return Ok(Err("this shell needs it for itself".to_owned()));
        }
        if shell.is_subshell() {
            let refused = action.map(|_| Err("no actions at signals inside of a subshell".to_owned()));
            return Ok(refused.unwrap_or(Ok(())));
        }
        // One that was ignored when the shell started stays so (POSIX); SIGPIPE is what every Rust program ignores.
        let before = shell.env.is_set(&variable) || signal == qos_sys::signal::SIGPIPE;
        if !before && disposition::is_ignored(signal)? {
            return Ok(Ok(()));
        }
        let disposition = match action {
            None => Disposition::Default,
            Some("") => Disposition::Ignored,
            Some(_) => Disposition::Noted,
        };
        if let Err(error) = disposition::set(signal, disposition) {
            return Ok(Err(qos_sys::error_text(&error)));
        }
    }
    match action {
        Some(action) => builtin::set(shell, &variable, action)?,
        None => shell.env.unset(&variable).map(drop)?,
    }
    Ok(Ok(()))
}

fn list(shell: &Shell, out: &mut impl Write) -> io::Result<()> {
    for (number, signal) in TrapSignal::iterator().filter_map(|s| Some((i32::try_from(s).ok()?, s))) {
        if let Some(action) = action(shell, number) {
            let name = signal.as_str().trim_start_matches("SIG");
            writeln!(out, "trap -- '{}' {name}", action.replace('\'', r"'\''"))?;
        }
    }
    Ok(())
}

fn variable(signal: i32) -> String {
    format!("{ACTION}{signal}")
}

fn action(shell: &Shell, signal: i32) -> Option<String> {
    shell.get_env_str(&variable(signal)).map(|action| action.into_owned())
}

/// Lets SIGINT end the shell as it was when it started. Tokio, with which brush waits for programs, would catch it from
/// the first of them on, for good; it does so once only, and that is done here.
pub fn take_interrupt_back() -> io::Result<()> {
    let signal = qos_sys::signal::SIGINT;
    let ignored = disposition::is_ignored(signal)?;
    drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?);
    disposition::set(signal, if ignored { Disposition::Ignored } else { Disposition::Default })
}
