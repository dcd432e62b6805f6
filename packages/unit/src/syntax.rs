// SPDX-License-Identifier: MIT OR Apache-2.0
//! The syntax of unit files (systemd.syntax(7)): sections, assignments, comments, continued lines.

use std::fmt;
use std::rc::Rc;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path of the file.
    pub file: Rc<str>,
    /// Line number, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something in a unit file that is ignored, or not as its author may expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The line.
    pub place: Place,
    /// What is wrong with it.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// An assignment `KEY=VALUE` of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The section, without brackets.
    pub section: Rc<str>,
    /// The key.
    pub key: String,
    /// The value without blanks at its ends; continued lines are joined by a space.
    pub value: String,
    /// The line with the key.
    pub place: Place,
}

/// Longest file that is read: systemd's limit for a line is the same.
pub const MAX_SIZE: usize = 1 << 20;

/// The assignments of one file, in order, and warnings about lines that are ignored.
#[must_use]
pub fn parse(file: &str, content: &[u8]) -> (Vec<Assignment>, Vec<Warning>) {
    let file: Rc<str> = file.into();
    let mut found = (Vec::new(), Vec::new());
    if content.len() > MAX_SIZE {
        let text = format!("the file has {} bytes, more than {MAX_SIZE}: ignored", content.len());
        found.1.push(Warning { place: Place { file, line: 1 }, text });
        return found;
    }
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut section: Option<Rc<str>> = None;
    for (line, text) in logical_lines(content) {
        let place = Place { file: Rc::clone(&file), line };
        let mut warn = |text: String| found.1.push(Warning { place: place.clone(), text });
        let Ok(text) = String::from_utf8(text) else {
            warn("not UTF-8: ignored".into());
            continue;
        };
        if text.contains('\0') {
            warn("NUL in the line: ignored".into());
            continue;
        }
        let text = text.trim();
        if let Some(name) = text.strip_prefix('[') {
            match name.strip_suffix(']') {
                Some(name) => section = Some(name.into()),
                None => {
                    warn(format!("section header {text:?} without ]: ignored"));
                    section = None;
                }
            }
            continue;
        }
        let Some((key, value)) = text.split_once('=') else {
            warn(format!("{text:?} has no =: ignored"));
            continue;
        };
        let key = key.trim();
        let Some(section) = &section else {
            warn(format!("{key}= is outside of a section: ignored"));
            continue;
        };
        if key.is_empty() {
            warn("no key before =: ignored".into());
            continue;
        }
        let value = value.trim().to_owned();
        found.0.push(Assignment { section: Rc::clone(section), key: key.into(), value, place });
    }
    found
}

/// Lines with their continuations, comments and empty lines left out; the number is that of the first line.
fn logical_lines(content: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut lines = Vec::new();
    let mut open: Option<(u32, Vec<u8>)> = None;
    let mut number = 0;
    for line in content.split(|&byte| byte == b'\n') {
        number += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let start = line.trim_ascii_start();
        // A comment between continued lines is left out, and the line goes on behind it.
        if matches!(start.first(), Some(b'#' | b';')) || (open.is_none() && start.is_empty()) {
            continue;
        }
        let (at, mut text) = open.take().unwrap_or((number, Vec::new()));
        let continues = ends_with_backslash(start);
        // Blanks in front of the first line are of no meaning, those of a continuation may stand in quotes.
        text.extend_from_slice(if text.is_empty() { start } else { line });
        if continues {
            text.pop();
            text.push(b' ');
            open = Some((at, text));
        } else {
            lines.push((at, text));
        }
    }
    lines.extend(open);
    lines
}

/// Whether the last byte is a backslash that no other one escapes.
fn ends_with_backslash(line: &[u8]) -> bool {
    line.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, expect: &[&str], warnings: &[&str]) {
        let (found, warned) = parse("a.service", content.as_bytes());
        let found: Vec<_> =
            found.iter().map(|a| format!("{} {}.{}={}", a.place.line, a.section, a.key, a.value)).collect();
        assert_eq!(found, expect, "{content:?}");
        let warned: Vec<_> = warned.iter().map(ToString::to_string).collect();
        assert_eq!(warned, warnings, "{content:?}");
    }

    #[test]
    fn assignments() {
        check("", &[], &[]);
        check("[Unit]\nA=b\n", &["2 Unit.A=b"], &[]);
        check("\u{feff}[Unit]\r\nA = b c \r\n", &["2 Unit.A=b c"], &[]);
        check("[A]\nx=1\nx=2\nx=\n[B]\nx=3", &["2 A.x=1", "3 A.x=2", "4 A.x=", "6 B.x=3"], &[]);
        check("[A]\n  x==y=\n", &["2 A.x==y="], &[]);
        check("[A]\nx=a # b\n", &["2 A.x=a # b"], &[]);
    }

    #[test]
    fn comments_and_continuation() {
        check("# a\n; b\n[A]\n#x=1\n x=2\n", &["5 A.x=2"], &[]);
        check("[A]\nx=a\\\n b\\\n\nc=d\n", &["2 A.x=a  b", "5 A.c=d"], &[]);
        check("[A]\nx=a\\\n# in between\n; too\n  b\ny=1\n", &["2 A.x=a   b", "6 A.y=1"], &[]);
        // A blank behind the backslash, or a second backslash: no continuation.
        check("[A]\nx=a\\ \nb=c\n", &["2 A.x=a\\", "3 A.b=c"], &[]);
        check("[A]\nx=a\\\\\nb=c\n", &["2 A.x=a\\\\", "3 A.b=c"], &[]);
        check("[A]\nx=a\\", &["2 A.x=a"], &[]);
    }

    #[test]
    fn ignored_lines() {
        check(
            "x=1\n[A]\nnothing\n=2\n",
            &[],
            &[
                "a.service:1: x= is outside of a section: ignored",
                "a.service:3: \"nothing\" has no =: ignored",
                "a.service:4: no key before =: ignored",
            ],
        );
        check(
            "[A\nx=1\n",
            &[],
            &[
                "a.service:1: section header \"[A\" without ]: ignored",
                "a.service:2: x= is outside of a section: ignored",
            ],
        );
        check("[A]\nx=\0\n", &[], &["a.service:2: NUL in the line: ignored"]);
        let (found, warned) = parse("f", b"[A]\nx=\xff\ny=1\n");
        assert_eq!((found.len(), warned[0].to_string().as_str()), (1, "f:2: not UTF-8: ignored"));
        assert_eq!(parse("f", &vec![b'\n'; MAX_SIZE + 1]).1.len(), 1);
    }
}
