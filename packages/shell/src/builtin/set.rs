// SPDX-License-Identifier: GPL-3.0-or-later
//! `set` of yash-builtin with the option that it does not have: `-o emacs`, which many profiles set. emacs' keys are
//! those without `vi`.

use crate::ShellEnv;
use yash_env::builtin::Result;
use yash_env::semantics::Field;

/// Executes `set`.
pub async fn main(env: &mut ShellEnv, mut args: Vec<Field>) -> Result {
    let is_name = |args: &[Field], index: usize| matches!(&*args[index].value, "-o" | "+o");
    let options = args.iter().position(|arg| arg.value == "--").unwrap_or(args.len());
    for index in 1..options {
        if args[index].value == "emacs" && is_name(&args, index - 1) {
            args[index - 1].value = "+o".to_owned();
            args[index].value = "vi".to_owned();
        }
    }
    yash_builtin::set::main(env, args).await
}
