// SPDX-License-Identifier: GPL-3.0-or-later
//! A POSIX shell on the libraries of yash-rs.
//!
//! yash-rs parses and executes; this crate is what a program needs around it: the command line, the start-up files,
//! the input of the read-eval loop, the built-ins that yash-rs does not have, and line editing at the prompt.

pub mod builtin;
pub mod history;
pub mod interactive;
pub mod startup;

use std::cell::RefCell;
use std::ffi::OsString;
use std::ops::ControlFlow::Break;
use std::rc::Rc;
use yash_env::job::Pid;
use yash_env::option::{Interactive, On};
use yash_env::semantics::{Divert, ExitStatus, exit_or_raise};
use yash_env::system::concurrency::WriteAll as _;
use yash_env::system::{Concurrent, Errno, GetPid as _};
use yash_env::{Env, RealSystem};
use yash_semantics::read_eval_loop;
use yash_semantics::trap::run_exit_trap;

/// The operating system as the shell's parts see it.
pub type System = Rc<Concurrent<RealSystem>>;

/// The environment in which this shell executes commands.
pub type ShellEnv = Env<System>;

/// Runs the shell by the process's arguments, and ends the process with its exit status or by its signal.
pub fn main() -> ! {
    // SAFETY: no other `RealSystem` exists in this process; `main` does not return, and nothing else makes one.
    let real = unsafe { RealSystem::new() };
    let system = Rc::new(Concurrent::new(real));
    let runner = Rc::clone(&system);
    let args = std::env::args_os();
    runner.run_real(async move {
        let mut env = Env::with_system(system);
        run(&mut env, args).await;
        drain_terminal(&env.system);
        exit_or_raise(&env.system, env.exit_status).await
    })
}

/// Waits until the terminal has sent what was written to it, if this process leads the terminal's session: its end hangs the
/// terminal up, and a serial port forgets then what it has not sent (`uart_hangup` in the kernel's `serial_core.c`).
///
/// yash-env's `getsid`, since rustix's does not allow 0, which the kernel returns where the session's leader is in another PID
/// namespace (`pid_namespaces(7)`).
fn drain_terminal(system: &System) {
    if system.getsid(Pid(0)) == Ok(system.getpid()) {
        // It fails where standard output is no terminal, and nothing is lost then.
        let _ = rustix::termios::tcdrain(rustix::stdio::stdout());
    }
}

/// Runs the shell in `env` by `args`, the program's name first. Leaves its exit status in `env.exit_status`.
#[allow(
    clippy::await_holding_refcell_ref,
    reason = "`print_error` does not run concurrently with the input or the read-eval loop"
)]
async fn run(env: &mut ShellEnv, args: impl IntoIterator<Item = OsString>) {
    let args = args.into_iter().map(|arg| arg.to_string_lossy().into_owned());
    let run = match startup::args::parse(args) {
        Ok(run) => run,
        Err(error) => {
            env.system.print_error(&format!("sh: {error}\n")).await;
            env.exit_status = ExitStatus::ERROR;
            return;
        }
    };
    let invocation = startup::configure(env, run).await;
    startup::init_file::run(env).await;

    let env = RefCell::new(env);
    let mut lexer = match startup::input::prepare(&env, &invocation).await {
        Ok(lexer) => lexer,
        Err(error) => {
            let mut env = env.borrow_mut();
            let message = format!("{}: {error}\n", env.arg0);
            env.system.print_error(&message).await;
            env.exit_status = match error.errno {
                Errno::ENOENT | Errno::ENOTDIR | Errno::EILSEQ => ExitStatus::NOT_FOUND,
                _ => ExitStatus::NOEXEC,
            };
            return;
        }
    };
    let interactive = env.borrow().options.get(Interactive) == On;
    let result = if interactive {
        interactive::run(&env, &mut lexer).await
    } else {
        read_eval_loop(&env, &mut lexer).await
    };
    drop(lexer);
    let env = env.into_inner();
    env.apply_result(result);
    if !matches!(result, Break(Divert::Abort(_))) {
        run_exit_trap(env).await;
    }
}
