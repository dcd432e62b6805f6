// SPDX-License-Identifier: MIT OR Apache-2.0
//! A script as commands.

use crate::Failure;
use crate::command::{Action, Address, Command, End, Script, Selector};
use crate::options::Options;
use crate::replace::{Case, Part, Pattern, Substitution};
use crate::text::Text;
use qos_regex::{Matching, Regex, Syntax};
use std::collections::HashMap;
use std::rc::Rc;

/// The commands of a command line's script.
pub(crate) fn script(options: &Options) -> Result<Script, Failure> {
    let syntax = if options.extended { Syntax::Extended } else { Syntax::Basic };
    let mut parser =
        Parser { text: Text::new(&options.script), syntax, script: Script::default(), blocks: Vec::new() };
    let (mut labels, mut jumps) = (HashMap::new(), Vec::new());
    while parser.command(&mut labels, &mut jumps)? {}
    if !parser.blocks.is_empty() {
        return Err(parser.text.error("unmatched '{'"));
    }
    let end = parser.script.commands.len();
    for (at, label) in jumps {
        let target = match labels.get(&label) {
            Some(target) => *target,
            None if label.is_empty() => end,
            None => return Err(Failure::usage(format!("can't find label for jump to '{label}'"))),
        };
        match &mut parser.script.commands[at].action {
            Action::Branch(to) | Action::BranchIf(to) | Action::BranchUnless(to) => *to = target,
            _ => {}
        }
    }
    Ok(parser.script)
}

struct Parser {
    text: Text,
    syntax: Syntax,
    script: Script,
    /// Indices of the blocks that are open.
    blocks: Vec<usize>,
}

impl Parser {
    /// Takes the next command, if there is one.
    fn command(
        &mut self,
        labels: &mut HashMap<String, usize>,
        jumps: &mut Vec<(usize, String)>,
    ) -> Result<bool, Failure> {
        self.text.take_while(|c| c.is_whitespace() || c == ';');
        let selector = self.selector()?;
        let Some(name) = self.text.next() else {
            return if selector.first.is_some() {
                Err(self.text.error("missing command"))
            } else {
                Ok(false)
            };
        };
        let at = self.script.commands.len();
        let action = match name {
            '{' => {
                self.blocks.push(at);
                Action::Block(0)
            }
            '}' => {
                let start = self.blocks.pop().ok_or_else(|| self.text.error("unexpected '}'"))?;
                self.script.commands[start].action = Action::Block(at);
                self.end_of_command()?;
                Action::Nothing
            }
            '#' => {
                self.text.line();
                Action::Nothing
            }
            ':' => {
                self.text.skip_blanks();
                let label = self.text.take_while(|c| !c.is_whitespace() && c != ';');
                if label.is_empty() {
                    return Err(self.text.error("':' lacks a label"));
                }
                labels.insert(label, at);
                Action::Nothing
            }
            'b' | 't' | 'T' => {
                self.text.skip_blanks();
                let label = self.text.take_while(|c| c != '\n' && c != ';' && c != '}');
                jumps.push((at, label.trim_end().to_owned()));
                match name {
                    'b' => Action::Branch(0),
                    't' => Action::BranchIf(0),
                    _ => Action::BranchUnless(0),
                }
            }
            'a' => Action::Append(self.lines()?),
            'i' => Action::Insert(self.lines()?),
            'c' => Action::Change(self.lines()?),
            'r' => Action::Read(self.file_name()?),
            'w' => Action::Write(self.output()?),
            's' => Action::Substitute(Box::new(self.substitution()?)),
            'y' => self.translation()?,
            _ => self.simple(name)?,
        };
        if !matches!(name, '{' | '}' | '#' | ':' | 'a' | 'i' | 'c' | 'r' | 'w' | 's') {
            self.end_of_command()?;
        }
        self.script.commands.push(Command { selector, action });
        Ok(true)
    }

