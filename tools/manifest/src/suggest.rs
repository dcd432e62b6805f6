// SPDX-License-Identifier: MIT OR Apache-2.0
//! "did you mean": the allowed name that is nearest to a misspelt one.

/// The candidate nearest to `wrong`, if it is near enough to be the intended name (at most a third of its letters differ).
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(wrong, c), c))
        .filter(|(distance, c)| *distance * 3 <= c.len().max(wrong.len()))
        .min()
        .map(|(_, c)| c)
}

/// `; did you mean X?`, or nothing: the end of a message about an unknown name.
pub fn did_you_mean<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(wrong, candidates) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

/// Makes serde's "unknown field `x`, expected one of `a`, `b`" end in a suggestion. Any other text stays as it is.
pub(crate) fn improve(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    match quoted.next() {
        Some(wrong) if unknown => format!("{message}{}", did_you_mean(wrong, quoted)),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wrong: &str, candidates: &[&str], expect: Option<&str>) {
        assert_eq!(nearest(wrong, candidates.iter().copied()), expect);
    }

    #[test]
    fn the_nearest_name() {
        check("symlink", &["files", "symlinks", "nodes"], Some("symlinks"));
        check("cmdlien", &["cmdline", "name"], Some("cmdline"));
        check("zsdt", &["zstd", "gzip", "lz4", "none"], Some("zstd"));
        check("banana", &["cmdline", "name"], None);
        check("", &["a"], None);
    }

    #[test]
    fn serdes_message_gets_a_suggestion() {
        let message = improve("unknown field `mdoe`, expected one of `mode`, `uid`, `gid`");
        assert!(message.ends_with("; did you mean `mode`?"), "{message}");
        assert_eq!(improve("invalid type: `x`"), "invalid type: `x`");
    }
}
