// SPDX-License-Identifier: MIT OR Apache-2.0
//! `set -u`, which brush 0.3 takes and ignores, written into words:
//!
//! - `$NAME` becomes `${NAME-CHECK}`, where CHECK is an error when the option is on, and empty otherwise;
//! - `${NAME%PATTERN}` and the like, and `${#NAME}`, get a `${NAME##*"${NAME-CHECK}"}` before them, which is empty
//!   when the variable is set;
//! - `$(TEXT)`, also between backquotes, becomes `$(__substitute 'TEXT')`, so that its commands are rewritten when they
//!   are run, and its output is taken ([`crate::feed`]): this in any case.
//!
//! Names without `$` in arithmetic, words inside of other expansions, and `[[ … ]]` are left as they are.

use brush_core::{Shell, ShellValue};
use brush_parser::ParserOptions;
use brush_parser::word::{Parameter, ParameterExpr, WordPiece, WordPieceWithSource, parse};

/// Name of the builtin that runs the text of a command substitution.
pub const SUBSTITUTE: &str = "__substitute";
/// Variable that is not empty when the option is on. One that is never set is the same name with an `x` after it.
pub const VARIABLE: &str = "__qos_nounset";

/// What [`VARIABLE`] holds.
pub fn value(shell: &Shell) -> ShellValue {
    let on = shell.options.treat_unset_variables_as_error;
    ShellValue::String(if on { "on".to_owned() } else { String::new() })
}

/// Rewrites `word`; without `check`, command substitutions only.
pub fn rewrite(word: &mut String, options: &ParserOptions, check: bool) {
    if !word.contains('$') {
        return;
    }
    if let Ok(pieces) = parse(word, options) {
        let mut changed = String::with_capacity(word.len());
        let mut done = 0;
        change(&pieces, word, options, check, &mut changed, &mut done);
        changed.push_str(&word[done..]);
        *word = changed;
    }
}

/// Copies `word` to `changed` from `done` on, with what is to be changed in `pieces`.
fn change(
    pieces: &[WordPieceWithSource],
    word: &str,
    options: &ParserOptions,
    check: bool,
    changed: &mut String,
    done: &mut usize,
) {
    for WordPieceWithSource { piece, start_index, end_index } in pieces {
        let source = &word[*start_index..*end_index];
        let new = match piece {
            WordPiece::DoubleQuotedSequence(pieces) => {
                change(pieces, word, options, check, changed, done);
                continue;
            }
            WordPiece::ParameterExpansion(expression) if check => checked(expression, source),
            WordPiece::CommandSubstitution(text) | WordPiece::BackquotedCommandSubstitution(text) => {
                substituted(text)
            }
            WordPiece::ArithmeticExpression(expression) => {
                let mut inner = expression.value.clone();
                // `~` is an operator there.
                rewrite(&mut inner, &ParserOptions { tilde_expansion: false, ..options.clone() }, check);
                Some(format!("$(({inner}))"))
            }
            _ => None,
        };
        if let Some(new) = new {
            changed.push_str(&word[*done..*start_index]);
            changed.push_str(&new);
            *done = *end_index;
        }
    }
}

fn checked(expression: &ParameterExpr, source: &str) -> Option<String> {
    let (parameter, plain) = match expression {
        ParameterExpr::Parameter { parameter, indirect: false } => (parameter, true),
        ParameterExpr::ParameterLength { parameter, indirect: false }
        | ParameterExpr::RemoveSmallestSuffixPattern { parameter, indirect: false, .. }
        | ParameterExpr::RemoveLargestSuffixPattern { parameter, indirect: false, .. }
        | ParameterExpr::RemoveSmallestPrefixPattern { parameter, indirect: false, .. }
        | ParameterExpr::RemoveLargestPrefixPattern { parameter, indirect: false, .. } => (parameter, false),
        _ => return None,
    };
    let name = match parameter {
        Parameter::Named(name) => name.clone(),
        Parameter::Positional(number) if *number > 0 => number.to_string(),
        // `$@`, `$#` and the like are always set.
        _ => return None,
    };
    let check = format!("${{{name}-${{{VARIABLE}:+${{{VARIABLE}x?{name}: parameter not set}}}}}}");
    Some(if plain { check } else { format!("${{{name}##*\"{check}\"}}{source}") })
}

fn substituted(text: &str) -> Option<String> {
    // `$(< FILE)` is brush's own.
    let leave = text.trim_start().starts_with('<') || text.trim().is_empty();
    (!leave).then(|| format!("$({SUBSTITUTE} '{}')", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let check = |name: &str| {
            format!("${{{name}-${{__qos_nounset:+${{__qos_nounsetx?{name}: parameter not set}}}}}}")
        };
        let (a, one) = (check("a"), check("1"));
        for (word, expect) in [
            ("plain", "plain".to_owned()),
            ("$a", a.clone()),
            ("x\"y${a}z\"$1", format!("x\"y{a}z\"{one}")),
            ("'$a'\\$a$@$#$?", "'$a'\\$a$@$#$?".to_owned()),
            ("${a-b}${a:=$b}", "${a-b}${a:=$b}".to_owned()),
            ("${a%.c}", format!("${{a##*\"{a}\"}}${{a%.c}}")),
            ("$((1+$a))", format!("$((1+{a}))")),
            ("\"$(echo 'x' $a)\"", r#""$(__substitute 'echo '\''x'\'' $a')""#.to_owned()),
            ("$(<file)`echo \\`b\\` $a`", "$(<file)$(__substitute 'echo `b` $a')".to_owned()),
        ] {
            let mut got = word.to_owned();
            rewrite(&mut got, &ParserOptions::default(), true);
            assert_eq!(got, expect, "{word}");
        }
        let mut got = "$a$(b)".to_owned();
        rewrite(&mut got, &ParserOptions::default(), false);
        assert_eq!(got, "$a$(__substitute 'b')");
    }
}
