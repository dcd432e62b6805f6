// SPDX-License-Identifier: GPL-3.0-or-later
//! `hash`: the utilities whose locations were asked for.
//!
//! The shell searches `PATH` at each command, so that a location is never out of date; `hash NAME` tells whether the
//! search finds NAME, and remembers it for the list.

use super::output;
use crate::ShellEnv;
use std::collections::BTreeMap;
use yash_env::builtin::Result;
use yash_env::semantics::command::search::{Target, search};
use yash_env::semantics::{ExitStatus, Field};

/// Locations by name, kept in the environment.
#[derive(Clone, Debug, Default)]
struct Known(BTreeMap<String, String>);

/// The built-in.
pub async fn main(env: &mut ShellEnv, args: Vec<Field>) -> Result {
    let mut names = args.iter().map(|arg| arg.value.as_str()).peekable();
    let mut forget = false;
    while let Some(option) = names.next_if(|arg| arg.starts_with('-') && arg.len() > 1) {
        match option {
            "--" => break,
            "-r" => forget = true,
            _ => {
                output::report(env, "hash", &format!("{option}: unknown option")).await;
                return Result::new(ExitStatus::ERROR);
            }
        }
    }
    let mut known = env.any.get::<Known>().cloned().unwrap_or_default();
    if forget {
        known.0.clear();
    } else if names.peek().is_none() {
        let list: String = known.0.iter().map(|(name, path)| format!("{name}\t{path}\n")).collect();
        return output::finish(env, "hash", list.as_bytes(), ExitStatus::SUCCESS).await;
    }
    let mut status = ExitStatus::SUCCESS;
    for name in names {
        if name.contains('/') {
            continue;
        }
        match search(env, name) {
            Ok(Target::External { path } | Target::Builtin { path, .. }) => {
                if !path.is_empty() {
                    known.0.insert(name.to_owned(), path.to_string_lossy().into_owned());
                }
            }
            Ok(Target::Function(_)) => {}
            Err(_) => {
                output::report(env, "hash", &format!("{name}: not found")).await;
                status = ExitStatus::FAILURE;
            }
        }
    }
    env.any.insert(Box::new(known));
    Result::new(status)
}
