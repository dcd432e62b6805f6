// SPDX-License-Identifier: MIT OR Apache-2.0
//! Walking through parsed programs, and making pieces of them.

use brush_parser::ast::{
    AndOr, AndOrList, BraceGroupCommand, Command, CommandPrefixOrSuffixItem, CommandSuffix, CompoundCommand,
    CompoundList, CompoundListItem, Pipeline, SeparatorOperator, SimpleCommand, Word,
};

/// Calls `seen` with every command in `list`, at whatever depth.
pub fn for_each_command(list: &CompoundList, seen: &mut impl FnMut(&Command)) {
    for CompoundListItem(and_or, _) in &list.0 {
        let more = and_or.additional.iter().map(|(AndOr::And(pipeline) | AndOr::Or(pipeline))| pipeline);
        for command in std::iter::once(&and_or.first).chain(more).flat_map(|pipeline| &pipeline.seq) {
            seen(command);
            match command {
                Command::Compound(compound, _) => {
                    lists_in(compound).into_iter().for_each(|list| for_each_command(list, seen));
                }
                Command::Function(function) => {
                    lists_in(&function.body.0).into_iter().for_each(|list| for_each_command(list, seen));
                }
                Command::Simple(_) | Command::ExtendedTest(_) => {}
            }
        }
    }
}

/// Calls `change` with every list in `list`, the inner ones first, and with `list` itself.
pub fn change_lists(list: &mut CompoundList, change: &mut impl FnMut(&mut CompoundList)) {
    for command in commands_mut(list) {
        let inner = match command {
            Command::Compound(compound, _) => lists_in_mut(compound),
            Command::Function(function) => lists_in_mut(&mut function.body.0),
            Command::Simple(_) | Command::ExtendedTest(_) => Vec::new(),
        };
        inner.into_iter().for_each(|list| change_lists(list, change));
    }
    change(list);
}

/// The commands of `list` itself, not those inside of them.
pub fn commands_mut(list: &mut CompoundList) -> impl Iterator<Item = &mut Command> {
    list.0.iter_mut().flat_map(|CompoundListItem(and_or, _)| {
        let more = and_or.additional.iter_mut().map(|(AndOr::And(pipeline) | AndOr::Or(pipeline))| pipeline);
        std::iter::once(&mut and_or.first).chain(more).flat_map(|pipeline| &mut pipeline.seq)
    })
}

/// Makes `NAME ARGUMENT…`; the arguments are words as a script has them.
pub fn simple(name: &str, args: &[&str]) -> Command {
    let args = args.iter().map(|arg| CommandPrefixOrSuffixItem::Word(Word::new(arg))).collect();
    Command::Simple(SimpleCommand {
        prefix: None,
        word_or_name: Some(Word::new(name)),
        suffix: Some(CommandSuffix(args)),
    })
}

/// Makes `{ LIST }`.
pub fn brace(list: CompoundList) -> Command {
    Command::Compound(CompoundCommand::BraceGroup(BraceGroupCommand(list)), None)
}

/// Makes a pipeline of one command.
pub fn alone(command: Command) -> Pipeline {
    Pipeline { timed: None, bang: false, seq: vec![command] }
}

/// Makes `PIPELINE;`.
pub fn item(first: Pipeline) -> CompoundListItem {
    CompoundListItem(AndOrList { first, additional: Vec::new() }, SeparatorOperator::Sequence)
}

fn lists_in(compound: &CompoundCommand) -> Vec<&CompoundList> {
    match compound {
        CompoundCommand::Arithmetic(_) => Vec::new(),
        CompoundCommand::ArithmeticForClause(clause) => vec![&clause.body.0],
        CompoundCommand::BraceGroup(group) => vec![&group.0],
        CompoundCommand::Subshell(subshell) => vec![&subshell.0],
        CompoundCommand::ForClause(clause) => vec![&clause.body.0],
        CompoundCommand::CaseClause(clause) => {
            clause.cases.iter().filter_map(|case| case.cmd.as_ref()).collect()
        }
        CompoundCommand::IfClause(clause) => {
            let elses = clause.elses.iter().flatten();
            let elses = elses.flat_map(|clause| clause.condition.iter().chain(std::iter::once(&clause.body)));
            [&clause.condition, &clause.then].into_iter().chain(elses).collect()
        }
        CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
            vec![&clause.0, &clause.1.0]
        }
    }
}

fn lists_in_mut(compound: &mut CompoundCommand) -> Vec<&mut CompoundList> {
    match compound {
        CompoundCommand::Arithmetic(_) => Vec::new(),
        CompoundCommand::ArithmeticForClause(clause) => vec![&mut clause.body.0],
        CompoundCommand::BraceGroup(group) => vec![&mut group.0],
        CompoundCommand::Subshell(subshell) => vec![&mut subshell.0],
        CompoundCommand::ForClause(clause) => vec![&mut clause.body.0],
        CompoundCommand::CaseClause(clause) => {
            clause.cases.iter_mut().filter_map(|case| case.cmd.as_mut()).collect()
        }
        CompoundCommand::IfClause(clause) => {
            let elses = clause.elses.iter_mut().flatten();
            let elses =
                elses.flat_map(|clause| clause.condition.iter_mut().chain(std::iter::once(&mut clause.body)));
            [&mut clause.condition, &mut clause.then].into_iter().chain(elses).collect()
        }
        CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
            vec![&mut clause.0, &mut clause.1.0]
        }
    }
}
