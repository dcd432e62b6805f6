// SPDX-License-Identifier: GPL-3.0-or-later
//! Built-in utilities that the yash libraries do not have.
//!
//! `echo`, `printf`, `test` and `[` are substitutive: the shell runs them itself where the search in `PATH` finds a
//! program of that name. They write with blocking write(2), so that SIGPIPE ends the shell as it would end a program.

mod echo;
mod escape;
mod fc;
mod float;
mod hash;
mod output;
mod printf;
mod test;

use crate::{ShellEnv, System};
use std::future::Future;
use std::pin::Pin;
use yash_env::builtin::Type::{Mandatory, Substitutive};
use yash_env::builtin::{Builtin, Result, Type};
use yash_env::semantics::Field;

/// What a built-in's function returns.
type Done<'a> = Pin<Box<dyn Future<Output = Result> + 'a>>;

/// The built-ins of this crate, by name.
pub fn iter() -> impl Iterator<Item = (&'static str, Builtin<System>)> {
    let table: [(&str, Type, fn(&mut ShellEnv, Vec<Field>) -> Done<'_>); 6] = [
        ("[", Substitutive, |env, args| Box::pin(test::bracket(env, args))),
        ("echo", Substitutive, |env, args| Box::pin(echo::main(env, args))),
        ("fc", Mandatory, |env, args| Box::pin(fc::main(env, args))),
        ("hash", Mandatory, |env, args| Box::pin(hash::main(env, args))),
        ("printf", Substitutive, |env, args| Box::pin(printf::main(env, args))),
        ("test", Substitutive, |env, args| Box::pin(test::main(env, args))),
    ];
    table.into_iter().map(|(name, kind, run)| (name, Builtin::new(kind, run)))
}
