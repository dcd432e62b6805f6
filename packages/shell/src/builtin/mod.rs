// SPDX-License-Identifier: GPL-3.0-or-later
//! Built-in utilities that the yash libraries do not have.
//!
//! `echo`, `printf`, `test` and `[` are found before the search in `PATH`, as in other shells. They write with blocking
//! write(2), so that SIGPIPE ends the shell as it would end a program.

mod echo;
mod escape;
mod exit;
mod fc;
mod float;
mod hash;
mod local;
mod output;
mod printf;
mod set;
mod test;

use crate::{ShellEnv, System};
use std::future::Future;
use std::pin::Pin;
use yash_env::builtin::Type::{Elective, Mandatory, Special};
use yash_env::builtin::{Builtin, Result, Type};
use yash_env::semantics::Field;

/// What a built-in's function returns.
type Done<'a> = Pin<Box<dyn Future<Output = Result> + 'a>>;

/// A built-in's function.
type Main = fn(&mut ShellEnv, Vec<Field>) -> Done<'_>;

/// The built-ins of this crate, by name.
pub fn iter() -> impl Iterator<Item = (&'static str, Builtin<System>)> {
    let table: [(&str, Type, Main); 9] = [
        ("[", Mandatory, |env, args| Box::pin(test::bracket(env, args))),
        ("echo", Mandatory, |env, args| Box::pin(echo::main(env, args))),
        ("exit", Special, |env, args| Box::pin(exit::main(env, args))),
        ("fc", Mandatory, |env, args| Box::pin(fc::main(env, args))),
        ("hash", Mandatory, |env, args| Box::pin(hash::main(env, args))),
        ("local", Elective, |env, args| Box::pin(local::main(env, args))),
        ("printf", Mandatory, |env, args| Box::pin(printf::main(env, args))),
        ("set", Special, |env, args| Box::pin(set::main(env, args))),
        ("test", Mandatory, |env, args| Box::pin(test::main(env, args))),
    ];
    table.into_iter().map(|(name, kind, run)| {
        let mut builtin = Builtin::new(kind, run);
        // `fc` runs commands, which answer to signals themselves.
        builtin.handles_signals_internally = name == "fc";
        // The operands of `local` are assignments.
        builtin.is_declaration_utility = Some(name == "local");
        (name, builtin)
    })
}
