// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builtins that brush 0.3 lacks, or does wrongly: their table, and those that [`crate::rewrite`] writes into programs.

use crate::rewrite::{ERREXIT, TESTED};
use crate::{kill, nounset, special, subshell, traps};
use brush_core::builtins::{
    BuiltinResult, CommandExecuteFunc, ContentType, ExitCode, Registration, SimpleCommand, simple_builtin,
};
use brush_core::{Error, ExecutionContext, ExecutionResult, Shell, ShellValue, ShellVariable};
use std::future::Future;
use std::pin::Pin;

/// What a builtin gives that can run commands.
pub type Outcome<'a> = Pin<Box<dyn Future<Output = Result<BuiltinResult, Error>> + Send + 'a>>;

/// Such builtins: name, function, whether it is one of POSIX's special builtins.
const TABLE: [(&str, CommandExecuteFunc, bool); 9] = [
    (".", special::dot, true),
    ("eval", special::eval, true),
    ("exec", special::exec, true),
    ("kill", kill::kill, false),
    ("return", special::r#return, true),
    ("trap", traps::trap, true),
    (nounset::SUBSTITUTE, special::substitute, false),
    (subshell::RUN, subshell::run, false),
    (traps::SIGNALS, traps::signals, false),
];

/// Variable that counts the conditions around a command. In the shell's own state, so that a subshell has its copy.
const DEPTH: &str = "__qos_tested";

/// Gives `shell` the builtins.
pub fn register(shell: &mut Shell) -> Result<(), Error> {
    shell.register_builtin(ERREXIT, simple_builtin::<Errexit>());
    shell.register_builtin(TESTED, simple_builtin::<Tested>());
    register_kill(shell);
    keep(shell, "exec", special::BRUSH_EXEC);
    for (name, execute_func, special_builtin) in TABLE {
        shell.register_builtin(name, registration(execute_func, special_builtin));
    }
    let value = ShellValue::Dynamic { getter: nounset::value, setter: |_| () };
    shell.set_env_global(nounset::VARIABLE, ShellVariable::new(value))
}

/// Gives `shell` the one of them that a person at a terminal misses, too.
pub fn register_kill(shell: &mut Shell) {
    keep(shell, "kill", kill::BRUSH_KILL);
    shell.register_builtin("kill", registration(kill::kill, false));
}

/// Lets brush's own builtin `name` be called by another name.
fn keep(shell: &mut Shell, name: &str, other: &str) {
    if let Some(own) = shell.builtins.get(name).cloned().filter(|_| !shell.builtins.contains_key(other)) {
        shell.register_builtin(other, own);
    }
}

fn registration(execute_func: CommandExecuteFunc, special_builtin: bool) -> Registration {
    Registration {
        execute_func,
        content_func: |name, _| Ok(format!("{name}: see POSIX\n")),
        disabled: false,
        special_builtin,
        declaration_builtin: false,
    }
}

/// Forgets conditions that `break`, `continue` or `return` left: to be called where none can be open.
pub fn reset(shell: &mut Shell) -> Result<(), Error> {
    if depth(shell) == 0 { Ok(()) } else { set(shell, DEPTH, "0") }
}

/// Sets `name`, in whatever function the shell is.
pub fn set(shell: &mut Shell, name: &str, value: &str) -> Result<(), Error> {
    shell.set_env_global(name, ShellVariable::new(value))
}

fn depth(shell: &Shell) -> u32 {
    shell.get_env_str(DEPTH).and_then(|depth| depth.parse().ok()).unwrap_or(0)
}

fn status(text: Option<&str>) -> u8 {
    text.and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// What a builtin gives when commands that it ran ended with `result`.
pub fn result(result: ExecutionResult) -> Result<BuiltinResult, Error> {
    Ok(BuiltinResult { exit_code: ExitCode::from(result) })
}

/// What a builtin gives that ends the shell.
pub fn exit(status: u8) -> BuiltinResult {
    BuiltinResult { exit_code: ExitCode::ExitShell(status) }
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
        result(ExecutionResult { exit_code: status, exit_shell: ends, ..Default::default() })
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
        let status = if begin { 0 } else { status(args.last().map(String::as_str)) };
        result(ExecutionResult::new(status))
    }
}
