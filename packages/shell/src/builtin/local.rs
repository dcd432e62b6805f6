// SPDX-License-Identifier: GPL-3.0-or-later
//! `local`: variables that end with the function.
//!
//! POSIX.1-2024 has no such utility, but Debian's policy lets scripts of `sh` use it, and many do.

use crate::ShellEnv;
use yash_env::builtin::Result;
use yash_env::semantics::{ExitStatus, Field};

/// The built-in: `typeset` of yash for each operand. As in dash, a variable without a new value keeps the one that it
/// has outside, and an exported variable stays exported.
pub async fn main(env: &mut ShellEnv, args: Vec<Field>) -> Result {
    let mut result = Result::new(ExitStatus::SUCCESS);
    for mut operand in args {
        let name = operand.value.split('=').next().unwrap_or_default().to_owned();
        let outside = env.variables.get(&name);
        let exported = outside.is_some_and(|variable| variable.is_exported);
        let value = outside.and_then(|variable| variable.value.as_ref());
        if let (false, Some(yash_env::variable::Value::Scalar(value))) = (operand.value.contains('='), value)
        {
            operand.value = format!("{name}={value}");
        }
        let word = |text: &str| Field { value: text.to_owned(), origin: operand.origin.clone() };
        let mut words = if exported { vec![word("-x")] } else { Vec::new() };
        words.extend([word("--"), operand]);
        result = yash_builtin::typeset::main(env, words).await;
        if result.exit_status() != ExitStatus::SUCCESS {
            break;
        }
    }
    result
}
