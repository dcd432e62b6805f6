// SPDX-License-Identifier: MIT OR Apache-2.0
//! Running text as commands of a shell: what scripts, `eval`, `.`, command substitutions and traps have in common.

use crate::feed;
use crate::nounset;
use crate::rewrite::{Rewriter, mentions_option};
use crate::subshell;
use crate::traps;
use crate::{builtin, walk, words};
use brush_core::{Error, ExecutionParameters, ExecutionResult, OpenFile, OpenFiles, Shell};
use brush_parser::ast::{CompoundList, Program};
use std::fs::File;
use std::future::Future;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::pin::Pin;

/// Status of a shell that an error of expansion or of a special builtin has ended (POSIX, 2.8.1).
pub const ERROR: u8 = 1;

/// Variables that say what the text so far has mentioned.
const ERREXIT_SEEN: &str = "__qos_errexit_seen";
const NOUNSET_SEEN: &str = "__qos_nounset_seen";
const TRAP_SEEN: &str = "__qos_trap_seen";

/// How text ends: a box, because text can run text.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<ExecutionResult, Error>> + Send + 'a>>;

/// Runs `text` in `shell` until it ends, or something in it ends the shell, a function, or a loop around it.
///
/// Without `params`, each command gets the shell's own files anew, so that redirections of `exec` hold for the next.
pub fn run_text<'a>(
    shell: &'a mut Shell,
    params: Option<&'a ExecutionParameters>,
    text: &'a str,
) -> Running<'a> {
    Box::pin(async move {
        let Ok(mut program) = shell.parse_string(text.to_owned()) else {
            // Brush says what is wrong with it, and sets the status.
            let params = params_or_own(shell, params)?;
            let mut result = shell.run_string(text.to_owned(), &params).await?;
            result.exit_shell = result.exit_code != 0;
            return Ok(result);
        };
        prepare(shell, &mut program, text)?;
        // A text without commands succeeds; what `$?` was is left to its commands to see.
        let mut last = ExecutionResult::success();
        for item in program.complete_commands.into_iter().flat_map(|CompoundList(items)| items) {
            if params.is_none() {
                builtin::reset(shell)?;
            }
            let params = params_or_own(shell, params)?;
            let one = Program { complete_commands: vec![CompoundList(vec![item])] };
            last = run_program(shell, &params, one).await?;
            let leaves = last.break_loop.is_some() || last.continue_loop.is_some();
            if last.exit_shell || last.return_from_function_or_script || leaves {
                break;
            }
        }
        Ok(last)
    })
}

/// Runs `program` as it is. An error in it is told, and ends the shell.
pub async fn run_program(
    shell: &mut Shell,
    params: &ExecutionParameters,
    program: Program,
) -> Result<ExecutionResult, Error> {
    match shell.run_program(program, params).await {
        Ok(result) => Ok(result),
        Err(error) => {
            writeln!(params.stderr(), "sh: {error}")?;
            shell.last_exit_status = ERROR;
            Ok(ExecutionResult { exit_code: ERROR, exit_shell: true, ..Default::default() })
        }
    }
}

/// Rewrites `program`, which comes from `text`, so that it does what brush leaves out.
fn prepare(shell: &mut Shell, program: &mut Program, text: &str) -> Result<(), Error> {
    let on = shell.options.exit_on_nonzero_command_exit || mentions_option(text, 'e', "errexit");
    let errexit = seen(shell, ERREXIT_SEEN, on)?;
    let on = shell.options.treat_unset_variables_as_error || mentions_option(text, 'u', "nounset");
    let nounset = seen(shell, NOUNSET_SEEN, on)?;
    let trap = seen(shell, TRAP_SEEN, text.contains("trap"))?;
    let mut rewriter = Rewriter::new(errexit, shell.funcs.iter().map(|(name, _)| name.clone()));
    let options = shell.parser_options();
    for list in &mut program.complete_commands {
        words::change_words(list, &mut |word| nounset::rewrite(word, &options, nounset));
    }
    rewriter.rewrite(program);
    for list in &mut program.complete_commands {
        if trap {
            walk::change_lists(list, &mut traps::watch);
        }
        walk::change_lists(list, &mut subshell::contain);
        let is_internal = |name: &str| rewriter.is_function(name) || shell.builtins.contains_key(name);
        walk::change_lists(list, &mut |list| feed::pipelines(list, &is_internal));
    }
    Ok(())
}

/// Whether something is `now` so, or was before, which `variable` keeps.
fn seen(shell: &mut Shell, variable: &str, now: bool) -> Result<bool, Error> {
    let before = shell.env.is_set(variable);
    if now && !before {
        builtin::set(shell, variable, "1")?;
    }
    Ok(now || before)
}

/// `params`, or else the shell's files, with a standard input that is not buffered: brush's own takes more than `read`
/// asked for.
fn params_or_own(shell: &Shell, params: Option<&ExecutionParameters>) -> io::Result<ExecutionParameters> {
    if let Some(params) = params {
        return Ok(params.clone());
    }
    let mut params = shell.default_exec_params();
    if matches!(params.open_files.stdin(), Some(OpenFile::Stdin)) {
        params.open_files.set(OpenFiles::STDIN_FD, OpenFile::File(stdin_file()?));
    }
    Ok(params)
}

/// Standard input without a buffer.
pub fn stdin_file() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}