    /// Commands that have at most a number behind their name.
    fn simple(&mut self, name: char) -> Result<Action, Failure> {
        let mut number = || {
            self.text.skip_blanks();
            self.text.number()
        };
        Ok(match name {
            'd' => Action::Delete,
            'D' => Action::DeleteFirst,
            'p' => Action::Print,
            'P' => Action::PrintFirst,
            '=' => Action::Number,
            'F' => Action::FileName,
            'g' => Action::Get,
            'G' => Action::GetAppended,
            'h' => Action::Hold,
            'H' => Action::HoldAppended,
            'x' => Action::Exchange,
            'n' => Action::Next,
            'N' => Action::NextAppended,
            'z' => Action::Zap,
            'l' => Action::List(number()?.and_then(|length| usize::try_from(length).ok())),
            'q' | 'Q' => {
                let status = number()?.map_or(Ok(0), i32::try_from);
                let status = status.map_err(|_| self.text.error("exit status is too large"))?;
                if name == 'q' { Action::Quit(status) } else { Action::QuitSilently(status) }
            }
            _ => return Err(self.text.error(&format!("unknown command: '{name}'"))),
        })
    }

    /// After a command stands nothing but what separates it from the next.
    fn end_of_command(&mut self) -> Result<(), Failure> {
        self.text.skip_blanks();
        match self.text.peek() {
            None | Some('\n' | ';' | '}' | '#') => Ok(()),
            Some(_) => Err(self.text.error("extra characters after command")),
        }
    }

    fn selector(&mut self) -> Result<Selector, Failure> {
        let mut selector = Selector { first: self.address()?, ..Selector::default() };
        self.text.skip_blanks();
        if selector.first.is_some() && self.text.next_if(|c| c == ',').is_some() {
            self.text.skip_blanks();
            let counted = self.text.next_if(|c| c == '+' || c == '~');
            selector.end = Some(match counted {
                Some(sign) => {
                    let number = self.text.number()?.ok_or_else(|| self.text.error("number expected"))?;
                    if sign == '+' { End::Plus(number) } else { End::Multiple(number) }
                }
                None => End::At(self.address()?.ok_or_else(|| self.text.error("unexpected ','"))?),
            });
        }
        if matches!(selector.first, Some(Address::Line(0)))
            && !matches!(selector.end, Some(End::At(Address::Pattern(_))))
        {
            return Err(self.text.error("invalid usage of line address 0"));
        }
        self.text.skip_blanks();
        while self.text.next_if(|c| c == '!').is_some() {
            selector.negated = true;
            self.text.skip_blanks();
        }
        Ok(selector)
    }

    fn address(&mut self) -> Result<Option<Address>, Failure> {
        if let Some(line) = self.text.number()? {
            if self.text.next_if(|c| c == '~').is_some() {
                return Ok(Some(Address::Step(line, self.text.number()?.unwrap_or(0))));
            }
            return Ok(Some(Address::Line(line)));
        }
        let delimiter = match self.text.peek() {
            Some('$') => {
                self.text.next();
                return Ok(Some(Address::Last));
            }
            Some('/') => self.text.next(),
            Some('\\') => {
                self.text.next();
                self.text.next()
            }
            _ => return Ok(None),
        };
        let delimiter = delimiter.ok_or_else(|| self.text.error("unterminated address"))?;
        let pattern = self.text.delimited(delimiter, true)?;
        let mut matching = Matching::default();
        while let Some(flag) = self.text.next_if(|c| c == 'I' || c == 'M') {
            matching.ignore_case |= flag == 'I';
            matching.multi_line |= flag == 'M';
        }
        Ok(Some(Address::Pattern(self.pattern(&pattern, matching)?)))
    }

