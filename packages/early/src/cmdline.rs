// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's command line, with the quoting of the kernel (`next_arg()` in `lib/cmdline.c`).

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// What is before the first `=`.
    pub name: String,
    /// What is after it, without quotes.
    pub value: Option<String>,
}

/// The parameters in the text of `/proc/cmdline`, in order, up to `--`: the words after that are init's.
#[must_use]
pub fn parse(text: &str) -> Vec<Parameter> {
    let words = qos_modules::cmdline::words(text);
    words.into_iter().map(parameter).take_while(|it| it.name != "--" || it.value.is_some()).collect()
}

fn parameter(word: &str) -> Parameter {
    let (word, quoted) = word.strip_prefix('"').map_or((word, false), |rest| (rest, true));
    let unended = word.strip_suffix('"').unwrap_or(word);
    // The kernel takes a `=` at the very beginning as part of the name.
    let equals = word.char_indices().skip(1).find(|(_, char)| *char == '=').map(|(at, _)| at);
    let Some(at) = equals else {
        return Parameter { name: if quoted { unended } else { word }.to_owned(), value: None };
    };
    let value = match word[at + 1..].strip_prefix('"') {
        Some(inside) => inside.strip_suffix('"').unwrap_or(inside),
        None if quoted => unended.get(at + 1..).unwrap_or_default(),
        None => &word[at + 1..],
    };
    Parameter { name: word[..at].to_owned(), value: Some(value.to_owned()) }
}

/// Whether the value of a parameter with two values turns it on.
#[must_use]
pub fn is_on(text: &str) -> bool {
    !matches!(text, "0" | "no" | "off" | "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, Option<&str>)]) {
        let found = parse(text);
        let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.value.as_deref())).collect();
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn quoting() {
        check("", &[]);
        check(" \t\n", &[]);
        check("quiet\n", &[("quiet", None)]);
        check("a b=c  d=\te=f", &[("a", None), ("b", Some("c")), ("d", Some("")), ("e", Some("f"))]);
        check("root=UUID=1-2 ro", &[("root", Some("UUID=1-2")), ("ro", None)]);
        check(r#"root="LABEL=a b" x"#, &[("root", Some("LABEL=a b")), ("x", None)]);
        check(r#""root=LABEL=a b" x"#, &[("root", Some("LABEL=a b")), ("x", None)]);
        // Quotes inside of a value are not taken away, but blanks between them do not end it.
        check(r#"root=LABEL="a b" x"#, &[("root", Some("LABEL=\"a b\"")), ("x", None)]);
        check(r#""a b""#, &[("a b", None)]);
        check(r#"a="" b=""#, &[("a", Some("")), ("b", Some(""))]);
        check(r#"a="b c"#, &[("a", Some("b c"))]);
        check(r#"" "#, &[(" ", None)]);
        check("=a=b", &[("=a", Some("b"))]);
        check("=", &[("=", None)]);
    }

    #[test]
    fn the_rest_is_inits() {
        check("a -- root=b", &[("a", None)]);
        check("--=1 a", &[("--", Some("1")), ("a", None)]);
    }

    #[test]
    fn the_laptop_of_the_article() {
        let text = "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.6.8-200.fc39.x86_64 root=UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f ro \
                    rootflags=subvol=root rd.luks.uuid=luks-f44121b1-5be9-47d8-a206-72c52309e7dd rhgb quiet\n";
        check(
            text,
            &[
                ("BOOT_IMAGE", Some("(hd0,gpt2)/vmlinuz-6.6.8-200.fc39.x86_64")),
                ("root", Some("UUID=e2cd75ff-3ee9-41ce-b23f-28f7d78f4a4f")),
                ("ro", None),
                ("rootflags", Some("subvol=root")),
                ("rd.luks.uuid", Some("luks-f44121b1-5be9-47d8-a206-72c52309e7dd")),
                ("rhgb", None),
                ("quiet", None),
            ],
        );
    }
}
