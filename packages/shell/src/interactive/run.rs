// SPDX-License-Identifier: GPL-3.0-or-later
//! The read-eval loop of an interactive shell.

use super::Pending;
use super::stopped::{command_ends, warns_of_stopped_jobs};
use crate::ShellEnv;
use crate::history::Shared;
use std::cell::RefCell;
use std::io::ErrorKind;
use std::ops::ControlFlow::{Break, Continue};
use yash_env::io::Fd;
use yash_env::parser::Mode;
use yash_env::semantics::{Divert, ExitStatus, Result};
use yash_env::system::Signals as _;
use yash_env::system::concurrency::WriteAll as _;
use yash_semantics::Handle as _;
use yash_semantics::command::Command as _;
use yash_semantics::trap::run_traps_for_caught_signals;
use yash_syntax::parser::lex::Lexer;
use yash_syntax::parser::{ErrorCause, Parser};

/// True for the exit status of a command that Ctrl-C, Ctrl-Z or Ctrl-\ has ended or stopped. The libraries give 384 and
/// the signal's number, or 128 as POSIX's `$?` has it.
fn was_ended_by_key(status: ExitStatus) -> bool {
    let signals = [crate::System::SIGINT, crate::System::SIGTSTP, crate::System::SIGQUIT];
    signals.iter().any(|signal| [128, 384].contains(&(status.0 - signal.as_raw())))
}

/// Reads and executes commands until the input ends or the shell is to exit.
///
/// This is [`yash_semantics::interactive_read_eval_loop`] with four additions: a line that was given up by Ctrl-C
/// makes the exit status 130 and is forgotten, the state of jobs is asked for before each prompt, commands enter the
/// history, and the end of the input is refused once where jobs are stopped.
#[allow(clippy::await_holding_refcell_ref, reason = "the parser does not run concurrently with the executor")]
pub async fn run(env: &RefCell<&mut ShellEnv>, lexer: &mut Lexer<'_>) -> Result {
    let mut executed = false;
    loop {
        if !lexer.pending() {
            lexer.flush();
            env.borrow_mut().update_all_subshell_statuses();
        }
        lexer.set_mode(Mode::from(&env.borrow().options));
        let command =
            Parser::config().aliases(env).declaration_utilities(env).input(lexer).command_line().await;
        let history = Shared::existing(&env.borrow());
        if let Some(history) = &history {
            history.0.borrow_mut().commit_unless_fc();
        }

        let env = &mut **env.borrow_mut();
        let mut result = match command {
            Ok(None) if warns_of_stopped_jobs(env).await => {
                command_ends(env);
                lexer.reset();
                continue;
            }
            Ok(None) => {
                if let Some(history) = &history {
                    history.0.borrow_mut().commit();
                }
                if !executed {
                    env.exit_status = ExitStatus::SUCCESS;
                }
                return Continue(());
            }
            Ok(Some(command)) => match run_traps_for_caught_signals(env).await {
                Continue(()) => {
                    env.update_all_subshell_statuses();
                    let result = command.execute(env).await;
                    if let Break(Divert::Interrupt(Some(status))) = result {
                        env.exit_status = status;
                    }
                    if !command.0.is_empty() {
                        command_ends(env);
                    }
                    if !command.0.is_empty() && was_ended_by_key(env.exit_status) {
                        // The terminal has shown `^C` or `^Z`, and no newline.
                        let _ = env.system.write_all(Fd::STDERR, b"\n").await;
                    }
                    result
                }
                divert => divert,
            },
            Err(error) => match &error.cause {
                ErrorCause::Io(cause) if cause.kind() == ErrorKind::Interrupted => {
                    env.exit_status = ExitStatus(128 + crate::System::SIGINT.as_raw());
                    lexer.reset();
                    if env.sigint_has_default_action() {
                        let _ = env.traps.take_signal_if_caught(crate::System::SIGINT);
                        Continue(())
                    } else {
                        env.traps.catch_signal(crate::System::SIGINT);
                        run_traps_for_caught_signals(env).await
                    }
                }
                ErrorCause::Io(_) => return error.handle(env).await,
                ErrorCause::Syntax(_) => error.handle(env).await,
            },
        };
        if let Break(Divert::Interrupt(status)) = result {
            env.exit_status = status.unwrap_or(env.exit_status);
            result = Continue(());
            lexer.flush();
            Pending::of(env).0.borrow_mut().clear();
        }
        result?;
        executed = true;
    }
}
