// SPDX-License-Identifier: MIT OR Apache-2.0
//! One line of KTAP.

use super::Outcome;

/// What a line is, its indentation apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// `KTAP version 1`, or TAP's own from which it comes: a level begins.
    Version,
    /// `1..N`; a reason if N is 0 and the tests are skipped.
    Plan(usize),
    /// `# Subtest: NAME`: the level's name.
    Subtest(&'a str),
    /// `ok` or `not ok`.
    Result(TestResult<'a>),
    /// `# …`.
    Diagnostic,
    /// No KTAP.
    Other,
}

/// A result line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TestResult<'a> {
    pub(super) number: Option<usize>,
    pub(super) name: &'a str,
    pub(super) outcome: Outcome,
}

/// Whether a report begins at this line of a log.
pub(super) fn is_version(message: &str) -> bool {
    indent(message) == 0 && item(message) == Item::Version
}

/// How far a line is indented, in spaces.
pub(super) fn indent(message: &str) -> usize {
    message.len() - message.trim_start_matches(' ').len()
}

/// What a line is.
pub(super) fn item(message: &str) -> Item<'_> {
    let text = message.trim();
    if let Some(version) = text.strip_prefix("KTAP version ").or_else(|| text.strip_prefix("TAP version ")) {
        return if is_number(version) { Item::Version } else { Item::Other };
    }
    if let Some(name) = text.strip_prefix("# Subtest:") {
        return Item::Subtest(name.trim());
    }
    if text.starts_with('#') {
        return Item::Diagnostic;
    }
    if let Some(plan) = text.strip_prefix("1..") {
        let number = plan.split([' ', '#']).next().unwrap_or_default();
        return number.parse().map_or(Item::Other, Item::Plan);
    }
    result(text).map_or(Item::Other, Item::Result)
}

/// `ok 1 name # SKIP reason`: number, name and what is behind `#` may each be missing, the number not in KTAP. A line
/// of prose that begins with "ok" has no number, and is not taken for a result.
fn result(text: &str) -> Option<TestResult<'_>> {
    let (ok, rest) = match text.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok ")?),
    };
    let rest = rest.trim_start();
    let (number, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if !is_number(number) {
        return None;
    }
    // A description has no '#'; TAP escapes it, kselftest does not use it.
    let (name, comment) = match rest.split_once('#') {
        Some((name, comment)) => (name.trim(), comment.trim()),
        None => (rest.trim(), ""),
    };
    let name = name.strip_prefix("- ").unwrap_or(name);
    Some(TestResult { number: number.parse().ok(), name, outcome: outcome(ok, comment) })
}

fn outcome(ok: bool, comment: &str) -> Outcome {
    let (word, reason) = comment.split_once([' ', ':']).unwrap_or((comment, ""));
    let reason = || reason.trim().to_owned();
    match (word.to_ascii_uppercase().as_str(), ok) {
        ("SKIP", _) => Outcome::Skipped(reason()),
        ("TODO" | "XFAIL", false) => Outcome::Expected(reason()),
        (_, true) => Outcome::Passed,
        (_, false) => Outcome::Failed(comment.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let result = |number, name, outcome| Item::Result(TestResult { number: Some(number), name, outcome });
        let check = |text: &str, expect: Item| assert_eq!(item(text), expect, "{text}");
        check("KTAP version 1", Item::Version);
        check("    KTAP version 1", Item::Version);
        check("TAP version 14", Item::Version);
        check("KTAP version one", Item::Other);
        check("KTAP version ", Item::Other);
        check("1..5", Item::Plan(5));
        check("1..0 # SKIP no device", Item::Plan(0));
        check("1..", Item::Other);
        check("1..x", Item::Other);
        check("    # Subtest: qos_exit", Item::Subtest("qos_exit"));
        check("# qos_exit: pass:5 fail:0", Item::Diagnostic);
        check("#", Item::Diagnostic);
        check("", Item::Other);
        check("ok 1 parses", result(1, "parses", Outcome::Passed));
        check("ok 1 - parses", result(1, "parses", Outcome::Passed));
        check("ok 12", result(12, "", Outcome::Passed));
        check("ok 3 a name with spaces", result(3, "a name with spaces", Outcome::Passed));
        check("ok 3 slow # 12 ms", result(3, "slow", Outcome::Passed));
        check("ok 1 a # SKIP no device", result(1, "a", Outcome::Skipped("no device".into())));
        check("ok 1 a # skip: no device", result(1, "a", Outcome::Skipped("no device".into())));
        check("ok 1 # SKIP", result(1, "", Outcome::Skipped(String::new())));
        check("ok 1 a #SKIP", result(1, "a", Outcome::Skipped(String::new())));
        check("not ok 1 a", result(1, "a", Outcome::Failed(String::new())));
        check("not ok 1 a # TODO write it", result(1, "a", Outcome::Expected("write it".into())));
        check("not ok 1 a # XFAIL known", result(1, "a", Outcome::Expected("known".into())));
        check("ok 1 a # TODO works already", result(1, "a", Outcome::Passed));
        check("not ok 1 a # TIMEOUT 30 s", result(1, "a", Outcome::Failed("TIMEOUT 30 s".into())));
        check("not ok 1 a # ERROR", result(1, "a", Outcome::Failed("ERROR".into())));
        check("ok then", Item::Other);
        check("ok", Item::Other);
        check("not ok", Item::Other);
        check("okay 1", Item::Other);
        check("not ok x", Item::Other);
        check(
            "ok 99999999999999999999999 x",
            Item::Result(TestResult { number: None, name: "x", outcome: Outcome::Passed }),
        );
    }
}
