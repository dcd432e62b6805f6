// SPDX-License-Identifier: MIT OR Apache-2.0
//! The words of a parsed program that a shell expands.

use crate::heredoc;
use crate::walk::{change_lists, commands_mut};
use brush_parser::ast::{
    AssignmentValue, Command, CommandPrefixOrSuffixItem, CompoundCommand, CompoundList, IoFileRedirectTarget,
    IoRedirect, SimpleCommand,
};

/// Calls `change` with the text of every word in `list`, at whatever depth, that is expanded when it is run. The text of
/// here-documents is quoted first: to be called once for a program.
pub fn change_words(list: &mut CompoundList, change: &mut impl FnMut(&mut String)) {
    change_lists(list, &mut |list| {
        for command in commands_mut(list) {
            match command {
                Command::Simple(command) => in_simple(command, change),
                Command::Compound(compound, redirects) => {
                    in_compound(compound, change);
                    in_redirects(redirects.iter_mut().flat_map(|list| &mut list.0), change);
                }
                Command::Function(function) => {
                    in_compound(&mut function.body.0, change);
                    in_redirects(function.body.1.iter_mut().flat_map(|list| &mut list.0), change);
                }
                Command::ExtendedTest(_) => {}
            }
        }
    });
}

fn in_simple(command: &mut SimpleCommand, change: &mut impl FnMut(&mut String)) {
    let prefix = command.prefix.iter_mut().flat_map(|prefix| &mut prefix.0);
    let suffix = command.suffix.iter_mut().flat_map(|suffix| &mut suffix.0);
    command.word_or_name.iter_mut().for_each(|word| change(&mut word.value));
    for item in prefix.chain(suffix) {
        match item {
            CommandPrefixOrSuffixItem::IoRedirect(redirect) => in_redirects([redirect].into_iter(), change),
            CommandPrefixOrSuffixItem::Word(word) => change(&mut word.value),
            CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                change(&mut word.value);
                match &mut assignment.value {
                    AssignmentValue::Scalar(word) => change(&mut word.value),
                    AssignmentValue::Array(words) => {
                        words.iter_mut().for_each(|(_, word)| change(&mut word.value));
                    }
                }
            }
            CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {}
        }
    }
}

fn in_compound(compound: &mut CompoundCommand, change: &mut impl FnMut(&mut String)) {
    match compound {
        CompoundCommand::ForClause(clause) => {
            clause.values.iter_mut().flatten().for_each(|word| change(&mut word.value));
        }
        CompoundCommand::CaseClause(clause) => {
            change(&mut clause.value.value);
            let patterns = clause.cases.iter_mut().flat_map(|case| &mut case.patterns);
            patterns.for_each(|word| change(&mut word.value));
        }
        _ => {}
    }
}

fn in_redirects<'a>(
    redirects: impl Iterator<Item = &'a mut IoRedirect>,
    change: &mut impl FnMut(&mut String),
) {
    for redirect in redirects {
        match redirect {
            IoRedirect::File(_, _, target) => match target {
                IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => {
                    change(&mut word.value);
                }
                IoFileRedirectTarget::Fd(_) | IoFileRedirectTarget::ProcessSubstitution(..) => {}
            },
            IoRedirect::HereDocument(_, document) if document.requires_expansion => {
                document.doc.value = heredoc::quote(&document.doc.value);
                change(&mut document.doc.value);
            }
            IoRedirect::HereDocument(..) => {}
            IoRedirect::HereString(_, word) | IoRedirect::OutputAndError(word, _) => change(&mut word.value),
        }
    }
}
