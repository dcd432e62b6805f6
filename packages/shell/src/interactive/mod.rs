// SPDX-License-Identifier: GPL-3.0-or-later
//! The prompt of an interactive shell at a terminal.

use crate::ShellEnv;
use std::cell::RefCell;
use yash_env::input::{Echo, FdReader2, Input};
use yash_env::io::Fd;
use yash_prompt::Prompter;

/// Lines that a person types at the terminal `fd`, after the prompt.
pub fn input<'a, 'b: 'a>(fd: Fd, env: &'a RefCell<&'b mut ShellEnv>) -> impl Input + 'a {
    let system = env.borrow().system.clone();
    Prompter::new(Echo::new(FdReader2::new(fd, system), env), env)
}
