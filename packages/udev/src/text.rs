// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts as udev writes them: words of commands, properties in lines, characters that names may have.

/// What stays in the output of programs and in attributes, beside what stays in names.
pub const INPUT: &str = "/ $%?,";

/// Replaces what may not be in a name by `_`. Letters, digits, `#+-.:=@_`, characters beyond ASCII, `\x20` and the like, and those of
/// `allowed` stay; other white space becomes a blank, if a blank is allowed.
#[must_use]
pub fn replace_characters(text: &str, allowed: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escape = 0;
    for (at, char) in text.char_indices() {
        let stays = char.is_ascii_alphanumeric()
            || "#+-.:=@_".contains(char)
            || !char.is_ascii()
            || allowed.contains(char);
        if escape > 0 {
            escape -= 1;
            out.push(char);
        } else if stays {
            // A replacement character was no character before.
            out.push(if char == char::REPLACEMENT_CHARACTER { '_' } else { char });
        } else if char == '\\' && is_hexadecimal_escape(&text[at + 1..]) {
            escape = 3;
            out.push(char);
        } else if char.is_ascii_whitespace() && allowed.contains(' ') {
            out.push(' ');
        } else {
            out.push('_');
        }
    }
    out
}

fn is_hexadecimal_escape(text: &str) -> bool {
    text.strip_prefix('x')
        .and_then(|text| text.as_bytes().get(..2))
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// White space at the ends is removed, and each run of it inside becomes `_`.
#[must_use]
pub fn replace_white_space(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join("_")
}

/// The words of a command: quotes of either kind keep blanks together.
#[must_use]
pub fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for char in command.chars() {
        match (quote, char) {
            (Some(end), _) if char == end => quote = None,
            (None, '\'' | '"') => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (None, _) if char.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    words
}

/// The properties of lines `KEY=VALUE`, as programs print and files have them. Comments and other lines are left out.
pub fn properties(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let (key, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let (key, value) = (key.trim(), value.trim());
        let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        (!key.is_empty()).then_some((key, quoted.unwrap_or(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters() {
        for (text, allowed, expect) in [
            ("a/b c", "", "a_b_c"),
            ("a/b c", "/", "a/b_c"),
            ("QEMU\tDISK", INPUT, "QEMU DISK"),
            ("a\\x2fb\\y", "", "a\\x2fb_y"),
            ("\u{e9}\u{fffd}", "", "\u{e9}_"),
            ("a;b`c", INPUT, "a_b_c"),
        ] {
            assert_eq!(replace_characters(text, allowed), expect, "{text}");
        }
        assert_eq!(replace_white_space("  a  b\tc "), "a_b_c");
    }

    #[test]
    fn commands() {
        assert_eq!(words("a  'b c' \"d'e\" f\"g h\" ''"), ["a", "b c", "d'e", "fg h", ""]);
        assert!(words("  ").is_empty());
    }

    #[test]
    fn lines() {
        let found: Vec<_> = properties("A=1\n# B=2\n C = 'x y' \nD\n=E\nF=\"\nG=\n").collect();
        assert_eq!(found, [("A", "1"), ("C", "x y"), ("F", "\""), ("G", "")]);
    }
}
