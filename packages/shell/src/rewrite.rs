// SPDX-License-Identifier: MIT OR Apache-2.0
//! Brush 0.3 parses `set -e` and `getopts` without options, and does nothing about them. What POSIX says of them is
//! written into the parsed program here, in brush's own words:
//!
//! - `getopts SPEC NAME` gets the positional parameters, `"$@"`, as its arguments;
//! - a command whose failure ends the shell under `set -e` becomes `COMMAND || errexit $?`, with the builtin of
//!   [`crate::builtin`]. Conditions, all but the last of an and-or list and what follows `!` are left alone (POSIX,
//!   set, -e); where a function is called in such a place, builtins around it keep its body from ending the shell.

use crate::walk::{alone, brace, for_each_command, item, simple};
use brush_parser::ast::{
    AndOr, AndOrList, Command, CommandPrefixOrSuffixItem, CommandSuffix, CompoundCommand, CompoundList,
    CompoundListItem, Pipeline, Program, SeparatorOperator, SimpleCommand, Word,
};
use std::collections::BTreeSet;

/// Name of the builtin that ends the shell when `set -e` is on.
pub const ERREXIT: &str = "__errexit";
/// Name of the builtin that marks where a condition begins and ends.
pub const TESTED: &str = "__tested";

/// What is known when a program is rewritten.
#[derive(Debug)]
pub struct Rewriter {
    /// `set -e` is on or may come: commands are guarded.
    errexit: bool,
    /// Names of functions, and of builtins that run commands as a function does.
    functions: BTreeSet<String>,
}

impl Rewriter {
    /// With the names of the functions there are, and whether commands are to be guarded.
    pub fn new(errexit: bool, functions: impl Iterator<Item = String>) -> Self {
        Rewriter { errexit, functions: functions.chain(["eval".to_owned(), ".".to_owned()]).collect() }
    }

