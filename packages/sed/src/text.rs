// SPDX-License-Identifier: MIT OR Apache-2.0
//! The script, character by character.

use crate::Failure;

/// A script and a place in it.
pub(crate) struct Text {
    chars: Vec<char>,
    at: usize,
}

impl Text {
    pub fn new(script: &str) -> Self {
        Text { chars: script.chars().collect(), at: 0 }
    }

    pub fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    pub fn next_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let c = self.peek().filter(|c| wanted(*c))?;
        self.at += 1;
        Some(c)
    }

    pub fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(c) = self.next_if(&wanted) {
            taken.push(c);
        }
        taken
    }

    pub fn skip_blanks(&mut self) {
        self.take_while(|c| c == ' ' || c == '\t');
    }

    /// A number, if one stands here.
    pub fn number(&mut self) -> Result<Option<u64>, Failure> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| self.error("number is too large"))
    }

    /// What stands up to the end of the line.
    pub fn line(&mut self) -> String {
        let line = self.take_while(|c| c != '\n');
        self.next();
        line
    }

    /// What stands up to `delimiter`, which is skipped. Where a backslash makes text of the delimiter, the backslash is
    /// left out. In a regular expression, a delimiter in brackets is text as well.
    pub fn delimited(&mut self, delimiter: char, is_regex: bool) -> Result<String, Failure> {
        let mut taken = String::new();
        while let Some(c) = self.next() {
            match c {
                _ if c == delimiter => return Ok(taken),
                '\\' => match self.next() {
                    Some(c) if c == delimiter => taken.push(c),
                    // As in `s,a\nb,x,`: a newline, whatever the delimiter is.
                    Some(c) => {
                        taken.push('\\');
                        taken.push(c);
                    }
                    None => break,
                },
                '[' if is_regex => {
                    taken.push('[');
                    self.bracket(&mut taken);
                }
                '\n' if is_regex => break,
                c => taken.push(c),
            }
        }
        Err(self.error("unterminated expression"))
    }

    /// A bracket expression after its `[`, if it is one: it ends on this line.
    fn bracket(&mut self, taken: &mut String) {
        let start = (self.at, taken.len());
        taken.extend(self.next_if(|c| c == '^'));
        taken.extend(self.next_if(|c| c == ']'));
        while let Some(c) = self.next_if(|c| c != '\n') {
            taken.push(c);
            if c == ']' {
                return;
            }
            let Some(kind) = self.peek().filter(|kind| c == '[' && ":.=".contains(*kind)) else { continue };
            taken.extend(self.next());
            while let Some(c) = self.next_if(|c| c != '\n') {
                taken.push(c);
                if c == kind && self.peek() == Some(']') {
                    taken.extend(self.next());
                    break;
                }
            }
        }
        self.at = start.0;
        taken.truncate(start.1);
    }

    /// An error at this place.
    pub fn error(&self, what: &str) -> Failure {
        let line = 1 + self.chars[..self.at.min(self.chars.len())].iter().filter(|c| **c == '\n').count();
        Failure::usage(format!("script, line {line}, character {}: {what}", self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters() {
        for (script, is_regex, expect) in [
            ("a/", true, Some("a")),
            (r"a\/b/", true, Some("a/b")),
            ("[/]/", true, Some("[/]")),
            ("[[:alpha:]/]/", true, Some("[[:alpha:]/]")),
            ("[^]/]/", true, Some("[^]/]")),
            ("[/", true, Some("[")),
            ("[/", false, Some("[")),
            (r"a\nb/", false, Some(r"a\nb")),
            ("a", true, None),
        ] {
            assert_eq!(Text::new(script).delimited('/', is_regex).ok().as_deref(), expect, "{script}");
        }
    }
}
