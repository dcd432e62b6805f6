// SPDX-License-Identifier: MIT OR Apache-2.0
//! The syntax of a line: `KEY{ATTRIBUTE}OPERATOR"VALUE", …`.

use std::fmt;

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `==`
    Match,
    /// `!=`
    NoMatch,
    /// `=`
    Assign,
    /// `+=`
    Add,
    /// `-=`
    Remove,
    /// `:=`
    Final,
}

impl Operator {
    /// Whether the key is compared, and not assigned to.
    #[must_use]
    pub fn is_match(self) -> bool {
        matches!(self, Operator::Match | Operator::NoMatch)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operator::Match => "==",
            Operator::NoMatch => "!=",
            Operator::Assign => "=",
            Operator::Add => "+=",
            Operator::Remove => "-=",
            Operator::Final => ":=",
        })
    }
}

/// A key with its operator and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// What is between braces behind it.
    pub attribute: Option<String>,
    /// The operator.
    pub operator: Operator,
    /// The value, with escapes resolved.
    pub value: String,
    /// The value had the prefix `i`: case does not count.
    pub any_case: bool,
}

/// Lines that are joined by a backslash at their end, with the number of the first; comments and empty lines are left out.
pub fn lines(text: &str) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_start())) {
        // A comment between joined lines does not end them.
        if line.starts_with('#') {
            continue;
        }
        let (first, mut joined) = open.take().unwrap_or((number, String::new()));
        match line.strip_suffix('\\') {
            Some(part) => {
                joined.push_str(part);
                open = Some((first, joined));
            }
            None => {
                joined.push_str(line);
                all.push((first, joined));
            }
        }
    }
    all.extend(open);
    all.retain(|(_, line)| !line.trim().is_empty());
    all
}

/// The pairs of a line.
///
/// # Errors
/// What is wrong, as words for a warning.
pub fn pairs(line: &str) -> Result<Vec<Pair>, String> {
    let mut rest = skip(line);
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (pair, after) = pair(rest)?;
        pairs.push(pair);
        rest = skip(after);
    }
    Ok(pairs)
}

fn skip(text: &str) -> &str {
    text.trim_start_matches(|char: char| char.is_ascii_whitespace() || char == ',')
}

fn pair(text: &str) -> Result<(Pair, &str), String> {
    let end = text.find(|char: char| !(char.is_ascii_alphanumeric() || char == '_')).unwrap_or(text.len());
    let (key, mut rest) = text.split_at(end);
    if key.is_empty() {
        return Err(format!("a key is expected at `{}`", shortened(text)));
    }
    let mut attribute = None;
    if let Some(inside) = rest.strip_prefix('{') {
        let (name, after) = inside.split_once('}').ok_or_else(|| format!("no `}}` behind {key}"))?;
        attribute = Some(name.to_owned());
        rest = after;
    }
    let rest = rest.trim_start();
    let operators = [
        ("==", Operator::Match),
        ("!=", Operator::NoMatch),
        ("+=", Operator::Add),
        ("-=", Operator::Remove),
        (":=", Operator::Final),
        ("=", Operator::Assign),
    ];
    let found = operators.iter().find_map(|(sign, operator)| Some((*operator, rest.strip_prefix(sign)?)));
    let (operator, rest) = found.ok_or_else(|| format!("no operator behind {key}"))?;
    let mut rest = rest.trim_start();
    let (mut escapes, mut any_case) = (false, false);
    while let Some(prefix @ ('e' | 'i')) = rest.chars().next() {
        let seen = if prefix == 'e' { &mut escapes } else { &mut any_case };
        if std::mem::replace(seen, true) {
            return Err(format!("the prefix `{prefix}` of the value of {key} is there twice"));
        }
        rest = &rest[1..];
    }
    let inside = rest.strip_prefix('"').ok_or_else(|| format!("the value of {key} is not in quotes"))?;
    let (raw, after) = quoted(inside).ok_or_else(|| format!("no quote at the end of the value of {key}"))?;
    let value = if escapes {
        unescape(raw).ok_or_else(|| format!("unknown escape in the value of {key}"))?
    } else {
        // Only the quote is escaped; all other backslashes are the value's own.
        raw.replace("\\\"", "\"")
    };
    Ok((Pair { key: key.to_owned(), attribute, operator, value, any_case }, after))
}

