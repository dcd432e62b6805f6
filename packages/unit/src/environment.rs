// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of variables, as `EnvironmentFile=` names them (systemd.exec(5)).

/// The variables of a file, in order. A line that is no assignment is left out, as systemd does.
#[must_use]
pub fn parse(content: &str) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    let mut text = content.chars().peekable();
    while text.peek().is_some() {
        // Blanks and lines before a name.
        while text.next_if(|c| c.is_whitespace()).is_some() {}
        if text.next_if(|c| matches!(c, '#' | ';')).is_some() {
            comment(&mut text);
            continue;
        }
        let mut name = String::new();
        while let Some(c) = text.next_if(|c| !matches!(c, '=' | '\n')) {
            name.push(c);
        }
        if text.next_if(|c| *c == '=').is_none() {
            continue;
        }
        let value = value(&mut text);
        let name = name.trim();
        if crate::command::is_name(name.as_bytes()) {
            variables.push((name.to_owned(), value));
        }
    }
    variables
}

type Text<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips the rest of a comment; a backslash at the end of the line continues it.
fn comment(text: &mut Text<'_>) {
    let mut escaped = false;
    for c in text.by_ref() {
        match c {
            '\n' if !escaped => return,
            _ => escaped = c == '\\' && !escaped,
        }
    }
}

/// The value up to the end of the line, as systemd's `parse_env_file_internal()` has it: blanks at its ends and a backslash before
/// a newline are removed. Quotes count in front of a value and behind other quotes; within a word they are characters like others.
fn value(text: &mut Text<'_>) -> String {
    let mut out = String::new();
    // How much of `out` stays whatever blanks follow.
    let mut kept = 0;
    let mut quote = None;
    let mut in_word = false;
    while let Some(c) = text.next() {
        match (c, quote) {
            ('\n', None) => break,
            ('\\', Some('\'')) => out.push(c),
            ('\\', Some(_)) => match text.next() {
                Some('\n') => {}
                // Within double quotes only these are escaped.
                Some(c @ ('"' | '\\' | '`' | '$')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => {}
            },
            ('\\', None) => {
                in_word = true;
                out.extend(text.next().filter(|c| *c != '\n'));
                kept = out.len();
            }
            (_, Some(open)) if c == open => {
                (quote, in_word) = (None, false);
                kept = out.len();
            }
            ('"' | '\'', None) if !in_word => quote = Some(c),
            (_, None) if c.is_whitespace() => {
                if in_word {
                    out.push(c);
                }
            }
            _ => {
                in_word |= quote.is_none();
                out.push(c);
                kept = out.len();
            }
        }
    }
    out.truncate(kept);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        let check = |content: &str, expect: &[(&str, &str)]| {
            let found = parse(content);
            let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, expect, "{content:?}");
        };
        check("", &[]);
        check("A=b\nC = d e \n", &[("A", "b"), ("C", "d e")]);
        check("# x\n; y\nA=1 # no comment\n", &[("A", "1 # no comment")]);
        check("# goes \\\non=1\nA=2\n", &[("A", "2")]);
        check("A=\"b  c\" 'd'\n", &[("A", "b  cd")]);
        check("A='b'c'd' e \n", &[("A", "bc'd' e")]);
        check("OPTS=--name=\"a b\" -x\n", &[("OPTS", "--name=\"a b\" -x")]);
        check("A= it's\nB=\\\"x\"\n", &[("A", "it's"), ("B", "\"x\"")]);
        check("A='b\nc'\nB=\"x\\\"y\\n\"\n", &[("A", "b\nc"), ("B", "x\"y\\n")]);
        check("A=b\\\nc\\ \n", &[("A", "bc ")]);
        check("no line\n1A=x\n=x\nB=\nC=\"open", &[("B", ""), ("C", "open")]);
        check("export A=1\n", &[]);
    }
}
