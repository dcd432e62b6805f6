// SPDX-License-Identifier: GPL-3.0-or-later
//! The warning about stopped jobs before the shell exits.

use crate::ShellEnv;
use std::cell::Cell;
use std::rc::Rc;
use yash_env::system::concurrency::WriteAll as _;

/// For how many commands a warning holds: the command that was refused, and the next one, which may exit.
const COMMANDS: u8 = 2;

/// For how many more commands the warning holds.
#[derive(Clone, Debug, Default)]
struct Warned(Rc<Cell<u8>>);

impl Warned {
    fn of(env: &mut ShellEnv) -> Self {
        env.any.get_or_insert_with(Box::<Self>::default).clone()
    }
}

/// Whether the shell must not exit yet: an interactive shell with stopped jobs refuses once, with a message.
pub async fn warns_of_stopped_jobs(env: &mut ShellEnv) -> bool {
    let stopped = env.is_interactive() && env.jobs.iter().any(|(_, job)| job.state.is_stopped());
    let warned = Warned::of(env);
    if !stopped || warned.0.get() > 0 {
        return false;
    }
    warned.0.set(COMMANDS);
    env.system.print_error("You have stopped jobs; `exit` once more leaves them.\n").await;
    true
}

/// Notes that a command, or an end of input that was refused, is over.
pub fn command_ends(env: &mut ShellEnv) {
    let warned = Warned::of(env);
    warned.0.set(warned.0.get().saturating_sub(1));
}
