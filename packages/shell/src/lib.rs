// SPDX-License-Identifier: MIT OR Apache-2.0
//! `sh`: the brush shell as a library, behind the command line that POSIX gives `sh`.
//!
//! Brush knows bash's language, which holds that of POSIX; what is read from where, and in what pieces, is decided
//! here. In scripts, brush 0.3, the newest for the pinned compiler, lacks `set -e` ([`rewrite`]), `set -u`
//! ([`nounset`]), traps ([`traps`]), subshells that end on their own ([`subshell`]), pipelines and command substitutions
//! with much output ([`feed`]), quotes in here-documents ([`heredoc`]), `getopts` on the positional parameters and
//! redirections by `exec`: [`evaluate`] rewrites programs, and [`builtin`] has builtins, for these. Still missing:
//!
//! - a subshell, and a command that ends with `&`, is no process: `$!` is empty, and traps for signals are refused in
//!   them;
//! - a builtin, function or compound command in a pipeline runs to its end before the next is started: one that has no
//!   end of its own, like `while :; do echo y; done | head`, stops at 64 MiB and hangs;
//! - an error in a here-document fails its command, and does not end the script;
//! - a redirection by `exec` inside of a compound command holds from the next command of the script on;
//! - `wait` waits for everything, and for no signal;
//! - `fc`, and `read -t`;
//! - at a terminal, of all this only `kill` is there.

#![allow(
    clippy::result_large_err,
    reason = "brush's error is as large as it is, and its builtins give it unboxed"
)]

mod args;
mod builtin;
mod evaluate;
mod feed;
mod heredoc;
mod kill;
mod log;
mod nounset;
mod rewrite;
mod script;
mod special;
mod subshell;
mod traps;
mod walk;
mod words;

pub use args::{Source, UsageError};

use args::Invocation;
use brush_interactive::{BasicShell, InteractiveShell, ReedlineShell, ShellError};
use qos_sys::disposition::{self, Disposition};
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
    // Rust catches these two to tell of an overflow of the stack, and lets one that was sent by `kill` pass.
    for signal in [qos_sys::signal::SIGSEGV, qos_sys::signal::SIGBUS] {
        if let Err(error) = disposition::set(signal, Disposition::Default) {
            eprintln!("sh: {}", qos_sys::error_text(&error));
        }
    }
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
        Source::Command(text) => Ok(Runner::new(&mut create(invocation).await?)?.run(text).await?),
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
            Ok(Runner::new(&mut shell)?.run(&text).await?)
        }
        Source::Stdin if !std::io::stdin().is_terminal() => {
            Ok(Runner::new(&mut create(invocation).await?)?.run_stdin().await?)
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
    builtin::register_kill(shell.shell_mut().as_mut());
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
