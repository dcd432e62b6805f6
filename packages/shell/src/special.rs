// SPDX-License-Identifier: MIT OR Apache-2.0
//! `eval`, `.`, `return` and `exec`: brush's own neither let the commands that they run end the shell, a function or a
//! loop, nor does its `exec` know that a subshell is no process of its own.

use crate::builtin::{self, Outcome};
use crate::evaluate::{self, run_text};
use brush_core::{CommandArg, ExecutionContext, ExecutionResult, Shell};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What brush's own `exec` is called here.
pub const BRUSH_EXEC: &str = "__qos_exec";
/// Statuses of a program that is not there, or cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_RUNNABLE: u8 = 126;

/// `eval [WORD]...`
pub fn eval(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let words: Vec<String> = args.iter().skip(1).map(ToString::to_string).collect();
        let words = if words.first().is_some_and(|word| word == "--") { &words[1..] } else { &words[..] };
        let ExecutionContext { shell, params, .. } = context;
        builtin::result(run_text(shell, Some(&params), &words.join(" ")).await?)
    })
}

/// `__substitute TEXT`, in a command substitution, which is a subshell.
pub fn substitute(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let text = args.get(1).map(ToString::to_string).unwrap_or_default();
        let ExecutionContext { shell, mut params, .. } = context;
        crate::feed::put_before(&mut params)?;
        crate::traps::forget_exit(shell)?;
        let result = run_text(shell, Some(&params), &text).await?;
        shell.last_exit_status = result.exit_code;
        Ok(builtin::exit(crate::traps::at_exit(shell, Some(&params)).await?))
    })
}

/// `. FILE`
pub fn dot(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let mut stderr = context.stderr();
        let ExecutionContext { shell, params, .. } = context;
        let Some(name) = args.get(1).map(ToString::to_string) else {
            writeln!(stderr, "sh: .: name of a file expected after it")?;
            return Ok(builtin::exit(2));
        };
        let text = match std::fs::read(find(shell, &name)) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                writeln!(stderr, "sh: .: {name}: {}", qos_sys::error_text(&error))?;
                return Ok(builtin::exit(evaluate::ERROR));
            }
        };
        let mut result = run_text(shell, Some(&params), &text).await?;
        // `return` ends the file, and no more.
        result.return_from_function_or_script = false;
        builtin::result(result)
    })
}

/// Where `.` finds `name`: in PATH when there is no slash in it, otherwise from the shell's folder on.
fn find(shell: &Shell, name: &str) -> PathBuf {
    let path = shell.get_env_str("PATH").filter(|_| !name.contains('/')).unwrap_or_default().into_owned();
    let in_path = path.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file());
    in_path.unwrap_or_else(|| shell.working_dir.join(name))
}

/// `return [STATUS]`
pub fn r#return(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let status = match args.get(1).map(ToString::to_string) {
            None => context.shell.last_result(),
            Some(status) => match status.parse::<i32>() {
                Ok(status) => (status & 0xff) as u8,
                Err(_) => {
                    writeln!(context.stderr(), "sh: return: {status}: no status")?;
                    return Ok(builtin::exit(2));
                }
            },
        };
        builtin::result(ExecutionResult {
            exit_code: status,
            return_from_function_or_script: true,
            ..Default::default()
        })
    })
}

/// `exec [COMMAND [ARGUMENT]...]`
pub fn exec(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    let words: Vec<String> = args.iter().skip(1).map(ToString::to_string).collect();
    Box::pin(async move {
        let words = if words.first().is_some_and(|word| word == "--") { &words[1..] } else { &words[..] };
        if words.is_empty() || !context.shell.is_subshell() {
            let mut stderr = context.stderr();
            let Some(own) = context.shell.builtins.get(BRUSH_EXEC).cloned() else {
                return Ok(builtin::exit(NOT_RUNNABLE));
            };
            let result = (own.execute_func)(context, args).await;
            let Some(name) = words.first() else { return result };
            // It is still here: the program was not started.
            let (status, reason) = match result {
                Ok(_) => (NOT_FOUND, "No such file or directory".to_owned()),
                Err(error) => (NOT_RUNNABLE, error.to_string()),
            };
            writeln!(stderr, "sh: exec: {name}: {reason}")?;
            return Ok(builtin::exit(status));
        }
        // The subshell is this process: it goes on, and what is left of the subshell does not.
        let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''")));
        let text = format!("command {}", quoted.collect::<Vec<_>>().join(" "));
        let ExecutionContext { shell, params, .. } = context;
        let result = run_text(shell, Some(&params), &text).await?;
        Ok(builtin::exit(result.exit_code))
    })
}
