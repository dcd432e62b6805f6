// SPDX-License-Identifier: MIT OR Apache-2.0
//! Here-documents that are expanded. Brush 0.3 takes their text for an unquoted word: quotes vanish, and an apostrophe is
//! an error. So the text is put between double quotes, with what these would change escaped (POSIX, 2.7.4).

use std::iter::Peekable;
use std::str::Chars;

/// Makes `text` a word that expands to what the here-document is to be.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        match (char, rest.peek()) {
            // The end of a line that goes on.
            ('\\', Some('\n')) => drop(rest.next()),
            ('\\', Some('$' | '`' | '\\')) => {
                quoted.push('\\');
                quoted.extend(rest.next());
            }
            // Double quotes would take the backslash away, the here-document keeps it.
            ('\\', Some('"' | '\'')) => quoted.push_str(r"\\"),
            ('"', _) => quoted.push_str(r#"\""#),
            ('$', Some('\'')) => quoted.push_str(r"\$"),
            ('$', Some(&open @ ('(' | '{'))) => {
                quoted.push('$');
                copy_nested(&mut rest, if open == '(' { ')' } else { '}' }, &mut quoted);
            }
            ('`', _) => {
                quoted.push('`');
                copy_until(&mut rest, '`', &mut quoted);
            }
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// Copies from an opening bracket to the `close` that belongs to it.
fn copy_nested(rest: &mut Peekable<Chars<'_>>, close: char, quoted: &mut String) {
    let open = rest.next();
    quoted.extend(open);
    let mut depth = 1;
    while let Some(char) = rest.next() {
        quoted.push(char);
        match char {
            '\\' => quoted.extend(rest.next()),
            '\'' if close == ')' => copy_until(rest, '\'', quoted),
            '"' => copy_until(rest, '"', quoted),
            _ if Some(char) == open => depth += 1,
            _ if char == close => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// Copies up to `end`, and `end`; in single quotes a backslash is no more than itself.
fn copy_until(rest: &mut Peekable<Chars<'_>>, end: char, quoted: &mut String) {
    while let Some(char) = rest.next() {
        quoted.push(char);
        if char == end {
            return;
        }
        if char == '\\' && end != '\'' {
            quoted.extend(rest.next());
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes() {
        for (text, expect) in [
            ("", r#""""#),
            ("it's $x\n", "\"it's $x\n\""),
            (r#"a "b" \"c\" \'"#, r#""a \"b\" \\\"c\\\" \\'""#),
            (r"\$x \\ \` \a", r#""\$x \\ \` \a""#),
            ("one\\\ntwo", "\"onetwo\""),
            (r#"$(echo "a)" ')' \) (b)) "c""#, r#""$(echo "a)" ')' \) (b)) \"c\"""#),
            (r#"${x:-"a}"} `echo "b" \`` $'c'"#, r#""${x:-"a}"} `echo "b" \`` \$'c'""#),
            (r#"${x#'} $((1 + (2)))"#, r#""${x#'} $((1 + (2)))""#),
        ] {
            assert_eq!(super::quote(text), expect, "{text}");
        }
    }
}