/// Splits at the quote that ends a value: one without a backslash before it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return Some((&text[..at], &text[at + 1..])),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// Escapes of C, as in values with the prefix `e`.
fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = &rest[at + 1..];
        let kind = escape.chars().next()?;
        let mut used = kind.len_utf8();
        let mut digits = |from: usize, count: usize, base: u32| {
            let text = escape.get(from..from + count)?;
            used = from + count;
            let number = u32::from_str_radix(text, base).ok()?;
            // A sign is no digit, and a NUL cannot be in a value.
            (text.bytes().all(|byte| byte.is_ascii_hexdigit()) && number != 0).then_some(number)
        };
        match kind {
            'x' => out.push(digits(1, 2, 16)? as u8),
            '0'..='7' => out.push(u8::try_from(digits(0, 3, 8)?).ok()?),
            'u' | 'U' => {
                let char = char::from_u32(digits(1, if kind == 'u' { 4 } else { 8 }, 16)?)?;
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => {
                let known =
                    [('a', 7), ('b', 8), ('f', 12), ('n', 10), ('r', 13), ('t', 9), ('v', 11), ('s', 32)];
                let same = ['\\', '"', '\''].contains(&kind).then_some(kind as u8);
                out.push(known.iter().find(|(name, _)| *name == kind).map(|(_, byte)| *byte).or(same)?);
            }
        }
        rest = &escape[used..];
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).ok()
}

fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs as `KEY{ATTRIBUTE} OPERATOR [VALUE]`, or the words of the warning.
    fn check(line: &str, expect: &str) {
        let shown = match pairs(line) {
            Ok(pairs) => pairs
                .iter()
                .map(|pair| {
                    let attribute =
                        pair.attribute.as_ref().map(|name| format!("{{{name}}}")).unwrap_or_default();
                    let case = if pair.any_case { "i" } else { "" };
                    format!("{}{attribute} {} {case}[{}]", pair.key, pair.operator, pair.value)
                })
                .collect::<Vec<_>>()
                .join("; "),
            Err(error) => error,
        };
        assert_eq!(shown, expect, "{line}");
    }

    #[test]
    fn lines_of_rules() {
        for (line, expect) in [
            (r#"ACTION=="add""#, "ACTION == [add]"),
            (
                r#"KERNEL!="a", NAME="b" SYMLINK+="c",,TAG-="d""#,
                "KERNEL != [a]; NAME = [b]; SYMLINK += [c]; TAG -= [d]",
            ),
            (r#"  ATTR{a/b} == "c" , OWNER:="d" ,"#, "ATTR{a/b} == [c]; OWNER := [d]"),
            (r#"ENV{A}="x\"y\n""#, r#"ENV{A} = [x"y\n]"#),
            (r#"ENV{A}=e"x\"y\n\x41\101\u00e9""#, "ENV{A} = [x\"y\nAA\u{e9}]"),
            (r#"ENV{A}==i"Ab", ENV{B}==ie"c""#, "ENV{A} == i[Ab]; ENV{B} == i[c]"),
            (r#"ENV{A}="""#, "ENV{A} = []"),
            (r#"ENV{A}="\\""#, r"ENV{A} = [\\]"),
            (r#"=="a""#, r#"a key is expected at `=="a"`"#),
            (r#"ENV{A="a""#, "no `}` behind ENV"),
            (r#"ENV{A}"a""#, "no operator behind ENV"),
            ("KERNEL==a", "the value of KERNEL is not in quotes"),
            (r#"KERNEL=="a"#, "no quote at the end of the value of KERNEL"),
            (r#"KERNEL==e"\q""#, "unknown escape in the value of KERNEL"),
            (r#"KERNEL==e"\x+1""#, "unknown escape in the value of KERNEL"),
            (r#"KERNEL==ee"a""#, "the prefix `e` of the value of KERNEL is there twice"),
        ] {
            check(line, expect);
        }
    }

    #[test]
    fn joined_lines_and_comments() {
        let text = "# comment\n\nA\n  B, \\\n  # between\n  C\n\t# end\nD \\";
        let expect = [(3, "A"), (4, "B, C"), (8, "D ")].map(|(number, line)| (number, line.to_owned()));
        assert_eq!(lines(text), expect);
    }
}
