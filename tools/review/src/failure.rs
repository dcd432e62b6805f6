// SPDX-License-Identifier: MIT OR Apache-2.0
//! The reason why a revision does not build or boot, for somebody who does not have the host's log. Pure.

/// Lines of the failed build's output.
const LINES: usize = 30;

/// The error of a build, with the last lines of output in `log`, the log of the user interface: lines `SECONDS NAME> TEXT`.
pub fn text(error: &str, log: &str) -> String {
    // The path of the log says nothing in a forge.
    let reason = error.split("; the whole log: ").next().unwrap_or(error);
    let lines: Vec<(&str, &str)> = log.lines().filter_map(output).collect();
    // Other builds may run beside the failed one.
    let failed = lines.iter().rev().find(|(name, _)| error.contains(&format!(" {name} ")));
    let Some((name, _)) = failed else { return reason.to_owned() };
    let own: Vec<&str> = lines.iter().filter(|(known, _)| known == name).map(|(_, text)| *text).collect();
    let tail = &own[own.len().saturating_sub(LINES)..];
    format!("{reason}\n\nThe last lines of {name}:\n{}", tail.join("\n"))
}

/// Name and text of a line of a build's output.
fn output(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.trim_start().split_once(' ')?;
    rest.split_once("> ").filter(|(name, _)| !name.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_the_failed_build() {
        let check = |error: &str, log: &str, expect: &str| assert_eq!(text(error, log), expect, "{error}");
        let error = "image: the build of qos-kernel failed with exit code 2; the whole log: /x/y.log";
        let reason = "image: the build of qos-kernel failed with exit code 2";
        check(error, "", reason);
        check(error, "    1.00 other> fine\n", reason);
        check(
            error,
            "    1.00 other: begins\n    1.20 qos-kernel> a > b\n    1.30 qos-kernel>   CC y\n    1.35 other> x\n    1.40 qos-kernel: ends after 1 s\n",
            &format!("{reason}\n\nThe last lines of qos-kernel:\na > b\n  CC y"),
        );
        let long: String = (0..100).map(|at| format!("  1.0 qos-kernel> {at}\n")).collect();
        let got = text(error, &long);
        assert!(got.lines().count() == 33 && got.ends_with("\n98\n99"), "{got}");
    }
}
