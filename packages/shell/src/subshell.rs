// SPDX-License-Identifier: MIT OR Apache-2.0
//! `( LIST )`: brush lets an error in it end the whole script, and does not run its `trap … EXIT`. So its body is put
//! aside, and a builtin in its place runs it.
//!
//! A body is kept for as long as the shell runs, as nothing tells when the last program or function that refers to it is
//! gone; but once only, however often its text is read, in a loop for one.

use crate::builtin::{self, Outcome};
use crate::evaluate;
use crate::feed;
use crate::traps;
use crate::walk::{alone, commands_mut, item, simple};
use brush_core::{CommandArg, Error, ExecutionContext, ExecutionResult};
use brush_parser::ast::{Command, CompoundCommand, CompoundList, Program};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Name of the builtin that runs a body.
pub const RUN: &str = "__subshell";
/// Its second argument, when its output is read by a command that is not started yet.
const FEEDS: &str = "feeds";

/// What was put aside.
struct Bodies {
    /// By the number that the builtin gets.
    all: Vec<Arc<CompoundList>>,
    /// Their numbers, by all that is known of them.
    numbers: BTreeMap<String, usize>,
}

static BODIES: Mutex<Bodies> = Mutex::new(Bodies { all: Vec::new(), numbers: BTreeMap::new() });

fn bodies() -> MutexGuard<'static, Bodies> {
    BODIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts aside the bodies of subshells that are commands of `list`.
pub fn contain(list: &mut CompoundList) {
    for command in commands_mut(list) {
        if let Command::Compound(CompoundCommand::Subshell(subshell), _) = command {
            let body = std::mem::replace(&mut subshell.0, CompoundList(Vec::new()));
            subshell.0.0.push(item(alone(call(body, false))));
        }
    }
}

/// Puts `body` aside and makes the command that runs it in a shell that is a subshell already. `feeds`: the next command
/// of a pipeline reads its output.
pub fn call(body: CompoundList, feeds: bool) -> Command {
    let mut bodies = bodies();
    let Bodies { all, numbers } = &mut *bodies;
    let number = *numbers.entry(format!("{body:?}")).or_insert(all.len());
    if number == all.len() {
        all.push(Arc::new(body));
    }
    let number = number.to_string();
    if feeds { simple(RUN, &[&number, FEEDS]) } else { simple(RUN, &[&number]) }
}

/// `__subshell NUMBER [feeds]`
pub fn run(context: ExecutionContext<'_>, args: Vec<CommandArg>) -> Outcome<'_> {
    Box::pin(async move {
        let body = args
            .get(1)
            .and_then(|number| number.to_string().parse::<usize>().ok())
            .and_then(|number| bodies().all.get(number).map(Arc::clone));
        let Some(body) = body else { return builtin::result(ExecutionResult::new(evaluate::ERROR)) };
        let ExecutionContext { shell, mut params, .. } = context;
        if args.len() > 2 {
            feed::put_before(&mut params)?;
        }
        traps::forget_exit(shell)?;
        let program = Program { complete_commands: vec![CompoundList(body.0.clone())] };
        let result = evaluate::run_program(shell, &params, program).await?;
        shell.last_exit_status = result.exit_code;
        let status = traps::at_exit(shell, Some(&params)).await?;
        Ok::<_, Error>(builtin::exit(status))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_once() {
        let body = |name: &str| CompoundList(vec![item(alone(simple(name, &["$a"])))]);
        let text = |name: &str, feeds: bool| call(body(name), feeds).to_string();
        let first = text("once", false);
        assert!(first.starts_with(RUN));
        assert_eq!(text("once", false), first);
        assert_ne!(text("twice", false), first);
        assert_eq!(text("once", true), format!("{first} {FEEDS}"));
    }
}
