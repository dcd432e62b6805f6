// SPDX-License-Identifier: GPL-3.0-or-later
//! The files that a shell reads before its first command: profiles of a login shell, `$ENV` of an interactive one.

use super::input;
use crate::ShellEnv;
use std::cell::RefCell;
use yash_env::option::{Interactive, Login, Off, On};
use yash_env::stack::Frame;
use yash_env::system::concurrency::WriteAll as _;
use yash_env::system::{Close as _, Errno, GetUid as _};
use yash_env::variable::ENV;
use yash_semantics::expansion::expand_text;
use yash_semantics::{Handle as _, read_eval_loop};
use yash_syntax::parser::lex::Lexer;
use yash_syntax::source::Source;

/// The system's profile, read first.
const PROFILE: &str = "/etc/profile";

/// Reads the files that the options ask for. A file that does not exist is passed over; `$ENV` is not read where the
/// real and the effective user or group differ.
pub async fn run(env: &mut ShellEnv) {
    let user = env.system.getuid() == env.system.geteuid() && env.system.getgid() == env.system.getegid();
    if env.options.get(Login) == On {
        run_file(env, PROFILE, true).await;
        let home = env.variables.get_scalar("HOME").filter(|home| !home.is_empty()).map(str::to_owned);
        if let (true, Some(home)) = (user, home) {
            run_file(env, &format!("{home}/.profile"), true).await;
        }
    }
    if env.options.get(Interactive) == Off || !user {
        return;
    }
    if let Some(path) = env_file(env).await
        && !path.is_empty()
    {
        run_file(env, &path, false).await;
    }
}

/// The value of `ENV` after parameter expansion, or `None` if that failed (reported).
async fn env_file(env: &mut ShellEnv) -> Option<String> {
    let value = env.variables.get_scalar(ENV).unwrap_or_default().to_owned();
    let mut lexer = Lexer::from_memory(&value, Source::VariableValue { name: ENV.to_owned() });
    let text = match lexer.text(|_| false, |_| false).await {
        Ok(text) => text,
        Err(error) => {
            let _ = error.handle(env).await;
            return None;
        }
    };
    match expand_text(env, &text).await {
        Ok((path, _)) => Some(path),
        Err(error) => {
            let _ = error.handle(env).await;
            None
        }
    }
}

async fn run_file(env: &mut ShellEnv, path: &str, may_be_absent: bool) {
    let fd = match input::open(&env.system, path).await {
        Ok(fd) => fd,
        Err(Errno::ENOENT | Errno::ENOTDIR) if may_be_absent => return,
        Err(errno) => {
            let message = format!("{}: {path}: cannot read the initialization file: {errno}\n", env.arg0);
            env.system.print_error(&message).await;
            return;
        }
    };
    let env = &mut *env.push_frame(Frame::InitFile);
    let system = env.system.clone();
    {
        let env = RefCell::new(&mut *env);
        let source = Source::InitFile { path: path.to_owned() };
        let mut lexer = input::file_lexer(fd, &env, source);
        let _ = read_eval_loop(&env, &mut lexer).await;
    }
    // Nothing was written: closing cannot lose data.
    let _ = system.close(fd);
}
