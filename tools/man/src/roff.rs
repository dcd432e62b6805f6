// SPDX-License-Identifier: MIT OR Apache-2.0
//! A page in the macros of man(7).

use qos_command::Help;
use qos_command::help::{Row, rows};
use std::fmt::Write;

/// The page of program `name`, which prints the same description for `--help`.
#[must_use]
pub fn page(name: &str, help: &Help) -> String {
    with_options(name, help, &help.options())
}

/// The page of program `name`, which does not know `--help`.
#[must_use]
pub fn page_without_help(name: &str, help: &Help) -> String {
    with_options(name, help, &rows(help.options))
}

fn with_options(name: &str, help: &Help, options: &[Row]) -> String {
    let mut out = format!(
        ".TH {} {} \"\" qos \"Manual of qos\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n",
        name.to_uppercase(),
        help.section,
        text(name),
        text(help.purpose)
    );
    let ways: Vec<&str> = if help.usage.is_empty() { vec![""] } else { help.usage.lines().collect() };
    for (number, arguments) in ways.iter().enumerate() {
        if number > 0 {
            out.push_str(".br\n");
        }
        let line = format!("\\fB{}\\fR {}", text(name), term(arguments));
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push_str(".SH DESCRIPTION\n");
    let mut purpose = text(help.purpose);
    if let Some(first) = purpose.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let _ = writeln!(out, "{purpose}.");
    for paragraph in help.paragraphs() {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        let _ = writeln!(out, ".PP\n{}", line(&words.join(" ")));
    }
    section(&mut out, "COMMANDS", &rows(help.commands));
    section(&mut out, "OPTIONS", options);
    section(&mut out, "EXIT STATUS", &rows(help.status));
    section(&mut out, "FILES", &rows(help.files));
    let pages: Vec<&str> = help.see.split_whitespace().collect();
    if let Some((last, others)) = pages.split_last() {
        out.push_str(".SH SEE ALSO\n");
        for page in others {
            let _ = writeln!(out, "{},", reference(page));
        }
        let _ = writeln!(out, "{}", reference(last));
    }
    out
}

fn section(out: &mut String, title: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, ".SH {title}");
    for row in rows {
        let _ = if row.is_heading() {
            writeln!(out, ".SS {}", text(row.term.trim_end_matches(':')))
        } else {
            writeln!(out, ".TP\n{}\n{}", term(row.term), line(&row.text))
        };
    }
}

/// `passwd(1)`, with the name in bold.
fn reference(page: &str) -> String {
    match page.split_once('(') {
        Some((name, section)) => format!("\\fB{}\\fR({section}", text(name)),
        None => text(page),
    }
}

/// A text as a line of roff, on which no macro and no request begins.
fn line(words: &str) -> String {
    let line = text(words);
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}

/// Characters that mean something to roff, as themselves.
fn text(plain: &str) -> String {
    let mut out = String::new();
    for letter in plain.chars() {
        match letter {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '"' => out.push_str("\\(dq"),
            other => out.push(other),
        }
    }
    out
}

/// A term or a usage line: options in bold, words in upper case, which a person replaces, in italics.
fn term(plain: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let mut out = String::new();
    let mut rest = plain;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| is_part(letter) != is_part(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_placeholder = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        if word.starts_with('-') && word.len() > 1 {
            let _ = write!(out, "\\fB{}\\fR", text(word));
        } else if is_placeholder {
            let _ = write!(out, "\\fI{}\\fR", text(word));
        } else {
            out.push_str(&text(word));
        }
        rest = after;
    }
    // A line that begins with a period or an apostrophe would be a request.
    if out.starts_with('.') { format!("\\&{out}") } else { out }
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes() {
        assert_eq!(super::text("a-b \\ 'c'"), "a\\-b \\e \\(aqc\\(aq");
        assert_eq!(super::line(".x"), "\\&.x");
        assert_eq!(super::term("-g, --gid GID"), "\\fB\\-g\\fR, \\fB\\-\\-gid\\fR \\fIGID\\fR");
        assert_eq!(super::reference("su(1)"), "\\fBsu\\fR(1)");
    }
}
