// SPDX-License-Identifier: MIT OR Apache-2.0
//! The parser of scripts and the command `s`, for tools/fuzz.

use crate::command::{Action, Address};
use crate::options::Options;
use crate::parse;

/// Reads a script, and replaces in `text` what each of its `s` commands does. Nothing is opened or written.
pub fn script(script: &str, text: &[u8]) {
    for extended in [false, true] {
        let options = Options { script: script.to_owned(), extended, ..Options::default() };
        let Ok(script) = parse::script(&options) else { continue };
        for command in &script.commands {
            if let Some(Address::Pattern(Some(regex))) = &command.selector.first {
                let _ = regex.is_match(text);
            }
            if let Action::Substitute(substitution) = &command.action
                && let Some(regex) = &substitution.pattern
            {
                let _ = substitution.apply(regex, text);
            }
        }
    }
}
