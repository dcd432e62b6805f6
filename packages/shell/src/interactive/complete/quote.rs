// SPDX-License-Identifier: GPL-3.0-or-later
//! Quoting of names that are put into a command line.

/// The quotes in which a name is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Quote {
    /// None: special characters are escaped one by one.
    #[default]
    None,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
}

impl Quote {
    /// The character that ends the quotes.
    pub fn closing(self) -> Option<char> {
        match self {
            Self::None => None,
            Self::Single => Some('\''),
            Self::Double => Some('"'),
        }
    }

    /// The name as it is written in these quotes, which are open and stay so.
    pub fn apply(self, name: &str) -> String {
        let mut text = String::with_capacity(name.len());
        for c in name.chars() {
            match self {
                Self::Single if c == '\'' => text.push_str("'\\'"),
                Self::Double if matches!(c, '"' | '\\' | '$' | '`') => text.push('\\'),
                Self::None if c == '\n' => {
                    // A backslash and a newline are nothing.
                    text.push_str("'\n'");
                    continue;
                }
                Self::None if is_special(c) => text.push('\\'),
                _ => {}
            }
            text.push(c);
        }
        text
    }
}

/// True for characters that mean something in a word that is not quoted.
fn is_special(c: char) -> bool {
    c.is_whitespace() || "|&;<>()$`\\\"'*?[]#~=%!{}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (quote, name, wanted) in [
            (Quote::None, "plain-1.2_3+,:@", "plain-1.2_3+,:@"),
            (Quote::None, "a b$c'd\"e\\f", "a\\ b\\$c\\'d\\\"e\\\\f"),
            (Quote::None, "*?[x]~#{1}!", "\\*\\?\\[x\\]\\~\\#\\{1\\}\\!"),
            (Quote::None, "a\nb", "a'\n'b"),
            (Quote::None, "é漢", "é漢"),
            (Quote::Single, "a b$c\"d\\e", "a b$c\"d\\e"),
            (Quote::Single, "don't", "don'\\''t"),
            (Quote::Double, "a b'c*", "a b'c*"),
            (Quote::Double, "$x`\"\\", "\\$x\\`\\\"\\\\"),
        ] {
            assert_eq!(quote.apply(name), wanted, "{quote:?} {name:?}");
        }
    }
}
