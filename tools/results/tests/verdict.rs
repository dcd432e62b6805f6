// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verdicts on outputs of `cargo test`, and the table of verdicts.

use qos_results::{Case, Results, Suite, Verdict, libtest};

/// A run of these tests, each with the line of its panic, or none if it passed.
fn run(tests: &[(&str, &str)]) -> Verdict {
    let mut text = format!(
        "     Running tests/a.rs (target/debug/deps/a-0123456789abcdef)\n\nrunning {} tests\n",
        tests.len()
    );
    let failed: Vec<_> = tests.iter().filter(|(_, message)| !message.is_empty()).collect();
    for (name, message) in tests {
        text += &format!("test {name} ... {}\n", if message.is_empty() { "ok" } else { "FAILED" });
    }
    if !failed.is_empty() {
        text += "\nfailures:\n\n";
        for (name, message) in &failed {
            text +=
                &format!("---- {name} stdout ----\n\nthread '{name}' panicked at a.rs:1:2:\n{message}\n\n");
        }
        text += "\nfailures:\n";
        for (name, _) in &failed {
            text += &format!("    {name}\n");
        }
    }
    let word = if failed.is_empty() { "ok" } else { "FAILED" };
    text += &format!(
        "\ntest result: {word}. {} passed; {} failed; 0 ignored\n",
        tests.len() - failed.len(),
        failed.len()
    );
    Verdict::of(&Results { suites: libtest::read(text.lines()).suites })
}

#[track_caller]
fn check(tests: &[(&str, &str)], code: u8, message: &str) {
    let verdict = run(tests);
    assert_eq!((verdict.exit_code(), verdict.to_string().as_str()), (code, message), "{verdict:?}");
}

const SNAPSHOT: &str = "snapshot assertion for 'boot-3-drivers' failed in line 24";
const INFRASTRUCTURE: &str = "infrastructure failure: QEMU failed: ended by signal 9";

#[test]
fn the_worst_counts() {
    check(&[("a", "")], 0, "passed");
    check(&[("a", ""), ("b", "assertion failed")], 1, "test failed: b");
    check(&[("a", SNAPSHOT), ("b", "")], 3, "snapshot changed: boot-3-drivers");
    let twice = [("a", INFRASTRUCTURE), ("b", INFRASTRUCTURE)];
    check(&twice, 4, "infrastructure failure: QEMU failed: ended by signal 9");
    check(&[("a", INFRASTRUCTURE)], 4, "infrastructure failure: QEMU failed: ended by signal 9");
    check(
        &[("a", SNAPSHOT), ("b", INFRASTRUCTURE)],
        4,
        "infrastructure failure: QEMU failed: ended by signal 9",
    );
    check(&[("a", SNAPSHOT), ("b", INFRASTRUCTURE), ("c", "no")], 1, "test failed: c");
    let many: Vec<_> = ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name, "no")).into();
    check(&many, 1, "test failed: a, b, c, d, e and 2 more");
}

#[test]
fn nothing_at_all_has_passed_only_if_nothing_was_to_run() {
    assert_eq!(Verdict::of(&Results::default()), Verdict::Passed);
    let stopped = Case::new("all checks", Verdict::infrastructure("no space left on device"));
    let results = Results { suites: vec![Suite { cases: vec![stopped], ..Suite::new("test") }] };
    assert_eq!(Verdict::of(&results).to_string(), "infrastructure failure: no space left on device");
}

#[test]
fn the_table_is_what_the_code_says() {
    let name = || vec!["boot-3-drivers".to_owned()];
    let why = || vec!["cannot write: No space left on device".to_owned()];
    let verdicts = [
        Verdict::Passed,
        Verdict::Failed(vec!["it_runs_scripts".to_owned()]),
        Verdict::Changed(name()),
        Verdict::Infrastructure(why()),
    ];
    let rows: Vec<String> = verdicts
        .iter()
        .map(|verdict| {
            let (code, name, advice) =
                (verdict.exit_code(), verdict.name(), verdict.advice().unwrap_or_default());
            format!("| {code} | `{name}` | {verdict} | {advice} |")
        })
        .collect();
    let rows = rows.join("\n");
    let readme = include_str!("../README.md");
    assert!(readme.contains(&rows), "the table in tools/results/README.md should be:\n{rows}");
}
