// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns of `--exclude`.

use qos_command::glob::matches;

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