    /// Whether `name` is known as that of a function.
    pub fn is_function(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    /// Rewrites `program`.
    pub fn rewrite(&mut self, program: &mut Program) {
        for list in &program.complete_commands {
            self.collect(list);
        }
        for list in &mut program.complete_commands {
            self.list(list, false);
        }
    }

    fn collect(&mut self, list: &CompoundList) {
        for_each_command(list, &mut |command| {
            if let Command::Function(function) = command {
                self.functions.insert(function.fname.clone());
            }
        });
    }

    fn list(&self, list: &mut CompoundList, tested: bool) {
        for CompoundListItem(and_or, separator) in &mut list.0 {
            self.and_or(and_or, tested || matches!(separator, SeparatorOperator::Async));
        }
    }

    /// A list that is a condition.
    fn condition(&self, list: &mut CompoundList) {
        self.list(list, true);
        if self.errexit && self.calls_function(list) {
            let begin = item(alone(simple(TESTED, &["begin"])));
            let end = item(alone(simple(TESTED, &["end", "$?"])));
            list.0.insert(0, begin);
            list.0.push(end);
        }
    }

    fn and_or(&self, and_or: &mut AndOrList, tested: bool) {
        let count = and_or.additional.len();
        for n in 0..=count {
            let pipeline = match n.checked_sub(1).and_then(|n| and_or.additional.get_mut(n)) {
                Some(AndOr::And(pipeline) | AndOr::Or(pipeline)) => pipeline,
                None => &mut and_or.first,
            };
            let condition = n < count || pipeline.bang;
            self.pipeline(pipeline, tested || condition);
            if !self.errexit || tested {
                continue;
            }
            if condition {
                self.shield(pipeline);
            } else if guarded(pipeline) {
                guard(pipeline);
            }
        }
    }

    /// Keeps functions called in `pipeline` from ending the shell.
    fn shield(&self, pipeline: &mut Pipeline) {
        let inner = Pipeline { timed: None, bang: false, seq: std::mem::take(&mut pipeline.seq) };
        let mut list = CompoundList(vec![item(inner)]);
        if self.calls_function(&list) {
            list.0.insert(0, item(alone(simple(TESTED, &["begin"]))));
            list.0.push(item(alone(simple(TESTED, &["end", "$?"]))));
            pipeline.seq = vec![brace(list)];
        } else if let Some(CompoundListItem(and_or, _)) = list.0.pop() {
            pipeline.seq = and_or.first.seq;
        }
    }

    fn pipeline(&self, pipeline: &mut Pipeline, tested: bool) {
        for command in &mut pipeline.seq {
            match command {
                Command::Simple(simple) => give_getopts_its_arguments(simple),
                Command::Compound(compound, _) => self.compound(compound, tested),
                Command::Function(function) => self.compound(&mut function.body.0, false),
                Command::ExtendedTest(_) => {}
            }
        }
    }

    fn compound(&self, compound: &mut CompoundCommand, tested: bool) {
        match compound {
            CompoundCommand::Arithmetic(_) => {}
            CompoundCommand::ArithmeticForClause(clause) => self.list(&mut clause.body.0, tested),
            CompoundCommand::BraceGroup(group) => self.list(&mut group.0, tested),
            CompoundCommand::Subshell(subshell) => self.list(&mut subshell.0, tested),
            CompoundCommand::ForClause(clause) => self.list(&mut clause.body.0, tested),
            CompoundCommand::CaseClause(clause) => {
                clause
                    .cases
                    .iter_mut()
                    .filter_map(|case| case.cmd.as_mut())
                    .for_each(|list| self.list(list, tested));
            }
            CompoundCommand::IfClause(clause) => {
                self.condition(&mut clause.condition);
                self.list(&mut clause.then, tested);
                for clause in clause.elses.iter_mut().flatten() {
                    if let Some(condition) = &mut clause.condition {
                        self.condition(condition);
                    }
                    self.list(&mut clause.body, tested);
                }
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.condition(&mut clause.0);
                self.list(&mut clause.1.0, tested);
            }
        }
    }

    fn calls_function(&self, list: &CompoundList) -> bool {
        let mut calls = false;
        for_each_command(list, &mut |command| {
            if let Command::Simple(simple) = command {
                let name = simple.word_or_name.as_ref();
                calls |= name.is_some_and(|name| self.is_function(&name.value));
                // A command substitution runs commands, too.
                calls |= simple.to_string().contains("$(");
            }
        });
        calls
    }
}

/// Whether `text` may turn the option on that `set` has as `letter` and `name`: says so too often rather than too
/// seldom.
pub fn mentions_option(text: &str, letter: char, name: &str) -> bool {
    text.contains(name)
        || text.match_indices("set -").any(|(at, found)| {
            text[at + found.len()..]
                .chars()
                .take_while(char::is_ascii_alphabetic)
                .any(|found| found == letter)
        })
}

/// Simple commands, subshells and pipelines end the shell; of what else is compound, the commands inside do.
fn guarded(pipeline: &Pipeline) -> bool {
    match pipeline.seq.as_slice() {
        [Command::Simple(_) | Command::ExtendedTest(_)] => true,
        [Command::Compound(CompoundCommand::Subshell(_) | CompoundCommand::Arithmetic(_), _)] => true,
        [_] => false,
        _ => true,
    }
}

/// Makes `PIPELINE` into `{ PIPELINE || __errexit $?; }`.
fn guard(pipeline: &mut Pipeline) {
    let first = Pipeline { timed: None, bang: false, seq: std::mem::take(&mut pipeline.seq) };
    let guard = AndOr::Or(alone(simple(ERREXIT, &["$?"])));
    let and_or = AndOrList { first, additional: vec![guard] };
    pipeline.seq = vec![brace(CompoundList(vec![CompoundListItem(and_or, SeparatorOperator::Sequence)]))];
}

fn give_getopts_its_arguments(command: &mut SimpleCommand) {
    let is_getopts = command.word_or_name.as_ref().is_some_and(|name| name.value == "getopts");
    if let (true, Some(CommandSuffix(suffix))) = (is_getopts, &mut command.suffix) {
        let words = suffix.iter().filter(|item| matches!(item, CommandPrefixOrSuffixItem::Word(_))).count();
        if words == 2 {
            suffix.push(CommandPrefixOrSuffixItem::Word(Word::new("\"$@\"")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errexit_is_found() {
        for (text, expect) in [
            ("set -e\n", true),
            ("set -ux; set -eu", true),
            ("set -o errexit", true),
            ("set -x\necho e", false),
            ("", false),
        ] {
            assert_eq!(mentions_option(text, 'e', "errexit"), expect, "{text}");
        }
    }
}
