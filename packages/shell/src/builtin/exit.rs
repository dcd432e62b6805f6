// SPDX-License-Identifier: GPL-3.0-or-later
//! `exit` of yash-builtin with the warning of dash and bash about stopped jobs.

use crate::ShellEnv;
use crate::interactive::warns_of_stopped_jobs;
use yash_env::builtin::Result;
use yash_env::semantics::{ExitStatus, Field};

/// Executes `exit`.
pub async fn main(env: &mut ShellEnv, args: Vec<Field>) -> Result {
    if warns_of_stopped_jobs(env).await {
        return Result::new(ExitStatus::FAILURE);
    }
    yash_builtin::exit::main(env, args).await
}