    fn pattern(&self, pattern: &str, matching: Matching) -> Result<Pattern, Failure> {
        if pattern.is_empty() {
            return Ok(None);
        }
        let longest = qos_regex::is_ambiguous(pattern, self.syntax);
        let text = qos_regex::translate(&unescape(pattern), self.syntax);
        let regex = Regex::new(&text, Matching { longest, ..matching });
        regex.map(Rc::new).map(Some).map_err(|error| self.text.error(&format!("/{pattern}/: {error}")))
    }

    /// The text of `a`, `i` and `c`: `a\`, newline and lines of which all but the last end with a backslash; or on one
    /// line with the command.
    fn lines(&mut self) -> Result<Vec<u8>, Failure> {
        self.text.skip_blanks();
        if self.text.next_if(|c| c == '\\').is_some() {
            let blanks = self.text.take_while(|c| c == ' ' || c == '\t');
            // In `a\text` the backslash keeps blanks that follow it.
            if self.text.next_if(|c| c == '\n').is_none() && !blanks.is_empty() {
                return Ok(self.rest_of_lines(&blanks));
            }
        }
        if self.text.peek().is_none() {
            return Err(self.text.error("expected text after 'a', 'c' or 'i'"));
        }
        Ok(self.rest_of_lines(""))
    }

    fn rest_of_lines(&mut self, start: &str) -> Vec<u8> {
        let mut lines = start.to_owned();
        while let Some(c) = self.text.next() {
            match c {
                '\n' => break,
                '\\' => lines.extend(self.text.next()),
                c => lines.push(c),
            }
        }
        lines.push('\n');
        lines.into_bytes()
    }

    fn file_name(&mut self) -> Result<String, Failure> {
        self.text.skip_blanks();
        let name = self.text.line();
        if name.is_empty() { Err(self.text.error("missing file name")) } else { Ok(name) }
    }

    /// The index of the output that is named here.
    fn output(&mut self) -> Result<usize, Failure> {
        let name = self.file_name()?;
        let outputs = &mut self.script.outputs;
        Ok(outputs.iter().position(|known| *known == name).unwrap_or_else(|| {
            outputs.push(name);
            outputs.len() - 1
        }))
    }

    fn delimiter(&mut self) -> Result<char, Failure> {
        let delimiter = self.text.next().filter(|c| *c != '\n' && *c != '\\');
        delimiter.ok_or_else(|| self.text.error("a newline or a backslash delimits nothing"))
    }

    fn substitution(&mut self) -> Result<Substitution, Failure> {
        let delimiter = self.delimiter()?;
        let pattern = self.text.delimited(delimiter, true)?;
        let replacement = self.text.delimited(delimiter, false)?;
        let mut matching = Matching::default();
        let mut substitution = Substitution {
            pattern: None,
            parts: parts(&replacement),
            first: 1,
            all: false,
            print: false,
            write: None,
        };
        loop {
            match self.text.peek() {
                Some('g') => substitution.all = true,
                Some('p') => substitution.print = true,
                Some('i' | 'I') => matching.ignore_case = true,
                Some('m' | 'M') => matching.multi_line = true,
                Some('w') => {
                    self.text.next();
                    substitution.write = Some(self.output()?);
                    break;
                }
                Some(c) if c.is_ascii_digit() => {
                    substitution.first = self.text.number()?.unwrap_or_default();
                    if substitution.first == 0 {
                        return Err(self.text.error("number option to 's' may not be zero"));
                    }
                    continue;
                }
                _ => {
                    self.text.skip_blanks();
                    if !matches!(self.text.peek(), None | Some('\n' | ';' | '}' | '#')) {
                        return Err(self.text.error("unknown option to 's'"));
                    }
                    break;
                }
            }
            self.text.next();
        }
        substitution.pattern = self.pattern(&pattern, matching)?;
        let groups = substitution.pattern.as_ref().map(|regex| regex.count());
        let highest = substitution
            .parts
            .iter()
            .map(|part| if let Part::Group(number) = part { *number } else { 0 })
            .max();
        match (groups, highest) {
            (Some(groups), Some(highest)) if highest > groups => {
                Err(self.text.error(&format!("invalid reference \\{highest} on 's' command's RHS")))
            }
            _ => Ok(substitution),
        }
    }

