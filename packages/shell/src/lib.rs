// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sh`: the brush shell as a library, behind the command line that POSIX gives `sh`.
//!
//! Brush knows bash's language, which holds that of POSIX; what is read from where, and in what pieces, is decided
//! here. In scripts, [`rewrite`] and [`builtin`] add what brush 0.3, the newest for the pinned compiler, does not do:
//! `set -e`, `getopts` on the positional parameters, `trap … EXIT`, and redirections by `exec`. Still missing:
//!
//! - `set -u` is taken and ignored; `trap` for signals is refused;
//! - a failed assignment to a read-only variable ends the script also from inside of a subshell;
//! - `set -e` does not hold inside of files that `.` reads, of `eval` and of command substitutions, and a redirection
//!   by `exec` inside of a compound command holds from the next command of the script on;
//! - `fc`, and `read -t`.

mod args;
mod builtin;
mod log;
mod rewrite;
mod script;

pub use args::{Source, UsageError};

use args::Invocation;
use brush_interactive::{BasicShell, InteractiveShell, ReedlineShell, ShellError};
use script::Runner;
use std::ffi::OsString;
use std::io::IsTerminal;

/// Status of a shell that could not read its script (POSIX, sh, EXIT STATUS).
const UNREADABLE: u8 = 127;
/// Status of a shell that was called wrongly, as other shells give it.
const USAGE: u8 = 2;

/// Runs the shell with `args` (its name first) on the process's standard streams, and gives its exit status.
#[must_use]
pub fn run(args: Vec<OsString>) -> u8 {
    let invocation =
        match Invocation::parse(args, std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            Ok(invocation) => invocation,
            Err(error) => {
                eprintln!("sh: {error}");
                return USAGE;
            }
        };
    log::to_stderr();
    // One thread runs the commands, and builtins inside of a pipeline block theirs: hence more than one.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run_invocation(&invocation)),
        Err(error) => Err(ShellError::IoError(error)),
    };
    result.unwrap_or_else(|error| {
        eprintln!("sh: {error}");
        1
    })
}

async fn run_invocation(invocation: &Invocation) -> Result<u8, ShellError> {
    match &invocation.source {
        Source::Command(text) => Ok(Runner::new(&mut create(invocation).await?).run(text).await?),
        Source::File(path) => {
            let text = match std::fs::read(path) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) => {
                    eprintln!("sh: {path}: {}", qos_sys::error_text(&error));
                    return Ok(UNREADABLE);
                }
            };
            let mut shell = create(invocation).await?;
            shell.shell_name = Some(path.clone());
            Ok(Runner::new(&mut shell).run(&text).await?)
        }
        Source::Stdin if !std::io::stdin().is_terminal() => {
            Ok(Runner::new(&mut create(invocation).await?).run_stdin().await?)
        }
        Source::Stdin => at_terminal(invocation).await,
    }
}

async fn at_terminal(invocation: &Invocation) -> Result<u8, ShellError> {
    if terminal_can_edit() {
        match interact(ReedlineShell::new(options(invocation)).await?, invocation).await {
            // The editor asks the terminal where its cursor is. One that does not answer is still one to type at.
            Err(ShellError::IoError(error)) => {
                eprintln!(
                    "sh: {}: going on without line editing (TERM=dumb is without it from the start)",
                    error
                );
            }
            other => return other,
        }
    }
    interact(BasicShell::new(&options(invocation)).await?, invocation).await
}

async fn interact(mut shell: impl InteractiveShell, invocation: &Invocation) -> Result<u8, ShellError> {
    shell.shell_mut().as_mut().positional_parameters.clone_from(&invocation.parameters);
    shell.run_interactively().await?;
    let status = shell.shell().as_ref().last_result();
    Ok(status)
}

/// Whether the terminal takes escape sequences and answers them, which the line editor needs.
fn terminal_can_edit() -> bool {
    std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

async fn create(invocation: &Invocation) -> Result<brush_core::Shell, ShellError> {
    let mut shell = brush_core::Shell::new(&options(invocation).shell).await?;
    shell.positional_parameters.clone_from(&invocation.parameters);
    Ok(shell)
}

fn options(invocation: &Invocation) -> brush_interactive::Options {
    brush_interactive::Options {
        shell: brush_core::CreateOptions {
            enabled_options: invocation.enabled.clone(),
            disabled_options: invocation.disabled.clone(),
            interactive: invocation.interactive,
            login: invocation.login,
            do_not_execute_commands: invocation.enabled.iter().any(|o| o == "noexec"),
            print_commands_and_arguments: invocation.enabled.iter().any(|o| o == "xtrace"),
            verbose: invocation.enabled.iter().any(|o| o == "verbose"),
            read_commands_from_stdin: matches!(invocation.source, Source::Stdin),
            shell_name: Some(invocation.name.clone()),
            shell_product_display_str: Some("qos sh (brush)".into()),
            posix: true,
            ..Default::default()
        },
        disable_bracketed_paste: true,
        disable_color: false,
        disable_highlighting: true,
    }
}
