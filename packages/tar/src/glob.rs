// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns of `--exclude`, as in fnmatch(3) without FNM_PATHNAME: `*` and `?` match `/` as well.

/// Whether `pattern` matches all of `text`.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let Some((&first, rest)) = pattern.split_first() else { return text.is_empty() };
    match first {
        b'*' => (0..=text.len()).any(|at| matches(rest, &text[at..])),
        b'?' => !text.is_empty() && matches(rest, &text[1..]),
        b'[' => match (class(rest), text.first()) {
            (Some((negated, ranges, after)), Some(byte)) => {
                let found = ranges.iter().any(|(low, high)| (low..=high).contains(&byte));
                found != negated && matches(after, &text[1..])
            }
            (Some(_), None) => false,
            // Without an end, a bracket is itself.
            (None, _) => text.first() == Some(&b'[') && matches(rest, &text[1..]),
        },
        b'\\' if !rest.is_empty() => text.first() == Some(&rest[0]) && matches(&rest[1..], &text[1..]),
        byte => text.first() == Some(&byte) && matches(rest, &text[1..]),
    }
}

/// A bracket expression after its `[`: whether it is negated, its ranges, and what follows.
type Class<'a> = (bool, Vec<(u8, u8)>, &'a [u8]);

fn class(pattern: &[u8]) -> Option<Class<'_>> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let mut ranges = Vec::new();
    loop {
        let low = *pattern.get(at)?;
        if low == b']' && !ranges.is_empty() {
            return Some((negated, ranges, &pattern[at + 1..]));
        }
        if pattern.get(at + 1) == Some(&b'-') && pattern.get(at + 2).is_some_and(|high| *high != b']') {
            ranges.push((low, pattern[at + 2]));
            at += 3;
        } else {
            ranges.push((low, low));
            at += 1;
        }
    }
}

/// Whether one of `patterns` excludes the member `name`: as a whole, or from any of its components on; what is below
/// an excluded directory is excluded with it.
pub fn excludes(patterns: &[String], name: &str) -> bool {
    let starts = std::iter::once(0).chain(name.match_indices('/').map(|(at, _)| at + 1));
    let starts: Vec<usize> = starts.collect();
    let ends = || name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
    patterns.iter().any(|pattern| {
        let pattern = pattern.trim_end_matches('/');
        ends().any(|end| {
            starts
                .iter()
                .any(|start| *start < end && matches(pattern.as_bytes(), &name.as_bytes()[*start..end]))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expect) in [
            ("*.o", "a/b.o", true),
            ("*.o", "a.oo", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[x", "[x", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expect, "{pattern} {text}");
        }
    }

    #[test]
    fn exclusions() {
        for (pattern, name, expect) in [
            ("*.o", "src/a.o", true),
            ("target", "x/target/debug/a", true),
            ("src/a", "src/a", true),
            ("src/a", "src/ab", false),
            ("./x", "./x/y", true),
            ("x/", "x/y", true),
        ] {
            assert_eq!(excludes(&[pattern.to_owned()], name), expect, "{pattern} {name}");
        }
    }
}