    fn translation(&mut self) -> Result<Action, Failure> {
        let delimiter = self.delimiter()?;
        let mut chars = || -> Result<Vec<char>, Failure> {
            let text = self.text.delimited(delimiter, false)?;
            let (mut chars, mut rest) = (Vec::new(), text.chars());
            while let Some(c) = rest.next() {
                chars.push(match c {
                    '\\' => match rest.next() {
                        Some('n') => '\n',
                        Some('t') => '\t',
                        Some(c) => c,
                        None => '\\',
                    },
                    c => c,
                });
            }
            Ok(chars)
        };
        let (from, to) = (chars()?, chars()?);
        if from.len() != to.len() {
            return Err(self.text.error("strings for 'y' command are different lengths"));
        }
        Ok(Action::Translate(from.into_iter().zip(to).collect()))
    }
}

/// A pattern with characters in the place of `\n`, `\t` and their like: in sed they mean these, in brackets too.
fn unescape(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some(c) => match control(c) {
                Some(control) => out.push(control),
                None => {
                    out.push('\\');
                    out.push(c);
                }
            },
            None => out.push('\\'),
        }
    }
    out
}

fn control(c: char) -> Option<char> {
    match c {
        'a' => Some('\x07'),
        'f' => Some('\x0c'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        _ => None,
    }
}

/// The parts of a replacement.
fn parts(replacement: &str) -> Vec<Part> {
    let (mut parts, mut text) = (Vec::new(), String::new());
    let mut chars = replacement.chars();
    while let Some(c) = chars.next() {
        let part = match c {
            '&' => Part::Group(0),
            '\\' => match chars.next() {
                Some(c) if c.is_ascii_digit() => Part::Group(usize::from(c as u8 - b'0')),
                Some('U') => Part::Case(Case::Upper),
                Some('L') => Part::Case(Case::Lower),
                Some('E') => Part::Case(Case::Same),
                Some('u') => Part::NextCase(Case::Upper),
                Some('l') => Part::NextCase(Case::Lower),
                Some('n') => {
                    text.push('\n');
                    continue;
                }
                Some(c) => {
                    text.push(control(c).unwrap_or(c));
                    continue;
                }
                None => {
                    text.push('\\');
                    continue;
                }
            },
            c => {
                text.push(c);
                continue;
            }
        };
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text).into_bytes()));
        }
        parts.push(part);
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into_bytes()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Script, Failure> {
        script(&Options { script: text.to_owned(), ..Options::default() })
    }

    #[test]
    fn takes_scripts() {
        for (text, commands) in [
            ("p", 1),
            ("1,3p;$d", 2),
            ("/a/,/b/{s/x/y/g;p}", 4),
            (":a;N;$!ba;s/\\n/,/g", 5 - 1),
            ("a\\\ntext\np", 2),
            ("a text\np", 2),
            ("# comment\np # another", 3),
            ("1!{p;p}", 4),
            ("y/abc/xyz/;s,a,b,2p", 2),
            ("b end;p\n:end", 3),
            ("", 0),
        ] {
            let script = parse(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
            assert_eq!(script.commands.len(), commands, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "k",
            "s/a/b",
            "{p",
            "p}",
            "1,p",
            "b nowhere",
            "y/ab/c/",
            "s/a/\\1/",
            "p p",
            "0p",
            "a",
            "s/(/x/;/\\(/p",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn replacements() {
        let text = |text: &str| Part::Text(text.as_bytes().to_vec());
        assert_eq!(parts(r"a&\1\&\n"), [text("a"), Part::Group(0), Part::Group(1), text("&\n")]);
        assert_eq!(parts("\\\n"), [text("\n")]);
    }
}
