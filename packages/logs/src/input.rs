// SPDX-License-Identifier: MIT OR Apache-2.0
//! The protocols that messages come by. Pure.

pub mod kmsg;
pub mod native;
pub mod stdout;
pub mod syslog;

/// A number in angle brackets at the beginning of `text`, at most 1023, and the rest.
fn priority(text: &[u8]) -> Option<(u16, &[u8])> {
    let rest = text.strip_prefix(b"<")?;
    let end = rest.iter().take(5).position(|byte| *byte == b'>')?;
    let number: u16 = std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
    (rest[0] != b'+' && number < 1024).then_some((number, &rest[end + 1..]))
}

/// `IDENTIFIER[PID]: ` or `IDENTIFIER: ` at the beginning of `text`, and the rest.
fn identifier(text: &[u8]) -> (Option<&[u8]>, Option<&[u8]>, &[u8]) {
    let start = text.iter().position(|byte| *byte != b' ').unwrap_or(text.len());
    let text = &text[start..];
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let Some(word) = text[..end].strip_suffix(b":").filter(|word| !word.is_empty()) else {
        return (None, None, text);
    };
    let rest = text[end..].strip_prefix(b" ").unwrap_or(&text[end..]);
    let bracket = word.iter().rposition(|byte| *byte == b'[');
    match (word.strip_suffix(b"]"), bracket) {
        (Some(inner), Some(at)) if at > 0 => (Some(&word[..at]), Some(&inner[at + 1..]), rest),
        _ => (Some(word), None, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities() {
        for (text, expect) in [
            ("<0>a", Some(0)),
            ("<191>", Some(191)),
            ("<1023>x", Some(1023)),
            ("<1024>x", None),
            ("<+1>x", None),
            ("<>x", None),
            ("<1", None),
            ("1>", None),
            ("", None),
        ] {
            assert_eq!(priority(text.as_bytes()).map(|(number, _)| number), expect, "{text}");
        }
    }

    #[test]
    fn identifiers() {
        let shown = |text: &str| {
            let (name, pid, rest) = identifier(text.as_bytes());
            let shown = |part: Option<&[u8]>| {
                part.map_or("-".to_owned(), |part| String::from_utf8_lossy(part).into())
            };
            format!("{} {} {}", shown(name), shown(pid), String::from_utf8_lossy(rest))
        };
        for (text, expect) in [
            ("su[12]: text", "su 12 text"),
            (" su: a: b", "su - a: b"),
            ("no tag: x", "- - no tag: x"),
            (": x", "- - : x"),
            ("a[b]:", "a b "),
            ("[1]: x", "[1] - x"),
            ("a]: x", "a] - x"),
            ("", "- - "),
        ] {
            assert_eq!(shown(text), expect, "{text}");
        }
    }
}
