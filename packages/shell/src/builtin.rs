// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builtins that brush 0.3 lacks: what [`crate::rewrite`] writes into programs, and `trap` for EXIT.

use crate::rewrite::{ERREXIT, TESTED};
use brush_core::builtins::{BuiltinResult, ContentType, ExitCode, SimpleCommand, simple_builtin};
use brush_core::{Error, ExecutionContext, Shell, ShellVariable};

/// Variable that counts the conditions around a command. In the shell's own state, so that a subshell has its copy.
const DEPTH: &str = "__qos_tested";
/// Variable that holds the command of `trap … EXIT`.
const EXIT_TRAP: &str = "__qos_exit_trap";

/// Gives `shell` the builtins.
pub fn register(shell: &mut Shell) {
    shell.register_builtin(ERREXIT, simple_builtin::<Errexit>());
    shell.register_builtin(TESTED, simple_builtin::<Tested>());
    if let Some(original) = shell.builtins.remove("trap") {
        shell.register_builtin("__qos_trap", original);
    }
    shell.register_builtin("trap", simple_builtin::<Trap>());
}

/// Forgets conditions that `break`, `continue` or `return` left: to be called where none can be open.
pub fn reset(shell: &mut Shell) -> Result<(), Error> {
    if depth(shell) == 0 { Ok(()) } else { set(shell, DEPTH, "0") }
}

/// Takes the command of `trap … EXIT`, if there is one.
pub fn take_exit_trap(shell: &mut Shell) -> Result<Option<String>, Error> {
    let command =
        shell.get_env_str(EXIT_TRAP).map(|command| command.into_owned()).filter(|text| !text.is_empty());
    if command.is_some() {
        set(shell, EXIT_TRAP, "")?;
    }
    Ok(command)
}

fn set(shell: &mut Shell, name: &str, value: &str) -> Result<(), Error> {
    shell.set_env_global(name, ShellVariable::new(value))
}

fn depth(shell: &Shell) -> u32 {
    shell.get_env_str(DEPTH).and_then(|depth| depth.parse().ok()).unwrap_or(0)
}

fn status(text: Option<&str>) -> u8 {
    text.and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn result(exit_code: ExitCode) -> Result<BuiltinResult, Error> {
    Ok(BuiltinResult { exit_code })
}

/// `__errexit STATUS`
struct Errexit;

impl SimpleCommand for Errexit {
    fn get_content(_: &str, _: ContentType) -> Result<String, Error> {
        Ok(String::new())
    }

    fn execute<I: Iterator<Item = S>, S: AsRef<str>>(
        context: ExecutionContext<'_>,
        args: I,
    ) -> Result<BuiltinResult, Error> {
        let status = status(args.last().as_ref().map(AsRef::as_ref));
        let ends = context.shell.options.exit_on_nonzero_command_exit && depth(context.shell) == 0;
        result(if ends { ExitCode::ExitShell(status) } else { ExitCode::Custom(status) })
    }
}

/// `__tested begin`, `__tested end STATUS`
struct Tested;

impl SimpleCommand for Tested {
    fn get_content(_: &str, _: ContentType) -> Result<String, Error> {
        Ok(String::new())
    }

    fn execute<I: Iterator<Item = S>, S: AsRef<str>>(
        context: ExecutionContext<'_>,
        args: I,
    ) -> Result<BuiltinResult, Error> {
        let args: Vec<String> = args.map(|arg| arg.as_ref().to_owned()).collect();
        let begin = args.iter().any(|arg| arg == "begin");
        let depth = depth(context.shell);
        let depth = if begin { depth + 1 } else { depth.saturating_sub(1) };
        set(context.shell, DEPTH, &depth.to_string())?;
        result(if begin {
            ExitCode::Success
        } else {
            ExitCode::Custom(status(args.last().map(String::as_str)))
        })
    }
}

/// `trap [ACTION] [CONDITION]...`: EXIT is kept for the end of the shell. An action for a signal is refused, as
/// brush would take it and never run it.
struct Trap;

impl SimpleCommand for Trap {
    fn get_content(_: &str, _: ContentType) -> Result<String, Error> {
        Ok("trap [ACTION] [EXIT]...\n".to_owned())
    }

    fn execute<I: Iterator<Item = S>, S: AsRef<str>>(
        context: ExecutionContext<'_>,
        args: I,
    ) -> Result<BuiltinResult, Error> {
        use std::io::Write;
        let mut args: Vec<String> = args.skip(1).map(|arg| arg.as_ref().to_owned()).collect();
        if args.first().is_some_and(|arg| arg == "--") {
            args.remove(0);
        }
        let is_exit = |name: &String| name == "EXIT" || name == "0";
        match args.split_first() {
            None => {
                if let Some(command) = context.shell.get_env_str(EXIT_TRAP).filter(|text| !text.is_empty()) {
                    writeln!(context.stdout(), "trap -- '{}' EXIT", command.replace('\'', r"'\''"))?;
                }
                result(ExitCode::Success)
            }
            Some((action, conditions)) => {
                let resets = action == "-" || conditions.is_empty();
                let conditions = if conditions.is_empty() { &args[..] } else { conditions };
                if conditions.iter().any(is_exit) {
                    set(context.shell, EXIT_TRAP, if resets { "" } else { action })?;
                }
                match conditions.iter().find(|name| !is_exit(name)) {
                    Some(name) if !resets => {
                        writeln!(
                            context.stderr(),
                            "sh: trap: {name}: this shell runs actions at EXIT only, not at signals"
                        )?;
                        result(ExitCode::Custom(1))
                    }
                    _ => result(ExitCode::Success),
                }
            }
        }
    }
}
