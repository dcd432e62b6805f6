// SPDX-License-Identifier: GPL-3.0-or-later
//! Completion of the word before the cursor: commands, paths, variables and users.

mod quote;
mod sources;
mod word;

use crate::ShellEnv;
use word::{Kind, Word};

/// What a word could become.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// What is shown in a list.
    pub name: String,
    /// What takes the place of the text from [`Completion::start`] to the cursor, quoted.
    pub text: String,
    /// What follows if there is no other candidate: a closing quote, a blank.
    pub end: String,
}

/// What the word before the cursor could become.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Completion {
    /// Where the text that is replaced starts.
    pub start: usize,
    /// Sorted by name.
    pub candidates: Vec<Candidate>,
}

impl Completion {
    /// The longest text that all candidates begin with.
    pub fn common(&self) -> &str {
        let mut texts = self.candidates.iter().map(|candidate| &*candidate.text);
        let Some(first) = texts.next() else { return "" };
        texts.fold(first, |common, text| {
            let same = common.char_indices().zip(text.chars()).find(|((_, a), b)| a != b);
            let end = same.map_or(common.len().min(text.len()), |((offset, _), _)| offset);
            // A part of an escape would be wrong.
            let kept = &common[..end];
            let backslashes = kept.len() - kept.trim_end_matches('\\').len();
            &kept[..end - backslashes % 2]
        })
    }
}

/// What the word before `cursor` in `line` could become in `env`.
pub fn complete(env: &ShellEnv, line: &str, cursor: usize) -> Completion {
    let word = Word::before(line, cursor);
    let variable = |name: &str| env.variables.get_scalar(name).map(str::to_owned);
    let (start, mut candidates) = match &word.kind {
        Kind::Variable { braced } => (word.start, variables(env, &word.text, *braced)),
        Kind::User => (word.start, users(&word.text)),
        Kind::Unknown => (cursor, Vec::new()),
        Kind::Command if !word.text.contains('/') => (word.start, commands(env, &word)),
        Kind::Command => paths(&word, &variable, sources::Filter::Executable),
        Kind::Path if word.wants_directory => paths(&word, &variable, sources::Filter::Directory),
        Kind::Path => paths(&word, &variable, sources::Filter::All),
    };
    candidates.sort_by(|a, b| a.name.cmp(&b.name));
    candidates.dedup();
    Completion { start, candidates }
}

fn variables(env: &ShellEnv, prefix: &str, braced: bool) -> Vec<Candidate> {
    let end = if braced { "}" } else { "" };
    let names = env.variables.iter(yash_env::variable::Scope::Global).map(|(name, _)| name);
    names
        .filter(|name| name.starts_with(prefix))
        .map(|name| Candidate { name: name.to_owned(), text: name.to_owned(), end: end.into() })
        .collect()
}

fn users(prefix: &str) -> Vec<Candidate> {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let names = passwd.lines().filter_map(|line| line.split(':').next());
    names
        .filter(|name| name.starts_with(prefix))
        .map(|name| Candidate { name: format!("~{name}"), text: format!("{name}/"), end: String::new() })
        .collect()
}

fn commands(env: &ShellEnv, word: &Word) -> Vec<Candidate> {
    let mut names: Vec<String> = sources::KEYWORDS.iter().map(|&name| name.to_owned()).collect();
    names.extend(env.builtins.keys().map(|&name| name.to_owned()));
    names.extend(env.functions.iter().map(|function| function.name.clone()));
    names.extend(env.aliases.iter().map(|alias| alias.0.name.clone()));
    names.retain(|name| name.starts_with(&word.text));
    names.extend(sources::programs(env.variables.get_scalar("PATH").unwrap_or_default(), &word.text));
    names.into_iter().map(|name| candidate(word, &name, false)).collect()
}

/// Paths that begin with the word, and where the last component of it starts.
fn paths(
    word: &Word,
    variable: &dyn Fn(&str) -> Option<String>,
    filter: sources::Filter,
) -> (usize, Vec<Candidate>) {
    let directory = sources::expand(&word.directory, word.tilde, variable);
    let entries = sources::entries(&directory, &word.base, filter);
    (
        word.base_start,
        entries.into_iter().map(|(name, is_directory)| candidate(word, &name, is_directory)).collect(),
    )
}

fn candidate(word: &Word, name: &str, is_directory: bool) -> Candidate {
    let slash = if is_directory { "/" } else { "" };
    let end = match word.quote.closing() {
        _ if is_directory => String::new(),
        Some(quote) => format!("{quote} "),
        None => " ".to_owned(),
    };
    // A name that begins with `~` or `#` is special at the start of a word only, and is quoted everywhere.
    Candidate { name: format!("{name}{slash}"), text: word.quote.apply(name) + slash, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_beginnings() {
        for (texts, wanted) in [
            (&["abc", "abd"][..], "ab"),
            (&["abc"], "abc"),
            (&["a", "b"], ""),
            (&["ab", "abc"], "ab"),
            (&["a\\ b", "a\\ c"], "a\\ "),
            (&["a\\ b", "a\\$c"], "a"),
            (&["a\\\\b", "a\\\\c"], "a\\\\"),
            (&["éa", "éb"], "é"),
            (&["éa", "èb"], ""),
        ] {
            let candidates = texts.iter().map(|&text| Candidate {
                name: text.into(),
                text: text.into(),
                end: String::new(),
            });
            let completion = Completion { start: 0, candidates: candidates.collect() };
            assert_eq!(completion.common(), wanted, "{texts:?}");
        }
    }
}
