// SPDX-License-Identifier: MIT OR Apache-2.0
/// An alias or a pattern with each `-` as `_`, but between brackets: there `-` is a range. `None` if the brackets do not
/// match.
pub fn normalized(alias: &str) -> Option<String> {
    let mut inside = false;
    let change = |c: char| match c {
        '[' => {
            inside = true;
            Some(c)
        }
        ']' if !inside => None,
        ']' => {
            inside = false;
            Some(c)
        }
        '-' if !inside => Some('_'),
        c => Some(c),
    };
    let text: Option<String> = alias.chars().map(change).collect();
    text.filter(|_| !inside)
}

/// Whether `name` begins as `pattern` does before its first special character: most of some thousand aliases are told apart by this,
/// and a device asks for all of them.
pub fn may_match(pattern: &str, name: &str) -> bool {
    let plain = pattern.bytes().position(|byte| b"*?[\\".contains(&byte)).unwrap_or(pattern.len());
    name.as_bytes().starts_with(&pattern.as_bytes()[..plain])
}

/// The `alias PATTERN MODULE` lines of an index file (`modules.alias`, `modules.symbols`), patterns [`normalized`].
pub fn index(text: &str) -> Vec<(String, String)> {
    let parse = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| *word == "alias")?;
        Some((normalized(words.next()?)?, crate::module_name(words.next()?)))
    };
    text.lines().filter_map(parse).collect()
}

/// The aliases of built-in modules in `modules.builtin.modinfo`: records `MODULE.alias=PATTERN`, each ended by a NUL.
pub fn builtin(text: &str) -> Vec<(String, String)> {
    let parse = |record: &str| {
        let (key, pattern) = record.split_once('=')?;
        let module = key.strip_suffix(".alias")?;
        Some((normalized(pattern)?, crate::module_name(module)))
    };
    text.split('\0').filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes() {
        for (alias, expect) in [
            ("my-alias", Some("my_alias")),
            ("a-[0-9]-b", Some("a_[0-9]_b")),
            ("a]", None),
            ("a[b", None),
            ("", Some("")),
        ] {
            assert_eq!(normalized(alias).as_deref(), expect, "{alias}");
        }
    }

    #[test]
    fn begins() {
        for (pattern, name, expect) in [
            ("pci:v*d1", "pci:v2d1", true),
            ("pci:v*", "usb:v", false),
            ("a_b", "a_b", true),
            ("a_b", "a", false),
            ("*", "", true),
            ("a\\*", "a*", true),
        ] {
            assert_eq!(may_match(pattern, name), expect, "{pattern} {name}");
        }
    }

    #[test]
    fn files() {
        let pair = |alias: &str, module: &str| (alias.to_owned(), module.to_owned());
        assert_eq!(index("# comment\nalias a-b* c-d\nalias x\nother a b\n"), [pair("a_b*", "c_d")]);
        assert_eq!(
            builtin("a-b.alias=x-*\0a-b.license=GPL\0\0c.alias=y\0"),
            [pair("x_*", "a_b"), pair("y", "c")]
        );
    }
}
